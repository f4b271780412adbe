"""Edits a header in place: where only the meant lines change, and everything else stays byte for byte.

Comments, the order of keys, quotation marks, Chinese keys, the style of lists, line ends and the mark of order are the
author's; a command that sets a date must not rewrite them. What was written is read again and must hold just what was
meant, else nothing is written.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise

import yaml

from qmanual.control.editing.head import CannotEdit, Head
from qmanual.control.editing.lists import listed, signed
from qmanual.control.editing.raw import RawText, Splice, raw_text
from qmanual.control.editing.style import Look, scalar
from qmanual.language import N_
from qmanual.model import Header, Meaning
from qmanual.parse.header import WITHDRAWAL_KEYS, read_header
from qmanual.revision import Scheme
from qmanual.settings import OwnField
from qmanual.source import SourceFile

__all__ = ["CannotEdit", "Edit", "Leaving", "Listed", "Signed", "edited", "is_newest_first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature to be written: who, in which meaning, on which day."""

    meaning: Meaning
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of the change list to be written."""

    revision: str
    on: date
    by: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """That a document leaves the system. `replaced_by` is empty when nothing takes its place."""

    on: date
    by: str
    reason: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is meant to change. `values`: key with one text → its new value, empty to leave it open.

    `cleared`: meanings whose signatures are taken away, before new ones are written.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    cleared: frozenset[Meaning] = frozenset()
    signed: tuple[Signed, ...] = ()
    listed: Listed | None = None
    newest_first: bool = True
    leaving: Leaving | None = None


def edited(data: bytes, edit: Edit, own: Iterable[OwnField] = ()) -> bytes:
    """The bytes of a file with its header edited. `own`: the company's own fields.

    Raises `CannotEdit` when the header cannot be read, or would not hold just what is meant.
    """
    fields = tuple(own)
    try:
        raw = raw_text(data)
    except UnicodeDecodeError:
        raise CannotEdit(N_("the file is not UTF-8")) from None
    new = raw
    for step in _steps(edit):
        new = new.spliced(step(Head(new.text, fields)))
    _compare(raw, new, edit, fields)
    return new.encoded()


def is_newest_first(header: Header, scheme: Scheme) -> bool:
    """Whether a change list goes from new to old, judged by most of its steps; so it does while it is too short."""
    ranks = [rank for one in header.changes if one.revision and (rank := scheme.rank(one.revision.value)) is not None]
    return sum((a > b) - (a < b) for a, b in pairwise(ranks)) >= 0


# -- steps -----------------------------------------------------------------------------------------------------------

_Step = Callable[[Head], Sequence[Splice]]


def _steps(edit: Edit) -> Iterable[_Step]:
    """One step after the other, each on the text that the one before it left."""
    for key, value in edit.values.items():
        yield partial(_set, key=key, value=value)
    for meaning in Meaning:
        if meaning in edit.cleared:
            yield partial(Head.cleared, name=meaning.value)
    for one in edit.signed:
        values = {"by": one.by, "date": one.on.isoformat()}
        yield partial(signed, meaning=one.meaning.value, values=values)
    if entry := edit.listed:
        listing = {"revision": entry.revision, "date": entry.on.isoformat(), "by": entry.by, "summary": entry.summary}
        yield partial(listed, values=listing, newest_first=edit.newest_first)
    if leaving := edit.leaving:
        yield partial(_leave, leaving=leaving)


def _set(head: Head, key: str, value: str) -> Sequence[Splice]:
    if not value:
        return head.cleared(key)
    pair = head.entry(key)
    if pair is None:
        return head.added(key, f" {scalar(value, braces=head.braces)}")
    if not isinstance(pair.value, yaml.ScalarNode):
        raise CannotEdit(N_("the header is written in a way that this command cannot edit safely; edit it by hand"))
    return head.filled(pair, scalar(value, quote=pair.value.style, braces=head.braces))


def _leave(head: Head, leaving: Leaving) -> Sequence[Splice]:
    values = {
        "date": leaving.on.isoformat(), "by": leaving.by, "reason": leaving.reason, "replaced_by": leaving.replaced_by,
    }  # fmt: skip
    look = Look()
    text = look.written(look.ordered(values, WITHDRAWAL_KEYS, head.chinese), 0)
    pair = head.entry("withdrawn")
    return head.filled(pair, text) if pair else head.added("withdrawn", f" {text}")


_NOTHING = ("", "~", "null")

# -- proof -----------------------------------------------------------------------------------------------------------


def _compare(old: RawText, new: RawText, edit: Edit, own: tuple[OwnField, ...]) -> None:
    """Refuse when the new text does not hold what the old one held, changed as meant."""
    was, was_body, was_faults = read_header(SourceFile("", old.text), own)
    now, body, faults = read_header(SourceFile("", new.text), own)
    meant = {*edit.values, *(meaning.value for meaning in edit.cleared), *(one.meaning.value for one in edit.signed)}
    meant |= {name for name, there in (("changes", edit.listed), ("withdrawn", edit.leaving)) if there}
    kept = {name: value for name, value in was.raw.items() if name not in meant}
    before, after = (Counter(fault.kind for fault in found) for found in (was_faults, faults))
    sound = (
        old.text[was_body:] == new.text[body:]
        and kept == {name: value for name, value in now.raw.items() if name not in meant}
        and not after - before
        and all(now.raw.get(key, "") in ((value,) if value else _NOTHING) for key, value in edit.values.items())
        and all(_signatures(now, meaning) == _meant_signatures(was, meaning, edit) for meaning in Meaning)
        and _changes(now) == _meant_changes(was, edit)
        and _leaves_as_meant(now, edit)
    )
    if not sound:
        raise CannotEdit(N_("the header is written in a way that this command cannot edit safely; edit it by hand"))


def _signatures(header: Header, meaning: Meaning) -> list[tuple[str, str]]:
    return [
        (one.by.value if one.by else "", one.date.value.isoformat() if one.date else "")
        for one in header.approvals
        if one.meaning is meaning and one.given
    ]


def _meant_signatures(was: Header, meaning: Meaning, edit: Edit) -> list[tuple[str, str]]:
    kept = [] if meaning in edit.cleared else _signatures(was, meaning)
    added = [(one.by, one.on.isoformat()) for one in edit.signed if one.meaning is meaning]
    return [*kept, *added]


def _changes(header: Header) -> list[tuple[str, str, str, str]]:
    return [
        (
            one.revision.value if one.revision else "", one.date.value.isoformat() if one.date else "",
            one.by.value if one.by else "", one.summary.value if one.summary else "",
        )
        for one in header.changes
    ]  # fmt: skip


def _meant_changes(was: Header, edit: Edit) -> list[tuple[str, str, str, str]]:
    kept = _changes(was)
    if edit.listed is None:
        return kept
    one = edit.listed
    new = (one.revision, one.on.isoformat(), one.by, one.summary)
    return [new, *kept] if edit.newest_first else [*kept, new]


def _leaves_as_meant(now: Header, edit: Edit) -> bool:
    if edit.leaving is None:
        return True
    gone, meant = now.withdrawn, edit.leaving
    if gone is None or gone.date is None:
        return False
    said = tuple(text.value if text else "" for text in (gone.by, gone.reason, gone.replaced_by))
    return gone.date.value == meant.on and said == (meant.by, meant.reason, meant.replaced_by)
