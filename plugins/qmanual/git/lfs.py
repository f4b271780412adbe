"""Files that git keeps by LFS: it holds a pointer, and the content lies in its folder, under its SHA-256.

The `git lfs` program is not run, and nothing is fetched; what is not there stays a pointer.
"""

import hashlib
from pathlib import Path

from qmanual.pointer import Pointer

LIMIT = 50 * 1024 * 1024
"""Bytes of the largest content that is read."""


def content(folder: Path, pointer: Pointer) -> bytes | None:
    """What a pointer stands for, out of git's own folder; None where that is not there whole."""
    name = pointer.digest
    place = folder / "lfs" / "objects" / name[:2] / name[2:4] / name
    try:
        if pointer.size > LIMIT or not place.is_file() or place.stat().st_size != pointer.size:
            return None
        data = place.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == name else None
