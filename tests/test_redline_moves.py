"""What changed places is shown as moved, with a way from the one place to the other and with its edits."""

import re
import time

import pytest
from redlines import SAY, Made, made

from qmanual.control.redline import Change, Kind, compare_parts
from qmanual.control.redline.changes import changes
from qmanual.render.markdown import render
from qmanual.render.redline_page import ways_of
from qmanual.render.redline_read import read_blocks

LONG = "受控文件由文控专员统一编号、发放和回收，作废文件当日撤离现场。"
OTHER = "供应商每年评价一次，结果报管理者代表批准后通知采购部执行。"
THIRD = "检验设备按计划校准，超期未校准的设备不得用于产品放行检验。"


def kinds(redline: Made) -> list[tuple[str, str]]:
    assert redline.holds()
    return [(change.kind.value, change.what) for change in redline.changes]


def test_a_paragraph_that_changed_places() -> None:
    redline = made(f"{LONG}\n\n{OTHER}\n\n{THIRD}\n", f"{OTHER}\n\n{THIRD}\n\n{LONG}\n")
    assert kinds(redline) == [("moved-away", "p"), ("moved", "p")]
    assert redline.changes[0].old == redline.changes[1].new == LONG


def test_an_edit_in_a_moved_paragraph_is_an_edit() -> None:
    redline = made(f"{LONG}\n\n{OTHER}\n", f"{OTHER}\n\n{LONG.replace('当日', '两日内')}\n")
    moved = redline.changes[-1]
    assert (moved.kind, moved.old, moved.new) == (Kind.MOVED, LONG, LONG.replace("当日", "两日内"))
    inside = redline.html.split("<ins", 1)[1]
    assert "<del>当日</del><ins>两日内</ins>" in inside


@pytest.mark.parametrize("item", ["- {}\n", "1. {}\n"])
def test_a_short_item_within_its_list(item: str) -> None:
    one, two = ("".join(item.format(text) for text in order) for order in ("甲乙丙丁", "乙丙丁甲"))
    assert kinds(made(one, two)) == [("moved-away", "li"), ("moved", "li")]


def test_a_short_text_that_comes_again_elsewhere_is_not_called_moved() -> None:
    one = "## 一\n\n不适用。\n\n说明甲乙丙丁。\n\n## 二\n\n说明戊己庚辛。\n"
    two = "## 一\n\n说明甲乙丙丁。\n\n## 二\n\n说明戊己庚辛。\n\n不适用。\n"
    assert kinds(made(one, two)) == [("removed", "p"), ("added", "p")]


def test_rows_move_with_their_edits() -> None:
    head = "| 步骤 | 责任 | 记录 |\n|---|---|---|\n"
    rows = ["| 申请 | 使用部门 | 申请单 |\n", "| 评审 | 质量部经理 | 评审表 |\n", "| 批准 | 总经理 | 批准单 |\n"]
    new = head + rows[2].replace("总经理", "副总经理") + rows[0] + rows[1]
    redline = made(head + "".join(rows), new)
    assert kinds(redline) == [("moved", "tr"), ("moved-away", "tr")]
    assert "<ins>副</ins>" in redline.html


def test_a_section_moves_as_one_with_its_new_number() -> None:
    one = f"## 1 目的\n\n{LONG}\n\n## 2 职责\n\n{OTHER}\n\n- 甲\n- 乙\n\n## 3 程序\n\n{THIRD}\n"
    two = f"## 1 目的\n\n{LONG}\n\n## 2 程序\n\n{THIRD}\n\n## 3 职责\n\n{OTHER}\n\n- 甲\n- 乙\n"
    redline = made(one, two)
    assert redline.holds()
    moved = [change for change in redline.changes if change.kind is Kind.MOVED]
    assert len(moved) == 1 and {"moved", "moved-away"} <= {change.kind.value for change in redline.changes}
    assert {"removed", "added"}.isdisjoint(change.kind.value for change in redline.changes)


def test_each_place_leads_to_the_other() -> None:
    redline = made(f"# 甲\n\n{LONG}\n\n# 乙\n\n{OTHER}\n", f"# 甲\n\n# 乙\n\n{OTHER}\n\n{LONG}\n")
    links = re.findall(r'class="qm-redline-way" href="#(qm-change-\d)" data-said="([^"]*)"', redline.html)
    assert links == [("qm-change-2", "移至第 2 处：乙"), ("qm-change-1", "由第 1 处移来：甲")]
    assert all(f'id="{place}"' in redline.html for place, _ in links)


def test_a_part_that_went_to_another_chapter() -> None:
    texts = [
        (f"# 甲\n\n{LONG}\n\n{THIRD}\n", f"# 甲\n\n{THIRD}\n"),
        (f"# 乙\n\n{OTHER}\n", f"# 乙\n\n{OTHER}\n\n{LONG}\n"),
    ]
    rows = compare_parts([(read_blocks(render(old).html), read_blocks(render(new).html)) for old, new in texts])
    found: list[Change] = [change for row in rows for change in changes(row)]
    assert [change.kind.value for change in found] == ["moved-away", "moved"]
    assert {way.number for way in ways_of(found, SAY).values()} == {1, 2}


def test_a_drawing_moves_whole() -> None:
    chart = '```mermaid\nflowchart TD\n  A["提出文件更改申请"] --> B["批准更改申请并发布"]\n```\n'
    assert kinds(made(f"{chart}\n{LONG}\n\n{OTHER}\n", f"{LONG}\n\n{OTHER}\n\n{chart}")) == [
        ("moved-away", "figure"), ("moved", "figure"),
    ]  # fmt: skip


def test_everything_in_another_order_is_found_in_time() -> None:
    texts = [f"第 {at} 条：{LONG[at % 20 :]}编号 {at * 7919}" for at in range(1500)]
    started = time.process_time()
    redline = made("\n\n".join(texts), "\n\n".join([*texts[700:], *texts[:700]]))
    assert time.process_time() - started < 10
    assert redline.holds() and {change.kind for change in redline.changes} == {Kind.MOVED, Kind.LEFT}
