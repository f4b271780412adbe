"""The company's look: what the settings take, what its files may hold, and what of it stands on the page."""

import re
import struct
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import outloud
import pdfua
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from manuals import check, register
from test_pdf import print_all
from test_print import FORM, HEADER, bodies, entry

from qmanual.control.evidence import Evidence
from qmanual.control.status import Status
from qmanual.finding import FaultKind
from qmanual.fonts import FOLDER
from qmanual.language import Translator
from qmanual.model import Text
from qmanual.model.branding import Branding, Colour, Cover, Field, Look, Slot, Weight
from qmanual.parse.branding import font_ending, logo_ending
from qmanual.parse.settings import read_settings
from qmanual.pdf import Job, Printed
from qmanual.pdf.pictures import named, picture
from qmanual.render.approvals import Place, signature_table
from qmanual.render.frame import Frame
from qmanual.render.look import PLACE, dress
from qmanual.render.print import print_html
from qmanual.render.qr import code, payload
from qmanual.settings import Settings
from qmanual.source import SourceFile, Span

ZH, EN = Translator("zh"), Translator("en")
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path fill="#1f4e79" d="M0 0h60v20H0z"/></svg>'
JPEG = b"\xff\xd8\xff\xe0\x00\x04JF" + b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x06\x01\x01\x11\x00" + (
    b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34\xff\xd9"
)  # fmt: skip
AT = Span("mkdocs.yml")


def png(width: int, height: int, packed: bytes | None = None) -> bytes:
    """A picture of one colour; `packed`: other dots for it."""

    def piece(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    dots = zlib.compress((b"\0" + b"\x20\x40\x80" * width) * height) if packed is None else packed
    head = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + piece(b"IDAT", dots) + piece(b"IEND", b"")


def settings(text: str) -> Settings:
    """Settings with these lines under `branding:`."""
    lines = "".join(f"        {line}\n" for line in text.splitlines())
    return read_settings(SourceFile("mkdocs.yml", f"plugins:\n  - qmanual:\n      branding:\n{lines}"))


def framed(branding: Branding, files: dict[str, bytes] | None = None, **more: object) -> tuple[Frame, dict[str, bytes]]:
    """The frame of a branding, and the files that lie beside the pictures."""
    made = dress(branding, files or {})
    frame = Frame(branding=branding, logo=made.logo, sheet=made.sheet, templates=made.templates, **more)  # type: ignore[arg-type]
    return frame, dict(made.files)


def page(frame: Frame, status: Status = Status.EFFECTIVE, text: str = HEADER, number: str = "QP-1") -> str:
    of = register({f"{'forms' if number.startswith('QR') else 'procedures'}/{number}.md": text})
    return print_html(entry(of, number, status), bodies(of, number), "示例公司", of, ZH, frame=frame)


# -- settings ------------------------------------------------------------------------------------------------------


def test_everything_can_be_said_in_chinese() -> None:
    found = settings(
        '外观: 简洁\n徽标: branding/logo.png\n颜色: {强调色: "#1F4E79", 表头: "#eee"}\n字体: {正文: a/b.otf}\n'
        "页眉: {左: 公司, 右: [编号, 版本]}\n页脚: {中: 页码}\n密级: 内部\n封面: 是\n受控章: 受控文件\n二维码: 否\n"
        "打印件: 非受控\n打印件有效期: 7 天\n模板: branding/t"
    )
    assert found.faults == ()
    branding = found.branding
    assert (branding.look, branding.cover, branding.valid_days) == (Look.PLAIN, Cover.PAGE, 7)
    assert branding.accent and branding.accent.value == "#1f4e79"
    assert branding.head and branding.head.value == "#eeeeee"
    assert branding.header == {Slot.LEFT: (Field.COMPANY,), Slot.RIGHT: (Field.NUMBER, Field.REVISION)}
    assert branding.footer == {Slot.CENTRE: (Field.PAGE,)}
    assert (branding.stamp, branding.qr, branding.uncontrolled) == ("受控文件", False, True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("lok: plain", FaultKind.UNKNOWN_KEY),
        ("look: modern", FaultKind.UNKNOWN_VALUE),
        ("header: {left: numbr}", FaultKind.UNKNOWN_VALUE),
        ("header: {middle: number}", FaultKind.UNKNOWN_KEY),
        ("colours: {accent: blue}", FaultKind.WRONG_TYPE),
        ("colours: {accent: #1f4e79}", FaultKind.YAML_BROKEN),
        ("logo: ../logo.png", FaultKind.WRONG_TYPE),
        ("logo: /etc/passwd", FaultKind.WRONG_TYPE),
        ("logo: C:/logo.png", FaultKind.WRONG_TYPE),
        ("templates: .git", FaultKind.WRONG_TYPE),
        ("print_valid: soon", FaultKind.WRONG_TYPE),
        ("print_valid: 0 days", FaultKind.WRONG_TYPE),
        ("stamp: 这个受控章的文字实在太长了", FaultKind.WRONG_TYPE),
        ("qr: maybe", FaultKind.UNKNOWN_VALUE),
        ("header: {left: [title, title, title, title, title, title, title]}", FaultKind.WRONG_TYPE),
    ],
)
def test_a_slip_is_a_fault_and_the_default_stands_in(text: str, kind: FaultKind) -> None:
    found = settings(text)
    assert [fault.kind for fault in found.faults] == [kind]
    kept = (Branding(header={}), Branding(header={Slot.LEFT: ()}), Branding(header={Slot.LEFT: (Field.TITLE,) * 6}))
    assert found.branding in (Branding(), *kept)


