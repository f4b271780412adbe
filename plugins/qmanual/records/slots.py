"""The places of a form that hold one thing each: what a PDF's field, a spreadsheet's cell or a page's input is.

`spread` takes the values of a record apart into them, `gather` puts what was found in them together again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from qmanual.model import FieldType
from qmanual.records.form import Field, Form, key_of
from qmanual.records.normal import normal


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one thing. `name` is unlike every other's of the form: `数量`, `处置方式/返工`, `检验表/2/结论`.

    `field` is the field or the column that it belongs to; `option` the one that it ticks; `row` counts from 1.
    """

    name: str
    field: Field
    option: str = ""
    row: int = 0
    table: Field | None = None

    @property
    def label(self) -> str:
        """What it is called for somebody who does not see the page: `检验表 第2行 结论`."""
        words = [self.table.label, str(self.row)] if self.table else []
        words.append(self.field.label + ("*" if self.field.required else ""))
        return " · ".join([*words, self.option] if self.option else words)


def slots(form: Form) -> Iterator[Slot]:
    """Every place of a form, in reading order."""
    for field in form.fields:
        if field.type is not FieldType.ROWS:
            yield from _of(field, field.key)
        for row in range(1, field.rows + 1):
            for column, at in zip(field.columns, field.at, strict=True):
                if at < len(field.grid[row]) and not field.grid[row][at]:
                    yield from _of(column, f"{field.key}/{row}/{column.key}", row, field)


def _of(field: Field, name: str, row: int = 0, table: Field | None = None) -> Iterator[Slot]:
    if field.type is FieldType.CHOICE:
        for option in field.options:
            yield Slot(f"{name}/{key_of(option)}", field, option, row, table)
    else:
        yield Slot(name, field, "", row, table)


def gather(form: Form, found: Mapping[str, object]) -> dict[str, object]:
    """The values of a record, in their normal form, from what was found in its slots. A ticked slot holds `True`."""
    values: dict[str, object] = {}
    for slot in slots(form):
        raw = found.get(slot.name)
        if raw is None or raw is False or raw == "":
            continue
        place: dict[str, object] = values
        if slot.table:
            rows = cast("list[dict[str, object]]", values.setdefault(slot.table.key, []))
            rows.extend({} for _ in range(slot.row - len(rows)))
            place = rows[slot.row - 1]
        if slot.option:
            cast("list[str]", place.setdefault(slot.field.key, [])).append(slot.option)
        else:
            place[slot.field.key] = raw
    return settled(form, values)


def settled(form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """Values in their normal form and in the order of the form; what the form does not know comes last, as it is."""
    known = {field.key: normal(field, values[field.key]) for field in form.fields if field.key in values}
    others = {key: value for key, value in values.items() if key not in known}
    return {key: value for key, value in {**known, **others}.items() if value is not None}


def spread(form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """Slot name → what stands in it: `True` for a tick, else the value. Slots without anything are left out."""
    found: dict[str, object] = {}
    for slot in slots(form):
        place: object = values
        if slot.table:
            rows = values.get(slot.table.key)
            place = rows[slot.row - 1] if isinstance(rows, list) and len(rows) >= slot.row else {}
        value = place.get(slot.field.key) if isinstance(place, Mapping) else None
        if slot.option:
            value = True if isinstance(value, (list, tuple)) and slot.option in value else None
        if value is not None:
            found[slot.name] = value
    return found
