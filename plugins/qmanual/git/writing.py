"""The one place that writes into a repository: a release's commit and tag, and the commits of the demonstration.

Plumbing only, as everywhere in this room.

Objects come first; they change nothing by themselves. Then the file's place in the index, then branch and tag in one
transaction. Nobody's hooks, filters or signing programs are run, and no identity is taken from the repository's
environment: who, when and what are arguments.
"""

import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from qmanual.git import RELEASES, Repository
from qmanual.git.process import command, environment, said, text


class GitRefused(Exception):
    """git would not do it; `reason` is what it said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """A commit with one more file, and an annotated tag on it. `branch` is a full reference, `parent` its commit.

    `path` counts from the work tree's root. `moment` has a time zone. `aside`: path → blob (empty: no file) of what is
    another in the commit that is marked; then a commit with the subject `again` follows that has it as it was.
    """

    branch: str
    parent: str
    path: str
    data: bytes
    tag: str
    subject: str
    message: str
    name: str
    email: str
    moment: datetime
    aside: Mapping[str, str] = field(default_factory=dict)
    again: str = ""
    sign: Callable[[bytes], str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The objects of a marking, named; enough to finish it later. `commit`: the last one, to which the branch goes."""

    branch: str
    parent: str
    commit: str
    tag: str
    object: str
    path: str
    blob: str
    who: str

    def note(self) -> str:
        """As text, for the journal."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def noted(note: str) -> "Made":
        """Out of the text of `note`. Raises ValueError, KeyError or TypeError."""
        found = json.loads(note)
        return Made(**{key: str(found[key]) for key in Made.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A commit of files as they lie in the work tree; `paths` count from its root. `moment` has a time zone."""

    paths: tuple[str, ...]
    message: str
    name: str
    email: str
    moment: datetime


def found(top: Path) -> None:
    """Make an empty repository whose branch is main; of the user's templates and settings nothing is taken over.

    Raises `GitRefused`.
    """
    words = command("init", "--quiet", "--template=", "--initial-branch=main", "--object-format=sha1", str(top))
    try:
        done = subprocess.run(words, env=environment(), capture_output=True, check=False)
    except OSError as error:
        raise GitRefused(str(error)) from error
    if done.returncode:
        raise GitRefused(said(done.stderr))


