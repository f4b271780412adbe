"""What prints a publication: the press, and what it has printed before. Both give the same bytes."""

import errno
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from qmanual.language import N_
from qmanual.pdf import Failed, Job, Keep, Outcome, Press, Printed, Printers, Progress, not_kept
from qmanual.pdf.job import CannotPrint
from qmanual.pdf.key import file_digest, job_key
from qmanual.pdf.pictures import named
from qmanual.service.cache import Cache
from qmanual.workspace import CannotRun


@dataclass(frozen=True)
class Desk:
    """A press with the PDFs that are kept, or without. `tools`: what prints, where anything is kept by that."""

    press: Press
    cache: Cache | None = None

    @property
    def tools(self) -> Mapping[str, str]:
        """What prints; empty where nothing may be kept or looked up."""
        return self.press.tools() if self.cache else {}

    def recall(self, pages: Mapping[str, tuple[str, str]], out: Path) -> dict[str, Printed]:
        """File name → what was printed before for a page with these inputs, now in the folder `out`.

        `pages`: file name → number of the document, and the key of its page, see `service.inputs`.
        """
        found = {}
        for name, (number, page) in pages.items():
            if self.cache and page and (key := self.cache.key_of(page)):
                printed = self.cache.find(key, name, number, out)
                if printed:
                    found[name] = printed
        return found

    def print_all(
        self, jobs: Sequence[Job], out: Path, progress: Progress, pages: Mapping[str, str] | None = None
    ) -> tuple[Outcome, ...]:
        """Print these jobs, or take what they were printed to before; in the order of the jobs.

        `pages`: file name → key of its page, under which it will be found without a job.
        """
        cache, tools = self.cache, self.tools
        if not cache or not tools:
            return self._print(jobs, out, progress, not_kept)
        digests = _Digests(self.press.root)
        keys = {job.name: job_key(job, digests.of(job), tools) for job in jobs}
        known = {job.name: found for job in jobs if (found := cache.find(keys[job.name], job.name, job.id, out))}
        left = [job for job in jobs if job.name not in known]

        def shown(done: int, total: int, share: float) -> None:
            progress(done + len(known), total + len(known), share)

        def keep(job: Job, printed: Printed) -> None:
            cache.keep(keys[job.name], printed, out)

        made = {job.name: one for job, one in zip(left, self._print(left, out, shown, keep), strict=True)}
        for name, page in (pages or {}).items():
            if page and name in keys and not isinstance(made.get(name), Failed):
                cache.note(page, keys[name])
        return tuple(known.get(job.name) or made[job.name] for job in jobs)

    def _print(self, jobs: Sequence[Job], out: Path, progress: Progress, keep: Keep) -> tuple[Outcome, ...]:
        try:
            return self.press.print_all(jobs, out, progress, keep)
        except CannotPrint as error:
            raise CannotRun(error.text, **error.details) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):  # told by whoever started all this
                raise
            text = N_("Cannot write into {place}: {reason}. Name another folder: --out FOLDER")
            raise CannotRun(text, place=str(out), reason=error.strerror or str(error)) from error


def open_press(
    root: Path, jobs: int | None, scheduler: str, tell: Callable[[str, str, str, str], None]
) -> AbstractContextManager[Press]:
    """Processes on this machine, or the cluster of a scheduler. `root`: where pictures are; `jobs`: how many processes.

    `tell` is given the workers that cannot be used: address, what differs, how it is here and there.
    """
    if not scheduler:
        return Printers(root, jobs)
    from qmanual.pdf.cluster import Cluster

    try:
        return Cluster(scheduler, root, lambda one: tell(one.worker, one.what, one.here, one.there))
    except CannotPrint as error:
        raise CannotRun(error.text, **error.details) from error


class _Digests:
    """SHA-256 of the pictures under `root`, each read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._found: dict[str, str] = {}

    def of(self, job: Job) -> dict[str, str]:
        """Those that a job can draw."""
        names = named(job.html, self._root)
        for name in names:
            if name not in self._found:
                self._found[name] = file_digest(self._root / name)
        return {name: self._found[name] for name in names}
