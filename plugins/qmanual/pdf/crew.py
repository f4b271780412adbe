"""The processes that print: how they start, what they are given, how they end.

Whatever happens to one of them harms nobody else: a process that dies is noticed, and when its master is gone, however
that came about, it goes as well.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from qmanual.fonts import FOLDER as FONTS
from qmanual.language import N_
from qmanual.pdf.job import Failed, Job, Outcome, Printed

if TYPE_CHECKING:
    from qmanual.pdf.printer import Printer

PAGES_BEFORE_CLEANING = 150
"""Pages after which a process frees what they left behind, about 1 MB each. Cleaning costs a twentieth of printing, and
manuals of 300 pages on two cores can do without."""

Tools: TypeAlias = dict[str, str]
Answer: TypeAlias = Outcome | OSError


class Worker:
    """A process that prints one job after another; started anew when a job has killed it.

    `at`: the number of the job that it is printing.
    """

    def __init__(self, fonts: Path, root: Path) -> None:
        self.places = (fonts, root)
        self.at: int | None = None
        self._start()

    def _start(self) -> None:
        context = _context()
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, *self.places), daemon=True)
        with deaf_to_interrupts():
            self.process.start()
        theirs.close()

    def tools(self) -> Tools:
        """What prints there, see `pdf.tools`; nothing where the process cannot print. To be asked while it is idle."""
        try:
            self.connection.send(None)
            found: Tools = self.connection.recv()
        except (EOFError, OSError):
            self._again()
            return {}
        return found

    def take(self, at: int, job: Job, out: Path) -> None:
        """Give it a job to do; `result` tells what came of it."""
        self.at = at
        try:
            self.connection.send((job, out))
        except OSError:  # it ended before it had anything to do: `result` tells and starts another
            return

    def result(self, job: Job) -> tuple[Outcome, bool]:
        """What came of the job, and whether it was the process that failed. Raises `OSError` when a file could not be
        written: that is no fault of the job's.
        """
        self.at = None
        try:
            answer: Answer = self.connection.recv()
        except (EOFError, OSError):
            code = self._again()
            return Failed(job.id, N_("the printing process ended with code {code}"), {"code": code}), True
        if isinstance(answer, OSError):
            raise answer
        return answer, False

    def _again(self) -> str:
        """Start it anew, and tell how it ended."""
        self.end()
        code = str(self.process.exitcode)
        self._start()
        return code

    def end(self) -> None:
        """End it, whatever it does."""
        self.connection.close()
        self.process.terminate()
        self.process.join()


def write_font_list(folder: Path) -> None:
    """A list of fonts that holds the package's and no others, and room to remember what was read in them."""
    (folder / "fonts.conf").write_text(
        f"<fontconfig><dir>{escape(str(FONTS))}</dir><cachedir>{escape(str(folder))}</cachedir></fontconfig>", "utf-8"
    )


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """What is started here ignores Ctrl-C, which reaches every process of a terminal: the first one ends the others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def load() -> None:
    """Begin to load what prints, and do not wait for it: to start a process, one must."""
    if isinstance(_context(), ForkServerContext):
        from multiprocessing.forkserver import ensure_running  # which not every system has

        with deaf_to_interrupts():
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


def _work(connection: "Connection[Answer | Tools, tuple[Job, Path] | None]", fonts: Path, root: Path) -> None:
    """The life of a process: print what comes until the other end closes."""
    os.environ["FONTCONFIG_FILE"] = str(fonts / "fonts.conf")
    from qmanual.pdf.printer import Printer  # reads the list of fonts when it is loaded
    from qmanual.pdf.tools import tools

    printer, tidy = Printer(root, fonts.name), Tidy()
    while True:
        try:
            wanted = connection.recv()
            connection.send(answer := _answer(printer, *wanted) if wanted else tools())
        except (EOFError, OSError):  # nobody is there any more
            return
        if not isinstance(answer, dict):
            tidy.after(answer)


class Tidy:
    """Looks for garbage now and then: while a page is laid out nearly everything lives, and to look all the time costs
    a fifth of it.
    """

    def __init__(self) -> None:
        self.pages = 0
        gc.disable()
        gc.freeze()

    def after(self, outcome: object) -> None:
        """Count what a document leaves behind, and free it when it is much."""
        self.pages += outcome.pages if isinstance(outcome, Printed) else 1
        if self.pages >= PAGES_BEFORE_CLEANING:
            gc.collect()
            self.pages = 0


def _answer(printer: "Printer", job: Job, out: Path) -> Answer:
    try:
        return printer.print(job, out)
    except OSError as error:  # of writing; what goes wrong in the page itself is an outcome
        return OSError(error.errno, error.strerror, error.filename)
