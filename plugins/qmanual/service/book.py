"""The whole manual as one PDF: each document printed by itself, then bound behind a cover and contents."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.files import pdf_name
from qmanual.language import N_, Translator
from qmanual.pdf import Failed, Job, Printed, Progress, silent
from qmanual.pdf.job import Carried
from qmanual.render.book import Book, Line, addresses, book_front, page_numbers
from qmanual.render.print import print_html
from qmanual.render.tables import register_rows, to_json
from qmanual.service.building import Bodies
from qmanual.service.carried import moment
from qmanual.service.desk import Desk
from qmanual.service.publication import Publication

FRONT, NUMBERS = "front.pdf", "numbers.pdf"
_TURNS = 4
"""How often the front is printed until it has as many pages as its contents count on."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The book: its bytes, empty when a document could not be printed; its pages and documents; what failed."""

    data: bytes
    pages: int
    documents: int
    failed: tuple[Failed, ...] = ()


def print_book(manual: Publication, bodies: Bodies, desk: Desk, entries: Sequence[Entry], progress: Progress) -> Bound:
    """Print these documents as one, in the order of the register; all of them or none.

    What `bodies` has no text for is withheld from the book as from everything else.
    """
    shown = [one.as_draft() if manual.draft else one for one in _once(entries)]
    texts = bodies([one.document for one in shown])
    shown = [one for one in shown if all(body.path in texts for body in one.document.bodies)]
    say, lead = Translator(manual.language), addresses([one.document for one in shown])
    jobs = []
    for entry in shown:
        html = print_html(
            entry, texts, manual.company, manual.register, say, manual.evidence(entry.document), frame=manual.frame,
            elsewhere=lead,
        )  # fmt: skip
        jobs.append(Job(pdf_name(entry.document.id, entry.document.revision), entry.document.id, html))
    with tempfile.TemporaryDirectory(prefix="qmanual-book-") as place:
        binding = _Binding(manual, desk, Path(place), say)
        outcomes = desk.print_all(jobs, binding.place, progress)
        failed = tuple(one for one in outcomes if isinstance(one, Failed))
        printed = [one for one in outcomes if isinstance(one, Printed)]
        return Bound(b"", 0, 0, failed) if failed or not printed else binding.bind(shown, printed)


def _once(entries: Sequence[Entry]) -> list[Entry]:
    """Of two documents with one number the first; a rule reports the second."""
    return list({entry.document.id: entry for entry in reversed(entries)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class _Binding:
    manual: Publication
    desk: Desk
    place: Path
    say: Translator

    def bind(self, entries: Sequence[Entry], printed: Sequence[Printed]) -> Bound:
        from qmanual.pdf.binding import Part, bound, lie_across

        files = [(self.place / one.name).read_bytes() for one in printed]
        across = [turned for data in files for turned in lie_across(data)]
        front = self._front(entries, printed)
        numbers = self._print(NUMBERS, page_numbers(across, front.pages + 1, self.manual.frame.say(self.say)))
        parts = [
            Part(entry.document.id, f"{entry.document.id} {entry.document.title}", self._kind(entry), data)
            for entry, data in zip(entries, files, strict=True)
        ]
        data = bound(self._bytes(front), parts, self._bytes(numbers))
        return Bound(data, front.pages + len(across), len(parts))

    def _front(self, entries: Sequence[Entry], printed: Sequence[Printed]) -> Printed:
        """The front, printed until the page numbers in its contents are those that the book has."""
        pages = 1
        for _ in range(_TURNS):
            made = self._print(FRONT, self._front_page(entries, printed, pages), self._files(entries))
            if made.pages == pages:
                break
            pages = made.pages
        return made

    def _front_page(self, entries: Sequence[Entry], printed: Sequence[Printed], pages: int) -> str:
        groups: dict[str, list[Line]] = {}
        at = pages + 1
        for entry, one in zip(entries, printed, strict=True):
            groups.setdefault(self._kind(entry), []).append(Line(entry, at))
            at += one.pages
        newest = self.manual.manual.history.newest
        book = Book(
            company=self.manual.company, title=self._title, day=self.manual.today, draft=self.manual.draft,
            release=newest.name if newest and not self.manual.draft else "", groups=list(groups.items()),
        )  # fmt: skip
        return book_front(book, self.manual.frame, self.say)

    @property
    def _title(self) -> str:
        name = self.manual.register.settings.site_name
        return (
            name
            if name and name != self.manual.company
            else self.manual.frame.say(self.say)(N_("Documents of the quality management system"))
        )

    def _files(self, entries: Sequence[Entry]) -> tuple[Carried, ...]:
        """The register of what the book holds."""
        within = {entry.document.path for entry in entries}
        rows = [row for row in register_rows(self.manual.edition) if row["path"] in within]
        data = to_json({"documents": rows}).encode()
        latest = max(moment(entry) for entry in entries)
        what = self.say(N_("the control data of the documents"))
        return (Carried("register.json", data, "application/json", what, latest, "Data"),)

    def _kind(self, entry: Entry) -> str:
        return self.manual.frame.say(self.say)(self.manual.register.settings.kind(entry.document.kind).title)

    def _print(self, name: str, html: str, files: tuple[Carried, ...] = ()) -> Printed:
        control = {"company": self.manual.company} if self.manual.company else {}
        (made,) = self.desk.print_all([Job(name, name, html, control, files)], self.place, silent)
        if isinstance(made, Failed):
            raise AssertionError(made.reason(Translator("en")))  # nothing of anybody's text is in it but names
        return made

    def _bytes(self, printed: Printed) -> bytes:
        return (self.place / printed.name).read_bytes()
