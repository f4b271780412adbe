"""Running text: what is found in it, with true offsets, and what is not."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmanual.finding import FaultKind
from qmanual.model import Body
from qmanual.parse.body import cells, read_body
from qmanual.settings import Settings
from qmanual.source import SourceFile


def body(text: str, start: int = 0) -> Body:
    return read_body(SourceFile("procedures/QP-1.md", text), start, Settings().number)


def written(made: Body) -> list[str]:
    """What the spans of a body's findings point at, in the file."""
    spans = [heading.span for heading in made.headings] + [link.span for link in made.links]
    spans += [mention.span for mention in (*made.documents, *made.externals)]
    spans += [clause.ref.span for clause in made.clauses]
    return [made.source.line(span.line)[span.column - 1 : span.column - 1 + span.length] for span in spans]


# -- headings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "level", "text", "number", "anchor"),
    [
        ("# 文件控制程序", 1, "文件控制程序", None, None),
        ("## 1 目的", 2, "目的", "1", None),
        ("##1 目的", 2, "目的", "1", None),
        ("### 5.1.2 总则 ###", 3, "总则", "5.1.2", None),
        ("## 1. 目的", 2, "目的", "1", None),
        ("## 1、目的", 2, "目的", "1", None),
        ("## 一、目的", 2, "目的", None, None),
        ("## （二）范围", 2, "（二）范围", None, None),
        ("## 第三章 职责", 2, "职责", "三", None),
        ("## 第 4 章 组织环境", 2, "组织环境", "4", None),
        ("## 附录 A 表单", 2, "表单", "A", None),
        ("## 3.3 V 电源", 2, "3.3 V 电源", None, None),
        ("## 24V 电源", 2, "24V 电源", None, None),
        ("## 1 **目的**", 2, "目的", "1", None),
        ("## `目的`", 2, "目的", None, None),
        ("## 1 目的 {#aim}", 2, "目的", "1", "aim"),
        ("## 1 目的 {: .wide #aim }", 2, "目的", "1", "aim"),
        ("## 2026-05-01", 2, "2026-05-01", None, None),
        ("## 5", 2, "5", "5", None),
    ],
)
def test_heading(line: str, level: int, text: str, number: str | None, anchor: str | None) -> None:
    (heading,) = body(f"{line}\n\n正文。\n").headings
    assert (heading.level, heading.text, heading.number, heading.id) == (level, text, number, anchor)


def test_underlined_headings() -> None:
    made = body("目的\n====\n\n正文一行\n\n范围\n---\n\n| a |\n|---|\n\n- 项\n---\n\n上文\n下文\n---\n")
    assert [(heading.level, heading.text) for heading in made.headings] == [(1, "目的"), (2, "范围")]


def test_underlined_heading_right_after_the_header() -> None:
    text = "---\nid: QP-1\n---\n目的\n====\n"
    assert [heading.text for heading in body(text, text.index("目的")).headings] == ["目的"]


@pytest.mark.parametrize("text", ["```\n# 注释\n```", "<!--\n# 旧\n-->", "\n    # 缩进", "`# 行内`", "正文 # 不是"])
def test_no_heading(text: str) -> None:
    assert body(text).headings == ()


# -- links ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[a](b.md)", ["b.md"]),
        ("[a]( b.md )", ["b.md"]),
        ('[a](b.md "题")', ["b.md"]),
        ("[a](b.md '题 (一)')", ["b.md"]),
        ("[a](<b c.md>)", ["b c.md"]),
        ("[a](b(1).md)", ["b(1).md"]),
        ("[a](文件 控制.md)", ["文件 控制.md"]),
        ("[a](b.md#节?x)", ["b.md#节?x"]),
        ("[a](x&amp;y.md)", ["x&y.md"]),
        ("![a](b.png)", ["b.png"]),
        ("[![a](b.png)](c.md)", ["b.png", "c.md"]),
        ("[[a]](b.md)", ["b.md"]),
        ("[a]\n(b.md)", []),
        ("[a](b.md", []),
        ("[a](b.md\n\n)", []),
        ("a](b.md)", []),
        ("\\[a](b.md)", []),
        ("`[a](b.md)`", []),
        ("[x]: b.md", ["b.md"]),
        ('[x]: <b.md> "题"', ["b.md"]),
        ("[^1]: b.md", []),
        ("[注]: 见 上文", []),
        ('<a href="b.md">a</a>', ["b.md"]),
        ("<a class=x href=b.md>a</a><IMG SRC='c.png'>", ["b.md", "c.png"]),
        ("<a name=x>a</a>", []),
        ("[a]()", [""]),
    ],
)
def test_links(text: str, targets: list[str]) -> None:
    assert [link.target for link in body(text).links] == targets


