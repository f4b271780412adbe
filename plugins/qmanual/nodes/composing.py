"""From YAML text to nodes: what hides or could do harm is refused, and what is broken costs only its entry."""

import re
from itertools import islice
from typing import Protocol, TypeAlias

import yaml

from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.nodes.breaks import begins_entry, cause_of, key_of, open_quote, opens, stray
from qmanual.source import SourceFile, Span

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # a PyYAML built without libyaml: the same nodes, only slower
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class Loader(_SafeLoader):
    """Composes without guessing types: a scalar is text, whatever it looks like."""

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        return "tag:yaml.org,2002:str" if kind is yaml.ScalarNode else "tag:yaml.org,2002:map"


LIMIT = 256 * 1024
"""The longest text, in characters."""
DEPTH = 20
"""How deep a person nests."""
NESTED = 200
"""What libyaml composes on the stack of C without harm: 100,000 brackets end the process."""
BREAKS = 50
"""After so many breaks a text is no YAML at all; trying on would take the square of its lines."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""What no text holds; some of these are line ends for YAML and for nobody else."""

Node: TypeAlias = yaml.Node


class Mark(Protocol):
    """A place in a YAML text, of libyaml or of PyYAML itself; lines and columns count from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


_SIGN = re.compile(r"[^\s,\]}]+")
_SUSPECT = re.compile(r"[&*!]|<<")
_INDENTED = re.compile(r"^[ \-?:]{50}", re.MULTILINE)


class Composer:
    """Composes one YAML text that begins after `line0` lines of `source`; gathers the faults met on the way.

    `dropped`: the keys of the entries that could not be read.
    """

    def __init__(self, source: SourceFile, line0: int = 0) -> None:
        self.source = source
        self.line0 = line0
        self.faults: list[Fault] = []
        self.dropped: dict[str, Span] = {}
        self._signs: set[Span] = set()

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
        for match in islice(CONTROL.finditer(text), BREAKS):
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
                mark: Mark | None = event.start_mark
                if mark is None or (anchor is None and tag is None and not merge):
                    continue
                span, sign = self._sign(mark)
                if isinstance(event, yaml.AliasEvent):
                    aliases.append(mark.line)
                if span not in self._signs:
                    self._signs.add(span)
                    self.fault(FaultKind.YAML_ALIAS, span, text=sign)
        except yaml.YAMLError:
            pass  # the break itself is reported by `compose`; what stands after it is looked at when it is gone
        return aliases

    def _sign(self, mark: Mark) -> tuple[Span, str]:
        """Where a sign with its name stands, and what is written there."""
        match = _SIGN.match(self.source.line(mark.line + 1 + self.line0), mark.column)
        text = match[0] if match else ""
        return self._at(mark.line, mark.column, max(1, len(text))), text

    def _drop(self, lines: list[str], error: yaml.MarkedYAMLError) -> bool:
        """Blank the top-level entry in which the break began, so that the others can be read; False: nothing left."""
        mark: Mark | None = error.problem_mark
        if error.context_mark and opens(error.context):
            mark = error.context_mark
        at, column = (min(mark.line, len(lines) - 1), mark.column) if mark else (0, 0)
        loose = next((line for line in range(at) if stray(lines[line])), None)
        if loose is not None:  # libyaml takes the lines after it for its continuation, and blames one of them
            at, column = loose, 0
        quote = next((found for line in range(at + 1) if (found := open_quote(lines, line))), None)
        if quote:
            cause = Phrase(N_("a quotation mark is never closed"))
            self.fault(FaultKind.YAML_BROKEN, self._at(*quote), cause=cause)
            return self._blank(lines, quote[0])
        shown = self._at(at, column, max(1, len(lines[at].rstrip()) - column))
        self.fault(FaultKind.YAML_BROKEN, shown, cause=cause_of(lines[at], None if loose is not None else error))
        while at > 0 and not lines[at].strip():
            at -= 1
        return bool(lines[at].strip()) and self._blank(lines, at)

    def _blank(self, lines: list[str], at: int) -> bool:
        """Blank the top-level entry that line `at` belongs to; its key counts as written. False: nothing is left."""
        if not lines[at].strip():
            return any(line.strip() for line in lines)  # done before
        while at > 0 and not begins_entry(lines[at]):
            at -= 1
        end = at + 1
        while end < len(lines) and not begins_entry(lines[end]):
            end += 1
        key = key_of(lines[at])
        if key:
            self.dropped[key] = self._at(at, 0, len(key))
        lines[at:end] = [""] * (end - at)
        return any(line.strip() for line in lines)

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
        line, column = start.line, start.column
        if end.line == line:  # nearly always, and for every value of every header: spelled out, not `_at`
            return Span(self.source.path, line + 1 + self.line0, column + 1, (end.column - column) or 1)
        rest = len(self.source.line(start.line + 1 + self.line0).rstrip()) - start.column
        return self._at(start.line, start.column, max(1, rest))

    def fault(self, kind: FaultKind, span: Span, **details: str) -> None:
        """Note that something could not be read."""
        self.faults.append(Fault(kind, span, details))


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
