"""Spreadsheets of the registers: the edge to xlsx.

An auditor sorts and filters the list, prints it, and mails it on. So the heading stays in sight, dates are dates, pages
are A4 across, and no text is ever a formula: a title that begins with `=` is still a title in the next program that
saves the file (`quotePrefix`). The same table gives the same bytes on every machine and day.
"""

import io
import math
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from wcwidth import wcswidth

from qmanual.language import N_, Translator
from qmanual.render.tables import Cell, Column, Table

LONGEST = 32_767
"""Characters that a cell may hold (ECMA-376, limits of the common programs)."""

_DATE = "yyyy-mm-dd"
_FONT = "Microsoft YaHei"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can hold
_UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_SHEET_NAME = re.compile(r"[\\/*?:\[\]]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")

_THIN = Side(style="thin", color="FFBFBFBF")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEADING = PatternFill("solid", fgColor="FFE7EDF5")


def workbook(tables: Sequence[Table], say: Translator, company: str, today: date) -> bytes:
    """The bytes of an xlsx file with a sheet for each table. Its dates are `today`, never the clock's.

    `company` and `today` stand in the header of every printed page.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    moment = datetime.combine(today, time())
    book.properties.created, book.properties.creator = moment, writable(company)
    book.properties.title = writable("、".join(table.title for table in tables))
    for table in tables:
        page = sheet(book, table)
        _print_setup(page, table, company, say(N_("as of {day}"), day=today.isoformat()), say)
    buffer = io.BytesIO()
    book.save(buffer)
    return timeless(buffer.getvalue(), moment)


# -- a sheet -----------------------------------------------------------------------------------------------------


def sheet(book: Workbook, table: Table) -> Worksheet:
    """A sheet with the heading in row 1, the table's rows below it, its notes after them."""
    page: Worksheet = book.create_sheet(_SHEET_NAME.sub(" ", writable(table.title)).strip("' ")[:31])
    widths = [_width(table, at) for at in range(len(table.columns))]
    for at, (column, width) in enumerate(zip(table.columns, widths, strict=True), 1):
        _heading(page, at, column)
        page.column_dimensions[get_column_letter(at)].width = width
    page.row_dimensions[1].height = _height([column.title for column in table.columns], widths)
    for down, row in enumerate(table.rows, 2):
        for at, (column, cell) in enumerate(zip(table.columns, row, strict=True), 1):
            _write(page, down, at, cell, _look(table, at, column))
        page.row_dimensions[down].height = _height(row[: table.paper], widths)
    for down, note in enumerate(table.notes, len(table.rows) + 3):
        _write(page, down, 1, note, None)
    page.freeze_panes = f"{get_column_letter(table.fixed + 1)}2"
    page.auto_filter.ref = f"A1:{get_column_letter(max(1, len(table.columns)))}{len(table.rows) + 1}"
    return page


def _heading(page: Worksheet, at: int, column: Column) -> None:
    cell = page.cell(1, at)
    cell.value, cell.data_type = writable(column.title), "s"
    cell.font = Font(name=_FONT, size=10, bold=True)
    cell.fill, cell.border = _HEADING, _BORDER
    cell.alignment = Alignment(horizontal="center" if column.mark else "left", vertical="center", wrap_text=True)


def _look(table: Table, at: int, column: Column) -> Alignment:
    """Marks in the middle; what is only there to be filtered stays on one line, so that rows keep their height."""
    if table.paper and at > table.paper:
        return _LINE
    return _CENTRED if column.mark else _WRAPPED


def _write(page: Worksheet, down: int, at: int, value: Cell, look: Alignment | None) -> None:
    cell = page.cell(down, at)
    cell.font = _BODY
    if look:
        cell.border, cell.alignment = _BORDER, look
    if isinstance(value, date):
        cell.value, cell.number_format = value, _DATE
    elif value:
        text = writable(value)
        cell.value, cell.data_type = text, "s"
        cell.quotePrefix = text.lstrip()[:1] in FORMULA_LIKE


_BODY = Font(name=_FONT, size=10)
_LINE = Alignment(horizontal="left", vertical="center")
_WRAPPED = Alignment(horizontal="left", vertical="center", wrap_text=True)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
FORMULA_LIKE = frozenset("=+-@＝＋－＠|%")


def writable(text: str) -> str:
    """Text that an xlsx file can hold: without control characters, not too long, `_x0041_` not read as an escape."""
    text = _UNWRITABLE.sub("\ufffd", text)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return _ESCAPE_LIKE.sub("_x005F_", text)


def _width(table: Table, at: int) -> float:
    """As wide as the longest line, but no wider than the column should be; the heading may break into two lines."""
    column = table.columns[at]
    texts = (row[at] for row in table.rows)
    widest = max((_columns(text) for text in texts), default=0)
    least = column.width if column.mark else max(6, (_columns(column.title) + 1) // 2 + 2)
    return max(least, min(widest + 2, column.width))


def _height(row: Sequence[Cell], widths: Sequence[float]) -> float:
    """The height in points that a row needs: not every program finds it by itself when it opens a file."""
    lines = max((_lines(cell, width - 0.8) for cell, width in zip(row, widths, strict=False)), default=1)
    return min(lines * 14.0 + 2, 409.0)


def _lines(value: Cell, width: float) -> int:
    if not value or isinstance(value, date):
        return 1
    return sum(max(1, math.ceil(_columns(part) / width)) for part in value.splitlines())


def _columns(value: Cell) -> int:
    if isinstance(value, date):
        return 10
    return max(map(wcswidth, (value or "").splitlines()), default=0)


def _print_setup(page: Worksheet, table: Table, company: str, day: str, say: Translator) -> None:
    """A4 across, as wide as the paper, headings on every page; who, what, when and the page number around it."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.print_title_rows = "1:1"
    page.print_options.horizontalCentered = True
    if table.paper:
        page.print_area = f"A1:{get_column_letter(table.paper)}{page.max_row}"
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.7
    above, below = HeaderFooterItem(), HeaderFooterItem()
    above.left.text, above.center.text, above.right.text = map(_in_margin, (company, table.title, day))
    below.center.text = say(N_("page {page} of {pages}"), page="&P", pages="&N")
    page.oddHeader, page.oddFooter = above, below


def _in_margin(text: str) -> str:
    """Text for a header: `&` begins a command there, and all of them together hold 255 characters."""
    return writable(" ".join(text.split()))[:60].replace("&", "&&")


# -- the same bytes ----------------------------------------------------------------------------------------------


def timeless(data: bytes, moment: datetime) -> bytes:
    """The same file without the time of its making: neither in the archive nor as its last change."""
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            new.writestr(info, content)
    return out.getvalue()
