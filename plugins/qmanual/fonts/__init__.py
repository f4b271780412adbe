"""The fonts of the PDFs: which files they are, and which characters they can draw.

They ship with the program, so that a PDF is the same on every machine. `common` holds what nearly every document
needs; `rare` the other Chinese characters, read only for a document that uses one of them (names, places).
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def drawable(text: str) -> Iterator[int]:
    """The offsets of the characters of `text` that no font of the PDFs can draw."""
    strange = set(text) - _held()
    return (at for at, character in enumerate(text) if character in strange) if strange else iter(())


@cache
def coverage() -> Mapping[str, tuple[tuple[int, int], ...]]:
    """Font file → the code points it holds, as inclusive ranges."""
    data = json.loads((FOLDER / "coverage.json").read_text(encoding="utf-8"))
    return {name: tuple((int(start), int(end)) for start, end in ranges) for name, ranges in data.items()}


@cache
def _held() -> frozenset[str]:
    """Every character that some font holds; line ends and tabs are no characters to draw."""
    ranges = (each for file in coverage().values() for each in file)
    return frozenset(chr(point) for start, end in ranges for point in range(start, end + 1)) | {"\n", "\t"}
