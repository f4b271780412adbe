"""Headers: every value with the span of its own text, every mistake with its place."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qmanual.files import document_id, document_number, file_name, is_named_after, pdf_name
from qmanual.finding import Fault, FaultKind
from qmanual.model import Header, Meaning
from qmanual.parse.header import KEYS, read_header
from qmanual.source import SourceFile, Span

words = st.text(st.characters(categories=("L", "N"), max_codepoint=0x9FFF), min_size=1, max_size=12)
days = st.dates().map(lambda day: day.isoformat()).filter(lambda text: len(text) == 10)
quotes = st.sampled_from(["{}", "'{}'", '"{}"'])
keys = {name: st.sampled_from([name, *others]) for name, others in KEYS.items()}


def read(text: str) -> tuple[Header, SourceFile, tuple[Fault, ...]]:
    source = SourceFile("procedures/x.md", text)
    header, _, faults = read_header(source)
    return header, source, faults


def shown(source: SourceFile, span: Span) -> str:
    return source.line(span.line)[span.column - 1 : span.column - 1 + span.length]


@given(data=st.data())
def test_spans_point_at_the_text(data: st.DataObject) -> None:
    values = {
        name: data.draw(words.filter(lambda word: word not in ("null",)))
        for name in ("id", "title", "revision", "owner")
    }
    order = data.draw(st.permutations(list(values)))
    lines = ["---"]
    for name in order:
        written = data.draw(quotes).format(values[name])
        comment = data.draw(st.sampled_from(["", "  # 说明", "   "]))
        lines += data.draw(st.sampled_from([[], [""], ["# 说明"]]))
        lines.append(f"{data.draw(keys[name])}:{data.draw(st.sampled_from([' ', '   ']))}{written}{comment}")
    header, source, faults = read("\n".join([*lines, "---", "", "# 标题"]))
    assert faults == ()
    for name, value in values.items():
        text = getattr(header, name)
        assert text.value == value
        assert shown(source, text.span).strip("'\"") == value
        assert shown(source, header.keys[name]) in (name, *KEYS[name])


@given(by=words, day=days, number=st.integers(1, 4), flow=st.booleans())
def test_spans_of_signatures(by: str, day: str, number: int, flow: bool) -> None:
    one = f'{{by: "{by}", date: {day}}}' if flow else f'by: "{by}"\n    date: {day}'
    text = "---\nprepared:\n" + "".join(f"  - {one}\n" for _ in range(number)) + "---\n"
    header, source, faults = read(text)
    assert faults == ()
    assert len(header.approvals) == number
    for approval in header.approvals:
        assert approval.by is not None and approval.date is not None
        assert shown(source, approval.by.span) == f'"{by}"'
        assert shown(source, approval.date.span) == day == approval.date.value.isoformat()
        assert approval.given == {"by", "date"}


HEADER = """\
---
id: QP-7.5-01
title: 文件控制程序
revision: A/1
effective: 2026-06-01
departments: [生产部, "采购部"]
prepared: {by: 李静, date: 2026-05-11}
review_every: 12 months
changes:
  - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
---

