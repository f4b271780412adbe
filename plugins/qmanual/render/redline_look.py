"""How a block is drawn in a redline: what may be taken over of its attributes, and what is only told.

Anything that could hide a text or change how it reads (a style, an unknown class, `hidden`) is not taken over. It is
written out beside the text instead.
"""

import re
from html import escape
from urllib.parse import quote

from qmanual.control.redline import Block, Mark

_SHOWN = frozenset({
    "colspan", "rowspan", "start", "type", "value", "reversed", "title", "align", "valign", "lang",
})  # fmt: skip
_CLASS = re.compile(
    r"admonition(-title)?|note|info|tip|hint|important|attention|warning|danger|caution|error|footnote(-\w+)?|highlight"
    r"|mermaid-source|language-\w+|qm-(answers|band|blank|chart|choices?|clause|date|empty|excluded|fixed|flowchart|key|label"
    r"|legend|list|mark|matrix|mentioned|open|option|organization|plain|processes|ref|responsibilities|table)(--?\w+)?"
)
"""Classes that rendering gives, which hide nothing. Any other could mean something to a style sheet."""


def attributes(block: Block | Mark, style: str = "") -> str:
    """What is drawn as it was, and a note on what could hide a text or change how it reads. `style`: our class."""
    written = " ".join(value for key, value in (*block.attributes, *block.look) if key == "class")
    names = [style, *filter(_CLASS.fullmatch, written.split())]
    shown = [("class", " ".join(filter(None, names)))] if any(names) else []
    shown += [(key, value) for key, value in block.look if key != "class"]
    aligned = any(key == "style" and "align" in value for key, value in block.look)
    shown += [(key, value) for key, value in block.attributes if key in _SHOWN and not (aligned and key == "align")]
    odd = "; ".join(f"{key}={value}" for key, value in block.attributes if _is_odd(block.tag, key, value))
    shown += [("open", "open")] if block.tag == "details" else []
    shown += [("data-attributes", odd)] if odd else []
    return "".join(f' {key}="{escape(value)}"' for key, value in shown)


def was(old: Block) -> str:
    """What an element was in the old text, as an attribute from which that can be read again."""
    values = "; ".join(f"{name}={quote(value)}" for name, value in (("tag", old.tag), *old.attributes))
    return f' data-was="{escape(values)}"'


def _is_odd(tag: str, key: str, value: str) -> bool:
    """Whether an attribute could hide a text or change how it reads: it is told of, and not taken over."""
    if key == "class":
        return not all(map(_CLASS.fullmatch, value.split()))
    return key not in _SHOWN and (tag, key) != ("a", "href")
