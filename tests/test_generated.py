"""What is printed at the markers: that it says what the data says, holds no markup of others, and always ends."""

import re
import time
from dataclasses import replace
from xml.etree import ElementTree as etree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manuals import register
from test_tables import FORM, PROCEDURE, document, manual

from qmanual.language import Translator
from qmanual.markers import MARKERS
from qmanual.model import Organization
from qmanual.parse.organization import read_organization
from qmanual.register import Register
from qmanual.render.drawing import FONT, WIDTH, measure, wrap
from qmanual.render.gate import forbidden
from qmanual.render.generated import fill_markers
from qmanual.render.lists import records_of
from qmanual.render.organization import organization_chart, superiors
from qmanual.render.period import spoken
from qmanual.render.process import connections, in_order, process_map
from qmanual.source import SourceFile
from qmanual.standards import Library

SAY = Translator("en")

COMPANY = """company: {name: 示例公司}
departments:
  - {name: 总经理办公室, head: 陈刚}
  - {name: 质量部, head: 李静, parent: 总经理办公室}
  - {name: 生产部, head: 赵明, parent: 总经理办公室}
  - {name: 采购部, parent: 总经理办公室}
processes:
  - {name: 策划, type: management, owner: 总经理办公室, next: [销售, 改进]}
  - {name: 改进, type: management, owner: 质量部, next: [策划]}
  - {name: 制造, type: core, owner: 生产部, next: [交付, 销售]}
  - {name: 交付, type: core, next: [改进]}
  - {name: 销售, type: core, owner: 销售部, next: [制造, 交付]}
  - {name: 培训, type: support, owner: 人事部, next: [制造, 策划]}
"""


def company(text: str) -> Organization:
    """The company of this YAML."""
    return read_organization(SourceFile("manual/organization.yml", text))


def filled(marker: str, of: Register) -> str:
    """What is printed at a marker."""
    return fill_markers(f"<!-- qmanual: {marker} -->", of, SAY)


def texts(figure: str) -> list[str]:
    """The lines of text of a drawing."""
    drawn = figure.partition("</figure>")[0] + "</figure>"
    found = [element for element in etree.fromstring(drawn).iter() if element.tag.endswith("}text")]
    return [element.text or "" for element in found]


def departments(count: int, parent: str = "") -> str:
    """So many departments as YAML."""
    above = f", parent: {parent}" if parent else ""
    return "".join(f"  - {{name: 部门{n}, head: 某{n}{above}}}\n" for n in range(count))


class TestMarkers:
    @pytest.mark.parametrize("spelling", [s for name, others in MARKERS.items() for s in (name, *others)])
    def test_every_spelling_is_filled(self, spelling: str) -> None:
        of = manual(PROCEDURE, FORM, organization=COMPANY)
        assert "<!--" not in filled(spelling, of)
        assert forbidden(filled(spelling, of)) is None

    def test_the_rest_of_the_text_stays(self) -> None:
        text = "<p>a</p>\n<p><!-- qmanual: 程序文件清单 --></p>\n<p>b <!-- no marker --></p>"
        found = fill_markers(text, manual(PROCEDURE), SAY)
        assert found.startswith('<p>a</p>\n<div class="qm-table"')
        assert found.endswith("</div>\n<p>b <!-- no marker --></p>")

    def test_an_unknown_marker_stays_a_comment(self) -> None:
        assert filled("年历", manual()) == "<!-- qmanual: 年历 -->"

    def test_many_open_comments_take_no_time(self) -> None:
        start = time.process_time()
        fill_markers("<!-- qmanual: " * 20_000, manual(), SAY)
        fill_markers("<p> " * 20_000, manual(), SAY)
        assert time.process_time() - start < 2

    @pytest.mark.parametrize("name", [*MARKERS])
    def test_an_empty_manual_says_what_to_add(self, name: str) -> None:
        of = replace(register({}), standards=Library())
        assert filled(name, of).startswith('<p class="qm-empty">')


