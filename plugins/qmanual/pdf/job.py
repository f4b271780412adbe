"""What is to be printed, and what came of it."""

from dataclasses import dataclass
from typing import TypeAlias


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
    """A document that could not be printed, and why."""

    id: str
    reason: str


Outcome: TypeAlias = Printed | Failed
