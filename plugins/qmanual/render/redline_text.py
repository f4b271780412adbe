"""The redline for a terminal and for programs: only what changed, each with the headings above it."""

import json
from collections.abc import Iterator, Sequence
from typing import TypedDict

from qmanual.control.redline import Change, Kind, Side, Stretch
from qmanual.control.redline.align import shared_ends
from qmanual.control.redline.hidden import doubtful, is_hidden, name, spelled
from qmanual.language import N_, Translator
from qmanual.render.redline_document import Part, Redline
from qmanual.render.redline_page import WHAT, kind_of, state_of, summary, ways_of
from qmanual.render.redline_told import told
from qmanual.render.redline_write import Way, Ways

CONTEXT = 24
"""Characters of unchanged text shown on each side of a change."""
_COLOURS = {Side.OLD: ("\x1b[31;9m", "\x1b[0m"), Side.NEW: ("\x1b[32;4m", "\x1b[0m")}
_BRACKETS = {Side.OLD: ("[-", "-]"), Side.NEW: ("{+", "+}")}


class Row(TypedDict):
    """A change for programs. `kind`: changed, added, removed; `where`: the headings above; `block`: an HTML tag's name,
    `column` or `header`; `name`: of the header's field; `told`: what the text does not show; `other`: the number of the
    other place of a move, else 0."""

    number: int
    kind: str
    where: list[str]
    block: str
    name: str
    old: str
    new: str
    told: list[str]
    other: int


def redline_text(redline: Redline, title: str, say: Translator, *, colour: bool = False) -> str:
    """The redline as lines of text. `title`: which texts are compared. `colour`: for a terminal that shows colours."""
    lines = [title, summary(redline, say)]
    number = 1
    ways = ways_of(redline.changes, say)
    for part in redline.all:
        if state := state_of(part, say):
            lines += ["", f"■ {spelled(part.title)} · {state}"]
        lines += _part(part, number, ways, say, colour)
        number += len(part.changes)
    return "\n".join(lines) + "\n"


def redline_json(redline: Redline, say: Translator) -> str:
    """The changes for programs."""
    ways = ways_of(redline.changes, say)
    rows: list[Row] = [
        {
            "number": number,
            "kind": str(change.kind),
            "where": list(change.where),
            "block": change.what,
            "name": change.name,
            "old": change.old,
            "new": change.new,
            "told": list(told(change, say)),
            "other": way.number if (way := _way(change, ways)) else 0,
        }
        for number, change in enumerate(redline.changes, 1)
    ]
    old, new = ({"id": one.id, "revision": one.revision, "digest": one.digest} for one in (redline.old, redline.new))
    return (
        json.dumps({"old": old, "new": new, "same": redline.same, "changes": rows}, ensure_ascii=False, indent=2) + "\n"
    )


def _way(change: Change, ways: Ways) -> Way | None:
    return ways.get((change.move, Side.OLD if change.kind is Kind.LEFT else Side.NEW))


def _part(part: Part, number: int, ways: Ways, say: Translator, colour: bool) -> Iterator[str]:
    where: tuple[str, ...] | None = None
    for at, change in enumerate(part.changes, number):
        if change.where != where:
            where = change.where
            yield ""
            yield _bold(spelled(" › ".join(where) or part.title), colour)
        what = spelled(change.name) or say(WHAT.get(change.what, N_("text")))
        way = _way(change, ways)
        yield f"  {at}. {kind_of(change, say)} · {what}" + (f" （{way.said}）" if way else "")
        for line in _change(change, say, colour):
            yield f"     {line}"
    if part.unseen:
        yield ""
        yield _bold(say(N_("Staff do not read this, but the file differs:")), colour)
        for side, line in part.unseen:
            yield "     " + _marked(side, _named(line, frozenset()), colour)
        if part.more:
            yield "     " + say(N_("… and {count} more lines"), count=part.more)


def _change(change: Change, say: Translator, colour: bool) -> Iterator[str]:
    words = told(change, say)
    if change.stretches:
        yield from "".join(_stretches(change.stretches, colour)).split("\n")
    elif change.kind is Kind.CHANGED:
        yield from () if words else _drawings(change, colour)
    else:
        side = Side.OLD if change.kind in (Kind.REMOVED, Kind.LEFT) else Side.NEW
        lines = [line for line in (change.old or change.new).split("\n") if line.strip()]
        few = lines[:1] if change.kind is Kind.LEFT else lines
        for line in few:
            yield _marked(side, _named(line, doubtful(line, "")[0]), colour)
        if len(few) < len(lines):
            yield "…"
    for one in words:
        yield f"· {one}"


def _drawings(change: Change, colour: bool) -> Iterator[str]:
    """A drawing and the one in its stead, by what they say, around the difference."""
    head, tail = shared_ends(change.old, change.new)
    for node in change.nodes:
        text = node.block.text
        begin, end = max(0, head - CONTEXT), len(text) - max(0, tail - CONTEXT)
        cut = ("…" if begin else "") + text[begin:end] + ("…" if end < len(text) else "")
        yield _marked(node.side, f"◇ {spelled(cut)}", colour)


def _stretches(stretches: Sequence[Stretch], colour: bool) -> Iterator[str]:
    for at, stretch in enumerate(stretches):
        if stretch.side is Side.BOTH:
            yield _named(_cut(stretch.text, at == 0, at == len(stretches) - 1), frozenset())
            continue
        beside = stretches[at + 1 : at + 2] if stretch.side is Side.OLD else stretches[max(0, at - 1) : at]
        other = beside[0] if beside and beside[0].side not in (Side.BOTH, stretch.side) else None
        lines = _named(stretch.text, doubtful(stretch.text, other.text if other else "")[0]).split("\n")
        yield "\n".join(_marked(stretch.side, line, colour) for line in lines)


def _cut(text: str, first: bool, last: bool) -> str:
    """Unchanged text, only as much of it as shows where a change is."""
    if first and len(text) > CONTEXT + 2:
        return "…" + text[-CONTEXT:]
    if last and len(text) > CONTEXT + 2:
        return text[:CONTEXT] + "…"
    if not first and not last and len(text) > 2 * CONTEXT + 3:
        return text[:CONTEXT] + " … " + text[-CONTEXT:]
    return text


def _marked(side: Side, text: str, colour: bool) -> str:
    opened, closed = (_COLOURS if colour else _BRACKETS)[side]
    return f"{opened}{text}{closed}"


def _bold(text: str, colour: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if colour else text


def _named(text: str, places: frozenset[int]) -> str:
    """Text that can neither drive a terminal nor hide anything on it."""
    shown = []
    for at, one in enumerate(text):
        if is_hidden(one) and one != "\n":
            shown.append(f"⟨{name(one)}⟩")
        elif at in places and one != "\n":
            shown.append(f"{one}⟨{name(one)}⟩" if not one.isspace() else f"⟨{name(one)}⟩")
        else:
            shown.append(one)
    return "".join(shown)
