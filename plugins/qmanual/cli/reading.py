"""Commands that read: check, explain, status, and the registers."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from qmanual import __version__
from qmanual.checks import BY_CODE
from qmanual.checks.explain import explain
from qmanual.checks.report import github_report, json_report, sarif_report, text_report
from qmanual.checks.rule import DRAFT, RELEASE
from qmanual.cli.shell import DRAFT_OPTION, FINDINGS, OK, Day, Session, qmanual, refuse_empty
from qmanual.language import N_
from qmanual.service import checking
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun


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
    found = checking.check(manual, profile)
    refuse_empty(manual, found)
    findings = checking.about(found, inside)
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


@qmanual.command(help=N_("The status of every document, or of one."))
@click.argument("id", required=False)
@click.option("--on", type=Day(), help=N_("as of this day"))
@click.option("--format", "form", type=click.Choice(["md", "json"]), default="md", help=N_("how the table is printed"))
@click.pass_obj
def status(session: Session, id: str | None, on: date | None, form: str) -> int:
    from qmanual.service.publication import publication
    from qmanual.service.standing import standing, standing_json, standing_text

    session.today, session.clock = on or session.today, session.clock and on is None
    manual = session.load()
    say = session.say(manual)
    shown = publication(manual, session.draft)
    entries = [entry for entry in standing(shown) if id in (None, entry.document.id)]
    if id and not entries and id in manual.archive.history().documents:
        raise CannotRun(N_("No release held {id} by {day}."), id=id, day=session.today.isoformat())
    if id and not entries:
        raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=id)
    click.echo(
        standing_json(shown, entries) if form == "json" else standing_text(shown, entries, say, bool(id)), nl=False
    )
    return OK


def _register_command(name: str, help: str) -> None:
    """A command that prints one register; all of them take the same words."""

    @qmanual.command(name, help=help)
    @click.option("--format", "form", type=click.Choice(["md", "json", "xlsx"]), default="md",
                  help=N_("how the table is printed"))  # fmt: skip
    @click.option("--out", type=click.Path(path_type=Path), help=N_("write into this file"))
    @DRAFT_OPTION
    @click.pass_obj
    def command(session: Session, form: str, out: Path | None, draft: bool) -> int:
        from qmanual.service.listing import listing
        from qmanual.service.publication import publication
        from qmanual.whole import write_whole

        manual = session.load()
        data = listing(publication(manual, draft or session.draft), name, form, session.say(manual))
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
