"""A PDF that is a numbered copy: whose it is, whether it came back, whether it should have."""

import html
import re
from collections.abc import Iterator
from datetime import date

from qmanual.control.copies import ACT_NAMES, PATH, Copy
from qmanual.control.copies.standing import Due, void
from qmanual.control.history import History
from qmanual.control.status import Status
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.service.verifying.prints import Issued, released_lines
from qmanual.service.verifying.report import Group, Line, fails, holds, unknown

_CLAIM = re.compile(rb"<qm:copy>([^<]{1,200})</qm:copy><qm:holder>([^<]{1,600})</qm:holder>")


def claim(data: bytes) -> tuple[str, str] | None:
    """The number and the holder that a PDF names in its metadata; anybody can write them."""
    found = _CLAIM.search(data)
    if found is None:
        return None
    texts = (html.unescape(part.decode("utf-8", "replace")) for part in found.groups())
    number, holder = ("".join(sign for sign in text if sign.isprintable())[:100] for text in texts)
    return number, holder


def copy_lines(name: str, copy: Copy, history: History, today: date, days: int) -> Iterator[Line]:
    """What is known of a registered copy. `days`: how many a holder is given to bring it back."""
    issued, ended = copy.issued, copy.ended
    text = N_("just these bytes are copy {number} of {id} {revision}, issued on {day} to {holder}")
    yield holds(Group.PRINT, text, place=name, document=issued.document, number=issued.number, id=issued.document,
                revision=issued.revision, day=issued.on.isoformat(), holder=issued.holder)  # fmt: skip
    row = Issued(id=issued.document, revision=issued.revision, digest=issued.digest, status=Status.EFFECTIVE,
                 name=name, sha256=issued.sha256)  # fmt: skip
    yield from released_lines(row, history, today)
    if ended:
        text = N_("the copy was recorded as {state} on {day}: it is not out any more, and nobody works by it")
        yield fails(Group.PRINT, text, place=name, document=issued.document, state=Phrase(ACT_NAMES[ended.act]),
                    day=ended.on.isoformat())  # fmt: skip
    elif gone := void(copy, history, today):
        overdue = Due(copy, gone).overdue(today, days)
        text = (N_("the copy must be brought back: its text is void since {day}, it is {days} days overdue")
                if overdue > 0 else N_("the copy must be brought back: its text is void since {day}"))  # fmt: skip
        yield fails(Group.PRINT, text, document=issued.document, day=gone.since.isoformat(), days=str(overdue))
    else:
        yield holds(Group.PRINT, N_("the copy is out, and nothing says that it should come back"),
                    document=issued.document)  # fmt: skip
    yield unknown(Group.LIMITS, N_("who wrote the register of copies: {file} is not signed; git tells its history"),
                  file=PATH)  # fmt: skip
