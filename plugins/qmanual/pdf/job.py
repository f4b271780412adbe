"""What is to be printed, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from qmanual.language import Translator


@dataclass(frozen=True, slots=True)
class Job:
    """A page to print: the `name` of its file, the `id` of its document, its HTML from `render.print`."""

    name: str
    id: str
    html: str


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
