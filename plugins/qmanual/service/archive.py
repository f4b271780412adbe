"""The archive of a manual: what its release tags hold, read out of git once and kept for the next run."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from qmanual import __version__
from qmanual.control.copies import PATH as COPIES
from qmanual.control.edits import Reading, last_edits
from qmanual.control.history import Facts, Gap, History, Release
from qmanual.control.issued import Issued
from qmanual.control.log import Log, Step
from qmanual.control.manifest import FOLDER as MANIFESTS
from qmanual.control.texts import doubles_of, texts_of
from qmanual.git import Damaged, Refs, Repository, Tag
from qmanual.git.graph import Graph, read_graph
from qmanual.git.log import LogReading
from qmanual.model import Document
from qmanual.parse.document import read_document
from qmanual.service.facts import Reader
from qmanual.service.holdings import Holdings, Parts, shows_pictures
from qmanual.service.issued import read_issued
from qmanual.service.kept import KeptFacts, KeptLog, Place, Store
from qmanual.service.logs import completed
from qmanual.settings import Settings
from qmanual.source import SourceFile
from qmanual.workspace import decode


class Archive:
    """The releases of one repository.

    `known`: documents of the work tree; a released text that equals one of them is not read again. `settings_text`:
    what the settings were read from; `keep` is False for commands that prove something: they read everything anew.
    """

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        known: Iterable[Document] = (),
        settings_text: str = "",
        keep: bool = True,
    ) -> None:
        self.repository = repository
        self.settings = settings
        self._documents = tuple(known)
        unpictured = [one for one in self._documents if not any(shows_pictures(body.source) for body in one.bodies)]
        self._known = {tuple(body.source for body in one.bodies): one for one in unpictured}
        made_from = f"{__version__}\n{repository.prefix}\n{settings_text}"
        fingerprint = hashlib.sha256(made_from.encode("utf-8", "surrogatepass")).hexdigest()
        self._store = Store(repository.folder if keep else None, fingerprint)
        self._changed = False
        self._readings: dict[str, Reading] = {}
        sources = [body.source for one in self._documents for body in one.bodies]
        self._holdings = Holdings(repository, settings, (settings.data_folder, MANIFESTS, COPIES), sources)
        self._reading: LogReading | None = None

    # -- what is known -------------------------------------------------------------------------------------------

    def history(self) -> History:
        """What the release tags hold."""
        if gap := self._missing():
            return History(gap=gap, trouble=self._trouble)
        try:
            return self._history()
        except Damaged as error:
            return History(gap=Gap.DAMAGED, trouble=error.said)

    def _history(self) -> History:
        refs = self.repository.refs()
        sound = [tag for tag in refs.tags if tag.commit]
        held = self._held(sound)
        releases = tuple(self._releases(sound, held, self._standing(refs)))
        doubles = {tag.name: found for tag, facts in zip(sound, held, strict=True) if (found := doubles_of(facts))}
        if self._changed:
            self._store.keep_facts(self._kept)
            self._changed = False
        return History(
            releases=releases,
            documents=texts_of(held),
            broken=tuple(tag.name for tag in refs.tags if not tag.commit),
            doubles=doubles,
            gap=Gap.SHALLOW if self.repository.shallow else None,
        )

    @cached_property
    def _kept(self) -> KeptFacts:
        return self._store.facts()

    def _missing(self) -> Gap | None:
        if not self.repository.installed:
            return Gap.NO_GIT
        if self._trouble:
            return Gap.DAMAGED
        if not self.repository.present:
            return Gap.NO_REPOSITORY
        return None if self._head else Gap.NO_COMMIT

    @cached_property
    def _trouble(self) -> str:
        """Why nothing can be read of a repository that is there."""
        if self.repository.trouble or not self.repository.present or self._head:
            return self.repository.trouble
        return self.repository.complaint("HEAD")

    @cached_property
    def _head(self) -> str:
        return self.repository.commit()

    def _releases(
        self, tags: Sequence[Tag], held: Sequence[tuple[Facts, ...]], standing: Mapping[str, Place]
    ) -> Iterator[Release]:
        for tag, found in self._issued(tags, held):
            place = standing[tag.name]
            yield Release(
                name=tag.name, commit=tag.commit, time=tag.time, object=tag.object, inner=tag.inner,
                annotated=tag.annotated, on_main=place.on_main, checked_out=place.checked_out, follows=place.follows,
                beside=place.beside, committed=tag.committed, manifest=found.blob, dated=found.dated,
                mismatches=found.mismatches, effective=found.effective,
            )  # fmt: skip

    def _issued(self, tags: Sequence[Tag], held: Sequence[tuple[Facts, ...]]) -> Iterator[tuple[Tag, Issued]]:
        """What every release lists; one that was read before is read no more."""
        kept, named = self._kept, [f"{tag.name} {tag.commit}" for tag in tags]
        unknown = [(tag, facts) for name, tag, facts in zip(named, tags, held, strict=True) if name not in kept.issued]
        for tag, found in read_issued(self.repository, unknown):
            kept.issued[f"{tag.name} {tag.commit}"] = found
            self._changed = True
        return ((tag, kept.issued[name]) for tag, name in zip(tags, named, strict=True))

    def _standing(self, refs: Refs) -> Mapping[str, Place]:
        """How the commit of every tag stands to the main branch, to what is checked out, and to the tag before it."""
        tips = refs.tips or (self._head,)
        named = "\n".join((self._head, *tips, *(f"{tag.name} {tag.commit} {tag.time}" for tag in refs.tags)))
        refs_digest = hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()
        if self._kept.refs != refs_digest:
            sound = [tag for tag in refs.tags if tag.commit]
            graph = read_graph(self.repository, (*tips, self._head, *(tag.commit for tag in sound)))
            main, here = graph.reached(tips), graph.reached([self._head])
            self._kept.standing = {
                tag.name: Place(tag.commit in main, tag.commit in here, *_order(graph, before, tag))
                for before, tag in zip((None, *sound), sound, strict=False)
            }
            self._kept.refs = refs_digest
            self._changed = True
        return self._kept.standing

    # -- the log -------------------------------------------------------------------------------------------------

    @cached_property
    def _kept_log(self) -> KeptLog:
        return self._store.log()

    def read_ahead(self) -> None:
        """Let git walk its history beside what else is done, unless what is kept reaches up to the head.

        Raises `Damaged`.
        """
        if self._missing() or not self.repository.refs().tags:
            return
        kept, head = self._kept_log.log, self._head
        if self._reading is None and kept.head != head:
            known = kept.head if kept.head and self._is_before(kept.head, head) else ""
            tags = [tag.commit for tag in self.repository.refs().tags if tag.commit]
            self._reading = LogReading(self.repository, head, self._holdings.folders(tags), known)

    @cached_property
    def log(self) -> Log:
        """The commits that touched the manual. Only those that are new since the last run are asked of git.

        Raises `Damaged`.
        """
        self.read_ahead()
        kept, reading = self._kept_log, self._reading
        new: tuple[Step, ...] = ()
        if reading:
            new = completed(reading.steps(), self.repository, self._head)
            kept.log = Log(head=self._head, steps=(*new, *(kept.log.steps if reading.since else ())))
        before = len(kept.readings)
        kept.readings |= self._readings
        edits = last_edits(self._documents, kept.log, self.settings, self._holdings.texts, kept.readings)
        if reading or len(kept.readings) > before:
            self._store.keep_log(kept)
        return replace(kept.log, edits=edits)

    def _is_before(self, old: str, new: str) -> bool:
        return self.repository.run("merge-base", "--is-ancestor", old, new) is not None

    # -- documents -----------------------------------------------------------------------------------------------

    def documents(self, release: Release) -> tuple[Document, ...]:
        """All documents that a release holds, whole."""
        images = self.image_digests(self.tree(release))
        return tuple(self._whole(parts, images) for parts in self._parts(release).values())

    def document(self, release: Release, path: str) -> Document | None:
        """The document of a release whose header stands in the file at `path`, whole."""
        parts = self._parts(release).get(path)
        return self._whole(parts, self.image_digests(self.tree(release))) if parts else None

    def chapters(self, release: Release) -> Mapping[str, str]:
        """Path of every file of a release's documents → path of the file that carries the document's header."""
        parts = self._parts(release).values()
        return {source.path: main.path for _, main, chapters in parts for source in (main, *chapters)}

    def _parts(self, release: Release) -> Mapping[str, Parts]:
        return self._holdings.parts(release.commit)

    def _whole(self, parts: Parts, images: Mapping[str, str]) -> Document:
        kind, main, chapters = parts
        known = self._known.get((main, *chapters))
        return known or read_document(main, chapters, kind, self.settings, images)

    # -- files ---------------------------------------------------------------------------------------------------

    def tree(self, release: Release) -> Mapping[str, str]:
        """Path → blob of what a release holds in the manual's folders."""
        return self._holdings.tree(release.commit)

    def text(self, release: Release, path: str) -> SourceFile | None:
        """The text of any file of a release, None when it has none or it is no text."""
        blob = self.tree(release).get(path)
        return decode(path, self._holdings.blobs([blob])[blob]) if blob else None

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of blobs, without those that are missing."""
        return dict(self.repository.blobs(names))

    def image_digests(self, tree: Mapping[str, str]) -> Mapping[str, str]:
        """Path → SHA-256 of every picture in a tree."""
        return self._holdings.image_digests(tree)

    # -- facts ---------------------------------------------------------------------------------------------------

    def _held(self, tags: Sequence[Tag]) -> list[tuple[Facts, ...]]:
        """The facts of every release's documents, in the order of the releases."""
        kept = self._kept
        unknown = list(dict.fromkeys(tag.commit for tag in tags if tag.commit not in kept.held))
        if unknown:
            reader = Reader(self._holdings, self._known, kept.facts)
            kept.held |= reader.read(unknown)
            self._readings |= reader.readings
            self._changed = True
        return [tuple([kept.facts[key] for key in kept.held[tag.commit]]) for tag in tags]


def _order(graph: Graph, before: Tag | None, tag: Tag) -> tuple[bool, bool]:
    """Whether the commit of a tag descends from that of the one before, and whether neither does from the other."""
    follows = before is None or graph.descends(tag.commit, before.commit)
    return follows, before is not None and not follows and not graph.descends(before.commit, tag.commit)
