"""What changed, as a part of a page: a summary, a list that leads to every change, the fields, the text.

Legible without colour, with a screen reader, on a phone, at night and on paper; the look is in `site.css`, "What
changed", which every page that shows a redline takes with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from markupsafe import Markup

from qmanual.control.redline import Change, Kind, Side
from qmanual.control.redline.align import shared_ends
from qmanual.control.redline.hidden import spelled
from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.render.markdown import Rendered
from qmanual.render.page import css_string, template
from qmanual.render.redline_document import Part, Reading, Redline, compare_documents
from qmanual.render.redline_told import joined, told
from qmanual.render.redline_write import Picture, Way, Writer, anchor, numbered

KIND_NAMES = {
    Kind.CHANGED: N_("changed"), Kind.ADDED: N_("added"), Kind.REMOVED: N_("removed"), Kind.MOVED: N_("moved here"),
    Kind.LEFT: N_("moved away"),
}  # fmt: skip
COUNTS = {
    Kind.CHANGED: N_("{count} changed"), Kind.ADDED: N_("{count} added"), Kind.REMOVED: N_("{count} removed"),
    Kind.MOVED: N_("{count} moved"),
}  # fmt: skip
WHAT = {
    "p": N_("paragraph"), "li": N_("list item"), "tr": N_("table row"), "table": N_("table"), "column": N_("column"),
    "td": N_("cell"), "th": N_("cell"), "figure": N_("drawing"), "pre": N_("code"), "header": N_("field"),
    "hr": N_("separating line"), "dt": N_("term"),
    "dd": N_("explanation"), "blockquote": N_("remark"), "ul": N_("list"), "ol": N_("list"), "div": N_("section"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), N_("heading")),
}  # fmt: skip
SHORT = 26
MOST = 4
"""So many things that are told of one change stand in the list; all of them beside the change."""
SITE_CSS = Path(__file__).parent.parent / "theme" / "assets" / "qmanual" / "site.css"
_HEAD, _NEXT = "/* -- What changed", "/* -- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the list of changes."""

    href: str
    kind: Kind
    said: str
    what: str
    where: str
    old: str
    new: str
    told: str


def what_changed(redline: Redline, say: Translator, picture: Picture | None = None, *, links: bool = True) -> str:
    """The HTML of a redline, with neutral links. `picture`: where to show one from; `links`: whether they lead."""
    parts = []
    lines: list[Line] = []
    number = 1
    ways = ways_of(redline.changes, say)
    for part in redline.all:
        writer = Writer(say, picture or _as_it_is, numbered(part.changes, number), links=links, ways=ways)
        parts.append((part, Markup(writer.nodes(part.nodes))))
        lines += [_line(change, at, ways, say) for at, change in enumerate(part.changes, number)]
        number += len(part.changes)
    facts = {
        "redline": redline,
        "lines": lines,
        "header": parts[0],
        "parts": parts[1:],
        "summary": summary(redline, say),
        "said": _said(say),
        "state": lambda part: state_of(part, say),
        "old_side": Side.OLD,
        "spelled": spelled,
    }
    return template("redline.html", say.language).render(facts)


