"""The HTML of a company's template: which elements and attributes it may have, and whether it is well-formed.

A template is looked at with signs in place of what is not known yet: values, finished pieces, where a branch begins
and ends. XML knows the signs in text and in the values of attributes, and nowhere else; so a branch or a value can
stand nowhere else either, and what is well-formed with the signs is so with every document.
"""

import re
from collections.abc import Iterator
from xml.parsers import expat

from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.parse.style import Refused, check_declarations

VALUE, OPEN, CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
"""The signs: a value; the beginning and the end of a branch or of the inside of a loop."""
PIECE = "<i/>"
"""A finished piece, which is an element."""
_SIGNS = re.compile(f"[{VALUE}{OPEN}{CLOSE}]")
_HALF_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_DEEPEST = 40
"""Elements in each other: whoever lays out a page goes down into each."""

_ELEMENTS = frozenset({
    "b", "br", "caption", "col", "colgroup", "div", "em", "footer", "header", "hr", "i", "li", "ol", "p", "section",
    "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_ATTRIBUTES = {
    "class": re.compile(f"[^{OPEN}{CLOSE}]*(?:{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}[^{OPEN}{CLOSE}]*)*"),
    "colspan": re.compile(r"[1-9]\d?", re.ASCII), "rowspan": re.compile(r"[1-9]\d?", re.ASCII),
    "start": re.compile(r"\d{1,4}", re.ASCII), "scope": re.compile("row|col"),
    "lang": re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*"),
}  # fmt: skip
"""Attribute → its value. `style` has a room of its own (`parse.style`)."""


def check_data(text: str, line: int) -> None:
    """Whether a piece of a template as it was written can stand anywhere. Raises `Refused`; `line`: of its beginning.

    A reference such as `&amp;` must be whole, for a branch in the midst of one could make another of it.
    """
    if found := _SIGNS.search(text) or _HALF_REFERENCE.search(text):
        cause = Phrase(N_("{text} is not allowed in a template"), text=text[found.start() : found.start() + 8].strip())
        raise Refused(line + text.count("\n", 0, found.start()), cause)


def check_markup(text: str, line: int) -> None:
    """Whether every element that is opened is closed, and all are harmless. `line`: of the first line of `text`.

    Raises `Refused`.
    """
    parser = expat.ParserCreate()
    above: list[str] = []

    def refuse(cause: Phrase) -> None:
        raise Refused(line + parser.CurrentLineNumber - 1, cause)

    def begun(name: str, attributes: dict[str, str]) -> None:
        above.append(name)
        if len(above) > _DEEPEST:
            refuse(Phrase(N_("more than {count} elements in each other"), count=str(_DEEPEST)))
        if bad := next(_bad(name, attributes, outermost=len(above) == 1), ""):
            refuse(Phrase(N_("{text} is not allowed in a template"), text=bad))
        if style := attributes.get("style"):
            check_declarations(style, line + parser.CurrentLineNumber - 1)

    def unwanted(*_: object) -> None:
        refuse(Phrase(N_("a declaration or comment is not allowed in a template; write remarks as {example}"),
                      example="{# … #}"))  # fmt: skip

    parser.StartElementHandler, parser.EndElementHandler = begun, lambda _: above.pop()
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = unwanted
    parser.CommentHandler = parser.StartCdataSectionHandler = unwanted
    try:
        parser.Parse(f"<qm-all>{text}</qm-all>", True)
    except expat.ExpatError as error:
        cause = Phrase(N_("an element is not closed where it should be: {error}"), error=expat.ErrorString(error.code))
        raise Refused(line + error.lineno - 1, cause) from None


def _bad(name: str, attributes: dict[str, str], *, outermost: bool) -> Iterator[str]:
    """What an element should not have: itself, names of attributes, values."""
    if not outermost and name not in _ELEMENTS:
        yield f"<{name}>"
    for key, value in attributes.items():
        if key != "style" and key not in _ATTRIBUTES:
            yield key
        elif key != "style" and not _ATTRIBUTES[key].fullmatch(value):
            yield f'{key}="{_SIGNS.sub("…", value)[:20]}"'
