"""A redline as one HTML file for itself, and as the page that a PDF is printed from: nothing is asked from outside."""

import base64
import html
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from qmanual.control.redline import Side
from qmanual.language import N_, Translator
from qmanual.render.address import FILE
from qmanual.render.frame import COUNT_PAGE, COUNT_PAGES, counted
from qmanual.render.page import css_string
from qmanual.render.redline_document import Redline
from qmanual.render.redline_page import redline_css, what_changed
from qmanual.render.redline_write import Picture

STANDALONE_CSS = Path(__file__).parent / "standalone.css"
PRINT_CSS = Path(__file__).parent / "redline_print.css"
_TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
    ".svg": "image/svg+xml", ".bmp": "image/bmp", ".avif": "image/avif",
}  # fmt: skip


def embedded(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Picture:
    """Shows pictures from within the page. `old`, `new`: path → content, of either text."""

    def picture(address: str, side: Side) -> str:
        path = unquote(address.removeprefix(FILE)).partition("#")[0]
        content = (old if side is Side.OLD else new).get(path)
        kind = _TYPES.get(Path(path).suffix.lower())
        if content is None or kind is None:
            return "data:,"
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    return picture


def policy(script: str = "") -> str:
    """The rule that keeps a page from asking anything of anybody (Content Security Policy Level 3)."""
    allowed = f"script-src {script}; " if script else ""
    return f"default-src 'none'; {allowed}img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(title: str, content: str, say: Translator, *, head: str = "", script: str = "") -> str:
    """A whole page. `script`: the source of the only script that may run, as the policy writes it."""
    language = "zh-CN" if say.language == "zh" else "en"
    style = redline_css() + STANDALONE_CSS.read_text(encoding="utf-8")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"/>'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy(script))}"/>'
        '<meta name="viewport" content="width=device-width,initial-scale=1"/>'
        '<meta name="referrer" content="no-referrer"/>'
        f"<title>{html.escape(title)}</title><style>{style}</style>{head}</head><body>{content}</body></html>\n"
    )


def redline_html(redline: Redline, title: str, names: tuple[str, str], say: Translator, picture: Picture) -> str:
    """The file of a redline. `names`: what the two texts are called."""
    content = _head(redline, names, say) + what_changed(redline, say, picture, links=False)
    return page(title, content, say)


def redline_print(
    redline: Redline, title: str, names: tuple[str, str], company: str, say: Translator, picture: Picture
) -> str:
    """The page that a PDF of a redline is printed from; well-formed XML."""
    compared = say(N_("Comparison of {old} and {new}"), old=names[0], new=names[1])
    number = redline.new.id
    boxes = {
        "top-left": css_string(company), "top-center": css_string(redline.new.title), "top-right": css_string(number),
        "bottom-left": css_string(say(N_("Comparison, not a controlled copy"))), "bottom-center": css_string(compared),
        "bottom-right": counted(say(N_("Page {page} of {pages}"), page=COUNT_PAGE, pages=COUNT_PAGES)),
    }  # fmt: skip
    style = "".join(f"@{box}{{content:{text}}}" for box, text in boxes.items())
    content = _head(redline, names, say) + what_changed(redline, say, picture, links=False)
    language = "zh-CN" if say.language == "zh" else "en"
    look = html.escape(PRINT_CSS.read_text(encoding="utf-8"), quote=False)
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><title>{html.escape(title)}</title>'
        f'<meta name="author" content="{html.escape(company)}"/><style>@page{{{style}}}{look}</style></head>'
        f'<body class="qm-text qm-compared">{content}</body></html>'
    )


def _head(redline: Redline, names: tuple[str, str], say: Translator) -> str:
    number, title = html.escape(redline.new.id), html.escape(redline.new.title)
    old, new = map(html.escape, names)
    label = html.escape(say(N_("What changed")))
    return f'<h1>{number} {title} · {label}</h1><p class="head"><b>{old}</b> → <b>{new}</b></p>'
