"""What changed in a manual since a release or a day: which documents came, which have another text, which left.

Compared is what was in force on the day of that release, or on any day, with what is in force on the day of an edition:
a text that a release held and that came into force only afterwards has changed since for everybody who works by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from qmanual.control.edition import Edition, Entry, Version, timeline
from qmanual.control.history import History
from qmanual.control.manifest import Move
from qmanual.control.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A document that changed. `old`: the text that was in force, None for one that came; `entry`: it as it stands now,
    None for one that the edition does not know any more.
    """

    move: Move
    id: str
    old: Version | None = None
    entry: Entry | None = None

    @property
    def title(self) -> str:
        """The title, as it is now or was last."""
        if self.entry:
            return self.entry.document.title
        return self.old.facts.title if self.old else ""

    @property
    def since(self) -> date | None:
        """The day from which it is so; None where nobody knows."""
        if self.entry is None:
            return None
        return self.entry.ends if self.move is Move.WITHDRAWN else self.entry.effective


def moment(history: History, since: str) -> tuple[History, date] | None:
    """What was known at a release, or on a day (`2026-06-02`), and that day; None when it is neither."""
    if since in [release.name for release in history.releases]:
        before = history.through(since)
        return before, before.releases[-1].on
    try:
        day = date.fromisoformat(since)
    except ValueError:
        return None
    return history.until(day), day


def changes_since(edition: Edition, before: History, day: date) -> tuple[Change, ...]:
    """What changed between a day and an edition, in the edition's order. `before`: what was known on that day.

    Of a draft the texts of the work tree are compared, whatever is in force.
    """
    then = {number: _in_force(number, before, day) for number in before.documents}
    return tuple(_changes(edition, {number: text for number, text in then.items() if text}))


def _in_force(number: str, history: History, day: date) -> Version | None:
    now = timeline(number, history, day).now
    return now if now and now.status is Status.EFFECTIVE else None


def _changes(edition: Edition, then: dict[str, Version]) -> Iterator[Change]:
    for number, entry in edition.by_id.items():
        old, document = then.get(number), entry.document
        holds = entry.status is Status.EFFECTIVE or (edition.draft and entry.status is not Status.WITHDRAWN)
        if holds and old is None:
            yield Change(move=Move.NEW, id=number, entry=entry)
        elif holds and old and (old.facts.digest, old.revision) != (document.digest, document.revision):
            yield Change(move=Move.CHANGED, id=number, old=old, entry=entry)
        elif not holds and old:
            yield Change(move=Move.WITHDRAWN, id=number, old=old, entry=entry)
    for number, old in then.items():
        if number not in edition.by_id:
            yield Change(move=Move.WITHDRAWN, id=number, old=old)
