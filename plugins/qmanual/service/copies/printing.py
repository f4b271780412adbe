"""The PDFs of copies: the document printed once as it is issued, then a stamp on each page for every copy.

A seal comes after the stamp, for it allows no change; what is registered are the sealed bytes.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.pdf import Failed, Job, Printers, silent
from qmanual.render.copies import stamp_html, stamp_text
from qmanual.service import checking
from qmanual.service.building import print_documents
from qmanual.service.desk import Desk
from qmanual.service.publication import Publication, stage
from qmanual.service.rendering import render_bodies
from qmanual.service.sealing import Sealing, sealed
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True)
class Made:
    """The PDF of a copy, the SHA-256 of it, and whether its seal, where it bears one, has found a place to be seen."""

    data: bytes
    sha256: str
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is stamped on a copy: its number, who holds it, the day of issue."""

    number: str
    holder: str
    on: date


def print_copies(
    shown: Publication, entry: Entry, stamps: Sequence[Stamp], sealing: Sealing | None
) -> Mapping[str, Made]:
    """Number of a copy → its PDF. `sealing`: with a key, where the copies are to be sealed.

    Raises `CannotRun` when the document cannot be printed, or a copy not be sealed.
    """
    from qmanual.pdf.stamp import stamped

    say = Translator(shown.language)
    with tempfile.TemporaryDirectory(prefix="qmanual-copies-") as scratch:
        pictures, folder = Path(scratch, "pictures"), Path(scratch, "pdf")
        pictures.mkdir()
        with Printers(pictures) as printers:
            whole = _printed(shown, entry, printers, pictures, folder)
            jobs = [
                Job(f"stamp-{at}.pdf", one.number, stamp_html(stamp_text(one.number, one.holder, one.on, say), say))
                for at, one in enumerate(stamps)
            ]
            for outcome in printers.print_all(jobs, folder):
                _refuse(entry, outcome)
        found = {}
        for at, one in enumerate(stamps):
            control = {"copy": one.number, "holder": one.holder, "issued": one.on.isoformat()}
            data = stamped(whole, (folder / f"stamp-{at}.pdf").read_bytes(), control)
            seen = True
            if sealing is not None and sealing.key is not None:
                data, drawn = sealed(data, sealing)
                seen = drawn or not sealing.look.place.seen
            found[one.number] = Made(data, hashlib.sha256(data).hexdigest(), seen)
        return found


def _printed(shown: Publication, entry: Entry, printers: Printers, pictures: Path, folder: Path) -> bytes:
    """The PDF of the document as `pdf` prints it."""
    unsafe = checking.unsafe(shown, ())
    stage(shown, pictures, whole=False)
    prints = print_documents(
        shown, lambda wanted: render_bodies(shown, unsafe, only=wanted), Desk(printers), folder, [entry], silent
    )
    for failed in prints.failed:
        _refuse(entry, failed)
    if entry.document.path not in prints.printed:
        text = N_("{id} cannot be handed out: no safe page can be made of {path}. `build.py check` says why.")
        raise CannotRun(text, id=entry.document.id, path=entry.document.path)
    return (folder / prints.printed[entry.document.path].name).read_bytes()


def _refuse(entry: Entry, outcome: object) -> None:
    if isinstance(outcome, Failed):
        reason = Phrase(outcome.why, **outcome.details)
        raise CannotRun(N_("{id} could not be printed: {reason}"), id=entry.document.id, reason=reason)
