"""Manuals that mean harm: nothing crashes, hangs, runs, calls out or drives a terminal, and every mistake is named."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import gettempdir

import pytest
from disk import Done, start, write
from manuals import TODAY, check, register

from qmanual.checks.example import SOUND
from qmanual.checks.report import github_report, json_report, sarif_report, text_report
from qmanual.files import pdf_name
from qmanual.finding import Severity
from qmanual.language import Translator
from qmanual.parse.flowchart import find_trouble
from qmanual.parse.intricate import find_intricacy
from qmanual.render.markdown import CannotRender, render
from qmanual.service.loading import Manual
from qmanual.service.publication import publication
from qmanual.service.rendering import render_bodies, withheld
from qmanual.source import SourceFile

Cli = Callable[..., Done]

PATH = "procedures/QP-7.5-01.md"
FORM = "forms/QR-7.5-01.md"
ZH = Translator("zh")


def body(text: str, path: str = PATH) -> dict[str, str]:
    """The sound manual with a text added to the procedure (or another document)."""
    return SOUND | {path: f"{SOUND[path]}\n{text}\n"}


def header(lines: str) -> dict[str, str]:
    """The sound manual with other lines for the procedure's owner."""
    return SOUND | {PATH: SOUND[PATH].replace("owner: 质量部\n", f"{lines}\n")}


def on_disk(files: dict[str, str]) -> Manual:
    return Manual(root=Path(gettempdir()), register=register(files), today=TODAY)


# -- inputs without measure --------------------------------------------------------------------------------------

