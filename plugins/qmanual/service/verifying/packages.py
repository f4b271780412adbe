"""A package that somebody sent: is each file the one that its list names, and do register, PDFs and proofs agree.

A package is the work of somebody unknown. What is wrong with its outside is told before anything in it is read.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from qmanual.control import package as packages
from qmanual.control.package import FORMAT, NAME, PDFS, Package
from qmanual.control.status import Status
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.parcel import Damage, Parcel, read_folder, reading_zip
from qmanual.service.verifying.claims import LARGEST, subject_of
from qmanual.service.verifying.packed import Listed, proof_lines
from qmanual.service.verifying.report import Group, Line, Mark, Report, fails, holds, in_order, unknown
from qmanual.service.verifying.seals import Belief, package_lines
from qmanual.workspace import LIMIT, CannotRun


def is_package(place: Path) -> bool:
    """Whether a file or folder is to be looked at as a package: every zip is, and a folder with our `package.json`, or
    with any and no manual beside it.
    """
    if place.is_file():
        return place.suffix.lower() == ".zip"
    listed = place / NAME
    if not listed.is_file() or not (place / "mkdocs.yml").is_file():
        return listed.is_file()
    with listed.open("rb") as file:
        return FORMAT.encode() in file.read(LARGEST)


def verify_package(place: Path, belief: Belief) -> Report:
    """Everything about a package, a folder or a zip. `belief`: on which day, and whom to trust about seals.

    Raises `CannotRun` when the disk gives it up.
    """
    subject = Phrase(N_("package {name}"), name=place.name)
    try:
        with nullcontext(read_folder(place)) if place.is_dir() else reading_zip(place) as parcel:
            return Report(subject=subject, lines=in_order(_lines(parcel, belief)))
    except OSError as error:
        raise CannotRun(N_("{path} cannot be read: {reason}"), path=str(place), reason=error.strerror or "") from error


def _lines(parcel: Parcel, belief: Belief) -> Iterator[Line]:
    for odd in parcel.odd:
        yield Line(group=Group.PACKAGE, mark=Mark.FAILS, text=odd.text, place=odd.place)
    if parcel.odd:
        yield unknown(Group.LIMITS, N_("everything in it: it was not opened"))
        return
    contents = _Contents(parcel)
    data = contents.read(NAME)
    if data is None:
        yield fails(Group.PACKAGE, N_("there is none: this is no package, or its list was taken away"), place=NAME)
        return
    found = packages.read(data)
    if found is None:
        yield fails(Group.PACKAGE, N_("it is not written as the program writes it: changed, or of another version"),
                    place=NAME)  # fmt: skip
        return
    yield from _about(found)
    yield from contents.compared(found)
    for path in parcel.litter:
        yield unknown(Group.PACKAGE, N_("a computer left it here; it is no part of the package"), place=path)
    rows = _rows(contents.read(packages.REGISTER))
    if rows is None:
        yield fails(Group.PACKAGE, N_("the register cannot be read"), place=packages.REGISTER)
        return
    yield from _print_lines(rows, found, contents)
    if not found.draft:
        yield from proof_lines(found, rows, contents.texts(), belief.today)
    seals, proven = package_lines(contents.prints(), belief)
    yield from seals
    yield from _limits(found, hashlib.sha256(data).hexdigest(), sealed=proven)


def _about(package: Package) -> Iterator[Line]:
    text = N_("it says: for {purpose}, by {company}, as of {day}")
    if package.since:
        text = N_("it says: for {purpose}, by {company}, as of {day}, only what changed since {since}")
    yield unknown(Group.PACKAGE, text, purpose=package.purpose, company=package.company or "—",
                  day=package.day.isoformat(), since=package.since)  # fmt: skip
    if package.draft:
        yield fails(Group.PACKAGE, N_("it is a draft: nothing in it was released. Do not work by it"))


@dataclass(frozen=True)
class _Contents:
    """What is read of a package. A file that cannot be read is as good as none, and told by `compared`."""

    parcel: Parcel

    def read(self, path: str, most: int = LARGEST) -> bytes | None:
        """A file's bytes; None for one that is not there, too large to be read at once, or damaged."""
        if self.parcel.sizes.get(path, most + 1) > most:
            return None
        try:
            with self.parcel.open(path) as file:
                return file.read(most + 1)
        except Damage:
            return None

    def texts(self) -> dict[str, bytes]:
        """The proofs, and who might sign: path → bytes."""
        wanted = (path for path in self.parcel.sizes if path.startswith(("approvals/", "releases/", "organization/")))
        return {path: data for path in wanted if (data := self.read(path, LIMIT)) is not None}

    def prints(self) -> Iterator[tuple[str, bytes]]:
        """The PDFs: path and bytes; those that are missing or damaged are told by `compared`."""
        for path in self.parcel.sizes:
            if path.startswith(PDFS) and (data := self.read(path)) is not None:
                yield path, data

    def digest(self, path: str) -> str:
        """A file's SHA-256, however large it is; empty where it is damaged."""
        try:
            with self.parcel.open(path) as file:
                digest = hashlib.sha256()
                while part := file.read(1024 * 1024):
                    digest.update(part)
                return digest.hexdigest()
        except Damage:
            return ""

    def compared(self, package: Package) -> Iterator[Line]:
        """Every file that is listed, and no other."""
        sizes, wrong = self.parcel.sizes, False
        listed = {one.path: one for one in package.files}
        for path, one in listed.items():
            if path not in sizes:
                wrong = True
                yield fails(Group.PACKAGE, N_("it is listed and missing"), place=path)
            elif sizes[path] != one.size or self.digest(path) != one.sha256:
                wrong = True
                yield fails(Group.PACKAGE, N_("its bytes are not those that the list names: changed or damaged"),
                            place=path)  # fmt: skip
        for path in sizes:
            if path not in listed and path != NAME:
                wrong = True
                yield fails(Group.PACKAGE, N_("it is not listed: somebody added it"), place=path)
        if len(listed) != len(package.files):
            wrong = True
            yield fails(Group.PACKAGE, N_("it lists a file twice"), place=NAME)
        if not wrong:
            text = N_("every file is there with the bytes that the list names, and no other ({count})")
            yield holds(Group.PACKAGE, text, place=NAME, count=str(len(listed)))


