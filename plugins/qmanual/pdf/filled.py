"""Filled-in PDFs read back: what stands in their fields, and whether the page around them is the one that was issued.

A file that comes from outside is distrusted: what is encrypted, runs something, carries a stranger's file, or shows
another page than the blank form is refused. Only then are values taken, by the names that the form gave its fields.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from qmanual.language import N_
from qmanual.model import FieldType
from qmanual.pdf.fillable import IDENTITY
from qmanual.pdf.printed_page import annotations, files, page_digest
from qmanual.records import Form, Slot, Trouble, slots
from qmanual.render.form_marks import PARTS

LARGEST = 30 * 1024 * 1024
MEMORY = 100 * 1024 * 1024
"""Bytes that one stream may unpack to."""

_ACTIONS = frozenset({
    "/JavaScript", "/Launch", "/GoToR", "/GoToE", "/SubmitForm", "/ImportData", "/ResetForm", "/Rendition", "/Movie",
    "/Sound", "/RichMediaExecute", "/Hide", "/SetOCGState", "/Named", "/Thread", "/Trans", "/GoTo3DView",
})  # fmt: skip
_ACTIVE = ("/JS", "/AA", "/JavaScript", "/XFA", "/RichMediaContent", "/3DD")


class Refused(Exception):
    """The file is not taken as a record: a text of the catalogue that says why, with its details."""

    def __init__(self, why: str, **details: str) -> None:
        super().__init__(why)
        self.why = why
        self.details: Mapping[str, str] = details


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filled-in PDF holds: slot → what stands in it, and what about that is doubtful."""

    found: Mapping[str, object]
    troubles: tuple[Trouble, ...] = ()


@dataclass(slots=True)
class _Leaf:
    """A field of the file with its widgets."""

    dictionary: Any
    widgets: list[Any] = field(default_factory=list)


