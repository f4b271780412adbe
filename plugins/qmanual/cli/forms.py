"""The command of record forms: makes them to be filled in, numbers blanks, reads filled-in ones back."""

from pathlib import Path

import click

from qmanual.checks.report import printable
from qmanual.cli.shell import DRAFT_OPTION, FINDINGS, OK, Session, qmanual
from qmanual.language import N_
from qmanual.whole import writing
from qmanual.workspace import CannotRun, writing_into

_FORMATS = ("pdf", "xlsx", "html", "schema", "all")
_MAKE = "make"


class _Forms(click.Group):
    """`forms QR-8.7-01` makes a form: a number is no command, and need not be told from one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return _MAKE, self.commands[_MAKE], args
        return super().resolve_command(ctx, args)


@qmanual.group(
    "forms",
    cls=_Forms,
    invoke_without_command=True,
    help=N_("Record forms: `forms NUMBER` makes one to fill in, `forms read FILE…` reads filled-in ones."),
)
@click.pass_context
def forms(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        from qmanual.service.forms import listed
        from qmanual.service.publication import publication

        session: Session = ctx.obj
        manual = session.load()
        lines = listed(publication(manual, session.draft), session.say(manual))
        click.echo("".join(f"{printable(line)}\n" for line in lines), nl=False)


@forms.command(_MAKE, help=N_("Make a form to fill in, or numbered blanks."))
@click.argument("id")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="pdf",
              help=N_("fillable PDF, spreadsheet, page for the browser, JSON Schema, or all of them"))  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help=N_("write into this folder instead of dist/forms/"))
@click.option("--blank", type=int, help=N_("print so many numbered blanks as one PDF"))
@click.option("--serial", help=N_("the number of the first blank, such as QR-8.7-01-2026-001"))
@DRAFT_OPTION
@click.pass_obj
def make(
    session: Session, id: str, form: str, out: Path | None, blank: int | None, serial: str | None, draft: bool
) -> int:
    from qmanual.service.forms import FORMATS, blanks, form_text, made
    from qmanual.service.publication import publication

    if (blank is None) != (serial is None):
        raise CannotRun(N_("Numbered blanks need both: how many (--blank 50) and the first number (--serial NUMBER)."))
    manual = session.load()
    text = form_text(publication(manual, draft or session.draft), id)
    if blank is not None and serial is not None:
        files = blanks(text, blank, serial)
    else:
        files = made(text, FORMATS if form == "all" else (form,))
    folder = (out or session.out / "forms").absolute()
    with writing_into(folder), writing({folder / name: data for name, data in files.items()}):
        pass
    for name in files:
        click.echo(str(folder / name))
    return OK


@forms.command("read", help=N_("Read filled-in forms: PDF, xlsx, or the record file of a page."))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              help=N_("how the result is printed"))  # fmt: skip
@click.option("--form", "only", default="", help=N_("take records of this form only"))
@click.option("--template", type=click.Path(path_type=Path),
              help=N_("compare PDFs with this blank form, as it was issued"))  # fmt: skip
@click.pass_obj
def read(session: Session, files: tuple[Path, ...], form: str, only: str, template: Path | None) -> int:
    from qmanual.service.filled import Reader, json_of, sound, text_of

    manual = session.load()
    say = session.say(manual)
    try:
        blank = template.read_bytes() if template else None
    except OSError as error:
        raise CannotRun(N_("Cannot read {path}: {reason}"), path=str(template), reason=error.strerror or "") from error
    reader = Reader(manual, only, blank)
    readings = [reader.read(file) for file in files]
    shown = json_of(readings, say) if form == "json" else text_of(readings, say)
    click.echo("\n".join(map(printable, shown.split("\n"))), nl=False)
    return OK if sound(readings) else FINDINGS
