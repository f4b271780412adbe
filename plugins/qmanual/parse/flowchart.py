"""The text of a Mermaid flowchart: whether it can be drawn, and if not, where it stops being understood.

Drawing takes milliseconds, reading a fraction of one: so the chart is handed to the reader of `mmdr` with one `end` too
many. What it complains of first is then either that `end`, and the chart is sound, or the mistake.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from qmanual.language import N_

KIND = re.compile(r"\s*(?:%%[^\n]*\n\s*)*(?:flowchart|graph)\b")
"""How a chart begins that can be drawn; there are other kinds of diagrams in Mermaid."""
CLICK = re.compile(r"^[ \t]*click\b[^\n]*$", re.MULTILINE)
"""What makes a step a link: never drawn."""
MOST = 200
"""Lines and arrows: beyond, `mmdr` may refuse to draw what it reads, and no page is large enough for it."""

_MARGIN = re.compile(r"^[ \t>]+", re.MULTILINE)
_ARROW = re.compile(r"[-=.~]{2,}|&")
_GROUP = re.compile(r"(?:^|;)[ \t]*(?:(?P<begin>subgraph)\b|(?P<end>end)[ \t]*(?=;|$))")
_SOUND = "): unexpected end"
_SAID = (
    ("Unterminated node label", N_("the bracket or the quotation mark of a label is not closed")),
    ("Invalid string label", N_("the quotation marks of a label do not pair off")),
    ("Invalid text label", N_('a label with brackets or other signs must stand between quotation marks: A["…"]')),
    ("Unterminated", N_("a line or its label is not finished")),
    ("incomplete", N_("the arrow is not finished: write -->")),
    ("Unexpected character", N_("there is a sign that has no meaning here")),
    ('unexpected end; expected "subgraph"', N_("it has no steps")),
    ("unexpected end", N_("something is missing before the end of the line, or a step is called “end”")),
    ("unexpected", N_("the parts of the line do not fit together: a step, an arrow, a step")),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a chart cannot be drawn: `what` is a text of the catalogue, `line` counts from 1 within the chart."""

    line: int
    what: str


@lru_cache(maxsize=512)
def find_trouble(chart: str) -> Trouble | None:
    """The first thing in a flowchart's source that keeps it from being drawn; None when it can be."""
    chart = CLICK.sub("", _MARGIN.sub("", chart))
    kind = KIND.match(chart)
    if not kind:
        return Trouble(1, N_("it does not begin with “flowchart” and a direction, such as flowchart TD"))
    lines = chart.rstrip().split("\n")
    if len(lines) > MOST or len(_ARROW.findall(chart)) > MOST:
        return Trouble(1, N_("it is too large: divide it"))
    return _unpaired(lines) or _unread(lines, chart.count("\n", 0, kind.end()) + 1)


def _unpaired(lines: list[str]) -> Trouble | None:
    """A group that is never closed, or an `end` with no group to close."""
    opened: list[int] = []
    for number, line in enumerate(lines, 1):
        for match in _GROUP.finditer(line):
            if match["begin"]:
                opened.append(number)
            elif opened:
                opened.pop()
            else:
                return Trouble(number, N_("there is an “end” without a subgraph"))
    return Trouble(opened[-1], N_("the subgraph has no “end”")) if opened else None


def _unread(lines: list[str], good: int) -> Trouble | None:
    """What the reader of `mmdr` does not understand, with the first line that it does not take; `good` begin well."""
    said = _complaint(lines)
    if said.endswith(_SOUND):
        return None
    bad = max(len(lines), good)
    while bad - good > 1:
        middle = (good + bad) // 2
        if _complaint([*lines[:middle], "a"]).endswith(_SOUND):
            good = middle
        else:
            bad = middle
    return Trouble(bad, next((text for sign, text in _SAID if sign in said), N_("it is not understood")))


def _complaint(lines: list[str]) -> str:
    """What `mmdr` says of these lines with all their groups closed and one `end` more."""
    import mmdr  # costs more than reading a hundred documents, and most manuals are checked without a chart

    opened = sum(1 if match["begin"] else -1 for line in lines for match in _GROUP.finditer(line))
    try:
        mmdr.render("\n".join([*lines, *["end"] * (opened + 1)]), backend="merman").svg()
    except (ValueError, TypeError, RuntimeError) as error:
        return str(error)
    return ""
