"""Which document answers which clause, and which department stands for it: 条款对照表 and 职能分配表.

Both are derived from the headers of the documents and the company's data, so they cannot contradict them. A claim of
`8.5` also covers 8.5.1; a claim of 8.5.1 makes its owner responsible for a part of 8.5.
"""

from collections.abc import Iterator, Sequence
from typing import TypedDict

from qmanual.language import N_, Language, Translator
from qmanual.model import ClauseRef, Document
from qmanual.register import ClauseKey, Register
from qmanual.render.tables import Column, Table, listed, to_json
from qmanual.source import Span
from qmanual.standards import Clause, Standard, parent

RESPONSIBLE, CONCERNED = "●", "○"
UNCERTAIN = "※"

UNCERTAIN_NOTE = N_("※ Title not compared with the text of the standard.")
MARKS_NOTE = N_("● responsible (owner of a document that answers the clause)   ○ concerned")


class ClauseRow(TypedDict):
    """A clause of a standard in use. Documents by number: `claimed_by` name just this clause in their header,
    `covered_by` one above it, `mentioned_by` name it in their text. `certain`: whether the title was compared with
    the standard. `excluded`: why the clause, or one above it, does not apply (ISO 9001 4.3); null when it does.
    """

    standard: str
    clause: str
    title: str
    certain: bool
    claimed_by: list[str]
    covered_by: list[str]
    mentioned_by: list[str]
    excluded: str | None


class ResponsibilityRow(TypedDict):
    """A clause of two levels (8.5) with its departments, in the order of the company's data."""

    standard: str
    clause: str
    title: str
    certain: bool
    responsible: list[str]
    concerned: list[str]
    excluded: str | None


# -- clauses × documents -----------------------------------------------------------------------------------------


def clause_rows(register: Register, language: Language) -> list[ClauseRow]:
    """Every clause of every standard in use, in the standards' own order. `language`: of the titles."""
    return [
        _clause_row(register, standard, clause, language)
        for standard in register.standards.standards
        for clause in standard.clauses
    ]


def _clause_row(register: Register, standard: Standard, clause: Clause, language: Language) -> ClauseRow:
    line = list(_line_of_descent(register, ClauseKey(standard.id, clause.number)))
    claimed = [document.id for document in register.answers.get(line[0], ())]
    above = (document.id for key in line[1:] for document in register.answers.get(key, ()))
    return ClauseRow(
        standard=standard.id,
        clause=clause.number,
        title=clause.named(language),
        certain=_certain(standard, clause, language),
        claimed_by=claimed,
        covered_by=[name for name in dict.fromkeys(above) if name not in claimed],
        mentioned_by=[document.id for document in register.mentioned.get(line[0], ())],
        excluded=_excluded(register, line),
    )


def _line_of_descent(register: Register, key: ClauseKey) -> Iterator[ClauseKey]:
    """A clause and those above it; above a clause that a standard adds stands one of its base."""
    yield key
    number = parent(key.number)
    while number:
        known = register.clause(ClauseRef(standard=key.standard, number=number, span=Span("")))
        if known:
            yield ClauseKey(known[0].id, known[1].number)
        number = parent(number)


def _certain(standard: Standard, clause: Clause, language: Language) -> bool:
    return (clause.certain and (standard.certain_zh or language != "zh")) or not clause.named(language)


def _excluded(register: Register, line: Sequence[ClauseKey]) -> str | None:
    return next((register.excluded[key] for key in line if key in register.excluded), None)


def clause_json(rows: Sequence[ClauseRow]) -> str:
    """`{"clauses": […]}`."""
    return to_json({"clauses": rows})


def clause_table(rows: Sequence[ClauseRow], say: Translator) -> Table:
    """The clause matrix for people. Of two ways in which a document is connected to a clause the stronger is shown."""
    several, title = _headline(rows, N_("Clause matrix"), say)
    columns = (
        (N_("Standard"), 18), (N_("Clause"), 9), (N_("Clause title"), 34), (N_("Answered by"), 30),
        (N_("Covered by a document for the clause above"), 30), (N_("Also mentioned in"), 26),
        (N_("Not applicable because"), 40),
    )  # fmt: skip
    return Table(
        title=title,
        columns=tuple(Column(say(heading), width) for heading, width in columns)[not several :],
        rows=tuple(
            (
                row["standard"], row["clause"], title_of(row), listed(row["claimed_by"], say),
                listed(row["covered_by"], say), listed(only_mentioned(row), say), row["excluded"],
            )[not several :]
            for row in rows
        ),
        fixed=2 + several,
        notes=_notes(rows, say),
    )  # fmt: skip


def _headline(rows: Sequence[ClauseRow] | Sequence[ResponsibilityRow], name: str, say: Translator) -> tuple[bool, str]:
    """Whether several standards are in use, and the table's title: with the standard's name when there is only one."""
    standards = list(dict.fromkeys(row["standard"] for row in rows))
    return len(standards) != 1, f"{say(name)} {standards[0]}" if len(standards) == 1 else say(name)


def only_mentioned(row: ClauseRow) -> list[str]:
    """The documents that mention the clause without answering it."""
    return [name for name in row["mentioned_by"] if name not in row["claimed_by"] and name not in row["covered_by"]]


