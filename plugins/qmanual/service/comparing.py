"""Two revisions of a document found in the history, rendered and compared.

A revision is named as people know it: `A/1`, the name of a release that holds it, a commit; none means what is in force
on the left and the work tree on the right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from qmanual.control.edition import timeline
from qmanual.control.history import GAP_TEXTS, Gap, Release, Released
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.register import Register
from qmanual.render.gate import forbidden
from qmanual.render.redline_document import Reading, Redline, compare_documents
from qmanual.render.texts import Around
from qmanual.service.loading import Manual
from qmanual.service.publication import publication
from qmanual.service.rendering import Task, render_text
from qmanual.service.shelf import numbers_then, shown_in
from qmanual.workspace import CannotRun


@dataclass(frozen=True, kw_only=True)
class Version:
    """A text of a document and where it was found. `release` is None for the work tree; a commit is like a release
    that nobody named. `where`: what says so to a person, with its details."""

    document: Document
    release: Release | None = None
    where: Phrase = field(default_factory=lambda: Phrase(N_("work tree")))

    def name(self, say: Translator) -> str:
        """`A/1 (release 2026-03)`."""
        revision = self.document.revision or say(N_("no revision"))
        return say(N_("{revision} ({where})"), revision=revision, where=say(self.where, **self.where.details))

    @property
    def sign(self) -> tuple[str, str]:
        """Equal for equal texts."""
        return self.document.digest, self.document.revision


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two versions and their redline."""

    manual: Manual
    old: Version
    new: Version
    say: Translator

    @property
    def names(self) -> tuple[str, str]:
        """What the two are called."""
        return self.old.name(self.say), self.new.name(self.say)

    @cached_property
    def redline(self) -> Redline:
        """What differs. Raises `CannotRun` when one of them cannot be shown."""
        labels = {own.name: own.label for own in self.manual.register.settings.fields}
        readings = [read(self.manual, version, self.say) for version in (self.old, self.new)]
        return compare_documents(readings[0], readings[1], self.say, labels)

    @property
    def pictures(self) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
        """The pictures that either text shows, by their path."""
        return pictures(self.manual, self.old), pictures(self.manual, self.new)


def compare(manual: Manual, number: str, asked: str, say: Translator) -> Comparison:
    """The comparison that was asked for: `A..B`, `A..`, `..B`, `A` or nothing. Raises `CannotRun`."""
    left, dots, right = asked.partition("..")
    texts = _Texts(manual, number)
    if not asked:
        old, new = texts.usual()
    else:
        old = texts.named(left) if left else texts.before()
        new = texts.named(right) if dots and right else texts.working()
    return Comparison(manual=manual, old=old, new=new, say=say)


