"""Signing a text in the header: prepared, reviewed, countersigned, approved, in this order (ISO 9001 7.5.2 c).

Who may sign what is judged by the same rules as in `check`: the header is signed on trial, and what the rules then find
in that document is the reason for refusing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from qmanual.checks.approval import MEANING_NAMES
from qmanual.control.editing import Edit, Signed
from qmanual.control.status import release_of
from qmanual.finding import Finding, Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document, Meaning
from qmanual.service import checking
from qmanual.service.life.plan import (
    FileChange,
    Flawed,
    Plan,
    chosen,
    edit_file,
    known_history,
    with_texts,
    written,
)
from qmanual.service.life.standing import committed
from qmanual.service.loading import Manual
from qmanual.service.statements import Drafted, Means, draft, level_of, read_case, seal
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Who signs, in which meaning, on which day; with a key (`means`) at a `moment` of that day, where one is used."""

    by: str
    meaning: Meaning
    on: date
    means: Means | None = None
    moment: datetime | None = None


def approve(manual: Manual, numbers: Sequence[str], signing: Signing) -> Plan:
    """Sign these documents. Raises `CannotRun` when one of them cannot be signed, `Flawed` when rules forbid it."""
    known_history(manual)
    documents = [chosen(manual, number) for number in dict.fromkeys(numbers)]
    for document in documents:
        if reason := obstacle(manual, document, signing):
            raise CannotRun(N_("{id} cannot be signed: {reason}."), id=document.id, reason=reason)
    changes = _signed(manual, documents, signing)
    if found := _errors(manual, changes, documents, _drafts(manual, documents, signing)):
        text = N_("{ids} cannot be signed: there are errors. Mend them first; nothing was written.")
        ids = ", ".join(one.id for one in documents if any(f.span.path in _paths(one) for f in found))
        raise Flawed(found, with_texts(manual.register, changes).tree.sources, text, ids=ids)
    return _plan(manual, documents, changes, signing)


def approve_all(manual: Manual, signing: Signing) -> Plan:
    """Sign every document that waits for this signature. Those that cannot be signed are left out, with the reason.

    Raises `CannotRun` when none is left.
    """
    known_history(manual)
    waiting = [one for one in manual.register.documents if waits(manual, one, signing.meaning)]
    reasons = [(one, obstacle(manual, one, signing)) for one in waiting]
    notes = [_left_out(one, reason) for one, reason in reasons if reason]
    documents = [one for one, reason in reasons if reason is None]
    changes = _signed(manual, documents, signing)
    wrong = _errors(manual, changes, documents, _drafts(manual, documents, signing))
    for one in documents:
        if first := next((finding for finding in wrong if finding.span.path in _paths(one)), None):
            code = Phrase(N_("error {code} in line {line}"), code=first.code, line=str(first.span.line))
            notes.append(_left_out(one, code))
    kept = [one for one in documents if not any(finding.span.path in _paths(one) for finding in wrong)]
    if not kept:
        raise CannotRun(
            N_("No document waits to be {meaning} by {name}. `status` shows how each stands.")
            if not notes else N_("No document can be {meaning} by {name}. {reasons}"),
            meaning=Phrase(MEANING_NAMES[signing.meaning]), name=signing.by,
            **({"reasons": Phrase(N_("The first of {count}: {note}"), count=str(len(notes)), note=notes[0])}
               if notes else {}),
        )  # fmt: skip
    paths = {one.path for one in kept}
    return _plan(manual, kept, [change for change in changes if change.path in paths], signing, notes)


def waits(manual: Manual, document: Document, meaning: Meaning) -> bool:
    """Whether a document's next signature is one of that meaning."""
    required = manual.register.settings.kind(document.kind).approvals
    if not document.header.id or release_of(document, manual.history) or meaning not in required:
        return False
    signed = document.header.signed
    return meaning not in signed and signed.issuperset(_earlier(required, meaning))


def obstacle(manual: Manual, document: Document, signing: Signing) -> Phrase | None:
    """Why a document cannot be signed, apart from what the rules find; None when nothing stands in the way."""
    if release_of(document, manual.history):
        return Phrase(N_("revision {revision} is released; what comes after it begins with `revise`"),
                      revision=document.revision)  # fmt: skip
    if missing_key := _without_key(manual, document, signing):
        return missing_key
    if taken := _taken(document, signing, written(manual, signing.by)):
        return taken
    head = committed(manual, document)
    if head is None or (head.digest, head.revision) != (document.digest, document.revision):
        return Phrase(N_("what stands in {path} is not committed; commit it, so that what is signed is known"),
                      path=document.path)  # fmt: skip
    required = manual.register.settings.kind(document.kind).approvals
    if missing := [one for one in _earlier(required, signing.meaning) if one not in document.header.signed]:
        return Phrase(N_("it has not been {meaning} yet"), meaning=Phrase(MEANING_NAMES[missing[0]]))
    return None


