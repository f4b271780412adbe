"""Making a package: what is to be in it is decided first, then printed, then written as a folder and a zip.

Both appear whole or not at all. A document that cannot be printed stops it: a package that lacks one would say that
there is none.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from qmanual.control import package
from qmanual.control.edition import Entry
from qmanual.control.manifest import Move
from qmanual.control.since import Change, changes_since, moment
from qmanual.control.status import Status
from qmanual.files import file_name
from qmanual.language import N_, Translator
from qmanual.parcel import same_place, write_zip
from qmanual.render.delivery import Bodies
from qmanual.service import checking
from qmanual.service.building import Prints
from qmanual.service.delivery.filling import Order, Plan, fill
from qmanual.service.publication import Publication
from qmanual.service.rendering import render_bodies
from qmanual.whole import replacing
from qmanual.workspace import CannotRun, writing_into

LONGEST = 40
"""Signs that the purpose may have: it stands in the name of the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What was written: the folder, the zip, the SHA-256 of `package.json`, which stands for all of it."""

    folder: Path
    archive: Path
    digest: str


def plan(shown: Publication, order: Order, *, draft: bool) -> Plan:
    """What a package holds. Raises `CannotRun` for a purpose that cannot be a name, a release that there is not, drafts
    that nobody asked for, and when there is nothing to hand over.
    """
    purpose = " ".join(order.purpose.split())
    if not purpose or len(purpose) > LONGEST or not purpose.isprintable():
        text = N_("--for names what or whom the package is for, in at most {count} signs, such as: --for 审核")
        raise CannotRun(text, count=str(LONGEST))
    if shown.draft and not draft:
        text = N_("Nothing is released yet, so nothing is in force that could be handed over. Release first "
                  "(`build.py release NAME`), or add --draft: then everything is marked as a draft.")  # fmt: skip
        raise CannotRun(text)
    shown = _as_draft(shown) if shown.draft else shown
    changes = _changes(shown, order.since) if order.since else ()
    if order.since:
        entries = [one.entry for one in changes if one.entry and one.move is not Move.WITHDRAWN]
    else:
        entries = [one for one in shown.edition.by_id.values() if _is_handed_over(one, shown)]
    if not entries and not changes:
        raise CannotRun(N_("Nothing is in force on {day}, or nothing has changed: there is nothing to hand over."),
                        day=shown.today.isoformat())  # fmt: skip
    kept = Order(purpose=purpose, since=order.since.removeprefix("release/"))
    return Plan(order=kept, shown=shown, name=_name(shown, kept), entries=tuple(entries), changes=changes)


def _as_draft(shown: Publication) -> Publication:
    """Everything as a draft, also what a release holds: the charts and lists around it may not be released."""
    entries = [
        one if one.status is Status.WITHDRAWN
        else replace(one.as_draft(), starts=None, ends=None, past=())
        for one in shown.edition.entries
    ]  # fmt: skip
    return replace(shown, edition=replace(shown.edition, entries=tuple(entries)))


def _is_handed_over(entry: Entry, shown: Publication) -> bool:
    return entry.status is Status.EFFECTIVE or (shown.draft and entry.status is not Status.WITHDRAWN)


def _changes(shown: Publication, since: str) -> tuple[Change, ...]:
    history = shown.manual.history
    found = moment(history, since.removeprefix("release/"))
    if found is None:
        known = ", ".join(one.name for one in history.releases) or "—"
        text = N_("{name} is no release and no day (2026-01-31). Releases: {known}")
        raise CannotRun(text, name=since, known=known)
    if found[1] > shown.today:
        text = N_("{day} has not come yet: name a day that has passed, or a release.")
        raise CannotRun(text, day=found[1].isoformat())
    return changes_since(shown.edition, *found)


def _name(shown: Publication, order: Order) -> str:
    """`审核_2026-11-20`: safe on every disk, since purposes are written like document numbers (`files.file_name`)."""
    parts = [order.purpose, shown.today.isoformat()]
    parts += [f"since-{order.since}"] if order.since else []
    parts += [Translator(shown.language)(N_("draft"))] if shown.draft else []
    return "_".join(map(file_name, parts))


def rendered(plan: Plan) -> Bodies:
    """The texts of a package, rendered; those that may not be published are missing."""
    shown = plan.shown
    unsafe = checking.unsafe(shown, checking.check(shown.manual) if shown.draft else ())
    return render_bodies(shown, unsafe, only=[one.document for one in plan.entries])


def make(plan: Plan, bodies: Bodies, out: Path, printing: Callable[[Path], Prints]) -> Delivered:
    """Write the package into `out`, as a folder and a zip. `printing` puts the PDFs of its documents into a folder.

    Raises `CannotRun` when a document cannot be printed, or the folder's place is taken by something else.
    """
    target, archive = out / plan.name, out / f"{plan.name}.zip"
    if target.exists() and not (target / package.NAME).is_file():
        raise CannotRun(N_("{place} is there already and is no package. Name another folder: --out FOLDER"),
                        place=str(target))  # fmt: skip
    with writing_into(out), replacing(target) as folder:
        fill(folder, plan, bodies, _whole(plan, printing(folder / "pdf")))
        digest = hashlib.sha256((folder / package.NAME).read_bytes()).hexdigest()
        fresh = archive.with_name(f".{archive.name}-new")
        try:
            write_zip(fresh, folder, plan.name)
            fresh.chmod(0o644)
            fresh.replace(archive)
        finally:
            fresh.unlink(missing_ok=True)
    return Delivered(folder=target, archive=archive, digest=digest)


def _whole(plan: Plan, prints: Prints) -> Prints:
    """All PDFs of the package; nothing less."""
    say = Translator(plan.shown.language)
    failed = {one.id: one.reason(say) for one in prints.failed}
    lost = [one.document.id for one in plan.entries if one.document.path not in prints.printed]
    if lost:
        names = ", ".join(f"{number} ({failed[number]})" if number in failed else number for number in lost)
        raise CannotRun(N_("No package was written: these documents cannot be printed: {names}. `build.py check` tells "
                           "what is wrong with them."), names=names)  # fmt: skip
    if len({same_place(one.name) for one in prints.printed.values()}) < len(prints.printed):
        raise CannotRun(N_("No package was written: numbers of documents differ in upper and lower case alone, and "
                           "their files would overwrite each other on Windows."))  # fmt: skip
    return prints
