"""What a drawing of `mmdr` holds: where its shapes are, and which step or line of the chart each of them is.

The engine draws labels apart from what they belong to, and names a line by its two ends put together. The names are
handed on as `data-` attributes, which nobody sees: so two drawings can be compared as charts (`render.redline_chart`).
"""

import html
import re
from collections.abc import Iterator, Mapping

from lxml import etree

POINT = re.compile(r"(-?[\d.]+(?:[eE][-+]?\d+)?),(-?[\d.]+(?:[eE][-+]?\d+)?)")
ABSOLUTE = re.compile(r"[-+\d.,\seEMLCQZ]*")
"""A path drawn from place to place, not step by step."""
_REAL = r"(-?[\d.]+(?:[eE][-+]?\d+)?)"
_TRANSLATE = re.compile(rf"translate\(\s*{_REAL}[\s,]+{_REAL}\s*\)")
_KEY = re.compile(r"[^-]*-(?:flowchart-(?P<step>.+)-\d+|(?P<group>.+))")
_ENDS = re.compile(r"L_(.+)_\d+")
_WIDE = re.compile(r"[^\x00-\u02ff]")

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""


class Names:
    """What the parts of a drawing are called and say, by the ids that the engine gave them."""

    def __init__(self, root: etree._Element) -> None:
        steps = {_key(group): offset(group) for group in with_class(root, "node")}
        groups = {_key(group): _top(group) for group in with_class(root, "cluster")}
        lines = {
            str(label.get("data-id")): offset(group)
            for group in with_class(root, "edgeLabel")
            for label in group
            if label.get("data-id")
        }
        self.keys = frozenset((*steps, *groups))
        self.said: dict[str, str] = {}
        places: Mapping[str, Mapping[str, tuple[float, float]]] = {"node": steps, "cluster": groups, "edgeLabel": lines}
        for label in labels(root):
            kind = next((kind for kind in places if belongs(label, kind)), "")
            self._say(label, places.get(kind, {}))

    def _say(self, label: etree._Element, places: Mapping[str, tuple[float, float]]) -> None:
        x, y = middle(label)
        name = min(places, key=lambda one: (places[one][0] - x) ** 2 + (places[one][1] - y) ** 2, default="")
        if name:
            self.said[name] = " ".join(filter(None, (self.said.get(name), _joined(label))))

    def of_step(self, group: etree._Element, kind: str, box: Box) -> str:
        """The attributes of a step or of a frame. `kind`: how it is drawn. `box`: on the finished drawing."""
        key = _key(group)
        place = " ".join(f"{one:.1f}" for one in box)
        return _written({"step": key, "kind": kind, "said": self.said.get(key, ""), "box": place})

    def of_line(self, path: etree._Element, look: str) -> str:
        """The attributes of a line. `look`: how it is drawn."""
        name = path.get("data-id", "")
        begin, end = self._ends(name)
        return _written({"from": begin, "to": end, "said": self.said.get(name, ""), "look": look})

    def _ends(self, name: str) -> tuple[str, str]:
        found = _ENDS.fullmatch(name)
        parts = found[1].split("_") if found else []
        for at in range(1, len(parts)):
            ends = "_".join(parts[:at]), "_".join(parts[at:])
            if set(ends) <= self.keys:
                return ends
        return "", ""


def _key(group: etree._Element) -> str:
    name = group.get("id", "")
    found = _KEY.fullmatch(name)
    return (found["step"] or found["group"]) if found else name


def _top(group: etree._Element) -> tuple[float, float]:
    """The middle of a frame's upper edge, where its title stands."""
    (left, top), (right, _) = next((corners(child) for child in group if tag(child) == "rect"), [(0.0, 0.0)] * 2)
    return (left + right) / 2, top


def _joined(label: etree._Element) -> str:
    """The text of a label whose lines the engine broke: Chinese goes on without a blank."""
    text = ""
    for line in lines_of(label):
        words = "".join(line.itertext()).strip()
        wide = not text or _WIDE.match(text[-1]) or _WIDE.match(words)
        text += words if wide else f" {words}"
    return text


def _written(values: Mapping[str, str]) -> str:
    return "".join(f' data-{name}="{html.escape(value)}"' for name, value in values.items() if value)


# -- labels ------------------------------------------------------------------------------------------------------


def labels(root: etree._Element) -> Iterator[etree._Element]:
    """The groups of text: a label each, with at least one line."""
    for group in root.iter("{*}g"):
        if group.get("data-merman-foreignobject") == "fallback" and lines_of(group):
            yield group


def lines_of(label: etree._Element) -> list[etree._Element]:
    """The lines of a label."""
    return [child for child in label if tag(child) == "text"]


def belongs(label: etree._Element, kind: str) -> bool:
    """Whether a label stands in a step (`node`), at a line (`edgeLabel`) or over a group (`cluster`)."""
    return kind in label.get("data-merman-source-classes", "").split()


def middle(label: etree._Element) -> tuple[float, float]:
    """The middle of a label."""
    texts = lines_of(label)
    x, y = (sum(length(text, name) for text in texts) / len(texts) for name in ("x", "y"))
    return x, y


# -- places ------------------------------------------------------------------------------------------------------


def corners(shape: etree._Element) -> list[tuple[float, float]]:
    """Points around a shape, on the drawing; for one that is drawn step by step the place it is moved by."""
    x, y = offset(shape)
    if tag(shape) == "rect":
        left, top = x + length(shape, "x"), y + length(shape, "y")
        return [(left, top), (left + length(shape, "width"), top + length(shape, "height"))]
    path = shape.get("points") or shape.get("d") or ""
    if path and ABSOLUTE.fullmatch(path):
        return [(x + float(a), y + float(b)) for a, b in POINT.findall(re.sub(r"(?<=\d)\s+(?=-?\d)", ",", path))]
    about = offset(shape.getparent())
    across, down = length(shape, "r") or abs(x - about[0]), length(shape, "r") or abs(y - about[1])
    return [(about[0] - across, about[1] - down), (about[0] + across, about[1] + down)]


def length(shape: etree._Element, name: str) -> float:
    """A length that an attribute gives, in pixels."""
    return float(shape.get(name, "0"))


def with_class(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """The groups of a class."""
    return (group for group in root.iter("{*}g") if name in group.get("class", "").split())


def offset(element: etree._Element | None) -> tuple[float, float]:
    """How far an element is moved by the `translate`s on it and around it."""
    x = y = 0.0
    at = element
    while at is not None:
        if found := _TRANSLATE.match(at.get("transform", "")):
            x, y = x + float(found[1]), y + float(found[2])
        at = at.getparent()
    return x, y


def tag(element: etree._Element) -> str:
    """The name of an element without its namespace; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
