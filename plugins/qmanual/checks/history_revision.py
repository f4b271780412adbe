"""Revisions over time: what git remembers of a document against what its revision and change list say.

Everything is compared with what the releases hold that the checked-out commit builds upon: work on a branch that began
before a release is not held against it. White space, line ends, the order of keys, signatures and waivers are no text.
"""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from qmanual.checks.rule import Hit, rule
from qmanual.control.history import Entry, History, Released
from qmanual.control.past import predecessor, same
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Change, Document
from qmanual.revision import Scheme
from qmanual.settings import Settings


@rule(
    "QM241",
    Severity.ERROR,
    title=N_("Text changed under a released revision"),
    message=N_("revision {revision} was released ({release}) with another text"),
    help=N_(
        "give the changed text a revision of its own with an entry in the change list (`revise {id!q}`), or bring back "
        "the released text; `diff {id!q}` shows what differs"
    ),
    why=N_(
        "A revision stands for one text. When the text changes and the revision stays, two people with the same "
        "revision in hand work by two different texts, and nobody approved the second."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/1
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def changed_under_revision(document: Document, history: History) -> Iterator[Hit]:
    before = predecessor(document, history.here)
    if before and document.revision and before.facts.revision == document.revision:
        yield Hit(document.header.at("revision"), _about(document, before, history.here))


def _about(document: Document, text: Released, history: History) -> dict[str, str]:
    return {"id": document.id, "revision": document.revision, "release": history.names(text)[-1]}


@rule(
    "QM242",
    Severity.ERROR,
    title=N_("Revision went back"),
    message=N_("revision {revision} comes before {newest}, which release {release} holds"),
    help=N_("take the revision after {newest}; an older text comes back as a new revision, too"),
    why=N_(
        "Whoever holds the newer revision believes the older one to be withdrawn. "
        "A revision that goes back makes a superseded text look like the current one."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/0
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/1
        ---
    """,
)
def went_back(document: Document, history: History, settings: Settings) -> Iterator[Hit]:
    before = predecessor(document, history.here)
    if before is None or _reused(document, history.here, before):
        return
    own, newest = settings.scheme.rank(document.revision), settings.scheme.rank(before.facts.revision)
    if own is not None and newest is not None and own < newest:
        found = _about(document, before, history.here) | {"newest": before.facts.revision}
        yield Hit(document.header.at("revision"), found)


@rule(
    "QM243",
    Severity.WARNING,
    title=N_("Revision skipped"),
    message=N_("revision {revision} does not follow {newest}, which release {release} holds"),
    help=N_(
        "take the revision that comes next ({next}); if there was one between, give it an entry in the change list"
    ),
    why=N_(
        "A gap between two revisions raises the question of what the missing one said and who worked by it. "
        "Nobody can answer it when neither git nor the change list knows of one."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/3
        approved:
        changes:
          - {revision: A/3, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: B/0
        approved:
        changes:
          - {revision: B/0, date: 2026-06-10, by: 李静, summary: 按新标准换版}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def skipped(document: Document, history: History, settings: Settings, today: date) -> Iterator[Hit]:
    before = predecessor(document, history.here)
    scheme = settings.scheme
    if before is None or document.header.revision is None or scheme.next(before.facts.revision, today) is None:
        return
    first, last = scheme.rank(before.facts.revision), scheme.rank(document.revision)
    if first is None or last is None or last <= first or scheme.first(today) == today.isoformat():
        return
    listed = {change.revision.value for change in document.header.changes if change.revision}
    between = [one for one in listed if (rank := scheme.rank(one)) is not None and first < rank < last]
    chain = [before.facts.revision, *sorted(between, key=lambda one: scheme.rank(one) or ()), document.revision]
    if not all(_follows(later, earlier, scheme, today) for earlier, later in pairwise(chain)):
        found = _about(document, before, history.here) | {"newest": before.facts.revision}
        yield Hit(document.header.at("revision"), found | {"next": scheme.next(before.facts.revision, today) or ""})


def _follows(later: str, earlier: str, scheme: Scheme, today: date) -> bool:
    return later in (scheme.next(earlier, today), scheme.next(earlier, today, major=True))


@rule(
    "QM244",
    Severity.ERROR,
    title=N_("Revision used for two texts"),
    message=N_("revision {revision} stands for two texts: the one in release {first}, and {second}"),
    help=N_("give the text a revision that was never released"),
    why=N_(
        "A copy is told from another by number and revision alone. "
        "When one revision stood for two texts, no copy of it can be trusted, and no record says by which of them was "
        "worked."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-04 (2026-04-20)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        changes:
          - {revision: A/2, date: 2026-04-10, by: 李静, summary: 规定收回期限}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
        ====
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-01.md
        ---
        revision: A/3
        changes:
          - {revision: A/3, date: 2026-05-11, by: 李静, summary: 改为三日内收回}
          - {revision: A/2, date: 2026-04-10, by: 李静, summary: 规定收回期限}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件三日内收回。
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        changes:
          - {revision: A/2, date: 2026-04-10, by: 李静, summary: 规定收回期限}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件两日内收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def used_twice(document: Document, history: History) -> Iterator[Hit]:
    here = history.here
    before = predecessor(document, here)
    if before is None:
        return
    if older := _reused(document, here, before):
        own = next((here.names(one)[0] for one in here.documents[document.id] if same(document, one)), None)
        second = Phrase(N_("the one in release {release}"), release=own) if own else Phrase(N_("this one"))
        found = {"revision": document.revision, "first": here.names(older)[-1], "second": second}
        yield Hit(document.header.at("revision"), found)
    for one, other in _twice_released(document, here):
        if one.facts.revision != document.revision:
            second = Phrase(N_("the one in release {release}"), release=here.names(other)[0])
            found = {"revision": one.facts.revision, "first": here.names(one)[-1], "second": second}
            yield Hit(document.header.at("revision"), found, Severity.NOTE)


def _reused(document: Document, history: History, before: Released) -> Released | None:
    """An older released text than the last that bore the document's revision, and was another."""
    if not document.revision or before.facts.revision == document.revision:
        return None
    texts = reversed(history.documents[document.id])
    return next((one for one in texts if one.facts.revision == document.revision and not same(document, one)), None)


def _twice_released(document: Document, history: History) -> Iterator[tuple[Released, Released]]:
    """Released texts with one revision and two digests; each revision once."""
    seen: dict[str, Released] = {}
    told: set[str] = set()
    for text in history.documents.get(document.id, ()):
        first = seen.setdefault(text.facts.revision, text)
        if first.facts.digest != text.facts.digest and text.facts.revision not in told:
            told.add(text.facts.revision)
            yield first, text


@rule(
    "QM245",
    Severity.WARNING,
    title=N_("New revision without a change"),
    message=N_("revision {revision} has the same text as {newest}, which release {release} holds"),
    help=N_("keep {newest} until something changes; a review that finds nothing to change is signed once more"),
    why=N_(
        "Staff read a new revision to learn what is new, and copies are exchanged for it. "
        "A revision that changes nothing costs both, and teaches people not to look."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def nothing_changed(document: Document, history: History) -> Iterator[Hit]:
    before = predecessor(document, history.here)
    if before is None or not document.revision or before.facts.revision == document.revision:
        return
    if before.facts.substance == document.substance and not document.header.withdrawn:
        found = _about(document, before, history.here) | {"newest": before.facts.revision}
        yield Hit(document.header.at("revision"), found)


@rule(
    "QM246",
    Severity.ERROR,
    title=N_("Entry of the change list altered after its release"),
    message=N_("release {release} holds this entry of {revision} as: {date}, {by}, {summary}"),
    help=N_("bring the entry back as it was released; what is to be added belongs to the entry of the new revision"),
    why=N_(
        "The change list tells how the document came to be. "
        "An entry that is rewritten later tells another story than the one that was approved."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 王强, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def entry_altered(document: Document, history: History) -> Iterator[Hit]:
    for release, entries in _released_entries(document, history.here):
        written = [change for change in document.header.changes if _revision(change) == entries[0].revision]
        kept = {_entry(change) for change in written}
        lost = [entry for entry in entries if _plain(entry) not in kept]
        if not written or not lost:
            continue
        known = {_plain(entry) for entry in entries}
        place = next((change for change in written if _entry(change) not in known), written[0])
        found = {"date": str(lost[0].on or "—"), "by": lost[0].by or "—", "summary": lost[0].summary or "—"}
        yield Hit(place.span, {"release": release, "revision": lost[0].revision} | found)


@rule(
    "QM247",
    Severity.ERROR,
    title=N_("Entry of the change list removed after its release"),
    message=N_("the change list has lost the entry of {revisions}, which release {release} holds"),
    help=N_("bring the entry back as it was released"),
    why=N_(
        "The change list tells how the document came to be, all the way from its first issue. "
        "An entry that is gone is a change nobody accounts for any more."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def entry_removed(document: Document, history: History) -> Iterator[Hit]:
    header = document.header
    if header.lacks("changes") or not header.readable:
        return
    listed = {_revision(change) for change in header.changes}
    lost: dict[str, list[str]] = {}
    for release, entries in _released_entries(document, history.here):
        if entries[0].revision not in listed:
            lost.setdefault(release, []).append(entries[0].revision)
    for release, revisions in lost.items():
        yield Hit(header.at("changes"), {"release": release, "revisions": ", ".join(revisions)})


def _released_entries(document: Document, history: History) -> Iterator[tuple[str, list[Entry]]]:
    """For every revision of the released change lists: the first release that held its entries, and these."""
    seen: set[str] = set()
    for text in history.documents.get(document.id, ()):
        entries: dict[str, list[Entry]] = {}
        for entry in text.facts.changes:
            if entry.revision and entry.revision not in seen:
                entries.setdefault(entry.revision, []).append(entry)
        seen |= entries.keys()
        for found in entries.values():
            yield history.names(text)[0], found


def _revision(change: Change) -> str:
    return change.revision.value if change.revision else ""


def _entry(change: Change) -> tuple[date | None, str, str]:
    by, summary = change.by.value if change.by else "", change.summary.value if change.summary else ""
    return change.date.value if change.date else None, by, " ".join(summary.split())


def _plain(entry: Entry) -> tuple[date | None, str, str]:
    return entry.on, entry.by, " ".join(entry.summary.split())


RULES = (changed_under_revision, went_back, skipped, used_twice, nothing_changed, entry_altered, entry_removed)