# 文件控制程序
"""
signs = st.sampled_from([*"'\"[]{}:：,\n\t -&*!|>%@`#?~\x00\x07\x85\u2028AZ09中", "---", "\n\n# "])


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(4, len(HEADER) - 30), signs, st.integers(0, 20)), min_size=1, max_size=5))
def test_any_slip_of_the_pen_is_a_fault_in_its_place(slips: list[tuple[int, str, int]]) -> None:
    text = HEADER
    for at, sign, cut in slips:
        text = text[:at] + sign + text[at + cut :]
    _, source, faults = read(text)
    for fault in faults:
        line = source.line(fault.span.line)
        assert 1 <= fault.span.column <= len(line) + 1
        assert fault.span.line <= text.count("\n") + 1
    assert len({(fault.kind, fault.span) for fault in faults}) == len(faults)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    header, _, faults = read(f"---\n{text}\n---\n")
    assert header.readable or faults
    read(text)


@pytest.mark.parametrize("key", [key for key in KEYS if key not in ("fields", "rules", "withdrawn")])
@pytest.mark.parametrize("written", ["", " ~", " null", ' ""', " []", "  # 待定"])
def test_nothing_written_is_lacking(key: str, written: str) -> None:
    header, _, _ = read(f"---\n{key}:{written}\n---\n")
    assert header.lacks(key)


@pytest.mark.parametrize(
    "line", ["title: [a, b]", "titel: 文件", "title 文件", "title：文件", 'title: "文件', "title: *x"]
)
def test_what_cannot_be_read_is_not_lacking(line: str) -> None:
    header, _, faults = read(f"---\nid: QP-1\n{line}\nowner: 质量部\n---\n")
    assert faults
    assert not header.lacks("title")
    assert header.id is not None and header.owner is not None
    assert header.lacks("revision")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a: " + "[" * 100_000, FaultKind.YAML_TOO_LARGE),
        ("a: " + "{" * 100_000 + " &b", FaultKind.YAML_TOO_LARGE),
        ("- " * 5_000, FaultKind.YAML_TOO_LARGE),
        ("\n".join(" " * depth + "a:" for depth in range(300)), FaultKind.YAML_TOO_LARGE),
        ("a: " + "x" * 300_000, FaultKind.YAML_TOO_LARGE),
        ("id 1\na: &a [1]\nb: [*a, *a]", FaultKind.YAML_ALIAS),
        ("<<: {id: x}", FaultKind.YAML_ALIAS),
        ('title: "\\0"', FaultKind.CONTROL_CHARACTER),
        ("title: a\u2028b", FaultKind.CONTROL_CHARACTER),
        ("title: 文件: 程序", FaultKind.YAML_BROKEN),
        ("? [a]\n: b", FaultKind.WRONG_TYPE),
        ("质量手册", FaultKind.YAML_NOT_MAPPING),
    ],
)  # fmt: skip
def test_hostile_headers(text: str, kind: FaultKind) -> None:
    _, _, faults = read(f"---\n{text}\n---\n")
    assert kind in {fault.kind for fault in faults}


def test_a_heading_ends_an_unclosed_header() -> None:
    text = HEADER.replace("---\n\n# ", "\n# ") + "\n正文。\n\n---\n\n再一段。\n"
    header, _, faults = read(text)
    assert [fault.kind for fault in faults] == [FaultKind.HEADER_NOT_CLOSED]
    assert header.title and header.title.value == "文件控制程序"
    assert header.approval(Meaning.PREPARED) is not None


# -- numbers as file names -----------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=30).filter(lambda text: not re.search(r"[\ud800-\udfff]", text)))
def test_file_names_are_reversible_and_safe(number: str) -> None:
    name = file_name(number)
    assert document_number(name) == number
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\x7f ]', name)
    assert not name.startswith(".") and not name.endswith(".")
    assert is_named_after(name, number)
    assert document_id(f"procedures/{name}.md") == number
    assert pdf_name(number, "A/1") == f"{name}_A-1.pdf"


@given(st.lists(st.text(max_size=10), unique=True, min_size=2, max_size=5))
def test_different_numbers_have_different_names(numbers: list[str]) -> None:
    assert len({file_name(number) for number in numbers}) == len(numbers)


@pytest.mark.parametrize(
    ("stem", "number", "same"),
    [
        ("QP-7.5-01", "QP-7.5-01", True),
        ("QP-7.5-01 文件控制程序", "QP-7.5-01", True),
        ("QP-7.5-01_文件控制程序", "QP-7.5-01", True),
        ("QP-7.5-01-文件控制程序", "QP-7.5-01", True),
        ("QP-7.5-010", "QP-7.5-01", False),
        ("QP-7.5-01-2", "QP-7.5-01", False),
        ("QP-7.5", "QP-7.5-01", False),
        ("Q~CY_203-2024", "Q/CY 203-2024", True),
        ("con", "con", True),
    ],
)
def test_files_named_after_a_number(stem: str, number: str, same: bool) -> None:
    assert is_named_after(stem, number) is same
