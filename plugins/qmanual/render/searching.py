"""What the search knows: a list of numbers and titles, and every page's text cut into signs.

Pagefind cuts Chinese text into words, and a query into words of its own, so that 合格品 finds pages that only hold
合格 and 品 apart. Here every Chinese character, and every run of other signs without a blank, is a word by itself and a
query is a phrase: then what is found is what is written, no more and no less, and `QP-8.4-01` is one thing. The index
is no larger for it. The list of numbers and titles is a script, since a page opened from a folder may not fetch.
"""

import html
import json
import re
from collections.abc import Iterator

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES
from qmanual.render.address import page_path
from qmanual.render.markdown import Rendered
from qmanual.render.site import GONE, Site, chapter_title, state_of
from qmanual.render.texts import joined

JOIN = " \N{ZERO WIDTH SPACE}"
"""Stands between two signs in the index. The page's script cuts a query in the same way and takes the blanks out of
what it shows (`cut` and `joined` in theme/assets/qmanual/site.js): change both together."""

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_BORDER = re.compile(rf"(?<=\S)(?=[{_HAN}])|(?<=[^\x00-\x7f])(?=[\x21-\x7e])")
_TAG = re.compile(r"(<[^>]+>)")
_UNREAD = re.compile(r"<(figure|svg|style)\b.*?</\1>", re.DOTALL)


def signs(text: str) -> str:
    """HTML with its text cut into signs; tags stay as they are."""
    parts = _TAG.split(text)
    parts[0::2] = [_cut(part) for part in parts[0::2]]
    return "".join(parts)


def _cut(text: str) -> str:
    """One run of text. It may follow an inline element without a blank, so its first sign is cut off too."""
    return _BORDER.sub(JOIN, text) if not text or text[0].isspace() else JOIN + _BORDER.sub(JOIN, text)


def index_pages(site: Site) -> Iterator[tuple[str, str]]:
    """Path on the site, HTML for Pagefind: the text of every document and chapter with what the filters ask."""
    for entry in site.edition.entries:
        document = entry.document
        for body in document.bodies:
            if body.path in site.bodies:
                yield page_path(body.path), _index_page(site, entry, site.bodies[body.path])
    for text in site.shown_texts:
        if not text.coming:
            yield text.page, _index_page(site, text.entry, joined(text.entry.document, text.bodies))


def _index_page(site: Site, entry: Entry, rendered: Rendered) -> str:
    """`void` lets the search leave out what is not to be used any more, unless somebody asks for it."""
    document = entry.document
    kind = site.edition.register.settings.kind(document.kind)
    status, state = site.say(STATUS_NAMES[entry.status]), state_of(entry.status)
    filters = {"kind": site.say(kind.title), "department": document.owner, "status": status}
    filters["void"] = "true" if entry.status in GONE else "false"
    meta = {"number": document.id, "revision": document.revision, "status": status, "state": state}
    head = "".join(_hidden("filter", *pair) for pair in filters.items() if pair[1])
    head += "".join(_hidden("meta", *pair) for pair in meta.items())
    text = signs(_UNREAD.sub("", rendered.html))
    return f'<html lang="{site.say.language}"><body data-pagefind-body>{head}{text}</body></html>'


def _hidden(what: str, name: str, value: str) -> str:
    return f'<i data-pagefind-{what}="{name}[data-v]" data-v="{html.escape(value)}"></i>'


def document_list(site: Site) -> str:
    """A script with one line a document or chapter: path, number, title, revision, status in words, status, kind,
    department, and 1 for a chapter, which is found by its title alone.
    """
    lines = []
    for entry in site.edition.entries:
        for body in entry.document.bodies:
            main = body is entry.document.body
            lines.append(_line(site, entry, page_path(body.path), None if main else chapter_title(body)))
    lines += [_line(site, text.entry, text.page) for text in site.shown_texts if not text.coming]
    return "window.QMANUAL_DOCUMENTS=[\n" + ",\n".join(lines) + "\n];\n"


def _line(site: Site, entry: Entry, page: str, chapter: str | None = None) -> str:
    document = entry.document
    kind = site.say(site.edition.register.settings.kind(document.kind).title)
    line = [page, document.id, chapter or document.title, document.revision, site.say(STATUS_NAMES[entry.status]),
            state_of(entry.status), kind, document.owner, *([] if chapter is None else [1])]  # fmt: skip
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))
