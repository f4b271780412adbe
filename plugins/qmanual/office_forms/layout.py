"""Where everything stands on the sheet of a form. The same form always gives the same sheet: reading needs no map.

Below the title one field a line: its label, and the cell to write into; a choice of several has one line an option; a
table stands as it is drawn, a column of several options as one column each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from qmanual.model import FieldType
from qmanual.records import Field, Form, Slot, slots
from qmanual.records.form import key_of

LABEL_COLUMNS = 2
LEAST_COLUMNS = 8
FIRST_ROW = 4
"""Above it: the title, what the file is, how to fill it in."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed cell: its place, counted from 1, how many columns and rows it covers, and its style."""

    row: int
    column: int
    text: str
    style: str = "label"
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Open:
    """A cell to write into, and how many columns it covers."""

    row: int
    column: int
    slot: Slot
    columns: int = 1


@dataclass(slots=True)
class Layout:
    """The sheet of a form: `width` in columns, what is printed, what is open."""

    width: int
    printed: list[Printed] = field(default_factory=list)
    opened: list[Open] = field(default_factory=list)
    rows: int = FIRST_ROW


def lay_out(form: Form) -> Layout:
    """The sheet of a form."""
    width = max([LEAST_COLUMNS, *(len(list(_heads(one))) for one in form.fields if one.type is FieldType.ROWS)])
    sheet = Layout(width)
    by_name = {slot.name: slot for slot in slots(form)}
    section = ""
    for one in form.fields:
        if one.section != section:
            section = one.section
            sheet.printed.append(Printed(sheet.rows, 1, section, "section", width))
            sheet.rows += 1
        if one.type is FieldType.ROWS:
            _table(sheet, one, by_name)
        elif one.type is FieldType.CHOICE:
            _options(sheet, one, by_name)
        else:
            sheet.printed.append(Printed(sheet.rows, 1, _label(one), "label", LABEL_COLUMNS))
            sheet.opened.append(Open(sheet.rows, LABEL_COLUMNS + 1, by_name[one.key], width - LABEL_COLUMNS))
            sheet.rows += 1
    return sheet


def _label(one: Field) -> str:
    star = "*" if one.required else ""
    return f"{one.label}{star}（{one.unit}）" if one.unit else f"{one.label}{star}"


def _options(sheet: Layout, one: Field, by_name: Mapping[str, Slot]) -> None:
    sheet.printed.append(Printed(sheet.rows, 1, _label(one), "label", LABEL_COLUMNS, len(one.options)))
    for option in one.options:
        sheet.opened.append(Open(sheet.rows, LABEL_COLUMNS + 1, by_name[f"{one.key}/{key_of(option)}"]))
        rest = sheet.width - LABEL_COLUMNS - 1
        sheet.printed.append(Printed(sheet.rows, LABEL_COLUMNS + 2, option, "option", rest))
        sheet.rows += 1


def _table(sheet: Layout, one: Field, by_name: Mapping[str, Slot]) -> None:
    heads = list(_heads(one))
    for at, (text, _, _) in enumerate(heads, 1):
        sheet.printed.append(Printed(sheet.rows, at, text, "head"))
    for number in range(1, one.rows + 1):
        for at, (_, column, option) in enumerate(heads, 1):
            written = one.columns[one.at.index(column)] if column in one.at else None
            name = f"{one.key}/{number}/{written.key}" + (f"/{key_of(option)}" if option else "") if written else ""
            if name in by_name:
                sheet.opened.append(Open(sheet.rows + number, at, by_name[name]))
            else:
                line = one.grid[number]
                sheet.printed.append(Printed(sheet.rows + number, at, line[column] if column < len(line) else ""))
    sheet.rows += one.rows + 1


def _heads(one: Field) -> Iterator[tuple[str, int, str]]:
    """The columns on the sheet: heading, number of the column of the form's table, option."""
    for number, text in enumerate(one.grid[0]):
        column = one.columns[one.at.index(number)] if number in one.at else None
        if column and column.type is FieldType.CHOICE:
            yield from ((f"{_label(column)}：{option}", number, option) for option in column.options)
        else:
            yield (_label(column) if column else text), number, ""
