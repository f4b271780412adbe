"""A form as a spreadsheet: fixed labels, cells that take what the form allows, and which form it is."""

import io
from collections.abc import Iterator
from datetime import datetime, time

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from wcwidth import wcswidth

from qmanual.language import N_, Translator
from qmanual.model import FieldType
from qmanual.office import FORMULA_LIKE, timeless, writable
from qmanual.office_forms.layout import FIRST_ROW, Layout, Open, Printed, lay_out
from qmanual.records import Field, Form
from qmanual.records.form import LONGEST

HIDDEN = "_qmanual"
"""The sheet that says which form this is, and holds the options of the choices."""

TICK = "√"
_FONT = "Microsoft YaHei"
_WIDTH = 13.0
_MOMENT = datetime.combine(datetime(2000, 1, 1), time())
_LINE = Border(*(Side(style="thin", color="FF808080"),) * 4)
_FILLS = {
    "label": PatternFill("solid", fgColor="FFF3F5F7"), "head": PatternFill("solid", fgColor="FFE7EDF5"),
    "option": PatternFill("solid", fgColor="FFF3F5F7"),
}  # fmt: skip


def template(form: Form, company: str, say: Translator) -> bytes:
    """The xlsx file to fill in. The same form gives the same bytes."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = form.id.translate({ord(sign): "-" for sign in r"\/*?:[]"})[:31].strip("' ") or "form"
    sheet = lay_out(form)
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "veryHidden"
    for at, text in enumerate((form.id, form.revision, form.digest), 1):
        _say(hidden, at, 1, text)
    _heading(page, sheet, form, company, say)
    for printed in sheet.printed:
        _print(page, printed)
    _open(page, hidden, sheet, say)
    _set_up(page, sheet, form, say)
    book.properties.creator, book.properties.title = writable(company), writable(f"{form.id} {form.title}")
    book.properties.created = _MOMENT
    buffer = io.BytesIO()
    book.save(buffer)
    return timeless(buffer.getvalue(), _MOMENT)


def _say(page: Worksheet, row: int, column: int, text: str) -> None:
    """Write a text that is never a formula, whatever it begins with."""
    cell = page.cell(row, column)
    cell.value, cell.data_type = writable(text), "s"
    cell.quotePrefix = text.lstrip()[:1] in FORMULA_LIKE


def _heading(page: Worksheet, sheet: Layout, form: Form, company: str, say: Translator) -> None:
    texts = (
        (form.title, Font(name=_FONT, size=15, bold=True)),
        (f"{company}　{form.id}　{form.revision}".strip("　"), Font(name=_FONT, size=10)),
        (say(N_("Fill in the white cells; what bears a * must be filled in. Save as .xlsx and hand it in.")),
         Font(name=_FONT, size=9, color="FF555555")),
    )  # fmt: skip
    for row, (text, font) in enumerate(texts, 1):
        _say(page, row, 1, text)
        page.cell(row, 1).font = font
        page.cell(row, 1).alignment = Alignment(horizontal="center", vertical="center")
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=sheet.width)
    page.row_dimensions[1].height = 28


def _print(page: Worksheet, printed: Printed) -> None:
    last_row, last_column = printed.row + printed.rows - 1, printed.column + printed.columns - 1
    for row in range(printed.row, last_row + 1):
        for column in range(printed.column, last_column + 1):
            cell = page.cell(row, column)
            if printed.style != "section":
                cell.border, cell.fill = _LINE, _FILLS[printed.style]
    _say(page, printed.row, printed.column, printed.text)
    cell = page.cell(printed.row, printed.column)
    cell.font = Font(
        name=_FONT, size=11 if printed.style == "section" else 10, bold=printed.style in ("section", "head")
    )
    centred = printed.style in ("head", "label")
    cell.alignment = Alignment(horizontal="center" if centred else "left", vertical="center", wrap_text=True)
    if printed.rows > 1 or printed.columns > 1:
        page.merge_cells(
            start_row=printed.row, end_row=last_row, start_column=printed.column, end_column=last_column
        )  # fmt: skip
    if printed.style == "section":
        page.row_dimensions[printed.row].height = 24


def _open(page: Worksheet, hidden: Worksheet, sheet: Layout, say: Translator) -> None:
    """Unlock the cells to write into, and tell the program what each of them takes."""
    lists: dict[tuple[str, ...], str] = {}
    rules: dict[tuple[object, ...], DataValidation] = {}
    for one in sheet.opened:
        for column in range(one.column, one.column + one.columns):
            cell = page.cell(one.row, column)
            cell.border, cell.protection = _LINE, Protection(locked=False)
        cell = page.cell(one.row, one.column)
        cell.font = Font(name=_FONT, size=10, color="FF001A73")
        single = bool(one.slot.option) or one.columns == 1
        cell.alignment = Alignment(horizontal="center" if single else "left", vertical="center", wrap_text=True)
        cell.number_format = _format(one)
        if one.columns > 1:
            last = one.column + one.columns - 1
            page.merge_cells(start_row=one.row, end_row=one.row, start_column=one.column, end_column=last)
        kind, key = _rule(one, hidden, lists, say)
        if key not in rules:
            rules[key] = kind
            page.add_data_validation(kind)
        rules[key].add(cell.coordinate)


def _format(one: Open) -> str:
    kind = one.slot.field.type
    if one.slot.option or kind in (FieldType.TEXT, FieldType.ONE_OF):
        return "@"
    return "yyyy-mm-dd" if kind is FieldType.DATE else "General"


def _rule(
    one: Open, hidden: Worksheet, lists: dict[tuple[str, ...], str], say: Translator
) -> tuple[DataValidation, tuple[object, ...]]:
    """What a cell takes, as the program checks it while one types; and what two cells with the same rule share."""
    field = one.slot.field
    options = (TICK,) if one.slot.option else field.options if field.type is FieldType.ONE_OF else ()
    details = _limits(field) if not options else {"type": "list", "formula1": _listed(hidden, options, lists)}
    rule = DataValidation(allow_blank=True, showErrorMessage=True, errorTitle=field.label[:30] or None)
    for name, value in details.items():
        setattr(rule, name, value)
    rule.error = _refusal(field, bool(options), say)[:220]
    if hint := _hint(field):
        rule.showInputMessage, rule.promptTitle, rule.prompt = True, field.label[:30] or None, hint[:220]
    return rule, (*sorted(details.items()), rule.error, rule.prompt, rule.promptTitle)


def _listed(hidden: Worksheet, options: tuple[str, ...], lists: dict[tuple[str, ...], str]) -> str:
    """Where the hidden sheet holds these options: a list written out may hold neither commas nor 256 characters."""
    if options not in lists:
        column = len(lists) + 2
        for row, option in enumerate(options, 1):
            _say(hidden, row, column, option)
        letter = get_column_letter(column)
        lists[options] = f"'{HIDDEN}'!${letter}$1:${letter}${len(options)}"
    return lists[options]


def _limits(field: Field) -> dict[str, str]:
    if field.type is FieldType.DATE:
        return {"type": "date", "operator": "between", "formula1": "DATE(1950,1,1)", "formula2": "DATE(2199,12,31)"}
    if field.type in (FieldType.INTEGER, FieldType.NUMBER):
        least = -999999999999999 if field.min is None else field.min
        most = 999999999999999 if field.max is None else field.max
        kind = "whole" if field.type is FieldType.INTEGER else "decimal"
        return {"type": kind, "operator": "between", "formula1": f"{least:.15g}", "formula2": f"{most:.15g}"}
    return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": str(LONGEST)}


def _refusal(field: Field, listed: bool, say: Translator) -> str:
    if listed:
        return say(N_("Choose from the list."))
    match field.type:
        case FieldType.DATE:
            return say(N_("Write a date such as 2026-05-01."))
        case FieldType.INTEGER | FieldType.NUMBER:
            whole = field.type is FieldType.INTEGER
            said = say(N_("Write a whole number.")) if whole else say(N_("Write a number."))
            return f"{said} {_between(field)}".strip()
        case _:
            return say(N_("At most {most} characters."), most=LONGEST)


def _hint(field: Field) -> str:
    return "，".join(part for part in (field.hint, _between(field), field.unit) if part)


def _between(field: Field) -> str:
    limits = ((">=", field.min), ("<=", field.max))
    return " ".join(f"{sign}{limit:g}" for sign, limit in limits if limit is not None)


def _set_up(page: Worksheet, sheet: Layout, form: Form, say: Translator) -> None:
    """Locked but for the open cells, rows high enough for their labels, one page wide on paper."""
    for at in range(1, sheet.width + 1):
        page.column_dimensions[get_column_letter(at)].width = _WIDTH
    for row, height in _heights(sheet):
        page.row_dimensions[row].height = max(height, page.row_dimensions[row].height or 0)
    page.protection.sheet = True
    page.protection.formatRows = page.protection.formatColumns = False
    page.freeze_panes = f"A{FIRST_ROW}"
    page.sheet_view.showGridLines = False
    page.page_setup.paperSize, page.page_setup.orientation = 9, "portrait" if sheet.width <= 8 else "landscape"
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    below = HeaderFooterItem()
    below.left.text = writable(f"{form.id}  {form.revision}").replace("&", "&&")
    below.right.text = say(N_("page {page} of {pages}"), page="&P", pages="&N")
    page.oddFooter = below


def _heights(sheet: Layout) -> Iterator[tuple[int, float]]:
    for one in sheet.opened:
        yield one.row, 22.0
    for printed in sheet.printed:
        lines = -(-max(0, wcswidth(printed.text)) // int(_WIDTH * printed.columns - 1)) / printed.rows
        yield printed.row, 8.0 + 14.0 * lines