def test_a_picture_is_told_from_a_link() -> None:
    made = body("![a](b.png) \\![c](d.md) <img src=e.png>")
    assert [(link.target, link.image) for link in made.links] == [("b.png", True), ("d.md", False), ("e.png", True)]


@pytest.mark.parametrize(
    "text",
    ["![图][a]\n\n[a]: b.png", "![图] [A]\n\n[a]: <b.png> '题'", "![a][]\n\n[a]: b.png", "![a]\n\n[a]:\n  b.png",
     "![图 [1]][a]\n\n> [a]: b.png", "- ![图][a]\n- [a]: b.png", "[a]: b.png\n\n[![图][a]](c.md)"],
)  # fmt: skip
def test_a_picture_by_its_label_is_a_picture(text: str) -> None:
    assert ("b.png", True) in [(link.target, link.image) for link in body(text).links]


def test_a_link_by_its_label_is_no_picture() -> None:
    made = body("![图][a] [文][b]\n\n[a]: c.png\n[b]: d.md\n\n[注]: 见 上文")
    assert [(link.target, link.image) for link in made.links] == [("c.png", True), ("d.md", False)]


# -- code and comments ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "`QP-1`", "``QP-1 ` x``", "```\nQP-1\n```", "~~~ text\nQP-1\n~~~", "- 项\n\n    ```\n    QP-1\n    ```",
        "> ```\n> QP-1\n> ```", "<!-- QP-1 -->", "<!--\n\nQP-1\n-->", "段\n\n    QP-1\n\n    QP-1\n",
        "````\n```\nQP-1\n````", "`多行\nQP-1`",
    ],
)  # fmt: skip
def test_nothing_is_found_in_code(hidden: str) -> None:
    made = body(f"前\n\n{hidden}\n\n后 QP-2\n")
    assert [mention.name for mention in made.documents] == ["QP-2"]
    assert len(made.plain) == len(made.source.text)
    assert made.plain.count("\n") == made.source.text.count("\n")


@pytest.mark.parametrize(
    "shown",
    [
        "\\`QP-1`", "`QP-1", "`a\n\nQP-1`", "- 项\n\n    QP-1", "- 项\n惰性的一行\n\n    QP-1", "1. 项\n\n    QP-1",
        "!!! note\n\n    QP-1", "[^1]: 注\n\n    QP-1", "**粗体**\nQP-1", "<!-- a --> QP-1",
    ],
)  # fmt: skip
def test_what_only_looks_like_code_is_text(shown: str) -> None:
    assert [mention.name for mention in body(f"前\n\n{shown}\n").documents] == ["QP-1"]


def test_indented_after_a_bold_paragraph_is_code() -> None:
    assert body("**粗体** 段落\n\n    QP-1\n").documents == ()


def test_code_blocks() -> None:
    made = body("```mermaid\nflowchart TD\n```\n\n~~~ {.Python title=x}\nx = 1\n~~~\n")
    assert [block.language for block in made.code] == ["mermaid", "python"]
    assert [block.text for block in made.code] == ["flowchart TD\n", "x = 1\n"]


def test_an_open_fence_is_one_fault_whatever_follows() -> None:
    made = body("````\n文字 QP-1\n~~~\n```\n````` \n")
    assert [fault.kind for fault in made.faults] == [FaultKind.FENCE_NOT_CLOSED]
    assert [mention.name for mention in made.documents] == ["QP-1"]


def test_markers() -> None:
    made = body("<!-- qmanual: 组织机构图 -->\n<!--qmanual：过程关系图-->\n<!-- 注释 -->\n\n`<!-- qmanual: x -->`\n")
    assert [marker.name for marker in made.markers] == ["组织机构图", "过程关系图"]


