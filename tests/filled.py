"""A form in every shape, and people who fill it in: with a PDF viewer, a spreadsheet program, a browser's record."""

import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
from hypothesis import strategies as st
from manuals import register
from openpyxl import load_workbook
from pikepdf import Name, String

from qmanual.checks.example import SOUND
from qmanual.model import Document, FieldType
from qmanual.office_forms.layout import lay_out
from qmanual.records import Field, Form, Slot, read_form, slots, spread
from qmanual.records.normal import written

NUMBER = "QR-8.7-01"
PATH = f"forms/{NUMBER}.md"
HEADER = f"""---
id: {NUMBER}
title: 不合格品处置单
revision: A/0
owner: 质量部
clauses: ["8.7.2"]
retention: 10 years
prepared: {{by: 李静, date: 2026-05-11}}
changes:
  - {{revision: A/0, date: 2026-05-11, by: 李静, summary: 首次发布}}
"""
LIMITS = """fields:
  处置单编号: {type: text, pattern: 'NCR-\\d{4}-\\d{3}', hint: NCR-2026-001, code: number}
  数量: {type: integer, min: 1, max: 9999, unit: 件}
  损失: {type: number, min: 0, unit: 元}
  复检日期: {type: date}
  =公差: {hint: '+-0.1'}
rules:
  - {when: {处置方式: 让步接收}, require: [顾客批准], message: 写明批准文件号}
  - {when: {结论: 不合格}, require: [说明], message: 不合格的写明情况}
---
"""
BODY = """
# 不合格品处置单

| 处置单编号* |  | 开单日期* | ____年__月__日 |
|---|---|---|---|
| 产品名称（型号）* |  | 数量* |  |
| 损失 |  | =公差 |  |
| 隔离措施 | □红色标签 □移入不合格品区 □其他：______ | 处置方式* | ○返工 ○让步接收 ○1 ○0 |
| 顾客批准 |  | 温度 | ____ ～ ____ ℃ |

## 一、描述

不合格描述：

________

________

检验员：______ 日期：____年__月__日

主管：______ 日期：____年__月__日

## 二、复检

| 序号 | 项目* | 实测值 | 结论 | 标记 | 复检日期 | 说明 |
|---|---|---|---|---|---|---|
| 1 |  |  | ○合格 ○不合格 | □A □B.1 |  |  |
| 2 |  |  | ○合格 ○不合格 | □A □B.1 |  |  |
| 3 |  |  | ○合格 ○不合格 | □A □B.1 |  |  |

| 检查项 | 结果 | 备注 |
|---|---|---|
| 外观 | □合格 □不合格 |  |
| 尺寸 | □合格 □不合格 |  |
| 功能 | □合格 □不合格 |  |
| 标识 | □合格 □不合格 |  |
"""
TEXT = HEADER + LIMITS + BODY
FILES: Mapping[str, str] = {**SOUND, PATH: TEXT}


def document(text: str = TEXT) -> Document:
    """The form of this text as a document."""
    return register({**SOUND, PATH: text}).by_id[NUMBER]


def form(text: str = TEXT) -> Form:
    """The form of this text."""
    return read_form(document(text))


SOUND_VALUES: Mapping[str, object] = {
    "number": "NCR-2026-001",
    "开单日期": "2026-05-12",
    "产品名称(型号)": "工业开关电源 CY-240",
    "数量": 12,
    "处置方式": "返工",
    "隔离措施": ["红色标签", "其他"],
    "隔离措施_其他": "划线隔离",
    "不合格描述": "外壳划伤\n长约 5 mm",
    "项目表": [{"项目": "外观", "实测值": "划伤 5 mm", "结论": "不合格", "标记": ["B.1"], "说明": "返工后复检"}],
}
"""A record that meets the form."""


# -- records of any content ----------------------------------------------------------------------------------------

_SIGNS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"])
TEXTS = st.text(st.one_of(_SIGNS, st.sampled_from("=+-@中文（）′\n ")), min_size=1, max_size=40)


def values(one: Form) -> st.SearchStrategy[dict[str, object]]:
    """Any content that can be written into the slots of a form, in its normal form."""
    return st.fixed_dictionaries({}, optional={field.key: _value(field) for field in one.fields}).map(dict)


def _value(field: Field) -> st.SearchStrategy[Any]:
    match field.type:
        case FieldType.ROWS:
            row = st.fixed_dictionaries({}, optional={column.key: _value(column) for column in field.columns})
            return st.lists(row, max_size=field.rows)
        case FieldType.CHOICE:
            return st.sets(st.sampled_from(field.options), min_size=1).map(sorted)
        case FieldType.ONE_OF:
            return st.sampled_from(field.options)
        case FieldType.DATE:
            return st.dates(date(1950, 1, 1), date(2199, 12, 31)).map(date.isoformat)
        case FieldType.INTEGER:
            return st.integers(-(10**14), 10**14)
        case FieldType.NUMBER:
            return st.decimals(-(10**9), 10**9, places=4).map(float)
        case _:
            return st.just("NCR-2026-017") if field.pattern else TEXTS


# -- people who fill in --------------------------------------------------------------------------------------------


def fill_pdf(blank: bytes, one: Form, content: Mapping[str, object]) -> bytes:
    """What a viewer leaves of a blank PDF after these values were typed and ticked."""
    with pikepdf.open(io.BytesIO(blank)) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}
        held = spread(one, content)
        for slot in slots(one):
            if slot.name in held:
                _type(fields, slot, held[slot.name])
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def _type(fields: Mapping[str, Any], slot: Slot, value: object) -> None:
    if slot.option:
        fields[slot.name].V = fields[slot.name].AS = Name.Yes
    elif slot.field.type is FieldType.ONE_OF:
        at = slot.field.options.index(str(value))
        fields[slot.name].V = fields[slot.name].Kids[at].AS = Name(f"/{at}")
    elif slot.name in fields:
        fields[slot.name].V = String(written(value).replace("\n", "\r"))
    else:
        for part, said in zip(("year", "month", "day"), str(value).split("-"), strict=True):
            fields[f"{slot.name}/{part}"].V = String(said.lstrip("0"))


def fill_xlsx(blank: bytes, one: Form, content: Mapping[str, object]) -> bytes:
    """What a spreadsheet program saves after these values were put in: dates are dates, numbers are numbers."""
    book = load_workbook(io.BytesIO(blank))
    page, held = book.worksheets[0], spread(one, content)
    for opened in lay_out(one).opened:
        value = held.get(opened.slot.name)
        if value is None:
            continue
        cell = page.cell(opened.row, opened.column)
        if opened.slot.option:
            cell.value = "√"
        elif opened.slot.field.type is FieldType.DATE:
            cell.value = date.fromisoformat(str(value))
        elif isinstance(value, (int, float)):
            cell.value = value
        else:
            text = str(value)
            cell.value, cell.data_type = "".join(_held(text)), "s"
            cell.quotePrefix = text[:1] in "=+-@"
    return saved(book)


def _held(text: str) -> list[str]:
    """What XML cannot hold, and what would be taken for that, is written `_x000B_` (ECMA-376, ST_Xstring)."""
    safe = text.replace("_x", "_x005F_x")
    return [
        sign if sign in "\t\n" or (ord(sign) > 31 and sign not in "\ufffe\uffff") else f"_x{ord(sign):04X}_"
        for sign in safe
    ]


def saved(book: Any) -> bytes:
    """A workbook as bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def place(folder: Path, name: str, data: bytes) -> Path:
    """A file with this content."""
    file = folder / name
    file.write_bytes(data)
    return file
