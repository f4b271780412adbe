"""Where on a page a seal has room: a free square that touches no text, no line, no picture and no field of a form.

A page is read as the printer wrote it (ISO 32000-1, 8 and 9). What is painted is taken to be as large as it can be: a
glyph as wide as a Chinese one, the lines of a table as all that they enclose. So a seal may be smaller than it could
be, and never covers anything.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pikepdf import Page

MM = 72 / 25.4
STEP = 2 * MM
CLEAR = 2 * MM
SIDE, END = 20 * MM, 14 * MM
"""Of the grid on which a seal is placed; around it; at a page's sides and ends, where no seal stands. In points."""

FOOT = 4
LEFT = 4
"""As many rows at the end of a page hold its running foot, and are not its content; by so many cells the right side is
liked better than the left one."""

Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right, top, in points."""

_Matrix: TypeAlias = tuple[float, float, float, float, float, float]
_ONE: _Matrix = (1, 0, 0, 1, 0, 0)
_PAINT = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"})
_PATH = {"m": 2, "l": 2, "c": 6, "v": 4, "y": 4}
_WHOLE = 0.6
"""What takes this part of the page is its ground or a watermark, and not its content."""


def room(page: "Page", sizes: Sequence[tuple[float, float]], *, low: bool) -> Box | None:
    """A free place for the first of these sizes (width, height in points) that has one; None: there is none.

    `low`: under the content of the page, as near to it as can be; else as high and as far right as can be.
    """
    left, bottom, right, top = (float(one) for one in page.mediabox)
    area = (right - left) * (top - bottom)
    taken = [box for box in painted(page) if (box[2] - box[0]) * (box[3] - box[1]) < _WHOLE * area]
    grid = _Grid((left + SIDE, bottom + END, right - SIDE, top - END), taken)
    for width, height in sizes:
        if low and (place := grid.free(width, height, under=grid.end)):
            return place
        if place := grid.free(width, height, under=0):
            return place
    return None


class _Grid:
    """The cells of a page inside its edges, row by row from the top; `_sums` counts the taken ones above and left of
    each corner, so that any rectangle is known to be free by four look-ups.
    """

    def __init__(self, frame: Box, taken: Sequence[Box]) -> None:
        self.left, _, self.right, self.top = frame
        self.columns = int((frame[2] - frame[0]) / STEP)
        self.rows = int((frame[3] - frame[1]) / STEP)
        cells = [bytearray(self.columns) for _ in range(self.rows)]
        self.end = 0
        for box in taken:
            first, last = self._column(box[0] - CLEAR, -1), self._column(box[2] + CLEAR, 1)
            above, below = self._row(box[3] + CLEAR, -1), self._row(box[1] - CLEAR, 1)
            for row in range(above, below):
                cells[row][first:last] = b"\1" * max(0, last - first)
            if above < below and below < self.rows - FOOT:
                self.end = max(self.end, below)
        self._sums = [[0] * (self.columns + 1)]
        for line in cells:
            counts, before = [0], self._sums[-1]
            for at, one in enumerate(line):
                counts.append(counts[-1] + one + before[at + 1] - before[at])
            self._sums.append(counts)

    def _column(self, x: float, way: int) -> int:
        at = (x - (self.right - self.columns * STEP)) / STEP
        return min(max(math.floor(at) if way < 0 else math.ceil(at), 0), self.columns)

    def _row(self, y: float, way: int) -> int:
        at = (self.top - y) / STEP
        return min(max(math.floor(at) if way < 0 else math.ceil(at), 0), self.rows)

    def free(self, width: float, height: float, *, under: int) -> Box | None:
        """The free place that is highest and nearest to the right side, or to the left one; not above that row."""
        wide, high = math.ceil(width / STEP), math.ceil(height / STEP)
        best: tuple[int, int, int] | None = None
        for row in range(under, self.rows - high + 1):
            upper, lower = self._sums[row], self._sums[row + high]
            spots = range(self.columns - wide + 1)
            open_ = [at for at in spots if lower[at + wide] - upper[at + wide] - lower[at] + upper[at] == 0]
            for at, off in ((open_[-1], self.columns - wide - open_[-1]), (open_[0], open_[0] + LEFT)) if open_ else ():
                if best is None or row + off < best[0]:
                    best = (row + off, row, at)
        if best is None:
            return None
        _, row, at = best
        y = self.top - row * STEP
        left = self.right - width if at + wide == self.columns else self.right - (self.columns - at) * STEP
        return left, y - height, left + width, y


# -- what a page paints --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _State:
    matrix: _Matrix = _ONE
    size: float = 0


def painted(page: "Page") -> Iterator[Box]:
    """The boxes of all that a page paints, one for each path, run of text and picture."""
    from pikepdf import parse_content_stream

    forms = {str(name): value for name, value in page.Resources.get("/XObject", {}).items()}
    state, kept, path, line = _State(), [], list[tuple[float, float]](), _ONE
    for step in parse_content_stream(page):
        operands, name = list(step.operands), str(step.operator)
        if name == "q":
            kept.append(_State(state.matrix, state.size))
        elif name == "Q" and kept:
            state = kept.pop()
        elif name == "cm":
            state.matrix = _times(_matrix(operands), state.matrix)
        elif name == "re":
            x, y, w, h = (float(one) for one in operands)
            path += [_at(state.matrix, *point) for point in ((x, y), (x + w, y), (x, y + h), (x + w, y + h))]
        elif name in _PATH:
            numbers = [float(one) for one in operands]
            path += [_at(state.matrix, *point) for point in zip(numbers[::2], numbers[1::2], strict=True)]
        elif name in _PAINT:
            if path:
                yield _around(path)
            path = []
        elif name == "n":
            path = []
        elif name == "Tf":
            state.size = float(operands[1])
        elif name in ("BT", "Tm", "Td", "TD"):
            line = _moved(name, operands, line)
        elif name in ("Tj", "TJ", "'", '"'):
            yield _text(operands[-1], state.size, _times(line, state.matrix))
        elif name == "Do":
            yield _form(forms.get(str(operands[0])), state.matrix)


def _moved(name: str, operands: "Sequence[object]", line: _Matrix) -> _Matrix:
    if name == "BT":
        return _ONE
    if name == "Tm":
        return _matrix(operands)
    x, y = (float(one) for one in operands)  # type: ignore[arg-type]
    return _times((1, 0, 0, 1, x, y), line)


def _text(shown: object, size: float, matrix: _Matrix) -> Box:
    """As wide as if every glyph were a Chinese one; the numbers between the glyphs move them apart (9.4.3)."""
    parts = list(shown) if hasattr(shown, "as_list") else [shown]  # type: ignore[call-overload]
    width = 0.0
    for part in parts:
        data = _bytes(part)
        width += size * len(data) / 2 if data is not None else max(0.0, -float(str(part))) * size / 1000
    corners = [_at(matrix, x, y) for x in (0.0, width) for y in (-0.35 * size, 1.1 * size)]
    return _around(corners)


def _bytes(part: object) -> bytes | None:
    from pikepdf import String

    return bytes(part) if isinstance(part, (String, bytes)) else None


def _form(form: object, matrix: _Matrix) -> Box:
    """A picture is one unit large (8.9.5); a form says how large it is, and may be turned (8.10.2)."""
    box, own = (0.0, 0.0, 1.0, 1.0), _ONE
    if form is not None and "/BBox" in form:  # type: ignore[operator]
        a, b, c, d = (float(one) for one in form.BBox)  # type: ignore[attr-defined]
        box = (a, b, c, d)
        own = _matrix(form.Matrix) if "/Matrix" in form else _ONE  # type: ignore[attr-defined, operator]
    both = _times(own, matrix)
    return _around([_at(both, x, y) for x in (box[0], box[2]) for y in (box[1], box[3])])


def _matrix(numbers: "Sequence[object]") -> _Matrix:
    a, b, c, d, e, f = (float(one) for one in numbers)  # type: ignore[arg-type]
    return a, b, c, d, e, f


def _times(one: _Matrix, two: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _at(matrix: _Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)
