"""What is printed into documents where an author set a marker: charts and matrices from data, never drawn by hand.

A line `<!-- qmanual: 组织机构图 -->` becomes the organization chart, and so on (`markers.MARKERS`). The HTML holds
neutral links (`render.address`), so that the site and the PDF print the same. Revisions are left out on purpose: a
manual's approved content must not change whenever another document gets a new revision.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote

from qmanual.language import N_, Translator
from qmanual.markers import canonical
from qmanual.model import Document
from qmanual.register import ClauseKey, Register
from qmanual.render import matrix
from qmanual.render.address import PAGE, clause_address
from qmanual.render.organization import organization_chart
from qmanual.render.period import spoken
from qmanual.render.process import process_map
from qmanual.render.tables import listed
from qmanual.standards import parent

DEPARTMENTS_A_TABLE = 14
"""As many departments as have room side by side on upright A4; more go into further tables."""
DEPARTMENTS_SHOWN = 42
"""Above this number a department without any mark is left out."""

_MARKER = re.compile(r"(?P<open><p>\s*)?<!--\s*qmanual\s*[:：]\s*(?P<name>.*?)\s*-->(?(open)\s*</p>)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of a printed table: heading, share of the width in per cent, class of its cells."""

    title: str
    width: float
    style: str = ""


def fill_markers(text: str, register: Register, say: Translator) -> str:
    """Rendered text with its markers replaced by what they name; an unknown one stays a comment (QM607 says so)."""

    def fill(match: re.Match[str]) -> str:
        name = canonical(html.unescape(match["name"]))
        return _MAKERS[name](register, say) if name in _MAKERS else match[0]

    return _MARKER.sub(fill, text) if "qmanual" in text else text


# -- charts ------------------------------------------------------------------------------------------------------


def _organization(register: Register, say: Translator) -> str:
    if not register.organization.departments:
        return _to_add(register, say, N_("the organization chart"), "departments: [{name: …, head: …, parent: …}]")
    return organization_chart(register.organization, say)


def _processes(register: Register, say: Translator) -> str:
    if not register.organization.processes:
        return _to_add(register, say, N_("the process map"), "processes: [{name: …, type: core, owner: …, next: […]}]")
    return process_map(register.organization, say)


def _to_add(register: Register, say: Translator, what: str, entry: str) -> str:
    """The empty state: what would stand here, and what to write where."""
    path = register.organization.path or f"{register.settings.data_folder}/organization.yml"
    sentence = say(N_("Here {what} is printed as soon as {path} says what belongs to it:"), what=say(what), path=path)
    return f'<p class="qm-empty">{html.escape(sentence)} <code>{html.escape(entry)}</code></p>'


def _empty(sentence: str) -> str:
    return f'<p class="qm-empty">{html.escape(sentence)}</p>'


# -- matrices ----------------------------------------------------------------------------------------------------


def _responsibilities(register: Register, say: Translator) -> str:
    rows = matrix.responsibility_rows(register, say.language)
    names = matrix.departments(register)
    if not rows or not names:
        return _to_add(register, say, N_("the responsibility matrix"), "departments: [{name: …}]")
    if len(names) > DEPARTMENTS_SHOWN:
        marked = {name for row in rows for name in (*row["responsible"], *row["concerned"])}
        names = tuple(name for name in names if name in marked)
    parts = [f'<p class="qm-legend">{_t(say(matrix.MARKS_NOTE))}</p>']
    for standard, group in groupby(rows, key=itemgetter("standard")):
        clauses = list(group)
        label = f"{say(N_('Responsibility matrix'))} {standard}"
        for start in range(0, max(1, len(names)), DEPARTMENTS_A_TABLE):
            columns, lines = _responsibility_part(clauses, names[start : start + DEPARTMENTS_A_TABLE], say)
            parts.append(_table(columns, lines, label, "qm-responsibilities", standard))
    return "".join((*parts, _uncertain(rows, say)))


def _responsibility_part(
    rows: Sequence[matrix.ResponsibilityRow], names: Sequence[str], say: Translator
) -> tuple[list[_Column], Iterable[str]]:
    rest = 70 / max(1, len(names))
    columns = [_Column(say(N_("Clause")), 7, "qm-number"), _Column(say(N_("Clause title")), 23)]
    columns += [_Column(name, min(rest, 12), "qm-mark") for name in names]
    return columns, (_responsibility_line(row, names, say) for row in rows)


