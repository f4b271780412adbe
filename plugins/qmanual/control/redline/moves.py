"""What was taken out at one place and put in at another: moved, and not removed and written anew.

An alignment keeps the order of blocks, so a paragraph that changed places comes out of it twice, as old and as new.
Here the two are brought together. They stay what they are, an old and a new node, so that nothing can be lost; they
carry one number, and the new one also what differs in it.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from qmanual.control.redline.compare import Comparing
from qmanual.control.redline.grid import compare_rows
from qmanual.control.redline.model import Block, Node, Side
from qmanual.control.redline.words import Binding

LIKENESS = 0.6
"""From this share of common pairs of characters on, a block is taken for a moved one that was edited."""
COMMON = 10
"""Text of fewer letters stands in many places: it is moved only within its list or table, or with its neighbours."""
FEW = 4
"""Text of fewer letters is moved only when it is the same."""
PAIRS = 40_000
"""Up to so many pairs of old and new blocks are compared for likeness."""
_COST = 40

_MOVABLE = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "div", "blockquote", "pre", "dl", "dt",
    "dd", "section", "aside", "details", "figure",
})  # fmt: skip
_IN_ROWS = frozenset({"li", "tr"})
_NUMBER = re.compile(r"^[\d.]+\s*")

Row: TypeAlias = tuple[Node, ...]
Blocks: TypeAlias = Sequence[Block]
Pairs: TypeAlias = dict[int, "_Spot"]
"""The place of an old node (by identity) → the place of the new one."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A node in its row of siblings. `parent`: what the row is in, by identity; 0 at the top."""

    row: Row
    at: int
    parent: int

    @property
    def node(self) -> Node:
        return self.row[self.at]

    @property
    def block(self) -> Block:
        return self.node.block


def compare_blocks(old: Blocks, new: Blocks) -> Row:
    """The difference of two texts as nodes in reading order."""
    return compare_parts([(old, new)])[0]


def compare_parts(parts: Sequence[tuple[Blocks, Blocks]]) -> tuple[Row, ...]:
    """The difference of several pairs of texts, such as chapters; what went from one to another is found as well."""
    rows = [Comparing(_binding([part])).blocks(*part) for part in parts]
    return find_moves(rows, Comparing(_binding(parts)))


def _binding(parts: Iterable[tuple[Blocks, Blocks]]) -> Binding:
    return Binding(tuple(block.text for part in parts for blocks in part for block in blocks))


def find_moves(rows: Sequence[Row], comparing: Comparing) -> tuple[Row, ...]:
    """The same rows of nodes, with a number in `move` of those that changed places, within a row or between rows."""
    spots = [spot for row in rows for spot in _spots(row, 0)]
    old = [spot for spot in spots if spot.node.side is Side.OLD]
    new = [spot for spot in spots if spot.node.side is Side.NEW]
    if not old or not new:
        return tuple(rows)
    pairs = _Pairs(comparing)
    pairs.equal(old, new)
    pairs.alike(old, new)
    pairs.neighbours(old)
    return tuple(_renewed(row, _results(pairs, old)) for row in rows)


def _spots(row: Row, parent: int) -> Iterator[_Spot]:
    """Every place in a row and below it where something that may be moved stands in one text only."""
    for at, node in enumerate(row):
        if node.side is Side.BOTH:
            yield from _spots(node.nodes, id(node))
        elif node.block.tag in _MOVABLE and not node.empty and not _replaced(row, at):
            yield _Spot(row, at, parent)


def _replaced(row: Row, at: int) -> bool:
    """Whether a drawing has another one beside it that took its place."""
    beside = row[at + 1 : at + 2] if row[at].side is Side.OLD else row[max(0, at - 1) : at]
    return bool(row[at].block.atom and beside and beside[0].block.atom and beside[0].side is not row[at].side)


