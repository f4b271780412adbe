"""The values with which statements are judged: what is known, what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import takewhile

from qmanual.control.judging.demand import Demand
from qmanual.control.statement import Statement
from qmanual.finding import Fault, Phrase
from qmanual.model import Meaning, Organization
from qmanual.signing import PublicKey
from qmanual.source import Span

FAST = timedelta(minutes=10)
"""By how much a signer's clock may be fast."""


class Ground(Enum):
    """What can be wrong with a statement."""

    UNREADABLE = "unreadable"
    STRAY = "stray"
    SIGNATURE = "signature"
    KEY = "key"
    CHAIN = "chain"
    TEXT = "text"
    RIGHT = "right"
    TWOFOLD = "twofold"
    STAMP = "stamp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a statement, or a file that is none. `cause` says what, in words of the catalogue."""

    ground: Ground
    span: Span
    cause: Phrase
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The first release that holds a statement with its signature, and when that was set."""

    release: str
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Who might sign: `organizations` as the releases held it, oldest first, and as it stands in the work tree."""

    organizations: tuple[tuple[datetime, str, Organization], ...] = ()
    current: Organization = field(default_factory=Organization)

    def at(self, time: datetime, held: Held | None = None) -> Organization:
        """The organization of the last release before a moment, and before the release that first holds what was said
        then, whatever time it says.

        Before the first release it is that of the first; while there is none, it is the work tree's.
        """
        earlier = takewhile(lambda one: held is None or one[1] != held.release, self.organizations)
        before = [one for moment, _, one in earlier if moment <= time]
        if before:
            return before[-1]
        return self.organizations[0][2] if self.organizations else self.current

    def revoked(self, key: PublicKey) -> date | None:
        """The day since when a key is not to be trusted, whoever said so, and whenever; the last of all days where its
        entry cannot be read.
        """
        known = [self.current, *(one for _, _, one in self.organizations)]
        listed = [one for each in known for person in each.people for one in person.keys if one.public == key]
        days = [one.revoked or date.max for one in listed if one.revoked or not one.readable]
        return min(days, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What statements are judged by.

    `files`: path → bytes of everything under `approvals/`. `texts`: number and revision → digests of the texts that
    bear them, of the work tree alone where it bears them. `kinds`: number → kind and the kind's title. `demands`:
    number → what is asked of the document. `held`: digest of a statement's file → the first release that holds it.
    `kept`: path → digest of what the newest release holds under `approvals/`, and that release's name.
    `whole`: whether all texts that ever were are known; if not, a statement may be about one that is not.
    """

    files: Mapping[str, bytes]
    rights: Rights
    today: date
    texts: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    demands: Mapping[str, Demand] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    newest: str = ""
    whole: bool = True

    def demand(self, number: str) -> Demand:
        """What is asked of a document."""
        return self.demands.get(number, Demand())


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A statement in its file: its number, its bytes' digest, the key that signed it, when it was stamped."""

    path: str
    number: int
    statement: Statement
    digest: str
    places: Mapping[str, Span]
    key: PublicKey | None = None
    stamped: datetime | None = None

    def at(self, key: str) -> Span:
        """Where a value stands."""
        return self.places.get(key, Span(self.path))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found: all statements that could be read, by folder in their order, and everything wrong.

    `demands`: number → what is asked of the document, see `Case`.
    """

    folders: Mapping[str, tuple[Filed, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    demands: Mapping[str, Demand] = field(default_factory=dict)

    def demand(self, number: str) -> Demand:
        """What is asked of a document."""
        return self.demands.get(number, Demand())

    def given(self, folder: str) -> tuple[Filed, ...]:
        """The statements of the last round about a revision; none when one rejects it, or anything is wrong there."""
        wrong = any(one.span.path.startswith(f"{folder}/") for one in self.problems)
        return () if wrong else last_round(self.folders.get(folder, ()))

    def rejection(self, folder: str, digest: str) -> Filed | None:
        """The last statement that rejects just this text of a revision; None when nobody did."""
        rejected = (one for one in self.folders.get(folder, ()) if one.statement.rejects)
        return next((one for one in reversed(tuple(rejected)) if one.statement.digest == digest), None)


def last_round(filed: Sequence[Filed]) -> tuple[Filed, ...]:
    """The statements that count: from the last one that says *prepared*, since a text changed is prepared again; none
    when their text was rejected.
    """
    starts = [at for at, one in enumerate(filed) if one.statement.meaning is Meaning.PREPARED]
    begin = starts[-1] if starts else 0
    while begin and filed[begin - 1].statement.meaning is Meaning.PREPARED and _same(filed[begin - 1], filed[begin]):
        begin -= 1  # prepared by several people
    rejected = {one.statement.digest for one in filed[begin:] if one.statement.rejects}
    found = tuple(one for one in filed[begin:] if not one.statement.rejects)
    return () if any(one.statement.digest in rejected for one in found) else found


def _same(one: Filed, other: Filed) -> bool:
    return one.statement.digest == other.statement.digest and not one.statement.rejects


def problem(ground: Ground, span: Span, text: str, **details: str) -> Problem:
    """A problem whose cause is a text of the catalogue with details."""
    return Problem(ground=ground, span=span, cause=Phrase(text, **details))
