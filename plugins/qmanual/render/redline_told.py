"""What the text of a change does not show, in words: where a link leads, a heading's level, what a picture is called.

Every change has to be told, or a reviewer approves what he could not see. What is told here stands beside the change in
the text, in the list of changes, on the terminal and in JSON.
"""

import re
from collections.abc import Iterator, Sequence
from html import unescape
from urllib.parse import unquote

from qmanual.control.redline import Block, Change, Mark, Node, Piece, Side, Stretch
from qmanual.control.redline.hidden import spelled
from qmanual.language import N_, Translator
from qmanual.render.redline_chart import chart_words

_FORMATS = {
    "strong": N_("bold"), "b": N_("bold"), "em": N_("italic"), "i": N_("italic"), "code": N_("code"),
    "s": N_("struck out"), "u": N_("underlined"), "sup": N_("raised"), "sub": N_("lowered"),
}  # fmt: skip
_TAGS = {
    "ul": N_("list with bullets"), "ol": N_("numbered list"), "th": N_("head cell"), "td": N_("cell"),
    **{f"h{level}": N_("heading of level {level}") for level in range(1, 7)},
}  # fmt: skip
_NAMES = {
    "align": N_("Alignment"), "start": N_("First number"), "class": N_("Style"), "style": N_("Style"),
    "colspan": N_("Columns spanned"), "rowspan": N_("Rows spanned"), "title": N_("Tooltip"), "alt": N_("Description"),
    "width": N_("Width"), "height": N_("Height"), "src": N_("File"),
}  # fmt: skip
_SIDES = {"left": N_("left"), "center": N_("centre"), "right": N_("right")}
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_LANGUAGE = re.compile(r"\blanguage-(\S+)")
_DERIVED = frozenset({"qm-ref", "qm-clause"})
"""Links that follow from their text."""


def told(change: Change, say: Translator) -> tuple[str, ...]:
    """All that is to be said of a change beside its text, each thing once."""
    found = [words for node in change.nodes for words in _of_node(node, say)]
    if [node.side for node in change.nodes] == [Side.OLD, Side.NEW] and change.nodes[0].block.atom:
        found += chart_words(change.nodes[0].block.atom, change.nodes[1].block.atom, say)
    for one, other in zip(change.stretches, change.stretches[1:], strict=False):
        if (one.side, other.side) == (Side.OLD, Side.NEW):
            found += _of_stretches(one, other, say)
    return tuple(dict.fromkeys(found))


def _of_stretches(old: Stretch, new: Stretch, say: Translator) -> Iterator[str]:
    pictures = of_pictures(old, new, say)
    yield from pictures
    before, after = note(old, new, say), note(new, old, say)
    if (before or after) and not pictures:
        linked = [any(map(_target, _own(*pair))) for pair in ((old, new), (new, old))]
        label = say(N_("Link target") if any(linked) else N_("Format"))
        if any(linked):
            before, after = before if linked[0] else "", after if linked[1] else ""
        yield _changed(label, spelled(before), spelled(after), say)


def note(stretch: Stretch, other: Stretch, say: Translator) -> str:
    """What is not seen of a part of a text: where a link leads, that a word became bold."""
    marks = _own(stretch, other)
    if stretch.text != other.text:
        links = [
            mark
            for mark in marks
            if _target(mark) and not _DERIVED & set(dict(mark.attributes).get("class", "").split())
        ]
        both = [mark for mark in _own(other, stretch) if _target(mark)]
        same = stretch.text.split() == other.text.split()
        return "、".join(_readable(_target(mark)) for mark in links) if both or same else ""
    said = [_named(mark, say) for mark in marks]
    if _atoms(stretch) != _atoms(other):
        said.append(say(N_("another blank to fill in")))
    marked = any(piece.marks for piece in other.pieces)
    return "、".join(said) or (say(N_("plain text")) if marked and not said and stretch.pieces != other.pieces else "")


