"""Pointers, which stand in git for files that it keeps by LFS: they name the SHA-256 of the content."""

import re
from dataclasses import dataclass

_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-.*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,12})\n"
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """The SHA-256 (hex) of a content and its size in bytes."""

    digest: str
    size: int


def read_pointer(data: bytes) -> Pointer | None:
    """The pointer that a blob is; None when it is a content itself (the Git LFS specification, "The Pointer")."""
    match = _POINTER.fullmatch(data) if data.startswith(b"version ") else None
    return Pointer(match[1].decode(), int(match[2])) if match else None
