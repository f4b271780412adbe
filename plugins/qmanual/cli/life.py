"""Commands that write: new, revise, approve, release, withdraw. Each shows what it would write, asks, then writes."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.cli.shell import OK, Day, Session, qmanual
from qmanual.language import N_
from qmanual.model import Meaning
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun

if TYPE_CHECKING:
    from qmanual.service.life.plan import Plan

_yes = click.option("--yes", is_flag=True, help=N_("write without asking"))


@qmanual.command(help=N_("Begin a new document of a kind, with the next free number."))
@click.argument("kind")
@click.option("--title", help=N_("the title"))
@click.option("--department", help=N_("the department that owns it"))
@click.option("--clause", "clauses", multiple=True, help=N_("a clause that it answers, such as 8.4; can be repeated"))
@click.option("--id", "number", default="", help=N_("the number, instead of the next free one"))
@click.option("--as", "name", default="", help=N_("the name of whoever writes it"))
@_yes
@click.pass_obj
def new(
    session: Session, kind: str, title: str | None, department: str | None, clauses: tuple[str, ...], number: str,
    name: str, yes: bool,
) -> int:  # fmt: skip
    from qmanual.service.life.creating import Meant, create, kind_named

    manual = _load(session)
    kind_named(manual, kind)
    title = title or _ask(session, manual, "--title", N_("Title"))
    department = department or _ask(session, manual, "--department", N_("Owning department"))
    clauses = clauses or tuple(
        _ask(session, manual, "--clause", N_("Clauses, such as 8.4, separated by blanks")).split()
    )
    meant = Meant(kind=kind, title=title, department=department, clauses=clauses, number=number, by=name)
    return _confirm(session, manual, create(manual, meant), yes)


@qmanual.command(help=N_("Begin the next revision of a released document."))
@click.argument("id")
@click.option("--major", is_flag=True, help=N_("a large step: A/3 → B/0, 1.3 → 2.0"))
@click.option("--summary", help=N_("what is changed, for the change list"))
@click.option("--as", "name", help=N_("the name of whoever changes it"))
@click.option("--effective", type=Day(), help=N_("from which day it is in force; else it is left open"))
@_yes
@click.pass_obj
def revise(
    session: Session, id: str, major: bool, summary: str | None, name: str | None, effective: date | None, yes: bool
) -> int:
    from qmanual.service.life.revising import Revision, following
    from qmanual.service.life.revising import revise as work_out

    manual = _load(session)
    following(manual, id, major=major)
    summary = summary or _ask(session, manual, "--summary", N_("What is changed"))
    name = name or _ask(session, manual, "--as", N_("Changed by"))
    meant = Revision(summary=summary, by=name, major=major, effective=effective)
    return _confirm(session, manual, work_out(manual, id, meant), yes)


@qmanual.command(help=N_("Sign documents: prepared, reviewed, countersigned or approved."))
@click.argument("ids", nargs=-1)
@click.option("--as", "name", help=N_("the name of whoever signs"))
@click.option("--meaning", type=click.Choice([meaning.value for meaning in Meaning]),
              help=N_("what the signature means"))  # fmt: skip
@click.option("--date", "on", type=Day(), help=N_("the day of the signature, if it is not today"))
@click.option("--all", "every", is_flag=True, help=N_("every document that waits for this signature"))
@click.option("--from", "answer", type=click.Path(path_type=Path), help=N_("the answer to a review packet"))
@click.option("--key", default="", help=N_("sign a statement with this SSH key file, or `agent`"))
@click.option("--tsa", default="", help=N_("have the signature stamped by the time stamp authority at this address"))
@_yes
@click.pass_obj
def approve(
    session: Session, ids: tuple[str, ...], name: str | None, meaning: str | None, on: date | None, every: bool,
    answer: Path | None, key: str, tsa: str, yes: bool,
) -> int:  # fmt: skip
    from qmanual.service.life.answering import approve_answer
    from qmanual.service.life.approving import Signing, approve_all
    from qmanual.service.life.approving import approve as work_out
    from qmanual.service.statements import Means

    manual = _load(session)
    if answer:
        if ids or every or name or meaning or on or key or tsa:
            raise CannotRun(N_("The answer says who signs what, and when: give --from FILE alone."))
        return _confirm(session, manual, _told(session, manual, lambda: approve_answer(manual, answer)), yes)
    if bool(ids) == every:
        raise CannotRun(N_("Name the documents to be signed by their numbers, or all that wait: --all"))
    name = name or _ask(session, manual, "--as", N_("Name"))
    meaning = meaning or _ask(session, manual, "--meaning", N_("Meaning"), click.Choice([one.value for one in Meaning]))
    if tsa and not key:
        raise CannotRun(N_("A time stamp is over a signature: name the key as well, --key FILE"))
    if key and on not in (None, session.today):
        raise CannotRun(N_("A signature bears the time at which it is given: leave out --date."))
    signing = Signing(
        by=name, meaning=Meaning(meaning), on=on or session.today, means=Means(key=key, tsa=tsa) if key else None,
        moment=_now(session),
    )  # fmt: skip
    plan = _told(session, manual, lambda: approve_all(manual, signing) if every else work_out(manual, ids, signing))
    return _confirm(session, manual, plan, yes)


@qmanual.command(help=N_("Release what has changed: a manifest, a commit and a tag."))
@click.argument("name")
@click.option("--effective", type=Day(), help=N_("from which day texts are in force that leave it open"))
@click.option("--as", "person", default="", help=N_("the name of whoever releases"))
@click.option("--key", default="", help=N_("sign the tag with this SSH key file, or `agent`"))
@_yes
@click.pass_obj
def release(session: Session, name: str, effective: date | None, person: str, key: str, yes: bool) -> int:
    from qmanual.git.writing import identity
    from qmanual.service.life.releasing import Issuing
    from qmanual.service.life.releasing import release as work_out
    from qmanual.service.statements import tag_signer

    manual = _load(session)
    known, email = identity(manual.archive.repository)
    issuing = Issuing(
        release=name, name=person or known, email=email if person in ("", known) else "", moment=_now(session),
        effective=effective, sign=tag_signer(manual, person or known, key) if key else None,
    )  # fmt: skip
    plan = _told(session, manual, lambda: work_out(manual, issuing))
    return _confirm(session, manual, plan, yes)


@qmanual.command(help=N_("Withdraw a released document from use."))
@click.argument("id")
@click.option("--reason", help=N_("why it is withdrawn"))
@click.option("--replaced-by", default="", help=N_("the number of the document that takes its place"))
@click.option("--date", "on", type=Day(), help=N_("from which day, if not from today"))
@click.option("--as", "name", help=N_("the name of whoever decides it"))
@_yes
@click.pass_obj
def withdraw(
    session: Session, id: str, reason: str | None, replaced_by: str, on: date | None, name: str | None, yes: bool
) -> int:
    from qmanual.service.life.withdrawing import Withdrawing
    from qmanual.service.life.withdrawing import withdraw as work_out

    manual = _load(session)
    reason = reason or _ask(session, manual, "--reason", N_("Reason"))
    name = name or _ask(session, manual, "--as", N_("Decided by"))
    meant = Withdrawing(on=on or session.today, by=name, reason=reason, replaced_by=replaced_by)
    return _confirm(session, manual, work_out(manual, id, meant), yes)


# -- what they share -------------------------------------------------------------------------------------------------


def _load(session: Session) -> Manual:
    """The manual, after what a killed command left has been finished."""
    from qmanual.service.life.carrying import begin

    if session.root.is_dir() and (found := begin(session.root)):
        say = session.say()
        text = N_("An earlier command was cut off; it was finished now: {paths}") if found.done else N_(
            "An earlier command was cut off; it was undone: {paths}")  # fmt: skip
        click.echo(say(text, paths=", ".join(found.paths)), err=True)
        if found.kept:
            click.echo(say(N_("Changed since, and left as they are: {paths}"), paths=", ".join(found.kept)), err=True)
    return session.load()


def _now(session: Session) -> datetime:
    """This moment; noon of another day where --today names one."""
    now = datetime.now().astimezone()
    return now if now.date() == session.today else datetime.combine(session.today, time(12)).astimezone()


def _ask(session: Session, manual: Manual, option: str, text: str, kind: "click.ParamType[str] | None" = None) -> str:
    """What was not said in the words of the command. Without a terminal nobody can be asked."""
    say = session.say(manual)
    if not sys.stdin.isatty():
        raise CannotRun(N_("{option} is missing: nobody can be asked here."), option=option)
    return str(click.prompt(say(text), type=kind, err=True))


def _told(session: Session, manual: Manual, work: "Callable[[], Plan]") -> "Plan":
    """The plan; where findings stand in its way, they are shown first."""
    from qmanual.checks.report import finding_text
    from qmanual.service.life.plan import Flawed

    try:
        return work()
    except Flawed as error:
        say = session.say(manual)
        for finding in error.findings:
            click.echo(finding_text(finding, error.sources.get(finding.span.path), say), err=True)
        raise


def _confirm(session: Session, manual: Manual, plan: "Plan", yes: bool) -> int:
    """Show the plan, ask, carry it out."""
    from qmanual.service.life.carrying import carry_out
    from qmanual.service.life.showing import Ink, plan_lines, sentence

    colours = {Ink.OUT: "red", Ink.IN: "green", Ink.NOTE: "yellow"}
    say = session.say(manual)
    for ink, line in plan_lines(plan, say):
        click.secho(line, fg=colours.get(ink), bold=ink in (Ink.TITLE, Ink.FILE) or None)
    if not (yes or session.yes):
        if not sys.stdin.isatty():
            raise CannotRun(N_("Nothing was written: nobody can be asked here. Add --yes to write it."))
        if not click.confirm(say(N_("Write it?")), default=False):
            click.echo(say(N_("Nothing was written.")))
            return OK
    if plan.seal:
        plan = replace(plan, files=(*plan.files, *plan.seal()), seal=None)
    carry_out(manual.root, plan)
    click.echo(say(N_("Written.")))
    if plan.after:
        click.echo(sentence(plan.after, say))
    return OK
