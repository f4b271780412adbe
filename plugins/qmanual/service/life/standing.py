"""How the work tree stands against what is committed, seen without running anything that the repository names.

`git status` runs filters; here the bytes are compared, and a text that differs in its line ends alone is the same, as
git writes it on Windows, and so is a picture of which git holds a pointer.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from qmanual.control import manifest, statement
from qmanual.control.copies import PATH as COPIES
from qmanual.control.history import Release
from qmanual.git.writing import staged
from qmanual.manual import data_files
from qmanual.model import Document
from qmanual.parse.document import picture_digest
from qmanual.service.loading import Manual
from qmanual.workspace import IMAGES

_TEXTS = (".md", ".yml", ".yaml", ".svg")
_FOLDERS = (statement.FOLDER, manifest.FOLDER)


def committed(manual: Manual, document: Document) -> Document | None:
    """The document whose header stands in the same file, as the head of the repository holds it."""
    head = manual.archive.repository.commit()
    if not head:
        return None
    return manual.archive.document(Release(name="", commit=head, time=datetime.fromtimestamp(0, UTC)), document.path)


def as_committed(manual: Manual, document: Document) -> bool:
    """Whether the head holds the document's text as it lies here."""
    head = committed(manual, document)
    return head is not None and (head.digest, head.revision) == (document.digest, document.revision)


def uncommitted(manual: Manual) -> tuple[str, ...]:
    """The files of the manual that are not as the head holds them, or are about to be committed otherwise."""
    repository = manual.archive.repository
    head = {path: blob for path, blob in repository.files("HEAD").items() if _belongs(path, manual)}
    index = {path: blob for path, blob in staged(repository).items() if _belongs(path, manual)}
    here = dict(_here(manual, head))
    unlike = [path for path, data in here.items() if head.get(path) != _name(data, head.get(path, ""))]
    same = _unchanged(manual, {path: here[path] for path in unlike if path in head}, head)
    differing = {path for path in unlike if path not in same} | (head.keys() - here.keys())
    return tuple(sorted(differing | {path for path in head.keys() | index.keys() if head.get(path) != index.get(path)}))


def _belongs(path: str, manual: Manual) -> bool:
    settings = manual.register.settings
    if path in (*data_files(settings), COPIES) or path.startswith(tuple(f"{folder}/" for folder in _FOLDERS)):
        return True
    ending = Path(path).suffix.lower()
    return path.startswith(tuple(f"{folder}/" for folder in settings.folders)) and (ending == ".md" or ending in IMAGES)


def _here(manual: Manual, head: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Path → bytes of the manual's files on the disk: those that were read, and those that the head has."""
    tree = manual.register.tree
    inside = {path for path in tree.paths if path.startswith(tuple(f"{folder}/" for folder in _FOLDERS))}
    for path in sorted({*tree.sources, *tree.images, *inside, *head}):
        place = manual.root / path
        if place.is_file() and not place.is_symlink():
            yield path, place.read_bytes()


def _name(data: bytes, like: str) -> str:
    """The name that git gives to contents; SHA-256 where the other name is one."""
    algorithm = "sha256" if len(like) == 64 else "sha1"
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _unchanged(manual: Manual, here: Mapping[str, bytes], head: Mapping[str, str]) -> set[str]:
    blobs = manual.archive.blobs(head[path] for path in here)
    return {path for path, data in here.items() if _alike(path, data, blobs.get(head[path], b"\0"))}


def _alike(path: str, data: bytes, blob: bytes) -> bool:
    if path.lower().endswith(_TEXTS):
        return _plain(data) == _plain(blob)
    return picture_digest(path, data) == picture_digest(path, blob)


def _plain(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
