"""The life of a controlled copy by its commands: issued, found again by its bytes, void, recalled; what is refused."""

import hashlib
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import outloud
import pdfua
import pikepdf
import pytest
from disk import Done, Repo, start, write
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from qmanual.checks.example import SOUND
from qmanual.pdf.stamp import CannotStamp, stamped
from qmanual.service.life.standing import uncommitted
from qmanual.service.loading import load

QP = "procedures/QP-7.5-01.md"
NEXT = (
    SOUND[QP]
    .replace("revision: A/1\n", "revision: A/2\n", 1)
    .replace("effective: 2026-06-01", "effective: 2026-08-01")
    .replace("changes:\n", "changes:\n  - {revision: A/2, date: 2026-07-01, by: 李静, summary: 规定收回期限}\n")
    .replace("{by: 李静, date: 2026-05-11}\nreviewed", "{by: 李静, date: 2026-07-01}\nreviewed")
    .replace("{by: 王强, date: 2026-05-12}", "{by: 王强, date: 2026-07-02}")
    .replace("{by: 陈刚, date: 2026-05-15}", "{by: 陈刚, date: 2026-07-03}")
    .replace("编号、发放和回收", "编号、发放、回收和销毁")
)
IN_FORCE, COMING, VOID = "2026-06-15", "2026-07-15", "2026-08-20"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manual with two releases: A/1 in force from June, A/2 from August. Copies 001 and 002 of A/1 are out."""
    repo = Repo(tmp_path_factory.mktemp("copies") / "手册")
    repo.commit(SOUND, "2026-05-18")
    repo.release("2026-05", "2026-05-20")
    words = ("--root", str(repo.root), "--today", IN_FORCE, "--lang", "zh", "copies", "issue", "QP-7.5-01", "--all")
    done = start(*words, "--as", "李静", "--yes")
    assert done.code == 0, done.err
    repo.git("add", "copies.yml")
    repo.git("commit", "-q", "-m", "copies", day=IN_FORCE)
    repo.commit({QP: NEXT}, "2026-07-05")
    repo.release("2026-07", "2026-07-06")
    return repo.root


@pytest.fixture
def root(released: Path, tmp_path: Path) -> Path:
    """A copy of it to work on."""
    return shutil.copytree(released, tmp_path / "手册")


@pytest.fixture
def copies(cli: Callable[..., Done], root: Path) -> Callable[..., Done]:
    """Runs `copies …` on it, by 李静, without asking."""

    def run(*words: str, today: str = VOID) -> Done:
        writes = ("--as", "李静", "--yes") if words[0] in ("issue", "recall") else ()
        return cli("--out", str(root / "dist"), "copies", *words, *writes, root=root, today=today)

    return run


def pdf(root: Path, number: str = "001", revision: str = "A-1") -> Path:
    return root / f"dist/copies/QP-7.5-01_{revision}_{number}.pdf"


def listed(copies: Callable[..., Done], *words: str, today: str = VOID) -> list[dict[str, object]]:
    found = json.loads(copies("list", *words, "--format", "json", today=today).out)["copies"]
    assert isinstance(found, list)
    return found


def codes(cli: Callable[..., Done], root: Path, today: str = VOID) -> list[str]:
    found = json.loads(cli("check", "--format", "json", root=root, today=today).out)["findings"]
    return [one["code"] for one in found if one["path"] == "copies.yml"]


# -- the PDF ---------------------------------------------------------------------------------------------------------


def test_each_department_got_one_with_its_stamp_on_each_page(released: Path) -> None:
    assert sorted(one.name for one in (released / "dist/copies").iterdir()) == [
        pdf(released, number).name for number in ("001", "002")
    ]
    for number, holder in (("001", "质量部"), ("002", "生产部")):
        reader = PdfReader(pdf(released, number))
        for page in reader.pages:
            assert f"受控副本 分发号 {number} · {holder} · {IN_FORCE}" in page.extract_text()


def test_its_bytes_are_registered(released: Path) -> None:
    lines = (released / "copies.yml").read_text("utf-8").splitlines()
    assert lines[0].startswith("# 受控副本登记")
    for number, line in zip(("001", "002"), lines[1:], strict=True):
        assert hashlib.sha256(pdf(released, number).read_bytes()).hexdigest() in line


def test_it_is_archive_copy_and_accessible_as_the_document_is(released: Path) -> None:
    place = str(pdf(released))
    assert [str(one) for one in outloud.check(place).findings if one.severity == "error"] == []
    assert [str(one) for one in pdfua.validate(place).findings] == []


def test_the_stamp_is_no_part_of_the_structure(released: Path) -> None:
    with pikepdf.open(pdf(released)) as document:
        for page in document.pages:
            operators = [
                (str(one.operator), [str(part) for part in one.operands]) for one in pikepdf.parse_content_stream(page)
            ]
            at = operators.index(("Do", ["/QmCopy"]))
            before = [name for name, _ in operators[:at] if name in ("BDC", "BMC", "EMC")]
            assert before.count("EMC") == len(before) - before.count("EMC") - 1, "it stands in one mark and no other"
            marks = [one for one in operators[:at] if one[0] == "BDC"]
            assert marks[-1][1][0] == "/Artifact"
            form = page.Resources.XObject["/QmCopy"]
            inside = {str(one.operator) for one in pikepdf.parse_content_stream(form)}
            assert not inside & {"BDC", "BMC", "EMC"}
            assert "/StructParents" not in form
            assert "/Group" not in form


def test_the_metadata_name_copy_and_holder_and_declare_both(released: Path) -> None:
    with pikepdf.open(pdf(released)) as document:
        xmp = document.Root.Metadata.read_bytes().decode()
    for name, value in (("copy", "001"), ("holder", "质量部"), ("issued", IN_FORCE)):
        assert f"<qm:{name}>{value}</qm:{name}>" in xmp
        assert f"<pdfaProperty:name>{name}</pdfaProperty:name>" in xmp
    assert xmp.count("<rdf:RDF") == 1


def test_the_stamp_covers_nothing(released: Path, tmp_path: Path, cli: Callable[..., Done]) -> None:
    done = cli("pdf", "QP-7.5-01", "QR-7.5-01", "--out", str(tmp_path), root=released, today=IN_FORCE)
    assert "PDF 2 份" in done.out, done.err
    for name in ("QP-7.5-01_A-1", "QR-7.5-01_A-0"):
        plain = tmp_path / f"pdf/{name}.pdf"
        made = stamped(plain.read_bytes(), _stamp(released), {"copy": "001"})
        (tmp_path / "copy.pdf").write_bytes(made)
        for before, after in zip(_pixels(plain), _pixels(tmp_path / "copy.pdf"), strict=True):
            changed = [at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
            assert changed
            assert {before[at] for at in changed} == {255}, "there was something where the stamp stands"


def _stamp(released: Path) -> bytes:
    """The stamp of a copy, as a page of its own."""
    with pikepdf.open(pdf(released)) as document:
        form = document.pages[0].Resources.XObject["/QmCopy"]
        page = pikepdf.new()
        box = [float(edge) for edge in form.BBox]
        page.add_blank_page(page_size=(box[2] - box[0], box[3] - box[1]))
        page.pages[0].add_resource(page.copy_foreign(form), pikepdf.Name.XObject, pikepdf.Name.S)
        page.pages[0].contents_add(pikepdf.Stream(page, b"/S Do"))
        out = io.BytesIO()
        page.save(out)
    return out.getvalue()


def _pixels(place: Path) -> Iterator[bytes]:
    """The grey pixels of every page at 60 dpi."""
    folder = place.parent / f"{place.stem}-pixels"
    folder.mkdir()
    subprocess.run(["pdftoppm", "-r", "60", "-gray", str(place), str(folder / "p")], check=True)
    for picture in sorted(folder.iterdir()):
        yield re.sub(rb"\AP5\s+\d+\s+\d+\s+255\s", b"", picture.read_bytes())
    shutil.rmtree(folder)


def test_the_same_copy_has_the_same_bytes(released: Path, tmp_path: Path) -> None:
    again = shutil.copytree(released, tmp_path / "elsewhere")
    repo = Repo.__new__(Repo)
    repo.root = again
    repo.git("tag", "-d", "release/2026-07")
    repo.git("reset", "-q", "--hard", "release/2026-05")
    assert not (again / "copies.yml").exists()
    shutil.rmtree(again / "dist", ignore_errors=True)
    words = (
        "--root",
        str(again),
        "--today",
        IN_FORCE,
        "copies",
        "issue",
        "QP-7.5-01",
        "--to",
        "质量部",
        "--number",
        "001",
    )
    done = start(*words, "--as", "王强", "--yes", TZ="America/New_York", PYTHONHASHSEED="7")
    assert done.code == 0, done.err
    assert pdf(again).read_bytes() == pdf(released).read_bytes()


def test_a_strange_pdf_is_not_stamped(released: Path) -> None:
    blank = pikepdf.new()
    blank.add_blank_page()
    with blank.open_metadata() as metadata:
        metadata["dc:title"] = "x"
    out = io.BytesIO()
    blank.save(out)
    with pytest.raises(CannotStamp):
        stamped(out.getvalue(), _stamp(released), {"copy": "001"})


# -- its life --------------------------------------------------------------------------------------------------------


def test_a_copy_lives_until_it_is_recalled(copies: Callable[..., Done], cli: Callable[..., Done], root: Path) -> None:
    assert [one["state"] for one in listed(copies, today=IN_FORCE)] == ["in use", "in use"]
    assert "尚无现行版副本" not in copies("list", "QP-7.5-01", today=IN_FORCE).out
    assert "尚无现行版副本的：质量部、生产部" in copies("list", "QP-7.5-01").out
    assert json.loads(copies("list", "QP-7.5-01", "--format", "json").out)["lacking"] == ["质量部", "生产部"]
    assert codes(cli, root, "2026-08-08") == []
    assert codes(cli, root) == ["QM942", "QM942"]
    assert [(one["state"], one["void_since"], one["replaced_by"], one["overdue_days"]) for one in listed(copies)] == [
        ("due", "2026-08-01", "A/2", 12)
    ] * 2
    done = copies("recall", "QP-7.5-01", "--number", "002")
    assert done.code == 0, done.err
    assert "分发号 002  生产部" in done.out
    assert codes(cli, root) == ["QM942"]
    done = copies("issue", "QP-7.5-01", "--all")
    assert done.code == 0, done.err
    assert "请以旧换新" in done.out
    assert [(one["number"], one["holder"], one["revision"]) for one in listed(copies, "--open")] == [
        ("001", "质量部", "A/1"), ("003", "质量部", "A/2"), ("002", "生产部", "A/2"),
    ]  # fmt: skip
    assert copies("recall", "QP-7.5-01", "--all").code == 0
    assert codes(cli, root) == []
    assert "都已有" in copies("issue", "QP-7.5-01", "--all").out
    assert "没有应收回" in copies("recall", "QP-7.5-01", "--all").out


def test_a_release_waits_for_the_register_to_be_committed_and_no_longer(
    copies: Callable[..., Done], cli: Callable[..., Done], root: Path
) -> None:
    def standing() -> tuple[str, ...]:
        return uncommitted(load(root, date.fromisoformat(VOID)))

    assert standing() == ()
    assert copies("recall", "QP-7.5-01", "--number", "001").code == 0
    assert standing() == ("copies.yml",)
    assert "尚未提交：copies.yml" in cli("release", "2026-08", "--as", "李静", "--yes", root=root, today=VOID).err
    repo = Repo.__new__(Repo)
    repo.root = root
    repo.commit({}, VOID)
    assert standing() == ()


def test_a_lost_copy_needs_a_word_and_its_number_is_not_used_again(copies: Callable[..., Done], root: Path) -> None:
    assert "如何遗失" in copies("recall", "QP-7.5-01", "--number", "002", "--how", "遗失").err
    done = copies("recall", "QP-7.5-01", "--number", "002", "--how", "遗失", "--reason", "搬迁时遗失，已通告作废")
    assert done.code == 0, done.err
    assert "已遗失" in copies("issue", "QP-7.5-01", "--to", "生产部", "--number", "002").err
    assert copies("issue", "QP-7.5-01", "--to", "生产部").code == 0
    assert [one["number"] for one in listed(copies, "--holder", "生产部", "--open")] == ["003"]


def test_nothing_is_written_unless_it_is_agreed_to(cli: Callable[..., Done], root: Path) -> None:
    before = (root / "copies.yml").read_bytes()
    for words in (("issue", "QP-7.5-01", "--to", "生产部"), ("recall", "QP-7.5-01", "--number", "001")):
        done = cli("--out", str(root / "dist"), "copies", *words, "--as", "李静", root=root, today=VOID)
        assert (done.code, "--yes" in done.err) == (2, True)
    assert (root / "copies.yml").read_bytes() == before
    assert not pdf(root, "003", "A-2").exists()


def test_what_cannot_be_registered_leaves_no_pdf(
    copies: Callable[..., Done], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qmanual.journal import CannotWrite
    from qmanual.service.life import carrying

    def full(*_: object, **__: object) -> None:
        raise CannotWrite("copies.yml", "no space left")

    monkeypatch.setattr(carrying, "write_all", full)
    done = copies("issue", "QP-7.5-01", "--to", "生产部", "--number", "007")
    assert (done.code, "copies.yml" in done.err) == (2, True)
    assert not pdf(root, "007", "A-2").exists()
    assert list((root / "dist/copies").glob(".*")) == []


def test_a_folder_that_cannot_be_is_told_with_what_to_do(copies: Callable[..., Done], root: Path) -> None:
    before = (root / "copies.yml").read_bytes()
    for words in (("issue", "QP-7.5-01", "--to", "生产部"), ("sheet",)):
        done = copies(*words, "--out", str(root / "mkdocs.yml" / "x"))
        assert (done.code, "请用 --out 文件夹" in done.err) == (2, True), done.err
    assert (root / "copies.yml").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "today", "said"),
    [
        (("issue", "QP-7.5-01", "--to", "生产部"), "2026-05-25", "自 2026-06-01 起才生效"),
        (("issue", "QP-7.5-01", "--to", "生产部"), "2026-05-01", "尚未发布"),
        (("issue", "QP-9.9-99", "--to", "生产部"), VOID, "QP-9.9-99"),
        (("issue", "QP-7.5-01", "--to", "生产一部"), VOID, "最接近的：生产部"),
        (("issue", "QP-7.5-01", "--to", " "), VOID, "--to"),
        (("issue", "QP-7.5-01", "--to", "生产部", "--number", "001"), VOID, "在质量部手中"),
        (("issue", "QP-7.5-01", "--to", "生产部", "--number", "../../x y"), VOID, "不能作分发号"),
        (("issue", "QP-7.5-01", "--to", "生产部", "--number", "003\n"), VOID, "不能作分发号"),
        (("issue", "QP-7.5-01", "--to", "生产部", "--to", "质量部", "--number", "9"), VOID, "只对一份副本"),
        (("issue", "QP-7.5-01", "--to", "生产部", "--all"), VOID, "--all"),
        (("issue", "QP-7.5-01"), VOID, "--to"),
        (("recall", "QP-7.5-01", "--number", "009"), VOID, "在外的有：001, 002"),
        (("recall", "QP-7.5-02", "--number", "001"), VOID, "最接近的编号是 QP-7.5-01"),
        (("recall", "QP-7.5-01", "--number", "001", "--date", "2026-06-01"), VOID, "不可能在此之前收回"),
        (("recall", "QP-7.5-01", "--number", "001", "--date", "2026-09-01"), VOID, "还没有到"),
        (("recall", "QP-7.5-01", "--number", "001", "--all"), VOID, "--all"),
        (("recall", "QP-7.5-01", "--number", "001", "--how", "eaten"), VOID, "returned, destroyed, lost"),
        (("list", "QP-7.5-02"), VOID, "最接近的是 QP-7.5-01"),
        (("list", "--holder", "生产"), VOID, "最接近的：生产部"),
        (("lend", "QP-7.5-01"), VOID, "issue, list, recall, sheet"),
    ],
)
def test_what_cannot_be_is_refused_with_a_word(
    cli: Callable[..., Done], root: Path, words: tuple[str, ...], today: str, said: str
) -> None:
    before = (root / "copies.yml").read_bytes()
    as_whom = ("--as", "李静", "--yes") if words[0] in ("issue", "recall") else ()
    done = cli("--lang", "zh", "--out", str(root / "dist"), "copies", *words, *as_whom, root=root, today=today)
    assert (done.code, said in done.err) == (2, True), done.err
    assert (root / "copies.yml").read_bytes() == before


def test_a_withdrawn_document_is_not_handed_out(copies: Callable[..., Done], root: Path) -> None:
    text = NEXT.replace("changes:", "withdrawn: {date: 2026-08-10, by: 陈刚, reason: 并入手册}\nchanges:", 1)
    repo = Repo.__new__(Repo)
    repo.root = root
    repo.commit({QP: text}, "2026-08-09")
    repo.release("2026-08", "2026-08-09")
    assert "2026-08-10 起废止" in copies("issue", "QP-7.5-01", "--to", "生产部").err
    assert {(one["state"], one["void_since"], one["replaced_by"]) for one in listed(copies)} == {
        ("due", "2026-08-01", "A/2")
    }


def test_nothing_is_added_to_a_damaged_register(copies: Callable[..., Done], root: Path) -> None:
    with (root / "copies.yml").open("a", encoding="utf-8") as file:
        file.write("- {event: issued}\n")
    for words in (
        ("issue", "QP-7.5-01", "--to", "生产部"),
        ("recall", "QP-7.5-01", "--number", "001"),
        ("list",),
        ("sheet",),
    ):
        done = copies(*words)
        assert (done.code, "第 4 行" in done.err) == (2, True), done.err


@pytest.mark.parametrize("left", ["", None, "# 空\n"])
def test_a_register_that_lost_lines_is_neither_added_to_nor_listed(
    copies: Callable[..., Done], root: Path, left: str | None
) -> None:
    place = root / "copies.yml"
    place.unlink()
    if left is not None:
        place.write_text(left, encoding="utf-8")
    for words in (("issue", "QP-7.5-01", "--to", "生产部"), ("recall", "QP-7.5-01", "--all"), ("list",), ("sheet",)):
        done = copies(*words)
        assert (done.code, "git restore copies.yml" in done.err) == (2, True), done.err
    assert left is None or place.read_text("utf-8") == left


@pytest.mark.parametrize("when", ["committed", "here", "removed"])
def test_a_line_that_was_changed_is_found_whoever_committed_it(cli: Callable[..., Done], root: Path, when: str) -> None:
    if when == "removed":
        (root / "copies.yml").unlink()
    else:
        text = (root / "copies.yml").read_text("utf-8")
        write(root, {"copies.yml": text.replace("生产部", "质量部")})
    if when == "committed":
        repo = Repo.__new__(Repo)
        repo.root = root
        repo.commit({}, "2026-07-10")
    found = [code for code in codes(cli, root, IN_FORCE) if code == "QM944"]
    assert found == ["QM944"] * (2 if when == "removed" else 1)


@pytest.mark.parametrize("number", ["1", "０01", "００１", "0001"])
def test_a_number_written_otherwise_is_the_same_number(copies: Callable[..., Done], root: Path, number: str) -> None:
    before = (root / "copies.yml").read_bytes()
    refused = copies("issue", "QP-7.5-01", "--to", "生产部", "--number", number)
    assert (refused.code, "在质量部手中" in refused.err) == (2, True), refused.err
    assert (root / "copies.yml").read_bytes() == before
    assert copies("recall", "QP-7.5-01", "--number", number).code == 0
    assert [one["number"] for one in listed(copies, "--open")] == ["002"]
    assert copies("issue", "QP-7.5-01", "--to", "生产部", "--number", number).code == 0
    assert [one["number"] for one in listed(copies, "--open")] == ["002", "001"]


def test_one_number_given_on_two_branches_is_found_and_mended(
    copies: Callable[..., Done], cli: Callable[..., Done], root: Path
) -> None:
    repo = Repo.__new__(Repo)
    repo.root = root
    (root / ".gitattributes").write_text("copies.yml merge=union\n", encoding="utf-8")
    repo.commit({}, "2026-08-10")
    repo.git("switch", "-q", "-c", "theirs")
    assert copies("issue", "QP-7.5-01", "--to", "李静", "--number", "005").code == 0
    repo.commit({}, "2026-08-11")
    repo.git("switch", "-q", "main")
    assert copies("issue", "QP-7.5-01", "--to", "生产部", "--number", "5").code == 0
    repo.commit({}, "2026-08-11")
    repo.git("merge", "-q", "--no-edit", "theirs", day="2026-08-12")
    assert "QM941" in codes(cli, root) and "QM944" not in codes(cli, root)
    told = copies("recall", "QP-7.5-01", "--number", "005")
    assert (told.code, "--from" in told.err) == (2, True), told.err
    nobody = copies("recall", "QP-7.5-01", "--number", "005", "--from", "质量部")
    assert (nobody.code, "不在质量部手里" in nobody.err) == (2, True), nobody.err
    done = copies("recall", "QP-7.5-01", "--number", "005", "--from", "李静")
    assert done.code == 0, done.err
    assert "QM941" not in codes(cli, root)
    assert [(one["number"], one["holder"]) for one in listed(copies, "--open")][2:] == [("5", "生产部")]


def test_the_pdf_of_a_copy_that_came_back_outlives_a_refusal(
    copies: Callable[..., Done], cli: Callable[..., Done], root: Path
) -> None:
    assert copies("recall", "QP-7.5-01", "--number", "001", today=IN_FORCE).code == 0
    words = ("copies", "issue", "QP-7.5-01", "--to", "质量部", "--number", "001", "--as", "李静")
    again = cli("--out", str(root / "dist"), *words, root=root, today=IN_FORCE)
    assert (again.code, "--yes" in again.err) == (2, True)
    assert pdf(root, "001").is_file()


def test_two_branches_that_both_handed_out_are_joined_without_a_finding(cli: Callable[..., Done], root: Path) -> None:
    from qmanual.control.copies.ledger import line_of, read_ledger
    from qmanual.source import SourceFile

    text = (root / "copies.yml").read_text("utf-8")
    first = read_ledger(SourceFile("copies.yml", text)).events[0]
    mine = line_of(first).replace('"001"', '"011"').replace("sha256: ", "sha256: 0")[:-3] + "}\n"
    theirs = mine.replace('"011"', '"012"')
    repo = Repo.__new__(Repo)
    repo.root = root
    repo.commit({"copies.yml": text + mine}, "2026-07-10")
    repo.commit({"copies.yml": text + theirs + mine}, "2026-07-11")
    assert "QM944" not in codes(cli, root, "2026-07-12")


# -- found again -----------------------------------------------------------------------------------------------------


def verified(cli: Callable[..., Done], root: Path, place: Path, today: str) -> tuple[int, str]:
    done = cli("verify", str(place), root=root, today=today)
    return done.code, done.out


def test_verify_tells_whose_copy_it_is_and_whether_it_should_be_back(
    copies: Callable[..., Done], cli: Callable[..., Done], root: Path
) -> None:
    code, said = verified(cli, root, pdf(root), IN_FORCE)
    assert (code, "分发号 001，2026-06-15 发给质量部" in said, "没有应当收回的理由" in said) == (0, True, True), said
    code, said = verified(cli, root, pdf(root), VOID)
    assert (code, "已逾期 12 天" in said) == (1, True), said
    assert copies("recall", "QP-7.5-01", "--number", "001").code == 0
    code, said = verified(cli, root, pdf(root), VOID)
    assert (code, "登记为“已收回”" in said) == (1, True), said


def test_a_changed_copy_is_none(cli: Callable[..., Done], root: Path) -> None:
    data = pdf(root).read_bytes().replace(b"<qm:copy>001", b"<qm:copy>009")
    (root / "forged.pdf").write_bytes(data)
    code, said = verified(cli, root, root / "forged.pdf", IN_FORCE)
    assert (code, "自称是质量部的分发号 009" in said) == (1, True), said


def test_the_sheet_lists_by_holder_what_must_come_back(copies: Callable[..., Done], root: Path) -> None:
    assert "应收回：2 份" in copies("sheet").out
    text = PdfReader(root / "dist/copies/recall.pdf").pages[0].extract_text()
    for part in (
        "质量部",
        "生产部",
        "001",
        "002",
        "2026-08-01 起被 A/2 替代",
        "□ 已收回",
        "□ 已销毁",
        "□ 遗失",
        "文控签收",
    ):
        assert part in text
    assert text.index("质量部") < text.index("生产部"), "in the order of the organization"
    rows = list(openpyxl.load_workbook(root / "dist/copies/recall.xlsx").worksheets[0].iter_rows(values_only=True))
    assert [row[:3] for row in rows[1:3]] == [("质量部", "001", "QP-7.5-01"), ("生产部", "002", "QP-7.5-01")]
    assert "应收回：0 份" in copies("sheet", today=IN_FORCE).out
    assert "没有应收回" in PdfReader(root / "dist/copies/recall.pdf").pages[0].extract_text()


def test_the_site_tells_who_holds_copies_and_knows_them_by_their_bytes(
    copies: Callable[..., Done], cli: Callable[..., Done], root: Path
) -> None:
    assert copies("recall", "QP-7.5-01", "--number", "002").code == 0
    done = cli("site", "--out", str(root / "out"), root=root, today=VOID)
    assert done.code in (0, 1), done.err
    page = (root / "out/site/procedures/QP-7.5-01.html").read_text("utf-8")
    held = page[page.index("qm-copies") :].partition("</details>")[0]
    assert "质量部" in held
    assert "应收回：2026-08-01 起被 A/2 替代（逾期 12 天）" in held
    assert "生产部" not in held, "it came back"
    assert "qm-copies" not in (root / "out/site/forms/QR-7.5-01.html").read_text("utf-8")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto((root / "out/site/verify.html").as_uri())
        for number, words in (
            ("001", ("分发号 001", "质量部", "应当收回", "作废")),
            ("002", ("分发号 002", "登记收回")),
        ):
            file = pdf(root, number)
            tab.locator("#qm-pdf").set_input_files(
                {"name": file.name, "mimeType": "application/pdf", "buffer": file.read_bytes()}
            )
            tab.wait_for_selector(f".qm-verdict__file:has-text('{number}')")
            tab.wait_for_selector(".qm-verdict__digest")
            said = tab.locator(".qm-verdict").inner_text()
            assert all(word in said for word in words), said
        browser.close()
