"""Standards as data: what is built in, editions and names, a company's own, and what is uncertain."""

import re

import pytest

from qmanual.finding import FaultKind
from qmanual.model import ClauseRef
from qmanual.source import SourceFile, Span
from qmanual.standards import (
    BUILT_IN,
    Library,
    Standard,
    clause_order,
    load_standards,
    parent,
    read_standard,
    standard_key,
)

OWN = """\
id: Q/KH 100
names: [顾客要求, "客户 A"]
title: {zh: 顾客特殊要求, en: Customer requirements}
base: ISO 9001:2015
clauses:
  - {number: "1", title: {zh: 追溯}}
  - {number: "1.1", title: {zh: 批次标识, en: Lots}, keeps: [record]}
  - {number: "A.1", title: {en: Annex}, certain: false}
"""


def own(text: str, path: str = "own.yml") -> tuple[Standard | None, list[FaultKind]]:
    standard, faults = read_standard(SourceFile(path, text))
    return standard, [fault.kind for fault in faults]


def library(*names: str, **files: str) -> Library:
    return load_standards(names, {f"{name}.yml": SourceFile(f"{name}.yml", text) for name, text in files.items()})


def clause(found: Library, standard: str | None, number: str) -> str | None:
    known = found.clause(ClauseRef(standard=standard, number=number, span=Span("")))
    return f"{known[0].id} {known[1].number}" if known else None


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_standard_is_sound(name: str) -> None:
    (standard, *_) = library(name).standards
    assert standard.id == name
    assert standard.edition in name
    assert len(standard.by_number) == len(standard.clauses) > 10
    assert [one.number for one in standard.clauses] == sorted(standard.by_number, key=clause_order)
    missing = {parent(number) for number in standard.by_number} - standard.by_number.keys() - {"", "A"}
    assert missing == set() or standard.base, f"clauses without their parent: {missing}"


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_titles_are_titles_and_no_requirements(name: str) -> None:
    for one in library(name).standards[0].clauses:
        for title in one.title.values():
            assert len(title) < 120
            assert not title.endswith(("。", "."))
            assert not re.search(r"(?:组织|供方|管理者|公司)应|\bshall\b", title)


@pytest.mark.parametrize(
    "written",
    [
        "GB/T 19001-2016",
        "GB/T19001—2016",
        "GB/T 19001 - 2016",
        "iso 9001:2015",
        "ISO 9001-2015",
        "ISO9001",
        "GB/T 19001",
    ],
)
def test_standard_by_any_of_its_names(written: str) -> None:
    found = library("ISO 9001:2015").standard(written)
    assert found is not None and found.id == "ISO 9001:2015"


def test_settings_may_use_any_name() -> None:
    assert [one.id for one in library("GB/T 19001-2016").standards] == ["ISO 9001:2015"]


def test_same_standard_under_two_names_is_loaded_once() -> None:
    assert [one.id for one in library("ISO 9001:2015", "GB/T 19001-2016").standards] == ["ISO 9001:2015"]


@pytest.mark.parametrize(("first", "second"), [("ISO 9001:2015", "ISO 9001:2026"), ("ISO 9001:2026", "ISO 9001:2015")])
def test_without_a_year_the_edition_listed_first_is_meant(first: str, second: str) -> None:
    found = library(first, second)
    assert clause(found, "ISO 9001", "7.5") == f"{first} 7.5"
    assert clause(found, None, "7.5") == f"{first} 7.5"
    assert clause(found, second, "7.5") == f"{second} 7.5"


def test_edition_not_in_use_is_told_from_a_standard_not_in_use() -> None:
    found = library("ISO 9001:2015")
    other = found.other_edition("ISO 9001:2008")
    assert other is not None and other.id == "ISO 9001:2015"
    assert found.other_edition("ISO 14001:2015") is None
    assert found.other_edition("ISO 9001:2015") is None
    assert found.other_edition("ISO 9001") is None


def test_base_is_loaded_and_looked_into() -> None:
    found = library("IATF 16949:2016")
    assert [one.id for one in found.standards] == ["IATF 16949:2016", "ISO 9001:2015"]
    assert clause(found, "IATF 16949", "7.5.3.2.1") == "IATF 16949:2016 7.5.3.2.1"
    assert clause(found, "IATF 16949", "7.5.3.2") in {"ISO 9001:2015 7.5.3.2", "IATF 16949:2016 7.5.3.2"}


def test_nothing_in_use_means_no_clause() -> None:
    assert clause(library(), None, "7.5") is None
    assert clause(library("nothing"), "nothing", "7.5") is None


