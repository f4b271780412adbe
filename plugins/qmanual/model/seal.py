"""What a company decides about its electronic seal: which key, how far it proves, where it is seen, whom to trust."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How far a signature proves by itself (ETSI EN 319 142-1): who; since when as well; and for the long run."""

    BASIC = "B-B"
    STAMPED = "B-T"
    ARCHIVED = "B-LTA"


class Place(StrEnum):
    """Where the seal is seen."""

    FIRST = "first"
    LAST = "last"
    NONE = "none"

    @property
    def seen(self) -> bool:
        """Whether it is to be seen at all."""
        return self is not Place.NONE


class Shape(StrEnum):
    """How the seal looks."""

    ROUND = "round"
    RECTANGLE = "rectangle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The settings `seal:`. The key is a PKCS#12 file, `key`, or lies on a token: PKCS#11 `module` and `label`.

    `text`, `picture`, `size` (across, in mm) and `shape` are the look. `trust` and `revoked`: files of certificates and
    of revocation lists. `build`: the whole build seals as well. `sound`: the settings could be read without a fault.
    """

    key: str = ""
    module: str = ""
    token: str = ""
    slot: int | None = None
    label: str = ""
    level: Level = Level.BASIC
    tsa: str = ""
    place: Place = Place.FIRST
    shape: Shape = Shape.ROUND
    size: float = 36
    text: str = ""
    picture: str = ""
    reason: str = ""
    trust: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    build: bool = False
    sound: bool = True

    @property
    def usable(self) -> bool:
        """Whether they name a key to seal with."""
        return bool(self.key or self.module)
