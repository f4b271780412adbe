"""What is built into `dist/`: the PDFs and the registers. The site is built by the shell that knows MkDocs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from qmanual.control.edition import Entry
from qmanual.files import pdf_name
from qmanual.language import Translator
from qmanual.model import Document
from qmanual.pdf import Failed, Job, Outcome, Printed, Progress
from qmanual.render.markdown import Rendered
from qmanual.render.print import print_html
from qmanual.render.tables import PublishedRow, RegisterRow, register_rows, register_table, to_json
from qmanual.render.texts import Text
from qmanual.service.carried import carried, control_data
from qmanual.service.desk import Desk
from qmanual.service.inputs import Inputs
from qmanual.service.publication import Publication

Bodies: TypeAlias = Callable[[Sequence[Document]], Mapping[str, Rendered]]
"""Gives the rendered texts of documents, path → text; of a document that may not be published it lacks some."""


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
    manual: Publication, bodies: Bodies, desk: Desk, folder: Path, entries: Sequence[Entry], progress: Progress
) -> Prints:
    """Print these documents into `folder`, except those that `bodies` has no text for: they are withheld.

    Of two documents with one number and revision the first is printed; a rule reports the second. Whatever is printed
    out of the work tree is a draft, also where the document's own text is released: its charts and lists may not be.
    What was printed before is not made again, and its text is not asked for.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, Entry] = {}
    for entry in entries:
        shown = entry.as_draft() if manual.draft else entry
        wanted.setdefault(pdf_name(entry.document.id, entry.document.revision), shown)
    inputs = Inputs(manual, desk.tools, desk.press.root) if desk.tools else None
    pages = {name: inputs.key(one, manual.evidence(one.document)) if inputs else "" for name, one in wanted.items()}
    known = desk.recall({name: (one.document.id, pages[name]) for name, one in wanted.items()}, folder)
    left = {name: one for name, one in wanted.items() if name not in known}
    jobs = list(_jobs(manual, bodies([one.document for one in left.values()]), left)) if left else []

    def shown_so_far(done: int, total: int, share: float) -> None:
        progress(done + len(known), total + len(known), share)

    outcomes = (*known.values(), *desk.print_all(jobs, folder, shown_so_far, pages))
    return _prints(outcomes, {name: one.document.path for name, one in wanted.items()}, folder)


def _jobs(manual: Publication, bodies: Mapping[str, Rendered], wanted: Mapping[str, Entry]) -> Iterator[Job]:
    say = Translator(manual.language)
    for name, entry in wanted.items():
        document = entry.document
        if all(body.path in bodies for body in document.bodies):
            evidence = manual.evidence(document)
            html = print_html(entry, bodies, manual.company, manual.register, say, evidence, frame=manual.frame)
            yield _job(name, entry, html, manual, say)


def print_texts(
    manual: Publication, texts: Iterable[Text], desk: Desk, folder: Path, progress: Progress
) -> tuple[Prints, ...]:
    """Print the released texts beside those in force, each into the folder that its page's is named as."""
    say = Translator(manual.language)
    jobs: dict[str, dict[str, tuple[str, Job]]] = {}
    for text in texts:
        place, _, name = text.pdf.rpartition("/")
        document = text.entry.document
        bodies = {body.path: rendered for body, rendered in zip(document.bodies, text.bodies, strict=True)}
        evidence = manual.evidence(document)
        html = print_html(text.entry, bodies, manual.company, manual.register, say, evidence, frame=manual.frame)
        jobs.setdefault(place, {})[name] = (text.page, _job(name, text.entry, html, manual, say))
    found = []
    for place, named in sorted(jobs.items()):
        outcomes = desk.print_all([job for _, job in named.values()], folder / place, progress)
        sources = {name: page for name, (page, _) in named.items()}
        found.append(_prints(outcomes, sources, folder / place, f"{place}/"))
    return tuple(found)


def _job(name: str, entry: Entry, html: str, manual: Publication, say: Translator) -> Job:
    control = control_data(entry, manual.company)
    return Job(name, entry.document.id, html, control, carried(entry, manual, say))


def _prints(outcomes: Iterable[Outcome], sources: Mapping[str, str], folder: Path, place: str = "") -> Prints:
    """`sources`: file name → what it was printed of; the prints stand in that order."""
    outcomes = tuple(outcomes)
    done = {one.name: one for one in outcomes if isinstance(one, Printed)}
    return Prints(
        printed={source: done[name] for name, source in sources.items() if name in done},
        folder=folder,
        failed=tuple(outcome for outcome in outcomes if isinstance(outcome, Failed)),
        place=place,
    )


def registers(
    manual: Publication, prints: Prints, texts: Sequence[Text] = (), others: Iterable[Prints] = ()
) -> Mapping[str, bytes]:
    """`register.json`, with each PDF's name, pages and digest, and `register.xlsx`: file name → content.

    `others`: the prints of `texts`, which are to come or were in force; the site has them under `pdf/`.
    """
    from qmanual.office import workbook  # slow to load, and `pdf` does without

    rows = register_rows(manual.edition)
    published = [_published(row, entry, prints) for row, entry in zip(rows, manual.edition.entries, strict=True)]
    say = Translator(manual.language)
    table = register_table(rows, say, manual.register.settings.kinds)
    return {
        "register.json": to_json({"documents": published, "others": list(_others(texts, others))}).encode(),
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


def _others(texts: Sequence[Text], others: Iterable[Prints]) -> Iterator[dict[str, object]]:
    """A line for each print of a text that is to come or was in force, by which `verify` knows it."""
    by_page = {text.page: text.entry for text in texts}
    for found in others:
        for page, printed in found.printed.items():
            entry = by_page[page]
            yield {
                "id": entry.document.id, "title": entry.document.title, "revision": entry.document.revision,
                "status": entry.status.value, "digest": entry.document.digest, "release": entry.release,
                "starts": entry.starts.isoformat() if entry.starts else None, "pdf": f"{found.place}{printed.name}",
                "pages": printed.pages, "sha256": printed.sha256,
            }  # fmt: skip


def chosen(manual: Publication, ids: Iterable[str]) -> tuple[list[Entry], list[str]]:
    """The entries of these numbers (all without any), and the numbers that no document has."""
    wanted = list(ids)
    if not wanted:
        return list(manual.edition.entries), []
    by_id = manual.edition.by_id
    return [by_id[name] for name in wanted if name in by_id], [name for name in wanted if name not in by_id]