# -- register and PDFs -----------------------------------------------------------------------------------------------


def _rows(data: bytes | None) -> tuple[Listed, ...] | None:
    """The lines of `register.json`; None when it is no such file."""
    try:
        found: object = json.loads(data or b"")
    except (ValueError, RecursionError):
        return None
    rows = found.get("documents") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return tuple(_listed(row) for row in rows)


def _listed(row: Mapping[str, object]) -> Listed:
    def text(key: str) -> str:
        return str(row.get(key) or "")

    return Listed(id=text("id"), revision=text("revision"), digest=text("digest"), status=text("status"),
                  kind=text("kind"), pdf=text("pdf"), sha256=text("sha256"))  # fmt: skip


def _print_lines(rows: Sequence[Listed], package: Package, contents: _Contents) -> Iterator[Line]:
    """Each PDF is the one that the register lists, of a document in force, and says so of itself."""
    digests = {one.path: one.sha256 for one in package.files}
    printed = {f"{PDFS}{row.pdf}": row for row in rows if row.pdf}
    wrong: list[Line] = []
    for path, row in printed.items():
        if reason := _wrong(row, digests.get(path), package, contents.read(path)):
            wrong.append(fails(Group.PRINT, reason, place=path, id=row.id, revision=row.revision, document=row.id))
    for path in digests:
        if path.startswith(PDFS) and path not in printed:
            wrong.append(fails(Group.PRINT, N_("the register lists no such PDF"), place=path))
    for row in rows:
        if row.status == Status.EFFECTIVE and not row.pdf and not package.since and not package.draft:
            text = N_("{id} {revision} is in force, and its PDF is missing")
            wrong.append(fails(Group.PRINT, text, id=row.id, revision=row.revision, document=row.id))
    yield from wrong
    if printed and not wrong:
        text = N_("every PDF is the one that the register lists, and calls itself so ({count})")
        yield holds(Group.PRINT, text, count=str(len(printed)))


def _wrong(row: Listed, digest: str | None, package: Package, data: bytes | None) -> str:
    """What is wrong with a PDF, `digest`: as the package lists it; empty: nothing."""
    if digest is None:
        return N_("the register lists it, and the package does not: {id} {revision}")
    if digest != row.sha256:
        return N_("its bytes are not those that the register names for {id} {revision}")
    if not package.draft and row.status != Status.EFFECTIVE:
        return N_("{id} {revision} is here, but by the register not in force")
    if subject_of(data or b"") != f"{row.id} {row.revision}".strip():
        return N_("it does not call itself {id} {revision}")
    return ""


def _limits(package: Package, digest: str, *, sealed: bool) -> Iterator[Line]:
    text = N_("whether this package is the one that was sent: SHA-256 of package.json {digest}; compare it with the "
              "one that the sender told you in another way")  # fmt: skip
    yield unknown(Group.LIMITS, text, digest=digest)
    if package.draft:
        return
    for text in (
        N_("what was released after {day}"),
        N_("whose keys these are, and when the releases were set: the package says so itself; the company's own "
           "repository proves it"),
    ):  # fmt: skip
        yield unknown(Group.LIMITS, text, day=package.day.isoformat())
    if not sealed:
        text = N_("whether the pages of a PDF show just the text that was approved: the register says so, and is not "
                  "signed; an electronic seal on the PDF would prove it")  # fmt: skip
        yield unknown(Group.LIMITS, text)