def title_of(row: ClauseRow | ResponsibilityRow) -> str:
    """The clause's title, marked when it is uncertain."""
    return row["title"] if row["certain"] else f"{row['title']}{UNCERTAIN}"


def _notes(rows: Sequence[ClauseRow] | Sequence[ResponsibilityRow], say: Translator) -> tuple[str, ...]:
    return () if all(row["certain"] for row in rows) else (say(UNCERTAIN_NOTE),)


# -- clauses × departments ---------------------------------------------------------------------------------------


def departments(register: Register) -> tuple[str, ...]:
    """The departments in the order of the company's data, then those that only headers name."""
    known = (department.name.value for department in register.organization.departments)
    return tuple(dict.fromkeys([*known, *register.by_department]))


def responsibility_rows(register: Register, language: Language) -> list[ResponsibilityRow]:
    """The clauses of two levels of every standard in use. What a standard adds to its base counts with the base."""
    order = {name: at for at, name in enumerate(departments(register))}
    answering = _answering(register)
    rows = []
    for standard in register.standards.standards:
        for number in _two_levels(register, standard):
            key = ClauseKey(standard.id, number)
            found = [*answering.get(key, ()), *answering.get(ClauseKey(standard.id, parent(number)), ())]
            rows.append(_responsibility_row(register, key, found, order, language))
    return rows


def _two_levels(register: Register, standard: Standard) -> list[str]:
    """The numbers of the rows: `8.5`, and a first level without a second. A base's rows are not repeated."""
    found = dict.fromkeys(_row_of(clause.number) for clause in standard.clauses)
    split = {parent(number) for number in found}
    rows = [number for number in found if number not in split]
    return [number for number in rows if _home(register, standard, number) is standard]


def _row_of(number: str) -> str:
    return ".".join(number.split(".")[:2])


def _home(register: Register, standard: Standard, number: str) -> Standard:
    """The standard in whose rows a clause is counted: the last of its bases that has the row."""
    home, seen = standard, {standard.id}
    while home.base and (base := register.standards.standard(home.base)) and number in base.by_number:
        if base.id in seen:
            return standard  # bases in a circle are no bases
        home = base
        seen.add(base.id)
    return home


def _answering(register: Register) -> dict[ClauseKey, list[Document]]:
    """Row → the documents that claim the clause or one below it."""
    found: dict[ClauseKey, list[Document]] = {}
    for key, documents in register.answers.items():
        standard, row = register.standards.standard(key.standard), _row_of(key.number)
        if standard:
            found.setdefault(ClauseKey(_home(register, standard, row).id, row), []).extend(documents)
    return found


def _responsibility_row(
    register: Register, key: ClauseKey, answering: Sequence[Document], order: dict[str, int], language: Language
) -> ResponsibilityRow:
    known = register.clause(ClauseRef(standard=key.standard, number=key.number, span=Span("")))
    responsible = {document.owner for document in answering if document.owner}
    concerned = {text.value for document in answering for text in document.header.departments} - responsible
    return ResponsibilityRow(
        standard=key.standard,
        clause=key.number,
        title=known[1].named(language) if known else "",
        certain=_certain(*known, language) if known else True,
        responsible=sorted(responsible, key=order.__getitem__),
        concerned=sorted(concerned, key=order.__getitem__),
        excluded=_excluded(register, list(_line_of_descent(register, key))),
    )


def responsibility_json(rows: Sequence[ResponsibilityRow], names: Sequence[str]) -> str:
    """`{"departments": […], "clauses": […]}`."""
    return to_json({"departments": names, "clauses": rows})


def responsibility_table(rows: Sequence[ResponsibilityRow], names: Sequence[str], say: Translator) -> Table:
    """The responsibility matrix for people, a column a department. `names`: of the departments."""
    heads = (Column(say(N_("Standard")), 18), Column(say(N_("Clause")), 8), Column(say(N_("Clause title")), 34))
    several, title = _headline(rows, N_("Responsibility matrix"), say)
    lines = ((row["standard"], row["clause"], title_of(row), *_marks_or_reason(row, names, say)) for row in rows)
    return Table(
        title=title,
        columns=(*heads[not several :], *(Column(name, 8, mark=True) for name in names)),
        rows=tuple(line[not several :] for line in lines),
        fixed=2 + several,
        notes=(say(MARKS_NOTE), *_notes(rows, say)),
    )


def _marks_or_reason(row: ResponsibilityRow, names: Sequence[str], say: Translator) -> tuple[str, ...]:
    """The marks; a clause that does not apply and that nobody answers says so once."""
    found = marks(row, names)
    return (say(N_("not applicable")), *found[1:]) if row["excluded"] and not any(found) and found else found


def marks(row: ResponsibilityRow, names: Sequence[str]) -> tuple[str, ...]:
    """One mark a department: ● responsible, ○ concerned, else empty."""
    responsible, concerned = set(row["responsible"]), set(row["concerned"])
    return tuple(RESPONSIBLE if n in responsible else CONCERNED if n in concerned else "" for n in names)
