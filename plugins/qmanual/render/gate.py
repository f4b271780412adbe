"""The last gate before a page or a PDF: rendered text may hold nothing that acts or calls out.

The rules of `checks.safety` look at the source and name the line. This looks at what came out, knows nothing of how it
was written, and lets only known elements and attributes pass, so that a spelling that the rules miss is not published.
"""

import html
import re

# fmt: off
_DRAWING = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "defs", "marker",
    "title", "desc", "clippath", "lineargradient", "stop",
})
_TAGS = frozenset({
    "a", "abbr", "aside", "b", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "input", "ins", "kbd", "li", "mark", "nav", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}) | _DRAWING
_ATTRIBUTES = frozenset({
    "align", "alt", "checked", "cite", "class", "colspan", "datetime", "dir", "disabled", "height", "hidden", "href",
    "id", "lang", "open", "rel", "role", "rowspan", "scope", "span", "src", "start", "style", "tabindex", "title",
    "type", "valign", "value", "width",
})
# fmt: on
_TAG = re.compile(r"<(/?)([A-Za-z!?][^\s/>\"']*)((?:\"[^\"]*\"|'[^']*'|[^\"'>])*)")
_COMMENT = re.compile(r"<!--(?!-?>).*?-->", re.DOTALL)
_ATTRIBUTE = re.compile(r"([^\s=\"'/<>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ALLOWED_SCHEMES = ("http:", "https:", "mailto:", "tel:", "qmanual:")
_CSS = re.compile(r"url\s*\(|expression|@import|\\", re.IGNORECASE)


def forbidden(text: str) -> str | None:
    """The first element or attribute that may not be published, as written; None when all may.

    SVG made by the program is part of the text and passes; `text` is one rendered body.
    """
    text = _COMMENT.sub("", text) if "<!--" in text else text
    for match in _TAG.finditer(text):
        name = match[2].lower()
        if text[match.end() : match.end() + 1] != ">":
            return match[0][:80]  # a quotation mark that is never closed hides what a browser would still read
        if name not in _TAGS or (name == "input" and 'type="checkbox"' not in match[3]):
            return match[0][:80]
        if match[3] and not match[1] and not _sound(name, match[3]):
            return match[0][:80]
    return None


def _sound(tag: str, attributes: str) -> bool:
    drawing = tag in _DRAWING
    for found in _ATTRIBUTE.finditer(attributes):
        name = found[1].lower()
        value = html.unescape(found[2] or found[3] or found[4] or "")
        if name.startswith("on") or not (drawing or name in _ATTRIBUTES or name.startswith(("data-", "aria-"))):
            return False
        if name in ("href", "src", "xlink:href") and not _harmless(tag, name, value):
            return False
        if name == "style" and _CSS.search(value):
            return False
    return True


def _harmless(tag: str, name: str, value: str) -> bool:
    """Whether an address neither runs anything nor loads from outside."""
    plain = re.sub(r"[\x00-\x20\u200b-\u200f\u2028-\u202e\ufeff]", "", value)
    scheme = _SCHEME.match(plain)
    if scheme and scheme[0].lower() not in _ALLOWED_SCHEMES:
        return False
    loads = tag != "a" or name == "src"
    return not (loads and (plain.startswith("//") or (scheme is not None and scheme[0].lower() != "qmanual:")))
