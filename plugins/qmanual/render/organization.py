"""The organization chart, drawn from the departments of `organization.yml`.

A tree on upright A4: names are broken into more lines the more departments stand side by side, then the lowest
departments hang below each other. What still has no room is no drawing any more and becomes a table. Circles of parents
(a finding of their own) are opened at the department that is listed first.
"""

import html
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from qmanual.language import N_, Translator
from qmanual.model import Organization
from qmanual.render.drawing import FONT, HEIGHT, WIDTH, Box, Label, boxed, figure, label, line
from qmanual.render.tables import listed

MOST = 80
"""More departments than this are a table, not a drawing."""

_GAP, _RISE, _INDENT = 10.0, 30.0, 16.0
_EASY, _TIGHT = (10, 8, 6, 5, 4), (3, 2)  # characters a line, tried in this order
_COMFORTABLE = 6  # for a department with others below it, which make room anyway


@dataclass(frozen=True, slots=True)
class _Node:
    """A department in the tree; `name` is empty for the company above several top departments."""

    name: str
    head: str
    children: tuple["_Node", ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How the tree is laid out: the widest line, equal boxes or not, lowest departments hanging or not."""

    limit: float
    equal: bool
    hanging: bool


def organization_chart(organization: Organization, say: Translator) -> str:
    """The chart as a figure, or as a table when it would not fit an upright A4 page."""
    tree = _tree(organization) if len(organization.departments) <= MOST else None
    if tree is not None:
        for plan in _plans():
            layout = _Layout(tree, plan)
            if layout.width <= WIDTH and layout.height <= HEIGHT:
                title = say(N_("Organization chart"))
                return figure(layout.shapes(), layout.width, layout.height, "qm-organization", title, _said(tree, say))
    return _as_table(organization, say)


def _plans() -> Iterator[_Plan]:
    """From the most to the least comfortable: departments hang below each other rather than lose their words."""
    for limits in (_EASY, _TIGHT):
        for hanging, characters, equal in product((False, True), limits, (True, False)):
            yield _Plan(characters * FONT, equal, hanging)


def superiors(organization: Organization) -> dict[str, str | None]:
    """Department → the one above it; None at the top. Unknown superiors do not count, circles are opened."""
    names = {department.name.value for department in organization.departments}
    above: dict[str, str | None] = {}
    for department in organization.departments:
        parent = department.parent.value if department.parent else None
        above[department.name.value] = parent if parent in names else None
    settled: set[str] = set()
    for start in above:
        path: dict[str, None] = {}
        name: str | None = start
        while name is not None and name not in settled and name not in path:
            path[name] = None
            name = above[name]
        if name in path:
            circle = list(path)[list(path).index(name) :]
            above[min(circle, key=list(above).index)] = None
        settled.update(path)
    return above


def _tree(organization: Organization) -> _Node | None:
    heads = {d.name.value: d.head.value if d.head else "" for d in organization.departments}
    below: dict[str | None, list[str]] = defaultdict(list)
    for name, parent in superiors(organization).items():
        below[parent].append(name)

    def node(name: str) -> _Node:
        return _Node(name, heads[name], tuple(node(child) for child in below[name]))

    roots = tuple(node(name) for name in below[None])
    if not roots:
        return None
    return roots[0] if len(roots) == 1 else _Node(organization.short or organization.company, "", roots)


class _Layout:
    """The places of all boxes under one plan: `boxes` in drawing order, `width` and `height` of the whole."""

    def __init__(self, tree: _Node, plan: _Plan) -> None:
        self.tree, self.plan = tree, plan
        self.labels = {id(node): self._label(node, depth) for node, depth in _levels(tree)}
        self.rows = self._rows()
        self.tops = self._tops()
        self.places: list[tuple[_Node, Box]] = []
        self.lines: list[str] = []
        self.width = self._span(tree, 0) + 2
        self._place(tree, 1, 0)
        self.height = max(box.bottom for _, box in self.places) + 1

    def _label(self, node: _Node, depth: int) -> Label:
        roomy = len(node.children) > 1 and not self._hangs(node, depth)
        return label(node.name, node.head, max(self.plan.limit, _COMFORTABLE * FONT) if roomy else self.plan.limit)

    def _rows(self) -> list[tuple[float, float]]:
        """The largest width and height of the boxes in every row."""
        rows: list[tuple[float, float]] = []
        for node, depth in _levels(self.tree):
            width, height = self.labels[id(node)].size if node.name else (0.0, 0.0)
            if depth == len(rows):
                rows.append((0.0, 0.0))
            rows[depth] = (max(rows[depth][0], width), max(rows[depth][1], height))
        return rows

    def _tops(self) -> list[float]:
        tops = [1.0]
        for _, height in self.rows:
            tops.append(tops[-1] + height + (_RISE if height else 0))
        return tops

    def _box(self, node: _Node, depth: int) -> tuple[float, float]:
        width = self.rows[depth][0] if self.plan.equal else self.labels[id(node)].size[0]
        return width, self.rows[depth][1]

    def _hangs(self, node: _Node, depth: int) -> bool:
        return self.plan.hanging and depth > 0 and bool(node.children) and not any(c.children for c in node.children)

    def _span(self, node: _Node, depth: int) -> float:
        """The width of a department with all below it."""
        own = self._box(node, depth)[0]
        if not node.children:
            return own
        spans = [self._span(child, depth + 1) for child in node.children]
        below = _INDENT + max(spans) if self._hangs(node, depth) else sum(spans) + _GAP * (len(spans) - 1)
        return max(own, below)

    def _place(self, node: _Node, left: float, depth: int) -> Box:
        width, height = self._box(node, depth)
        if self._hangs(node, depth):
            box = Box(left, self.tops[depth], width, height)
            self._hang(node, box, depth)
        else:
            span = self._span(node, depth)
            start = left + (span - self._below(node, depth)) / 2
            children = []
            for child in node.children:
                children.append(self._place(child, start, depth + 1))
                start += self._span(child, depth + 1) + _GAP
            centre = (children[0].centre + children[-1].centre) / 2 if children else left + span / 2
            centre = min(max(centre, left + width / 2), left + span - width / 2)
            box = Box(centre - width / 2, self.tops[depth], width, height)
            if children and node.name:
                self._join(box, children)
        self.places.append((node, box))
        return box

    def _below(self, node: _Node, depth: int) -> float:
        spans = [self._span(child, depth + 1) for child in node.children]
        return sum(spans) + _GAP * max(0, len(spans) - 1)

    def _join(self, box: Box, children: Sequence[Box]) -> None:
        """One line down, one across, one to every child."""
        level = children[0].y - _RISE / 2
        self.lines.append(line([(box.centre, box.bottom), (box.centre, level)]))
        ends = [box.centre, *(child.centre for child in children)]
        if max(ends) - min(ends) > 0.5:
            self.lines.append(line([(min(ends), level), (max(ends), level)]))
        self.lines += [line([(child.centre, level), (child.centre, child.y)]) for child in children]

    def _hang(self, node: _Node, box: Box, depth: int) -> None:
        top, trunk = box.bottom + _GAP, box.x + _INDENT / 2
        for child in node.children:
            width, _ = self._box(child, depth + 1)
            place = Box(box.x + _INDENT, top, width, self.labels[id(child)].size[1])
            self.lines.append(line([(trunk, place.middle), (place.x, place.middle)]))
            self.places.append((child, place))
            top = place.bottom + _GAP
        self.lines.append(line([(trunk, box.bottom), (trunk, place.middle)]))

    def shapes(self) -> Iterator[str]:
        """The lines, then the boxes over their ends."""
        yield from self.lines
        for node, box in self.places:
            if node.name:
                yield boxed(box, self.labels[id(node)], "qm-box--top" if node is self.tree else "")


def _walk(node: _Node) -> Iterator[_Node]:
    return (found for found, _ in _levels(node))


def _levels(tree: _Node) -> Iterator[tuple[_Node, int]]:
    """Every department with its depth, row by row."""
    row, depth = [tree], 0
    while row:
        yield from ((node, depth) for node in row)
        row, depth = [child for node in row for child in node.children], depth + 1


def _said(tree: _Node, say: Translator) -> str:
    """The chart in words: who stands under whom."""
    parts = [f"{node.name} → {listed([c.name for c in node.children], say)}" for node in _walk(tree) if node.children]
    return "；".join(parts) if parts else tree.name


def _as_table(organization: Organization, say: Translator) -> str:
    above = superiors(organization)
    heads = (N_("Department"), N_("Head"), N_("Reports to"))
    lines = (
        f"<tr><td>{html.escape(d.name.value)}</td><td>{html.escape(d.head.value if d.head else '')}</td>"
        f"<td>{html.escape(above[d.name.value] or '')}</td></tr>"
        for d in organization.departments
    )
    titles = "".join(f'<th scope="col">{html.escape(say(title))}</th>' for title in heads)
    name = html.escape(say(N_("Organization chart")))
    return (
        f'<div class="qm-table" tabindex="0" role="region" aria-label="{name}"><table class="qm-matrix qm-list">'
        f"<thead><tr>{titles}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )
