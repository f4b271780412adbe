"""Redlines for tests: made of Markdown or HTML, and read back as the old or the new text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml.html import HtmlElement, fragment_fromstring, tostring

from qmanual.control.redline import Block, Change, Node, changes, compare_blocks
from qmanual.language import Translator
from qmanual.render.markdown import render
from qmanual.render.redline_chart import OPENED
from qmanual.render.redline_page import ways_of
from qmanual.render.redline_read import read_blocks
from qmanual.render.redline_write import Writer, numbered

SAY = Translator("zh")
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_MARKS = re.compile(rf"{re.escape(OPENED)}.*?</g>", re.DOTALL)
_VOID = frozenset({"br", "img", "hr", "input"})
_OPENED = ("pair", "at")


@dataclass(frozen=True)
class Made:
    """A redline with the two texts it was made of."""

    old: tuple[Block, ...]
    new: tuple[Block, ...]
    nodes: tuple[Node, ...]
    html: str

    @property
    def changes(self) -> tuple[Change, ...]:
        return changes(self.nodes)

    def holds(self) -> bool:
        """Whether the old and the new text can be read from it, block by block, and no difference is unmarked."""
        both = [block.key for block in self.old] == [block.key for block in self.new]
        marked = bool(self.changes)
        return (
            keys(self.html, "old") == _keys(self.old) and keys(self.html, "new") == _keys(self.new) and both != marked
        )


def made(old: str, new: str, *, form: bool = False) -> Made:
    """The redline of two Markdown texts."""
    return of_html(render(old, form=form).html, render(new, form=form).html)


def of_html(old: str, new: str, pictures: Mapping[str, str] | None = None) -> Made:
    """The redline of two rendered texts."""
    before, after = read_blocks(old, pictures), read_blocks(new, pictures)
    nodes = compare_blocks(before, after)
    found = changes(nodes)
    writer = Writer(SAY, lambda address, side: address, numbered(found), ways=ways_of(found, SAY))
    return Made(before, after, nodes, writer.nodes(nodes))


def keys(html: str, side: str) -> list[str]:
    """What the blocks of one side say, read from a redline: the other side's elements taken away, its own opened."""
    return _keys(read_blocks(projected(html, side)))


def _keys(blocks: tuple[Block, ...]) -> list[str]:
    return [block.key for block in blocks]


def projected(html: str, side: str) -> str:
    """The HTML of the `old` or the `new` text out of a redline's."""
    gone, kept = ("ins", "del") if side == "old" else ("del", "ins")
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(match[0])
        return f'<i class="held" id="{len(held) - 1}"></i>'

    tree = fragment_fromstring(_SVG.sub(hold, _MARKS.sub("", html)), create_parent="div")
    for element in list(tree.iterdescendants()):
        if not isinstance(element.tag, str) or not any(one is tree for one in element.iterancestors()):
            continue  # it went with what it stood in
        mark = element.get("data-redline")
        if gone in (element.tag, mark) or mark == "said" or element.get("class") == "qm-redline-way":
            element.drop_tree()
        elif element.tag == kept or mark in _OPENED or element.get("class") == "qm-char":
            element.drop_tag()
        else:
            _restore(element, side)
    for element in tree.iter():
        if element.text is None and len(element) == 0 and element.tag not in _VOID:
            element.text = ""
    text = str(tostring(tree, encoding="unicode", method="xml"))
    return re.sub(r'<i class="held" id="(\d+)"></i>', lambda match: held[int(match[1])], text)[5:-6]


def _restore(element: HtmlElement, side: str) -> None:
    """Give an element back what the redline only tells of."""
    element.attrib.pop("data-redline", None)
    was = str(element.attrib.pop("data-was", ""))
    if was and side == "old":
        values = dict(part.partition("=")[::2] for part in was.split("; "))
        element.tag = values.pop("tag")
        element.attrib.clear()
        element.attrib.update({name: unquote(value) for name, value in values.items()})
        return
    if "data-href" in element.attrib:
        element.set("href", str(element.attrib.pop("data-href")))
    for part in filter(None, str(element.attrib.pop("data-attributes", "")).split("; ")):
        name, _, value = part.partition("=")
        element.set(name, value)
