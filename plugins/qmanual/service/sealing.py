"""Seals the PDFs of a run, last of all: what is printed and kept for later runs has no seal.

A signature is never the same twice, and a PDF that was handed out must still be known after the next run. So a sealed
PDF in the folder stays when it is the seal that would be set now over the very bytes that were printed now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from qmanual.control.status import Status
from qmanual.language import N_, Translator
from qmanual.model.seal import Level, Seal
from qmanual.pdf import Printed, Progress
from qmanual.seal import Appearance, Standing, Trouble
from qmanual.service.building import Prints
from qmanual.signer import ask as ask_authority
from qmanual.signing import Refused
from qmanual.whole import write_whole
from qmanual.workspace import CannotRun

if TYPE_CHECKING:
    from qmanual.seal.key import Ask, Key
    from qmanual.seal.trust import Trust
    from qmanual.service.publication import Publication

SEALED = frozenset({Status.EFFECTIVE, Status.APPROVED})
"""What a company answers for with its seal: what is in force, and what will be. No draft, nothing void."""

LARGEST = 2 * 1024 * 1024
"""As long may a file be that the settings name, in bytes."""

REFUSED: Mapping[Standing, str] = {
    Standing.EXPIRED: N_("The certificate of the seal ({name}) expired on {day}. Have it renewed by its issuer."),
    Standing.NOT_YET: N_("The certificate of the seal ({name}) is valid only from {day}. Is the clock right?"),
    Standing.REVOKED: N_("The certificate of the seal ({name}) was revoked on {day}. Have a new one issued."),
    Standing.USAGE: N_("The certificate of the seal ({name}) is not for signing documents. Have one issued for "
                       "digital signature or non-repudiation."),
    Standing.UNKNOWN: N_("The certificate of the seal ({name}) leads to none of the roots in seal.trust. Export the "
                         "key file with its whole chain, or put the issuer's certificates into seal.trust."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sealing: the PDFs, those sealed now, those whose seal stayed, those where none could be seen."""

    prints: Prints
    sealed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sealing:
    """The seal of a manual at a moment: its settings, whom it trusts, and its key once it was asked for."""

    seal: Seal
    root: Path
    company: str
    say: Translator
    moment: datetime
    key: "Key | None" = None

    @cached_property
    def trust(self) -> "Trust":
        """The roots and the revocation lists of the settings."""
        return trust_of(self.seal, self.root)

    @cached_property
    def look(self) -> Appearance:
        """How the seal is seen."""
        seal, day = self.seal, self.moment.astimezone().date().isoformat()
        words = self.say(N_("Electronic seal of {company}"), company=self.company)
        picture = _read(self.root, seal.picture) if seal.picture else b""
        line = seal.text or self.say(N_("Controlled documents"))
        reason = seal.reason or self.say(N_("Issued as a controlled document"))
        return Appearance(place=seal.place, shape=seal.shape, size=seal.size, company=self.company, line=line, day=day,
                          words=words, reason=reason, picture=picture)  # fmt: skip

    def opened(self, ask: "Ask") -> "Sealing":
        """The same with its key, which is good for sealing now. Raises `CannotRun`."""
        from qmanual.seal.key import open_key
        from qmanual.seal.trust import judged

        try:
            key = open_key(self.seal, self.root, self.trust, ask)
        except Refused as error:
            raise CannotRun(error.text, **error.details) from None
        found = judged(key.certificate, self.trust, self.moment, key.others)
        if text := REFUSED.get(found.standing):
            raise CannotRun(text, name=key.holder, day=day_of(found))
        return replace(self, key=key)


def sealing_of(manual: "Publication", moment: datetime, *, wanted: bool) -> Sealing | None:
    """The seal of what is shown; None where no settings name one. `wanted`: seals were asked for, and cannot lack.

    Raises `CannotRun`.
    """
    seal = manual.manual.register.settings.seal
    if wanted and (seal is None or not seal.usable):
        raise CannotRun(N_("The settings name no seal. Write seal: with key: or module: into mkdocs.yml; "
                           "docs/sealing.md shows how."))  # fmt: skip
    if wanted and manual.draft:
        raise CannotRun(N_("A draft is not sealed. Release it first: build.py release NAME"))
    if seal is None or manual.draft:
        return None
    if wanted and not seal.sound:
        raise CannotRun(N_("The settings of the seal have mistakes. `build.py check` shows them."))
    return Sealing(seal, manual.manual.root, manual.company, Translator(manual.language), moment)


