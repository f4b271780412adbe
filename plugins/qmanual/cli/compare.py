"""Commands that compare: diff, review-packet."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.cli.shell import OK, Session, qmanual
from qmanual.language import N_, Translator
from qmanual.whole import write_whole
from qmanual.workspace import CannotRun

if TYPE_CHECKING:
    from qmanual.service.comparing import Comparison


@qmanual.command(help=N_("What changed in a document, between two of its texts: A/0..A/1, 2026-03..2026-07, a commit."))
@click.argument("id")
@click.argument("texts", required=False, default="")
@click.option("--html", "page", type=click.Path(path_type=Path), help=N_("write a page into this file"))
@click.option("--pdf", "paper", type=click.Path(path_type=Path), help=N_("print a PDF into this file"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              help=N_("how the changes are printed"))  # fmt: skip
@click.pass_obj
def diff(session: Session, id: str, texts: str, page: Path | None, paper: Path | None, form: str) -> int:
    from qmanual.render.redline_file import embedded, redline_html
    from qmanual.render.redline_text import redline_json, redline_text
    from qmanual.service.comparing import compare

    manual = session.load()
    say = session.say(manual)
    comparison = compare(manual, id, texts, say)
    redline = comparison.redline
    title = f"{redline.new.id} {redline.new.title}"
    if page:
        shown = redline_html(redline, title, comparison.names, say, embedded(*comparison.pictures))
        write_whole(page.absolute(), shown.encode())
        click.echo(say(N_("Written: {place}"), place=str(page)))
    if paper:
        _print(session, comparison, title, paper.absolute(), say)
        click.echo(say(N_("Written: {place}"), place=str(paper)))
    if form == "json":
        click.echo(redline_json(redline, say), nl=False)
    elif not page and not paper:
        names = " → ".join(comparison.names)
        click.echo(redline_text(redline, f"{title}  {names}", say, colour=_colours()), nl=False, color=True)
    return OK


def _colours() -> bool:
    """Whether somebody looks on at a terminal that shows colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _print(session: Session, comparison: "Comparison", title: str, target: Path, say: Translator) -> None:
    from urllib.parse import quote, unquote

    from qmanual.control.redline import Side
    from qmanual.pdf import Failed, Job, Printers
    from qmanual.render.address import FILE
    from qmanual.render.redline_file import redline_print
    from qmanual.service.comparing import SIDES, stage

    def picture(address: str, side: Side) -> str:
        return quote(f"{SIDES[side is not Side.OLD]}/{unquote(address.removeprefix(FILE)).partition('#')[0]}")

    with tempfile.TemporaryDirectory(prefix="qmanual-") as name:
        folder = Path(name)
        stage(comparison, folder)
        shown = redline_print(comparison.redline, title, comparison.names, comparison.manual.company, say, picture)
        with Printers(folder, workers=1) as printers:
            outcome = printers.print_all([Job("redline.pdf", comparison.redline.new.id, shown)], folder / "out")[0]
        if isinstance(outcome, Failed):
            reason = outcome.reason(say)
            raise CannotRun(N_("{id} could not be printed: {reason}"), id=outcome.id, reason=reason)
        write_whole(target, (folder / "out" / "redline.pdf").read_bytes())


@qmanual.command(
    "review-packet", help=N_("One file to mail to a reviewer without git: what changed, the text, a form.")
)
@click.argument("id")
@click.option("--to", "target", type=click.Path(path_type=Path), help=N_("write into this file"))
@click.pass_obj
def review_packet(session: Session, id: str, target: Path | None) -> int:
    from qmanual.files import pdf_name
    from qmanual.service.reviewing import make_packet

    manual = session.load()
    say = session.say(manual)
    document, shown = make_packet(manual, id, say)
    place = target or Path(f"{pdf_name(document.id, document.revision).removesuffix('.pdf')}-review.html")
    write_whole(place.absolute(), shown.encode())
    click.echo(say(N_("Written: {place}"), place=str(place)))
    click.echo(say(N_("Mail it to the reviewer. The answer comes back as a .yml file: approve --from FILE")))
    return OK
