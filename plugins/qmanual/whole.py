"""Writing whole or not at all: what is new takes its place at the end, in one step.

A folder cannot be renamed onto one that is not empty, and between two renames a killed program would leave nothing.
Linux and macOS can exchange two names at once; Python has no word for it.
"""

import ctypes
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

OLD = "-old"
"""At the end of the name of a folder that was moved aside."""
STALE = 24 * 3600
"""Seconds after which nobody works on a folder any more that was to take another's place."""


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A new empty folder that takes the place of `target` at the end; after a failure `target` is as it was.

    So it is when the program is killed; what it leaves beside `target` then is taken away the next time.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _clear_up(target)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        if not target.exists() or not swapped(fresh, target):
            _replace(target, fresh)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace(target: Path, fresh: Path) -> None:
    """Where names cannot be exchanged: one after the other."""
    old = fresh.with_name(fresh.name + OLD)
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _clear_up(target: Path) -> None:
    """Put back a folder that was moved aside by a program that was then killed, and take away what is a day old."""
    left = sorted(target.parent.glob(f".{target.name}-????????*"), key=lambda path: path.lstat().st_mtime)
    for path in left:
        if path.name.endswith(OLD) and not target.exists():
            path.rename(target)
        elif time.time() - path.lstat().st_mtime > STALE:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def writing(files: Mapping[Path, bytes]) -> Iterator[None]:
    """Files whose bytes are on the disk from the beginning and which take their names at the end, all together."""
    fresh: dict[Path, Path] = {}
    try:
        for target, data in files.items():
            place = target.with_name(f".{target.name}-{os.getpid()}-new")
            write_whole(place, data)
            fresh[target] = place
        yield
        for target, place in fresh.items():
            place.replace(target)
    finally:
        for place in fresh.values():
            place.unlink(missing_ok=True)


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or all of the new ones."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# -- exchanging names --------------------------------------------------------------------------------------------

_HERE = -100  # AT_FDCWD: names are as they are
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2), RENAME_SWAP of renamex_np(2)


def swapped(one: Path, other: Path) -> bool:
    """Exchange two existing names; False where the system, or this file system, cannot."""
    names = os.fsencode(one), os.fsencode(other)
    try:
        system = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(system.renamex_np(*names, _EXCHANGE) == 0)
        return bool(system.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):  # no such library, no such call: Windows, an old C library
        return False
