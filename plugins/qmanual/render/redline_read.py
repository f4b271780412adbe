"""Rendered HTML as blocks that can be compared: what staff read, without what only the machine reads.

Blanks are as a browser shows them, anchors and tooltips of the machinery are left out, pictures are known by their
content. Nothing that could hide text (a style, `hidden`, a closed `details`) is taken over: it is compared, and shown
as a note. A document's own `<del>` and `<ins>` become `<s>` and `<u>`: in a redline those two words belong to us.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import TypeAlias
from urllib.parse import unquote

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, fragment_fromstring

from qmanual.control.redline import Attributes, Block, Mark, Piece, make_block
from qmanual.control.redline.hidden import CONTROL_BASE
from qmanual.render.address import FILE
from qmanual.render.gate import forbidden
from qmanual.render.redline_line import Line

BLOCKS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "td", "th",
    "caption", "div", "blockquote", "pre", "hr", "dl", "dt", "dd", "section", "aside", "nav", "details", "summary",
    "figure", "figcaption",
})  # fmt: skip
LEAVES = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "summary", "caption", "figcaption", "dt"})
"""Blocks that hold running text themselves; in others it becomes a block without a tag."""
_TEXT_ONLY = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"})
EMPTY = frozenset({"br", "img", "hr", "input", "wbr"})

SOURCE = re.compile(r'\bsrc="([^"]*)"')
"""The address in the HTML of a picture."""

_UNREAD = frozenset({"script", "style", "link", "meta", "base", "template", "col", "colgroup", "wbr"})
_INLINE = frozenset({
    "a", "abbr", "b", "cite", "code", "em", "i", "kbd", "mark", "q", "s", "samp", "small", "span", "strong", "sub",
    "sup", "u", "var",
})  # fmt: skip
_RENAMED = {"del": "s", "ins": "u"}
_NEVER_COMPARED = frozenset({"id", "tabindex", "role", "rel", "scope", "for", "open", "disabled", "title"})
_SCOPES = frozenset({"row", "col", "rowgroup", "colgroup"})
"""What a head cell is the head of: told to a screen reader, and seen by nobody."""
_DRAWN = frozenset({"qm-open", "qm-label", "qm-label--short"})
"""Classes that follow from a cell's text and say no more than it."""
_CHECKED = ' checked="checked"'
_MACHINE = ("data-", "aria-", "on")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_ALIGNED = re.compile(r"\s*text-align\s*:\s*(left|right|center)\s*;?\s*")
_WIDTH = re.compile(r"min-width:[\d.]+em")
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_ID = re.compile(r"""(\bid="|url\(#)f?[\w-]+|\sdata-[a-z]+="[^"]*\"""")
"""What says nothing to who sees a drawing."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_OURS = re.compile(r"\bqm-(?:redline|change|char|note)[\w-]*")

Pictures: TypeAlias = Mapping[str, str]
"""Path of a picture → what tells its content from another's (SHA-256)."""


def read_blocks(text: str, pictures: Pictures | None = None) -> tuple[Block, ...]:
    """The blocks of rendered HTML with neutral addresses."""
    return _Reader(pictures or {}).read(text)


