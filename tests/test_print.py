"""The HTML that is printed: what it says about the document, and that nothing in a document can spoil it."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import fragment_fromstring
from manuals import register

from qmanual.control.edition import Entry
from qmanual.control.status import Status
from qmanual.language import Translator
from qmanual.register import Register
from qmanual.render import columns
from qmanual.render.address import neutral
from qmanual.render.frame import standing
from qmanual.render.markdown import Rendered, render
from qmanual.render.page import css_string
from qmanual.render.print import print_html
from qmanual.render.watermark import watermark

SAY = Translator("en")

HEADER = """---
id: QP-1
title: 文件控制程序
revision: A/1
effective: 2026-06-01
owner: 质量部
departments: [生产部, 采购部]
clauses: ["7.5", "ISO 14001 7.5"]
prepared: {by: 李静, date: 2026-05-01}
approved: {by: 陈刚, date: 2026-05-20}
changes:
  - {revision: A/1, date: 2026-05-01, by: 李静, summary: 增加 <电子签批>}
---
"""
FORM = """---
id: QR-1
title: 处置单
revision: A/0
retention: 3 years
fields:
  数量: {type: integer, unit: 件}
---
# 处置单

| 编号* |  | 日期 | ____年__月__日 |
|---|---|---|---|
| 数量 |  | 处置 | ○返工 ○报废 |
| 原因描述 |  | 结论 |  |
"""


def entry(of: Register, number: str, status: Status = Status.EFFECTIVE) -> Entry:
    """The document of that number, with a status."""
    document = of.by_id[number]
    day = document.header.effective.value if document.header.effective else None
    return Entry(
        document=document, status=status, release="2026-06", said=day, starts=day, next_review=date(2027, 5, 20)
    )


def bodies(of: Register, number: str) -> dict[str, Rendered]:
    """The rendered texts of a document."""
    document = of.by_id[number]
    form = of.settings.kind(document.kind).form
    found = {}
    for body in document.bodies:
        rendered = render(body.source.text[body.start :], form=form)
        found[body.path] = Rendered(neutral(rendered.html, body, of), rendered.toc)
    return found


def printed(files: Mapping[str, str], number: str, status: Status = Status.EFFECTIVE, company: str = "示例公司") -> str:
    """The page to print of a document in a manual of these files."""
    of = register(files)
    return print_html(entry(of, number, status), bodies(of, number), company, of, SAY)


def tree(page: str) -> ElementTree.Element:
    """The page as the printer reads it."""
    return ElementTree.fromstring(page)


def words(page: str) -> str:
    """All its text, blanks made one."""
    return " ".join("".join(tree(page).itertext()).split())


def test_the_cover_says_what_the_header_says() -> None:
    text = words(printed({"procedures/QP-1.md": HEADER + "# 文件控制程序\n\n正文。\n"}, "QP-1"))
    for said in (
        "示例公司", "QP-1", "A/1", "2026-06-01", "质量部", "生产部、采购部", "ISO 9001:2015 7.5", "ISO 14001 7.5",
        "李静", "2026-05-01", "陈刚", "2026-05-20", "增加 <电子签批>", "2027-05-20", "2026-06",
    ):  # fmt: skip
        assert said in text


def test_an_approval_that_is_missing_leaves_a_field_to_sign() -> None:
    page = tree(printed({"procedures/QP-1.md": HEADER}, "QP-1"))
    signed = page.find(".//table[@class='qm-signed']")
    assert signed is not None
    rows = [["".join(cell.itertext()) for cell in row] for row in signed.iter("tr")]
    assert rows == [
        ["Approval", "Prepared", "Reviewed", "Approved"],
        ["Name", "李静", "", "陈刚"],
        ["Date", "2026-05-01", "", "2026-05-20"],
    ]


def test_the_title_stands_once() -> None:
    page = tree(printed({"procedures/QP-1.md": HEADER + "# 文件控制 程序\n\n正文。\n"}, "QP-1"))
    assert ["".join(heading.itertext()) for heading in page.iter("h1")] == ["文件控制程序"]
    page = tree(printed({"procedures/QP-1.md": HEADER + "# 别的\n\n正文。\n"}, "QP-1"))
    assert ["".join(heading.itertext()) for heading in page.iter("h1")] == ["文件控制程序", "别的"]


def test_header_and_footer() -> None:
    page = printed({"procedures/QP-1.md": HEADER}, "QP-1")
    digest = register({"procedures/QP-1.md": HEADER}).by_id["QP-1"].digest
    assert '@top-right{content:"QP\\2D 1  A\\2F 1"}' in page
    assert f"Content digest {digest.removeprefix('sha256:')[:12]}" in page
    assert 'counter(page) " of " counter(pages)' in page


@pytest.mark.parametrize(
    ("status", "said", "mark"),
    [
        (Status.DRAFT, "Draft, not approved for use", "DRAFT%20COPY"),
        (Status.APPROVED, "Not yet effective, in force from 2026-06-01", "NOT%20YET%20EFFECTIVE"),
        (Status.EFFECTIVE, "Effective from 2026-06-01", "soft/CONTROLLED"),
        (Status.SUPERSEDED, "Void, not to be used", "VOID"),
        (Status.WITHDRAWN, "Void, not to be used", "VOID"),
    ],
)
def test_every_page_says_whether_it_may_be_worked_by(status: Status, said: str, mark: str) -> None:
    of = register({"procedures/QP-1.md": HEADER})
    assert standing(entry(of, "QP-1", status), SAY) == said
    page = printed({"procedures/QP-1.md": HEADER}, "QP-1", status)
    assert re.findall(r'url\("watermark:([^"]*)"\)', page) == [mark]


def test_chapters_become_one_text_whose_links_lead_inside() -> None:
    files = {
        "manual/index.md": HEADER.replace("QP-1", "QM-01") + "# 文件控制程序\n\n[范围](01-a.md#x) [二](02-b.md)\n",
        "manual/01-a.md": "# 1 范围\n\n## 同名\n\n### 点 {#x}\n\n[上](#x) [外](../procedures/QP-2.md) [网](https://example.org/)\n",
        "manual/02-b.md": "# 2 职责\n\n## 同名\n",
        "procedures/QP-2.md": HEADER.replace("QP-1", "QP-2"),
    }
    page = tree(printed(files, "QM-01"))
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    links = [unquote(str(link.get("href"))) for link in page.iter("a") if link.get("href")]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert {"#c1-同名", "#c2-同名"} <= set(links), "the contents lead to both"
    assert "#c1-x" in links
    assert "#qm-c2-start" in links
    assert "https://example.org/" in links
    assert not any("QP-2" in link or "qmanual:" in link for link in links)
    assert page.find(".//nav[@class='qm-toc']") is not None


def test_a_short_document_has_no_contents_a_long_one_has() -> None:
    sections = "".join(f"## {number} 节\n\n{'字' * 500}\n\n" for number in range(1, 11))
    assert "qm-toc" in printed({"procedures/QP-1.md": HEADER + sections}, "QP-1")
    assert "qm-toc" not in printed({"procedures/QP-1.md": HEADER + sections.replace("字", "")}, "QP-1")


def test_a_form_keeps_its_fields_and_says_how_long_it_is_kept() -> None:
    page = printed({"forms/QR-1.md": FORM}, "QR-1")
    assert "Retention period\\3A  3 years" in page
    body = tree(page).find(".//section[@class='qm-body']")
    assert body is not None
    assert body.find(".//thead") is None, "labels and fields have no head to repeat"
    kinds = [[cell.get("class") for cell in row] for row in body.iter("tr")]
    assert kinds == [
        ["qm-label", "qm-field", "qm-label", "qm-field"],
        ["qm-label", "qm-unit", "qm-label", "qm-field"],
        ["qm-label", "qm-roomy", "qm-label", "qm-roomy"],
    ]
    ticks = ["".join(tick.itertext()) for tick in body.iter("span") if tick.get("class") == "qm-tick"]
    assert ticks == ["○返工", "○报废"], "a circle is never parted from its word"
    assert "* must be filled in" in words(page)


def test_wide_tables_and_forms_turn_the_page() -> None:
    head = "|" + "|".join(f"第{n}栏的长名称与说明" for n in range(8)) + "|\n|" + "---|" * 8 + "\n|" + "1|" * 8 + "\n"
    page = printed({"procedures/QP-1.md": HEADER + f"## 1 节\n\n{head}\n后文\n"}, "QP-1")
    wide = tree(page).find(".//div[@class='qm-wide']")
    assert wide is not None
    assert [child.tag for child in wide] == ["h2", "div"], "the heading goes with its table"
    narrow = re.sub("第(.)栏[^|]*", r"\1", head)
    assert "qm-wide" not in printed({"procedures/QP-1.md": HEADER + narrow}, "QP-1")
    form = FORM + "\n| 序号 | a | b | c | d | e | f | g |\n|---|---|---|---|---|---|---|---|\n| 1 | | | | | | | |\n"
    assert 'class="qm-form qm-across ' in printed({"forms/QR-1.md": form}, "QR-1")
    assert 'class="qm-form qm-look-standard"' in printed({"forms/QR-1.md": FORM}, "QR-1")


def test_columns_are_as_wide_as_their_text_asks() -> None:
    rows = "".join(f"<tr><td>{n}</td><td>{'长' * 60}</td><td>采购部</td></tr>" for n in range(3))
    table = fragment_fromstring(f"<table><tr><th>号</th><th>内容</th><th>部门</th></tr>{rows}</table>")
    grid = columns.grid(table)
    assert grid is not None
    shares = columns.widths(columns.measure(grid, False), 50.8)
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert shares[0] < 5 < shares[2] < 10 < shares[1]


@given(st.lists(st.tuples(*[st.floats(0, 60)] * 3), min_size=1, max_size=220))
def test_any_columns_share_the_whole_width(asked: list[tuple[float, float, float]]) -> None:
    found = [columns.Column(least=min(a, b), most=max(a, b), area=c, grows=b) for a, b, c in asked]
    shares = columns.widths(found, 50.8)
    assert len(shares) == len(found)
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert min(shares) > 0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_the_page(title: str, text: str) -> None:
    of = register({"procedures/QP-1.md": HEADER})
    one = entry(of, "QP-1")
    header = one.document.header
    assert header.title is not None
    named = replace(one.document, header=replace(header, title=replace(header.title, value=title)))
    page = print_html(replace(one, document=named), {"procedures/QP-1.md": render(text)}, text, of, SAY)
    assert tree(page).tag == "html"
    assert tree(page).find("head/style") is not None


@given(st.text())
def test_a_css_string_holds_any_text(text: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\\n<&]|\\[0-9A-F]+ )*"', css_string(text))


def test_hostile_markup_does_not_reach_the_printer() -> None:
    hostile = """<base href="http://example.org/"><link rel="attachment" href="file:///etc/passwd"><style>p{display:none}</style>
<script>alert(1)</script><object data="file:///etc/passwd"></object>

<p @click="x" 1bad="y">正文</p> <!-- 注释 --> <?pi?>
"""
    page = printed({"procedures/QP-1.md": HEADER + hostile}, "QP-1")
    tags = {element.tag for element in tree(page).iter()}
    assert not tags & {"base", "link", "script", "object"}
    assert len(list(tree(page).iter("style"))) == 1
    assert "正文" in words(page)
    assert "注释" not in page


def test_the_watermark_is_a_drawing_of_any_word() -> None:
    assert "草稿" in watermark("草稿")
    assert ElementTree.fromstring(watermark("<&>")).tag.endswith("svg")


def test_the_same_input_gives_the_same_text() -> None:
    chart = '```mermaid\nflowchart TD\n  A["甲"] --> B["乙"]\n```\n'
    files = {"procedures/QP-1.md": HEADER + chart, "forms/QR-1.md": FORM}
    assert printed(files, "QP-1") == printed(files, "QP-1")
    assert "<svg" in printed(files, "QP-1")
