"""Two flowcharts compared as what they are: steps, and the lines between them.

Whoever edits a chart gives its steps other letters and puts them in another order, so a step is found again by what it
says first, then by its letter and by what it is connected with.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A box of a chart, or the frame of a group. `key`: what the source calls it; `kind`: how it is drawn."""

    key: str
    said: str
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line from one step to another, by their keys. `look`: dotted, thick, its ends."""

    begin: str
    end: str
    said: str = ""
    look: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A flowchart without its drawing."""

    steps: tuple[Step, ...]
    lines: tuple[Line, ...]

    def label(self, key: str) -> str:
        """What a step says; its key where it says nothing."""
        return next((step.said for step in self.steps if step.key == key and step.said), key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartChanges:
    """What differs: pairs of old and new, None where there is none. Empty: only the arrangement does."""

    steps: tuple[tuple[Step | None, Step | None], ...]
    lines: tuple[tuple[Line | None, Line | None], ...]


def compare_charts(old: Chart, new: Chart) -> ChartChanges:
    """The steps and lines that differ, in the order of the new chart, what was removed after it."""
    twins = _twins(old, new)
    before = {step.key: step for step in old.steps}
    steps: list[tuple[Step | None, Step | None]] = []
    for step in new.steps:
        was = before.get(twins.get(step.key, ""))
        if was is None or (was.said, was.kind) != (step.said, step.kind):
            steps.append((was, step))
    kept = set(twins.values())
    steps += [(step, None) for step in old.steps if step.key not in kept]
    return ChartChanges(steps=tuple(steps), lines=tuple(_lines(old, new, twins)))


def _twins(old: Chart, new: Chart) -> Mapping[str, str]:
    """Key of a new step → key of the old one that it is."""
    found: dict[str, str] = {}
    _pair(found, old.steps, new.steps, lambda step: (step.key, step.said))
    _pair(found, old.steps, new.steps, lambda step: step.said)
    while True:
        left = [step for step in new.steps if step.key not in found]
        taken = set(found.values())
        gone = {step.key for step in old.steps if step.key not in taken}
        twin = next((step.key for step in left if step.key in gone and _connected(step.key, old, new, found)), None)
        if twin is None:
            return found
        found[twin] = twin


def _pair(found: dict[str, str], old: Iterable[Step], new: Iterable[Step], sign: Callable[[Step], object]) -> None:
    """Pair the steps whose sign occurs once in what is left of each chart."""
    taken = set(found.values())
    rows: tuple[dict[object, list[str]], ...] = (defaultdict(list), defaultdict(list))
    for row, steps, known in ((rows[0], old, taken), (rows[1], new, set(found))):
        for step in steps:
            if step.key not in known and step.said:
                row[sign(step)].append(step.key)
    for what, keys in rows[1].items():
        if len(keys) == len(rows[0].get(what, ())) == 1:
            found[keys[0]] = rows[0][what][0]


def _connected(key: str, old: Chart, new: Chart, twins: Mapping[str, str]) -> bool:
    """Whether a step of one letter in both charts is connected with the same steps, or with none in either."""
    before = _around(key, old)
    after = {(way, twins.get(other, "")) for way, other in _around(key, new)}
    return bool(before & after) or not (before or after)


def _around(key: str, chart: Chart) -> set[tuple[str, str]]:
    out = {("to", line.end) for line in chart.lines if line.begin == key}
    return out | {("from", line.begin) for line in chart.lines if line.end == key}


def _lines(old: Chart, new: Chart, twins: Mapping[str, str]) -> Iterator[tuple[Line | None, Line | None]]:
    """Lines between the same two steps are the same line; of several, those that say the same."""
    before: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in old.lines:
        before[line.begin, line.end].append(line)
    later: list[Line] = []
    for line in new.lines:
        known = before[twins.get(line.begin, "\0"), twins.get(line.end, "\0")]
        if not _take(known, [one for one in known if (one.said, one.look) == (line.said, line.look)]):
            later.append(line)
    for line in later:
        known = before[twins.get(line.begin, "\0"), twins.get(line.end, "\0")]
        yield _take(known, [one for one in known if one.said == line.said] or known), line
    yield from ((line, None) for row in before.values() for line in row)


def _take(known: list[Line], fit: Sequence[Line]) -> Line | None:
    """The first that fits, taken out of what is known."""
    if not fit:
        return None
    first = fit[0]
    known.remove(first)
    return first
