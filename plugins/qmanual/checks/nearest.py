"""What somebody probably meant: the nearest of the known names, for help texts."""

from collections.abc import Iterable
from difflib import get_close_matches

NONE = "—"
"""Shown when nothing comes near."""

_LONGEST = 60


def nearest(written: str, known: Iterable[str]) -> str:
    """The known name most like what was written; a dash when none comes near."""
    if len(written) > _LONGEST:
        return NONE  # no slip of the pen, and comparing takes the product of the lengths
    close = get_close_matches(written, list(known), n=1, cutoff=0.5)
    return close[0] if close else NONE
