"""The register of copies of a manual: read, looked at, and written to, always at its end."""

from collections import Counter
from collections.abc import Iterable, Sequence

from qmanual.control.copies import PATH, Event, Ledger
from qmanual.control.copies.ledger import HEADING, added, heading, read_ledger
from qmanual.control.copies.standing import due, void
from qmanual.language import N_, Translator
from qmanual.render.copies import Row
from qmanual.service.copies.past import past_ledgers
from qmanual.service.life.plan import FileChange, bytes_of
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun, decode


def ledger_of(manual: Manual) -> Ledger:
    """The register as it lies on the disk."""
    return read_ledger(manual.register.tree.sources.get(PATH))


def sound_ledger(manual: Manual) -> Ledger:
    """The register, where every line of it can be read and none was taken out.

    Raises `CannotRun`: nothing is added to a damaged one, and a list of it would keep silent about copies.
    """
    found = ledger_of(manual)
    faults = [fault for fault in manual.register.tree.faults if fault.span.path == PATH]
    for fault in (*faults, *found.faults):
        text = N_(
            "{path} cannot be read in line {line}; mend that first. `build.py check {path!q}` says what is wrong."
        )
        raise CannotRun(text, path=PATH, line=str(fault.span.line))
    here = Counter(found.events)
    if any(Counter(read_ledger(source).events) - here for source in past_ledgers(manual)):
        text = N_("{path} lacks lines that were committed. `build.py check {path}` names them; `git restore {path}` "
                  "brings back the committed file.")  # fmt: skip
        raise CannotRun(text, path=PATH)
    return found


def adding(manual: Manual, events: Sequence[Event]) -> FileChange:
    """The file with events at its end. Raises `CannotRun` where they would not be read again as they are."""
    old = bytes_of(manual, PATH)
    new = added(old, events, heading(Translator(manual.language)(HEADING)))
    before, after = (read_ledger(decode(PATH, data)) if data is not None else Ledger() for data in (old, new))
    if after.faults or after.events != (*before.events, *events):
        raise CannotRun(N_("{path} was changed meanwhile. Run the command again."), path=PATH)
    return FileChange(path=PATH, old=old, new=new)


def rows(manual: Manual) -> tuple[Row, ...]:
    """Every copy as of the manual's day, by document in the order of the register, then as they were issued."""
    ledger = ledger_of(manual).until(manual.today)
    days, history, today = manual.register.settings.copy_recall_days, manual.history, manual.today
    overdue = {one.copy: max(0, one.overdue(today, days)) for one in due(ledger.copies, history, today)}
    return tuple(
        Row(copy=copy, title=title(manual, copy.issued), void=void(copy, history, today), overdue=overdue.get(copy))
        for number in _ordered(manual, ledger.by_document)
        for copy in ledger.by_document[number]
    )


def _ordered(manual: Manual, numbers: Iterable[str]) -> list[str]:
    order = {number: at for at, number in enumerate((*manual.register.by_id, *manual.history.documents))}
    return sorted(numbers, key=lambda number: (order.get(number, len(order)), number))


def title(manual: Manual, event: Event) -> str:
    """The title of a copy's document: that of its own text, else of the document as it is now; empty: unknown."""
    texts = manual.history.documents.get(event.document, ())
    held = next((one.facts.title for one in texts if one.facts.digest == event.digest), "")
    now = manual.register.by_id.get(event.document)
    return held or (now.title if now else "")
