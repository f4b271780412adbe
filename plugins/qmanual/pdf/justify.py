"""Chinese set flush on both sides: what a line lacks is given to the gaps between its characters.

WeasyPrint 70 stretches blanks only, so a line of Chinese stays ragged, and one that holds a single blank gets a hole.
Here every gap at an ideograph and every blank takes the same share (W3C, Requirements for Chinese Text Layout, 3.1.4:
inter-character spacing), but none beside an opening or closing mark's inner side, and none within a dash or an
ellipsis. Characters keep their shape and their text.

A line is laid out once and drawn as it is. WeasyPrint lays each out a second time to draw it, which spares memory in
documents of thousands of pages and costs a tenth of the time of ours.
"""

import re
from collections.abc import Iterator
from typing import Any

OPENING = "（《〈「『【〔〖［｛“‘([{"
CLOSING = "，。、；：？！）》〉」』】〕〗］｝”’…—～·,.;:?!)]}%℃"
WIDE = "\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\uffe0-\uffe6\U00020000-\U0003ffff“”‘’…—①-⓿"

_GAP = re.compile(
    rf"[ \u00a0](?=.)|[{WIDE}](?<![{re.escape(OPENING)}])(?=[^{re.escape(CLOSING)} \u00a0])"
    rf"|[^{WIDE}{re.escape(OPENING)} \u00a0](?=[{WIDE}])(?=[^{re.escape(CLOSING)}])",
    re.DOTALL,
)
MOST = 0.5
"""The most that a gap is stretched by, in em; a line that would need more stays as it is."""


def install() -> None:
    """Let WeasyPrint set lines this way, in this process."""
    from weasyprint.layout import inline
    from weasyprint.text.line_break import Layout

    if Layout.deactivate is _keep:
        return
    inline.justify_line = _justify_line
    Layout.deactivate = Layout.reactivate = _keep
    Layout.set_text = _set_text(Layout.set_text)
    Layout.get_first_line = _stretching(Layout.get_first_line)


def gaps(text: str) -> list[int]:
    """The places in a line of text after which there is a gap to stretch."""
    return [match.start() for match in _GAP.finditer(text.rstrip(" "))]


def _justify_line(context: Any, line: Any, extra: float) -> None:
    from weasyprint.formatting_structure import boxes

    texts = list(_texts(line, boxes))
    found = gaps("".join(box.text if isinstance(box, boxes.TextBox) else "\ufffc" for box in texts))
    if not found or extra / len(found) > MOST * line.style["font_size"]:
        return
    share, start, at = extra / len(found), 0, 0
    own: dict[int, list[int]] = {}
    for box in texts:
        end = start + (len(box.text) if isinstance(box, boxes.TextBox) else 1)
        until = at
        while until < len(found) and found[until] < end:
            until += 1
        own[id(box)] = [place - start for place in found[at:until]]
        start, at = end, until
    _move(line, own, share, 0.0, boxes)


def _texts(box: Any, boxes: Any) -> Iterator[Any]:
    """The pieces of text and the atomic boxes of a line, in reading order."""
    for child in box.children:
        if isinstance(child, boxes.InlineBox):
            yield from _texts(child, boxes)
        elif child.is_in_normal_flow():
            yield child


def _move(box: Any, own: dict[int, list[int]], share: float, advance: float, boxes: Any) -> float:
    """Widen and move what stands in a box; returns how far what follows must move."""
    if isinstance(box, boxes.TextBox):
        box.position_x += advance
        if places := own.get(id(box)):
            box.width += share * len(places)
            box.pango_layout.stretch = (frozenset(len(box.text[:at].encode()) for at in places), share)
            return advance + share * len(places)
        return advance
    if isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.position_x += advance
        after = advance
        for child in box.children:
            if child.is_in_normal_flow():
                after = _move(child, own, share, after, boxes)
        box.width += after - advance
        return after
    box.translate(advance, 0)
    return advance + share * len(own.get(id(box), ()))


def _set_text(original: Any) -> Any:
    """`Layout.set_text` that says at once whether the text is one paragraph, as drawing asks.

    To say it later would have the line shaped again. Blanks other than the plain one, and line ends of any kind, keep
    the original way.
    """
    from weasyprint.text.ffi import pango

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        original(self, text, justify)
        pango.pango_layout_set_single_paragraph_mode(self.layout, self.text.isprintable())

    return set_text


def _keep(self: Any, style: Any = None) -> None:
    """In place of `Layout.deactivate` and `reactivate`: what was laid out is what is drawn."""


def _stretching(first_line: Any) -> Any:
    """`Layout.get_first_line` that widens the glyphs before the gaps of a justified line when it is first drawn."""
    from weasyprint.text.ffi import TO_UNITS, ffi

    def get_first_line(self: Any) -> Any:
        line, index = first_line(self)
        places, share = self.__dict__.pop("stretch", ((), 0.0))
        run = line.runs[0] if places else ffi.NULL
        units = round(share * TO_UNITS)
        while run != ffi.NULL:
            item, glyphs = run.data.item, run.data.glyphs
            for at in range(glyphs.num_glyphs):
                if item.offset + glyphs.log_clusters[at] in places:
                    glyphs.glyphs[at].geometry.width += units
            run = run.next
        return line, index

    return get_first_line
