"""The square code on the first page of a print: it leads whoever holds the paper to what is known of that text today.

A camera opens the verify page of the company's site with number, revision and digest behind the `#`, which no server is
told. Without a site the same stands in the code as plain words.
"""

import html
from urllib.parse import quote

from qmanual.language import N_, Translator
from qmanual.model import Document

DIGITS = 16
"""Of the content digest: enough that nobody writes another text that has them."""
_QUIET = 4
"""The free border around the code, in modules (ISO/IEC 18004, 6.3.8)."""


def payload(document: Document, site: str) -> str:
    """What the code says. `site`: the address of the site with a slash at its end, empty when there is none."""
    digest = document.digest.removeprefix("sha256:")[:DIGITS]
    if not site:
        return " ".join(filter(None, (document.id, document.revision, digest and f"sha256:{digest}")))
    facts = {"id": document.id, "rev": document.revision, "digest": digest}
    return f"{site}verify.html#" + "&".join(f"{key}={quote(value, safe='')}" for key, value in facts.items() if value)


def code(document: Document, site: str, say: Translator) -> str:
    """The code as a drawing, with words for those who do not see it; empty for a document without a number."""
    import segno  # only who prints needs it

    if not document.header.id:
        return ""
    words = say(N_("QR code: verify {id} {revision}"), id=document.id, revision=document.revision)
    rows = segno.make(payload(document, site), error="m", micro=False, mask=3, boost_error=False).matrix
    size = len(rows) + 2 * _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qm-qr" role="img" aria-label="{html.escape(words)}" '
        f'viewBox="0 0 {size} {size}"><path fill="none" stroke="#000" d="{_path(rows)}"/></svg>'
    )


def _path(rows: "tuple[bytearray, ...]") -> str:
    """The dark modules as lines one module wide, one for each run in a row: half the words of bars that are filled."""
    parts = []
    for y, row in enumerate(rows, _QUIET):
        x = 0
        while x < len(row):
            end = x
            while end < len(row) and row[end]:
                end += 1
            if end > x:
                parts.append(f"M{x + _QUIET} {y}.5h{end - x}")
            x = max(end, x + 1)
    return "".join(parts)
