"""Mermaid flowcharts as SVG at build time: no script on the page, vectors in the PDF.

`mmdr` lays the chart out, with measures of its own, so that the same chart comes out on every machine whatever fonts
it has. Of its drawing only shapes, lines and texts are taken over, into an SVG of ours: nothing that a chart's source
can say (links, styles, HTML) gets onto a page, and five colours are all that a dark page has to change. A chart that
cannot be drawn is shown as its source. Which step and which line a shape is stands in `data-` attributes beside it: so
two drawings can be compared as charts (`render.redline_chart`).
"""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import mmdr
from lxml import etree
from wcwidth import wcswidth

from qmanual.parse.flowchart import CLICK, KIND
from qmanual.render.compact import Band, box_need, diamond_need, heights
from qmanual.render.flowchart_read import (
    ABSOLUTE,
    POINT,
    Names,
    belongs,
    corners,
    labels,
    length,
    lines_of,
    offset,
    tag,
    with_class,
)

INK, PAPER, BOX, LINE, FRAME = "#0F172A", "#FFFFFF", "#F8FAFC", "#64748B", "#94A3B8"
"""Text, ground of a label, inside of a box, lines, frame of a group: what the style sheets turn round at night."""

_SIZE = 14
_SPACING = '%%{init: {"flowchart": {"wrappingWidth": 196, "nodeSpacing": 36, "rankSpacing": 36, "padding": 10}}}%%\n'
_LABEL = re.compile(r"[\[({]\"?([^\]\"|(){}\[]+)\"?[\])}]")
_ACROSS = re.compile(r"(\b(?:flowchart|graph)[ \t]+)(?:LR|RL)\b")
_WIDE = 900
"""Pixels: a chart that runs to the right any further would be printed in letters too small to read."""
_SHAPES = frozenset({"rect", "circle", "ellipse", "polygon", "path", "line"})
_GEOMETRY = (
    "x",
    "y",
    "width",
    "height",
    "rx",
    "ry",
    "r",
    "cx",
    "cy",
    "points",
    "d",
    "x1",
    "y1",
    "x2",
    "y2",
)
_NUMBERS = re.compile(r"[-\d.,\seEMmLlHhVvCcSsQqTtAaZz]*")
_DRAWN = re.compile(r"(-?\d+\.\d{2})\d+")


def flowchart(source: str) -> str:
    """The figure of a flowchart: SVG, or the source in a code block when it cannot be drawn."""
    drawn = draw(source)
    if drawn is None:
        return f'<pre class="mermaid-source"><code>{html.escape(source)}</code></pre>'
    steps = html.escape("；".join(text.strip() for text in _LABEL.findall(source))[:400], quote=True)
    return f'<figure class="qm-flowchart" tabindex="0" role="img" aria-label="{steps}">{drawn}</figure>'


@lru_cache(maxsize=512)
def draw(source: str) -> str | None:
    """The SVG of a flowchart, None when it is broken or another kind of diagram. The same source, the same bytes."""
    if not KIND.match(source):
        return None
    try:
        svg = mmdr.render(_SPACING + CLICK.sub("", source), backend="merman").svg()
        root = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, TypeError, RuntimeError, etree.XMLSyntaxError):
        return None
    left, top, width, height = (float(part) for part in root.get("viewBox", "0 0 0 0").split())
    down = _ACROSS.sub(r"\1TD", source, count=1)
    if width > _WIDE and down != source:
        return draw(down)
    arrow = f"f{_number(source):x}"
    nodes = _nodes(root)
    to = _heights(root, nodes)
    names = Names(root)
    shapes = [*_groups(root, to, names), *_lines(root, arrow, to, names), *_boxes(nodes, to, names)]
    inside = "".join([*shapes, *_texts(root, nodes, to)])
    top, height = to(top), to(top + height) - to(top)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {ceil(width)} {ceil(height)}"'
        f' width="{ceil(width)}" height="{ceil(height)}" style="--qm-width:{ceil(width)}px">'
        f'<defs><marker id="{arrow}" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="9"'
        f' markerHeight="9" orient="auto"><path d="M0 1L10 5L0 9z" fill="{LINE}"/></marker></defs>'
    )
    return f"{head}{inside}</svg>"


_Map = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Node:
    """A step: its shapes, its middle, and what it covers from top to bottom; `soft`: its height may change."""

    shapes: tuple[etree._Element, ...]
    x: float
    y: float
    top: float
    bottom: float
    width: float
    soft: bool
    left: float
    group: etree._Element


def _nodes(root: etree._Element) -> tuple[_Node, ...]:
    return tuple(_node(group) for group in with_class(root, "node"))


def _node(group: etree._Element) -> _Node:
    shapes = tuple(child for child in group.iter() if tag(child) in _SHAPES)
    x, y = offset(group)
    points = [corner for shape in shapes for corner in corners(shape)]
    across = [corner[0] for corner in points] or [x]
    down = [corner[1] for corner in points] or [y]
    soft = all(tag(shape) in {"rect", "polygon"} for shape in shapes)
    left = min(across)
    return _Node(shapes, x, y, min(down), max(down), max(across) - left, soft, left, group)


def _heights(root: etree._Element, nodes: tuple[_Node, ...]) -> _Map:
    """Where the heights of the drawing move to, as the steps and the labels between them allow."""
    said = [(group, lines_of(group)) for group in labels(root)]
    lines: dict[int, list[str]] = {}
    free = []
    for group, texts in said:
        if belongs(group, "node"):
            lines.setdefault(_nearest(nodes, texts), []).extend("".join(text.itertext()).strip() for text in texts)
        else:
            middle = [length(text, "y") for text in texts]
            free.append(Band(min(middle) - 11, max(middle) + 11, max(middle) - min(middle) + 22))
    return heights((_band(node, lines.get(at, [])) for at, node in enumerate(nodes)), free)


