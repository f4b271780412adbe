"""From when until when each text of a document holds, and which one took its place: what 历次版本 lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from qmanual.control.edition import Entry, Version
from qmanual.control.history import facts_of
from qmanual.control.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """A text and how long it holds. `until`: the day from which another text, or none, holds in its place; None while
    that is open. `heir`: that other text. `current`: it is the one on the document's own page.
    """

    version: Version
    until: date | None = None
    heir: Version | None = None
    current: bool = False

    @property
    def last(self) -> date | None:
        """The last day on which it is in force; None while that is open."""
        return self.until - timedelta(days=1) if self.until else None

    @property
    def held(self) -> bool:
        """Whether there is a day on which it was, is or is going to be in force."""
        starts = self.version.starts
        return starts is not None and (self.until is None or starts < self.until)


def lifetimes(entry: Entry) -> tuple[Lifetime, ...]:
    """Every text of a document, newest first: what comes, what is on its page, what was."""
    now = Version(
        facts=facts_of(entry.document), status=entry.status, starts=entry.starts, said=entry.said,
        releases=(entry.release,) if entry.release else (),
    )  # fmt: skip
    versions = [*entry.later, now, *entry.past]
    return tuple(
        Lifetime(version=one, until=until, heir=heir, current=one is now)
        for at, one in enumerate(versions)
        for until, heir in [end_of(one, versions[:at], entry.ends if one is now else None)]
    )


def end_of(version: Version, newer: Sequence[Version], ends: date | None) -> tuple[date | None, Version | None]:
    """When a text ceased to hold: the first day on which any newer one held, or the day of the withdrawal, `ends`."""
    later = [(one.starts, -at, one) for at, one in enumerate(newer) if one.starts]
    if version.status is Status.WITHDRAWN or not later:
        return ends, None
    starts, _, heir = min(later, key=lambda one: one[:2])
    return starts, heir
