"""Two texts, block by block: what stands in both, what only in one, and what differs inside a block.

The result is made so that nothing can be lost: every old block is in exactly one node that is OLD or BOTH, every new
one in exactly one that is NEW or BOTH, and where a node is in both and differs, the same holds for what is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from qmanual.control.redline.align import align
from qmanual.control.redline.grid import compare_table
from qmanual.control.redline.model import Block, Effort, Node, Side
from qmanual.control.redline.words import Binding, compare_text

THRESHOLD = 0.35
"""From this share of common pairs of characters on, two blocks are taken for one that was changed."""
_FAMILIES = (frozenset({"h1", "h2", "h3", "h4", "h5", "h6"}), frozenset({"ul", "ol"}), frozenset({"td", "th"}))
"""Blocks of which one may have become another: a heading of another level, a list that is numbered now."""
OTHER = 0.9
"""What the likeness of two blocks counts for that are not of one tag, or have other attributes."""
_ONLY_ONE_OF_ITS_KIND = frozenset({"", "thead", "tbody", "tfoot", "dd", "td", "th", "summary", "caption", "figcaption"})
"""Blocks that are each other's even when nothing in them is alike."""


@dataclass(slots=True)
class Comparing:
    """One comparison under way: what it may still cost, which characters are words, what was found out of blocks."""

    binding: Binding = field(default_factory=Binding)
    effort: Effort = field(default_factory=Effort)
    _grams: dict[str, frozenset[str]] = field(default_factory=dict)

    def blocks(self, old: Sequence[Block], new: Sequence[Block]) -> tuple[Node, ...]:
        """The nodes of two rows of blocks."""
        found: list[Node] = []
        for one, other in align(old, new, (_key, _beginning, _end), self.alike, self.effort):
            if one is None or other is None:
                found += [Node(Side.OLD, one)] if one else [Node(Side.NEW, other)] if other else []
            else:
                found += self.pair(one, other)
        return tuple(found)

    def pair(self, old: Block, new: Block) -> tuple[Node, ...]:
        """The nodes of two blocks that were found to be one."""
        if old.key == new.key:
            return (Node(Side.BOTH, new),)
        if not related(old.tag, new.tag) or old.atom or new.atom:
            return Node(Side.OLD, old), Node(Side.NEW, new)
        if new.tag == "table":
            return compare_table(old, new, self)
        if bool(old.blocks) != bool(new.blocks) and (old.pieces or new.pieces):
            return Node(Side.OLD, old), Node(Side.NEW, new)
        if old.blocks or new.blocks:
            return (Node(Side.BOTH, new, old, nodes=self.blocks(old.blocks, new.blocks)),)
        ratio = 0.0 if len(new.text) < 12 else 0.25
        found = compare_text(old.pieces, new.pieces, self.effort, self.binding, ratio)
        return (Node(Side.BOTH, new, old, stretches=found),)

    def alike(self, old: Block, new: Block) -> float:
        """0 when two blocks cannot be one, else how much of them is common, up to 1."""
        if not related(old.tag, new.tag) or bool(old.atom) != bool(new.atom):
            return 0.0
        same = (old.tag, old.attributes) == (new.tag, new.attributes)
        least = 0.05 if same and (new.tag in _ONLY_ONE_OF_ITS_KIND or new.atom) else 0.0
        ratio = self.share(old.text, new.text) * (1 if same else OTHER)
        return ratio if ratio >= THRESHOLD else least

    def share(self, old: str, new: str) -> float:
        """The share of pairs of neighbouring characters that two texts have in common."""
        if old == new:
            return 1.0
        short, long = sorted((len(old), len(new)))
        if not short or short * 12 < long:
            return 0.0
        one, other = self._pairs_of(old), self._pairs_of(new)
        return 2 * len(one & other) / (len(one) + len(other))

    def _pairs_of(self, text: str) -> frozenset[str]:
        if text not in self._grams:
            row = f"^{text}$"
            self._grams[text] = frozenset(row[at : at + 2] for at in range(len(row) - 1))
        return self._grams[text]


def related(old: str, new: str) -> bool:
    """Whether a block with the one tag can have become one with the other."""
    return old == new or any(old in family and new in family for family in _FAMILIES)


def _key(block: Block) -> str:
    return block.key


def _beginning(block: Block) -> tuple[str, str]:
    return block.tag, block.text[:10]


def _end(block: Block) -> tuple[str, str]:
    return block.tag, block.text[-10:]
