"""The register of controlled copies, copies.yml: who holds which copy, and whether it should still be there.

ISO 9001 7.5.3.2 asks for the control of distribution, access, retrieval and use, and for the prevention of the
unintended use of what is void. An auditor takes one line of this register and walks to the machine.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from qmanual.checks.nearest import NONE, nearest
from qmanual.checks.rule import Hit, rule
from qmanual.control.copies import PATH, Act, Copy, Event, Ledger
from qmanual.control.copies.ledger import read_ledger
from qmanual.control.copies.standing import due, known
from qmanual.control.history import History
from qmanual.control.statement import cause_of
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Organization
from qmanual.settings import Settings
from qmanual.source import SourceFile, Span

ACTS = {
    Act.ISSUED: N_("the issue"), Act.RETURNED: N_("the return"), Act.DESTROYED: N_("the destruction"),
    Act.LOST: N_("the loss"),
}  # fmt: skip
"""What a line tells, as the object of a sentence."""

_DIGEST = "2f351f6f621c87f006b9618a91bb98ddf1fb69d4c1a95a282827c474caf1748c"
_SHA256 = "5d0a1c6e7f2b48937c1e0f6a9b8d4c3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c"
_END = f"digest: {_DIGEST}, sha256: {_SHA256}}}"
_ISSUED = (
    '- {event: issued, document: QP-7.5-01, revision: A/1, number: "003", holder: 生产部, medium: paper, '
    f"date: 2026-06-02, by: 李静, {_END}"
)
_BACK = (
    '- {event: returned, document: QP-7.5-01, revision: A/1, number: "003", date: 2026-06-12, by: 李静, '
    f"sha256: {_SHA256}}}"
)
_RELEASED = "release 2026-05 (2026-05-20)\n====\n"
_NEXT = """\
release 2026-06 (2026-06-01)
procedures/QP-7.5-01.md
---
revision: A/2
effective: 2026-06-03
prepared: {by: 李静, date: 2026-05-25}
reviewed: {by: 王强, date: 2026-06-01}
approved: {by: 陈刚, date: 2026-06-01}
changes:
  - {revision: A/2, date: 2026-05-25, by: 李静, summary: 规定收回期限}
  - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
  - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
