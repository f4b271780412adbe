"""What statements are judged by, out of a register and its history."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from qmanual.control.history import Gap, History
from qmanual.control.judging.case import Case, Held, Rights
from qmanual.control.judging.demand import Demand, demand
from qmanual.register import Register
from qmanual.settings import Settings


def case_of(
    register: Register,
    history: History,
    today: date,
    rights: Rights | None = None,
    held: Mapping[str, Held] | None = None,
    kept: Mapping[str, str] | None = None,
    before: Settings | None = None,
) -> Case:
    """The case of a manual as it stands. `rights`, `held` and `kept` are what its releases say, see `Case`.

    `before`: the settings of the last release.
    """
    return Case(
        files=register.tree.approvals,
        rights=rights or Rights(current=register.organization),
        today=today,
        texts=_texts(register, history),
        kinds=_kinds(register, history),
        demands=_demands(register, history, before),
        held=held or {},
        kept=kept or {},
        whole=history.gap in (None, Gap.NO_COMMIT),
        newest=history.newest.name if history.newest else "",
    )


def _texts(register: Register, history: History) -> dict[tuple[str, str], frozenset[str]]:
    return released_texts(history) | {(one.id, one.revision): frozenset({one.digest}) for one in register.documents}


def released_texts(history: History) -> dict[tuple[str, str], frozenset[str]]:
    """Number and revision → the digests under which releases hold them."""
    released: dict[tuple[str, str], set[str]] = defaultdict(set)
    for texts in history.documents.values():
        for text in texts:
            released[text.facts.id, text.facts.revision].add(text.facts.digest)
    return {key: frozenset(digests) for key, digests in released.items()}


def _kinds(register: Register, history: History) -> dict[str, tuple[str, str]]:
    kinds = {text.facts.id: text.facts.kind for texts in history.documents.values() for text in texts}
    kinds |= {document.id: document.kind for document in register.documents}
    titles = {kind.name: kind.title for kind in register.settings.kinds}
    return {number: (kind, titles.get(kind, kind)) for number, kind in kinds.items()}


def _demands(register: Register, history: History, before: Settings | None) -> dict[str, Demand]:
    found = {}
    for document in register.documents:
        held = history.held(document.id)
        kind = held.facts.kind if held else ""
        found[document.id] = demand(document.path, document.kind, register.settings, before, kind)
    return found
