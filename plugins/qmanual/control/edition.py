"""What is in force on a day: for every document its effective text, what comes next, and what it replaced.

All of it is derived from what the releases hold (`control.history`) and from the day that is asked about; the same
history seen on another day gives another edition, without a new commit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from qmanual.control.history import Facts, History, Released, facts_of
from qmanual.control.past import issued
from qmanual.control.status import Status, next_review, release_of, working_status
from qmanual.model import Document
from qmanual.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A text of a document and where it stands. `starts`: from when it is in force; None while it is not released.

    `said`: the effective day that it gives itself. `releases` are the names of those that hold it, oldest first.
    """

    facts: Facts
    status: Status
    starts: date | None
    said: date | None = None
    releases: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """The revision as written."""
        return self.facts.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The released texts of one document as seen on a day. `now`: the one that counts. `later`: those released after
    it, `past`: those before, both newest first. A later text that another overtakes before its day is superseded.
    """

    now: Version | None = None
    later: tuple[Version, ...] = ()
    past: tuple[Version, ...] = ()

    @property
    def shown(self) -> Version | None:
        """The text that stands for the document: the one that counts, else the next to come."""
        return self.now or next((one for one in reversed(self.later) if one.status is Status.APPROVED), None)

    @property
    def versions(self) -> tuple[Version, ...]:
        """All of them, newest first."""
        return (*self.later, *((self.now,) if self.now else ()), *self.past)

    def around(self, text: Version) -> tuple[tuple[Version, ...], tuple[Version, ...]]:
        """The texts released after one of them, and those before it, both newest first."""
        at = self.versions.index(text)
        return self.versions[:at], self.versions[at + 1 :]


def timeline(number: str, history: History, today: date) -> Timeline:
    """What the releases set by `today` hold of a document (ISO 9001 7.5.3.2: prevention of unintended use)."""
    texts = [text for text in _joined(history.documents.get(number, ())) if history.releases[text.first].on <= today]
    current = next((text for text in reversed(texts) if history.starts(text) <= today), None)
    if current is None:
        return _before_any_is_in_force(texts, history, today)
    at = texts.index(current)
    status = _current_status(texts[at:], history, today)
    later = [text for text in texts[at + 1 :] if not _same(text, current)]
    past: list[Released] = []
    for text in reversed(texts[:at]):
        if not _same(text, current) and not any(_same(text, other) for other in past):
            past.append(text)
    return Timeline(
        now=_version(current, history, status),
        later=_later(later, history, status is Status.WITHDRAWN),
        past=tuple(_version(text, history, Status.SUPERSEDED) for text in past),
    )


def _current_status(texts: Iterable[Released], history: History, today: date) -> Status:
    """Whether the text in force has left the system: withdrawn, or no longer held by the newest release."""
    texts = tuple(texts)
    if any(_is_withdrawn(text, history, today) for text in texts):
        return Status.WITHDRAWN
    known = [release for release in history.releases if release.on <= today]
    return Status.WITHDRAWN if texts[-1].last < len(known) - 1 else Status.EFFECTIVE


def _is_withdrawn(text: Released, history: History, today: date) -> bool:
    facts, release = text.facts, history.releases[text.first]
    return facts.withdrawn and max(facts.withdrawn_on or release.on, release.on) <= today


def _before_any_is_in_force(texts: Sequence[Released], history: History, today: date) -> Timeline:
    """All texts are still to come, unless the newest was withdrawn before its day."""
    if texts and _is_withdrawn(texts[-1], history, today):
        return Timeline(now=_version(texts[-1], history, Status.WITHDRAWN))
    return Timeline(later=_later(texts, history, withdrawn=False))


def _later(texts: Sequence[Released], history: History, withdrawn: bool) -> tuple[Version, ...]:
    """Texts whose day is still to come, newest first: each comes into force, unless a newer one does by then."""
    found: list[Version] = []
    soonest = date.max
    for text in reversed(texts):
        comes = history.starts(text) < soonest and not withdrawn
        found.append(_version(text, history, Status.APPROVED if comes else Status.SUPERSEDED))
        soonest = min(soonest, history.starts(text))
    return tuple(found)


def ends(number: str, history: History, today: date) -> date | None:
    """From when a document is withdrawn, also when that day is still to come; None for one that stays.

    It is the day that its header gives, never before the release of that; for one that left the releases without a
    word, the day of the first release that does not hold it.
    """
    texts = [text for text in history.documents.get(number, ()) if history.releases[text.first].on <= today]
    known = [release for release in history.releases if release.on <= today]
    if not texts:
        return None
    first = next((text for text in texts if text.facts.withdrawn and _same(text, texts[-1])), None)
    if texts[-1].facts.withdrawn and first:
        on = known[first.first].on
        return max(first.facts.withdrawn_on or on, on)
    return known[texts[-1].last + 1].on if texts[-1].last < len(known) - 1 else None


def _joined(texts: Iterable[Released]) -> Iterator[Released]:
    """The texts of a document, each once while it holds: signatures and a withdrawal change what is said of a text
    and not the text, so it has been in force since it was first released.
    """
    before: Released | None = None
    for text in texts:
        if before and _same(before, text) and before.last + 1 == text.first:
            text = Released(facts=text.facts, first=before.first, last=text.last)
        elif before:
            yield before
        before = text
    if before:
        yield before


def _same(one: Released, other: Released) -> bool:
    return one.facts.digest == other.facts.digest and one.facts.revision == other.facts.revision


def _version(text: Released, history: History, status: Status) -> Version:
    return Version(
        facts=text.facts,
        status=status,
        starts=history.starts(text),
        said=history.said(text),
        releases=history.names(text),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document in the edition: the text that counts, its status, and what stands before and after it.

    `release` is the name of the first release that holds this text. `said`: the effective day that the text or its
    release gives; `starts`: from when it is in force, never before its release; `ends`: from when it is withdrawn.
    `later`: the texts released after this one, newest first; `past`: those before it. `working`: the text of the work
    tree, where no release holds it.
    """

    document: Document
    status: Status
    release: str | None = None
    said: date | None = None
    starts: date | None = None
    ends: date | None = None
    next_review: date | None = None
    later: tuple[Version, ...] = ()
    past: tuple[Version, ...] = ()
    working: Version | None = None

    def as_draft(self) -> "Entry":
        """The same text as it stands in the work tree, where nothing is released."""
        return replace(self, status=Status.DRAFT, release=None)

    @property
    def coming(self) -> tuple[Version, ...]:
        """The texts that come into force after this one, the next first."""
        return tuple(one for one in reversed(self.later) if one.status is Status.APPROVED)

    @property
    def effective(self) -> date | None:
        """The effective date wherever one is shown: from when the text is in force; until a release holds it, the day
        that it gives itself.
        """
        return self.starts or self.said


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Every document of the register as of `today`. `draft`: it shows the work tree and not what was released."""

    register: Register
    today: date
    entries: tuple[Entry, ...]
    draft: bool = False

    @cached_property
    def by_path(self) -> Mapping[str, Entry]:
        """The entry of the document whose header or chapter stands in a file."""
        return {body.path: entry for entry in self.entries for body in entry.document.bodies}

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The first entry of every number."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            found.setdefault(entry.document.id, entry)
        return found


def working_edition(register: Register, history: History, today: date) -> Edition:
    """The work tree's texts, each with the status that the releases give it."""
    entries = tuple(_working_entry(document, register, history, today) for document in register.documents)
    return Edition(register=register, today=today, draft=True, entries=entries)


