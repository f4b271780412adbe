"""What a document was: the released text that the present one follows, and the one that it is.

A text is told from another by revision and digest; signatures and a withdrawal change what is said of a text, not the
text, so releases that hold the same text in several states hold one text.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from qmanual.control.history import History, Release, Released
from qmanual.model import Document


def same(document: Document, text: Released) -> bool:
    """Whether a document's text is just the one that was released."""
    return document.revision == text.facts.revision and document.digest == text.facts.digest


def issued(document: Document, history: History) -> Released | None:
    """The first release of the document's text as it stands; None when no release holds it."""
    return next((text for text in history.documents.get(document.id, ()) if same(document, text)), None)


def predecessor(document: Document, history: History) -> Released | None:
    """The released text that the document's text follows: the newest one that is another text."""
    texts = history.documents.get(document.id, ())
    return next((text for text in reversed(texts) if not same(document, text)), None)


def first_of(text: Released, history: History) -> Released:
    """The first release of the same text."""
    facts = text.facts
    return next(
        one
        for one in history.documents[facts.id]
        if (one.facts.revision, one.facts.digest) == (facts.revision, facts.digest)
    )


def release_of(text: Released, history: History) -> Release:
    """The release that first held a text, in the state in which it is."""
    return history.releases[text.first]


def vanished(history: History, numbers: frozenset[str]) -> Iterator[tuple[Released, Release]]:
    """The documents that were released, not withdrawn, and are not among `numbers`, with the last release of each."""
    for number, texts in history.documents.items():
        if number not in numbers and not texts[-1].facts.withdrawn:
            yield texts[-1], history.releases[texts[-1].last]


def dated_ahead(history: History, today: date, head: datetime | None, clock: bool) -> Iterator[Release]:
    """The releases with a tag of a day to come. `head`: when the commit that is checked out was made.

    Where `today` is what the clock says (`clock`), every later tag is one, but for a day by which time zones differ.
    Where somebody looks at another day, only a tag whose commit had been made by then, while none was made since.
    """
    for release in history.releases:
        made = [moment.date() for moment in (release.committed, head) if moment]
        if release.on > today + timedelta(days=1) and (clock or all(day <= today for day in made)):
            yield release
