"""What is kept of a history between two runs: facts by the blobs they were read from, and the log up to a commit.

It only saves time. It is plain JSON, sealed with a secret of this user's: one that is damaged, of another version of
the program, of other settings, or that came along with a copied repository is as good as none. Commands that prove
something do not read it.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from qmanual.control.edits import Reading
from qmanual.control.history import Facts
from qmanual.control.issued import Issued
from qmanual.control.log import Log
from qmanual.service.packing import Packed, pack_facts, pack_log, unpack_facts, unpack_log
from qmanual.whole import write_whole

FORM = 7
SECRET = 32
"""Bytes of the secret that seals what is kept."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the commit of a tag is: on the main branch, in what is checked out, after the tag before, beside that."""

    on_main: bool
    checked_out: bool
    follows: bool
    beside: bool


@dataclass
class KeptFacts:
    """Facts by key, the keys of the documents that a commit holds, and the list of a release by tag and commit.

    `standing` is how the tags stood when the repository's names meant what `refs` is a digest of.
    """

    facts: dict[str, Facts] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    issued: dict[str, Issued] = field(default_factory=dict)
    standing: dict[str, Place] = field(default_factory=dict)
    refs: str = ""


@dataclass
class KeptLog:
    """The log up to the commit that was the head, and what was read of versions of files, by path and blob."""

    log: Log = field(default_factory=Log)
    readings: dict[str, Reading] = field(default_factory=dict)


class Store:
    """Where it is kept: beside git's own files, which lie in `folder`, else in the user's cache folder.

    `fingerprint`: what all of it depends on. Nothing is kept where the user has no folder of his own for a secret.
    """

    def __init__(self, folder: Path | None, fingerprint: str) -> None:
        cache = cache_folder()
        self._fingerprint = fingerprint
        self._secret = own_secret(cache) if folder and cache else b""
        self._folders: tuple[Path, ...] = ()
        if folder and cache and self._secret:
            name = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
            self._folders = tuple(one for one in (folder / "qmanual", cache / name) if not one.is_symlink())

    def facts(self) -> KeptFacts:
        """The facts that were kept."""
        return self._load("history.json", _facts_of) or KeptFacts()

    def log(self) -> KeptLog:
        """The log that was kept."""
        return self._load("log.json", _log_of) or KeptLog()

    def keep_facts(self, kept: KeptFacts) -> None:
        """Write the facts into the first folder that can be written; nowhere when none can."""
        standing = {
            name: (one.on_main, one.checked_out, one.follows, one.beside) for name, one in kept.standing.items()
        }
        facts = pack_facts(kept.facts, kept.held, kept.issued)
        self._save("history.json", {"refs": kept.refs, "standing": standing} | facts)

    def keep_log(self, kept: KeptLog) -> None:
        """The same for the log."""
        self._save("log.json", pack_log(kept.log, kept.readings))

    def _load(self, name: str, unpack: Callable[[Packed], T]) -> T | None:
        for place in (folder / name for folder in self._folders):
            try:
                if place.is_symlink():
                    continue
                seal, _, body = place.read_bytes().partition(b"\n")
                if not hmac.compare_digest(seal, self._seal(name, body)):
                    continue
                found = json.loads(body)
                if found["form"] == FORM and found["fingerprint"] == self._fingerprint:
                    return unpack(found)
            except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
                continue
        return None

    def _save(self, name: str, packed: Packed) -> None:
        if not self._folders:
            return
        found = {"form": FORM, "fingerprint": self._fingerprint} | packed
        body = json.dumps(found, separators=(",", ":")).encode()
        for place in (folder / name for folder in self._folders):
            try:
                write_whole(place, self._seal(name, body) + b"\n" + body)
            except OSError:
                continue
            return

    def _seal(self, name: str, body: bytes) -> bytes:
        return hmac.new(self._secret, name.encode() + b"\n" + body, hashlib.sha256).hexdigest().encode()


def _facts_of(found: Packed) -> KeptFacts:
    facts, held, issued = unpack_facts(found)
    standing = {str(name): Place(*row) for name, row in found["standing"].items()}
    return KeptFacts(facts, held, issued, standing, str(found["refs"]))


def _log_of(found: Packed) -> KeptLog:
    return KeptLog(*unpack_log(found))


def cache_folder() -> Path | None:
    """The user's own folder for what can be made again; None where there is none."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    home = os.environ.get("HOME")
    folder = Path(base) if base else Path(home) / ".cache" if home else None
    return folder / "qmanual" if folder and folder.is_absolute() else None


def own_secret(cache: Path) -> bytes:
    """This user's secret in that folder, made when first asked for; empty where it can be neither read nor written."""
    place = cache / "secret"
    try:
        found = place.read_bytes()
        if len(found) == SECRET:
            return found
    except OSError:
        pass
    made = secrets.token_bytes(SECRET)
    try:
        write_whole(place, made)
        place.chmod(0o600)
    except OSError:
        return b""
    return made
