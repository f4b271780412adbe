"""What is asked of a text: how far its signatures are proven, and which ones there must be.

By the settings beside it, and by those of the release before: who lowers a demand, or moves documents to a kind of
which less is asked, needs a release before it counts.
"""

from dataclasses import dataclass

from qmanual.manual import kind_of
from qmanual.model import Meaning
from qmanual.settings import Settings


@dataclass(frozen=True, slots=True)
class Demand:
    """`level`: 0 header lines, 1 signed statements, 2 with time stamps; `meanings`: those to sign, none at level 0."""

    level: int = 0
    meanings: tuple[Meaning, ...] = ()


def demand(path: str, kind: str, settings: Settings, before: Settings | None, kind_before: str = "") -> Demand:
    """What is asked of a text of that kind. `path`: of its header's file. `before`: the settings of the release before,
    None when there is none; `kind_before`: the text's kind there, empty when that does not hold it.
    """
    found = [(settings.signatures.get(kind, 0), settings.kind(kind).approvals)]
    if before:
        at = kind_of(path, before)
        found += [
            (before.signatures.get(one.name, 0), one.approvals)
            for one in before.kinds
            if one is at or one.name in (kind, kind_before)
        ]
    level = max(asked for asked, _ in found)
    meanings = {meaning for _, approvals in found for meaning in approvals}
    return Demand(level, tuple(meaning for meaning in Meaning if meaning in meanings)) if level else Demand()
