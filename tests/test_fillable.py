"""The fillable PDF: looks as printed, takes Chinese, is archival and can be read out; and numbered blanks."""

import io
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from disk import DAY, write
from filled import FILES, NUMBER, SOUND_VALUES, fill_pdf
from pypdf import PdfReader

from qmanual.pdf.printed_page import page_digest
from qmanual.pdf.typing_font import face, glyphs
from qmanual.records import slots
from qmanual.render.form_blanks import NoNumber, serial_numbers
from qmanual.service.forms import FormText, blanks, form_text, made, print_jobs
from qmanual.service.loading import load
from qmanual.service.publication import publication
from qmanual.workspace import CannotRun


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> FormText:
    root = write(tmp_path_factory.mktemp("forms") / "手册", FILES)
    return form_text(publication(load(root, date.fromisoformat(DAY))), NUMBER)


@pytest.fixture(scope="module")
def data(text: FormText) -> bytes:
    return made(text, ["pdf"])["QR-8.7-01_A-0.pdf"]


@pytest.fixture(scope="module")
def pdf(data: bytes) -> Iterator[Any]:
    with pikepdf.open(io.BytesIO(data)) as opened:
        yield opened


@pytest.fixture(scope="module")
def numbered(text: FormText) -> bytes:
    return blanks(text, 3, "NCR-2026-009")["QR-8.7-01_A-0_3.pdf"]


def widgets(pdf: Any) -> list[Any]:
    return [one for page in pdf.pages for one in page.get("/Annots", []) if one.Subtype == "/Widget"]


def test_looks_as_the_form_is_printed(text: FormText, pdf: Any) -> None:
    plain = print_jobs(text.shown, [text.job(text.entry, text.html(text.entry, fill=False), fill=False)])[0]
    with pikepdf.open(io.BytesIO(plain)) as printed:
        assert "/AcroForm" not in printed.Root
        assert [page_digest(page.obj) for page in pdf.pages] == [page_digest(page.obj) for page in printed.pages]


def test_fields_in_reading_order(text: FormText, pdf: Any) -> None:
    names = [str(field.T).removesuffix("/year") for field in pdf.Root.AcroForm.Fields]
    read = [name for name in names if not name.endswith(("/month", "/day"))]
    assert read == [*(slot.name for slot in slots(text.form)), "qmanual"]
    assert all(page.Tabs == "/S" for page in pdf.pages)


def test_every_widget_has_what_archives_and_readers_ask(pdf: Any) -> None:
    """ISO 19005-3, 6.3 and 6.4: an appearance, printed, no action; ISO 14289-1, 7.18: a name, a place in the tags."""
    found = widgets(pdf)
    assert len(found) > 60
    for one in found:
        assert int(one.F) == 4
        assert str(one.TU)
        assert "/AP" in one and set(one.AP.keys()) == {"/N"}
        assert not {"/A", "/AA", "/MK"} & set(one.keys())
    assert not {"/XFA", "/NeedAppearances"} & set(pdf.Root.AcroForm.keys())
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    tree = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
    for one in found:
        element = tree[int(one.StructParent)]
        assert element.S == "/Form"
        assert element.K[0].Obj.objgen == one.objgen
        assert element.P.S in ("/TD", "/TH", "/P")


def test_names_say_what_is_asked(pdf: Any) -> None:
    told = {str(one.TU) for one in widgets(pdf)}
    assert "处置单编号*（NCR-2026-001）" in told
    assert "数量*（件）" in told
    assert "开单日期* · 年 YYYY" in told
    assert "项目… · 2 · 复检日期（YYYY-MM-DD）" in told
    assert "处置方式* · 返工" in told
    assert "隔离措施 · 其他" in told


