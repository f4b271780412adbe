"""The redline: what differs between two texts, found so that no difference can stay unseen.

Two rows of blocks go in, one row of nodes comes out. Where the blocks come from and how the nodes are shown is the
business of `render`; nothing here knows HTML, documents or languages.
"""

from qmanual.control.redline.changes import Change, Kind, changes, groups
from qmanual.control.redline.model import Attributes, Block, Mark, Node, Piece, Side, Stretch, make_block
from qmanual.control.redline.moves import compare_blocks, compare_parts

__all__ = [
    "Attributes",
    "Block",
    "Change",
    "Kind",
    "Mark",
    "Node",
    "Piece",
    "Side",
    "Stretch",
    "changes",
    "compare_blocks",
    "compare_parts",
    "groups",
    "make_block",
]
