"""What the bytes of a PDF depend on, as one number: the job with all that it brings, its pictures, and the tools.

Two jobs with the same key give the same bytes, on any machine and on any day. So the key says too little only when it
leaves something out; everything that a job holds goes in by itself, and a kind of value that is not known here is an
error and no guess.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from qmanual.pdf.job import Job

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

WITHOUT = frozenset({"name", "id"})
"""Fields of a job that its bytes do not depend on: how the file is called, and of what document it is."""


def digest(value: object) -> str:
    """SHA-256 of a value made of dataclasses, mappings, sequences, sets and plain values, in hexadecimal digits.

    The order of mappings counts, that of sets does not. Raises `TypeError` for a value of another kind.
    """
    return hashlib.sha256(b"".join(_parts(value))).hexdigest()


def file_digest(place: Path) -> str:
    """SHA-256 of a file."""
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def job_digest(job: Job) -> str:
    """All that a job itself brings."""
    return digest([(name, getattr(job, name)) for name in _names(Job) if name not in WITHOUT])


def job_key(job: Job, pictures: Mapping[str, str], tools: Mapping[str, str]) -> str:
    """The key of the PDF: `pictures` that it may draw, name → SHA-256; `tools` as `pdf.tools.tools` names them."""
    return digest((job_digest(job), sorted(pictures.items()), sorted(tools.items())))


@cache
def _names(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _parts(value: object) -> list[bytes]:
    """The value as bytes that no other value has: every piece bears its kind and its length."""
    made: list[bytes] = []
    _write(value, made.append)
    return made


def _write(value: object, put: Callable[[bytes], None]) -> None:
    if isinstance(value, Enum):
        put(f"E{type(value).__qualname__}.{value.name};".encode())
    elif isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        put(b"s%d:" % len(data) + data)
    elif value is None or isinstance(value, (bool, int, float)):
        put(f"v{value!r};".encode())
    elif isinstance(value, bytes):
        put(b"b%d:" % len(value) + value)
    elif isinstance(value, date):
        put(f"d{value.isoformat()};".encode())
    elif is_dataclass(value) and not isinstance(value, type):
        put(f"D{type(value).__qualname__}(".encode())
        for name in _names(type(value)):
            _write(getattr(value, name), put)
        put(b")")
    else:
        _write_many(value, put)


def _write_many(value: object, put: Callable[[bytes], None]) -> None:
    if isinstance(value, Mapping):
        put(b"m%d(" % len(value))
        for key, one in value.items():
            _write(key, put)
            _write(one, put)
    elif isinstance(value, Set):
        put(b"S%d(" % len(value))
        for made in sorted(b"".join(_parts(one)) for one in value):
            put(made)
    elif isinstance(value, Sequence):
        put(b"l%d(" % len(value))
        for one in value:
            _write(one, put)
    elif isinstance(value, re.Pattern):
        put(f"r{value.flags};".encode())
        _write(value.pattern, put)
    elif isinstance(value, PurePath):
        _write(value.as_posix(), put)
    else:
        raise TypeError(f"{type(value).__qualname__} has no place in a key yet")
    put(b")")
