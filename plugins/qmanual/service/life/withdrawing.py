"""A released document leaves the system: by a word in its header that says since when, why and what replaces it."""

from dataclasses import dataclass
from datetime import date

from qmanual.control.editing import Edit, Leaving
from qmanual.control.status import release_of
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Document
from qmanual.service.life.plan import Plan, chosen, edit_file, filled, known_history, stranger, written
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    """What a person says of it. `replaced_by`: the number of what takes its place, empty when nothing does."""

    on: date
    by: str
    reason: str
    replaced_by: str = ""


def withdraw(manual: Manual, number: str, meant: Withdrawing) -> Plan:
    """Write the withdrawal into the header. It takes effect with the next release, on its day at the earliest.

    Others that still name the document are a warning in the plan: they may be on their way out as well. Raises
    `CannotRun` for what was never released, was withdrawn before, or is being revised.
    """
    document = leaving(manual, number)
    _refuse(manual, document, meant)
    by, reason = filled("--as", meant.by), filled("--reason", meant.reason)
    act = Leaving(on=meant.on, by=written(manual, by), reason=reason, replaced_by=meant.replaced_by)
    return Plan(
        title=Phrase(N_("Withdraw {id} {title} from {day}"), id=document.id, title=document.title,
                     day=meant.on.isoformat()),
        files=(edit_file(manual, document, Edit(leaving=act)),),
        notes=tuple(_notes(manual, document, meant)),
        after=Phrase(N_("Next: commit it. It takes effect with the next release.")),
    )  # fmt: skip


def leaving(manual: Manual, number: str) -> Document:
    """The document of that number, which may be withdrawn. Raises `CannotRun`, see `withdraw`."""
    document, history = chosen(manual, number), known_history(manual)
    if document.id not in history.documents:
        text = N_("{id} was never released, so nobody works by it: delete the file {path} instead.")
        raise CannotRun(text, id=document.id, path=document.path)
    if gone := document.header.withdrawn:
        day = gone.date.value.isoformat() if gone.date else "—"
        raise CannotRun(N_("{id} is withdrawn already, from {day}."), id=document.id, day=day)
    if release_of(document, history) is None:
        text = N_(
            "{id} is being revised: {path} is not what was released. Release the revision first, or take the released "
            "text back, then withdraw it."
        )
        raise CannotRun(text, id=document.id, path=document.path)
    return document


def _refuse(manual: Manual, document: Document, meant: Withdrawing) -> None:
    if meant.on < manual.today:
        text = N_("A document cannot have left the system before today: {day} has passed.")
        raise CannotRun(text, day=meant.on.isoformat())
    if meant.replaced_by:
        heir = chosen(manual, meant.replaced_by)
        if heir.id == document.id or heir.header.withdrawn:
            raise CannotRun(N_("{id} cannot take its place."), id=heir.id)


def _notes(manual: Manual, document: Document, meant: Withdrawing) -> list[Phrase]:
    gone = manual.register.withdrawn
    naming = [one for one in manual.register.referenced_by.get(document.id, ()) if one not in gone]
    notes = []
    if naming:
        text = N_("Still named in {ids}: change them, or `check` finds errors there from {day}.")
        notes.append(Phrase(text, ids=", ".join(naming), day=meant.on.isoformat()))
    if unknown := stranger(manual, meant.by):
        notes.append(unknown)
    return notes