def test_an_unknown_key_names_the_nearest() -> None:
    (fault,) = settings("confidentialty: x").faults
    assert fault.details["nearest"] == "confidentiality"


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("site_url: https://qms.example.com/a", "https://qms.example.com/a/"),
        ("site_url: 'http://intranet/'", "http://intranet/"),
        ("site_url: !ENV SITE", ""),
        ("site_url: javascript:alert(1)", ""),
        ("site_url: ''", ""),
    ],
)
def test_the_address_of_the_site(line: str, address: str) -> None:
    found = read_settings(SourceFile("mkdocs.yml", f"{line}\nplugins: [qmanual]\n"))
    assert (found.site_url, found.faults) == (address, ())


@given(st.integers(0, 0xFFFFFF), st.integers(0, 0xFFFFFF))
def test_contrast_is_the_same_both_ways_and_within_its_bounds(one: int, other: int) -> None:
    first, second = f"#{one:06x}", f"#{other:06x}"
    there, back = Colour(first, AT).contrast(second), Colour(second, AT).contrast(first)
    assert there == back
    assert 1 <= there <= 21
    assert Colour("#000000", AT).contrast("#ffffff") == pytest.approx(21)


# -- files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (LOGO, ".svg"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n' + LOGO, ".svg"),
        (png(60, 20), ".png"),
        (png(60, 20, b"x"), None),
        (png(60, 20, zlib.compress(bytes(60))), None),
        (png(60_000, 60_000, zlib.compress(bytes(60))), None),
        (png(60, 20)[:-20], None),
        (b"\x89PNG\r\n\x1a\n....", None),
        (JPEG, ".jpg"),
        (JPEG[:-2], None),
        (b"\xff\xd8\xff\xe0....", None),
        (LOGO[:-6], None),
        (LOGO.replace(b'viewBox="0 0 60 20"', b""), None),
        (LOGO.replace(b'viewBox="0 0 60 20"', b'width="30mm" height="1cm"'), ".svg"),
        (LOGO.replace(b'fill="#1f4e79"', b'style="fill:url(file:///etc/passwd)"'), None),
        (LOGO.replace(b'fill="#1f4e79"', b'style="fill:url(#a)"'), ".svg"),
        (
            '<?xml version="1.0" encoding="gb2312"?><svg viewBox="0 0 6 2"><text>公司</text></svg>'.encode("gb2312"),
            None,
        ),
        (LOGO.replace(b"<path", b"<script>1</script><path"), None),
        (LOGO.replace(b"<path", b'<path onload="x"'), None),
        (LOGO.replace(b"<path", b'<image href="file:///etc/passwd"/><path'), None),
        (LOGO.replace(b"<svg", b'<!DOCTYPE svg [<!ENTITY a "x">]><svg'), None),
        (b"\x89PNG\r\n\x1a\n" + bytes(600 * 1024), None),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_a_logo_is_told_by_what_it_holds(data: bytes, ending: str | None) -> None:
    assert logo_ending(data) == ending


