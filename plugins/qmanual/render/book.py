"""The front of the whole manual as one PDF: its cover, and its contents with the page on which each document begins.

Links that lead to a document stand as `qm-book:NUMBER/ANCHOR` until the pages are bound together (`pdf.binding`).
"""

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.render.frame import COUNT_PAGE, Frame, counted, unprintable_out
from qmanual.render.page import css_string
from qmanual.render.tongue import TAGS, attribute

SCHEME = "qm-book:"
_OTHER_BOXES = ("top-left", "top-center", "top-right", "bottom-left", "bottom-right")
_NUMBER = "width:100%;border:none;margin:0;padding:0 0 5mm;vertical-align:bottom;font-size:7.5pt"
"""How the number in the book stands at the very foot of a page, below what the document itself says there."""


@dataclass(frozen=True, slots=True)
class Line:
    """A document in the contents: the page of the book on which it begins, counted from 1."""

    entry: Entry
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the front tells. `groups`: name of a kind → its documents. `release`: the newest one, empty for a draft."""

    company: str
    title: str
    day: date
    release: str
    draft: bool
    groups: Sequence[tuple[str, Sequence[Line]]]


def address(number: str, anchor: str = "") -> str:
    """The address of a place in a document of the book."""
    return f"{SCHEME}{quote(number, safe='')}/{quote(anchor, safe='')}"


def addresses(documents: Iterable[Document]) -> Callable[[str, str], str | None]:
    """Gives the address in the book of a place in a file of one of these documents."""
    places = {
        body.path: (document.id, f"c{at}-" if document.chapters else "")
        for document in documents
        for at, body in enumerate(document.bodies)
    }

    def lead(path: str, anchor: str) -> str | None:
        if path not in places:
            return None
        number, prefix = places[path]
        return address(number, f"{prefix}{anchor}" if anchor else f"qm-{prefix}start" if prefix else "")

    return lead


def book_front(book: Book, frame: Frame, say: Translator) -> str:
    """Cover and contents, as a page to print."""
    say = frame.say(say)
    word = frame.word(Status.DRAFT if book.draft else Status.EFFECTIVE, say)
    soft = "" if book.draft or frame.branding.uncontrolled else "soft/"
    behind = f'background:url("watermark:{soft}{quote(word, safe="")}") center/60% no-repeat;'
    boxes = f"@top-left{{content:{css_string(book.company)}}}@top-right{{content:{css_string(book.title)}}}"
    boxes += "".join(f"@{box}{{content:''}}" for box in ("top-center", "bottom-center", "bottom-right"))
    look = f' data-look="{html.escape(frame.sheet)}"' if frame.sheet else ""
    style = f"@page{{{behind}{boxes}@bottom-left{{content:{css_string(_standing(book, say))}}}}}"
    return unprintable_out(
        f'<!DOCTYPE html><html lang="{TAGS[say.language]}"{look}><head><title>{html.escape(book.title)}</title>'
        f'<meta name="author" content="{html.escape(book.company)}"/><style>{style}</style></head>'
        f'<body class="qm-text qm-book qm-look-{frame.branding.look.value}">{_cover(book, frame, word, say)}'
        f"{_contents(book, say)}</body></html>"
    )


def _standing(book: Book, say: Translator) -> str:
    if book.draft:
        return say(N_("Draft, not approved for use"))
    return say(N_("Edition of {day}"), day=book.day.isoformat())


def _cover(book: Book, frame: Frame, word: str, say: Translator) -> str:
    logo = f'<p class="qm-logo"><img src="{html.escape(frame.logo)}" alt=""/></p>' if frame.logo else ""
    count = sum(len(lines) for _, lines in book.groups)
    facts = [
        (N_("Day"), book.day.isoformat()),
        (N_("Newest release"), book.release),
        (N_("Number of documents"), str(count)),
    ]
    rows = "".join(
        f"<tr><th>{html.escape(say(label))}</th><td>{html.escape(text)}</td></tr>" for label, text in facts if text
    )
    held = html.escape(frame.branding.confidentiality)
    confidential = f'<p class="qm-kind">{held}</p>' if held else ""
    state = "draft" if book.draft else "effective"
    return (
        f'<header class="qm-cover qm-cover-alone"><p class="qm-stamp qm-stamp-{state}">{html.escape(word)}</p>{logo}'
        f'<p class="qm-company"{attribute(book.company, say.language)}>{html.escape(book.company)}</p>'
        f'<h1 class="qm-title"{attribute(book.title, say.language)}>{html.escape(book.title)}</h1>'
        f'<table class="qm-facts">{rows}</table>{confidential}</header>'
    )


def _contents(book: Book, say: Translator) -> str:
    parts = [f'<p class="qm-caption">{html.escape(say(N_("Contents")))}</p>']
    for name, lines in book.groups:
        parts.append(f'<p class="qm-toc-1">{html.escape(name)}</p>')
        parts += [_line(line, say) for line in lines]
    return f'<nav class="qm-toc qm-booktoc">{"".join(parts)}</nav>'


def _line(line: Line, say: Translator) -> str:
    document, status = line.entry.document, line.entry.status
    void = "" if status in (Status.EFFECTIVE, Status.DRAFT, Status.REVIEW) else f"  {say(STATUS_NAMES[status])}"
    text = f"{document.id} {document.revision}  {document.title}{void}"
    return (
        f'<p class="qm-toc-2"><a href="{address(document.id)}" data-page="{line.page}"'
        f"{attribute(document.title, say.language)}>{html.escape(text)}</a></p>"
    )


def page_numbers(across: Sequence[bool], first: int, say: Translator) -> str:
    """A page for each page of the book behind its front, empty but for its number in the book.

    `across`: whether it lies across; `first`: the number of the first one.
    """
    count = first + len(across) - 1
    count_here = counted(say(N_("Book page {page} of {pages}"), page=COUNT_PAGE, pages=count))
    style = "".join(f"@{box}{{content:none}}" for box in _OTHER_BOXES)
    style += f"@bottom-center{{content:{count_here};{_NUMBER}}}"
    style = (
        f"@page{{margin:20mm;{style}}}@page across{{margin:20mm}}.n{{break-before:page;page:upright}}.a{{page:across}}"
    )
    style += f"@page:first{{counter-reset:page {first - 1};counter-increment:page}}"
    pages = "".join(f'<div class="n{" a" if one else ""}"></div>' for one in across)
    return (
        f'<!DOCTYPE html><html lang="{TAGS[say.language]}"><head><title>-</title><style>{style}</style></head>'
        f"<body>{pages}</body></html>"
    )
