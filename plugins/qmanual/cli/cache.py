"""The command about the PDFs that are kept from one run to the next."""

import os

import click

from qmanual.cli.shell import OK, Session, qmanual
from qmanual.language import N_
from qmanual.workspace import CannotRun


@qmanual.command(help=N_("Show where printed PDFs are kept for the next run, and how many; or drop them."))
@click.option("--clear", is_flag=True, help=N_("drop all of them; the next run prints everything anew"))
@click.pass_obj
def cache(session: Session, clear: bool) -> int:
    from qmanual.service.cache import open_cache

    found, say = open_cache(os.environ), session.say()
    if found is None:
        raise CannotRun(N_("There is no folder to keep PDFs in. Name one: QMANUAL_CACHE=/path/to/folder"))
    stock = found.stock()
    details = {
        "count": str(stock.documents), "size": f"{stock.size / 1e6:.0f}", "most": f"{stock.most / 1e6:.0f}",
        "place": str(stock.folder),
    }  # fmt: skip
    if clear:
        found.clear()
        click.echo(say(N_("Dropped {count} PDFs, {size} MB: {place}"), **details))
    else:
        click.echo(say(N_("{count} PDFs, {size} of at most {most} MB: {place}"), **details))
    return OK
