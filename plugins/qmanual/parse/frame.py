"""The company's own templates for what surrounds a printed text: cover, head and foot of a form, running lines.

They are read as a whole: with one of them at fault none is used, for the pieces of a frame belong together.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.parse.template import Refused, check_template
from qmanual.source import Span

PIECES = ("cover.html", "form-head.html", "form-foot.html", "header.html", "footer.html")
"""The parts of a frame that a template can take the place of; other files of the folder are included by these."""
STYLE = "style.css"
LIMIT = 32 * 1024
"""Characters of a file."""

_REACHES = re.compile(r"url\s*\(|@import|@font-face|\\|</|image-set|attr\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of a folder that can be used: name → text; the style sheet; what was wrong with the others."""

    pieces: Mapping[str, str] = field(default_factory=dict)
    style: str = ""
    faults: tuple[Fault, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pieces or self.style)


def read_templates(folder: str, files: Mapping[str, bytes]) -> Templates:
    """The templates among the files of the manual that lie in `folder`. With one fault in the folder none is used."""
    if not folder:
        return Templates()
    texts, faults = {}, []
    for path, data in sorted(files.items()):
        if path.rpartition("/")[0] == folder:
            name = path.rpartition("/")[2]
            try:
                texts[name] = _decoded(data)
            except Refused as refused:
                faults.append(_fault(path, refused))
    faults += [_fault(f"{folder}/{name}", one) for name in sorted(texts) if (one := _refusal(name, texts))]
    if faults:
        return Templates(faults=tuple(faults))
    return Templates({name: text for name, text in texts.items() if name != STYLE}, texts.get(STYLE, ""))


def _fault(path: str, refused: Refused) -> Fault:
    return Fault(FaultKind.TEMPLATE, Span(path, max(1, refused.line)), {"cause": refused.cause})


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Refused(1, Phrase(N_("the file is not UTF-8"))) from None
    if len(text) > LIMIT:
        raise Refused(1, Phrase(N_("the file is longer than {count} characters"), count=str(LIMIT)))
    return text


def _refusal(name: str, texts: Mapping[str, str]) -> Refused | None:
    try:
        if name == STYLE:
            _check_style(texts[name])
        elif name not in PIECES and not any(f'"{name}"' in one or f"'{name}'" in one for one in texts.values()):
            cause = Phrase(
                N_("nothing uses this file; the files of a frame are called {names}"), names=", ".join(PIECES)
            )
            raise Refused(1, cause)
        else:
            check_template(name, {one: text for one, text in texts.items() if one != STYLE})
    except Refused as refused:
        return refused
    return None


def _check_style(text: str) -> None:
    if found := _REACHES.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise Refused(line, Phrase(N_("{text} is not allowed in a style sheet"), text=found[0].strip()))
