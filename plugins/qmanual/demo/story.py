"""The story as values: who does what, when. It is written in `story.toml`, which ships with the program."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib import resources
from typing import Any

from qmanual.control.copies import Act, Medium
from qmanual.model import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What stands in a file, exactly once, and what takes its place."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs with a test key. `word` makes the private half; `public` is the other, as in a `.pub` file."""

    name: str
    word: str
    public: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Files changed by hand and committed. `keys_since`: everybody's key is registered, to count from that day."""

    time: datetime
    by: str
    message: str
    edits: tuple[Pair, ...] = ()
    keys_since: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revise:
    """A new revision of a document, and the change of its text."""

    time: datetime
    by: str
    id: str
    summary: str
    edits: tuple[Pair, ...]
    effective: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """Somebody signs documents; with his key where `key` says so."""

    time: datetime
    by: str
    meaning: Meaning
    ids: tuple[str, ...]
    key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """A document leaves the system on a `day`."""

    time: datetime
    by: str
    id: str
    reason: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A release; its tag is signed where `key` says so."""

    time: datetime
    by: str
    name: str
    key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """Numbered copies of a document for each department concerned that has none: on paper, or as a `file`."""

    time: datetime
    by: str
    id: str
    medium: Medium


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """Copies of a document came back, or what else became of them; `reason` may be empty."""

    time: datetime
    by: str
    id: str
    numbers: tuple[str, ...]
    act: Act
    reason: str = ""


Step = Write | Revise | Sign | Withdraw | Issue | HandOut | TakeBack


@dataclass(frozen=True, kw_only=True)
class Story:
    """The whole. `weeks`: how much earlier the sample's own dates lie; `earlier`: path → by how much more.

    `before`: what the sample's texts say otherwise at the beginning. `end`: the day on which it is looked at.
    """

    end: date
    weeks: int
    earlier: dict[str, int]
    before: tuple[Pair, ...]
    people: tuple[Person, ...]
    steps: tuple[Step, ...]

    @cached_property
    def by_name(self) -> dict[str, Person]:
        return {person.name: person for person in self.people}

    @property
    def paths(self) -> frozenset[str]:
        """The files that the story knows: without them there is nothing to tell."""
        pairs = [pair for step in self.steps if isinstance(step, Write | Revise) for pair in step.edits]
        return frozenset({pair.path for pair in (*self.before, *pairs)} | self.earlier.keys())


def read_story() -> Story:
    """The story as it ships with the program."""
    found = tomllib.loads(resources.files(__package__).joinpath("story.toml").read_text(encoding="utf-8"))
    return Story(
        end=found["end"],
        weeks=found["weeks"],
        earlier={one["path"]: one["weeks"] for one in found["earlier"]},
        before=_pairs(found["before"]),
        people=tuple(Person(**one) for one in found["person"]),
        steps=tuple(_step(one) for one in found["step"]),
    )


def _step(found: dict[str, Any]) -> Step:
    kind, rest = found["do"], {key: value for key, value in found.items() if key != "do"}
    if "edits" in rest:
        rest["edits"] = _pairs(rest["edits"])
    match kind:
        case "write":
            return Write(**rest)
        case "revise":
            return Revise(**rest)
        case "sign":
            return Sign(**{**rest, "meaning": Meaning(rest["meaning"]), "ids": tuple(rest["ids"])})
        case "withdraw":
            return Withdraw(**rest)
        case "release":
            return Issue(**rest)
        case "hand out":
            return HandOut(**{**rest, "medium": Medium(rest["medium"])})
        case "take back":
            return TakeBack(**{**rest, "act": Act(rest["act"]), "numbers": tuple(rest["numbers"])})
    raise ValueError(kind)


def _pairs(found: list[dict[str, str]]) -> tuple[Pair, ...]:
    return tuple(Pair(**one) for one in found)
