"""The pictures that a page can draw: those it names, and those that they name; and the company's look, if it names one.
The printer opens no other files.

So what a PDF is made of is known before it is made: it can be looked up, and sent to another machine.
"""

import html
import os
import re
from pathlib import Path
from urllib.parse import unquote

from qmanual.render.look import PLACE

ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif"})
LOOK = frozenset({".css", ".otf", ".ttf"})
"""What else a page can name: the style sheet and the fonts of the company's look, in the folder of these alone."""

_ANY = "|".join(map(re.escape, sorted(ENDINGS | LOOK)))
_NAMED = re.compile(rf"""["'(]([^"'()<>]+?(?:{_ANY}))(?=["')?#])""", re.IGNORECASE)


def named(text: str, root: Path) -> tuple[str, ...]:
    """The pictures under `root` whose addresses stand in a page, or in a drawing that it shows; as paths from there."""
    found: dict[str, None] = {}
    pending = [(text, "")]
    while pending:
        text, folder = pending.pop()
        for address in dict.fromkeys(_NAMED.findall(text)):
            name = Path(os.path.normpath(Path(folder, unquote(html.unescape(address))))).as_posix()
            if name in found or (place := picture(root, str(root / name))) is None:
                continue
            found[name] = None
            if place.suffix.lower() in (".svg", ".css"):
                pending.append((place.read_text("utf-8", "replace"), name.rpartition("/")[0]))
    return tuple(sorted(found))


def picture(root: Path, name: str) -> Path | None:
    """The picture that is meant, when it is a regular file under `root` to which no symbolic link leads."""
    path = Path(os.path.normpath(name))
    endings = ENDINGS | LOOK if path.parent == root / PLACE else ENDINGS
    if not path.is_relative_to(root) or path.suffix.lower() not in endings:
        return None
    between = [path, *path.parents]
    if any(place.is_symlink() for place in between[: between.index(root)]):
        return None
    return path if path.is_file() else None
