"""Revision schemes: the order is total, agrees with how people count, and never depends on text order."""

import pickle
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmanual.revision import SCHEMES, Scheme

letters = st.text(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), min_size=1, max_size=2)
small = st.integers(0, 999)
days = st.dates(date(1990, 1, 1), date(2099, 12, 30))

REVISIONS: dict[str, st.SearchStrategy[str]] = {
    "A/0": st.builds("{}/{}".format, letters, small),
    "A0": st.builds("{}{}".format, letters, small),
    "A": letters,
    "1.0": st.builds("{}.{}".format, small, small),
    "V1.0": st.builds("V{}.{}".format, small, small),
    "01": st.builds("{:02}".format, small),
    "1": st.builds(str, small),
    "2026-01-31": st.builds(date.isoformat, days),
}

each_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))


def rank(scheme: Scheme, text: str) -> tuple[int, ...]:
    found = scheme.rank(text)
    assert found is not None, text
    return found


def test_every_scheme_is_tested() -> None:
    assert set(REVISIONS) == set(SCHEMES)


@each_scheme
@given(data=st.data())
def test_order_is_total(scheme: Scheme, data: st.DataObject) -> None:
    one, two, three = (data.draw(REVISIONS[scheme.name]) for _ in range(3))
    a, b, c = (rank(scheme, text) for text in (one, two, three))
    assert (a < b) + (a > b) + (a == b) == 1
    assert not (a < b < c) or a < c
    assert len(a) == len(b), "ranks of one scheme are compared figure by figure"


@each_scheme
def test_samples_rise(scheme: Scheme) -> None:
    samples = [text.strip(" …") for text in scheme.sample.replace("…", ",").split(",") if text.strip(" …")]
    ranks = [rank(scheme, text) for text in samples]
    assert ranks == sorted(set(ranks))
    assert scheme.rank(scheme.name) is not None


@given(letters, small)
def test_the_next_number_is_later(letter: str, number: int) -> None:
    scheme = SCHEMES["A/0"]
    if number < 999:
        assert rank(scheme, f"{letter}/{number}") < rank(scheme, f"{letter}/{number + 1}")
    assert rank(scheme, f"A/{number}") < rank(scheme, "B/0") < rank(scheme, "AA/0")


@given(small, small)
def test_numbers_are_not_compared_as_text(one: int, two: int) -> None:
    for name, text in (("1.0", "1.{}"), ("V1.0", "V1.{}"), ("01", "{:02}"), ("1", "{}")):
        scheme = SCHEMES[name]
        assert (rank(scheme, text.format(one)) < rank(scheme, text.format(two))) == (one < two)


@given(days)
def test_days_follow_each_other(day: date) -> None:
    scheme = SCHEMES["2026-01-31"]
    assert rank(scheme, day.isoformat()) < rank(scheme, (day + timedelta(days=1)).isoformat())


@each_scheme
@given(text=st.text(max_size=12))
def test_any_text_is_answered(scheme: Scheme, text: str) -> None:
    assert scheme.rank(text) is None or scheme.pattern.fullmatch(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("A/0", "a/0"), ("A/0", "A/"), ("A/0", "A-0"), ("A/0", "A/0\n"), ("A/0", "Ａ/０"), ("A/0", "A/1000"),
        ("1.0", "1.0.1"), ("1.0", "V1.0"), ("01", "1"), ("01", "٠١"), ("2026-01-31", "2026-02-30"),
        ("2026-01-31", "2026-13-01"),
    ],
)  # fmt: skip
def test_what_is_no_revision(name: str, text: str) -> None:
    assert SCHEMES[name].rank(text) is None


@pytest.mark.parametrize(
    ("scheme", "text", "minor", "major"),
    [
        ("A/0", "A/0", "A/1", "B/0"), ("A/0", "A/9", "A/10", "B/0"), ("A/0", "Z/3", "Z/4", "AA/0"),
        ("A/0", "A/999", None, "B/0"), ("A/0", "ZZ/1", "ZZ/2", None), ("A/0", "1.0", None, None),
        ("A0", "A9", "A10", "B0"), ("A", "Z", "AA", "AA"), ("A", "AZ", "BA", "BA"),
        ("1.0", "1.9", "1.10", "2.0"), ("V1.0", "V1.0", "V1.1", "V2.0"),
        ("01", "09", "10", "10"), ("01", "99", "100", "100"), ("01", "007", "008", "008"), ("1", "9", "10", "10"),
        ("2026-01-31", "2026-01-31", "2026-06-15", "2026-06-15"), ("2026-01-31", "2026-06-15", None, None),
        ("2026-01-31", "2026-02-31", None, None),
    ],
)  # fmt: skip
def test_next_revision(scheme: str, text: str, minor: str | None, major: str | None) -> None:
    today = date(2026, 6, 15)
    assert SCHEMES[scheme].next(text, today) == minor
    assert SCHEMES[scheme].next(text, today, major=True) == major


@pytest.mark.parametrize("name", SCHEMES)
def test_first_revision_is_of_its_scheme_and_comes_before_the_next(name: str) -> None:
    scheme = pickle.loads(pickle.dumps(SCHEMES[name]))  # settings travel to worker processes
    first = scheme.first(date(2026, 6, 15))
    following = scheme.next(first, date(2026, 6, 16))
    assert following and scheme.rank(following) > scheme.rank(first)
