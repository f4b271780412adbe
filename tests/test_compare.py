"""diff and review-packet: the right two texts, the promise of one file, and an answer that comes back."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from disk import Done, Repo, write
from playwright.sync_api import Browser, sync_playwright
from pypdf import PdfReader

from qmanual.checks.example import SOUND
from qmanual.control.answer import Answer, objections, read_answer
from qmanual.control.redline import Kind
from qmanual.finding import FaultKind
from qmanual.language import Translator
from qmanual.model import Document, Meaning
from qmanual.render.redline_document import Reading, Redline, compare_documents
from qmanual.render.redline_page import redline_css, redline_page, what_changed
from qmanual.render.redline_text import redline_text
from qmanual.service.loading import load

PATH = "procedures/QP-7.5-01.md"
OLD = SOUND[PATH].replace("A/1", "A/0", 1).replace("2026-06-01", "2025-03-10").replace(
    "  - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}\n", ""
)  # fmt: skip
NEXT = SOUND[PATH].replace("编号、发放和回收", "编号、发放、回收和销毁").replace("revision: A/1\n", "revision: A/2\n")
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
Run = Callable[..., Done]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A manual with two releases, and a third text of its procedure in the work tree."""
    repo = Repo(tmp_path / "手册 一")
    picture = {"procedures/img/a.png": PICTURE}
    repo.commit({**SOUND, **picture, PATH: OLD + "\n![图样](img/a.png)\n"}, "2025-03-05")
    repo.release("2025-03", "2025-03-05")
    repo.commit({PATH: SOUND[PATH]}, "2026-05-18")
    repo.release("2026-05", "2026-05-20")
    write(repo.root, {PATH: NEXT})
    return repo


def said(cli: Run, repo: Repo, *words: str) -> str:
    done = cli(*words, root=repo.root)
    assert done.code == 0, done.err
    return done.out


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", "A/1（发布 2026-05） → A/2（工作目录）"),
        ("A/0", "A/0（发布 2025-03） → A/2（工作目录）"),
        ("A/0..A/1", "A/0（发布 2025-03） → A/1（发布 2026-05）"),
        ("..A/0", "A/1（发布 2026-05） → A/0（发布 2025-03）"),
        ("2025-03..2026-05", "A/0（发布 2025-03） → A/1（发布 2026-05）"),
        ("release/2025-03..", "A/0（发布 2025-03） → A/2（工作目录）"),
        ("HEAD~1..HEAD", r"A/0（提交 \w{10}） → A/1（提交 \w{10}）"),
    ],
)
def test_texts_are_named_as_people_know_them(cli: Run, repo: Repo, asked: str, names: str) -> None:
    out = said(cli, repo, "diff", "QP-7.5-01", *filter(None, [asked]))
    assert re.match(rf"QP-7.5-01 文件控制程序  {names}\n", out)


def test_the_terminal_shows_what_changed_and_where(cli: Run, repo: Repo) -> None:
    out = said(cli, repo, "diff", "QP-7.5-01")
    assert "2 处修改" in out
    assert "1. 修改 · 版本\n     [-A/1-]{+A/2+}" in out
    assert "文件控制程序 › 3 职责\n  2. 修改 · 段落\n     质量部负责文件的编号、发放[-和-]{+、+}回收{+和销毁+}。" in out
    assert "\x1b" not in out


def test_the_terminal_is_coloured_only_where_somebody_looks(repo: Repo) -> None:
    shown = redline_text(_redline(repo), "标题", Translator("zh"), colour=True)
    assert "\x1b[31;9m和\x1b[0m\x1b[32;4m、\x1b[0m回收\x1b[32;4m和销毁\x1b[0m" in shown and "[-" not in shown


def test_json_lists_every_change(cli: Run, repo: Repo) -> None:
    found = json.loads(said(cli, repo, "diff", "QP-7.5-01", "--format", "json"))
    assert (found["old"]["revision"], found["new"]["revision"], found["same"]) == ("A/1", "A/2", False)
    assert found["changes"][1] == {
        "number": 2, "kind": "changed", "where": ["文件控制程序", "3 职责"], "block": "p", "name": "",
        "old": "质量部负责文件的编号、发放和回收。", "new": "质量部负责文件的编号、发放、回收和销毁。",
        "told": [], "other": 0,
    }  # fmt: skip


def test_no_difference_is_said(cli: Run, repo: Repo) -> None:
    assert "没有差别" in said(cli, repo, "diff", "QR-7.5-01")


