"""Controlled PDFs: prints pages on all cores with WeasyPrint, each whole or not at all.

Only the fonts of the package exist for the printer, and it fetches nothing but pictures of the manual itself, so that
the same page gives the same bytes on every machine and a document can neither call out nor read a stranger's file. A
document that cannot be printed, even one that kills its process, is named and does not stop the others.
"""

import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from multiprocessing.connection import Connection, wait
from pathlib import Path

from qmanual.fonts import FOLDER as FONTS
from qmanual.language import N_
from qmanual.pdf.job import Failed, Job, Outcome, Printed

__all__ = ["Failed", "Job", "Outcome", "Printed", "print_all"]


def print_all(
    jobs: Sequence[Job],
    root: Path,
    out: Path,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[Outcome, ...]:
    """Print every job into the folder `out`, longest first, and tell how each went, in the order of the jobs.

    `root` is the manual, for its pictures. `workers`: processes, by default one a core. `progress(done, total)` is
    called after each. When interrupted, all processes are ended and no half-written file remains.
    """
    out.mkdir(parents=True, exist_ok=True)
    outcomes: dict[int, Outcome] = {}
    waiting = sorted(range(len(jobs)), key=lambda at: (len(jobs[at].html), -at))
    with tempfile.TemporaryDirectory(prefix="qmanual-") as fonts:
        _write_font_list(Path(fonts))
        crew: list[_Worker] = []
        try:
            for _ in range(min(workers or os.cpu_count() or 1, len(jobs))):
                crew.append(_Worker(Path(fonts), root, out))
            while len(outcomes) < len(jobs):
                for worker in crew:
                    if worker.at is None and waiting:
                        worker.take(at := waiting.pop(), jobs[at])
                busy = {worker.connection: worker for worker in crew if worker.at is not None}
                for connection in wait(list(busy)):
                    at, outcome = busy[connection].result(jobs)  # type: ignore[index]
                    outcomes[at] = outcome
                    progress(len(outcomes), len(jobs))
        finally:
            for worker in crew:
                worker.end()
            for half in out.glob(".*.part"):
                half.unlink(missing_ok=True)
    return tuple(outcomes[at] for at in range(len(jobs)))


def _write_font_list(folder: Path) -> None:
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


class _Worker:
    """A process that prints one job after another; started anew when a job has killed it."""

    def __init__(self, fonts: Path, root: Path, out: Path) -> None:
        self.places = (fonts, root, out)
        self.at: int | None = None
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")  # forking a process that has threads is not safe
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, *self.places), daemon=True)
        with _deaf_to_interrupts():
            self.process.start()
        theirs.close()

    def take(self, at: int, job: Job) -> None:
        self.at = at
        self.connection.send(job)

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


def _work(connection: "Connection[Outcome, Job]", fonts: Path, root: Path, out: Path) -> None:
    """The life of a process: print what comes until the other end closes."""
    os.environ["FONTCONFIG_FILE"] = str(fonts / "fonts.conf")
    from qmanual.pdf.printer import Printer  # reads the list of fonts when it is loaded

    printer = Printer(root)
    while True:
        try:
            job = connection.recv()
        except EOFError:
            return
        connection.send(printer.print(job, out))
