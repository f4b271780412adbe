"""Tables and drawn forms made ready for paper: widths, room to write, pages turned for what is wide.

On paper a form is its fields, so a table of labels and fields has no head that would be repeated, its labels are told
from its fields, the tables of one form line up under each other, and every field is high enough to write into.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from lxml.html import HtmlElement

from qmanual.render import columns

WIDE = 8
"""From this many columns on a form, or a table whose text would be squeezed, is printed across the page."""

UPRIGHT, ACROSS = 50.8, 75.2
"""The measure in em of a table's 9.5 pt: 46 and 68 ideographs of 10.5 pt."""

TALL = 18
"""From this many lines on a row may be broken over pages; a lower one is kept whole."""

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_ROOMY = re.compile(
    r"(描述|意见|说明|原因|措施|分析|情况|评语|备注|建议|内容|理由|要求|结论|记录|结果)[*＊]?$"
    r"|\b(description|comments?|reasons?|remarks?|causes?|actions?|notes?)\*?$",
    re.IGNORECASE,
)


def is_wide(table: HtmlElement) -> bool:
    """Whether the table has many columns."""
    row = next(table.iter("tr"), None)
    return row is not None and sum(_span(cell) for cell in row if cell.tag in ("td", "th")) >= WIDE


def _span(cell: HtmlElement) -> int:
    value = str(cell.get("colspan", "1"))
    return min(int(value), 100) if value.isdecimal() else 1


def lay_out(part: HtmlElement) -> None:
    """The tables of a text: widths for all, a page across for the wide ones."""
    for table in list(part.iter("table")):
        if table.find("colgroup") is not None:
            continue  # a matrix printed from data brings widths that let its many narrow columns stand upright
        rows = columns.grid(table)
        wide = is_wide(table) and (rows is None or columns.squeezed(columns.measure(rows, False), UPRIGHT))
        if wide:
            _turn(table)
        room = ACROSS if wide else UPRIGHT
        if rows:
            _narrow(rows)
            _set(table, rows, form=False, room=room)
        else:
            spanning = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
            count = max(map(len, spanning), default=1) or 1
            _break_tall(spanning, [100 / count] * count, room)


def _turn(table: HtmlElement) -> None:
    """Put a table on pages across, together with the headings right above it."""
    box = table.getparent()
    if box is None or "qm-table" not in str(box.get("class", "")):
        return
    wide = box.makeelement("div", {"class": "qm-wide"})
    box.addprevious(wide)
    wide.append(box)
    wide.tail, box.tail = box.tail, None
    while (above := wide.getprevious()) is not None and above.tag in _HEADINGS and not (above.tail or "").strip():
        wide.insert(0, above)


def lay_out_form(part: HtmlElement, units: Mapping[str, str], across: bool) -> None:
    """The tables of a form. `units`: label → unit, printed at the end of its field."""
    alike: dict[tuple[bool, ...], list[tuple[HtmlElement, list[list[HtmlElement]]]]] = {}
    room = ACROSS if across else UPRIGHT
    for mark in list(part.iterfind(".//span[@class='qm-choice']")):
        _keep_together(mark)
    for table in list(part.iter("table")):
        rows = columns.grid(table)
        if rows is None:
            _leave_room(table)
            continue
        kinds = tuple(map(columns.is_open, rows[0]))
        if any(kinds):
            _as_drawn(table, rows, units)
            alike.setdefault(kinds, []).append((table, rows))
        else:
            _narrow(rows)
            _set(table, rows, form=True, room=room)
        _leave_room(table)
    for tables in alike.values():
        together = list(chain.from_iterable(rows for _, rows in tables))
        for table, _ in tables:
            _set(table, together, form=True, room=room)


def _leave_room(table: HtmlElement) -> None:
    """Rows to write into are high enough for it; higher where sentences are expected."""
    for row in table.iter("tr"):
        if any(cell.get("class") == "qm-roomy" for cell in row):
            row.set("class", "qm-lines")
        elif any(columns.is_open(cell) or cell.get("class") == "qm-unit" for cell in row):
            row.set("class", "qm-line")


def _keep_together(mark: HtmlElement) -> None:
    """A box or circle stays on the line of its text."""
    text, options = mark.getnext(), mark.getparent()
    if text is None or options is None or text.get("class") != "qm-option":
        return
    tick = mark.makeelement("span", {"class": "qm-tick"})
    options.replace(mark, tick)
    tick.extend([mark, text])
    tick.tail, text.tail = text.tail, None


def _set(table: HtmlElement, rows: Sequence[Sequence[HtmlElement]], *, form: bool, room: float) -> None:
    shares = columns.widths(columns.measure(rows, form), room)
    columns.set_widths(table, shares)
    _break_tall(rows, shares, room)


def _break_tall(rows: Iterable[Sequence[HtmlElement]], shares: Sequence[float], room: float) -> None:
    """Mark the rows that need more than a page's remainder: kept whole they would leave a page empty but for a heading,
    and the table's own head behind.

    `shares`: the widths of the columns, percent of `room`, in em. Cells that span are taken for narrow ones.
    """
    for row in rows:
        spare = (max(share * room / 100 - columns.PADDING, 1.0) for share in shares)
        lines = (columns.lines(cell, width) for cell, width in zip(row, spare, strict=False))
        parent = row[0].getparent() if row else None
        if parent is not None and max(lines, default=0.0) > TALL:
            parent.set("class", f"{parent.get('class', '')} qm-tall".strip())


def _narrow(rows: list[list[HtmlElement]]) -> None:
    """Centre the columns of numbers, marks and single words; longer text reads better from the left."""
    for at in range(len(rows[0])):
        texts = [row[at].text_content().strip() for row in rows[1:]]
        if any(texts) and max(map(columns.em, texts)) <= 4:
            for row in rows[1:]:
                row[at].set("class", f"{row[at].get('class', '')} qm-short".strip())


def _as_drawn(table: HtmlElement, rows: list[list[HtmlElement]], units: Mapping[str, str]) -> None:
    table.set("class", "qm-drawn")
    for head in list(table.iter("thead")):
        head.tag = "tbody"
    for row in rows:
        label = ""
        for cell in row:
            cell.tag = "td"
            if not columns.is_open(cell):
                label = cell.text_content().strip()
                cell.set("class", "qm-label" if label else "")
                continue
            _as_field(cell, label, units)
            label = ""


def _as_field(cell: HtmlElement, label: str, units: Mapping[str, str]) -> None:
    """A cell to write into: its unit at the end, more room where sentences are expected."""
    if len(cell):
        cell.set("class", "qm-field")
    elif unit := units.get(label.rstrip("*＊").strip()):
        cell.text = unit
        cell.set("class", "qm-unit")
    else:
        cell.set("class", "qm-roomy" if _ROOMY.search(label) else "qm-field")
