"""The style of a company's template and its style sheet: letters, lines, colours, spaces; and nothing that hides a
text, moves it away, lays something over it, writes a word of its own, or fetches a file.

ISO 9001 7.5.3: a print shows the document that was approved. So only properties of this list pass, with values that
leave what they apply to where it is and readable.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model.branding import CONTRAST, INK, PAPER, Colour
from qmanual.source import Span


class Refused(Exception):
    """Something that a template may not hold: its line, and why."""

    def __init__(self, line: int, cause: Phrase) -> None:
        super().__init__(cause)
        self.line, self.cause = line, cause


_SMALL = r"(?:0|[0-9]?(?:\.\d{1,4})?(?:em|rem|cm)|[0-4]?\d?(?:\.\d{1,4})?mm|\d{0,2}(?:\.\d{1,4})?(?:pt|px)|[0-2]?\d%)"
"""What moves a text a little, and never out of the page."""
_LENGTH = r"(?:0|\d{1,3}(?:\.\d{1,4})?(?:mm|pt|px|%)|\d{1,2}(?:\.\d{1,4})?(?:em|rem|cm))"
_COLOUR = r"(?:#[0-9a-f]{3}|#[0-9a-f]{6}|black|white|transparent|inherit)"
_LINE = r"(?:none|solid|dashed|dotted|double)"
_EDGE = rf"(?:{_SMALL}|{_LINE}|{_COLOUR})(?:\s+(?:{_SMALL}|{_LINE}|{_COLOUR})){{0,3}}"
_FAMILY = r"""(?:[\w -]+|"[\w -]+"|'[\w -]+')"""
_ANYWHERE: Mapping[str, str] = {
    r"(?:margin|padding)(?:-(?:top|right|bottom|left))?": rf"(?:{_SMALL}|auto)(?:\s+(?:{_SMALL}|auto)){{0,3}}",
    r"border(?:-(?:top|right|bottom|left))?(?:-(?:width|style|color))?|border-radius|border-spacing": _EDGE,
    "text-indent|letter-spacing|word-spacing": rf"{_SMALL}|normal",
    "(?:min-)?width|min-height": rf"{_LENGTH}|auto",
    "color|background-color": _COLOUR,
    "font-size": r"(?:[6-9]|[1-6]\d)(?:\.\d{1,3})?pt|(?:0?\.[7-9]\d*|[1-4](?:\.\d{1,3})?)em|(?:[7-9]\d|[1-3]\d\d)%",
    "font-weight": "normal|bold|[1-9]00",
    "font-style": "normal|italic",
    "font-family": rf"{_FAMILY}(?:\s*,\s*{_FAMILY})*",
    "line-height": r"normal|[1-3](?:\.\d{1,3})?",
    "text-align": "left|right|center|justify|start|end",
    "text-decoration": "underline",
    "vertical-align": "top|middle|bottom",
    "border-collapse": "collapse|separate",
    "table-layout": "fixed|auto",
    "(?:page-)?break-(?:before|after|inside)": "auto|avoid|avoid-page|page|always|left|right",
    "orphans|widows": r"[1-9]",
}
"""Property → its values, both as regular expressions."""
_WITHIN: Mapping[str, str] = {
    "height": rf"{_LENGTH}|auto",
    "display": "block|inline|inline-block|flex|table|table-row|table-cell",
    "float": "left|right|none",
    "clear": "left|right|both|none",
    "flex|flex-grow|flex-shrink": r"\d{1,2}",
    "justify-content|align-items": "start|end|center|flex-start|flex-end|space-between|space-around|stretch|baseline",
    "white-space": "normal|nowrap",
}
"""What can be said of an element of the template itself, and not of the text of a document."""
_Properties: TypeAlias = tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
_SHEET: _Properties = tuple((re.compile(name), re.compile(value)) for name, value in _ANYWHERE.items())
_ATTRIBUTE: _Properties = (*_SHEET, *((re.compile(name), re.compile(value)) for name, value in _WITHIN.items()))
_ODD = re.compile(r"\\|</|<!--|!|[^\S \t\n]")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PARTS = re.compile(r"([^{};]*)([{};]|\Z)")
_SELECTOR = re.compile(r"[\w\s.,#>+~*:()-]+|@page(?:\s*:?[\w-]+)?", re.ASCII)
_BOX = re.compile(r"@(?:top|bottom)-(?:left|center|right)")
_WIDE = r"(?:1[5-9]|[2-9]\d)(?:\.\d+)?mm"
_OF_PAGE: _Properties = (
    (re.compile(r"margin(?:-(?:top|right|bottom|left))?"), re.compile(rf"{_WIDE}(?:\s+{_WIDE}){{0,3}}")),
)
"""Margins of a page: what runs along has its room there, and the uppermost 10 mm are for the stamp of a copy."""
_NAMED = {"black": "#000000", "white": PAPER, "transparent": PAPER}


def check_declarations(text: str, line: int) -> None:
    """Whether a `style` attribute is harmless. Raises `Refused`."""
    _plain(text, line)
    colours: dict[str, str] = {}
    for part in text.split(";"):
        _declaration(part, line, colours, _ATTRIBUTE)
    _readable(colours, line)


def check_sheet(text: str) -> None:
    """Whether a style sheet is harmless. Raises `Refused`."""
    text = _COMMENT.sub(lambda found: "\n" * found[0].count("\n") or " ", text)
    _plain(text, 1)
    blocks: list[str] = []
    colours: dict[str, str] = {}
    for part, end, line in _parts(text):
        if end == "{":
            inside = _BOX if blocks and blocks[-1].startswith("@page") else _SELECTOR
            if not inside.fullmatch(part) or (blocks and inside is _SELECTOR):
                raise _refused(part or end, line)
            blocks.append(part)
            colours = {}
        elif not blocks:
            raise _refused(part or end, line)
        else:
            of_page = blocks[-1].startswith("@page") and part.lower().startswith("margin")
            _declaration(part, line, colours, _OF_PAGE if of_page else _SHEET)
            if end == "}":
                _readable(colours, line)
                blocks.pop()
    if blocks:
        raise _refused(blocks[-1], text.count("\n") + 1)


def _parts(text: str) -> Iterator[tuple[str, str, int]]:
    """What stands before each brace and semicolon, that sign, and the line on which the part begins."""
    for found in _PARTS.finditer(text):
        part = found[1].strip()
        if part or found[2]:
            begin = found.start() + len(found[1]) - len(found[1].lstrip())
            yield part, found[2], text.count("\n", 0, begin) + 1


def _plain(text: str, line: int) -> None:
    """Whether nothing in it could be read in another way than it is here."""
    if found := _ODD.search(text) or re.search(r"/\*", text):
        raise _refused(text[found.start() :][:20], line + text.count("\n", 0, found.start()))


def _declaration(text: str, line: int, colours: dict[str, str], allowed: _Properties) -> None:
    name, colon, value = (" ".join(part.lower().split()) for part in text.partition(":"))
    if not name and not colon:
        return
    if not any(names.fullmatch(name) and values.fullmatch(value) for names, values in allowed):
        raise _refused(text, line)
    if name in ("color", "background-color") and value != "inherit":
        colours[name] = _NAMED.get(value) or (value if len(value) == 7 else "#" + "".join(c * 2 for c in value[1:]))


def _readable(colours: Mapping[str, str], line: int) -> None:
    """Whether text can be read in these colours, or in the one that is given and the page's own."""
    text, ground = colours.get("color", INK), colours.get("background-color", PAPER)
    if colours and (contrast := Colour(text, Span("", line)).contrast(ground)) < CONTRAST:
        found = {"colour": text, "other": ground, "contrast": f"{contrast:.1f}", "least": f"{CONTRAST:.1f}"}
        raise Refused(
            line, Phrase(N_("{colour} and {other}: the contrast is {contrast}, at least {least} is needed"), **found)
        )


def _refused(text: str, line: int) -> Refused:
    shown = " ".join(text.split())[:40]
    return Refused(line, Phrase(N_("{text} is not allowed in the style of a template"), text=shown))