class TestOrganizationChart:
    def test_names_and_heads_stand_in_the_boxes(self) -> None:
        found = texts(organization_chart(company(COMPANY), SAY))
        assert found[-2:] == ["总经理办公室", "陈刚"]
        assert {"质量部", "李静", "采购部"} < set(found)

    def test_several_top_departments_stand_under_the_company(self) -> None:
        text = "company: {name: 示例有限公司, short: 示例}\ndepartments:\n  - {name: 甲}\n  - {name: 乙}\n"
        assert texts(organization_chart(company(text), SAY)) == ["甲", "乙", "示例"]

    def test_circles_of_parents_are_opened_at_the_first(self) -> None:
        text = "departments:\n  - {name: 甲, parent: 丙}\n  - {name: 乙, parent: 甲}\n  - {name: 丙, parent: 乙}\n"
        assert superiors(company(text)) == {"甲": None, "乙": "甲", "丙": "乙"}
        assert set(texts(organization_chart(company(text), SAY))) == {"甲", "乙", "丙"}

    def test_its_own_parent_and_an_unknown_one(self) -> None:
        text = "departments:\n  - {name: 甲, parent: 甲}\n  - {name: 乙, parent: 无}\n"
        assert superiors(company(text)) == {"甲": None, "乙": None}

    def test_names_are_text(self) -> None:
        text = "departments:\n  - {name: '<script>alert(1)</script>', head: '\"&<b>'}\n"
        figure = organization_chart(company(text), SAY)
        assert "<script" not in figure and "<b>" not in figure
        assert "".join(texts(figure)).replace(" ", "") == '<script>alert(1)</script>"&<b>'

    @pytest.mark.parametrize("count", [1, 2, 8, 12, 20, 40])
    def test_every_drawing_fits_the_page(self, count: int) -> None:
        figure = organization_chart(company("departments:\n  - {name: 总部}\n" + departments(count, "总部")), SAY)
        if "<svg" in figure:
            root = etree.fromstring(figure)[0]
            assert float(root.get("width", "")) <= WIDTH
            for rect in (one for one in root.iter() if one.tag.endswith("}rect")):
                assert 0 <= float(rect.get("x", "")) <= float(root.get("width", "")) - float(rect.get("width", ""))
                assert float(rect.get("y", "")) + float(rect.get("height", "")) <= float(root.get("height", ""))
        assert all(f"部门{n}" in re.sub(r"</text><text[^>]*>", "", figure) for n in range(count))

    def test_boxes_do_not_overlap(self) -> None:
        centres = "".join(f"  - {{name: 中心{a}, parent: 总部}}\n" for a in range(5))
        offices = "".join(f"  - {{name: 科室{a}{b}, parent: 中心{a}}}\n" for a in range(5) for b in range(a))
        text = "departments:\n  - {name: 总部}\n" + centres + offices
        root = etree.fromstring(organization_chart(company(text), SAY))[0]
        boxes = [
            tuple(float(one.get(key, "")) for key in ("x", "y", "width", "height"))
            for one in root.iter()
            if one.tag.endswith("}rect")
        ]
        for at, (x, y, w, h) in enumerate(boxes):
            for x2, y2, w2, h2 in boxes[at + 1 :]:
                assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y

    @pytest.mark.parametrize("chain", [False, True])
    def test_ten_thousand_departments_are_a_table(self, chain: bool) -> None:
        lines = [f"  - {{name: 部{n}" + (f", parent: 部{n - 1}" if chain and n else "") + "}\n" for n in range(10_000)]
        of = company("departments:\n" + "".join(lines)[:240_000].rpartition("\n")[0] + "\n")
        start = time.process_time()
        found = organization_chart(of, SAY)
        assert time.process_time() - start < 5
        assert found.count("<tr>") == len(of.departments) + 1 > 5000

    def test_a_deep_chain_is_a_table(self) -> None:
        lines = [f"  - {{name: 部{n}" + (f", parent: 部{n - 1}" if n else "") + "}\n" for n in range(70)]
        assert "<svg" not in organization_chart(company("departments:\n" + "".join(lines)), SAY)


