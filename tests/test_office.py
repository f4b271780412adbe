"""The spreadsheets, read back: dates are dates, text is text, and the same table gives the same bytes."""

import io
import time
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from test_tables import FORM, PROCEDURE, manual, seen

from qmanual import office
from qmanual.language import Translator
from qmanual.render import matrix, tables
from qmanual.render.tables import Column, Table

SAY = Translator("en")
TODAY = date(2026, 6, 15)


def opened(data: bytes) -> Any:
    """The only sheet of the file."""
    return load_workbook(io.BytesIO(data)).worksheets[0]


def of_texts(*texts: str) -> bytes:
    """A sheet with these texts below each other."""
    table = Table(title="T", columns=(Column("A", 20),), rows=tuple((text,) for text in texts))
    return office.workbook([table], SAY, "公司", TODAY)


@pytest.fixture(scope="module")
def sheet() -> Any:
    rows = tables.register_rows(seen(manual(PROCEDURE, FORM)))
    return opened(office.workbook([tables.register_table(rows, SAY)], SAY, "示例 & 公司", TODAY))


class TestRegister:
    def test_cells(self, sheet: Any) -> None:
        assert [cell.value for cell in sheet[1]][:3] == ["Document number", "Document title", "Kind"]
        assert [cell.value for cell in sheet[2]][:4] == ["QP-8.4-01", "采购程序", "Procedure", "A/1"]

    def test_dates_are_dates(self, sheet: Any) -> None:
        effective = sheet.cell(2, 6)
        assert effective.value == datetime(2026, 3, 1)
        assert (effective.is_date, effective.number_format) == (True, "yyyy-mm-dd")
        assert sheet.cell(3, 6).value is None

    def test_heading_stays_and_filters(self, sheet: Any) -> None:
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == "A1:M3"

    def test_print(self, sheet: Any) -> None:
        setup = sheet.page_setup
        assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, 1, 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.print_area.endswith("$A$1:$J$3")
        assert sheet.oddHeader.left.text == "示例 && 公司"
        assert "&P" in sheet.oddFooter.center.text

    def test_columns_are_wide_enough_for_chinese(self, sheet: Any) -> None:
        assert sheet.column_dimensions["B"].width >= 2 * len("供方评价表")
        assert all(dimension.width <= 40 for dimension in sheet.column_dimensions.values())


class TestMatrices:
    def test_clauses(self) -> None:
        table = matrix.clause_table(matrix.clause_rows(manual(PROCEDURE), "zh"), SAY)
        page = opened(office.workbook([table], SAY, "公司", TODAY))
        found = {row[1].value: row[3].value for row in page.iter_rows(min_row=2) if row[0].value == "ISO 9001:2015"}
        assert found["8.4"] == "QP-8.4-01"
        assert page.freeze_panes == "D2"

    def test_responsibilities(self) -> None:
        of = manual(PROCEDURE)
        rows, names = matrix.responsibility_rows(of, "zh"), matrix.departments(of)
        page = opened(office.workbook([matrix.responsibility_table(rows, names, SAY)], SAY, "公司", TODAY))
        line = next(row for row in page.iter_rows(min_row=2) if row[1].value == "8.4")
        assert [cell.value for cell in line][3:] == ["○", None, "●"]
        assert line[3].alignment.horizontal == "center"

    def test_an_empty_table_is_a_sheet(self) -> None:
        assert opened(office.workbook([tables.register_table([], SAY)], SAY, "", TODAY)).auto_filter.ref == "A1:M1"


class TestText:
    @pytest.mark.parametrize(
        "text", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", " =1", "#N/A", "1.10", "TRUE", "2026-01-01"]
    )
    def test_text_is_never_a_formula_or_a_number(self, text: str) -> None:
        cell = opened(of_texts(text)).cell(2, 1)
        assert (cell.value, cell.data_type) == (text, "s")
        assert cell.quotePrefix is (text.lstrip()[0] in "=+-@")

    def test_no_formula_in_the_file(self) -> None:
        with zipfile.ZipFile(io.BytesIO(of_texts("=1+1", "@x"))) as file:
            assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")

    @settings(max_examples=50, deadline=None)
    @given(st.text())
    def test_any_text_can_be_written(self, text: str) -> None:
        assert opened(of_texts(text, text)) is not None

    def test_what_a_file_cannot_hold(self) -> None:
        page = opened(of_texts("a\x00b\x0bc\ufffe", "x" * 40_000, "_x0041_"))
        assert page.cell(2, 1).value == "a\ufffdb\ufffdc\ufffd"
        assert len(page.cell(3, 1).value) == office.LONGEST
        assert page.cell(4, 1).value == "_x005F_x0041_"  # as a file says the plain text _x0041_

    def test_a_title_that_is_no_sheet_name(self) -> None:
        table = Table(title="[a]/b:*?" + "长" * 40, columns=(Column("A", 5),), rows=())
        assert len(opened(office.workbook([table], SAY, "", TODAY)).title) <= 31


class TestBytes:
    def test_the_same_table_gives_the_same_bytes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = of_texts("a", "b")
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 100_000)
        assert of_texts("a", "b") == first

    def test_no_clock_in_the_file(self) -> None:
        with zipfile.ZipFile(io.BytesIO(of_texts("a"))) as file:
            assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = file.read("docProps/core.xml").decode()
        assert core.count("2026-06-15T00:00:00Z") == 2