def _own(stretch: Stretch, other: Stretch) -> list[Mark]:
    """The marks on a text that lie nowhere on the other."""
    known = {mark for piece in other.pieces for mark in piece.marks}
    return [
        mark for mark in dict.fromkeys(mark for piece in stretch.pieces for mark in piece.marks) if mark not in known
    ]


def _named(mark: Mark, say: Translator) -> str:
    if target := _target(mark):
        return _readable(target)
    values = dict(mark.attributes)
    language = _LANGUAGE.search(values.get("class", ""))
    if mark.tag == "code" and language:
        return say(N_("code in {language}"), language=language[1])
    if mark.tag in _FORMATS:
        return say(_FORMATS[mark.tag])
    return "、".join(f"{name}={value}" for name, value in mark.attributes) or mark.tag


def _target(mark: Mark) -> str:
    return dict(mark.attributes).get("href", "")


def _readable(target: str) -> str:
    """An address as a person reads it."""
    for kind in ("qmanual:page/", "qmanual:file/", "qmanual:clause/", "qmanual:site/"):
        target = target.removeprefix(kind)
    return unquote(target)


# -- pictures ----------------------------------------------------------------------------------------------------


def of_pictures(old: Stretch, new: Stretch, say: Translator) -> tuple[str, ...]:
    """What is another about a picture that took another's place: its content, its description, its size."""
    pairs = list(zip(_pictures(old), _pictures(new), strict=False))
    return tuple(words for one, other in pairs for words in _of_picture(one, other, say))


def _of_picture(old: Piece, new: Piece, say: Translator) -> Iterator[str]:
    before, after = (dict(_ATTRIBUTE.findall(piece.atom)) for piece in (old, new))
    if _content(old) != _content(new):
        yield say(N_("another picture"))
    for name in ("src", "alt", "title", "width", "height"):
        values = [_readable(unescape(row.get(name, ""))) for row in (before, after)]
        if values[0] != values[1]:
            yield _changed(say(_NAMES[name]), values[0], values[1], say)


def _pictures(stretch: Stretch) -> list[Piece]:
    return [piece for piece in stretch.pieces if piece.same.startswith("<img ")]


def _content(piece: Piece) -> str:
    return piece.same.split(" ")[1]


def _atoms(stretch: Stretch) -> list[str]:
    return [piece.same for piece in stretch.pieces if piece.same]


# -- blocks ------------------------------------------------------------------------------------------------------


def _of_node(node: Node, say: Translator) -> Iterator[str]:
    if node.restyled and node.old:
        yield from restyled(node.old, node.block, say)
    if node.block.tag == "tr" or node.side is not Side.BOTH:
        for inner in node.nodes:
            yield from _of_node(inner, say)


def restyled(old: Block, new: Block, say: Translator) -> tuple[str, ...]:
    """What a block is now, and was not."""
    words = []
    if old.tag != new.tag:
        words.append(f"{_tag(old.tag, say)} → {_tag(new.tag, say)}")
    before, after = dict(old.attributes), dict(new.attributes)
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            label = say(_NAMES.get(name, name))
            if name == "align" and new.tag == "th":
                label = say(N_("Alignment of the column “{column}”"), column=spelled(new.text))
            words.append(_changed(label, _value(name, before, say), _value(name, after, say), say))
    return tuple(words)


def _tag(tag: str, say: Translator) -> str:
    return say(_TAGS[tag], level=tag[1:]) if tag in _TAGS else tag


def _value(name: str, values: dict[str, str], say: Translator) -> str:
    value = values.get(name)
    if name == "align":
        side = (value or "").partition(":")[2].strip(" ;") or value or ""
        return say(_SIDES[side]) if side in _SIDES else say(N_("as usual"))
    return "" if value is None else spelled(value or name)


def _changed(label: str, old: str, new: str, say: Translator) -> str:
    nothing = say(N_("(none)"))
    return say(N_("{label}: {old} → {new}"), label=label, old=old or nothing, new=new or nothing)


def joined(words: Sequence[str], say: Translator) -> str:
    """Several things said, as one line."""
    return say(N_("; ")).join(words)
