"""The archive of a manual: what its release tags hold, read out of git once and kept for the next run."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from qmanual import __version__
from qmanual.control.history import Facts, Gap, History, Log, Release, Released, facts_of
from qmanual.git import Repository, Tag
from qmanual.git.log import read_log
from qmanual.git.trees import read_trees
from qmanual.manual import group
from qmanual.model import Body, Document
from qmanual.parse.document import digest, read_document
from qmanual.parse.header import read_header
from qmanual.service.kept import load_kept
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES, decode

MANIFESTS = "releases"
Parts: TypeAlias = tuple[Kind, SourceFile, tuple[SourceFile, ...]]


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
        self._known = {tuple(body.source for body in one.bodies): one for one in known if not _pictured(one.bodies)}
        made_from = f"{__version__}\n{repository.prefix}\n{settings_text}"
        places = _places(repository) if keep else ()
        self._kept = load_kept(places, hashlib.sha256(made_from.encode("utf-8", "surrogatepass")).hexdigest())
        self._texts: dict[tuple[str, str], SourceFile | None] = {}
        self._images: dict[str, str] = {}
        self._trees: dict[str, Mapping[str, str]] = {}
        self._grouped: dict[int, Mapping[str, Parts]] = {}

    # -- what is known -------------------------------------------------------------------------------------------

    def history(self) -> History:
        """What the release tags hold."""
        if gap := self._missing():
            return History(gap=gap)
        tags = self.repository.releases()
        sound = [tag for tag in tags if tag.commit]
        held = self._held(sound)
        releases = tuple(self._releases(sound))
        doubles = {tag.name: found for tag, facts in zip(sound, held, strict=True) if (found := _doubles(facts))}
        return History(
            releases=releases,
            documents=_runs(held),
            broken=tuple(tag.name for tag in tags if not tag.commit),
            doubles=doubles,
            gap=Gap.SHALLOW if self.repository.shallow else None,
        )

    def _missing(self) -> Gap | None:
        if not self.repository.installed:
            return Gap.NO_GIT
        if not self.repository.present:
            return Gap.NO_REPOSITORY
        return None if self.repository.commit() else Gap.NO_COMMIT

    def _releases(self, tags: Sequence[Tag]) -> Iterator[Release]:
        merged = self.repository.on_main() if tags else frozenset()
        for tag in tags:
            yield Release(
                name=tag.name, commit=tag.commit, time=tag.time, object=tag.object, inner=tag.inner,
                annotated=tag.annotated, on_main=tag.name in merged,
            )  # fmt: skip

    @cached_property
    def log(self) -> Log:
        """The commits that touched the manual. Only those that are new since the last run are asked of git."""
        kept = self._kept
        head = self.repository.commit()
        if kept.log.head == head:
            return kept.log
        known = kept.log.head if kept.log.head and self._is_before(kept.log.head, head) else ""
        new = read_log(self.repository, self._folders, known)
        kept.log = Log(head=head, steps=(*new.steps, *kept.log.steps)) if known else new
        kept.changed = True
        kept.save()
        return kept.log

    def _is_before(self, old: str, new: str) -> bool:
        return self.repository.run("merge-base", "--is-ancestor", old, new) is not None

    @property
    def _folders(self) -> tuple[str, ...]:
        return (*dict.fromkeys(self.settings.folders), self.settings.data_folder, MANIFESTS)

    # -- documents -----------------------------------------------------------------------------------------------

    def documents(self, release: Release) -> tuple[Document, ...]:
        """All documents that a release holds, whole."""
        images = self.image_digests(self.tree(release))
        return tuple(self._whole(*parts, images) for parts in self._parts(release).values())

    def document(self, release: Release, path: str) -> Document | None:
        """The document of a release whose header stands in the file at `path`, whole."""
        parts = self._parts(release).get(path)
        return self._whole(*parts, self.image_digests(self.tree(release))) if parts else None

    def _parts(self, release: Release) -> Mapping[str, Parts]:
        """Path of the main file → kind, main file and chapters of every document of a release, in order."""
        return self._grouping(self.tree(release))

    def _grouping(self, tree: Mapping[str, str]) -> Mapping[str, Parts]:
        if id(tree) not in self._grouped:
            found = group(self._sources(tree), self.settings)
            self._grouped[id(tree)] = {main.path: (kind, main, chapters) for kind, main, chapters in found}
        return self._grouped[id(tree)]

    def tree(self, release: Release) -> Mapping[str, str]:
        """Path → blob of what a release holds in the manual's folders."""
        self._open([release.commit])
        return self._trees[release.commit]

    def text(self, release: Release, path: str) -> SourceFile | None:
        """The text of any file of a release, None when it has none or it is no text."""
        blob = self.tree(release).get(path)
        return decode(path, self.blobs([blob]).get(blob, b"")) if blob else None

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of blobs, without those that are missing."""
        return dict(self.repository.blobs(names))

    def _whole(
        self, kind: Kind, main: SourceFile, chapters: tuple[SourceFile, ...], images: Mapping[str, str]
    ) -> Document:
        known = self._known.get((main, *chapters))
        return known or read_document(main, chapters, kind, self.settings, images)

    # -- facts ---------------------------------------------------------------------------------------------------

    def _held(self, tags: Sequence[Tag]) -> list[tuple[Facts, ...]]:
        """The facts of every release's documents, in the order of the releases."""
        kept = self._kept
        unknown = [tag.commit for tag in tags if tag.commit not in kept.held]
        self._open(unknown)
        read: dict[int, list[str]] = {}
        for commit in unknown:
            tree = self._trees[commit]
            if id(tree) not in read:
                read[id(tree)] = [self._keep_facts(tree, *parts) for parts in self._grouping(tree).values()]
            kept.held[commit] = read[id(tree)]
            kept.changed = True
        kept.save()
        return [tuple(kept.facts[key] for key in kept.held[tag.commit]) for tag in tags]

    def _keep_facts(
        self, tree: Mapping[str, str], kind: Kind, main: SourceFile, chapters: tuple[SourceFile, ...]
    ) -> str:
        """Read a document's facts, if they are not kept, and return the key under which they are."""
        parts = (main, *chapters)
        pictured = any(_shows_pictures(part.text) for part in parts)
        seen = [(path, blob) for path, blob in tree.items() if pictured and Path(path).suffix.lower() in IMAGES]
        named = repr((kind.name, [(part.path, tree[part.path]) for part in parts], seen))
        key = hashlib.blake2b(named.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if key not in self._kept.facts:
            self._kept.facts[key] = facts_of(self._facts_source(tree, kind, main, chapters, pictured))
        return key

    def _facts_source(
        self, tree: Mapping[str, str], kind: Kind, main: SourceFile, chapters: tuple[SourceFile, ...], pictured: bool
    ) -> Document:
        if known := self._known.get((main, *chapters)):
            return known
        if pictured:
            return read_document(main, chapters, kind, self.settings, self.image_digests(tree))
        return _light(kind, main, chapters, self.settings, {})

    # -- files ---------------------------------------------------------------------------------------------------

    def _open(self, commits: Iterable[str]) -> None:
        """Read the trees of these commits and the texts in them."""
        new = [commit for commit in dict.fromkeys(commits) if commit not in self._trees]
        if not new:
            return
        found = read_trees(self.repository, new, self._folders)
        self._trees.update(found)
        wanted = {
            (path, blob)
            for tree in {id(tree): tree for tree in found.values()}.values()
            for path, blob in tree.items()
            if path.lower().endswith(".md") and (path, blob) not in self._texts
        }
        data = dict(self.repository.blobs(blob for _, blob in sorted(wanted)))
        for path, blob in wanted:
            self._texts[path, blob] = decode(path, data.get(blob, b""))

    def _sources(self, tree: Mapping[str, str]) -> dict[str, SourceFile]:
        return {
            path: source for path, blob in tree.items() if (source := self._texts.get((path, blob), None)) is not None
        }

    def image_digests(self, tree: Mapping[str, str]) -> Mapping[str, str]:
        """Path → SHA-256 of every picture in a tree."""
        found = {path: blob for path, blob in tree.items() if Path(path).suffix.lower() in IMAGES}
        new = [blob for blob in found.values() if blob not in self._images]
        for blob, data in self.repository.blobs(new):
            self._images[blob] = hashlib.sha256(data).hexdigest()
        return {path: self._images[blob] for path, blob in found.items() if blob in self._images}


def _light(
    kind: Kind, main: SourceFile, chapters: Sequence[SourceFile], settings: Settings, images: Mapping[str, str]
) -> Document:
    """A document of which only the header was read, with the digest of its whole: it shows no pictures."""
    header, start, faults = read_header(main, settings.fields)
    light = Document(
        kind=kind.name, header=header, body=Body(source=main, start=start, plain=""), faults=faults,
        chapters=tuple(Body(source=chapter, start=0, plain="") for chapter in chapters),
    )  # fmt: skip
    return Document(
        kind=light.kind, header=light.header, body=light.body, chapters=light.chapters, faults=light.faults,
        digest=digest(light, images),
    )  # fmt: skip


def _shows_pictures(text: str) -> bool:
    return "![" in text or "<img" in text.lower()


def _pictured(bodies: Iterable[Body]) -> bool:
    return any(_shows_pictures(body.source.text) for body in bodies)


def _runs(held: Sequence[tuple[Facts, ...]]) -> Mapping[str, tuple[Released, ...]]:
    """Number → its released texts; releases one after the other that hold the same text make one entry."""
    found: dict[str, list[list[object]]] = defaultdict(list)
    for at, facts in enumerate(held):
        seen = set()
        for one in facts:
            if one.id in seen:
                continue
            seen.add(one.id)
            runs = found[one.id]
            if runs and runs[-1][2] == at - 1 and (runs[-1][0] is one or runs[-1][0] == one):
                runs[-1][2] = at
            else:
                runs.append([one, at, at])
    return {
        number: tuple(Released(facts=facts, first=first, last=last) for facts, first, last in runs)  # type: ignore[arg-type]
        for number, runs in found.items()
    }


def _doubles(facts: Iterable[Facts]) -> Mapping[str, tuple[str, ...]]:
    """Number → paths, for the numbers that several documents bear."""
    paths: dict[str, list[str]] = defaultdict(list)
    for one in facts:
        paths[one.id].append(one.path)
    return {number: tuple(found) for number, found in paths.items() if len(found) > 1}


def _places(repository: Repository) -> tuple[Path, ...]:
    """Where a history may be kept: beside git's own files, else in the user's cache folder."""
    if repository.folder is None:
        return ()
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    cache = Path(base) if base else Path(os.environ.get("HOME", "")) / ".cache"
    name = hashlib.sha256(str(repository.folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    places = (repository.folder / "qmanual" / "history.json", cache / "qmanual" / f"{name}.json")
    return tuple(place for place in places if not (place.is_symlink() or place.parent.is_symlink()))
