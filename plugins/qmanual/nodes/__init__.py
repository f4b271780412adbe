"""YAML as nodes with marks, never as guessed Python values.

PyYAML's loaders turn `1.10` into 1.1, `no` into False and let the last of two equal keys win; an alias bomb of 289
bytes walks to millions of leaves. So YAML is only *composed*: scalars stay text, each with its span. Aliases, anchors,
tags and merge keys are refused, duplicates are noted, and a broken entry costs that entry, not the whole header.
`composing` makes the nodes, `breaks` says where a text breaks and why, `reader` takes values from the nodes.
"""

from qmanual.nodes.composing import Node
from qmanual.nodes.reader import Entries, Entry, Reader, aliases, given, is_empty, raw

__all__ = ["Entries", "Entry", "Node", "Reader", "aliases", "given", "is_empty", "raw"]
