"""The company's own templates for what surrounds a printed text: cover, head and foot of a form, running lines.

They are read as a whole: with one of them at fault none is used, for the pieces of a frame belong together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.parse.style import Refused, check_sheet
from qmanual.parse.template import Shown, check_template
from qmanual.source import Span

PIECES = ("cover.html", "form-head.html", "form-foot.html", "header.html", "footer.html")
"""The parts of a frame that a template can take the place of; other files of the folder are included by these."""
STYLE = "style.css"
LIMIT = 32 * 1024
"""Characters of a file."""

RUNNING = ("header.html", "footer.html")
TELLS_STATUS = frozenset({"status", "word", "standing"})
"""What tells how a text stands; every page does."""
_NAMED = ("cover.html", "form-head.html")
"""What names the document, once: the text begins below that."""
_LARGE = frozenset({"heading", "facts", "signatures", "history"})


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of a folder that can be used: name → text; the style sheet; what was wrong with the others.

    `shown`: name of a template → the names of what it shows on every page that it is on.
    """

    pieces: Mapping[str, str] = field(default_factory=dict)
    style: str = ""
    shown: Mapping[str, frozenset[str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.pieces or self.style)


def read_templates(folder: str, files: Mapping[str, bytes]) -> Templates:
    """The templates among the files of the manual that lie in `folder`. With one fault in the folder none is used."""
    if not folder:
        return Templates()
    texts, refusals = _texts(folder, files)
    shown: dict[str, Shown] = {}
    for name in sorted(texts):
        try:
            shown[name] = _checked(name, texts)
        except Refused as refused:
            refusals.append((name, refused))
    refusals += _gaps(shown)
    if refusals:
        return Templates(faults=tuple(_fault(f"{folder}/{name}", refused) for name, refused in refusals))
    pieces = {name: text for name, text in texts.items() if name != STYLE}
    return Templates(pieces, texts.get(STYLE, ""), {name: frozenset(one.always) for name, one in shown.items()})


def _texts(folder: str, files: Mapping[str, bytes]) -> tuple[dict[str, str], list[tuple[str, Refused]]]:
    """Name → text of what lies in the folder, and what cannot be read of it."""
    texts, refusals = {}, []
    for path, data in sorted(files.items()):
        place, _, name = path.rpartition("/")
        if place == folder:
            try:
                texts[name] = _decoded(data)
            except Refused as refused:
                refusals.append((name, refused))
    return texts, refusals


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


def _checked(name: str, texts: Mapping[str, str]) -> Shown:
    """What a file shows. Raises `Refused`."""
    if name == STYLE:
        check_sheet(texts[name])
        return Shown()
    if name not in PIECES and not any(f'"{name}"' in one or f"'{name}'" in one for one in texts.values()):
        cause = N_("nothing uses this file; the files of a frame are called {names}")
        raise Refused(1, Phrase(cause, names=", ".join((*PIECES, STYLE))))
    shown = check_template(name, {one: text for one, text in texts.items() if one != STYLE})
    _check_place(name, shown)
    return shown


def _check_place(name: str, shown: Shown) -> None:
    """Whether what a template shows has its place there: the name of a document stands once, above its text."""
    ever = [*shown.always, *shown.sometimes]
    if name in _NAMED and (shown.always.count("heading"), ever.count("heading")) != (1, 1):
        raise Refused(1, Phrase(N_("it must hold {piece} once, outside of conditions"), piece="{{ heading }}"))
    if name not in PIECES or name in _NAMED:
        return
    for piece in ever:
        if piece == "heading" or (name in RUNNING and piece in _LARGE):
            raise Refused(1, Phrase(N_("{piece} has no place in this file"), piece=f"{{{{ {piece} }}}}"))


def _gaps(shown: Mapping[str, Shown]) -> Sequence[tuple[str, Refused]]:
    """With both running lines the company's own, one of them must tell how the text stands."""
    if any(name not in shown or TELLS_STATUS & set(shown[name].always) for name in RUNNING):
        return []
    cause = N_("this file or {other} must hold {piece}, outside of conditions: every page says how its text stands")
    return [(RUNNING[1], Refused(1, Phrase(cause, other=RUNNING[0], piece="{{ standing }}")))]
