"""What is published on a day: every document with its status, release and dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from qmanual.control.status import History, Status, next_review, release_of, status_of
from qmanual.model import Document
from qmanual.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document in the edition. `release` is the name of the release that holds just this text, if any."""

    document: Document
    status: Status
    release: str | None
    next_review: date | None


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Every document of the register as of `today`."""

    register: Register
    today: date
    entries: tuple[Entry, ...]

    @cached_property
    def by_path(self) -> Mapping[str, Entry]:
        """The entry of the document whose header or chapter stands in a file."""
        return {body.path: entry for entry in self.entries for body in entry.document.bodies}

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The first entry of every number."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            found.setdefault(entry.document.id, entry)
        return found


def edition(register: Register, history: History, today: date) -> Edition:
    """The edition of a day: the work tree's texts with the status that the release tags give them."""
    return Edition(
        register=register,
        today=today,
        entries=tuple(
            Entry(
                document=document,
                status=(status := status_of(document, history, today)),
                release=released.release if (released := release_of(document, history)) else None,
                next_review=None if status is Status.WITHDRAWN else next_review(document),
            )
            for document in register.documents
        ),
    )
