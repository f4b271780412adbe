"""Mermaid flowcharts as SVG at build time: no script on the page, vectors in the PDF.

The drawing is made by `mmdr` and holds text as text. Its colours become style classes, so that it can be dark at night
and black on paper. A flowchart that cannot be drawn is shown as its source; the rule QM614 says so.
"""

import html
import re
from functools import lru_cache

import mmdr

_FONTS = re.compile(r'font-family="[^"]*"')
_BACKGROUND = re.compile(r'(<svg [^>]*>)<rect x="-?[\d.]+" y="-?[\d.]+" width="[\d.]+" height="[\d.]+" fill="#FFFFFF"/>')
_SIZE = re.compile(r'<svg ([^>]*?)width="([\d.]+)" height="([\d.]+)"')
_ID = re.compile(r'\b(id="|url\(#)([A-Za-z][\w-]*)')
_LABEL = re.compile(r"\[\"?([^\]\"|]+)\"?\]")


def flowchart(source: str) -> str:
    """The figure of a flowchart: SVG, or the source in a code block when it cannot be drawn."""
    drawn = draw(source)
    if drawn is None:
        return f'<pre class="mermaid-source"><code>{html.escape(source)}</code></pre>'
    steps = html.escape("；".join(_LABEL.findall(source))[:400], quote=True)
    return f'<figure class="qm-flowchart" role="img" aria-label="{steps}">{drawn}</figure>'


@lru_cache(maxsize=256)
def draw(source: str) -> str | None:
    """The SVG of a diagram, None when it is broken. The same source gives the same bytes."""
    try:
        svg = mmdr.render(source, backend="mermaid-rs-renderer", rank_spacing=60.0, node_spacing=50.0).svg()
    except (ValueError, TypeError, RuntimeError):
        return None
    svg = _FONTS.sub('font-family="QManual Sans"', svg)
    svg = _BACKGROUND.sub(r"\1", svg, count=1)
    prefix = f"f{_number(source):x}-"
    svg = _ID.sub(lambda match: f"{match[1]}{prefix}{match[2]}", svg)
    return _SIZE.sub(lambda m: f'<svg {m[1]}width="{float(m[2]):.0f}" height="{float(m[3]):.0f}"', svg, count=1)


def _number(source: str) -> int:
    """A small number that tells the ids of two drawings on one page apart."""
    value = 0
    for character in source:
        value = (value * 31 + ord(character)) % 0xFFFFFF
    return value
