"""Where on the printed pages a form is filled in: the boxes that layout gave to the marked places.

`render.form_marks` marked the elements; here every one of them is looked for on the pages, and becomes a rectangle in
points from the page's lower left corner, as a PDF's annotations have it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from qmanual.model import FieldType
from qmanual.records import Form, Slot, slots
from qmanual.render.form_marks import FIELD, FURTHER, OPTION

Rectangle: TypeAlias = tuple[float, float, float, float]

POINTS = 0.75
"""Points in a CSS pixel."""

_INSET = 1.2
_ABOVE = 22.0
"""Pixels above a bare line that one writes in."""
_HIGH = 26.0
"""Points from which on a box takes several lines."""


@dataclass(slots=True)
class Spot:
    """A place on a page. `name`: the slot's, with `/year` and so on for the blanks of a date."""

    page: int
    box: Any
    name: str
    slot: Slot
    option: str
    part: str
    rectangle: Rectangle

    @property
    def several(self) -> bool:
        """Whether it takes several lines of text."""
        field, height = self.slot.field, self.rectangle[3] - self.rectangle[1]
        if self.part or field.type is not FieldType.TEXT or field.pattern:
            return False
        return height >= (20.0 if self.slot.table else _HIGH)

    @property
    def size(self) -> float:
        """The size of the type in points: smaller where there is little room."""
        width, height = self.rectangle[2] - self.rectangle[0], self.rectangle[3] - self.rectangle[1]
        wanted = 9.0 if self.slot.table or self.several else 10.0
        return max(6.0, min(wanted, height * 0.75, 8.0 if width < 45 and not self.part else wanted))


def spots(document: Any, form: Form) -> list[Spot]:
    """Every place of a form on the pages of a laid out document, in reading order.

    A place that a page's end cuts in two counts where most of it is.
    """
    from weasyprint.formatting_structure import boxes

    by_name = {slot.name: slot for slot in slots(form)}
    found: dict[tuple[str, str], Spot] = {}
    for number, page in enumerate(document.pages):
        for child in page._page_box.children:
            if not isinstance(child, boxes.MarginBox):
                for box in _marked(child):
                    _take(found, by_name, number, page.height, box)
    return list(found.values())


def _marked(box: Any) -> Iterator[Any]:
    box = getattr(box, "_box", box)
    element = box.element
    # what an element became for layout's sake alone (its marker, its anonymous boxes) bears the same attributes
    own = element is not None and "::" not in str(box.element_tag) and type(box.style).__name__ != "AnonymousStyle"
    if own and (element.get(FIELD) or element.get(FURTHER)):
        yield box
        return
    for child in getattr(box, "children", ()):
        yield from _marked(child)


def _take(found: dict[tuple[str, str], Spot], by_name: Mapping[str, Slot], page: int, height: float, box: Any) -> None:
    name, option = box.element.get(FIELD, ""), box.element.get(OPTION, "")
    edges = _edges(box, bool(option))
    rectangle = _in_points(edges, height)
    if further := box.element.get(FURTHER):
        first = found.get((further, ""))
        if first and first.page == page:
            first.rectangle = _around(first.rectangle, rectangle)
        return
    slot, part = by_name.get(name), ""
    if slot is None:
        head, _, part = name.rpartition("/")
        slot = by_name[head]
    spot = Spot(page, box, name, slot, option, part, rectangle)
    before = found.get((name, option))
    if before is None or _area(before.rectangle) < _area(rectangle):
        found[name, option] = spot


def _edges(box: Any, option: bool) -> Rectangle:
    """Left, top, right and bottom in pixels from the page's upper left corner."""
    if option:
        return _of_mark(box)
    x, y = box.position_x, box.position_y + box.margin_top
    x += box.margin_left
    width, height = box.border_width(), box.border_height()
    if box.element_tag == "hr":
        return x, y - _ABOVE, x + width, y
    right = x + width
    if box.element_tag == "td":  # what is printed in it, a unit, stays free
        right = min([right, *(text.position_x - 2 for text in _texts(box) if text.text.strip())])
        return x + _INSET, y + _INSET, right - _INSET, y + height - _INSET
    return x, y - 1, right, y + height


def _of_mark(box: Any) -> Rectangle:
    """The square of a box or a circle: an em wide, its middle 0.38 em above the baseline."""
    text = next(iter(_texts(box)))
    em = float(text.style["font_size"])
    middle, height = text.position_x + text.width / 2, text.position_y + text.baseline - 0.38 * em
    half = em * 0.47
    return middle - half, height - half, middle + half, height + half


def _texts(box: Any) -> Iterator[Any]:
    if hasattr(box, "text"):
        yield box
    for child in getattr(box, "children", ()):
        yield from _texts(getattr(child, "_box", child))


def _in_points(edges: Rectangle, height: float) -> Rectangle:
    left, top, right, bottom = edges
    low, high = (height - bottom) * POINTS, (height - top) * POINTS
    return round(left * POINTS, 2), round(low, 2), round(right * POINTS, 2), round(high, 2)


def _around(one: Rectangle, other: Rectangle) -> Rectangle:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _area(rectangle: Rectangle) -> float:
    return (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1])
