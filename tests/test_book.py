"""The whole manual as one PDF: what it holds, where its links, bookmarks and page numbers lead; all of it or none."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from disk import DAY, Done, start, write
from pypdf import PdfReader
from test_pdf_archival import faults, loose, marks, painted, tags

from qmanual.checks.example import SOUND

WIDE = "procedures/QP-8.4-01.md"
_HEADS = "| " + " | ".join(f"第{at}列的名称" for at in range(12)) + " |\n" + "|---" * 12 + "|\n"
_ROW = "| " + " | ".join(f"第{at}列里的一段说明文字" for at in range(12)) + " |\n"
MANUAL = dict(SOUND) | {
    WIDE: SOUND["procedures/QP-7.5-01.md"].replace("QP-7.5-01", "QP-8.4-01").replace("文件控制程序", "采购控制程序")
    + f"\n## 7 一览表\n\n{_HEADS}{_ROW * 3}\n按[文件的更改](QP-7.5-01.md#4-工作程序)办理，外发的见[网址](https://example.com/a)。\n",
}  # fmt: skip


def bind(root: Path, out: Path, *words: str, **more: str) -> Done:
    return start(
        "--root", str(root), "--today", DAY, "pdf", "--book", "--draft", "--out", str(out), *words, cwd=None, **more
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("manual"), MANUAL)


@pytest.fixture(scope="module")
def book(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("book")
    done = bind(root, out, "--no-cache")
    assert "合订本共 4 份文件" in done.out, done.err
    assert [path.name for path in out.iterdir()] == ["book.pdf"]
    return out / "book.pdf"


def texts(book: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(book).pages]


def links(pdf: pikepdf.Pdf) -> Iterator[tuple[str, pikepdf.Object]]:
    """The words of every link, and its annotation."""
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            yield str(note.Contents), note


def target(pdf: pikepdf.Pdf, note: pikepdf.Object) -> int:
    """The page that a link leads to, from 0."""
    pages = {page.obj.objgen: at for at, page in enumerate(pdf.pages)}
    named = list(pdf.Root.Names.Dests.Names)
    places = {bytes(name): place for name, place in zip(named[::2], named[1::2], strict=True)}
    place = places[bytes(note.Dest)] if isinstance(note.Dest, pikepdf.String) else note.Dest
    return pages[place[0].objgen]


def test_the_contents_name_the_page_on_which_each_document_begins(book: Path) -> None:
    shown = texts(book)
    lines = [line for line in shown[1].split("\n") if re.match(r"Q[MPR]-", line)]
    assert len(lines) == 4, shown[1]
    for line in lines:
        number, page = line.split()[0], int(re.findall(r"\d+", line)[-1])
        assert number in shown[page - 1]
        assert number not in shown[page - 2] or page == 3
        assert "签批" in shown[page - 1] or number.startswith("QR"), "its approvals stand on its own first page"
    with pikepdf.open(book) as pdf:
        told = {
            words.split()[0]: target(pdf, note) + 1 for words, note in links(pdf) if re.match(r"Q[MPR]-\S+ A/", words)
        }
    assert told == {line.split()[0]: int(re.findall(r"\d+", line)[-1]) for line in lines}


def test_every_page_runs_under_its_own_document_and_bears_its_number_in_the_book(book: Path) -> None:
    shown = texts(book)
    begins = next(at for at, text in enumerate(shown) if "文件编号" in text)
    for at, text in enumerate(shown[begins:], begins + 1):
        assert f"合订本第 {at} 页 共 {len(shown)} 页" in text
        assert re.search(r"Q[MPR]-[\d.-]+ +A/\d", text)
        assert "草稿" in text


def test_links_between_documents_lead_inside_the_book(book: Path) -> None:
    shown = texts(book)
    with pikepdf.open(book) as pdf:
        found = dict(links(pdf))
        assert "文件更改由归口部门提出" in shown[target(pdf, found["文件的更改"])]
        assert "文件更改申请单" in shown[target(pdf, found["QR-7.5-01 文件更改申请单"])]
        assert str(found["网址"].A.URI) == "https://example.com/a"
        assert all("qm-book" not in str(note.get("/A", "")) for _, note in links(pdf))
        assert all(0 <= target(pdf, note) < len(shown) for _, note in links(pdf) if "/Dest" in note)


def test_the_cover_names_the_manual_and_how_much_it_is(book: Path, root: Path, tmp_path: Path) -> None:
    cover = texts(book)[0]
    assert "样例公司质量手册" in cover
    assert re.search(r"文件份数\s*4", cover)
    nameless = tmp_path / "manual"
    shutil.copytree(root, nameless)
    settings = (nameless / "mkdocs.yml").read_text("utf-8").replace("样例公司质量手册", "样例公司")
    write(nameless, {"mkdocs.yml": settings})
    assert bind(nameless, tmp_path, "QR-7.5-01").code == 0
    assert "质量管理体系文件" in texts(tmp_path / "book.pdf")[0]


def test_the_bookmarks_are_kinds_documents_and_headings(book: Path) -> None:
    with pikepdf.open(book) as pdf, pdf.open_outline() as outline:
        kinds = {one.title: [child.title for child in one.children] for one in outline.root[1:]}
        procedure = outline.root[2].children[0]
        assert "1 目的" in [child.title for child in procedure.children]
    assert kinds == {
        "质量手册": ["QM-01 质量手册"],
        "程序文件": ["QP-7.5-01 文件控制程序", "QP-8.4-01 采购控制程序"],
        "记录表单": ["QR-7.5-01 文件更改申请单"],
    }


def test_the_book_is_an_archive_copy_for_everybody(book: Path) -> None:
    assert faults(book) == []
    with pikepdf.open(book) as pdf:
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        parents = {int(at): kid for at, kid in zip(numbers[::2], numbers[1::2], strict=True)}
        assert len(parents) == len(numbers) // 2 == int(pdf.Root.StructTreeRoot.ParentTreeNextKey)
        pages = {one.obj.objgen: at for at, one in enumerate(pdf.pages)}
        named = set()
        for element in tags(pdf):
            for page, mark in marks(element):
                assert parents[int(page.StructParents)][mark].objgen == element.objgen
                named.add((pages[page.objgen], mark))
        assert named == {(at, mark) for at, one in enumerate(pdf.pages) for mark in painted(one)}
        assert [loose(one) for one in pdf.pages] == [[] for _ in pdf.pages]
        assert all(parents[int(note.StructParent)].S == "/Link" for _, note in links(pdf))
        assert list(pdf.attachments) == ["register.json"]
        assert {float(page.mediabox[2]) > float(page.mediabox[3]) for page in pdf.pages} == {True, False}


def test_the_same_manual_gives_the_same_book(book: Path, root: Path, tmp_path: Path) -> None:
    """In another folder, with one process, in another place of the world, from what is kept of an earlier run."""
    other = tmp_path / "另 一个"
    shutil.copytree(root, other)
    kept = {"XDG_CACHE_HOME": str(tmp_path / "kept")}
    assert bind(other, tmp_path / "a", "--jobs", "1", TZ="Asia/Shanghai", LC_ALL="C", **kept).code == 0
    assert bind(other, tmp_path / "b", TZ="America/New_York", **kept).code == 0
    assert (tmp_path / "a" / "book.pdf").read_bytes() == book.read_bytes()
    assert (tmp_path / "b" / "book.pdf").read_bytes() == book.read_bytes()


def test_a_part_of_the_manual_is_a_book_too(root: Path, tmp_path: Path) -> None:
    """A link to a document that is not in the book leads nowhere, and stays text."""
    done = bind(root, tmp_path, "QP-8.4-01")
    assert "合订本共 1 份文件" in done.out, done.err
    with pikepdf.open(tmp_path / "book.pdf") as pdf:
        assert "文件的更改" not in {words for words, _ in links(pdf)}
    assert any("文件的更改" in text for text in texts(tmp_path / "book.pdf"))
    assert faults(tmp_path / "book.pdf") == []


def test_without_one_document_there_is_no_book(root: Path, tmp_path: Path) -> None:
    broken = tmp_path / "manual"
    shutil.copytree(root, broken)
    picture = b"\x89PNG\r\n\x1a\n no picture"
    text = (broken / WIDE).read_text("utf-8") + "\n![现场图](x.png)\n"
    write(broken, {WIDE: text, "procedures/x.png": picture, "dist/book.pdf": b"the former one"})
    done = bind(broken, broken / "dist")
    assert done.code == 1
    assert "QP-8.4-01 未能生成 PDF：图片已损坏，或者格式无法印制：procedures/x.png。" in done.err
    assert (broken / "dist" / "book.pdf").read_bytes() == b"the former one"


def test_a_book_is_not_sealed(root: Path, tmp_path: Path) -> None:
    done = bind(root, tmp_path, "--sign")
    assert done.code == 2
    assert "pdf --sign" in done.err
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_every_kind_are_found_in_the_book(tmp_path: Path) -> None:
    """With a stroke, a blank, Chinese: in file names, addresses and names of destinations."""
    procedure, form = SOUND["procedures/QP-7.5-01.md"], SOUND["forms/QR-7.5-01.md"]
    kinds = 'kinds:\n        procedure: {folder: procedures, id: "(Q/CY [0-9-]+|质管-程-[0-9]+)"}\n'
    manual = {
        "mkdocs.yml": f"site_name: 手册\nplugins:\n  - qmanual:\n      {kinds}",
        "procedures/Q~CY 203-2024.md": procedure.replace("id: QP-7.5-01", "id: Q/CY 203-2024")
        + "\n按[职责](质管-程-07.md#3-职责)办理。\n",
        "procedures/质管-程-07.md": procedure.replace("id: QP-7.5-01", "id: 质管-程-07")
        + "\n按[范围](<Q~CY 203-2024.md#2-范围>)办理。\n",
        "forms/QR-7.5-01.md": form, "manual/index.md": SOUND["manual/index.md"],
    }  # fmt: skip
    assert "4 份文件" in bind(write(tmp_path / "m", manual), tmp_path).out
    shown = texts(tmp_path / "book.pdf")
    with pikepdf.open(tmp_path / "book.pdf") as pdf:
        found = dict(links(pdf))
        for words, number, text in (("职责", "质管-程-07", "3 职责"), ("范围", "Q/CY 203-2024", "2 范围")):
            there = shown[target(pdf, found[words])]
            assert text in there
            assert number in there
    assert faults(tmp_path / "book.pdf") == []
