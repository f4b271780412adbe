"""Commands that build: everything, the site, the PDFs, the site while writing."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.checks.report import printable, summary, text_report
from qmanual.cli import sealing
from qmanual.cli.progress import bar
from qmanual.cli.shell import DRAFT_OPTION, FINDINGS, OK, Session, print_options, qmanual, refuse_empty
from qmanual.finding import Finding
from qmanual.language import N_, Translator
from qmanual.service import checking
from qmanual.service.loading import Manual
from qmanual.whole import replacing, writing
from qmanual.workspace import CannotRun, writing_into

if TYPE_CHECKING:
    from qmanual.control.edition import Entry
    from qmanual.model import Document
    from qmanual.pdf import Failed
    from qmanual.render.markdown import Rendered
    from qmanual.service.desk import Desk
    from qmanual.service.publication import Publication


def build_all(session: Session) -> int:
    """The main job: check, print, build the site, write the registers."""
    from qmanual.plugin import build_site
    from qmanual.service.beside import prepare_beside
    from qmanual.service.building import print_documents, print_texts, registers
    from qmanual.service.publishing import prepare_site

    pictures, older = scratch("pictures"), scratch("pdf")
    desk = open_desk(session, pictures)
    ready = _ready(session, pictures, whole=True)
    shown, say = ready.shown, ready.say
    bodies = ready.bodies(shown.register.documents)
    entries = [one for one in shown.edition.entries if all(body.path in bodies for body in one.document.bodies)]
    seal = sealing.begin(shown, say, sign=False)
    with replacing(session.out / "pdf") as folder:
        prints = print_documents(shown, lambda _: bodies, desk, folder, entries, bar(say(N_("PDFs")), say))
        prints = sealing.finish(prints, shown, seal, session.out / "pdf", say)
        click.echo(say(N_("Building the site …")), err=True)
        beside = prepare_beside(shown, bodies)
        texts = beside.printed(shown.register.settings.archive_pdfs)
        others = print_texts(shown, texts, desk, older, bar(say(N_("PDFs of other revisions")), say))
        with replacing(session.out / "site") as site:
            every = (prints, *others)
            build_site(prepare_site(shown, bodies, pictures, beside, every, findings=ready.unsafe), site)
            files = registers(shown, prints, texts, others)
            with writing({session.out / name: data for name, data in files.items()}):
                pass
    failed = tuple(one for found in every for one in found.failed)
    _tell_failed(failed, say)
    click.echo(say(N_("Site: {place}"), place=str(session.out / "site" / "index.html")))
    click.echo(say(N_("{count} PDFs: {place}"), count=len(prints.printed), place=str(session.out / "pdf")))
    click.echo(say(N_("Register: {place}"), place=str(session.out / "register.xlsx")))
    return FINDINGS if ready.failed or failed else OK


qmanual.job = build_all


@qmanual.command(help=N_("Build the site only."))
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@DRAFT_OPTION
@click.pass_obj
def site(session: Session, out: Path | None, draft: bool) -> int:
    from qmanual.plugin import build_site
    from qmanual.service.beside import prepare_beside
    from qmanual.service.publishing import prepare_site

    session.out = out.absolute() if out else session.out
    session.draft |= draft
    pictures = scratch("pictures")
    ready = _ready(session, pictures, whole=True)
    bodies = ready.bodies(ready.shown.register.documents)
    beside = prepare_beside(ready.shown, bodies)
    with replacing(session.out / "site") as folder:
        build_site(prepare_site(ready.shown, bodies, pictures, beside, findings=ready.unsafe), folder)
    click.echo(ready.say(N_("Site: {place}"), place=str(session.out / "site" / "index.html")))
    return FINDINGS if ready.failed else OK


@qmanual.command(help=N_("Print controlled PDFs: of the documents with these numbers, or of all."))
@click.argument("ids", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@click.option("--book", is_flag=True, help=N_("all of them in one file, book.pdf, with cover and contents"))
@click.option("--sign", is_flag=True, help=N_("seal the PDFs electronically, as `seal:` in the settings says"))
@DRAFT_OPTION
@print_options
@click.pass_obj
def pdf(
    session: Session,
    ids: tuple[str, ...],
    out: Path | None,
    book: bool,
    sign: bool,
    draft: bool,
    jobs: int | None,
    no_cache: bool,
    scheduler: str | None,
) -> int:
    from qmanual.service.building import chosen, print_documents
    from qmanual.service.rendering import publishable

    session.out = out.absolute() if out else session.out
    session.draft |= draft
    session.printing(jobs, no_cache, scheduler)
    pictures = scratch("pictures")
    desk = open_desk(session, pictures)
    ready = _ready(session, pictures, ids)
    entries, _ = chosen(ready.shown, ids)
    safe = {one.path for one in publishable((entry.document for entry in entries), ready.unsafe)}
    entries = [entry for entry in entries if entry.document.path in safe]
    if book:
        return _book(session, ready, desk, entries, sign=sign)
    folder = session.out / "pdf"
    seal = sealing.begin(ready.shown, ready.say, sign=sign)
    place = scratch("pdf") if seal else folder
    prints = print_documents(ready.shown, ready.bodies, desk, place, entries, bar(ready.say(N_("PDFs")), ready.say))
    if seal:
        prints = sealing.finish(prints, ready.shown, seal, folder, ready.say)
        with writing({folder / one.name: (place / one.name).read_bytes() for one in prints.printed.values()}):
            pass
    _tell_failed(prints.failed, ready.say)
    click.echo(ready.say(N_("{count} PDFs: {place}"), count=len(prints.printed), place=str(folder)))
    if sign:
        click.echo(ready.say(N_("Run `build.py` next, so that the site and the register know the sealed PDFs.")))
    return FINDINGS if ready.failed or prints.failed else OK


def _book(session: Session, ready: "_Ready", desk: "Desk", entries: Sequence["Entry"], *, sign: bool) -> int:
    """All documents as one file."""
    from qmanual.service.book import print_book

    if sign:
        raise CannotRun(N_("A book is not sealed. Seal the documents one by one: pdf --sign"))
    bound = print_book(ready.shown, ready.bodies, desk, entries, bar(ready.say(N_("PDFs")), ready.say))
    _tell_failed(bound.failed, ready.say)
    if not bound.data:
        click.echo(ready.say(N_("No book was written: all documents go into it, or none.")), err=True)
        return FINDINGS
    place = session.out / "book.pdf"
    with writing({place: bound.data}):
        pass
    text = N_("Book of {count} documents, {pages} pages: {place}")
    click.echo(ready.say(text, count=bound.documents, pages=bound.pages, place=str(place)))
    return FINDINGS if ready.failed else OK


@qmanual.command(help=N_("Show the site while writing: it follows every change."))
@click.option("--port", type=int, default=8000, help=N_("the port on this computer"))
@click.pass_obj
def serve(session: Session, port: int) -> int:
    from qmanual.plugin import serve_site

    manual = session.load()
    click.echo(session.say(manual)(N_("http://127.0.0.1:{port}/ (stop with Ctrl-C)"), port=port))
    serve_site(session.root, session.today, port)
    return OK


@dataclass
class _Ready:
    """What every build begins with: what is to be shown, and what was found wrong with it."""

    shown: "Publication"
    unsafe: tuple[Finding, ...]
    failed: bool
    say: Translator
    jobs: int | None = None

    def bodies(self, documents: "Sequence[Document]") -> "Mapping[str, Rendered]":
        """The rendered texts of documents. Those that no page can be made of are named on standard error."""
        from qmanual.service.rendering import render_bodies, withheld

        made = render_bodies(self.shown, self.unsafe, self.jobs, documents)
        for document in withheld(self.shown, made, self.unsafe, documents):
            text = N_("{id} is not published: no safe page can be made of {path}. Write it more simply.")
            said = self.say(text, id=document.id, path=", ".join(body.path for body in document.bodies))
            click.echo(printable(said), err=True)
            self.failed = True
        return made


def _ready(session: Session, pictures: Path, ids: Sequence[str] = (), *, whole: bool = False) -> _Ready:
    """Read, check, and tell the findings; `pictures` is filled. Refuses numbers that nothing shown has.

    `whole`: the pictures of texts that are to come or were in force are taken as well.
    """
    from qmanual.service.building import chosen
    from qmanual.service.publication import publication, stage

    manual = session.load()
    say = session.say(manual)
    shown = publication(manual, session.draft)
    if unknown := chosen(shown, ids)[1]:
        raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=", ".join(unknown))
    findings = checking.check(manual)
    _tell(manual, findings, say)
    _tell_what(shown, say)
    _writable(session)
    unsafe = checking.unsafe(shown, findings)
    stage(shown, pictures, whole)
    return _Ready(shown, unsafe, checking.failed(findings) or checking.failed(unsafe), say, session.jobs)


def scratch(name: str) -> Path:
    """A folder for what a build needs on its way; it goes with the command."""
    return Path(click.get_current_context().with_resource(tempfile.TemporaryDirectory(prefix=f"qmanual-{name}-")))


def open_desk(session: Session, pictures: Path) -> "Desk":
    """Printing processes that get ready while the manual is read, and what is kept of earlier runs.

    They end with the command; then what is kept is held to its size.
    """
    from qmanual.service.cache import open_cache
    from qmanual.service.desk import Desk, open_press

    context = click.get_current_context()
    kept = open_cache(os.environ) if session.cache else None
    if kept:
        context.call_on_close(kept.trim)
    say = session.say()

    def tell(worker: str, what: str, here: str, there: str) -> None:
        text = N_("The worker {worker} gets no documents: {what} is {there} there and {here} here.")
        click.echo(printable(say(text, worker=worker, what=what, here=here, there=there)), err=True)

    return Desk(context.with_resource(open_press(pictures, session.jobs, session.scheduler, tell)), kept)


def _tell_what(shown: "Publication", say: Translator) -> None:
    """Say what is built: an edition, or the work tree; and how to release while nothing is."""
    newest = shown.manual.history.newest
    if not shown.draft and newest:
        text = N_("Edition of {day}: what the releases up to {release} have in force")
        click.echo(say(text, day=shown.today.isoformat(), release=newest.name))
    elif newest is None:
        text = N_(
            "Nothing is released yet: all documents are drafts. `build.py release NAME` releases what is approved."
        )
        click.echo(say(text))
    else:
        click.echo(say(N_("Draft: the files as they are now, not what is released.")))


def _tell_failed(failed: "Sequence[Failed]", say: Translator) -> None:
    """Name the documents that could not be printed, on standard error."""
    for one in failed:
        said = say(N_("{id} could not be printed: {reason}"), id=one.id, reason=one.reason(say))
        click.echo(printable(said), err=True)


def _tell(manual: Manual, findings: Sequence[Finding], say: Translator) -> None:
    """The findings before a build; waived ones alone are not worth the noise."""
    refuse_empty(manual, findings)
    count = len(manual.register.documents)
    if any(finding.waived is None for finding in findings):
        click.echo(text_report(findings, manual.register.tree.sources, count, say), nl=False)
    else:
        click.echo(summary(findings, count, say))


def _writable(session: Session) -> None:
    """Refuse early when nothing can be written, with the remedy."""
    with writing_into(session.out):
        session.out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=session.out):
            pass
