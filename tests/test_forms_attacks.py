"""What comes back may be anything: what is refused, why, and that nothing is read of it."""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from disk import DAY, Repo, write
from filled import FILES, NUMBER, PATH, SOUND_VALUES, TEXT, fill_pdf, fill_xlsx, place, saved
from openpyxl import load_workbook
from pikepdf import Array, Dictionary, Name, String

from qmanual.language import Translator
from qmanual.records import record_json
from qmanual.records.record import record_of
from qmanual.service.filled import Reader, Reading
from qmanual.service.forms import FORMATS, FormText, form_text, made
from qmanual.service.loading import Manual, load
from qmanual.service.publication import publication
from qmanual.workspace import CannotRun

ZH = Translator("zh")


@pytest.fixture(scope="module")
def manual(tmp_path_factory: pytest.TempPathFactory) -> Manual:
    return load(write(tmp_path_factory.mktemp("forms") / "手册", FILES), date.fromisoformat(DAY))


@pytest.fixture(scope="module")
def reader(manual: Manual) -> Reader:
    return Reader(manual)


@pytest.fixture(scope="module")
def text(manual: Manual) -> FormText:
    return form_text(publication(manual), NUMBER)


@pytest.fixture(scope="module")
def blank(text: FormText) -> Mapping[str, bytes]:
    return {name.rpartition(".")[2]: data for name, data in made(text, FORMATS).items()}


def refusal(reading: Reading) -> str:
    assert reading.record is None
    assert reading.refused is not None
    return reading.refused.said(ZH)


# -- PDF -----------------------------------------------------------------------------------------------------------


def _field(pdf: Any, name: str) -> Any:
    return next(one for one in pdf.Root.AcroForm.Fields if str(one.T) == name)


def _script_on_opening(pdf: Any) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _script_in_a_field(pdf: Any) -> None:
    _field(pdf, "检验员").AA = Dictionary(K=Dictionary(S=Name.JavaScript, JS=String("1")))


def _script_by_name(pdf: Any) -> None:
    script = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("1")))
    pdf.Root.Names.JavaScript = Dictionary(Names=Array([String("a"), script]))


def _launch(pdf: Any) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.Launch, F=String("x")))
    pdf.pages[0].Annots.append(pdf.make_indirect(link))


def _attachment(pdf: Any) -> None:
    pdf.attachments["开我.exe"] = b"MZ"


def _changed_attachment(pdf: Any) -> None:
    name = next(iter(pdf.attachments))
    del pdf.attachments[name]
    pdf.attachments[name] = b"{}"


def _printed_text(pdf: Any) -> None:
    data = pdf.pages[0].Contents.read_bytes()
    pdf.pages[0].Contents = pdf.make_stream(data.replace(b" Tj", b" Tj ", 1) + b"\n1 0 0 rg 50 50 99 9 re f")


def _font(pdf: Any) -> None:
    fonts = pdf.pages[0].Resources.Font
    first, second = sorted(fonts.keys())[:2]
    fonts[first], fonts[second] = fonts[second], fonts[first]


def _cover_up(pdf: Any) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FreeText, Rect=[50, 50, 200, 90], DA=String("/Helv 9 Tf"), Contents=String("合格")
    )
    pdf.pages[0].Annots.append(pdf.make_indirect(note))


def _move(pdf: Any) -> None:
    one, other = _field(pdf, "检验员"), _field(pdf, "主管")
    one.Rect, other.Rect = other.Rect, one.Rect


def _page_away(pdf: Any) -> None:
    del pdf.pages[-1]


def _field_away(pdf: Any) -> None:
    fields = pdf.Root.AcroForm.Fields
    pdf.Root.AcroForm.Fields = Array([one for one in fields if str(one.T) != "检验员"])


def _field_more(pdf: Any) -> None:
    pdf.Root.AcroForm.Fields.append(pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("检验员"), V=String("别人"))))


def _xfa(pdf: Any) -> None:
    pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp/>")


