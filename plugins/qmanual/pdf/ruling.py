"""Tables ruled with one pen: where all lines of a table are alike, nothing is to be decided between them.

WeasyPrint 70 asks for every line of the grid which of up to twelve borders wins (CSS 2.2, 17.6.2), and draws each line
of each cell by itself, with its own colour and its own mark. In our tables all cells have the same border and nothing
else has one. Here their grid is made at once, and lines that touch are drawn as one. The lines are the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Any

SIDES = ("top", "right", "bottom", "left")


def install() -> None:
    """Let WeasyPrint rule tables this way, in this process."""
    from weasyprint import draw
    from weasyprint.formatting_structure import build

    if draw.draw_collapsed_borders.__module__ == __name__:
        return
    build.collapse_table_borders = _collapsing(build.collapse_table_borders)
    draw.draw_line = _taking(draw.draw_line)
    draw.draw_collapsed_borders = _drawing(draw.draw_collapsed_borders)


def _collapsing(original: Any) -> Any:
    """`collapse_table_borders`: sets the widths of all borders, and gives the vertical and the horizontal lines."""

    def collapse_table_borders(table: Any, columns: int, rows: int) -> Any:
        line = _only_line(table, columns * rows)
        if line is None:
            return original(table, columns, rows)
        for box in _around(table):
            _set_widths(box, 0)
        _set_widths(table, line[1] / 2)
        entry, none = ((0, line[1], 1), line), ((1, 0, 0), ("hidden", 0, line[2]))
        vertical = [[entry] * (columns + 1) for _ in range(rows)]
        horizontal = [[entry] * columns for _ in range(rows + 1)]
        for y, row in enumerate(chain.from_iterable(group.children for group in table.children)):
            for cell in row.children:
                _set_widths(cell, line[1] / 2)
                within, beside = range(cell.grid_x, cell.grid_x + cell.colspan), range(y, y + cell.rowspan)
                for at in beside:
                    vertical[at][within.start + 1 : within.stop] = [none] * (cell.colspan - 1)
                for at in beside[1:]:
                    horizontal[at][within.start : within.stop] = [none] * cell.colspan
        return _Grid((vertical, horizontal))

    return collapse_table_borders


def _only_line(table: Any, places: int) -> Any:
    """Style, width and colour of all lines of a table, or None: lines differ, or cells do not fill the grid."""
    cells = [cell for group in table.children for row in group.children for cell in row.children]
    if table.style["direction"] != "ltr" or sum(cell.colspan * cell.rowspan for cell in cells) != places:
        return None
    lines = {id(cell.style): cell.style for cell in cells}.values()
    others = {id(box.style): box.style for box in chain([table], _around(table))}.values()
    found = [_line(style, side) for style in lines for side in SIDES]
    if not found or found[0][0] != "solid" or not found[0][1] or any(one != found[0] for one in found):
        return None
    return None if any(style[f"border_{side}_style"] != "none" for style in others for side in SIDES) else found[0]


def _line(style: Any, side: str) -> tuple[str, float, Any]:
    from weasyprint.draw.color import get_color

    return style[f"border_{side}_style"], style[f"border_{side}_width"], get_color(style, f"border_{side}_color")


def _around(table: Any) -> Iterator[Any]:
    """What is in a table besides its cells."""
    for group in chain(table.children, table.column_groups):
        yield group
        yield from group.children


def _set_widths(box: Any, width: float) -> None:
    box.border_top_width = box.border_right_width = box.border_bottom_width = box.border_left_width = width


class _Grid(tuple[Any, Any]):
    """Lines that are all alike."""


class _Pen:
    """Stands in for the page where a grid is drawn: it takes the lines down."""

    def __init__(self) -> None:
        self.lines: dict[tuple[bool, float], list[tuple[float, float]]] = defaultdict(list)
        self.look: tuple[float, Any] = (0.0, None)

    def artifact(self) -> AbstractContextManager[None]:
        return nullcontext()

    stacked = artifact

    def take(self, x1: float, y1: float, x2: float, y2: float, width: float, color: Any) -> None:
        self.look = width, color
        if x1 == x2:
            self.lines[True, x1].append((y1, y2))
        else:
            self.lines[False, y1].append((x1, x2))

    def draw(self, stream: Any) -> None:
        width, color = self.look
        with stream.artifact(), stream.stacked():
            stream.set_color(color, stroke=True)
            stream.set_line_width(width)
            for (upright, place), pieces in self.lines.items():
                for start, end in _joined(pieces):
                    stream.move_to(*((place, start) if upright else (start, place)))
                    stream.line_to(*((place, end) if upright else (end, place)))
            stream.stroke()


def _joined(pieces: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The pieces of a line, those that touch made one."""
    start, end = min(pieces)
    for first, last in sorted(pieces):
        if first > end + 0.01:
            yield start, end
            start = first
        end = max(end, last)
    yield start, end


def _taking(original: Any) -> Any:
    """`draw_line` that gives lines to a pen."""

    def draw_line(
        stream: Any, x1: float, y1: float, x2: float, y2: float, width: float, style: str, color: Any
    ) -> None:
        if isinstance(stream, _Pen):
            stream.take(x1, y1, x2, y2, width, color)
        else:
            original(stream, x1, y1, x2, y2, width, style, color)

    return draw_line


def _drawing(original: Any) -> Any:
    """`draw_collapsed_borders` that draws lines which are all alike in one go."""

    def draw_collapsed_borders(stream: Any, table: Any) -> None:
        if not isinstance(table.collapsed_border_grid, _Grid):
            original(stream, table)
            return
        pen = _Pen()
        original(pen, table)
        if pen.lines:
            pen.draw(stream)

    return draw_collapsed_borders
