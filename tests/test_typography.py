"""How text is set on paper: what stays on one line, in which language a piece is, footnotes, tables and charts."""

import re
from pathlib import Path

import pikepdf
import pytest
from disk import write
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml.html import fragment_fromstring
from manuals import register
from pypdf import PdfReader
from test_pdf import print_all
from test_print import FORM, HEADER, bodies, entry, printed

from qmanual.control.evidence import Evidence
from qmanual.language import Language, Translator
from qmanual.pdf import Job, Printed
from qmanual.pdf.justify import CLOSING, OPENING
from qmanual.render.frame import Frame
from qmanual.render.markdown import render
from qmanual.render.print import print_html
from qmanual.render.tongue import other_language
from qmanual.render.unbroken import CLASS, keep_whole


def wholes(text: str) -> list[str]:
    """The pieces of a text that are kept on one line."""
    tree = fragment_fromstring(text, create_parent="div")
    keep_whole(tree)
    return [one.text or "" for one in tree.iter("span") if one.get("class") == CLASS]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("长 20 mm、宽5mm", ["20 mm", "5mm"]),
        ("5 ℃ 以下，湿度 45 %", ["5 ℃", "45 %"]),
        ("30 分钟内，10 个工作日内，每 12 个月", ["30 分钟", "10 个工作日", "12 个月"]),
        ("±0.05 mm，10 mm～25 mm，0.4～0.6 MPa", ["±0.05 mm", "10 mm", "25 mm", "0.4～0.6 MPa"]),
        ("2026 年 6 月 1 日", ["2026 年", "6 月", "1 日"]),
        ("见第 7.5.3 条、第5章", ["第 7.5.3 条", "第5章"]),
        ("按 GB/T 19001-2016 和 ISO 9001:2015", ["GB/T 19001-2016", "ISO 9001:2015"]),
        ("120 km/h 与 9.8 m/s²", ["120 km/h", "9.8 m/s²"]),
        ("QP-7.5-01 与 A4 mm", []),
        ("20 members, 5 main", []),
        ("<code>20 mm</code> <a href='x'>30 分钟</a>", []),
        ("甲<b>20 mm</b>乙 5 kg", ["20 mm", "5 kg"]),
        ("10000000000000000000 mm", []),
    ],
)
def test_numbers_keep_their_units(text: str, kept: list[str]) -> None:
    assert wholes(text) == kept


@given(st.text("0123456789. mm℃分钟第条GB/T<>&年月日-~", max_size=80))
def test_keeping_pieces_whole_changes_no_text(text: str) -> None:
    root = etree.Element("div")
    root.text = text
    inner = etree.SubElement(root, "b")
    inner.text = inner.tail = text
    tree = fragment_fromstring(etree.tostring(root, encoding="unicode"))
    before = tree.text_content()
    keep_whole(tree)
    assert tree.text_content() == before


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("This is an English sentence.", "zh", "en"),
        ("Scope", "zh", "en"),
        ("中文 with English", "zh", None),
        ("QP-7.5-01", "zh", None),
        ("ISO 9001:2015", "zh", None),
        ("20 mm", "zh", None),
        ("https://www.example.com/index.html", "zh", None),
        ("python3 build.py", "zh", None),
        ("文件控制程序", "en", "zh"),
        ("文件 QP-7.5-01", "en", "zh"),
        ("The term 受控 means controlled", "en", None),
        ("", "zh", None),
    ],
)
def test_what_is_wholly_in_another_language(text: str, language: Language, found: str | None) -> None:
    assert other_language(text, language) == found


def test_the_outermost_element_says_its_language_once() -> None:
    table = "| 中 | Term |\n|---|---|\n| 文 | `x` see [this page](a.md) |\n"
    text = f"中文。\n\n*Only* English **words** here.\n\n- Purpose\n- 目的\n\n{table}"
    html = render(text).html
    assert html.count('lang="en"') == 4
    assert '<p lang="en"><em>Only</em>' in html
    assert '<li lang="en">Purpose</li>' in html
    assert '<th lang="en">Term</th>' in html
    assert 'lang="zh-CN"' in render("Text.\n\n只有中文。\n", language="en").html
    assert 'lang="' not in render("```\nsome code here\n```\n\n中文 `code in text`\n").html


