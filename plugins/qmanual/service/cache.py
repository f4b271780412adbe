"""PDFs that were printed before, by all that their bytes depend on (`pdf.key`). It only saves time.

A folder of the user's, or one named by `QMANUAL_CACHE` that checkouts, users or runs of a CI share. Nothing in it is
believed: each entry bears the SHA-256 of its PDF and a seal made with a secret, the user's own or the one in
`QMANUAL_CACHE_KEY`, and one that does not hold is as good as none. So a file that somebody laid there is never taken
for a printed document. A repository cannot name the folder: that would let it have files written anywhere.

Entries are written whole and then named, so two builds may use one folder at once and either may be killed. Those not
asked for longest go first when the folder holds more than it may (`QMANUAL_CACHE_MB`).
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from qmanual.language import N_
from qmanual.pdf import Printed
from qmanual.service.kept import cache_folder, own_secret
from qmanual.whole import write_whole
from qmanual.workspace import CannotRun

FORM = 1
LEAST_SECRET = 16
"""Characters that a secret must have at least."""
MOST = 2000
"""MB that the folder may hold, where nobody says otherwise: some 15,000 documents."""
BELOW = 0.9
"""How full it is left when it was too full, so that not every build has to look for what to drop."""


@dataclass(frozen=True, slots=True)
class Stock:
    """How much a cache holds: documents, bytes, and the most bytes that it may hold."""

    folder: Path
    documents: int
    size: int
    most: int


class Cache:
    """The PDFs in a folder. `secret` seals them; `most`: the bytes that it may hold."""

    def __init__(self, folder: Path, secret: bytes, most: int = MOST * 1_000_000) -> None:
        self.folder, self._secret, self.most = folder, secret, most
        self._grown = False

    def find(self, key: str, name: str, number: str, out: Path) -> Printed | None:
        """Put a PDF into the folder `out` under a name, unless just these bytes lie there already.

        `number`: of the document that it is of. None where it is not known.
        """
        place = self._place("pdf", key)
        try:
            with place.open("rb") as file:
                seal, said = file.readline().rstrip(b"\n"), file.readline().rstrip(b"\n")
                if not hmac.compare_digest(seal, self._seal("pdf", key, said)):
                    return None
                facts = json.loads(said)
                printed = Printed(name, number, facts["pages"], facts["sha256"], facts["missing"])
                if not _holds(out / name, facts["size"], printed.sha256):
                    data = file.read()
                    if hashlib.sha256(data).hexdigest() != printed.sha256:
                        return None
                    write_whole(out / name, data)
        except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError, ValueError, KeyError):
            return None
        with suppress(OSError):
            os.utime(place)
        return printed

    def keep(self, key: str, printed: Printed, out: Path) -> None:
        """Keep a PDF that was printed into the folder `out`. Where that cannot be done, it is printed again."""
        with suppress(OSError):
            data = (out / printed.name).read_bytes()
            facts = {"form": FORM, "pages": printed.pages, "sha256": printed.sha256, "missing": printed.missing}
            said = json.dumps(facts | {"size": len(data)}).encode()
            self._write("pdf", key, said + b"\n" + data, said)

    def key_of(self, page: str) -> str | None:
        """The key of the PDF that a page with these inputs was printed to, see `service.inputs`."""
        place = self._place("page", page)
        try:
            seal, _, said = place.read_bytes().partition(b"\n")
        except OSError:
            return None
        if not hmac.compare_digest(seal, self._seal("page", page, said)):
            return None
        with suppress(OSError):
            os.utime(place)
        return said.decode("ascii")

    def note(self, page: str, key: str) -> None:
        """Note which PDF a page with these inputs becomes."""
        with suppress(OSError):
            self._write("page", page, key.encode(), key.encode())

    def _place(self, kind: str, key: str) -> Path:
        return self.folder / kind / key[:2] / key

    def _seal(self, kind: str, key: str, said: bytes) -> bytes:
        return hmac.new(self._secret, f"{FORM} {kind} {key}\n".encode() + said, hashlib.sha256).hexdigest().encode()

    def _write(self, kind: str, key: str, data: bytes, said: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._place(kind, key), self._seal(kind, key, said) + b"\n" + data)
        self._grown = True

    # -- how much it holds ------------------------------------------------------------------------------------

    def stock(self) -> Stock:
        """How much it holds."""
        found = [one for one in self._entries() if one[2].parent.parent.name == "pdf"]
        return Stock(self.folder, len(found), sum(size for _, size, _ in self._entries()), self.most)

    def trim(self) -> None:
        """Drop what was not asked for longest when it holds too much; nothing where this run has added nothing."""
        if not self._grown:
            return
        entries = sorted(self._entries())
        held = sum(size for _, size, _ in entries)
        if held <= self.most:
            return
        for _, size, place in entries:
            if held <= self.most * BELOW:
                return
            with suppress(OSError):
                place.unlink()
                held -= size

    def clear(self) -> None:
        """Drop everything, and nothing that is not an entry."""
        for _, _, place in self._entries():
            with suppress(OSError):
                place.unlink()

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        """Last use, size and place of every entry, also of those that a killed build left half-written."""
        for kind in ("pdf", "page"):
            for place in (self.folder / kind).glob("??/*"):
                with suppress(OSError):
                    found = place.lstat()
                    yield found.st_mtime, found.st_size, place


def _holds(place: Path, size: int, sha256: str) -> bool:
    """Whether a file has just these bytes."""
    try:
        if place.is_symlink() or place.stat().st_size != size:
            return False
        return hashlib.sha256(place.read_bytes()).hexdigest() == sha256
    except OSError:
        return False


def open_cache(environment: Mapping[str, str]) -> Cache | None:
    """The cache that the environment names, else the user's own; None where there can be none.

    Raises `CannotRun` where it names one that cannot be used.
    """
    named, secret, size = (environment.get(name, "") for name in ("QMANUAL_CACHE", "QMANUAL_CACHE_KEY", SIZE))
    own = cache_folder()
    folder = Path(named).expanduser().absolute() if named else own and own / "prints"
    if secret and len(secret) < LEAST_SECRET:
        text = N_("QMANUAL_CACHE_KEY is too short: give it {count} characters or more.")
        raise CannotRun(text, count=str(LEAST_SECRET))
    if size and not (size.isascii() and size.isdigit() and int(size)):
        raise CannotRun(N_("QMANUAL_CACHE_MB must be a number of megabytes, such as 2000. It is: {size}"), size=size)
    key = hashlib.sha256(secret.encode()).digest() if secret else own_secret(own) if own else b""
    return Cache(folder, key, int(size or MOST) * 1_000_000) if folder and key else None


SIZE = "QMANUAL_CACHE_MB"
