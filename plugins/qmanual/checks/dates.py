"""Dates of a document: possible, and in the order in which things happen (ISO 9001 7.5.3.2)."""

from collections.abc import Iterator
from itertools import pairwise

from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.control.history import History
from qmanual.control.status import release_of
from qmanual.finding import FaultKind, Severity
from qmanual.language import N_
from qmanual.model import Document, Meaning
from qmanual.settings import Settings


@rule(
    "QM211",
    Severity.ERROR,
    title=N_("Date impossible or malformed"),
    message=N_("this is no date: {text} ({cause})"),
    help=N_("write the date as year-month-day with four, two and two figures, such as 2026-05-01"),
    why=N_(
        "Dates decide which text is in force, when it is reviewed and whether it was approved in time. "
        "A date that can be read in two ways, or not at all, decides nothing."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        effective: 2026-06-31
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        effective: 2026-06-30
        ---
    """,
)
def bad_date(document: Document) -> Iterator[Hit]:
    for fault in document.faults:
        if fault.kind is FaultKind.BAD_DATE:
            yield Hit(fault.span, {"text": fault.details["text"], "cause": fault.details["cause"]})


@rule(
    "QM212",
    Severity.ERROR,
    title=N_("Effective date missing"),
    message=N_("the document has no effective date"),
    help=N_(
        "add the day from which it is to be followed, such as `effective: 2026-06-01`, or leave it to the release that "
        "brings the text: `build.py release NAME --effective 2026-06-01`"
    ),
    why=N_(
        "Between approval and the first day in force staff are trained and old copies are called back. "
        "Without an effective date nobody knows from when the new text binds. A draft may leave it open. A text that "
        "is about to be released gets a warning, since the release may say the day; one that was released without any "
        "is an error."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        effective:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        effective: 2026-06-01
        ---
    """,
)
def effective_missing(document: Document, profile: str, history: History) -> Iterator[Hit]:
    if profile != RELEASE or not document.header.lacks("effective"):
        return
    released = release_of(document, history)
    if released is None:  # the release that brings it may say the day, and refuses when it does not
        yield Hit(document.header.at("effective"), severity=Severity.WARNING)
    elif history.said(released) is None:
        yield Hit(document.header.at("effective"))


@rule(
    "QM213",
    Severity.ERROR,
    title=N_("Effective before it was approved"),
    message=N_("effective on {effective}, but approved only on {approved}"),
    help=N_("set the effective date to the day of the approval or later"),
    why=N_(
        "Nothing is in force that has not been approved. "
        "An effective date before the approval means that staff worked for days by a text nobody had released."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        effective: 2026-05-14
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        effective: 2026-05-15
        ---
    """,
)
def effective_too_early(document: Document) -> Iterator[Hit]:
    effective = document.header.effective
    days = [a.date.value for a in document.header.approvals if a.meaning is Meaning.APPROVED and a.date]
    if effective and days and effective.value < max(days):
        yield Hit(effective.span, {"effective": str(effective.value), "approved": str(max(days))})


@rule(
    "QM214",
    Severity.ERROR,
    title=N_("Dates of the change list contradict its revisions"),
    message=N_("{revision} is dated {date}, before its predecessor {earlier} of {earlier_date}"),
    help=N_("correct the date, or the revision, of one of the two entries"),
    why=N_(
        "A later revision cannot be older than an earlier one. "
        "Such an entry shows a mistyped year or a list filled in afterwards."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2025-02-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2026-02-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
    """,
)
def changes_contradict(document: Document, settings: Settings) -> Iterator[Hit]:
    entries = [
        (rank, change.date, change.revision.value)
        for change in document.header.changes
        if change.revision and change.date and (rank := settings.scheme.rank(change.revision.value)) is not None
    ]
    entries.sort(key=lambda entry: entry[0])
    for (rank, day, revision), (next_rank, next_day, later) in pairwise(entries):
        if rank < next_rank and next_day.value < day.value:
            earlier = {"earlier": revision, "earlier_date": str(day.value)}
            yield Hit(next_day.span, {"revision": later, "date": str(next_day.value), **earlier})


RULES = (bad_date, effective_missing, effective_too_early, changes_contradict)
