"""Fillable PDFs: fields over the blanks of a printed form (ISO 32000-1, 12.7), its look as it is.

Every field has an appearance, so that the file needs no viewer to make one (ISO 19005-3, 6.4.1), and a name to be read
out (ISO 14289-1, 7.18.4). No script, no action: what is filled in is checked when it is read back (`pdf.filled`).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from qmanual.model import FieldType
from qmanual.pdf.typing_font import add_font
from qmanual.pdf.widgets import Rectangle, Spot, spots
from qmanual.records import Form

FONT = "QMF"
INK = "0 0.1 0.45"
"""The colour that is typed and ticked with, so that one sees what was printed and what was filled in."""

IDENTITY = "qmanual"
"""The field that says which form this is; nobody sees or changes it."""

READ_ONLY, REQUIRED, MULTILINE, RADIO = 1, 1 << 1, 1 << 12, 1 << 15
PRINTED = 4

_UNITS = {"year": "年 YYYY", "month": "月 MM", "day": "日 DD"}
_LENGTHS = {"year": 4, "month": 2, "day": 2}


def identity(form: Form) -> str:
    """What the field of that name holds."""
    return f"{form.id}\n{form.revision}\n{form.digest}"


def add_fields(pdf: Any, document: Any, form: Form) -> dict[int, list[Any]]:
    """Put the fields of a form onto the pages of a PDF that is being written: the widgets, by `id` of their boxes.

    Each is an annotation without a place in the structure; `pdf.tags` gives it one.
    """
    return _Filler(pdf, form).fill(spots(document, form))


class _Filler:
    def __init__(self, pdf: Any, form: Form) -> None:
        import pydyf

        self.pydyf, self.pdf, self.form = pydyf, pdf, form
        self.font = add_font(pdf)
        self.fields = pydyf.Array()
        self.groups: dict[str, Any] = {}
        self.found: dict[int, list[Any]] = {}

    def fill(self, places: Sequence[Spot]) -> dict[int, list[Any]]:
        pydyf = self.pydyf
        pages = list(self._pages())
        for spot in places:
            widget = self._widget(spot)
            widget["P"] = self.pdf.page_references[spot.page]
            self.pdf.add_object(widget)
            if spot.option and spot.slot.field.type is FieldType.ONE_OF:
                self._grouped(spot, widget)
            else:
                self.fields.append(widget.reference)
            pages[spot.page].setdefault("Annots", pydyf.Array()).append(widget.reference)
            self.found.setdefault(id(spot.box), []).append(widget)
        self._identify()
        resources = pydyf.Dictionary({"Font": pydyf.Dictionary({FONT: self.font})})
        form = pydyf.Dictionary({"Fields": self.fields, "DR": resources, "DA": pydyf.String(_look(10.0))})
        self.pdf.add_object(form)
        self.pdf.catalog["AcroForm"] = form.reference
        return self.found

    def _pages(self) -> Iterator[Any]:
        by_number = {one.number: one for one in self.pdf.objects}
        for reference in self.pdf.page_references:
            yield by_number[int(reference.split()[0])]

    def _identify(self) -> None:
        field = self.pydyf.Dictionary({
            "FT": "/Tx", "T": self.pydyf.String(IDENTITY), "V": self.pydyf.String(identity(self.form)),
            "Ff": READ_ONLY | MULTILINE, "DA": self.pydyf.String(_look(10.0)),
        })  # fmt: skip
        self.pdf.add_object(field)
        self.fields.append(field.reference)

    def _widget(self, spot: Spot) -> Any:
        pydyf = self.pydyf
        widget = pydyf.Dictionary({
            "Type": "/Annot", "Subtype": "/Widget", "Rect": pydyf.Array(spot.rectangle), "F": PRINTED,
            "TU": pydyf.String(_told(spot)),
        })  # fmt: skip
        if spot.option:
            ticked = "/Yes"
            if spot.slot.field.type is FieldType.ONE_OF:
                ticked = f"/{spot.slot.field.options.index(spot.option)}"
            else:
                widget |= {"FT": "/Btn", "T": pydyf.String(spot.name)}
            on, off = self._appearance(spot.rectangle, _tick), self._appearance(spot.rectangle, lambda *_: "")
            widget["AP"] = pydyf.Dictionary({"N": pydyf.Dictionary({ticked[1:]: on, "Off": off})})
            widget["AS"] = "/Off"
            return widget
        flags = (MULTILINE if spot.several else 0) | (REQUIRED if spot.slot.field.required else 0)
        widget |= {"FT": "/Tx", "T": pydyf.String(spot.name), "DA": pydyf.String(_look(spot.size)), "Ff": flags}
        if spot.part:
            widget |= {"MaxLen": _LENGTHS[spot.part], "Q": 1}
        widget["AP"] = pydyf.Dictionary({"N": self._appearance(spot.rectangle, lambda *_: "/Tx BMC EMC")})
        return widget

    def _appearance(self, rectangle: Rectangle, drawn: Any) -> Any:
        width, height = round(rectangle[2] - rectangle[0], 2), round(rectangle[3] - rectangle[1], 2)
        font = self.pydyf.Dictionary({"Font": self.pydyf.Dictionary({FONT: self.font})})
        extra = {
            "Type": "/XObject", "Subtype": "/Form", "BBox": self.pydyf.Array([0, 0, width, height]), "Resources": font,
        }  # fmt: skip
        stream = self.pydyf.Stream([drawn(width, height).encode()], extra)
        self.pdf.add_object(stream)
        return stream.reference

    def _grouped(self, spot: Spot, widget: Any) -> None:
        """A circle belongs to those of the same question: one of them at most is ticked."""
        pydyf, field = self.pydyf, spot.slot.field
        if spot.name not in self.groups:
            options = pydyf.Array([pydyf.String(option) for option in field.options])
            flags = RADIO | (REQUIRED if field.required else 0)
            group = pydyf.Dictionary({
                "FT": "/Btn", "Ff": flags, "T": pydyf.String(spot.name), "TU": pydyf.String(spot.slot.label),
                "V": "/Off", "Opt": options, "Kids": pydyf.Array(),
            })  # fmt: skip
            self.pdf.add_object(group)
            self.fields.append(group.reference)
            self.groups[spot.name] = group
        widget["Parent"] = self.groups[spot.name].reference
        self.groups[spot.name]["Kids"].append(widget.reference)


def _look(size: float) -> str:
    return f"/{FONT} {size:g} Tf {INK} rg"


def _told(spot: Spot) -> str:
    """What is read out, or shown when one points at the field."""
    field = spot.slot.field
    words = spot.slot.label if not spot.option or spot.slot.option else f"{spot.slot.label} · {spot.option}"
    if spot.part:
        return f"{words} · {_UNITS[spot.part]}"
    hint = field.hint or ("YYYY-MM-DD" if field.type is FieldType.DATE else "")
    parts = [hint, field.unit]
    said = "，".join(part for part in parts if part)
    return f"{words}（{said}）" if said else words


def _tick(width: float, height: float) -> str:
    """A check mark across a square."""
    points = ((0.16, 0.5), (0.42, 0.2), (0.9, 0.86))
    (x, y), *others = [(width * across, height * up) for across, up in points]
    lines = " ".join(f"{at:.2f} {up:.2f} l" for at, up in others)
    return f"q {INK} RG 1.5 w 1 J 1 j {x:.2f} {y:.2f} m {lines} S Q"
