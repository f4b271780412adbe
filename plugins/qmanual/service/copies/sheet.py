"""The recall sheet: what must be brought back, as a PDF to sign and as a spreadsheet, in one folder."""

import tempfile
from pathlib import Path

from qmanual.language import N_, Translator
from qmanual.office import workbook
from qmanual.pdf import Failed, Job, Printers
from qmanual.render.copies import Row, by_holder, sheet_html, sheet_table
from qmanual.service.copies.register import rows
from qmanual.service.loading import Manual
from qmanual.whole import writing
from qmanual.workspace import CannotRun, writing_into

PDF, XLSX = "recall.pdf", "recall.xlsx"


def write_sheet(manual: Manual, folder: Path) -> tuple[Row, ...]:
    """Write both files; what stands on them. Raises `CannotRun` when they cannot be made."""
    say, found = Translator(manual.language), tuple(row for row in rows(manual) if row.due)
    organization = manual.register.organization
    departments = [one.name.value for one in organization.departments]
    groups = by_holder(found, [*departments, *(one.name.value for one in organization.people)])
    page = sheet_html(groups, manual.company, manual.today, manual.register.settings.copy_recall_days, say)
    with (
        tempfile.TemporaryDirectory(prefix="qmanual-copies-") as scratch,
        Printers(Path(scratch), workers=1) as printers,
    ):
        (outcome,) = printers.print_all([Job(PDF, PDF, page)], Path(scratch))
        if isinstance(outcome, Failed):
            raise CannotRun(N_("{id} could not be printed: {reason}"), id=PDF, reason=outcome.reason(say))
        data = (Path(scratch) / PDF).read_bytes()
    table = workbook([sheet_table(groups, say)], say, manual.company, manual.today)
    with writing_into(folder), writing({folder / PDF: data, folder / XLSX: table}):
        pass
    return found
