"""What a controlled copy says about itself: the block on its first page, and what stands at the end of a form.

ISO 9001 7.5.2 asks for identification, review and approval, 7.5.3 for the control of copies: whoever holds a print must
see which document and revision it is, whether it is in force, and who approved it.
"""

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.model.branding import Cover, Field
from qmanual.register import Register
from qmanual.render.approvals import Place, signature_table, signatures_in_rows
from qmanual.render.frame import Frame, day_of, texts
from qmanual.render.period import spoken
from qmanual.render.qr import code
from qmanual.render.tongue import attribute

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the cover is made of. `title`: the heading element that names the document; `signed`: who signed it."""

    entry: Entry
    company: str
    register: Register
    say: Translator
    title: str
    signed: Sequence[Place]
    frame: Frame

    @property
    def document(self) -> Document:
        """The document."""
        return self.entry.document

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.say(self.register.settings.kind(self.document.kind).title)


def cover(front: Front) -> str:
    """What stands before the text of a document: its name, and where the look wants it, the control data."""
    place = front.frame.cover
    name = f'{_company(front)}<p class="qm-kind">{html.escape(front.kind)}</p>'
    if place is Cover.END:
        return f'<header class="qm-cover qm-cover-short">{code_of(front)}{front.title}{_in_a_line(front)}</header>'
    alone = " qm-cover-alone" if place is Cover.PAGE else ""
    return (
        f'<header class="qm-cover{alone}">{stamp(front)}{code_of(front)}{logo(front)}{name}{front.title}'
        f"{_control(front)}</header>"
    )


def _company(front: Front) -> str:
    tongue = attribute(front.company, front.say.language)
    return f'<p class="qm-company"{tongue}>{html.escape(front.company)}</p>'


def closing(front: Front) -> str:
    """The control data after the text, where the look does not want them before it."""
    if front.frame.cover is not Cover.END:
        return ""
    heading = html.escape(front.say(N_("Control data of this document")))
    return f'<section class="qm-closing"><p class="qm-caption">{heading}</p>{_control(front)}</section>'


def _control(front: Front) -> str:
    signed = signature_table(front.signed, front.entry.status, front.say, front.frame.hands)
    return f"{data_table(front)}{signed}{changes(front.document, front.say)}"


def data_table(front: Front) -> str:
    """The control data as a table."""
    entry, say = front.entry, front.say
    return _facts(
        (*identity_facts(entry, say), *control_facts(entry, say)), long_facts(entry, front.register, say), say
    )


def _in_a_line(front: Front) -> str:
    entry, say = front.entry, front.say
    stands = texts(entry, front.company, False, front.frame, say)[Field.STATUS]
    parts = (front.kind, f"{entry.document.id} {entry.document.revision}".strip(), stands)
    return f'<p class="qm-kind">{html.escape("  ·  ".join(part for part in parts if part))}</p>'


def stamp(front: Front) -> str:
    """The word that says how the text stands, in a frame like a stamp."""
    word = front.frame.word(front.entry.status, front.say)
    return f'<p class="qm-stamp qm-stamp-{front.entry.status.value}">{html.escape(word)}</p>'


def logo(front: Front) -> str:
    """The company's logo; it says nothing that its name beside it does not."""
    return f'<p class="qm-logo"><img src="{html.escape(front.frame.logo)}" alt=""/></p>' if front.frame.logo else ""


def code_of(front: Front) -> str:
    """The square code that leads to what is known of the text."""
    if not front.frame.branding.qr:
        return ""
    drawn = code(front.document, front.frame.site, front.say)
    return f'<div class="qm-code">{drawn}</div>' if drawn else ""


def form_head(front: Front) -> str:
    """The head of a form: the company and its name in the middle, number and revision in the corner."""
    say, document = front.say, front.document
    label = say(N_("{label}: {value}"))
    number = html.escape(label.format(label=say(N_("Form number")), value=document.id))
    revision = html.escape(label.format(label=say(N_("Revision")), value=document.revision or "—"))
    return (
        f'<header class="qm-formhead">{code_of(front)}<p class="qm-formid">{number}<br/>{revision}</p>'
        f"{_company(front)}{front.title}</header>"
    )


def form_foot(front: Front) -> str:
    """The control data of a form, small, after its last field."""
    entry, say = front.entry, front.say
    facts = _facts(control_facts(entry, say), long_facts(entry, front.register, say), say)
    heading = html.escape(say(N_("Control data of this form")))
    return (
        f'<section class="qm-formfoot"><p class="qm-caption">{heading}</p>'
        f"{facts}{signatures_in_rows(front.signed, entry.status, say)}{changes(entry.document, say)}</section>"
    )


def form_note(document: Document, say: Translator) -> str:
    """What the star beside a label means, where there is one."""
    needed = any(field.required for body in document.bodies for field in body.fields)
    return f'<p class="qm-note">{html.escape(say(N_("* must be filled in")))}</p>' if needed else ""


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
    yield say(N_("Effective date")), day_of(entry)
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
        left = entry.ends or (gone.date.value if gone.date else None)
        parts = [
            left.isoformat() if left else "",
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


def _facts(short: Iterable[Pair], long: Iterable[Pair], say: Translator) -> str:
    pairs = list(short)
    rows = []
    for at in range(0, len(pairs), 3):
        line = pairs[at : at + 3]
        wide = f' colspan="{7 - 2 * len(line)}"' if len(line) < 3 else ""
        cells = [f"<th>{html.escape(label)}</th>{_cell(value, say)}" for label, value in line[:-1]]
        rows.append("".join(cells) + f"<th>{html.escape(line[-1][0])}</th>{_cell(line[-1][1], say, wide)}")
    across = ' colspan="5"'
    label = 12 if say.language == "zh" else 15  # English labels are longer
    rows += [f"<th>{html.escape(label)}</th>{_cell(value, say, across)}" for label, value in long]
    columns = f'<col style="width:{label}%"/><col style="width:{33.33 - label:g}%"/>' * 3
    return f'<table class="qm-facts"><colgroup>{columns}</colgroup>{_rows(rows)}</table>'


def _cell(text: str, say: Translator, more: str = "") -> str:
    return f"<td{more}{attribute(text, say.language)}>{html.escape(text)}</td>"


def changes(document: Document, say: Translator) -> str:
    """The change list, as the header holds it."""
    if not document.header.changes:
        return ""
    heads = (say(N_("Revision")), say(N_("Date")), say(N_("Changed by")), say(N_("Summary of changes")))
    rows = ["".join(f"<th>{html.escape(head)}</th>" for head in heads)]
    for change in document.header.changes:
        day = change.date.value.isoformat() if change.date else ""
        cells = (str(change.revision or ""), day, str(change.by or ""), str(change.summary or ""))
        rows.append("".join(_cell(cell, say, ' class="qm-day"') for cell in cells[:3]) + _cell(cells[3], say))
    columns = "".join(f'<col style="width:{width}%"/>' for width in (12, 14, 14, 60))
    head, body = f"<thead>{_rows(rows[:1])}</thead>", f"<tbody>{_rows(rows[1:])}</tbody>"
    return f'<table class="qm-changes"><colgroup>{columns}</colgroup>{head}{body}</table>'


def _rows(rows: Sequence[str]) -> str:
    return "".join(f"<tr>{row}</tr>" for row in rows)
