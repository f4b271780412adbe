"""Boxes, lines and arrows as SVG: what the organization chart and the process map are drawn with.

Lengths are CSS pixels; the text is 9 pt, so that a drawing of `WIDTH` fills the lines of an upright A4 page and can be
read there. Text stays text. Every shape has a class, by which the site restyles it for dark mode, and attributes that
print black on white where no style sheet reaches. There are no ids: two drawings on a page cannot collide.
"""

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wcwidth import wcwidth

WIDTH = 640.0
"""The widest that a drawing may be: 17 cm."""
HEIGHT = 860.0
"""The highest: what is left of a page beside a heading and a line of text."""
FONT = 12.0
LINE = 15.0
PAD = 6.0
ARROW = 5.0

_NARROW = 0.6
_NEVER_FIRST = frozenset("，。、；：！？）》」』】〉”’·…—,.;:!?)]}%")


@dataclass(frozen=True, slots=True)
class Label:
    """What a box says: its name, bold, and a note under it (a person, a department)."""

    name: tuple[str, ...]
    note: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the box that the text needs."""
        lines = (*self.name, *self.note)
        return max(map(measure, lines), default=0) + 2 * PAD, len(lines) * LINE + 2 * PAD - 1


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the drawing."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return self.y + self.height / 2

    @property
    def centre(self) -> float:
        """Where its middle lies from the left."""
        return self.x + self.width / 2


# -- text --------------------------------------------------------------------------------------------------------


def label(name: str, note: str, limit: float) -> Label:
    """A label whose lines are at most `limit` wide, where that is possible without breaking a word."""
    return Label(wrap(name, limit), wrap(note, limit) if note else ())


def measure(text: str) -> float:
    """The width of a line, by East Asian width: Chinese characters are square."""
    return sum(_width(character) for character in text)


def _width(character: str) -> float:
    return FONT * {2: 1.0, 1: _NARROW}.get(wcwidth(character), 0.0)


def wrap(text: str, limit: float) -> tuple[str, ...]:
    """Lines of about the same width, none wider than `limit` but for a long word; Chinese breaks anywhere."""
    pieces = _pieces(" ".join(text.split()))
    lines = _filled(pieces, limit)
    if len(lines) < 2:
        return tuple(lines)
    narrow = max(measure(text) / len(lines), max(map(measure, pieces)))
    while narrow < limit and len(balanced := _filled(pieces, narrow)) > len(lines):
        narrow += FONT / 2
    return tuple(balanced if narrow < limit else lines)


def _pieces(text: str) -> list[str]:
    """What must stay on one line: a Chinese character with the closing mark after it, a word with its blank."""
    pieces: list[str] = []
    for character in text:
        joins = pieces and (character in _NEVER_FIRST or character == " " or not _breaks(pieces[-1][-1], character))
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _breaks(before: str, after: str) -> bool:
    return before in " /-" or wcwidth(before) == 2 or wcwidth(after) == 2


def _filled(pieces: Iterable[str], limit: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and measure((lines[-1] + piece).rstrip()) > limit + 0.01:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return [*lines[:-1], lines[-1].rstrip()]


# -- shapes ------------------------------------------------------------------------------------------------------


def figure(shapes: Iterable[str], width: float, height: float, style: str, title: str, said: str) -> str:
    """The drawing as a figure of a page. `said`: what a screen reader says of it."""
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    scrolls = 'style="margin:1em auto;overflow-x:auto" tabindex="0"'  # on a phone: text of 9 pt stays 9 pt
    name = html.escape(f"{title}：{said}" if said else title)
    return (
        f'<figure class="qm-chart {style}" {scrolls} role="img" aria-label="{name}">'
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="display:block;max-width:none;margin:0 auto" '
        f'font-family="QManual Sans, sans-serif" font-size="{_n(FONT)}">{"".join(shapes)}</svg></figure>'
    )


def boxed(box: Box, text: Label, style: str = "") -> str:
    """A box with its label in the middle."""
    rect = _rect(box, f"qm-box {style}".strip(), 'rx="3" fill="#ffffff" stroke="#333333"')
    lines = [*((line, True) for line in text.name), *((line, False) for line in text.note)]
    top = box.middle - len(lines) * LINE / 2
    return rect + "".join(
        _text(box.centre, top + at * LINE + LINE * 0.76, line, bold) for at, (line, bold) in enumerate(lines)
    )


def band(box: Box, strip: float, title: str, style: str) -> str:
    """A field that holds boxes of one sort; its title stands in a strip at its left end."""
    rect = _rect(box, f"qm-field {style}", 'rx="4" fill="#f6f6f6" stroke="#999999"')
    return rect + pillar(Box(box.x, box.y, strip, box.height), title, f"qm-strip {style}", "#e4e4e4")


def pillar(box: Box, text: str, style: str, fill: str = "#ffffff") -> str:
    """A tall narrow box: Chinese is written downwards, other scripts are turned."""
    rect = _rect(box, style, f'rx="4" fill="{fill}" stroke="#999999"')
    if not _is_upright(text):
        turn = f' transform="rotate(-90 {_n(box.centre)} {_n(box.middle)})"'
        return rect + _text(box.centre, box.middle + FONT * 0.36, text, True, turn)
    top = box.middle - len(text) * LINE / 2
    return rect + "".join(
        _text(box.centre, top + at * LINE + LINE * 0.76, character, True) for at, character in enumerate(text)
    )


def pillar_height(text: str) -> float:
    """The height that a pillar needs for its text."""
    return (len(text) * LINE if _is_upright(text) else measure(text)) + 2 * PAD


def _is_upright(text: str) -> bool:
    return all(wcwidth(character) == 2 for character in text)


def line(points: Sequence[tuple[float, float]], *, back: bool = False) -> str:
    """A line through these points; `back`: against the flow, dashed."""
    path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    dashes = ' stroke-dasharray="4 2"' if back else ""
    return f'<path class="qm-line" d="{path}" fill="none" stroke="#333333" stroke-width="1"{dashes}/>'


def head(x: float, y: float, dx: int, dy: int) -> str:
    """The head of an arrow that ends at a point, going right or left (`dx`) or down or up (`dy`)."""
    across, along = ARROW * 0.6, ARROW * 1.4
    left = (x - dx * along - dy * across, y - dy * along - dx * across)
    right = (x - dx * along + dy * across, y - dy * along + dx * across)
    corners = " ".join(f"{_n(a)},{_n(b)}" for a, b in ((x, y), left, right))
    return f'<polygon class="qm-head" points="{corners}" fill="#333333"/>'


def arrow(start: tuple[float, float], end: tuple[float, float], *, back: bool = False) -> str:
    """A straight arrow, level or upright."""
    dx, dy = (round(math.copysign(b != a, b - a)) for a, b in zip(start, end, strict=True))
    return line([start, (end[0] - dx * ARROW, end[1] - dy * ARROW)], back=back) + head(*end, dx, dy)


def _rect(box: Box, style: str, look: str) -> str:
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
    return f'<rect class="{style}" {place} {look}/>'


def _text(x: float, y: float, text: str, bold: bool, turn: str = "") -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{_n(x)}" y="{_n(y)}" text-anchor="middle"'
    return f'<text class="qm-text" {place} fill="#000000"{weight}{turn}>{html.escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
