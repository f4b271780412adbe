"""What a PDF calls itself. It proves nothing and anybody can write it; a file that is none, or hostile, costs no time.

The number and the revision are the Subject of the information dictionary, which may stand in a compressed stream of
objects (PDF 32000-1, 7.5.7 and 14.3.3). Every search goes forward through the bytes once.
"""

import re
import zlib
from collections.abc import Iterator

LARGEST = 64 * 1024 * 1024
_STREAMS = 200
_INFLATED = 1024 * 1024
_LENGTH = 200
"""How much is looked at: of the file, of its streams, of each once inflated, in bytes; and of the Subject, in signs."""

_SUBJECT = re.compile(rb"/Subject\s{0,20}(?:\(((?:[^()\\]|\\.){0,2000})\)|<([0-9A-Fa-f\s]{0,8000})>)", re.DOTALL)


def subject_of(data: bytes) -> str:
    """The Subject that stands last in a PDF, in one line of at most 200 signs; empty when none can be read."""
    if len(data) > LARGEST or not data.startswith(b"%PDF-"):
        return ""
    said = ""
    for part in (data, *_packed(data)):
        for found in _SUBJECT.finditer(part):
            said = _decoded(found)
    return said


def _packed(data: bytes) -> Iterator[bytes]:
    at = 0
    for _ in range(_STREAMS):
        mark = data.find(b"/ObjStm", at)
        start = data.find(b"stream", mark) if mark >= 0 else -1
        at = data.find(b"endstream", start) if start >= 0 else -1
        if at < 0:
            return
        try:
            yield zlib.decompressobj().decompress(data[start + 6 : at].lstrip(b"\r\n"), _INFLATED)
        except zlib.error:
            continue


def _decoded(match: "re.Match[bytes]") -> str:
    if match[2] is not None:
        digits = re.sub(rb"\s", b"", match[2]).decode("ascii")
        raw = bytes.fromhex(digits + "0" * (len(digits) % 2))
    else:
        raw = re.sub(rb"\\(.)", rb"\1", match[1], flags=re.DOTALL)
    text = raw[2:].decode("utf-16-be", "replace") if raw.startswith(b"\xfe\xff") else raw.decode("latin-1")
    return "".join(character for character in text if character.isprintable())[:_LENGTH]
