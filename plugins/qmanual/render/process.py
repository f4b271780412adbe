"""The process map of a quality manual: management above, the core processes in their order, support below.

Drawn from the processes of `organization.yml`; `next` says where the output of each goes. Neighbours are joined by
straight arrows; all others by one line a process, which runs in a lane of its own and drops an arrow on everyone it
serves. What goes against the order of the core processes is dashed. A map that nobody could follow becomes a table.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush

from qmanual.language import N_, Translator
from qmanual.model import Organization, Process
from qmanual.render import drawing
from qmanual.render.drawing import HEIGHT, PAD, WIDTH, Box, Label, arrow, label
from qmanual.render.lanes import STEP, Bus, Channel
from qmanual.render.tables import listed

TYPES = {"management": N_("Management"), "core": N_("Core"), "support": N_("Support")}
"""Type of a process → the title of its field."""

CUSTOMER = (N_("Customer requirements"), N_("Customer satisfaction"))
"""What the core processes begin and end with."""

_MOST = 9  # processes side by side; the boxes of more would be too narrow to read
_LINES = 50  # arrows that an eye can follow
_BESIDE = {"top": "management", "upper": "core", "lower": "core", "bottom": "support"}  # channel → row
_INNER, _GAP, _STRIP, _SIDE, _WIDEST = 10.0, 20.0, 24.0, 26.0, 112.0


def process_map(organization: Organization, say: Translator) -> str:
    """The map as a figure, or as a table when it has too many processes or connections, or words that are too long."""
    rows = {type_: [p for p in organization.processes if p.type == type_] for type_ in TYPES}
    rows["core"] = in_order(rows["core"])
    edges = connections(organization.processes)
    if max(map(len, rows.values())) > _MOST or len(edges) > _LINES:
        return _as_table(rows, say)
    plan = _Map(rows, edges, say)
    if not plan.fits:
        return _as_table(rows, say)
    said = "；".join(f"{p.name} → {listed([n.value for n in p.next], say)}" for p in organization.processes if p.next)
    map_ = drawing.figure(plan.shapes(), WIDTH, plan.height, "qm-processes", say(N_("Process map")), said)
    if not plan.beyond:
        return map_
    rest = listed([f"{source} → {target}" for source, target in plan.beyond], say)
    return f'{map_}<p class="qm-legend">{html.escape(say(N_("Also: {connections}"), connections=rest))}</p>'


def connections(processes: Sequence[Process]) -> tuple[tuple[str, str], ...]:
    """Every pair of a process and one that its output goes to, once; unknown names do not count."""
    names = {process.name.value for process in processes}
    pairs = ((p.name.value, n.value) for p in processes for n in p.next if n.value in names and n.value != p.name.value)
    return tuple(dict.fromkeys(pairs))


def in_order(processes: Sequence[Process]) -> list[Process]:
    """Each process after those whose output it takes; a circle is opened at the process that is listed first."""
    places = {process.name.value: at for at, process in enumerate(processes)}
    feeding: list[set[int]] = [set() for _ in processes]
    feeds: list[list[int]] = [[] for _ in processes]
    for source, target in connections(processes):
        feeding[places[target]].add(places[source])
        feeds[places[source]].append(places[target])
    ready = [at for at, others in enumerate(feeding) if not others]
    left = dict.fromkeys(range(len(processes)))
    found = []
    while left:
        at = heappop(ready) if ready else next(iter(left))
        if at not in left:
            continue
        del left[at]
        found.append(processes[at])
        for other in feeds[at]:
            feeding[other].discard(at)
            if not feeding[other]:
                heappush(ready, other)
    return found


class _Map:
    """The places of everything: columns first, then the lanes they need, then the heights."""

    def __init__(
        self, rows: Mapping[str, Sequence[Process]], edges: Sequence[tuple[str, str]], say: Translator
    ) -> None:
        self.rows, self.say = rows, say
        self.row_of = {process.name.value: type_ for type_, row in rows.items() for process in row}
        self.column = {process.name.value: at for row in rows.values() for at, process in enumerate(row)}
        self.boxes = {name: box for type_ in rows for name, box in self._columns(type_)}
        self.labels = {process.name.value: self._label(process) for row in rows.values() for process in row}
        self.straight: list[tuple[str, str]] = []
        self.beyond: list[tuple[str, str]] = []
        self.channels = self._channels(edges)
        self.fields: dict[str, Box] = {}
        self.height = self._heights() + 1

    def _columns(self, type_: str) -> Iterator[tuple[str, Box]]:
        """The boxes of a row, evenly over its field; the core field leaves room for the customer on either side."""
        side = _SIDE + _GAP if type_ == "core" else 1.0
        left, width = side + _STRIP, WIDTH - 2 * side - _STRIP
        cell = width / max(1, len(self.rows[type_]))
        own = min(cell - _GAP, _WIDEST)
        for at, process in enumerate(self.rows[type_]):
            yield process.name.value, Box(left + cell * (at + 0.5) - own / 2, 0, own, 0)

    def _label(self, process: Process) -> Label:
        limit = self.boxes[process.name.value].width - 2 * PAD
        return label(process.name.value, process.owner.value if process.owner else "", limit)

    @property
    def fits(self) -> bool:
        """Whether every word fits into its box, and the whole on a page."""
        wide = any(text.size[0] > self.boxes[name].width + 0.1 for name, text in self.labels.items())
        return not wide and self.height <= HEIGHT

    # -- lines -----------------------------------------------------------------------------------------------------

    def _channels(self, edges: Sequence[tuple[str, str]]) -> dict[str, Channel]:
        """`top` above the management row, `upper` and `lower` beside the core row, `bottom` below the support row."""
        found: dict[str, dict[tuple[str, bool], list[str]]] = {name: {} for name in ("top", "upper", "lower", "bottom")}
        for source, target in edges:
            place = self._place(source, target)
            back = self._is_back(source, target)
            if place == "":
                self.straight.append((source, target))
            elif place == "beyond":
                self.beyond.append((source, target))
            else:
                found[place].setdefault((source, back), []).append(target)
        return {
            place: Channel(
                [Bus(source, tuple(targets), back) for (source, back), targets in buses.items()],
                self.boxes,
                frozenset(process.name.value for process in self.rows[_BESIDE[place]]),
            )
            for place, buses in found.items()
        }

    def _place(self, source: str, target: str) -> str:
        """The channel of a connection; empty for neighbours, `beyond` for one that would cross the core row."""
        types = {self.row_of[source], self.row_of[target]}
        if len(types) == 1:
            if abs(self.column[source] - self.column[target]) == 1:
                return ""
            if "core" in types:
                return "lower" if self._is_back(source, target) else "upper"
            return "top" if "management" in types else "bottom"
        if "core" not in types and self.rows["core"]:
            return "beyond"
        return "upper" if "management" in types else "lower"

    def _is_back(self, source: str, target: str) -> bool:
        return self.row_of[source] == self.row_of[target] == "core" and self.column[source] > self.column[target]

    # -- heights ---------------------------------------------------------------------------------------------------

    def _heights(self) -> float:
        """Give every row, field and lane its height; the height of the whole."""
        y = 1.0
        above = {"management": "top", "core": "upper", "support": "lower"}
        for type_, row in self.rows.items():
            if not row:
                continue
            before, after = self.channels[above[type_]], self.channels["lower" if type_ == "core" else "bottom"]
            inside = before.inner if type_ != "support" else 0
            below = after.inner if type_ != "management" else 0
            if type_ != "management" and self.fields:
                y += _GAP / 2 + (before.outer + 0.5 * bool(before.outer)) * STEP
            high = max(self.labels[process.name.value].size[1] for process in row)
            words = (TYPES[type_], *(CUSTOMER if type_ == "core" else ()))
            least = max(drawing.pillar_height(self.say(word)) for word in words)
            slack = max(0.0, least - (high + 2 * _INNER + (inside + below) * STEP)) / 2
            top = y + _INNER + slack + inside * STEP
            for process in row:
                self.boxes[process.name.value] = replace(self.boxes[process.name.value], y=top, height=high)
            bottom = top + high + below * STEP + _INNER + slack
            side = _SIDE + _GAP if type_ == "core" else 1.0
            self.fields[type_] = Box(side, y, WIDTH - 2 * side, bottom - y)
            y = bottom
        return y

    def shapes(self) -> Iterator[str]:
        """The fields, the lines over them, the boxes over the ends of the lines."""
        for type_, box in self.fields.items():
            yield drawing.band(box, _STRIP, self.say(TYPES[type_]), f"qm-field--{type_}")
        yield from self._lanes()
        for source, target in self.straight:
            yield self._neighbours(source, target)
        yield from self._customer()
        for name, box in self.boxes.items():
            yield drawing.boxed(box, self.labels[name], f"qm-box--{self.row_of[name]}")

    def _lanes(self) -> Iterator[str]:
        def edge(type_: str, low: bool) -> float:
            box = self.boxes[self.rows[type_][0].name.value] if self.rows[type_] else Box(0, 0, 0, 0)
            return box.bottom if low else box.y

        def field(type_: str, low: bool) -> float:
            box = self.fields.get(type_, Box(0, 0, 0, 0))
            return box.bottom if low else box.y

        below = {"top": False, "upper": False, "lower": True, "bottom": True}
        for place, low in below.items():
            type_ = _BESIDE[place]
            way = STEP if low else -STEP
            start = 0.9 * way
            yield from self.channels[place].shapes(self.boxes, edge(type_, low) + start, field(type_, low) + start, way)

    def _neighbours(self, source: str, target: str) -> str:
        """The arrow between two boxes side by side; two of them in opposite directions share the gap."""
        one, other = self.boxes[source], self.boxes[target]
        forward = one.x < other.x
        y = one.middle
        if (target, source) in self.straight:
            y += -7 if forward else 7
        ends = (one.right, other.x) if forward else (one.x, other.right)
        return arrow((ends[0], y), (ends[1], y), back=self._is_back(source, target))

    def _customer(self) -> Iterator[str]:
        """The customer's requirements at the beginning of the core processes, the satisfaction at their end."""
        field = self.fields.get("core")
        if field is None:
            return
        left = Box(1, field.y, _SIDE, field.height)
        right = Box(WIDTH - _SIDE - 1, field.y, _SIDE, field.height)
        yield drawing.pillar(left, self.say(CUSTOMER[0]), "qm-box qm-box--customer")
        yield drawing.pillar(right, self.say(CUSTOMER[1]), "qm-box qm-box--customer")
        yield arrow((left.right, field.middle), (field.x, field.middle))
        yield arrow((field.right, field.middle), (right.x, field.middle))


def _as_table(rows: Mapping[str, Sequence[Process]], say: Translator) -> str:
    heads = "".join(
        f'<th scope="col">{html.escape(say(title))}</th>'
        for title in (N_("Process name"), N_("Owner"), N_("Output goes to"))
    )
    lines = []
    for type_, row in rows.items():
        if row:
            title = html.escape(say(TYPES[type_]))
            lines.append(f'<tr class="qm-band"><th colspan="3" scope="rowgroup">{title}</th></tr>')
        for process in row:
            cells = (process.name.value, process.owner.value if process.owner else "",
                     listed([name.value for name in process.next], say))  # fmt: skip
            lines.append(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>")
    name = html.escape(say(N_("Process map")))
    return (
        f'<div class="qm-table" tabindex="0" role="region" aria-label="{name}"><table class="qm-matrix qm-list">'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
