"""Commands for controlled copies: issue, recall, list, and the sheet by which void copies are fetched."""

from datetime import date
from pathlib import Path

import click

from qmanual.cli.asking import ask, confirm, load
from qmanual.cli.shell import OK, Day, Session, qmanual
from qmanual.language import N_
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun

_ENDS = {"收回": "returned", "销毁": "destroyed", "遗失": "lost"}
_yes = click.option("--yes", is_flag=True, help=N_("write without asking"))
_out = click.option("--out", type=click.Path(path_type=Path),
                    help=N_("write results into this folder instead of dist/"))  # fmt: skip


class End(click.Choice[str]):
    """What became of a copy, in either language."""

    def __init__(self) -> None:
        super().__init__(["returned", "destroyed", "lost"])

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(_ENDS.get(str(value).strip(), value), param, ctx)


@qmanual.group(
    invoke_without_command=True,
    help=N_("Controlled copies: who holds a numbered print of which text, and what must come back."),
)
@click.pass_context
def copies(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@copies.command(help=N_("Print, stamp and register numbered copies of a document that is in force."))
@click.argument("id")
@click.option("--to", "holders", multiple=True, help=N_("the department or person who gets it; can be repeated"))
@click.option("--number", default="", help=N_("the number of the copy, such as 003; else the next free one"))
@click.option("--all", "every", is_flag=True,
              help=N_("a copy for each department concerned that has none of this revision"))  # fmt: skip
@click.option("--paper/--file", "paper", default=True, help=N_("handed out on paper, or as a file"))
@click.option("--as", "name", default="", help=N_("the name of whoever hands it out"))
@click.option("--sign", is_flag=True, help=N_("seal the PDFs electronically, as `seal:` in the settings says"))
@_out
@_yes
@click.pass_obj
def issue(
    session: Session, id: str, holders: tuple[str, ...], number: str, every: bool, paper: bool, name: str, sign: bool,
    out: Path | None, yes: bool,
) -> int:  # fmt: skip
    from qmanual.cli import sealing
    from qmanual.control.copies import Medium
    from qmanual.service.copies.issuing import Meant, in_force
    from qmanual.service.copies.issuing import issue as work_out

    if every and (holders or number):
        raise CannotRun(N_("--all chooses holders and numbers by itself: leave out --to and --number."))
    if number and len(holders) > 1:
        raise CannotRun(N_("One number is for one copy: give --to once, or leave out --number."))
    manual = load(session)
    shown, _ = in_force(manual, id)
    if not holders and not every:
        holders = (ask(session, manual, "--to", N_("Holder (department or person)")),)
    meant = Meant(holders=holders, number=number, by=_by(session, manual, name), every=every,
                  medium=Medium.PAPER if paper else Medium.FILE)  # fmt: skip
    folder = (out.absolute() if out else session.out) / "copies"
    found = work_out(manual, id, meant, folder, sealing.begin(shown, session.say(manual), sign=sign))
    if found is None:
        click.echo(session.say(manual)(N_("Every department concerned has a copy of {id}."), id=id))
        return OK
    try:
        code = confirm(session, manual, found.plan, yes)
    except BaseException:
        found.discard()
        raise
    sealing.tell_unseen(found.unseen, session.say(manual))
    return code


@copies.command(help=N_("Record that copies came back, were destroyed or lost."))
@click.argument("id")
@click.option("--number", "numbers", multiple=True, help=N_("the number of the copy; can be repeated"))
@click.option("--from", "holder", default="", help=N_("whose copy it is, where two bear the same number"))
@click.option("--all", "every", is_flag=True, help=N_("every copy of the document that must come back"))
@click.option("--how", type=End(), default="returned", help=N_("what became of it: returned, destroyed, lost"))
@click.option("--reason", default="", help=N_("why, or how it was lost"))
@click.option("--date", "on", type=Day(), help=N_("on which day, if not today"))
@click.option("--as", "name", default="", help=N_("the name of whoever records it"))
@_yes
@click.pass_obj
def recall(
    session: Session, id: str, numbers: tuple[str, ...], holder: str, every: bool, how: str, reason: str,
    on: date | None, name: str, yes: bool,
) -> int:  # fmt: skip
    from qmanual.control.copies import Act
    from qmanual.service.copies.recalling import Recall
    from qmanual.service.copies.recalling import recall as work_out

    manual = load(session)
    if numbers and every:
        raise CannotRun(N_("Name the copies by their numbers, or all that must come back: --all"))
    if not numbers and not every:
        numbers = (ask(session, manual, "--number", N_("Number of the copy")),)
    meant = Recall(numbers=numbers, act=Act(how), on=on or session.today, by=_by(session, manual, name),
                   reason=reason, every=every, holder=holder)  # fmt: skip
    plan = work_out(manual, id, meant)
    if plan is None:
        click.echo(session.say(manual)(N_("No copy of {id} has to be brought back."), id=id))
        return OK
    return confirm(session, manual, plan, yes)


@copies.command("list", help=N_("List the copies: of all documents, or of one."))
@click.argument("id", required=False, default="")
@click.option("--holder", default="", help=N_("only those of this department or person"))
@click.option("--open", "open_", is_flag=True, help=N_("only those that somebody holds"))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              help=N_("how the list is printed"))  # fmt: skip
@click.pass_obj
def list_copies(session: Session, id: str, holder: str, open_: bool, form: str) -> int:
    from qmanual.service.copies.issuing import holder_of, lacking
    from qmanual.service.copies.overview import json_of, selected, text_of
    from qmanual.service.copies.register import rows
    from qmanual.service.life.plan import chosen

    manual = session.load()
    _readable(manual)
    known = rows(manual)
    if id and all(row.copy.issued.document != id for row in known):
        chosen(manual, id)
    if holder and all(row.copy.issued.holder != holder for row in known):
        holder = holder_of(manual, holder)
    found, missing = selected(known, id, holder, open_), lacking(manual, id) if id and not holder else []
    click.echo(json_of(found, missing) if form == "json" else text_of(found, missing, session.say(manual)), nl=False)
    return OK


@copies.command(help=N_("Print the recall sheet: what must be brought back, by holder, as PDF and spreadsheet."))
@_out
@click.pass_obj
def sheet(session: Session, out: Path | None) -> int:
    from qmanual.service.copies.sheet import PDF, XLSX, write_sheet

    manual = session.load()
    _readable(manual)
    folder = (out.absolute() if out else session.out) / "copies"
    found = write_sheet(manual, folder)
    say = session.say(manual)
    click.echo(say(N_("To be brought back: {count}"), count=str(len(found))))
    click.echo(say(N_("Recall sheet: {place}"), place=f"{folder / PDF}, {XLSX}"))
    return OK


def _readable(manual: Manual) -> None:
    """Raise `CannotRun` for a register of which a line cannot be read: what it tells would be missing here."""
    from qmanual.service.copies.register import sound_ledger

    sound_ledger(manual)


def _by(session: Session, manual: Manual, name: str) -> str:
    """Who records it: as said, else whoever works in this repository."""
    from qmanual.git.writing import identity

    return name or identity(manual.archive.repository)[0] or ask(session, manual, "--as", N_("Name"))
