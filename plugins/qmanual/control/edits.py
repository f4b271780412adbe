"""When the text of a document came to be as it is: the commit that last changed it, found among those that touched it.

A commit that only signs, waives a rule, or changes what no reader sees changes no text. Nor does the one that first
brought a document into git: a manual that is imported brings its approvals along.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone
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
    main = trails[0]
    first = main.steps[-1][1].commit
    found: list[tuple[int, Commit]] = []
    for trail in trails:
        same = [(at, step) for at, step in trail.steps if step.blob and reader.content(trail, step) == trail.content]
        if not same:
            return None  # not committed as it stands
        at, step = same[-1]
        if step.commit.name != first.name:
            found.append((at, step.commit))
    if not found:
        return None
    at, commit = min(found)
    before = next((step for place, step in main.steps if place > at and step.blob), None)
    return Edit(commit=commit, begun=first.on, signatures=reader.of(before).signatures if before else ())


class _Reader:
    def __init__(self, settings: Settings, texts: Texts, known: dict[str, Reading]) -> None:
        self.settings = settings
        self.texts = texts
        self.known = known

    def read(self, wanted: Iterable[tuple[Document, tuple[_Trail, ...]]]) -> None:
        """Read all versions at once."""
        steps = {
            (step.path, step.blob): (self.settings.kind(document.kind), trail.main)
            for document, trails in wanted
            for trail in trails
            for _, step in trail.steps
            if trail.text and step.blob and _key(step) not in self.known
        }
        found = self.texts(steps)
        for version, (kind, main) in steps.items():
            self.known["\0".join(version)] = self._reading(found.get(version), kind, main)

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


def _key(step: Step) -> str:
    return f"{step.path}\0{step.blob}"


def _digest(source: SourceFile) -> str:
    return hashlib.sha256(normal(source.text).encode("utf-8", "surrogatepass")).hexdigest()
