"""Which of the old blocks is which of the new: equal ones first, then those that are alike, in order.

Comparing every old block with every new one takes the square of their number. So equal blocks are found by their key,
what is left between them is compared pair by pair, and where even that would be too much only near the diagonal.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeAlias, TypeVar

from qmanual.control.redline.model import Effort

T = TypeVar("T")
Place: TypeAlias = tuple[int, int, int, int]
"""From and to in the old, from and to in the new."""

CELLS = 40_000
"""Up to so many pairs of blocks are looked at in one gap between equal blocks."""
COST = 40
"""What looking at one pair costs, in units of `Effort`."""
EQUAL = 2.0
"""What a pair of equal blocks counts for; alike ones count for at most 1."""


def align(
    old: Sequence[T],
    new: Sequence[T],
    signs: Sequence[Callable[[T], Hashable]],
    alike: Callable[[T, T], float],
    effort: Effort,
) -> list[tuple[T | None, T | None]]:
    """Every old and every new item once, in order, as pairs; None beside an item that has no partner.

    `signs`: by what items are found again. The first is equal for equal items only; the others, for which alike items
    have good chances to be equal, help where very many items differ. `alike(a, b)`: 0 when the two must not be paired,
    up to 1 for nearly equal ones.
    """
    pairing = _Pairing(old, new, signs, alike, effort)
    return _walk(old, new, pairing.between((0, len(old), 0, len(new)), 0))


class _Pairing(Generic[T]):
    def __init__(
        self,
        old: Sequence[T],
        new: Sequence[T],
        signs: Sequence[Callable[[T], Hashable]],
        alike: Callable[[T, T], float],
        effort: Effort,
    ) -> None:
        self.old, self.new, self.signs, self.alike, self.effort = old, new, signs, alike, effort
        self.a, self.b = self._numbered(0)
        self.known: dict[tuple[int, int], float] = {}

    def _numbered(self, which: int) -> tuple[list[int], list[int]]:
        """Every item's sign as a small number, which is quick to compare."""
        numbers: dict[Hashable, int] = {}
        sign = self.signs[which]
        old = [numbers.setdefault(sign(item), len(numbers)) for item in self.old]
        return old, [numbers.setdefault(sign(item), len(numbers)) for item in self.new]

    def between(self, place: Place, which: int) -> list[tuple[int, int]]:
        """The pairs between two places: by the sign of that number, what is left by the next ones."""
        i, p, j, q = place
        if i >= p or j >= q:
            return []
        if which and (p - i) * (q - j) <= CELLS:
            return _best(place, self._score)
        if which == len(self.signs):
            return _best(place, self._score)
        a, b = (self.a, self.b) if which == 0 else self._numbered(which)
        found: list[tuple[int, int]] = []
        for at, to in [*_anchors(a[i:p], b[j:q]), (p - i, q - j)]:
            at, to = i + at, j + to
            left = (found[-1][0] + 1, at, found[-1][1] + 1, to) if found else (i, at, j, to)
            found += self.between(left, which + 1)
            if at < p and (which == 0 or self._score(at, to) > 0):
                found.append((at, to))
        return found

    def _score(self, at: int, to: int) -> float:
        pair = self.a[at], self.b[to]
        if pair[0] == pair[1]:
            return EQUAL
        if pair not in self.known:
            self.known[pair] = self.alike(self.old[at], self.new[to]) if self.effort.spend(COST) else 0.0
        return self.known[pair]


def shared_ends(a: Sequence[object], b: Sequence[object]) -> tuple[int, int]:
    """How many items both begin with, and how many of the rest both end with."""
    head = 0
    while head < min(len(a), len(b)) and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < min(len(a), len(b)) - head and a[-1 - tail] == b[-1 - tail]:
        tail += 1
    return head, tail


def _anchors(a: Sequence[int], b: Sequence[int]) -> list[tuple[int, int]]:
    """Pairs of equal items, in order in both: what both begin and end with, then what occurs once in each."""
    head, tail = shared_ends(a, b)
    ends = len(a) - tail, len(b) - tail
    once = Counter(a[head : ends[0]])
    again = Counter(b[head : ends[1]])
    place = {item: at for at, item in enumerate(b[head : ends[1]], head) if again[item] == 1}
    pairs = [(at, place[item]) for at, item in enumerate(a[head : ends[0]], head) if once[item] == 1 and item in place]
    return [
        *((at, at) for at in range(head)),
        *_rising(pairs),
        *((ends[0] + at, ends[1] + at) for at in range(tail)),
    ]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of pairs that rises in both places (patience sorting)."""
    tops: list[int] = []
    ends: list[int] = []
    before = [-1] * len(pairs)
    for at, (_, q) in enumerate(pairs):
        pile = bisect_left(tops, q)
        before[at] = ends[pile - 1] if pile else -1
        if pile == len(tops):
            tops.append(q)
            ends.append(at)
        else:
            tops[pile], ends[pile] = q, at
    row = []
    at = ends[-1] if ends else -1
    while at >= 0:
        row.append(pairs[at])
        at = before[at]
    return row[::-1]


def _best(place: Place, score: Callable[[int, int], float]) -> list[tuple[int, int]]:
    """The pairs of the best alignment, near the diagonal only when there are too many to look at all."""
    i, p, j, q = place
    n, m = p - i, q - j
    reach = m if n * m <= CELLS else max(4, CELLS // (2 * n))
    rows: list[tuple[int, list[float], list[int]]] = []
    low_before, before = 0, [0.0] * (m + 1)
    for at in range(n):
        middle = (2 * at + 1) * m // (2 * n)
        low, high = max(0, middle - reach), min(m, middle + reach + 1)
        line, steps = [0.0] * (high - low + 1), [0] * (high - low + 1)
        for to in range(low, high + 1):
            up = _at(before, to - low_before)
            left = line[to - low - 1] if to > low else _at(before, to - low_before)
            best, step = (up, 1) if up >= left or to == low else (left, 2)
            if to > low and (alike := score(i + at, j + to - 1)):
                over = _at(before, to - 1 - low_before) + alike
                if over > best:
                    best, step = over, 3
            line[to - low], steps[to - low] = best, step
        rows.append((low, line, steps))
        low_before, before = low, line
    return _trace(rows, m, i, j)


def _at(row: Sequence[float], at: int) -> float:
    """The value at a place; beyond the looked at part that of its end."""
    return row[min(max(at, 0), len(row) - 1)]


def _trace(rows: list[tuple[int, list[float], list[int]]], m: int, i: int, j: int) -> list[tuple[int, int]]:
    pairs = []
    to = m
    at = len(rows) - 1
    while at >= 0 and to > 0:
        low, line, steps = rows[at]
        to = min(to, low + len(line) - 1)
        if to < low:
            at -= 1
            continue
        step = steps[to - low]
        if step == 3:
            pairs.append((i + at, j + to - 1))
            at, to = at - 1, to - 1
        elif step == 2:
            to -= 1
        else:
            at -= 1
    return pairs[::-1]


def _walk(old: Sequence[T], new: Sequence[T], pairs: Sequence[tuple[int, int]]) -> list[tuple[T | None, T | None]]:
    """All items in order: the paired ones together, what has no partner before them."""
    found: list[tuple[T | None, T | None]] = []
    i = j = 0
    for at, to in [*pairs, (len(old), len(new))]:
        found += [(item, None) for item in old[i:at]]
        found += [(None, item) for item in new[j:to]]
        if at < len(old):
            found.append((old[at], new[to]))
        i, j = at + 1, to + 1
    return found
