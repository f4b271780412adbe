"""Values with the place where they were written."""

from dataclasses import dataclass
from datetime import date

from qmanual.source import Span


@dataclass(frozen=True, slots=True)
class Text:
    """A text value and where it stands."""

    value: str
    span: Span

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Day:
    """A date and where it stands."""

    value: date
    span: Span


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time, `3 years` or `12 个月`; `months` is None for *permanent*."""

    months: int | None
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRef:
    """A clause as written: `standard` as named there (None: the default one), `number` such as `8.4.1`.

    `near` when the standard is not named beside the number but elsewhere in its sentence.
    """

    standard: str | None
    number: str
    span: Span
    near: bool = False
