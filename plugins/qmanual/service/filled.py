"""Filled-in forms read back: which form it is, whether it is as it was issued, what was filled in, what is wrong.

A file is refused when it cannot be trusted to be this form: then there is no record. What is filled in badly is told
beside the record, by field, so that somebody can ask back.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.office_forms import Unreadable, read_sheet
from qmanual.pdf.filled import FilledPdf, Refused
from qmanual.records import Form, Record, Trouble, gather, read_record, validate
from qmanual.records.record import record_of
from qmanual.service.forms import FormText, print_jobs
from qmanual.service.loading import Manual
from qmanual.service.publication import Publication, publication
from qmanual.workspace import CannotRun

LARGEST_RECORD = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a file: a record with what is wrong in it, or why there is none. `notes`: what one should know."""

    file: str
    sha256: str
    record: Record | None = None
    form: Form | None = None
    troubles: tuple[Trouble, ...] = ()
    notes: tuple[Trouble, ...] = ()
    refused: Trouble | None = None


_OTHER_LAYOUT = N_(
    "{what}. If it was handed out by an older version of the program, or in another layout, compare it with the blank "
    "form that was kept then: forms read FILE --template BLANK.pdf"
)


class NotTaken(Exception):
    """The file is refused: a text of the catalogue that says why, with its details."""

    def __init__(self, why: str, **details: str) -> None:
        super().__init__(why)
        self.trouble = Trouble("", why, details)


