"""What lies in a package beside its PDFs: registers, matrix, pages, redlines, proofs, and the list of all of it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from qmanual import __version__
from qmanual.control import package
from qmanual.control.edition import Entry
from qmanual.control.manifest import Move
from qmanual.control.package import Package, Packed
from qmanual.control.since import Change
from qmanual.files import file_name, pdf_name
from qmanual.language import Translator
from qmanual.render import delivery as pages
from qmanual.render.delivery import Bodies, Changed, Contents
from qmanual.render.matrix import clause_rows
from qmanual.render.redline_file import embedded, redline_html
from qmanual.render.site import Site
from qmanual.service.building import Prints, registers
from qmanual.service.comparing import compare
from qmanual.service.delivery.proofs import Proofs, proofs
from qmanual.service.listing import listing
from qmanual.service.publication import Publication
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: for what or whom; `since`: only what changed since that release or day, empty for all."""

    purpose: str
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is going to be in a package. `name`: of its folder; `entries`: the documents that are printed."""

    order: Order
    shown: Publication
    name: str
    entries: tuple[Entry, ...]
    changes: tuple[Change, ...] = ()


def fill(folder: Path, plan: Plan, bodies: Bodies, prints: Prints) -> None:
    """Write everything into the folder where the PDFs lie already, `package.json` last. `bodies`: rendered texts."""
    shown, say = plan.shown, Translator(plan.shown.language)
    given = Proofs(files={}) if shown.draft else proofs(shown.manual, [one.document for one in plan.entries])
    redlines = {one.id: page for one in plan.changes if (page := _redline(plan, one, say))}
    contents = _contents(plan, prints, given, frozenset(redlines))
    site = Site(edition=shown.edition, bodies=bodies, pdfs={}, say=say, history=shown.manual.history)
    rows = clause_rows(shown.register, shown.language)
    files: dict[str, bytes] = {
        **given.files,
        **registers(shown, prints),
        **{one.redline: redlines[one.change.id] for one in contents.changes if one.redline},
        "clauses.xlsx": listing(shown, "matrix", "xlsx", say),
        pages.CLAUSES: pages.clauses_page(rows, contents, say).encode(),
        pages.VERIFY: pages.verify_page(contents, site, say).encode(),
        pages.INDEX: pages.index_page(contents, bodies, say).encode(),
    }
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / package.NAME).write_bytes(package.compose(_package(plan, given, folder)))


def _redline(plan: Plan, change: Change, say: Translator) -> bytes:
    """What changed between the two texts, as a page; empty where one of them makes no safe page, or there is only one.

    Texts are named by the releases that hold them: two texts may bear one revision.
    """
    if change.move is not Move.CHANGED or not (change.old and change.entry):
        return b""
    old, new = change.old.releases[-1], change.entry.release or ""
    try:
        found = compare(plan.shown.manual, change.id, f"{old}..{new}", say)
        title = f"{change.id} {change.title}"
        return redline_html(found.redline, title, found.names, say, embedded(*found.pictures)).encode()
    except CannotRun:
        return b""


def _contents(plan: Plan, prints: Prints, given: Proofs, redlines: frozenset[str]) -> Contents:
    shown, newest = plan.shown, plan.shown.manual.history.newest
    pdfs = {path: (f"{package.PDFS}{one.name}", one.pages, one.sha256) for path, one in prints.printed.items()}
    changes = [
        Changed(change=one, redline=_place(one) if one.id in redlines else "",
                pdf=pdfs.get(one.entry.document.path, ("",))[0] if one.entry else "",
                gone=pdf_name(one.id, one.old.revision) if one.old else "")
        for one in plan.changes
    ]  # fmt: skip
    return Contents(
        edition=shown.edition, company=shown.company, purpose=plan.order.purpose, release=newest.name if newest else "",
        pdfs=pdfs, since=plan.order.since, changes=tuple(changes), statements=given.statements,
        releases=sum(bool(one.manifest) for one in given.issues),
    )  # fmt: skip


def _place(change: Change) -> str:
    """`changes/QP-8.4-01_A-1-A-2.html`."""
    assert change.old and change.entry  # or there is no redline
    names = (change.old.revision, change.entry.document.revision)
    stem = "-".join(file_name(name.replace("/", "-")) for name in names)
    return f"changes/{file_name(change.id)}_{stem}.html"


def _package(plan: Plan, given: Proofs, folder: Path) -> Package:
    """Every file that lies in the folder now."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = []
    for path in paths:
        with (folder / path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            files.append(Packed(path=path, sha256=digest, size=file.tell()))
    shown = plan.shown
    return Package(
        purpose=plan.order.purpose, company=shown.company, day=shown.today, tool=f"qmanual {__version__}",
        draft=shown.draft, since=plan.order.since, releases=given.issues, files=tuple(files),
        kinds={kind.name: kind.title for kind in shown.register.settings.kinds},
    )  # fmt: skip
