"""Mermaid flowcharts as SVG at build time: no script on the page, vectors in the PDF.

`mmdr` lays the chart out, with measures of its own, so that the same chart comes out on every machine whatever fonts
it has. Of its drawing only shapes, lines and texts are taken over, into an SVG of ours: nothing that a chart's source
can say (links, styles, HTML) gets onto a page, and five colours are all that a dark page has to change. A chart that
cannot be drawn is shown as its source.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from math import ceil

import mmdr
from lxml import etree

INK, PAPER, BOX, LINE, FRAME = "#0F172A", "#FFFFFF", "#F8FAFC", "#64748B", "#94A3B8"
"""Text, ground of a label, inside of a box, lines, frame of a group: what the style sheets turn round at night."""

_SIZE = 14
_SPACING = '%%{init: {"flowchart": {"wrappingWidth": 196, "nodeSpacing": 36, "rankSpacing": 36, "padding": 10}}}%%\n'
_LABEL = re.compile(r"[\[({]\"?([^\]\"|(){}\[]+)\"?[\])}]")
_KIND = re.compile(r"\s*(?:%%[^\n]*\n\s*)*(?:flowchart|graph)\b")
_CLICK = re.compile(r"^[ \t]*click\b[^\n]*$", re.MULTILINE)
_TRANSLATE = re.compile(r"translate\(\s*(-?[\d.]+)[\s,]+(-?[\d.]+)\s*\)")
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
    "transform",
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
    if not _KIND.match(source):
        return None
    try:
        svg = mmdr.render(_SPACING + _CLICK.sub("", source), backend="merman").svg()
        root = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, TypeError, RuntimeError, etree.XMLSyntaxError):
        return None
    left, top, width, height = (float(part) for part in root.get("viewBox", "0 0 0 0").split())
    arrow = f"f{_number(source):x}"
    inside = "".join([*_groups(root), *_lines(root, arrow), *_boxes(root), *_texts(root)])
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} {top:g} {ceil(width)} {ceil(height)}"'
        f' width="{ceil(width)}" height="{ceil(height)}" style="--qm-width:{ceil(width)}px">'
        f'<defs><marker id="{arrow}" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="9"'
        f' markerHeight="9" orient="auto"><path d="M0 1L10 5L0 9z" fill="{LINE}"/></marker></defs>'
    )
    return head + _DRAWN.sub(r"\1", inside) + "</svg>"


def _groups(root: etree._Element) -> Iterator[str]:
    """The frames of subgraphs."""
    for box in _with_class(root, "cluster"):
        yield from (_shape(child, PAPER, FRAME, _offset(box)) for child in box if _tag(child) in _SHAPES)


def _lines(root: etree._Element, arrow: str) -> Iterator[str]:
    for path in root.iter("{*}path"):
        if path.get("data-edge") != "true" or not _NUMBERS.fullmatch(path.get("d", "")):
            continue
        style = path.get("class", "")
        dashed = ' stroke-dasharray="3 3"' if "pattern-dotted" in style or "pattern-dashed" in style else ""
        thick = 2.6 if "thickness-thick" in style else 1.3
        end = f' marker-end="url(#{arrow})"' if path.get("marker-end") else ""
        begin = f' marker-start="url(#{arrow})"' if path.get("marker-start") else ""
        yield f'<path d="{path.get("d")}" fill="none" stroke="{LINE}" stroke-width="{thick}"{dashed}{begin}{end}/>'


def _boxes(root: etree._Element) -> Iterator[str]:
    for node in _with_class(root, "node"):
        for child in node.iter():
            if _tag(child) in _SHAPES:
                fill = "none" if child.get("fill") == "none" else BOX
                yield _shape(child, fill, LINE if child.get("stroke") != "none" else "none", _offset(node))


def _shape(shape: etree._Element, fill: str, stroke: str, at: tuple[float, float]) -> str:
    kept = {name: value for name in _GEOMETRY if (value := shape.get(name)) and _geometric(name, value)}
    inner = kept.pop("transform", "")
    place = f"translate({at[0]:g},{at[1]:g}){inner}"
    attributes = "".join(f' {name}="{value}"' for name, value in kept.items())
    return f'<{_tag(shape)}{attributes} transform="{place}" fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'


def _geometric(name: str, value: str) -> bool:
    return _TRANSLATE.fullmatch(value) is not None if name == "transform" else _NUMBERS.fullmatch(value) is not None


def _texts(root: etree._Element) -> Iterator[str]:
    """The labels, a line of text each; those of lines on a ground that covers the line."""
    for group in root.iter("{*}g"):
        if group.get("data-merman-foreignobject") != "fallback":
            continue
        for child in group:
            if _tag(child) == "rect":
                yield _shape(child, PAPER, "none", (0, 0))
            elif _tag(child) == "text":
                x, y = float(child.get("x", "0")), float(child.get("y", "0")) + 0.35 * _SIZE
                words = html.escape("".join(child.itertext()).strip())
                yield (
                    f'<text x="{x:g}" y="{y:g}" text-anchor="middle" font-family="QManual Sans" font-size="{_SIZE}"'
                    f' fill="{INK}">{words}</text>'
                )


def _with_class(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (group for group in root.iter("{*}g") if name in group.get("class", "").split())


def _offset(element: etree._Element) -> tuple[float, float]:
    """How far an element is moved by the `translate`s on it and around it."""
    x = y = 0.0
    at: etree._Element | None = element
    while at is not None:
        if found := _TRANSLATE.match(at.get("transform", "")):
            x, y = x + float(found[1]), y + float(found[2])
        at = at.getparent()
    return x, y


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _number(source: str) -> int:
    """A small number that tells the ids of two drawings on one page apart."""
    value = 0
    for character in source:
        value = (value * 31 + ord(character)) % 0xFFFFFF
    return value
