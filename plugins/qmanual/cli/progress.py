"""How far a long job is, and how long it will still take: on standard error, so that results stay apart."""

import sys
import time

import click

from qmanual.language import N_, Translator
from qmanual.pdf import Progress

_QUIET = 30.0
"""Seconds between two lines where nobody watches a terminal: a log shall show that something moves."""
_KNOWN = 3.0
"""Seconds of work before its length is guessed."""
_WIDTH = 70


def bar(title: str, say: Translator) -> Progress:
    """A line that counts on a terminal; elsewhere one line now and then, and one at the end."""
    live, begun = sys.stderr.isatty(), time.monotonic()
    last = begun

    def show(done: int, total: int, share: float) -> None:
        nonlocal last
        now = time.monotonic()
        line = f"{title} {done}/{total}{left(now - begun, share, say)}"
        if live:
            click.echo(f"\r{line:<{_WIDTH}}", nl=done == total, err=True)
        elif done == total or now - last >= _QUIET:
            last = now
            click.echo(line, err=True)

    return show


def left(spent: float, share: float, say: Translator) -> str:
    """How long it will take from here: `spent` seconds were needed for this `share` of the work. Empty when unknown."""
    if spent < _KNOWN or not 0 < share < 1:
        return ""
    seconds = spent * (1 - share) / share
    if seconds < 90:
        return say(N_(", about {count} s left"), count=max(5, round(seconds / 5) * 5))
    return say(N_(", about {count} min left"), count=round(seconds / 60))
