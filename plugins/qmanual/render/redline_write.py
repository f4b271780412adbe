"""The nodes of a redline as HTML: what went in `<del>`, what came in `<ins>`, all else as it was.

Without its `<del>` and everything marked `data-redline="del"`, and with its `<ins>` opened, it is the new text; the
other way round the old one. Everything that explains (what a hidden character is, where a link leads) stands in
attributes that the style sheet shows, so that it is no part of either text. The HTML is well-formed XML as well.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape, unescape
from urllib.parse import unquote

from qmanual.control.redline import Attributes, Block, Change, Mark, Node, Piece, Side, Stretch, groups
from qmanual.control.redline.hidden import doubtful, has_hidden, is_hidden, name
from qmanual.language import N_, Translator
from qmanual.render.redline_read import EMPTY, SOURCE

Picture = Callable[[str, Side], str]
"""A picture's neutral address and the text it stands in → the address to show it from."""

_ALONE = frozenset({
    "li", "tr", "td", "th", "dt", "dd", "thead", "tbody", "tfoot", "summary", "caption", "figcaption",
})  # fmt: skip
"""Blocks that only stand in their own parent: they cannot be wrapped, so they carry an attribute."""
_ROWS = frozenset({"tr", "thead", "tbody", "tfoot"})
_SHOWN = frozenset({
    "colspan", "rowspan", "start", "type", "value", "reversed", "title", "align", "valign", "lang",
})  # fmt: skip
_CLASS = re.compile(
    r"admonition(-title)?|note|info|tip|hint|important|attention|warning|danger|caution|error|footnote(-\w+)?|highlight"
    r"|mermaid-source|language-\w+|qm-(answers|band|blank|chart|choices?|clause|date|empty|excluded|fixed|flowchart|key|label"
    r"|legend|list|mark|matrix|mentioned|open|option|organization|plain|processes|ref|responsibilities|table)(--?\w+)?"
)
"""Classes that rendering gives, which hide nothing. Any other could mean something to a style sheet."""
_TAGS = {Side.OLD: "del", Side.NEW: "ins"}
_LEADS = ("qmanual:", "http:", "https:", "mailto:", "tel:")
_FORMATS = {
    "strong": N_("bold"), "b": N_("bold"), "em": N_("italic"), "i": N_("italic"), "code": N_("code"),
    "s": N_("struck out"), "u": N_("underlined"), "sup": N_("raised"), "sub": N_("lowered"),
}  # fmt: skip


def anchor(number: int) -> str:
    """The id of the place of a change."""
    return f"qm-change-{number}"


