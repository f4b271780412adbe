"""The history of every file from one `git log`: what each commit did to which file, renames found by git.

Merges are told too where their result is none of what they join: a text can be changed in a merge.
"""

import re
from collections.abc import Iterator

from qmanual.control.history import Commit, Log, Step
from qmanual.git import Repository, moment, text

_BEGIN = re.compile(r"(?:^|(?<=\0))\x01(?=[0-9a-f]{40,64}\0)")
_FORM = "%x01%H%x00%P%x00%cd%x00%ad%x00%an%x00"


def read_log(repository: Repository, folders: tuple[str, ...], since: str = "") -> Log:
    """The log of the head, as far as it touched `folders` (from the manual's root); only what is new after `since`."""
    head = repository.commit()
    if not head:
        return Log()
    found = repository.run(
        "log", "-z", "--raw", "-M", "-c", "--no-abbrev", "--no-show-signature", "--no-ext-diff", "--no-textconv",
        "--topo-order", "--date=raw", f"--format={_FORM}", f"{since}..{head}" if since else head,
        "--", *(f":(top,literal){repository.prefix}{folder}" for folder in folders),
    )  # fmt: skip
    return Log(head=head, steps=tuple(_steps(text(found), repository.prefix)))


def _steps(output: str, prefix: str) -> Iterator[Step]:
    for record in _BEGIN.split(output)[1:]:
        name, parents, committed, authored, author, rest = record.split("\0", 5)
        when, written = moment(committed), moment(authored)
        if when is None:
            continue
        commit = Commit(name, tuple(parents.split()), when, author, written or when)
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