LONG = "".join(
    f"测量长度为 {at} mm、温度 {at % 40} ℃、时间 {at} 分钟，“引号”（括号）《书名号》；" for at in range(100, 160)
)
TABLE = "| 序号 | 名称 |\n|---|---|\n" + "".join(f"| {at} | 第{at}行 |\n" for at in range(90))
URL = "https://www.example.com/" + "a-very-long-path/" * 12 + "x" * 120


@pytest.fixture(scope="module")
def typeset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document with what is hard to set, as a PDF."""
    nodes = "\n".join(f"  N{at}[步骤{at}：执行并记录] --> N{at + 1}[步骤{at + 1}：执行并记录]" for at in range(40))
    text = (
        f"{HEADER}## 1 正文\n\n{LONG}\n\n见 {URL} 。脚注[^1]。\n\n[^1]: 脚注的内容。\n\n## 2 表\n\n{TABLE}\n"
        f"## 3 图\n\n```mermaid\ngraph TD\n{nodes}\n```\n"
    )
    out = tmp_path_factory.mktemp("typeset")
    (outcome,) = print_all([Job("t.pdf", "T", printed({"procedures/QP-1.md": text}, "QP-1"))], out, out, workers=1)
    assert isinstance(outcome, Printed), outcome
    return out / "t.pdf"


def lines(path: Path) -> list[str]:
    found: list[str] = []
    for page in PdfReader(path).pages:
        found += [line.strip() for line in page.extract_text().split("\n") if line.strip()]
    return found


def test_no_line_ends_between_a_number_and_its_unit(typeset: Path) -> None:
    told = [line for line in lines(typeset) if "测量" in line or "温度" in line]
    assert len(told) > 20
    assert [line for line in told if re.search(r"\d$", line) or re.match(r"(mm|℃|分钟)", line)] == []


def test_no_line_begins_or_ends_with_the_wrong_mark(typeset: Path) -> None:
    told = [line for line in lines(typeset) if "测量" in line or "温度" in line]
    assert [line for line in told if line[0] in CLOSING.replace("“", "") or line[-1] in OPENING.replace("”", "")] == []


def test_a_table_repeats_its_head_and_breaks_no_row(typeset: Path) -> None:
    texts = [page.extract_text() for page in PdfReader(typeset).pages]
    holding = [text for text in texts if re.search(r"第\d+行", text)]
    assert len(holding) > 2
    assert all("序号" in text for text in holding)


def test_a_row_higher_than_a_page_begins_below_its_heading(tmp_path: Path) -> None:
    """Kept whole it would go to a page of its own, and the heading and the table's head would stay behind."""
    long = "这一格的文字很长，要跨过一页以上。" * 200
    spanning = (
        f"<table><tr><th>名</th><th colspan='2'>值</th></tr><tr><td>长格</td><td>1</td><td>{long}</td></tr></table>"
    )
    text = f"{HEADER}## 1 长格\n\n| 名称 | 内容 |\n|---|---|\n| 甲 | {long} |\n| 乙 | 短 |\n\n## 2 合并\n\n{spanning}\n"
    html = printed({"procedures/QP-1.md": text}, "QP-1")
    assert html.count("qm-tall") == 2
    (outcome,) = print_all([Job("t.pdf", "T", html)], tmp_path, tmp_path, workers=1)
    assert isinstance(outcome, Printed), outcome
    texts = [page.extract_text() for page in PdfReader(tmp_path / "t.pdf").pages]
    holding = next(text for text in texts if "1 长格" in text)
    assert holding.index("内容") < holding.index("这一格的文字")


def test_nothing_is_painted_in_the_margins_but_what_belongs_there(typeset: Path) -> None:
    """The long address is broken, and the chart of forty steps is as high as the page allows, not higher."""
    texts = [page.extract_text() for page in PdfReader(typeset).pages]
    assert URL.replace("/", "") in re.sub(r"[\s/]", "", "".join(texts))
    charts = [text for text in texts if "步骤1：" in text]
    assert len(charts) == 1
    assert "步骤40" in charts[0]
    with pikepdf.open(typeset) as pdf:
        boxes = [[float(edge) for edge in box] for box in figures(pdf)]
    assert len(boxes) == 2, "the code and the chart"
    assert all(left > 50 and bottom > 55 and right < 545 and top < 790 for left, bottom, right, top in boxes)