def test_when_nothing_is_being_changed_the_last_change_is_shown(cli: Run, repo: Repo) -> None:
    repo.git("checkout", "-q", "--", PATH)
    assert "A/0（发布 2025-03） → A/1（工作目录）" in said(cli, repo, "diff", "QP-7.5-01")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("QP-7.5-01", "B/7"),
            "B/7 不是 QP-7.5-01 的版本，也不是发布或提交的名称。已知：A/0, A/1, A/2, 2025-03, 2026-05",
        ),
        (("QP-9.9-99",), "没有编号为 QP-9.9-99 的文件"),
        (("QP-7.5-01", "--output=x"), "没有"),
    ],
)
def test_what_is_not_known_is_said_with_what_is(cli: Run, repo: Repo, words: tuple[str, ...], message: str) -> None:
    done = cli("diff", *words, root=repo.root)
    assert done.code == 2 and message in done.err


def test_without_history_the_reason_is_told(cli: Run, manual: Path) -> None:
    done = cli("diff", "QP-7.5-01")
    assert done.code == 2 and "git" in done.err


def test_a_document_that_left_can_still_be_compared(cli: Run, repo: Repo) -> None:
    (repo.root / PATH).unlink()
    assert "A/0（发布 2025-03） → A/1（发布 2026-05）" in said(cli, repo, "diff", "QP-7.5-01", "A/0..A/1")
    assert cli("diff", "QP-7.5-01", "A/0", root=repo.root).code == 2


def test_a_text_that_is_not_safe_is_not_shown(cli: Run, repo: Repo) -> None:
    write(repo.root, {PATH: NEXT + "\n<script>alert(1)</script>\n"})
    done = cli("diff", "QP-7.5-01", "--html", str(repo.root / "x.html"), root=repo.root)
    assert done.code == 2 and PATH in done.err and not (repo.root / "x.html").exists()


# -- one file for itself -----------------------------------------------------------------------------------------


def test_the_page_asks_nothing_of_anybody(cli: Run, repo: Repo, tmp_path: Path) -> None:
    page = tmp_path / "对照.html"
    said(cli, repo, "diff", "QP-7.5-01", "A/0", "--html", str(page))
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text.replace("&#x27;", "'") and "script-src" not in text
    assert "data:image/png;base64," in text and "qmanual:" not in re.sub(r'data-href="[^"]*"', "", text)
    assert re.findall(r'\s(?:src|href)="(?!data:|#)[^"]*"', text) == []
    again = tmp_path / "again.html"
    said(cli, repo, "diff", "QP-7.5-01", "A/0", "--html", str(again))
    assert again.read_bytes() == page.read_bytes()


def test_the_pdf_holds_old_and_new(cli: Run, repo: Repo, tmp_path: Path) -> None:
    paper = tmp_path / "对照.pdf"
    said(cli, repo, "diff", "QP-7.5-01", "A/0", "--pdf", str(paper))
    text = "".join(page.extract_text() for page in PdfReader(paper).pages).replace("\n", "")
    assert "更改对照，非受控副本" in text and "、回收和销毁" in text.replace(" ", "")
    assert len(list(PdfReader(paper).pages[0].images) + list(PdfReader(paper).pages[-1].images)) >= 1


def test_the_style_of_changes_is_taken_from_the_site() -> None:
    css = redline_css()
    assert css.startswith("/* -- What changed") and ".qm-redline del" in css and "Paper" not in css


# -- chapters and files ------------------------------------------------------------------------------------------


def _redline(repo: Repo) -> Redline:
    manual = load(repo.root, date(2026, 6, 15))
    new = manual.register.by_id["QP-7.5-01"]
    old = manual.archive.document(manual.history.releases[-1], PATH)
    assert old is not None
    return compare_documents(_reading(old), _reading(new), Translator("zh"))


def _reading(document: Document) -> Reading:
    from qmanual.render.markdown import render

    bodies = {body.path: render(body.source.text[body.start :]).html for body in document.bodies}
    return Reading(document=document, bodies=bodies)


def _manual(root: Path, chapters: dict[str, str]) -> Document:
    index = {"manual/index.md": SOUND["manual/index.md"]}
    write(root, {**SOUND, **index, **{f"manual/{name}": text for name, text in chapters.items()}})
    return load(root, date(2026, 6, 15)).register.by_id["QM-01"]


