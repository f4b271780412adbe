"""Commands that build: everything, the site, the PDFs, the site while writing."""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.checks.report import printable, summary, text_report
from qmanual.cli.shell import DRAFT_OPTION, FINDINGS, OK, Session, qmanual, refuse_empty
from qmanual.finding import Finding
from qmanual.language import N_, Translator
from qmanual.service import checking
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun, replacing, writing

if TYPE_CHECKING:
    from qmanual.pdf import Failed, Printers
    from qmanual.render.markdown import Rendered
    from qmanual.service.publication import Publication


def build_all(session: Session) -> int:
    """The main job: check, print, build the site, write the registers."""
    from qmanual.plugin import build_site
    from qmanual.service.beside import prepare_beside
    from qmanual.service.building import print_documents, print_texts, registers
    from qmanual.service.publishing import prepare_site

    pictures, older = _scratch("pictures"), _scratch("pdf")
    printers = _printers(pictures)
    ready = _ready(session, pictures, whole=True)
    shown, say = ready.shown, ready.say
    with replacing(session.out / "pdf") as folder:
        prints = print_documents(shown, ready.bodies, printers, folder, shown.edition.entries, _bar(say(N_("PDFs"))))
        click.echo(say(N_("Building the site …")), err=True)
        beside = prepare_beside(shown, ready.bodies)
        texts = beside.printed(shown.register.settings.archive_pdfs)
        others = print_texts(shown, texts, printers, older, _bar(say(N_("PDFs of other revisions"))))
        with replacing(session.out / "site") as site:
            every = (prints, *others)
            build_site(prepare_site(shown, ready.bodies, pictures, beside, every, findings=ready.unsafe), site)
            files = registers(shown, prints)
            with writing({session.out / name: data for name, data in files.items()}):
                pass
    failed = tuple(one for found in every for one in found.failed)
    _tell_failed(failed, say)
    click.echo(say(N_("Site: {place}"), place=str(session.out / "site" / "index.html")))
    click.echo(say(N_("{count} PDFs: {place}"), count=len(prints.printed), place=str(session.out / "pdf")))
    click.echo(say(N_("Register: {place}"), place=str(session.out / "register.xlsx")))
    return FINDINGS if ready.failed or failed else OK


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
    pictures = _scratch("pictures")
    ready = _ready(session, pictures, whole=True)
    beside = prepare_beside(ready.shown, ready.bodies)
    with replacing(session.out / "site") as folder:
        build_site(prepare_site(ready.shown, ready.bodies, pictures, beside, findings=ready.unsafe), folder)
    click.echo(ready.say(N_("Site: {place}"), place=str(session.out / "site" / "index.html")))
    return FINDINGS if ready.failed else OK


@qmanual.command(help=N_("Print controlled PDFs: of the documents with these numbers, or of all."))
@click.argument("ids", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@DRAFT_OPTION
@click.pass_obj
def pdf(session: Session, ids: tuple[str, ...], out: Path | None, draft: bool) -> int:
    from qmanual.service.building import chosen, print_documents

    session.out = out.absolute() if out else session.out
    session.draft |= draft
    pictures = _scratch("pictures")
    printers = _printers(pictures)
    ready = _ready(session, pictures, ids)
    entries, _ = chosen(ready.shown, ids)
    folder = session.out / "pdf"
    prints = print_documents(ready.shown, ready.bodies, printers, folder, entries, _bar(ready.say(N_("PDFs"))))
    _tell_failed(prints.failed, ready.say)
    click.echo(ready.say(N_("{count} PDFs: {place}"), count=len(prints.printed), place=str(folder)))
    return FINDINGS if ready.failed or prints.failed else OK


@qmanual.command(help=N_("Show the site while writing: it follows every change."))
@click.option("--port", type=int, default=8000, help=N_("the port on this computer"))
@click.pass_obj
def serve(session: Session, port: int) -> int:
    from qmanual.plugin import serve_site

    manual = session.load()
    click.echo(session.say(manual)(N_("http://127.0.0.1:{port}/ (stop with Ctrl-C)"), port=port))
    serve_site(session.root, session.today, port)
    return OK


@dataclass(frozen=True)
class _Ready:
    """What every build begins with: what is to be shown, its rendered texts, what was found wrong with them."""

    shown: "Publication"
    bodies: "Mapping[str, Rendered]"
    unsafe: tuple[Finding, ...]
    failed: bool
    say: Translator


def _ready(session: Session, pictures: Path, ids: Sequence[str] = (), *, whole: bool = False) -> _Ready:
    """Read, check, tell the findings, and render; `pictures` is filled. Refuses numbers that nothing shown has.

    `whole`: the pictures of texts that are to come or were in force are taken as well.
    """
    from qmanual.service.building import chosen
    from qmanual.service.publication import publication, stage
    from qmanual.service.rendering import render_bodies

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
    bodies = render_bodies(shown, unsafe)
    stage(shown, pictures, whole)
    held = _tell_withheld(shown, bodies, unsafe, say)
    return _Ready(shown, bodies, unsafe, held or checking.failed(findings) or checking.failed(unsafe), say)


def _scratch(name: str) -> Path:
    """A folder for what a build needs on its way; it goes with the command."""
    return Path(click.get_current_context().with_resource(tempfile.TemporaryDirectory(prefix=f"qmanual-{name}-")))


def _printers(pictures: Path) -> "Printers":
    """Printing processes that get ready while the manual is read; they end with the command."""
    from qmanual.pdf import Printers

    return click.get_current_context().with_resource(Printers(pictures))


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


def _tell_withheld(
    shown: "Publication", bodies: "Mapping[str, Rendered]", findings: Sequence[Finding], say: Translator
) -> bool:
    """Name the documents that no page can be made of, on standard error; whether there are any."""
    from qmanual.service.rendering import withheld

    held = withheld(shown, bodies, findings)
    for document in held:
        text = N_("{id} is not published: no safe page can be made of {path}. Write it more simply.")
        said = say(text, id=document.id, path=", ".join(body.path for body in document.bodies))
        click.echo(printable(said), err=True)
    return bool(held)


def _writable(session: Session) -> None:
    """Refuse early when nothing can be written, with the remedy."""
    try:
        session.out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=session.out):
            pass
    except OSError as error:
        text = N_("Cannot write into {place}: {reason}. Name another folder: --out FOLDER")
        raise CannotRun(text, place=str(session.out), reason=error.strerror or "") from error


def _bar(title: str) -> Callable[[int, int], None]:
    """Progress on standard error: a line that counts on a terminal, one line at the end elsewhere."""
    live = sys.stderr.isatty()

    def show(done: int, total: int) -> None:
        if live:
            click.echo(f"\r{title} {done}/{total} ", nl=done == total, err=True)
        elif done == total:
            click.echo(f"{title} {done}/{total}", err=True)

    return show
