"""Values out of nodes: texts, dates, periods, lists, each with its span; what is of another kind is a fault."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TypeAlias

import yaml

from qmanual.finding import FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Day, Period, Text
from qmanual.nodes.composing import CONTROL, Composer, Node
from qmanual.source import SourceFile, Span

Entries: TypeAlias = dict[str, "Entry"]

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_PERIOD = re.compile(r"(\d{1,4})\s*(个月|月|年|months?|years?|m|y)", re.ASCII | re.IGNORECASE)
_PERMANENT = frozenset({"permanent", "永久", "长期"})
_YES_NO = {"true": "true", "false": "false", "yes": "true", "no": "false", "是": "true", "否": "false"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value: where the key stands, and the value's node."""

    key: Span
    node: Node


class Reader(Composer):
    """Reads one YAML text; gathers the faults met on the way.

    `meant`: the known keys that unknown ones of the last mapping were probably meant to be.
    """

    def __init__(self, source: SourceFile, line0: int = 0) -> None:
        super().__init__(source, line0)
        self.meant: dict[str, Span] = {}

    def entries(self, node: Node, names: Mapping[str, str], *, open_: bool = False) -> Entries:
        """The entries of a mapping by canonical name. `names`: every accepted spelling → canonical name.

        A second spelling of the same key counts as a duplicate; an unknown key is a fault unless `open_`. What such
        keys were probably meant to be is in `meant` until the next call: it should not be called missing as well.
        """
        found: Entries = {}
        self.meant = {}
        for written, entry in self._pairs(node):
            name = names.get(written) or names.get(written.strip().lower())
            if name is None:
                if not open_:
                    close = get_close_matches(written, names, n=1, cutoff=0.6)
                    self.fault(FaultKind.UNKNOWN_KEY, entry.key, key=written, nearest=close[0] if close else "")
                    if close:
                        self.meant[names[close[0]]] = entry.key
                    continue
                name = written
            if name in found:
                self.fault(FaultKind.DUPLICATE_KEY, entry.key, key=written, line=str(found[name].key.line))
                continue
            found[name] = entry
        return found

    def _pairs(self, node: Node) -> Iterator[tuple[str, Entry]]:
        if not isinstance(node, yaml.MappingNode):
            if not is_empty(node):
                self._wrong(node, N_("a mapping (key: value)"))
            return
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                yield key.value, Entry(self.span(key), value)
            elif not isinstance(key, yaml.ScalarNode):
                self._wrong(key, N_("a plain key"))

    def text(self, entry: Entry | Node | None) -> Text | None:
        """A scalar as text; None when empty or of another shape (a fault)."""
        node = entry.node if isinstance(entry, Entry) else entry
        if node is None or is_empty(node):
            return None
        if isinstance(node, yaml.ScalarNode):
            value = node.value.strip()
            hidden = None if value.isprintable() else CONTROL.search(value)
            if hidden:  # written as an escape, "\0"
                self.fault(FaultKind.CONTROL_CHARACTER, self.span(node), character=f"U+{ord(hidden[0]):04X}")
            return Text(value, self.span(node)) if value and not hidden else None
        self._wrong(node, N_("one text"))
        return None

    def texts(self, entry: Entry | None) -> tuple[Text, ...]:
        """A list of texts; a single text counts as a list of one."""
        if entry is None or is_empty(entry.node):
            return ()
        nodes = entry.node.value if isinstance(entry.node, yaml.SequenceNode) else [entry.node]
        return tuple(text for text in map(self.text, nodes) if text)

    def items(self, entry: Entry | None) -> tuple[Node, ...]:
        """The nodes of a list; a single mapping counts as a list of one; anything else is a fault."""
        if entry is None or is_empty(entry.node):
            return ()
        if isinstance(entry.node, yaml.SequenceNode):
            return tuple(entry.node.value)
        if isinstance(entry.node, yaml.MappingNode):
            return (entry.node,)
        self._wrong(entry.node, N_("a list"))
        return ()

    def mappings(self, entry: Entry | None, expected: str) -> tuple[Node, ...]:
        """The items of a list that are mappings; of anything else the fault says what is `expected`."""
        if entry is not None and isinstance(entry.node, yaml.ScalarNode) and not is_empty(entry.node):
            self._wrong(entry.node, expected)
            return ()
        items = [item for item in self.items(entry) if not is_empty(item)]
        for item in items:
            if not isinstance(item, yaml.MappingNode):
                self._wrong(item, expected)
        return tuple(item for item in items if isinstance(item, yaml.MappingNode))

    def day(self, entry: Entry | None) -> Day | None:
        """A date `YYYY-MM-DD` that exists in the calendar."""
        if entry is None or is_empty(entry.node):
            return None
        text = self.text(entry)
        if text is None:
            return None
        match = _DATE.fullmatch(text.value)
        try:
            if match:
                return Day(date(int(match[1]), int(match[2]), int(match[3])), text.span)
        except ValueError:
            self.fault(FaultKind.BAD_DATE, text.span, text=text.value, cause=Phrase(N_("there is no such day")))
            return None
        self.fault(FaultKind.BAD_DATE, text.span, text=text.value, cause=Phrase(N_("it is not written as YYYY-MM-DD")))
        return None

    def period(self, entry: Entry | None) -> Period | None:
        """A length of time: `12 months`, `3 years`, `12个月`, `3年`, `permanent`, `永久`."""
        text = self.text(entry)
        if text is None:
            return None
        if text.value.lower() in _PERMANENT:
            return Period(None, text.value, text.span)
        match = _PERIOD.fullmatch(text.value)
        if not match or not int(match[1]):
            expected = Phrase(N_("a period, such as 12 months"))
            self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
            return None
        unit = match[2].lower()
        months = int(match[1]) * (12 if unit[0] in "y年" else 1)
        return Period(months, text.value, text.span)

    def one_of(self, entry: Entry | None, names: Mapping[str, str]) -> str | None:
        """A text out of a fixed list, given as every accepted spelling → canonical value."""
        text = self.text(entry)
        if text is None:
            return None
        if text.value in names:
            return names[text.value]
        self.fault(FaultKind.UNKNOWN_VALUE, text.span, text=text.value, known=", ".join(dict.fromkeys(names.values())))
        return None

    def some_of(self, entry: Entry | None, names: Mapping[str, str]) -> Iterator[str]:
        """A list of texts out of a fixed list; the others are faults."""
        for text in self.texts(entry):
            if text.value in names:
                yield names[text.value]
            else:
                known = ", ".join(dict.fromkeys(names.values()))
                self.fault(FaultKind.UNKNOWN_VALUE, text.span, text=text.value, known=known)

    def boolean(self, entry: Entry | None, default: bool) -> bool:
        """`true` or `false`, `是` or `否`."""
        said = self.one_of(entry, _YES_NO)
        return default if said is None else said == "true"

    def number(self, entry: Entry | None) -> float | None:
        """A plain decimal number."""
        text = self.text(entry)
        if text is None:
            return None
        if re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", text.value, re.ASCII):
            return float(text.value)
        self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=Phrase(N_("a number")))
        return None

    def _wrong(self, node: Node, expected: str) -> None:
        span = self.span(node)
        line = self.source.line(span.line)
        text = line[span.column - 1 : span.column - 1 + span.length]
        self.fault(FaultKind.WRONG_TYPE, span, text=text, expected=Phrase(expected))


def raw(node: Node) -> object:
    """A node as nested lists, mappings and texts, exactly as written; mappings keep their order."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): raw(value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if isinstance(node, yaml.SequenceNode):
        return [raw(child) for child in node.value]
    return str(node.value)


def given(found: Entries) -> frozenset[str]:
    """The keys for which something is written."""
    return frozenset(name for name, entry in found.items() if not is_empty(entry.node))


def aliases(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Every spelling → canonical name, from canonical name → other spellings."""
    return {spelling: name for name, others in table.items() for spelling in (name, *others)}


def is_empty(node: Node) -> bool:
    """Whether nothing is written: no value, an empty text, or YAML's own word for nothing."""
    if not isinstance(node, yaml.ScalarNode):
        return False
    return not node.value.strip() or (not node.style and node.value in ("~", "null"))
