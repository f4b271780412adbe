"""The one seam to git. Plumbing only, and nothing that a repository's own files name is ever run.

A hostile repository can set `core.fsmonitor`, hooks, filters or signing programs to a program of its own; the fixed
settings below switch all of them off, and the user's and the system's configuration are not read. Replaced objects and
grafts, by which a repository can show a history that was never written, are not followed. This module reads; only
`git.writing` writes.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

_SAFE = (
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
    "-c", "core.attributesFile=/dev/null", "-c", "protocol.allow=never", "-c", "gc.auto=0",
    "-c", "safe.directory=*", "-c", "log.showSignature=false", "-c", "submodule.recurse=false", "-c", "diff.external=",
    "-c", "core.useReplaceRefs=false", "-c", "core.commitGraph=false",
)  # fmt: skip
RELEASES = "refs/tags/release/"
_MAIN = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master", "refs/heads/main",
         "refs/heads/master", "HEAD")  # fmt: skip
"""What may hold the main branch. A clone of CI has only the first three, a new repository only the others."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A release tag: its name without `release/`, the commit it marks, and when it was set, in the setter's time zone.

    `object` is what the ref points at, `inner` the name written in the tag object (empty: a lightweight tag). `commit`
    is empty when the tag marks no commit.
    """

    name: str
    commit: str
    time: datetime
    object: str
    inner: str
    tagger: str

    @property
    def annotated(self) -> bool:
        """Whether there is a tag object: who set the tag, when, and why."""
        return self.object != self.commit


class Repository:
    """The repository that a folder lies in. `prefix` is the folder's path inside the work tree, `""` or `x/`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found = self.run("rev-parse", "--show-prefix", "--is-shallow-repository", "--absolute-git-dir")
        self.present = found is not None
        lines = text(found).split("\n") if found is not None else ["", "false", ""]
        self.prefix = lines[0]
        self.shallow = lines[1] == "true"
        self.folder = Path(lines[2]) if lines[2] else None
        self.installed = self.present or shutil.which("git") is not None

    def commit(self, name: str = "HEAD") -> str:
        """The commit that a name means; empty when there is none."""
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return text(found).strip() if found else ""

    def releases(self) -> tuple[Tag, ...]:
        """The tags `release/…`, oldest first; none when there is no repository."""
        form = "%00".join(("%(refname)", "%(objectname)", "%(objecttype)", "%(tag)", "%(*objecttype)", "%(*objectname)",
                           "%(creatordate:raw)", "%(taggername)"))  # fmt: skip
        found = self.run("for-each-ref", f"--format={form}", RELEASES) if self.present else None
        tags = [tag for line in text(found).split("\n") if (tag := _tag(line.split("\0")))]
        return tuple(sorted(tags, key=lambda tag: (tag.time, tag.name)))

    def on_main(self) -> frozenset[str]:
        """The names of the release tags whose commit the main branch holds."""
        merged: set[str] = set()
        for name in dict.fromkeys(commit for ref in _MAIN if (commit := self.commit(ref))):
            found = self.run("for-each-ref", "--format=%(refname)", f"--merged={name}", RELEASES)
            merged.update(line.removeprefix(RELEASES) for line in text(found).split("\n") if line)
        return frozenset(merged)

    def files(self, commit: str) -> dict[str, str]:
        """Path (from the manual's root) → blob, of every regular file in a commit under the manual's root."""
        found = self.run("ls-tree", "-r", "-z", "--full-tree", commit, *([self.prefix] if self.prefix else []))
        files = {}
        for entry in (found or b"").split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if about.startswith(b"100"):
                name = path.decode("utf-8", "surrogateescape")
                files[name.removeprefix(self.prefix)] = about.split()[2].decode()
        return files

    def blobs(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of objects, read through one process; what does not exist is passed over.

        A name is whatever git takes for an object: `HEAD:manual/index.md`, `<commit>^{tree}`.
        """
        wanted = [name for name in dict.fromkeys(names) if "\n" not in name]
        if not wanted:
            return
        asked = "\n".join(wanted).encode("utf-8", "surrogateescape") + b"\n"
        data = self.run("cat-file", "--batch", stdin=asked) or b""
        at = 0
        for name in wanted if data else ():
            end = data.index(b"\n", at)
            head = data[at:end].rsplit(b" ", 2)
            if len(head) < 3 or not head[2].isdigit():
                at = end + 1
                continue
            size = int(head[2])
            yield name, data[end + 1 : end + 1 + size]
            at = end + 2 + size

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes | None:
        """What git printed; None when it failed or is not installed."""
        try:
            done = subprocess.run(
                command(*arguments), cwd=self._root, env=environment(), input=stdin, capture_output=True, check=False,
            )  # fmt: skip
        except OSError:
            return None
        return done.stdout if done.returncode == 0 else None


def command(*arguments: str) -> list[str]:
    """The words by which git is started, its safe settings first."""
    return ["git", *_SAFE, "--no-replace-objects", *arguments]


def environment() -> dict[str, str]:
    """The caller's environment without anything by which git could be led elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_GRAFT_FILE": os.devnull,
    }  # fmt: skip


def text(output: bytes | None) -> str:
    """What git printed, as text; names that are no UTF-8 keep their bytes."""
    return (output or b"").decode("utf-8", "surrogateescape")


def moment(raw: str) -> datetime | None:
    """git's raw date, `1780272000 +0800`, in the time zone of whoever wrote it; None when it is none."""
    seconds, _, zone = raw.partition(" ")
    try:
        offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:5])) if zone else timedelta()
        return datetime.fromtimestamp(int(seconds), timezone(offset))
    except (ValueError, OverflowError, OSError, IndexError):
        return None


def _tag(parts: list[str]) -> Tag | None:
    if len(parts) != 8:
        return None
    ref, name, kind, inner, target, commit, raw, tagger = parts
    commit = name if kind == "commit" else commit if target == "commit" else ""
    time = moment(raw) or datetime.fromtimestamp(0, timezone.utc)  # noqa: UP017
    return Tag(ref.removeprefix(RELEASES), commit, time, name, inner if kind == "tag" else "", tagger)
