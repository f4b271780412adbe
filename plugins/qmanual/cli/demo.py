"""The command that shows it all: demo."""

import shlex
from dataclasses import replace
from pathlib import Path

import click

from qmanual.cli.building import build_all
from qmanual.cli.shell import OK, Session, qmanual
from qmanual.language import N_


@qmanual.command(help=N_("Make a repository with eighteen months of life from the sample manual, to look at."))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--no-build", is_flag=True, help=N_("only the repository: no site, no PDFs"))
@click.pass_obj
def demo(session: Session, folder: Path, no_build: bool) -> int:
    from qmanual.demo.making import KEYS, make
    from qmanual.demo.story import Step, read_story

    story, say, target = read_story(), session.say(), folder.absolute()
    count = 0

    def told(step: Step, line: str) -> None:
        nonlocal count
        count += 1
        click.echo(f"{count:2}/{len(story.steps)}  {step.time.date().isoformat()}  {step.by}  {line}")

    make(session.root, target, story, told)
    made = replace(session, root=target, today=story.end, out=target / "dist", draft=False)
    code = OK if no_build else build_all(made)
    day = story.end.isoformat()
    click.echo(say(N_("\nThe manual is in {place}. Look at it as of {day}:"), place=str(target), day=day))
    for words, text in _LOOK:
        click.echo(f"  {say(text)}\n    python3 build.py --root {shlex.quote(str(folder))} --today {day} {words}")
    warning = N_("The private keys in {place} are test keys that everybody knows. Never use them for anything else.")
    click.echo(say(warning, place=str(target / KEYS)))
    return code


_LOOK = (
    ("status", N_("how each document stands: one in review, one begun, one waiting for its day, one withdrawn")),
    ("status QP-8.7-01", N_("a document with two superseded revisions")),
    ("diff QP-8.7-01 A/2..A/4", N_("what they changed")),
    ("copies list QP-8.7-01", N_("who holds numbered copies, and the void one that nobody fetched")),
    ("check", N_("that copy, a review that is overdue, and a rule that is waived")),
    ("verify", N_("what is proven, and what is not")),
)
