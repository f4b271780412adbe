"""The command line: takes words, calls `service`, prints. Click is known here and nowhere else.

Nothing but what a person can act on is ever printed: a mistake in the words, a `CannotRun`, findings. Exit codes: 0;
1 when there are findings of severity error, or a document could not be printed; 2 when the work cannot be done.
Imports that only one command needs stand in that command: `check` must not wait for the printer.
"""

import gc
import gettext
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual import __version__
from qmanual.checks import BY_CODE
from qmanual.checks.explain import explain
from qmanual.checks.report import github_report, json_report, printable, sarif_report, summary, text_report
from qmanual.checks.rule import DRAFT, RELEASE
from qmanual.finding import Finding
from qmanual.language import LANGUAGES, LOCALE, N_, Language, Translator
from qmanual.service import checking
from qmanual.service.loading import Manual, load
from qmanual.workspace import CannotRun, replacing

if TYPE_CHECKING:
    from qmanual.pdf import Printers
    from qmanual.render.markdown import Rendered

OK, FINDINGS, CANNOT, INTERRUPTED = 0, 1, 2, 130


@dataclass
class Session:
    """What stands before the command: which manual, which day, which language, where results go."""

    root: Path
    today: date
    lang: Language | None
    out: Path

    def load(self) -> Manual:
        """The manual, read now."""
        return load(self.root, self.today)

    def say(self, manual: Manual | None = None) -> Translator:
        """The reader's language: what was asked for, else the manual's, else the environment's."""
        settled = manual.register.settings.language if manual else None
        return Translator(self.lang or settled or spoken(os.environ))


def spoken(environment: Mapping[str, str]) -> Language:
    """The language of a terminal: English where it says so, Chinese otherwise (our users are Chinese first)."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "en" if named.lower().startswith("en") else "zh"


class Day(click.ParamType[date]):
    """A date on the command line."""

    name = "YYYY-MM-DD"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value}", param, ctx)


@click.group(
    invoke_without_command=True,
    help=N_(
        "Check, print and publish a quality manual. Without a command: check everything, then build the site, the PDFs "
        "and the register into dist/."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--root", type=click.Path(path_type=Path), default=Path(), help=N_("work on the manual in this folder"))
@click.option("--out", type=click.Path(path_type=Path), help=N_("write results into this folder instead of dist/"))
@click.option("--today", type=Day(), help=N_("see the manual as of this day"))
@click.option("--lang", type=click.Choice(LANGUAGES), help=N_("language of the messages"))
@click.option("--yes", is_flag=True, help=N_("answer every question with yes"))
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def qmanual(
    ctx: click.Context, root: Path, out: Path | None, today: date | None, lang: Language | None, yes: bool
) -> None:
    ctx.obj = Session(root.absolute(), today or date.today(), lang, (out or root / "dist").absolute())
    if ctx.invoked_subcommand is None:
        ctx.exit(build_all(ctx.obj))


# -- check, explain ----------------------------------------------------------------------------------------------


@qmanual.command(help=N_("Check the manual and say what to mend."))
@click.argument("paths", nargs=-1)
@click.option("--for", "profile", default=DRAFT, help=N_("`release`: nothing may be missing"))
@click.option("--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text",
              help=N_("how the findings are printed"))  # fmt: skip
@click.pass_obj
def check(session: Session, paths: tuple[str, ...], profile: str, form: str) -> int:
    manual = session.load()
    say = session.say(manual)
    known = {DRAFT, RELEASE, *manual.register.settings.profiles}
    if profile not in known:
        raise CannotRun(N_("There is no profile {name}. Known: {known}"), name=profile, known=", ".join(sorted(known)))
    inside = [_inside(path, session, manual) for path in paths]
    findings = checking.about(checking.check(manual, profile), inside)
    count = len(manual.register.documents)
    reports: dict[str, Callable[[], str]] = {
        "text": lambda: text_report(findings, manual.register.tree.sources, count, say),
        "json": lambda: json_report(findings, count, say),
        "github": lambda: github_report(findings, say),
        "sarif": lambda: sarif_report(findings, say, __version__),
    }
    click.echo(reports[form](), nl=False)
    return FINDINGS if checking.failed(findings) else OK


def _inside(path: str, session: Session, manual: Manual) -> str:
    """A path of the command line as findings name it: from the manual's root. A document's number will do as well."""
    if path in manual.register.by_id:
        return manual.register.by_id[path].path
    root = session.root.resolve()
    for place in (Path(path).resolve(), (root / path).resolve()):
        if place.exists() and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
    raise CannotRun(N_("There is no {path} in the manual {root}."), path=path, root=str(session.root))


@qmanual.command("explain", help=N_("Explain a rule: why it exists, a bad and a good example."))
@click.argument("code", required=False)
@click.pass_obj
def explain_rule(session: Session, code: str | None) -> int:
    say = session.say()
    if code is None:
        click.echo("".join(f"{rule.code}  {say(rule.title)}\n" for rule in BY_CODE.values()), nl=False)
        return OK
    found = BY_CODE.get(code.upper())
    if found is None:
        raise CannotRun(N_("There is no rule {code}. `explain` without a code lists all rules."), code=code)
    click.echo(explain(found, say), nl=False)
    return OK


# -- building ----------------------------------------------------------------------------------------------------


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


# -- registers ---------------------------------------------------------------------------------------------------


@qmanual.command(help=N_("The status of every document, or of one."))
@click.argument("id", required=False)
@click.option("--format", "form", type=click.Choice(["md", "json"]), default="md", help=N_("how the table is printed"))
@click.pass_obj
def status(session: Session, id: str | None, form: str) -> int:
    from qmanual.service.building import chosen
    from qmanual.service.listing import status_text

    manual = session.load()
    say = session.say(manual)
    entries, unknown = chosen(manual, [id] if id else [])
    if unknown:
        raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=", ".join(unknown))
    click.echo(status_text(manual, entries, form, say), nl=False)
    return OK


def _register_command(name: str, help: str) -> None:
    """A command that prints one register; all of them take the same words."""

    @qmanual.command(name, help=help)
    @click.option("--format", "form", type=click.Choice(["md", "json", "xlsx"]), default="md",
                  help=N_("how the table is printed"))  # fmt: skip
    @click.option("--out", type=click.Path(path_type=Path), help=N_("write into this file"))
    @click.pass_obj
    def command(session: Session, form: str, out: Path | None) -> int:
        from qmanual.service.listing import listing
        from qmanual.workspace import write_whole

        manual = session.load()
        data = listing(manual, name, form, session.say(manual))
        if out:
            write_whole(out.absolute(), data)
        elif form == "xlsx" and sys.stdout.isatty():
            raise CannotRun(N_("A spreadsheet cannot be shown here. Name a file: --out FILE.xlsx"))
        else:
            sys.stdout.buffer.write(data)
        return OK


_register_command("register", N_("The register of documents."))
_register_command("matrix", N_("The clause matrix: clauses and the documents that answer them."))
_register_command("responsibilities", N_("The responsibility matrix: clauses and departments."))


# -- running -----------------------------------------------------------------------------------------------------


def main() -> None:
    """Run the command line of the process, and end with its exit code."""
    gc.set_threshold(200_000, 20, 20)  # a run makes values that live to its end: looking for garbage finds none
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run with these words; every way to fail ends in a sentence that says what to do."""
    say = Translator(_language(arguments))
    _translate(qmanual, say)
    try:
        result = qmanual.main(args=list(arguments), prog_name="build.py", standalone_mode=False)
        return result if isinstance(result, int) else OK
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(say(N_("Stopped. Nothing half-written remains.")), err=True)
        return INTERRUPTED
    except click.UsageError as error:
        hint = say(N_("`build.py --help` shows all commands and their options."))
        click.echo(f"{printable(_usage(error, say))}\n{hint}", err=True)
        return CANNOT
    except CannotRun as error:
        click.echo(printable(say(error.text, **error.details)), err=True)
        return CANNOT
    except (BrokenPipeError, SystemExit):  # click ends with the latter when nobody reads on: `register | head`
        return OK
    except Exception:
        click.echo(_fault(say), err=True)
        return CANNOT


