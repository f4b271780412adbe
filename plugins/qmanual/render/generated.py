"""What is printed into documents where an author set a marker: charts and matrices from data, never drawn by hand.

A line `<!-- qmanual: 组织机构图 -->` becomes the organization chart, and so on (`markers.MARKERS`). The HTML holds
neutral links (`render.address`), so that the site and the PDF print the same.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape, unescape
from itertools import groupby
from operator import itemgetter

from qmanual.language import N_, Translator
from qmanual.markers import canonical
from qmanual.register import Register
from qmanual.render import matrix
from qmanual.render.grid import Column, clause_cells, clause_link, document_link, documents_of, empty, table, td, tr
from qmanual.render.lists import list_of_forms, list_of_procedures
from qmanual.render.organization import organization_chart
from qmanual.render.process import process_map
from qmanual.render.tables import listed
from qmanual.standards import parent

DEPARTMENTS_A_TABLE = 14
"""As many departments as have room side by side on upright A4; more go into further tables."""
DEPARTMENTS_SHOWN = 42
"""Above this number a department without any mark is left out."""

_MARKER = re.compile(r"(?P<open><p>\s*)?<!--\s*qmanual\s*[:：]\s*(?P<name>[^<>]{1,80}?)\s*-->(?(open)\s*</p>)")


def fill_markers(text: str, register: Register, say: Translator) -> str:
    """Rendered text with its markers replaced by what they name; an unknown one stays a comment (QM607 says so)."""

    def fill(match: re.Match[str]) -> str:
        name = canonical(unescape(match["name"]))
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
    return f'<p class="qm-empty">{escape(sentence)} <code>{escape(entry)}</code></p>'


# -- matrices ----------------------------------------------------------------------------------------------------


def _responsibilities(register: Register, say: Translator) -> str:
    rows = matrix.responsibility_rows(register, say.language)
    names = matrix.departments(register)
    if len(names) > DEPARTMENTS_SHOWN:
        marked = {name for row in rows for name in (*row["responsible"], *row["concerned"])}
        names = tuple(name for name in names if name in marked)
    if not rows or not names:
        return _to_add(register, say, N_("the responsibility matrix"), "departments: [{name: …}]")
    parts = [f'<p class="qm-legend" style="break-after:avoid">{escape(say(matrix.MARKS_NOTE))}</p>']
    for standard, group in groupby(rows, key=itemgetter("standard")):
        clauses = list(group)
        label = f"{say(N_('Responsibility matrix'))} {standard}"
        for start in range(0, len(names), DEPARTMENTS_A_TABLE):
            part = names[start : start + DEPARTMENTS_A_TABLE]
            lines = (_responsibility_line(row, part, say) for row in clauses)
            parts.append(table(_responsibility_columns(part, say), lines, label, "qm-responsibilities", standard))
    return "".join((*parts, _uncertain(rows, say)))


def _responsibility_columns(names: Sequence[str], say: Translator) -> list[Column]:
    each = min(12.0, 66 / len(names))
    heads = [Column(say(N_("Clause")), 7, "qm-key"), Column(say(N_("Clause title")), 93 - each * len(names))]
    return [*heads, *(Column(name, each, "qm-mark") for name in names)]


def _responsibility_line(row: matrix.ResponsibilityRow, names: Sequence[str], say: Translator) -> str:
    if row["excluded"] and not row["responsible"] and not row["concerned"]:
        cell = f'<td colspan="{len(names)}" class="qm-excluded">{escape(_not_applicable(row, say))}</td>'
        return tr(clause_cells(row), cell)
    words = {matrix.RESPONSIBLE: say(N_("responsible")), matrix.CONCERNED: say(N_("concerned")), "": ""}
    return tr(clause_cells(row), *(_mark_cell(mark, words[mark]) for mark in matrix.marks(row, names)))


def _mark_cell(mark: str, word: str) -> str:
    said = f'<span role="img" aria-label="{escape(word)}">{mark}</span>' if mark else ""
    return td(said, "qm-mark")


def _clauses(register: Register, say: Translator) -> str:
    rows = matrix.clause_rows(register, say.language)
    if not rows:
        return empty(say(N_("Here the clause matrix is printed as soon as the settings name a standard.")))
    columns = [
        Column(say(N_("Clause")), 9, "qm-key"), Column(say(N_("Clause title")), 31),
        Column(say(N_("Documents")), 60),
    ]  # fmt: skip
    parts = []
    for standard, group in groupby(rows, key=itemgetter("standard")):
        clauses = list(group)
        below = {parent(row["clause"]) for row in clauses if row["claimed_by"]}
        lines = [_clause_line(row, register, say, row["clause"] in below) for row in clauses]
        parts.append(table(columns, lines, f"{say(N_('Clause matrix'))} {standard}", "qm-answers", standard))
    return "".join((*parts, _uncertain(rows, say)))


def _clause_line(row: matrix.ClauseRow, register: Register, say: Translator, below: bool) -> str:
    """`below`: the clauses under this one are answered, so that an empty cell would look like a gap."""
    documents = "<br>".join(_answering(row, register, say))
    if "." not in row["clause"] and not documents:
        title = f'<th colspan="2">{escape(matrix.title_of(row))}</th>'
        return f'<tr class="qm-band"><th scope="rowgroup">{clause_link(row)}</th>{title}</tr>'
    nothing = f'<span class="qm-mentioned">{escape(say(N_("see the clauses below")))}</span>' if below else "—"
    return tr(clause_cells(row), td(documents or nothing))


def _answering(row: matrix.ClauseRow, register: Register, say: Translator) -> Iterator[str]:
    """The lines of a clause's cell: why it does not apply, who answers it, its forms, else who names it."""
    if row["excluded"]:
        yield escape(_not_applicable(row, say))
    forms = {kind.name for kind in register.settings.kinds if kind.form}
    covering = documents_of(row["covered_by"], register)
    claiming = documents_of(row["claimed_by"], register)
    yield from (document_link(document, title=True) for document in claiming if document.kind not in forms)
    numbers = [*(d for d in covering if d.kind not in forms), *(d for d in claiming if d.kind in forms)]
    if numbers:
        yield listed([document_link(document) for document in numbers], say)
    elif not claiming and (named := documents_of(row["mentioned_by"], register)):
        links = listed([document_link(document) for document in named], say)
        yield f'<span class="qm-mentioned">{escape(say(N_("mentioned in")))} {links}</span>'


def _not_applicable(row: matrix.ClauseRow | matrix.ResponsibilityRow, say: Translator) -> str:
    return say(N_("Not applicable: {reason}"), reason=row["excluded"])


def _uncertain(rows: Sequence[matrix.ClauseRow] | Sequence[matrix.ResponsibilityRow], say: Translator) -> str:
    if all(row["certain"] for row in rows):
        return ""
    return f'<p class="qm-legend">{escape(say(matrix.UNCERTAIN_NOTE))}</p>'


_MAKERS: Mapping[str | None, Callable[[Register, Translator], str]] = {
    "organization-chart": _organization,
    "process-map": _processes,
    "responsibility-matrix": _responsibilities,
    "clause-matrix": _clauses,
    "list-of-procedures": list_of_procedures,
    "list-of-forms": list_of_forms,
}