class _Reader:
    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.drawings: list[str] = []
        self.holder = ""

    def read(self, text: str) -> tuple[Block, ...]:
        text = _CONTROL.sub(lambda match: _shown(match[0]), text)
        number = 0
        while (holder := f"qm-drawing-{number}") in text:
            number += 1
        self.holder = holder
        text = _SVG.sub(self._held, text)
        tree = fragment_fromstring(text, create_parent="div", parser=HTMLParser(huge_tree=True, encoding="utf-8"))
        return tuple(self._inside(tree))

    def _held(self, match: re.Match[str]) -> str:
        if not _is_sound(match[0]):
            return match[0]  # read like any other text
        self.drawings.append(match[0])
        return f'<i class="{self.holder}" id="{len(self.drawings) - 1}"></i>'

    # -- blocks ------------------------------------------------------------------------------------------------

    def _block(self, element: HtmlElement) -> Block | None:
        tag = str(element.tag)
        attributes, look = self._attributes(element)
        if tag not in BLOCKS or (tag in _TEXT_ONLY and _has_blocks(element)):  # no browser would nest them so
            tag, attributes = "div", _with_element(tag, attributes)
        drawing = self._drawing(element)
        if drawing is not None:
            return make_block(tag, attributes=attributes, look=look, drawing=drawing)
        if tag == "hr":
            return make_block("hr", attributes=attributes)
        if tag in LEAVES and not _has_blocks(element):
            pieces = self._running(element, keep=tag == "pre")
            return make_block(tag, attributes=attributes, look=look, pieces=pieces)
        return make_block(tag, attributes=attributes, look=look, blocks=list(self._inside(element)))

    def _inside(self, element: HtmlElement) -> Iterator[Block]:
        """The blocks in an element; running text between them becomes blocks without a tag."""
        line = Line(keep=False)
        line.add(element.text, ())
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _UNREAD:
                pass
            elif child.tag in BLOCKS or _has_blocks(child):
                yield from line.block()
                line = Line(keep=False)
                if block := self._block(child):
                    yield block
            else:
                self._inline(child, (), line)
            line.add(child.tail, ())
        yield from line.block()

    def _drawing(self, element: HtmlElement) -> tuple[str, str, str] | None:
        """A figure whose content is a drawing: its HTML, the drawing without ids, what it says."""
        if element.tag != "figure":
            return None
        held = [child for child in element.iter("i") if child.get("class") == self.holder]
        if not held:
            return None
        drawn = "".join(self.drawings[int(str(child.get("id")))] for child in held)
        said = str(element.get("aria-label", ""))
        style = escape(str(element.get("class", "")))
        html = f'<figure class="{style}" role="img" aria-label="{escape(said)}">{drawn}</figure>'
        return html, _seen(drawn), said

    # -- running text ------------------------------------------------------------------------------------------

    def _running(self, element: HtmlElement, *, keep: bool) -> tuple[Piece, ...]:
        line = Line(keep=keep)
        line.add(element.text, ())
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _UNREAD:
                self._inline(child, (), line)
            line.add(child.tail, ())
        return line.pieces()

    def _inline(self, element: HtmlElement, around: tuple[Mark, ...], line: Line) -> None:
        tag = _RENAMED.get(str(element.tag), str(element.tag))
        attributes, look = self._attributes(element)
        if tag == "i" and str(element.get("class", "")) == self.holder:
            drawn = self.drawings[int(str(element.get("id")))]
            line.atom(Piece("◇", around, _seen(drawn), drawn))
        elif tag == "br":
            line.atom(Piece("\n", around, "<br>", "<br/>"))
        elif tag == "img":
            line.atom(self._picture(element, around))
        elif tag == "input":
            ticked = "checked" in element.attrib
            html = f'<input type="checkbox" disabled="disabled"{_CHECKED if ticked else ""}/>'
            line.atom(Piece("☑" if ticked else "☐", around, f"<input {ticked}>", html))
        elif len(element) == 0 and not element.text:
            if "qm-blank" in str(element.get("class", "")):
                html = f"<span{_written((*look, *attributes))}></span>"
                line.atom(Piece("____", around, f"<span {attributes}>", html))
        else:
            mark = Mark(tag, attributes, look) if tag in _INLINE else Mark("span", _with_element(tag, attributes), look)
            marks = (*around, mark)
            line.add(element.text, marks)
            for child in element:
                if isinstance(child.tag, str) and child.tag not in _UNREAD:
                    self._inline(child, marks, line)
                line.add(child.tail, marks)

    def _picture(self, element: HtmlElement, around: tuple[Mark, ...]) -> Piece:
        source = str(element.get("src", ""))
        path = unquote(source.removeprefix(FILE)).partition("#")[0] if source.startswith(FILE) else source
        alt, title = str(element.get("alt", "")), str(element.get("title", ""))
        sizes = tuple((name, str(element.get(name))) for name in ("width", "height") if element.get(name))
        same = f"<img {self.pictures.get(path, path)} {alt!r} {title!r} {sizes}>"
        named = (("alt", alt), *((("title", title),) if title else ()), *sizes)
        return Piece(alt or path.rpartition("/")[2], around, same, f'<img src="{escape(source)}"{_written(named)}/>')

    # -- attributes --------------------------------------------------------------------------------------------

    def _attributes(self, element: HtmlElement) -> tuple[Attributes, Attributes]:
        """What is compared, and how it is drawn."""
        compared: list[tuple[str, str]] = []
        look: list[tuple[str, str]] = []
        for name, value in sorted((str(name), str(value)) for name, value in element.attrib.items()):
            if name == "class":
                names = _OURS.sub("", value).split()
                said, only_drawn = ([one for one in names if (one in _DRAWN) is drawn] for drawn in (False, True))
                compared += [(name, " ".join(said))] if said else []
                look += [(name, " ".join(only_drawn))] if only_drawn else []
            elif name == "style" and (_ALIGNED.fullmatch(value) or _WIDTH.fullmatch(value)):
                look.append((name, value))
                if (side := _ALIGNED.fullmatch(value)) and _is_aligned(element):
                    compared.append(("align", side[1]))
            elif name == "scope" and value in _SCOPES:
                look.append((name, value))
            elif _is_said(str(element.tag), name):
                compared.append((name, value))
        return tuple(compared), tuple(look)


def _is_sound(drawing: str) -> bool:
    """Whether a drawing is whole and holds nothing that acts: it is shown as it is."""
    try:
        etree.fromstring(drawing, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        return False
    return forbidden(drawing) is None


def _seen(drawing: str) -> str:
    """What tells a drawing from another: all of it that is seen."""
    return _ID.sub(r"\1", drawing)


def _with_element(tag: str, attributes: Attributes) -> Attributes:
    """The attributes of what stands in the stead of an element that is not shown as itself."""
    return tuple(sorted((("element", tag), *attributes)))


def _is_aligned(element: HtmlElement) -> bool:
    """Whether the alignment of an element is its own; the cells of a column follow its head."""
    cell = element.tag in ("td", "th")
    return not cell or any(one.tag == "thead" for one in element.iterancestors())


def _is_said(tag: str, name: str) -> bool:
    """Whether an attribute may say or hide something; the tooltip of an abbreviation is a part of the text."""
    machine = name in _NEVER_COMPARED or name.startswith(_MACHINE) or not _NAME.fullmatch(name)
    return not machine or (name == "title" and tag == "abbr")


def _has_blocks(element: HtmlElement) -> bool:
    return any(isinstance(child.tag, str) and child.tag in BLOCKS for child in element.iterdescendants())


def _shown(character: str) -> str:
    """Control characters cannot stand in HTML: a private character takes their place, and is named where it stands."""
    code = ord(character)
    return chr(CONTROL_BASE + code) if code < 0xA0 else "\ufffd"


def _written(attributes: Attributes) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes)
