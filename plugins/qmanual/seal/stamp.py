"""Draws a seal: a ring or a frame, the company's name, a star, a line and the day, as PDF operators (ISO 32000-1, 8.5).

Characters are drawn as their outlines, out of the fonts of the prints. So the seal needs no font in the file, and is
sharp at every size.
"""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qmanual.fonts import FOLDER, coverage
from qmanual.model.seal import Shape
from qmanual.seal.values import Appearance

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

RED = "0.78 0.06 0.09"
FONTS = {"common": "common-Bold.otf", "rare": "rare-Bold.otf", "symbols": "symbols-Bold.ttf"}
SWEEP = math.radians(230)
"""How far around a ring a long name may go."""

_Turn = tuple[float, float, float, float, float, float]


def drawn(look: Appearance, width: float, height: float) -> bytes:
    """The operators that fill a box of that size, in points, with the seal."""
    parts = [f"q {RED} rg {RED} RG"]
    parts += _round(look, width / 2) if look.shape is Shape.ROUND else _rectangle(look, width, height)
    return "\n".join([*parts, "Q"]).encode("ascii")


def proportion(shape: Shape) -> float:
    """How high a seal is for its width."""
    return 1 if shape is Shape.ROUND else 0.42


def _round(look: Appearance, radius: float) -> list[str]:
    ring = radius * 0.035
    parts = [f"{ring:.2f} w", _circle(radius, radius, radius - ring)]
    size = radius * 0.3
    around = radius * 0.93 - size
    step = min(_width(look.company, size) * 1.15, SWEEP * around)
    scale = step / max(_width(look.company, size), 1e-6)
    angle = math.pi / 2 + step / around / 2
    for sign in look.company:
        advance = _width(sign, size) * scale / around
        at = angle - advance / 2
        x, y = radius + around * math.cos(at), radius + around * math.sin(at)
        turn, narrow = at - math.pi / 2, min(1.0, scale)
        parts.append(_glyphs(sign, size, _placed(x, y, turn, narrow, -_width(sign, size) / 2)))
        angle -= advance
    parts.append(_star(radius, radius * 1.12, radius * 0.24))
    parts.append(_line(look.line, radius, radius * 0.58, radius * 0.2, radius * 1.1))
    parts.append(_line(look.day, radius, radius * 0.3, radius * 0.17, radius * 0.9))
    return parts


def _rectangle(look: Appearance, width: float, height: float) -> list[str]:
    edge = height * 0.045
    inside = f"{edge / 2:.2f} {edge / 2:.2f} {width - edge:.2f} {height - edge:.2f} re S"
    return [
        f"{edge:.2f} w {inside}",
        _line(look.company, width / 2, height * 0.68, height * 0.19, width * 0.9),
        _line(look.line, width / 2, height * 0.38, height * 0.22, width * 0.9),
        _line(look.day, width / 2, height * 0.12, height * 0.17, width * 0.9),
    ]


def _line(text: str, middle: float, base: float, size: float, room: float) -> str:
    """A line of text, smaller where it would not fit."""
    size *= min(1.0, room / max(_width(text, size), 1e-6))
    return _glyphs(text, size, (1, 0, 0, 1, middle - _width(text, size) / 2, base))


def _placed(x: float, y: float, turn: float, narrow: float, shift: float) -> _Turn:
    """Glyphs whose foot is at that point, turned, and moved along their line."""
    c, s = math.cos(turn), math.sin(turn)
    return narrow * c, narrow * s, -s, c, x + shift * narrow * c, y + shift * narrow * s


def _circle(x: float, y: float, radius: float) -> str:
    k = radius * 0.5522847498
    points: Sequence[tuple[float, ...]] = (
        (x + radius, y + k, x + k, y + radius, x, y + radius),
        (x - k, y + radius, x - radius, y + k, x - radius, y),
        (x - radius, y - k, x - k, y - radius, x, y - radius),
        (x + k, y - radius, x + radius, y - k, x + radius, y),
    )
    curves = " ".join(f"{' '.join(f'{one:.2f}' for one in point)} c" for point in points)
    return f"{x + radius:.2f} {y:.2f} m {curves} s"


def _star(x: float, y: float, radius: float) -> str:
    points = []
    for at in range(10):
        reach = radius if at % 2 == 0 else radius * 0.382
        angle = math.pi / 2 + at * math.pi / 5
        points.append(f"{x + reach * math.cos(angle):.2f} {y + reach * math.sin(angle):.2f} {'l' if at else 'm'}")
    return " ".join([*points, "f"])


# -- outlines ------------------------------------------------------------------------------------------------------


def _width(text: str, size: float) -> float:
    return sum(_advance(sign) for sign in text) * size


def _glyphs(text: str, size: float, matrix: _Turn) -> str:
    """The outlines of a text, its first glyph's origin at the origin of the matrix."""
    parts, x = [f"q {' '.join(f'{one:.4f}' for one in matrix)} cm"], 0.0
    for sign in text:
        parts.append(_outline(sign, size, x))
        x += _advance(sign) * size
    return " ".join([*parts, "Q"])


def _advance(sign: str) -> float:
    font, name = _glyph(sign)
    return float(font["hmtx"][name][0] / font["head"].unitsPerEm)


def _outline(sign: str, size: float, x: float) -> str:
    from fontTools.pens.transformPen import TransformPen

    font, name = _glyph(sign)
    scale = size / font["head"].unitsPerEm
    pen = _pen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(TransformPen(pen, (scale, 0, 0, scale, x, 0)))
    return " ".join([*pen.said, "f"]) if pen.said else ""


def _pen(glyphs: object) -> Any:
    """A pen that writes PDF operators; curves of the second degree come as such of the third."""
    from fontTools.pens.basePen import BasePen

    class Pen(BasePen):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(glyphs)
            self.said: list[str] = []

        def _moveTo(self, point: tuple[float, float]) -> None:
            self.said.append(f"{point[0]:.2f} {point[1]:.2f} m")

        def _lineTo(self, point: tuple[float, float]) -> None:
            self.said.append(f"{point[0]:.2f} {point[1]:.2f} l")

        def _curveToOne(self, *points: tuple[float, float]) -> None:
            self.said.append(" ".join(f"{x:.2f} {y:.2f}" for x, y in points) + " c")

        def _closePath(self) -> None:
            self.said.append("h")

    return Pen()


@cache
def _glyph(sign: str) -> "tuple[TTFont, str]":
    """The font that draws a character, and its glyph; the first font's mark for what is missing, else."""
    for name, file in FONTS.items():
        if any(low <= ord(sign) <= high for low, high in coverage()[name]):
            font = _font(file)
            return font, font.getBestCmap()[ord(sign)]
    return _font(FONTS["common"]), ".notdef"


@cache
def _font(name: str) -> "TTFont":
    from fontTools.ttLib import TTFont

    return TTFont(Path(FOLDER) / name, lazy=True)
