"""The register of controlled copies as values: written and read again, wrong lines with their place, who holds what."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmanual.control.copies import Act, Event, Ledger, Medium
from qmanual.control.copies.ledger import added, heading, line_of, read_ledger
from qmanual.source import SourceFile
from qmanual.workspace import decode

DIGEST, SUM = "2f" * 32, "5d" * 32
WORD = st.text(
    st.characters(exclude_categories=("C", "Zl", "Zp", "Zs"), include_characters=" 　"), min_size=1, max_size=30
).filter(lambda text: text == text.strip())
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


@st.composite
def events(draw: st.DrawFn) -> Event:
    act = draw(st.sampled_from(Act))
    issued = act is Act.ISSUED
    return Event(
        act=act, document=draw(WORD), revision=draw(WORD), number=draw(WORD), by=draw(WORD), sha256=draw(HEX),
        on=draw(st.dates(date(1990, 1, 1), date(2099, 12, 31))), holder=draw(WORD) if issued else "",
        medium=draw(st.sampled_from(Medium)) if issued else Medium.PAPER, digest=draw(HEX) if issued else "",
        reason="" if issued else draw(st.just("") | WORD),
    )  # fmt: skip


def issued(number: str = "003", **more: object) -> Event:
    known: dict[str, object] = {
        "act": Act.ISSUED, "document": "QP-7.5-01", "revision": "A/1", "number": number, "on": date(2026, 6, 2),
        "by": "李静", "sha256": SUM, "holder": "生产部", "digest": DIGEST,
    }  # fmt: skip
    return Event(**(known | more))  # type: ignore[arg-type]


def ended(number: str = "003", act: Act = Act.RETURNED, **more: object) -> Event:
    return issued(number, act=act, holder="", digest="", **more)


def read(text: str) -> Ledger:
    return read_ledger(SourceFile("copies.yml", text))


@given(st.lists(events(), max_size=5), st.lists(events(), max_size=3), st.booleans())
def test_what_is_written_is_read_again(first: list[Event], more: list[Event], windows: bool) -> None:
    old = added(None, first, heading())
    old = old.replace(b"\n", b"\r\n") if windows else old
    new = added(old, more, heading())
    source = decode("copies.yml", new)
    assert source is not None
    found = read_ledger(source)
    assert found.faults == ()
    assert found.events == (*first, *more)
    assert new.startswith(old), "what stands there is never written anew"
    assert (b"\r\n" in new) is (windows and b"\n" in new)


def test_it_is_yaml_that_others_read_alike() -> None:
    import yaml

    (row,) = yaml.safe_load(added(None, [issued("003", revision="1.10")], heading()))
    assert row["number"] == "003"
    assert row["date"] == date(2026, 6, 2)


def test_a_line_that_ends_without_a_line_end_gets_one() -> None:
    old = (heading() + line_of(issued("001"))).rstrip("\n").encode()
    assert [one.number for one in read(added(old, [issued("002")], "").decode()).events] == ["001", "002"]


LINE = line_of(issued()).rstrip("\n")


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace("event: issued", "event: given"),
        LINE.replace("event: issued, ", ""),
        LINE.replace("2026-06-02", "2026-02-30"),
        LINE.replace("2026-06-02", "June"),
        LINE.replace(DIGEST, DIGEST[1:]),
        LINE.replace(f", digest: {DIGEST}", ""),
        LINE.replace(SUM, "x" * 64),
        LINE.replace("medium: paper", "medium: stone"),
        LINE.replace("holder: 生产部", "holder:"),
        LINE.replace("by: 李静", "by: 李静, by: 王强"),
        LINE.replace("by: 李静", "by: 李静, note: 见附件"),
        LINE.replace("by: 李静", "by: 李静, reason: 换版"),
        LINE.replace("by: 李静", "by: &a 李静"),
        LINE.replace("by: 李静", "by: !!python/name:os.system 李静"),
        LINE.replace("by: 李静", "by: [李静]"),
        LINE.replace("by: 李静", 'by: "李静'),
        LINE.replace("by: 李静", 'by: "李\\u202e静\\0"'),
        LINE[:-1],
        "- " + "{a: " * 500,
        "copies:",
        "  - event: issued",
        "<<<<<<< HEAD",
        line_of(ended()).rstrip("\n").replace("date:", "holder: 生产部, date:"),
    ],
)
def test_what_is_not_as_the_program_writes_it_is_a_fault_of_its_line(line: str) -> None:
    found = read(f"# 登记\n{line_of(issued('001'))}{line}\n{line_of(issued('002'))}")
    assert [one.number for one in found.events] == ["001", "002"]
    assert found.faults
    assert {fault.span.line for fault in found.faults} == {3}


def test_values_have_their_places() -> None:
    event = read(f"# 登记\n{line_of(issued())}").events[0]
    for key, value in (("number", '"003"'), ("holder", "生产部"), ("date", "2026-06-02")):
        span = event.at(key)
        assert (span.line, LINE[span.column - 1 :][: span.length]) == (2, value)


def test_a_slow_line_is_read_as_a_quick_one() -> None:
    slow = LINE.replace("by: 李静", "by: '李静'")
    assert read(slow).events == read(LINE).events


# -- what the events say ---------------------------------------------------------------------------------------------


def test_a_copy_ends_once() -> None:
    ledger = Ledger(events=(issued("001"), issued("002"), ended("001"), ended("001"), ended("009")))
    assert [(copy.issued.number, copy.act) for copy in ledger.copies] == [("001", Act.RETURNED), ("002", Act.ISSUED)]
    assert [event.number for event in ledger.strays] == ["001", "009"]
    assert ledger.held("QP-7.5-01", "001") == ()
    assert ledger.held("QP-7.5-01", "002") is not None


def test_a_number_is_free_again_after_its_copy_came_back() -> None:
    again = issued(holder="质量部", sha256="6e" * 32)
    assert Ledger(events=(issued(), ended(), again)).doubles == ()
    assert [pair[0].holder for pair in Ledger(events=(issued(), again)).doubles] == ["质量部"]
    assert Ledger(events=(issued(), again, ended())).doubles == ()
    assert Ledger(events=(issued(), issued(document="QP-8.7-01"))).doubles == ()


def test_of_two_copies_with_one_number_the_one_that_is_named_came_back() -> None:
    other = issued(holder="质量部", sha256="6e" * 32)
    ledger = Ledger(events=(issued(), other, ended(sha256="6e" * 32)))
    assert [(copy.issued.holder, copy.open) for copy in ledger.copies] == [("生产部", True), ("质量部", False)]


def test_another_revision_is_another_copy() -> None:
    ledger = Ledger(events=(issued(), ended(revision="A/2")))
    assert (len(ledger.strays), ledger.copies[0].open) == (1, True)


def test_a_day_knows_what_was_recorded_up_to_it() -> None:
    ledger = Ledger(events=(issued(), ended(on=date(2026, 7, 1))))
    assert ledger.until(date(2026, 6, 30)).copies[0].open
    assert not ledger.until(date(2026, 7, 1)).copies[0].open
    assert ledger.until(date(2026, 6, 1)).copies == ()
