"""The air taken out of a flowchart's heights, so that a long one can still be read on one printed page.

The engine gives every step the height of two and a diamond the height of its width. Here the heights are drawn in: a
step keeps what its lines of text need, the gap between two ranks what an arrow needs. What stood on one level still
does, and one map moves shapes and lines alike, so that every line still ends where it did. Lengths are pixels.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINE = 21.0
"""From one line of a label to the next."""
_FRAME = 12.0
_FLATTEST = 56.0
_FREE = 0.62
_LEAST_GAP = 14.0


@dataclass(frozen=True, slots=True)
class Band:
    """What a shape covers from top to bottom, and the height that it can do with."""

    top: float
    bottom: float
    least: float


@dataclass(frozen=True, slots=True)
class Heights:
    """Where every height of the drawing is moved to: straight between the knots, which rise."""

    old: tuple[float, ...]
    new: tuple[float, ...]

    def __call__(self, y: float) -> float:
        """The new height of a point."""
        if not self.old:
            return y
        at = bisect_right(self.old, y)
        if at in (0, len(self.old)):
            end = min(at, len(self.old) - 1)
            return self.new[end] + y - self.old[end]
        low, high = self.old[at - 1], self.old[at]
        return self.new[at - 1] + (y - low) / (high - low) * (self.new[at] - self.new[at - 1])


def box_need(lines: int) -> float:
    """The height that a box needs for its lines."""
    return lines * LINE + _FRAME


def diamond_need(lines: int, text: float, width: float) -> float:
    """The height of a diamond of this width that a label of `lines` lines, `text` wide, fits into."""
    room = 0.92 - text / width if width else 0.0
    return max((lines * LINE - 4) / room, _FLATTEST) if room > 0.1 else width


def heights(nodes: Iterable[Band], labels: Iterable[Band]) -> Heights:
    """The map for a drawing with these steps; a label that lies between two ranks keeps its height."""
    ranks = _ranks(sorted(nodes, key=lambda band: band.top))
    free = [label for label in labels if not any(_touch(label, rank) for rank in ranks)]
    old: list[float] = []
    new: list[float] = []
    for rank in sorted([*ranks, *_ranks(sorted(free, key=lambda band: band.top))], key=lambda band: band.top):
        gap = rank.top - old[-1] if old else 0.0
        start = new[-1] + max(min(gap, _LEAST_GAP), gap * _FREE) if old else rank.top
        if not old or rank.top > old[-1]:
            old.append(rank.top)
            new.append(start)
        old.append(rank.bottom)
        new.append(new[-1] + rank.least)
    return Heights(tuple(old), tuple(new))


def _ranks(bands: Sequence[Band]) -> list[Band]:
    """Bands that share a height become one, drawn in as far as the one that can be drawn in least."""
    ranks: list[Band] = []
    shares: list[float] = []
    for band in bands:
        height = band.bottom - band.top
        share = min(1.0, band.least / height) if height > 0 else 1.0
        if ranks and _touch(ranks[-1], band):
            shares[-1] = max(shares[-1], share)
            ranks[-1] = Band(ranks[-1].top, max(ranks[-1].bottom, band.bottom), 0.0)
        elif height > 0:
            ranks.append(band)
            shares.append(share)
    return [
        Band(rank.top, rank.bottom, (rank.bottom - rank.top) * share) for rank, share in zip(ranks, shares, strict=True)
    ]


def _touch(one: Band, other: Band) -> bool:
    return one.top < other.bottom and other.top < one.bottom