def test_own_standard_is_used_like_any() -> None:
    found = library("顾客要求", own=OWN)
    assert [one.id for one in found.standards] == ["Q/KH 100", "ISO 9001:2015"]
    assert clause(found, "客户 A", "1.1") == "Q/KH 100 1.1"
    assert clause(found, "Q/KH 100", "8.4") == "ISO 9001:2015 8.4"
    assert found.available[-1] == "Q/KH 100"


def test_own_standard_may_take_the_place_of_a_built_in_one() -> None:
    mine = "id: ISO 9001:2015\nclauses: [{number: '4', title: {zh: 环境}}]\n"
    assert library("ISO 9001:2015", own=mine).standards[0].by_number.keys() == {"4"}


def test_base_in_a_circle_ends() -> None:
    one = "id: A 1\nbase: B 1\nclauses: [{number: '1'}]\n"
    two = "id: B 1\nbase: A 1\nclauses: [{number: '2'}]\n"
    found = library("A 1", one=one, two=two)
    assert clause(found, "A 1", "2") == "B 1 2"
    assert clause(found, "A 1", "3") is None


def test_base_of_itself_ends() -> None:
    assert clause(library("A 1", one="id: A 1\nbase: A 1\nclauses: [{number: '1'}]\n"), "A 1", "3") is None


def test_uncertain_titles_say_so() -> None:
    standard, _ = own(OWN)
    assert standard is not None
    assert [one.certain for one in standard.clauses] == [True, True, False]
    assert not read_uncertain().certain_zh


def read_uncertain() -> Standard:
    standard, _ = own("id: A\ncertain_zh: false\nclauses: [{number: '1'}]\n")
    assert standard is not None
    return standard


def test_title_in_the_other_language_when_there_is_none() -> None:
    standard, _ = own(OWN)
    assert standard is not None
    assert [one.named("en") for one in standard.clauses] == ["追溯", "Lots", "Annex"]
    assert read_uncertain().clauses[0].named("zh") == ""


def test_records_are_known() -> None:
    standard, _ = own(OWN)
    assert standard is not None
    assert standard.by_number["1.1"].keeps == {"record"}


def test_keeps_may_be_one_word() -> None:
    standard, faults = own("id: A\nclauses: [{number: '1', keeps: 保留}]\n")
    assert standard is not None and standard.clauses[0].keeps == {"record"}
    assert faults == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("clauses: []\n", FaultKind.MISSING_VALUE),
        ("id: A\nclauses: [{title: {zh: x}}]\n", FaultKind.WRONG_TYPE),
        ("id: A\nclauses: [{number: eins}]\n", FaultKind.WRONG_TYPE),
        ("id: A\nclauses: [{number: '1'}, {number: '1'}]\n", FaultKind.DUPLICATE_KEY),
        ("id: A\nclauses: 1\n", FaultKind.WRONG_TYPE),
        ("id: A\nclauses: [{number: '1', keeps: [x]}]\n", FaultKind.UNKNOWN_VALUE),
        ("id: A\nclauses: [{number: '1', certain: vielleicht}]\n", FaultKind.UNKNOWN_VALUE),
        ("id: A\nclausse: []\n", FaultKind.UNKNOWN_KEY),
        ("id: A\ntitle: {fr: x}\nclauses: []\n", FaultKind.UNKNOWN_KEY),
        ("- a\n", FaultKind.YAML_NOT_MAPPING),
        ("id: A\nclauses: *x\n", FaultKind.YAML_ALIAS),
    ],
)
def test_mistake_in_an_own_standard_is_a_fault(text: str, kind: FaultKind) -> None:
    assert kind in own(text)[1]


def test_fault_of_an_own_standard_has_its_line() -> None:
    _, faults = read_standard(SourceFile("own.yml", "id: A\nclauses:\n  - {number: '1'}\n  - {number: '1'}\n"))
    assert (faults[0].span.path, faults[0].span.line, faults[0].details["line"]) == ("own.yml", 4, "3")


def test_faults_of_all_own_standards_are_gathered() -> None:
    found = library("A", a="clauses: []\n", b="id: A\nclauses: [{number: x}]\n")
    assert {fault.span.path for fault in found.faults} == {"a.yml", "b.yml"}


def test_clauses_in_the_order_of_a_standard() -> None:
    assert sorted(["10", "8.10", "8.9", "A.1", "8", "8.9.1"], key=clause_order) == [
        "8",
        "8.9",
        "8.9.1",
        "8.10",
        "10",
        "A.1",
    ]


def test_names_are_compared_without_dashes_and_blanks() -> None:
    assert standard_key("GB/T 19001—2016") == standard_key("gb/t19001-2016") == standard_key("GB/T 19001：2016")