def _working_entry(document: Document, register: Register, history: History, today: date) -> Entry:
    required = register.settings.kind(document.kind).approvals
    status = working_status(document, history, today, required)
    times = timeline(document.id, history, today)
    released = _released(document, times) if release_of(document, history) else None
    return Entry(
        document=document,
        status=status,
        release=released.releases[0] if released else None,
        said=released.said if released else _said(document),
        starts=released.starts if released else None,
        ends=ends(document.id, history, today) if released else None,
        next_review=None if status is Status.WITHDRAWN else next_review(document),
        past=tuple(version for version in times.versions if version.facts.digest != document.digest),
    )


def _released(document: Document, times: Timeline) -> Version | None:
    """The document's own text among the released ones."""
    sign = (document.digest, document.revision)
    return next((one for one in times.versions if (one.facts.digest, one.revision) == sign), None)


def published_edition(register: Register, work: Register, history: History, today: date) -> Edition:
    """The edition of a day. `register` holds for every number the text that counts on that day; `work` the work tree.

    A document of the work tree that differs from its newest release is told as what somebody is working on.
    """
    written = {document.id: document for document in reversed(work.documents)}
    return Edition(
        register=register,
        today=today,
        entries=tuple(_published_entry(document, written, work, history, today) for document in register.documents),
    )


def _published_entry(
    document: Document, written: Mapping[str, Document], work: Register, history: History, today: date
) -> Entry:
    times = timeline(document.id, history, today)
    counts = times.shown
    assert counts is not None  # the register of an edition is made of released texts
    later, past = times.around(counts)
    gone = counts.status is Status.WITHDRAWN
    return Entry(
        document=document,
        status=counts.status,
        release=counts.releases[0],
        said=counts.said,
        starts=counts.starts,
        ends=ends(document.id, history, today),
        next_review=None if gone else next_review(document),
        later=later,
        past=past,
        working=_working(written.get(document.id), work, history, today),
    )


def _working(document: Document | None, work: Register, history: History, today: date) -> Version | None:
    """The text of the work tree, where no release ever held it: a branch may begin at an older one."""
    if document is None or issued(document, history) is not None:
        return None
    required = work.settings.kind(document.kind).approvals
    status = working_status(document, history, today, required)
    return Version(facts=facts_of(document), status=status, starts=None)


def _said(document: Document) -> date | None:
    return document.header.effective.value if document.header.effective else None
