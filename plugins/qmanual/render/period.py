"""Lengths of time in the reader's language: a header says `5 years`, a Chinese page says 5 年."""

import re

from qmanual.language import N_, Translator

_PERIOD = re.compile(r"(?P<count>\d{1,4})\s*(?:(?P<years>年|years?|y)|个月|月|months?|m)", re.ASCII | re.IGNORECASE)
_PERMANENT = frozenset({"permanent", "永久", "长期"})


def spoken(text: str, say: Translator) -> str:
    """A period as written in a header (`review_every`, `retention`), said in the reader's language; else as written."""
    text = text.strip()
    if text.lower() in _PERMANENT:
        return say(N_("permanent"))
    match = _PERIOD.fullmatch(text)
    if match is None:
        return text
    count = int(match["count"])
    if match["years"]:
        return say(N_("1 year")) if count == 1 else say(N_("{count} years"), count=count)
    return say(N_("1 month")) if count == 1 else say(N_("{count} months"), count=count)
