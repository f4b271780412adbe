"""A plan as a person reads it before agreeing: what is done, to which files, line by line."""

from collections.abc import Iterator
from difflib import unified_diff
from enum import Enum

from qmanual.checks.report import printable, said
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.service.life.plan import FileChange, Plan


class Ink(Enum):
    """How a line is shown where there are colours; without them its first sign says it."""

    PLAIN = "plain"
    TITLE = "title"
    FILE = "file"
    OUT = "out"
    IN = "in"
    NOTE = "note"


def plan_lines(plan: Plan, say: Translator) -> Iterator[tuple[Ink, str]]:
    """The lines of a plan."""
    yield Ink.TITLE, sentence(plan.title, say)
    for line in plan.shown:
        yield Ink.PLAIN, f"  {printable(line)}"
    for change in plan.files:
        new = say(N_(" (new file)")) if change.old is None else ""
        yield Ink.FILE, f"  {printable(change.path)}{new}"
        if not plan.shown:
            yield from _lines(change)
    for note in plan.notes:
        yield Ink.NOTE, f"  ! {sentence(note, say)}"


def sentence(phrase: Phrase, say: Translator) -> str:
    """A phrase in the reader's language, its details filled in."""
    return say(phrase, **said(phrase.details, say))


def _lines(change: FileChange) -> Iterator[tuple[Ink, str]]:
    old = (change.old or b"").decode("utf-8", "replace").splitlines()
    new = change.new.decode("utf-8", "replace").splitlines()
    for line in list(unified_diff(old, new, n=1, lineterm=""))[2:]:
        if line.startswith("@@"):
            continue
        ink = {"+": Ink.IN, "-": Ink.OUT}.get(line[:1], Ink.PLAIN)
        yield ink, f"    {line[:1]} {printable(line[1:])}"