def _responsibility_line(row: matrix.ResponsibilityRow, names: Sequence[str], say: Translator) -> str:
    head = f"{_td(_clause(row), 'qm-number')}{_td(_title(row))}"
    if row["excluded"] and not row["responsible"] and not row["concerned"]:
        return f'<tr>{head}<td colspan="{len(names)}" class="qm-excluded">{_t(_not_applicable(row, say))}</td></tr>'
    said = {
        matrix.RESPONSIBLE: f'<span role="img" aria-label="{_t(say(N_("responsible")))}">{matrix.RESPONSIBLE}</span>',
        matrix.CONCERNED: f'<span role="img" aria-label="{_t(say(N_("concerned")))}">{matrix.CONCERNED}</span>',
    }
    return f"<tr>{head}{''.join(_td(said.get(m, ''), 'qm-mark') for m in matrix.marks(row, names, say))}</tr>"


def _clauses(register: Register, say: Translator) -> str:
    rows = matrix.clause_rows(register, say.language)
    if not rows:
        return _empty(say(N_("Here the clause matrix is printed as soon as the settings name a standard.")))
    columns = [
        _Column(say(N_("Clause")), 9, "qm-number"), _Column(say(N_("Clause title")), 31),
        _Column(say(N_("Documents")), 60),
    ]  # fmt: skip
    parts = []
    for standard, group in groupby(rows, key=itemgetter("standard")):
        clauses = list(group)
        below = {parent(row["clause"]) for row in clauses if row["claimed_by"]}
        lines = [_clause_line(row, register, say, row["clause"] in below) for row in clauses]
        parts.append(_table(columns, lines, f"{say(N_('Clause matrix'))} {standard}", "qm-clauses", standard))
    return "".join((*parts, _uncertain(rows, say)))


def _clause_line(row: matrix.ClauseRow, register: Register, say: Translator, below: bool) -> str:
    """`below`: the clauses under this one are answered, so that an empty cell would look like a gap."""
    documents = "<br>".join(_answering(row, register, say))
    if "." not in row["clause"] and not documents and not row["excluded"]:
        return f'<tr class="qm-band"><th scope="rowgroup">{_clause(row)}</th><th colspan="2">{_title(row)}</th></tr>'
    nothing = f'<span class="qm-mentioned">{_t(say(N_("see the clauses below")))}</span>' if below else "—"
    return f"<tr>{_td(_clause(row), 'qm-number')}{_td(_title(row))}{_td(documents or nothing)}</tr>"


def _answering(row: matrix.ClauseRow, register: Register, say: Translator) -> Iterator[str]:
    """The lines of a clause's cell: why it does not apply, who answers it, its forms, else who names it."""
    if row["excluded"]:
        yield _t(_not_applicable(row, say))
    forms = {kind.name for kind in register.settings.kinds if kind.form}
    covering = _documents(row["covered_by"], register)
    claiming = _documents(row["claimed_by"], register)
    yield from (_link(document, title=True) for document in claiming if document.kind not in forms)
    numbers = [*(d for d in covering if d.kind not in forms), *(d for d in claiming if d.kind in forms)]
    if numbers:
        yield listed([_link(document) for document in numbers], say)
    elif not claiming and (named := _documents(row["mentioned_by"], register)):
        links = listed([_link(document) for document in named], say)
        yield f'<span class="qm-mentioned">{_t(say(N_("mentioned in")))} {links}</span>'


def _not_applicable(row: matrix.ClauseRow | matrix.ResponsibilityRow, say: Translator) -> str:
    return say(N_("Not applicable: {reason}"), reason=row["excluded"])


def _uncertain(rows: Sequence[matrix.ClauseRow] | Sequence[matrix.ResponsibilityRow], say: Translator) -> str:
    if all(row["certain"] for row in rows):
        return ""
    return f'<p class="qm-legend">{_t(say(matrix.UNCERTAIN_NOTE))}</p>'


# -- lists -------------------------------------------------------------------------------------------------------


def _procedures(register: Register, say: Translator) -> str:
    found = [d for d in register.documents if _is_procedure(d, register)]
    if not found:
        return _empty(say(N_("Here the procedures are listed as soon as there is one.")))
    columns = [
        _Column(say(N_("Number")), 18, "qm-number"), _Column(say(N_("Title")), 40), _Column(say(N_("Owner")), 22),
        _Column(say(N_("Clauses")), 20),
    ]  # fmt: skip
    lines = (
        f"<tr>{_td(_link(d), 'qm-number')}{_td(_t(d.title))}{_td(_t(d.owner))}{_td(_claims(d, register, say))}</tr>"
        for d in found
    )
    return _table(columns, lines, say(N_("List of procedures")), "qm-list")


