"""A manual read from disk, and what git knows of it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from qmanual.control.edition import Edition, edition
from qmanual.control.status import History, Released
from qmanual.git import Repository
from qmanual.language import Language
from qmanual.manual import group, read_register
from qmanual.model import Document
from qmanual.parse.document import digest, read_document
from qmanual.register import Register
from qmanual.settings import Settings
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES, decode, read_tree


@dataclass(frozen=True)
class Manual:
    """A manual as it stands on disk, seen on a day. What git knows is read when first asked for."""

    root: Path
    register: Register
    today: date

    @cached_property
    def history(self) -> History:
        """What the release tags hold."""
        return read_history(Repository(self.root), self.register.settings, self.register.documents)

    @cached_property
    def edition(self) -> Edition:
        """Every document with its status on that day."""
        return edition(self.register, self.history, self.today)

    @property
    def company(self) -> str:
        """The company's name, else the site's, else empty."""
        return self.register.organization.company or self.register.settings.site_name

    @property
    def language(self) -> Language:
        """The language of what is published."""
        return self.register.settings.language or "zh"


def load(root: Path, today: date) -> Manual:
    """Read the manual under `root`. Raises `workspace.CannotRun` when there is nothing to read."""
    tree, settings = read_tree(root)
    return Manual(root=root, register=read_register(tree, settings, today), today=today)


def read_history(repository: Repository, settings: Settings, known: Iterable[Document] = ()) -> History:
    """The released texts of every document, from the release tags.

    A text met again is parsed once; one of `known`, the documents of the work tree, not at all.
    """
    tags = repository.releases()
    reader = _ReleaseReader(repository, settings, [repository.files(tag.commit) for tag in tags], known)
    found: dict[str, list[Released]] = defaultdict(list)
    for at, tag in enumerate(tags):
        for document in reader.documents(at):
            found[document.id].append(Released(tag.name, tag.time.date(), document.revision, document.digest))
    return History(
        documents={name: tuple(texts) for name, texts in found.items()},
        releases=tuple((tag.name, tag.time.date()) for tag in tags),
    )


class _ReleaseReader:
    """Documents out of the trees of releases; `trees`: path → blob, one a release."""

    def __init__(
        self, repository: Repository, settings: Settings, trees: list[dict[str, str]], known: Iterable[Document]
    ) -> None:
        self.settings = settings
        self.trees = [
            {path: blob for path, blob in tree.items() if any(path.startswith(f"{f}/") for f in settings.folders)}
            for tree in trees
        ]
        self.blobs = dict(repository.blobs(blob for tree in self.trees for blob in tree.values()))
        self.texts: dict[tuple[str, str], SourceFile | None] = {}
        self.parsed: dict[tuple[SourceFile, ...], Document] = {
            tuple(body.source for body in document.bodies): document
            for document in known
            if not any(link.image for body in document.bodies for link in body.links)  # pictures may have changed
        }

    def documents(self, at: int) -> Iterator[Document]:
        """The documents that the release at that place holds."""
        tree = self.trees[at]
        images = {
            path: hashlib.sha256(self.blobs.get(blob, b"")).hexdigest()
            for path, blob in tree.items()
            if Path(path).suffix.lower() in IMAGES
        }
        sources = {
            path: text
            for path, blob in tree.items()
            if path.lower().endswith(".md") and (text := self._text(path, blob))
        }
        for kind, main, chapters in group(sources, self.settings):
            key = (main, *chapters)
            if key not in self.parsed:
                self.parsed[key] = read_document(main, chapters, kind, self.settings, images)
            document = self.parsed[key]
            yield replace(document, digest=digest(document, images)) if images else document

    def _text(self, path: str, blob: str) -> SourceFile | None:
        if (path, blob) not in self.texts:
            self.texts[path, blob] = decode(path, self.blobs.get(blob, b""))
        return self.texts[path, blob]
