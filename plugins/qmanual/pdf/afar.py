"""What runs on a worker of a cluster: one job, printed as at home.

WeasyPrint is not safe in threads, so one thread of the process prints, whatever the number of the worker's own. Beside
the job nothing is known here: its pictures lie in a folder only as long as it is printed.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from qmanual.pdf.crew import Tidy, Tools, write_font_list
from qmanual.pdf.job import Job, Outcome
from qmanual.pdf.key import digest
from qmanual.pdf.pictures import LOOK


@dataclass(frozen=True, slots=True)
class Other:
    """A worker that would print other bytes, or cannot print: what differs, and how it is here and there."""

    worker: str
    what: str
    here: str
    there: str


Made: TypeAlias = tuple[Outcome | Other, bytes]


def tools_there() -> Tools:
    """What prints on this worker."""
    return _thread().submit(_room).result().tools


def print_there(job: Job, pictures: Mapping[str, bytes], tools: Tools) -> Made:
    """Print a job on this worker, if that gives what it would at home."""
    return _thread().submit(lambda: _room().print(job, pictures, tools)).result()


def difference(worker: str, here: Mapping[str, str], answer: object) -> Other | None:
    """In what a worker differs, None when in nothing. `answer`: its tools, or the error that it answered with."""
    if not isinstance(answer, dict):
        return Other(worker, "QManual", here.get("QManual", ""), f"{type(answer).__name__}: {answer}")
    names = [name for name in {**here, **answer} if here.get(name) != answer.get(name)]
    if not names:
        return None
    return Other(worker, names[0], here.get(names[0], "–"), answer.get(names[0], "–"))


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "qmanual")


@cache
def _room() -> "_Room":
    return _Room()


class _Room:
    """A printer and the folder that it finds pictures in; another one for every look of a company."""

    def __init__(self) -> None:
        from qmanual.pdf.tools import tools

        self.place = Path(tempfile.mkdtemp(prefix="qmanual-"))
        write_font_list(self.place)
        os.environ["FONTCONFIG_FILE"] = str(self.place / "fonts.conf")
        self.tools = tools()
        self.tidy = Tidy()
        self.look = ""
        self._dress("", {})

    def print(self, job: Job, pictures: Mapping[str, bytes], tools: Tools) -> Made:
        if other := difference("", tools, self.tools):
            return other, b""
        look = {name: data for name, data in pictures.items() if Path(name).suffix.lower() in LOOK}
        if (wanted := digest(sorted(look.items())) if look else "") != self.look:
            self._dress(wanted, look)
        rest = {name: data for name, data in pictures.items() if name not in look}
        try:
            self._lay_out(rest)
            outcome, data = self.printer.made(job)
        finally:
            for name in rest:
                (self.root / name).unlink(missing_ok=True)
        self.tidy.after(outcome)
        return outcome, data

    def _dress(self, wanted: str, look: Mapping[str, bytes]) -> None:
        """A printer for this look: it reads style sheet and fonts once and keeps them."""
        from qmanual.pdf.printer import Printer

        self.look, self.root = wanted, self.place / "pictures"
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir()
        self._lay_out(look)
        self.printer = Printer(self.root)

    def _lay_out(self, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            place = self.root / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
