"""No claim without a test: what docs/compliance.md and docs/security.md say is shown, names tests that exist."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "docs/compliance.md", ROOT / "docs/security.md")
COMPANYS = "公司负责"
CLAUSES = ("7.5.2 a", "7.5.2 b", "7.5.2 c", "7.5.3.1 a", "7.5.3.1 b", *(f"7.5.3.2 {one}" for one in "abcd"),
           *(f"4.2.4 {one}" for one in "abcdefgh"), "4.2.5", *(f"11.10({one})" for one in "abcdefghij"),
           "11.10(k)(1)", "11.10(k)(2)", "11.30", "11.50(a)(1)-(3)", "11.50(b)", "11.70",
           *(f"11.100({one})" for one in "abc"), "11.200(a)(1)(i)-(ii)", "11.200(a)(2)", "11.200(a)(3)", "11.200(b)",
           *(f"11.300({one})" for one in "abcde"),
           "1 ", "2 ", "3 ", "4 ", "5 ", "6 ", "7.1 ", "7.2 ", "8.1 ", "8.2 ", "9 ", "10 ", "11 ",
           "12.1 ", "12.2 ", "12.3 ", "12.4 ", "13 ", "14 a", "14 b", "14 c", "15 ", "16 ", "17 ")  # fmt: skip
"""Every clause that a table must answer; those of one or two digits are sections of Annex 11."""

_NAMED = re.compile(r"`(test_\w+\.py)::((?:\w+::)?\w+)`")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def rows(page: Path) -> Iterator[tuple[str, str]]:
    """First cell and cell under "Shown by" of every row of the tables that have such a column."""
    column = None
    for line in page.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            column = None
        elif "Shown by" in cells:
            column = cells.index("Shown by")
        elif column is not None and not set(cells[0]) <= set("-: "):
            yield cells[0], cells[column]


def existing(name: str) -> set[str]:
    """The tests of a module, those in classes as `Class::test`."""
    path = ROOT / "tests" / name
    if not path.is_file():
        return set()
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return found


@each_page
def test_named_tests_exist(page: Path) -> None:
    named = set(_NAMED.findall(page.read_text(encoding="utf-8")))
    assert named
    assert sorted(f"{file}::{test}" for file, test in named if test not in existing(file)) == []


@each_page
def test_every_row_names_a_test_or_the_company(page: Path) -> None:
    found = list(rows(page))
    assert len(found) > 25
    assert [subject for subject, shown in found if not _NAMED.search(shown) and shown != COMPANYS] == []


def test_every_clause_has_a_row() -> None:
    subjects = [subject for subject, _ in rows(PAGES[0])]
    assert [clause for clause in CLAUSES if not any(one.startswith(clause) for one in subjects)] == []


def test_tables_are_whole() -> None:
    """Every row has as many cells as its heading: a stray `|` would shift a claim into another column."""
    for page in PAGES:
        for block in re.findall(r"(?:^\|.*\n)+", page.read_text(encoding="utf-8"), re.MULTILINE):
            assert len({line.count("|") for line in block.splitlines()}) == 1, block.splitlines()[0]
