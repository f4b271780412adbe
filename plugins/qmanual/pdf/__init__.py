"""Controlled PDFs: prints pages on all cores with WeasyPrint, each whole or not at all.

Only the fonts of the package exist for the printer, and it fetches nothing but pictures of the manual itself, so that
the same page gives the same bytes on every machine and a document can neither call out nor read a stranger's file. A
document that cannot be printed, even one that kills its process, is named and does not stop the others.
"""

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Protocol, TypeAlias

from qmanual.pdf.crew import Worker, load, write_font_list
from qmanual.pdf.job import Failed, Job, Outcome, Printed

__all__ = ["Failed", "Job", "Outcome", "Press", "Printed", "Printers", "Progress", "write_font_list"]

Progress: TypeAlias = Callable[[int, int, float], None]
"""Told after each document: how many are done, how many there are, and the share of the work that is done, 0 to 1."""
Keep: TypeAlias = Callable[[Job, Printed], None]
"""Given each PDF as soon as it is written."""

STALE = 3600
"""Seconds after which a half-written file is nobody's any more: its process was killed."""


def silent(done: int, total: int, share: float) -> None:
    """For callers who do not show progress."""


def not_kept(job: Job, printed: Printed) -> None:
    """For callers who keep nothing."""


class Press(Protocol):
    """What prints: processes on this machine, or a cluster. `root`: the manual, for its pictures."""

    root: Path

    def tools(self) -> Mapping[str, str]:
        """What prints, name → version, see `pdf.tools`; empty where it cannot be said."""
        ...

    def print_all(
        self, jobs: Sequence[Job], out: Path, progress: Progress = silent, keep: Keep = not_kept
    ) -> tuple[Outcome, ...]:
        """Print every job into the folder `out`, and tell how each went, in the order of the jobs.

        No half-written file remains, also after an interruption. Raises `OSError` when `out` cannot be written.
        """
        ...


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Printers:
    """Processes that print. What they need is loaded while the caller is still reading. Use as a context: it ends them.

    `root` is the manual, for its pictures. `workers`: processes, by default one a core.
    """

    def __init__(self, root: Path, workers: int | None = None) -> None:
        self._fonts = tempfile.TemporaryDirectory(prefix="qmanual-")
        write_font_list(Path(self._fonts.name))
        self.root = root
        self._wanted = workers or cores()
        self._crew: list[Worker] = []
        self._tools: Mapping[str, str] = {}
        load()

    def __enter__(self) -> "Printers":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._crew:
            worker.end()
        self._fonts.cleanup()

    def tools(self) -> Mapping[str, str]:
        """What prints, name → version; empty where nothing can."""
        if not self._tools:
            self._hire(1)
            self._tools = self._crew[0].tools()
        return self._tools

    def print_all(
        self, jobs: Sequence[Job], out: Path, progress: Progress = silent, keep: Keep = not_kept
    ) -> tuple[Outcome, ...]:
        """As `Press.print_all` says; longest first. A job whose process died is tried once more."""
        out.mkdir(parents=True, exist_ok=True)
        self._hire(min(self._wanted, len(jobs)))
        run = Run(jobs, progress, keep)
        try:
            while run.unfinished:
                for worker in self._crew:
                    if worker.at is None and run.waiting:
                        worker.take(at := run.waiting.pop(), jobs[at], out)
                busy = {worker.connection: worker for worker in self._crew if worker.at is not None}
                for connection in wait(list(busy)):
                    worker = busy[connection]  # type: ignore[index]
                    finished = worker.at
                    assert finished is not None
                    run.take(finished, *worker.result(jobs[finished]))
        except BaseException:
            for worker in self._crew:
                worker.end()
            self._crew.clear()
            raise
        finally:
            _clean(out, Path(self._fonts.name).name)
        return run.outcomes

    def _hire(self, count: int) -> None:
        while len(self._crew) < count:
            self._crew.append(Worker(Path(self._fonts.name), self.root))


class Run:
    """Jobs on their way to outcomes. `waiting`: numbers of those to be done, the next one last."""

    def __init__(self, jobs: Sequence[Job], progress: Progress, keep: Keep) -> None:
        self.jobs, self.progress, self.keep = jobs, progress, keep
        self.waiting = sorted(range(len(jobs)), key=lambda at: (len(jobs[at].html), -at))
        self.died: set[int] = set()
        self.found: dict[int, Outcome] = {}
        self.total = sum(len(job.html) for job in jobs) or 1
        self.done = 0

    @property
    def unfinished(self) -> bool:
        """Whether anything is left to do."""
        return len(self.found) < len(self.jobs)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What came of the jobs, in their order; to be asked at the end."""
        return tuple(self.found[at] for at in range(len(self.jobs)))

    def take(self, at: int, outcome: Outcome, died: bool = False) -> None:
        """Take down what came of a job, or have it done again."""
        if died and at not in self.died:
            self.died.add(at)
            self.waiting.append(at)
            return
        self.found[at] = outcome
        self.done += len(self.jobs[at].html)
        if isinstance(outcome, Printed):
            self.keep(self.jobs[at], outcome)
        self.progress(len(self.found), len(self.jobs), self.done / self.total)


def _clean(out: Path, mark: str) -> None:
    """Take away what is half-written: ours, and what a killed build left; what another one writes now stays."""
    for half in out.glob(".*.part"):
        with suppress(OSError):
            if half.name.startswith(f".{mark}-") or time.time() - half.stat().st_mtime > STALE:
                half.unlink()
