"""What goes into a seal and what is found in one, free of the library that makes and reads them."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from qmanual.model.seal import Level, Place, Shape

FIELD = "QManual_Seal"
TIME = "QManual_Time"
"""The names of the signature field of a seal, and of the one of an archive time stamp."""


class Standing(Enum):
    """What a certificate is worth at a moment."""

    TRUSTED = "trusted"
    UNKNOWN = "leads to no root that is trusted"
    EXPIRED = "expired"
    NOT_YET = "not yet valid"
    REVOKED = "revoked"
    USAGE = "not for signing"
    UNPROVEN = "no roots are named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A certificate's standing, since or until when, and whether a revocation list was there to ask."""

    standing: Standing
    day: datetime | None = None
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """How a seal is seen: the company along its edge, a line and the day in it, or a picture (its bytes).

    `size` across in mm; `words` for readers who do not see it; `reason` of the signature.
    """

    place: Place
    shape: Shape
    size: float
    company: str
    line: str
    day: str
    words: str
    reason: str
    picture: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A seal in a PDF.

    `intact`: the bytes that it covers are those that were sealed. `whole`: it covers the file to its end, or what
    follows only adds proof (revocation lists, time stamps). `closed`: it allows no later change. `claimed`: when, by
    the sealing computer's clock; `stamped`: by a time stamp, None without one; `stamp` is its authority's standing.
    `look` names what the seal was made with, but not its day: see `signing.look_of`.
    """

    signer: str
    organization: str
    intact: bool
    whole: bool
    closed: bool
    claimed: datetime | None
    stamped: datetime | None
    stamp: Trouble | None
    stamp_intact: bool
    level: Level
    certificate: Trouble
    fingerprint: str
    look: str
    reason: str