def figures(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    """The boxes of all pictures, as the structure tells them."""
    return [one.A.BBox for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"]


def test_what_runs_along_below_a_form_breaks_no_line(tmp_path: Path) -> None:
    text = FORM.replace("retention: 3 years", "retention: 10 years")
    (outcome,) = print_all([Job("f.pdf", "F", printed({"forms/QR-1.md": text}, "QR-1"))], tmp_path, tmp_path, workers=1)
    assert isinstance(outcome, Printed), outcome
    told = lines(tmp_path / "f.pdf")
    assert any(re.search(r"Content digest [0-9a-f]{12} Page 1", line) for line in told)
    assert any(line == "Retention period: 10 years" for line in told)


def test_a_footnote_is_printed_without_the_way_back(typeset: Path) -> None:
    whole = "\n".join(lines(typeset))
    assert "脚注的内容。" in whole
    assert "↩" not in whole


def placed(path: Path, number: int = 0) -> list[tuple[str, float]]:
    """The texts of a page and how high each stands, in points from below."""
    found: list[tuple[str, float]] = []

    def seen(text: str, page: list[float], matrix: list[float], *_: object) -> None:
        if text.strip():
            found.append((text.strip(), matrix[4] * page[1] + matrix[5] * page[3] + page[5]))

    PdfReader(path).pages[number].extract_text(visitor_text=seen)
    return found


def test_what_stands_in_an_approval_box_is_in_its_middle(tmp_path: Path) -> None:
    """The row of names is high where a written name stands in it; the names without one, and the label, are centred."""
    write(
        tmp_path,
        {"manual/li.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'},
    )
    of = register({"procedures/QP-1.md": HEADER})
    frame = Frame(hands={"李静": "manual/li.svg"})
    signed = (Evidence.KEY, Evidence.TYPED)
    html = print_html(entry(of, "QP-1"), bodies(of, "QP-1"), "公司", of, Translator("zh"), signed, frame=frame)
    assert html.count("qm-hand") == 1
    (outcome,) = print_all([Job("t.pdf", "T", html)], tmp_path, tmp_path, workers=1)
    assert isinstance(outcome, Printed), outcome
    at = dict(reversed(placed(tmp_path / "t.pdf")))  # the first of each
    above, below = at["签批"] - at["姓名"], at["姓名"] - at["日期"]
    assert above > 30, "points: the row is higher than one line"
    assert abs(above - below) < 1
    assert abs(at["陈刚"] - at["姓名"]) < 1


def test_a_wide_table_is_turned_with_its_heading_and_the_text_goes_on_upright(tmp_path: Path) -> None:
    heads = "| " + " | ".join(f"第{at}列的名称" for at in range(12)) + " |\n" + "|---" * 12 + "|\n"
    row = "| " + " | ".join("这里是一段说明文字" for _ in range(12)) + " |\n"
    text = f"{HEADER}## 1 前文\n\n前。\n\n## 2 宽表\n\n{heads}{row * 40}\n## 3 后文\n\n后。\n"
    html = printed({"procedures/QP-1.md": text}, "QP-1")
    (outcome,) = print_all([Job("t.pdf", "T", html)], tmp_path, tmp_path, workers=1)
    assert isinstance(outcome, Printed), outcome
    told = [
        (page.mediabox.width > page.mediabox.height, page.extract_text())
        for page in PdfReader(tmp_path / "t.pdf").pages
    ]
    assert [across for across, _ in told] == [False, *[True] * (len(told) - 2), False]
    assert len(told) > 3
    assert "2 宽表" in told[1][1] and "3 后文" in told[-1][1]
    assert all("第11列的名称" in "".join(page.split()) for across, page in told if across), (
        "the head is repeated, and whole"
    )


def test_no_heading_is_the_last_on_a_page(tmp_path: Path) -> None:
    parts = "".join(f"#### {at} 标题\n\n{'一段正文，说明要做的事。' * (3 + at * 7 % 19)}\n\n" for at in range(1, 45))
    html = printed({"procedures/QP-1.md": f"{HEADER}## 正文\n\n{parts}"}, "QP-1")
    (outcome,) = print_all([Job("t.pdf", "T", html)], tmp_path, tmp_path, workers=1)
    assert isinstance(outcome, Printed), outcome
    pages = PdfReader(tmp_path / "t.pdf").pages
    for number in range(len(pages)):
        told = [(y, text) for text, y in placed(tmp_path / "t.pdf", number) if y > 60]  # without what runs along
        assert not re.fullmatch(r"\d+ 标题|标题", min(told)[1]), number
    assert len(pages) > 5
