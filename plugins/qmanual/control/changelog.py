"""What each release brought: the documents that are new in it, changed by it, or withdrawn with it."""

from collections import defaultdict
from dataclasses import dataclass

from qmanual.control.history import Facts, History, Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A release and what it brought, by number. `changed`: the text before and the text of the release."""

    release: Release
    new: tuple[Facts, ...] = ()
    changed: tuple[tuple[Facts, Facts], ...] = ()
    withdrawn: tuple[Facts, ...] = ()

    @property
    def count(self) -> int:
        """How many documents are concerned."""
        return len(self.new) + len(self.changed) + len(self.withdrawn)


def changelog(history: History) -> tuple[Brought, ...]:
    """Every release, newest first. A document that leaves without a word is withdrawn with the release that lacks it.

    A text that only got other signatures is no change.
    """
    new: dict[int, list[Facts]] = defaultdict(list)
    changed: dict[int, list[tuple[Facts, Facts]]] = defaultdict(list)
    gone: dict[int, list[Facts]] = defaultdict(list)
    for number in sorted(history.documents):
        before: Facts | None = None
        last = -1
        for text in history.documents[number]:
            facts = text.facts
            if before and not before.withdrawn and last + 1 < text.first:
                gone[last + 1].append(before)
                before = None
            if facts.withdrawn and not (before and before.withdrawn):
                gone[text.first].append(facts)
            elif before is None:
                new[text.first].append(facts)
            elif (before.digest, before.revision) != (facts.digest, facts.revision):
                changed[text.first].append((before, facts))
            before, last = facts, text.last
        if before and not before.withdrawn and last + 1 < len(history.releases):
            gone[last + 1].append(before)
    return tuple(
        Brought(release=release, new=tuple(new[at]), changed=tuple(changed[at]), withdrawn=tuple(gone[at]))
        for at, release in reversed(list(enumerate(history.releases)))
    )
