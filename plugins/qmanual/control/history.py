"""What git remembers of a manual, as values: its releases, the released texts of every document, its commits.

History is an argument of status, edition and rules; it is read by `service.history` and never looked up inside
(docs/architecture.md, "Where truth lives").
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from qmanual.language import N_
from qmanual.model import Document, Meaning


class Gap(StrEnum):
    """Why history cannot be known, or only in part."""

    NO_GIT = "no git"
    NO_REPOSITORY = "no repository"
    SHALLOW = "shallow"
    NO_COMMIT = "no commit"
    NO_TAGS = "no tags"


GAP_TEXTS = {
    Gap.NO_GIT: N_("git is not installed; install it from https://git-scm.com"),
    Gap.NO_REPOSITORY: N_("this folder is no git repository; clone the repository instead of downloading a ZIP"),
    Gap.SHALLOW: N_("only a part of the history was fetched; run `git fetch --unshallow --tags`"),
    Gap.NO_COMMIT: N_("nothing has been committed yet; commit the documents"),
    Gap.NO_TAGS: N_("there are no release tags, but releases/ holds releases; run `git fetch --tags`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature line of a header: whose, when, in which meaning."""

    meaning: Meaning
    by: str
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a change list."""

    revision: str
    on: date | None
    by: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a text says of itself, as far as the rules over time ask. `path`: the file that carries its header.

    `digest` is that of `Document.digest`. `effective` is what the header says, None when it leaves the day open.
    """

    id: str
    kind: str
    title: str
    path: str
    revision: str
    digest: str
    effective: date | None = None
    signatures: tuple[Signature, ...] = ()
    changes: tuple[Entry, ...] = ()
    withdrawn: bool = False
    withdrawn_on: date | None = None
    replaced_by: str = ""


def facts_of(document: Document) -> Facts:
    """The facts of a document that was read."""
    header = document.header
    gone = header.withdrawn
    return Facts(
        id=document.id,
        kind=document.kind,
        title=document.title,
        path=document.path,
        revision=document.revision,
        digest=document.digest,
        effective=header.effective.value if header.effective else None,
        signatures=tuple(
            Signature(meaning=one.meaning, by=one.by.value if one.by else "", on=one.date.value if one.date else None)
            for one in header.approvals
        ),
        changes=tuple(
            Entry(
                revision=one.revision.value if one.revision else "",
                on=one.date.value if one.date else None,
                by=one.by.value if one.by else "",
                summary=one.summary.value if one.summary else "",
            )
            for one in header.changes
        ),
        withdrawn=gone is not None,
        withdrawn_on=gone.date.value if gone and gone.date else None,
        replaced_by=gone.replaced_by.value if gone and gone.replaced_by else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release tag: `name` without `release/`, the commit it marks, and when it was set.

    `object` is what the tag points at: a tag object, or the commit itself when the tag is lightweight. `inner` is the
    name that the tag object gives itself, empty for a lightweight tag. `on_main`: whether the main branch holds the
    commit. `effective`: document number → the day that the release's manifest gives where the header leaves it open.
    """

    name: str
    commit: str
    time: datetime
    object: str = ""
    inner: str = ""
    annotated: bool = True
    on_main: bool = True
    effective: Mapping[str, date] = field(default_factory=dict)

    @property
    def on(self) -> date:
        """The day on which the tag was set, in the time zone of whoever set it."""
        return self.time.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A text of a document that releases hold: the first of them and the last, as places in `History.releases`."""

    facts: Facts
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its name, those before it, when it was committed, by whom and when it was written."""

    name: str
    parents: tuple[str, ...]
    time: datetime
    author: str
    written: datetime

    @property
    def on(self) -> date:
        """The day of the commit, in the time zone of whoever committed it."""
        return self.time.date()


@dataclass(frozen=True, slots=True)
class Step:
    """A commit that changed a file: what it did (A, M, D, R), the path and the blob after it (empty: deleted)."""

    commit: Commit
    status: str
    path: str
    blob: str
    was: str = ""


@dataclass(frozen=True, kw_only=True)
class Log:
    """The commits that touched the manual's files, newest first, and what they did to each file."""

    head: str = ""
    steps: tuple[Step, ...] = ()

    def trails(self) -> Mapping[str, tuple[Step, ...]]:
        """Path as it is now, or was last → the steps of that file, newest first, renames followed."""
        found: dict[str, list[Step]] = {}
        now: dict[str, str] = {}
        for step in self.steps:
            path = now.get(step.path, step.path)
            found.setdefault(path, []).append(step)
            if step.status == "R" and step.was != step.path:
                now[step.was] = path
        return {path: tuple(steps) for path, steps in found.items()}


@dataclass(frozen=True, kw_only=True)
class History:
    """What git knows: releases, oldest first; of every number the texts that they hold, oldest first.

    `broken`: release tags that mark no commit. `doubles`: release → numbers that two of its documents bear, with their
    paths. `gap`: why it is not known, or only in part.
    """

    releases: tuple[Release, ...] = ()
    documents: Mapping[str, tuple[Released, ...]] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    doubles: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    gap: Gap | None = None

    def until(self, day: date) -> "History":
        """What was known on that day: without the releases that were set later."""
        count = sum(release.on <= day for release in self.releases)
        if count == len(self.releases):
            return self
        kept = {release.name for release in self.releases[:count]}
        return History(
            releases=self.releases[:count],
            documents={
                name: texts for name, found in self.documents.items() if (texts := tuple(_before(found, count)))
            },
            broken=self.broken,
            doubles={name: found for name, found in self.doubles.items() if name in kept},
            gap=self.gap,
        )

    @property
    def newest(self) -> Release | None:
        """The release that was set last."""
        return self.releases[-1] if self.releases else None

    def held(self, number: str) -> Released | None:
        """The text that the newest release holds of a document; None when it holds none."""
        texts = self.documents.get(number, ())
        return texts[-1] if texts and texts[-1].last == len(self.releases) - 1 else None

    def names(self, released: Released) -> tuple[str, ...]:
        """The names of the releases that hold a text."""
        return tuple(release.name for release in self.releases[released.first : released.last + 1])

    def said(self, released: Released) -> date | None:
        """The effective day that a text or its release gives; None when both leave it open."""
        return released.facts.effective or self.releases[released.first].effective.get(released.facts.id)

    def starts(self, released: Released) -> date:
        """From when a released text is in force: its effective day, and never before it was released."""
        release = self.releases[released.first]
        said = self.said(released)
        return max(said, release.on) if said else release.on


def _before(texts: Iterable[Released], count: int) -> Iterator[Released]:
    for text in texts:
        if text.first < count:
            yield Released(facts=text.facts, first=text.first, last=min(text.last, count - 1))