@dataclass
class Reader:
    """Reads files against the forms of a manual. `only`: the form that they must be of; `template`: its blank PDF."""

    manual: Manual
    only: str = ""
    template: bytes | None = None
    _prints: dict[str, list[bytes]] = field(default_factory=dict)

    def read(self, path: Path) -> Reading:
        """What came of one file. Raises `CannotRun` when it cannot be opened."""
        if path.is_dir():
            raise CannotRun(N_("{path} is a folder: name the files in it, such as {path}/*.pdf"), path=str(path))
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CannotRun(N_("Cannot read {path}: {reason}"), path=str(path), reason=error.strerror or "") from error
        reading = Reading(path.name, hashlib.sha256(data).hexdigest())
        try:
            return self._read(data, reading)
        except NotTaken as refused:
            return replace(reading, refused=refused.trouble)
        except (Refused, Unreadable) as refused:
            return replace(reading, refused=Trouble("", refused.why, refused.details))

    def _read(self, data: bytes, reading: Reading) -> Reading:
        if b"%PDF-" in data[:1024]:
            with FilledPdf(data) as pdf:
                text = self._text(*pdf.identity)
                self._compare(pdf, text)
                filled = pdf.read(text.form)
            return self._taken(text, gather(text.form, filled.found), reading, filled.troubles)
        if data[:2] == b"PK" or data[:4] == b"\xd0\xcf\x11\xe0":
            sheet = read_sheet(data)
            text = self._text(*sheet.identity)
            found, troubles = sheet.read(text.form)
            return self._taken(text, gather(text.form, found), reading, troubles)
        record = self._record(data)
        text = self._text(record.form, record.revision, record.digest)
        return self._taken(text, record.values, reading, ())

    def _record(self, data: bytes) -> Record:
        if len(data) > LARGEST_RECORD:
            raise NotTaken(N_("the file is too large ({size} MB)"), size=str(len(data) // 1024 // 1024))
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = ""
        if text.lstrip()[:1] == "<":
            raise NotTaken(N_("this is the page itself; hand in the file that its button “Save record” writes"))
        record = read_record(text)
        if record is None:
            raise NotTaken(N_("the file is neither a PDF nor a spreadsheet nor a record of a form"))
        return record

    def _text(self, number: str, revision: str, digest: str) -> FormText:
        """The text that a record was filled in on. Raises `NotTaken` when no such form was ever issued here."""
        if self.only and number != self.only:
            raise NotTaken(N_("it is a record of {id}, not of {wanted}"), id=number[:60], wanted=self.only)
        text = find_text(self.manual, number, digest)
        if text is not None and text.form.revision == revision:
            return text
        known = list(_revisions(self.manual, number))
        if not known:
            raise NotTaken(N_("this manual has no form {id}"), id=number[:60])
        if revision not in known:
            raise NotTaken(N_("{id} has no revision {revision}; known: {known}"), id=number, revision=revision[:30],
                           known=", ".join(dict.fromkeys(known)))  # fmt: skip
        raise NotTaken(N_("the text of {id} {revision} that it was filled in on is not the one that was issued"),
                       id=number, revision=revision)  # fmt: skip

    def _compare(self, pdf: FilledPdf, text: FormText) -> None:
        """Refuse a PDF that shows another page than the form, in whatever status it may have been issued."""
        key = text.form.digest
        if self.template is not None:
            pdf.compare(self.template)
            return
        if key not in self._prints:
            entries = list(_as_issued(text.entry))
            self._prints[key] = print_jobs(text.shown, [text.job(entry, text.html(entry)) for entry in entries])
        for at, printed in enumerate(blanks := self._prints[key], 1):
            try:
                pdf.compare(printed)
            except Refused as refused:
                if at == len(blanks):
                    what = Phrase(refused.why, **refused.details)
                    raise Refused(_OTHER_LAYOUT, what=what) from None
            else:
                return

    @staticmethod
    def _taken(text: FormText, values: Mapping[str, object], reading: Reading, troubles: Iterable[Trouble]) -> Reading:
        record = record_of(text.form, values)
        wrong = (*troubles, *validate(text.form, record.values))
        return replace(reading, record=record, form=text.form, troubles=wrong, notes=tuple(_notes(text)))


def find_text(manual: Manual, number: str, digest: str) -> FormText | None:
    """The text of a form with that digest: in force, in the work tree, still to come, or superseded."""
    shown = publication(manual)
    work = Publication(manual=manual, edition=manual.working)
    for one in (shown, work):
        entry = one.edition.by_id.get(number)
        if entry and entry.document.digest == digest:
            draft = entry.as_draft() if one.draft else entry
            return FormText(one, draft, one.around.get(entry.document.path))
    for page, text in shown.shelf.texts.items():
        document = text.entry.document
        if document.id == number and document.digest == digest:
            return FormText(shown, text.entry, shown.shelf.around[page])
    return None


def _revisions(manual: Manual, number: str) -> Iterator[str]:
    for held in manual.history.documents.get(number, ()):
        yield held.facts.revision
    if working := manual.register.by_id.get(number):
        yield working.revision


def _as_issued(entry: Entry) -> Iterator[Entry]:
    """A text as it may have been printed when it was handed out: its status is printed on it, and has changed since."""
    seen: list[Entry] = []
    effective = replace(entry, status=Status.EFFECTIVE)
    draft = entry.as_draft()
    coming = replace(entry, status=Status.APPROVED, ends=None)
    released = (entry, effective, replace(effective, ends=None), coming) if entry.release else ()
    for one in (*released, draft):
        if one not in seen:
            seen.append(one)
            yield one


def _notes(text: FormText) -> Iterator[Trouble]:
    status = text.entry.status
    if status in (Status.SUPERSEDED, Status.WITHDRAWN):
        yield Trouble("", N_("filled in on a revision that is no longer in force ({status})"),
                      {"status": text.say(STATUS_NAMES[status])})  # fmt: skip
    elif status is not Status.EFFECTIVE:
        yield Trouble("", N_("filled in on a form that is not in force ({status})"),
                      {"status": text.say(STATUS_NAMES[status])})  # fmt: skip


# -- told ----------------------------------------------------------------------------------------------------------


def sound(readings: Iterable[Reading]) -> bool:
    """Whether every file gave a record without anything wrong."""
    return all(reading.record is not None and not reading.troubles for reading in readings)


def json_of(readings: Iterable[Reading], say: Translator) -> str:
    """The records and what is wrong, for other programs."""
    return json.dumps({"records": [_row(one, say) for one in readings]}, ensure_ascii=False, indent=1) + "\n"


def _row(one: Reading, say: Translator) -> Mapping[str, object]:
    record = one.record
    return {
        "file": one.file,
        "sha256": one.sha256,
        "form": record.form if record else None,
        "revision": record.revision if record else None,
        "digest": record.digest if record else None,
        "values": record.values if record else None,
        "findings": [{"field": trouble.place, "message": trouble.said(say)} for trouble in one.troubles],
        "notes": [note.said(say) for note in one.notes],
        "refused": one.refused.said(say) if one.refused else None,
    }


def text_of(readings: Iterable[Reading], say: Translator) -> str:
    """The records and what is wrong, for people."""
    return "\n".join("\n".join(_lines(one, say)) for one in readings) + "\n"


def _lines(one: Reading, say: Translator) -> Iterator[str]:
    if one.refused:
        yield say(N_("{file}: refused: {reason}"), file=one.file, reason=one.refused.said(say))
        return
    assert one.record is not None and one.form is not None
    yield f"{one.file}: {one.record.form} {one.form.title} {one.record.revision}"
    yield from (f"  ! {note.said(say)}" for note in one.notes)
    labels = {field_.key: field_.label for field_ in one.form.fields}
    for key, value in one.record.values.items():
        yield from _shown(labels.get(key, key), value)
    if one.troubles:
        yield "  " + say(N_("{count} entries are not as they must be:"), count=len(one.troubles))
        yield from (f"  × {trouble.place}: {trouble.said(say)}" for trouble in one.troubles)


def _shown(label: str, value: object) -> Iterator[str]:
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        for at, row in enumerate(value, 1):
            said = "  ".join(f"{name}={_one(cell)}" for name, cell in row.items())
            yield f"  {label} {at}: {said}"
    else:
        yield f"  {label}: {_one(value)}"


def _one(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value).replace("\n", " ⏎ ")
