"""The one seam to git. Plumbing only, and nothing that a repository's own files name is ever run.

A hostile repository can set `core.fsmonitor`, hooks, filters or signing programs to a program of its own; the fixed
settings of `git.process` switch all of them off, and the user's and the system's configuration are not read. Replaced
objects and grafts, by which a repository can show a history that was never written, are not followed. This module
reads; only `git.writing` writes.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import IO

from qmanual.git.lfs import content
from qmanual.git.mainline import LOCAL, PLACES, SERVER, USUAL, main_names
from qmanual.git.process import command, environment, said, text
from qmanual.pointer import read_pointer

RELEASES = "refs/tags/release/"
_BROKEN = re.compile(r"broken ref \S+")


class Damaged(Exception):
    """git cannot read what the repository should hold; `said` is git's own word for it."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class Tag:
    """A release tag: its name without `release/`, the commit it marks, and when it was set, in the setter's time zone.

    `object` is what the ref points at, `inner` the name written in the tag object (empty: a lightweight tag). `commit`
    is empty when the tag marks no commit; `committed` is when that was made.
    """

    name: str
    commit: str
    time: datetime
    object: str
    inner: str
    tagger: str
    committed: datetime | None = None

    @property
    def annotated(self) -> bool:
        """Whether there is a tag object: who set the tag, when, and why."""
        return self.object != self.commit


@dataclass(frozen=True, slots=True)
class Refs:
    """What the names in a repository stand for: the release tags, oldest first, and the tips of the main branch.

    `main`: what the main branch is called, see `main_names`. `tips` are commits, here and on the server. Where no
    branch has a name of a main branch, both are empty, and what is checked out stands for it.
    """

    tags: tuple[Tag, ...] = ()
    tips: tuple[str, ...] = ()
    main: tuple[str, ...] = ()


