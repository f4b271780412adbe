"""Carrying out a plan: all of it or nothing, and finishing what a killed command left."""

from pathlib import Path

from qmanual.finding import Phrase
from qmanual.git import Repository
from qmanual.git.writing import GitRefused, Made, make, publish
from qmanual.journal import CannotWrite, Recovered, Step, alone, nothing_watched, recover, write_all
from qmanual.language import N_
from qmanual.service.life.plan import Plan
from qmanual.workspace import CannotRun


def begin(root: Path) -> Recovered | None:
    """Finish what a command that was killed left, before anything is read. Raises `CannotRun`."""
    repository = Repository(root)
    place = _place(repository, root)
    if not place.is_dir():
        return None

    def redo(note: str) -> bool:
        try:
            return publish(repository, Made.noted(note))
        except (GitRefused, ValueError, KeyError, TypeError):
            return False

    with alone(place) as mine:
        if not mine:
            raise CannotRun(_BUSY)
        try:
            return recover(root, place, redo)
        except CannotWrite as error:
            raise CannotRun(_FAILED, path=error.path, reason=Phrase(error.reason)) from error


def carry_out(root: Path, plan: Plan, step: Step = nothing_watched) -> None:
    """Do what the plan says. Raises `CannotRun`; then nothing was written. `step`: see `journal.write_all`."""
    repository = Repository(root)
    with alone(_place(repository, root)) as mine:
        if not mine:
            raise CannotRun(_BUSY)
        for change in plan.files:
            if _bytes(root / change.path) != change.old:
                raise CannotRun(N_("{path} was changed meanwhile. Run the command again."), path=change.path)
        try:
            _write(repository, root, plan, step)
        except CannotWrite as error:
            raise CannotRun(_FAILED, path=error.path, reason=Phrase(error.reason)) from error
        except GitRefused as error:
            raise CannotRun(N_("git did not do it: {reason}. Nothing was written."), reason=error.reason) from error


def _write(repository: Repository, root: Path, plan: Plan, step: Step) -> None:
    files = {change.path: change.new for change in plan.files}
    place = _place(repository, root)
    if plan.mark is None:
        write_all(root, place, files, step=step)
        return
    made = make(repository, plan.mark)

    def act() -> None:
        step("before git")
        if not publish(repository, made):
            raise CannotRun(N_("The branch was changed meanwhile. Run the command again."))

    write_all(root, place, files, made.note(), act, step)


def _place(repository: Repository, root: Path) -> Path:
    """Where the journal lies: beside git's own files; without git in a folder of its own."""
    return repository.folder / "qmanual" if repository.folder else root / ".qmanual"


def _bytes(place: Path) -> bytes | None:
    return place.read_bytes() if place.is_file() else None


_BUSY = N_("Another writing command is at work in this folder. Wait for it, then run this one again.")
_FAILED = N_(
    "{path} cannot be written: {reason}. Close other programs that hold it, take off its write protection, then run "
    "the command again."
)
