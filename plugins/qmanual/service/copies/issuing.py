"""Handing out a text in force: numbered copies for those who work by it, each printed, stamped and registered.

The PDFs are made once the person has agreed, and before the register is written: a file that nobody registered says
of itself, by `verify`, that it was never issued; a registered copy that does not exist would have to be looked for.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qmanual.checks.nearest import NONE, nearest
from qmanual.control.copies import MEDIUM_NAMES, PATH, Act, Copy, Event, Ledger, Medium, alike
from qmanual.control.edition import Entry
from qmanual.control.status import Status
from qmanual.files import file_name, pdf_name
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.service.copies.printing import Stamp, print_copies
from qmanual.service.copies.register import adding, sound_ledger
from qmanual.service.life.plan import FileChange, Plan, chosen, filled, known_history, one_line, written
from qmanual.service.loading import Manual
from qmanual.service.publication import Publication, publication
from qmanual.service.sealing import Sealing
from qmanual.whole import writing
from qmanual.workspace import CannotRun, writing_into

_NUMBER = re.compile(r"\w[\w.\-/]{0,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a person says: for whom (`every`: each department concerned that has none), by whom, on what medium.

    `number`: empty leaves the choice to the program.
    """

    holders: tuple[str, ...] = ()
    number: str = ""
    by: str
    medium: Medium = Medium.PAPER
    every: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What is to be issued: the plan; and, once it was carried out, the PDFs that it wrote.

    `unseen`: the numbers of those whose seal found no free place.
    """

    plan: Plan
    files: list[Path]
    unseen: list[str]

    def discard(self) -> None:
        """Take the PDFs away again: what was not registered was not issued."""
        for file in self.files:
            file.unlink(missing_ok=True)


def issue(manual: Manual, number: str, meant: Meant, folder: Path, sealing: Sealing | None = None) -> Issue | None:
    """What is to be done to hand out copies of a document into `folder`; None when everybody has one.

    `sealing`: with a key, where the copies are to be sealed. Raises `CannotRun` for a text that is not in force, an
    unknown holder, a number that is taken.
    """
    shown, entry = in_force(manual, number)
    ledger, by = sound_ledger(manual), filled("--as", meant.by)
    holders = _lacking(entry, ledger) if meant.every else [holder_of(manual, name) for name in meant.holders]
    if not holders:
        return None
    if meant.every:
        holders = [holder_of(manual, name) for name in holders]
    events = tuple(_events(manual, entry, ledger, holders, meant, written(manual, by)))
    files = {event.number: folder / _name(event) for event in events}
    wrote: list[Path] = []
    unseen: list[str] = []

    def seal() -> tuple[FileChange, ...]:
        stamps = [Stamp(event.number, event.holder, event.on) for event in events]
        made = print_copies(shown, entry, stamps, sealing)
        with writing_into(folder), writing({files[one]: copy.data for one, copy in made.items()}):
            pass
        wrote.extend(files.values())
        unseen.extend(number for number, copy in made.items() if not copy.seen)
        return (adding(manual, [replace(event, sha256=made[event.number].sha256) for event in events]),)

    plan = Plan(
        title=Phrase(N_("Issue {id} {revision} {title}: copies: {count}"), id=number, revision=entry.document.revision,
                     title=entry.document.title, count=str(len(events))),
        files=(), shown=_shown(events, files, Translator(manual.language)),
        notes=tuple(_notes(entry, ledger, events)), seal=seal,
        after=Phrase(N_("The copies lie in {folder}. Next: commit {path}, hand them out, and take the old ones back."),
                     folder=str(folder), path=PATH),
    )  # fmt: skip
    return Issue(plan=plan, files=wrote, unseen=unseen)


def _shown(events: Iterable[Event], files: Mapping[str, Path], say: Translator) -> tuple[str, ...]:
    text = N_("No. {number}  {holder}  {medium}  → {file}")
    return tuple(
        say(text, number=event.number, holder=event.holder, medium=say(MEDIUM_NAMES[event.medium]),
            file=files[event.number].name)
        for event in events
    )  # fmt: skip


def in_force(manual: Manual, number: str) -> tuple[Publication, Entry]:
    """The edition of the day and the document in it, whose text is in force. Raises `CannotRun` with the reason."""
    known_history(manual)
    shown = publication(manual)
    entry = None if shown.draft else shown.edition.by_id.get(number)
    if entry is None:
        chosen(manual, number)
        text = N_("{id} is not released yet: only a text in force is handed out. `build.py release NAME` releases it.")
        raise CannotRun(text, id=number)
    day = entry.starts.isoformat() if entry.starts else NONE
    if entry.status is Status.APPROVED:
        text = N_("{id} {revision} is in force from {day} only; issue its copies on that day.")
        raise CannotRun(text, id=number, revision=entry.document.revision, day=day)
    if entry.status is not Status.EFFECTIVE:
        ended = entry.ends.isoformat() if entry.ends else NONE
        raise CannotRun(N_("{id} is withdrawn since {day}; no copy of it is handed out."), id=number, day=ended)
    return shown, entry


def concerned(entry: Entry) -> list[str]:
    """The distribution list of a document: the department that owns it, and those that it concerns."""
    names = [entry.document.owner, *(text.value for text in entry.document.header.departments)]
    return list(dict.fromkeys(name for name in names if name))


def lacking(manual: Manual, number: str) -> list[str]:
    """Who on the distribution list of a document holds no copy of its text in force; nobody while none is in force."""
    try:
        _, entry = in_force(manual, number)
    except CannotRun:
        return []
    return _lacking(entry, sound_ledger(manual))


def _lacking(entry: Entry, ledger: Ledger) -> list[str]:
    held = {copy.issued.holder for copy in _current(entry, ledger)}
    return [name for name in concerned(entry) if name not in held]


def _current(entry: Entry, ledger: Ledger) -> list[Copy]:
    """The copies of the text in force that somebody holds."""
    sign = (entry.document.revision, entry.document.digest)
    copies = ledger.by_document.get(entry.document.id, ())
    return [copy for copy in copies if copy.open and (copy.issued.revision, copy.issued.digest) == sign]


def holder_of(manual: Manual, name: str) -> str:
    """A department or a person as the company writes them. Raises `CannotRun` for a name that is neither's."""
    name = one_line(name)
    departments = [one.name.value for one in manual.register.organization.departments]
    people = [one.name.value for one in manual.register.organization.people]
    found = name if name in departments else written(manual, filled("--to", name))
    if (departments or people) and found not in (*departments, *people):
        near = nearest(name, (*departments, *people))
        text = N_("{name} is neither a department nor a person of the company (the nearest: {nearest}). List it in "
                  "organization.yml, or name another holder: --to NAME")  # fmt: skip
        raise CannotRun(text, name=name, nearest=near)
    return found