def _language(arguments: Iterable[str]) -> Language:
    """`--lang` before click has read it, so that even mistakes in the words are told in that language."""
    words = list(arguments)
    for at, word in enumerate(words):
        value = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if word == "--lang" and at + 1 < len(words):
            value = words[at + 1]
        if value in ("zh", "en"):
            return "en" if value == "en" else "zh"
    return spoken(os.environ)


_OF_CLICK = (
    N_("Usage:"), N_("Options"), N_("Commands"), N_("Show this message and exit."), N_("Show the version and exit."),
)  # fmt: skip
"""Texts of click's own that people meet; click asks the standard library's gettext for them."""


def _translate(group: click.Group, say: Translator) -> None:
    """Say the help texts in the reader's language: ours, which click keeps in its commands, and click's own."""
    os.environ["LANGUAGE"] = say.language
    gettext.bindtextdomain("qmanual", str(LOCALE))
    gettext.textdomain("qmanual")
    for command in (group, *group.commands.values()):
        command.help = say(command.help) if command.help else None
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.help:
                parameter.help = say(parameter.help)


def _usage(error: click.UsageError, say: Translator) -> str:
    """A mistake in the words, in the reader's language: click's own sentences are English."""
    if isinstance(error, click.exceptions.NoSuchCommand):
        near = ", ".join(error.possibilities or sorted(qmanual.commands))
        return say(N_("There is no command {name}. Did you mean: {near}?"), name=error.command_name, near=near)
    if isinstance(error, click.NoSuchOption):
        return say(N_("There is no option {name}."), name=error.option_name)
    if isinstance(error, click.BadParameter) and error.param is not None:
        name, kind = "/".join(error.param.opts), error.param.type
        if isinstance(kind, click.Choice):
            known = ", ".join(map(str, kind.choices))
            return say(N_("{name} takes one of these: {known}"), name=name, known=known)
        return say(N_("{name} does not take this value: {value}"), name=name, value=error.message)
    return say(N_("The command was not understood: {text}"), text=error.format_message())


def _fault(say: Translator) -> str:
    """A fault of ours: the traceback goes into a file, the person gets a sentence."""
    with tempfile.NamedTemporaryFile("w", prefix="qmanual-", suffix=".log", delete=False, encoding="utf-8") as file:
        traceback.print_exc(file=file)
    return say(
        N_("A fault in the program, not in your documents. Nothing was changed. Please send this file to whoever looks "
           "after the program: {place}"),
        place=file.name,
    )  # fmt: skip
