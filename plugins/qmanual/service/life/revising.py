"""The next revision of a released document: raised, its change accounted for, its signatures to be given anew."""

from dataclasses import dataclass
from datetime import date

from qmanual.control.editing import Edit, Listed, is_newest_first
from qmanual.control.history import History
from qmanual.control.status import release_of
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Document, Meaning
from qmanual.service.life.plan import Plan, chosen, edit_file, filled, known_history, stranger, written
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a person says of a new revision. `effective`: None leaves the day open until the release."""

    summary: str
    by: str
    major: bool = False
    effective: date | None = None


def revise(manual: Manual, number: str, meant: Revision) -> Plan:
    """Raise the revision of a document, open its entry in the change list, clear its signatures and effective date.

    The effective date belongs to the text it was given to; a new text has none until somebody says it. Raises
    `CannotRun` where there is nothing to revise.
    """
    document = chosen(manual, number)
    revision = following(manual, number, major=meant.major)
    if meant.effective and meant.effective < manual.today:
        text = N_("Nothing takes effect before its release: {day} has passed.")
        raise CannotRun(text, day=meant.effective.isoformat())
    by, summary = filled("--as", meant.by), filled("--summary", meant.summary)
    entry = Listed(revision=revision, on=manual.today, by=written(manual, by), summary=summary)
    edit = Edit(
        values={"revision": revision, "effective": meant.effective.isoformat() if meant.effective else ""},
        cleared=frozenset(Meaning),
        listed=entry,
        newest_first=is_newest_first(document.header, manual.register.settings.scheme),
    )
    notes = [Phrase(N_("The signatures are cleared: the new text is prepared, reviewed and approved anew."))]
    if document.header.effective and meant.effective is None:
        notes.append(Phrase(N_("The effective date is left open: write it, or say it at the release.")))
    if unknown := stranger(manual, by):
        notes.append(unknown)
    return Plan(
        title=Phrase(N_("Revise {id} {title}: {old} → {new}"), id=document.id, title=document.title,
                     old=document.revision, new=revision),
        files=(edit_file(manual, document, edit),),
        notes=tuple(notes),
        after=Phrase(N_("Next: change the text in {path}, then commit it."), path=document.path),
    )  # fmt: skip


def following(manual: Manual, number: str, *, major: bool = False) -> str:
    """The revision that comes next; never one that the document had before. Raises `CannotRun`."""
    document, history = chosen(manual, number), known_history(manual)
    _refuse(document, history)
    scheme = manual.register.settings.scheme
    used = {text.facts.revision for text in history.documents.get(number, ())}
    used |= {change.revision.value for change in document.header.changes if change.revision}
    found = scheme.next(document.revision, manual.today, major=major)
    while found in used:
        found = scheme.next(found, manual.today, major=major)
    if found is None:
        text = N_("No revision follows {revision} by the scheme {sample}. Correct the revision, or raise it by hand.")
        raise CannotRun(text, revision=document.revision or "—", sample=scheme.sample)
    return found


def _refuse(document: Document, history: History) -> None:
    held = history.held(document.id)
    if document.header.withdrawn or (held and held.facts.withdrawn) or (held is None and _known(document, history)):
        raise CannotRun(N_("{id} was withdrawn. What is needed again gets a number of its own: `new`."), id=document.id)
    if held is None:
        text = N_("{id} was never released, so there is nothing to revise: change {path} as it is.")
        raise CannotRun(text, id=document.id, path=document.path)
    if held.facts.revision != document.revision and release_of(document, history) is None:
        text = N_("Revision {revision} of {id} is open already: change {path} as it is. Released is {released}.")
        raise CannotRun(
            text, id=document.id, revision=document.revision or "—", path=document.path, released=held.facts.revision
        )


def _known(document: Document, history: History) -> bool:
    return document.id in history.documents
