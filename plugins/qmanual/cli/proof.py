"""The command that proves: verify."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.cli.shell import FINDINGS, OK, Session, qmanual
from qmanual.language import N_, Translator
from qmanual.workspace import CannotRun

if TYPE_CHECKING:
    from qmanual.service.verifying import Report


@qmanual.command(
    help=N_("Prove the manual, a release, a document, a PDF or a package: everything again from the bytes.")
)
@click.argument("target", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text",
              help=N_("how the result is printed"))  # fmt: skip
@click.option("--trust", "trust", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help=N_("PDFs have to be sealed under this root certificate (PEM or DER); can be repeated"))  # fmt: skip
@click.pass_obj
def verify(session: Session, target: str | None, form: str, trust: tuple[Path, ...]) -> int:
    from qmanual.service import verifying

    place = _place(target) if target else None
    if place and verifying.is_package(place):
        belief = verifying.belief_at(session.root, session.today, trust)
        return _told(verifying.verify_package(place.absolute(), belief), form, session.say())
    if place and place.is_dir() and (place / "mkdocs.yml").is_file():
        session.root, place, target = place.absolute(), None, None
    manual = session.load()
    say = session.say(manual)
    name = (target or "").removeprefix("release/").removesuffix("/")
    paths = {body.path: one.id for one in manual.register.documents for body in one.bodies}
    inside = _inside(session, place) if place else ""
    if target is None or inside == ".":
        report = verifying.verify(manual)
    elif place and place.is_file() and place.suffix.lower() == ".pdf":
        report = verifying.verify_print(manual, place.absolute(), trust)
    elif target in manual.register.by_id or inside in paths:
        report = verifying.verify_document(manual, target if target in manual.register.by_id else paths[inside])
    elif place and place.exists():
        raise CannotRun(
            N_("{path} is no document of the manual, no PDF, no package and no folder of a manual."), path=target
        )
    else:
        report = verifying.verify_release(manual, name)
    return _told(report, form, say)


def _told(report: "Report", form: str, say: Translator) -> int:
    from qmanual.service.verifying import json_of, text_of

    click.echo(json_of(report, say) if form == "json" else text_of(report, say), nl=False)
    return OK if report.sound else FINDINGS


def _place(target: str) -> Path | None:
    """The file or folder of that name; None where the name can be none, or leads in a circle."""
    try:
        Path(target).resolve().exists()
    except (OSError, RuntimeError, ValueError):
        return None
    return Path(target)


def _inside(session: Session, place: Path) -> str:
    """A path as the manual names its files, empty when it lies elsewhere."""
    root = session.root.resolve()
    for one in (place.resolve(), (root / place).resolve()):
        if one.exists() and one.is_relative_to(root):
            return one.relative_to(root).as_posix()
    return ""
