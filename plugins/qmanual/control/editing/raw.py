"""A file's text with what a `SourceFile` forgets: its mark of order, and how each of its lines ends.

Editing works on the text with LF line ends; writing it back gives every line the end that it had.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

Splice: TypeAlias = tuple[int, int, str]
"""From where, up to where, what is written instead; offsets in the text with LF line ends."""

_BOM = b"\xef\xbb\xbf"
_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class RawText:
    """`text` with LF line ends and without BOM; `ends`: how each of its lines really ends, in order."""

    text: str
    ends: tuple[str, ...]
    bom: bool = False

    def encoded(self) -> bytes:
        """The bytes of the file."""
        lines = self.text.split("\n")
        parts = [part for pair in zip(lines, (*self.ends, ""), strict=True) for part in pair]
        return (_BOM if self.bom else b"") + "".join(parts).encode("utf-8")

    def spliced(self, splices: Iterable[Splice]) -> "RawText":
        """With pieces replaced that do not overlap. A new line ends like the one before it."""
        found, ends = self.text, list(self.ends)
        for start, end, new in sorted(splices, reverse=True):
            line = found.count("\n", 0, start)
            like = ends[line - 1] if 0 < line <= len(ends) else ends[0] if ends else "\n"
            ends[line : line + found.count("\n", start, end)] = [like] * new.count("\n")
            found = found[:start] + new + found[end:]
        return RawText(found, tuple(ends), self.bom)


def raw_text(data: bytes) -> RawText:
    """The text of a file. Raises `UnicodeDecodeError` when it is not UTF-8."""
    bom = data.startswith(_BOM)
    text = data[len(_BOM) if bom else 0 :].decode("utf-8")
    return RawText(_END.sub("\n", text), tuple(_END.findall(text)), bom)
