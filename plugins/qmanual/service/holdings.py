"""What commits hold of a manual: files, texts, documents and pictures, each read once however many commits hold it.

Where the documents lay is asked of each commit's own settings, so that a release still holds its documents after a
folder was moved; what their kinds must have is as it is today.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from qmanual.git import Damaged, Repository
from qmanual.git.trees import merged, read_folders
from qmanual.manual import SETTINGS, group
from qmanual.parse.document import picture_digest
from qmanual.parse.settings import read_settings
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES, decode

Parts: TypeAlias = tuple[Kind, SourceFile, tuple[SourceFile, ...]]


class Holdings:
    """The files of one repository's commits in the folders of their documents and in `beside`.

    Reading raises `git.Damaged`. `known`: texts of the work tree; those that git holds need not be read again.
    """

    def __init__(
        self, repository: Repository, settings: Settings, beside: tuple[str, ...], known: Iterable[SourceFile] = ()
    ) -> None:
        self.repository = repository
        self.settings = settings
        self.beside = beside
        self._known = tuple(known)
        self._texts: dict[tuple[str, str], SourceFile | None] = {}
        self._images: dict[str, str] = {}
        self.order = {kind.name: at for at, kind in enumerate(settings.kinds)}
        self._opened: dict[str, tuple[Mapping[str, str], ...]] = {}
        self._trees: dict[int, Mapping[str, str]] = {}
        self._shown: dict[int, list[tuple[str, str]]] = {}
        self._grouped: dict[tuple[int, int], tuple[Parts, ...]] = {}
        self._layouts: dict[str, Settings] = {}
        self._known_layouts: dict[bytes, Settings] = {}

    def open(self, commits: Iterable[str]) -> None:
        """Read the trees of these commits and the texts in them."""
        new = [commit for commit in dict.fromkeys(commits) if commit not in self._opened]
        if not new:
            return
        self._read_layouts(new)
        alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for commit in new:
            alike[self._layouts[commit].folders].append(commit)
        found: dict[str, tuple[Mapping[str, str], ...]] = {}
        for folders, commits in alike.items():
            found |= read_folders(self.repository, commits, (*dict.fromkeys(folders), *self.beside))
        self._opened.update(found)
        distinct = {id(files): files for held in found.values() for files in held}.values()
        self.texts((path, blob) for files in distinct for path, blob in files.items() if path.lower().endswith(".md"))

    def folders(self, commits: Iterable[str] = ()) -> tuple[str, ...]:
        """The folders that hold documents today or held them in one of these commits, and those beside them."""
        commits = tuple(commits)
        self._read_layouts(commits)
        layouts = (self.settings, *(self._layouts[commit] for commit in commits))
        return tuple(dict.fromkeys((*(folder for one in layouts for folder in one.folders), *self.beside)))

    def _read_layouts(self, commits: Iterable[str]) -> None:
        new = [commit for commit in dict.fromkeys(commits) if commit not in self._layouts]
        named = {commit: f"{commit}:{self.repository.prefix}{SETTINGS}" for commit in new}
        data = dict(self.repository.blobs(named.values()))
        for commit, name in named.items():
            text = data.get(name, b"")
            if text not in self._known_layouts:
                self._known_layouts[text] = self._layout(text)
            self._layouts[commit] = self._known_layouts[text]

    def _layout(self, data: bytes) -> Settings:
        """Today's settings with the folders that these settings give to their kinds."""
        then = {kind.name: kind.folder for kind in read_settings(decode(SETTINGS, data)).kinds} if data else {}
        kinds = tuple(replace(kind, folder=then.get(kind.name, kind.folder)) for kind in self.settings.kinds)
        return self.settings if kinds == self.settings.kinds else replace(self.settings, kinds=kinds)

    def tree(self, commit: str) -> Mapping[str, str]:
        """Path → blob of what a commit holds in its folders. Commits with the same files share one mapping."""
        self.open([commit])
        held = self._opened[commit]
        if id(held) not in self._trees:
            self._trees[id(held)] = merged(held)
        return self._trees[id(held)]

    def texts(self, wanted: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], SourceFile | None]:
        """Path and blob → the text, None when it is none; all that was read so far."""
        wanted = set(wanted)
        if self._known and wanted:
            length = len(next(iter(wanted))[1])
            self._texts.update(((one.path, blob_name(one.text.encode(), length)), one) for one in self._known)
            self._known = ()
        new = {pair for pair in wanted if pair not in self._texts}
        data = self.blobs(sorted({blob for _, blob in new}))
        for path, blob in new:
            self._texts[path, blob] = decode(path, data[blob])
        return self._texts

    def parts(self, commit: str) -> Mapping[str, Parts]:
        """Path of the main file → kind, main file and chapters of every document of a commit, in order."""
        found = [one for held in self.groups(commit) for one in held]
        found.sort(key=lambda parts: self.order[parts[0].name])
        return {parts[1].path: parts for parts in found}

    def groups(self, commit: str) -> Sequence[tuple[Parts, ...]]:
        """The documents of each folder of a commit. Commits that hold the same in a folder share its documents."""
        self.open([commit])
        layout = self._layouts[commit]
        return [self._group(files, layout) for files in self._opened[commit]]

    def pictures(self, commit: str) -> list[tuple[str, str]]:
        """Path and blob of every picture that a commit holds, in order."""
        self.open([commit])
        found = []
        for files in self._opened[commit]:
            if id(files) not in self._shown:
                self._shown[id(files)] = [(path, blob) for path, blob in files.items() if is_picture(path)]
            found += self._shown[id(files)]
        return sorted(found)

    def _group(self, files: Mapping[str, str], layout: Settings) -> tuple[Parts, ...]:
        key = id(files), id(layout)
        if key not in self._grouped:
            texts = self._texts
            sources = {pair[0]: source for pair in files.items() if (source := texts.get(pair)) is not None}
            self._grouped[key] = tuple(group(sources, layout))
        return self._grouped[key]

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of blobs that trees name. Raises `Damaged` when one of them is missing."""
        wanted = list(dict.fromkeys(names))
        found = dict(self.repository.blobs(wanted))
        if len(found) < len(wanted):
            missing = next(name for name in wanted if name not in found)
            raise Damaged(f"missing object {missing}")
        return found

    def image_digests(self, tree: Mapping[str, str]) -> Mapping[str, str]:
        """Path → digest of every picture in a tree."""
        found = {path: blob for path, blob in tree.items() if is_picture(path)}
        paths = {blob: path for path, blob in found.items()}
        for blob, data in self.blobs(blob for blob in found.values() if blob not in self._images).items():
            self._images[blob] = picture_digest(paths[blob], data)
        return {path: self._images[blob] for path, blob in found.items()}


def blob_name(data: bytes, length: int) -> str:
    """The name that git gives to contents, in so many hexadecimal figures: 40 (SHA-1) or 64 (SHA-256)."""
    algorithm = "sha256" if length == 64 else "sha1"
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def is_picture(path: str) -> bool:
    """Whether a file is a picture, by the ending of its name."""
    return path[path.rfind(".") :].lower() in IMAGES


def shows_pictures(source: SourceFile) -> bool:
    """Whether a text may show a picture."""
    return "![" in source.text or ("<" in source.text and "<img" in source.text.lower())
