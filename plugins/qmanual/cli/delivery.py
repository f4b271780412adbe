"""The command that hands over: package."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qmanual.checks.report import printable
from qmanual.cli import sealing
from qmanual.cli.building import open_desk, scratch
from qmanual.cli.progress import bar
from qmanual.cli.shell import DRAFT_OPTION, OK, Session, print_options, qmanual
from qmanual.language import N_

if TYPE_CHECKING:
    from qmanual.service.building import Prints


@qmanual.command(help=N_("Hand over: one folder and one zip with what is in force, its registers, and the proofs."))
@click.option("--for", "purpose", required=True, help=N_("what or whom it is for, such as: 审核"))
@click.option("--changed-since", "since", default="", metavar="RELEASE|DAY",
              help=N_("only what changed since the day of this release, or since this day"))  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help=N_("write it into this folder instead of dist/package/"))
@click.option("--sign", is_flag=True, help=N_("seal the PDFs electronically, as `seal:` in the settings says"))
@DRAFT_OPTION
@print_options
@click.pass_obj
def package(
    session: Session, purpose: str, since: str, out: Path | None, sign: bool, draft: bool, jobs: int | None,
    no_cache: bool, scheduler: str | None,
) -> int:  # fmt: skip
    from qmanual.service.building import print_documents
    from qmanual.service.delivery.filling import Order
    from qmanual.service.delivery.making import make, plan, rendered
    from qmanual.service.publication import publication, stage

    session.draft |= draft
    session.printing(jobs, no_cache, scheduler)
    manual = session.load()
    say = session.say(manual)
    shown = publication(manual, session.draft)
    wanted = plan(shown, Order(purpose=purpose, since=since), draft=session.draft)
    pictures = scratch("pictures")
    desk = open_desk(session, pictures)
    bodies = rendered(wanted)
    stage(shown, pictures, whole=False)
    seal = sealing.begin(shown, say, sign=sign)

    def printing(folder: Path) -> "Prints":
        prints = print_documents(shown, lambda _: bodies, desk, folder, wanted.entries, bar(say(N_("PDFs")), say))
        return sealing.finish(prints, shown, seal, session.out / "pdf", say)

    made = make(wanted, bodies, out.absolute() if out else session.out / "package", printing)
    if shown.draft:
        click.echo(say(N_("Draft: the files as they are now, not what is released.")))
    click.echo(say(N_("{count} PDFs"), count=str(len(wanted.entries))))
    click.echo(printable(say(N_("Folder: {place}"), place=str(made.folder / "index.html"))))
    click.echo(printable(say(N_("Zip: {place}"), place=str(made.archive))))
    click.echo(say(N_("SHA-256 of package.json: {digest}"), digest=made.digest))
    click.echo(
        say(N_("Tell the recipient this digest in another way than the package itself: `verify` shows it again."))
    )
    return OK
