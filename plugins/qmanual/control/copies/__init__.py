"""Controlled copies: who holds a numbered print of which text, and whether it came back (ISO 9001 7.5.3.2 a, c).

`copies.yml` at the manual's root tells it as events, one a line, and only ever grows: what was handed out cannot be
made not to have been. A copy is never typed, it is what its events say.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from qmanual.finding import Fault
from qmanual.language import N_
from qmanual.source import Span

PATH = "copies.yml"
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


class Act(StrEnum):
    """What happened to a copy."""

    ISSUED = "issued"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


class Medium(StrEnum):
    """What a holder got."""

    PAPER = "paper"
    FILE = "file"


ACT_NAMES = {
    Act.ISSUED: N_("in use"), Act.RETURNED: N_("returned"), Act.DESTROYED: N_("destroyed"), Act.LOST: N_("lost"),
}  # fmt: skip
"""How a copy stands after each."""

MEDIUM_NAMES = {Medium.PAPER: N_("on paper"), Medium.FILE: N_("as a file")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A line of the register. `digest` is `Document.digest`, `sha256` that of the copy's PDF; `by`: who wrote it down.

    `holder`, `medium` and `digest` are said when a copy is issued, `reason` when it ends. `places`: key → where its
    value stands, for findings; two events that say the same are equal wherever they stand.
    """

    act: Act
    document: str
    revision: str
    number: str
    on: date
    by: str
    sha256: str
    holder: str = ""
    medium: Medium = Medium.PAPER
    digest: str = ""
    reason: str = ""
    places: Mapping[str, Span] = field(default_factory=dict, compare=False)

    def at(self, key: str) -> Span:
        """Where a value stands."""
        return self.places.get(key, Span(PATH))


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy: how it was issued, and how it ended (None: somebody holds it)."""

    issued: Event
    ended: Event | None = None

    @property
    def open(self) -> bool:
        """Whether somebody holds it."""
        return self.ended is None

    @property
    def act(self) -> Act:
        """What happened to it last."""
        return self.ended.act if self.ended else Act.ISSUED


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The register of copies as read: its events in order, and the lines that could not be read.

    `present`: whether there is such a file.
    """

    events: tuple[Event, ...] = ()
    faults: tuple[Fault, ...] = ()
    present: bool = False

    def until(self, day: date) -> "Ledger":
        """What was recorded of the time up to a day."""
        return replace(self, events=tuple(event for event in self.events if event.on <= day))

    @cached_property
    def _told(self) -> "_Told":
        return _told(self.events)

    @property
    def copies(self) -> tuple[Copy, ...]:
        """Every copy that was ever issued, in the order in which they were."""
        return self._told.copies

    @property
    def strays(self) -> tuple[Event, ...]:
        """The events that end a copy which was never issued, or had ended before."""
        return self._told.strays

    @property
    def doubles(self) -> tuple[tuple[Event, Event], ...]:
        """The copies that bear the number of another of the same document, both out: the later one, the other."""
        return self._told.doubles

    @cached_property
    def by_document(self) -> Mapping[str, tuple[Copy, ...]]:
        """Document number → its copies, in the order in which they were issued."""
        found: dict[str, list[Copy]] = {}
        for copy in self.copies:
            found.setdefault(copy.issued.document, []).append(copy)
        return {number: tuple(copies) for number, copies in found.items()}

    @cached_property
    def by_sha256(self) -> Mapping[str, Copy]:
        """SHA-256 of a PDF → the copy, the last one where there are several."""
        return {copy.issued.sha256: copy for copy in self.copies}

    def held(self, document: str, number: str) -> tuple[Copy, ...]:
        """The copies of that number that somebody holds; several only where two people gave it at the same time."""
        wanted = alike(number)
        return tuple(
            one for one in self.by_document.get(document, ()) if one.open and alike(one.issued.number) == wanted
        )


def alike(number: str) -> str:
    """Equal for numbers that a person takes for the same: `003` and `3`, `a-1` and `A-1`, signs in full width."""
    return _ZEROS.sub("", unicodedata.normalize("NFKC", number).casefold())


@dataclass(frozen=True, slots=True)
class _Told:
    copies: tuple[Copy, ...]
    strays: tuple[Event, ...]
    doubles: tuple[tuple[Event, Event], ...]


def _told(events: Iterable[Event]) -> _Told:
    copies: list[Copy] = []
    out: dict[tuple[str, str], list[int]] = {}
    strays: list[Event] = []
    for event in events:
        held = out.setdefault((event.document, alike(event.number)), [])
        if event.act is Act.ISSUED:
            held.append(len(copies))
            copies.append(Copy(event))
            continue
        at = next((at for at in held if _same(copies[at].issued, event)), None)
        if at is None:
            strays.append(event)
        else:
            held.remove(at)
            copies[at] = Copy(copies[at].issued, event)
    doubles = sorted(pair for held in out.values() for pair in pairwise(held))
    both = tuple((copies[late].issued, copies[early].issued) for early, late in doubles)
    return _Told(tuple(copies), tuple(strays), both)


def _same(issued: Event, ended: Event) -> bool:
    return (issued.revision, issued.sha256) == (ended.revision, ended.sha256)
