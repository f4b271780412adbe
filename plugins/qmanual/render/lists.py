"""The lists of procedures and of record forms, as they stand in a manual's annexes.

No revisions: the approved content of a manual must not change whenever another document gets a new one; the register
says which revision is in force.
"""

from collections.abc import Mapping
from html import escape

from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.register import ClauseKey, Register
from qmanual.render.address import clause_address
from qmanual.render.grid import Column, document_link, documents_of, empty, table, td, tr
from qmanual.render.period import spoken
from qmanual.render.tables import clause_name, listed
from qmanual.settings import PROCEDURE_SECTIONS

_RECORDS = frozenset(name.lower() for section in PROCEDURE_SECTIONS[-1:] for name in section.names)


def list_of_procedures(register: Register, say: Translator) -> str:
    """Every procedure with its owner and the clauses that it answers."""
    found = [d for d in register.documents if _is_procedure(d, register)]
    if not found:
        return empty(say(N_("Here the procedures are listed as soon as there is one.")))
    columns = [
        Column(say(N_("Document number")), 18, "qm-key"), Column(say(N_("Document title")), 40),
        Column(say(N_("Owner")), 22), Column(say(N_("Clauses answered")), 20),
    ]  # fmt: skip
    lines = (
        tr(td(document_link(d), "qm-key"), td(escape(d.title)), td(escape(d.owner)), td(_claims(d, register, say)))
        for d in found
    )
    return table(columns, lines, say(N_("List of procedures")), "qm-list")


def _is_procedure(document: Document, register: Register) -> bool:
    """A procedure by name, or of a company's own kind that must name records as procedures do."""
    kind = register.settings.kind(document.kind)
    return kind.name == "procedure" or (kind.records and not kind.form)


def _claims(document: Document, register: Register, say: Translator) -> str:
    links = []
    for ref in document.header.clauses:
        if known := register.clause(ref):
            key = ClauseKey(known[0].id, known[1].number)
            links.append(f'<a class="qm-clause" href="{clause_address(key)}">{escape(clause_name(key, register))}</a>')
        else:
            links.append(escape(f"{ref.standard or ''} {ref.number}".strip()))
    return listed(list(dict.fromkeys(links)), say)


def list_of_forms(register: Register, say: Translator) -> str:
    """Every record form with its owner, how long its records are kept, and the documents that use it."""
    kinds = {kind.name for kind in register.settings.kinds if kind.form}
    found = [document for document in register.documents if document.kind in kinds]
    if not found:
        return empty(say(N_("Here the record forms are listed as soon as there is one.")))
    columns = [
        Column(say(N_("Document number")), 13, "qm-key"), Column(say(N_("Document title")), 29),
        Column(say(N_("Owner")), 15), Column(say(N_("Retention period")), 11), Column(say(N_("Used by")), 32),
    ]  # fmt: skip
    listing = {d.id: records_of(d) for d in register.documents if d.kind not in kinds}
    lines = (
        tr(
            td(document_link(d), "qm-key"), td(escape(d.title)), td(escape(d.owner)),
            td(escape(_retention(d, say))), td(_users(d, register, listing, say)),
        )
        for d in found
    )  # fmt: skip
    return table(columns, lines, say(N_("List of record forms")), "qm-list")


def _retention(document: Document, say: Translator) -> str:
    return spoken(document.header.retention.value, say) if document.header.retention else ""


def _users(document: Document, register: Register, listing: Mapping[str, frozenset[str]], say: Translator) -> str:
    """The documents that list a form among their records; else those that name it at all, the manual last.

    `listing`: document → the numbers in its section on records.
    """
    naming = [d for d in documents_of(register.referenced_by.get(document.id, ()), register) if d.id in listing]
    among = [d for d in naming if document.id in listing[d.id]]
    below = [d for d in naming if d.kind != "manual"]
    return listed([document_link(d) for d in among or below or naming], say)


def records_of(document: Document) -> frozenset[str]:
    """The numbers that a document names in its section on records (相关记录)."""
    found: set[str] = set()
    for body in document.bodies:
        for heading in body.headings:
            if heading.text.strip().lower() in _RECORDS:
                after = (h.start for h in body.headings if h.start > heading.start and h.level <= heading.level)
                end = next(after, len(body.plain))
                found.update(mention.name for mention in body.documents if heading.end <= mention.start < end)
    return frozenset(found)
