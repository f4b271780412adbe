"""The status of every document on a day, derived from what the release tags hold.

A document's text is released when the newest release that knows its number holds the same revision with the same
digest; then its effective date says whether it is already in force. Everything else is a draft
(docs/architecture.md, "Where truth lives": git decides the status).
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

from qmanual.control.calendar import add_months
from qmanual.control.history import History, Released
from qmanual.language import N_
from qmanual.model import Document, Meaning


class Status(StrEnum):
    """Where a document stands; the words are those of ISO 9001's field, see docs/architecture.md, "Words"."""

    DRAFT = "draft"
    REVIEW = "in review"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


STATUS_NAMES = {
    Status.DRAFT: N_("draft"),
    Status.REVIEW: N_("in review"),
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


def release_of(document: Document, history: History) -> Released | None:
    """What the newest release holds, if it is just this text of the document; then the text is approved."""
    held = history.held(document.id)
    if held and held.facts.revision == document.revision and held.facts.digest == document.digest:
        return held
    return None


def working_status(document: Document, history: History, today: date, required: Collection[Meaning]) -> Status:
    """The status of the document's text as it stands in the work tree. `required`: the signatures that its kind needs.

    Before the first release everything is a draft; after it, a new revision that some have signed and some have not is
    in review. One that all have signed stays a draft until a release holds it.
    """
    released = release_of(document, history)
    if released is None:
        return Status.REVIEW if history.releases and _in_review(document, history, required) else Status.DRAFT
    if released.facts.withdrawn and (released.facts.withdrawn_on or date.min) <= today:
        return Status.WITHDRAWN
    return Status.APPROVED if history.starts(released) > today else Status.EFFECTIVE


def _in_review(document: Document, history: History, required: Collection[Meaning]) -> bool:
    signed = document.header.signed
    known = {text.facts.revision for text in history.documents.get(document.id, ())}
    return bool(signed) and document.revision not in known and not signed.issuperset(required)


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