def record(repository: Repository, recording: Recording) -> str:
    """Commit files on the branch that is checked out; the commit's name. Raises `GitRefused`."""
    who = f"{_plain(recording.name)} <{_plain(recording.email)}> {_stamp(recording.moment)}"
    names = "".join(f"{path}\n" for path in recording.paths).encode()
    blobs = _ask(repository, "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names).split()
    lines = (f"100644 {blob}\t{path}" for path, blob in zip(recording.paths, blobs, strict=True))
    _index(repository, "\0".join(lines))
    branch, parent = branch_of(repository), repository.commit()
    head = f"tree {_ask(repository, 'write-tree')}\n" + (f"parent {parent}\n" if parent else "")
    content = f"{head}author {who}\ncommitter {who}\n\n{recording.message.strip()}\n"
    name = _ask(repository, "hash-object", "-w", "-t", "commit", "--stdin", stdin=content.encode())
    _ask(repository, "update-ref", "-m", "commit", branch, name, parent or "0" * len(name), more=_identity(who))
    return name


def make(repository: Repository, marking: Marking) -> Made:
    """Write the objects. Nothing refers to them yet. Raises `GitRefused`; `marking.sign` may raise its own."""
    who = f"{_plain(marking.name)} <{_plain(marking.email)}> {_stamp(marking.moment)}"
    blob = _ask(repository, "hash-object", "-w", "-t", "blob", "--stdin", stdin=marking.data)
    new = {marking.path: blob}
    name = _commit(repository, marking, marking.parent, new | dict(marking.aside), marking.subject)
    last = _commit(repository, marking, name, new, marking.again) if marking.aside else name
    content = f"object {name}\ntype commit\ntag {marking.tag}\ntagger {who}\n\n{marking.message.strip()}\n"
    signature = marking.sign(content.encode()).strip() + "\n" if marking.sign else ""
    tag = _ask(repository, "mktag", stdin=(content + signature).encode())
    return Made(
        branch=marking.branch, parent=marking.parent, commit=last, tag=f"refs/tags/{marking.tag}", object=tag,
        path=marking.path, blob=blob, who=who,
    )  # fmt: skip


def publish(repository: Repository, made: Made) -> bool:
    """Put the file into the index, and set branch and tag; also when a part of it was done before.

    False, and nothing is changed, when the branch has moved on meanwhile or the tag is another. Raises `GitRefused`.
    """
    branch, tag = _object(repository, made.branch), _object(repository, made.tag)
    if branch not in (made.parent, made.commit) or tag not in ("", made.object):
        return False
    before = _entry(repository, made.path)
    _index(repository, f"100644 {made.blob}\t{made.path}")
    lines = ["start"]
    if branch != made.commit:
        lines.append(f"update {made.branch} {made.commit} {made.parent}")
    if not tag:
        lines.append(f"create {made.tag} {made.object}")
    try:
        if len(lines) > 1:
            _ask(repository, "update-ref", "-m", "release", "--create-reflog", "--stdin",
                 stdin="\n".join([*lines, "prepare", "commit", ""]).encode(), more=_identity(made.who))  # fmt: skip
    except GitRefused:
        _index(repository, before or f"0 {'0' * len(made.blob)}\t{made.path}")
        raise
    return True


# -- what a writer must know -----------------------------------------------------------------------------------------


def branch_of(repository: Repository) -> str:
    """The branch that is checked out, as a full reference; empty when the head is detached."""
    return text(repository.run("symbolic-ref", "--quiet", "HEAD")).strip()


def missing_from(repository: Repository, branch: str) -> tuple[str, int]:
    """The branch on the server that a branch follows, and how many commits it has that this one lacks.

    As far as known here: nothing is fetched.
    """
    name = branch.removeprefix("refs/heads/")
    remote = _config(repository, f"branch.{name}.remote") or "origin"
    merge = _config(repository, f"branch.{name}.merge") or branch
    there = f"refs/remotes/{remote}/{merge.removeprefix('refs/heads/')}"
    found = text(repository.run("rev-list", "--count", f"{branch}..{there}", "--")).strip()
    return there.removeprefix("refs/remotes/"), int(found) if found.isdigit() else 0


def staged(repository: Repository) -> dict[str, str]:
    """Path (from the manual's root) → blob of every file in the index."""
    found = text(repository.run("ls-files", "--stage", "-z", "--full-name"))
    entries = (entry.partition("\t") for entry in found.split("\0") if entry)
    return {path.removeprefix(repository.prefix): about.split()[1] for about, _, path in entries}


def identity(repository: Repository) -> tuple[str, str]:
    """Name and address of whoever works here, from the repository's or the user's own configuration; empty: unknown."""
    own = {name: value for name, value in repository.environment.items() if not name.startswith("GIT_CONFIG")}
    values = (_config(repository, key) or _answer(own, "config", "--get", key) for key in ("user.name", "user.email"))
    name, email = (_plain(value) for value in values)
    return name, email


def is_tag_name(repository: Repository, name: str) -> bool:
    """Whether git takes `release/NAME` for a tag."""
    return repository.run("check-ref-format", f"{RELEASES}{name}") is not None


def _config(repository: Repository, key: str) -> str:
    return text(repository.run("config", "--local", "--get", key)).strip()


def _object(repository: Repository, ref: str) -> str:
    return text(repository.run("rev-parse", "--verify", "--quiet", "--end-of-options", ref)).strip()


def _entry(repository: Repository, path: str) -> str:
    """A file's line in the index as `update-index` takes it; empty when it has none."""
    found = text(repository.run("ls-files", "--stage", "-z", "--full-name", "--", f":(top,literal){path}"))
    return found.split("\0")[0]


# -- doing -----------------------------------------------------------------------------------------------------------


def _commit(repository: Repository, marking: Marking, parent: str, blobs: Mapping[str, str], subject: str) -> str:
    """A commit of the tree that a marking begins with, changed by path → blob; its name."""
    who = f"{_plain(marking.name)} <{_plain(marking.email)}> {_stamp(marking.moment)}"
    tree = _tree_with(repository, marking, blobs)
    content = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n{subject}\n"
    return _ask(repository, "hash-object", "-w", "-t", "commit", "--stdin", stdin=content.encode())


def _tree_with(repository: Repository, marking: Marking, blobs: Mapping[str, str]) -> str:
    """The tree that a marking begins with, changed by path → blob, made in an index of its own."""
    with tempfile.TemporaryDirectory(prefix="qmanual-") as folder:
        own = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _ask(repository, "read-tree", marking.parent, more=own)
        none = f"0 {'0' * len(marking.parent)}"
        lines = (f"100644 {blob}\t{path}" if blob else f"{none}\t{path}" for path, blob in blobs.items())
        _index(repository, "\0".join(lines), own)
        return _ask(repository, "write-tree", more=own)


def _index(repository: Repository, line: str, more: Mapping[str, str] | None = None) -> None:
    """Change a line of the index, away from the work tree: beside its files, git would look whether any that are as
    young as the index have changed, and run the repository's filters on them.
    """
    data = line.encode("utf-8", "surrogateescape") + b"\0"
    with tempfile.TemporaryDirectory(prefix="qmanual-") as folder:
        away = {"GIT_WORK_TREE": folder, **(more or {})}
        _ask(repository, "update-index", "-z", "--index-info", stdin=data, more=away)


def _ask(repository: Repository, *words: str, stdin: bytes = b"", more: Mapping[str, str] | None = None) -> str:
    """What git answered. Raises `GitRefused`."""
    own = repository.environment | dict(more or {})
    top = own.get("GIT_WORK_TREE")
    done = subprocess.run(command(*words), cwd=top, env=own, input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise GitRefused(said(done.stderr))
    return text(done.stdout).strip()


def _answer(own: Mapping[str, str], *words: str) -> str:
    """What git answers in an environment of its own; empty when it does not."""
    top = own.get("GIT_WORK_TREE")
    done = subprocess.run(command(*words), cwd=top, env=dict(own), capture_output=True, check=False)
    return text(done.stdout).strip() if done.returncode == 0 else ""


def _identity(who: str) -> dict[str, str]:
    """For the log of references."""
    name, _, rest = who.partition(" <")
    email, _, when = rest.partition("> ")
    return {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email, "GIT_COMMITTER_DATE": f"@{when}"}


def _plain(value: str) -> str:
    """A name or an address without the characters that mean something to git."""
    return "".join(character for character in value if character.isprintable() and character not in "<>").strip(" .,;")


def _stamp(moment: datetime) -> str:
    """A moment as git writes it: seconds since 1970 and the time zone."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a moment without a time zone")
    minutes = int(offset.total_seconds()) // 60
    return f"{int(moment.timestamp())} {'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
