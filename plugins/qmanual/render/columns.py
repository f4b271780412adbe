"""How wide the columns of a printed table are: computed from its text, so that the page is laid out in one go.

The layout engine's own automatic widths cost more than all else on a page with a long table. Fixed widths cost
nothing, and they can be better: short columns stay narrow, long ones share the rest by how much text they hold, and
the tables of a form line up under each other.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

PADDING = 1.0
"""What a cell's padding and border take of a column, in em."""

OPEN = 6.0
"""The least room to write into, in em of 3.35 mm."""

_TOKEN = re.compile(r"[!-~]+")
_BREAKS = frozenset({"br", "p", "li"})
_WRITTEN = ("qm-blank", "qm-date", "qm-choices")


@dataclass(slots=True)
class Column:
    """What a column's cells ask for, in em: `least` without breaking a word, `most` without breaking a line."""

    least: float = 0.0
    most: float = 0.0
    area: float = 0.0
    grows: float = 0.0


def em(text: str) -> float:
    """About how wide a text is, in em: an ideograph or full-width mark is 1, other characters 0.56."""
    return 0.56 * len(text) + 0.44 * (len(text) - len(text.encode("ascii", "ignore")))


def grid(table: HtmlElement) -> list[list[HtmlElement]] | None:
    """The cells row by row; None when cells span or rows differ in length, for then the engine must find the widths."""
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        return None
    if any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row):
        return None
    return rows


def is_open(cell: HtmlElement) -> bool:
    """Whether one writes into the cell: it is empty, or nothing but a drawn blank or choice."""
    return (len(cell) == 0 and not (cell.text or "").strip()) or any(_is_drawing(child) for child in cell)


def _is_drawing(element: HtmlElement) -> bool:
    return str(element.get("class", "")).startswith(_WRITTEN)


def measure(rows: Sequence[Sequence[HtmlElement]], form: bool) -> list[Column]:
    """What the columns of one table, or of tables that are to line up, ask for."""
    columns = [Column() for _ in rows[0]]
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            _take(column, cell, form)
    for column in columns:
        column.grows = column.grows if form else column.most
    return columns


def _take(column: Column, cell: HtmlElement, form: bool) -> None:
    if form and is_open(cell):
        parts = [em(part) for part in _parts(cell)]
        column.least = max(column.least, OPEN, max(parts, default=0.0))
        column.most = max(column.most, OPEN + 2, min(sum(parts) + len(parts), 24.0))
        column.grows = max(column.grows, 1.0)
        column.area += max(OPEN, sum(parts))
        return
    text = cell.text_content().strip()
    wide = max((em(line) for line in text.split("\n")), default=0.0)
    word = max((em(token) for token in _TOKEN.findall(text)), default=0.0)
    column.least = max(column.least, min(word, 24.0), min(wide, 5.0), wide / 2 if form and wide <= 12 else 0.0)
    column.most = max(column.most, wide)
    column.area += wide


def _parts(cell: HtmlElement) -> Iterator[str]:
    """The pieces of a drawn cell that cannot be broken: an option with its mark, a date, a line."""
    for child in cell.iter("span"):
        kind = str(child.get("class", ""))
        if kind == "qm-option":
            yield f"口{child.text_content()}" + ("口" * 6 if len(child) else "")
        elif kind == "qm-date":
            yield "口" * 9
        elif kind == "qm-blank":
            yield "口" * 6


def lines(cell: HtmlElement, width: float) -> float:
    """About how many lines a cell's text takes in a column of this width, in em."""
    blocks = 1 + sum(1 for child in cell.iter() if child.tag in _BREAKS)
    return blocks + sum(em(line) for line in cell.text_content().split("\n")) / width


def squeezed(columns: Sequence[Column], room: float) -> bool:
    """Whether columns would have to be much narrower than their longest text; a line more in some cells is no harm."""
    return sum(max(column.least, column.most / 1.5) + PADDING for column in columns) > room


def widths(columns: Sequence[Column], room: float) -> list[float]:
    """The columns' shares of the table's width, in percent. `room`: the whole width in em of the table's type size.

    In steps of a half: columns of the same width are then often found again, and what is known of one is not computed
    anew. Half of a step is less than a tenth of an ideograph upright.
    """
    left = max(room - PADDING * len(columns), sum(column.least for column in columns) or 1.0)
    fits = sum(column.most for column in columns) <= left
    found = _spread(columns, left) if fits else _shared(columns, left)
    whole = sum(found) + PADDING * len(found)
    return _in_halves([(width + PADDING) / whole * 100 for width in found])


def _in_halves(shares: Sequence[float]) -> list[float]:
    """Shares in steps of a half that sum up to 100 all the same: those are rounded up that lose most.

    No column vanishes: one that holds nothing has a half at the cost of the widest. With more columns than there are
    halves the shares stay as they are.
    """
    if len(shares) > 200:
        return list(shares)
    halves = [max(1, int(share * 2)) for share in shares]
    lost = sorted(range(len(shares)), key=lambda at: halves[at] - shares[at] * 2)
    for at in lost[: max(0, 200 - sum(halves))]:
        halves[at] += 1
    while sum(halves) > 200:
        halves[halves.index(max(halves))] -= 1
    return [half / 2 for half in halves]


def _spread(columns: Sequence[Column], left: float) -> list[float]:
    """Every column as wide as its text, and what is over to those that grow."""
    over = left - sum(column.most for column in columns)
    growing = sum(column.grows for column in columns)
    if not growing:
        return [column.most + over / len(columns) for column in columns]
    return [column.most + over * column.grows / growing for column in columns]


def _shared(columns: Sequence[Column], left: float) -> list[float]:
    """Short columns as wide as their text; the others by the root of their amount of text, never below a word."""
    found: dict[int, float] = {}
    while len(found) < len(columns):
        rest = left - sum(found.values())
        weights = {at: max(column.area, 1.0) ** 0.5 for at, column in enumerate(columns) if at not in found}
        share = {at: rest * weight / sum(weights.values()) for at, weight in weights.items()}
        settled = {at: columns[at].least for at in share if share[at] < columns[at].least} or {
            at: columns[at].most for at in share if share[at] > columns[at].most
        }
        found |= settled or share
    return [found[at] for at in range(len(columns))]


def set_widths(table: HtmlElement, shares: Iterable[float]) -> None:
    """Give the table fixed columns of these shares (percent)."""
    group = table.makeelement("colgroup")
    for share in shares:
        group.append(table.makeelement("col", {"style": f"width:{share:g}%"}))
    table.insert(0, group)
    table.set("class", f"{table.get('class', '')} qm-fixed".strip())
