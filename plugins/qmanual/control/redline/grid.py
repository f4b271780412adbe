"""Tables compared by row and column, so that a new column is one new column and not a change of every row."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from qmanual.control.redline.align import align
from qmanual.control.redline.model import Block, Effort, Node, Side, make_block

Columns: TypeAlias = tuple[tuple[int | None, int | None], ...]
"""Every column of the old and of the new table once: its place in each, None where it is not there."""

_SPANS = ("colspan", "rowspan")
_NUMBER = re.compile(r"[\s(（]*\d+[\s)）.、]*")


class Comparing(Protocol):
    """The comparison that two tables are part of: it compares what is in their cells."""

    effort: Effort

    def pair(self, old: Block, new: Block) -> tuple[Node, ...]:
        """The nodes of two blocks that were found to be one."""

    def share(self, old: str, new: str) -> float:
        """How much two texts have in common, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class _Column:
    at: int
    head: str
    cells: tuple[str, ...]


def compare_table(old: Block, new: Block, comparing: Comparing) -> tuple[Node, ...]:
    """The nodes of two tables that were found to be one."""
    if _is_grid(old) and _is_grid(new):
        columns = _columns(old, new, comparing)
        if any(one is not None and other is not None for one, other in columns):
            return (Node(Side.BOTH, new, old, nodes=_sections(old, new, columns, comparing)),)
    elif _shape(old) == _shape(new):
        return (Node(Side.BOTH, new, old, nodes=_in_place(old, new, comparing)),)
    return Node(Side.OLD, old), Node(Side.NEW, new)


def rows_of(table: Block) -> list[Block]:
    """The rows of a table, of whatever part of it."""
    found = []
    for block in table.blocks:
        found += [block] if block.tag == "tr" else [row for row in block.blocks if row.tag == "tr"]
    return found


def _is_grid(table: Block) -> bool:
    """Whether every row has as many cells and none covers another's place."""
    rows = rows_of(table)
    spanned = any(name in _SPANS for row in rows for cell in row.blocks for name, _ in cell.attributes)
    cells = all(cell.tag in ("td", "th") for row in rows for cell in row.blocks)
    return cells and not spanned and len({len(row.blocks) for row in rows}) == 1 and bool(rows[0].blocks)


def _shape(block: Block) -> object:
    """The skeleton of a table without its texts."""
    if block.tag in ("td", "th") or not block.blocks:
        return block.tag, block.attributes
    return block.tag, block.attributes, tuple(map(_shape, block.blocks))


def _in_place(old: Block, new: Block, comparing: Comparing) -> tuple[Node, ...]:
    """Two tables of one skeleton, cell by cell."""
    found: list[Node] = []
    for one, other in zip(old.blocks, new.blocks, strict=True):
        if one.key == other.key:
            found.append(Node(Side.BOTH, other))
        elif other.tag in ("td", "th") or not other.blocks:
            found += comparing.pair(one, other)
        else:
            found.append(Node(Side.BOTH, other, one, nodes=_in_place(one, other, comparing)))
    return tuple(found)


# -- columns -----------------------------------------------------------------------------------------------------


def _columns(old: Block, new: Block, comparing: Comparing) -> Columns:
    def alike(one: _Column, other: _Column) -> float:
        if one.head and one.head == other.head:
            return 1.0
        cells = set(one.cells) & set(other.cells) - {""}
        share = 2 * len(cells) / max(1, len({*one.cells} - {""}) + len({*other.cells} - {""}))
        heads = comparing.share(one.head, other.head)
        return max(share, heads) if max(share, heads) > 0.5 else 0.0

    signs = (lambda column: (column.head, column.cells),)
    pairs = align(_columns_of(old), _columns_of(new), signs, alike, comparing.effort)
    return _positional([(one.at if one else None, other.at if other else None) for one, other in pairs])


def _columns_of(table: Block) -> list[_Column]:
    rows = rows_of(table)
    texts = [[cell.text for cell in row.blocks] for row in rows]
    return [_Column(at, column[0], tuple(column[1:])) for at, column in enumerate(zip(*texts, strict=True))]


def _positional(pairs: Sequence[tuple[int | None, int | None]]) -> Columns:
    """Between columns that were found again, as many old as new ones are the same columns with other texts."""
    found: list[tuple[int | None, int | None]] = []
    gone: list[int] = []
    come: list[int] = []
    for one, other in [*pairs, (-1, -1)]:
        if one is not None and other is not None:
            if len(gone) == len(come):
                found += zip(gone, come, strict=True)
            else:
                found += [*((at, None) for at in gone), *((None, at) for at in come)]
            gone, come = [], []
            found.append((one, other))
        elif one is not None:
            gone.append(one)
        elif other is not None:
            come.append(other)
    return tuple(found[:-1])


# -- rows --------------------------------------------------------------------------------------------------------