def _is_procedure(document: Document, register: Register) -> bool:
    """A procedure by name, or of a company's own kind that must name records as procedures do."""
    kind = register.settings.kind(document.kind)
    return kind.name == "procedure" or (kind.records and not kind.form)


def _claims(document: Document, register: Register, say: Translator) -> str:
    default = register.standards.standard(None)
    links = []
    for ref in document.header.clauses:
        if known := register.clause(ref):
            name = known[1].number if known[0] is default else f"{known[0].id} {known[1].number}"
            address = clause_address(ClauseKey(known[0].id, known[1].number))
            links.append(f'<a class="qm-clause" href="{address}">{_t(name)}</a>')
        else:
            links.append(_t(f"{ref.standard or ''} {ref.number}".strip()))
    return listed(list(dict.fromkeys(links)), say)


def _forms(register: Register, say: Translator) -> str:
    kinds = {kind.name for kind in register.settings.kinds if kind.form}
    found = [document for document in register.documents if document.kind in kinds]
    if not found:
        return _empty(say(N_("Here the record forms are listed as soon as there is one.")))
    columns = [
        _Column(say(N_("Number")), 16, "qm-number"), _Column(say(N_("Title")), 32), _Column(say(N_("Owner")), 16),
        _Column(say(N_("Retention period")), 14), _Column(say(N_("Used by")), 22),
    ]  # fmt: skip
    lines = (
        f"<tr>{_td(_link(d), 'qm-number')}{_td(_t(d.title))}{_td(_t(d.owner))}"
        f"{_td(_t(_retention(d, say)))}{_td(_users(d, register, kinds, say))}</tr>"
        for d in found
    )
    return _table(columns, lines, say(N_("List of record forms")), "qm-list")


def _retention(document: Document, say: Translator) -> str:
    return spoken(document.header.retention.value, say) if document.header.retention else ""


def _users(document: Document, register: Register, forms: set[str], say: Translator) -> str:
    """The documents that tell to fill in a form; the manual and other forms only where nobody else does."""
    naming = [d for d in _documents(register.referenced_by.get(document.id, ()), register) if d.kind not in forms]
    below = [d for d in naming if d.kind != "manual"]
    return listed([_link(d) for d in below or naming], say)


# -- HTML --------------------------------------------------------------------------------------------------------


def _table(columns: Sequence[_Column], lines: Iterable[str], label: str, style: str, caption: str = "") -> str:
    widths = "".join(f'<col style="width:{column.width:.3g}%">' for column in columns)
    heads = "".join(f'<th scope="col"{_class(column.style)}>{_t(column.title)}</th>' for column in columns)
    title = f"<caption>{_t(caption)}</caption>" if caption else ""
    return (
        f'<div class="qm-table" tabindex="0" role="region" aria-label="{_t(label)}"><table class="qm-matrix {style}">'
        f"{title}<colgroup>{widths}</colgroup><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _td(content: str, style: str = "") -> str:
    return f"<td{_class(style)}>{content}</td>"


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""


def _t(text: str) -> str:
    return html.escape(text)


def _title(row: matrix.ClauseRow | matrix.ResponsibilityRow) -> str:
    return _t(matrix.title_of(row))


def _clause(row: matrix.ClauseRow | matrix.ResponsibilityRow) -> str:
    address = clause_address(ClauseKey(row["standard"], row["clause"]))
    return f'<a class="qm-clause" href="{_t(address)}">{_t(row["clause"])}</a>'


def _documents(names: Iterable[str], register: Register) -> list[Document]:
    return [register.by_id[name] for name in names if name in register.by_id]


def _link(document: Document, *, title: bool = False) -> str:
    text = f"{document.id} {document.title}" if title else document.id
    return f'<a class="qm-ref" href="{PAGE}{quote(document.path)}" title="{_t(document.title)}">{_t(text)}</a>'


_MAKERS: Mapping[str | None, Callable[[Register, Translator], str]] = {
    "organization-chart": _organization,
    "process-map": _processes,
    "responsibility-matrix": _responsibilities,
    "clause-matrix": _clauses,
    "list-of-procedures": _procedures,
    "list-of-forms": _forms,
}
