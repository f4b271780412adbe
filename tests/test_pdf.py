"""PDFs read back: every character, real bold, watermark, bookmarks, landscape; and that one bad page harms no other."""

import html
import os
import re
import shutil
import signal
import struct
import subprocess
import time
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

import pytest
from pypdf import PageObject, PdfReader
from test_print import FORM, HEADER, printed

from qmanual.control.edition import Entry
from qmanual.control.status import Status
from qmanual.files import pdf_name
from qmanual.language import Translator
from qmanual.pdf import Failed, Job, Outcome, Printed, Printers, Progress, silent, write_font_list
from qmanual.pdf.justify import CLOSING, OPENING, gaps
from qmanual.pdf.pictures import picture
from qmanual.render.frame import Frame, running
from qmanual.render.print import print_html
from qmanual.service.loading import load
from qmanual.service.publication import publication
from qmanual.service.rendering import render_bodies

ROOT = Path(__file__).parent.parent
SAY = Translator("zh")


def print_all(
    jobs: Sequence[Job], root: Path, out: Path, workers: int | None = None, progress: Progress = silent
) -> tuple[Outcome, ...]:
    """Print with processes of one's own."""
    with Printers(root, workers) as printers:
        return printers.print_all(jobs, out, progress)


def png() -> bytes:
    """A picture of one white point."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"\0\xff")) + part(b"IEND", b"")


@dataclass(frozen=True)
class Copy:
    """A printed document of the sample: its entry, its page to print, the PDF."""

    entry: Entry
    html: str
    pdf: PdfReader

    @property
    def pages(self) -> Sequence[PageObject]:
        """The pages of the PDF."""
        return self.pdf.pages

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The text of every page, as a reader would copy it out."""
        return tuple(one.extract_text() for one in self.pages)


def page(body: str) -> str:
    """A page with this body, as `render.print` writes pages."""
    return f'<html lang="zh-CN"><head><title>t</title></head><body class="qm-text">{body}</body></html>'


def print_one(text: str, root: Path, out: Path) -> Outcome:
    """The outcome of printing one page."""
    return print_all([Job("a.pdf", "A", text)], root, out, workers=1)[0]


