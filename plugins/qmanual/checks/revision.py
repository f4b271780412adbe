"""The revision and the change list: which text this is, and how it came to be (ISO 9001 7.5.3.2 c)."""

from collections.abc import Iterator
from itertools import pairwise

from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Change, Document, Text
from qmanual.revision import SCHEMES, Rank, Scheme
from qmanual.settings import Settings

PARTS = {"revision": N_("the revision"), "date": N_("the date"), "summary": N_("what was changed")}
"""What every entry of a change list says."""


@rule(
    "QM201",
    Severity.ERROR,
    title=N_("Revision missing"),
    message=N_("the document has no revision"),
    help=N_("add the revision to the header, such as `revision: {first}` for a new document"),
    why=N_(
        "The revision tells one text of a document from the next. "
        "Without it nobody can say whether the print in hand is the current one."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        revision:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        revision: A/1
        ---
    """,
)
def revision_missing(document: Document, settings: Settings) -> Iterator[Hit]:
    if document.header.lacks("revision"):
        yield Hit(document.header.at("revision"), {"first": settings.scheme.sample.split(",")[0]})


@rule(
    "QM202",
    Severity.ERROR,
    title=N_("Revision not by the scheme"),
    message=N_("the revision {revision} does not follow the scheme"),
    help=N_("write it as one of {sample}; another scheme is chosen in mkdocs.yml under revision"),
    why=N_(
        "Revisions have an order, and everything that asks which text is newer relies on it. "
        "A revision outside the scheme has no place in that order."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        revision: 第1版
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        revision: A/1
        ---
    """,
)
def revision_off_scheme(document: Document, settings: Settings) -> Iterator[Hit]:
    scheme, current = settings.scheme, document.header.revision
    wrong = [current] if current and scheme.rank(current.value) is None else []
    for revision in (*wrong, *_off_scheme(document, scheme)):
        if revision is current or not current or revision.value != current.value:
            yield Hit(revision.span, {"revision": revision.value, "sample": scheme.sample})


def _off_scheme(document: Document, scheme: Scheme) -> Iterator[Text]:
    """Revisions of the change list outside the scheme, but for the oldest ones, of a time with another scheme."""
    revisions = [change.revision for change in document.header.changes if change.revision]
    ranks = [scheme.rank(revision.value) for revision in revisions]
    if all(rank is None for rank in ranks):
        return
    if not _falls([rank for rank in ranks if rank]):
        revisions.reverse()
        ranks.reverse()
    oldest = max(at for at, rank in enumerate(ranks) if rank is not None)
    for at, revision in enumerate(revisions):
        if ranks[at] is None and (at < oldest or not _of_another_scheme(revision.value, scheme)):
            yield revision


def _of_another_scheme(revision: str, scheme: Scheme) -> bool:
    return any(other.rank(revision) is not None for other in SCHEMES.values() if other is not scheme)


def _falls(ranks: list[Rank]) -> bool:
    """Whether a list of revisions goes from new to old, judged by the majority of its steps."""
    steps = [(newer > older) - (newer < older) for newer, older in pairwise(ranks)]
    return sum(steps) >= 0


@rule(
    "QM203",
    Severity.ERROR,
    title=N_("Revision not in the change list"),
    message=N_("the change list has no entry for revision {revision}"),
    help=N_(
        "add an entry that says what this revision changed: `- {{revision: {revision}, date: …, by: …, summary: …}}`"
    ),
    why=N_(
        "The change list answers the auditor's question: what changed, when, and by whom? "
        "A revision without an entry is a change nobody accounted for."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        revision: A/1
        ---
    """,
)
def revision_not_listed(document: Document, settings: Settings) -> Iterator[Hit]:
    current, changes = document.header.revision, document.header.changes
    rank = settings.scheme.rank(current.value) if current else None
    if current is None or rank is None or not changes or not all(change.revision for change in changes):
        return
    if rank not in [rank for _, rank in _ranked(changes, settings.scheme)]:
        yield Hit(current.span, {"revision": current.value})


def _ranked(changes: tuple[Change, ...], scheme: Scheme) -> list[tuple[Change, Rank]]:
    """The entries whose revision follows the scheme, with its place in the order."""
    found = ((change, scheme.rank(change.revision.value)) for change in changes if change.revision)
    return [(change, rank) for change, rank in found if rank is not None]


@rule(
    "QM204",
    Severity.ERROR,
    title=N_("Change list out of order"),
    message=N_("the change list is out of order at {revision}"),
    help=N_("list the revisions from the newest to the oldest; the newest one is the revision of the header"),
    why=N_(
        "A change list is read from one end to the other. "
        "A revision out of its place, or newer than the document itself, shows that a text was mixed up or an "
        "entry forgotten."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        changes:
          - {revision: A/1, date: 2026-02-11, by: 李静, summary: 增加电子签批}
          - {revision: A/2, date: 2026-05-11, by: 李静, summary: 调整发放范围}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        changes:
          - {revision: A/2, date: 2026-05-11, by: 李静, summary: 调整发放范围}
          - {revision: A/1, date: 2026-02-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
    """,
)
def changes_out_of_order(document: Document, settings: Settings) -> Iterator[Hit]:
    ranked = _ranked(document.header.changes, settings.scheme)
    falls = _falls([rank for _, rank in ranked])
    for (_, before), (change, rank) in pairwise(ranked):
        if (rank > before) if falls else (rank < before):
            yield _out_of_order(change)
            return
    current = document.header.revision
    own = settings.scheme.rank(current.value) if current else None
    newest = max(ranked, key=lambda pair: pair[1], default=None)
    if newest and own and newest[1] > own and own in [rank for _, rank in ranked]:
        yield _out_of_order(newest[0])


def _out_of_order(change: Change) -> Hit:
    revision = change.revision
    assert revision is not None  # only entries with a revision have a place in the order
    return Hit(revision.span, {"revision": revision.value})


@rule(
    "QM205",
    Severity.ERROR,
    title=N_("Change list missing"),
    message=N_("the document has no change list"),
    help=N_("add `changes:` to the header with an entry for every revision; for a new document: first issue"),
    why=N_(
        "Changes to documents are controlled: it must be possible to see what changed and when. "
        "Staff also read it first, to learn what is new for them."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        changes:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
        ---
    """,
)
def changes_missing(document: Document) -> Iterator[Hit]:
    if document.header.lacks("changes"):
        yield Hit(document.header.at("changes"))


@rule(
    "QM206",
    Severity.ERROR,
    title=N_("Entry of the change list incomplete"),
    message=N_("this entry of the change list does not say {missing}"),
    help=N_("complete the entry: `{{revision: …, date: …, by: …, summary: …}}`"),
    why=N_(
        "Which revision, when, and what was changed belong together. "
        "An entry without one of them leaves the question open that the list is kept for."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2026-05-11, by: 李静}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
        ---
    """,
)
def change_incomplete(document: Document) -> Iterator[Hit]:
    for change in document.header.changes:
        for part, name in PARTS.items():
            if part not in change.given:
                yield Hit(change.span, {"missing": Phrase(name)})


@rule(
    "QM207",
    Severity.ERROR,
    title=N_("Revision twice in the change list"),
    message=N_("the revision {revision} has an entry already in line {line}"),
    help=N_("put both changes into one entry, or give the later one a revision of its own"),
    why=N_(
        "Every approved text has a revision of its own. "
        "One revision for two changes means that two different texts look the same on paper."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/1, date: 2026-05-02, by: 李静, summary: 调整发放范围}
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        changes:
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批；调整发放范围}
        ---
    """,
)
def revision_listed_twice(document: Document, settings: Settings) -> Iterator[Hit]:
    seen: dict[Rank, int] = {}
    for change, rank in _ranked(document.header.changes, settings.scheme):
        if rank in seen and change.revision:
            yield Hit(change.revision.span, {"revision": change.revision.value, "line": str(seen[rank])})
        seen.setdefault(rank, change.span.line)


RULES = (
    revision_missing, revision_off_scheme, revision_not_listed, changes_out_of_order, changes_missing,
    change_incomplete, revision_listed_twice,
)  # fmt: skip
