"""The edition of a day: how long each text of a document holds, what each release brought."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from manuals import register

from qmanual.control.changelog import changelog
from qmanual.control.edition import Edition, Entry, ends, published_edition, timeline, working_edition
from qmanual.control.history import Facts, History, Release, Released
from qmanual.control.lifetime import lifetimes
from qmanual.control.status import Status

DAY = date(2026, 6, 15)


def facts(revision: str, number: str = "QP-1", effective: date | None = None) -> Facts:
    """A text of a document; its digest is its revision."""
    return Facts(
        id=number, kind="procedure", title="T", path=f"procedures/{number}.md", revision=revision,
        digest=f"{number} {revision}", effective=effective,
    )  # fmt: skip


def gone(number: str = "QP-1", on: date | None = None) -> Facts:
    """The same with a withdrawal."""
    return replace(facts("A/0", number), withdrawn=True, withdrawn_on=on)


def history(*held: tuple[date, tuple[Facts, ...]]) -> History:
    """Releases, each with its day and the texts it holds."""
    releases = tuple(
        Release(name=f"r{at}", commit=f"c{at}", time=datetime.combine(day, time(9), UTC))
        for at, (day, _) in enumerate(held)
    )
    documents: dict[str, list[Released]] = {}
    for at, (_, texts) in enumerate(held):
        for text in texts:
            runs = documents.setdefault(text.id, [])
            if runs and runs[-1].facts == text and runs[-1].last == at - 1:
                runs[-1] = replace(runs[-1], last=at)
            else:
                runs.append(Released(facts=text, first=at, last=at))
    return History(releases=releases, documents={number: tuple(runs) for number, runs in documents.items()})


def entry(known: History, today: date = DAY) -> Entry:
    """The entry of QP-1 in the edition of a day."""
    times = timeline("QP-1", known, today)
    counts = times.shown
    assert counts is not None
    text = f"---\nid: QP-1\nrevision: {counts.revision}\n---\n# T\n"
    shown = register({"procedures/QP-1.md": text})
    shown = replace(shown, documents=tuple(replace(one, digest=counts.facts.digest) for one in shown.documents))
    edition: Edition = published_edition(shown, register({}), known, today)
    return edition.by_id["QP-1"]


JANUARY, MARCH, MAY, JULY = date(2026, 1, 10), date(2026, 3, 10), date(2026, 5, 10), date(2026, 7, 1)


def told(one: Entry) -> list[tuple[str, str, str | None, str | None]]:
    """Revision, status, last day and successor of every text."""
    return [
        (life.version.revision, life.version.status.value, life.last.isoformat() if life.last else None,
         life.heir.revision if life.heir else None)
        for life in lifetimes(one)
    ]  # fmt: skip


def test_each_text_holds_until_the_next_does() -> None:
    known = history((JANUARY, (facts("A/0"),)), (MARCH, (facts("A/1"),)), (MAY, (facts("A/2", effective=JULY),)))
    assert told(entry(known)) == [
        ("A/2", "approved", None, None),
        ("A/1", "effective", "2026-06-30", "A/2"),
        ("A/0", "superseded", "2026-03-09", "A/1"),
    ]
    assert told(entry(known, JULY))[:2] == [
        ("A/2", "effective", None, None),
        ("A/1", "superseded", "2026-06-30", "A/2"),
    ]


def test_a_text_that_was_overtaken_was_never_in_force() -> None:
    later = facts("A/1", effective=date(2026, 9, 1))
    known = history((JANUARY, (facts("A/0"),)), (MARCH, (later,)), (MAY, (facts("A/2"),)))
    rows = {life.version.revision: life for life in lifetimes(entry(known))}
    assert not rows["A/1"].held and rows["A/1"].heir == rows["A/2"].version
    assert rows["A/0"].held and rows["A/0"].heir == rows["A/2"].version


def test_two_texts_to_come_are_told_in_their_order() -> None:
    autumn, winter = date(2026, 9, 1), date(2026, 12, 1)
    known = history((JANUARY, (facts("A/0"),)), (MARCH, (facts("A/1", effective=autumn),)),
                    (MAY, (facts("A/2", effective=winter),)))  # fmt: skip
    assert [text.revision for text in entry(known).coming] == ["A/1", "A/2"]
    assert told(entry(known)) == [
        ("A/2", "approved", None, None),
        ("A/1", "approved", "2026-11-30", "A/2"),
        ("A/0", "effective", "2026-08-31", "A/1"),
    ]
    assert [text.revision for text in entry(known, autumn).coming] == ["A/2"]


def test_a_text_that_will_be_overtaken_is_not_announced() -> None:
    known = history((JANUARY, (facts("A/0"),)), (MARCH, (facts("A/1", effective=date(2026, 9, 1)),)),
                    (MAY, (facts("A/2", effective=JULY),)))  # fmt: skip
    assert [text.revision for text in entry(known).coming] == ["A/2"]
    assert told(entry(known)) == [
        ("A/2", "approved", None, None),
        ("A/1", "superseded", "2026-06-30", "A/2"),
        ("A/0", "effective", "2026-06-30", "A/2"),
    ]


def test_of_two_texts_of_a_new_document_the_next_stands_on_its_page() -> None:
    late = (MARCH, (facts("A/1", effective=date(2026, 12, 1)),))
    known = history((JANUARY, (facts("A/0", effective=JULY),)), late)
    one = entry(known)
    assert (one.status, one.starts, [text.revision for text in one.coming]) == (Status.APPROVED, JULY, ["A/1"])


def test_nothing_comes_of_a_document_that_is_withdrawn() -> None:
    come = replace(facts("A/1", effective=JULY), withdrawn=True, withdrawn_on=date(2026, 6, 1))
    known = history((JANUARY, (facts("A/0"),)), (MARCH, (facts("A/1", effective=JULY),)), (MAY, (come,)))
    assert entry(known, date(2026, 5, 20)).coming
    assert entry(known).status is Status.WITHDRAWN and entry(known).coming == ()


def test_signatures_and_a_withdrawal_leave_a_text_in_force_since_its_first_release() -> None:
    known = history((JANUARY, (facts("A/0"),)), (MAY, (gone(on=date(2026, 6, 20)),)))
    one = entry(known)
    assert (one.status, one.starts, one.release, one.past) == (Status.EFFECTIVE, JANUARY, "r0", ())
    assert one.ends == date(2026, 6, 20)
    one = entry(known, JULY)
    assert (one.status, one.starts, one.ends) == (Status.WITHDRAWN, JANUARY, date(2026, 6, 20))
    assert told(one) == [("A/0", "withdrawn", "2026-06-19", None)]


def test_the_effective_date_is_the_later_of_what_is_said_and_the_release() -> None:
    early, late = facts("A/0", effective=date(2026, 1, 1)), facts("A/0", effective=JULY)
    assert entry(history((JANUARY, (early,)))).effective == JANUARY
    assert entry(history((JANUARY, (late,)))).effective == JULY
    assert entry(history((JANUARY, (facts("A/0"),)))).effective == JANUARY
    assert entry(history((JANUARY, (early,)))).said == date(2026, 1, 1)


@pytest.mark.parametrize("day", [DAY, JULY])
def test_a_draft_tells_the_same_days_of_a_released_text(day: date) -> None:
    before = facts("A/0", effective=date(2026, 1, 1))
    after = replace(before, withdrawn=True, withdrawn_on=date(2026, 6, 20))
    known = history((JANUARY, (before,)), (MAY, (after,)))
    shown = register({"procedures/QP-1.md": "---\nid: QP-1\nrevision: A/0\n---\n# T\n"})
    shown = replace(shown, documents=tuple(replace(one, digest=before.digest) for one in shown.documents))
    one, other = working_edition(shown, known, day).by_id["QP-1"], entry(known, day)
    assert one.effective == JANUARY and one.ends == date(2026, 6, 20)
    assert (one.effective, one.ends, one.status, one.release) == (
        other.effective, other.ends, other.status, other.release,
    )  # fmt: skip


def test_a_text_that_is_withdrawn_before_its_day_is_not_announced() -> None:
    come, went = facts("A/0", effective=JULY), replace(gone(on=date(2026, 6, 1)), effective=JULY)
    known = history((JANUARY, (come,)), (MAY, (went,)))
    assert entry(known, date(2026, 5, 31)).status is Status.APPROVED
    one = entry(known)
    assert (one.status, one.coming, one.ends) == (Status.WITHDRAWN, (), date(2026, 6, 1))
    assert not any(life.held for life in lifetimes(one))


def test_a_withdrawal_counts_from_its_release_on() -> None:
    known = history((JANUARY, (facts("A/0"),)), (MAY, (gone(on=MARCH),)))
    assert ends("QP-1", known, DAY) == MAY


def test_a_document_that_a_release_lacks_ended_with_it() -> None:
    known = history((JANUARY, (facts("A/0"), facts("A/0", "QP-2"))), (MAY, (facts("A/0", "QP-2"),)))
    one = entry(known)
    assert (one.status, one.ends) == (Status.WITHDRAWN, MAY)
    assert ends("QP-2", known, DAY) is None


@pytest.mark.parametrize("day", [JANUARY, MARCH, MAY, JULY])
def test_a_day_decides_and_not_a_commit(day: date) -> None:
    known = history((JANUARY, (facts("A/0"),)), (MARCH, (facts("A/1"),)), (MAY, (facts("A/2", effective=JULY),)))
    now = timeline("QP-1", known.until(day), day).now
    assert now is not None
    assert now.revision == {JANUARY: "A/0", MARCH: "A/1", MAY: "A/1", JULY: "A/2"}[day]


def test_a_release_tells_what_it_brought() -> None:
    signed = replace(facts("A/0", "QP-2"), title="another signature")
    known = history(
        (JANUARY, (facts("A/0"), facts("A/0", "QP-2"), facts("A/0", "QP-3"), facts("A/0", "QP-4"))),
        (MARCH, (facts("A/1"), signed, gone("QP-3"), facts("A/0", "QP-5"))),
        (MAY, (facts("A/1"), signed, gone("QP-3"), facts("A/0", "QP-5"), facts("A/0", "QP-4"))),
    )
    may, march, january = changelog(known)
    assert (january.count, march.count, may.count) == (4, 4, 1)
    assert [one.id for one in march.new] == ["QP-5"]
    assert [(old.revision, new.revision) for old, new in march.changed] == [("A/0", "A/1")]
    assert [one.id for one in march.withdrawn] == ["QP-3", "QP-4"]
    assert [one.id for one in may.new] == ["QP-4"]