def test_a_font_must_be_whole_and_may_be_embedded() -> None:
    data = (FOLDER / "symbols-Regular.ttf").read_bytes()
    assert font_ending(data) == ".ttf"
    assert font_ending((FOLDER / "common-Regular.otf").read_bytes()) == ".otf"
    assert font_ending(data[: len(data) // 2]) is None
    assert font_ending(b"OTTO" + bytes(40)) is None
    assert font_ending(data[:252] + bytes(len(data) - 252)) is None
    assert font_ending(b"ttcf" + data) is None
    at = next(at for at in range(12, 400, 16) if data[at : at + 4] == b"OS/2")
    start = int.from_bytes(data[at + 8 : at + 12], "big") + 8
    assert font_ending(data[:start] + b"\x00\x02" + data[start + 2 :]) is None, "its licence forbids embedding"


def test_what_cannot_be_used_is_left_out_and_the_page_made() -> None:
    branding = Branding(logo=Text("branding/x.png", AT), fonts={Weight.REGULAR: Text("branding/x.otf", AT)})
    frame, files = framed(branding, {"branding/x.png": b"no picture", "branding/x.otf": b"no font"})
    assert (frame.logo, files) == ("", {})
    assert "qm-logo" not in page(frame)


def test_the_page_names_all_that_it_is_printed_with(tmp_path: Path) -> None:
    branding = Branding(look=Look.PLAIN, logo=Text("l.svg", AT), fonts={Weight.REGULAR: Text("f.otf", AT)})
    font = (FOLDER / "common-Regular.otf").read_bytes()
    frame, files = framed(branding, {"l.svg": LOGO, "f.otf": font})
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    text = page(frame)
    assert set(named(text, tmp_path)) == set(files)
    assert len(files) == 3
    assert all(path.startswith(f"{PLACE}/") for path in files)
    (tmp_path / "f.otf").write_bytes(font)
    assert picture(tmp_path, str(tmp_path / "f.otf")) is None, "a font counts in the folder of the look alone"


# -- what stands on the page ---------------------------------------------------------------------------------------


def test_the_english_look_speaks_english_about_chinese_text() -> None:
    text = page(Frame(branding=Branding(look=Look.ENGLISH)), text=HEADER + "# 文件控制程序\n\n正文。\n")
    assert '<html lang="en"' in text
    assert "Document number" in text
    assert '<section class="qm-body" id="qm-start" lang="zh-CN">' in text
    assert re.search(r'<h1 class="qm-title"[^>]* lang="zh-CN">', text)


def test_the_plain_look_begins_with_the_text_and_ends_with_the_control_data() -> None:
    text = page(Frame(branding=Branding(look=Look.PLAIN)), text=HEADER + "## 1 目的\n\n正文。\n")
    assert text.index("正文") < text.index("qm-facts") < text.index("qm-signed")
    assert text.index("qm-facts") < page(Frame(), text=HEADER + "## 1 目的\n\n正文。\n").index("正文") + 10**6


def test_header_and_footer_hold_what_the_company_says() -> None:
    fields = "header: {right: [number, revision, page, pages]}\nfooter: {left: confidentiality}\nconfidentiality: 内部"
    branding = settings(fields).branding
    text = page(Frame(branding=branding))
    assert re.search(r"@top-right\{content:[^}]*counter\(page\)[^}]*counter\(pages\)", text)
    assert re.search(r'@bottom-left\{content:"内部"\}', text)
    assert "内容校验码" not in text


@pytest.mark.parametrize(
    ("branding", "status", "word"),
    [
        (Branding(), Status.DRAFT, "草稿"),
        (Branding(), Status.EFFECTIVE, "受控"),
        (Branding(stamp="受控文件"), Status.EFFECTIVE, "受控文件"),
        (Branding(uncontrolled=True), Status.EFFECTIVE, "非受控打印件"),
        (Branding(uncontrolled=True), Status.SUPERSEDED, "作废"),
        (Branding(stamp="受控文件"), Status.DRAFT, "草稿"),
        (Branding(), Status.APPROVED, "尚未生效"),
        (Branding(), Status.WITHDRAWN, "作废"),
    ],
)
def test_the_status_stands_on_the_page_in_a_word(branding: Branding, status: Status, word: str) -> None:
    assert Frame(branding=branding).word(status, ZH) == word
    assert f">{word}</p>" in page(Frame(branding=branding), status)


def test_a_print_is_valid_for_some_days_and_never_beyond_its_text() -> None:
    frame = Frame(branding=Branding(valid_days=7), today=date(2026, 11, 20))
    of = register({"procedures/QP-1.md": HEADER})
    one = entry(of, "QP-1")
    assert frame.valid_until(one) == date(2026, 11, 26)
    assert frame.valid_until(replace(one, ends=date(2026, 11, 24))) == date(2026, 11, 23)
    assert frame.valid_until(replace(one, status=Status.DRAFT)) is None
    assert "2026\\2D 11\\2D 26" in page(frame)


def test_without_a_validity_the_day_changes_nothing() -> None:
    one, other = (Frame(today=day) for day in (date(2026, 1, 1), date(2026, 12, 31)))
    assert page(one) == page(other)


def test_the_code_leads_to_the_verify_page() -> None:
    document = register({"procedures/QP-1.md": HEADER}).by_id["QP-1"]
    digest = document.digest.removeprefix("sha256:")[:16]
    assert payload(document, "https://q.example/") == f"https://q.example/verify.html#id=QP-1&rev=A%2F1&digest={digest}"
    assert payload(document, "") == f"QP-1 A/1 sha256:{digest}"
    drawn = code(document, "https://q.example/", EN)
    assert 'role="img" aria-label="QR code: verify QP-1 A/1"' in drawn
    assert drawn == code(document, "https://q.example/", EN)
    assert "qm-qr" not in page(Frame(branding=Branding(qr=False)))


def test_the_code_says_just_that() -> None:
    """The dark modules are those of a code that segno makes for the same words."""
    import segno

    document = register({"procedures/QP-1.md": HEADER}).by_id["QP-1"]
    rows = segno.make(payload(document, ""), error="m", micro=False, mask=3, boost_error=False).matrix
    dark = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)\.5h(\d+)", code(document, "", EN)):
        dark |= {(int(x) - 4 + at, int(y) - 4) for at in range(int(width))}
    assert dark == {(x, y) for y, row in enumerate(rows) for x, cell in enumerate(row) if cell}


def test_a_written_name_stands_only_where_a_key_proves_the_approval() -> None:
    meaning = register({"procedures/QP-1.md": HEADER}).by_id["QP-1"].header.approvals[0].meaning

    def drawn(evidence: Evidence | None, status: Status) -> bool:
        place = Place(meaning=meaning, name="李静", day="2026-05-01", evidence=evidence)
        return "qm-hand" in signature_table([place], status, ZH, {"李静": "manual/signatures/li.png"})

    assert drawn(Evidence.KEY, Status.EFFECTIVE)
    assert drawn(Evidence.STAMPED, Status.SUPERSEDED)
    assert not drawn(Evidence.TYPED, Status.EFFECTIVE)
    assert not drawn(None, Status.EFFECTIVE)
    assert not drawn(Evidence.KEY, Status.DRAFT)
    assert not drawn(Evidence.KEY, Status.REVIEW)


# -- printed -------------------------------------------------------------------------------------------------------


def heard(path: Path) -> list[tuple[str, str]]:
    """What is wrong for a screen reader. `TAG-002` takes the English running line of a single page for prose: it knows
    running lines by their repetition."""
    return [(one.rule, str(one)) for one in outloud.check(str(path)).findings if one.severity == "error"]


@pytest.mark.parametrize("look", list(Look))
def test_every_look_is_an_archive_copy_for_everybody(look: Look, tmp_path: Path) -> None:
    files = {
        "l.svg": LOGO,
        "f.otf": (FOLDER / "common-Bold.otf").read_bytes(),
        "t/header.html": b"<table><tr><td>{{ logo }}</td><td>{{ number }} {{ page }}/{{ pages }}</td></tr></table>",
        "t/style.css": b".qm-title { letter-spacing: 0.1em }",
    }
    branding = Branding(
        look=look, logo=Text("l.svg", AT), fonts={Weight.HEADING: Text("f.otf", AT)}, accent=Colour("#1f4e79", AT),
        templates=Text("t", AT) if look is Look.STANDARD else None, valid_days=3,
    )  # fmt: skip
    frame, beside = framed(branding, files, today=date(2026, 11, 20), site="https://q.example/")
    for name, data in beside.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    text = HEADER + "# 文件控制程序\n\n## 1 目的\n\n正文 20 mm。\n\nAn English sentence.\n"
    jobs = [Job("p.pdf", "P", page(frame, text=text)), Job("f.pdf", "F", page(frame, text=FORM, number="QR-1"))]
    for outcome in print_all(jobs, tmp_path, tmp_path, workers=1):
        assert isinstance(outcome, Printed), outcome
        assert [one for one in heard(tmp_path / outcome.name) if (one[0], look) != ("TAG-002", Look.ENGLISH)] == []
        assert [str(one) for one in pdfua.validate(str(tmp_path / outcome.name)).findings] == []
    with pikepdf.open(tmp_path / "p.pdf") as pdf:
        names = {str(font.BaseFont) for one in pdf.pages for font in one.Resources.Font.values()}
    assert any("Company-Heading" in name for name in names)


def test_a_broken_look_is_found_and_the_manual_still_checked() -> None:
    found = check({
        "mkdocs.yml": "plugins:\n  - qmanual:\n      branding: {logo: branding/logo.pgn, templates: branding/none}\n",
        "branding/logo.png": "x",
    })  # fmt: skip
    assert [one.details["nearest"] for one in found if one.code == "QM961"] == ["branding/logo.png", "branding"]
