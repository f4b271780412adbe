"""Folders and zip files that are handed to others: written so that the same files give the same bytes, and read as
what they are, the work of somebody unknown.

Nothing of a zip is ever unpacked to the disk. Before a byte of its content is read, its list is judged: a name that
leads out of it, two names that one disk would make one file of, links, and sizes that no honest file has are refused,
each with its place.
"""

import os
import shutil
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from qmanual.finding import Phrase
from qmanual.language import N_

MOST = 100_000
LARGEST = 16 * 1024**3
RATIO, SMALL = 100, 1024 * 1024
"""How many files there may be, of how many bytes together; and from which size on none may shrink to a hundredth:
deflate makes a thousandth of zeros, and a quarter to a twentieth of what a manual is made of."""
LIST = 64 * 1024 * 1024
"""Bytes that the list of a zip may have: all of it is read at once."""

LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""What computers leave in every folder that somebody opens."""

_PACKED = frozenset({".pdf", ".xlsx", ".png"})
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can hold
_REGULAR = 0o100644

Damage = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, RuntimeError)
"""What reading a damaged zip ends in (`NotImplementedError` is a `RuntimeError`)."""


@dataclass(frozen=True, slots=True)
class Odd:
    """Something that no package holds: where, and what is wrong with it, as a text of the catalogue."""

    place: str
    text: Phrase


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """The files of a folder or zip: path, with `/` and composed signs (NFC), → size in bytes; what is odd about it;
    what the computer left there. With anything odd nothing can be opened.
    """

    sizes: Mapping[str, int] = field(default_factory=dict)
    odd: tuple[Odd, ...] = ()
    litter: tuple[str, ...] = ()
    _open: Callable[[str], IO[bytes]] | None = None

    def open(self, path: str) -> IO[bytes]:
        """A file of it, to be read and closed. Raises what `Damage` lists, then or while it is read."""
        assert self._open is not None and not self.odd
        return self._open(path)


def _odd(place: str, text: str, **details: str) -> Odd:
    return Odd(place, Phrase(text, **details))


# -- writing -----------------------------------------------------------------------------------------------------


def write_zip(target: Path, folder: Path, top: str) -> None:
    """Put all files of a folder into a zip, below a folder `top` of its own, in the order of their paths."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w") as archive:
        for path in paths:
            info = zipfile.ZipInfo(f"{top}/{path}", _TIME)
            info.create_system, info.external_attr = 3, _REGULAR << 16
            info.compress_type = zipfile.ZIP_STORED if Path(path).suffix in _PACKED else zipfile.ZIP_DEFLATED
            info.file_size = (folder / path).stat().st_size
            with (folder / path).open("rb") as source, archive.open(info, "w") as packed:
                shutil.copyfileobj(source, packed, 1024 * 1024)


