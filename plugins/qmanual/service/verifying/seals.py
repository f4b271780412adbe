"""The electronic seals of a PDF: whether its bytes are the sealed ones, whose seal it is, and since when it stands."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from qmanual.language import N_
from qmanual.seal import Examined, Standing, Trouble
from qmanual.service.sealing import day_of, trust_files, trust_of
from qmanual.service.verifying.report import Group, Line, fails, holds, unknown
from qmanual.signing import Refused

if TYPE_CHECKING:
    from qmanual.service.loading import Manual

_WRONG = {
    Standing.EXPIRED: N_("the certificate expired on {day}, and no time stamp proves that the seal is older"),
    Standing.NOT_YET: N_("the certificate is valid only from {day}"),
    Standing.REVOKED: N_("the certificate was revoked on {day}, and the seal is not proven to be older"),
    Standing.USAGE: N_("the certificate is not for signing documents"),
    Standing.UNKNOWN: N_("the certificate leads to none of the trusted roots: anybody can make one with this name"),
}


def seal_lines(data: bytes, manual: "Manual") -> Iterator[Line]:
    """What can be said of the seals in a PDF; nothing where there is none and none is to be expected."""
    from qmanual.seal.examining import bears_seal, examined
    from qmanual.seal.trust import Trust

    seal = manual.register.settings.seal
    if not bears_seal(data):
        if seal and seal.build:
            yield fails(Group.SEAL, N_("it bears no seal; the settings say that every PDF in force is sealed"))
        elif seal:
            yield unknown(Group.SEAL, N_("it bears no seal"))
        return
    trust = trust_of(seal, manual.root) if seal else Trust()
    moment = datetime.combine(manual.today, time.max).astimezone(UTC)
    try:
        found = examined(data, trust, moment)
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
    if trust.roots:
        yield unknown(Group.LIMITS, N_("whom to trust is taken from {files}, as they lie here"),
                      files=trust_files(manual))  # fmt: skip


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
        yield unknown(Group.SEAL, N_("whose certificate it is: the settings name no roots to trust (seal.trust)"))
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
