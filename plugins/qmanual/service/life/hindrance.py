"""What stands in the way of a release: its name, the state of the repository, errors and unfinished documents."""

import re
from collections.abc import Mapping, Sequence

from qmanual.checks.rule import RELEASE
from qmanual.control.manifest import path_of
from qmanual.files import file_name
from qmanual.finding import Finding, Severity
from qmanual.git.writing import branch_of, is_tag_name, missing_from
from qmanual.language import N_, typed
from qmanual.model import Document
from qmanual.service import checking
from qmanual.service.life.plan import Flawed
from qmanual.service.life.standing import uncommitted
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun

LONGEST = 60
_NAME = re.compile(r"[^\W_][\w.\-]*")
_UNFINISHED = frozenset({"QM301", "QM358", "QM366"})
"""Rules that say of a text that somebody has yet to sign it, or that it goes back to its author."""


def refuse_name(manual: Manual, name: str) -> None:
    """Raise `CannotRun` for a name that no release can bear, or that one bears."""
    sound = (
        _NAME.fullmatch(name) and len(name) <= LONGEST and file_name(name.replace("_", "-")) == name.replace("_", "-")
    )
    if not sound or not is_tag_name(manual.archive.repository, name):
        text = N_("{name} cannot name a release. Use letters, figures, points and hyphens, such as 2026-07.")
        raise CannotRun(text, name=name)
    used = {one.name.casefold() for one in manual.archive.repository.releases()}
    if name.casefold() in used or path_of(name) in manual.register.tree.paths:
        raise CannotRun(N_("There is a release {name} already. Every release has a name of its own."), name=name)


def refuse_state(manual: Manual) -> None:
    """Raise `CannotRun` where what would be released is not what lies in front of everybody."""
    repository = manual.archive.repository
    branch = branch_of(repository)
    if not branch:
        text = N_("No branch is checked out (detached head). Run `git switch main` first.")
        raise CannotRun(text)
    main, here = repository.refs().main, branch.removeprefix("refs/heads/")
    if main and here not in main:
        text = N_("Releases are made on the main branch. Run `git switch {main}` first; now it is {branch}.")
        raise CannotRun(text, main=main[0], branch=here)
    there, count = missing_from(repository, branch)
    if count:
        text = N_("{there} has {count} commits that are missing here. Run `git pull` first.")
        raise CannotRun(text, there=there, count=str(count))
    if dirty := uncommitted(manual):
        text = N_(
            "Not committed: {paths}. Commit or take back these changes first; what is released is what is committed."
        )
        raise CannotRun(text, paths=few(dirty))
    if any(one.on > manual.today for one in manual.archive.history().releases):
        text = N_("There is a release of a later day than {day}. Set the clock right, or leave out --today.")
        raise CannotRun(text, day=manual.today.isoformat())


def refuse_errors(manual: Manual, brought: Mapping[str, Document]) -> None:
    """Raise `Flawed` for what `check --for release` calls an error. `brought`: path → document with a new text."""
    errors = [finding for finding in checking.check(manual, RELEASE) if finding.severity is Severity.ERROR]
    if not errors:
        return
    sources, count = manual.register.tree.sources, str(len(errors))
    if unfinished := _unfinished(errors, brought):
        text = N_(
            "There are {count} errors (`check --for release`). Not finished are: {ids}. Have them signed first, or "
            "leave them as they were released: {words}. Nothing was written."
        )
        words = " ".join(f"--without {typed(one.id)}" for one in unfinished[:8])
        ids = few([f"{one.id} {one.revision}" for one in unfinished])
        raise Flawed(errors, sources, text, count=count, ids=ids, words=words)
    text = N_("There are {count} errors (`check --for release`). Mend them first; nothing was written.")
    raise Flawed(errors, sources, text, count=count)


def _unfinished(errors: Sequence[Finding], brought: Mapping[str, Document]) -> list[Document]:
    paths = {finding.span.path for finding in errors if finding.code in _UNFINISHED}
    return [document for path, document in brought.items() if path in paths]


def few(names: Sequence[str], most: int = 8) -> str:
    """The first of many names."""
    return ", ".join([*names[:most], *(["…"] if len(names) > most else [])])
