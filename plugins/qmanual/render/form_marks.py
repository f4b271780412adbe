"""Marks on a form's page: which field is written into which blank, box or cell.

The text is rendered once, without knowing of fields. Here its drawings and those that the reader found in it are put
side by side, in order (`records.places`). Where they do not match, no mark is set: a form that cannot be marked surely
is refused, since a value in the wrong place would be worse than none.
"""

from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from qmanual.model import FieldType
from qmanual.records.form import Field, Form, key_of
from qmanual.records.places import Kind, Place
from qmanual.records.slots import slots

FIELD, OPTION, FURTHER, DATE = "data-field", "data-option", "data-further", "data-date"
"""Attributes of an element: the slot that is written into it; the option beside it; the slot whose further line it is;
the slot of a date, on the element around its three blanks, each of which is a `FIELD` of its own."""

PARTS = ("year", "month", "day")
"""What the names of a date's three blanks end with, after the slot's name and `/`."""


class CannotMark(Exception):
    """The page does not show the drawings that the text has."""


def mark(tree: HtmlElement, places: Sequence[Place], form: Form) -> None:
    """Mark the drawings of a rendered text, as `render.markdown` made them. Raises `CannotMark`."""
    drawn = list(_drawn(tree))
    if [kind for kind, _ in drawn] != [place.kind for place in places]:
        raise CannotMark
    known = {slot.name for slot in slots(form)}
    children = {field.key for field in form.fields if field.parent}
    for (kind, element), place in zip(drawn, places, strict=True):
        if place.field is None or not place.name:
            continue
        if kind == "choice":
            _mark_choices(element, place.name, place.field, children)
        elif place.further:
            element.set(FURTHER, place.name)
        elif place.name in known and kind == "date":
            element.set(DATE, place.name)
            for part, blank in zip(PARTS, element.iterchildren("span"), strict=True):
                blank.set(FIELD, f"{place.name}/{part}")
        elif place.name in known:
            element.set(FIELD, place.name)


def _drawn(tree: HtmlElement) -> Iterator[tuple[Kind, HtmlElement]]:
    """Everything drawn on the page, in order. What is printed from data (`render.grid`) is no part of the form."""
    for element in tree.iter("td", "th", "span", "hr"):
        kind = _kind(element)
        if kind and not any("qm-matrix" in str(one.get("class", "")) for one in element.iterancestors("table")):
            yield kind, element


def _kind(element: HtmlElement) -> Kind | None:
    style = str(element.get("class", "")).split()
    if element.tag in ("td", "th"):
        return None if len(element) or (element.text or "").strip() else "cell"
    if "qm-date" in style:
        return "date"
    if "qm-choices" in style:
        return "choice"
    if element.tag == "hr":
        return "line" if "qm-ruled" in style else None
    inside = (str(one.get("class", "")) for one in element.iterancestors("span"))
    return "line" if "qm-blank" in style and not any(one in ("qm-date", "qm-choices") for one in inside) else None


def _mark_choices(box: HtmlElement, name: str, field: Field, children: set[str]) -> None:
    marks = box.xpath("./span[@class='qm-choice']")
    if len(marks) != len(field.options) or field.type not in (FieldType.CHOICE, FieldType.ONE_OF):
        raise CannotMark
    for element, option in zip(marks, field.options, strict=True):
        several = field.type is FieldType.CHOICE
        element.set(FIELD, f"{name}/{key_of(option)}" if several else name)
        element.set(OPTION, option)
        line = next(iter(element.getnext().iterdescendants("span")), None)
        if line is not None and f"{name}_{key_of(option)}" in children:
            line.set(FIELD, f"{name}_{key_of(option)}")
