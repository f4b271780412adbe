"""The header of a text as nodes with their true places, so that an edit touches its own lines and no other.

libyaml ends a block where the next one begins, with the comments and empty lines between them; here a node ends where
its last value does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml

from qmanual.control.editing.raw import Splice
from qmanual.control.editing.style import Look, in_brackets, is_chinese, look_of, spelling
from qmanual.finding import FaultKind
from qmanual.language import N_
from qmanual.nodes import Node, Reader, is_empty
from qmanual.parse.header import KEYS, NAMES, find_header
from qmanual.settings import OwnField
from qmanual.source import SourceFile

_COLON = re.compile(r"[ \t]*:")
_LOOSE_BLANK = re.compile(r"[ \t]+(?=[,}\n]|$)")
_HARMLESS = frozenset({
    FaultKind.UNKNOWN_KEY, FaultKind.WRONG_TYPE, FaultKind.BAD_DATE, FaultKind.MISSING_VALUE, FaultKind.UNKNOWN_VALUE,
})  # fmt: skip


class CannotEdit(Exception):
    """A header is written in a way that cannot be edited safely. `text` is of the catalogue."""

    def __init__(self, text: str, **details: str) -> None:
        super().__init__(text)
        self.text = text
        self.details = details


@dataclass(frozen=True, slots=True)
class Pair:
    """An entry of a mapping: its key's and its value's node, and the offset right after the colon."""

    key: Node
    value: Node
    colon: int


class Head:
    """The header of one text. Offsets are those of the text. Raises `CannotEdit` when it cannot be read whole."""

    def __init__(self, text: str, own: Iterable[OwnField] = ()) -> None:
        source = SourceFile("", text)
        place = find_header(text)
        if place is None or place.body < 0:
            raise CannotEdit(N_("the file has no complete header"))
        reader = Reader(source, source.line_of(place.start) - 1)
        root = reader.compose(text[place.start : place.end])
        if root is None or any(fault.kind not in _HARMLESS for fault in reader.faults):
            raise CannotEdit(N_("the header cannot be read; run `check` on the file and mend it first"))
        self.text = text
        self.start = place.start
        self.root = root
        self.names = NAMES | {name: field.name for field in own for name in (field.name, field.label)}
        self.braces = in_brackets(root)
        self.chinese = is_chinese(str(key.value) for key, _ in root.value)
        self._top = dict(self._entries(root, self.names))

    # -- reading -------------------------------------------------------------------------------------------------

    def entry(self, name: str) -> Pair | None:
        """The entry of a canonical key; None when it is not written."""
        return self._top.get(name)

    def entries(self, node: Node, names: dict[str, str]) -> dict[str, Pair]:
        """The entries of a mapping inside, by canonical key."""
        return dict(self._entries(node, names))

    def _entries(self, node: Node, names: dict[str, str]) -> Iterator[tuple[str, Pair]]:
        seen = set()
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            written = str(key.value)
            name = names.get(written) or names.get(written.strip().lower()) or written
            colon = _COLON.match(self.text, self.start + key.end_mark.index)
            if name in seen or colon is None:
                raise CannotEdit(N_("the key {key} is written twice or in an unusual way"), key=written)
            seen.add(name)
            yield name, Pair(key, value, colon.end())

    def begin(self, node: Node) -> int:
        """Where a node begins; for an empty value right after its colon or dash."""
        return self.start + int(node.start_mark.index)

    def end(self, node: Node) -> int:
        """Where a node's last value ends."""
        if isinstance(node, yaml.ScalarNode):
            begin, end = self.begin(node), self.start + int(node.end_mark.index)
            return begin + len(self.text[begin:end].rstrip()) if node.style in ("|", ">") else end
        if in_brackets(node) or not node.value:
            return self.start + int(node.end_mark.index)
        last = node.value[-1]
        return self.end(last[1] if isinstance(node, yaml.MappingNode) else last)

    def column(self, node: Node) -> int:
        """The column, from 0, at which a node begins."""
        return int(node.start_mark.column)

    def line_start(self, offset: int) -> int:
        """Where the line of `offset` begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Where the line of `offset` ends, before its line end."""
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found

    def looks(self, nodes: Iterable[Node]) -> Iterator[Look]:
        """How those of the nodes that are mappings are written; of lists, their items."""
        for node in nodes:
            if isinstance(node, yaml.SequenceNode):
                yield from self.looks(node.value)
            elif look := look_of(node, self.text, self.start):
                yield look

    # -- editing -------------------------------------------------------------------------------------------------

    def cleared(self, name: str) -> list[Splice]:
        """Leave an entry empty; its key and the comment behind it stay."""
        pair = self._top.get(name)
        if pair is None or is_empty(pair.value):
            return []
        begin, end = self.begin(pair.value), self.end(pair.value)
        if self.braces:
            return [(begin, end, "~")]
        if self.line_start(begin) <= pair.colon:
            return [(pair.colon, end, "")]
        return [(self.line_start(begin) - 1, self.line_end(end), "")]

    def filled(self, pair: Pair, text: str) -> list[Splice]:
        """Write a value where there is none, or something that means none. `text` may begin with a line end."""
        begin, end = self.begin(pair.value), self.end(pair.value)
        if end > begin:
            return [(begin, end, text.lstrip(" "))]
        if text.startswith("\n"):
            at = self.line_end(pair.colon)
            return [(at, at, text)]
        blank = _LOOSE_BLANK.match(self.text, pair.colon)
        return [(pair.colon, blank.end() if blank else pair.colon, f" {text.lstrip(' ')}")]

    def added(self, name: str, text: str) -> list[Splice]:
        """A new entry, at the place where its key usually stands. `text`: the value, with what precedes it."""
        key = spelling(name, self.names, self.chinese)
        order = list(KEYS)
        earlier = order[: order.index(name)] if name in order else order
        there = [self._top[other] for other in earlier if other in self._top]
        before = max(there, key=lambda pair: pair.colon, default=None)
        if self.braces:
            if before is None:
                at = self.start + int(self.root.start_mark.index) + 1
                return [(at, at, f"{key}: {text.strip()}" + (", " if self.root.value else ""))]
            at = self.end(before.value)
            return [(at, at, f", {key}: {text.strip()}")]
        if before is None:
            return [(self.start, self.start, f"{self._indent()}{key}:{text}\n")]
        at = self.line_end(self.end(before.value))
        return [(at, at, f"\n{self._indent()}{key}:{text}")]

    def _indent(self) -> str:
        return " " * (self.column(self.root.value[0][0]) if self.root.value else 0)