def test_chapters_added_removed_moved_and_renamed(tmp_path: Path) -> None:
    long = "# 3 资源\n\n人员、设备、环境和知识由各部门负责人按计划提供。\n"
    one = {"01-范围.md": "# 1 范围\n", "02-术语.md": "# 2 术语\n", "03-资源.md": long, "04-改进.md": "# 4 改进\n"}
    two = {
        "01-术语.md": "# 2 术语\n",
        "02-范围.md": "# 1 范围\n",
        "03-支持.md": long + "\n另有规定。\n",
        "05-新.md": "# 5 新\n",
    }
    old, new = _manual(tmp_path / "a", one), _manual(tmp_path / "b", two)
    parts = compare_documents(_reading(old), _reading(new), Translator("zh")).parts
    found = {part.title: (part.kind, part.was, len(part.changes)) for part in parts}
    assert found["5 新"][0] is Kind.ADDED and found["4 改进"][0] is Kind.REMOVED
    assert found["3 资源"] == (None, "03-资源.md", 1)
    assert [part.moved for part in parts if part.title in ("1 范围", "2 术语")].count(True) == 1
    assert [part.title for part in parts] == ["质量手册", "2 术语", "1 范围", "3 资源", "5 新", "4 改进"]


def test_what_only_the_file_holds_is_told(repo: Repo) -> None:
    write(repo.root, {PATH: SOUND[PATH] + "\n<!-- 仅供 A 组 -->\n"})
    redline = _redline(repo)
    assert not redline.changes and not redline.same
    shown = what_changed(redline, Translator("zh"))
    assert "员工读到的内容没有差别" in shown and "仅供 A 组" in shown


@pytest.mark.parametrize("key", ["title", "owner", "departments", "clauses", "review_every", "effective", "approved"])
def test_every_field_of_the_header_is_compared(repo: Repo, key: str) -> None:
    write(repo.root, {PATH: re.sub(rf"^{key}: .*\n", "", SOUND[PATH], flags=re.MULTILINE)})
    redline = _redline(repo)
    assert [change.what for change in redline.changes] == ["header"]
    assert redline.changes[0].kind is Kind.REMOVED


def test_the_fragment_of_the_site(repo: Repo) -> None:
    from qmanual.render.gate import forbidden
    from qmanual.render.markdown import render

    redline = _redline(repo)
    texts = [{PATH: render(one.body.source.text[one.body.start :])} for one in (redline.old, redline.new)]
    shown = redline_page(redline.old, redline.new, texts[0], texts[1], Translator("zh"))
    assert shown.count('href="#qm-change-') == 2 and 'id="qm-change-2" tabindex="-1"' in shown
    assert "〔删除：" in shown and "2 处修改" in shown
    assert forbidden(shown) is None


# -- review packets ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture
def packet(cli: Run, repo: Repo, tmp_path: Path) -> Path:
    waiting = NEXT.replace("approved: {by: 陈刚, date: 2026-05-15}\n", "").replace("# 文件控制", "# 文件<i>控制</i>", 1)
    write(repo.root, {PATH: waiting.replace("# 文件<i>控制</i>", "# 文件控制")})
    place = tmp_path / "评审.html"
    assert "approve --from" in said(cli, repo, "review-packet", "QP-7.5-01", "--to", str(place))
    return place


def test_a_packet_is_one_file_that_says_all(packet: Path) -> None:
    text = packet.read_text(encoding="utf-8")
    assert re.findall(r'\s(?:src|href)="(?!data:|#)[^"]*"', text) == []
    assert text.count("<script") == 1
    for words in (
        "请您作为",
        "批准",
        "QM-01 质量手册",
        "QR-7.5-01 文件更改申请单",
        "质量部、生产部",
        "全文",
        "保存答复",
        "检查结果",
    ):
        assert words in text


def test_the_answer_comes_back(packet: Path, browser: Browser, repo: Repo, tmp_path: Path) -> None:
    answer = _answered(packet, browser, tmp_path, "陈刚 O'Neil", "同意", "第 3 章\n“写清”: # 好")
    read = read_answer(answer.name, answer.read_bytes())
    assert answer.name == "QP-7.5-01_A-2-approved-陈刚_O=27Neil.yml"
    assert read.faults == () and read.answer is not None
    assert (read.answer.name, read.answer.meaning, read.answer.agreed) == ("陈刚 O'Neil", Meaning.APPROVED, True)
    assert read.answer.comment == "第 3 章\n“写清”: # 好"
    document = load(repo.root, date(2026, 6, 15)).register.by_id["QP-7.5-01"]
    assert read.answer.digest == document.digest and objections(read, document) == ()
    changed = replace(document, digest="0" * 64)
    assert "又有改动" in _said(objections(read, changed)[0])


