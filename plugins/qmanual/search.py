"""The search index of a site, made by Pagefind: an edge, since it is a program of its own.

Pagefind gets pages of its own making to read (`render.searching`), not those of the site: they hold the text alone, cut
into signs, which is quicker to read than whole pages and finds what is written.
"""

import gzip
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from qmanual.language import Language

CUT: dict[Language, str] = {"zh": "unknown", "en": "en"}
"""How Pagefind cuts text, by the manual's language: Chinese comes cut already, English words by their stems."""

UNUSED = ("pagefind-ui.*", "pagefind-modular-ui.*", "pagefind-component-ui.*", "pagefind-highlight.js")
"""Pagefind's own dialogs; the site has its own."""


def build_index(pages: Iterable[tuple[str, str]], folder: Path, language: Language) -> None:
    """Write the index of `pages` (path on the site, HTML) to `folder`. Raises CalledProcessError when Pagefind fails.

    Without any page there is no index: Pagefind takes that for a mistake.
    """
    with tempfile.TemporaryDirectory(prefix="qmanual-search-") as name:
        made = set()
        for path, html in pages:
            file = Path(name, path)
            if file.parent not in made:
                file.parent.mkdir(parents=True, exist_ok=True)
                made.add(file.parent)
            file.write_text(html, encoding="utf-8")
        if not made:
            return
        subprocess.run(
            [sys.executable, "-I", "-m", "pagefind", "--site", name, "--output-path", str(folder), "--quiet",
             "--keep-index-url", "--force-language", CUT[language]],
            check=True, capture_output=True,
        )  # fmt: skip
    for pattern in UNUSED:
        for file in folder.glob(pattern):
            file.unlink()
    _settle(folder)


# -- the same bytes ----------------------------------------------------------------------------------------------

_SIGNATURE = b"pagefind_dcd"
_VALUES = 1
"""In a filter, `[name, [[value, [page, …]], …]]`."""
_FILTERS = 3
"""In the list of files, `[version, pages, chunks, [[name, file], …], …]`."""


def _settle(folder: Path) -> None:
    """Put filters and their values in order: Pagefind writes them as its hash table has them, another way each run.

    Files are named after what is in them, and the list of files (`pf_meta`) after that, so the names are made anew.
    """
    entry = folder / "pagefind-entry.json"
    about = entry.read_text(encoding="utf-8")
    meta = next(folder.glob("*.pf_meta"))
    listed = gzip.decompress(meta.read_bytes())
    for file in sorted((folder / "filter").glob("*.pf_filter")):
        made = _ordered(gzip.decompress(file.read_bytes()), _VALUES)
        name = _named(file.stem, made)
        listed = listed.replace(file.stem.encode(), name.encode())
        file.unlink()
        file.with_name(f"{name}.pf_filter").write_bytes(gzip.compress(made, mtime=0))
    listed = _ordered(listed, _FILTERS)
    old = meta.stem.removeprefix("pagefind.")
    name = _named(old, listed)
    meta.unlink()
    meta.with_name(f"pagefind.{name}.pf_meta").write_bytes(gzip.compress(listed, mtime=0))
    entry.write_text(about.replace(f'"{old}"', f'"{name}"'), encoding="utf-8")


def _named(old: str, data: bytes) -> str:
    """A name of the same form and length, after the data."""
    language, _, digest = old.rpartition("_")
    return f"{language}_{hashlib.sha256(data).hexdigest()[: len(digest)]}"


def _ordered(data: bytes, item: int) -> bytes:
    """A file of Pagefind's, a list in CBOR (RFC 8949), with the list that is its `item` in order."""
    at = len(_SIGNATURE) + 1
    for _ in range(item):
        at = _end(data, at)
    count, first = _head(data, at)
    pieces, start = [], first
    for _ in range(count):
        end = _end(data, start)
        pieces.append(data[start:end])
        start = end
    return data[:first] + b"".join(sorted(pieces)) + data[start:]


def _head(data: bytes, at: int) -> tuple[int, int]:
    """The number in the head of the item at `at`, and where the head ends."""
    short = data[at] & 31
    if short < 24:
        return short, at + 1
    size = 1 << (short - 24)
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def _end(data: bytes, at: int) -> int:
    """Where the item at `at` ends: a number, a text, or a list of items; there is nothing else in these files."""
    number, end = _head(data, at)
    kind = data[at] >> 5
    if kind == 3:
        return end + number
    if kind == 4:
        for _ in range(number):
            end = _end(data, end)
    return end
