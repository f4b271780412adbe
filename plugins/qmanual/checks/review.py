"""Periodic review: a document that nobody looks at grows old (ISO 9001 7.5.3.2 c, 7.5.2 c: suitability)."""

from collections.abc import Iterator
from datetime import date

from qmanual.checks.nearest import NONE
from qmanual.checks.rule import Hit, rule
from qmanual.control.status import due_within, next_review
from qmanual.finding import Severity
from qmanual.language import N_
from qmanual.model import Document
from qmanual.settings import Settings


@rule(
    "QM221",
    Severity.WARNING,
    title=N_("Review overdue"),
    message=N_("the review was due on {due}"),
    help=N_("review the document; then approve it again, unchanged or as a new revision"),
    why=N_(
        "The company said how often it looks at this document. "
        "Past that day an auditor asks whether it still describes what is done, and nobody can answer."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        prepared: {by: 李静, date: 2025-05-11}
        reviewed: {by: 王强, date: 2025-05-12}
        approved: {by: 陈刚, date: 2025-05-15}
        review_every: 12 months
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        review_every: 12 months
        ---
    """,
)
def review_overdue(document: Document, today: date) -> Iterator[Hit]:
    due = None if document.header.withdrawn else next_review(document)
    if due and due < today:
        yield Hit(document.header.at("review_every"), {"due": str(due)})


@rule(
    "QM222",
    Severity.NOTE,
    title=N_("Review due soon"),
    message=N_("the review is due on {due}"),
    help=N_("plan the review with the owning department: {owner}"),
    why=N_("A review takes days and several people. A word in time lets the owner plan it before the day has passed."),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-20}
        review_every: 1个月
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        review_every: 12 months
        ---
    """,
)
def review_due_soon(document: Document, today: date, settings: Settings) -> Iterator[Hit]:
    if not document.header.withdrawn and due_within(document, today, settings.review_notice_days):
        found = {"due": str(next_review(document)), "owner": document.owner or NONE}
        yield Hit(document.header.at("review_every"), found)


RULES = (review_overdue, review_due_soon)
