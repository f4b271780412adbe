"""What prints: the versions of all that has a hand in the bytes of a PDF, beside the job.

Asked in the process that prints, since only there the libraries are loaded. Two processes that answer the same print
the same bytes; where one does not, the name of what differs can be told.
"""

import hashlib
import platform
import zlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
PACKAGES = (
    "weasyprint", "pydyf", "cssselect2", "tinycss2", "tinyhtml5", "Pyphen", "Pillow", "fonttools", "cffi", "lxml",
    "Markdown", "pymdown-extensions", "Jinja2", "mmdr", "segno",
)  # fmt: skip
"""Of these also the ones that the page to print is made with."""
UNSEEN = frozenset({"__pycache__"})


@cache
def tools() -> dict[str, str]:
    """Name → version; of our own code and fonts a digest. Loads the libraries that print."""
    from weasyprint.text.ffi import ffi, fontconfig, harfbuzz, pango

    ffi.cdef(
        "const char *hb_version_string(void); const char *pango_version_string(void); int FcGetVersion(void);",
        override=True,
    )
    found = {name: version(name) for name in PACKAGES}
    found["Pango"] = ffi.string(pango.pango_version_string()).decode()
    found["HarfBuzz"] = ffi.string(harfbuzz.hb_version_string()).decode()
    found["Fontconfig"] = str(fontconfig.FcGetVersion())
    found["zlib"] = zlib.ZLIB_RUNTIME_VERSION
    found["Python"] = platform.python_version()
    found["processor"] = platform.machine()
    return found | {"QManual": _digest(PACKAGE, "fonts"), "fonts": _digest(PACKAGE / "fonts")}


def _digest(folder: Path, without: str = "") -> str:
    """A part of the digest of all files in a folder, but those in the folder `without` in it."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] != without and UNSEEN.isdisjoint(parts) and path.is_file():
            data = path.read_bytes()
            found.update(f"{len(parts)}\0{'/'.join(parts)}\0{len(data)}\0".encode())
            found.update(data)
    return found.hexdigest()[:16]
