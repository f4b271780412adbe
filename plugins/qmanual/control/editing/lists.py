"""Lists of mappings in a header, signatures and the change list: one more entry, looking like its neighbours."""

from collections.abc import Mapping

import yaml

from qmanual.control.editing.head import Head, Pair
from qmanual.control.editing.raw import Splice
from qmanual.control.editing.style import Look, in_brackets
from qmanual.nodes import Node, is_empty
from qmanual.parse.header import CHANGE_KEYS, MEANINGS, SIGNATURE_KEYS


def signed(head: Head, meaning: str, values: Mapping[str, str]) -> list[Splice]:
    """One more signature line of a meaning; `values`: `by` and `date`."""
    look = _signature_look(head)
    pairs = look.ordered(values, SIGNATURE_KEYS, head.chinese)
    pair = head.entry(meaning)
    if pair is None:
        return head.added(meaning, _value(look, pairs, 2))
    if isinstance(pair.value, yaml.ScalarNode):
        return head.filled(pair, _value(look, pairs, head.column(pair.key) + 2))
    if blank := _blank(head, pair.value):
        return _filled(head, blank, values)
    return appended(head, pair, values, SIGNATURE_KEYS, look, first=False)


def _value(look: Look, pairs: list[tuple[str, str]], indent: int) -> str:
    """A mapping behind its colon: in braces, or on the lines that follow."""
    return f" {look.written(pairs, 0)}" if look.braces else f"\n{' ' * indent}{look.written(pairs, indent)}"


def _signature_look(head: Head) -> Look:
    """How signatures are written here: as the others are, else as the change list."""
    entries = (pair.value for name in dict.fromkeys(MEANINGS.values()) if (pair := head.entry(name)))
    if found := next(head.looks(entries), None):
        return Look(keys=found.keys, braces=found.braces or head.braces, pad=found.pad)
    changes = head.entry("changes")
    listed = next(head.looks([changes.value]), None) if changes else None
    return Look(braces=listed.braces if listed else True, pad=listed.pad if listed else False)


def _blank(head: Head, node: Node) -> Node | None:
    """The first line prepared for a signature with neither name nor date in it: `{by: , date: }`."""
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for item in items:
        if isinstance(item, yaml.MappingNode) and item.value and all(is_empty(value) for _, value in item.value):
            return item
    return None


def _filled(head: Head, node: Node, values: Mapping[str, str]) -> list[Splice]:
    found = head.entries(node, SIGNATURE_KEYS)
    look = next(head.looks([node]))
    missing = {name: value for name, value in values.items() if name not in found}
    splices: list[Splice] = []
    for name, value in values.items():
        if name in found:
            ((_, text),) = look.ordered({name: value}, SIGNATURE_KEYS, head.chinese)
            splices += head.filled(found[name], text)
    for key, text in look.ordered(missing, SIGNATURE_KEYS, head.chinese):
        at = head.end(node.value[-1][1])
        indent = " " * head.column(node)
        splices.append((at, at, f", {key}: {text}" if look.braces else f"\n{indent}{key}: {text}"))
    return splices


def listed(head: Head, values: Mapping[str, str], newest_first: bool) -> list[Splice]:
    """One more entry of the change list, at its new end."""
    pair = head.entry("changes")
    look = (next(head.looks([pair.value]), None) if pair else None) or Look()
    if pair and not is_empty(pair.value):
        return appended(head, pair, values, CHANGE_KEYS, look, first=newest_first)
    text = look.written(look.ordered(values, CHANGE_KEYS, head.chinese), 0)
    inside = f"[{text}]" if head.braces else f"\n{' ' * (head.column(pair.key) + 2 if pair else 2)}- {text}"
    return head.filled(pair, inside) if pair else head.added("changes", inside)


def appended(
    head: Head, pair: Pair, values: Mapping[str, str], names: Mapping[str, str], look: Look, *, first: bool
) -> list[Splice]:
    """One more mapping in a list, before its first or after its last item; a single mapping becomes a list."""
    node = pair.value
    if isinstance(node, yaml.MappingNode):
        return _made_list(head, pair, values, names, look, first)
    if not node.value:
        begin, end = head.begin(node), head.end(node)
        return [(begin, end, f"[{look.written(look.ordered(values, names, head.chinese), 0)}]")]
    near = node.value[0 if first else -1]
    model = next(head.looks([near]), look)
    pairs = model.ordered(values, names, head.chinese)
    if in_brackets(node):
        return [_in_brackets(head, node, model.written(pairs, 0), first)]
    column = head.column(near)
    text = model.written(pairs, column)
    dash = head.column(node)
    item = f"{' ' * dash}-{' ' * (column - dash - 1)}{text}"
    if first:
        at = head.line_start(head.begin(node))
        return [(at, at, f"{item}\n")]
    at = head.line_end(head.end(near))
    return [(at, at, f"\n{item}")]


def _in_brackets(head: Head, node: Node, text: str, first: bool) -> Splice:
    """An item of `[…]`, on a line of its own where the others have one."""
    items = node.value
    lines = {item.start_mark.line for item in items}
    own_line = items[0].start_mark.line > node.start_mark.line or (len(items) > 1 and len(lines) > 1)
    gap = f",\n{' ' * head.column(items[0])}" if own_line else ", "
    if first:
        return (head.begin(items[0]), head.begin(items[0]), text + gap)
    at = head.end(items[-1])
    return (at, at, gap + text)


def _made_list(
    head: Head, pair: Pair, values: Mapping[str, str], names: Mapping[str, str], look: Look, first: bool
) -> list[Splice]:
    """A single mapping and the new one as a list of two."""
    node = pair.value
    begin, end = head.begin(node), head.end(node)
    model = next(head.looks([node]), look)
    new = model.written(model.ordered(values, names, head.chinese), head.column(node) + 2)
    if in_brackets(node):
        return (
            [(begin, begin, f"[{new}, "), (end, end, "]")] if first else [(begin, begin, "["), (end, end, f", {new}]")]
        )
    indent = " " * head.column(node)
    old = head.text[begin:end].replace("\n", "\n  ")
    both = [new, old] if first else [old, new]
    return [(begin, end, f"\n{indent}".join(f"- {one}" for one in both))]
