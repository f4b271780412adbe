"""Revision schemes: what a revision looks like, and which of two comes later. The order is part of the scheme.

A revision is never compared as text: `A/10` follows `A/9`, `V1.10` follows `V1.9`, and `B/0` follows `A/12`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

Rank: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A revision scheme. `name` is its sample in the settings, `sample` a few revisions in order, for messages."""

    name: str
    sample: str
    pattern: re.Pattern[str]
    rank_of: Callable[[re.Match[str]], Rank | None]

    def rank(self, text: str) -> Rank | None:
        """The place of a revision in the order; None when `text` is not one of this scheme."""
        match = self.pattern.fullmatch(text)
        return self.rank_of(match) if match else None


def _letters(text: str) -> int:
    """A → 1, Z → 26, AA → 27: the order in which drawing revisions are counted."""
    value = 0
    for letter in text:
        value = value * 26 + ord(letter) - ord("A") + 1
    return value


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


def _scheme(name: str, sample: str, pattern: str, rank_of: Callable[[re.Match[str]], Rank | None]) -> Scheme:
    return Scheme(name, sample, re.compile(pattern, re.ASCII), rank_of)


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        _scheme("A/0", "A/0, A/1 … B/0", r"([A-Z]{1,2})/(\d{1,3})", _letter_number),
        _scheme("A0", "A0, A1 … B0", r"([A-Z]{1,2})(\d{1,3})", _letter_number),
        _scheme("A", "A, B … Z, AA", r"([A-Z]{1,2})", _letter),
        _scheme("1.0", "1.0, 1.1 … 2.0", r"(\d{1,4})\.(\d{1,4})", _numbers),
        _scheme("V1.0", "V1.0, V1.1 … V2.0", r"V(\d{1,4})\.(\d{1,4})", _numbers),
        _scheme("01", "00, 01, 02 …", r"(\d{2,3})", _numbers),
        _scheme("1", "1, 2, 3 …", r"(\d{1,4})", _numbers),
        _scheme("2026-01-31", "2026-01-31, 2026-06-01 …", r"(\d{4})-(\d{2})-(\d{2})", _day),
    )
}
DEFAULT = SCHEMES["A/0"]