def redline_page(
    old: Document,
    new: Document,
    old_bodies: Mapping[str, Rendered],
    new_bodies: Mapping[str, Rendered],
    say: Translator,
    pictures: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> str:
    """What changed between two revisions, as a part of a page of the site, with neutral links.

    `old_bodies`, `new_bodies`: file → rendered text. `pictures`: their path on the site → digest. `labels`: the
    company's own header fields → what they are called.
    """
    before, after = (
        Reading(
            document=document,
            bodies={body.path: bodies[body.path].html for body in document.bodies},
            pictures=pictures or {},
        )
        for document, bodies in ((old, old_bodies), (new, new_bodies))
    )
    return what_changed(compare_documents(before, after, say, labels), say)


def summary(redline: Redline, say: Translator) -> str:
    """`3 处修改，1 处新增，1 处删除`."""
    if redline.same:
        return say(N_("No difference"))
    counts = [say(text, count=count) for kind, text in COUNTS.items() if (count := redline.count(kind))]
    if redline.moves:
        counts.append(say(N_("{count} chapters moved or renamed"), count=redline.moves))
    if not counts:
        return say(N_("Nothing that staff read differs; only the files do"))
    return listed(counts, say)


def listed(parts: Sequence[str], say: Translator) -> str:
    """Clauses of one sentence, one after the other."""
    return reduce(lambda one, other: say(N_("{one}, {other}"), one=one, other=other), parts)


def state_of(part: Part, say: Translator) -> str:
    """What happened to a whole chapter, if anything did."""
    if part.kind is not None:
        return say(N_("chapter added") if part.kind is Kind.ADDED else N_("chapter removed"))
    words = [say(N_("chapter moved"))] if part.moved else []
    words += [say(N_("file renamed, was {name}"), name=part.was)] if part.was else []
    return listed(words, say) if words else ""


def ways_of(found: Sequence[Change], say: Translator) -> Mapping[tuple[int, Side], Way]:
    """From each place of a move to the other one; the changes are numbered from 1."""
    places = {(one.move, one.kind): (number, one) for number, one in enumerate(found, 1) if one.move}
    ways = {}
    for (move, kind), _ in places.items():
        away = kind is Kind.LEFT
        number, other = places[move, Kind.MOVED if away else Kind.LEFT]
        brief = say(N_("moved to {number}") if away else N_("moved here from {number}"), number=number)
        section = not away and _is_heading(other.what)
        place = other.old.split("\n")[0] if section else "".join(other.where[-1:])
        said = say(N_("{brief}: {where}"), brief=brief, where=spelled(place)) if place else brief
        ways[move, Side.OLD if away else Side.NEW] = Way(number, said, brief)
    return ways


def _is_heading(tag: str) -> bool:
    return len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()


def kind_of(change: Change, say: Translator) -> str:
    """What happened, in a word or two."""
    edited = change.kind is Kind.MOVED and any(one.side is not Side.BOTH for one in change.stretches)
    return say(N_("moved here and changed") if edited else KIND_NAMES[change.kind])


def _line(change: Change, number: int, ways: Mapping[tuple[int, Side], Way], say: Translator) -> Line:
    words = list(told(change, say))
    side = Side.OLD if change.kind is Kind.LEFT else Side.NEW
    way = ways.get((change.move, side))
    old, new = _quoted(change)
    return Line(
        href=anchor(number),
        kind=change.kind,
        said=kind_of(change, say),
        what=change.name or say(WHAT.get(change.what, N_("text"))),
        where=" › ".join(change.where[-2:]),
        old=old,
        new=new,
        told=joined([*([way.said] if way else []), *words[:MOST], *(["…"] if len(words) > MOST else [])], say),
    )


def _quoted(change: Change) -> tuple[str, str]:
    """What went and what came, as short as a line needs; nothing of a drawing, of which words tell more."""
    if change.kind in (Kind.MOVED, Kind.LEFT):
        return ("", _short(change.new)) if change.kind is Kind.MOVED else (_short(change.old), "")
    if change.kind is Kind.CHANGED and change.nodes[0].block.atom:
        return "", ""
    texts = (change.old, change.new)
    if change.stretches:
        texts = _only(change, Side.OLD), _only(change, Side.NEW)
        texts = texts if any(texts) else ("", change.new)
    if texts[0] == texts[1]:
        return "", _short(texts[1])
    head, _ = shared_ends(*texts)
    return _short(texts[0], head), _short(texts[1], head)


def _only(change: Change, side: Side) -> str:
    return "".join(one.text for one in change.stretches if one.side is side)


def _short(text: str, differs: int = 0) -> str:
    """The beginning of a text; of a long one that `differs` further on, what stands around that place."""
    start = max(0, differs - SHORT // 3) if len(text) > SHORT and differs > SHORT // 2 else 0
    text = ("…" if start else "") + " ".join(spelled(text[start:]).split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def _said(say: Translator) -> Markup:
    """What a screen reader says at the edges of a change, as variables of the style sheet."""
    words = {
        "--qm-del-begin": N_("[removed: "), "--qm-del-end": N_(" end of removed]"),
        "--qm-ins-begin": N_("[added: "), "--qm-ins-end": N_(" end of added]"),
    }  # fmt: skip
    return Markup(";".join(f"{name}:{css_string(say(text))}".replace('"', "&quot;") for name, text in words.items()))


def _as_it_is(address: str, side: Side) -> str:
    return address


def redline_css() -> str:
    """The part of the site's style sheet that a redline needs, for pages outside the site."""
    text = SITE_CSS.read_text(encoding="utf-8")
    start = text.index(_HEAD)
    return text[start : text.index(_NEXT, start + len(_HEAD))]