class Writer:
    """Writes the nodes of one text. `numbers`: the node at which a change begins (by identity) → its number.

    `links`: whether links lead anywhere; in a file that is sent around they do not.
    """

    def __init__(self, say: Translator, picture: Picture, numbers: Mapping[int, int], *, links: bool = True) -> None:
        self.say = say
        self.picture = picture
        self.numbers = numbers
        self.links = links

    def nodes(self, nodes: Sequence[Node]) -> str:
        """The HTML of consecutive nodes."""
        return "".join(self._group(group) for group in groups(nodes))

    def _group(self, group: Sequence[Node]) -> str:
        first = group[0]
        if first.side is Side.BOTH:
            return self._both(first)
        if len(group) == 2 and first.side is not group[1].side:
            both = "".join(self._wrapped([node]) for node in group)
            return f'<div class="qm-redline-pair" data-redline="pair"{self._place(first)}>{both}</div>'
        if any(node.block.tag in _ALONE for node in group):
            return "".join(self._alone(node) for node in group)
        return self._wrapped(group)

    def _wrapped(self, group: Sequence[Node]) -> str:
        """Whole blocks of one side."""
        side = group[0].side
        tag = _TAGS[side]
        inside = "".join(self.block(node.block, side) for node in group)
        style = "" if all(node.block.tag == "" for node in group) else ' class="qm-redline-block"'
        return f"<{tag}{style}{self._place(group[0])}>{inside}</{tag}>"

    def _alone(self, node: Node) -> str:
        """A row, a cell or an item of one side."""
        block, tag = node.block, _TAGS[node.side]
        if block.tag not in _ALONE:
            return self._wrapped([node])
        head = f'<{block.tag}{self._attributes(block)} data-redline="{tag}"{self._place(node)}>'
        if node.nodes:
            inside = "".join(self._alone(inner) for inner in node.nodes)
        elif block.tag in _ROWS:
            inside = "".join(self._alone(Node(node.side, inner)) for inner in block.blocks)
        else:
            inside = self._content(block, node.side)
            inside = f"<{tag}>{inside}</{tag}>" if inside else ""
        return f"{head}{inside}</{block.tag}>"

    def _both(self, node: Node) -> str:
        block = node.block
        if not node.changed:
            return self.block(block, Side.BOTH)
        inside = self._stretches(node.stretches) if node.stretches else self.nodes(node.nodes)
        place = self._place(node, "qm-changed") if node.stretches or block.tag == "tr" else ""
        if not block.tag:
            return f'<span data-redline="at"{place}>{inside}</span>' if place else inside
        head = f"{block.tag}{self._attributes(block, 'qm-changed' if place else '')}{_only_id(place)}"
        return f"<{head}>{inside}</{block.tag}>"

    def _place(self, node: Node, style: str = "") -> str:
        """The id by which a change is found, on the node at which it begins."""
        number = self.numbers.get(id(node))
        named = f' class="{style}"' if style else ""
        return f'{named} id="{anchor(number)}" tabindex="-1"' if number else named

    # -- whole blocks ------------------------------------------------------------------------------------------

    def block(self, block: Block, side: Side) -> str:
        """A block that stands in one text, or is the same in both."""
        if block.atom:
            return block.atom
        if not block.tag:
            return self._content(block, side)
        if block.tag in EMPTY:
            return f"<{block.tag}{self._attributes(block)}/>"
        return f"<{block.tag}{self._attributes(block)}>{self._content(block, side)}</{block.tag}>"

    def _content(self, block: Block, side: Side) -> str:
        if block.blocks:
            return "".join(self.block(inner, side) for inner in block.blocks)
        places = frozenset[int]() if side is Side.BOTH else doubtful(block.text, "")[0]
        return self._pieces(block.pieces, side, places)

    def _attributes(self, block: Block | Mark, style: str = "") -> str:
        """What is drawn as it was, and a note on what could hide a text or change how it reads."""
        written = " ".join(value for key, value in (*block.attributes, *block.look) if key == "class")
        names = [style, *filter(_CLASS.fullmatch, written.split())]
        shown = [("class", " ".join(filter(None, names)))] if any(names) else []
        shown += [(key, value) for key, value in block.look if key != "class"]
        shown += [(key, value) for key, value in block.attributes if key in _SHOWN]
        odd = "; ".join(f"{key}={value}" for key, value in block.attributes if _is_odd(block.tag, key, value))
        shown += [("open", "open")] if block.tag == "details" else []
        shown += [("data-attributes", odd)] if odd else []
        return _written(shown)

    # -- running text ------------------------------------------------------------------------------------------

    def _stretches(self, stretches: Sequence[Stretch]) -> str:
        parts = []
        for at, stretch in enumerate(stretches):
            if stretch.side is Side.BOTH:
                parts.append(self._pieces(stretch.pieces, Side.BOTH, frozenset()))
                continue
            other = _other(stretches, at)
            tag = _TAGS[stretch.side]
            places = doubtful(stretch.text, other.text if other else "")[0]
            note = self._note(stretch, other)
            said = f' data-note="{escape(note)}"' if note else ""
            parts.append(f"<{tag}{said}>{self._pieces(stretch.pieces, stretch.side, places)}</{tag}>")
        return "".join(parts)

    def _note(self, stretch: Stretch, other: Stretch | None) -> str:
        pictures = any(piece.same for piece in stretch.pieces)  # they are seen
        return "" if other is None or pictures else note(stretch, other, self.say)

    def _pieces(self, pieces: Iterable[Piece], side: Side, places: frozenset[int]) -> str:
        """Running text with its marks; consecutive pieces of one element stay in one element."""
        out: list[str] = []
        around: tuple[Mark, ...] = ()
        at = 0
        for piece in pieces:
            common = 0
            while common < min(len(around), len(piece.marks)) and around[common] is piece.marks[common]:
                common += 1
            out += [f"</{mark.tag}>" for mark in reversed(around[common:])]
            out += [self._opened(mark, side) for mark in piece.marks[common:]]
            around = piece.marks
            if piece.same:
                out.append(SOURCE.sub(lambda match: self._source(match, side), piece.atom))
            else:
                out.append(_text(piece.text, at, places))
            at += len(piece.text)
        out += [f"</{mark.tag}>" for mark in reversed(around)]
        return "".join(out)

    def _source(self, match: re.Match[str], side: Side) -> str:
        return f'src="{escape(self.picture(unescape(match[1]), side))}"'

    def _opened(self, mark: Mark, side: Side) -> str:
        target = dict(mark.attributes).get("href")
        if target is None:
            return f"<{mark.tag}{self._attributes(mark)}>"
        leads = self.links and side is not Side.OLD and target.lower().startswith(_LEADS)
        return f'<{mark.tag}{self._attributes(mark)} {"href" if leads else "data-href"}="{escape(target)}">'


