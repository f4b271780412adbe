"""A form's fields read off its drawing (DESIGN, "The repository": what is drawn, and which field it is)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmanual.model import FieldType, FormField
from qmanual.parse.body import read_body
from qmanual.parse.form import read_fields
from qmanual.settings import Settings
from qmanual.source import SourceFile


def fields(text: str) -> tuple[FormField, ...]:
    return read_fields(read_body(SourceFile("forms/QR-1.md", text), 0, Settings().number))


def said(text: str) -> list[str]:
    """Every field in short: `label*: type (options or columns)`."""
    return [_said(field) for field in fields(text)]


def _said(field: FormField) -> str:
    inside = "、".join(field.options) or "、".join(_said(column) for column in field.columns)
    label = "" if field.type is FieldType.ROWS else field.label
    return f"{label}{'*' if field.required else ''}: {field.type.value}{f' ({inside})' if inside else ''}"


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("产品名称：______", ["产品名称: text"]),
        ("产品名称*：______ 数量\\*：____ 件", ["产品名称*: text", "数量*: text"]),
        ("**产品名称**：______", ["产品名称: text"]),
        ("- 检验员：____\n- 日期：____年__月__日", ["检验员: text", "日期: date"]),
        ("1. 检验员： ____　日期： ____ 年 __ 月 __ 日", ["检验员: text", "日期: date"]),
        ("> 编号：____", ["编号: text"]),
        ("姓名____ 部门____", ["姓名: text", "部门: text"]),
        ("签字（盖章）：______", ["签字（盖章）: text"]),
        ("处置：□返工 □返修 □报废", ["处置: choice (返工、返修、报废)"]),
        ("结论*：○合格 ○不合格", ["结论*: one of (合格、不合格)"]),
        ("结论：○合格 ○其他：______", ["结论: one of (合格、其他)"]),
        ("结论：□合格 □不合格 备注：______", ["结论: choice (合格、不合格)", "备注: text"]),
        ("审核：______ ____年__月__日", ["审核: text", "审核日期: date"]),
        ("温度：____ ～ ____ ℃", ["温度: text"]),
        ("**不合格描述：**\n\n________\n\n________", ["不合格描述: text"]),
        ("## 二、原因分析*\n\n________", ["原因分析*: text"]),
        ("______", [": text"]),
        ("一句说明，到此为止。\n\n______", [": text"]),
        ("____年__月__日", [": date"]),
        ("没有填写项，只有 ___ 和 □", []),
        ("`名称：____` <!-- 名称：____ -->", []),
    ],
)
def test_in_running_text(drawn: str, read: list[str]) -> None:
    assert said(drawn) == read


@pytest.mark.parametrize(
    ("drawn", "read"),
    [
        ("| 供方* |  | 代码 | ____ |\n|---|---|---|---|\n", ["供方*: text", "代码: text"]),
        ("| 日期* | ____年__月__日 | 结论 | ○是 ○否 |\n|---|---|---|---|\n", ["日期*: date", "结论: one of (是、否)"]),
        ("| **原因** |  |\n|---|---|\n| 措施： |  |\n", ["原因: text", "措施: text"]),
        ("| 温度 | ____ ℃ | 湿度 | ____ ~ ____ % |\n|---|---|---|---|\n", ["温度: text", "湿度: text"]),
        ("| 审核 | ______ ____年__月__日 |\n|---|---|\n", ["审核: text", "审核日期: date"]),
        ("| 签字：____ 日期：____年__月__日 | 批准：____ |\n|---|---|\n", ["签字: text", "日期: date", "批准: text"]),
        ("| 序号 | 项目 | 结果 |\n|---|---|---|\n| 1 | | |\n| 2 | | |\n", [": rows (项目: text、结果: text)"]),
        ("| 姓名 | 部门 |\n|---|---|\n|  |  |\n", [": rows (姓名: text、部门: text)"]),
        ("| 项目* | 结果 |\n|---|---|\n| 1 | ○是 ○否 |\n", [": rows (结果: one of (是、否))"]),
        (
            "| 检查项 | 结果 | 备注 |\n|---|---|---|\n| 外观 | □合格 □不合格 |  |\n| 尺寸 | □合格 □不合格 |  |\n",
            [": rows (结果: choice (合格、不合格)、备注: text)"],
        ),
        ("| 职责 | 内容 |\n|---|---|\n| 质量部 | 审核 |\n", []),
    ],
)  # fmt: skip
def test_in_tables(drawn: str, read: list[str]) -> None:
    assert said(drawn) == read


def test_fields_come_in_reading_order() -> None:
    drawn = "甲：____\n\n| 乙 |  | 丙 | ____ 丁：____ |\n|---|---|---|---|\n| 戊 | ____ |  |  |\n\n己：____\n"
    assert [field.label for field in fields(drawn)] == ["甲", "乙", "丙", "丁", "戊", "己"]


def test_a_field_points_at_its_label() -> None:
    text = "| 供方 |  |\n|---|---|\n\n检验员*：____\n"
    spans = [(field.span.line, field.span.column, field.span.length) for field in fields(text)]
    assert spans == [(1, 3, 2), (4, 1, 3)]


DRAWINGS = st.lists(
    st.sampled_from([
        "甲", "*", "：", " ", "____", "____年__月__日", "□", "○", "是", "|", "\n", "\n\n", "|---|---|\n", "| ", "1",
        "**", "## ",
    ]),
    max_size=30,
).map("".join)  # fmt: skip


@given(DRAWINGS)
def test_any_drawing_is_read(text: str) -> None:
    for field in fields(text):
        assert not field.label.startswith((" ", "*")) and "\n" not in field.label
        line = text.split("\n")[field.span.line - 1]
        assert field.span.column + field.span.length - 1 <= max(len(line), 1)


@pytest.mark.parametrize("unit", ["_", "__ ", "□", "□a", "名：____ ", "○是 ", "| a ", "____年", "*", "a ____ "])
def test_hostile_drawings_are_read(unit: str) -> None:
    assert len(fields(unit * 50_000)) <= 50_000


def test_a_date_beside_a_name_is_told_apart_by_it() -> None:
    drawn = "审核：______ 日期：____年__月__日\n\n批准：______ 签名：______ 日期：____年__月__日\n"
    assert [field.label for field in fields(drawn)] == ["审核", "审核日期", "批准", "签名", "批准日期"]


def test_a_date_that_stands_once_keeps_its_name() -> None:
    assert [field.label for field in fields("供方：______ 日期：____年__月__日\n")] == ["供方", "日期"]
