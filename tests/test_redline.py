"""The redline reads as an editor would have written it, and shows what others would overlook."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redlines import made, of_html, projected

from qmanual.control.redline import Piece, Side
from qmanual.control.redline.align import align
from qmanual.control.redline.hidden import doubtful, is_hidden, is_impostor, spelled
from qmanual.control.redline.model import Effort, Stretch
from qmanual.control.redline.words import Binding, compare_text

MANUAL = "质量部负责质量检查，质检科配合检查，供应商提供报告。" * 4


def words(old: str, new: str) -> str:
    found = compare_text([Piece(old)], [Piece(new)], Effort(), Binding((MANUAL, old, new)))
    return "".join(_bracketed(stretch) for stretch in found)


def _bracketed(stretch: Stretch) -> str:
    form = {Side.BOTH: "{}", Side.OLD: "[-{}-]", Side.NEW: "{{+{}+}}"}[stretch.side]
    return form.format(stretch.text)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("归口部门 3 个工作日内答复", "归口部门 5 个工作日内书面答复", "归口部门 [-3-]{+5+} 个工作日内{+书面+}答复"),
        ("见 QR-7.5-01。", "见 QR-7.5-03。", "见 [-QR-7.5-01-]{+QR-7.5-03+}。"),
        ("由质量部审核", "由质检部审核", "由[-质量部-]{+质检部+}审核"),
        ("审核总经理办公室和质量部的文件", "审核总经理办公室的文件", "审核总经理办公室[-和质量部-]的文件"),
        ("保证由谁编制、审核、批准", "保证由谁编制、会签、批准", "保证由谁编制、[-审核-]{+会签+}、批准"),
        ("只作当日参考，不得放在工位。", "只作当日参考。", "只作当日参考[-，不得放在工位-]。"),
        ("每年一次", "每年一次。超期的报告。", "每年一次{+。超期的报告。+}"),
        ("The quality team", "The Quality team", "The [-quality-]{+Quality+} team"),
        ("温度为 20 ℃", "温度为 20 ℃", "温度为 20 ℃"),
        ("", "新", "{+新+}"),
        ("完全不同的一句话在这里", "另写 abc 十二点", "[-完全不同的一句话在这里-]{+另写 abc 十二点+}"),
    ],
)
def test_words(old: str, new: str, shown: str) -> None:
    assert words(old, new) == shown


@given(st.text(alphabet="甲乙质量a1 。，-"), st.text(alphabet="甲乙质量a1 。，-"))
def test_both_texts_are_in_the_words(old: str, new: str) -> None:
    found = compare_text([Piece(old)], [Piece(new)], Effort(), Binding((old, new)))
    assert "".join(one.text for one in found if one.side is not Side.NEW) == old
    assert "".join(one.text for one in found if one.side is not Side.OLD) == new


@given(st.lists(st.sampled_from("abcde"), max_size=30), st.lists(st.sampled_from("abcde"), max_size=30))
def test_every_item_is_aligned_once_in_order(old: list[str], new: list[str]) -> None:
    pairs = align(old, new, (lambda one: one,), lambda a, b: 0.5 if a < b else 0.0, Effort())
    assert [a for a, _ in pairs if a is not None] == old
    assert [b for _, b in pairs if b is not None] == new


def test_without_effort_left_the_result_is_coarse_and_complete() -> None:
    found = compare_text([Piece("由质量部审核。")], [Piece("由质检部审核。")], Effort(0), Binding())
    assert "".join(one.text for one in found if one.side is not Side.NEW) == "由质量部审核。"


# -- blocks ------------------------------------------------------------------------------------------------------


def said(old: str, new: str, *, form: bool = False) -> list[tuple[str, str, str, str]]:
    redline = made(old, new, form=form)
    assert redline.holds()
    return [(change.kind.value, change.what, change.old, change.new) for change in redline.changes]


def test_a_removed_list_item_is_never_shown_as_unchanged() -> None:
    old, new = "- 甲项\n- 乙项\n- 丙项\n", "- 甲项\n- 丙项\n"
    assert said(old, new) == [("removed", "li", "乙项", "")]
    assert '<li data-redline="del"' in made(old, new).html


def test_nested_items_and_renumbered_lists() -> None:
    old = "1. 甲\n    - 子项一\n    - 子项二\n2. 乙\n"
    new = "1. 甲\n    - 子项一\n    - 子项三号\n    - 子项二\n2. 乙\n"
    assert said(old, new) == [("added", "li", "", "子项三号")]


def test_a_new_column_is_one_change_and_rows_are_found_again() -> None:
    old = "| 步骤 | 责任 |\n|---|---|\n| 申请 | 甲部 |\n| 审核 | 乙部 |\n"
    new = "| 步骤 | 责任 | 记录 |\n|---|---|---|\n| 申请 | 甲部 | QR-1 |\n| 审核 | 丁部 | QR-2 |\n| 批准 | 丙 | QR |\n"
    kinds = [(kind, what) for kind, what, _, _ in said(old, new)]
    assert kinds == [("added", "column"), ("changed", "tr"), ("added", "tr")]


def test_a_row_taken_out_of_the_middle() -> None:
    rows = [f"| {at} | 检查项目{at} | 合格 |" for at in range(1, 9)]
    head = ["| 号 | 项目 | 判定 |", "|---|---|---|"]
    old, new = "\n".join([*head, *rows]), "\n".join([*head, *rows[:3], *rows[4:]])
    assert said(old, new) == [("removed", "tr", "4 | 检查项目4 | 合格", "")]


def test_a_table_with_spans_is_compared_cell_by_cell() -> None:
    table = '<table><tbody><tr><td colspan="2">甲</td></tr><tr><td>{}</td><td>2</td></tr></tbody></table>'
    redline = of_html(table.format("一"), table.format("二"))
    assert redline.holds()
    assert [change.what for change in redline.changes] == ["tr"]


def test_a_heading_of_another_level_is_a_change() -> None:
    assert said("## 目的\n\n正文。", "### 目的\n\n正文。") == [("changed", "h3", "目的", "目的")]


def test_where_a_change_stands_is_told_by_the_new_headings() -> None:
    redline = made("# 甲\n\n## 一\n\n旧的一段话。\n", "# 甲\n\n## 一\n\n新的一段话。\n")
    assert [change.where for change in redline.changes] == [("甲", "一")]


def test_format_and_targets_are_changes_with_a_note() -> None:
    html = made("**不得**放行，见 [表](a.md)。", "不得放行，见 [表](b.md)。").html
    assert 'data-note="加粗"' in html and 'data-note="a.md"' in html and 'data-note="b.md"' in html


def test_code_keeps_its_blanks() -> None:
    assert said("```\na  b\n c\n```", "```\na b\n c\n```") != []


def test_drawn_form_fields_are_compared() -> None:
    assert said("数量：______\n", "数量：____年__月__日\n", form=True) != []
    assert said("结论：□返工 □报废\n", "结论：□返工 □返修 □报废\n", form=True)[0][0] == "changed"


def test_pictures_are_known_by_their_content() -> None:
    old, new = '<p><img src="qmanual:file/a.png" alt="图"></p>', '<p><img src="qmanual:file/b.png" alt="图"></p>'
    assert of_html(old, new, {"a.png": "1", "b.png": "1"}).changes == ()
    assert len(of_html(old, new, {"a.png": "1", "b.png": "2"}).changes) == 1


def test_flowcharts_stand_side_by_side() -> None:
    old = "```mermaid\nflowchart TD\n  A[申请] --> B[批准]\n```\n"
    html = made(old, old.replace("批准", "审核")).html
    assert 'data-redline="pair"' in html and html.count("<svg") == 2
    assert said(old, old.replace("批准", "审核"))[0][:2] == ("changed", "figure")


# -- what others overlook ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("型号 Rev", "型号 R\u0435v", "U+0435 CYRILLIC SMALL LETTER IE"),
        ("公差 10", "公差 1\uff10", "U+FF10 FULLWIDTH DIGIT ZERO"),
        ("不合格", "不\u200b合格", "U+200B ZERO WIDTH SPACE"),
        ("付款 100", "付款 \u202e100", "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("一级", "\u2f00级", "U+2F00 KANGXI RADICAL ONE"),
        ("A B", "A\u00a0B", "U+00A0 NO-BREAK SPACE"),
        ("上海 交货", "上海交货", "␣"),
        ("甲-乙", "甲\u2010乙", "U+2010 HYPHEN"),
        ("caf\u00e9", "cafe\u0301", "U+0301 COMBINING ACUTE ACCENT"),
        ("甲乙", "甲\x01乙", "U+0001"),
        ("甲乙", "甲\U000e0041乙", "U+E0041 TAG LATIN CAPITAL LETTER A"),
    ],
)
def test_what_is_not_seen_is_named(old: str, new: str, named: str) -> None:
    redline = made(old, new)
    assert redline.holds()
    assert f'data-char="{named}"' in redline.html


def test_hidden_characters_are_named_where_nothing_changed_too() -> None:
    text = "首段\u202e文字。\n\n"
    assert "U+202E" in made(text + "旧。", text + "新。").html.split("</p>")[0]


def test_what_chinese_and_engineers_write_needs_no_name() -> None:
    fine = "二〇二六年第三季度，Ⅲ级（含①②）：Ω、μm、±0.5℃、≥3.5 mm、“A/1”——完。"
    assert not any(is_hidden(one) or is_impostor(one) for one in fine)
    assert doubtful(fine, "") == (frozenset(), frozenset())
    assert spelled(fine) == fine


@pytest.mark.parametrize(
    ("old", "new", "noted"),
    [
        ("<p>甲</p>", '<p style="display:none">甲</p>', "style=display:none"),
        ("<p>甲</p>", "<p hidden>甲</p>", "hidden="),
        ("<p>甲乙</p>", '<p><span style="color:#fff">甲乙</span></p>', "style=color:#fff"),
        ("<p>甲</p>", '<p class="md-hidden">甲</p>', 'data-attributes="class=md-hidden"'),
    ],
)
def test_nothing_hides_a_text_from_the_redline(old: str, new: str, noted: str) -> None:
    redline = of_html(old, new)
    assert redline.holds()
    assert noted in redline.html
    assert not re.search(r'\sstyle="(?!text-align|min-width)|\shidden[=\s>]|\sclass="md-', redline.html)


def test_head_cells_keep_what_they_are_the_head_of() -> None:
    """A screen reader is told; whether a cell says so is no change of the text."""
    old, new = (f"<table><tr><th{scope}>4</th><td>组织环境</td></tr></table>" for scope in ("", ' scope="rowgroup"'))
    assert 'scope="rowgroup"' in of_html(new, new).html
    assert of_html(old, new).changes == ()


def test_a_closed_detail_is_open() -> None:
    assert "<details open" in of_html("<details><summary>甲</summary><p>乙</p></details>", "<p>丙</p>").html


def test_a_document_cannot_pass_its_own_marks_for_ours() -> None:
    redline = of_html(
        "<p>甲</p>", '<p><del>甲</del> <ins>乙</ins> <b class="qm-char" data-char="X" data-redline="del">丙</b></p>'
    )
    assert redline.holds()
    assert "<s>" in redline.html and "<u>" in redline.html
    assert "丙" in projected(redline.html, "new") and 'data-char="X"' not in redline.html


def test_a_drawing_that_acts_is_not_drawn() -> None:
    assert "<svg" not in of_html("<p>甲</p>", "<p>乙<svg><script>alert(1)</script></svg></p>").html


def test_links_of_the_old_text_lead_nowhere() -> None:
    html = of_html('<p><a href="qmanual:page/a.md">甲</a></p>', '<p><a href="javascript:x">乙</a></p>').html
    assert 'data-href="qmanual:page/a.md"' in html and 'data-href="javascript:x"' in html and " href=" not in html


def test_a_line_broken_elsewhere_is_no_change() -> None:
    assert said("第一行，\n第二行。", "第一行，第二行。") == []
    assert said("one\ntwo", "one two") == []
