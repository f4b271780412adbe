"""A release read anew from the bytes in its tag's tree, with the settings of that tree: nothing kept is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from qmanual.control.history import Release
from qmanual.control.manifest import Manifest, path_of, read_manifest
from qmanual.control.statement import FOLDER
from qmanual.git import Repository
from qmanual.manual import ORGANIZATION, SETTINGS, group
from qmanual.model import Document, Organization
from qmanual.parse.document import picture_digest, read_document, with_digests
from qmanual.parse.organization import read_organization
from qmanual.parse.settings import read_settings
from qmanual.settings import Settings
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES, decode


@dataclass
class Shelf:
    """What several releases share: blobs by name, and documents by the texts that they are made of."""

    repository: Repository
    blobs: dict[str, bytes] = field(default_factory=dict)
    documents: dict[tuple[object, ...], Document] = field(default_factory=dict)

    def read(self, names: Mapping[str, str]) -> dict[str, bytes]:
        """Path → bytes, from path → blob."""
        self.blobs.update(self.repository.blobs(name for name in names.values() if name not in self.blobs))
        return {path: self.blobs[name] for path, name in names.items() if name in self.blobs}


@dataclass(frozen=True)
class Snapshot:
    """A release as its tree holds it."""

    release: Release
    shelf: Shelf

    @cached_property
    def tree(self) -> Mapping[str, str]:
        """Path → blob."""
        return self.shelf.repository.files(self.release.commit)

    def text(self, path: str) -> SourceFile | None:
        """A file's text."""
        data = self.data(path)
        return decode(path, data) if data is not None else None

    def data(self, path: str) -> bytes | None:
        """A file's bytes."""
        return self.shelf.read({path: self.tree[path]}).get(path) if path in self.tree else None

    @cached_property
    def settings(self) -> Settings:
        """The settings as they were."""
        return read_settings(self.text(SETTINGS))

    @cached_property
    def organization(self) -> Organization:
        """Who might sign from then on."""
        return read_organization(self.text(f"{self.settings.data_folder}/{ORGANIZATION}"))

    @property
    def when(self) -> datetime:
        """When the tag was set."""
        return self.release.time

    @cached_property
    def manifest_bytes(self) -> bytes | None:
        """The bytes of the release's manifest."""
        return self.data(path_of(self.release.name))

    @cached_property
    def manifest(self) -> Manifest | None:
        """The manifest, None when there is none that can be read."""
        source = decode("", self.manifest_bytes) if self.manifest_bytes is not None else None
        return read_manifest(source)[0] if source else None

    @cached_property
    def approvals(self) -> Mapping[str, bytes]:
        """Path → bytes of the signed statements."""
        return self.shelf.read({path: blob for path, blob in self.tree.items() if path.startswith(f"{FOLDER}/")})

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents, with their digests worked out anew."""
        folders = tuple(f"{folder}/" for folder in self.settings.folders)
        inside = {path: blob for path, blob in self.tree.items() if path.startswith(folders)}
        data = self.shelf.read(inside)
        images = {
            path: picture_digest(path, content) for path, content in data.items() if Path(path).suffix.lower() in IMAGES
        }
        sources = {
            path: source
            for path, content in data.items()
            if path.lower().endswith(".md") and (source := decode(path, content))
        }
        found = []
        for kind, main, chapters in group(sources, self.settings):
            parts = (main, *chapters)
            key = (kind.name, self.tree.get(SETTINGS), *((part.path, inside[part.path]) for part in parts))
            if key not in self.shelf.documents:
                self.shelf.documents[key] = read_document(main, chapters, kind, self.settings, {})
            found.append(_pictured(self.shelf.documents[key], images))
        return tuple(found)


def _pictured(document: Document, images: Mapping[str, str]) -> Document:
    """The document with the digest that it has beside these pictures."""
    if not images or not any(link.image for body in document.bodies for link in body.links):
        return document
    return with_digests(document, images)