class TestProcessMap:
    def test_three_fields_with_owners(self) -> None:
        found = texts(process_map(company(COMPANY), SAY))
        assert {"Management", "Core", "Support", "Customer requirements", "Customer satisfaction"} < set(found)
        assert {"销售", "销售部", "培训", "人事部"} < set(found)

    def test_core_processes_stand_in_their_order(self) -> None:
        core = [process for process in company(COMPANY).processes if process.type == "core"]
        assert [process.name.value for process in in_order(core)] == ["制造", "销售", "交付"]  # a circle
        line = company(
            "processes:\n  - {name: 丙}\n  - {name: 甲, next: [乙]}\n  - {name: 乙, next: [丙, 无, 乙]}\n"
        ).processes
        assert [process.name.value for process in in_order(line)] == ["甲", "乙", "丙"]
        assert connections(line) == (("甲", "乙"), ("乙", "丙"))

    def test_every_connection_ends_in_an_arrow_or_a_sentence(self) -> None:
        found = process_map(company(COMPANY), SAY)
        of = company(COMPANY)
        beyond = found.count("培训 → 策划</p>")
        assert beyond == 1
        assert found.count("qm-head") == len(connections(of.processes)) - beyond + 2  # from and to the customer

    @pytest.mark.parametrize("types", [["core"], ["management"], ["support"], ["management", "support"]])
    def test_missing_fields(self, types: list[str]) -> None:
        lines = [f"  - {{name: 过程{n}{name}, type: {name}, next: [过程0core]}}\n" for n in range(3) for name in types]
        found = process_map(company("processes:\n" + "".join(lines)), SAY)
        assert found.count('class="qm-strip') == len(types)
        assert ("Customer requirements" in found) == ("core" in types)

    @pytest.mark.parametrize("count", [12, 5000])
    def test_too_many_processes_are_a_table(self, count: int) -> None:
        lines = [f"  - {{name: 程{n}, next: [程{n + 1}]}}\n" for n in range(count)]
        found = process_map(company("processes:\n" + "".join(lines)), SAY)
        assert "<svg" not in found and found.count("<tr>") == count + 1

    def test_words_too_long_for_a_box_are_a_table(self) -> None:
        assert "<svg" not in process_map(company(f"processes:\n  - {{name: {'W' * 60}}}\n"), SAY)

    def test_names_are_text(self) -> None:
        figure = process_map(company("processes:\n  - {name: '<i>x</i>', owner: '\"<'}\n"), SAY)
        assert "<i>" not in figure
        etree.fromstring(figure)

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_uprights_of_a_map_never_lie_on_each_other(self, data: st.DataObject) -> None:
        names = [f"程{n}" for n in range(data.draw(st.integers(1, 12)))]
        lines = [
            f"  - {{name: {name}, type: {data.draw(st.sampled_from(['management', 'core', 'support']))}, "
            f"next: [{', '.join(data.draw(st.lists(st.sampled_from(names), max_size=4)))}]}}\n"
            for name in names
        ]
        found = process_map(company("processes:\n" + "".join(lines)), SAY)
        if "<svg" not in found:
            return
        uprights: dict[str, list[tuple[float, float]]] = {}
        for x, a, x2, b in re.findall(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', found):
            if x == x2:
                low, high = sorted((float(a), float(b)))
                assert all(high <= c or d <= low for c, d in uprights.get(x, ()))
                uprights.setdefault(x, []).append((low, high))


class TestMatrices:
    def test_responsibilities(self) -> None:
        found = filled("职能分配表", manual(PROCEDURE, organization=COMPANY))
        line = re.search(r"<tr>(?:(?!</tr>).)*>8\.4</a>.*?</tr>", found)
        assert line is not None
        cells = re.findall(r'<td class="qm-mark">(.*?)</td>', line[0])
        assert [re.sub("<.*?>", "", cell) for cell in cells] == ["", "○", "", "●"]
        assert 'href="qmanual:clause/iso-9001-2015/8.4"' in line[0]

    def test_what_does_not_apply_says_why(self) -> None:
        text = COMPANY + "exclusions:\n  - {clause: '8.3', reason: '不做<设计>'}\n"
        for marker in ("职能分配表", "条款对照表"):
            assert "Not applicable: 不做&lt;设计&gt;" in filled(marker, manual(organization=text))

    def test_many_departments_go_into_several_tables(self) -> None:
        of = manual(PROCEDURE, organization="departments:\n" + departments(30), settings="")
        assert filled("职能分配表", of).count("<table") == 3

    def test_ten_thousand_departments_do_not_hang(self) -> None:
        headers = (", ".join(f"科{n}" for n in range(start, start + 500)) for start in range(0, 10_000, 500))
        many = [document(f"QP-{at}-01", f"title: 甲\nowner: 质量部\ndepartments: [{names}]\nclauses: ['8.4']")
                for at, names in enumerate(headers, 1)]  # fmt: skip
        start = time.process_time()
        found = filled("职能分配表", manual(*many))
        assert time.process_time() - start < 20
        assert found.count("○") == 10_001

    def test_clauses_name_their_documents(self) -> None:
        found = filled("条款对照表", manual(PROCEDURE, FORM))
        assert 'href="qmanual:page/procedures/QP-8.4-01.md" title="采购程序">QP-8.4-01 采购程序</a><' in found
        assert found.count("<table") == 2  # a standard each
        assert "see the clauses below" not in found
        assert "see the clauses below" in filled("条款对照表", manual(FORM))  # of 8.4, for it names 8.4.1

    def test_titles_are_text(self) -> None:
        hostile = document("QP-8.4-02", "title: '<img src=x onerror=alert(1)> \"|'\nowner: '<b>'\nclauses: ['8.4']")
        of = manual(hostile)
        for name in MARKERS:
            assert "<img" not in filled(name, of) and "<b>" not in filled(name, of)
            assert forbidden(filled(name, of)) is None


class TestLists:
    def test_procedures(self) -> None:
        found = filled("程序文件清单", manual(PROCEDURE, FORM))
        assert found.count("<tr>") == 2
        assert 'href="qmanual:clause/iso-14001-2015/8.1">ISO 14001:2015 8.1</a>, ISO 45001 8.1' in found
        assert "A/1" not in found  # a new revision of a procedure must not change the manual

    def test_forms_with_who_lists_them_as_records(self) -> None:
        listing = document("QP-8.4-01", "title: 采购程序", "## 7 相关记录\n\n- QR-8.4-01\n\n## 8 附录\n\nQR-9.1-01")
        naming = document("QP-8.6-01", "title: 检验程序", "## 5 程序\n\n填写 QR-8.4-01。")
        form = document("QR-8.4-01", "title: 供方评价表\nretention: 3 years")
        other = document("QR-9.1-01", "title: 调查表\nretention: permanent")
        found = filled("记录表单清单", manual(listing, naming, form, other))
        first, second = re.findall(r"<tr>(?!<th)(.*?)</tr>", found)
        assert ">QP-8.4-01</a>" in first and "QP-8.6-01" not in first and "3 years" in first
        assert ">QP-8.4-01</a>" in second and "permanent" in second

    def test_records_of_a_document(self) -> None:
        text = "## 1 目的\n\nQR-1-01\n\n## 相关记录\n\nQR-2-01\n\n### 更多\n\nQR-3-01\n\n## 其他\n\nQR-4-01"
        found = manual(document("QP-7.5-01", "title: 记录控制程序", text)).documents[0]
        assert records_of(found) == {"QR-2-01", "QR-3-01"}


class TestText:
    @pytest.mark.parametrize(
        ("text", "said"),
        [("5 years", "5 years"), ("1年", "1 year"), ("12个月", "12 months"), ("1 m", "1 month"), ("永久", "permanent"),
         ("产品寿命期加 5 年", "产品寿命期加 5 年")],
    )  # fmt: skip
    def test_periods(self, text: str, said: str) -> None:
        assert spoken(text, SAY) == said

    @pytest.mark.parametrize(
        ("text", "limit", "lines"),
        [
            ("人力资源部", 5, ("人力资源部",)),
            ("人力资源部", 4, ("人力资", "源部")),
            ("总经理办公室", 4, ("总经理", "办公室")),
            ("Research and Development", 8, ("Research and", "Development")),
            ("采购，物流", 2, ("采", "购，", "物流")),
            ("", 4, ("",)),
        ],
    )
    def test_lines_are_even(self, text: str, limit: int, lines: tuple[str, ...]) -> None:
        assert wrap(text, limit * FONT) == lines

    @given(st.text(), st.integers(1, 20))
    def test_nothing_is_lost(self, text: str, limit: int) -> None:
        assert "".join("".join(wrap(text, limit * FONT)).split()) == "".join(text.split())

    @given(st.text(alphabet="质量部生产", min_size=1), st.integers(1, 20))
    def test_chinese_always_fits(self, text: str, limit: int) -> None:
        assert all(measure(line) <= limit * FONT for line in wrap(text, limit * FONT))
