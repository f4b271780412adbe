"""The same content gives the same record, whichever way it was filled in and read back."""

import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdf
import pytest
from disk import DAY, write
from filled import (
    FILES,
    NUMBER,
    SOUND_VALUES,
    TEXTS,
    fill_pdf,
    fill_xlsx,
    place,
    values,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from playwright.sync_api import Page, sync_playwright

from qmanual.model import FieldType
from qmanual.office_forms import read_sheet
from qmanual.pdf.filled import FilledPdf
from qmanual.records import Form, gather, record_json, slots, validate
from qmanual.records.record import record_of
from qmanual.service.filled import Reader
from qmanual.service.forms import FORMATS, FormText, form_text, made
from qmanual.service.loading import Manual, load
from qmanual.service.publication import publication

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Manual:
    from datetime import date

    return load(write(tmp_path_factory.mktemp("forms") / "手册", FILES), date.fromisoformat(DAY))


@pytest.fixture(scope="module")
def text(manual: Manual) -> FormText:
    return form_text(publication(manual), NUMBER)


@pytest.fixture(scope="module")
def blank(text: FormText) -> Mapping[str, bytes]:
    """The form to fill in, by the ending of its file."""
    return {name.rpartition(".")[2]: data for name, data in made(text, FORMATS).items()}


@pytest.fixture(scope="module")
def page(blank: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of the form, opened from a file by a browser without a network."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    file = place(tmp_path_factory.mktemp("page"), "form.html", blank["html"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(offline=True)
        shown = context.new_page()
        troubles: list[str] = []
        shown.on("pageerror", lambda error: troubles.append(str(error)))
        shown.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        shown.goto(file.as_uri())
        yield shown
        assert troubles == []
        browser.close()


def through_pdf(blank: bytes, form: Form, content: Mapping[str, object]) -> dict[str, object]:
    with FilledPdf(fill_pdf(blank, form, content)) as pdf:
        pdf.compare(blank)
        filled = pdf.read(form)
    assert filled.troubles == ()
    return gather(form, filled.found)


def through_xlsx(blank: bytes, form: Form, content: Mapping[str, object]) -> dict[str, object]:
    found, troubles = read_sheet(fill_xlsx(blank, form, content)).read(form)
    assert troubles == ()
    return gather(form, found)


@FEW
@given(data=st.data())
def test_pdf(text: FormText, blank: Mapping[str, bytes], data: st.DataObject) -> None:
    content = record_of(text.form, data.draw(values(text.form))).values
    assert through_pdf(blank["pdf"], text.form, content) == content


@FEW
@given(data=st.data())
def test_xlsx(text: FormText, blank: Mapping[str, bytes], data: st.DataObject) -> None:
    content = record_of(text.form, data.draw(values(text.form))).values
    assert through_xlsx(blank["xlsx"], text.form, content) == content


@FEW
@given(data=st.data())
def test_page(text: FormText, page: Page, data: st.DataObject) -> None:
    """What is opened in the page is what it saves, and it finds wrong what the reader finds wrong."""
    record = record_of(text.form, data.draw(values(text.form)))
    page.evaluate("record => window.qmanual.fill(record)", json.loads(record_json(record)))
    saved = page.evaluate("JSON.stringify(window.qmanual.collect())")
    assert record_of(text.form, json.loads(saved)["values"]) == record
    assert json.loads(saved) == json.loads(record_json(record))
    assert page.evaluate("window.qmanual.check().map(one => one.place)") == [
        trouble.place for trouble in validate(text.form, record.values)
    ]


NUMBERS = ["12", "１２ 件", "1,200件", "12.0", "-3", "−3", "007", "12.5", "一二", "1e3", "1,20", "+3",
           "12345678901234567", ".5", "5.", " 8 ", "0x10", "1_000", "٣", "件"]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(typed=st.one_of(st.sampled_from(NUMBERS), st.text("0123456789.,-+eE 件", max_size=8)))
def test_the_page_reads_numbers_as_the_program_does(text: FormText, page: Page, typed: str) -> None:
    for key in ("数量", "损失"):
        page.evaluate("values => window.qmanual.fill({values})", {key: typed})
        saved = json.loads(page.evaluate("JSON.stringify(window.qmanual.collect())"))
        assert saved["values"] == record_of(text.form, {key: typed}).values


@settings(max_examples=60, deadline=None)
@given(typed=TEXTS)
def test_the_page_reads_texts_as_the_program_does(text: FormText, page: Page, typed: str) -> None:
    page.evaluate("values => window.qmanual.fill({values})", {"不合格描述": typed})
    saved = json.loads(page.evaluate("JSON.stringify(window.qmanual.collect())"))
    assert saved["values"] == record_of(text.form, {"不合格描述": typed}).values


def test_all_ways_give_one_record(
    text: FormText, blank: Mapping[str, bytes], page: Page, manual: Manual, tmp_path: Path
) -> None:
    record = record_of(text.form, SOUND_VALUES)
    page.evaluate("record => window.qmanual.fill(record)", json.loads(record_json(record)))
    with page.expect_download() as download:
        page.click("button[data-do=save]")
    assert "填写完整" in page.inner_text("#qm-told")
    files = {
        "a.pdf": fill_pdf(blank["pdf"], text.form, SOUND_VALUES),
        "a.xlsx": fill_xlsx(blank["xlsx"], text.form, SOUND_VALUES),
        "a.json": record_json(record).encode(),
        "page.json": Path(download.value.path()).read_bytes(),
    }
    assert download.value.suggested_filename.startswith("QR-8.7-01_A-0_")
    reader = Reader(manual)
    for name, data in files.items():
        reading = reader.read(place(tmp_path, name, data))
        assert (name, reading.refused, reading.troubles) == (name, None, ())
        assert reading.record == record


def test_page_opens_only_records_of_its_text(text: FormText, page: Page, tmp_path: Path) -> None:
    record = record_of(text.form, SOUND_VALUES)
    cases = {
        "已打开": record,
        "另一张表单": replace(record, form="QR-1"),
        "B/0 版": replace(record, revision="B/0"),
        "A/0 版": replace(record, digest="0" * 64),
    }
    for at, (said, one) in enumerate(cases.items()):  # a file that changes while a browser holds it cannot be read
        page.set_input_files("#qm-file", place(tmp_path, f"{at}.json", record_json(one).encode()))
        page.wait_for_function("said => document.getElementById('qm-told').innerText.includes(said)", arg=said)
    page.set_input_files("#qm-file", place(tmp_path, "r.json", b"{"))
    page.wait_for_function("document.getElementById('qm-told').innerText.includes('不是表单的记录')")


def test_page_tells_what_is_wrong_and_asks_nobody(page: Page, blank: Mapping[str, bytes]) -> None:
    page.evaluate("window.qmanual.fill({values: {数量: 0, 处置方式: '让步接收'}})")
    page.click("button[data-do=check]")
    told = page.inner_text("#qm-told")
    assert "数量：小于最小值 1件" in told
    assert "顾客批准：必须填写：写明批准文件号" in told
    assert "处置单编号：必须填写" in told
    html = blank["html"].decode()
    assert "default-src 'none'" in html
    assert not re.search(r"""(?:src|href|action|url)\s*[=(:]\s*["']?(?:https?:|//|file:)""", html)


def test_filled_with_pypdf(text: FormText, blank: Mapping[str, bytes]) -> None:
    """Another library's way to fill in: it draws the texts itself, and sets circles by their state."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(blank["pdf"]))
    typed = {"number": "NCR-2026-001", "产品名称(型号)": "电源", "处置方式": "/1", "隔离措施/红色标签": "/Yes",
             "开单日期/year": "2026", "开单日期/month": "5", "开单日期/day": "1"}  # fmt: skip
    for shown in writer.pages:
        writer.update_page_form_field_values(shown, typed, auto_regenerate=False)
    out = io.BytesIO()
    writer.write(out)
    with FilledPdf(out.getvalue()) as pdf:
        pdf.compare(blank["pdf"])
        filled = pdf.read(text.form)
    assert gather(text.form, filled.found) == {
        "number": "NCR-2026-001", "开单日期": "2026-05-01", "产品名称(型号)": "电源", "隔离措施": ["红色标签"],
        "处置方式": "让步接收",
    }  # fmt: skip


def test_circles_named_by_digits_are_not_taken_for_places(text: FormText, blank: Mapping[str, bytes]) -> None:
    """The options ○1 ○0 are the third and the fourth circle: `/2` and `/3`, never the second and the first."""
    for option in ("返工", "让步接收", "1", "0"):
        assert through_pdf(blank["pdf"], text.form, {"处置方式": option}) == {"处置方式": option}
    with pikepdf.open(io.BytesIO(fill_pdf(blank["pdf"], text.form, {"处置方式": "1"}))) as pdf:
        field = next(one for one in pdf.Root.AcroForm.Fields if str(one.T) == "处置方式")
        field.V = pikepdf.String("1")  # as some viewers write the option's text
        out = io.BytesIO()
        pdf.save(out)
    with FilledPdf(out.getvalue()) as read:
        assert gather(text.form, read.read(text.form).found) == {"处置方式": "1"}


def test_chinese_dates_typed_into_a_spreadsheet(text: FormText, blank: Mapping[str, bytes]) -> None:
    book = load_workbook(io.BytesIO(fill_xlsx(blank["xlsx"], text.form, {"开单日期": "2026-01-01"})))
    cell = next(cell for row in book.worksheets[0].iter_rows() for cell in row if getattr(cell, "is_date", False))
    for typed in ("2026年5月1日", "2026/5/1", "二〇二六年五月一日"):
        cell.value = typed
        out = io.BytesIO()
        book.save(out)
        assert gather(text.form, read_sheet(out.getvalue()).read(text.form)[0]) == {"开单日期": "2026-05-01"}


def test_half_a_date_is_told(text: FormText, blank: Mapping[str, bytes]) -> None:
    with pikepdf.open(io.BytesIO(blank["pdf"])) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            if str(field.T) == "开单日期/year":
                field.V = pikepdf.String("2026")
        out = io.BytesIO()
        pdf.save(out)
    with FilledPdf(out.getvalue()) as read:
        content = gather(text.form, read.read(text.form).found)
    assert [trouble.place for trouble in validate(text.form, content)][1] == "开单日期"


def test_every_slot_has_a_field_and_a_cell(text: FormText, blank: Mapping[str, bytes]) -> None:
    with FilledPdf(blank["pdf"]) as pdf:
        names = set(pdf.fields)
    wanted = {slot.name for slot in slots(text.form) if slot.field.type is not FieldType.DATE or slot.table}
    dates = {f"{key}/{part}" for key in ("开单日期", "检验员日期", "主管日期") for part in ("year", "month", "day")}
    assert names == wanted | dates | {"qmanual"}
