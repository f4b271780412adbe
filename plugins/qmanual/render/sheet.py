"""A page to print, whole: its head, what runs along on every sheet, and what stands behind the text.

The running lines are strings of CSS where that will do. A logo and a company's own templates are elements that run
along (CSS GCPM 3, 2.1); they are no part of what a screen reader reads.
"""

import html
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from qmanual.control.status import STATUS_NAMES, Status
from qmanual.render.cover import Front
from qmanual.render.custom import Values, filled
from qmanual.render.frame import EDGES, running, unprintable_out
from qmanual.render.tongue import TAGS


def sheet(front: Front, content: str, style: str, values: Values, *, form: bool) -> str:
    """The page. `content`: its body; `style`: the classes of the body; `values`: for the company's own templates."""
    entry, document, say = front.entry, front.document, front.say
    boxes, elements = _running(front, values, form)
    words = ", ".join([document.id, say(STATUS_NAMES[entry.status]), *(t.value for t in document.header.departments)])
    facts = {"author": front.company, "description": f"{document.id} {document.revision}".strip(), "keywords": words}
    metas = "".join(f'<meta name="{name}" content="{html.escape(text)}"/>' for name, text in facts.items() if text)
    language = TAGS[say.language]
    made_by = f' data-look="{html.escape(front.frame.sheet)}"' if front.frame.sheet else ""
    return unprintable_out(
        f'<!DOCTYPE html><html lang="{language}"{made_by}><head><title>{html.escape(document.title)}</title>{metas}'
        f"<style>{boxes}</style></head>"
        f'<body class="{style} qm-look-{front.frame.branding.look.value}">{elements}{content}</body></html>'
    )


def _behind(front: Front) -> str:
    """The word behind the text of every page. That a text is in force is said more softly than that it is not."""
    word = quote(front.frame.word(front.entry.status, front.say), safe="")
    soft = front.entry.status is Status.EFFECTIVE and not front.frame.branding.uncontrolled
    return f'background:url("watermark:{"soft/" if soft else ""}{word}") center/{60 if soft else 80}% no-repeat;'


def _running(front: Front, values: Values, form: bool) -> tuple[str, str]:
    """The style of the pages with their margin boxes, and the elements that some of these show."""
    boxes: list[str] = []
    rules: list[str] = []
    elements: list[str] = []
    told = running(front.entry, front.company, form, front.frame, front.say, front.kind)
    own = {edge: filled(name, front.frame.templates, values) for edge, name in EDGES.items()}
    for box, (text, has_logo) in told.items():
        edge = box.partition("-")[0]
        if has_logo:
            elements.append(f'<div class="qm-running qm-{box}">{"".join(_beside_logo(front, text))}</div>')
            rules.append(f".qm-{box}{{position:running(qm-{box})}}.qm-{box} span::before{{content:{text}}}")
        value = f"element(qm-{box})" if has_logo else text
        if box.endswith("-center") and value == '""':  # the others share its room
            boxes += [f"@{box}{{content:none}}", *_shared(edge, told)]
        else:
            boxes.append(f"@{box}{{content:{value}}}")
    for edge, piece in own.items():
        if piece is not None:
            elements.append(f'<div class="qm-running qm-own-{edge}">{piece}</div>')
            rules.append(f".qm-own-{edge}{{position:running(qm-own-{edge})}}")
            boxes.append(
                f"@{edge}-left{{content:none}}@{edge}-right{{content:none}}"
                f"@{edge}-center{{content:element(qm-own-{edge});width:100%;text-align:left}}"
            )
    return f"@page{{{_behind(front)}{''.join(boxes)}}}{''.join(rules)}", "".join(elements)


def _shared(edge: str, told: Mapping[str, tuple[str, bool]]) -> Iterator[str]:
    """The widths of the boxes left and right, by what stands in them."""
    left, right = (len(told[f"{edge}-{side}"][0]) + 24 * told[f"{edge}-{side}"][1] for side in ("left", "right"))
    share = min(75, max(25, round(100 * left / (left + right))))
    yield f"@{edge}-left{{width:{share}%}}@{edge}-right{{width:{100 - share}%}}"


def _beside_logo(front: Front, text: str) -> Iterator[str]:
    yield f'<img class="qm-mark-logo" src="{html.escape(front.frame.logo)}" alt=""/>'
    if text != '""':
        yield "<span></span>"
