"""The redline for a terminal and for programs: only what changed, each with the headings above it."""

import json
from collections.abc import Iterator, Sequence
from typing import TypedDict

from qmanual.control.redline import Change, Kind, Side, Stretch
from qmanual.control.redline.hidden import doubtful, is_hidden, name, spelled
from qmanual.language import N_, Translator
from qmanual.render.redline_document import Part, Redline
from qmanual.render.redline_page import KIND_NAMES, WHAT, state_of, summary
from qmanual.render.redline_write import note

CONTEXT = 24
"""Characters of unchanged text shown on each side of a change."""
_COLOURS = {Side.OLD: ("\x1b[31;9m", "\x1b[0m"), Side.NEW: ("\x1b[32;4m", "\x1b[0m")}
_BRACKETS = {Side.OLD: ("[-", "-]"), Side.NEW: ("{+", "+}")}


class Row(TypedDict):
    """A change for programs. `kind`: changed, added, removed; `where`: the headings above; `block`: an HTML tag's name,
    `column` or `header`; `name`: of the header's field."""

    number: int
    kind: str
    where: list[str]
    block: str
    name: str
    old: str
    new: str


def redline_text(redline: Redline, title: str, say: Translator, *, colour: bool = False) -> str:
    """The redline as lines of text. `title`: which texts are compared. `colour`: for a terminal that shows colours."""
    lines = [title, summary(redline, say)]
    number = 1
    for part in redline.all:
        if state := state_of(part, say):
            lines += ["", f"■ {spelled(part.title)} · {state}"]
        lines += _part(part, number, say, colour)
        number += len(part.changes)
    return "\n".join(lines) + "\n"


def redline_json(redline: Redline) -> str:
    """The changes for programs."""
    rows: list[Row] = [
        {
            "number": number,
            "kind": str(change.kind),
            "where": list(change.where),
            "block": change.what,
            "name": change.name,
            "old": change.old,
            "new": change.new,
        }
        for number, change in enumerate(redline.changes, 1)
    ]
    old, new = ({"id": one.id, "revision": one.revision, "digest": one.digest} for one in (redline.old, redline.new))
    return (
        json.dumps({"old": old, "new": new, "same": redline.same, "changes": rows}, ensure_ascii=False, indent=2) + "\n"
    )


def _part(part: Part, number: int, say: Translator, colour: bool) -> Iterator[str]:
    where: tuple[str, ...] | None = None
    for at, change in enumerate(part.changes, number):
        if change.where != where:
            where = change.where
            yield ""
            yield _bold(spelled(" › ".join(where) or part.title), colour)
        what = spelled(change.name) or say(WHAT.get(change.what, N_("text")))
        yield f"  {at}. {say(KIND_NAMES[change.kind])} · {what}"
        for line in _change(change, say, colour):
            yield f"     {line}"
    if part.unseen:
        yield ""
        yield _bold(say(N_("Staff do not read this, but the file differs:")), colour)
        for side, line in part.unseen:
            yield "     " + _marked(side, _named(line, frozenset()), colour)


def _change(change: Change, say: Translator, colour: bool) -> Iterator[str]:
    if change.stretches:
        yield from "".join(_stretches(change.stretches, say, colour)).split("\n")
        return
    for node in change.nodes:
        if node.block.atom:
            yield _marked(node.side, f"◇ {spelled(node.block.text)}", colour)
    if not any(node.block.atom for node in change.nodes):
        side = Side.OLD if change.kind is Kind.REMOVED else Side.NEW
        for line in (change.old or change.new).split("\n"):
            yield _marked(side, _named(line, doubtful(line, "")[0]), colour)


def _stretches(stretches: Sequence[Stretch], say: Translator, colour: bool) -> Iterator[str]:
    for at, stretch in enumerate(stretches):
        if stretch.side is Side.BOTH:
            yield _named(_cut(stretch.text, at == 0, at == len(stretches) - 1), frozenset())
            continue
        beside = stretches[at + 1 : at + 2] if stretch.side is Side.OLD else stretches[max(0, at - 1) : at]
        other = beside[0] if beside and beside[0].side not in (Side.BOTH, stretch.side) else None
        lines = _named(stretch.text, doubtful(stretch.text, other.text if other else "")[0]).split("\n")
        yield "\n".join(_marked(stretch.side, line, colour) for line in lines)
        if other and (unseen := note(stretch, other, say)):
            yield f"⟨{spelled(unseen)}⟩"


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