def same_place(path: str) -> str:
    """Equal for paths that some disk takes for the same: without case, with composed signs."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


# -- a folder ----------------------------------------------------------------------------------------------------


def read_folder(root: Path) -> Parcel:
    """The files below a folder. No link is followed."""
    sizes: dict[str, int] = {}
    places: dict[str, Path] = {}
    odd: list[Odd] = []
    litter: list[str] = []
    for path, entry in _entries(root):
        name = unicodedata.normalize("NFC", path)
        mode = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(mode.st_mode):
            odd.append(_odd(path, N_("it is a link, or no plain file; a package holds none")))
        elif _is_litter(path):
            litter.append(path)
        elif name in places:
            odd.append(_odd(path, N_("two files bear this name")))
        else:
            sizes[name], places[name] = mode.st_size, Path(entry.path)
        if len(sizes) > MOST:
            odd.append(_odd("", N_("it holds more than {count} files"), count=str(MOST)))
            break
    return Parcel(sizes=sizes, odd=tuple(odd), litter=tuple(litter), _open=lambda path: places[path].open("rb"))


def _entries(root: Path) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    pending = [root]
    while pending:
        folder = pending.pop()
        for entry in sorted(os.scandir(folder), key=lambda one: one.name):
            if entry.is_dir(follow_symlinks=False):
                pending.append(Path(entry.path))
            else:
                yield Path(entry.path).relative_to(root).as_posix(), entry


def _is_litter(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name in LITTER or name.startswith("._")


# -- a zip -------------------------------------------------------------------------------------------------------


@contextmanager
def reading_zip(place: Path) -> Iterator[Parcel]:
    """The files of a zip, without the one folder that they stand in."""
    try:
        size = place.stat().st_size
        _refuse_long_list(place, size)
        archive = zipfile.ZipFile(place)
    except Damage:
        yield Parcel(odd=(_odd("", N_("it is no zip file that can be read: damaged, or cut off on its way")),))
        return
    with archive:
        yield _parcel(archive, size)


def _refuse_long_list(place: Path, size: int) -> None:
    """Raise `ValueError` where the list at the end of a zip is too long (APPNOTE 4.3.16), or the file begins with
    something else than a file of it: what one program takes for a zip, another takes for that.
    """
    with place.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise ValueError
        file.seek(max(0, size - 65_557))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        raise ValueError
    (length,) = struct.unpack_from("<L", end, at + 12)
    if length > LIST or (at >= 20 and end[at - 20 : at - 16] == b"PK\x06\x07" and size < 2**32):
        raise ValueError


def _parcel(archive: zipfile.ZipFile, size: int) -> Parcel:
    every = archive.infolist()
    odd = [*_whole(every, size), *(found for one in every for found in _one(one))]
    odd += _clashes([one.orig_filename for one in every])
    if odd:
        return Parcel(odd=tuple(odd))
    infos = [one for one in every if not one.is_dir()]
    litter = [one.orig_filename for one in infos if _is_litter(one.orig_filename)]
    kept = {one.orig_filename: one for one in infos if not _is_litter(one.orig_filename)}
    top = _top(list(kept))
    files = {unicodedata.normalize("NFC", name.removeprefix(top)): one for name, one in kept.items()}
    sizes = {name: one.file_size for name, one in files.items()}
    return Parcel(sizes=sizes, litter=tuple(litter), _open=lambda path: archive.open(files[path]))


def _whole(infos: list[zipfile.ZipInfo], size: int) -> Iterator[Odd]:
    if len(infos) > MOST:
        yield _odd("", N_("it holds more than {count} files"), count=str(MOST))
    if sum(one.file_size for one in infos) > LARGEST:
        yield _odd("", N_("unpacked it would be larger than any package"))
    if sum(one.compress_size for one in infos) > size:
        yield _odd("", N_("several of its files share the same bytes: a zip bomb"))


def _one(info: zipfile.ZipInfo) -> Iterator[Odd]:
    """What is odd about one line of the list; `orig_filename` is its name before Python cuts it."""
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    parts = name.removesuffix("/").split("/")
    if not name.isprintable() or {"\\", ":"} & set(name) or {"", ".", ".."} & set(parts):
        yield _odd(_seen(name), N_("its name leads out of the package, or is none that a file may have"))
    elif any(part.endswith((".", " ")) for part in parts):
        yield _odd(_seen(name), N_("its name ends in a dot or blank, which Windows drops"))
    folder = info.is_dir() and not info.file_size
    if kind not in (0, stat.S_IFDIR if folder else stat.S_IFREG) or (info.is_dir() and not folder):
        yield _odd(_seen(name), N_("it is a link, or no plain file; a package holds none"))
    if info.flag_bits & 1:
        yield _odd(_seen(name), N_("it is encrypted; a package is open to everybody"))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield _odd(_seen(name), N_("it is packed in a way that not every program reads"))
    stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size
    if stored or (info.file_size > SMALL and info.file_size > RATIO * max(1, info.compress_size)):
        yield _odd(_seen(name), N_("unpacked it would be {size} MB, out of {packed} kB: a zip bomb"),
                   size=str(info.file_size // SMALL), packed=str(info.compress_size // 1024))  # fmt: skip


def _seen(name: str) -> str:
    """A name as a person may see it; a long one is cut."""
    return name if len(name) <= 120 else name[:119] + "…"


def _clashes(names: list[str]) -> Iterator[Odd]:
    """Names that are one on some disk, and a file where another name has a folder."""
    counted = Counter(same_place(name.removesuffix("/")) for name in names)
    folders = {same_place(name[:at]) for name in names for at, sign in enumerate(name[:-1]) if sign == "/"}
    for name in names:
        if counted[same_place(name.removesuffix("/"))] > 1:
            yield _odd(_seen(name), N_("another of its names differs from this one in case alone, or not at all"))
        elif not name.endswith("/") and same_place(name) in folders:
            yield _odd(_seen(name), N_("it is a file, and a folder of the same name holds others"))


def _top(names: list[str]) -> str:
    """The folder that all files stand in, with a `/`; empty when they stand in none, or in several."""
    tops = {name.partition("/")[0] if "/" in name else "" for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""
