"""The disk: reads a manual's files. It follows no symlink and no submodule, refuses what is no text, and notes that."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qmanual.control.copies import PATH as COPIES
from qmanual.control.manifest import FOLDER as MANIFESTS
from qmanual.control.statement import FOLDER, SIGNATURE
from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.manual import SETTINGS, data_files
from qmanual.model.branding import Branding
from qmanual.parse.branding import FONT_LIMIT
from qmanual.parse.document import picture_digest
from qmanual.parse.settings import read_settings
from qmanual.register import Tree
from qmanual.settings import Settings
from qmanual.source import SourceFile, Span

LIMIT = 5 * 1024 * 1024
COPIES_LIMIT = 10 * LIMIT
"""As long may a file be, in bytes; and the register of copies, which only ever grows."""

MOST_TEMPLATES = 40
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif"})
IGNORED = frozenset({".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


class CannotRun(Exception):
    """Something outside the documents prevents the work: said to the person in his language, exit code 2.

    `text` is a text of the catalogue, `details` fill its placeholders.
    """

    def __init__(self, text: str, **details: str) -> None:
        super().__init__(text)
        self.text = text
        self.details = details


def read_tree(root: Path) -> tuple[Tree, Settings]:
    """All that a manual's rules may ask of the disk, and the settings found there. `root` is a folder.

    Raises `CannotRun` when `root` is no folder that can be read.
    """
    if not root.is_dir():
        text = N_("The folder {root} does not exist. Name the folder of the manual: --root FOLDER")
        raise CannotRun(text, root=str(root))
    reader = _TreeReader(root)
    settings_source = reader.text(SETTINGS)
    settings = read_settings(settings_source)
    for path in data_files(settings)[1:]:
        reader.text(path)
    reader.text(COPIES, COPIES_LIMIT)
    reader.take_brand(settings.branding)
    reader.walk(settings.folders)
    return reader.tree(), settings


class _TreeReader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths: set[str] = set()
        self.sources: dict[str, SourceFile] = {}
        self.images: dict[str, str] = {}
        self.svgs: dict[str, SourceFile] = {}
        self.approvals: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        self.brand: dict[str, bytes] = {}
        self.faults: list[Fault] = []

    def tree(self) -> Tree:
        return Tree(
            paths=frozenset(self.paths),
            sources=self.sources,
            images=self.images,
            svgs=self.svgs,
            approvals=self.approvals,
            manifests=self.manifests,
            brand=self.brand,
            faults=tuple(self.faults),
        )

    def walk(self, folders: tuple[str, ...]) -> None:
        """Note every path under the root, and read the documents and pictures in the source folders."""
        pending = [""]
        while pending:
            folder = pending.pop()
            inside = any(folder == one or folder.startswith(f"{one}/") for one in folders)
            try:
                entries = sorted(os.scandir(self.root / folder), key=lambda entry: entry.name)
            except OSError:
                self._fault(FaultKind.UNREADABLE, folder)
                continue
            if folder and inside and any(entry.name == ".git" for entry in entries):
                self._fault(FaultKind.SUBMODULE, folder)
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_symlink():
                    self._symlink(path, folders)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name not in IGNORED:
                        self.paths.add(path)
                        if self._relevant(path, folders) or folder.count("/") < 3:
                            pending.append(path)
                else:
                    self.paths.add(path)
                    if inside:
                        self._take(path)
                    elif path.startswith(f"{FOLDER}/"):
                        self._take_approval(path)
                    elif folder == MANIFESTS and path.endswith(".yml"):
                        self._take_manifest(path)

    def _take_approval(self, path: str) -> None:
        """A statement or a signature. Windows may have checked it out with its own line ends; nobody signs these."""
        data = self._bytes(path)
        if data is not None:
            self.approvals[path] = data.replace(b"\r\n", b"\n") if path.endswith((".yml", SIGNATURE)) else data

    def _take_manifest(self, path: str) -> None:
        """The list of a release; another file that lies beside the lists is none."""
        data = self._bytes(path)
        if data is not None and data.startswith(b"release:"):
            self.manifests[path] = data.replace(b"\r\n", b"\n")

    def take_brand(self, branding: Branding) -> None:
        """What the branding names: logo, fonts, and the files of the folder of templates."""
        folder = branding.templates.value if branding.templates else ""
        place = self.root / folder
        inside = folder and place.is_dir() and not place.is_symlink()
        names = sorted(one.name for one in place.iterdir() if one.suffix in (".html", ".css")) if inside else []
        for path in (
            *(text.value for text in branding.files),
            *(f"{folder}/{name}" for name in names[:MOST_TEMPLATES]),
        ):
            if (data := self._bytes(path, FONT_LIMIT)) is not None:
                self.brand[path] = data

    @staticmethod
    def _relevant(path: str, folders: tuple[str, ...]) -> bool:
        folders = (*folders, FOLDER)
        return any(path == one or path.startswith(f"{one}/") or one.startswith(f"{path}/") for one in folders)

    def _symlink(self, path: str, folders: tuple[str, ...]) -> None:
        if self._relevant(path, folders):
            self._fault(FaultKind.SYMLINK, path)

    def _take(self, path: str) -> None:
        ending = path[path.rfind(".") :].lower() if "." in path else ""
        if ending == ".md":
            self.text(path)
        elif ending in IMAGES:
            data = self._bytes(path)
            if data is not None:
                self.images[path] = picture_digest(path, data)
                if ending == ".svg":
                    self.svgs[path] = SourceFile(path, data.decode("utf-8", "replace"))

    def text(self, path: str, limit: int = LIMIT) -> SourceFile | None:
        """The text of a file, noted among the sources; None when it is missing or no text (a fault)."""
        if path in self.sources:
            return self.sources[path]
        data = self._bytes(path, limit)
        if data is None:
            return None
        source = self._decode(path, data)
        if source is not None:
            self.sources[path] = source
        return source

    def _decode(self, path: str, data: bytes) -> SourceFile | None:
        source = decode(path, data)
        if source is None:
            kind, details = _encoding(data)
            line = _first_bad_line(data) if kind is FaultKind.NOT_UTF8 else 1
            self.faults.append(Fault(kind, Span(path, line), details))
        return source

    def _bytes(self, path: str, limit: int = LIMIT) -> bytes | None:
        """The bytes of a regular file of at most 5 MB (`limit`) inside the root; no symlink on the way is followed."""
        place = self.root / path
        if not place.is_relative_to(self.root) or ".." in place.relative_to(self.root).parts:
            return None
        try:
            for parent in list(place.relative_to(self.root).parents)[:-1]:
                if (self.root / parent).is_symlink():
                    return None
            status = place.lstat()
            if stat.S_ISLNK(status.st_mode):
                self._fault(FaultKind.SYMLINK, path)
                return None
            if not stat.S_ISREG(status.st_mode):
                return None
            if status.st_size > limit:
                self._fault(FaultKind.TOO_LARGE, path, size=f"{status.st_size / 1024 / 1024:.1f}")
                return None
            return place.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self._fault(FaultKind.UNREADABLE, path)
            return None

    def _fault(self, kind: FaultKind, path: str, **details: str) -> None:
        fault = Fault(kind, Span(path), details)
        if fault not in self.faults:
            self.faults.append(fault)


@contextmanager
def writing_into(place: Path) -> Iterator[None]:
    """What is done within writes below a place. Raises `CannotRun`, with the remedy, when the disk refuses it."""
    try:
        yield
    except OSError as error:
        text = N_("Cannot write into {place}: {reason}. Name another folder: --out FOLDER")
        raise CannotRun(text, place=str(place), reason=error.strerror or "") from error


def decode(path: str, data: bytes) -> SourceFile | None:
    """The text in `data` with LF line ends and without BOM; None when it is not UTF-8 or holds NUL."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None
    return SourceFile(path, text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)


def _first_bad_line(data: bytes) -> int:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return 1


def _encoding(data: bytes) -> tuple[FaultKind, dict[str, str]]:
    """What a file that is not UTF-8 probably is: GBK, as Chinese Windows writes it, UTF-16, or no text at all."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return FaultKind.NOT_UTF8, {"encoding": "UTF-16"}
    if b"\0" in data:
        return FaultKind.BINARY, {}
    if _is_damaged(data):
        return FaultKind.NOT_UTF8, {"encoding": Phrase(N_("UTF-8 with damaged characters"))}
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return FaultKind.BINARY, {}
    printable = sum(character.isprintable() or character in "\r\n\t" for character in text)
    return (FaultKind.NOT_UTF8, {"encoding": "GBK"}) if printable > 0.95 * len(text) else (FaultKind.BINARY, {})


def _is_damaged(data: bytes) -> bool:
    """Whether nearly all of it is UTF-8: cut off within a character, or a few bytes of another encoding pasted in."""
    high = sum(byte >= 0x80 for byte in data)
    lost = len(data) - len(data.decode("utf-8", "ignore").encode("utf-8"))
    return lost * 4 < high
