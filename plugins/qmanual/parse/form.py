"""A record form's fields, read off its drawing.

What one would draw on paper is the field: a line to write on, an empty cell beside its label, boxes to tick, a table
with empty rows. `DRAWN` is also what the renderer turns into ruled blanks and boxes, so both see the same fields.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from qmanual.model import Body, Cell, FieldType, FormField
from qmanual.parse.body import cells
from qmanual.source import SourceFile, Span

Rows: TypeAlias = tuple[tuple[Cell, ...], ...]

_BESIDE_A_NAME = frozenset({"日期", "时间", "签名", "签字", "签章", "盖章", "date", "Date", "signature", "Signature"})
"""Labels that say what of the field before them in the row: its date, its signature."""

LINE = r"_{4,}"
DATE = r"_{2,}\s*年\s*_{1,}\s*月\s*_{1,}\s*日"
BOX = "□☐"
CIRCLE = "○◯〇"
_NEXT = rf"\s[^\s：:_{BOX}{CIRCLE}]{{1,20}}[：:]\s?__"  # another field's label and line: `□合格 □不合格 备注：____`
_TEXT = rf"(?:(?!{_NEXT})[^{BOX}{CIRCLE}\n|]){{1,60}}"
_CHOICES = rf"(?:[{BOX}]\s?{_TEXT})+|(?:[{CIRCLE}]\s?{_TEXT})+"
DRAWN = re.compile(rf"(?P<date>{DATE})|(?P<line>{LINE})|(?P<choice>{_CHOICES})")

_WRITTEN = frozenset({FieldType.TEXT, FieldType.DATE})
_AROUND = 200
"""How far before a drawing its label may begin, in characters."""
_SIGNS = rf"\s：:|，,；;。_*＊{BOX}{CIRCLE}"
_LABEL = re.compile(
    rf"(?P<label>[^{_SIGNS}](?:[^：:|，,；;。_\n{BOX}{CIRCLE}]{{0,40}}?))(?P<star>\\?[*＊])?\s*[：:]\s*$"
    rf"|(?P<bare>[^{_SIGNS}]{{0,20}}[\w）)])(?P<bare_star>\\?[*＊])?\s*$"
)
_ABOVE = re.compile(
    rf"(?P<mark>(?:[#>*+-]+\s+|\*\*|\d+[.、)]\s*)*)(?P<label>[^：:|\n_{BOX}{CIRCLE}]{{1,40}}?)"
    r"(?P<star>\\?[*＊])?(?P<end>\s*(?:\*\*|[：:]|\s)*)"
)
_UNIT = re.compile(rf"[^：:{BOX}{CIRCLE}]{{0,8}}")
_NUMBERED = re.compile(r"\d{0,3}[.、]?")
_LEADING = re.compile(r"^(?:[-*+>#]\s+|\d+[.、)]\s*|\**\s*)*")
_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*[.、]?\s+|[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.]\s*)")
_LINED = re.compile(r"[：:]?\s*_+.*$")
_OPTION = re.compile(rf"[{BOX}{CIRCLE}]\s?([^{BOX}{CIRCLE}]+)")


@dataclass(frozen=True, slots=True)
class Area:
    """A piece of the file that belongs to a field. Of rows: `row` counts from 1, `column` is that of the grid."""

    start: int
    end: int
    row: int = 0
    column: int = 0


@dataclass(slots=True)
class Drawn:
    """A field, and where in the file it is written into, in reading order."""

    field: FormField
    areas: list[Area]


def read_fields(body: Body) -> tuple[FormField, ...]:
    """Every field drawn in a form, in reading order."""
    return tuple(one.field for one in read_drawn(body))


def read_drawn(body: Body) -> tuple[Drawn, ...]:
    """Every field drawn in a form with its places, in reading order."""
    found: list[Drawn] = []
    drawn = [cells(body, table) for table in body.tables]
    for rows in drawn:
        found += _table_fields(body.source, rows)
    found += _inline_fields(body, [row for rows in drawn for row in rows])
    found.sort(key=lambda one: one.areas[0].start)
    for one, field in zip(found, _told_apart([one.field for one in found]), strict=True):
        one.field = replace(field, more=_more(body, one)) if field.type in _WRITTEN else field
    return tuple(found)


def _more(body: Body, drawn: Drawn) -> int:
    """How many blanks a field has in its line beside the first."""
    first, end = drawn.areas[0], body.plain.find("\n", drawn.areas[0].start)
    inside = sum(1 for _ in DRAWN.finditer(body.plain, first.start, first.end))
    return max(0, inside - 1) + sum(1 for area in drawn.areas[1:] if end < 0 or area.start < end)


def _told_apart(fields: list[FormField]) -> Iterator[FormField]:
    """`审核：____ 日期：____` above `批准：____ 日期：____` has two dates: 审核日期 and 批准日期, as one reads them."""
    count = Counter(field.label for field in fields)
    before: FormField | None = None
    for field in fields:
        same_row = before is not None and before.span.line == field.span.line
        if field.label in _BESIDE_A_NAME and same_row and before and before.label:
            yield replace(field, label=before.label + field.label) if count[field.label] > 1 else field
        else:
            before = field
            yield field


def _table_fields(source: SourceFile, rows: Rows) -> Iterator[Drawn]:
    if _is_rows(rows):
        yield _rows_field(source, rows)
        return
    for number, row in enumerate(rows):
        for label, cell in _row_fields(row, rows[number - 1] if number else ()):
            place = label or cell
            field = _field(label.text if label else "", cell.text, source.span(place.start, place.end))
            yield Drawn(field, [Area(cell.start, cell.end)])


def _is_rows(drawn: Rows) -> bool:
    """Whether the table is for records, one a row: headings with names, and rows of which the same cells are open."""
    heads, rows = drawn[0], drawn[1:]
    if len(heads) < 2 or not rows or not all(_is_label(cell) for cell in heads):
        return False
    numbered = [_NUMBERED.fullmatch(row[0].text) is not None for row in rows]
    opened = {tuple(_is_open(cell) for cell in row[1:]) for row in rows}
    if all(numbered):
        return any(any(pattern) for pattern in opened)
    alike = len(opened) == 1 and any(next(iter(opened)))
    return len(heads) > 2 and alike and not any(_is_open(row[0]) for row in rows)


def _is_open(cell: Cell) -> bool:
    """Whether the cell is there to be written into: empty, or nothing but a drawing and perhaps a unit, `____ ℃`."""
    if not cell.text or DRAWN.fullmatch(cell.text):
        return True
    drawn = list(DRAWN.finditer(cell.text)) if "_" in cell.text else []
    if not drawn or any(match["choice"] or (match["date"] and len(drawn) > 1) for match in drawn):
        return False
    return _UNIT.fullmatch(DRAWN.sub("", cell.text).strip()) is not None


def _is_label(cell: Cell) -> bool:
    return bool(cell.text) and not DRAWN.search(cell.text)


def _rows_field(source: SourceFile, drawn: Rows) -> Drawn:
    heads, rows = drawn[0], drawn[1:]
    columns = {}
    for at, head in enumerate(heads):
        column = [row[at] for row in rows if at < len(row)]
        if at == 0 and all(_NUMBERED.fullmatch(cell.text) for cell in column) and any(cell.text for cell in column):
            continue  # the running number is printed, not written
        if column and _is_open(column[0]):
            columns[at] = _field(head.text, column[0].text, source.span(head.start, head.end))
    cells_ = {(down, at): cell for down, row in enumerate(rows, 1) for at, cell in enumerate(row)}
    opened = {place: cell for place, cell in cells_.items() if place[1] in columns and _is_open(cell)}
    printed = (tuple("" if (down, at) in opened else cell.text for at, cell in enumerate(row))
               for down, row in enumerate(drawn))  # fmt: skip
    field = FormField(
        label="、".join(column.label for column in columns.values()),
        type=FieldType.ROWS,
        required=False,
        span=source.span(heads[0].start, heads[0].end),
        columns=tuple(columns.values()),
        grid=tuple(printed),
        at=tuple(columns),
    )
    areas = [Area(cell.start, cell.end, down, at) for (down, at), cell in opened.items()]
    return Drawn(field, [Area(heads[0].start, heads[0].start), *areas])


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


@dataclass(frozen=True, slots=True)
class _Spot:
    """A cell with something drawn in it, the label to its left, and whether it is a field as a whole."""

    start: int
    end: int
    label: Cell | None
    open: bool


def _spots(rows: Iterable[Sequence[Cell]]) -> Iterator[_Spot]:
    for row in rows:
        label: Cell | None = None
        for cell in row:
            if _is_label(cell):
                label = cell
            elif cell.text:
                yield _Spot(cell.start, cell.end, label, _is_open(cell))


def _inline_fields(body: Body, rows: Iterable[Sequence[Cell]]) -> Iterator[Drawn]:
    """Fields drawn in running text, and several in one cell: `签名：______ 日期：____年__月__日`.

    A drawing without words of its own belongs to what stands beside it (the cell to the left), before it in its line
    (the date after a signature) or above it (`不合格描述：` over two lines to write on).
    """
    text, last = body.plain, body.start
    spots = sorted(_spots(rows), key=lambda spot: spot.start)
    at, name = 0, ""
    before: Drawn | None = None
    for match in DRAWN.finditer(text, body.start):
        while at < len(spots) and spots[at].end <= match.start():
            at += 1
        spot = spots[at] if at < len(spots) and spots[at].start <= match.start() else None
        floor = max(last, match.start() - _AROUND, spot.start if spot else 0)
        begin = max(floor, text.rfind("\n", floor, match.start()) + 1)
        follows = last > body.start and begin == last and last >= (spot.start if spot else 0)
        last = match.end()
        if (spot and spot.open) or any(sign in text[begin : match.start()] for sign in BOX + CIRCLE):
            continue
        label = _label(text, begin, match, spot, name if follows else None)
        if label is not None:
            field = _field(label.text, match[0], body.source.span(label.start, label.end))
            name, before = field.label, Drawn(field, [Area(match.start(), match.end())])
            yield before
        elif before:
            before.areas.append(Area(match.start(), match.end()))


def _label(text: str, begin: int, match: re.Match[str], spot: _Spot | None, before: str | None) -> Cell | None:
    """The label of a drawing, empty when it has none; None when the drawing only carries on the field `before` it."""
    own = _LABEL.search(text[begin : match.start()].replace("**", "  "))
    if own and begin != match.start():
        group = "label" if own["label"] else "bare"
        words = re.split(r"\s{2,}|　", _LEADING.sub("", own[group]).strip("* \u00a0"))[-1]
        star = "*" if own["star"] or own["bare_star"] else ""
        return Cell(text=words + star, start=begin + own.start(group), end=begin + own.end(group))
    if before is not None:
        here = Cell(text=f"{before}日期", start=match.start(), end=match.end())
        return here if match["date"] and before and not before.endswith("日期") else None
    if spot:
        return spot.label or Cell(text="", start=match.start(), end=match.end())
    return _above(text, begin, match)


def _above(text: str, begin: int, match: re.Match[str]) -> Cell | None:
    """The label in the line above; None when that line is one to write on as well."""
    above = text[max(0, begin - _AROUND) : begin].rstrip()
    line = above.rpartition("\n")[2].strip()
    if line and not DRAWN.sub("", line).strip():
        return None
    found = _ABOVE.fullmatch(line)
    if found and ("#" in found["mark"] or "**" in found["mark"] or "：" in found["end"] or ":" in found["end"]):
        words = _NUMBER.sub("", found["label"].strip("* "))
        return Cell(text=words + ("*" if found["star"] else ""), start=match.start(), end=match.end())
    return Cell(text="", start=match.start(), end=match.end())


def _field(label: str, drawn: str, span: Span) -> FormField:
    """A field from its label (with `*` when required) and its drawing (empty: a text)."""
    name = label.replace("**", "").strip().rstrip("：:").strip()
    required = name.endswith(("*", "＊"))
    name = name.rstrip("*＊\\").strip()
    match = DRAWN.search(drawn) if drawn else None
    options: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    kind = FieldType.TEXT
    if match and match["date"]:
        kind = FieldType.DATE
    elif match and match["choice"]:
        kind = FieldType.CHOICE if drawn.lstrip()[0] in BOX else FieldType.ONE_OF
        found = [(_LINED.sub("", option).strip(), "__" in option) for option in _OPTION.findall(drawn)]
        options, written = tuple(name for name, _ in found), tuple(name for name, line in found if line)
    return FormField(label=name, type=kind, required=required, span=span, options=options, written=written)
