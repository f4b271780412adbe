"""Who holds what: as lines for people, as JSON for programs."""

from collections.abc import Iterable, Sequence

from wcwidth import wcswidth

from qmanual.checks.report import printable
from qmanual.control.copies import MEDIUM_NAMES
from qmanual.language import N_, Translator
from qmanual.render.copies import Row, standing
from qmanual.render.tables import to_json


def selected(rows: Iterable[Row], number: str = "", holder: str = "", open_: bool = False) -> list[Row]:
    """The copies of a document, of a holder, those that somebody holds; each empty or False: all."""
    return [
        row
        for row in rows
        if (not number or row.copy.issued.document == number)
        and (not holder or row.copy.issued.holder == holder)
        and (not open_ or row.copy.open)
    ]


def text_of(rows: Sequence[Row], lacking: Sequence[str], say: Translator) -> str:
    """A line for each copy, in columns; then how many there are, and who of the distribution list lacks one."""
    lines = [
        (row.copy.issued.document, row.copy.issued.revision, row.copy.issued.number, row.copy.issued.holder,
         say(MEDIUM_NAMES[row.copy.issued.medium]), row.copy.issued.on.isoformat(), standing(row, say))
        for row in rows
    ]  # fmt: skip
    cells = [[printable(cell) for cell in line] for line in lines]
    widths = [max((max(0, wcswidth(line[at])) for line in cells), default=0) for at in range(6)]
    shown = ["  ".join([*map(_padded, line, widths), line[-1]]) for line in cells]
    out, back = sum(row.copy.open for row in rows), sum(row.due for row in rows)
    counted = say(N_("Copies: {count}, held: {open}, to be brought back: {due}"), count=str(len(rows)), open=str(out),
                  due=str(back))  # fmt: skip
    without = say(N_("On the distribution list, without a copy of the text in force: {names}"),
                  names="、".join(map(printable, lacking)))  # fmt: skip
    return "\n".join([*shown, counted, *([without] if lacking else ())]) + "\n"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - max(0, wcswidth(text)))


def json_of(rows: Sequence[Row], lacking: Sequence[str]) -> str:
    """`{"copies": […], "lacking": [names]}`; `state` is in use, due, returned, destroyed or lost."""
    return to_json({"copies": [_row(row) for row in rows], "lacking": list(lacking)})


def _row(row: Row) -> dict[str, object]:
    issued, ended = row.copy.issued, row.copy.ended
    state = row.copy.act.value if ended else "due" if row.due else "in use"
    return {
        "document": issued.document, "title": row.title, "revision": issued.revision, "number": issued.number,
        "holder": issued.holder, "medium": issued.medium.value, "issued": issued.on.isoformat(), "by": issued.by,
        "state": state, "ended": ended.on.isoformat() if ended else None, "reason": (ended.reason or None) if ended
        else None, "void_since": row.void.since.isoformat() if row.void else None,
        "replaced_by": (row.void.heir or None) if row.void else None, "overdue_days": row.overdue,
        "digest": issued.digest, "sha256": issued.sha256,
    }  # fmt: skip