def seal_prints(prints: Prints, manual: "Publication", sealing: Sealing, before: Path, progress: Progress) -> Outcome:
    """Seal the PDFs in their folder. `before`: the folder of the run before, whose seals stay where they still fit.

    Without a key nothing is sealed, and what is sealed already stays. Raises `CannotRun`; then some may be sealed.
    """
    status = {entry.document.path: entry.status for entry in manual.edition.entries}
    due = {path: one for path, one in prints.printed.items() if status.get(path) in SEALED}
    done, outcome = dict(prints.printed), Outcome(prints)
    for count, (path, printed) in enumerate(due.items(), 1):
        place = prints.folder / printed.name
        data = place.read_bytes()
        old = _kept(data, before / printed.name, sealing)
        if old is None and sealing.key is None:
            continue
        if old is not None:
            fresh, outcome = old, replace(outcome, kept=(*outcome.kept, printed.id))
        else:
            fresh, seen = sealed(data, sealing)
            unseen = () if seen or not sealing.look.place.seen else (printed.id,)
            outcome = replace(outcome, sealed=(*outcome.sealed, printed.id), unseen=(*outcome.unseen, *unseen))
        write_whole(place, fresh)  # never into the file itself, which may be the kept one under another name
        done[path] = _with(printed, fresh)
        progress(count, len(due), count / len(due))
    return replace(outcome, prints=replace(prints, printed=done))


def _with(printed: Printed, data: bytes) -> Printed:
    return replace(printed, sha256=sha256(data).hexdigest())


def sealed(data: bytes, sealing: Sealing) -> tuple[bytes, bool]:
    """A PDF with its seal, examined before anybody gets it; and whether the seal is seen. Raises `CannotRun`."""
    from qmanual.seal.examining import examined
    from qmanual.seal.signing import sealed as seal_it

    assert sealing.key is not None
    seal = sealing.seal

    def post(asked: bytes) -> bytes:
        return ask_authority(seal.tsa, asked)

    try:
        done, seen = seal_it(data, sealing.key, seal.level, sealing.look, sealing.trust, sealing.moment, post)
        found = examined(done, sealing.trust, datetime.now(sealing.moment.tzinfo))
    except Refused as error:
        raise CannotRun(error.text, **error.details) from None
    good = len(found) == 1 and found[0].intact and found[0].whole and found[0].stamp_intact
    if not good or found[0].level is not seal.level:
        raise CannotRun(N_("The seal that was set does not verify; nothing was written. Do key and certificate belong "
                           "together?"))  # fmt: skip
    if seal.level is not Level.BASIC and sealing.trust.roots and _strange(found[0].stamp):
        raise CannotRun(N_("The time stamps of {url} lead to none of the roots in seal.trust. Put the certificates of "
                           "the time stamp authority there."), url=seal.tsa)  # fmt: skip
    return done, seen


def _strange(stamp: Trouble | None) -> bool:
    return stamp is None or stamp.standing is not Standing.TRUSTED


def _kept(data: bytes, place: Path, sealing: Sealing) -> bytes | None:
    """The sealed PDF of an earlier run, where its seal is over these bytes and is the one that would be set now."""
    from qmanual.seal.examining import examined
    from qmanual.seal.signing import look_of

    try:
        old = place.read_bytes()
        if len(old) <= len(data) or not old.startswith(data):
            return None
        found = examined(old, sealing.trust, sealing.moment)
    except (OSError, Refused):
        return None
    if len(found) != 1 or not (found[0].intact and found[0].whole and found[0].closed and found[0].stamp_intact):
        return None
    one, key = found[0], sealing.key
    ours = key is not None and one.fingerprint == sha256(key.certificate.dump()).hexdigest()
    good = one.certificate.standing is Standing.TRUSTED if sealing.trust.roots else ours
    fits = one.level is sealing.seal.level and one.look == look_of(sealing.look, sealing.seal.level)
    return old if good and fits and (ours or key is None) else None


# -- files that the settings name ----------------------------------------------------------------------------------


def trust_of(seal: Seal, root: Path) -> "Trust":
    """The roots, links and revocation lists in the files that the settings name. Raises `CannotRun`."""
    from qmanual.seal.trust import read_trust

    try:
        return read_trust(dict(_files(root, seal.trust)), dict(_files(root, seal.revoked)))
    except Refused as error:
        raise CannotRun(error.text, **error.details) from None


def day_of(trouble: Trouble) -> str:
    """The day of a certificate's trouble, as people here count days."""
    return trouble.day.astimezone().date().isoformat() if trouble.day else "—"


def _files(root: Path, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        yield name, _read(root, name)


def _read(root: Path, name: str) -> bytes:
    place = root / name
    try:
        if place.resolve().is_relative_to(root.resolve()) and place.stat().st_size <= LARGEST:
            return place.read_bytes()
    except OSError as error:
        raise CannotRun(N_("{path} cannot be read: {reason}"), path=name, reason=error.strerror or "") from error
    raise CannotRun(N_("{path}, which the settings of the seal name, is larger than 2 MB or leads out of the manual."),
                    path=name)  # fmt: skip
