"""Every PDF is an archive copy that a screen reader can read: PDF/A-3a and PDF/UA-1, by checkers and by its objects.

The checkers find what their rules know. The tests of the objects ask what they leave out: that nothing is painted
outside the structure, that every mark resolves, that a glyph's number is its number in the font that is embedded.
"""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import outloud
import pdfua
import pikepdf
import pytest
from disk import start
from fontTools.ttLib import TTFont
from test_pdf import page, png, print_all

from qmanual.pdf import Job, Printed
from qmanual.pdf.job import Carried
from qmanual.pdf.structure import Mark, Node, in_order, place_for, place_for_text, tidy

ROOT = Path(__file__).parent.parent
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PAINTS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "INLINE IMAGE"}


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The PDFs of the sample, as the command prints them."""
    out = tmp_path_factory.mktemp("archival")
    done = start("--root", str(ROOT), "--today", "2026-11-01", "pdf", "--draft", "--out", str(out))
    assert done.code == 0, done.err
    return sorted((out / "pdf").glob("*.pdf"))


def printed(body: str, out: Path, **details: object) -> Path:
    """A page with this body as a PDF."""
    job = Job("a.pdf", "A", page(body), **details)  # type: ignore[arg-type]
    outcome = print_all([job], out, out, workers=1)[0]
    assert isinstance(outcome, Printed), outcome
    return out / "a.pdf"


def tags(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every element of the structure, in reading order."""

    def below(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
        yield element
        for kid in element.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from below(kid)

    for top in pdf.Root.StructTreeRoot.K:
        yield from below(top)


def outline(path: Path) -> str:
    """The structure as nested words, with the text left out: `Document(H1 P(Link) …)`."""

    def told(element: pikepdf.Object) -> str:
        kids = [told(kid) for kid in element.get("/K", []) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
        return str(element.S)[1:] + (f"({' '.join(kids)})" if kids else "")

    with pikepdf.open(path) as pdf:
        return " ".join(told(top) for top in pdf.Root.StructTreeRoot.K)


# -- all PDFs of the sample ----------------------------------------------------------------------------------------


def test_checkers_find_no_error(copies: list[Path]) -> None:
    assert len(copies) == 60
    assert {path.name: found for path in copies if (found := faults(path))} == {}


@pytest.mark.skipif(shutil.which("verapdf") is None, reason="veraPDF is not on this machine")
@pytest.mark.parametrize("profile", ["3a", "ua1"])
def test_verapdf_finds_no_error(copies: list[Path], profile: str) -> None:
    words = ["verapdf", "--format", "text", "--flavour", profile, *map(str, copies)]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, [line for line in done.stdout.splitlines() if not line.startswith("PASS")]) == (0, [])


def test_nothing_is_painted_outside_the_structure(copies: list[Path]) -> None:
    for path in copies:
        with pikepdf.open(path) as pdf:
            for at, one in enumerate(pdf.pages):
                assert loose(one) == [], (path.name, at)


def test_every_mark_belongs_to_the_element_that_names_it(copies: list[Path]) -> None:
    for path in copies:
        with pikepdf.open(path) as pdf:
            numbers: Any = pdf.Root.StructTreeRoot.ParentTree.Nums
            parents: dict[int, Any] = {int(at): kid for at, kid in zip(numbers[::2], numbers[1::2], strict=True)}
            pages = {one.obj.objgen: at for at, one in enumerate(pdf.pages)}
            named = set()
            for element in tags(pdf):
                for page_, mark in marks(element):
                    assert parents[int(page_.StructParents)][mark].objgen == element.objgen
                    named.add((pages[page_.objgen], mark))
            assert named == {(at, mark) for at, one in enumerate(pdf.pages) for mark in painted(one)}, path.name


def test_links_lead_somewhere_and_say_where(copies: list[Path]) -> None:
    links = 0
    for path in copies:
        with pikepdf.open(path) as pdf:
            numbers: Any = pdf.Root.StructTreeRoot.ParentTree.Nums
            parents: dict[int, Any] = {int(at): kid for at, kid in zip(numbers[::2], numbers[1::2], strict=True)}
            for one in pdf.pages:
                for note in one.get("/Annots", []):
                    links += 1
                    assert parents[int(note.StructParent)].S == "/Link"
                    assert str(note.Contents).strip()
                    assert int(note.F) == 4  # printed, and not hidden
    assert links > 500


def test_a_glyph_has_one_number_on_the_page_and_in_its_font(copies: list[Path]) -> None:
    """Strict viewers look a page's numbers up in the CIDs of the font (ISO 32000-1, 9.7.4.2)."""
    seen = 0
    for path in copies:
        with pikepdf.open(path) as pdf:
            for font in fonts(pdf):
                seen += 1
                assert "/ToUnicode" in font
                assert font.Encoding == "/Identity-H"
                program = TTFont(io.BytesIO(font.DescendantFonts[0].FontDescriptor.FontFile3.read_bytes()))
                names = program["CFF "].cff.topDictIndex[0].charset
                assert names == [".notdef", *(f"cid{at:05d}" for at in range(1, len(names)))]
    assert seen > 60


def test_colours_are_defined_and_nothing_runs(copies: list[Path]) -> None:
    for path in copies:
        with pikepdf.open(path) as pdf:
            assert not pdf.is_encrypted
            (intent,) = pdf.Root.OutputIntents
            assert intent.S == "/GTS_PDFA1"
            assert intent.DestOutputProfile.N == 3
            kinds = {str(value.get("/S", "")) for value in pdf.objects if isinstance(value, pikepdf.Dictionary)}
            assert not kinds & {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition"}
            assert "/OpenAction" not in pdf.Root
            assert "/AA" not in pdf.Root


def test_the_metadata_are_one_rdf_with_the_control_data(copies: list[Path]) -> None:
    for path in copies:
        with pikepdf.open(path) as pdf:
            text = pdf.Root.Metadata.read_raw_bytes()
            info = pdf.docinfo
            assert "/Filter" not in pdf.Root.Metadata
        (rdf,) = ElementTree.fromstring(text).iter(f"{RDF}RDF")
        said = {one.tag.rpartition("}")[2]: one.text for one in rdf.iter() if "urn:qmanual" in one.tag}
        assert f"{said['document']} {said['revision']}" == str(info.Subject)
        assert said["status"] == "draft"
        assert re.fullmatch("[0-9a-f]{64}", said["digest"] or "")
        described = [one.text for one in rdf.iter() if one.tag.endswith("property#}name")]
        assert set(said) <= set(described)


def test_the_text_and_the_control_data_are_inside(copies: list[Path]) -> None:
    for path in copies:
        with pikepdf.open(path) as pdf:
            relations = {name: str(pdf.attachments[name].relationship) for name in pdf.attachments}
            control = json.loads(pdf.attachments["control.json"].get_file().read_bytes())
            texts = {name: pdf.attachments[name].get_file().read_bytes() for name in relations if name.endswith(".md")}
            assert len(pdf.Root.AF) == len(relations)
        source = ROOT / control["path"]
        assert texts[source.name].decode() == source.read_text("utf-8")
        assert relations.pop("control.json") == "/Data"
        assert set(relations.values()) == {"/Source"}


def faults(path: Path) -> list[str]:
    """What the checkers call wrong. Warnings of `outloud` are guesses about sense, such as many empty cells: a form."""
    found = [str(one) for one in outloud.check(str(path)).findings if one.severity == "error"]
    report = pdfua.validate(str(path))
    return found + [str(one) for one in report.findings]


def loose(one: pikepdf.Page) -> list[str]:
    """Operators that paint outside of marked content, and artifacts within it."""
    found: list[str] = []
    open_: list[str] = []
    for done in pikepdf.parse_content_stream(one):
        operands, name = done.operands, str(done.operator)
        if name in ("BDC", "BMC"):
            if open_:
                found.append(f"{name} within {open_[-1]}")
            open_.append(str(operands[0]))
        elif name == "EMC":
            open_.pop()
        elif name in PAINTS and not open_:
            found.append(name)
    return found


def painted(one: pikepdf.Page) -> set[int]:
    """The numbers of the marks in a page's content that are no artifacts."""
    begun = [list(done.operands) for done in pikepdf.parse_content_stream(one) if str(done.operator) == "BDC"]
    return {int(operands[1].MCID) for operands in begun if "/MCID" in operands[1]}


def marks(element: pikepdf.Object) -> Iterator[tuple[pikepdf.Object, int]]:
    """Page and number of the marks that an element names itself."""
    kids: list[Any] = list(element.get("/K", []))
    for kid in kids:
        if isinstance(kid, int):
            yield element.Pg, kid
        elif kid.get("/Type") == "/MCR":
            yield kid.Pg, int(kid.MCID)


def fonts(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every composite font of a PDF whose outlines are CFF, once."""
    found = {font.objgen: font for one in pdf.pages for font in one.Resources.get("/Font", {}).values()}
    for font in found.values():
        if font.DescendantFonts[0].Subtype == "/CIDFontType0":
            yield font


# -- what becomes what ---------------------------------------------------------------------------------------------


def test_headings_lists_and_tables_keep_what_they_are(tmp_path: Path) -> None:
    body = (
        "<h1>一</h1><h4>二</h4><p>文字 <a href='#x'>链接</a> 后</p><ol><li>甲<ul><li>乙</li></ul></li></ol>"
        "<table><caption>表</caption><thead><tr><th>列</th><th>列</th></tr></thead>"
        "<tbody><tr><th>行</th><td id='x'>值</td></tr></tbody></table><dl><dt>词</dt><dd>义</dd></dl>"
    )
    assert outline(printed(body, tmp_path)) == (
        "Document(H1 H2 P(Link) L(LI(Lbl LBody(L(LI(Lbl LBody))))) "
        "Table(Caption THead(TR(TH TH)) TBody(TR(TH TD))) L(LI(Lbl LBody)))"
    )


def test_a_table_over_pages_is_one_and_its_head_is_read_once(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>{at}</td><td>{'长文字' * 30}</td></tr>" for at in range(60))
    path = printed(f"<table><thead><tr><th>号</th><th>文</th></tr></thead><tbody>{rows}</tbody></table>", tmp_path)
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) > 2
        kinds = [str(one.S) for one in tags(pdf)]
        heads = [str(one.A.Scope) for one in tags(pdf) if one.S == "/TH"]
    assert kinds.count("/Table") == 1
    assert kinds.count("/TR") == 61
    assert heads == ["/Column", "/Column"]
    assert faults(path) == []


def test_a_paragraph_over_pages_is_one(tmp_path: Path) -> None:
    path = printed(f"<p>{'这一段很长，跨过几页。' * 400}</p>", tmp_path)
    assert outline(path) == "Document(P)"
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) > 1


def test_pictures_say_their_words_and_ornaments_nothing(tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(png())
    path = printed('<p><img src="p.png" alt="流程"/></p><p>x<img src="p.png" alt=""/></p>', tmp_path)
    with pikepdf.open(path) as pdf:
        figures = [one for one in tags(pdf) if one.S == "/Figure"]
        assert [str(one.Alt) for one in figures] == ["流程"]
        assert len(figures[0].A.BBox) == 4
    assert faults(path) == []


def test_underlined_and_struck_text_is_one_piece_of_content(tmp_path: Path) -> None:
    path = printed("<p><ins>新</ins><del>旧</del> <span lang='en'>English words</span></p>", tmp_path)
    with pikepdf.open(path) as pdf:
        assert loose(pdf.pages[0]) == []
        assert [str(one.Lang) for one in tags(pdf) if "/Lang" in one] == ["en"]


def test_the_same_job_gives_the_same_bytes_with_its_files(tmp_path: Path) -> None:
    files = tuple(
        Carried(name, name.encode(), "text/markdown", "文", datetime(2026, 5, 1, tzinfo=UTC), "Source")
        for name in ("乙.md", "甲.md")
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = printed("<p>字</p>", tmp_path / "a", files=files, control={"document": "QP-1 <&>"})
    second = printed("<p>字</p>", tmp_path / "b", files=files, control={"document": "QP-1 <&>"})
    assert first.read_bytes() == second.read_bytes()
    with pikepdf.open(first) as pdf:
        assert pdf.attachments["甲.md"].get_file().read_bytes() == "甲.md".encode()
        assert b"QP-1 &lt;&amp;&gt;" in pdf.Root.Metadata.read_bytes()


# -- the structure by itself ---------------------------------------------------------------------------------------


def test_text_in_a_group_gets_a_paragraph_of_its_own() -> None:
    root = Node("Document")
    place_for_text(root).kids.append(Mark(0, 0))
    place_for_text(root).kids.append(Mark(0, 1))
    assert [kid.role for kid in root.kids if isinstance(kid, Node)] == ["P"]
    item = place_for("LI", root.add("L")).add("LI")
    assert place_for_text(item).role == "LBody"


def test_headings_are_never_skipped_and_empty_elements_left_out() -> None:
    root = Node("Document")
    for role in ("H3", "H5", "H2", "P"):
        root.add(role).kids += [] if role == "P" else [Mark(0, 0)]
    row = root.add("Table").add("TR")
    row.add("TD")
    tidy(root)
    assert [node.role for node in in_order(root)] == ["Document", "H1", "H2", "H2", "Table", "TR", "TD"]
