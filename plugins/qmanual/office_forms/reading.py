"""A filled-in spreadsheet read back: what its open cells hold, after everything about the file was found harmless.

A spreadsheet is an archive of XML from outside. Its size is summed up before it is opened (a small file can unpack to
gigabytes); formulas, macros, links and embedded objects are refused; and every label must say what the form prints.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from qmanual.language import N_
from qmanual.office_forms.layout import Open, lay_out
from qmanual.office_forms.writing import HIDDEN
from qmanual.records import Form, Trouble

LARGEST = 10 * 1024 * 1024
UNPACKED = 20 * 1024 * 1024
PARTS = 200
"""Bytes of the file, of all that is packed in it, and how many parts it may have."""

_ACTIVE = re.compile(r"vbaProject|/embeddings/|/activeX/|/externalLinks/|/ctrlProps/|customUI|\.bin$", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TICKS = frozenset("√✓✔☑vVxX是1")
_NO_TICKS = frozenset({"", "×", "✗", "✘", "否", "0", "/", "-"})


class Unreadable(Exception):
    """The file is not taken as a record: a text of the catalogue that says why, with its details."""

    def __init__(self, why: str, **details: str) -> None:
        super().__init__(why)
        self.why = why
        self.details: Mapping[str, str] = details


@dataclass(frozen=True, slots=True)
class Sheet:
    """A spreadsheet that was found harmless; `identity`: number, revision and digest of the form, as it says."""

    page: Worksheet
    identity: tuple[str, str, str]
    troubles: list[Trouble] = field(default_factory=list)

    def read(self, form: Form) -> tuple[Mapping[str, object], tuple[Trouble, ...]]:
        """What stands in the slots of a form, and what cannot be taken. Raises `Unreadable` for changed labels."""
        sheet = lay_out(form)
        for printed in sheet.printed:
            said = _plain(self.page.cell(printed.row, printed.column).value)
            if "".join(said.split()) != "".join(printed.text.split()):
                place = f"{self.page.cell(printed.row, printed.column).coordinate}"
                raise Unreadable(N_("cell {place} says “{said}” where the issued form says “{text}”"),
                                 place=place, said=said[:40], text=printed.text[:40])  # fmt: skip
        found: dict[str, object] = {}
        for one in sheet.opened:
            value = self._value(one)
            if value is not None:
                found[one.slot.name] = value
        return found, tuple(self.troubles)

    def _value(self, one: Open) -> object:
        cell = self.page.cell(one.row, one.column)
        value: object = _plain(cell.value) if isinstance(cell.value, str) else cell.value
        if cell.data_type == "e":
            self.troubles.append(Trouble(one.slot.label, N_("cell {place} holds an error"), {"place": cell.coordinate}))
            return None
        if not one.slot.option or value is None:
            return value
        text = "1" if value is True else "0" if value is False else str(value).strip()
        if text in _TICKS:
            return True
        if text not in _NO_TICKS:
            why = N_("“{text}” in cell {place} is no tick; choose √ or leave it empty")
            self.troubles.append(Trouble(one.slot.label, why, {"text": text[:20], "place": cell.coordinate}))
        return None


def read_sheet(data: bytes) -> Sheet:
    """A filled-in spreadsheet. Raises `Unreadable` for one that must not be read."""
    _weigh(data)
    try:
        book = load_workbook(io.BytesIO(data), data_only=False, keep_links=False, keep_vba=False)
    except Exception as error:  # whatever a broken archive makes the library raise
        raise Unreadable(N_("the file is damaged, or no spreadsheet")) from error
    for page in book.worksheets:
        _refuse_formulas(page)
    hidden: Any = book[HIDDEN] if HIDDEN in book.sheetnames else None
    identity = [_plain(hidden.cell(row, 1).value) for row in (1, 2, 3)] if hidden is not None else []
    pages = [page for page in book.worksheets if page.title != HIDDEN]
    if not (identity and all(identity[::2]) and pages):
        raise Unreadable(N_("the file does not say which form it is: it is not one that this program made"))
    return Sheet(pages[0], (identity[0], identity[1], identity[2]))


def _weigh(data: bytes) -> None:
    """Refuse what is too large, unpacked as well, or holds more than cells."""
    if len(data) > LARGEST:
        raise Unreadable(N_("the file is too large ({size} MB)"), size=str(len(data) // 1024 // 1024))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if any(part.filename == "mimetype" for part in parts):  # how an OpenDocument file begins
                raise Unreadable(N_("the file is an .ods; save it as .xlsx"))
            size = sum(part.file_size for part in parts)
            if size > UNPACKED or len(parts) > PARTS:
                raise Unreadable(
                    N_("the file unpacks to {size} MB: it is no filled-in form"), size=str(size // 1024 // 1024)
                )
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable(N_("the file is encrypted; save it without a password"))
            if any(_ACTIVE.search(f"/{part.filename}") and "printerSettings" not in part.filename for part in parts):
                raise Unreadable(N_("the file holds macros, links or embedded objects; save it as a plain .xlsx"))
            if any(b"<!DOCTYPE" in archive.read(part) or b"<!ENTITY" in archive.read(part) for part in parts):
                raise Unreadable(N_("the file is damaged, or no spreadsheet"))
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, ValueError) as error:
        old = data.startswith(b"\xd0\xcf\x11\xe0")  # the container of .xls, and of encrypted files
        text = N_("the file is an .xls, or encrypted; save it as .xlsx without a password")
        raise Unreadable(text if old else N_("the file is damaged, or no spreadsheet")) from error


def _refuse_formulas(page: Worksheet) -> None:
    for row in page.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                raise Unreadable(N_("cell {place} holds a formula; write the value itself"), place=cell.coordinate)


def _plain(value: object) -> str:
    """A text as it was typed: what XML cannot hold is written `_x000D_` (ECMA-376, ST_Xstring)."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
