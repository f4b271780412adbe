"""What the writing commands share: finish what was cut off, ask for what was not said, show the plan, ask, write."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from typing import TYPE_CHECKING

import click

from qmanual.checks.report import printable, said
from qmanual.cli.shell import OK, Session
from qmanual.language import N_
from qmanual.model import Meaning
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun

if TYPE_CHECKING:
    from qmanual.service.life.plan import Plan


MEANINGS = {"编制": Meaning.PREPARED, "审核": Meaning.REVIEWED, "会签": Meaning.COUNTERSIGNED, "批准": Meaning.APPROVED}
"""What a signature means, as headers in Chinese say it."""


class MeaningWord(click.Choice[str]):
    """What a signature means, by its word in either language."""

    def __init__(self) -> None:
        super().__init__([meaning.value for meaning in Meaning])

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        chinese = MEANINGS.get(str(value).strip())
        return super().convert(chinese.value if chinese else value, param, ctx)


def read_meaning(word: str) -> Meaning:
    """What a signature means. Raises `CannotRun` for a word that is none of them."""
    known = MEANINGS | {meaning.value: meaning for meaning in Meaning}
    if word not in known:
        raise CannotRun(N_("It is one of these: {known}"), known=", ".join(known))
    return known[word]


def load(session: Session) -> Manual:
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


def now(session: Session) -> datetime:
    """This moment; noon of another day where --today names one."""
    moment = datetime.now().astimezone()
    return moment if moment.date() == session.today else datetime.combine(session.today, time(12)).astimezone()


def ask(
    session: Session, manual: Manual, option: str, text: str, check: Callable[[str], object] = lambda answer: None
) -> str:
    """What was not said in the words of the command. Without a terminal nobody can be asked.

    An answer that says nothing, or of which `check` says that it cannot be (`CannotRun`), is asked for again.
    """
    say = session.say(manual)
    if not sys.stdin.isatty():
        raise CannotRun(N_("{option} is missing: nobody can be asked here."), option=option)
    while True:
        answer = str(click.prompt(say(text), err=True)).strip()
        try:
            if answer:
                check(answer)
                return answer
        except CannotRun as error:
            click.echo(printable(say(error.text, **said(error.details, say))), err=True)


def told(session: Session, manual: Manual, work: "Callable[[], Plan]") -> "Plan":
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


def confirm(session: Session, manual: Manual, plan: "Plan", yes: bool) -> int:
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
