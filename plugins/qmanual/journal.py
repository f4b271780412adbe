"""Writes several files all or nothing, so that a command killed at any point leaves the old state or the new one.

First every new text goes into a file beside its target; then one list of what is meant, the journal, is moved into
place: from then on the change counts. Then an act may follow (git's references), the files are moved over their
targets, and the journal is removed. The next writing command looks for a journal and finishes what it finds.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from qmanual.language import N_

NAME = "journal.json"
_ENDING = ".qmanual-new"
Step = Callable[[str], None]


class CannotWrite(Exception):
    """A file may not or cannot be written: `path` from the root, `reason` a text of the catalogue or of the system."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of a change that was cut off. `done`: finished now, else undone.

    `kept`: files that somebody changed since; they are left as they are.
    """

    done: bool
    paths: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    old: str
    new: str


def nothing_watched(step: str) -> None:
    """For callers that do not watch the steps."""


def write_all(
    root: Path,
    place: Path,
    files: Mapping[str, bytes],
    note: str = "",
    act: Callable[[], None] | None = None,
    step: Step = nothing_watched,
) -> None:
    """Write `files` (path from `root` → bytes), all or none. `place`: the folder in which the journal lies.

    `act` happens after the journal stands and before the files are moved; `note` is what `recover` is told of it.
    When `act` raises, nothing was written. `step` is called with a name at every point where a process could be killed.
    Raises `CannotWrite`; then nothing was written.
    """
    targets = {path: _target(root, path) for path in sorted(files)}
    written: list[Path] = []
    journal = place / NAME
    try:
        _make_folder(place)
        entries = []
        for path, target in targets.items():
            step(f"before {path}")
            written.append(_beside(target))
            _make_folder(target.parent)
            _write(written[-1], files[path], _mode(target))
            entries.append(_File(path, _sum(_read(target)), _sum(files[path])))
        step("files written")
        _write(_beside(journal), _packed(entries, note), 0o600)
        written.append(_beside(journal))
        step("journal written")
        _move(_beside(journal), journal)
    except OSError as error:
        _clear(written)
        raise CannotWrite(str(error.filename or ""), error.strerror or "") from error
    step("journal stands")
    if act:
        try:
            act()
        except BaseException:
            journal.unlink()
            _clear(written)
            raise
    step("acted")
    _finish(root, journal, entries, step)


def recover(
    root: Path, place: Path, redo: Callable[[str], bool] = bool, step: Step = nothing_watched
) -> Recovered | None:
    """Finish or undo what a killed command left; None when there is nothing.

    `redo` is told the note: it does the act, or finds it done, and says True; False: it can no longer be done, and
    neither are the files. It is asked only when there is a note. Raises `CannotWrite`.
    """
    journal = place / NAME
    if not _is_plain(journal):
        _sweep(root, place)
        return None
    try:
        entries, note = _unpacked(journal.read_bytes())
        targets = [_target(root, entry.path) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError):
        raise CannotWrite(str(journal), N_("it is damaged; remove it, and look at what git says has changed")) from None
    now = [_sum(_read(target)) for target in targets]
    untouched = all(there == entry.old for there, entry in zip(now, entries, strict=True))
    whole = all(
        there == entry.new or (there == entry.old and _sum(_read(_beside(target))) == entry.new)
        for there, entry, target in zip(now, entries, targets, strict=True)
    )
    forward = redo(note) if note else (whole or not untouched)
    paths = tuple(entry.path for entry in entries)
    if not forward:
        journal.unlink()
        _clear([_beside(target) for target in targets])
        return Recovered(False, paths)
    kept = tuple(e.path for there, e in zip(now, entries, strict=True) if there not in (e.old, e.new))
    for path in kept:
        _clear([_beside(_target(root, path))])
    _finish(root, journal, [entry for entry in entries if entry.path not in kept], step)
    return Recovered(True, paths, kept)


@contextmanager
def alone(place: Path) -> Iterator[bool]:
    """Whether this process is the only writing one; the system takes the lock back from a process that is killed."""
    _make_folder(place)
    with (place / "lock").open("a+b") as file:
        yield _locked(file)


def _locked(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# -- the journal -----------------------------------------------------------------------------------------------------


def _packed(entries: list[_File], note: str) -> bytes:
    files = [{"path": one.path, "old": one.old, "new": one.new} for one in entries]
    return json.dumps({"form": 1, "files": files, "note": note}, ensure_ascii=False).encode("utf-8")


def _unpacked(data: bytes) -> tuple[list[_File], str]:
    found = json.loads(data)
    if found["form"] != 1:
        raise ValueError
    return [_File(str(one["path"]), str(one["old"]), str(one["new"])) for one in found["files"]], str(found["note"])


def _finish(root: Path, journal: Path, entries: list[_File], step: Step) -> None:
    """Move the files over their targets. What fails here, a file open in another program, the next command finishes."""
    try:
        for entry in entries:
            target = _target(root, entry.path)
            if _is_plain(_beside(target)):
                _move(_beside(target), target)
            step(f"moved {entry.path}")
        journal.unlink()
    except OSError as error:
        raise CannotWrite(str(error.filename or ""), error.strerror or "") from error
    _settle(journal.parent)
    step("done")


def _sweep(root: Path, place: Path) -> None:
    """Remove files left by a command that was killed before its journal stood."""
    _clear([_beside(place / NAME)])
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not name.startswith(".") and name != "node_modules"]
        _clear([Path(folder) / name for name in files if name.startswith(".") and name.endswith(_ENDING)])


# -- files -----------------------------------------------------------------------------------------------------------


def _target(root: Path, path: str) -> Path:
    """A file inside the root, on the way to which there is no symlink. Raises `CannotWrite`."""
    parts = path.split("/")
    if not path or any(part in ("", ".", "..", ".git") or "\\" in part or "\0" in part for part in parts):
        raise CannotWrite(path, N_("it lies outside the manual"))
    place = root
    for part in parts:
        place = place / part
        if place.is_symlink():
            raise CannotWrite(path, N_("a symbolic link lies on the way to it"))
    if place.exists() and not place.is_file():
        raise CannotWrite(path, N_("it is no regular file"))
    if place.exists() and not place.stat().st_mode & stat.S_IWUSR:
        raise CannotWrite(path, N_("it is write-protected"))
    return place


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}{_ENDING}")


def _is_plain(place: Path) -> bool:
    return place.is_file() and not place.is_symlink()


def _read(place: Path) -> bytes | None:
    return place.read_bytes() if _is_plain(place) else None


def _sum(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()


def _mode(target: Path) -> int:
    return stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644


def _write(place: Path, data: bytes, mode: int) -> None:
    """A new file on the disk for good. Nothing that lies there is followed."""
    place.unlink(missing_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    place.chmod(mode)


def _move(source: Path, target: Path) -> None:
    source.replace(target)
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Have the system write a folder's list of files, where it can be asked to."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _clear(places: list[Path]) -> None:
    for place in places:
        with suppress(OSError):
            place.unlink(missing_ok=True)
