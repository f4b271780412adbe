"""A reviewer or approver refuses a text: a statement says who, when and why, and the signatures are cleared.

The text goes back to its author. Nobody signs it before it was changed; then it is prepared anew. A rejection holds
without a key as well: it holds a text back, and nobody gains by forging that.
"""

from collections.abc import Iterator, Sequence

from qmanual.checks.approval import MEANING_NAMES
from qmanual.control.editing import Edit, Signed
from qmanual.control.status import release_of
from qmanual.finding import Phrase
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
    one_line,
    sentences,
    written,
)
from qmanual.service.life.proving import Proof, Signing
from qmanual.service.life.standing import as_committed
from qmanual.service.loading import Manual
from qmanual.service.statements import Drafted, Unfit
from qmanual.workspace import CannotRun

_OF_PEOPLE = ("QM305", "QM306", "QM307")
"""The rules that say who may sign what; only they speak against a rejection."""


def reject(manual: Manual, numbers: Sequence[str], signing: Signing, comment: str) -> Plan:
    """Reject the text of these documents. Raises `CannotRun` where it cannot be, `Flawed` for whom rules forbid it."""
    known_history(manual)
    why = one_line(comment)
    proof = Proof(manual, signing, rejecting=why)
    documents = [chosen(manual, number) for number in dict.fromkeys(numbers)]
    if refused := [_unfit(one, reason) for one in documents if (reason := _obstacle(proof, one))]:
        raise CannotRun(N_("{reasons} Nothing was written."), reasons=sentences(refused))
    _refuse_people(proof, documents)
    drafts = [proof.draft(one) for one in documents]
    return Plan(
        title=Phrase(N_("{ids}: rejected by {name} on {day} ({comment})"), name=signing.by, comment=why or "—",
                     ids=", ".join(f"{one.id} {one.revision}" for one in documents), day=signing.on.isoformat()),
        files=(*_cleared(manual, documents), *([] if signing.means else map(_unsigned, drafts))),
        notes=tuple(_notes(proof, drafts)),
        after=Phrase(N_("Next: commit it. The author changes the text; then it is prepared, reviewed and approved "
                        "anew.")),
        seal=(lambda: proof.sealed(drafts)) if signing.means else None,
    )  # fmt: skip


def _obstacle(proof: Proof, document: Document) -> Phrase | None:
    manual, meaning = proof.manual, proof.signing.meaning
    if meaning is Meaning.PREPARED:
        return Phrase(N_("whoever prepared a text changes it; it is rejected as reviewed, countersigned or approved"))
    if release_of(document, manual.history):
        text = N_(
            "revision {revision} is released; the next one replaces it (`revise`), or it is withdrawn (`withdraw`)"
        )
        return Phrase(text, revision=document.revision)
    if not as_committed(manual, document):
        return Phrase(N_("what stands in {path} is not committed; commit it, so that it is known what is rejected"),
                      path=document.path)  # fmt: skip
    if already := proof.rejected(document):
        return already
    required = manual.register.settings.kind(document.kind).approvals
    if Meaning.PREPARED in required and Meaning.PREPARED not in document.header.signed:
        return Phrase(N_("it has not been {meaning} yet"), meaning=Phrase(MEANING_NAMES[Meaning.PREPARED]))
    try:
        proof.draft(document)
    except Unfit as error:
        return error.reason
    return None


def _unfit(document: Document, reason: Phrase) -> Phrase:
    return Phrase(N_("{id} cannot be rejected: {reason}."), id=document.id, reason=reason)


def _refuse_people(proof: Proof, documents: Sequence[Document]) -> None:
    """Raise `Flawed` for whom the rules forbid this, were it a signature. Errors of a text speak for rejecting it."""
    manual, signing = proof.manual, proof.signing
    one = Signed(meaning=signing.meaning, by=written(manual, signing.by), on=signing.on)
    edit = Edit(cleared=frozenset(Meaning), signed=(one,))
    changes = [edit_file(manual, document, edit) for document in documents]
    trial = on_trial(manual, changes)
    findings = checking.about(checking.check(trial), [document.path for document in documents])
    if found := [finding for finding in findings if finding.code in _OF_PEOPLE]:
        text = N_("{name} cannot reject this; nothing was written.")
        raise Flawed(found, trial.register.tree.sources, text, name=signing.by)


def _cleared(manual: Manual, documents: Sequence[Document]) -> Iterator[FileChange]:
    for document in documents:
        change = edit_file(manual, document, Edit(cleared=frozenset(Meaning)))
        if change.new != change.old:
            yield change


def _unsigned(drafted: Drafted) -> FileChange:
    return FileChange(path=drafted.path, old=None, new=drafted.data)


def _notes(proof: Proof, drafts: Sequence[Drafted]) -> Iterator[Phrase]:
    yield Phrase(N_("The signatures are cleared: the text is changed, then prepared, reviewed and approved anew."))
    if proof.signing.means:
        yield from (Phrase(N_("{path} will be signed with the key."), path=one.path) for one in drafts)