def test_where_keys_are_asked_for_an_answer_is_an_opinion(cli: Run, repo: Repo, packet: Path, tmp_path: Path) -> None:
    keyed = "此类文件须用密钥签署"
    assert keyed not in packet.read_text(encoding="utf-8")
    settings = (repo.root / "mkdocs.yml").read_text(encoding="utf-8")
    write(repo.root, {"mkdocs.yml": settings.replace("- qmanual", "- qmanual:\n      signatures: {procedure: 1}", 1)})
    said(cli, repo, "review-packet", "QP-7.5-01", "--to", str(packet))
    assert keyed in packet.read_text(encoding="utf-8")
    document = load(repo.root, date(2026, 6, 15)).register.by_id["QP-7.5-01"]
    answer = ANSWER.replace("A/1", document.revision).replace("a" * 64, document.digest)
    write(tmp_path, {"答复.yml": answer})
    done = cli("--yes", "approve", "--from", str(tmp_path / "答复.yml"), root=repo.root)
    assert done.code == 2 and "approve QP-7.5-01 --as 陈刚 --meaning approved --key" in done.err
    assert "不能代签" in done.err


def _said(one: object) -> str:
    from qmanual.control.answer import Objection

    assert isinstance(one, Objection)
    return Translator("zh")(one.text, **one.details)


def _answered(packet: Path, browser: Browser, folder: Path, name: str, decision: str, comment: str) -> Path:
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", offline=True)
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(packet.as_uri())
    page.get_by_role("button", name="保存答复").click()
    assert page.locator(".told").inner_text() == "请填写姓名。"
    page.get_by_label("姓名").fill(name)
    page.get_by_role("button", name="保存答复").click()
    assert page.locator(".told").inner_text().startswith("请选择")
    page.get_by_label("不同意", exact=True).check()
    page.get_by_role("button", name="保存答复").click()
    assert "理由" in page.locator(".told").inner_text()
    page.get_by_label(decision, exact=True).check()
    page.get_by_label("意见").fill(comment)
    with page.expect_download() as download:
        page.get_by_role("button", name="保存答复").click()
    place = folder / download.value.suggested_filename
    download.value.save_as(place)
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == [] and errors == []
    return place


ANSWER = """\
type: "qms-answer/1"
document: "QP-7.5-01"
revision: "A/1"
digest: "{digest}"
meaning: "approved"
decision: "accepted"
name: "陈刚"
time: "2026-05-15T09:30:00+08:00"
comment: ""
packet: "{packet}"
""".format(digest="a" * 64, packet="b" * 64)


def _document(tmp_path: Path, digest: str = "a" * 64) -> Document:
    write(tmp_path, SOUND)
    found = load(tmp_path, date(2026, 6, 15)).register.by_id["QP-7.5-01"]
    return replace(found, digest=digest)


def test_an_answer_holds_only_for_what_was_read(tmp_path: Path) -> None:
    document = _document(tmp_path)
    read = read_answer("a.yml", ANSWER.encode())
    assert isinstance(read.answer, Answer) and objections(read, document) == ()
    assert "没有编号" in _said(objections(read, None)[0])
    assert objections(read, replace(document, digest="c" * 64))[0].span.line == 4
    other = read_answer("a.yml", ANSWER.replace("A/1", "A/0").encode())
    assert "A/0" in _said(objections(other, document)[0])


@pytest.mark.parametrize(
    ("wrong", "kind", "line"),
    [
        (ANSWER.replace("approved", "blessed"), FaultKind.UNKNOWN_VALUE, 5),
        (ANSWER.replace("qms-answer/1", "qms-answer/9"), FaultKind.WRONG_TYPE, 1),
        (ANSWER.replace("a" * 64, "a" * 63), FaultKind.WRONG_TYPE, 4),
        (ANSWER.replace("T09:30:00+08:00", ""), FaultKind.WRONG_TYPE, 8),
        (ANSWER.replace('name: "陈刚"\n', ""), FaultKind.MISSING_VALUE, 1),
        (ANSWER + "extra: 1\n", FaultKind.UNKNOWN_KEY, 11),
        (ANSWER + 'name: "王强"\n', FaultKind.DUPLICATE_KEY, 11),
        ("- 1\n", FaultKind.YAML_NOT_MAPPING, 1),
    ],
)
def test_a_broken_answer_is_refused_with_its_place(wrong: str, kind: FaultKind, line: int) -> None:
    read = read_answer("a.yml", wrong.encode())
    assert read.answer is None
    assert (kind, line) in [(fault.kind, fault.span.line) for fault in read.faults]


def test_mail_may_change_line_ends() -> None:
    assert read_answer("a.yml", b"\xef\xbb\xbf" + ANSWER.replace("\n", "\r\n").encode()).answer is not None
    assert read_answer("a.yml", "名".encode("gbk")).faults[0].kind is FaultKind.NOT_UTF8