class _Texts:
    """Every text of one document, wherever it is."""

    def __init__(self, manual: Manual, number: str) -> None:
        body = manual.register.by_path.get(number)
        self.number = body[0].id if body else number
        self.manual = manual
        self.current = manual.register.by_id.get(self.number)
        self.released = manual.history.documents.get(self.number, ())
        if self.current is None and not self.released:
            raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=number)

    def working(self) -> Version:
        if self.current is None:
            raise CannotRun(N_("{id} is no longer in the work tree. Name two of its texts: {known}"),
                            id=self.number, known=self._known())  # fmt: skip
        return Version(document=self.current)

    def before(self) -> Version:
        """The text in force, or the newest that is released."""
        found = next(self._in_force(), None)
        if found is None:
            raise self._none_released()
        return found

    def usual(self) -> tuple[Version, Version]:
        """The text in force and the work tree's; when both are the same, the two last texts."""
        rows = list(self._in_force())
        if not rows:
            raise self._none_released()
        if self.current is None:
            return (rows[1] if len(rows) > 1 else rows[0]), rows[0]
        new = self.working()
        other = next((row for row in rows if row.sign != new.sign), rows[0])
        return other, new

    def named(self, name: str) -> Version:
        """The text of a revision, else of a release, else of a commit."""
        same = [one for one in self.released if one.facts.revision == name]
        if same:
            return self._version(same[-1])
        if self.current is not None and self.current.revision == name:
            return self.working()
        releases = [one.name for one in self.manual.history.releases]
        wanted = name.removeprefix("release/")
        if wanted in releases:
            at = releases.index(wanted)
            held = next((one for one in self.released if one.first <= at <= one.last), None)
            if held is None:
                raise CannotRun(N_("Release {release} does not hold {id}. Known: {known}"),
                                release=wanted, id=self.number, known=self._known())  # fmt: skip
            return self._version(held, wanted)
        return self._of_commit(name)

    def _of_commit(self, name: str) -> Version:
        commit = self.manual.archive.repository.commit(name) if self.manual.archive.repository.present else ""
        if not commit:
            text = N_("{name} is no revision of {id}, no release and no commit. Known: {known}")
            raise CannotRun(text, name=name, id=self.number, known=self._known())
        release = Release(name=commit[:10], commit=commit, time=datetime.fromtimestamp(0, UTC))
        for document in self._documents(release):
            if document.id == self.number:
                where = Phrase(N_("commit {commit}"), commit=commit[:10])
                return Version(document=document, release=release, where=where)
        text = N_("Commit {commit} does not hold {id}. Known: {known}")
        raise CannotRun(text, commit=commit[:10], id=self.number, known=self._known())

    def _documents(self, release: Release) -> Iterator[Document]:
        """The documents of a commit, the one at the usual place first."""
        paths = [self.current.path] if self.current else []
        paths += [one.facts.path for one in reversed(self.released)]
        for path in dict.fromkeys(paths):
            if document := self.manual.archive.document(release, path):
                yield document
        yield from self.manual.archive.documents(release)

    def _in_force(self) -> Iterator[Version]:
        """The released texts: the one in force, those to come, the older ones, newest first."""
        times = timeline(self.number, self.manual.history, self.manual.today)
        for version in (times.now, *times.later, *times.past):
            if version is not None:
                release, document = self.manual.released(version)
                yield Version(document=document, release=release, where=_in(release.name))

    def _version(self, released: Released, name: str = "") -> Version:
        history = self.manual.history
        release = next((one for one in history.releases if one.name == name), history.releases[released.last])
        document = self.manual.archive.document(release, released.facts.path)
        assert document is not None  # the history was read from this very release
        return Version(document=document, release=release, where=_in(release.name))

    def _known(self) -> str:
        """The names by which a text of the document can be asked for."""
        names = [one.facts.revision for one in self.released]
        names += [self.current.revision] if self.current else []
        names += [name for one in self.released for name in self.manual.history.names(one)]
        return ", ".join(dict.fromkeys(name for name in names if name)) or "—"

    def _none_released(self) -> CannotRun:
        gap = self.manual.history.gap
        if gap is not None and gap is not Gap.SHALLOW:
            return CannotRun(N_("Nothing is known of earlier texts: {reason}."), reason=Phrase(GAP_TEXTS[gap]))
        text = N_("{id} has not been released yet. Name a commit to compare with: diff {id!q} HEAD~1")
        return CannotRun(text, id=self.number)


def _in(release: str) -> Phrase:
    return Phrase(N_("release {release}"), release=release)


# -- reading -----------------------------------------------------------------------------------------------------


def read(manual: Manual, version: Version, say: Translator) -> Reading:
    """A version as staff read it. Raises `CannotRun` when no safe page can be made of it."""
    document, release = version.document, version.release
    around, register = None, manual.register
    if release is not None:
        known = release in manual.history.releases
        around = Around(moved={}, then=numbers_then(manual, release) if known else {})
        if any(body.markers for body in document.bodies):
            register = _register_then(manual, release)
    bodies = {}
    for body in document.bodies:
        rendered = render_text(Task(body, document.kind, around), register, say)
        if rendered is None or forbidden(rendered.html):
            text = N_(
                "{id} {revision} cannot be shown: no safe page can be made of {path}. `check` says what is wrong."
            )
            raise CannotRun(text, id=document.id, revision=document.revision, path=body.path)
        bodies[body.path] = rendered.html
    return Reading(document=document, bodies=bodies, pictures=_digests(manual, version))


def _register_then(manual: Manual, release: Release) -> Register:
    """What the lists and charts in a text were made of at that time."""
    return publication(manual, draft=True).register_then(release)


def _digests(manual: Manual, version: Version) -> Mapping[str, str]:
    if version.release is None:
        return manual.register.tree.images
    return manual.archive.image_digests(manual.archive.tree(version.release))


def pictures(manual: Manual, version: Version) -> Mapping[str, bytes]:
    """The pictures that a version shows: path → content."""
    known = manual.register.tree.images if version.release is None else manual.archive.tree(version.release)
    paths = sorted({path for body in version.document.bodies for path in shown_in(body, known)})
    if version.release is None:
        return {path: (manual.root / path).read_bytes() for path in paths}
    blobs = manual.archive.blobs([known[path] for path in paths]) if paths else {}
    return {path: blobs[known[path]] for path in paths if known[path] in blobs}


def stage(comparison: Comparison, folder: Path) -> None:
    """Put the pictures of both texts into a folder, each under the name of its side, for the printer."""
    for side, found in zip(SIDES, comparison.pictures, strict=True):
        for path, content in found.items():
            place = folder / side / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


SIDES = ("old", "new")