def _sections(old: Block, new: Block, columns: Columns, comparing: Comparing) -> tuple[Node, ...]:
    """The nodes of the parts of two tables (head, body), or of their rows where they have no parts."""
    if any(block.tag == "tr" for block in (*old.blocks, *new.blocks)):
        return _rows(old.blocks, new.blocks, columns, comparing)
    found: list[Node] = []
    for one, other in align(old.blocks, new.blocks, (lambda block: block.key,), _same_tag, comparing.effort):
        if one is None or other is None:
            found += [Node(Side.OLD, one)] if one else [Node(Side.NEW, other)] if other else []
        elif one.key == other.key and not _moves(columns):
            found.append(Node(Side.BOTH, other))
        elif any(block.tag == "tr" for block in other.blocks):
            found.append(Node(Side.BOTH, other, one, nodes=_rows(one.blocks, other.blocks, columns, comparing)))
        else:
            found += comparing.pair(one, other)
    return tuple(found)


def _same_tag(old: Block, new: Block) -> float:
    return 0.5 if (old.tag, old.attributes) == (new.tag, new.attributes) else 0.0


def _moves(columns: Columns) -> bool:
    return any(one is None or other is None for one, other in columns)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with those of its cells whose column both tables have."""

    block: Block
    common: tuple[Block, ...]
    texts: tuple[str, ...]
    sign: object


def _row(block: Block, places: Iterable[int]) -> _Row:
    cells = tuple(block.blocks[at] for at in places) if block.tag == "tr" else ()
    sign = (block.tag, block.attributes, tuple(cell.key for cell in cells)) if cells else block.key
    return _Row(block, cells, tuple(cell.text for cell in cells), sign)


def _rows(old: Sequence[Block], new: Sequence[Block], columns: Columns, comparing: Comparing) -> tuple[Node, ...]:
    common = [(one, other) for one, other in columns if one is not None and other is not None]
    a = [_row(row, (at for at, _ in common)) for row in old]
    b = [_row(row, (at for _, at in common)) for row in new]

    def alike(one: _Row, other: _Row) -> float:
        return _likeness(one, other, comparing)

    found: list[Node] = []
    for before, after in align(a, b, (lambda row: row.sign, lambda row: row.texts[:1]), alike, comparing.effort):
        if before is not None and after is not None:
            found += _row_pair(before.block, after.block, columns, comparing)
        elif before is not None:
            found.append(_alone(before.block, columns, Side.OLD))
        elif after is not None:
            found.append(_alone(after.block, columns, Side.NEW))
    return tuple(found)


def _likeness(one: _Row, other: _Row, comparing: Comparing) -> float:
    """How much two rows have in common; what the row is about (its first text that is no number) counts most."""
    if not one.common or not other.common or one.block.attributes != other.block.attributes:
        return 0.0
    pairs = list(zip(one.texts, other.texts, strict=True))
    shares = [comparing.share(x, y) for x, y in pairs if x or y]
    about = next(((x, y) for x, y in pairs if x and not _NUMBER.fullmatch(x)), None)
    score = 0.6 * sum(shares) / max(1, len(shares)) + (0.4 if about and about[0] == about[1] else 0.0)
    return score if score > 0.25 else 0.0


def _row_pair(old: Block, new: Block, columns: Columns, comparing: Comparing) -> tuple[Node, ...]:
    if old.key == new.key and not _moves(columns):
        return (Node(Side.BOTH, new),)
    if old.tag != "tr" or new.tag != "tr":
        return comparing.pair(old, new)
    cells: list[Node] = []
    for one, other in columns:
        if one is not None and other is not None:
            cells += comparing.pair(old.blocks[one], new.blocks[other])
        elif one is not None:
            cells.append(Node(Side.OLD, old.blocks[one]))
        elif other is not None:
            cells.append(Node(Side.NEW, new.blocks[other]))
    return (Node(Side.BOTH, new, old, nodes=tuple(cells)),)


def compare_rows(old: Block, new: Block, comparing: Comparing) -> tuple[Node, ...]:
    """The nodes of two rows of any tables, cell by cell; both whole when they have not the same number of cells."""
    if len(old.blocks) != len(new.blocks):
        return Node(Side.OLD, old), Node(Side.NEW, new)
    return _row_pair(old, new, tuple((at, at) for at in range(len(new.blocks))), comparing)


def _alone(row: Block, columns: Columns, side: Side) -> Node:
    """A row of one table only, with empty cells in the columns that only the other has."""
    if row.tag != "tr" or not _moves(columns):
        return Node(side, row)
    beside = Side.NEW if side is Side.OLD else Side.OLD
    places = [one if side is Side.OLD else other for one, other in columns]
    cells = [Node(beside, make_block("td"), empty=True) if at is None else Node(side, row.blocks[at]) for at in places]
    return Node(side, row, nodes=tuple(cells))