def _identity(at: int, text: str) -> Callable[[Any], None]:
    def change(pdf: Any) -> None:
        parts = str(_field(pdf, "qmanual").V).split("\n")
        parts[at] = text
        _field(pdf, "qmanual").V = String("\n".join(parts))

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_script_on_opening, "打开时会运行"),
        (_script_in_a_field, "脚本或动作"),
        (_script_by_name, "脚本或动作"),
        (_launch, "脚本或动作"),
        (_xfa, "脚本或动作"),
        (_attachment, "附件"),
        (_changed_attachment, "附件"),
        (_printed_text, "印好的内容"),
        (_font, "印好的内容"),
        (_cover_up, "批注、图形"),
        (_move, "移动了填写栏"),
        (_field_away, "字段与表单不一致"),
        (_field_more, "字段与表单不一致"),
        (_identity(0, "QR-9"), "没有表单 QR-9"),
        (_identity(1, "Z/9"), "没有 Z/9 版"),
        (_identity(2, "0" * 64), "与发放的不一致"),
    ],
)
def test_pdf_is_refused(
    change: Callable[[Any], None], said: str, reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    with pikepdf.open(io.BytesIO(fill_pdf(blank["pdf"], text.form, SOUND_VALUES))) as pdf:
        change(pdf)
        pdf.save(tmp_path / "a.pdf")
    assert said in refusal(reader.read(tmp_path / "a.pdf"))


def test_pdf_with_a_page_less_or_more(
    reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    with pikepdf.open(io.BytesIO(blank["pdf"])) as pdf:
        pdf.add_blank_page()
        pdf.save(tmp_path / "a.pdf")
    assert "页" in refusal(reader.read(tmp_path / "a.pdf"))


def test_pdf_saved_anew_by_another_program_is_taken(
    reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    """Packed and numbered anew, another producer, a flag for the viewer: the page is the same."""
    with pikepdf.open(io.BytesIO(fill_pdf(blank["pdf"], text.form, SOUND_VALUES))) as pdf:
        pdf.Root.AcroForm.NeedAppearances = True
        pdf.docinfo["/Producer"] = "Another"
        pdf.save(
            tmp_path / "a.pdf", recompress_flate=True, object_stream_mode=pikepdf.ObjectStreamMode.generate,
            linearize=True,
        )  # fmt: skip
    reading = reader.read(tmp_path / "a.pdf")
    assert (reading.refused, reading.troubles) == (None, ())


def test_tick_that_is_not_shown_is_told(
    reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    with pikepdf.open(io.BytesIO(fill_pdf(blank["pdf"], text.form, SOUND_VALUES))) as pdf:
        _field(pdf, "隔离措施/红色标签").AS = Name.Off
        _field(pdf, "处置方式").V = Name("/1")
        pdf.save(tmp_path / "a.pdf")
    reading = reader.read(tmp_path / "a.pdf")
    told = {trouble.place: trouble.said(ZH) for trouble in reading.troubles}
    assert told["隔离措施 · 红色标签"] == told["处置方式*"] == "页面显示的勾选与字段保存的值不一致"


def test_encrypted_pdf(reader: Reader, blank: Mapping[str, bytes], tmp_path: Path) -> None:
    for user in ("geheim", ""):
        with pikepdf.open(io.BytesIO(blank["pdf"])) as pdf:
            pdf.save(tmp_path / "a.pdf", encryption=pikepdf.Encryption(owner="x", user=user))
        assert "已加密" in refusal(reader.read(tmp_path / "a.pdf"))


def test_pdf_that_unpacks_without_end(
    reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    with pikepdf.open(io.BytesIO(blank["pdf"])) as pdf:
        packed = zlib.compress(bytes(400_000_000), 1)
        pdf.pages[0].Contents = pikepdf.Stream(pdf, packed, Filter=Name.FlateDecode)
        pdf.save(tmp_path / "a.pdf", stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    refusal(reader.read(tmp_path / "a.pdf"))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"a" * 5000, b"%PDF-1.7\n1 0 obj<</A 1 0 R>>endobj trailer<</Root 1 0 R>>"]
)
def test_broken_pdf(data: bytes, reader: Reader, tmp_path: Path) -> None:
    refusal(reader.read(place(tmp_path, "a.pdf", data)))


def test_pdf_of_somebody_else(reader: Reader, tmp_path: Path) -> None:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(tmp_path / "a.pdf")
    assert "没有说明是哪张表单" in refusal(reader.read(tmp_path / "a.pdf"))


def test_blank_form_at_hand_decides(manual: Manual, text: FormText, blank: Mapping[str, bytes], tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(blank["pdf"])) as pdf:
        _printed_text(pdf)
        pdf.save(tmp_path / "issued.pdf")
    filled = fill_pdf((tmp_path / "issued.pdf").read_bytes(), text.form, SOUND_VALUES)
    file = place(tmp_path, "a.pdf", filled)
    said = refusal(Reader(manual).read(file))
    assert "不一致" in said and "--template" in said, "it says what to do with a form of last year"
    assert Reader(manual, template=(tmp_path / "issued.pdf").read_bytes()).read(file).refused is None
    for bad in (b"", b"no pdf", (tmp_path / "issued.pdf").read_bytes()[:300]):
        assert "用来比对的空白表" in refusal(Reader(manual, template=bad).read(file))


# -- xlsx ----------------------------------------------------------------------------------------------------------


def _cell(book: Any, said: str) -> Any:
    return next(cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == said)


@pytest.mark.parametrize(
    ("said", "put", "refused"),
    [
        ("工业开关电源 CY-240", "=1+1", "是公式"),
        ("工业开关电源 CY-240", '=HYPERLINK("http://x","y")', "是公式"),
        ("检验员", "主管", "印好的文字被改动"),
        ("返工后复检", "=cmd|' /C calc'!A0", "是公式"),
    ],
)
def test_xlsx_is_refused(
    said: str, put: str, refused: str, reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    book = load_workbook(io.BytesIO(fill_xlsx(blank["xlsx"], text.form, SOUND_VALUES)))
    _cell(book, said).value = put
    assert refused in refusal(reader.read(place(tmp_path, "a.xlsx", saved(book))))


@pytest.mark.parametrize(
    ("row", "put", "refused"),
    [(1, "QR-9", "没有表单"), (2, "Z/9", "没有 Z/9 版"), (3, "0" * 64, "与发放的不一致"), (1, None, "没有说明")],
)
def test_xlsx_of_another_form(
    row: int, put: str | None, refused: str, reader: Reader, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    book = load_workbook(io.BytesIO(blank["xlsx"]))
    book["_qmanual"].cell(row, 1).value = put
    assert refused in refusal(reader.read(place(tmp_path, "a.xlsx", saved(book))))


def _packed(blank: bytes, more: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(blank)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part not in more:
                new.writestr(part, old.read(part))
        for name, data in more.items():
            new.writestr(name, data)
    return out.getvalue()


def test_zip_bomb_is_never_opened(
    reader: Reader, blank: Mapping[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("it was opened")

    monkeypatch.setattr("qmanual.office_forms.reading.load_workbook", opened)
    bomb = _packed(blank["xlsx"], {"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 60_000_000})
    assert len(bomb) < 200_000
    assert "解压后有" in refusal(reader.read(place(tmp_path, "a.xlsx", bomb)))
    many = _packed(blank["xlsx"], {f"xl/media/{at}.png": b"" for at in range(300)})
    assert "解压后有" in refusal(reader.read(place(tmp_path, "b.xlsx", many)))


@pytest.mark.parametrize(
    "name",
    [
        "xl/vbaProject.bin",
        "xl/externalLinks/externalLink1.xml",
        "xl/embeddings/oleObject1.bin",
        "xl/activeX/activeX1.xml",
    ],
)
def test_xlsx_with_a_program(name: str, reader: Reader, blank: Mapping[str, bytes], tmp_path: Path) -> None:
    data = _packed(blank["xlsx"], {name: b"MZ"})
    assert "宏、外部链接" in refusal(reader.read(place(tmp_path, "a.xlsx", data)))


def test_spreadsheet_in_another_format_is_told_how_to_be_saved(reader: Reader, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "请另存为 .xlsx" in refusal(reader.read(place(tmp_path, "a.ods", out.getvalue())))


def test_xlsx_with_entities(reader: Reader, blank: Mapping[str, bytes], tmp_path: Path) -> None:
    book = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'
    assert "已损坏" in refusal(
        reader.read(place(tmp_path, "a.xlsx", _packed(blank["xlsx"], {"xl/workbook.xml": book})))
    )


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_broken_xlsx(data: bytes, reader: Reader, tmp_path: Path) -> None:
    refusal(reader.read(place(tmp_path, "a.xlsx", data)))


def test_error_and_wrong_tick_are_told(
    reader: Reader, text: FormText, blank: Mapping[str, bytes], tmp_path: Path
) -> None:
    book = load_workbook(io.BytesIO(fill_xlsx(blank["xlsx"], text.form, SOUND_VALUES)))
    _cell(book, "√").value = "也许"
    cell = _cell(book, "返工后复检")
    cell.value, cell.data_type = "#REF!", "e"
    reading = reader.read(place(tmp_path, "a.xlsx", saved(book)))
    told = [f"{trouble.place}：{trouble.said(ZH)}" for trouble in reading.troubles]
    assert any("“也许”不是勾选" in one for one in told)
    assert any("是错误值" in one for one in told)


def test_no_label_of_the_template_is_a_formula(blank: Mapping[str, bytes]) -> None:
    book = load_workbook(io.BytesIO(blank["xlsx"]))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    strange = [cell for cell in cells if str(cell.value).startswith("=")]
    assert [cell.value for cell in strange] == ["=公差"]
    assert all(cell.quotePrefix for cell in strange)
    assert all(not cell.protection.locked for cell in book.worksheets[0][5][2:3])
    assert book.worksheets[0].protection.sheet


# -- records -------------------------------------------------------------------------------------------------------


def test_record_of_another_text(reader: Reader, text: FormText, tmp_path: Path) -> None:
    record = record_of(text.form, SOUND_VALUES)
    for changed, said in (
        (replace(record, form="QR-9"), "没有表单"),
        (replace(record, revision="Z/9"), "没有 Z/9 版"),
        (replace(record, digest=""), "与发放的不一致"),
    ):
        assert said in refusal(reader.read(place(tmp_path, "a.json", record_json(changed).encode())))


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe\x00", b"[1]", b"{" * 10_000, b'{"form": "QR-8.7-01"}', b"x" * 6_000_000]
)
def test_no_record(data: bytes, reader: Reader, tmp_path: Path) -> None:
    refusal(reader.read(place(tmp_path, "a.json", data)))


def test_the_page_itself(reader: Reader, blank: Mapping[str, bytes], tmp_path: Path) -> None:
    assert "保存记录" in refusal(reader.read(place(tmp_path, "a.html", blank["html"])))


def test_only_the_form_that_was_asked_for(manual: Manual, text: FormText, tmp_path: Path) -> None:
    file = place(tmp_path, "a.json", record_json(record_of(text.form, SOUND_VALUES)).encode())
    assert "不是 QR-7.5-01 的" in refusal(Reader(manual, only="QR-7.5-01").read(file))
    assert Reader(manual, only=NUMBER).read(file).refused is None


def test_records_of_older_releases_are_read_as_they_were(tmp_path: Path) -> None:
    """A form is revised while blanks of its last revision are filled in: both are read, each by its own text."""
    repo = Repo(tmp_path / "手册")
    signed = "reviewed: {by: 王强, date: 2026-05-12}\napproved: {by: 陈刚, date: 2026-05-15}\n"
    ready = TEXT.replace("prepared: {by", f"effective: 2026-05-20\n{signed}prepared: {{by")
    repo.commit({**FILES, PATH: ready}, day="2026-05-20")
    repo.release("2026-05", day="2026-05-20")
    day = date.fromisoformat("2026-06-15")
    first = form_text(publication(load(repo.root, day)), NUMBER)
    blank = made(first, ["pdf"])["QR-8.7-01_A-0.pdf"]
    newer = (
        ready.replace("A/0\nowner", "A/1\nowner")
        .replace("| 温度 ", "| 室温 ")
        .replace("changes:\n", "changes:\n  - {revision: A/1, date: 2026-06-01, by: 李静, summary: 改室温}\n")
        .replace("effective: 2026-05-20", "effective: 2026-06-10")
    )
    repo.commit({PATH: newer}, day="2026-06-05")
    repo.release("2026-06", day="2026-06-05")
    reader = Reader(load(repo.root, day))
    old = reader.read(place(tmp_path, "old.pdf", fill_pdf(blank, first.form, {"温度": "25"})))
    assert old.record is not None
    assert (old.record.revision, old.record.values) == ("A/0", {"温度": "25"})
    assert [note.said(ZH) for note in old.notes] == ["填写时所用的版本已不再有效（作废（被替代））"]
    now = form_text(publication(load(repo.root, day)), NUMBER)
    fresh = reader.read(place(tmp_path, "new.json", record_json(record_of(now.form, {"室温": "25"})).encode()))
    assert fresh.record is not None
    assert (fresh.record.revision, fresh.notes) == ("A/1", ())
    gone = newer.replace("changes:\n", "withdrawn: {date: 2026-06-12, by: 陈刚, reason: 改用系统}\nchanges:\n", 1)
    repo.commit({PATH: gone}, day="2026-06-11")
    repo.release("2026-06b", day="2026-06-11")
    with pytest.raises(CannotRun, match="is withdrawn since"):
        form_text(publication(load(repo.root, day)), NUMBER)
    late = Reader(load(repo.root, day)).read(tmp_path / "old.pdf")
    assert late.record == old.record
