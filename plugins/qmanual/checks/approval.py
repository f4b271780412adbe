"""Approvals: who prepared, reviewed and approved, when, and whether they may (ISO 9001 7.5.2 c)."""

import unicodedata
from collections.abc import Iterator
from datetime import date

from qmanual.checks.nearest import nearest
from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.control.redline.hidden import is_hidden
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Approval, Document, Meaning, Organization, Person, Post
from qmanual.register import Register
from qmanual.settings import Kind, Settings
from qmanual.source import Span

MEANING_NAMES = {
    Meaning.PREPARED: N_("prepared"),
    Meaning.REVIEWED: N_("reviewed"),
    Meaning.COUNTERSIGNED: N_("countersigned"),
    Meaning.APPROVED: N_("approved"),
}

_BEFORE = {
    Meaning.REVIEWED: (Meaning.PREPARED,),
    Meaning.COUNTERSIGNED: (Meaning.PREPARED,),
    Meaning.APPROVED: (Meaning.REVIEWED, Meaning.COUNTERSIGNED, Meaning.PREPARED),
}
"""What comes before a signature. Reviewing and countersigning go side by side in many companies."""


@rule(
    "QM301",
    Severity.ERROR,
    title=N_("Approval missing"),
    message=N_("the document has not been {meaning}"),
    help=N_("after the person has done it, add to the header: `{key}: {{by: …, date: …}}`"),
    why=N_(
        "A document is looked at for suitability and adequacy before it is issued. "
        "Without names and dates there is no evidence that somebody did. While a text is being written this rule "
        "is silent."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
    """,
)
def approval_missing(document: Document, settings: Settings, profile: str) -> Iterator[Hit]:
    if profile != RELEASE or not document.header.readable:
        return
    header = document.header
    signed = {approval.meaning for approval in header.approvals if approval.given}
    for meaning in settings.kind(document.kind).approvals:
        blank = header.lacks(meaning.value) or any(approval.meaning is meaning for approval in header.approvals)
        if meaning not in signed and blank:
            found = {"meaning": Phrase(MEANING_NAMES[meaning]), "key": meaning.value}
            yield Hit(header.at(meaning.value), found)


@rule(
    "QM302",
    Severity.ERROR,
    title=N_("Approval without a date"),
    message=N_("{meaning} without a date"),
    help=N_("add the day on which it was done: `date: 2026-05-15`"),
    why=N_(
        "A signature without its day proves nothing: it may have been given after the document was already in use. "
        "The dates also decide when the next review is due."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
    """,
)
def without_date(document: Document) -> Iterator[Hit]:
    for approval in document.header.approvals:
        if approval.given and "date" not in approval.given:
            yield Hit(approval.span, {"meaning": Phrase(MEANING_NAMES[approval.meaning])})


@rule(
    "QM303",
    Severity.ERROR,
    title=N_("Approval without a name"),
    message=N_("{meaning} by nobody"),
    help=N_("add the name of the person who did it: `by: …`"),
    why=N_(
        "An approval is the act of a person who answers for it. "
        "A department or a date alone cannot be asked why the text is right."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {date: 2026-05-15}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
    """,
)
def without_name(document: Document) -> Iterator[Hit]:
    for approval in document.header.approvals:
        if approval.given and "by" not in approval.given:
            yield Hit(approval.span, {"meaning": Phrase(MEANING_NAMES[approval.meaning])})


@rule(
    "QM304",
    Severity.ERROR,
    title=N_("The same person prepared and approved"),
    message=N_("prepared and approved by the same person: {name}"),
    help=N_("have it approved by another person who has the right to approve"),
    why=N_(
        "Approval for suitability and adequacy is a second look. "
        "Nobody gives it to a text of their own: what one overlooked in writing one overlooks again in approving."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 李静, date: 2026-05-15}
        ---
        ====
        manual/organization.yml
        people:
          - {name: 李静}
          - {name: 王强}
          - {name: 陈刚}
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
    """,
)
def same_person(document: Document) -> Iterator[Hit]:
    authors = {_name(a.by.value) for a in document.header.approvals if a.meaning is Meaning.PREPARED and a.by}
    for approval in document.header.approvals:
        if approval.meaning is Meaning.APPROVED and approval.by and _name(approval.by.value) in authors:
            yield Hit(approval.by.span, {"name": approval.by.value})


def _name(written: str) -> str:
    """A name without the blanks that some put between its characters (李 静), and without what nobody sees in it.

    Else one person entered twice, the second time with an invisible character, would be two. Private characters stay:
    rare names are written with them.
    """
    shown = unicodedata.normalize("NFKC", written).casefold()
    return "".join(c for c in shown if not c.isspace() and (not is_hidden(c) or unicodedata.category(c) == "Co"))


@rule(
    "QM305",
    Severity.ERROR,
    title=N_("Person unknown"),
    message=N_("{name} is not among the people in {file}"),
    help=N_("correct the name (the nearest known one: {nearest}), or add the person with department and posts"),
    help_alone=N_("correct the name, or add the person with department and posts"),
    why=N_(
        "Who signs is somebody of the company with a post and its rights. "
        "A name that the company does not know cannot be asked and may be a slip of the pen."
    ),
    clause="5.3",
    bad="""
        procedures/QP-7.5-01.md
        ---
        reviewed: {by: 王刚强, date: 2026-05-12}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        reviewed: {by: 王强, date: 2026-05-12}
        ---
    """,
)
def person_unknown(document: Document, organization: Organization) -> Iterator[Hit]:
    known = {_name(person.name.value): person.name.value for person in organization.people}
    for approval in document.header.approvals if known else ():
        if approval.by and _name(approval.by.value) not in known:
            close = nearest(approval.by.value, known.values())
            yield Hit(approval.by.span, {"name": approval.by.value, "file": organization.path, "nearest": close})


@rule(
    "QM306",
    Severity.ERROR,
    title=N_("Person not entitled"),
    message=N_("{name} has no right to sign a {kind} as {meaning}"),
    help=N_("have it signed by somebody entitled, or add the right to the person's post in {file} under may"),
    why=N_(
        "Authority is given to posts and made known, and only who holds it approves. "
        "An approval without authority is none, however good the text may be."
    ),
    clause="5.3",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 王强, date: 2026-05-15}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
    """,
)
def not_entitled(register: Register, organization: Organization, settings: Settings) -> Iterator[Hit]:
    given_to_anybody = {meaning for person in organization.people for post in person.posts for meaning in post.may}
    for document, approval, person in _signatures(register, organization):
        if approval.meaning not in given_to_anybody:
            continue
        posts = _posts_on(person, approval.date.value if approval.date else None)
        if (not posts and person.posts) or _entitled(posts, approval.meaning, settings.kind(document.kind)):
            continue
        if not all(_is_understood(post, settings) for post in posts):
            continue  # what the person may do is not known; the mistake in the file is a finding of its own
        yield Hit(_by(approval), {
            "name": person.name.value, "kind": Phrase(settings.kind(document.kind).title),
            "meaning": Phrase(MEANING_NAMES[approval.meaning]), "file": organization.path,
        })  # fmt: skip


def _signatures(register: Register, organization: Organization) -> Iterator[tuple[Document, Approval, Person]]:
    """Every signature of a person whom the company knows."""
    people = {_name(person.name.value): person for person in organization.people}
    for document in register.documents if people else ():
        for approval in document.header.approvals:
            person = people.get(_name(approval.by.value)) if approval.by else None
            if person:
                yield document, approval, person


def _posts_on(person: Person, day: date | None) -> list[Post]:
    """The posts that the person held on that day; all of them when the day is not known."""
    return [post for post in person.posts if day is None or post.held_on(day)]


def _entitled(posts: list[Post], meaning: Meaning, kind: Kind) -> bool:
    rights = [post.may[meaning] for post in posts if meaning in post.may]
    return any(not kinds or kind.name in kinds or kind.title in kinds for kinds in rights)


def _is_understood(post: Post, settings: Settings) -> bool:
    names = {name for kind in settings.kinds for name in (kind.name, kind.title)}
    return post.readable and all(kind.value in names for kind in post.kinds)


def _by(approval: Approval) -> Span:
    return approval.by.span if approval.by else approval.span


@rule(
    "QM307",
    Severity.ERROR,
    title=N_("Person not in post on that day"),
    message=N_("{name} held no post on {date}"),
    help=N_("correct the date or the name, or the period of the post in {file}"),
    why=N_(
        "The right to sign begins and ends with the post. "
        "A signature from before or after that time shows a wrong date or somebody signing for another."
    ),
    clause="5.3",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
        ====
        manual/organization.yml
        people:
          - {name: 李静}
          - {name: 王强}
          - {name: 陈刚, posts: [{role: 管理者代表, from: 2026-05-16}]}
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-15}
        ---
        ====
        manual/organization.yml
        people:
          - {name: 李静}
          - {name: 王强}
          - {name: 陈刚, posts: [{role: 管理者代表, from: 2024-01-01, to: 2026-05-15}]}
    """,
)
def not_in_post(register: Register, organization: Organization) -> Iterator[Hit]:
    for _, approval, person in _signatures(register, organization):
        if approval.date and person.posts and not _posts_on(person, approval.date.value):
            found = {"name": person.name.value, "date": str(approval.date.value), "file": organization.path}
            yield Hit(_by(approval), found)


@rule(
    "QM308",
    Severity.ERROR,
    title=N_("Approval dated in the future"),
    message=N_("{meaning} on {date}, a day still to come"),
    help=N_("write the day on which it was really done; a day in the future belongs to `effective`"),
    why=N_(
        "What has not happened cannot be evidence. "
        "A date in the future shows that a signature was filled in beforehand, and then all the others are in doubt."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-06-16}
        effective: 2026-07-01
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-06-15}
        effective: 2026-07-01
        ---
    """,
)
def in_the_future(document: Document, today: date) -> Iterator[Hit]:
    for approval in document.header.approvals:
        if approval.date and approval.date.value > today:
            found = {"meaning": Phrase(MEANING_NAMES[approval.meaning]), "date": str(approval.date.value)}
            yield Hit(approval.date.span, found)


@rule(
    "QM309",
    Severity.ERROR,
    title=N_("Approved before it was reviewed or prepared"),
    message=N_("{meaning} on {date}, before it was {earlier} on {earlier_date}"),
    help=N_("correct the date that is wrong; a text that was changed after the approval is approved again"),
    why=N_(
        "A text is written, then looked at, then approved. "
        "Dates in another order mean that somebody approved something that did not exist yet, or that it was "
        "changed afterwards."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        reviewed: {by: 王强, date: 2026-05-16}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        reviewed: {by: 王强, date: 2026-05-15}
        ---
    """,
)
def out_of_order(document: Document) -> Iterator[Hit]:
    last: dict[Meaning, date] = {}
    for approval in document.header.approvals:
        if approval.date:
            last[approval.meaning] = max(approval.date.value, last.get(approval.meaning, date.min))
    for approval in document.header.approvals:
        before = next((m for m in _last_first(approval.meaning, last)), None)
        if approval.date and before and approval.date.value < last[before]:
            yield Hit(approval.date.span, {
                "meaning": Phrase(MEANING_NAMES[approval.meaning]), "date": str(approval.date.value),
                "earlier": Phrase(MEANING_NAMES[before]), "earlier_date": str(last[before]),
            })  # fmt: skip


def _last_first(meaning: Meaning, last: dict[Meaning, date]) -> list[Meaning]:
    """The dated signatures to compare with: those right before, the latest first; preparing only without another."""
    dated = [before for before in _BEFORE.get(meaning, ()) if before in last]
    looked = [before for before in dated if before is not Meaning.PREPARED]
    return sorted(looked or dated, key=lambda before: last[before], reverse=True)


RULES = (
    approval_missing, without_date, without_name, same_person, person_unknown, not_entitled, not_in_post, in_the_future,
    out_of_order,
)  # fmt: skip
