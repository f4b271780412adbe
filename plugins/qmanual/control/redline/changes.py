"""The differences as a list: what changed where, for summaries, terminals and programs.

A change is what an approver would count as one: a paragraph or a table row in which words differ, a run of blocks that
came or went together, a column, a picture that was exchanged.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qmanual.control.redline.model import Block, Node, Piece, Side, Stretch


class Kind(StrEnum):
    """What happened."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    """At the place where it is now; at the place where it was stands a change LEFT with the same `move`."""
    LEFT = "moved-away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `where`: the headings above it, outermost first. `what`: the tag of the block that changed.

    `name`: of what changed, where it has one. `stretches`: its text, side by side, for what is changed. `nodes`: what
    it is about, in reading order. `move`: the number that both places of a move have, else 0.
    """

    kind: Kind
    where: tuple[str, ...]
    what: str
    old: str
    new: str
    stretches: tuple[Stretch, ...] = ()
    nodes: tuple[Node, ...] = ()
    name: str = ""
    move: int = 0

    @property
    def anchor(self) -> Node:
        """The node at which the change begins."""
        return self.nodes[0]


_HEADING = re.compile(r"h[1-6]")


def changes(nodes: Sequence[Node]) -> tuple[Change, ...]:
    """All changes in reading order."""
    return tuple(_Walk().walk(nodes, ""))


class _Walk:
    def __init__(self) -> None:
        self.path: list[tuple[int, str]] = []

    def walk(self, nodes: Sequence[Node], inside: str) -> Iterator[Change]:
        """`inside`: the tag that anonymous text belongs to."""
        for group in groups(nodes):
            first = group[0]
            tag = first.block.tag or inside or "p"
            if first.side is Side.BOTH and not first.changed:
                self._heading(first.block)
            elif len(group) == 2 and group[0].side is not group[1].side:
                yield self._change(Kind.CHANGED, tag, group)
            elif first.side is Side.OLD:
                yield self._change(Kind.LEFT if first.move else Kind.REMOVED, tag, group)
            elif first.side is Side.NEW:
                self._heading(first.block)
                yield self._moved(tag, group) if first.move else self._change(Kind.ADDED, tag, group)
                for node in group[1:]:
                    self._heading(node.block)
            elif first.block.tag == "tr":
                if first.restyled or not _only_columns(first):
                    yield self._change(Kind.CHANGED, "tr", group, tuple(_of_row(first)))
            elif first.stretches:
                self._heading(first.block)
                yield self._change(Kind.CHANGED, tag, group, first.stretches)
            else:
                if first.restyled:
                    yield self._change(Kind.CHANGED, tag, group)
                yield from self._columns(first)
                yield from self.walk(first.nodes, tag)

    def _moved(self, tag: str, group: tuple[Node, ...]) -> Change:
        """What is at another place now, with what differs in it."""
        if not any(node.old for node in group):
            return self._change(Kind.MOVED, tag, group)
        stretches: list[Stretch] = []
        for node in group:
            whole = Node(Side.BOTH, node.block, node.old, node.nodes, node.stretches)
            stretches += [Stretch(Side.BOTH, (Piece("\n"),))] if stretches else []
            stretches += _of_row(whole) if node.nodes and node.block.tag == "tr" else flat(whole)
        return self._change(Kind.MOVED, tag, group, tuple(stretches))

    def _columns(self, table: Node) -> Iterator[Change]:
        """One change for all cells of the columns that came or went."""
        if table.block.tag != "table":
            return
        rows = [row for row in _rows(table) if row.side is Side.BOTH and row.changed]
        for kind, side in ((Kind.REMOVED, Side.OLD), (Kind.ADDED, Side.NEW)):
            cells = [[cell for cell in row.nodes if cell.side is side] for row in rows]
            if rows and cells[0] and len({len(row) for row in cells}) == 1:
                yield self._change(kind, "column", tuple(cell for row in cells for cell in row))

    def _heading(self, block: Block) -> None:
        if _HEADING.fullmatch(block.tag):
            level = int(block.tag[1])
            self.path = [*(one for one in self.path if one[0] < level), (level, block.text)]

    def _change(self, kind: Kind, what: str, nodes: Sequence[Node], stretches: tuple[Stretch, ...] = ()) -> Change:
        if stretches:
            old, new = (_joined(stretches, side) for side in (Side.OLD, Side.NEW))
        else:
            sides = ((Side.OLD, Side.BOTH), (Side.NEW, Side.BOTH))
            old, new = ("\n".join(_text(node) for node in nodes if node.side in side) for side in sides)
        where = tuple(text for _, text in self.path)
        return Change(
            kind=kind, where=where, what=what, old=old, new=new, stretches=stretches, nodes=tuple(nodes),
            move=nodes[0].move,
        )  # fmt: skip


def groups(nodes: Sequence[Node]) -> Iterator[tuple[Node, ...]]:
    """Nodes that go together: those of one side in a row, a drawing with the one that took its place, else each."""
    at = 0
    while at < len(nodes):
        end = at + 1
        first = nodes[at]
        if first.block.atom and first.side is Side.OLD and not first.move and end < len(nodes):
            after = nodes[end]
            if after.side is Side.NEW and after.block.atom and after.block.tag == first.block.tag and not after.move:
                yield (first, after)
                at = end + 1
                continue
        if first.side is not Side.BOTH:
            while end < len(nodes) and _goes_on(first, nodes[end]) and not _begins_pair(nodes, end):
                end += 1
        yield tuple(nodes[at:end])
        at = end


def _goes_on(first: Node, node: Node) -> bool:
    return node.side is first.side and node.move == first.move


def _begins_pair(nodes: Sequence[Node], at: int) -> bool:
    node = nodes[at]
    return bool(node.block.atom) and node.side is Side.OLD and at + 1 < len(nodes) and nodes[at + 1].side is Side.NEW


def _rows(table: Node) -> Iterable[Node]:
    for node in table.nodes:
        if node.block.tag == "tr":
            yield node
        else:
            yield from (row for row in node.nodes if row.block.tag == "tr")


def _only_columns(row: Node) -> bool:
    """Whether a row differs in nothing but in the cells of a column that came or went."""
    return all(not cell.changed or cell.side is not Side.BOTH for cell in row.nodes)


def _of_row(row: Node) -> Iterator[Stretch]:
    """The text of a changed row: its cells with a bar between them."""
    for at, cell in enumerate(node for node in row.nodes if not node.empty):
        if at:
            yield Stretch(Side.BOTH, (Piece(" | "),))
        yield from flat(cell)


def flat(node: Node) -> Iterator[Stretch]:
    """All text in a node, side by side."""
    if node.stretches:
        yield from node.stretches
    elif node.nodes:
        for at, inner in enumerate(node.nodes):
            if at:
                yield Stretch(Side.BOTH, (Piece("\n"),))
            yield from flat(inner)
    elif text := _text(node):
        yield Stretch(node.side, (Piece(text),))


def _text(node: Node) -> str:
    if node.block.tag == "tr":
        return " | ".join(cell.text for cell in node.block.blocks)
    if node.block.tag in ("table", "thead", "tbody"):
        return "\n".join(_text(Node(node.side, block)) for block in node.block.blocks)
    return node.block.text


def _joined(stretches: Iterable[Stretch], side: Side) -> str:
    return "".join(stretch.text for stretch in stretches if stretch.side in (side, Side.BOTH))
