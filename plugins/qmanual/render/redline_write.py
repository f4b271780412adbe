"""The nodes of a redline as HTML: what went in `<del>`, what came in `<ins>`, all else as it was.

Without its `<del>` and everything marked `data-redline="del"`, and with its `<ins>` opened, it is the new text; the
other way round the old one. Everything that explains (what a hidden character is, where a link leads) stands in
attributes that the style sheet shows, or in an element marked `data-redline="said"`, so that it is no part of either
text. What a block was that is another now (a heading's level) stands in `data-was`. The HTML is well-formed XML too.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape

from qmanual.control.redline import Block, Change, Mark, Node, Piece, Side, Stretch, groups
from qmanual.control.redline.hidden import doubtful, has_hidden, is_hidden, name
from qmanual.language import Translator
from qmanual.render.redline_chart import chart_words, marked
from qmanual.render.redline_look import attributes, was
from qmanual.render.redline_read import EMPTY, SOURCE
from qmanual.render.redline_told import joined, note, of_pictures, restyled

Picture = Callable[[str, Side], str]
"""A picture's neutral address and the text it stands in → the address to show it from."""

_ALONE = frozenset({
    "li", "tr", "td", "th", "dt", "dd", "thead", "tbody", "tfoot", "summary", "caption", "figcaption",
})  # fmt: skip
"""Blocks that only stand in their own parent: they cannot be wrapped, so they carry an attribute."""
_ROWS = frozenset({"tr", "thead", "tbody", "tfoot"})
_OUTSIDE = frozenset({"ul", "ol", "dl", "table", "blockquote", "div", "section", "aside", "details", "figure"})
"""Blocks beside which is said what they were; in others it is said at their end."""
_TAGS = {Side.OLD: "del", Side.NEW: "ins"}
_LEADS = ("qmanual:", "http:", "https:", "mailto:", "tel:")


def anchor(number: int) -> str:
    """The id of the place of a change."""
    return f"qm-change-{number}"


@dataclass(frozen=True, slots=True)
class Way:
    """From one place of a move to the other: the number of the change there, and what is said of it; in `brief`, where
    there is little room."""

    number: int
    said: str
    brief: str


Ways = Mapping[tuple[int, Side], Way]
"""The number of a move and the side that one stands on → the way to the other side."""


