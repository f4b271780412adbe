"""What a company decides about the look of its prints: the look, logo, colours, fonts, running fields, cover, stamp."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qmanual.model.value import Text
from qmanual.source import Span


class Look(StrEnum):
    """The looks that ship."""

    STANDARD = "standard"
    PLAIN = "plain"
    ENGLISH = "english"


class Cover(StrEnum):
    """Where a document's control data and signatures stand: a page of their own, the head of the text, its end."""

    PAGE = "page"
    HEAD = "head"
    END = "end"


class Field(StrEnum):
    """What a running header or footer can tell."""

    LOGO = "logo"
    COMPANY = "company"
    TITLE = "title"
    KIND = "kind"
    NUMBER = "number"
    REVISION = "revision"
    STATUS = "status"
    EFFECTIVE = "effective"
    OWNER = "owner"
    RELEASE = "release"
    DIGEST = "digest"
    RETENTION = "retention"
    CONFIDENTIALITY = "confidentiality"
    VALID = "valid"
    COPY = "copy"
    PAGE = "page"
    PAGES = "pages"


class Slot(StrEnum):
    """The three places of a running header or footer."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


class Weight(StrEnum):
    """The fonts of a print."""

    REGULAR = "regular"
    BOLD = "bold"
    HEADING = "heading"


INK, PAPER = "#111111", "#ffffff"
"""The colours of text and page."""
CONTRAST = 4.5
"""The least contrast at which text of this size can be read (WCAG 2.1, 1.4.3)."""

Running = Mapping[Slot, tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour `#rrggbb` and where it was written."""

    value: str
    span: Span

    def contrast(self, other: str) -> float:
        """The contrast with another colour, from 1 to 21 (WCAG 2.1, "contrast ratio")."""
        one, two = sorted((_luminance(self.value), _luminance(other)))
        return (two + 0.05) / (one + 0.05)


def _luminance(value: str) -> float:
    parts = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """The settings `branding:`. Paths begin at the manual's root.

    `cover`, `header`, `footer`: None where the look decides. `stamp`: the word for a text in force. `valid_days`: how
    long a print may be used; `uncontrolled`: prints are no controlled copies. `templates`: the folder of the company's
    own templates.
    """

    look: Look = Look.STANDARD
    logo: Text | None = None
    accent: Colour | None = None
    head: Colour | None = None
    fonts: Mapping[Weight, Text] = field(default_factory=dict)
    header: Running | None = None
    footer: Running | None = None
    confidentiality: str = ""
    cover: Cover | None = None
    stamp: str = ""
    qr: bool = True
    uncontrolled: bool = False
    valid_days: int | None = None
    templates: Text | None = None

    @property
    def files(self) -> tuple[Text, ...]:
        """The files that it names."""
        return tuple(text for text in (self.logo, *self.fonts.values()) if text)
