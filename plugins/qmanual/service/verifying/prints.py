"""A PDF: which document and revision it says it is, whether just these bytes were issued, whether it is in force."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmanual.control.history import History, Released
from qmanual.control.statement import sha256
from qmanual.language import N_
from qmanual.service.verifying.report import Group, Line, fails, holds, unknown

REGISTER = "register.json"
LARGEST = 200 * 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SUBJECT = re.compile(rb"/Subject\s*(?:\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]*)>)")


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
    """Where the list of what was issued may lie: beside the print, above it, or where a build puts it."""
    for place in (pdf.parent / REGISTER, pdf.parent.parent / REGISTER, root / "dist" / REGISTER):
        if place.is_file():
            yield place


def read_issued(place: Path) -> tuple[Issued, ...]:
    """The prints that a `register.json` lists; none when it is no such file."""
    try:
        found: object = json.loads(place.read_bytes())
    except (OSError, ValueError):
        return ()
    rows = found.get("documents") if isinstance(found, dict) else None
    return tuple(_issued(row) for row in rows if isinstance(row, dict) and row.get("sha256")) if rows else ()


def _issued(row: Mapping[str, object]) -> Issued:
    texts = {key: str(row.get(key) or "") for key in ("id", "revision", "digest", "status", "pdf", "sha256")}
    return Issued(id=texts["id"], revision=texts["revision"], digest=texts["digest"], status=texts["status"],
                  name=texts["pdf"], sha256=texts["sha256"])  # fmt: skip


def print_lines(pdf: Path, data: bytes, root: Path, history: History, today: date) -> Iterator[Line]:
    """What can be said of a print."""
    places = list(registers(pdf, root))
    rows = [row for place in places for row in read_issued(place)]
    digest = sha256(data)
    row = next((one for one in rows if one.sha256 == digest), None)
    if row is not None:
        text = N_("just these bytes were issued as {name}: {id} {revision}")
        yield holds(Group.PRINT, text, place=pdf.name, name=row.name, id=row.id, revision=row.revision,
                    document=row.id)  # fmt: skip
        yield from _released(row, history, today)
        yield unknown(Group.LIMITS, N_("where the list of what was issued comes from: {file} is not signed"),
                      file=places[0].name)  # fmt: skip
        return
    said = subject_of(data)
    if said:
        yield unknown(Group.PRINT, N_("it calls itself {subject}"), place=pdf.name, subject=said)
    named = next((one for one in rows if one.name == pdf.name), None)
    if named is not None:
        text = N_("{id} {revision} was issued under this name, but with other bytes: it was changed, or printed "
                  "elsewhere")  # fmt: skip
        yield fails(Group.PRINT, text, place=pdf.name, id=named.id, revision=named.revision)
    elif not places:
        text = N_("there is no {register} beside it that lists what was issued; take the one of the same build")
        yield fails(Group.PRINT, text, place=pdf.name, register=REGISTER)
    else:
        yield fails(Group.PRINT, N_("these bytes were never issued, says {register}"), place=pdf.name,
                    register=REGISTER)  # fmt: skip
        yield from _by_subject(said, history, today)


def _released(row: Issued, history: History, today: date) -> Iterator[Line]:
    texts = history.documents.get(row.id, ())
    held = next((one for one in texts if (one.facts.revision, one.facts.digest) == (row.revision, row.digest)), None)
    if held is None:
        text = N_("no release holds this text: it is the print of a draft")
        yield fails(Group.PRINT, text, document=row.id)
        return
    names = ", ".join(history.names(held))
    text = N_("its text is the one that the release holds: {names}")
    yield holds(Group.PRINT, text, names=names, document=row.id)
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


def subject_of(data: bytes) -> str:
    """What a PDF calls itself (its Subject), as far as it can be read; it proves nothing."""
    if len(data) > LARGEST or not data.startswith(b"%PDF-"):
        return ""
    parts = [data]
    for match in _STREAM.finditer(data):
        try:
            inflated = zlib.decompressobj().decompress(match[1], 1024 * 1024)
        except zlib.error:
            continue
        if b"/Subject" in inflated:
            parts.append(inflated)
    for part in parts:
        if found := _SUBJECT.search(part):
            return _decoded(found)
    return ""


def _decoded(match: "re.Match[bytes]") -> str:
    if match[2] is not None:
        try:
            raw = bytes.fromhex(match[2].decode("ascii"))
        except ValueError:
            return ""
    else:
        raw = re.sub(rb"\\(.)", rb"\1", match[1], flags=re.DOTALL)
    text = raw[2:].decode("utf-16-be", "replace") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")
    return "".join(character for character in text if character.isprintable())[:200]