class Writer:
    """Writes the nodes of one text. `numbers`: the node at which a change begins (by identity) → its number.

    `links`: whether links lead anywhere; in a file that is sent around they do not. `ways`: between places of moves.
    """

    def __init__(
        self,
        say: Translator,
        picture: Picture,
        numbers: Mapping[int, int],
        *,
        links: bool = True,
        ways: Ways | None = None,
    ) -> None:
        self.say = say
        self.picture = picture
        self.numbers = numbers
        self.links = links
        self.ways = ways or {}

    def nodes(self, nodes: Sequence[Node]) -> str:
        """The HTML of consecutive nodes."""
        return "".join(self._group(group) for group in groups(nodes))

    def _group(self, group: Sequence[Node]) -> str:
        first = group[0]
        if first.side is Side.BOTH:
            return self._both(first)
        if len(group) == 2 and first.side is not group[1].side:
            return self._pair(first, group[1])
        if any(node.block.tag in _ALONE for node in group):
            return "".join(self._alone(node) for node in group)
        return self._wrapped(group)

    def _pair(self, old: Node, new: Node) -> str:
        """What differs in a drawing, and the old and the new one side by side."""
        drawings = "".join(
            f'<{_TAGS[node.side]} class="qm-redline-block">'
            f"{marked(node.block.atom, other.block.atom, node.side, self.say)}</{_TAGS[node.side]}>"
            for node, other in ((old, new), (new, old))
        )
        lines = "".join(f"<li>{escape(one)}</li>" for one in chart_words(old.block.atom, new.block.atom, self.say))
        place = self._place(old)
        pair = '<div class="qm-redline-pair" data-redline="pair"'
        if not lines:
            return f"{pair}{place}>{drawings}</div>"
        return f'<ul class="qm-redline-said" data-redline="said"{place}>{lines}</ul>{pair}>{drawings}</div>'

    def _wrapped(self, group: Sequence[Node]) -> str:
        """Whole blocks of one side."""
        first, side = group[0], group[0].side
        tag = _TAGS[side]
        inside = self._way(first) + "".join(self._inside(node) or self.block(node.block, side) for node in group)
        names = ["qm-redline-block"] if any(node.block.tag for node in group) else []
        names += ["qm-redline-moved"] if first.move else []
        style = f' class="{" ".join(names)}"' if names else ""
        return f"<{tag}{style}{self._place(first)}>{inside}</{tag}>"

    def _inside(self, node: Node) -> str:
        """A moved block that was edited as well, with its edits."""
        return self._both(replace(node, side=Side.BOTH)) if node.old else ""

    def _way(self, node: Node) -> str:
        """The way to where a block went, or to where it was."""
        way = self.ways.get((node.move, node.side))
        if way is None or id(node) not in self.numbers:
            return ""
        shown = way.brief if node.block.tag in _ROWS else way.said
        named = f'data-said="{escape(shown)}" aria-label="{escape(way.said)}"'
        return f'<a class="qm-redline-way" href="#{anchor(way.number)}" {named}></a>'

    def _alone(self, node: Node) -> str:
        """A row, a cell or an item of one side."""
        block, tag = node.block, _TAGS[node.side]
        if block.tag not in _ALONE:
            return self._wrapped([node])
        style = "qm-redline-moved" if node.move else ""
        named = f'{attributes(block, style)}{self._was(node)} data-redline="{tag}"{self._place(node)}'
        if block.tag in _ROWS:
            cells = node.nodes or [Node(node.side, inner) for inner in block.blocks]
            rows = [replace(cell, side=node.side) if cell.side is Side.BOTH else cell for cell in cells]
            inside = "".join(self._alone(cell) for cell in rows)
            way = self._way(node)
            inside = inside.replace(f"<{tag}>", f"{way}<{tag}>", 1) if way else inside
        else:
            inside = self._edited(node) if node.old else self._content(block, node.side)
            inside = self._way(node) + (f"<{tag}>{inside}</{tag}>" if inside else "")
        return f"<{block.tag}{named}>{inside}</{block.tag}>"

    def _edited(self, node: Node) -> str:
        return self._stretches(node.stretches) if node.stretches else self.nodes(node.nodes)

    def _both(self, node: Node) -> str:
        block = node.block
        if not node.changed:
            return self.block(block, Side.BOTH)
        inside = self._edited(node)
        style = "qm-changed" if node.stretches or block.tag == "tr" else ""
        if not block.tag:
            return f'<span data-redline="at" class="{style}"{self._place(node)}>{inside}</span>' if style else inside
        head = f"{block.tag}{attributes(block, style)}{self._was(node)}{self._place(node)}"
        return f"{self._said(node)}<{head}>{inside}</{block.tag}>"

    def _place(self, node: Node) -> str:
        """The id by which a change is found, on the node at which it begins."""
        number = self.numbers.get(id(node))
        return f' id="{anchor(number)}" tabindex="-1"' if number else ""

    def _was(self, node: Node) -> str:
        """What a block was before, for those who take the old text out; and what that means, for those who read."""
        if not (node.restyled and node.old):
            return ""
        said = joined(restyled(node.old, node.block, self.say), self.say)
        outside = node.block.tag in _OUTSIDE or node.block.tag in _ROWS
        return was(node.old) + ("" if outside else f' data-note="{escape(said)}"')

    def _said(self, node: Node) -> str:
        """What a block was, beside it."""
        if not (node.restyled and node.old and node.block.tag in _OUTSIDE):
            return ""
        words = joined(restyled(node.old, node.block, self.say), self.say)
        return f'<p class="qm-redline-said" data-redline="said">{escape(words)}</p>'

    # -- whole blocks ------------------------------------------------------------------------------------------

    def block(self, block: Block, side: Side) -> str:
        """A block that stands in one text, or is the same in both."""
        if block.atom:
            return block.atom
        if not block.tag:
            return self._content(block, side)
        if block.tag in EMPTY:
            return f"<{block.tag}{attributes(block)}/>"
        return f"<{block.tag}{attributes(block)}>{self._content(block, side)}</{block.tag}>"

    def _content(self, block: Block, side: Side) -> str:
        if block.blocks:
            return "".join(self.block(inner, side) for inner in block.blocks)
        places = frozenset[int]() if side is Side.BOTH else doubtful(block.text, "")[0]
        return self._pieces(block.pieces, side, places)

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
        if other is None:
            return ""
        if any(piece.same for piece in stretch.pieces):  # they are seen, what they are called is not
            return joined(of_pictures(other, stretch, self.say), self.say) if stretch.side is Side.NEW else ""
        return note(stretch, other, self.say)

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
            return f"<{mark.tag}{attributes(mark)}>"
        leads = self.links and side is not Side.OLD and target.lower().startswith(_LEADS)
        return f'<{mark.tag}{attributes(mark)} {"href" if leads else "data-href"}="{escape(target)}">'


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


def numbered(found: Iterable[Change], start: int = 1) -> dict[int, int]:
    """The node at which each change begins (by identity) → its number."""
    return {id(change.anchor): number for number, change in enumerate(found, start)}
