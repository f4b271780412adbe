"""When the text of a document came to be as it is: the commit that last changed it, found among those that touched it.

A commit that only signs, waives a rule, or changes what no reader sees changes no text. Nor does the one that first
brought a document into git: a manual that is imported brings its approvals along.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta, timezone
from itertools import pairwise
from typing import TypeAlias

from qmanual.control.history import Signature, facts_of
from qmanual.control.log import Commit, Edit, Log, Step
from qmanual.model import Document, Meaning
from qmanual.parse.document import normal, pictures_of, read_light
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile

JUDGED = frozenset(Meaning) - {Meaning.PREPARED}
"""Signatures that judge a text; whoever prepares it may sign at the beginning of the work."""

LIMIT = 500
"""How many versions of a file are looked at, from the newest."""

Version: TypeAlias = tuple[str, str]
Texts: TypeAlias = Callable[[Iterable[Version]], Mapping[Version, SourceFile | None]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A version of a document's file: a digest over its content, and the signatures in its header."""

    content: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class _Trail:
    """The steps of one file of a document, newest first, with their places in the log, and the content it has now."""

    steps: tuple[tuple[int, Step], ...]
    content: str
    main: bool
    text: bool


def earliest_day(commit: Commit) -> date:
    """The day on which a commit's text was there at the latest, as whoever wrote it counted days.

    A commit that is moved (rebase) keeps when it was written. Where a server writes UTC the day of the writer is not
    known: then it is the earliest that it can have been anywhere.
    """
    moment = min(commit.time, commit.written)
    return moment.astimezone(_EARLIEST).date() if not moment.utcoffset() else moment.date()


_EARLIEST = timezone(timedelta(hours=-12))


def last_edits(
    documents: Iterable[Document], log: Log, settings: Settings, texts: Texts, known: dict[str, Reading]
) -> Mapping[str, Edit]:
    """Path → what last changed the text of a document, as `Log.edits` tells it.

    `texts` gives the texts of versions, path and blob; `known` keeps what was read of them.
    """
    reader = _Reader(settings, texts, known)
    trails = _trails(log)
    wanted = []
    for document in documents:
        found = tuple(_of_document(document, trails, settings))
        if found and _is_late(document, found):
            wanted.append((document, found))
    reader.read(wanted)
    return {document.path: edit for document, found in wanted if (edit := _last(document, found, reader))}


def _trails(log: Log) -> Mapping[str, tuple[tuple[int, Step], ...]]:
    places = {id(step): at for at, step in enumerate(log.steps)}
    return {path: tuple((places[id(step)], step) for step in steps) for path, steps in log.trails().items()}


def _of_document(
    document: Document, trails: Mapping[str, tuple[tuple[int, Step], ...]], settings: Settings
) -> Iterator[_Trail]:
    """The trails of a document's files; none where its header was never committed."""
    if document.path not in trails:
        return
    kind = settings.kind(document.kind)
    whole = not document.chapters and not any(link.image for link in document.body.links)
    content = document.digest if whole else read_light(kind, document.source, (), settings).digest
    yield _Trail(trails[document.path][:LIMIT], content, main=True, text=True)
    for chapter in document.chapters:
        if chapter.path in trails:
            yield _Trail(trails[chapter.path][:LIMIT], _digest(chapter.source), main=False, text=True)
    for path in sorted({path for body in document.bodies for path in pictures_of(body, trails)}):
        yield _Trail(trails[path][:LIMIT], trails[path][0][1].blob, main=False, text=False)


def _is_late(document: Document, trails: Iterable[_Trail]) -> bool:
    """Whether a commit touched the document after it was signed."""
    signed = [one.date.value for one in document.header.approvals if one.date and one.meaning in JUDGED]
    return bool(signed) and max(step.commit.on for trail in trails for _, step in trail.steps[:1]) > min(signed)


