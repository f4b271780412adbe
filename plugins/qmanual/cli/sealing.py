"""What the building commands share about seals: ask for the password, seal what was printed, tell what came of it."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.checks.report import printable
from qmanual.cli.progress import bar
from qmanual.language import N_, Translator
from qmanual.workspace import CannotRun

if TYPE_CHECKING:
    from qmanual.service.building import Prints
    from qmanual.service.publication import Publication
    from qmanual.service.sealing import Sealing


def begin(shown: "Publication", say: Translator, *, sign: bool) -> "Sealing | None":
    """The seal with its key where seals are wanted, and asked for before anything is printed; without, where sealed
    PDFs are only to stay; None where there is none.
    """
    seal = shown.manual.register.settings.seal
    if seal is None and not sign:
        return None
    from qmanual.service.sealing import sealing_of

    wanted = sign or bool(seal and seal.build and not shown.draft)
    sealing = sealing_of(shown, datetime.now(UTC), wanted=wanted)
    return sealing.opened(lambda name: _password(name, say)) if sealing and wanted else sealing


def _password(name: str, say: Translator) -> str:
    """A person's answer. Where nobody can be asked, the other ways are named."""
    if not sys.stdin.isatty():
        raise CannotRun(N_("The password of {name} is missing: nobody can be asked here. Put it into the environment "
                           "variable QMANUAL_SEAL_PASSWORD or into the keyring."), name=name)  # fmt: skip
    return str(click.prompt(say(N_("Password of {name}"), name=name), hide_input=True, err=True))


def finish(
    prints: "Prints", shown: "Publication", sealing: "Sealing | None", before: Path, say: Translator
) -> "Prints":
    """Seal what was printed, and tell; `before` is the folder that it will replace."""
    if sealing is None:
        return prints
    from qmanual.service.sealing import seal_prints

    outcome = seal_prints(prints, shown, sealing, before, bar(say(N_("Seals")), say))
    if outcome.sealed or outcome.kept:
        text = N_("Sealed: {count}; sealed before and unchanged: {kept}")
        click.echo(say(text, count=str(len(outcome.sealed)), kept=str(len(outcome.kept))), err=True)
    tell_unseen(outcome.unseen, say)
    return outcome.prints


def tell_unseen(names: Iterable[str], say: Translator) -> None:
    """Name the PDFs whose seal is there, but not seen."""
    if shown := ", ".join(names):
        text = N_("The seal is there but not seen, for no place on the page is free: {ids}")
        click.echo(printable(say(text, ids=shown)), err=True)
