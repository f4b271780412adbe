"""A record form's fields, read off its drawing.

What one would draw on paper is the field: a line to write on, an empty cell beside its label, boxes to tick, a table
with empty rows. `DRAWN` is also what the renderer turns into ruled blanks and boxes, so both see the same fields.
"""

import re
from collections.abc import Iterator, Sequence, Set
from typing import TypeAlias

from qmanual.model import Body, Cell, FieldType, FormField
from qmanual.parse.body import cells
from qmanual.source import SourceFile, Span

Rows: TypeAlias = tuple[tuple[Cell, ...], ...]

LINE = r"_{4,}"
DATE = r"_{2,}\s*年\s*_{1,}\s*月\s*_{1,}\s*日"
BOX = "□☐"
CIRCLE = "○◯〇"
_CHOICES = rf"(?:[{BOX}]\s?[^{BOX}{CIRCLE}\n|]{{1,60}})+|(?:[{CIRCLE}]\s?[^{BOX}{CIRCLE}\n|]{{1,60}})+"
DRAWN = re.compile(rf"(?P<date>{DATE})|(?P<line>{LINE})|(?P<choice>{_CHOICES})")

_LABEL = re.compile(r"(?P<label>[^\s：:|，,；;。□☐○◯〇_][^：:|，,；;。□☐○◯〇_\n]{0,40}?)(?P<star>\\?[*＊])?\s*[：:]\s*$")
_NUMBERED = re.compile(r"\d{0,3}[.、]?")
_LEADING = re.compile(r"^(?:[-*+>#]\s+|\d+[.、)]\s*|\**\s*)*")
_OPTION = re.compile(rf"[{BOX}{CIRCLE}]\s?([^{BOX}{CIRCLE}]+)")


def read_fields(body: Body) -> tuple[FormField, ...]:
    """Every field drawn in a form, in reading order."""
    found: list[tuple[int, FormField]] = []
    drawn = [(table, cells(body, table)) for table in body.tables]
    for table, rows in drawn:
        found += [(table.start + order, field) for order, field in enumerate(_table_fields(body.source, rows))]
    whole_cells = {cell.start for _, rows in drawn for row in rows for cell in row if DRAWN.fullmatch(cell.text)}
    found += _inline_fields(body, whole_cells)
    found.sort(key=lambda pair: pair[0])
    return tuple(field for _, field in found)


def _table_fields(source: SourceFile, rows: Rows) -> Iterator[FormField]:
    if _is_rows(rows):
        yield _rows_field(source, rows)
        return
    for number, row in enumerate(rows):
        for label, cell in _row_fields(row, rows[number - 1] if number else ()):
            place = label or cell
            yield _field(label.text if label else "", cell.text, source.span(place.start, place.end))


def _is_rows(drawn: Rows) -> bool:
    """Whether the table is for records, one a row: all headings named, below them rows of which the same cells are open."""
    heads, rows = drawn[0], drawn[1:]
    if len(heads) < 2 or not rows or not all(_is_label(cell) for cell in heads):
        return False
    numbered = [_NUMBERED.fullmatch(row[0].text) is not None for row in rows]
    opened = {tuple(_is_open(cell) for cell in row[1:]) for row in rows}
    if all(numbered):
        return any(any(pattern) for pattern in opened)
    return len(heads) > 2 and len(opened) == 1 and any(opened.copy().pop()) and not any(_is_open(row[0]) for row in rows)


def _is_open(cell: Cell) -> bool:
    return not cell.text or DRAWN.fullmatch(cell.text) is not None


def _is_label(cell: Cell) -> bool:
    return bool(cell.text) and not DRAWN.search(cell.text)


def _rows_field(source: SourceFile, drawn: Rows) -> FormField:
    heads, rows = drawn[0], drawn[1:]
    columns = []
    for at, head in enumerate(heads):
        column = [row[at] for row in rows if at < len(row)]
        if at == 0 and all(_NUMBERED.fullmatch(cell.text) for cell in column) and any(cell.text for cell in column):
            continue  # the running number is printed, not written
        if column and _is_open(column[0]):
            columns.append(_field(head.text, column[0].text, source.span(head.start, head.end)))
    return FormField(
        label="、".join(column.label for column in columns),
        type=FieldType.ROWS,
        required=False,
        span=source.span(heads[0].start, heads[0].end),
        columns=tuple(columns),
    )


def _row_fields(row: Sequence[Cell], above: Sequence[Cell]) -> Iterator[tuple[Cell | None, Cell]]:
    """The open cells of one row with their labels: the one to the left, else the one above."""
    label: Cell | None = None
    used = False
    for at, cell in enumerate(row):
        if _is_label(cell):
            label, used = cell, False
        elif _is_open(cell):
            if label is not None and not used:
                yield label, cell
                used = True
            elif label is None and at < len(above) and _is_label(above[at]):
                yield above[at], cell
            elif cell.text:
                yield None, cell


def _inline_fields(body: Body, whole_cells: Set[int]) -> Iterator[tuple[int, FormField]]:
    """Fields drawn in running text, and several in one cell: `签名：______ 日期：____年__月__日`."""
    for match in DRAWN.finditer(body.plain, body.start):
        if match.start() in whole_cells:
            continue
        span = body.source.span(match.start(), match.end())
        begin = max(body.plain.rfind("\n", 0, match.start()), body.plain.rfind("|", 0, match.start())) + 1
        before = body.plain[begin : match.start()]
        if before and before.rstrip()[-1:] and before.rstrip()[-1] in BOX + CIRCLE:
            continue
        label = _LABEL.search(before)
        if label is None and re.search(rf"[{BOX}{CIRCLE}][^{BOX}{CIRCLE}]*$", before):
            continue  # `□其他：______`: the line belongs to the choice
        if label and re.search(rf"[{BOX}{CIRCLE}]\s*$", before[: label.start()]):
            continue
        yield match.start(), _inline_field(body.source, match, label, begin, span)


def _inline_field(source: SourceFile, match: re.Match[str], label: re.Match[str] | None, begin: int, span: Span) -> FormField:
    if label is None:
        return _field("", match[0], span)
    text = _LEADING.sub("", label["label"]).strip("*  ")
    last = re.split(r"\s{2,}|　", text)[-1]
    at = source.span(begin + label.start("label"), begin + label.end("label"))
    return _field(last + ("*" if label["star"] else ""), match[0], at)


def _field(label: str, drawn: str, span: Span) -> FormField:
    """A field from its label (with `*` when required) and its drawing (empty: a text)."""
    name = label.replace("**", "").strip().rstrip("：:").strip()
    required = name.endswith(("*", "＊"))
    name = name.rstrip("*＊\\").strip()
    match = DRAWN.fullmatch(drawn) if drawn else None
    options: tuple[str, ...] = ()
    kind = FieldType.TEXT
    if match and match["date"]:
        kind = FieldType.DATE
    elif match and match["choice"]:
        kind = FieldType.CHOICE if drawn.lstrip()[0] in BOX else FieldType.ONE_OF
        options = tuple(re.sub(r"[：:]?\s*_+.*$", "", option).strip() for option in _OPTION.findall(drawn))
    return FormField(label=name, type=kind, required=required, span=span, options=options)
