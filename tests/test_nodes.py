"""YAML as nodes: values as people write them, and what is said when they cannot be read."""

import pytest

from qmanual.finding import FaultKind
from qmanual.nodes import Reader
from qmanual.source import SourceFile


def reader(text: str) -> tuple[Reader, dict[str, object]]:
    """A reader after composing `text`, with its entries."""
    source = SourceFile("x.yml", text)
    made = Reader(source)
    node = made.compose(text)
    return made, dict(made.entries(node, {}, open_=True)) if node is not None else {}


def value(text: str, method: str, *arguments: object) -> object:
    """What a method of the reader makes of the value of `x`, or the kinds of the faults."""
    source = SourceFile("x.yml", f"x: {text}\n")
    made = Reader(source)
    node = made.compose(source.text)
    assert node is not None
    found = made.entries(node, {}, open_=True)
    result = getattr(made, method)(found.get("x"), *arguments)
    return [fault.kind for fault in made.faults] or result


@pytest.mark.parametrize(
    "text", ["1.10", "010", "12:30", "no", "2026-05-01", "0x1F", "1_000", "=", "3.0e2", "on", ".inf", "A/0", "１２"]
)
def test_scalars_stay_text(text: str) -> None:
    read = value(text, "text")
    assert str(read) == text


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("12 months", 12),
        ("12月", 12),
        ("1 year", 12),
        ("3年", 36),
        ("3 Y", 36),
        ("6个月", 6),
        ("6m", 6),
        ("永久", None),
        ("Permanent", None),
    ],
)
def test_periods(text: str, months: int | None) -> None:
    period = value(text, "period")
    assert getattr(period, "months", "?") == months


@pytest.mark.parametrize(
    "text", ["0 months", "一年", "12", "months", "-1 years", "12 weeks", "１２个月", "99999 years"]
)
def test_no_periods(text: str) -> None:
    assert value(text, "period") == [FaultKind.WRONG_TYPE]


@pytest.mark.parametrize(
    "text", ["2026-5-1", "2026/05/01", "2026-02-29", "2026-13-01", "0000-01-01", "２０２６-０５-０１", "20260501"]
)
def test_no_dates(text: str) -> None:
    assert value(text, "day") == [FaultKind.BAD_DATE]


@pytest.mark.parametrize(("text", "number"), [("3", 3.0), ("-2.5", -2.5), ("0", 0.0), ("", None)])
def test_numbers(text: str, number: float | None) -> None:
    assert value(text, "number") == number


@pytest.mark.parametrize("text", ["1e9", "nan", "３", "1,5", "1 000", "[1]"])
def test_no_numbers(text: str) -> None:
    assert value(text, "number") == [FaultKind.WRONG_TYPE]


@pytest.mark.parametrize(("text", "said"), [("是", True), ("no", False), ("true", True), ("", False)])
def test_booleans(text: str, said: bool) -> None:
    assert value(text, "boolean", False) is said


def test_lists() -> None:
    assert value("a", "items") == [FaultKind.WRONG_TYPE]
    assert len(value("{a: b}", "items")) == 1  # type: ignore[arg-type]
    assert value("~", "items") == ()
    assert value("a", "mappings", "a mapping") == [FaultKind.WRONG_TYPE]
    assert value("[a, {b: c}]", "mappings", "a mapping") == [FaultKind.WRONG_TYPE]
    assert value("[~]", "mappings", "a mapping") == ()


CAUSES = [
    ("a: 1\n\tb: 2", "the line is indented with a tab; use blanks"),
    ("a: 1\nb：2", "a full-width colon （：） stands where a plain colon and a blank (: ) belong"),
    ("a: 1\nb:2", "a blank is missing after the colon"),
    ('a: "1\nb: 2', "a quotation mark is never closed"),
    ("a: 'x\n", "a quotation mark is never closed"),
    ("a: [1, 2", "a bracket is never closed, or a comma is missing"),
    ("a: 1: 2", "the value holds a colon and a blank; put the value in quotation marks"),
    ("a: @x", "the value begins with a sign that has a meaning in YAML; put the value in quotation marks"),
    ("a: %x", "the value begins with a sign that has a meaning in YAML; put the value in quotation marks"),
    ("a: 1\nb 2", "it is not of the form `key: value`, or its indentation is wrong"),
]


@pytest.mark.parametrize(("text", "cause"), CAUSES)
def test_what_is_probably_wrong(text: str, cause: str) -> None:
    made, _ = reader(text)
    assert [fault.details.get("cause") for fault in made.faults] == [cause]


def test_a_broken_entry_costs_only_itself() -> None:
    made, found = reader("a: 1\nb: [1\nc: 2\nd: 'x\ne: 3\n")
    assert list(found) == ["a", "c", "e"]
    assert set(made.dropped) == {"b", "d"}
    assert [(fault.kind, fault.span.line) for fault in made.faults] == [
        (FaultKind.YAML_BROKEN, 2),
        (FaultKind.YAML_BROKEN, 4),
    ]


def test_nothing_is_left() -> None:
    made, found = reader("a: [1")
    assert found == {}
    assert [fault.kind for fault in made.faults] == [FaultKind.YAML_BROKEN]


def test_an_alias_costs_only_its_entry() -> None:
    made, found = reader("a: &x [1]\nb: [*x, *x]\nc: 2\n")
    assert list(found) == ["a", "c"]
    assert [fault.details["text"] for fault in made.faults] == ["&x", "*x", "*x"]
