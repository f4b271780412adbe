"""Revision schemes: what a revision looks like, which of two comes later, and which comes next.

A revision is never compared as text: `A/10` follows `A/9`, `V1.10` follows `V1.9`, and `B/0` follows `A/12`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeAlias

Rank: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A revision scheme. `name` is its sample in the settings, `sample` a few revisions in order, for messages.

    `after`: a revision, whether the step is a large one, and today → the revision that follows.
    """

    name: str
    sample: str
    pattern: re.Pattern[str]
    rank_of: Callable[[re.Match[str]], Rank | None]
    after: Callable[[re.Match[str], bool, date], str]

    def rank(self, text: str) -> Rank | None:
        """The place of a revision in the order; None when `text` is not one of this scheme."""
        match = self.pattern.fullmatch(text)
        return self.rank_of(match) if match else None

    def next(self, text: str, today: date, *, major: bool = False) -> str | None:
        """The revision after `text`; None when `text` is not of this scheme or nothing of it comes later.

        Where the scheme has one part only, a large step is a step like any other; a date is today's.
        """
        match, rank = self.pattern.fullmatch(text), self.rank(text)
        following = self.after(match, major, today) if match else ""
        later = self.rank(following)
        return following if rank is not None and later is not None and later > rank else None

    def first(self, today: date) -> str:
        """The revision of a new document."""
        return today.isoformat() if self.rank_of is _day else self.sample.split(",")[0]


def _letters(text: str) -> int:
    """A → 1, Z → 26, AA → 27: the order in which drawing revisions are counted."""
    value = 0
    for letter in text:
        value = value * 26 + ord(letter) - ord("A") + 1
    return value


def _letters_after(text: str) -> str:
    """A → B, Z → AA: the inverse of `_letters`, one further."""
    value, found = _letters(text) + 1, ""
    while value:
        value, rest = divmod(value - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _numbers(match: re.Match[str]) -> Rank:
    return tuple(int(group) for group in match.groups())


def _letter_number(match: re.Match[str]) -> Rank:
    return (_letters(match[1]), int(match[2]))


def _letter(match: re.Match[str]) -> Rank:
    return (_letters(match[1]),)


def _day(match: re.Match[str]) -> Rank | None:
    try:
        return (date(int(match[1]), int(match[2]), int(match[3])).toordinal(),)
    except ValueError:
        return None


def _after_letter_number(between: str, match: re.Match[str], major: bool, today: date) -> str:
    return f"{_letters_after(match[1])}{between}0" if major else f"{match[1]}{between}{int(match[2]) + 1}"


def _after_letter(match: re.Match[str], major: bool, today: date) -> str:
    return _letters_after(match[1])


def _after_numbers(before: str, match: re.Match[str], major: bool, today: date) -> str:
    return f"{before}{int(match[1]) + 1}.0" if major else f"{before}{match[1]}.{int(match[2]) + 1}"


def _after_number(match: re.Match[str], major: bool, today: date) -> str:
    return str(int(match[1]) + 1).zfill(len(match[1]))


def _today(match: re.Match[str], major: bool, today: date) -> str:
    return today.isoformat()


def _scheme(
    name: str,
    sample: str,
    pattern: str,
    rank_of: Callable[[re.Match[str]], Rank | None],
    after: Callable[[re.Match[str], bool, date], str],
) -> Scheme:
    return Scheme(name, sample, re.compile(pattern, re.ASCII), rank_of, after)


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        _scheme("A/0", "A/0, A/1 … B/0", r"([A-Z]{1,2})/(\d{1,3})", _letter_number, partial(_after_letter_number, "/")),
        _scheme("A0", "A0, A1 … B0", r"([A-Z]{1,2})(\d{1,3})", _letter_number, partial(_after_letter_number, "")),
        _scheme("A", "A, B … Z, AA", r"([A-Z]{1,2})", _letter, _after_letter),
        _scheme("1.0", "1.0, 1.1 … 2.0", r"(\d{1,4})\.(\d{1,4})", _numbers, partial(_after_numbers, "")),
        _scheme("V1.0", "V1.0, V1.1 … V2.0", r"V(\d{1,4})\.(\d{1,4})", _numbers, partial(_after_numbers, "V")),
        _scheme("01", "00, 01, 02 …", r"(\d{2,3})", _numbers, _after_number),
        _scheme("1", "1, 2, 3 …", r"(\d{1,4})", _numbers, _after_number),
        _scheme("2026-01-31", "2026-01-31, 2026-06-01 …", r"(\d{4})-(\d{2})-(\d{2})", _day, _today),
    )
}
DEFAULT = SCHEMES["A/0"]
