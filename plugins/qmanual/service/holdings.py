"""What commits hold of a manual: files, texts, documents and pictures, each read once however many commits hold it."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from qmanual.git import Damaged, Repository
from qmanual.git.trees import read_trees
from qmanual.manual import group
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES, decode

Parts: TypeAlias = tuple[Kind, SourceFile, tuple[SourceFile, ...]]


class Holdings:
    """The files of one repository's commits in `folders`. Reading raises `git.Damaged`.

    `known`: texts of the work tree; those that git holds as they are need not be read again.
    """

    def __init__(
        self, repository: Repository, settings: Settings, folders: tuple[str, ...], known: Iterable[SourceFile] = ()
    ) -> None:
        self.repository = repository
        self.settings = settings
        self.folders = folders
        self._known = tuple(known)
        self._texts: dict[tuple[str, str], SourceFile | None] = {}
        self._images: dict[str, str] = {}
        self._trees: dict[str, Mapping[str, str]] = {}
        self._grouped: dict[int, Mapping[str, Parts]] = {}

    def open(self, commits: Iterable[str]) -> None:
        """Read the trees of these commits and the texts in them."""
        new = [commit for commit in dict.fromkeys(commits) if commit not in self._trees]
        if not new:
            return
        found = read_trees(self.repository, new, self.folders)
        self._trees.update(found)
        distinct = {id(tree): tree for tree in found.values()}.values()
        self.texts((path, blob) for tree in distinct for path, blob in tree.items() if path.lower().endswith(".md"))

    def tree(self, commit: str) -> Mapping[str, str]:
        """Path → blob of what a commit holds in the folders. Commits with the same files share one mapping."""
        self.open([commit])
        return self._trees[commit]

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
        tree = self.tree(commit)
        if id(tree) not in self._grouped:
            texts = self._texts
            sources = {path: source for path, blob in tree.items() if (source := texts.get((path, blob))) is not None}
            found = group(sources, self.settings)
            self._grouped[id(tree)] = {main.path: (kind, main, chapters) for kind, main, chapters in found}
        return self._grouped[id(tree)]

    def blobs(self, names: Iterable[str]) -> Mapping[str, bytes]:
        """The contents of blobs that trees name. Raises `Damaged` when one of them is missing."""
        wanted = list(dict.fromkeys(names))
        found = dict(self.repository.blobs(wanted))
        if len(found) < len(wanted):
            missing = next(name for name in wanted if name not in found)
            raise Damaged(f"missing object {missing}")
        return found

    def image_digests(self, tree: Mapping[str, str]) -> Mapping[str, str]:
        """Path → SHA-256 of every picture in a tree."""
        found = {path: blob for path, blob in tree.items() if is_picture(path)}
        for blob, data in self.blobs(blob for blob in found.values() if blob not in self._images).items():
            self._images[blob] = hashlib.sha256(data).hexdigest()
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
    return "![" in source.text or "<img" in source.text.lower()
