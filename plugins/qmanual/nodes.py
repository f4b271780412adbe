"""YAML as nodes with marks, never as guessed Python values.

PyYAML's loaders turn `1.10` into 1.1, `no` into False and let the last of two equal keys win; an alias bomb of 289
bytes walks to millions of leaves. So YAML is only *composed*: scalars stay text, each with its span. Aliases, anchors,
tags and merge keys are refused, duplicates are noted, and a broken entry costs that entry, not the whole header.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from itertools import islice
from typing import TypeAlias

import yaml

from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Day, Period, Text
from qmanual.source import SourceFile, Span

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # a PyYAML built without libyaml: the same nodes, only slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

LIMIT = 256 * 1024
DEPTH = 20
NESTED = 200
"""What libyaml composes on the stack of C without harm: 100,000 brackets end the process."""
BREAKS = 50
"""After so many breaks a text is no YAML at all; trying on would take the square of its lines."""

Node: TypeAlias = yaml.Node
Entries: TypeAlias = dict[str, "Entry"]

_SUSPECT = re.compile(r"[&*!]|<<")
_TOP_KEY = re.compile(r"(?P<quote>[\"']?)(?P<key>[^\s#:\"'\[\]{}][^:\n\"']*?)(?P=quote)\s*:(?=\s|$)")
_BROKEN_KEY = re.compile(r"(?P<key>[^\s#:：\"'\[\]{}=]+)")
_INDENTED = re.compile(r"^[ \-?:]{50}", re.MULTILINE)
_OPEN_QUOTE = re.compile(r"[^\s#][^:\"']*:[ \t]+(?:(?P<quote>\")[^\"]*|(?P<single>')[^']*)$")
_NO_BLANK = re.compile(r"\s*(?:-\s+)?[^\s:\"'{\[]+:[^\s:]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_SIGN = re.compile(r"%|[^:]*:\s+[!&*%@`]")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_PERIOD = re.compile(r"(\d{1,4})\s*(个月|月|年|months?|years?|m|y)", re.ASCII | re.IGNORECASE)
_PERMANENT = frozenset({"permanent", "永久", "长期"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value: where the key stands, and the value's node."""

    key: Span
    node: Node