def _last(document: Document, trails: tuple[_Trail, ...], reader: "_Reader") -> Edit | None:
    main = reader.own(document, trails[0])
    first = main.steps[-1][1].commit
    found: list[tuple[int, Commit]] = []
    for trail in (main, *trails[1:]):
        at, commit = _came(document, trail, main, reader) or (0, None)
        if commit is None:
            return None  # not committed as it stands
        if commit.name != first.name:
            found.append((at, commit))
    if not found:
        return None
    at, commit = min(found, key=lambda one: one[0])
    return Edit(commit=commit, begun=first.on, signatures=_borne(main, at, commit, reader))


def _came(document: Document, trail: _Trail, main: _Trail, reader: "_Reader") -> tuple[int, Commit] | None:
    """Where in the log the content of a file came to be what it is; None where it was never committed.

    A content that was left and taken up again has been there since it first was, unless somebody signed meanwhile:
    then another text was signed.
    """
    borne = frozenset(facts_of(document).signatures)
    found: tuple[int, Commit] | None = None
    left: tuple[int, Commit] | None = None
    for at, step in trail.steps:
        if not step.blob or reader.content(trail, step) != trail.content:
            left = at, step.commit
            continue
        if found and left and borne & {*_borne(main, *found, reader)} - {*_borne(main, *left, reader)}:
            break
        found, left = (at, step.commit), None
    return found


def _borne(main: _Trail, at: int, commit: Commit, reader: "_Reader") -> tuple[Signature, ...]:
    """The signatures in the header before a commit."""
    steps = (step for place, step in main.steps if place > at and step.commit.name != commit.name and step.blob)
    before = next(steps, None)
    return reader.of(before).signatures if before else ()


class _Reader:
    def __init__(self, settings: Settings, texts: Texts, known: dict[str, Reading]) -> None:
        self.settings = settings
        self.texts = texts
        self.known = known
        self.moved: dict[Version, SourceFile | None] = {}

    def read(self, wanted: Iterable[tuple[Document, tuple[_Trail, ...]]]) -> None:
        """Read all versions at once."""
        moves = [version for _, trails in wanted for pair in _moves(trails[0]) for version in pair[1:]]
        steps = {
            (step.path, step.blob): (self.settings.kind(document.kind), trail.main)
            for document, trails in wanted
            for trail in trails
            for _, step in trail.steps
            if trail.text and step.blob and _key(step) not in self.known
        }
        found = self.texts([*steps, *moves])
        self.moved = {version: found.get(version) for version in moves}
        for version, (kind, main) in steps.items():
            self.known["\0".join(version)] = self._reading(found.get(version), kind, main)

    def own(self, document: Document, main: _Trail) -> _Trail:
        """The trail of a document's header without what came before it under another number.

        git takes a new file that resembles one that goes with the same commit for a renamed one.
        """
        for at, *versions in _moves(main):
            new, old = (self._number(document, version) for version in versions)
            if new != old:
                return replace(main, steps=main.steps[: at + 1])
        return main

    def _number(self, document: Document, version: Version) -> str:
        source = self.moved[version]
        return read_light(self.settings.kind(document.kind), source, (), self.settings).id if source else ""

    def _reading(self, source: SourceFile | None, kind: Kind, main: bool) -> Reading:
        if source is None:
            return Reading("", ())
        if not main:
            return Reading(_digest(source), ())
        document = read_light(kind, source, (), self.settings)
        return Reading(document.digest, facts_of(document).signatures)

    def of(self, step: Step) -> Reading:
        """What a version that was read holds."""
        return self.known[_key(step)]

    def content(self, trail: _Trail, step: Step) -> str:
        """The content of a version, to be compared with that of the trail."""
        return self.of(step).content if trail.text else step.blob


def _moves(main: _Trail) -> Iterator[tuple[int, Version, Version]]:
    """Where a file was renamed and changed at once: the place among its steps, the version after and the one before."""
    for at, ((_, step), (_, before)) in enumerate(pairwise(main.steps)):
        if step.status == "R" and before.blob not in ("", step.blob):
            yield at, (step.path, step.blob), (before.path, before.blob)


def _key(step: Step) -> str:
    return f"{step.path}\0{step.blob}"


def _digest(source: SourceFile) -> str:
    return hashlib.sha256(normal(source.text).encode("utf-8", "surrogatepass")).hexdigest()
