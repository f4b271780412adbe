"""What is compared, and what comes of it: blocks of text, and the same blocks marked as old, new or both.

A `Block` is a piece of a page: a heading, a paragraph, a list with its items, a table with its rows. It holds other
blocks or running text, never both. Running text is a row of `Piece`s, each with the marks (bold, link, code) that lie
on it. A `Node` is a block of the comparison: of the old text, of the new one, or of both with what differs inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from typing import TypeAlias

Attributes: TypeAlias = tuple[tuple[str, str], ...]


class Side(Enum):
    """Which text something stands in."""

    BOTH = "="
    OLD = "-"
    NEW = "+"


@dataclass(frozen=True, slots=True)
class Mark:
    """An inline element around some text. `look` is how it is drawn and is not compared.

    Two marks are equal when they say the same; whether two pieces lie in one element is a matter of identity.
    """

    tag: str
    attributes: Attributes = ()
    look: Attributes = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Piece:
    """Running text under the same marks. A thing that is no text (a picture, a blank to fill in) has its HTML in
    `atom` and what tells it from another in `same`; its `text` is what a terminal shows."""

    text: str
    marks: tuple[Mark, ...] = ()
    same: str = ""
    atom: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A block. `tag` is empty for running text beside other blocks (the text of a list item above its sublist).

    `attributes` say something to the reader and are compared, `look` is not. A drawing has its HTML in `atom`.
    `key` is equal for equal blocks and for no others.
    """

    tag: str
    attributes: Attributes
    look: Attributes
    blocks: tuple["Block", ...]
    pieces: tuple[Piece, ...]
    text: str
    key: str
    atom: str = ""


def make_block(
    tag: str,
    *,
    attributes: Attributes = (),
    look: Attributes = (),
    blocks: Sequence[Block] = (),
    pieces: Sequence[Piece] = (),
    drawing: tuple[str, str, str] | None = None,
) -> Block:
    """A block with its text and key. `drawing`: HTML, what tells it from another, what it says."""
    if drawing is not None:
        atom, same, said = drawing
        return Block(tag, attributes, look, (), (), said, f"<{tag} {attributes}!{escape(same)}>", atom)
    if blocks:
        text = "\n".join(block.text for block in blocks)
        inside = "".join(block.key for block in blocks)
    else:
        text = "".join(piece.text for piece in pieces)
        inside = "".join(_key(piece) for piece in _joined(pieces))
    return Block(tag, attributes, look, tuple(blocks), tuple(pieces), text, f"<{tag} {attributes}>{inside}</>")


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours under equal marks as one, so that it does not matter where a text happened to be cut."""
    found: list[Piece] = []
    for piece in pieces:
        if found and not piece.same and not found[-1].same and found[-1].marks == piece.marks:
            found[-1] = Piece(found[-1].text + piece.text, piece.marks)
        else:
            found.append(piece)
    return found


def _key(piece: Piece) -> str:
    marks = "".join(f"({mark.tag} {mark.attributes})" for mark in piece.marks)
    return f"[{marks}!{escape(piece.same)}]" if piece.same else f"[{marks}{escape(piece.text)}]"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive running text of one side."""

    side: Side
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The text alone."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Node:
    """A block of the comparison.

    `side` OLD or NEW: all of `block` is. BOTH and `old` None: the block is the same in both. BOTH and `old` given: the
    two are one block, and `nodes` (of its blocks) or `stretches` (of its text) say what differs. `empty`: a cell that
    only keeps the columns of a table in line. `move`: what changed places has the same number, above 0, where it was
    (OLD) and where it is (NEW, then with `old` and what differs inside when it was edited as well).
    """

    side: Side
    block: Block
    old: Block | None = None
    nodes: tuple["Node", ...] = ()
    stretches: tuple[Stretch, ...] = ()
    empty: bool = False
    move: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything in it is not in both texts."""
        return self.side is not Side.BOTH or self.old is not None

    @property
    def restyled(self) -> bool:
        """Whether the block itself, not what is in it, is another: a heading of another level, a centred column."""
        return self.old is not None and (self.old.tag, self.old.attributes) != (self.block.tag, self.block.attributes)


@dataclass(slots=True)
class Effort:
    """How much work a comparison may still cost, counted and not timed, so that the result is always the same."""

    left: int = 30_000_000

    def spend(self, cost: int) -> bool:
        """Whether so much may be spent; then it is."""
        if cost > self.left:
            return False
        self.left -= cost
        return True
