"""The released texts of every document, put together from what each release holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from qmanual.control.history import Facts, Released


def texts_of(held: Sequence[tuple[Facts, ...]]) -> Mapping[str, tuple[Released, ...]]:
    """Number → its released texts; releases one after the other that hold the same text make one entry."""
    found: dict[str, list[list[object]]] = defaultdict(list)
    latest: dict[str, list[object]] = {}
    for at, facts in enumerate(held):
        for one in facts:
            run = latest.get(one.id)
            if run and run[2] == at:  # another one has this number
                continue
            if run and run[2] == at - 1 and (run[0] is one or run[0] == one):
                run[2] = at
            else:
                latest[one.id] = [one, at, at]
                found[one.id].append(latest[one.id])
    return {
        number: tuple([Released(facts=facts, first=first, last=last) for facts, first, last in runs])  # type: ignore[arg-type]
        for number, runs in found.items()
    }


def doubles_of(facts: Iterable[Facts]) -> Mapping[str, tuple[str, ...]]:
    """Number → paths, for the numbers that several documents bear."""
    facts = tuple(facts)
    if len({one.id for one in facts}) == len(facts):
        return {}
    paths: dict[str, list[str]] = defaultdict(list)
    for one in facts:
        paths[one.id].append(one.path)
    return {number: tuple(found) for number, found in paths.items() if len(found) > 1}
