"""Record forms made ready to be filled in: as a PDF, a spreadsheet, a page and a schema, or as numbered blanks.

All of them come from one text of a document: what is in force, or the work tree as a draft; and each says which.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.files import pdf_name, text_name
from qmanual.language import N_, Translator
from qmanual.pdf import Failed, Job, Printed, Printers
from qmanual.pdf.job import Carried
from qmanual.records import Form, read_form, schema
from qmanual.render.form_blanks import NoNumber, numbered, serial_numbers
from qmanual.render.form_marks import CannotMark
from qmanual.render.form_page import form_page
from qmanual.render.frame import standing
from qmanual.render.print import print_html
from qmanual.render.tables import to_json
from qmanual.render.texts import Around
from qmanual.service import checking
from qmanual.service.carried import carried, control_data
from qmanual.service.publication import Publication, stage
from qmanual.service.rendering import Task, render_text, withholds
from qmanual.workspace import CannotRun

PDF, XLSX, HTML, SCHEMA = "pdf", "xlsx", "html", "schema"
FORMATS = (PDF, XLSX, HTML, SCHEMA)
MOST_BLANKS = 500


@dataclass(frozen=True)
class FormText:
    """One text of a form. `shown`: the publication that it is out of; `around`: what lay around it in its release."""

    shown: Publication
    entry: Entry
    around: Around | None = None

    @cached_property
    def form(self) -> Form:
        """What it asks for."""
        return read_form(self.entry.document)

    @property
    def say(self) -> Translator:
        """The language of what is published."""
        return Translator(self.shown.language)

    def html(self, entry: Entry, fill: bool = True) -> str:
        """The page to print, as of an entry of this text; `fill`: with the places marked. Raises `CannotRun`."""
        document, register = self.entry.document, self.shown.register
        bodies = {}
        for body in document.bodies:
            rendered = render_text(Task(body, document.kind, self.around), register, self.say)
            if rendered is None:
                raise CannotRun(_UNSAFE, id=document.id)
            bodies[body.path] = rendered
        evidence, company = self.shown.evidence(document), self.shown.company
        frame = self.shown.frame  # what is filled in on a screen is no print that would be valid until some day
        frame, form = (replace(frame, today=None), self.form) if fill else (frame, None)
        try:
            return print_html(entry, bodies, company, register, self.say, evidence, form, frame)
        except CannotMark:
            text = N_("The fields of {id} cannot be found again on its page. Draw the form with plain tables and lines "
                      "only: no HTML, no footnotes with blanks.")  # fmt: skip
            raise CannotRun(text, id=document.id) from None

    def job(self, entry: Entry, html: str, *, fill: bool = True, control: Mapping[str, str] | None = None) -> Job:
        """The job that prints it."""
        files = carried(entry, self.shown, self.say)
        data = to_json(schema(self.form)).encode()
        what = self.say(N_("the JSON Schema of the form's records"))
        moment = files[0].modified
        described = Carried("record.schema.json", data, "application/json", what, moment, "Data")
        facts = {**control_data(entry, self.shown.company), **(control or {})}
        name = pdf_name(self.entry.document.id, self.entry.document.revision)
        return Job(name, entry.document.id, html, facts, (*files, described), self.form if fill else None)


_UNSAFE = N_("{id} is not published: it holds what may not be shown. `check` tells what and where.")


def form_text(shown: Publication, number: str) -> FormText:
    """The text of a form that is published. Raises `CannotRun` for what is none, or may not be published."""
    entry = shown.edition.by_id.get(number)
    if entry is None:
        raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=number)
    if not shown.register.settings.kind(entry.document.kind).form or not read_form(entry.document).fields:
        raise CannotRun(N_("{id} is no form: it has nothing to fill in."), id=number)
    if entry.status is Status.WITHDRAWN:
        day = entry.ends.isoformat() if entry.ends else "—"
        text = N_("{id} is withdrawn since {day}: nobody writes records on it any more. Filled-in ones are still read: "
                  "forms read FILE")  # fmt: skip
        raise CannotRun(text, id=number, day=day)
    findings = checking.unsafe(shown, checking.check(shown.manual) if shown.draft else ())
    paths = {finding.span.path for finding in findings if withholds(finding)}
    if any(body.path in paths for body in entry.document.bodies):
        raise CannotRun(_UNSAFE, id=number)
    if shown.draft:
        entry = entry.as_draft()
    return FormText(shown, entry, shown.around.get(entry.document.path))


def listed(shown: Publication, say: Translator) -> Iterator[str]:
    """A line for every form that is published: number, revision, status, title."""
    for entry in shown.edition.entries:
        document = entry.document
        if shown.register.settings.kind(document.kind).form:
            yield "  ".join((document.id, document.revision, say(STATUS_NAMES[entry.status]), document.title))


def print_jobs(shown: Publication, jobs: Sequence[Job]) -> list[bytes]:
    """The PDFs of some jobs, in their order. Raises `CannotRun` with the reason when one cannot be printed."""
    with tempfile.TemporaryDirectory(prefix="qmanual-forms-") as scratch:
        pictures, out = Path(scratch) / "pictures", Path(scratch) / "pdf"
        pictures.mkdir()
        stage(shown, pictures, whole=True)
        named = [replace(job, name=f"{at}.pdf") for at, job in enumerate(jobs)]
        with Printers(pictures, min(2, len(jobs))) as printers:
            outcomes = printers.print_all(named, out)
        for outcome in outcomes:
            if isinstance(outcome, Failed):
                reason = outcome.reason(Translator(shown.language))
                raise CannotRun(N_("{id} could not be printed: {reason}"), id=outcome.id, reason=reason)
        return [(out / outcome.name).read_bytes() for outcome in outcomes if isinstance(outcome, Printed)]


def made(text: FormText, formats: Sequence[str]) -> dict[str, bytes]:
    """The form in some formats: file name → content."""
    makers: Mapping[str, Callable[[FormText], bytes]] = {
        PDF: _fillable, XLSX: _spreadsheet, HTML: _page, SCHEMA: _schema,
    }  # fmt: skip
    stem = text_name(text.form.id, text.form.revision)
    endings = {PDF: ".pdf", XLSX: ".xlsx", HTML: ".html", SCHEMA: ".schema.json"}
    return {stem + endings[one]: makers[one](text) for one in formats}


def _fillable(text: FormText) -> bytes:
    return print_jobs(text.shown, [text.job(text.entry, text.html(text.entry))])[0]


def _spreadsheet(text: FormText) -> bytes:
    from qmanual.office_forms import template

    return template(text.form, text.shown.company, text.say)


def _page(text: FormText) -> bytes:
    with tempfile.TemporaryDirectory(prefix="qmanual-forms-") as scratch:
        stage(text.shown, Path(scratch), whole=True)
        pictures = {
            file.relative_to(scratch).as_posix(): file.read_bytes()
            for file in sorted(Path(scratch).rglob("*")) if file.is_file()
        }  # fmt: skip
    return form_page(text.form, text.html(text.entry), standing(text.entry, text.say), pictures, text.say).encode()


def _schema(text: FormText) -> bytes:
    return to_json(schema(text.form)).encode()


def blanks(text: FormText, count: int, first: str) -> dict[str, bytes]:
    """One PDF of `count` blank forms, numbered from `first` on: file name → content. Raises `CannotRun`."""
    if not 1 <= count <= MOST_BLANKS:
        raise CannotRun(N_("Between 1 and {most} blanks can be printed at a time."), most=str(MOST_BLANKS))
    if any(not sign.isprintable() for sign in first) or len(first) > 60:
        raise CannotRun(N_("A number may hold at most 60 printable characters."))
    try:
        numbers = serial_numbers(first, count)
    except NoNumber:
        text_ = N_("{first} cannot be counted on from: end the first number with as many digits as the last needs, "
                   "such as {example}")  # fmt: skip
        raise CannotRun(text_, first=first, example=f"{text.form.id}-001") from None
    html = text.html(text.entry, fill=False)
    one = print_jobs(text.shown, [text.job(text.entry, html, fill=False)])[0]
    printed = numbered(html, numbers, _pages(one), text.say)
    control = {"serial": f"{numbers[0]} - {numbers[-1]}"}
    data = print_jobs(text.shown, [text.job(text.entry, printed, fill=False, control=control)])[0]
    stem = text_name(text.form.id, text.form.revision)
    return {f"{stem}_{count}.pdf": data}


def _pages(data: bytes) -> int:
    from qmanual.pdf.filled import page_count

    return page_count(data)
