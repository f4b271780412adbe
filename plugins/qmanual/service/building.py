"""What is built into `dist/`: the PDFs and the registers. The site is built by the shell that knows MkDocs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.files import pdf_name
from qmanual.language import Translator
from qmanual.office import workbook
from qmanual.pdf import Failed, Job, Printed, Printers, Progress
from qmanual.render.markdown import Rendered
from qmanual.render.print import print_html
from qmanual.render.tables import PublishedRow, RegisterRow, register_rows, register_table, to_json
from qmanual.service.publication import Publication


@dataclass(frozen=True, slots=True)
class Prints:
    """The PDFs of a run: what was written, by the path of its document, and what could not be."""

    printed: Mapping[str, Printed]
    failed: tuple[Failed, ...] = ()


def print_documents(
    manual: Publication,
    bodies: Mapping[str, Rendered],
    printers: Printers,
    folder: Path,
    entries: Sequence[Entry],
    progress: Progress,
) -> Prints:
    """Print these documents into `folder`, except those whose text is withheld (they have no rendered body).

    Of two documents with one number and revision the first is printed; a rule reports the second.
    """
    say = Translator(manual.language)
    jobs: dict[str, tuple[str, Job]] = {}
    for entry in entries:
        document = entry.document
        name = pdf_name(document.id, document.revision)
        if name not in jobs and all(body.path in bodies for body in document.bodies):
            html = print_html(entry, bodies, manual.company, manual.register, say)
            jobs[name] = (document.path, Job(name, document.id, html))
    outcomes = printers.print_all([job for _, job in jobs.values()], folder, progress)
    paths = {job.name: path for path, job in jobs.values()}
    return Prints(
        printed={paths[outcome.name]: outcome for outcome in outcomes if isinstance(outcome, Printed)},
        failed=tuple(outcome for outcome in outcomes if isinstance(outcome, Failed)),
    )


def registers(manual: Publication, prints: Prints) -> Mapping[str, bytes]:
    """`register.json`, with each PDF's name, pages and digest, and `register.xlsx`: file name → content."""
    rows = register_rows(manual.edition)
    published = [_published(row, prints) for row in rows]
    say = Translator(manual.language)
    table = register_table(rows, say, manual.register.settings.kinds)
    return {
        "register.json": to_json({"documents": published}).encode(),
        "register.xlsx": workbook([table], say, manual.company, manual.today),
    }


def _published(row: RegisterRow, prints: Prints) -> PublishedRow:
    printed = prints.printed.get(row["path"])
    return {
        **row,
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