def note(stretch: Stretch, other: Stretch, say: Translator) -> str:
    """What is not seen of a change whose text is the same: where a link leads, that a word became bold."""
    if stretch.text != other.text:
        return ""
    said = []
    for mark in dict.fromkeys(mark for piece in stretch.pieces for mark in piece.marks):
        if not any(mark in piece.marks for piece in other.pieces):
            target = dict(mark.attributes).get("href")
            said.append(_readable(target) if target is not None else say(_FORMATS.get(mark.tag, mark.tag)))
    if [one.same for one in stretch.pieces if one.same] != [one.same for one in other.pieces if one.same]:
        said.append(say(N_("another picture")))
    marked = any(piece.marks for piece in other.pieces)
    return "、".join(said) or (say(N_("plain text")) if marked else "")


def _is_odd(tag: str, key: str, value: str) -> bool:
    """Whether an attribute could hide a text or change how it reads: it is told of, and not taken over."""
    if key == "class":
        return not all(map(_CLASS.fullmatch, value.split()))
    return key not in _SHOWN and (tag, key) != ("a", "href")


def _only_id(place: str) -> str:
    return place.removeprefix(' class="qm-changed"')


def _written(attributes: Attributes | list[tuple[str, str]]) -> str:
    return "".join(f' {key}="{escape(value)}"' for key, value in attributes)


def _other(stretches: Sequence[Stretch], at: int) -> Stretch | None:
    """What stands in a stretch's stead in the other text."""
    beside = stretches[at + 1 : at + 2] if stretches[at].side is Side.OLD else stretches[max(0, at - 1) : at]
    wanted = Side.NEW if stretches[at].side is Side.OLD else Side.OLD
    return beside[0] if beside and beside[0].side is wanted else None


def _text(text: str, start: int, places: frozenset[int]) -> str:
    """Text, with the characters named that are not seen (always) or not to be trusted (`places`, counted from the
    beginning of the stretch)."""
    if not places and not has_hidden(text):
        return escape(text, quote=False)
    return "".join(
        f'<span class="qm-char" data-char="{escape(name(one))}">{escape(one)}</span>'
        if at in places or is_hidden(one)
        else escape(one, quote=False)
        for at, one in enumerate(text, start)
    )


def _readable(target: str) -> str:
    """An address as a person reads it."""
    for kind in ("qmanual:page/", "qmanual:file/", "qmanual:clause/", "qmanual:site/"):
        target = target.removeprefix(kind)
    return unquote(target)


def numbered(found: Iterable[Change], start: int = 1) -> dict[int, int]:
    """The node at which each change begins (by identity) → its number."""
    return {id(change.anchor): number for number, change in enumerate(found, start)}
