"""The electronic seals of a PDF: whether its bytes are the sealed ones, whose seal it is, and since when it stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.manual import SETTINGS
from qmanual.model.seal import Seal
from qmanual.parse.settings import read_settings
from qmanual.seal import Examined, Standing, Trouble
from qmanual.service.sealing import day_of, trust_of
from qmanual.service.verifying.report import Group, Line, Mark, fails, holds, unknown
from qmanual.signing import Refused
from qmanual.workspace import LIMIT, CannotRun, decode

if TYPE_CHECKING:
    from qmanual.seal.trust import Trust

_WRONG = {
    Standing.EXPIRED: N_("the certificate expired on {day}, and no time stamp proves that the seal is older"),
    Standing.NOT_YET: N_("the certificate is valid only from {day}"),
    Standing.REVOKED: N_("the certificate was revoked on {day}, and the seal is not proven to be older"),
    Standing.USAGE: N_("the certificate is not for signing documents"),
    Standing.UNKNOWN: N_("the certificate leads to none of the trusted roots: anybody can make one with this name"),
}


@dataclass(frozen=True)
class Belief:
    """Whom to believe about seals, on a day: the settings of a manual (None: there are none) and what lies at `root`,
    and the certificate files that the person who verifies names beside them: then a seal under one has to be there.
    """

    seal: Seal | None
    root: Path
    today: date
    named: tuple[Path, ...] = ()

    @cached_property
    def trust(self) -> "Trust":
        """The roots, links and revocation lists. Raises `CannotRun` for a file that holds none."""
        from qmanual.seal.trust import Trust, read_trust

        known = trust_of(self.seal, self.root) if self.seal else Trust()
        try:
            more = read_trust({str(path): _content(path) for path in self.named}, {})
        except Refused as error:
            raise CannotRun(error.text, **error.details) from None
        return Trust((*known.roots, *more.roots), (*known.links, *more.links), known.revoked)

    def check(self) -> None:
        """Raise `CannotRun` for a named file that holds no certificate, whether or not a seal asks for it."""
        if self.named:
            _ = self.trust

    @property
    def files(self) -> str:
        """The names of the files that say whom to trust, for people."""
        return "、".join((*(self.seal.trust if self.seal else ()), *map(str, self.named)))

    @property
    def moment(self) -> datetime:
        """The end of the day."""
        return datetime.combine(self.today, time.max).astimezone(UTC)


def belief_at(root: Path, today: date, named: Sequence[Path] = ()) -> Belief:
    """What the settings in a folder say, where it holds a manual: a package is verified also where there is none."""
    try:
        with (root / SETTINGS).open("rb") as file:
            source = decode(SETTINGS, file.read(LIMIT))
    except OSError:
        source = None
    return Belief(read_settings(source).seal, root, today, tuple(named))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LIMIT)
    except OSError as error:
        raise CannotRun(N_("{path} cannot be read: {reason}"), path=str(path), reason=error.strerror or "") from error


def seal_lines(data: bytes, belief: Belief) -> Iterator[Line]:
    """What can be said of the seals in a PDF; nothing where there is none and none is to be expected."""
    from qmanual.seal.examining import bears_seal

    belief.check()
    if not bears_seal(data):
        if belief.named:
            yield fails(Group.SEAL, N_("it bears no seal, and it is to be sealed: --trust names under which root"))
        elif belief.seal and belief.seal.build:
            yield fails(Group.SEAL, N_("it bears no seal; the settings say that every PDF in force is sealed"))
        elif belief.seal:
            yield unknown(Group.SEAL, N_("it bears no seal"))
        return
    yield from _found(data, belief)
    yield from _source(belief)


def package_lines(prints: Iterable[tuple[str, bytes]], belief: Belief) -> tuple[tuple[Line, ...], bool]:
    """The seals of all PDFs of a package, given as path and bytes: what fails, each with its place, the rest counted.

    And whether they prove of every PDF that the company issued it just so.
    """
    from qmanual.seal.examining import bears_seal

    belief.check()
    bare, sealed, wrong, rest = [], 0, list[Line](), list[Line]()
    for path, data in prints:
        if not bears_seal(data):
            bare.append(path)
            continue
        sealed += 1
        for line in _found(data, belief):
            if line.mark is Mark.FAILS:
                wrong.append(replace(line, place=path))
            else:
                rest.append(line)
    if bare and (sealed or belief.named):
        text = N_("of the PDFs {count} bear no seal: {names}")
        names = ", ".join(bare[:_NAMED]) + (" …" if len(bare) > _NAMED else "")
        lacking = fails if belief.named else unknown
        (wrong if belief.named else rest).append(lacking(Group.SEAL, text, count=str(len(bare)), names=names))
    if not sealed:
        return tuple(wrong), False
    return (*wrong, *_counted(rest), *_source(belief)), bool(belief.trust.roots) and not bare and not wrong


_NAMED = 10
"""As many PDFs without a seal are named."""


def _counted(lines: Iterable[Line]) -> Iterator[Line]:
    """Lines that say the same of several PDFs once, with their number, and with the latest moment that they name."""
    found: dict[object, list[Line]] = {}
    for line in lines:
        details = {key: value for key, value in line.text.details.items() if key != "moment"}
        found.setdefault((line.mark, str(line.text), *sorted(details.items())), []).append(line)
    for same in found.values():
        what = max((line.text for line in same), key=lambda text: text.details.get("moment", ""))
        if len(same) == 1:
            yield same[0]
        else:
            text = N_("{count} PDFs: {what}")
            yield replace(same[0], text=Phrase(text, count=str(len(same)), what=what))


def _source(belief: Belief) -> Iterator[Line]:
    if belief.trust.roots:
        yield unknown(Group.LIMITS, N_("whom to trust is taken from {files}, as they lie here"), files=belief.files)


def _found(data: bytes, belief: Belief) -> Iterator[Line]:
    """About each seal in a PDF that holds one, or what is left of one."""
    from qmanual.seal.examining import examined

    try:
        found = examined(data, belief.trust, belief.moment)
    except Refused as error:
        yield fails(Group.SEAL, error.text, **error.details)
        return
    if not found:
        yield fails(Group.SEAL, N_("it holds the remains of a signature, but no seal"))
    for one in found:
        yield from _bytes(one)
        if one.intact:
            yield from _certificate(one.certificate)
            yield from _time(one)


def _bytes(one: Examined) -> Iterator[Line]:
    who = f"{one.signer}（{one.organization}）" if one.organization else one.signer
    if not one.intact:
        yield fails(Group.SEAL, N_("the bytes are not those that {who} sealed: they were changed, or the seal is that "
                                   "of another file"), who=who)  # fmt: skip
        return
    yield holds(Group.SEAL, N_("sealed by {who}, level {level}; the sealed bytes are unchanged"), who=who,
                level=one.level.value)  # fmt: skip
    if one.whole:
        yield holds(Group.SEAL, N_("the seal covers the file to its end"))
    else:
        yield fails(Group.SEAL, N_("something was added to the file after it was sealed"))
    if not one.closed:
        yield unknown(Group.SEAL, N_("the seal allows additions; those of this program do not"))


def _certificate(found: Trouble) -> Iterator[Line]:
    if text := _WRONG.get(found.standing):
        yield fails(Group.SEAL, text, day=day_of(found))
    elif found.standing is Standing.UNPROVEN:
        yield unknown(Group.SEAL, N_("whose certificate it is: neither seal.trust in the settings nor --trust FILE "
                                     "names a root to trust"))  # fmt: skip
    else:
        yield holds(Group.SEAL, N_("the certificate leads to a trusted root and was valid at that time"))
        if found.asked:
            yield holds(Group.SEAL, N_("the certificate was not revoked"))
        else:
            yield unknown(Group.SEAL, N_("whether the certificate was revoked: there is no current list to ask "
                                         "(seal.revoked)"))  # fmt: skip


def _time(one: Examined) -> Iterator[Line]:
    if one.stamped is None or one.stamp is None:
        yield unknown(Group.SEAL, N_("when it was sealed: {moment} by the clock of the sealing computer; no time stamp "
                                     "proves it"), moment=_spoken(one.claimed))  # fmt: skip
    elif not one.stamp_intact:
        yield fails(Group.SEAL, N_("the time stamp does not belong to this seal"))
    elif one.stamp.standing is Standing.TRUSTED:
        yield holds(Group.SEAL, N_("a time stamp proves that it was sealed by {moment}"), moment=_spoken(one.stamped))
    elif one.stamp.standing is Standing.UNPROVEN:
        yield unknown(Group.SEAL, N_("when it was sealed: {moment} by a time stamp whose authority nobody here vouches "
                                     "for"), moment=_spoken(one.stamped))  # fmt: skip
    else:
        yield fails(Group.SEAL, N_("the time stamp is of an authority that leads to none of the trusted roots, or "
                                   "whose certificate is not valid"))  # fmt: skip


def _spoken(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") if moment else "—"
