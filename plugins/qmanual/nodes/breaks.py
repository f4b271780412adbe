"""Where a YAML text breaks, and why, in words that help: libyaml's own are for programmers, its place is late."""

import re

import yaml

from qmanual.finding import Phrase
from qmanual.language import N_

TOP_KEY = re.compile(r"(?P<quote>[\"']?)(?P<key>[^\s#:\"'\[\]{}][^:\n\"']*?)(?P=quote)\s*:(?=\s|$)")
"""An entry of the outermost mapping: its key."""

_BROKEN_KEY = re.compile(r"(?P<key>[^\s#:：\"'\[\]{}=]+)")
_OPEN_QUOTE = re.compile(r"[^\s#][^:\"']*:[ \t]+(?:(?P<quote>\")[^\"]*|(?P<single>')[^']*)$")
_NO_BLANK = re.compile(r"\s*(?:-\s+)?[^\s:\"'{\[]+:[^\s:]")
_SIGN = re.compile(r"%|[^:]*:\s+[!&*%@`]")


def key_of(line: str) -> str | None:
    """The key that a line of the outermost mapping gives or was meant to give."""
    key = TOP_KEY.match(line) or _BROKEN_KEY.match(line)
    return key["key"] if key else None


def open_quote(lines: list[str], at: int) -> tuple[int, int] | None:
    """Line and column of a quotation mark that opens in line `at` and that nothing closes before the next entry."""
    match = _OPEN_QUOTE.match(lines[at])
    if match and at + 1 < len(lines) and begins_entry(lines[at + 1]):
        return at, match.start("quote") if match["quote"] else match.start("single")
    return None


def begins_entry(line: str) -> bool:
    return bool(line.strip()) and not line[0].isspace() and line[0] not in "-#]}"


def stray(line: str) -> bool:
    """Whether a line begins an entry without being one: `revision A/1`."""
    return begins_entry(line) and line[0] not in "?{[!&*%\"'" and not TOP_KEY.match(line)


def opens(context: str | None) -> bool:
    """Whether libyaml's context is the beginning of something that was never closed."""
    return bool(context and ("flow" in context or "quoted" in context or "simple key" in context))


def cause_of(line: str, error: yaml.MarkedYAMLError | None) -> Phrase:
    """What is probably wrong, in words of the catalogue: libyaml's own are for programmers."""
    problem, context = (str(error.problem), str(error.context)) if error else ("", "")
    if "\t" in line[: len(line) - len(line.lstrip())] or "\\t" in problem:
        return Phrase(N_("the line is indented with a tab; use blanks"))
    if "：" in line and ":" not in line.split("：", 1)[0]:
        return Phrase(N_("a full-width colon （：） stands where a plain colon and a blank (: ) belong"))
    if _NO_BLANK.match(line) and "mapping values" not in problem:
        return Phrase(N_("a blank is missing after the colon"))
    if "quoted" in context:
        return Phrase(N_("a quotation mark is never closed"))
    if "flow" in context:
        return Phrase(N_("a bracket is never closed, or a comma is missing"))
    if "mapping values" in problem:
        return Phrase(N_("the value holds a colon and a blank; put the value in quotation marks"))
    if _SIGN.match(line) or "cannot start any token" in problem:
        return Phrase(N_("the value begins with a sign that has a meaning in YAML; put the value in quotation marks"))
    return Phrase(N_("it is not of the form `key: value`, or its indentation is wrong"))
