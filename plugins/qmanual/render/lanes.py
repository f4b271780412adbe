"""Lines between boxes that do not stand beside each other: one bus for each source, in a lane of its own.

A channel is the room between two rows of boxes. From its source a bus goes straight into its lane, along it, and drops
an arrow on each target. No two lines of a channel lie on each other: lanes that would meet get different heights, and
uprights different places on their boxes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qmanual.render.drawing import Box, arrow, line

STEP = 9.0
"""From one lane to the next."""

_APART = 4.0


@dataclass(frozen=True, slots=True)
class Bus:
    """The line from a source to its targets, all by name; `back`: against the flow."""

    source: str
    targets: tuple[str, ...]
    back: bool = False


@dataclass(frozen=True, slots=True)
class _Port:
    """Where a bus touches a box: `x` along its edge."""

    bus: int
    name: str
    x: float


class Channel:
    """Buses between rows. `boxes`: their places from left to right (heights do not matter yet).

    `near`: the names of the row whose lanes come first; buses among them alone take the `inner` lanes, the others the
    `outer` ones.
    """

    def __init__(self, buses: Sequence[Bus], boxes: Mapping[str, Box], near: frozenset[str]) -> None:
        self.buses = buses
        self.ports = self._spread(boxes, near)
        self.is_inner = [near.issuperset((bus.source, *bus.targets)) for bus in buses]
        self.lanes: dict[int, int] = {}
        self.inner = self._assign([at for at in range(len(buses)) if self.is_inner[at]])
        self.outer = self._assign([at for at in range(len(buses)) if not self.is_inner[at]])

    def _spread(self, boxes: Mapping[str, Box], near: frozenset[str]) -> dict[tuple[int, str], _Port]:
        """Ports evenly along each box, in the order in which their lines leave to the left or right."""
        wishes: dict[str, list[tuple[float, int]]] = {}
        for at, bus in enumerate(self.buses):
            others = [boxes[name].centre for name in bus.targets]
            wishes.setdefault(bus.source, []).append((sum(others) / len(others), at))
            for name in bus.targets:
                wishes.setdefault(name, []).append((boxes[bus.source].centre, at))
        ports: dict[tuple[int, str], _Port] = {}
        taken: list[float] = []
        for name in sorted(wishes, key=lambda one: (one not in near, boxes[one].x)):
            box, wished = boxes[name], sorted(wishes[name])
            for place, (_, at) in enumerate(wished, 1):
                x = _free(box, box.x + box.width * place / (len(wished) + 1), taken)
                taken.append(x)
                ports[at, name] = _Port(at, name, x)
        return ports

    def _assign(self, chosen: Sequence[int]) -> int:
        """Give each of these buses the first lane that is free over its length; the number of lanes used."""
        ends: list[list[tuple[float, float]]] = []
        for at in sorted(chosen, key=lambda at: (self._extent(at)[1] - self._extent(at)[0], at)):
            start, end = self._extent(at)
            free = (n for n, lane in enumerate(ends) if all(end + STEP < a or b + STEP < start for a, b in lane))
            lane = next(free, len(ends))
            if lane == len(ends):
                ends.append([])
            ends[lane].append((start, end))
            self.lanes[at] = lane
        return len(ends)

    def _extent(self, at: int) -> tuple[float, float]:
        places = [port.x for (bus, _), port in self.ports.items() if bus == at]
        return min(places), max(places)

    def shapes(self, boxes: Mapping[str, Box], inner: float, outer: float, step: float) -> Iterator[str]:
        """The buses, once the boxes have heights: the first lane of either sort, and the way to the next one."""
        for at, bus in enumerate(self.buses):
            level = (inner if self.is_inner[at] else outer) + self.lanes[at] * step
            start, end = self._extent(at)
            source = self.ports[at, bus.source].x
            yield line([(source, _edge(boxes[bus.source], level)), (source, level)], back=bus.back)
            yield line([(start, level), (end, level)], back=bus.back)
            for name in bus.targets:
                x = self.ports[at, name].x
                yield arrow((x, level), (x, _edge(boxes[name], level)), back=bus.back)


def _edge(box: Box, level: float) -> float:
    """The edge of a box that faces a lane."""
    return box.bottom if box.bottom < level else box.y


def _free(box: Box, wished: float, taken: Sequence[float]) -> float:
    """The place nearest to the wished one on a box where no other upright of the channel runs."""
    for away in range(int(box.width)):
        for x in (wished + away, wished - away):
            if box.x + 3 <= x <= box.right - 3 and all(abs(x - other) >= _APART for other in taken):
                return x
    return wished