---
作废文件当日收回。
====
"""
_SOUND = f"{_RELEASED}now\n{PATH}\n{_ISSUED}"
_EARLY = _ISSUED.replace("2026-06-02", "2026-05-21")


@rule(
    "QM940",
    Severity.ERROR,
    title=N_("Line of the register of copies cannot be read"),
    message=N_("this line of copies.yml cannot be read: {cause}"),
    help=N_(
        "take the line back as it was committed (`git checkout copies.yml`), and let `build.py copies` write: the file "
        "is never edited by hand"
    ),
    why=N_(
        "A line that cannot be read is a copy that nobody knows of: it is not recalled when its text becomes void. "
        "There is one way to write a line, so that everybody who reads it reads the same."
    ),
    clause="7.5.3.2",
    bad=_SOUND.replace("event: issued", "event: given"),
    good=_SOUND,
)
def unreadable(copies: Ledger) -> Iterator[Hit]:
    for fault in copies.faults:
        yield Hit(fault.span, {"cause": cause_of(fault)})


@rule(
    "QM941",
    Severity.ERROR,
    title=N_("Copy number used twice"),
    message=N_("copy {number} of {id} was issued to {holder} on {day} and has not come back"),
    help=N_(
        "fetch one of them and record that, with the name of its holder: `build.py copies recall {id} "
        "--number {number} --from {holder}`; then issue it anew under another number"
    ),
    why=N_(
        "The number is the only thing by which two copies of a text are told apart. "
        "When two bear the same, nobody can say which one came back."
    ),
    clause="7.5.3.2",
    bad=f"{_SOUND}\n{_ISSUED.replace('生产部', '质量部').replace('5d0a', '6e1b')}",
    good=f"{_SOUND}\n{_BACK}\n{_ISSUED.replace('生产部', '质量部').replace('06-02', '06-12').replace('5d0a', '6e1b')}",
)
def number_twice(copies: Ledger) -> Iterator[Hit]:
    for event, other in copies.doubles:
        found = {"number": event.number, "id": event.document, "holder": other.holder, "day": other.on.isoformat()}
        yield Hit(event.at("number"), found)


@rule(
    "QM942",
    Severity.WARNING,
    title=N_("Void copy not recalled"),
    message=N_(
        "copy {number} of {id} {revision} at {holder} has been void since {since}, {days} days overdue: {cause}"
    ),
    help=N_(
        "fetch it, then record that: `build.py copies recall {id!q} --number {number}`; `build.py copies sheet` prints "
        "all that must come back"
    ),
    why=N_(
        "A copy of a void text that stays at the machine is worked by. "
        "This is what auditors look for first, and where scrap comes from. The company gives its holders some days "
        "(setting copy_recall_days)."
    ),
    clause="7.5.3.2",
    bad=f"{_RELEASED}{_NEXT}{PATH}\n{_EARLY}",
    good=f"{_RELEASED}{_NEXT}{PATH}\n{_EARLY}\n{_BACK}",
)
def not_recalled(copies: Ledger, history: History, settings: Settings, today: date) -> Iterator[Hit]:
    for one in due(copies.copies, history, today):
        days = one.overdue(today, settings.copy_recall_days)
        if days > 0:
            text = N_("{heir} took its place") if one.void.heir else N_("the document was withdrawn")
            yield Hit(
                one.copy.issued.at("number"),
                _of(one.copy) | {"since": one.void.since.isoformat(), "days": str(days),
                                 "cause": Phrase(text, heir=one.void.heir)},
            )  # fmt: skip


@rule(
    "QM943",
    Severity.WARNING,
    title=N_("Holder of a copy unknown"),
    message=N_("copy {number} of {id} is held by {holder}, which is neither a department nor a person of the company"),
    help=N_("fetch the copy and issue it to whoever works by it now (the nearest name known: {nearest})"),
    help_alone=N_("fetch the copy and issue it to whoever works by it now, or list the holder in organization.yml"),
    why=N_(
        "When a department is dissolved or a person leaves, their copies are forgotten. "
        "Only somebody who is there can be asked to bring one back."
    ),
    clause="7.5.3.2",
    bad=_SOUND.replace("holder: 生产部", "holder: 生产一部"),
    good=_SOUND,
)
def holder_unknown(copies: Ledger, organization: Organization) -> Iterator[Hit]:
    names = [one.name.value for one in organization.departments]
    names += [one.name.value for one in organization.people]
    for copy in copies.copies if names else ():
        holder = copy.issued.holder
        if copy.open and holder not in names:
            yield Hit(copy.issued.at("holder"), _of(copy) | {"nearest": nearest(holder, names)})


@rule(
    "QM944",
    Severity.ERROR,
    title=N_("Line taken out of the register of copies"),
    message=N_("{act} of copy {number} of {id} on {day} was recorded here before, and is missing or changed now"),
    help=N_(
        "take the line back as it was (`git log -p copies.yml` shows it); a mistake is mended by a further line, by "
        "recording that the copy was destroyed and issuing it anew"
    ),
    why=N_(
        "What was handed out cannot be made not to have been. A register from which lines can disappear proves "
        "neither that all copies came back nor that there were no others."
    ),
    clause="7.5.3.2",
    bad=f"{_RELEASED}commit (2026-06-03)\n{PATH}\n{_ISSUED}\n====\nnow\n{PATH}\n{_ISSUED.replace('生产部', '质量部')}",
    good=f"{_RELEASED}commit (2026-06-03)\n{PATH}\n{_ISSUED}\n====\nnow\n{PATH}\n{_ISSUED}\n{_BACK}",
)
def taken_out(copies: Ledger, ledgers: tuple[SourceFile, ...]) -> Iterator[Hit]:
    here = Counter(copies.events)
    seen = set()
    for source in ledgers:
        for event, count in Counter(read_ledger(source).events).items():
            if here[event] < count and event not in seen:
                seen.add(event)
                found = {"act": Phrase(ACTS[event.act]), "number": event.number, "id": event.document}
                yield Hit(Span(PATH, event.at("number").line), found | {"day": event.on.isoformat()})


@rule(
    "QM945",
    Severity.ERROR,
    title=N_("Copy of an unknown text"),
    message=N_("copy {number} is of {id} {revision}, and no release holds that text"),
    help=N_("take the line back as the program wrote it; a copy is issued of a text in force: `build.py copies issue`"),
    why=N_(
        "A controlled copy is the print of an approved text. "
        "A copy of anything else was made past the release, or the register was changed afterwards."
    ),
    clause="7.5.3.2",
    bad=_SOUND.replace("revision: A/1", "revision: A/9"),
    good=_SOUND,
)
def text_unknown(copies: Ledger, history: History) -> Iterator[Hit]:
    if history.gap or not history.releases:
        return
    for copy in copies.copies:
        if not known(copy, history) and not history.later:
            yield Hit(copy.issued.at("revision"), _of(copy))


@rule(
    "QM946",
    Severity.ERROR,
    title=N_("Recall of a copy that is not out"),
    message=N_("{act} of copy {number} of {id} {revision} is recorded, but no such copy was out"),
    help=N_("look up what is out: `build.py copies list {id!q}`; take the line back as it was committed"),
    why=N_(
        "What came back must have gone out. Where it did not, a copy went out past the register, or one was recorded "
        "as returned in place of another that is still there."
    ),
    clause="7.5.3.2",
    bad=f"{_SOUND}\n{_BACK.replace('003', '004')}",
    good=f"{_SOUND}\n{_BACK}",
)
def not_out(copies: Ledger) -> Iterator[Hit]:
    for event in copies.strays:
        found = {"act": Phrase(ACTS[event.act]), "number": event.number, "id": event.document}
        yield Hit(event.at("number"), found | {"revision": event.revision})


@rule(
    "QM947",
    Severity.ERROR,
    title=N_("Impossible date in the register of copies"),
    message=N_("{act} of copy {number} of {id} on {day} cannot be: {cause}"),
    help=N_("check the date of this computer, then take the line back as it was and record it anew"),
    why=N_(
        "The register tells who worked by which text on a day. "
        "With a date that has not come yet, or a return before the issue, it tells nothing."
    ),
    clause="7.5.3.2",
    bad=_SOUND.replace("2026-06-02", "2027-06-02"),
    good=_SOUND,
)
def date_impossible(copies: Ledger, today: date) -> Iterator[Hit]:
    for event in copies.events:
        if event.on > today:
            yield _dated(event, Phrase(N_("the day has not come yet")))
    for copy in copies.copies:
        if copy.ended and copy.ended.on < copy.issued.on:
            yield _dated(copy.ended, Phrase(N_("it was issued on {day}"), day=copy.issued.on.isoformat()))


def _dated(event: Event, cause: Phrase) -> Hit:
    found = {"act": Phrase(ACTS[event.act]), "number": event.number, "id": event.document}
    return Hit(event.at("date"), found | {"day": event.on.isoformat(), "cause": cause})


def _of(copy: Copy) -> dict[str, str]:
    issued = copy.issued
    return {
        "number": issued.number,
        "id": issued.document,
        "revision": issued.revision or NONE,
        "holder": issued.holder,
    }


RULES = (
    unreadable, number_twice, not_recalled, holder_unknown, taken_out, text_unknown, not_out, date_impossible,
)  # fmt: skip
