"""The command line: takes words, calls `service`, prints. Click is known in this room and nowhere else.

Nothing but what a person can act on is ever printed: a mistake in the words, a `CannotRun`, findings. Exit codes: 0;
1 when there are findings of severity error, or a document could not be printed; 2 when the work cannot be done.
Imports that only one command needs stand in that command: `check` must not wait for the printer.
"""

import errno
import gc
import gettext
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator, Sequence

import click

from qmanual.checks.report import printable, said
from qmanual.cli import building, cache, compare, copies, delivery, demo, forms, life, proof, reading
from qmanual.cli.shell import CANNOT, INTERRUPTED, OK, TERMINATED, qmanual, spoken
from qmanual.control.history import GAP_TEXTS, Gap
from qmanual.git import Damaged
from qmanual.language import LOCALE, N_, Language, Translator
from qmanual.workspace import CannotRun

COMMANDS = (reading, building, cache, life, compare, copies, forms, delivery, proof, demo)
"""The modules whose commands hang from the group: importing them hangs them there."""
FULL = N_("The disk is full. Make room, and start again; what was built before is as it was.")


def main() -> None:
    """Run the command line of the process, and end with its exit code."""
    gc.set_threshold(200_000, 20, 20)  # a run makes values that live to its end: looking for garbage finds none
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(run(sys.argv[1:]))


class Terminated(KeyboardInterrupt):
    """Somebody ended the program: it cleans up, as after Ctrl-C."""


def _terminated(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what cleans up must not be interrupted itself
    raise Terminated


def run(arguments: Sequence[str]) -> int:
    """Run with these words; every way to fail ends in a sentence that says what to do."""
    say = Translator(_language(arguments))
    _translate(qmanual, say)
    try:
        result = qmanual.main(args=list(arguments), prog_name="build.py", standalone_mode=False)
        return result if isinstance(result, int) else OK
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt) as stop:
        click.echo(say(N_("Stopped. Nothing half-written remains.")), err=True)
        return TERMINATED if isinstance(stop.__cause__ or stop, Terminated) else INTERRUPTED
    except click.UsageError as error:
        hint = say(N_("`build.py --help` shows all commands and their options."))
        click.echo(f"{printable(_usage(error, say))}\n{hint}", err=True)
        return CANNOT
    except CannotRun as error:
        click.echo(printable(say(error.text, **said(error.details, say))), err=True)
        return CANNOT
    except Damaged as error:
        click.echo(printable(say(GAP_TEXTS[Gap.DAMAGED], trouble=error.said)), err=True)
        return CANNOT
    except (BrokenPipeError, SystemExit):  # click ends with the latter when nobody reads on: `register | head`
        return OK
    except Exception as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        click.echo(say(FULL) if full else _fault(say), err=True)
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
    N_("Error: invalid input"),
)  # fmt: skip
"""Texts of click's own that people meet; click asks the standard library's gettext for them."""


def _translate(group: click.Group, say: Translator) -> None:
    """Say the help texts in the reader's language: ours, which click keeps in its commands, and click's own."""
    os.environ["LANGUAGE"] = say.language
    gettext.bindtextdomain("qmanual", str(LOCALE))
    gettext.textdomain("qmanual")
    for command in _all(group):
        command.help = say(command.help) if command.help else None
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.help:
                parameter.help = say(parameter.help)


def _all(group: click.Group) -> Iterator[click.Command]:
    """The group, its commands, and theirs."""
    yield group
    for command in group.commands.values():
        yield from _all(command) if isinstance(command, click.Group) else (command,)


def _usage(error: click.UsageError, say: Translator) -> str:
    """A mistake in the words, in the reader's language: click's own sentences are English."""
    if isinstance(error, click.exceptions.NoSuchCommand):
        group = error.ctx.command if error.ctx and isinstance(error.ctx.command, click.Group) else qmanual
        near = ", ".join(error.possibilities or sorted(group.commands))
        return say(N_("There is no command {name}. Did you mean: {near}?"), name=error.command_name, near=near)
    if isinstance(error, click.MissingParameter) and error.param is not None:
        command = error.ctx.command_path.partition(" ")[2] if error.ctx else ""
        text = N_("{name} is missing. `build.py {command} --help` tells what belongs there.")
        return say(text, name=error.param.human_readable_name.upper(), command=command)
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
