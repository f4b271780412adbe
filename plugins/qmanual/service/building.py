"""What is built into `dist/`: the PDFs and the registers. The site is built by the shell that knows MkDocs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.control.status import Status
from qmanual.files import pdf_name
from qmanual.language import Translator
from qmanual.office import workbook
from qmanual.pdf import Failed, Job, Printed, Printers, Progress
from qmanual.render.markdown import Rendered
from qmanual.render.print import print_html
from qmanual.render.tables import PublishedRow, RegisterRow, register_rows, register_table, to_json
from qmanual.render.texts import Text
from qmanual.service.publication import Publication


@dataclass(frozen=True, slots=True)
class Prints:
    """The PDFs of a run in a folder: what was written, by the path of its document or the page of its text, and what
    could not be. `place`: where they lie under `pdf/` on the site, empty or with a `/` at its end.
    """

    printed: Mapping[str, Printed]
    folder: Path
    failed: tuple[Failed, ...] = ()
    place: str = ""

    @property
    def names(self) -> Mapping[str, str]:
        """What was printed → its name under `pdf/` on the site."""
        return {source: self.place + printed.name for source, printed in self.printed.items()}


def print_documents(
    manual: Publication,
    bodies: Mapping[str, Rendered],
    printers: Printers,
    folder: Path,
    entries: Sequence[Entry],
    progress: Progress,
) -> Prints:
    """Print these documents into `folder`, except those whose text is withheld (they have no rendered body).

    Of two documents with one number and revision the first is printed; a rule reports the second. Whatever is printed
    out of the work tree is a draft, also where the document's own text is released: its charts and lists may not be.
    """
    say = Translator(manual.language)
    jobs: dict[str, tuple[str, Job]] = {}
    for entry in entries:
        document = entry.document
        name = pdf_name(document.id, document.revision)
        if name not in jobs and all(body.path in bodies for body in document.bodies):
            shown = replace(entry, status=Status.DRAFT, release=None) if manual.draft else entry
            html = print_html(shown, bodies, manual.company, manual.register, say)
            jobs[name] = (document.path, Job(name, document.id, html))
    return _printed(jobs, printers, folder, progress)


def print_texts(
    manual: Publication, texts: Iterable[Text], printers: Printers, folder: Path, progress: Progress
) -> tuple[Prints, ...]:
    """Print the released texts beside those in force, each into the folder that its page's is named as."""
    say = Translator(manual.language)
    jobs: dict[str, dict[str, tuple[str, Job]]] = {}
    for text in texts:
        place, _, name = text.pdf.rpartition("/")
        document = text.entry.document
        bodies = {body.path: rendered for body, rendered in zip(document.bodies, text.bodies, strict=True)}
        html = print_html(text.entry, bodies, manual.company, manual.register, say)
        jobs.setdefault(place, {})[name] = (text.page, Job(name, document.id, html))
    return tuple(
        _printed(found, printers, folder / place, progress, f"{place}/") for place, found in sorted(jobs.items())
    )


def _printed(
    jobs: Mapping[str, tuple[str, Job]], printers: Printers, folder: Path, progress: Progress, place: str = ""
) -> Prints:
    outcomes = printers.print_all([job for _, job in jobs.values()], folder, progress)
    sources = {job.name: source for source, job in jobs.values()}
    return Prints(
        printed={sources[outcome.name]: outcome for outcome in outcomes if isinstance(outcome, Printed)},
        folder=folder,
        failed=tuple(outcome for outcome in outcomes if isinstance(outcome, Failed)),
        place=place,
    )


def registers(manual: Publication, prints: Prints) -> Mapping[str, bytes]:
    """`register.json`, with each PDF's name, pages and digest, and `register.xlsx`: file name → content."""
    rows = register_rows(manual.edition)
    published = [_published(row, entry, prints) for row, entry in zip(rows, manual.edition.entries, strict=True)]
    say = Translator(manual.language)
    table = register_table(rows, say, manual.register.settings.kinds)
    return {
        "register.json": to_json({"documents": published}).encode(),
        "register.xlsx": workbook([table], say, manual.company, manual.today),
    }


def _published(row: RegisterRow, entry: Entry, prints: Prints) -> PublishedRow:
    printed = prints.printed.get(row["path"])
    return {
        **row,
        "release": entry.release,
        "starts": entry.starts.isoformat() if entry.starts else None,
        "pdf": printed.name if printed else None,
        "pages": printed.pages if printed else None,
        "sha256": printed.sha256 if printed else None,
    }


def chosen(manual: Publication, ids: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """The entries of these numbers (all without any), and the numbers that no document has."""
    wanted = list(ids)
    if not wanted:
        return list(manual.edition.entries), []
    by_id = manual.edition.by_id
    return [by_id[name] for name in wanted if name in by_id], [name for name in wanted if name not in by_id]
