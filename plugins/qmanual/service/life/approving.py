"""Signing a text in the header: prepared, reviewed, countersigned, approved, in this order (ISO 9001 7.5.2 c).

Who may sign what is judged by the same rules as in `check`: the header is signed on trial, and what the rules then find
in that document is the reason for refusing.
"""

from collections.abc import Iterable, Sequence

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
    on_trial,
    sentences,
    with_texts,
    written,
)
from qmanual.service.life.proving import Proof, Signing
from qmanual.service.life.standing import as_committed
from qmanual.service.loading import Manual
from qmanual.service.statements import Drafted
from qmanual.workspace import CannotRun


def approve(manual: Manual, numbers: Sequence[str], signing: Signing) -> Plan:
    """Sign these documents. Raises `CannotRun` when one of them cannot be signed, `Flawed` when rules forbid it."""
    known_history(manual)
    proof = Proof(manual, signing)
    documents = [chosen(manual, number) for number in dict.fromkeys(numbers)]
    if refused := [_unfit(one, reason) for one in documents if (reason := obstacle(proof, one))]:
        raise CannotRun(N_("{reasons} Nothing was written."), reasons=sentences(refused))
    changes = _signed(proof, documents)
    if found := _errors(manual, changes, documents, proof.drafts(documents)):
        text = N_("{ids} cannot be signed: there are errors. Mend them first; nothing was written.")
        ids = ", ".join(one.id for one in documents if any(f.span.path in _paths(one) for f in found))
        raise Flawed(found, with_texts(manual.register, changes).tree.sources, text, ids=ids)
    return _plan(proof, documents, changes)


def approve_all(manual: Manual, signing: Signing) -> Plan:
    """Sign every document that waits for this signature. Those that cannot be signed are left out, with the reason.

    Raises `CannotRun` when none is left.
    """
    known_history(manual)
    proof = Proof(manual, signing)
    reasons = [(one, obstacle(proof, one)) for one in manual.register.documents if waits(proof, one)]
    notes = [_left_out(one, reason) for one, reason in reasons if reason]
    documents = [one for one, reason in reasons if reason is None]
    changes = _signed(proof, documents)
    wrong = _errors(manual, changes, documents, proof.drafts(documents))
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
    return _plan(proof, kept, [change for change in changes if change.path in paths], notes)


def waits(proof: Proof, document: Document) -> bool:
    """Whether a document's next signature is the one that is to be given."""
    manual, meaning = proof.manual, proof.signing.meaning
    required = manual.register.settings.kind(document.kind).approvals
    if not document.header.id or release_of(document, manual.history) or meaning not in required:
        return False
    signed = document.header.signed
    return proof.begins_anew(document) or (
        meaning not in signed and signed.issuperset(_earlier(required, meaning)) and not proof.rejected(document)
    )


def obstacle(proof: Proof, document: Document) -> Phrase | None:
    """Why a document cannot be signed, apart from what the rules find; None when nothing stands in the way."""
    manual, signing = proof.manual, proof.signing
    if release_of(document, manual.history):
        return Phrase(N_("revision {revision} is released; what comes after it begins with `revise`"),
                      revision=document.revision)  # fmt: skip
    if reason := proof.lacks_key(document) or proof.rejected(document):
        return reason
    if not proof.begins_anew(document) and (taken := _taken(document, signing, written(manual, signing.by))):
        return taken
    if not as_committed(manual, document):
        return Phrase(N_("what stands in {path} is not committed; commit it, so that what is signed is known"),
                      path=document.path)  # fmt: skip
    required = manual.register.settings.kind(document.kind).approvals
    earlier = _earlier(required, signing.meaning)
    if missing := [one for one in earlier if one not in document.header.signed]:
        return Phrase(N_("it has not been {meaning} yet"), meaning=Phrase(MEANING_NAMES[missing[0]]))
    return proof.unproven(document, earlier)


def _taken(document: Document, signing: Signing, name: str) -> Phrase | None:
    """What speaks against this signature among those that are there. Several people may countersign."""
    meaning, order = signing.meaning, list(Meaning)
    signed = [one for one in document.header.approvals if one.meaning is meaning and one.given]
    if signed and (meaning is not Meaning.COUNTERSIGNED or any(one.by and one.by.value == name for one in signed)):
        by = next((one.by.value for one in signed if one.by), "—")
        text = N_(
            "it was {meaning} already by {name}; a text that was changed since is signed anew once the signatures in "
            "its header are emptied and committed"
        )
        return Phrase(text, meaning=Phrase(MEANING_NAMES[meaning]), name=by)
    later = next((one for one in order[order.index(meaning) + 1 :] if one in document.header.signed), None)
    if later:
        text = N_("it was {later} already; {meaning} comes before that")
        return Phrase(text, later=Phrase(MEANING_NAMES[later]), meaning=Phrase(MEANING_NAMES[meaning]))
    return None


def _earlier(required: Iterable[Meaning], meaning: Meaning) -> list[Meaning]:
    order = list(Meaning)
    return [one for one in required if order.index(one) < order.index(meaning)]


def _signed(proof: Proof, documents: Iterable[Document]) -> list[FileChange]:
    """The headers, signed. Where a changed text is prepared anew, what was signed of the old one goes."""
    signing = proof.signing
    one = Signed(meaning=signing.meaning, by=written(proof.manual, signing.by), on=signing.on)
    return [
        edit_file(
            proof.manual,
            document,
            Edit(signed=(one,), cleared=frozenset(Meaning) if proof.begins_anew(document) else frozenset()),
        )
        for document in documents
    ]


def _errors(
    manual: Manual, changes: Sequence[FileChange], documents: Iterable[Document], drafts: Sequence[Drafted]
) -> tuple[Finding, ...]:
    """The errors that these documents would have, signed."""
    if not changes:
        return ()
    trial = on_trial(manual, changes, {one.path: one.data for one in drafts})
    paths = [path for document in documents for path in _paths(document)]
    return tuple(
        finding for finding in checking.about(checking.check(trial), paths) if finding.severity is Severity.ERROR
    )


def _paths(document: Document) -> tuple[str, ...]:
    return tuple(body.path for body in document.bodies)


def _left_out(document: Document, reason: Phrase) -> Phrase:
    return Phrase(N_("{id} is left out: {reason}."), id=document.id, reason=reason)


def _unfit(document: Document, reason: Phrase) -> Phrase:
    return Phrase(N_("{id} cannot be signed: {reason}."), id=document.id, reason=reason)


def _plan(
    proof: Proof, documents: Sequence[Document], changes: Iterable[FileChange], notes: Iterable[Phrase] = ()
) -> Plan:
    drafts, signing = proof.drafts(documents), proof.signing
    meaning = Phrase(MEANING_NAMES[signing.meaning])
    ids = ", ".join(f"{one.id} {one.revision}" for one in documents)
    return Plan(
        title=Phrase(N_("{ids}: {meaning} by {name} on {day}"), ids=ids, meaning=meaning, name=signing.by,
                     day=signing.on.isoformat()),
        files=tuple(changes),
        notes=(*notes, *(Phrase(N_("{path} will be signed with the key."), path=one.path) for one in drafts)),
        after=Phrase(N_("Next: commit the signature.")),
        seal=(lambda: proof.sealed(drafts)) if drafts else None,
    )  # fmt: skip
