"""How a header is written: which spelling of a key, quoted or not, in braces or in lines of their own.

A new entry looks like its neighbours, so that a file stays the hand of one author.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from qmanual.nodes import Node

_LEADING = frozenset("-?:,[]{}#&*!|>'\"%@` ")
_ENDS_PLAIN = re.compile(r":(?:\s|$)|\s#|^(?:---|\.\.\.)")
_ENDS_PLAIN_IN_BRACES = re.compile(r"[,\[\]{}]|:(?=[,\[\]{}])")
_NOT_A_TEXT = frozenset({"~", "null", "Null", "NULL", "<<", "="})
"""Plain words that YAML takes for nothing, for a merge, or for a default value."""


def scalar(value: str, *, quote: str | None = None, braces: bool = False) -> str:
    """A value as YAML: in the quotation marks that are asked for, else plain, else quoted when YAML needs it."""
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and _is_plain(value, braces):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _is_plain(value: str, braces: bool) -> bool:
    if not value or value[0] in _LEADING or value[-1].isspace() or value in _NOT_A_TEXT or _ENDS_PLAIN.search(value):
        return False
    return not (braces and _ENDS_PLAIN_IN_BRACES.search(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a mapping is written. `keys`: its keys as spelled, with the quotation mark of their values, in order.

    `braces`: `{…}` on one line, `pad` with blanks inside; otherwise a line for every key.
    """

    keys: tuple[tuple[str, str | None], ...] = ()
    braces: bool = True
    pad: bool = False

    def ordered(self, values: Mapping[str, str], names: Mapping[str, str], chinese: bool) -> list[tuple[str, str]]:
        """Key as spelled → value as YAML. `values`: canonical key → value, without those that are empty.

        `names`: every spelling → canonical key. A key that the look does not have follows the one before in `values`.
        """
        spelled = {names[key]: (key, quote) for key, quote in self.keys if key in names}
        order = [name for name in spelled if name in values]
        before: str | None = None
        for name in values:
            if name not in order:
                order.insert(order.index(before) + 1 if before else 0, name)
            before = name
        found = []
        for name in order:
            if values[name]:
                key, quote = spelled.get(name, (spelling(name, names, chinese), None))
                found.append((key, scalar(values[name], quote=quote, braces=self.braces)))
        return found

    def written(self, pairs: Sequence[tuple[str, str]], indent: int) -> str:
        """The mapping as text; lines after the first are indented by `indent` blanks."""
        if self.braces:
            pad = " " if self.pad else ""
            return "{" + pad + ", ".join(f"{key}: {value}" for key, value in pairs) + pad + "}"
        return ("\n" + " " * indent).join(f"{key}: {value}" for key, value in pairs)


def look_of(node: Node, text: str, start: int) -> Look | None:
    """How a mapping is written; None when the node is none. `text[start:]` is what the node's marks count in."""
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return None
    keys = tuple(
        (str(key.value), value.style if isinstance(value, yaml.ScalarNode) and value.style in ("'", '"') else None)
        for key, value in node.value
        if isinstance(key, yaml.ScalarNode)
    )
    at = start + node.start_mark.index
    braces = in_brackets(node)
    return Look(keys=keys, braces=braces, pad=braces and text[at + 1 : at + 2] == " ")


def spelling(name: str, names: Mapping[str, str], chinese: bool) -> str:
    """The usual spelling of a key in a language."""
    others = (key for key, canonical in names.items() if canonical == name and not key.isascii())
    return next(others, name) if chinese else name


def is_chinese(keys: Iterable[str]) -> bool:
    """Whether most keys are Chinese."""
    found = list(keys)
    return 2 * sum(not key.isascii() for key in found) > len(found)


def in_brackets(node: Node) -> bool:
    """Whether a list or mapping is written in brackets or braces."""
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
