"""Printing on a Dask cluster that exists already: the same jobs, the same bytes, more machines.

A worker needs QManual installed, and nothing of the manual: the pictures that a page can draw go with its job. A worker
on which anything that has a hand in the bytes differs is told by name and gets no job. A job whose worker dies is given
to another one; after several deaths the document is named as one that cannot be printed. The scheduler and its workers
are trusted like this machine: what Dask passes between them runs as code.
"""

import hashlib
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, TypeAlias

from qmanual.language import N_
from qmanual.pdf import Keep, Printers, Progress, Run, not_kept, silent
from qmanual.pdf.afar import Made, Other, difference, print_there, tools_there
from qmanual.pdf.job import CannotPrint, Failed, Job, Outcome, Printed
from qmanual.pdf.pictures import named

AHEAD = 3
"""Jobs that are handed out for each worker: it does not wait for the next, and few lie in its memory."""
PATIENCE = 30.0
"""Seconds to find the scheduler, and to wait for a worker that can print, before giving up."""
LOOK = 2.0
"""Seconds without an answer after which the workers are looked at again: some may be gone, others new."""

Tell: TypeAlias = Callable[[Other], None]
Client: TypeAlias = Any
Future: TypeAlias = Any
"""Dask's own; half of their methods have no types."""


class Cluster:
    """The workers of a scheduler as a press, see `pdf.Press`. Use as a context: it ends the connection.

    `tell` is given every worker that gets no jobs, once. Raises `CannotPrint` when nobody answers.
    """

    def __init__(self, address: str, root: Path, tell: Tell) -> None:
        self.address, self.root, self.tell = address, root, tell
        self._answered: dict[str, bool] = {}
        self._tools: Mapping[str, str] = {}
        self.client = _connected(address)
        self._own = Printers(root, 1)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self._own.__exit__()
        with suppress(Exception):  # the scheduler may be gone
            self.client.close(timeout=5)

    def tools(self) -> Mapping[str, str]:
        """What prints here; a worker must have the same, to the letter."""
        self._tools = self._tools or self._own.tools()
        return self._tools

    def print_all(
        self, jobs: Sequence[Job], out: Path, progress: Progress = silent, keep: Keep = not_kept
    ) -> tuple[Outcome, ...]:
        """As `pdf.Press.print_all` says; longest first. Raises `CannotPrint` when no worker is left that can."""
        out.mkdir(parents=True, exist_ok=True)
        return _Round(self, Run(jobs, progress, keep), out).outcomes()

    def able(self) -> frozenset[str]:
        """The workers that print the same bytes. New ones are asked; who does not is told."""
        try:
            there = set(self.client.nthreads())
            new = [address for address in there if address not in self._answered]
            answers = self.client.run(tools_there, workers=new, on_error="return") if new else {}
        except Exception:  # a worker that is asked may just have gone: the next look will show
            return frozenset()
        for address, answer in answers.items():
            other = difference(address, self.tools(), answer)
            self._answered[address] = other is None
            if other:
                self.tell(other)
        return frozenset(address for address in there if self._answered.get(address))


class _Round:
    """Jobs on their way to the workers and back."""

    def __init__(self, cluster: Cluster, run: Run, out: Path) -> None:
        self.cluster, self.run, self.out = cluster, run, out
        self.root = cluster.root.resolve()
        self.under_way: dict[Future, tuple[int, frozenset[str]]] = {}
        self.back: SimpleQueue[Future] = SimpleQueue()
        self.able: frozenset[str] = frozenset()

    def outcomes(self) -> tuple[Outcome, ...]:
        seen = monotonic()
        try:
            while self.run.unfinished:
                if not self.able or self.back.empty():
                    self.able = self.able or self.cluster.able()
                self._hand_out()
                try:
                    self._take(self.back.get(timeout=LOOK))
                    seen = monotonic()
                except Empty:
                    self._look_again()
                if not self.able and monotonic() - seen > PATIENCE:
                    text = N_("No worker of {address} can print. Install this same QManual there, and start again.")
                    raise CannotPrint(text, address=self.cluster.address)
        finally:
            for future in self.under_way:
                future.cancel(force=True)
        return self.run.outcomes

    def _hand_out(self) -> None:
        while self.able and self.run.waiting and len(self.under_way) < AHEAD * len(self.able):
            at = self.run.waiting.pop()
            job = self.run.jobs[at]
            pictures = {name: (self.root / name).read_bytes() for name in named(job.html, self.root)}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a job brings its pictures along
                future = self.cluster.client.submit(
                    print_there, job, pictures, dict(self.cluster.tools()), workers=sorted(self.able), pure=False
                )
            self.under_way[future] = at, self.able
            future.add_done_callback(self.back.put)

    def _take(self, future: Future) -> None:
        found = self.under_way.pop(future, None)
        if found is None:  # taken back in the meantime
            return
        at, job = found[0], self.run.jobs[found[0]]
        if future.status != "finished":
            error = future.exception() if future.status == "error" else None
            if error is None:
                self.run.waiting.append(at)
            else:
                self.run.take(at, Failed(job.id, N_("the cluster gave up: {error}"), {"error": _named(error)}))
            return
        made: Made = future.result()
        outcome, data = made
        future.release()
        if isinstance(outcome, Other):  # it changed since it was asked
            self.able = frozenset()
            self.run.waiting.append(at)
            return
        if isinstance(outcome, Printed):
            if hashlib.sha256(data).hexdigest() != outcome.sha256:
                self.run.waiting.append(at)
                return
            half = self.out / f".cluster-{id(self)}.part"
            half.write_bytes(data)
            half.replace(self.out / job.name)
        self.run.take(at, outcome)

    def _look_again(self) -> None:
        """Workers may have gone and others come: take back what only those that are gone were allowed to print."""
        self.able = self.cluster.able()
        for future, (at, allowed) in list(self.under_way.items()):
            if allowed.isdisjoint(self.able):
                del self.under_way[future]
                future.cancel(force=True)
                self.run.waiting.append(at)


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def _connected(address: str) -> Client:
    try:
        from distributed import Client as Connection
    except ImportError as error:
        text = N_("To print on a cluster, the package {name} is needed: .venv/bin/python -m pip install {name}")
        raise CannotPrint(text, name="distributed") from error

    class Closed(Connection):
        """Is closed by whoever opened it. Dask's own finalizer waits a minute for a scheduler that never answered."""

        def __del__(self) -> None:
            pass

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters to a person is told by us
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions of Dask that differ; those of what prints are compared
            connect: Any = Closed
            return connect(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        text = N_("No scheduler answers at {address}: {reason}. Its address looks like tcp://host:8786.")
        raise CannotPrint(text, address=address, reason=_named(error)) from error