class FilledPdf:
    """A filled-in PDF, opened. Raises `Refused` for one that must not be read. Use as a context."""

    def __init__(self, data: bytes) -> None:
        import pikepdf

        if len(data) > LARGEST:
            raise Refused(N_("the file is too large ({size} MB)"), size=str(len(data) // 1024 // 1024))
        with _bounded():
            try:
                self.pdf = pikepdf.open(BytesIO(data))
            except pikepdf.PasswordError:
                raise Refused(N_("the file is encrypted; save it without a password")) from None
            except (pikepdf.PdfError, ValueError, RecursionError, MemoryError):
                raise Refused(N_("the file is damaged, or no PDF")) from None
            if self.pdf.is_encrypted:
                raise Refused(N_("the file is encrypted; save it without a password"))
            try:
                _refuse_active(self.pdf)
                self.fields = dict(_fields(self.pdf))
            except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise Refused(N_("the file is damaged, or no PDF")) from None

    def __enter__(self) -> "FilledPdf":
        return self

    def __exit__(self, *_: object) -> None:
        self.pdf.close()

    @property
    def identity(self) -> tuple[str, str, str]:
        """Number, revision and digest of the form, as the file says. Raises `Refused` when it says none."""
        parts = _text(self.fields[IDENTITY].dictionary.get("/V")).split("\n") if IDENTITY in self.fields else []
        if len(parts) != 3:
            raise Refused(N_("the file does not say which form it is: it is not one that this program made"))
        return parts[0], parts[1], parts[2]

    def compare(self, template: bytes) -> None:
        """Refuse the file when anything but what was filled in differs from the blank form. Raises `Refused`."""
        import pikepdf

        with _bounded():
            try:
                blank = pikepdf.open(BytesIO(template))
            except (pikepdf.PdfError, ValueError, RecursionError, MemoryError):
                raise Refused(N_("the blank form to compare it with is encrypted, damaged, or no PDF")) from None
            with blank:
                try:
                    self._compare(blank)
                except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
                    raise Refused(N_("the file is damaged, or no PDF")) from None

    def _compare(self, blank: Any) -> None:
        if len(self.pdf.pages) != len(blank.pages):
            raise Refused(N_("it has {count} pages, the form has {most}"), count=str(len(self.pdf.pages)),
                          most=str(len(blank.pages)))  # fmt: skip
        for number, (page, wanted) in enumerate(zip(self.pdf.pages, blank.pages, strict=True), 1):
            if page_digest(page.obj) != page_digest(wanted.obj):
                text = N_("what is printed on page {page} is not what the issued form says there")
                raise Refused(text, page=str(number))
            if annotations(page.obj) != annotations(wanted.obj):
                raise Refused(N_("something was drawn or moved on page {page}"), page=str(number))
        if strange := sorted(set(self.pdf.Root.keys()) - set(blank.Root.keys()) - {"/Version", "/Extensions"}):
            raise Refused(N_("the file holds what the form does not: {what}"), what=", ".join(strange))
        if files(self.pdf) - files(blank):
            raise Refused(N_("the file carries an attachment that the form does not have; send attachments apart"))
        names, wanted_names = set(self.fields), set(dict(_fields(blank)))
        if names != wanted_names:
            raise Refused(N_("the file has lost or gained fields: {names}"),
                          names="、".join(sorted(names ^ wanted_names)[:5]))  # fmt: skip

    def read(self, form: Form) -> Filled:
        """What stands in the slots of a form."""
        found: dict[str, object] = {}
        troubles: list[Trouble] = []
        for slot in slots(form):
            try:
                value = self._slot(slot)
            except _Doubtful:
                troubles.append(Trouble(slot.label, N_("the page shows something else than the field holds")))
                continue
            if value:
                found[slot.name] = value
        return Filled(found, tuple(troubles))

    def _slot(self, slot: Slot) -> object:
        if slot.option:
            return _ticked(self.fields[slot.name])
        if slot.field.type is FieldType.ONE_OF:
            return _chosen(self.fields[slot.name], slot.field.options)
        if slot.name in self.fields:
            return _text(self.fields[slot.name].dictionary.get("/V"))
        parts = [_text(self.fields[f"{slot.name}/{part}"].dictionary.get("/V")).strip() for part in PARTS]
        return "-".join(parts) if all(parts) else "".join(parts)


class _Doubtful(Exception):
    pass


@contextmanager
def _bounded() -> Iterator[None]:
    """Nothing that is unpacked here takes all memory."""
    from pikepdf import settings

    before = settings.get_qpdf_limits()
    settings.set_qpdf_limits(
        flate_max_memory=MEMORY, run_length_max_memory=MEMORY, png_max_memory=MEMORY, max_stream_filters=2
    )
    try:
        yield
    finally:
        settings.set_qpdf_limits(
            flate_max_memory=before["flate_max_memory"], run_length_max_memory=before["run_length_max_memory"],
            png_max_memory=before["png_max_memory"], max_stream_filters=before["max_stream_filters"],
        )  # fmt: skip


def _refuse_active(pdf: Any) -> None:
    """Refuse a file in which anything would be run, opened or sent, wherever it hangs (ISO 32000-1, 12.6)."""
    import pikepdf

    if "/OpenAction" in pdf.Root and not isinstance(pdf.Root.OpenAction, pikepdf.Array):
        raise Refused(N_("the file runs something when it is opened"))
    for one in pdf.objects:
        for part in _within(one, 0):
            if any(key in part for key in _ACTIVE) or str(part.get("/S", "")) in _ACTIONS:
                raise Refused(N_("the file holds a script or an action; a form has none"))


def _within(one: Any, depth: int) -> Iterator[Any]:
    """The dictionaries of an object, without following what it only refers to."""
    import pikepdf

    if depth > 40:
        raise Refused(N_("the file is damaged, or no PDF"))
    if isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        yield one
        inside: Any = [value for _, value in one.items()]
    elif isinstance(one, pikepdf.Array):
        inside = list(one)
    else:
        return
    for value in inside:
        if isinstance(value, (pikepdf.Dictionary, pikepdf.Array)) and not value.is_indirect:
            yield from _within(value, depth + 1)


def _fields(pdf: Any) -> Iterator[tuple[str, _Leaf]]:
    """Every field by its full name (ISO 32000-1, 12.7.3.2). Raises `Refused` for names given twice."""
    seen: set[str] = set()
    waiting = [(one, "", 0) for one in reversed(list(pdf.Root.get("/AcroForm", {}).get("/Fields", [])))]
    while waiting:
        one, within, depth = waiting.pop()
        name = ".".join(part for part in (within, _text(one.get("/T"))) if part)
        kids = list(one.get("/Kids", []))
        named = [kid for kid in kids if "/T" in kid]
        if named and depth < 10:
            waiting += [(kid, name, depth + 1) for kid in reversed(named)]
            continue
        if name in seen:
            raise Refused(N_("the file has lost or gained fields: {names}"), names=name)
        seen.add(name)
        yield name, _Leaf(one, kids or [one])


def _text(value: Any) -> str:
    """The text of a string or of a stream (ISO 32000-1, 12.7.4.3); empty for anything else."""
    import pikepdf

    if isinstance(value, pikepdf.Stream):
        data = value.read_bytes()
        return data.decode("utf-16", "replace") if data[:2] in (b"\xfe\xff", b"\xff\xfe") else str(pikepdf.String(data))
    return str(value) if isinstance(value, pikepdf.String) else ""


def _ticked(leaf: _Leaf) -> bool:
    value, shown = (str(leaf.dictionary.get(key, "/Off")) for key in ("/V", "/AS"))
    if (value != "/Off") != (shown != "/Off"):
        raise _Doubtful
    return value != "/Off"


def _chosen(leaf: _Leaf, options: tuple[str, ...]) -> str:
    """The option of a group of circles. Its value is the number of a circle, or what a viewer made of that number.

    What is shown decides: a circle's own state says its place among the options (ISO 32000-1, 12.7.4.2.4).
    """
    import pikepdf

    shown = [str(kid.get("/AS", "/Off")) for kid in leaf.widgets]
    on = [at for at, state in enumerate(shown) if state != "/Off"]
    value = leaf.dictionary.get("/V")
    said = str(value) if isinstance(value, pikepdf.Name) else _text(value)
    if not on and said in ("", "/Off"):
        return ""
    if len(on) != 1 or said not in (f"/{on[0]}", f"/{options[on[0]]}", options[on[0]]):
        raise _Doubtful
    return options[on[0]]


def page_count(data: bytes) -> int:
    """How many pages a PDF of our own has."""
    import pikepdf

    with pikepdf.open(BytesIO(data)) as pdf:
        return len(pdf.pages)
