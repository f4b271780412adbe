"""The one seam to git. Plumbing only, read-only, and nothing that a repository's own files name is ever run.

A hostile repository can set `core.fsmonitor`, hooks, filters or signing programs to a program of its own; the fixed
settings below switch all of them off, and the user's and the system's configuration are not read.
"""

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_SAFE = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "core.attributesFile=/dev/null", "-c", "protocol.allow=never", "-c", "gc.auto=0",
    "-c", "safe.directory=*", "-c", "log.showSignature=false", "-c", "submodule.recurse=false", "-c", "diff.external=",
)  # fmt: skip
RELEASES = "refs/tags/release/"


@dataclass(frozen=True, slots=True)
class Tag:
    """A release tag: its name without `release/`, the commit it marks, and when it was set."""

    name: str
    commit: str
    time: datetime


class Repository:
    """The repository that a folder lies in. `prefix` is the folder's path inside the work tree, `""` or `x/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found = self._run("rev-parse", "--show-prefix", "--is-shallow-repository")
        self.present = found is not None
        lines = found.decode("utf-8", "surrogateescape").split("\n") if found is not None else ["", "false"]
        self.prefix = lines[0]
        self.shallow = lines[1] == "true"

    def releases(self) -> tuple[Tag, ...]:
        """The tags `release/…`, oldest first; none when there is no repository."""
        form = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(creatordate:unix)"
        found = self._run("for-each-ref", f"--format={form}", RELEASES) if self.present else None
        return tuple(sorted(_tags(found or b""), key=lambda tag: (tag.time, tag.name)))

    def files(self, commit: str) -> dict[str, str]:
        """Path (from the manual's root) → blob, of every regular file in a commit under the manual's root."""
        found = self._run("ls-tree", "-r", "-z", "--full-tree", commit, *([self.prefix] if self.prefix else []))
        files = {}
        for entry in (found or b"").split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if about.startswith(b"100"):
                name = path.decode("utf-8", "surrogateescape")
                files[name.removeprefix(self.prefix)] = about.split()[2].decode()
        return files

    def blobs(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of blobs, read through one process."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return
        data = self._run("cat-file", "--batch", stdin="\n".join(wanted).encode() + b"\n") or b""
        at = 0
        for name in wanted:
            end = data.index(b"\n", at)
            head = data[at:end].split()
            if len(head) < 3:
                at = end + 1
                continue
            size = int(head[2])
            yield name, data[end + 1 : end + 1 + size]
            at = end + 2 + size

    def _run(self, *arguments: str, stdin: bytes | None = None) -> bytes | None:
        """What git printed; None when it failed or is not installed."""
        try:
            done = subprocess.run(
                ["git", *_SAFE, "--no-replace-objects", *arguments],
                cwd=self._root, env=_environment(), input=stdin, capture_output=True, check=False,
            )  # fmt: skip
        except OSError:
            return None
        return done.stdout if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """The caller's environment without anything by which git could be led elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1",
    }  # fmt: skip


def _tags(output: bytes) -> Iterator[Tag]:
    for line in output.decode("utf-8", "surrogateescape").split("\n"):
        parts = line.split("\0")
        if len(parts) != 6:
            continue
        name, kind, commit, inner_kind, inner, time = parts
        if kind == "tag":
            kind, commit = inner_kind, inner
        if kind == "commit" and time:
            yield Tag(name.removeprefix(RELEASES), commit, datetime.fromtimestamp(int(time), UTC))
