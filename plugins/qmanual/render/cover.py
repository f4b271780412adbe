"""What a controlled copy says about itself: the block on its first page, and its running header and footer.

ISO 9001 7.5.2 asks for identification, review and approval, 7.5.3 for the control of copies: whoever holds a print must
see which document and revision it is, whether it is in force, and who approved it.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_, Translator
from qmanual.model import Document, Meaning
from qmanual.register import Register
from qmanual.render.period import spoken

MEANINGS = {
    Meaning.PREPARED: N_("Prepared"),
    Meaning.REVIEWED: N_("Reviewed"),
    Meaning.COUNTERSIGNED: N_("Countersigned"),
    Meaning.APPROVED: N_("Approved"),
}
WATERMARKS = {
    Status.DRAFT: N_("DRAFT COPY"), Status.REVIEW: N_("DRAFT COPY"), Status.SUPERSEDED: N_("VOID"),
    Status.WITHDRAWN: N_("VOID"),
}  # fmt: skip
SIGNATURES = 6
"""As many stand side by side."""

Pair = tuple[str, str]


def cover(entry: Entry, company: str, register: Register, say: Translator, title: str) -> str:
    """The block at the head of a document. `title`: the heading element that names the document."""
    document = entry.document
    kind = say(register.settings.kind(document.kind).title)
    return (
        f'<header class="qm-cover"><p class="qm-company">{html.escape(company)}</p>'
        f'<p class="qm-kind">{html.escape(kind)}</p>{title}'
        f"{_facts((*identity_facts(entry, say), *control_facts(entry, say)), long_facts(entry, register, say))}"
        f"{signatures(document, register, say)}{changes(document, say)}</header>"
    )


def form_head(entry: Entry, company: str, say: Translator, title: str) -> str:
    """The head of a form: the company and its name in the middle, number and revision in the corner."""
    number = f"{html.escape(say(N_('Form number')))}：{html.escape(entry.document.id)}"
    revision = f"{html.escape(say(N_('Revision')))}：{html.escape(entry.document.revision or '—')}"
    return (
        f'<header class="qm-formhead"><p class="qm-formid">{number}<br/>{revision}</p>'
        f'<p class="qm-company">{html.escape(company)}</p>{title}</header>'
    )


def form_foot(entry: Entry, register: Register, say: Translator) -> str:
    """The control data of a form, small, after its last field."""
    facts = _facts(control_facts(entry, say), long_facts(entry, register, say))
    needed = any(field.required for body in entry.document.bodies for field in body.fields)
    note = f'<p class="qm-note">{html.escape(say(N_("* must be filled in")))}</p>' if needed else ""
    heading = html.escape(say(N_("Control data of this form")))
    return (
        f'{note}<section class="qm-formfoot"><p class="qm-caption">{heading}</p>'
        f"{facts}{signed_in_a_row(entry.document, register, say)}{changes(entry.document, say)}</section>"
    )


def identity_facts(entry: Entry, say: Translator) -> Iterator[Pair]:
    """Label and value of what names the document, each fit for a third of a line."""
    yield say(N_("Document number")), entry.document.id
    yield say(N_("Revision")), entry.document.revision or "—"
    if entry.document.header.process:
        yield say(N_("Process")), entry.document.header.process.value


def control_facts(entry: Entry, say: Translator) -> Iterator[Pair]:
    """Label and value of what tells how far the document is in force, each fit for a third of a line."""
    header = entry.document.header
    yield say(N_("Status")), say(STATUS_NAMES[entry.status])
    yield say(N_("Effective date")), _day(entry)
    if entry.ends:
        yield say(N_("In force until")), (entry.ends - timedelta(days=1)).isoformat()
    yield say(N_("Owner")), entry.document.owner or "—"
    if entry.status not in (Status.SUPERSEDED, Status.WITHDRAWN):
        yield say(N_("Next review")), entry.next_review.isoformat() if entry.next_review else "—"
    if header.retention:
        yield say(N_("Retention period")), spoken(header.retention.value, say)
    if entry.release:
        yield say(N_("Release")), entry.release


def long_facts(entry: Entry, register: Register, say: Translator) -> Iterator[Pair]:
    """Label and value of what takes a line of its own."""
    header = entry.document.header
    if header.departments:
        yield say(N_("Departments concerned")), "、".join(text.value for text in header.departments)
    if header.clauses:
        yield say(N_("Clauses")), clauses(entry.document, register)
    for own in register.settings.fields:
        if own.name in header.own:
            yield own.label, header.own[own.name].value
    if gone := header.withdrawn:
        parts = [
            gone.date.value.isoformat() if gone.date else "",
            gone.reason.value if gone.reason else "",
            say(N_("replaced by {number}"), number=gone.replaced_by) if gone.replaced_by else "",
        ]
        yield say(N_("Withdrawn")), "，".join(part for part in parts if part) or "—"


def clauses(document: Document, register: Register) -> str:
    """The clauses that the header claims, by standard: `ISO 9001:2015 7.5、8.4`."""
    found: dict[str, list[str]] = {}
    for ref in document.header.clauses:
        known = register.clause(ref)
        name = known[0].id if known else ref.standard or ""
        found.setdefault(name, []).append(ref.number)
    return "；".join(f"{name} {'、'.join(numbers)}".strip() for name, numbers in found.items())


def _facts(short: Iterable[Pair], long: Iterable[Pair]) -> str:
    pairs = list(short)
    rows = []
    for at in range(0, len(pairs), 3):
        line = pairs[at : at + 3]
        wide = f' colspan="{7 - 2 * len(line)}"' if len(line) < 3 else ""
        cells = [f"<th>{html.escape(label)}</th><td>{html.escape(value)}</td>" for label, value in line[:-1]]
        rows.append("".join(cells) + f"<th>{html.escape(line[-1][0])}</th><td{wide}>{html.escape(line[-1][1])}</td>")
    rows += [f'<th>{html.escape(label)}</th><td colspan="5">{html.escape(value)}</td>' for label, value in long]
    columns = '<col style="width:12%"/><col style="width:21.33%"/>' * 3
    return f'<table class="qm-facts"><colgroup>{columns}</colgroup>{_rows(rows)}</table>'


def signatures(document: Document, register: Register, say: Translator) -> str:
    """Who prepared, reviewed and approved, and when; an empty cell for what is still to be signed."""
    given = _given(document, register)
    return "".join(_signed(given[at : at + SIGNATURES], say) for at in range(0, len(given), SIGNATURES))


def signed_in_a_row(document: Document, register: Register, say: Translator) -> str:
    """The same in as little room as it takes."""
    cells = [
        f"<th>{html.escape(say(MEANINGS[meaning]))}</th><td>{html.escape(f'{name} {day}')}</td>"
        for meaning, name, day in _given(document, register)
    ]
    return f'<table class="qm-signed">{_rows(["".join(cells[at : at + 3]) for at in range(0, len(cells), 3)])}</table>'


def _given(document: Document, register: Register) -> list[tuple[Meaning, str, str]]:
    """Meaning, name and day of every signature in the order they are given, also of those asked for but missing."""
    given = [
        (a.meaning, a.by.value if a.by else "", a.date.value.isoformat() if a.date else "")
        for a in document.header.approvals
    ]
    asked = register.settings.kind(document.kind).approvals
    given += [(meaning, "", "") for meaning in asked if meaning not in {one[0] for one in given}]
    return sorted(given, key=lambda one: list(Meaning).index(one[0]))


def _signed(given: Sequence[tuple[Meaning, str, str]], say: Translator) -> str:
    meanings = "".join(f"<th>{html.escape(say(MEANINGS[meaning]))}</th>" for meaning, _, _ in given)
    names = "".join(f"<td>{html.escape(name)}</td>" for _, name, _ in given)
    days = "".join(f"<td>{day}</td>" for _, _, day in given)
    rows = [
        f"<th>{html.escape(say(N_('Approval')))}</th>{meanings}",
        f"<th>{html.escape(say(N_('Name')))}</th>{names}",
        f"<th>{html.escape(say(N_('Date')))}</th>{days}",
    ]
    return f'<table class="qm-signed"><colgroup><col style="width:12%"/></colgroup>{_rows(rows)}</table>'


def changes(document: Document, say: Translator) -> str:
    """The change list, as the header holds it."""
    if not document.header.changes:
        return ""
    heads = (say(N_("Revision")), say(N_("Date")), say(N_("Changed by")), say(N_("Summary of changes")))
    rows = ["".join(f"<th>{html.escape(head)}</th>" for head in heads)]
    for change in document.header.changes:
        day = change.date.value.isoformat() if change.date else ""
        cells = (str(change.revision or ""), day, str(change.by or ""), str(change.summary or ""))
        rows.append("".join(f'<td class="qm-day">{html.escape(cell)}</td>' for cell in cells[:3])
                    + f"<td>{html.escape(cells[3])}</td>")  # fmt: skip
    columns = "".join(f'<col style="width:{width}%"/>' for width in (12, 14, 14, 60))
    head, body = f"<thead>{_rows(rows[:1])}</thead>", f"<tbody>{_rows(rows[1:])}</tbody>"
    return f'<table class="qm-changes"><colgroup>{columns}</colgroup>{head}{body}</table>'


def _rows(rows: Sequence[str]) -> str:
    return "".join(f"<tr>{row}</tr>" for row in rows)


def running(entry: Entry, company: str, form: bool, say: Translator) -> dict[str, str]:
    """The texts of the margin boxes, by their CSS names, as CSS values."""
    document = entry.document
    number = f"{document.id}  {document.revision}".strip()
    digest = document.digest.removeprefix("sha256:")[:12]
    kept = document.header.retention if form else None
    about = [say(N_("Content digest {digest}"), digest=digest)] if digest else []
    if kept:
        about.insert(0, say(N_("Retention period: {period}"), period=spoken(kept.value, say)))
    page = say(N_("Page {page} of {pages}"), page="\0page\0", pages="\0pages\0").split("\0")
    counted = " ".join(f"counter({part})" if part in ("page", "pages") else css_string(part) for part in page if part)
    return {
        "top-left": css_string(company),
        "top-center": css_string(document.title),
        "top-right": css_string(number),
        "bottom-left": css_string(standing(entry, say)),
        "bottom-center": css_string("  ·  ".join(about)),
        "bottom-right": counted,
    }


def standing(entry: Entry, say: Translator) -> str:
    """Whether this print may be worked by, in a few words."""
    day = _day(entry)
    match entry.status:
        case Status.DRAFT | Status.REVIEW:
            return say(N_("Draft, not approved for use"))
        case Status.APPROVED:
            return say(N_("Not yet effective, in force from {date}"), date=day)
        case Status.EFFECTIVE:
            return say(N_("Effective from {date}"), date=day)
        case _:
            return say(N_("Void, not to be used"))


def _day(entry: Entry) -> str:
    """From when the text is in force; what it says itself while no release holds it."""
    day = entry.starts or entry.effective
    return day.isoformat() if day else "—"


def css_string(text: str) -> str:
    """A CSS string of any text: what is neither letter, digit nor blank is written by its number (CSS Syntax 4.3.7)."""
    safe = "".join(c if c.isalnum() or c == " " else f"\\{ord(c):X} " for c in text if c.isprintable())
    return f'"{safe}"'