class Repository:
    """The repository that a folder lies in. `prefix` is the folder's path inside the work tree, `""` or `x/`.

    `trouble`: why git refuses a repository that is there, in git's own words. The work tree is where `.git` lies, not
    where the repository's configuration says.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        place = root.resolve()
        top = next((one for one in (place, *place.parents) if _has_repository(one)), None)
        self._where = {"GIT_DIR": str(top / ".git"), "GIT_WORK_TREE": str(top)} if top else {}
        self.trouble = ""
        lines = ["", "false", ""]
        if top:
            try:
                lines = text(
                    self.read("rev-parse", "--show-prefix", "--is-shallow-repository", "--absolute-git-dir")
                ).split("\n")
            except Damaged as error:
                self.trouble = error.said
        self.present = bool(lines[2])
        self.prefix = lines[0]
        self.shallow = lines[1] == "true"
        self.folder = Path(lines[2]) if lines[2] else None
        self.installed = self.present or shutil.which("git") is not None

    def commit(self, name: str = "HEAD") -> str:
        """The commit that a name means; empty when there is none."""
        found = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return text(found).strip() if found else ""

    def complaint(self, name: str) -> str:
        """What git has against the commit that a name means; empty when nothing, or when the name means none yet."""
        if self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name) is None:
            return ""
        try:
            self.read("cat-file", "-t", f"{name}^{{commit}}")
        except Damaged as error:
            return error.said
        return ""

    def moment_of(self, name: str) -> datetime | None:
        """When a commit was made; None when there is none of that name."""
        commit = self.commit(name)
        found = self.run("log", "-1", "--no-show-signature", "--date=raw", "--format=%cd", commit) if commit else None
        return moment(text(found).strip())

    def releases(self) -> tuple[Tag, ...]:
        """The tags `release/…`, oldest first; none when there is no repository."""
        return self.refs().tags

    def refs(self) -> Refs:
        """The release tags and the tips of the main branch, from one look. Raises `Damaged`."""
        if not self.present:
            return Refs()
        done = self._done("for-each-ref", f"--format={_FORM}", RELEASES, *PLACES)
        found, complaint = text(done.stdout), text(done.stderr)
        if broken := _BROKEN.search(complaint):  # git passes over it; a release would be gone without a word
            raise Damaged(broken[0])
        rows = [line.split("\0") for line in found.split("\n") if line]
        tags = [_tag(parts[:-2]) for parts in rows if parts[0].startswith(RELEASES)]
        heads = [parts for parts in rows if parts[0] in PLACES and parts[2] == "commit"]
        main = main_names([(parts[0], parts[-2], parts[-1] == "*") for parts in heads])
        wanted = {f"{SERVER}HEAD", *(f"{place}{name}" for name in main for place in (SERVER, LOCAL))}
        tips = [parts[1] for parts in heads if parts[0] in wanted]
        tips += [self.commit(f"{LOCAL}{name}") for name in main if name not in USUAL]
        return Refs(tuple(self._in_order(tags)), tuple(dict.fromkeys(tip for tip in tips if tip)), main)

    def _in_order(self, tags: list[Tag]) -> list[Tag]:
        """Tags, oldest first; those of one second in the order of their commits."""
        tags.sort(key=lambda tag: (tag.time, tag.name))
        pairs = [(one, other) for one, other in pairwise(tags) if one.time == other.time]
        tied = {tag.commit: 0 for pair in pairs for tag in pair if pair[0].commit != pair[1].commit and tag.commit}
        if not tied:
            return tags
        asked = "".join(f"{commit}\n" for commit in tied).encode()
        found = text(self.read("rev-list", "--topo-order", "--reverse", "--stdin", stdin=asked)).split("\n")
        tied |= {commit: at for at, commit in enumerate(found) if commit in tied}
        return sorted(tags, key=lambda tag: (tag.time, tied.get(tag.commit, 0), tag.name))

    def left_out(self) -> frozenset[str]:
        """The files that a sparse checkout leaves out, by their paths from the manual's root."""
        if self.folder is None or not (self.folder / "info" / "sparse-checkout").is_file():
            return frozenset()
        found = text(self.run("ls-files", "-t", "-z", "--full-name")).split("\0")
        return frozenset(path[2:].removeprefix(self.prefix) for path in found if path.startswith("S "))

    def files(self, commit: str) -> dict[str, str]:
        """Path (from the manual's root) → blob, of every regular file in a commit under the manual's root.

        Nothing when there is no such commit. Raises `Damaged`.
        """
        name, files = self.commit(commit), {}
        inside = [self.prefix] if self.prefix else []
        found = self.read("ls-tree", "-r", "-z", "--full-tree", name, *inside) if name else b""
        for entry in found.split(b"\0"):
            about, _, path = entry.partition(b"\t")
            if about.startswith(b"100"):
                name = path.decode("utf-8", "surrogateescape")
                files[name.removeprefix(self.prefix)] = about.split()[2].decode()
        return files

    def blobs(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of objects, read through one process; what does not exist is passed over.

        A name is whatever git takes for an object: `HEAD:manual/index.md`, `<commit>^{tree}`. Of what git keeps by LFS
        it is the content, as far as that has been fetched.
        """
        wanted = [name for name in dict.fromkeys(names) if "\n" not in name]
        if not wanted:
            return
        asked = "\n".join(wanted).encode("utf-8", "surrogateescape") + b"\n"
        data = self.read("cat-file", "--batch", stdin=asked)
        at = 0
        for name in wanted:
            end = data.index(b"\n", at)
            head = data[at:end].rsplit(b" ", 2)
            if len(head) < 3 or not head[2].isdigit():
                at = end + 1
                continue
            size = int(head[2])
            yield name, self._whole(data[end + 1 : end + 1 + size])
            at = end + 2 + size

    def _whole(self, data: bytes) -> bytes:
        pointer = read_pointer(data)
        return (content(self._common, pointer) or data) if pointer else data

    @cached_property
    def _common(self) -> Path:
        """The folder that all worktrees of the repository share."""
        found = text(self.read("rev-parse", "--git-common-dir"))
        return (self._root / found.removesuffix("\n")).resolve()

    def run(self, *arguments: str, stdin: bytes | None = None) -> bytes | None:
        """What git printed; None when it failed or is not installed. For questions whose answer may be no."""
        try:
            return self.read(*arguments, stdin=stdin)
        except Damaged:
            return None

    def read(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """What git printed. Raises `Damaged` when it failed or is not installed."""
        return self._done(*arguments, stdin=stdin).stdout

    def _done(self, *arguments: str, stdin: bytes | None = None) -> "subprocess.CompletedProcess[bytes]":
        try:
            words = command(*arguments)
            done = subprocess.run(
                words, cwd=self._root, env=self.environment, input=stdin, capture_output=True, check=False
            )
        except OSError as error:
            raise Damaged(str(error)) from None
        if done.returncode != 0:
            raise Damaged(said(done.stderr))
        return done

    def start(self, output: IO[bytes], complaints: IO[bytes], *arguments: str) -> "subprocess.Popen[bytes]":
        """Start git beside what else is done; it writes into two files. Raises `Damaged`."""
        try:
            return subprocess.Popen(
                command(*arguments), cwd=self._root, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=complaints,
            )  # fmt: skip
        except OSError as error:
            raise Damaged(str(error)) from None

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which git works on this repository and on no other."""
        return environment() | self._where


def _has_repository(folder: Path) -> bool:
    """Whether a folder is the top of a work tree: `.git` is a repository, or a file that names one (a worktree)."""
    try:
        return (folder / ".git" / "HEAD").exists() or (folder / ".git").is_file()
    except OSError:
        return False


def moment(raw: str) -> datetime | None:
    """git's raw date, `1780272000 +0800`, in the time zone of whoever wrote it; None when it is none.

    A date at the ends of what a calendar can hold is none: it would be no date any more in another time zone.
    """
    seconds, _, zone = raw.partition(" ")
    try:
        start, ahead = _zone(zone)
        found = start + timedelta(seconds=int(seconds) + ahead)
        return found if date.min.year < found.year < date.max.year else None
    except (ValueError, OverflowError, IndexError):
        return None


@lru_cache(256)
def _zone(written: str) -> tuple[datetime, int]:
    """The beginning of 1970 on the clocks of a time zone, and by how many seconds they are ahead."""
    ahead = timedelta(hours=int(written[:3]), minutes=int(written[0] + written[3:5])) if written else timedelta()
    return datetime(1970, 1, 1, tzinfo=timezone(ahead)), int(ahead.total_seconds())


_FORM = "%00".join(("%(refname)", "%(objectname)", "%(objecttype)", "%(tag)", "%(type)", "%(object)",
                    "%(creatordate:raw)", "%(taggername)", "%(committerdate:raw)",
                    "%(*committerdate:raw)", "%(symref)", "%(HEAD)"))  # fmt: skip


def _tag(parts: list[str]) -> Tag:
    ref, name, kind, inner, target, commit, raw, tagger, own, theirs = parts
    commit = name if kind == "commit" else commit if target == "commit" else ""
    time = moment(raw) or _zone("")[0]
    return Tag(
        name=ref.removeprefix(RELEASES), commit=commit, time=time, object=name, inner=inner if kind == "tag" else "",
        tagger=tagger, committed=moment(own or theirs),
    )  # fmt: skip
