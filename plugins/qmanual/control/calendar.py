"""Months as people count them: a year after 29 February is 28 February."""

from calendar import monthrange
from datetime import date


def add_months(start: date, months: int) -> date:
    """The same day that many months later, or the last day of that month; never after the year 9999."""
    total = start.year * 12 + start.month - 1 + months
    year, month = divmod(total, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