class Reader:
    """Reads one YAML text that begins after `line0` lines of `source`; gathers the faults met on the way."""

    def __init__(self, source: SourceFile, line0: int = 0) -> None:
        self.source = source
        self.line0 = line0
        self.faults: list[Fault] = []
        self.dropped: dict[str, Span] = {}
        self.meant: dict[str, Span] = {}

    # -- composing ---------------------------------------------------------------------------------------------

    def compose(self, text: str) -> yaml.MappingNode | None:
        """The mapping that `text` is, without the entries that could not be read; None when nothing could."""
        if len(text) > LIMIT:
            self.fault(FaultKind.YAML_TOO_LARGE, self._at(0, 0), limit=str(LIMIT // 1024))
            return None
        if (text.count("[") + text.count("{") > NESTED or _INDENTED.search(text)) and _nested(text):
            self.fault(FaultKind.YAML_TOO_LARGE, self._at(0, 0), limit=str(LIMIT // 1024))
            return None
        lines = text.split("\n")
        for match in islice(_CONTROL.finditer(text), BREAKS):
            self._unreadable_character(text, lines, match)
        for _ in range(BREAKS):
            text = "\n".join(lines)
            if _SUSPECT.search(text) and (aliases := self._hidden(text)):
                for line in aliases:
                    self._blank(lines, line)
                continue
            try:
                node = yaml.compose(text, Loader=Loader)
            except yaml.reader.ReaderError:
                return None
            except yaml.MarkedYAMLError as error:
                if not self._drop(lines, error):
                    return None
            except RecursionError:
                self.fault(FaultKind.YAML_TOO_LARGE, self._at(0, 0), limit=str(LIMIT // 1024))
                return None
            else:
                return self._mapping_at_top(node)
        return None

    def _mapping_at_top(self, node: Node | None) -> yaml.MappingNode | None:
        if node is None:
            return yaml.MappingNode("tag:yaml.org,2002:map", [])
        if isinstance(node, yaml.MappingNode):
            return node if self._shallow(node) else None
        self.fault(FaultKind.YAML_NOT_MAPPING, self.span(node))
        return None

    def _shallow(self, node: Node) -> bool:
        """Whether nothing is nested deeper than anything a person writes."""
        level: list[Node] = [node]
        for _ in range(DEPTH):
            level = [child for parent in level for child in _children(parent)]
            if not level:
                return True
        self.fault(FaultKind.YAML_TOO_LARGE, self.span(level[0]), limit=str(LIMIT // 1024))
        return False

    def _hidden(self, text: str) -> list[int]:
        """Note anchors, aliases, tags and merges; the lines of the aliases, which nothing may follow."""
        aliases: list[int] = []
        try:
            for event in yaml.parse(text, Loader=Loader):
                anchor = getattr(event, "anchor", None)
                tag = getattr(event, "tag", None)
                merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and not event.style
                if anchor is None and tag is None and not merge:
                    continue
                if isinstance(event, yaml.AliasEvent):
                    aliases.append(event.start_mark.line)
                fault = Fault(FaultKind.YAML_ALIAS, *self._written(event))
                if fault not in self.faults:
                    self.faults.append(fault)
        except yaml.YAMLError:
            pass  # the break itself is reported by `compose`; what stands after it is looked at when it is gone
        return aliases

    def _written(self, event: yaml.Event) -> tuple[Span, dict[str, str]]:
        """The sign with its name, and where it stands."""
        mark = event.start_mark
        text = re.split(r"[\s,\]}]", self.source.line(mark.line + 1 + self.line0)[mark.column :], maxsplit=1)[0]
        return self._at(mark.line, mark.column, max(1, len(text))), {"text": text}

    def _drop(self, lines: list[str], error: yaml.MarkedYAMLError) -> bool:
        """Blank the top-level entry in which the break began, so that the others can be read; False: nothing left."""
        mark = error.context_mark if error.context_mark and _opens(error.context) else error.problem_mark
        at = min(mark.line, len(lines) - 1) if mark else 0
        quote = next((match for line in range(at + 1) if (match := self._open_quote(lines, line))), None)
        if quote:
            line, column = quote
            self.fault(FaultKind.YAML_BROKEN, self._at(line, column), cause=Phrase(N_("a quotation mark is never closed")))
            return self._blank(lines, line)
        shown = self._at(at, mark.column, max(1, len(lines[at].rstrip()) - mark.column)) if mark else self._at(at, 0)
        self.fault(FaultKind.YAML_BROKEN, shown, cause=_cause(lines[at], error))
        return self._blank(lines, at)

    @staticmethod
    def _open_quote(lines: list[str], at: int) -> tuple[int, int] | None:
        """Where a quotation mark opens in this line that nothing closes before the next entry."""
        match = _OPEN_QUOTE.match(lines[at])
        if match and at + 1 < len(lines) and _begins_entry(lines[at + 1]):
            return at, match.start("quote") if match["quote"] else match.start("single")
        return None

    def _blank(self, lines: list[str], at: int) -> bool:
        """Blank the top-level entry that line `at` belongs to; its key counts as written. False: nothing is left."""
        while at > 0 and not _begins_entry(lines[at]):
            at -= 1
        end = at + 1
        while end < len(lines) and not _begins_entry(lines[end]):
            end += 1
        key = _TOP_KEY.match(lines[at]) or _BROKEN_KEY.match(lines[at])
        if key:
            self.dropped[key["key"]] = self._at(at, 0, len(key["key"]))
        had = any(line.strip() for line in lines[at:end])
        lines[at:end] = [""] * (end - at)
        return had and any(line.strip() for line in lines)

    def _unreadable_character(self, text: str, lines: list[str], match: re.Match[str]) -> None:
        line = text.count("\n", 0, match.start())
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        self.fault(FaultKind.CONTROL_CHARACTER, self._at(line, column), character=f"U+{ord(match[0]):04X}")
        self._blank(lines, line)

    # -- places ------------------------------------------------------------------------------------------------

    def _at(self, line: int, column: int, length: int = 1) -> Span:
        return Span(self.source.path, line + 1 + self.line0, column + 1, length)

    def span(self, node: Node) -> Span:
        """The span of a node, cut at the end of its first line."""
        start, end = node.start_mark, node.end_mark
        if end.line == start.line:
            return self._at(start.line, start.column, max(1, end.column - start.column))
        rest = len(self.source.line(start.line + 1 + self.line0).rstrip()) - start.column
        return self._at(start.line, start.column, max(1, rest))

    def fault(self, kind: FaultKind, span: Span, **details: str) -> None:
        """Note that something could not be read."""
        self.faults.append(Fault(kind, span, details))

    # -- values ------------------------------------------------------------------------------------------------

    def entries(self, node: Node, names: Mapping[str, str], *, open_: bool = False) -> Entries:
        """The entries of a mapping by canonical name. `names`: every accepted spelling → canonical name.

        A second spelling of the same key counts as a duplicate; an unknown key is a fault unless `open_`. What such keys
        were probably meant to be is in `meant` until the next call: it should not be called missing as well.
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
            if not _empty(node):
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
        if node is None or _empty(node):
            return None
        if isinstance(node, yaml.ScalarNode):
            value = node.value.strip()
            hidden = None if value.isprintable() else _CONTROL.search(value)
            if hidden:  # written as an escape, "\0"
                self.fault(FaultKind.CONTROL_CHARACTER, self.span(node), character=f"U+{ord(hidden[0]):04X}")
            return Text(value, self.span(node)) if value and not hidden else None
        self._wrong(node, N_("one text"))
        return None

    def texts(self, entry: Entry | None) -> tuple[Text, ...]:
        """A list of texts; a single text counts as a list of one."""
        if entry is None or _empty(entry.node):
            return ()
        nodes = entry.node.value if isinstance(entry.node, yaml.SequenceNode) else [entry.node]
        return tuple(text for text in map(self.text, nodes) if text)

    def items(self, entry: Entry | None) -> tuple[Node, ...]:
        """The nodes of a list; a single mapping counts as a list of one; anything else is a fault."""
        if entry is None or _empty(entry.node):
            return ()
        if isinstance(entry.node, yaml.SequenceNode):
            return tuple(entry.node.value)
        if isinstance(entry.node, yaml.MappingNode):
            return (entry.node,)
        self._wrong(entry.node, N_("a list"))
        return ()

    def mappings(self, entry: Entry | None, expected: str) -> tuple[Node, ...]:
        """The items of a list that are mappings; of anything else the fault says what is `expected`."""
        if entry is not None and isinstance(entry.node, yaml.ScalarNode) and not _empty(entry.node):
            self._wrong(entry.node, expected)
            return ()
        items = [item for item in self.items(entry) if not _empty(item)]
        for item in items:
            if not isinstance(item, yaml.MappingNode):
                self._wrong(item, expected)
        return tuple(item for item in items if isinstance(item, yaml.MappingNode))

    def day(self, entry: Entry | None) -> Day | None:
        """A date `YYYY-MM-DD` that exists in the calendar."""
        if entry is None or _empty(entry.node):
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
            self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=Phrase(N_("a period, such as 12 months")))
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
                self.fault(FaultKind.UNKNOWN_VALUE, text.span, text=text.value, known=", ".join(dict.fromkeys(names.values())))

    def boolean(self, entry: Entry | None, default: bool) -> bool:
        """`true` or `false`, `是` or `否`."""
        said = self.one_of(entry, {"true": "true", "false": "false", "yes": "true", "no": "false", "是": "true", "否": "false"})
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
    return frozenset(name for name, entry in found.items() if not _empty(entry.node))


def aliases(table: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Every spelling → canonical name, from canonical name → other spellings."""
    return {spelling: name for name, others in table.items() for spelling in (name, *others)}


def _nested(text: str) -> bool:
    """Whether a text is nested too deep to be composed, found without recursion and as early as it shows."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > NESTED:
                return True
    except yaml.YAMLError:
        pass  # the break itself is reported by `compose`
    return False


def _children(node: Node) -> list[Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _empty(node: Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("", "~", "null")


def _begins_entry(line: str) -> bool:
    return bool(line.strip()) and not line[0].isspace() and line[0] not in "-#]}"


def _opens(context: str | None) -> bool:
    """Whether libyaml's context is the beginning of something that was never closed."""
    return bool(context and ("flow" in context or "quoted" in context or "simple key" in context))


def _cause(line: str, error: yaml.MarkedYAMLError) -> Phrase:
    """What is probably wrong, in words of the catalogue: libyaml's own are for programmers."""
    if "\t" in line[: len(line) - len(line.lstrip())] or "\\t" in str(error.problem):
        return Phrase(N_("the line is indented with a tab; use blanks"))
    if "：" in line and ":" not in line.split("：", 1)[0]:
        return Phrase(N_("a full-width colon （：） stands where a plain colon and a blank (: ) belong"))
    if _NO_BLANK.match(line) and "mapping values" not in str(error.problem):
        return Phrase(N_("a blank is missing after the colon"))
    context = error.context or ""
    if "quoted" in context:
        return Phrase(N_("a quotation mark is never closed"))
    if "flow" in context:
        return Phrase(N_("a bracket is never closed, or a comma is missing"))
    if "mapping values" in str(error.problem):
        return Phrase(N_("the value holds a colon and a blank; put the value in quotation marks"))
    if _SIGN.match(line) or "cannot start any token" in str(error.problem):
        return Phrase(N_("the value begins with a sign that has a meaning in YAML; put the value in quotation marks"))
    return Phrase(N_("it is not of the form `key: value`, or its indentation is wrong"))