def _band(node: _Node, lines: list[str]) -> Band:
    count, text = max(len(lines), 1), max((wcswidth(line) * _SIZE / 2 for line in lines), default=0.0)
    if not node.soft:
        return Band(node.top, node.bottom, node.bottom - node.top)
    flat = all(tag(shape) == "rect" for shape in node.shapes)
    return Band(node.top, node.bottom, box_need(count) if flat else diamond_need(count, text, node.width))


def _nearest(nodes: tuple[_Node, ...], texts: list[etree._Element]) -> int:
    x, y = (sum(length(text, name) for text in texts) / len(texts) for name in ("x", "y"))
    return min(range(len(nodes)), key=lambda at: (nodes[at].x - x) ** 2 + (nodes[at].y - y) ** 2, default=0)


def _groups(root: etree._Element, to: _Map, names: Names) -> Iterator[str]:
    """The frames of subgraphs."""
    for box in with_class(root, "cluster"):
        for child in (child for child in box if tag(child) == "rect"):
            (left, top), (right, bottom) = corners(child)
            named = names.of_step(box, "group", (left, to(top), right, to(bottom)))
            yield f"<g{named}>{_stretched(child, PAPER, FRAME, to)}</g>"


def _lines(root: etree._Element, arrow: str, to: _Map, names: Names) -> Iterator[str]:
    for path in root.iter("{*}path"):
        drawn = path.get("d", "")
        if path.get("data-edge") != "true" or not ABSOLUTE.fullmatch(drawn):
            continue
        drawn = _short(POINT.sub(lambda point: f"{point[1]},{to(float(point[2])):.2f}", drawn))
        style = path.get("class", "")
        dashed = ' stroke-dasharray="3 3"' if "pattern-dotted" in style or "pattern-dashed" in style else ""
        thick = 2.6 if "thickness-thick" in style else 1.3
        end = f' marker-end="url(#{arrow})"' if path.get("marker-end") else ""
        begin = f' marker-start="url(#{arrow})"' if path.get("marker-start") else ""
        look = {"dotted": dashed, "thick": thick > 2, "start": begin, "end": end}
        named = names.of_line(path, " ".join(word for word, seen in look.items() if seen))
        yield f'<path d="{drawn}" fill="none" stroke="{LINE}" stroke-width="{thick}"{dashed}{begin}{end}{named}/>'


def _boxes(nodes: tuple[_Node, ...], to: _Map, names: Names) -> Iterator[str]:
    for node in nodes:
        down = to(node.y) - node.y
        top, bottom = (to(node.top), to(node.bottom)) if node.soft else (node.top + down, node.bottom + down)
        kind = " ".join(_kind(shape) for shape in node.shapes)
        yield f"<g{names.of_step(node.group, kind, (node.left, top, node.left + node.width, bottom))}>"
        for shape in node.shapes:
            fill = "none" if shape.get("fill") == "none" else BOX
            stroke = LINE if shape.get("stroke") != "none" else "none"
            yield _stretched(shape, fill, stroke, to) if node.soft else _moved(shape, fill, stroke, down)
        yield "</g>"


def _kind(shape: etree._Element) -> str:
    """What tells a shape from another, whatever its size."""
    sign = len(shape.get("points", "").split()) or ("round" if shape.get("rx") else "")
    return f"{tag(shape)}{sign}"


def _stretched(shape: etree._Element, fill: str, stroke: str, to: _Map) -> str:
    """A rectangle or polygon, each of its corners moved to its new height."""
    places = [(x, to(y)) for x, y in corners(shape)]
    if tag(shape) == "polygon":
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in places)
        return f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'
    (left, top), (right, bottom) = places
    round_ = "".join(f' {name}="{length(shape, name):g}"' for name in ("rx", "ry") if shape.get(name))
    place = f'x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" height="{bottom - top:.2f}"{round_}'
    return f'<rect {place} fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'


def _moved(shape: etree._Element, fill: str, stroke: str, down: float) -> str:
    """A shape as it was drawn, so far down."""
    kept = {name: value for name in _GEOMETRY if (value := shape.get(name)) and _NUMBERS.fullmatch(value)}
    attributes = "".join(f' {name}="{_short(value)}"' for name, value in kept.items())
    x, y = offset(shape)
    place = f"translate({x:g},{y + down:.2f})"
    return f'<{tag(shape)}{attributes} transform="{place}" fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'


def _texts(root: etree._Element, nodes: tuple[_Node, ...], to: _Map) -> Iterator[str]:
    """The labels, a line of text each; those of lines on a ground that covers the line."""
    for group in labels(root):
        texts = lines_of(group)
        inside = belongs(group, "node") and nodes
        middle = nodes[_nearest(nodes, texts)].y if inside else sum(length(t, "y") for t in texts) / len(texts)
        down = to(middle) - middle
        yield from (_moved(child, PAPER, "none", down) for child in group if tag(child) == "rect")
        for text in texts:
            x, y = length(text, "x"), length(text, "y") + 0.35 * _SIZE + down
            words = html.escape("".join(text.itertext()).strip())
            yield (
                f'<text x="{x:g}" y="{y:.2f}" text-anchor="middle" font-family="QManual Sans" font-size="{_SIZE}"'
                f' fill="{INK}">{words}</text>'
            )


def _short(numbers: str) -> str:
    """Hundredths of a pixel are enough; in the words of a label every digit counts."""
    return _DRAWN.sub(r"\1", numbers)


def _number(source: str) -> int:
    """A small number that tells the ids of two drawings on one page apart."""
    value = 0
    for character in source:
        value = (value * 31 + ord(character)) % 0xFFFFFF
    return value
