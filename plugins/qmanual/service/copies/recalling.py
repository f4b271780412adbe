"""A copy comes back, is destroyed, or is lost: written down for good, so that it need not be looked for again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qmanual.checks.nearest import NONE, nearest
from qmanual.control.copies import ACT_NAMES, PATH, Act, Copy, Event, Ledger, alike
from qmanual.control.copies.standing import due
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.service.copies.register import adding, sound_ledger
from qmanual.service.life.plan import Plan, filled, one_line, written
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """What a person says: which copies (`every`: all of the document that must come back), what became of them, when.

    `reason` may be empty, except for a copy that is lost. `holder`: whose, where two copies bear one number.
    """

    numbers: tuple[str, ...] = ()
    act: Act = Act.RETURNED
    on: date
    by: str
    reason: str = ""
    every: bool = False
    holder: str = ""


def recall(manual: Manual, number: str, meant: Recall) -> Plan | None:
    """Write down that copies of a document ended; None when `every` is asked for and none must come back.

    Raises `CannotRun` for a copy that nobody holds, and for a day that cannot be.
    """
    ledger, by = sound_ledger(manual), filled("--as", meant.by)
    if number not in ledger.by_document:
        near = nearest(number, ledger.by_document)
        if near == NONE:
            raise CannotRun(N_("No copy of {id} was ever issued. `build.py copies list` shows all."), id=number)
        text = N_("No copy of {id} was ever issued. The nearest number is {nearest}. `build.py copies list` shows all.")
        raise CannotRun(text, id=number, nearest=near)
    if meant.every:
        copies = [one.copy for one in due(ledger.by_document[number], manual.history, manual.today)]
    else:
        found = (_held(ledger, number, one, one_line(meant.holder)) for one in meant.numbers)
        copies = list(dict.fromkeys(found))
    if not copies:
        return None
    _refuse(manual, copies, meant)
    say, reason = Translator(manual.language), one_line(meant.reason)
    events = [_event(copy, meant, written(manual, by), reason) for copy in copies]
    lines = tuple(
        say(N_("No. {number}  {holder}  {revision}, issued on {day} → {state}"), number=copy.issued.number,
            holder=copy.issued.holder, revision=copy.issued.revision, day=copy.issued.on.isoformat(),
            state=say(ACT_NAMES[meant.act]))
        for copy in copies
    )  # fmt: skip
    return Plan(
        title=Phrase(N_("Record what became of copies of {id}: {count}"), id=number, count=str(len(copies))),
        files=(adding(manual, events),), shown=lines,
        after=Phrase(N_("Next: commit {path}."), path=PATH),
    )  # fmt: skip


def _held(ledger: Ledger, document: str, number: str, holder: str) -> Copy:
    held = ledger.held(document, number)
    theirs = [one for one in held if not holder or one.issued.holder == holder]
    holders = "、".join(dict.fromkeys(one.issued.holder for one in held))
    if held and not theirs:
        text = N_("{holder} does not hold copy {number} of {id}: {holders} does.")
        raise CannotRun(text, holder=holder, number=number, id=document, holders=holders)
    if len({one.issued.holder for one in theirs}) > 1:
        text = N_("Copy {number} of {id} was given to several: {holders}. Say whose it is: --from NAME")
        raise CannotRun(text, number=number, id=document, holders=holders)
    if theirs:
        return theirs[0]
    copies = ledger.by_document[document]
    same = (one for one in reversed(copies) if alike(one.issued.number) == alike(number) and one.ended)
    if last := next(same, None):
        assert last.ended is not None
        text = N_("Copy {number} of {id} is not out any more: {state} on {day}.")
        raise CannotRun(text, number=number, id=document, state=Phrase(ACT_NAMES[last.act]),
                        day=last.ended.on.isoformat())  # fmt: skip
    out = ", ".join(one.issued.number for one in copies if one.open) or NONE
    raise CannotRun(N_("There is no copy {number} of {id}. Out are: {known}"), number=one_line(number), id=document,
                    known=out)  # fmt: skip


def _refuse(manual: Manual, copies: Sequence[Copy], meant: Recall) -> None:
    if meant.on > manual.today:
        raise CannotRun(N_("{day} has not come yet: name the day on which it happened."), day=meant.on.isoformat())
    if meant.act is Act.LOST and not one_line(meant.reason):
        raise CannotRun(N_("Say how the copy was lost, and what is done so that nobody works by it: --reason TEXT"))
    for copy in copies:
        if meant.on < copy.issued.on:
            text = N_("Copy {number} of {id} was issued on {day}: it cannot have come back before.")
            raise CannotRun(text, number=copy.issued.number, id=copy.issued.document, day=copy.issued.on.isoformat())


def _event(copy: Copy, meant: Recall, by: str, reason: str) -> Event:
    issued = copy.issued
    return Event(
        act=meant.act, document=issued.document, revision=issued.revision, number=issued.number, on=meant.on, by=by,
        sha256=issued.sha256, reason=reason,
    )  # fmt: skip
