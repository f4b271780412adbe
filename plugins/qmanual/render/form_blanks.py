"""Numbered blanks for the shop floor: one form many times in one print, each with a number of its own on every page."""

import re
from collections.abc import Iterator
from html import escape

from qmanual.language import N_, Translator
from qmanual.render.page import css_string

_BODY = re.compile(r"(<body[^>]*>)(.*)(</body>)", re.DOTALL)
_CORNER = re.compile(r"@top-right\s*\{content:([^}]*)\}")
_COUNTED = re.compile(r"(.*?)([0-9]+)([^0-9]*)", re.DOTALL)
_ID = re.compile(r'\s(?:id|href)="[^"]*"')
_DRAWING = re.compile(r"(<svg\b.*?</svg>)", re.DOTALL)

_COPY = (
    ".qm-copy{break-before:page;string-set:qm-serial attr(data-serial)}"
    ".qm-copy{bookmark-level:1;bookmark-label:attr(data-serial)}"
    ".qm-copy:first-child{break-before:auto}.qm-copy h1,.qm-copy h2,.qm-copy h3,.qm-copy h4{bookmark-level:none}"
)


class NoNumber(ValueError):
    """A first number that cannot be counted on from: it has no digits, or too few of them."""


def serial_numbers(first: str, count: int) -> tuple[str, ...]:
    """`count` numbers from the first on: its last digits are counted up, as many of them as there are."""
    found = _COUNTED.fullmatch(first)
    if found is None or len(str(int(found[2]) + count - 1)) > len(found[2]):
        raise NoNumber
    return tuple(f"{found[1]}{int(found[2]) + at:0{len(found[2])}d}{found[3]}" for at in range(count))


def numbered(printed: str, numbers: tuple[str, ...], pages: int, say: Translator) -> str:
    """The HTML of `print_html` once for each number. `pages`: how many one form takes."""
    corner = _CORNER.search(printed)
    behind = f' "\\A " {corner[1]}' if corner else ""
    style = f"@page{{@top-right{{content:{css_string(say(N_('No. ')))} string(qm-serial){behind}}}}}"
    style += "".join((_COPY, *_counted(pages, say)))
    copies = list(_copies(printed, numbers))
    whole = _BODY.sub(lambda body: f"{body[1]}{''.join(copies)}{body[3]}", printed, count=1)
    return whole.replace("</head>", f"<style>{style}</style></head>", 1)


def _counted(pages: int, say: Translator) -> Iterator[str]:
    """Each form counts its own pages: it takes as many as every other."""
    for page in range(1, pages + 1):
        said = css_string(say(N_("Page {page} of {pages}"), page=page, pages=pages))
        yield f"@page :nth({pages}n+{page}){{@bottom-right{{content:{said}}}}}"


def _copies(printed: str, numbers: tuple[str, ...]) -> Iterator[str]:
    found = _BODY.search(printed)
    assert found is not None  # it was made by `print_html`
    pieces = _DRAWING.split(found[2])  # a drawing refers to parts of itself, the text to nothing that one would leaf to
    plain = "".join(piece if at % 2 else _ID.sub("", piece) for at, piece in enumerate(pieces))
    for number in numbers:
        yield f'<div class="qm-copy" data-serial="{escape(number)}">{plain}</div>'
