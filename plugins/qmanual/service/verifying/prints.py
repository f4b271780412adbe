"""A PDF: which document and revision it says it is, whether just these bytes were issued, whether it is in force."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmanual.control.history import History, Released
from qmanual.control.status import Status
from qmanual.language import N_
from qmanual.service.verifying.report import Group, Line, fails, holds, unknown

REGISTER = "register.json"
UP = 4
"""In how many folders above a print a list is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A line of `register.json`: a print as it was issued."""

    id: str
    revision: str
    digest: str
    status: str
    name: str
    sha256: str


def registers(pdf: Path, root: Path) -> Iterator[Path]:
    """Where the list of what was issued may lie: where a build puts it, which counts first, or beside the print.

    Who sends a print can send a list with it.
    """
    folders = list(pdf.absolute().parents)[:UP]  # a print that is to come lies in dist/site/pdf/coming
    for place in dict.fromkeys((root / "dist" / REGISTER, *(folder / REGISTER for folder in folders))):
        if place.is_file():
            yield place


def read_issued(place: Path) -> tuple[Issued, ...]:
    """The prints that a `register.json` lists; none when it is no such file."""
    try:
        found: object = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ()
    parts = [found.get(key) for key in ("documents", "others")] if isinstance(found, dict) else []
    listed = [row for part in parts if isinstance(part, list) for row in part]
    return tuple(_issued(row) for row in listed if isinstance(row, dict) and row.get("sha256"))


def _issued(row: Mapping[str, object]) -> Issued:
    texts = {key: str(row.get(key) or "") for key in ("id", "revision", "digest", "status", "pdf", "sha256")}
    return Issued(id=texts["id"], revision=texts["revision"], digest=texts["digest"], status=texts["status"],
                  name=texts["pdf"], sha256=texts["sha256"])  # fmt: skip


def print_lines(pdf: Path, digest: str, said: str, root: Path, history: History, today: date) -> Iterator[Line]:
    """What can be said of a print with that SHA-256, which calls itself `said`."""
    places = list(registers(pdf, root))
    rows = [(place, row) for place in places for row in read_issued(place)]
    listed = next(((place, one) for place, one in rows if one.sha256 == digest), None)
    if listed is not None:
        place, row = listed
        text = N_("just these bytes are listed as issued, as {name}: {id} {revision}")
        yield holds(Group.PRINT, text, place=pdf.name, name=row.name, id=row.id, revision=row.revision,
                    document=row.id)  # fmt: skip
        text = N_("that rests on the list {file}, which is not signed: whoever can write it can list any file")
        yield unknown(Group.PRINT, text, place=pdf.name, file=str(place))
        yield from released_lines(row, history, today)
        return
    if said:
        yield unknown(Group.PRINT, N_("it calls itself {subject}"), place=pdf.name, subject=said)
    named = next((one for _, one in rows if one.name.rpartition("/")[2] == pdf.name), None)
    if named is not None:
        text = N_("{id} {revision} was issued under this name, but with other bytes: it was changed, or printed "
                  "elsewhere")  # fmt: skip
        yield fails(Group.PRINT, text, place=pdf.name, id=named.id, revision=named.revision)
    elif not places:
        text = N_("there is no {register} beside it that lists what was issued; take the one of the same build")
        yield fails(Group.PRINT, text, place=pdf.name, register=REGISTER)
    else:
        yield fails(Group.PRINT, N_("these bytes are not among the prints that {register} lists"), place=pdf.name,
                    register=REGISTER)  # fmt: skip
        yield from _by_subject(said, history, today)


def released_lines(row: Issued, history: History, today: date) -> Iterator[Line]:
    """Whether a release holds the text of a print, and whether that is in force. The line names the release that issued
    it.
    """
    texts = history.documents.get(row.id, ())
    if row.status in (Status.DRAFT, Status.REVIEW):
        yield fails(Group.PRINT, N_("it was printed as a draft"), document=row.id)
        return
    held = next((one for one in texts if (one.facts.revision, one.facts.digest) == (row.revision, row.digest)), None)
    if held is None:
        text = N_("no release holds this text: it is the print of a draft, or of another manual")
        yield fails(Group.PRINT, text, document=row.id)
        return
    names = ", ".join(history.names(held))
    text = N_("its text is the one that the release holds: {names}")
    yield holds(Group.PRINT, text, names=names, document=row.id, release=history.releases[held.first].name)
    yield from _in_force(held, history, today)


def _in_force(held: Released, history: History, today: date) -> Iterator[Line]:
    number, starts = held.facts.id, history.starts(held)
    later = [one for one in history.documents[number] if one is not held and one.first > held.first]
    successor = next((one for one in reversed(later) if history.starts(one) <= today), None)
    details = {"id": number, "revision": held.facts.revision, "day": today.isoformat()}
    gone = (successor or held).facts
    if gone.withdrawn and (gone.withdrawn_on or today) <= today:
        yield fails(Group.PRINT, N_("{id} was withdrawn; on {day} it is not in force"), **details)
    elif starts > today:
        text = N_("{id} {revision} is not in force on {day}, only from {starts}")
        yield fails(Group.PRINT, text, **details, starts=starts.isoformat())
    elif successor is not None and successor.facts.revision != held.facts.revision:
        text = N_("{id} {revision} is not in force on {day}: {new} took its place on {starts}")
        yield fails(Group.PRINT, text, **details, new=successor.facts.revision,
                    starts=history.starts(successor).isoformat())  # fmt: skip
    else:
        yield holds(Group.PRINT, N_("{id} {revision} is in force on {day}"), **details)


def _by_subject(subject: str, history: History, today: date) -> Iterator[Line]:
    """What the releases say of the revision that a print calls itself."""
    for number, texts in history.documents.items():
        for text in texts:
            if subject == f"{number} {text.facts.revision}":
                yield from _in_force(text, history, today)
                return
