"""What is to be printed, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from qmanual.language import Translator
from qmanual.records import Form


class CannotPrint(Exception):
    """Nothing can be printed at all, whatever the document: `text` of the catalogue, `details` for its places."""

    def __init__(self, text: str, **details: str) -> None:
        super().__init__(text)
        self.text, self.details = text, details


Relation: TypeAlias = Literal["Source", "Data", "Supplement"]


@dataclass(frozen=True, slots=True)
class Carried:
    """A file inside a PDF. `kind`: its media type; `what` it is, in words; `relation` to the document (ISO 19005-3)."""

    name: str
    data: bytes
    kind: str
    what: str
    modified: datetime
    relation: Relation = "Supplement"


@dataclass(frozen=True, slots=True)
class Job:
    """A page to print: the `name` of its file, the `id` of its document, its HTML from `render.print`.

    `control`: the document's control data for the file's metadata, name → value. `files` go into the PDF. `form`: the
    form that can be filled in on the page, whose places the HTML marks.
    """

    name: str
    id: str
    html: str
    control: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Carried, ...] = ()
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF that was written. `missing`: characters that no font could draw."""

    name: str
    id: str
    pages: int
    sha256: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that could not be printed, and why: a text of the catalogue with its details."""

    id: str
    why: str
    details: Mapping[str, str] = field(default_factory=dict)

    def reason(self, say: Translator) -> str:
        """Why, in the reader's language."""
        return say(self.why, **self.details)


Outcome: TypeAlias = Printed | Failed
