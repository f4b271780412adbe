"""A manual out of its files: documents and chapters, kinds, own fields and standards, file names of numbers."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manuals import check, register

from qmanual.checks.example import SOUND, tree_of
from qmanual.files import document_id, document_number, file_name, is_named_after, pdf_name
from qmanual.manual import group, kind_of, natural, read_register
from qmanual.model import Document
from qmanual.parse.settings import read_settings
from qmanual.register import Register
from qmanual.settings import Settings
from qmanual.source import SourceFile, Span

HEAD = "---\nid: {id}\ntitle: 标题\nrevision: A/0\n---\n\n# 标题\n"


def head(number: str) -> str:
    return HEAD.format(id=number)


def documents(files: dict[str, str]) -> dict[str, list[str]]:
    """Main file → chapter files, of every document."""
    return {one.path: [chapter.path for chapter in one.chapters] for one in register(files).documents}


def only(files: dict[str, str]) -> Document:
    (document,) = register(files).documents
    return document


def with_settings(text: str, files: dict[str, str]) -> Register:
    lines = "".join(f"      {line}\n" for line in text.splitlines())
    return register({"mkdocs.yml": f"plugins:\n  - qmanual:\n{lines}"} | files)


# -- documents and chapters --------------------------------------------------------------------------------------


def test_every_file_is_a_document() -> None:
    files = {"procedures/QP-1.md": head("QP-1"), "procedures/QP-2.md": head("QP-2")}
    assert documents(files) == {"procedures/QP-1.md": [], "procedures/QP-2.md": []}


def test_files_without_header_are_chapters_of_the_index() -> None:
    files = {
        "manual/index.md": head("QM-01"),
        "manual/10-改进.md": "# 改进\n",
        "manual/9-评价.md": "# 评价\n",
        "manual/00-前言.md": "# 前言\n",
    }
    assert documents(files) == {"manual/index.md": ["manual/00-前言.md", "manual/9-评价.md", "manual/10-改进.md"]}


def test_file_with_its_own_header_beside_chapters_is_a_document() -> None:
    files = {"manual/index.md": head("QM-01"), "manual/01.md": "# 一\n", "manual/QM-02.md": head("QM-02")}
    assert documents(files) == {"manual/QM-02.md": [], "manual/index.md": ["manual/01.md"]}


def test_without_an_index_files_without_header_are_documents_that_lack_it() -> None:
    assert documents({"procedures/01.md": "# 一\n"}) == {"procedures/01.md": []}


def test_chapters_belong_to_the_index_of_their_own_folder() -> None:
    files = {
        "manual/index.md": head("QM-01"),
        "manual/01.md": "# 一\n",
        "manual/QM-02/index.md": head("QM-02"),
        "manual/QM-02/01.md": "# 一\n",
    }
    assert documents(files) == {"manual/QM-02/index.md": ["manual/QM-02/01.md"], "manual/index.md": ["manual/01.md"]}


def test_index_without_header_keeps_its_chapters_and_lets_numbered_files_go() -> None:
    files = {"manual/index.md": "# 手册\n", "manual/01.md": "# 一\n", "manual/QM-02.md": "# 二\n"}
    assert documents(files) == {"manual/QM-02.md": [], "manual/index.md": ["manual/01.md"]}


def test_index_that_cannot_be_read_takes_no_file_for_a_document() -> None:
    files = {"manual/index.md !not utf-8": "", "manual/01.md": "# 一\n", "manual/QM-02.md": head("QM-02")}
    assert documents(files) == {"manual/QM-02.md": []}


def test_documents_in_nested_folders_have_the_kind_of_the_top_one() -> None:
    assert only({"procedures/生产/装配/QP-1.md": head("QP-1")}).kind == "procedure"


def test_files_outside_of_the_source_folders_are_no_documents() -> None:
    assert documents({"README.md": "# x\n", "docs/a.md": head("QP-1"), "proceduresold/b.md": head("QP-2")}) == {}


def test_documents_in_the_order_of_kinds_and_numbers() -> None:
    files = {f"procedures/QP-{n}.md": head(f"QP-{n}") for n in (10, 9, 1)} | {"manual/QM-1.md": head("QM-1")}
    assert [one.id for one in register(files).documents] == ["QM-1", "QP-1", "QP-9", "QP-10"]


def test_order_of_the_disk_makes_no_difference() -> None:
    files = {f"procedures/QP-{n}.md": head(f"QP-{n}") for n in range(20)}
    turned = dict(reversed(files.items()))
    assert [one.path for one in register(files).documents] == [one.path for one in register(turned).documents]


@given(st.lists(st.text("0123456789abÄ二.-/²٣", max_size=8), max_size=6))
def test_natural_order_is_an_order(paths: list[str]) -> None:
    once = sorted(paths, key=natural)
    assert sorted(once, key=natural) == once


def test_document_without_a_number_is_known_by_its_path() -> None:
    document = only({"procedures/x.md": "---\ntitle: 标题\n---\n\n# 标题\n"})
    assert (document.id, document.title, document.revision, document.owner) == ("procedures/x.md", "标题", "", "")


def test_document_without_a_title_shows_its_first_heading_then_its_number() -> None:
    assert only({"procedures/x.md": "# 一 **程序**\n"}).title == "一 程序"
    assert only({"procedures/x.md": "---\nid: QP-1\n---\n文字\n"}).title == "QP-1"


def test_empty_file_is_a_document_that_lacks_everything() -> None:
    document = only({"procedures/x.md": ""})
    assert not document.header.present
    assert document.title == "procedures/x.md"


# -- kinds from the settings -------------------------------------------------------------------------------------


def test_kind_with_its_own_folder() -> None:
    found = with_settings("kinds:\n  procedure: {folder: 程序文件}", {"程序文件/QP-1.md": head("QP-1")})
    assert [one.kind for one in found.documents] == ["procedure"]


def test_deeper_folder_wins() -> None:
    files = {"procedures/QP-1.md": head("QP-1"), "procedures/图纸/DRAWING-1.md": head("DRAWING-1")}
    found = with_settings("kinds:\n  drawing: {folder: procedures/图纸}", files)
    assert {one.id: one.kind for one in found.documents} == {"QP-1": "procedure", "DRAWING-1": "drawing"}


def test_two_kinds_in_one_folder_are_told_by_their_numbers() -> None:
    files = {"docs/QP-1.md": head("QP-1"), "docs/WI-1.md": head("WI-1"), "docs/other.md": head("QP-2")}
    found = with_settings("kinds:\n  procedure: {folder: docs}\n  instruction: {folder: docs}", files)
    assert {one.path: one.kind for one in found.documents} == {
        "docs/QP-1.md": "procedure",
        "docs/other.md": "procedure",
        "docs/WI-1.md": "instruction",
    }


def test_two_kinds_in_one_folder_name_every_document_once() -> None:
    files = {
        "docs/index.md": head("QP-0"),
        "docs/QP-1.md": head("QP-1"),
        "docs/WI-1.md": head("WI-1"),
        "docs/a.md": "# a\n",
    }
    found = with_settings("kinds:\n  procedure: {folder: docs}\n  instruction: {folder: docs}", files)
    assert sorted(body.path for one in found.documents for body in one.bodies) == sorted(files)


def test_kind_of_a_path() -> None:
    settings = Settings()
    kind = kind_of("forms/a/b.md", settings)
    assert kind is not None and kind.name == "form"
    assert kind_of("b.md", settings) is None


def test_own_header_fields_are_read_by_name_and_label() -> None:
    settings = "header_fields:\n  security: {label: 密级}"
    files = {
        "procedures/QP-1.md": "---\nid: QP-1\nsecurity: 内部\n---\n",
        "procedures/QP-2.md": "---\nid: QP-2\n密级: 公开\n---\n",
    }
    found = with_settings(settings, files)
    assert [one.header.own["security"].value for one in found.documents] == ["内部", "公开"]


def test_data_folder_from_the_settings() -> None:
    found = with_settings("data_folder: 数据", {"数据/organization.yml": "company: {name: 甲公司}\n"})
    assert found.organization.company == "甲公司"


def test_own_standard_from_the_settings() -> None:
    standard = "id: Q/KH 1\nclauses: [{number: '1', title: {zh: 追溯}}]\n"
    files = {"标准/q.yml": standard, "procedures/QP-1.md": '---\nid: QP-1\nclauses: ["Q/KH 1 1"]\n---\n'}
    found = with_settings("standards: [Q/KH 1]\nstandard_files: [标准/q.yml]", files)
    assert [key.standard for key in found.answers] == ["Q/KH 1"]


def test_mistake_in_an_own_standard_is_a_finding_with_its_line() -> None:
    settings = "plugins:\n  - qmanual:\n      standards: [ISO 9001:2015, A]\n      standard_files: [a.yml]\n"
    findings = check(SOUND | {"mkdocs.yml": settings, "a.yml": "id: A\nclauses:\n  - {number: x}\n"})
    assert [(one.span.path, one.span.line) for one in findings if one.span.path == "a.yml"] == [("a.yml", 3)]


def test_settings_may_be_given() -> None:
    files = tree_of({"procedures/QP-1.md": head("QP-1")})
    settings = read_settings(
        SourceFile("mkdocs.yml", "plugins:\n  - qmanual:\n      kinds: {procedure: {folder: x}}\n")
    )
    assert read_register(files, settings).documents == ()
    assert list(group(files.sources, settings)) == []


# -- who names whom ----------------------------------------------------------------------------------------------


def test_references_by_number_and_by_link() -> None:
    found = register(SOUND)
    assert set(found.references["QP-7.5-01"]) == {"QM-01", "QR-7.5-01"}
    assert found.referenced_by["QR-7.5-01"] == ("QP-7.5-01",)
    assert found.by_department["生产部"][0].id == "QP-7.5-01"


def test_first_of_two_equal_numbers_is_the_one_that_is_meant() -> None:
    found = register({"procedures/a.md": head("QP-1"), "procedures/b.md": head("QP-1")})
    assert found.by_id["QP-1"].path == "procedures/a.md"
    assert len(found.documents) == 2


# -- numbers as file names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("QP-7.5-01", "QP-7.5-01"),
        ("XZTC/CX-26-2022", "XZTC~CX-26-2022"),
        ("Q/CY 203-2024", "Q~CY_203-2024"),
        ("质管-程-07", "质管-程-07"),
        ("a~b_c=d", "a=7Eb=5Fc=3Dd"),
        ("../../etc/passwd", "=2E.~..~etc~passwd"),
        ("a\\b:c*d?", "a=5Cb=3Ac=2Ad=3F"),
        ("CON", "=43ON"),
        ("nul.txt", "=6Eul.txt"),
        ("x.", "x=2E"),
        (".", "=2E"),
        ("..", "=2E=2E"),
        ("%2e%2e", "=252e=252e"),
    ],
)
def test_number_as_a_file_name(number: str, name: str) -> None:
    assert file_name(number) == name
    assert document_number(name) == number


ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(ANY)
def test_file_name_can_be_read_back(number: str) -> None:
    assert document_number(file_name(number)) == number


@given(ANY)
def test_file_name_is_safe_everywhere(number: str) -> None:
    name = file_name(number)
    assert not set(name) & set('/\\:*?"<>|%#&\0 ' + "".join(map(chr, range(32))))
    assert not name.startswith(".") and not name.endswith((".", " "))
    assert name.isprintable() or not name.isascii()


@given(ANY, ANY)
def test_two_numbers_have_two_names(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) == (one == other)


@given(st.text(string.ascii_letters + "中文0123456789./- ", min_size=1, max_size=12))
def test_file_named_after_a_number_is_recognised(number: str) -> None:
    assert is_named_after(file_name(number), number)
    assert is_named_after(f"{file_name(number)} 标题", number)


@pytest.mark.parametrize(
    ("stem", "named"),
    [
        ("QP-7.5-01", True),
        ("QP-7.5-01 文件控制程序", True),
        ("QP-7.5-01_文件控制程序", True),
        ("QP-7.5-01-文件控制程序", True),
        ("QP-7.5-011", False),
        ("QP-7.5-01-2", False),
        ("QP-7.5", False),
        ("文件控制程序", False),
    ],
)
def test_title_may_follow_the_number_in_a_file_name(stem: str, named: bool) -> None:
    assert is_named_after(stem, "QP-7.5-01") is named


def test_number_said_by_a_path() -> None:
    assert document_id("procedures/Q~CY_203.md") == "Q/CY 203"
    assert document_id("manual/QM-01/index.md") == "QM-01"
    assert document_id("procedures/README") == "README"


@pytest.mark.parametrize(
    ("number", "revision", "name"),
    [
        ("QP-7.5-01", "A/1", "QP-7.5-01_A-1.pdf"),
        ("Q/CY 203-2024", "V1.0", "Q~CY_203-2024_V1.0.pdf"),
        ("QP-1", "", "QP-1_draft.pdf"),
        ("../x", "../../y", "=2E.~x_=2E.-..-y.pdf"),
    ],
)
def test_name_of_a_print(number: str, revision: str, name: str) -> None:
    assert pdf_name(number, revision) == name


# -- texts and places --------------------------------------------------------------------------------------------


@given(st.text("ab\n中😀\u2028", max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_span_names_the_line_and_column_of_an_offset(text: str, start: int, more: int) -> None:
    start = min(start, len(text))
    source = SourceFile("a", text)
    span = source.span(start, start + more)
    lines = text.split("\n")
    assert span.line == text.count("\n", 0, start) + 1 == source.line_of(start)
    assert source.offset(span.line) + span.column - 1 == start
    assert source.line(span.line) == lines[span.line - 1]
    assert span.length >= 1
    assert span.column - 1 + span.length <= len(lines[span.line - 1]) + 1


def test_line_that_is_not_there_is_empty() -> None:
    source = SourceFile("a", "x\n")
    assert (source.line(0), source.line(2), source.line(3)) == ("", "", "")
    assert source.span(0) == Span("a", 1, 1, 1)


def test_a_withdrawn_document_answers_no_clause_from_its_day() -> None:
    text = (
        "---\nid: QP-1\ntitle: 标题\nclauses: ['7.5']\nwithdrawn: {date: 2026-11-20}\n---\n\n# 标题\n\nGB/T 19001 8.6\n"
    )
    files = tree_of({"procedures/QP-1.md": text})
    for day, known in ((date(2026, 11, 19), True), (date(2026, 11, 20), False), (None, True)):
        found = read_register(files, day=day)
        assert (bool(found.answers), bool(found.mentioned)) == (known, known)
        assert "QP-1" in found.by_id
