"""Where on the page a form is written into: everything drawn in its text, in order, and which field it belongs to.

The renderer turns the same drawings into blanks and boxes, in the same order (`render.form_marks` puts the two side by
side), so that a field's place is known wherever the text is shown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qmanual.model import Body, Document
from qmanual.parse.body import cells
from qmanual.parse.form import DRAWN, Area, read_drawn
from qmanual.records.form import Field, Form

Kind: TypeAlias = Literal["cell", "line", "date", "choice", "aside"]
"""An empty cell, a line to write on, a date's three blanks, boxes or circles. `aside`: in a footnote, moved away."""

_ASIDE = re.compile(r"[ ]{0,3}\[\^")


@dataclass(frozen=True, slots=True)
class Place:
    """Something drawn. `name`: that of the field's slot without option; empty when it belongs to no field.

    `further`: one more line of the field, below its first.
    """

    kind: Kind
    name: str = ""
    field: Field | None = None
    further: bool = False


def places(document: Document, form: Form) -> Mapping[str, tuple[Place, ...]]:
    """File → everything drawn in it, in order. `form` is the document's."""
    firsts = iter([field for field in form.fields if not field.parent])
    return {body.path: tuple(_of_body(body, firsts)) for body in document.bodies}


@dataclass(frozen=True, slots=True)
class _Owner:
    """A piece of the file, the field that it belongs to, and where that field begins."""

    area: Area
    field: Field
    begin: int

    @property
    def column(self) -> Field:
        return self.field.columns[self.field.at.index(self.area.column)] if self.field.columns else self.field

    @property
    def name(self) -> str:
        return f"{self.field.key}/{self.area.row}/{self.column.key}" if self.field.columns else self.field.key


def _of_body(body: Body, fields: Iterator[Field]) -> Iterator[Place]:
    owners = [
        _Owner(area, field, drawn.areas[0].start)
        for drawn, field in zip(read_drawn(body), fields, strict=False)
        for area in (drawn.areas[1:] if drawn.field.columns else drawn.areas)
    ]
    empty = {owner.area.start: owner for owner in owners if owner.area.start == owner.area.end}
    wide = sorted((one for one in owners if one.area.start < one.area.end), key=lambda one: one.area.start)
    at, count = 0, dict[str, int]()
    for start, kind in _drawings(body):
        while at < len(wide) and wide[at].area.end <= start:
            at += 1
        owner = wide[at] if at < len(wide) and wide[at].area.start <= start else None
        owner = empty.get(start) if kind == "cell" else owner
        yield _place(body, start, kind, owner, count) if owner else Place(kind)


def _place(body: Body, start: int, kind: Kind, owner: _Owner, count: dict[str, int]) -> Place:
    """The place of a drawing that belongs to a field. `count`: blanks of each field so far, further lines apart."""
    if body.plain.rfind("\n", 0, start) > owner.begin and not owner.field.columns:
        return Place(kind, owner.name, owner.column, True)
    count[owner.name] = number = count.get(owner.name, 0) + 1
    if number == 1:
        return Place(kind, owner.name, owner.column)
    return Place(kind, "" if owner.field.columns else f"{owner.name}_{number}", owner.column)


def _drawings(body: Body) -> list[tuple[int, Kind]]:
    """Offset and kind of everything drawn, in order; what a table's row lacks or has too much is as on the page."""
    found: list[tuple[int, Kind]] = []
    outside: list[tuple[int, int]] = []
    for table in body.tables:
        rows = cells(body, table)
        for row in rows:
            found += [(cell.start, "cell") for cell in row[: len(rows[0])] if not cell.text]
            found += [(row[-1].end + 1, "cell")] * (len(rows[0]) - len(row))
            outside += [(cell.start, cell.end) for cell in row[len(rows[0]) :]]
    for match in DRAWN.finditer(body.plain, body.start):
        if any(start <= match.start() < end for start, end in outside):
            continue
        line = body.plain.rfind("\n", 0, match.start()) + 1
        kind: Kind = "date" if match["date"] else "line" if match["line"] else "choice"
        found.append((match.start(), "aside" if _ASIDE.match(body.plain, line) else kind))
    return sorted(found, key=lambda one: one[0])
