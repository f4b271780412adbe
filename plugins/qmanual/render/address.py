"""Where a link leads: neutral addresses in rendered text, and their form on the site and in a PDF.

Rendered text holds `qmanual:page/PATH#ANCHOR` for a document or chapter, `qmanual:file/PATH` for a picture or another
file, `qmanual:clause/STANDARD/NUMBER` for a clause, `qmanual:site/PATH` for any other page. The site makes relative
paths of them, a PDF anchors or plain text.
"""

import html
import re
from collections.abc import Callable
from urllib.parse import quote, unquote

from qmanual.files import file_name
from qmanual.model import Body, ClauseRef
from qmanual.parse.clause import STANDARD
from qmanual.parse.document import resolve
from qmanual.register import ClauseKey, Register
from qmanual.source import Span

PAGE, FILE, CLAUSE, SITE = "qmanual:page/", "qmanual:file/", "qmanual:clause/", "qmanual:site/"

_ATTRIBUTE = re.compile(r'(<(?:a|img)\b[^>]*?\b(?:href|src)=")([^"]*)(")')
_NEUTRAL = re.compile(r'\b(href|src)="qmanual:(page|file|clause|site)/([^"#]*)(#[^"]*)?"')
_TOKEN = re.compile(r"(<!--.*?-->|<[^>]+>)", re.DOTALL)
_OPAQUE = re.compile(r"<(/?)(a|code|pre|h1|svg|script|style)\b", re.IGNORECASE)


def neutral(text: str, body: Body, register: Register) -> str:
    """Rendered text with neutral addresses for its relative links, and links on the numbers and clauses it names."""
    folder = body.path.rpartition("/")[0]

    def address(match: re.Match[str]) -> str:
        target = html.unescape(match[2])
        if not target or target.startswith("#") or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", target):
            return match[0]
        path = resolve(folder, target)
        if f"{path}/index.md" in register.by_path:
            path = f"{path}/index.md"
        anchor = "#" + target.partition("#")[2] if "#" in target else ""
        kind = PAGE if path in register.by_path else FILE
        return f"{match[1]}{kind}{quote(path)}{html.escape(anchor)}{match[3]}"

    return _link_mentions(_ATTRIBUTE.sub(address, text), body, register)


def _link_mentions(text: str, body: Body, register: Register) -> str:
    """Make links of document numbers and clauses in running text, outside of links, code and the title."""
    own = register.by_path[body.path][0].id if body.path in register.by_path else ""
    if not body.documents and not body.clauses:
        return text
    clauses = {mention.ref.number: _clause_address(mention.ref.standard, mention.ref.number, register)
               for mention in body.clauses}  # fmt: skip
    number = register.settings.number
    parts, closed = _TOKEN.split(text), 0
    for at, part in enumerate(parts):
        if part.startswith("<"):
            opaque = _OPAQUE.match(part)
            if opaque and not part.endswith("/>"):
                closed += -1 if opaque[1] else 1
        elif closed <= 0 and part.strip():
            parts[at] = _linked(part, own, number, clauses, register)
    return "".join(parts)


def _linked(text: str, own: str, number: re.Pattern[str], clauses: dict[str, str | None], register: Register) -> str:
    def document(match: re.Match[str]) -> str:
        found = register.by_id.get(html.unescape(match[0]))
        if found is None or found.id == own:
            return match[0]
        return f'<a class="qm-ref" href="{PAGE}{quote(found.path)}" title="{html.escape(found.title)}">{match[0]}</a>'

    if clauses:
        text = _link_clauses(text, clauses)
    if "<a " not in text:
        return number.sub(document, text)
    return "".join(
        part if part.startswith("<a ") else number.sub(document, part) for part in re.split(r"(<a .*?</a>)", text)
    )


def _link_clauses(text: str, clauses: dict[str, str | None]) -> str:
    """Link the clause numbers that were found in this text, where the name of a standard or 条款 stands before them."""
    if not (STANDARD.search(text) or "条" in text or "lause" in text):
        return text
    numbers = sorted((name for name, address in clauses.items() if address), key=len, reverse=True)
    if not numbers:
        return text
    either = "|".join(re.escape(name) for name in numbers)
    pattern = re.compile(rf"(?<![\d.A-Za-z-])(?:{either})(?!\.?\d)(?!\s?[VAWΩ%℃])")
    return pattern.sub(lambda m: f'<a class="qm-clause" href="{clauses[m[0]]}">{m[0]}</a>', text)


def _clause_address(standard: str | None, number: str, register: Register) -> str | None:
    known = register.standards.clause(ClauseRef(standard=standard, number=number, span=Span("")))
    return clause_address(ClauseKey(known[0].id, known[1].number)) if known else None


def clause_address(key: ClauseKey) -> str:
    """The neutral address of a clause's page."""
    return f"{CLAUSE}{file_name(key.standard.replace(':', '-').replace(' ', '-').lower())}/{key.number}"


def clause_path(key: ClauseKey) -> str:
    """The path on the site of a clause's page."""
    return f"clauses/{clause_address(key).removeprefix(CLAUSE)}.html"


def page_path(path: str) -> str:
    """The path on the site of a Markdown file's page."""
    return path.removesuffix(".md") + ".html"


def localize(text: str, path: str) -> str:
    """Rendered text with links relative to the page at `path` of the site."""
    up = "../" * path.count("/")

    def local(match: re.Match[str]) -> str:
        attribute, kind, target, anchor = match.groups()
        if kind == "page":
            target = quote(page_path(unquote(target)))
        elif kind == "clause":
            target = f"clauses/{target}.html"
        return f'{attribute}="{up}{target}{anchor or ""}"'

    return _NEUTRAL.sub(local, text)


def for_print(text: str, anchor_of: Callable[[str, str], str | None]) -> str:
    """Rendered text for a PDF: links within the document become anchors, links to others plain text.

    `anchor_of(path, anchor)` gives the address inside the PDF, None when the page is not part of it. A controlled copy
    must not change when another document does, so it holds no addresses of others.
    """

    def printed(match: re.Match[str]) -> str:
        attribute, kind, target, anchor = match.groups()
        if kind == "file":
            return f'{attribute}="{html.escape(unquote(target))}"'
        inside = anchor_of(unquote(target), unquote(anchor or "").lstrip("#")) if kind == "page" else None
        return f'{attribute}="{html.escape(inside)}"' if inside else "data-outside"

    return _NEUTRAL.sub(printed, text)
