"""Which copies must come back: those of a text that is no longer in force (ISO 9001 7.5.3.2, unintended use)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from qmanual.control.copies import Copy
from qmanual.control.edition import ends, timeline
from qmanual.control.history import History
from qmanual.control.lifetime import end_of
from qmanual.control.status import Status


@dataclass(frozen=True, slots=True)
class Void:
    """Since when the text of a copy is not in force, and the revision that took its place (empty: withdrawn)."""

    since: date
    heir: str = ""


def void(copy: Copy, history: History, today: date) -> Void | None:
    """What ended the text of a copy; None while it is in force, and where no release holds that text."""
    document = copy.issued.document
    times = timeline(document, history, today)
    sign = (copy.issued.revision, copy.issued.digest)
    versions = times.versions
    at = next((at for at, one in enumerate(versions) if (one.revision, one.facts.digest) == sign), None)
    if at is None or versions[at].status in (Status.EFFECTIVE, Status.APPROVED):
        return None
    since, heir = end_of(versions[at], versions[:at], ends(document, history, today))
    return Void(since, heir.revision if heir else "") if since and since <= today else None


@dataclass(frozen=True, slots=True)
class Due:
    """A copy that somebody still holds although it should be back."""

    copy: Copy
    void: Void

    def overdue(self, today: date, days: int) -> int:
        """For how many days it should have been back, where a holder is given so many; 0 or less: there is time."""
        return (today - self.void.since).days - days


def due(copies: Iterable[Copy], history: History, today: date) -> Iterator[Due]:
    """The copies that must come back, in the order in which they were issued."""
    for copy in copies:
        if copy.open and (ended := void(copy, history, today)):
            yield Due(copy, ended)


def known(copy: Copy, history: History) -> bool:
    """Whether some release holds the text of a copy."""
    texts = history.documents.get(copy.issued.document, ())
    sign = (copy.issued.revision, copy.issued.digest)
    return any((one.facts.revision, one.facts.digest) == sign for one in texts)