def _events(
    manual: Manual, entry: Entry, ledger: Ledger, holders: Sequence[str], meant: Meant, by: str
) -> Iterable[Event]:
    document, taken = entry.document, set[str]()
    for holder in holders:
        number = _given(document.id, meant.number, ledger) if meant.number else ""
        number = number or _own(document.id, holder, ledger, taken) or _next(document.id, ledger, taken)
        taken.add(number)
        yield Event(
            act=Act.ISSUED, document=document.id, revision=document.revision, number=number, on=manual.today, by=by,
            sha256="", holder=holder, medium=meant.medium, digest=document.digest,
        )  # fmt: skip


def _given(document: str, number: str, ledger: Ledger) -> str:
    number = unicodedata.normalize("NFKC", number)
    if not _NUMBER.fullmatch(number):
        text = N_("{number} is no number of a copy: letters, digits, - . and /, 20 at most, such as 003.")
        raise CannotRun(text, number=one_line(number))
    number = next((one for one in sorted(_used(document, ledger)) if alike(one) == alike(number)), number)
    if held := ledger.held(document, number):
        issued = held[0].issued
        text = N_("Copy {number} of {id} is held by {holder} since {day} ({revision}). Take it back first, `build.py "
                  "copies recall {id!q} --number {number}`, or give another number.")  # fmt: skip
        raise CannotRun(text, number=number, id=document, holder=issued.holder, day=issued.on.isoformat(),
                        revision=issued.revision)  # fmt: skip
    if alike(number) in map(alike, _lost(document, ledger)):
        text = N_("Copy {number} of {id} was lost and may turn up again: give another number.")
        raise CannotRun(text, number=number, id=document)
    return number


def _used(document: str, ledger: Ledger) -> set[str]:
    return {copy.issued.number for copy in ledger.by_document.get(document, ())}


def _lost(document: str, ledger: Ledger) -> set[str]:
    copies = ledger.by_document.get(document, ())
    return {copy.issued.number for copy in copies if copy.act is Act.LOST}


def _own(document: str, holder: str, ledger: Ledger, taken: set[str]) -> str:
    """The number that a holder's last copy bore, where it came back and nobody else got it since."""
    copies = ledger.by_document.get(document, ())
    closed = taken | _lost(document, ledger) | {copy.issued.number for copy in copies if copy.open}
    last = {copy.issued.number: copy.issued.holder for copy in copies}
    own = [number for number, name in last.items() if name == holder and number not in closed]
    return own[-1] if own else ""


def _next(document: str, ledger: Ledger, taken: set[str]) -> str:
    """The number after the highest that was ever given."""
    figures = [int(number) for number in _used(document, ledger) | taken if number.isascii() and number.isdigit()]
    return f"{max(figures, default=0) + 1:03d}"


def _notes(entry: Entry, ledger: Ledger, events: Sequence[Event]) -> Iterable[Phrase]:
    current = _current(entry, ledger)
    for event in events:
        for copy in ledger.by_document.get(event.document, ()):
            if copy.open and copy.issued.holder == event.holder:
                text = (N_("{holder} already holds copy {number} of this revision.") if copy in current else
                        N_("{holder} still holds copy {number} of {revision}: take it back in exchange."))  # fmt: skip
                yield Phrase(text, holder=event.holder, number=copy.issued.number, revision=copy.issued.revision)


def _name(event: Event) -> str:
    return f"{pdf_name(event.document, event.revision).removesuffix('.pdf')}_{file_name(event.number)}.pdf"
