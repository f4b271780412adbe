"""The word behind every page of a print, which says how its text stands.

A room of its own, because the printing processes need this and nothing else of what makes pages.
"""

import html

from qmanual.render.columns import em


def watermark(text: str, soft: bool = False) -> str:
    """The drawing behind every page: how its text stands, in a word, large, light, aslant. `soft`: lighter still."""
    size = min(150, 560 // max(1, int(em(text) + 0.5)))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600" viewBox="0 0 600 600">'
        f'<text x="300" y="350" transform="rotate(-35 300 300)" text-anchor="middle" font-family="QManual Sans" '
        f'font-size="{size}" font-weight="bold" fill="{"#f4f4f7" if soft else "#ededf0"}">{html.escape(text)}</text>'
        "</svg>"
    )
