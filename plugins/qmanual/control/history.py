"""What git remembers of a manual, as values: its releases, and the released texts of every document.

History is an argument of status, edition and rules; it is read by `service.history` and never looked up inside
(docs/architecture.md, "Where truth lives").
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, compress
from typing import NamedTuple

from qmanual.language import N_
from qmanual.model import Document, Meaning


class Gap(StrEnum):
    """Why history cannot be known, or only in part."""

    NO_GIT = "no git"
    NO_REPOSITORY = "no repository"
    SHALLOW = "shallow"
    NO_COMMIT = "no commit"
    NO_TAGS = "no tags"
    DAMAGED = "damaged"


GAP_TEXTS = {
    Gap.NO_GIT: N_("git is not installed; install it from https://git-scm.com"),
    Gap.NO_REPOSITORY: N_("this folder is no git repository; clone the repository instead of downloading a ZIP"),
    Gap.SHALLOW: N_("only a part of the history was fetched; run `git fetch --unshallow --tags`"),
    Gap.NO_COMMIT: N_("nothing has been committed yet; commit the documents"),
    Gap.NO_TAGS: N_("there are no release tags, but releases/ holds releases; run `git fetch --tags`"),
    Gap.DAMAGED: N_("git cannot read the repository ({trouble}); clone it anew, or look with `git fsck`"),
}


class Signature(NamedTuple):
    """A signature line of a header: whose, when, in which meaning. A tuple, for a long history has many thousands."""

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

    `digest` and `substance` are those of `Document`. `effective` is what the header says, None when it leaves the day
    open.
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
    substance: str = ""


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
        substance=document.substance,
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


class Odds(StrEnum):
    """How the list of a release, `releases/NAME.yml`, and the texts that it holds are at odds."""

    DIGEST = "digest"
    REVISION = "revision"
    NOT_LISTED = "not listed"
    NOT_HELD = "not held"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A document of which a release lists another text than it holds. `line`: where in the list, 1 when not there.

    `id` is empty when the list cannot be read at all.
    """

    odds: Odds
    id: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release tag: `name` without `release/`, the commit it marks, and when it was set.

    `object` is what the tag points at: a tag object, or the commit itself when the tag is lightweight. `inner` is the
    name that the tag object gives itself, empty for a lightweight tag. `on_main`: whether the main branch holds the
    commit; `checked_out`: whether what is checked out does; `follows`: whether the commit descends from that of the
    release before; `beside`: whether neither of the two descends from the other. `committed`: when the commit was made.

    `manifest` is the blob of the list that the release itself holds, empty when it holds none; `dated`: of which day
    that says to be; `mismatches`: where it does not agree with the texts beside it. `effective`: document number → the
    day that it gives where the header leaves it open.
    """

    name: str
    commit: str
    time: datetime
    object: str = ""
    inner: str = ""
    annotated: bool = True
    on_main: bool = True
    checked_out: bool = True
    follows: bool = True
    beside: bool = False
    committed: datetime | None = None
    manifest: str = ""
    dated: date | None = None
    mismatches: tuple[Mismatch, ...] = ()
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


@dataclass(frozen=True, kw_only=True)
class History:
    """What git knows: releases, oldest first; of every number the texts that they hold, oldest first.

    `broken`: release tags that mark no commit. `doubles`: release → numbers that two of its documents bear, with their
    paths. `gap`: why it is not known, or only in part; `trouble`: what git says about that. `later`: the names of
    releases that were set after the day that is looked at; `ahead`: those of them that nobody can have set yet.
    `absent`: paths of files that a sparse checkout leaves out.
    """

    releases: tuple[Release, ...] = ()
    documents: Mapping[str, tuple[Released, ...]] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    doubles: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    gap: Gap | None = None
    trouble: str = ""
    later: frozenset[str] = frozenset()
    ahead: tuple[Release, ...] = ()
    absent: frozenset[str] = frozenset()

    @property
    def looked_back(self) -> bool:
        """Whether releases came after the day that is looked at: then the work tree tells nothing about that day."""
        return len(self.later) > len(self.ahead)

    def until(self, day: date) -> "History":
        """What was known on that day: without the releases that were set later."""
        kept = self._only([release.on <= day for release in self.releases])
        later = frozenset(release.name for release in self.releases if release.on > day)
        return replace(kept, later=later) if later else kept

    def through(self, name: str) -> "History":
        """What was known when the release of that name was the newest. Raises `ValueError` when there is none."""
        last = [release.name for release in self.releases].index(name)
        return self._only([at <= last for at in range(len(self.releases))])

    @cached_property
    def here(self) -> "History":
        """What the commit that is checked out builds upon: a branch that began before a release knows nothing of it."""
        return self._only([release.checked_out for release in self.releases])

    def _only(self, wanted: Sequence[bool]) -> "History":
        """Without the releases that are not wanted."""
        if all(wanted):
            return self
        places = list(accumulate(wanted, initial=0))
        documents = {name: tuple(_renumbered(texts, places)) for name, texts in self.documents.items()}
        releases = tuple(compress(self.releases, wanted))
        kept = {release.name for release in releases}
        return replace(
            self,
            releases=releases,
            documents={name: texts for name, texts in documents.items() if texts},
            doubles={name: found for name, found in self.doubles.items() if name in kept},
        )

    @property
    def newest(self) -> Release | None:
        """The release that was set last."""
        return self.releases[-1] if self.releases else None

    def held(self, number: str) -> Released | None:
        """The text that the newest release holds of a document; None when it holds none."""
        texts = self.documents.get(number, ())
        return texts[-1] if texts and texts[-1].last == len(self.releases) - 1 else None

    def at(self, number: str, place: int) -> Released | None:
        """The text that the release at a place holds of a document; None when it holds none."""
        return next((text for text in self.documents.get(number, ()) if text.first <= place <= text.last), None)

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


def _renumbered(texts: Iterable[Released], places: Sequence[int]) -> Iterator[Released]:
    """Texts with the places of their releases among those that are left; `places[n]`: how many are left before n."""
    for text in texts:
        first, end = places[text.first], places[text.last + 1]
        if first < end:
            yield Released(facts=text.facts, first=first, last=end - 1)
