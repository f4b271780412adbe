"""The search index of a site, made by Pagefind: an edge, since it is a program of its own.

Pagefind gets pages of its own making to read (`render.searching`), not those of the site: they hold the text alone, cut
into signs, which is quicker to read than whole pages and finds what is written.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from qmanual.language import Language

UNUSED = ("pagefind-ui.*", "pagefind-modular-ui.*", "pagefind-component-ui.*", "pagefind-highlight.js")
"""Pagefind's own dialogs; the site has its own."""


def build_index(pages: Iterable[tuple[str, str]], folder: Path, language: Language) -> None:
    """Write the index of `pages` (path on the site, HTML) to `folder`. Raises CalledProcessError when Pagefind fails."""
    with tempfile.TemporaryDirectory(prefix="qmanual-search-") as name:
        made = set()
        for path, html in pages:
            file = Path(name, path)
            if file.parent not in made:
                file.parent.mkdir(parents=True, exist_ok=True)
                made.add(file.parent)
            file.write_text(html, encoding="utf-8")
        subprocess.run(
            [sys.executable, "-I", "-m", "pagefind", "--site", name, "--output-path", str(folder), "--quiet",
             "--keep-index-url", "--force-language", language],
            check=True, capture_output=True,
        )  # fmt: skip
    for pattern in UNUSED:
        for file in folder.glob(pattern):
            file.unlink()
