"""The status of every document on a day, derived from what the release tags hold.

A document's text is released when the newest release that knows its number holds the same revision with the same
digest; then its effective date says whether it is already in force. Everything else is a draft
(docs/architecture.md, "Where truth lives": git decides the status).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from qmanual.control.calendar import add_months
from qmanual.language import N_
from qmanual.model import Document, Meaning


class Status(StrEnum):
    """Where a document stands; the words are those of ISO 9001's field, see docs/architecture.md, "Words"."""

    DRAFT = "draft"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


STATUS_NAMES = {
    Status.DRAFT: N_("draft"),
    Status.APPROVED: N_("approved, not yet effective"),
    Status.EFFECTIVE: N_("effective"),
    Status.SUPERSEDED: N_("superseded"),
    Status.WITHDRAWN: N_("withdrawn"),
}


MEANING_NAMES = {
    Meaning.PREPARED: N_("Prepared"),
    Meaning.REVIEWED: N_("Reviewed"),
    Meaning.COUNTERSIGNED: N_("Countersigned"),
    Meaning.APPROVED: N_("Approved"),
}


@dataclass(frozen=True, slots=True)
class Released:
    """What a release holds of one document."""

    release: str
    on: date
    revision: str
    digest: str


@dataclass(frozen=True, slots=True)
class History:
    """What the release tags hold: document number → its released texts, oldest first; every release's name and day."""

    documents: Mapping[str, tuple[Released, ...]] = field(default_factory=dict)
    releases: tuple[tuple[str, date], ...] = ()


def release_of(document: Document, history: History) -> Released | None:
    """The newest release, if it holds just this text of the document; then the text is approved."""
    known = history.documents.get(document.id, ())
    if known and known[-1].revision == document.revision and known[-1].digest == document.digest:
        return known[-1]
    return None


def status_of(document: Document, history: History, today: date) -> Status:
    """The status of the document's text as it stands in the work tree."""
    if release_of(document, history) is None:
        return Status.DRAFT
    if document.header.withdrawn and (
        not document.header.withdrawn.date or document.header.withdrawn.date.value <= today
    ):
        return Status.WITHDRAWN
    effective = document.header.effective
    return Status.APPROVED if effective and effective.value > today else Status.EFFECTIVE


def last_approval(document: Document) -> date | None:
    """The day of the last approval; the effective date stands in for it."""
    dates = [a.date.value for a in document.header.approvals if a.meaning is Meaning.APPROVED and a.date]
    if dates:
        return max(dates)
    return document.header.effective.value if document.header.effective else None


def next_review(document: Document) -> date | None:
    """By when the document is to be reviewed again: its period after the last approval."""
    period, start = document.header.review_every, last_approval(document)
    if period is None or period.months is None or start is None:
        return None
    return add_months(start, period.months)


def due_within(document: Document, today: date, days: int) -> bool:
    """Whether the next review falls into the coming days (not when it is already overdue)."""
    due = next_review(document)
    return due is not None and 0 <= (due - today).days <= days
