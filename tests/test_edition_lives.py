"""The edition of any day of any life of a document, against a model that knows nothing of how the program does it."""

from datetime import date, timedelta
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st
from test_edition import facts, history

from qmanual.control.edition import timeline
from qmanual.control.history import Facts

BEGIN = date(2026, 1, 5)
State: TypeAlias = "tuple[str, int | None, int | None] | None"
"""Revision, its effective day and the day of its withdrawal, both in days after the release; None: not there."""

STATES = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["A/0", "A/1", "A/2"]),
        st.one_of(st.none(), st.integers(-3, 20)),
        st.one_of(st.none(), st.none(), st.integers(-2, 6)),
    ),
)


def seen(life: list[tuple[date, Facts | None]], day: date) -> tuple[str, str, date] | None:
    """Status, revision and beginning of the text that counts on a day; None where there is none."""
    known = [(on, text) for on, text in life if on <= day]
    issues: list[list[tuple[date, Facts]]] = []  # of every text the releases that hold it one after the other
    before: str | None = None
    for on, text in known:
        if text and text.digest == before:
            issues[-1].append((on, text))
        elif text:
            issues.append([(on, text)])
        before = text.digest if text else None
    starts = [max(issue[0][1].effective or issue[0][0], issue[0][0]) for issue in issues]
    begun = [at for at, start in enumerate(starts) if start <= day]
    if not issues or (not begun and before is None and not _gone(issues[-1], day)):
        return None
    last = len(issues) - 1
    soonest = last if _gone(issues[last], day) else min(range(last + 1), key=lambda one: (starts[one], -one))
    at = begun[-1] if begun else soonest
    gone = any(_gone(issue, day) for issue in issues[at:]) or (begun and before is None)
    status = "withdrawn" if gone else "effective" if begun else "approved"
    return status, issues[at][0][1].revision, starts[at]


def _gone(issue: list[tuple[date, Facts]], day: date) -> bool:
    text = issue[-1][1]
    return text.withdrawn and max(text.withdrawn_on or issue[0][0], issue[0][0]) <= day


@given(st.lists(st.tuples(st.integers(0, 12), STATES), min_size=1, max_size=7), st.integers(-1, 80))
def test_what_counts_on_a_day(steps: list[tuple[int, State]], after: int) -> None:
    life: list[tuple[date, Facts | None]] = []
    on = BEGIN
    for wait, state in steps:
        on += timedelta(days=wait)
        life.append((on, text_of(state, on)))
    day = BEGIN + timedelta(days=after)
    known = history(*((on, (text,) if text else ()) for on, text in life))
    times = timeline("QP-1", known.until(day), day)
    counts = times.shown
    found = (counts.status.value, counts.revision, counts.starts) if counts else None
    wanted = seen(life, day)
    if wanted is None:
        assert times.now is None  # what left before its day was never in force
    else:
        assert found == wanted


def text_of(state: State, on: date) -> Facts | None:
    """A text as a release of that day holds it; its digest tells it from another of its revision."""
    if state is None:
        return None
    revision, effective, withdrawn = state
    start = on + timedelta(days=effective) if effective is not None else None
    text = facts(revision, effective=start)
    gone = on + timedelta(days=withdrawn) if withdrawn is not None else None
    return Facts(
        id=text.id, kind=text.kind, title=text.title, path=text.path, revision=revision,
        digest=f"{revision} {start}", effective=start, withdrawn=gone is not None, withdrawn_on=gone,
    )  # fmt: skip
