"""Commands that build: everything, the site, the PDFs, the site while writing."""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.checks.report import printable, summary, text_report
from qmanual.cli.shell import FINDINGS, OK, Session, qmanual
from qmanual.finding import Finding
from qmanual.language import N_, Translator
from qmanual.service import checking
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun, replacing

if TYPE_CHECKING:
    from qmanual.pdf import Printers
    from qmanual.render.markdown import Rendered


def build_all(session: Session) -> int:
    """The main job: check, print, build the site, write the registers."""
    from qmanual.plugin import build_site
    from qmanual.service.building import print_documents, write_registers
    from qmanual.service.publishing import prepare_site

    printers = _printers(session)
    manual = session.load()
    say = session.say(manual)
    findings, bodies, held = _checked(session, manual, say)
    with replacing(session.out / "pdf") as folder:
        prints = print_documents(manual, bodies, printers, folder, manual.edition.entries, _bar(say(N_("PDFs"))))
        click.echo(say(N_("Building the site …")), err=True)
        with replacing(session.out / "site") as site:
            names = {path: printed.name for path, printed in prints.printed.items()}
            build_site(prepare_site(manual, bodies, names, folder, findings=findings), site)
    write_registers(manual, prints, session.out)
    failed = [
        say(N_("{id} could not be printed: {reason}"), id=one.id, reason=one.reason(say)) for one in prints.failed
    ]
    for line in failed:
        click.echo(printable(line), err=True)
    click.echo(say(N_("Site: {place}"), place=str(session.out / "site" / "index.html")))
    click.echo(say(N_("{count} PDFs: {place}"), count=len(prints.printed), place=str(session.out / "pdf")))
    click.echo(say(N_("Register: {place}"), place=str(session.out / "register.xlsx")))
    return FINDINGS if held or failed or checking.failed(findings) else OK


@qmanual.command(help=N_("Build the site only."))
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@click.pass_obj
def site(session: Session, out: Path | None) -> int:
    from qmanual.plugin import build_site
    from qmanual.service.publishing import prepare_site

    session.out = out.absolute() if out else session.out
    manual = session.load()
    say = session.say(manual)
    findings, bodies, held = _checked(session, manual, say)
    with replacing(session.out / "site") as folder:
        build_site(prepare_site(manual, bodies, findings=findings), folder)
    click.echo(say(N_("Site: {place}"), place=str(session.out / "site" / "index.html")))
    return FINDINGS if held or checking.failed(findings) else OK


@qmanual.command(help=N_("Print controlled PDFs: of the documents with these numbers, or of all."))
@click.argument("ids", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@click.pass_obj
def pdf(session: Session, ids: tuple[str, ...], out: Path | None) -> int:
    from qmanual.service.building import chosen, print_documents

    session.out = out.absolute() if out else session.out
    printers = _printers(session)
    manual = session.load()
    say = session.say(manual)
    entries, unknown = chosen(manual, ids)
    if unknown:
        raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=", ".join(unknown))
    findings, bodies, held = _checked(session, manual, say)
    folder = session.out / "pdf"
    prints = print_documents(manual, bodies, printers, folder, entries, _bar(say(N_("PDFs"))))
    for one in prints.failed:
        said = say(N_("{id} could not be printed: {reason}"), id=one.id, reason=one.reason(say))
        click.echo(printable(said), err=True)
    click.echo(say(N_("{count} PDFs: {place}"), count=len(prints.printed), place=str(folder)))
    return FINDINGS if held or prints.failed or checking.failed(findings) else OK


@qmanual.command(help=N_("Show the site while writing: it follows every change."))
@click.option("--port", type=int, default=8000, help=N_("the port on this computer"))
@click.pass_obj
def serve(session: Session, port: int) -> int:
    from qmanual.plugin import serve_site

    manual = session.load()
    click.echo(session.say(manual)(N_("http://127.0.0.1:{port}/ (stop with Ctrl-C)"), port=port))
    serve_site(session.root, session.today, port)
    return OK


def _printers(session: Session) -> "Printers":
    """Printing processes that get ready while the manual is read; they end with the command."""
    from qmanual.pdf import Printers

    return click.get_current_context().with_resource(Printers(session.root))


def _checked(
    session: Session, manual: Manual, say: Translator
) -> "tuple[tuple[Finding, ...], dict[str, Rendered], bool]":
    """What every build begins with: the findings, told; the rendered texts; whether any had to be withheld."""
    from qmanual.service.publishing import render_bodies

    findings = checking.check(manual)
    _tell(manual, findings, say)
    _writable(session)
    bodies = render_bodies(manual, findings)
    return findings, bodies, bool(_tell_withheld(manual, bodies, findings, say))


def _tell(manual: Manual, findings: Sequence[Finding], say: Translator) -> None:
    """The findings before a build; waived ones alone are not worth the noise."""
    count = len(manual.register.documents)
    if any(finding.waived is None for finding in findings):
        click.echo(text_report(findings, manual.register.tree.sources, count, say), nl=False)
    else:
        click.echo(summary(findings, count, say))


def _tell_withheld(
    manual: Manual, bodies: "Mapping[str, Rendered]", findings: Sequence[Finding], say: Translator
) -> bool:
    """Name the documents that no page can be made of, on standard error; whether there are any."""
    from qmanual.service.publishing import withheld

    held = withheld(manual, bodies, findings)
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
