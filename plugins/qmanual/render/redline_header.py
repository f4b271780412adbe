"""The header of two revisions, field by field, as a small table of what changed.

It is made from what is written, not from what was understood, so that no field can change unseen.
"""

from collections.abc import Iterator, Mapping

from qmanual.control.redline import Block, Node, Piece, Side, make_block
from qmanual.control.redline.compare import Comparing
from qmanual.control.status import MEANING_NAMES
from qmanual.language import N_, Translator
from qmanual.model import Document, Meaning
from qmanual.parse.header import KEYS

LABELS: Mapping[str, str] = {
    "id": N_("Number"), "title": N_("Title"), "revision": N_("Revision"), "effective": N_("Effective date"),
    "owner": N_("Owner"), "departments": N_("Departments concerned"), "process": N_("Process"),
    "clauses": N_("Clauses"), "review_every": N_("Review period"), "retention": N_("Retention period"),
    "changes": N_("Change list"), "fields": N_("Limits of form fields"), "rules": N_("Rules of the form"),
    "waive": N_("Waived rules"), "withdrawn": N_("Withdrawn"),
    **{meaning.value: MEANING_NAMES[meaning] for meaning in Meaning},
}  # fmt: skip
_WITHOUT_NAMES = frozenset({"changes", "withdrawn", *(meaning.value for meaning in Meaning)})
"""Fields whose parts speak for themselves: a name, a day."""


def compare_headers(old: Document, new: Document, labels: Mapping[str, str], say: Translator) -> tuple[Node, ...]:
    """A row for every field that differs: its name, its value. `labels`: the company's own fields → what they are
    called."""
    before, after = dict(_values(old)), dict(_values(new))
    order = {key: at for at, key in enumerate(KEYS)}
    keys = sorted({*before, *after}, key=lambda key: (order.get(key, len(order)), key))
    comparing = Comparing()
    return tuple(
        _row(say(LABELS[key]) if key in LABELS else labels.get(key, key), before.get(key), after.get(key), comparing)
        for key in keys
        if before.get(key, ()) != after.get(key, ())
    )


def _row(label: str, old: tuple[str, ...] | None, new: tuple[str, ...] | None, comparing: Comparing) -> Node:
    head = make_block("th", attributes=(), blocks=[make_block("", pieces=[Piece(label)])])
    cells = comparing.pair(_cell(old or ()), _cell(new or ()))
    row = make_block("tr", blocks=[head, _cell(new or ())])
    return Node(
        Side.BOTH, row, make_block("tr", blocks=[head, _cell(old or ())]), nodes=(Node(Side.BOTH, head), *cells)
    )


def _cell(lines: tuple[str, ...]) -> Block:
    return make_block("td", blocks=[make_block("p", pieces=[Piece(line)]) for line in lines])


def _values(document: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every field that was written, as lines."""
    header = document.header
    if header.present and not header.readable:
        yield "", tuple(document.source.text[: document.body.start].split("\n"))
    for key, value in header.raw.items():
        lines = tuple(_lines(key, value))
        if any(lines):
            yield key, lines


def _lines(key: str, value: object) -> Iterator[str]:
    if isinstance(value, list) and any(isinstance(one, (list, dict)) for one in value):
        for one in value:
            yield _flat(one, key not in _WITHOUT_NAMES)
    elif isinstance(value, dict) and key == "fields":
        for name, one in value.items():
            yield f"{name}：{_flat(one, True)}"
    else:
        yield _flat(value, key not in _WITHOUT_NAMES)


def _flat(value: object, named: bool) -> str:
    if isinstance(value, dict):
        parts = [f"{name}：{_flat(one, named)}" if named else _flat(one, named) for name, one in value.items()]
        return ("；" if named else "  ").join(parts)
    if isinstance(value, list):
        return "、".join(_flat(one, named) for one in value)
    return str(value)
