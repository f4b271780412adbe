"""The values with which statements are judged: what is known, what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from qmanual.control.statement import Decision, Statement
from qmanual.finding import Fault, Phrase
from qmanual.model import Meaning, Organization
from qmanual.signing import PublicKey
from qmanual.source import Span


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Who might sign: `organizations` as the releases held it, oldest first, and as it stands in the work tree."""

    organizations: tuple[tuple[datetime, str, Organization], ...] = ()
    current: Organization = field(default_factory=Organization)

    def at(self, time: datetime) -> Organization:
        """The organization of the last release before a moment.

        Before the first release it is that of the first; while there is none, it is the work tree's.
        """
        before = [one for moment, _, one in self.organizations if moment <= time]
        if before:
            return before[-1]
        return self.organizations[0][2] if self.organizations else self.current

    def revoked(self, key: PublicKey) -> date | None:
        """The day since when a key is not to be trusted, whoever said so, and whenever."""
        known = [self.current, *(one for _, _, one in self.organizations)]
        days = [
            listed.revoked
            for organization in known
            for person in organization.people
            for listed in person.keys
            if listed.public == key and listed.revoked
        ]
        return min(days, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What statements are judged by.

    `files`: path → bytes of everything under `approvals/`. `texts`: number and revision → digests of the texts that
    bear them, of the work tree alone where it bears them. `kinds`: number → kind and the kind's title. `levels`: kind
    → what is asked for (0 to 2). `held`: digest of a statement's file → when the first release that holds it was set.
    `kept`: path → digest of what the newest release holds under `approvals/`, and that release's name.
    `whole`: whether all texts that ever were are known; if not, a statement may be about one that is not.
    """

    files: Mapping[str, bytes]
    rights: Rights
    today: date
    texts: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    kinds: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    levels: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, datetime] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    newest: str = ""
    whole: bool = True

    def level(self, number: str) -> int:
        """What is asked for of a document: 0 header lines, 1 signed statements, 2 with time stamps."""
        return self.levels.get(self.kinds.get(number, ("", ""))[0], 0)


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

    `levels`: kind → what is asked for of its documents, see `Case`.
    """

    folders: Mapping[str, tuple[Filed, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    levels: Mapping[str, int] = field(default_factory=dict)

    def given(self, folder: str) -> tuple[Filed, ...]:
        """The statements of the last round about a revision; none when one rejects it, or anything is wrong there."""
        found = last_round(self.folders.get(folder, ()))
        rejected = any(one.statement.decision is Decision.REJECTED for one in found)
        wrong = any(one.span.path.startswith(f"{folder}/") for one in self.problems)
        return () if rejected or wrong else found


def last_round(filed: Sequence[Filed]) -> tuple[Filed, ...]:
    """The statements from the last one that says *prepared*: a text changed or rejected is prepared again."""
    starts = [at for at, one in enumerate(filed) if one.statement.meaning is Meaning.PREPARED]
    begin = starts[-1] if starts else 0
    while begin and filed[begin - 1].statement.meaning is Meaning.PREPARED and _same(filed[begin - 1], filed[begin]):
        begin -= 1  # prepared by several people
    return tuple(filed[begin:])


def _same(one: Filed, other: Filed) -> bool:
    return one.statement.digest == other.statement.digest and one.statement.decision is Decision.ACCEPTED


def problem(ground: Ground, span: Span, text: str, **details: str) -> Problem:
    """A problem whose cause is a text of the catalogue with details."""
    return Problem(ground=ground, span=span, cause=Phrase(text, **details))