def letters(text: str) -> str:
    """The letters, digits and ideographs of a text, forms that mean the same made one."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Copy]:
    """Every document of the sample manual, printed as a draft on a fixed day."""
    manual = publication(load(ROOT, date(2026, 6, 15)), draft=True)
    bodies = render_bodies(manual, workers=1)
    jobs, entries = [], {}
    for found in manual.edition.entries:
        entry = Entry(document=found.document, status=Status.DRAFT, release=None, next_review=found.next_review)
        document = entry.document
        entries[document.id] = entry
        text = print_html(entry, bodies, manual.register.organization.company, manual.register, SAY)
        jobs.append(Job(pdf_name(document.id, document.revision), document.id, text))
    out = tmp_path_factory.mktemp("copies")
    outcomes = print_all(jobs, ROOT, out)
    assert [one for one in outcomes if not isinstance(one, Printed) or one.missing] == []
    return {job.id: Copy(entries[job.id], job.html, PdfReader(out / job.name)) for job in jobs}


def margin_texts(copy: Copy, number: int) -> str:
    """What the margins and the watermark of a page say."""
    form = 'class="qm-form' in copy.html
    company = re.findall(r'<meta name="author" content="([^"]*)"', copy.html)[0]
    boxes = running(copy.entry, html.unescape(company), form, Frame(), SAY)
    parts = {name: text for name, (text, _) in boxes.items()}
    counted = parts.pop("bottom-right").replace("counter(pages)", str(len(copy.pages)))
    counted = counted.replace("counter(page)", str(number))
    written = "".join((*parts.values(), counted))
    return re.sub(r"\\([0-9A-F]+) ", lambda match: chr(int(match[1], 16)), written) + SAY("DRAFT COPY")


def test_every_character_of_the_source_is_in_the_pdf(copies: dict[str, Copy]) -> None:
    for copy in copies.values():
        body = re.sub(r"<(style|title)>.*?</\1>", "", copy.html, flags=re.DOTALL)
        wanted = Counter(letters(html.unescape(re.sub(r"<[^>]*>", "", body))))
        there = Counter(letters("".join(copy.texts)))
        for number in range(1, len(copy.pages) + 1):
            there.subtract(letters(margin_texts(copy, number)))
        assert wanted - there == Counter(), copy.entry.document.id


def test_whole_paragraphs_can_be_found(copies: dict[str, Copy]) -> None:
    for copy in copies.values():
        text = letters("".join(copy.texts))
        cells = re.findall(r"<(td|th|li|p)(?: [^>]*)?>([^<]+)</\1>", copy.html)
        short = [letters(html.unescape(cell)) for _, cell in cells if len(cell) < 40]
        lost = [cell for cell in short if cell not in text]
        assert len(lost) <= len(copy.pages), (copy.entry.document.id, lost)


def test_fonts_are_ours_embedded_and_bold_is_bold(copies: dict[str, Copy]) -> None:
    for copy in copies.values():
        names = set()
        for one in copy.pages:
            for font in one["/Resources"]["/Font"].values():  # type: ignore[index]
                inner = font.get_object()["/DescendantFonts"][0].get_object()
                names.add(str(inner["/BaseFont"]).rpartition("+")[2])
                descriptor = inner["/FontDescriptor"]
                assert "/FontFile3" in descriptor or "/FontFile2" in descriptor
        assert {"QManual-Sans", "QManual-Sans-Bold"} <= names
        assert all(name.startswith("QManual-") for name in names), names


def test_every_page_of_a_draft_is_marked(copies: dict[str, Copy]) -> None:
    for copy in copies.values():
        assert all(text.startswith(SAY("DRAFT COPY")) for text in copy.texts)


def test_metadata_says_what_it_is(copies: dict[str, Copy]) -> None:
    copy = copies["QP-7.5-01"]
    document, info = copy.entry.document, copy.pdf.metadata
    assert info is not None
    assert info.title == document.title
    assert info.subject == f"{document.id} {document.revision}"
    assert info.author == "苏州澄屿电子有限公司"
    assert info.creation_date is None, "a date would differ from run to run"
    assert copy.pdf.trailer["/Root"]["/Lang"] == "zh-CN"  # type: ignore[index]
    assert copy.pdf.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]


def test_bookmarks_and_links_lead_somewhere(copies: dict[str, Copy]) -> None:
    copy = copies["QM-01"]
    titles = [str(mark["/Title"]) for mark in flat(copy.pdf.outline)]
    headings = re.findall(r"<h[1-6][^>]*>(.*?)</h[1-6]>", copy.html)
    assert titles == [html.unescape(re.sub(r"<[^>]*>", "", heading)) for heading in headings]
    names = set(copy.pdf.named_destinations)
    links = [
        str(note.get_object()["/Dest"])
        for one in copy.pages
        for note in one.get("/Annots", ())
        if "/Dest" in note.get_object()
    ]
    assert len(links) > 40
    assert set(links) <= names


def flat(outline: object) -> Iterator[dict[str, object]]:
    """The entries of a tree of bookmarks, in reading order."""
    assert isinstance(outline, list)
    for mark in outline:
        if isinstance(mark, list):
            yield from flat(mark)
        else:
            yield mark


def test_flowcharts_are_vectors(copies: dict[str, Copy]) -> None:
    copy = copies["QP-8.4-01"]
    assert "qm-flowchart" in copy.html
    assert not any(list(one.images) for one in copy.pages)


def test_a_wide_form_lies_across(copies: dict[str, Copy]) -> None:
    assert all(one.mediabox.width > one.mediabox.height for one in copies["QR-8.6-01"].pages)
    assert all(one.mediabox.width < one.mediabox.height for one in copies["QR-8.7-01"].pages)


def test_lines_are_flush_and_none_begins_with_a_closing_mark(copies: dict[str, Copy]) -> None:
    for name in ("QP-8.4-01", "QM-01", "QP-7.5-01"):
        lines = [line for text in copies[name].texts for line in text.split("\n")]
        assert [line for line in lines if line and line[0] in "，。、；：？！）》」』】〕”’…"] == []
        assert [line for line in lines if line.rstrip() and line.rstrip()[-1] in "（《「『【〔“‘"] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("中文。", [0]), ("中，文", [1]), ("（中）", []), ("中（文）", [0]), ("a中b", [0, 1]), ("ab cd", [2]),
        ("中 ", []), ("中——文", [2]), ("见……后", [2]), ("按 QP-1 办", [1, 6]), ("", []), ("𠮷中", [0]),
    ],
)  # fmt: skip
def test_where_a_line_may_be_stretched(text: str, found: list[int]) -> None:
    assert gaps(text) == found


def test_no_gap_is_on_the_inner_side_of_a_mark() -> None:
    assert gaps(f"中{CLOSING}") == []
    assert all(not set(gaps(f"{mark}中文")) & {0} for mark in OPENING)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
def test_lines_of_chinese_end_at_the_margin(tmp_path: Path) -> None:
    """Set with 46 characters to the line; some lines hold letters or would begin with a mark and are stretched."""
    text = "文件编号为 QP 的程序，其版本与状态（见清单）由质量部管理。" * 12
    assert isinstance(print_one(page(f"<p>{text}</p>"), tmp_path, tmp_path), Printed)
    assert letters(text) == letters(PdfReader(tmp_path / "a.pdf").pages[0].extract_text())
    boxes = subprocess.run(
        ["pdftotext", "-bbox-layout", tmp_path / "a.pdf", "-"], capture_output=True, text=True, check=True
    ).stdout
    ends = [float(end) for end in re.findall(r'<line [^>]*xMax="([\d.]+)"', boxes)]
    assert len(ends) >= 7
    assert max(ends[:-1]) - min(ends[:-1]) < 0.6 * 10.5, "half a character: a mark at the end may keep its white half"
    assert ends[-1] < ends[0] - 10, "the last line is not stretched"


def test_the_same_page_gives_the_same_bytes(tmp_path: Path) -> None:
    files = {"procedures/QP-1.md": HEADER + "正文**粗体**喆☑。\n", "forms/QR-1.md": FORM}
    jobs = [
        Job(f"{name}{status}.pdf", name, printed(files, name, status))
        for name in ("QP-1", "QR-1")
        for status in (Status.DRAFT, Status.EFFECTIVE)
    ]
    first = print_all(jobs, tmp_path, tmp_path / "一 1", workers=1)
    second = print_all(list(reversed(jobs)), tmp_path, tmp_path / "二", workers=2)
    assert first == tuple(reversed(second))
    for job in jobs:
        assert (tmp_path / "一 1" / job.name).read_bytes() == (tmp_path / "二" / job.name).read_bytes()


def test_a_picture_gives_the_same_bytes_wherever_the_manual_is(tmp_path: Path) -> None:
    """A drawing within a drawing as well."""
    found = set()
    for name in ("一", "another place"):
        root = tmp_path / name
        (root / "图").mkdir(parents=True)
        (root / "图" / "a.png").write_bytes(png())
        (root / "图" / "b.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="a.png" width="9" height="9"/></svg>'
        )
        text = page('<img alt="a" src="%E5%9B%BE/a.png"/><img alt="b" src="%E5%9B%BE/b.svg"/>')
        outcome = print_one(text, root, tmp_path / "out")
        assert isinstance(outcome, Printed), outcome
        found.add(outcome.sha256)
    assert len(found) == 1


RULED = f"""<h2 id="x">表</h2>
<table class="qm-fixed"><colgroup><col style="width:20%"/><col style="width:80%"/></colgroup>
<thead><tr><th>序号</th><th>内容</th></tr></thead><tbody>{"<tr><td>1</td><td>甲乙丙</td></tr>" * 60}</tbody></table>
<table><tr><td colspan="2" rowspan="2">跨</td><td>一</td></tr><tr><td>二</td></tr>
<tr><td>三</td><td>四</td><td>五</td></tr></table>
<table><tr><td>少</td></tr><tr><td>多</td><td>一格</td></tr></table><table><tr><td></td></tr></table>
<table><tr><td style="border:2pt dashed #00f">异</td><td>同<table><tr><td>内</td></tr></table></td></tr></table>
<p style="width:50vw">宽</p><p style="width:auto;--a:1">窄</p><ul><li>项</li></ul><p class="qm-wide"><b>横</b></p>"""


ODD = """<div style="margin:5%;padding:2% 3px;width:70%;min-height:10%;max-width:90%;box-sizing:border-box;float:left">
<p style="height:30%;text-indent:2em;letter-spacing:1pt">浮 <u>下划</u> <s>删</s> <b
style="position:relative;top:2pt">移</b></p>
<p style="position:absolute;right:0;width:calc(20% + 3pt)" lang="en">absolute <i>fi ffl</i></p></div>
<p style="clear:both;border-bottom:0.333pt solid #123456;padding:padding-box" dir="rtl" lang="ar">abc 文</p>
<p style="font-variant-caps:small-caps;font-feature-settings:normal;word-spacing:3pt;overflow-wrap:anywhere">Caps
caps 0.1234567</p>"""


@pytest.mark.parametrize("without", ["styles", "ruling", "spared"])
def test_what_spares_the_engine_work_changes_no_page(tmp_path: Path, without: str) -> None:
    """What `styles` keeps and `spared` spares gives the same bytes as without it; `ruling` the same picture."""
    files = {"procedures/QP-1.md": HEADER + "正文**粗体**。\n\n1. 甲\n2. 乙\n", "forms/QR-1.md": FORM}
    texts = [printed(files, name, status) for name in ("QP-1", "QR-1") for status in (Status.DRAFT, Status.EFFECTIVE)]
    jobs = [
        Job(f"{at}.pdf", str(at), text) for at, text in enumerate([page(RULED), *texts, page(ODD), page(RULED + "末")])
    ]
    done = print_all(jobs, tmp_path, tmp_path / "with", workers=1)
    process = get_context("spawn").Process(target=_print_without, args=(without, jobs, tmp_path, tmp_path / "without"))
    process.start()
    process.join(120)
    assert all(isinstance(one, Printed) for one in done)
    assert process.exitcode == 0
    for job in jobs:
        one, other = (tmp_path / folder / job.name for folder in ("with", "without"))
        if without != "ruling" or job.html == page(ODD):
            assert one.read_bytes() == other.read_bytes()
        elif shutil.which("pdftoppm"):
            assert one.read_bytes() != other.read_bytes()
            assert picture_of(one) == picture_of(other)


def picture_of(file: Path) -> bytes:
    """All pages as pictures."""
    return subprocess.run(["pdftoppm", "-r", "70", file], capture_output=True, check=True).stdout


def _print_without(name: str, jobs: Sequence[Job], root: Path, out: Path) -> None:
    out.mkdir()
    write_font_list(out)
    os.environ["FONTCONFIG_FILE"] = str(out / "fonts.conf")
    from qmanual.pdf import printer

    getattr(printer, name).install = lambda: None
    inside = printer.Printer(root)
    assert all(isinstance(inside.print(job, out), Printed) for job in jobs)


def test_rare_characters_are_drawn_and_missing_ones_told(tmp_path: Path) -> None:
    outcome = print_one(page("<p>喆堃☑✔ ①</p>"), tmp_path, tmp_path)
    assert isinstance(outcome, Printed)
    assert outcome.missing == ""
    outcome = print_one(page("<p>好😀</p>"), tmp_path, tmp_path)
    assert isinstance(outcome, Printed)
    assert outcome.missing == "😀"


OUTSIDE = (
    '<img src="file:///etc/passwd"/>',
    '<img src="http://example.org/a.png"/>',
    '<img src="//example.org/a.png"/>',
    '<img src="data:image/png;base64,AAAA"/>',
    '<img src="../outside.png"/>',
    '<img src="linked.png"/>',
    '<img src="folder/inside.png"/>',
    '<img src="mkdocs.yml"/>',
    '<img src="missing.png"/>',
    '<img src="broken.png"/>',
    '<p style="background:url(file:///etc/hostname)">x</p>',
    '<p><svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg></p>',
    '<p><a rel="attachment" href="file:///etc/passwd">x</a></p>',
)


def test_nothing_from_outside_is_fetched(tmp_path: Path) -> None:
    root = tmp_path / "manual 手册"
    root.mkdir()
    (tmp_path / "outside.png").write_bytes(png())
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "inside.png").write_bytes(png())
    (root / "linked.png").symlink_to(tmp_path / "outside.png")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "mkdocs.yml").write_text("x")
    (root / "broken.png").write_bytes(b"no picture")
    jobs = [Job(f"{at}.pdf", body, page(body)) for at, body in enumerate(OUTSIDE)]
    outcomes = print_all(jobs, root, tmp_path / "out", workers=1)
    assert [outcome for outcome in outcomes if not isinstance(outcome, Failed)] == []
    assert list((tmp_path / "out").iterdir()) == []


def test_a_picture_of_the_manual_is_printed(tmp_path: Path) -> None:
    root = tmp_path / "手册 1"
    (root / "图").mkdir(parents=True)
    (root / "图" / "100% 图.png").write_bytes(png())
    files = {"procedures/QP-1.md": HEADER + "![图](../%E5%9B%BE/100%25%20%E5%9B%BE.png)\n", "图/100% 图.png": "x"}
    outcome = print_one(printed(files, "QP-1"), root, tmp_path)
    assert isinstance(outcome, Printed), outcome
    assert len(list(PdfReader(tmp_path / "a.pdf").pages[0].images)) == 1
    assert picture(root, str(root / "图" / ".." / ".." / "x.png")) is None


def test_a_failed_document_names_itself_and_stops_no_other(tmp_path: Path) -> None:
    jobs = [
        Job("a.pdf", "A", page("<p>一</p>")),
        Job("b.pdf", "B", "<html><p>never closed</html>"),
        Job("c.pdf", "C", page('<img src="missing.png"/>')),
        Job("d.pdf", "D", page("<p>二</p>")),
    ]
    done: list[tuple[int, int]] = []

    def progress(at: int, of: int, share: float) -> None:
        done.append((at, of))

    outcomes = print_all(jobs, tmp_path, tmp_path / "out", workers=2, progress=progress)
    assert [type(outcome) for outcome in outcomes] == [Printed, Failed, Failed, Printed]
    assert [outcome.id for outcome in outcomes] == ["A", "B", "C", "D"]
    assert isinstance(outcomes[2], Failed)
    assert outcomes[2].reason(Translator("en")) == "missing.png is not a picture of this manual"
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["a.pdf", "d.pdf"]


def test_no_jobs_no_files(tmp_path: Path) -> None:
    assert print_all([], tmp_path, tmp_path / "out") == ()


def test_a_process_that_dies_takes_one_document_with_it(tmp_path: Path) -> None:
    jobs = [Job(f"{n}.pdf", str(n), page(f"<p>{'字' * 200}</p>" * (4000 if n == 0 else 1))) for n in range(3)]
    killed: list[int] = []

    def kill_the_busy_one(done: int, of: int, share: float) -> None:
        if not killed:
            killed.extend(children_at_work())
            os.kill(killed[0], signal.SIGKILL)

    outcomes = print_all(jobs, tmp_path, tmp_path / "out", workers=2, progress=kill_the_busy_one)
    assert [isinstance(outcome, Failed) for outcome in outcomes].count(True) <= 1
    assert len(outcomes) == 3


def children_at_work() -> list[int]:
    """Process ids of the printing processes, the one that prints longest first."""
    import multiprocessing

    return [child.pid for child in multiprocessing.active_children() if child.pid]


def test_an_interruption_leaves_nothing_half_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = get_context("spawn").Process(target=_print_many, args=(tmp_path, out))
    process.start()
    deadline = time.monotonic() + 60
    while not list(out.glob("*.pdf")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)
    process.join(30)
    assert process.exitcode not in (0, None)
    files = list(out.iterdir())
    assert files
    assert all(file.suffix == ".pdf" and PdfReader(file).pages for file in files)
    assert len(files) < 200


def _print_many(root: Path, out: Path) -> None:
    print_all([Job(f"{n}.pdf", str(n), page("<p>字</p>" * 50)) for n in range(200)], root, out, workers=2)
