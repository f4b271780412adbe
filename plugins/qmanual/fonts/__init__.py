"""The fonts of the PDFs: which files they are, and which characters they can draw.

They ship with the program, so that a PDF is the same on every machine. `common` holds what nearly every document
needs; `rare` the other Chinese characters, read only for a document that uses one of them (names, places).
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def drawable(text: str) -> Iterator[int]:
    """The offsets of the characters of `text` that no font of the PDFs can draw."""
    return (match.start() for match in _undrawable().finditer(text))


@cache
def coverage() -> Mapping[str, tuple[tuple[int, int], ...]]:
    """Font file → the code points it holds, as inclusive ranges."""
    data = json.loads((FOLDER / "coverage.json").read_text(encoding="utf-8"))
    return {name: tuple((int(start), int(end)) for start, end in ranges) for name, ranges in data.items()}


@cache
def _undrawable() -> re.Pattern[str]:
    """Matches a character outside of every font that has both weights; line ends and tabs are no characters to draw."""
    held = "".join(_escape(start, end) for ranges in coverage().values() for start, end in ranges)
    return re.compile(f"[^{held}\\n\\t]")


def _escape(start: int, end: int) -> str:
    return f"\\U{start:08x}-\\U{end:08x}"
