"""Two drawings of a flowchart, old and new: what differs is marked on both and told in words.

The marks stand in groups of their own, and the drawing is what it was: with those groups taken out it is the old or
the new chart again. A mark is a colour, a kind of line and a word: a dashed frame 删, a thick one 增.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from itertools import pairwise
from math import dist

from lxml import etree
from wcwidth import wcswidth

from qmanual.control.redline import Side
from qmanual.control.redline.chart import Chart, ChartChanges, Line, Step, compare_charts
from qmanual.control.redline.hidden import spelled
from qmanual.language import N_, Translator

OPENED = '<g class="qm-redline-marks">'
"""How a group of marks begins; it holds no other group."""

_WAS, _IS, _ODD = "#8c1d18", "#14532d", "#5b2a86"
_REMOVED, _ADDED, _CHANGED = (
    (_WAS, ' stroke-dasharray="6 4"', N_("DEL")),
    (_IS, "", N_("NEW")),
    (_ODD, ' stroke-dasharray="2 3"', N_("CHG")),
)
"""Colour, dashes, the word on the mark."""
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LINE = re.compile(r"<path [^>]*data-from=[^>]*/>")
_POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")

Point = tuple[float, float]


def marked(figure: str, other: str, side: Side, say: Translator) -> str:
    """The old or the new figure, with what differs from the other one marked. Raises nothing: no chart, no marks."""
    old, new = (figure, other) if side is Side.OLD else (other, figure)
    found = _changes(old, new)
    drawing = _drawing(figure)
    if found is None or drawing is None:
        return figure
    at = 0 if side is Side.OLD else 1
    lines = [_on_line(drawing, line, _kind(pair, at), say) for pair in found.lines if (line := pair[at])]
    steps = [_on_step(drawing, step, _kind(pair, at), say) for pair in found.steps if (step := pair[at])]
    last = max((found.end() for found in _LINE.finditer(figure)), default=0)
    if lines:
        figure = f"{figure[:last]}{OPENED}{''.join(over for over, _ in lines)}</g>{figure[last:]}"
    over = "".join([*(word for _, word in lines), *steps])
    return figure.replace("</svg>", f"{OPENED}{over}</g></svg>", 1) if over else figure


def chart_words(old: str, new: str, say: Translator) -> tuple[str, ...]:
    """What differs between the flowcharts in two figures; empty when they are no flowcharts."""
    found = _changes(old, new)
    if found is None:
        return ()
    charts = read_chart(old), read_chart(new)
    assert charts[0] and charts[1]
    words = (*_of_steps(found, say), *_of_lines(found, charts[0], charts[1], say))
    return words or (say(N_("The same steps and lines, arranged or grouped in another way")),)


@lru_cache(maxsize=16)
def _changes(old: str, new: str) -> ChartChanges | None:
    before, after = read_chart(old), read_chart(new)
    return compare_charts(before, after) if before and after else None


# -- reading -----------------------------------------------------------------------------------------------------


def read_chart(figure: str) -> Chart | None:
    """The steps and lines that a drawing names (`render.flowchart_read`); None when it is no flowchart of ours."""
    drawing = _drawing(figure)
    if drawing is None:
        return None
    steps = tuple(
        Step(key=group.get("data-step", ""), said=group.get("data-said", ""), kind=group.get("data-kind", ""))
        for group in drawing.iter("{*}g")
        if group.get("data-step")
    )
    lines = tuple(
        Line(
            begin=path.get("data-from", ""), end=path.get("data-to", ""), said=path.get("data-said", ""),
            look=path.get("data-look", ""), number=number,
        )
        for number, path in enumerate(_paths(drawing))
    )  # fmt: skip
    return Chart(steps=steps, lines=lines) if steps else None


def _drawing(figure: str) -> etree._Element | None:
    found = _SVG.search(figure)
    if not found:
        return None
    try:
        return etree.fromstring(
            found[0].encode(), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        )
    except etree.XMLSyntaxError:
        return None


def _paths(drawing: etree._Element) -> list[etree._Element]:
    return [path for path in drawing.iter("{*}path") if path.get("data-from")]


# -- words -------------------------------------------------------------------------------------------------------


def _of_steps(found: ChartChanges, say: Translator) -> Iterator[str]:
    for was, now in found.steps:
        group = "group" in ((was.kind if was else ""), (now.kind if now else ""))
        if was is None and now:
            yield say(N_("Group added: “{step}”") if group else N_("Step added: “{step}”"), step=_name(now))
        elif now is None and was:
            yield say(N_("Group removed: “{step}”") if group else N_("Step removed: “{step}”"), step=_name(was))
        elif was and now:
            if was.said != now.said:
                text = N_("Group “{old}” is now “{new}”") if group else N_("Step “{old}” is now “{new}”")
                yield say(text, old=_name(was), new=_name(now))
            if was.kind != now.kind:
                yield say(N_("Step “{step}” has another shape"), step=_name(now))


def _name(step: Step) -> str:
    return spelled(step.said or step.key)


def _of_lines(found: ChartChanges, old: Chart, new: Chart, say: Translator) -> Iterator[str]:
    for was, now in found.lines:
        if was is None and now:
            yield say(N_("Line added: {line}"), line=_ends(now, new, say))
        elif now is None and was:
            yield say(N_("Line removed: {line}"), line=_ends(was, old, say))
        elif was and now:
            ends = _ends(Line(begin=now.begin, end=now.end), new, say)
            if was.said != now.said:
                words = [spelled(one) or say(N_("(none)")) for one in (was.said, now.said)]
                yield say(N_("Line {line}: “{old}” is now “{new}”"), line=ends, old=words[0], new=words[1])
            if was.look != now.look:
                looks = [_look(one.look, say) for one in (was, now)]
                yield say(N_("Line {line} was {old} and is {new}"), line=ends, old=looks[0], new=looks[1])


def _ends(line: Line, chart: Chart, say: Translator) -> str:
    ends = f"“{spelled(chart.label(line.begin))}” → “{spelled(chart.label(line.end))}”"
    return say(N_("{line} ({said})"), line=ends, said=spelled(line.said)) if line.said else ends


def _look(look: str, say: Translator) -> str:
    names = {"dotted": N_("dashed"), "thick": N_("thick"), "start": N_("with an arrow at its beginning")}
    said = [say(text) for name, text in names.items() if name in look.split()] or [say(N_("solid"))]
    return "、".join([*said, *([] if "end" in look.split() else [say(N_("without an arrow"))])])


# -- marks -------------------------------------------------------------------------------------------------------


def _kind(pair: tuple[object | None, object | None], at: int) -> tuple[str, str, str]:
    return _CHANGED if pair[1 - at] else (_REMOVED, _ADDED)[at]


def _on_step(drawing: etree._Element, step: Step, kind: tuple[str, str, str], say: Translator) -> str:
    group = next(one for one in drawing.iter("{*}g") if one.get("data-step") == step.key)
    box = [float(one) for one in group.get("data-box", "0 0 0 0").split()]
    colour, dashes, word = kind
    left, top, width, height = box[0] - 3, box[1] - 3, box[2] - box[0] + 6, box[3] - box[1] + 6
    frame = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4" fill="none"'
    return f'{frame} stroke="{colour}" stroke-width="2.6"{dashes}/>' + _badge(left + 6, top, colour, say(word))


def _on_line(drawing: etree._Element, line: Line, kind: tuple[str, str, str], say: Translator) -> tuple[str, str]:
    """The line drawn over, which goes below the labels, and its word, beside the label if there is one."""
    drawn = _paths(drawing)[line.number].get("d", "")
    colour, dashes, word = kind[0], kind[1], say(kind[2])
    x, y = _along(drawn, 0.5)
    x += (7 * wcswidth(line.said) + _width(word)) / 2 + 2 if line.said else 0
    over = f'<path d="{escape(drawn)}" fill="none" stroke="{colour}" stroke-width="3.4"{dashes}/>'
    return over, _badge(x, y, colour, word)


def _along(path: str, share: float) -> Point:
    """A point on a line, so far from its beginning."""
    points = [(float(x), float(y)) for x, y in _POINT.findall(path)] or [(0.0, 0.0)]
    left = share * sum(dist(one, other) for one, other in pairwise(points))
    for one, other in pairwise(points):
        length = dist(one, other)
        if length >= left > 0:
            part = left / length
            return one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])
        left -= length
    return points[0]


def _width(word: str) -> float:
    return 6.2 * wcswidth(word) + 6


def _badge(x: float, y: float, colour: str, word: str) -> str:
    width = _width(word)
    return (
        f'<rect x="{x - width / 2:.1f}" y="{y - 8.5:.1f}" width="{width:.1f}" height="17" rx="3" fill="{colour}"'
        ' stroke="#ffffff" stroke-width="1"/>'
        f'<text x="{x:.1f}" y="{y + 4.2:.1f}" text-anchor="middle" font-family="QManual Sans" font-size="12"'
        f' fill="#ffffff">{escape(word)}</text>'
    )
