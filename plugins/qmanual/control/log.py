"""What git remembers of the files of a manual, as values: the commits, and what they did to each file.

The rules over time ask it what no release tag tells: when a text came to be as it is, and whether a date was set back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import groupby

from qmanual.control.history import Signature


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its name, those before it, when it was committed, by whom and when it was written.

    `before`: when the latest of those before it was committed, where there is one.
    """

    name: str
    parents: tuple[str, ...]
    time: datetime
    author: str
    written: datetime
    before: datetime | None = None

    @property
    def on(self) -> date:
        """The day of the commit, in the time zone of whoever committed it."""
        return self.time.date()


@dataclass(frozen=True, slots=True)
class Step:
    """A commit that changed a file: what it did (A, M, D, R), the path and the blob after it (empty: deleted)."""

    commit: Commit
    status: str
    path: str
    blob: str
    was: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """The commit that last changed the text of a document, and the signatures that its header bore just before.

    `begun`: the day on which the document came into git.
    """

    commit: Commit
    begun: date
    signatures: tuple[Signature, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Log:
    """The commits that touched the manual's files, newest first, and what they did to each file.

    `edits`: path of a document → what last changed its text as it stands in the work tree. It lacks those whose text
    git holds as it first came in, those not committed, and those that no commit touched after they were signed.
    """

    head: str = ""
    steps: tuple[Step, ...] = ()
    edits: Mapping[str, Edit] = field(default_factory=dict)

    def trails(self) -> Mapping[str, tuple[Step, ...]]:
        """Path as it is now, or was last → the steps of that file, newest first, renames followed."""
        return self._trails

    @cached_property
    def _trails(self) -> Mapping[str, tuple[Step, ...]]:
        found: dict[str, list[Step]] = {}
        now: dict[str, str] = {}
        for _, steps in groupby(self.steps, key=lambda step: step.commit.name):
            moved = {}
            for step in steps:
                path = now.get(step.path, step.path)
                found.setdefault(path, []).append(step)
                if step.status == "R" and step.was != step.path:
                    moved[step.was] = path
            now |= moved  # only now: a commit may exchange the names of two files
        return {path: tuple(steps) for path, steps in found.items()}