def test_what_is_typed_can_be_drawn(pdf: Any) -> None:
    font = next(iter(pdf.Root.AcroForm.DR.Font.values()))
    inner = font.DescendantFonts[0]
    assert len(inner.FontDescriptor.FontFile3.read_bytes()) == face().length
    assert len(font.ToUnicode.read_bytes()) > 100_000
    gb2312 = {bytes([row, cell]).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)}
    assert gb2312 | set("0123456789AZaz-/.,%℃×±，。；：（）·—～／“”…–　Ω≤≥√①㎡") <= glyphs().keys()


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")
def test_typed_chinese_shows(text: FormText, data: bytes, tmp_path: Path) -> None:
    """Poppler draws what was typed, blue, where the blank is; nothing blue is on a form that nobody filled in."""
    typed = fill_pdf(data, text.form, SOUND_VALUES)
    with pikepdf.open(io.BytesIO(typed)) as opened:
        opened.Root.AcroForm.NeedAppearances = True
        opened.save(tmp_path / "typed.pdf")
    (tmp_path / "blank.pdf").write_bytes(data)
    blue = {}
    for name in ("typed", "blank"):
        command = ["pdftoppm", "-r", "72", "-f", "1", "-l", "1", str(tmp_path / f"{name}.pdf")]
        image = subprocess.run(command, capture_output=True, check=True).stdout
        points = image.split(b"\n", 3)[3]
        at = range(0, len(points) - 2, 3)
        blue[name] = sum(points[i + 2] > points[i] + 60 and points[i] < 120 for i in at)
    assert blue["blank"] == 0
    assert blue["typed"] > 300


def test_says_which_form_it_is(text: FormText, data: bytes, pdf: Any) -> None:
    held = next(field for field in pdf.Root.AcroForm.Fields if str(field.T) == "qmanual")
    assert str(held.V).split("\n") == [NUMBER, "A/0", text.form.digest]
    assert int(held.Ff) & 1
    assert f"<qm:digest>{text.form.digest}</qm:digest>".encode() in data
    assert "record.schema.json" in pdf.attachments


def test_same_form_same_bytes(text: FormText, data: bytes) -> None:
    assert made(text, ["pdf"])["QR-8.7-01_A-0.pdf"] == data
    assert made(text, ["xlsx", "html", "schema"]) == made(text, ["xlsx", "html", "schema"])


@pytest.mark.parametrize("kind", ["fillable", "filled", "blanks"])
def test_checkers_find_no_error(kind: str, text: FormText, data: bytes, numbered: bytes, tmp_path: Path) -> None:
    files: Mapping[str, bytes] = {
        "fillable": data, "filled": fill_pdf(data, text.form, SOUND_VALUES), "blanks": numbered
    }  # fmt: skip
    file = tmp_path / "a.pdf"
    file.write_bytes(files[kind])
    folder = Path(sys.executable).parent
    heard = subprocess.run([folder / "outloud", file], capture_output=True, text=True, check=False)
    assert " 0 error(s)" in heard.stdout, heard.stdout
    checked = subprocess.run([folder / "pdfua", "check", file], capture_output=True, text=True, check=False)
    assert "errors=0" in checked.stdout, checked.stdout


class TestBlanks:
    def test_number_on_every_page_and_pages_of_their_own(self, numbered: bytes) -> None:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(numbered)).pages]
        count = len(pages) // 3
        for at, page in enumerate(pages):
            assert f"NCR-2026-{9 + at // count:03}" in page.replace(" ", "")
            assert f"第{at % count + 1}页共{count}页" in page.replace(" ", "")

    def test_is_for_the_pen(self, numbered: bytes) -> None:
        with pikepdf.open(io.BytesIO(numbered)) as pdf:
            assert "/AcroForm" not in pdf.Root
            assert b"NCR-2026-009 - NCR-2026-011" in numbered

    @pytest.mark.parametrize(
        ("first", "last"),
        [("A-001", "A-050"), ("2026-07/0951A", "2026-07/1000A"), ("001", "050"), ("表-第001号", "表-第050号")],
    )
    def test_numbers(self, first: str, last: str) -> None:
        found = serial_numbers(first, 50)
        assert (found[0], found[-1], len(set(found))) == (first, last, 50)

    @pytest.mark.parametrize("first", ["", "A", "A-9", "A-951", "第一号"])
    def test_no_number_to_count_on_from(self, first: str) -> None:
        with pytest.raises(NoNumber):
            serial_numbers(first, 50)

    @pytest.mark.parametrize(
        ("count", "first"), [(0, "1"), (501, "001"), (-1, "1"), (5, "x"), (1, "1\n2"), (1, "1" * 61)]
    )
    def test_refused(self, count: int, first: str, text: FormText) -> None:
        with pytest.raises(CannotRun):
            blanks(text, count, first)

    def test_number_cannot_become_markup(self, text: FormText) -> None:
        made_ = blanks(text, 1, '<b>&"1')
        assert '<b>&"1' in PdfReader(io.BytesIO(next(iter(made_.values())))).pages[0].extract_text().replace(" ", "")