CONFLICT = "<<<<<<< HEAD\n甲\n=======\n乙\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (CONFLICT, [1]),
        (CONFLICT + CONFLICT, [1, 6]),
        (">>>>>>> other\n", [1]),
        (f"```mermaid\n{CONFLICT}```\n", [2]),
        (f"```\n{CONFLICT}```\n", []),
        ("标题\n=======\n", []),
        ("a <<<<<<< b\n", []),
    ],
)
def test_conflicts(text: str, lines: list[int]) -> None:
    faults = [fault for fault in body(text).faults if fault.kind is FaultKind.MERGE_CONFLICT]
    assert [fault.span.line for fault in faults] == lines


# -- tables, numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", [["a", "b"], ["1", "2"]]),
        ("a | b\n:-- | --:\n1 | 2\n", [["a", "b"], ["1", "2"]]),
        ("| a |  |\n|:-:|---|\n|  | `x|y` |\n", [["a", ""], ["", "`x|y`"]]),
        ("| a\\|b | c |\n|---|---|\n", [["a\\|b", "c"]]),
        ("|---|---|\n| a | b |\n", []),
        ("a\n---\n", []),
        ("| a | b |\n| - | x |\n", []),
    ],
)
def test_tables(text: str, rows: list[list[str]]) -> None:
    made = body(text)
    assert [[cell.text for cell in row] for table in made.tables for row in cells(made, table)] == rows


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("见 QP-7.5-01、QM-01和WI-8.5-01。", ["QP-7.5-01", "QM-01", "WI-8.5-01"]),
        ("《QP-7.5-01》（QP-7.5-02）QP-7.5-03/A1", ["QP-7.5-01", "QP-7.5-02", "QP-7.5-03"]),
        ("[QP-1 程序](QP-2.md)", ["QP-1"]),
        ("AQP-1 QP-1X QP-1-A QP-1_2 qp-1 https://a.cn/QP-1 <b id=QP-1>", []),
        ("QP-１", []),
    ],
)
def test_numbers(text: str, numbers: list[str]) -> None:
    assert [mention.name for mention in body(text).documents] == numbers


TEXTS = st.lists(
    st.sampled_from([
        "# 一 ", "QP-7.5-01", "`", "```\n", "~~~\n", "<!-- ", " -->", "[a](b.md)", "](", "[", "\n", "\n\n", "    ",
        "- ", "| a |\n|---|\n", "GB/T 19001-2016 8.4", "条款 8.4、8.5", "<a href=x>", "\\", "====\n", "________",
        "□是 ", "质量", "\u3000", "{#x}",
    ]),
    max_size=25,
).map("".join)  # fmt: skip


@given(TEXTS)
def test_spans_point_at_what_was_found(text: str) -> None:
    made = body(text)
    assert len(made.plain) == len(text)
    assert all(shown == " " or shown == real for shown, real in zip(made.plain, text, strict=True))
    for mention in (*made.documents, *made.externals):
        assert text[mention.start : mention.end] == mention.name
    for clause in made.clauses:
        assert text[clause.start : clause.end] == clause.ref.number
    assert all(part.strip() for part in written(made) if part)


REPEATED: list[Callable[[int], str]] = [
    lambda n: "[" * n, lambda n: "](" * n, lambda n: "[x](" * n, lambda n: "![" * n + "](" * n, lambda n: "](a(" * n,
    lambda n: "`a` " * n, lambda n: "`a``b```c" * n, lambda n: "~~~a\n" * n, lambda n: "<!--" * n,
    lambda n: "<a " * n, lambda n: "<a href=x" * n, lambda n: "<a " + "href=" * n, lambda n: "GB/T 1" + " " * n + "x",
    lambda n: "标准" + " " * n + "x", lambda n: "# a" + " " * n + "b", lambda n: "# " + "1." * n,
    lambda n: "a|b\n" + "-|" * n + "x", lambda n: " " * n + "x", lambda n: "<!-- qmanual: " + " " * n + "x",
    lambda n: "条款 " + "8.1、" * n, lambda n: "[a" * n + "]: x",
]  # fmt: skip


@pytest.mark.parametrize("text", REPEATED)
def test_hostile_text_is_read(text: Callable[[int], str]) -> None:
    """Each of these hung a pattern that tries every partition of a long run; a square of this size would not end."""
    made = body(text(50_000))
    assert len(made.plain) == len(made.source.text)