class _Pairs:
    """Which old place goes with which new one, gathered from the surest to the least sure."""

    def __init__(self, comparing: Comparing) -> None:
        self.comparing = comparing
        self.found: Pairs = {}
        self.taken: set[int] = set()

    def equal(self, old: Sequence[_Spot], new: Sequence[_Spot]) -> None:
        """Blocks that are the same; short ones only in the same list or table."""
        known: dict[object, deque[_Spot]] = defaultdict(deque)
        for spot in new:
            known[_sign(spot)].append(spot)
        for spot in old:
            same = known[_sign(spot)]
            if same and _size(spot.block):
                self._take(spot, same.popleft())

    def alike(self, old: Sequence[_Spot], new: Sequence[_Spot]) -> None:
        """Blocks of which most is the same, the likest first."""
        left = [[one for one in spots if self._is_free(one) and _size(one.block) >= FEW] for spots in (old, new)]
        if len(left[0]) * len(left[1]) > PAIRS:
            return
        scores = [
            (-share, i, j)
            for i, one in enumerate(left[0])
            for j, other in enumerate(left[1])
            if one.block.tag == other.block.tag
            and not one.block.atom
            and (_is_long(one, other) or _together(one, other))
            and self.comparing.effort.spend(_COST)
            and (share := self.comparing.share(one.block.text, other.block.text)) >= LIKENESS
        ]
        for _, i, j in sorted(scores):
            if self._is_free(left[0][i]) and self._is_free(left[1][j]):
                self._take(left[0][i], left[1][j])

    def neighbours(self, old: Sequence[_Spot]) -> None:
        """What stands before and after a moved block in both texts has moved with it: the heading of a section."""
        for spot in old:
            for step in (-1, 1):
                one: _Spot | None = spot
                other = self.found.get(id(spot.node))
                while one and other:
                    one, other = _beside(one, step), _beside(other, step)
                    if not (one and other and self._goes_along(one, other)):
                        break
                    self._take(one, other)

    def _goes_along(self, one: _Spot, other: _Spot) -> bool:
        sides = one.node.side is Side.OLD and other.node.side is Side.NEW
        if not (sides and self._is_free(one) and self._is_free(other) and _size(one.block) and _size(other.block)):
            return False
        if one.block.tag not in _MOVABLE or one.block.tag != other.block.tag or one.block.atom or other.block.atom:
            return False
        return self.comparing.share(*(_NUMBER.sub("", spot.block.text) for spot in (one, other))) >= LIKENESS

    def _is_free(self, spot: _Spot) -> bool:
        return id(spot.node) not in self.found and id(spot.node) not in self.taken

    def _take(self, one: _Spot, other: _Spot) -> None:
        self.found[id(one.node)] = other
        self.taken.add(id(other.node))


def _size(block: Block) -> int:
    """How many letters and digits there are."""
    return sum(map(str.isalnum, block.text))


def _is_long(one: _Spot, other: _Spot) -> bool:
    return min(_size(one.block), _size(other.block)) >= COMMON


def _together(one: _Spot, other: _Spot) -> bool:
    return one.block.tag in _IN_ROWS and one.parent == other.parent


def _sign(spot: _Spot) -> object:
    """Equal for places of which one can be where the other went without any doubt."""
    key = spot.block.key
    if _size(spot.block) >= COMMON:
        return key
    return (key, spot.parent) if spot.block.tag in _IN_ROWS else (key, spot.node.side)


def _beside(spot: _Spot, step: int) -> _Spot | None:
    """The next place in a row that the text of a node has as well."""
    at = spot.at + step
    while 0 <= at < len(spot.row):
        if spot.row[at].side in (spot.node.side, Side.BOTH):
            return _Spot(spot.row, at, spot.parent)
        at += step
    return None


# -- the nodes anew ----------------------------------------------------------------------------------------------


def _results(pairs: _Pairs, old: Iterable[_Spot]) -> dict[int, Node]:
    """The nodes (by identity) that take the place of others. What stood together and stands together has one number."""
    made: dict[int, Node] = {}
    number = 0
    last: tuple[_Spot, _Spot] | None = None
    for spot in old:
        other = pairs.found.get(id(spot.node))
        moved = _moved(spot.node, other.node, pairs.comparing) if other else None
        if other is None or moved is None:
            continue
        if last is None or not (_follows(last[0], spot) and _follows(last[1], other)):
            number += 1
        made[id(spot.node)] = replace(spot.node, move=number)
        made[id(other.node)] = replace(moved, move=number)
        last = spot, other
    return made


def _follows(one: _Spot, other: _Spot) -> bool:
    return one.row is other.row and one.at + 1 == other.at


def _moved(old: Node, new: Node, comparing: Comparing) -> Node | None:
    """The new node of a move with what differs in it; None when that cannot be shown inside of it."""
    if old.block.key == new.block.key:
        return new
    if old.nodes or new.nodes:
        return None  # rows of a table that has other columns now
    same = new.block.tag == "tr" == old.block.tag
    found = compare_rows(old.block, new.block, comparing) if same else comparing.pair(old.block, new.block)
    whole = len(found) == 1 and found[0].side is Side.BOTH
    if not whole or (same and any(cell.side is not Side.BOTH for cell in found[0].nodes)):
        return None
    return replace(found[0], side=Side.NEW)


def _renewed(row: Row, made: dict[int, Node]) -> Row:
    """A row with its moved nodes put in; what holds none stays as it is."""
    if not made:
        return row
    found = []
    for node in row:
        if node.side is Side.BOTH and node.nodes:
            inside = _renewed(node.nodes, made)
            same = all(one is other for one, other in zip(inside, node.nodes, strict=True))
            found.append(node if same else replace(node, nodes=inside))
        else:
            found.append(made.get(id(node), node))
    return tuple(found)