def _taken(document: Document, signing: Signing, name: str) -> Phrase | None:
    """What speaks against this signature among those that are there. Several people may countersign."""
    meaning, order = signing.meaning, list(Meaning)
    signed = [one for one in document.header.approvals if one.meaning is meaning and one.given]
    if signed and (meaning is not Meaning.COUNTERSIGNED or any(one.by and one.by.value == name for one in signed)):
        by = next((one.by.value for one in signed if one.by), "—")
        return Phrase(N_("it was {meaning} already by {name}"), meaning=Phrase(MEANING_NAMES[meaning]), name=by)
    later = next((one for one in order[order.index(meaning) + 1 :] if one in document.header.signed), None)
    if later:
        text = N_("it was {later} already; {meaning} comes before that")
        return Phrase(text, later=Phrase(MEANING_NAMES[later]), meaning=Phrase(MEANING_NAMES[meaning]))
    return None


def _earlier(required: Iterable[Meaning], meaning: Meaning) -> list[Meaning]:
    order = list(Meaning)
    return [one for one in required if order.index(one) < order.index(meaning)]


def _signed(manual: Manual, documents: Iterable[Document], signing: Signing) -> list[FileChange]:
    one = Signed(meaning=signing.meaning, by=written(manual, signing.by), on=signing.on)
    return [edit_file(manual, document, Edit(signed=(one,))) for document in documents]


def _drafts(manual: Manual, documents: Iterable[Document], signing: Signing) -> Sequence[Drafted]:
    """The statements to be signed about these documents; none when no key is used. Raises `CannotRun`."""
    if signing.means is None or signing.moment is None:
        return ()
    case, name = read_case(manual, whole=True), written(manual, signing.by)
    return [draft(case, one, name=name, meaning=signing.meaning, time=signing.moment) for one in documents]


def _without_key(manual: Manual, document: Document, signing: Signing) -> Phrase | None:
    """What is missing of the proof that is asked for of this kind of document."""
    level = level_of(manual, document)
    if level and signing.means is None:
        return Phrase(N_("its kind is signed with a key: --key FILE, or --key agent"))
    if level >= 2 and signing.means and not signing.means.tsa:
        return Phrase(N_("its kind is signed with a time stamp: --tsa ADDRESS"))
    return None


def _sealed(manual: Manual, drafts: Sequence[Drafted], means: Means) -> tuple[FileChange, ...]:
    case = read_case(manual, whole=True)
    files = [pair for one in drafts for pair in seal(case, one, means).items()]
    return tuple(FileChange(path=path, old=None, new=data) for path, data in files)


def _errors(
    manual: Manual, changes: Sequence[FileChange], documents: Iterable[Document], drafts: Sequence[Drafted]
) -> tuple[Finding, ...]:
    """The errors that these documents would have, signed."""
    if not changes:
        return ()
    register = with_texts(manual.register, changes)
    approvals = {**register.tree.approvals, **{one.path: one.data for one in drafts}}
    register = replace(register, tree=replace(register.tree, approvals=approvals))
    trial = Manual(root=manual.root, register=register, today=manual.today)
    trial.__dict__.update(archive=manual.archive, history=manual.history, log=manual.log)
    paths = [path for document in documents for path in _paths(document)]
    return tuple(
        finding for finding in checking.about(checking.check(trial), paths) if finding.severity is Severity.ERROR
    )


def _paths(document: Document) -> tuple[str, ...]:
    return tuple(body.path for body in document.bodies)


def _left_out(document: Document, reason: Phrase) -> Phrase:
    return Phrase(N_("{id} is left out: {reason}."), id=document.id, reason=reason)


def _plan(
    manual: Manual, documents: Sequence[Document], changes: Iterable[FileChange], signing: Signing,
    notes: Iterable[Phrase] = (),
) -> Plan:  # fmt: skip
    drafts, means = _drafts(manual, documents, signing), signing.means
    meaning = Phrase(MEANING_NAMES[signing.meaning])
    ids = ", ".join(f"{one.id} {one.revision}" for one in documents)
    return Plan(
        title=Phrase(N_("{ids}: {meaning} by {name} on {day}"), ids=ids, meaning=meaning, name=signing.by,
                     day=signing.on.isoformat()),
        files=tuple(changes),
        notes=(*notes, *(Phrase(N_("{path} will be signed with the key."), path=one.path) for one in drafts)),
        after=Phrase(N_("Next: commit the signature.")),
        seal=(lambda: _sealed(manual, drafts, means)) if means else None,
    )  # fmt: skip
