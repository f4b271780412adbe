"""The history of every file from one `git log`: what each commit did to which file, renames found by git.

Merges are told too where their result is none of what they join: a text can be changed in a merge. git walks a long
history for about a second; it does so beside what else is done until somebody asks for the result.
"""

import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime

from qmanual.control.log import Commit, Step
from qmanual.git import Damaged, Repository, moment
from qmanual.git.process import said, text

_BEGIN = re.compile(r"(?:^|(?<=\0))\x01(?=[0-9a-f]{40,64}\0)")
_FORM = "%x01%H%x00%P%x00%cd%x00%ad%x00.%an%x00"
"""A dot stands before the author: a name that looks like the beginning of a commit begins none."""

_NEVER = datetime.fromtimestamp(0, UTC)
"""Stands for a date that cannot be read: it comes before every parent's, which is a finding."""


class LogReading:
    """A `git log` that is under way: of what leads to `head`, and not to `since` where that is given.

    It is told as far as it touched `folders`, from the manual's root.
    """

    def __init__(self, repository: Repository, head: str, folders: tuple[str, ...], since: str = "") -> None:
        self.head = head
        self.since = since
        self._prefix = repository.prefix
        self._output, self._said = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - read later
        self._process = repository.start(
            self._output, self._said,
            "log", "-z", "--raw", "-M", "-c", "--no-abbrev", "--no-show-signature", "--no-ext-diff", "--no-textconv",
            "-O/dev/null", "--topo-order", "--date=raw", f"--format={_FORM}", f"{since}..{head}" if since else head,
            "--", *(f":(top,literal){repository.prefix}{folder}" for folder in folders),
        )  # fmt: skip

    def steps(self) -> tuple[Step, ...]:
        """What the commits did, newest first. Waits for git. Raises `Damaged`."""
        code = self._process.wait()
        with self._output as output, self._said as complaint:
            output.seek(0)
            complaint.seek(0)
            if code != 0:
                raise Damaged(said(complaint.read()))
            return tuple(_steps(text(output.read()), self._prefix))


def _steps(output: str, prefix: str) -> Iterator[Step]:
    for record in _BEGIN.split(output)[1:]:
        name, parents, committed, authored, author, rest = record.split("\0", 5)
        when, written = moment(committed) or _NEVER, moment(authored)
        commit = Commit(name, tuple(parents.split()), when, author[1:], written or when)
        yield from _changes(commit, rest.split("\0"), prefix)


def _changes(commit: Commit, parts: list[str], prefix: str) -> Iterator[Step]:
    """The changes of a commit: `:modes blobs STATUS`, path, and for a rename the path before it."""
    at = 0
    while at + 1 < len(parts):
        about = parts[at].strip("\n")
        if not about.startswith(":"):
            at += 1
            continue
        words = about.split()
        parents = len(about) - len(about.lstrip(":"))
        status, blob = words[-1], words[2 * parents + 1]
        moved = parents == 1 and status[0] in "RC"
        path = parts[at + 2 if moved else at + 1]
        was = parts[at + 1] if moved else ""
        at += 3 if moved else 2
        if path.startswith(prefix):
            gone = not blob.strip("0")
            kind = "M" if parents > 1 else status[0]
            yield Step(commit, "D" if gone else kind, path.removeprefix(prefix), "" if gone else blob,
                       was.removeprefix(prefix))  # fmt: skip
