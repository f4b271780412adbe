"""Controlled PDFs: prints pages on all cores with WeasyPrint, each whole or not at all.

Only the fonts of the package exist for the printer, and it fetches nothing but pictures of the manual itself, so that
the same page gives the same bytes on every machine and a document can neither call out nor read a stranger's file. A
document that cannot be printed, even one that kills its process, is named and does not stop the others.
"""

import gc
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import TypeAlias

from qmanual.fonts import FOLDER as FONTS
from qmanual.language import N_
from qmanual.pdf.job import Failed, Job, Outcome, Printed

__all__ = ["Failed", "Job", "Outcome", "Printed", "Printers", "Progress"]

Progress: TypeAlias = Callable[[int, int], None]

PAGES_BEFORE_CLEANING = 150
"""Pages after which a process frees what they left behind, about 1 MB each. Cleaning costs a twentieth of printing, and
manuals of 300 pages on two cores can do without."""


def _silent(done: int, total: int) -> None:
    """For callers who do not show progress."""


class Printers:
    """Processes that print. What they need is loaded while the caller is still reading. Use as a context: it ends them.

    `root` is the manual, for its pictures. `workers`: processes, by default one a core.
    """

    def __init__(self, root: Path, workers: int | None = None) -> None:
        self._fonts = tempfile.TemporaryDirectory(prefix="qmanual-")
        write_font_list(Path(self._fonts.name))
        self._root = root
        self._wanted = workers or os.cpu_count() or 1
        self._crew: list[_Worker] = []
        with _deaf_to_interrupts():
            _load()

    def __enter__(self) -> "Printers":
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._crew:
            worker.end()
        self._fonts.cleanup()

    def print_all(self, jobs: Sequence[Job], out: Path, progress: Progress = _silent) -> tuple[Outcome, ...]:
        """Print every job into the folder `out`, longest first, and tell how each went, in the order of the jobs.

        `progress(done, total)` is called after each. When interrupted, no half-written file remains.
        """
        out.mkdir(parents=True, exist_ok=True)
        outcomes: dict[int, Outcome] = {}
        while jobs and len(self._crew) < min(self._wanted, len(jobs)):
            self._crew.append(_Worker(Path(self._fonts.name), self._root))
        waiting = sorted(range(len(jobs)), key=lambda at: (len(jobs[at].html), -at))
        try:
            while len(outcomes) < len(jobs):
                for worker in self._crew:
                    if worker.at is None and waiting:
                        worker.take(at := waiting.pop(), jobs[at], out)
                busy = {worker.connection: worker for worker in self._crew if worker.at is not None}
                for connection in wait(list(busy)):
                    at, outcome = busy[connection].result(jobs)  # type: ignore[index]
                    outcomes[at] = outcome
                    progress(len(outcomes), len(jobs))
        except BaseException:
            for worker in self._crew:
                worker.end()
            raise
        finally:
            for half in out.glob(".*.part"):
                half.unlink(missing_ok=True)
        return tuple(outcomes[at] for at in range(len(jobs)))


def write_font_list(folder: Path) -> None:
    """A list of fonts that holds the package's and no others, and room to remember what was read in them."""
    (folder / "fonts.conf").write_text(
        f"<fontconfig><dir>{escape(str(FONTS))}</dir><cachedir>{escape(str(folder))}</cachedir></fontconfig>", "utf-8"
    )


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started here ignores Ctrl-C, which reaches every process of a terminal: the first one ends the others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _load() -> None:
    """Begin to load what prints, and do not wait for it: to start a process, one must."""
    if isinstance(_context(), ForkServerContext):
        from multiprocessing.forkserver import ensure_running  # which not every system has

        ensure_running()


def _context() -> ForkServerContext | SpawnContext:
    """How processes start: from one that has WeasyPrint read already, where there is such a way; else anew.

    This process itself is not forked: it has threads, and forking such a one is not safe.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["qmanual.pdf.printer"])
    return context


class _Worker:
    """A process that prints one job after another; started anew when a job has killed it."""

    def __init__(self, fonts: Path, root: Path) -> None:
        self.places = (fonts, root)
        self.at: int | None = None
        self._start()

    def _start(self) -> None:
        context = _context()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, *self.places), daemon=True)
        with _deaf_to_interrupts():
            self.process.start()
        theirs.close()

    def take(self, at: int, job: Job, out: Path) -> None:
        self.at = at
        try:
            self.connection.send((job, out))
        except OSError:  # it ended before it had anything to do: `result` tells and starts another
            return

    def result(self, jobs: Sequence[Job]) -> tuple[int, Outcome]:
        at = self.at
        assert at is not None
        self.at = None
        try:
            outcome: Outcome = self.connection.recv()
        except (EOFError, OSError):
            self.end()
            code = str(self.process.exitcode)
            outcome = Failed(jobs[at].id, N_("the printing process ended with code {code}"), {"code": code})
            self._start()
        return at, outcome

    def end(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()


def _work(connection: "Connection[Outcome, tuple[Job, Path]]", fonts: Path, root: Path) -> None:
    """The life of a process: print what comes until the other end closes."""
    os.environ["FONTCONFIG_FILE"] = str(fonts / "fonts.conf")
    from qmanual.pdf.printer import Printer  # reads the list of fonts when it is loaded

    printer = Printer(root)
    gc.disable()  # while a page is laid out nearly everything lives; looking for garbage costs a fifth of the time
    pages = 0
    while True:
        try:
            job, out = connection.recv()
        except EOFError:
            return
        outcome = printer.print(job, out)
        connection.send(outcome)
        pages += outcome.pages if isinstance(outcome, Printed) else 1
        if pages >= PAGES_BEFORE_CLEANING:
            gc.collect()
            pages = 0
