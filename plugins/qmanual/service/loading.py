"""A manual read from disk, and what git knows of it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from qmanual.control.edition import Edition, Version, working_edition
from qmanual.control.history import GAP_TEXTS, Gap, History, Release
from qmanual.control.log import Log
from qmanual.control.past import dated_ahead
from qmanual.git import Damaged, Repository
from qmanual.language import Language
from qmanual.manual import SETTINGS, read_register
from qmanual.model import Document
from qmanual.register import Register
from qmanual.service.archive import Archive
from qmanual.workspace import CannotRun, read_tree


@dataclass(frozen=True)
class Manual:
    """A manual as it stands on disk, seen on a day. What git knows is read when first asked for.

    `clock`: that day is today by the clock, and not one that somebody named.
    """

    root: Path
    register: Register
    today: date
    clock: bool = False

    @cached_property
    def archive(self) -> Archive:
        """The releases in git."""
        settings = self.register.tree.sources.get(SETTINGS)
        return Archive(
            Repository(self.root), self.register.settings, self.register.documents, settings.text if settings else ""
        )

    @cached_property
    def history(self) -> History:
        """What the release tags hold, as far as they were set by that day."""
        known = self.archive.history()
        if known.gap is None and not known.releases and self.register.tree.manifests:
            known = replace(known, gap=Gap.NO_TAGS)
        seen, repository = known.until(self.today), self.archive.repository
        if seen.later:
            head = repository.moment_of("HEAD")
            seen = replace(seen, ahead=tuple(dated_ahead(known, self.today, head, self.clock)))
        return replace(seen, absent=absent) if (absent := repository.left_out()) else seen

    @cached_property
    def log(self) -> Log:
        """The commits that touched the manual; nobody asks before there is a release."""
        try:
            return self.archive.log if self.history.releases else Log()
        except Damaged as error:
            raise CannotRun(GAP_TEXTS[Gap.DAMAGED], trouble=error.said) from error

    def read_ahead(self) -> None:
        """Begin with what `log` needs, beside what is done until it is asked for."""
        with suppress(Damaged):  # told when the log itself is asked for
            self.archive.read_ahead()

    @cached_property
    def working(self) -> Edition:
        """The texts of the work tree, with their status on that day."""
        return working_edition(self.register, self.history, self.today)

    def released(self, version: Version) -> tuple[Release, Document]:
        """The last release that holds a text, and that text, whole."""
        release = next(one for one in self.history.releases if one.name == version.releases[-1])
        document = self.archive.document(release, version.facts.path)
        assert document is not None  # the history was read from this very release
        return release, document

    @property
    def company(self) -> str:
        """The company's name, else the site's, else empty."""
        return self.register.organization.company or self.register.settings.site_name

    @property
    def language(self) -> Language:
        """The language of what is published."""
        return self.register.settings.language or "zh"


def load(root: Path, today: date, clock: bool = False) -> Manual:
    """Read the manual under `root`; `clock`: see `Manual`. Raises `CannotRun` when there is nothing to read."""
    tree, settings = read_tree(root)
    return Manual(root=root, register=read_register(tree, settings, today), today=today, clock=clock)
