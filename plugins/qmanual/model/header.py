"""The header of a document: who it is, who signed it, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from qmanual.model.value import ClauseRef, Day, Period, Text
from qmanual.source import Span


class Meaning(StrEnum):
    """What a signature means, in the order in which they are given (21 CFR 11.50: the meaning of a signature)."""

    PREPARED = "prepared"
    REVIEWED = "reviewed"
    COUNTERSIGNED = "countersigned"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One signature line of a header: who, when and in which meaning. `given`: what was written, readable or not."""

    meaning: Meaning
    by: Text | None
    date: Day | None
    span: Span
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the change list. `given`: what was written, also when it could not be read."""

    revision: Text | None
    date: Day | None
    by: Text | None
    summary: Text | None
    span: Span
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A rule that is not applied to one document, with the reason and until when."""

    rule: Text
    reason: Text | None
    until: Day | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The document leaves the system: since when, why, and what takes its place. An act, like an approval."""

    date: Day | None
    by: Text | None
    reason: Text | None
    replaced_by: Text | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLimit:
    """What a drawing cannot say of a form field: an entry of the header's `fields`."""

    label: Text
    type: str | None = None
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    pattern: str | None = None
    code: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """What must agree in a record: an entry of the header's `rules`."""

    when: Mapping[str, str]
    require: tuple[Text, ...]
    message: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The YAML front matter, typed. What is missing or unreadable is None; why is among the document's faults.

    `span` is the opening `---`. `keys` gives for every key that was written its span, by canonical name, also for the
    keys whose value could not be read. `raw` keeps every value as written (canonical key → nested text), for digests.
    `present` is False when the file has no header at all, `readable` when it has one of which nothing could be read.
    """

    span: Span
    present: bool = True
    readable: bool = True
    id: Text | None = None
    title: Text | None = None
    revision: Text | None = None
    effective: Day | None = None
    owner: Text | None = None
    departments: tuple[Text, ...] = ()
    process: Text | None = None
    clauses: tuple[ClauseRef, ...] = ()
    approvals: tuple[Approval, ...] = ()
    review_every: Period | None = None
    retention: Text | None = None
    changes: tuple[Change, ...] = ()
    fields: tuple[FieldLimit, ...] = ()
    rules: tuple[FieldRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    withdrawn: Withdrawal | None = None
    own: Mapping[str, Text] = field(default_factory=dict)
    keys: Mapping[str, Span] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict)

    def approval(self, meaning: Meaning) -> Approval | None:
        """The first signature of that meaning."""
        return next((a for a in self.approvals if a.meaning is meaning), None)

    @property
    def signed(self) -> frozenset[Meaning]:
        """The meanings in which somebody signed: with a name and a date."""
        return frozenset(one.meaning for one in self.approvals if one.by and one.date)

    def at(self, key: str) -> Span:
        """Where `key` stands, or the beginning of the header when it does not."""
        return self.keys.get(key, self.span)

    def lacks(self, key: str) -> bool:
        """Whether nothing is written for `key`. A value that cannot be read is not lacking: its fault says so."""
        if not self.readable:
            return False
        return key not in self.keys or self.raw.get(key, "unread") in ("", "~", "null", [], {})