HEADERS: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "owner: " + "[" * n,
    "braces": lambda n: "owner: " + "{" * n,
    "dashes": lambda n: "owner:\n  " + "- " * n + "x",
    "question marks": lambda n: "? " * n + "x",
    "colons": lambda n: ": " * n,
    "broken lines": lambda n: "a: b: c\n" * (n // 10),
    "many keys": lambda n: "\n".join(f"k{at}: v" for at in range(n // 10)),
    "one key often": lambda n: "owner: v\n" * (n // 10),
    "long list": lambda n: f"departments: [{','.join(['生产部'] * n)}]",
    "control characters": lambda n: "owner: " + "\x01" * n,
    "quotes": lambda n: 'owner: "' + "\\x" * n,
    "blanks": lambda n: "owner:" + " " * n + "x",
}
BODIES: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "[" * n,
    "closing brackets": lambda n: "[" * n + "]" * n,
    "links begun": lambda n: "[a](" * n,
    "links": lambda n: "[a](../manual/index.md)\n" * n,
    "link titles": lambda n: '[a](b "' * n,
    "references": lambda n: "[a][b]" * n,
    "definitions": lambda n: "".join(f"[a{at}]: x{at}\n" for at in range(n)),
    "less than": lambda n: "<" * n,
    "tags begun": lambda n: "<a " * n,
    "comments begun": lambda n: "<!--" * n,
    "declarations": lambda n: "<![CDATA[" * n,
    "entities": lambda n: "&#x" * n,
    "backquotes": lambda n: "`a" * n,
    "fences": lambda n: "```\n" * (n + 1),
    "longer fences": lambda n: "".join("`" * (3 + at % 300) + "\n" for at in range(n // 4)),
    "stars": lambda n: "**a " * n,
    "underscores": lambda n: "_" * n,
    "backslashes": lambda n: "\\" * n,
    "numbers": lambda n: "1." * n,
    "document numbers": lambda n: "QP-7.5-01 " * n,
    "half a number": lambda n: "QP-" + "1-" * n,
    "clauses": lambda n: "GB/T 19001-2016 7.5.3 " * n,
    "list of clauses": lambda n: "条款 " + "8.4、" * n,
    "half a clause": lambda n: "ISO 9001（" * n,
    "standard and blanks": lambda n: "ISO 9001" + " " * n,
    "guillemets": lambda n: "ISO 9001 " + "《" * n,
    "headings": lambda n: "## 标题\n\n" * n,
    "number signs": lambda n: "#" * n,
    "heading of blanks": lambda n: "# a" + " " * n + "b",
    "attributes": lambda n: "# a {: " + "x=y " * n + "}",
    "braces": lambda n: "{" * n,
    "pipes": lambda n: "|" * n,
    "ruled lines": lambda n: "a|b\n" + "-|" * n + "x",
    "long table": lambda n: "|a|b|\n|-|-|\n" + "|x|y|\n" * n,
    "wide table": lambda n: f"|{'a|' * n}\n|{'-|' * n}\n|{'b|' * n}",
    "underlines": lambda n: "a\n===\n\n" * n,
    "blank lines": lambda n: "\n" * n,
    "tabs": lambda n: "\t" * n + "a",
    "quotations": lambda n: "> " * n + "a",
    "list in list": lambda n: "- " * n + "a",
    "one long line": lambda n: "字" * n,
    "addresses": lambda n: "https://a " * n,
    "half an address": lambda n: "http://" * n,
    "conflicts": lambda n: "<<<<<<< x\n" * n,
    "directions": lambda n: "\u202e\u2066" * n,
}
FORMS: dict[str, Callable[[int], str]] = {
    "lines": lambda n: "_" * n,
    "labels": lambda n: "字" * n + "：____",
    "boxes": lambda n: "□a" * n,
    "box of a long text": lambda n: "□" + "a" * n,
    "rows": lambda n: "|a|b|\n|-|-|\n" + "| | |\n" * n,
}
INPUTS = [
    *(pytest.param(header, make, id=f"header: {name}") for name, make in HEADERS.items()),
    *(pytest.param(body, make, id=f"body: {name}") for name, make in BODIES.items()),
    *(pytest.param(lambda text: body(text, FORM), make, id=f"form: {name}") for name, make in FORMS.items()),
]
Lay = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(("lay", "make"), INPUTS)
def test_ten_times_the_input_takes_about_ten_times_as_long(lay: Lay, make: Callable[[int], str]) -> None:
    """Sixty times as long is allowed, and a second try: what grows with the square takes a hundred times."""

    def seconds(size: int) -> float:
        files = lay(make(size))
        begin = time.perf_counter()
        check(files)
        return time.perf_counter() - begin

    seconds(100)
    assert any(seconds(6000) < 0.05 + 60 * seconds(600) for _ in range(3))


@pytest.mark.parametrize(("lay", "make"), INPUTS)
def test_every_report_can_be_printed(lay: Lay, make: Callable[[int], str]) -> None:
    files = lay(make(300))
    findings, sources = check(files), register(files).tree.sources
    for text in (
        text_report(findings, sources, 1, ZH),
        json_report(findings, 1, ZH),
        github_report(findings, ZH),
        sarif_report(findings, ZH, "0"),
    ):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
        text.encode("utf-8")


@pytest.mark.parametrize(("lay", "make"), INPUTS)
def test_every_text_is_rendered_or_withheld_by_name(lay: Lay, make: Callable[[int], str]) -> None:
    files = lay(make(120))
    manual, findings = publication(on_disk(files)), check(files)
    bodies = render_bodies(manual, findings, workers=1)
    held = {document.path for document in withheld(manual, bodies, findings)}
    told = {one.span.path for one in findings if one.severity is Severity.ERROR}
    assert {document.path for document in manual.register.documents} - bodies.keys() <= held | told


@pytest.mark.parametrize(
    "text",
    ["- " * 1000 + "a", "\n".join("    " * at + "- a" for at in range(200)), "> " * 1000 + "a"],
    ids=["lists in a line", "lists in lines", "quotations"],
)
def test_text_nested_too_deep_is_withheld_and_the_others_are_not(text: str) -> None:
    manual = publication(on_disk(body(text)))
    bodies = render_bodies(manual, (), workers=1)
    if PATH not in bodies:
        assert [one.id for one in withheld(manual, bodies, ())] == ["QP-7.5-01"]
    assert FORM in bodies


HUGE: dict[str, Callable[[int], str]] = {
    **BODIES,
    "brackets without end": lambda n: "![a](" * (n // 5),
    "brackets in brackets": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "brackets in a table's cell": lambda n: "|a|b|\n|-|-|\n|" + "[a" * n + "|b|",
    "brackets in what is no table": lambda n: "|a|b|\n|-|\n" + "[a|\n" * (n // 4),
    "emphasis within emphasis": lambda n: "*a **b " * (n // 7),
    "touching emphasis": lambda n: "*x**y*" * (n // 6),
    "lists within lists": lambda n: "\n".join("    " * at + "- a" for at in range(int((n / 2) ** 0.5))),
    "numbers within numbers": lambda n: "1. " * (n // 3) + "a",
    "quotations and lists": lambda n: "> - " * (n // 4) + "a",
    "notes within notes": lambda n: "\n".join("    " * at + "!!! note\n" for at in range(int((n / 2) ** 0.5))),
    "backquotes of two lengths": lambda n: "``a`" * (n // 4),
    "backquotes in a row": lambda n: "|a|b|\n|-|-|\n|" + "`|" * (n // 2),
    "rows too short": lambda n: f"|{'a|' * 300}\n|{'-|' * 300}\n" + "|\n" * (n // 2),
    "headings in one block": lambda n: "# a\n" * (n // 4),
    "one footnote often": lambda n: "x[^a]\n\n" * (n // 7) + "[^a]: x\n",
    "footnotes": lambda n: "".join(f"x[^a{at}]\n\n[^a{at}]: x{at}\n\n" for at in range(n // 24)),
    "blanks in a heading": lambda n: "# a" + " " * n + "b",
    "fences in plenty": lambda n: "```\na\n```\n" * (n // 10),
    "paragraphs of a letter": lambda n: "a\n\n" * (n // 3),
    "half a tag": lambda n: "<a\n\n" * (n // 4),
    "empty comments": lambda n: "<!--" * (n // 4),
}
SIZE = 60_000


@pytest.mark.parametrize("make", HUGE.values(), ids=HUGE.keys())
def test_text_that_is_not_withheld_is_rendered_in_seconds(make: Callable[[int], str]) -> None:
    """What is estimated to take long is a finding, found at once; what is not, is rendered, and fast."""
    text = make(SIZE)[:SIZE]
    begin = time.perf_counter()
    found = find_intricacy(SourceFile(PATH, text), 0)
    assert time.perf_counter() - begin < 3
    if found is None:
        begin = time.perf_counter()
        try:
            render(text)
        except CannotRender as error:
            raise AssertionError("not foreseen") from error
        assert time.perf_counter() - begin < 8


def test_text_that_would_take_minutes_is_withheld_by_name() -> None:
    files = body("[" * 50_000)
    findings = check(files)
    assert [(one.code, one.span.path) for one in findings if one.severity is Severity.ERROR] == [("QM804", PATH)]
    bodies = render_bodies(publication(on_disk(files)), findings, workers=1)
    assert PATH not in bodies and FORM in bodies


HONEST = {
    "a list of links": "".join(f"- [QP-{at}](../procedures/QP-{at}.md) 见 `A{at}` 与 **B**\n" for at in range(2000)),
    "a table of intervals": "|尺寸|公差*|判定|\n|---|---|---|\n"
    + "".join(f"|[{at}, {at + 1})|<{at} μm|□合格 □不合格*|\n" for at in range(5000)),
    "a long text": "".join(
        f"## {at} 标题\n\n" + "本条款规定了*文件*的编号、发放和回收（见 QP-7.5-01）。" * 8 + "\n\n" for at in range(900)
    )
    + "[^1]: 注。\n",
    "code": "```json\n" + '{"a": [1, [2, [3]]], "b": "<x>"},\n' * 3000 + "```\n",
    "a broad table": f"|{'a|' * 60}\n|{'---|' * 60}\n" + f"|{'x|' * 60}\n" * 400,
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST.keys())
def test_long_honest_text_is_not_withheld(text: str) -> None:
    assert find_intricacy(SourceFile(PATH, text), 0) is None


CHARTS = {
    "chain": lambda n: "".join(f"A{at}-->A{at + 1}\n" for at in range(n)),
    "one line": lambda n: "A" + "-->A" * n,
    "groups": lambda n: "subgraph a\n" * n,
    "ends": lambda n: "a\n" + "end\n" * n,
    "open brackets": lambda n: "A[" * n,
    "open quotes": lambda n: 'A["\n' * n,
    "semicolons": lambda n: ";" * n,
    "letters": lambda n: "A[" + "字" * n + "]",
}


@pytest.mark.parametrize("make", CHARTS.values(), ids=CHARTS.keys())
def test_hostile_flowchart_is_read_at_once(make: Callable[[int], str]) -> None:
    begin = time.perf_counter()
    trouble = find_trouble("flowchart TD\n" + make(50_000))
    assert time.perf_counter() - begin < 1
    assert trouble is None or trouble.line <= 50_001


def test_text_after_one_that_cannot_be_rendered_is_as_ever() -> None:
    before = render("# 一\n\n[^1]\n\n[^1]: 注\n").html
    with pytest.raises(CannotRender):
        render("- " * 1000 + "a")
    assert render("# 一\n\n[^1]\n\n[^1]: 注\n").html == before


def test_withheld_document_is_named_and_the_exit_code_is_1(cli: Cli, manual: Path) -> None:
    write(manual, body("<div markdown>\n" * 1000 + "x" + "\n</div>" * 1000))
    done = cli("site")
    assert done.code == 1
    assert "QP-7.5-01" in done.err
    assert (manual / "dist/site/forms/QR-7.5-01.html").is_file()


def test_alias_bomb_is_a_finding() -> None:
    pairs = zip("abcdefgh", "bcdefghi", strict=True)
    bomb = "a: &a [x,x]\n" + "".join(f"{two}: &{two} [*{one},*{one}]\n" for one, two in pairs)
    assert any(one.span.path == PATH and one.severity is Severity.ERROR for one in check(header(bomb)))


def test_ten_thousand_headings_and_links() -> None:
    text = "".join(f"## 标题 {at}\n\n[见](#标题-{at}) [无](nix{at}.md)\n\n" for at in range(10_000))
    findings = check(body(text))
    assert sum(one.code == "QM411" for one in findings) == 10_000


def test_five_megabytes_in_one_line(manual: Path) -> None:
    text = SOUND[PATH] + "\n"
    write(manual, {PATH: text + "字" * ((5 * 1024 * 1024 - len(text.encode())) // 3)})
    done = start("--root", str(manual), "--today", "2026-06-15", "check")
    assert (done.code, done.err) == (0, "")


def test_organization_in_a_circle_is_no_crash() -> None:
    circle = (
        SOUND["manual/organization.yml"].replace("head: 王强", "parent: 生产部").replace("head: 陈刚", "parent: 质量部")
    )
    marked = SOUND["manual/index.md"] + "\n<!-- qmanual: 组织机构图 -->\n\n<!-- qmanual: 过程关系图 -->\n"
    files = SOUND | {"manual/organization.yml": circle, "manual/index.md": marked}
    render_bodies(publication(on_disk(files)), check(files), workers=1)


# -- what could drive a terminal or a file system ----------------------------------------------------------------

ESCAPES = "\x1b]0;pwned\x07\x1b[2J\x1b[31m\u202e\u2066\x9b31m"


@pytest.mark.parametrize("words", ["check", "status", "register", "check --format github", "matrix"])
def test_control_characters_never_reach_the_terminal(cli: Cli, manual: Path, words: str) -> None:
    """In a heading that stands for a missing title, in a title, in a value, in a link, and in a file's name."""
    write(
        manual,
        {
            "procedures/QP-1.md": f"---\nid: QP-1\n---\n\n# 标题{ESCAPES}\n\n[a{ESCAPES}](x{ESCAPES}.md)\n",
            "procedures/QP-2.md": f'---\nid: QP-2\ntitle: "标题\\e[31m"\nowner: 部{ESCAPES}\n---\n\n# 标题\n',
            f"procedures/a{ESCAPES.replace('/', '')}.md": "# 没有文件头\n",
        },
    )
    done = cli(*words.split())
    assert done.code in (0, 1), done.err
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", done.out + done.err)


def test_words_of_the_command_line_are_not_echoed_raw(cli: Cli) -> None:
    for words in (["check", f"x{ESCAPES}"], [f"x{ESCAPES}"], ["status", f"x{ESCAPES}"], ["--lang", ESCAPES, "check"]):
        assert "\x1b" not in cli(*words).err


@pytest.mark.parametrize(
    "number", ["../../../x", "/etc/passwd", "%2e%2e/x", "..", "a\\..\\b", "CON", "x\u202ey", "~", "$(id)"]
)
def test_number_never_leads_out_of_the_output(tmp_path: Path, number: str) -> None:
    name = pdf_name(number, number)
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()


# -- what could run on a page ------------------------------------------------------------------------------------

PAYLOAD = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A site whose every value that a person writes is an attack, and what the build said."""
    root = tmp_path_factory.mktemp("hostile") / "m"
    quoted = PAYLOAD.replace('"', '\\"')
    procedure = (
        SOUND[PATH]
        .replace("title: 文件控制程序", f'title: "{quoted}"')
        .replace("owner: 质量部", f'owner: "{quoted}"')
        .replace("departments: [生产部]", f'departments: ["{quoted}"]')
        .replace("summary: 增加电子签批", f'summary: "{quoted}"')
        .replace("by: 李静", f'by: "{quoted}"')
        .replace("review_every: 12 months", f'process: "{quoted}"')
        .replace("# 文件控制程序\n", "# 程序\n\n{{ config }} {% include 'secret' %} {{ 7*7*191 }}\n")
    )
    organization = SOUND["manual/organization.yml"].replace("name: 样例公司", f'name: "公司 {quoted}"')
    organization = organization.replace("name: 文件管理", f'name: "{quoted}"')
    organization = organization.replace("reason: 公司不使用顾客或外部供方的财产", f'reason: "{quoted}"')
    organization = organization.replace("{name: 质量部, head: 王强}", f'{{name: "{quoted}", head: 王强}}')
    files = SOUND | {
        PATH: procedure,
        "manual/organization.yml": organization,
        "mkdocs.yml": f'site_name: "手册 {quoted}"\nplugins: [qmanual]\n',
        "procedures/QP-2.md": "---\nid: QP-2\ntitle: 攻击\nrevision: A/0\n---\n\n# 攻击\n\n[x](javascript:alert(1))\n",
        "procedures/QP-3.md": "---\nid: QP-3\ntitle: 属性\nrevision: A/0\n---\n\n# 属性\n\n段落{: onclick=alert(1) }\n",
        "procedures/QP-4.md": "---\nid: QP-4\ntitle: 图\nrevision: A/0\n---\n\n# 图\n\n![图](x.svg)\n",
        "procedures/x.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    }
    write(root, files)
    done = start("--root", str(root), "--today", "2026-06-15", "--lang", "zh", "site")
    assert done.code == 1, done.err
    return root / "dist" / "site", done.out


def pages(site: Path) -> dict[str, str]:
    return {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}


def test_values_are_escaped_on_every_page(hostile_site: tuple[Path, str]) -> None:
    site, _ = hostile_site
    assert [name for name, text in pages(site).items() if "<img src=x" in text] == []


def test_values_are_escaped_in_the_list_of_documents(hostile_site: tuple[Path, str]) -> None:
    """It is a script: no text of a document may end it."""
    site, _ = hostile_site
    assert "</script" not in (site / "assets/qmanual/documents.js").read_text(encoding="utf-8").lower()


def test_unsafe_text_is_withheld_with_its_line(hostile_site: tuple[Path, str]) -> None:
    site, err = hostile_site
    texts = "".join(pages(site).values())
    assert re.search(r"procedures/QP-2\.md:9:\d+  错误 QM80\d", err)
    assert re.search(r"procedures/QP-3\.md:9:\d+  错误 QM80\d", err)
    assert "javascript:" not in texts
    assert not re.search(r"<[^>]+\sonclick\s*=", texts)


def test_drawing_with_a_script_is_a_finding_and_not_published(hostile_site: tuple[Path, str]) -> None:
    site, err = hostile_site
    assert re.search(r"procedures/x\.svg:1:\d+  错误 QM80\d", err)
    assert [path.name for path in site.rglob("x.svg")] == []


def test_jinja_in_a_document_stays_text(cli: Cli, manual: Path) -> None:
    write(manual, body("{{ config }} {% include 'secret' %} {{ 7*7*191 }}"))
    assert cli("site").code == 0
    text = (manual / "dist/site/procedures/QP-7.5-01.html").read_text(encoding="utf-8")
    assert "{{ config }}" in text and "{% include" in text
    assert "9359" not in text
