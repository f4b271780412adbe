"""The registers as rows, and every table of the manual as JSON, Markdown or cells for a spreadsheet.

Rows are what programs read: plain values under fixed names (docs: "The doors"). A `Table` is what people read: titles
and cells in their language. Both come from the same edition, so that no list of documents is ever typed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, TypedDict

from qmanual.control.edition import Edition, Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_, Translator
from qmanual.model import ClauseRef
from qmanual.register import ClauseKey, Register
from qmanual.settings import DEFAULT_KINDS, Kind

Cell: TypeAlias = str | date | None


class RegisterRow(TypedDict):
    """A line of the register. Dates are ISO 8601 or null; `clauses` without a standard are of the default one."""

    id: str
    title: str
    kind: str
    revision: str
    status: str
    effective: str | None
    owner: str
    departments: list[str]
    clauses: list[str]
    references: list[str]
    path: str
    next_review: str | None
    digest: str


class PublishedRow(RegisterRow):
    """A line of `dist/register.json`: with the first release that holds the text, the day from which it is in force,
    the name of the PDF, its pages and the SHA-256 of its bytes.
    """

    release: str | None
    starts: str | None
    pdf: str | None
    pages: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading; the widest it should be, in half-width characters; `mark`: it holds marks, centred."""

    title: str
    width: int
    mark: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table for people.

    `fixed`: how many columns name the row and stay in sight; `paper`: how many are worth their place on paper (None:
    all); `notes` explain the marks.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    fixed: int = 1
    paper: int | None = None
    notes: tuple[str, ...] = ()


# -- the register ------------------------------------------------------------------------------------------------


def register_rows(edition: Edition) -> list[RegisterRow]:
    """Every document of the edition, in the order of the register (ISO 9001 7.5.3.2: the master list)."""
    return [register_row(entry, edition.register) for entry in edition.entries]


def register_row(entry: Entry, register: Register) -> RegisterRow:
    """The line of one document."""
    document, header = entry.document, entry.document.header
    return RegisterRow(
        id=document.id,
        title=document.title,
        kind=document.kind,
        revision=document.revision,
        status=entry.status.value,
        effective=entry.effective.isoformat() if entry.effective else None,
        owner=document.owner,
        departments=list(dict.fromkeys(text.value for text in header.departments)),
        clauses=list(dict.fromkeys(_claimed(register, document.header.clauses))),
        references=list(register.references.get(document.id, ())),
        path=document.path,
        next_review=entry.next_review.isoformat() if entry.next_review else None,
        digest=document.digest,
    )


def _claimed(register: Register, refs: Sequence[ClauseRef]) -> Iterator[str]:
    """Claimed clauses by one name each, however they were written; an unknown one stays as it was written."""
    for ref in refs:
        known = register.clause(ref)
        if known:
            yield clause_name(ClauseKey(known[0].id, known[1].number), register)
        else:
            yield f"{ref.standard} {ref.number}" if ref.standard else ref.number


def clause_name(key: ClauseKey, register: Register) -> str:
    """`8.4` for a clause of the default standard, `ISO 14001:2015 8.4` for another's."""
    default = register.standards.standard(None)
    return key.number if default and key.standard == default.id else f"{key.standard} {key.number}"


def register_json(rows: Sequence[RegisterRow]) -> str:
    """`{"documents": […]}`, as `register --format json` prints it and `dist/register.json` holds it."""
    return to_json({"documents": rows})


def register_table(rows: Sequence[RegisterRow], say: Translator, kinds: Sequence[Kind] = DEFAULT_KINDS) -> Table:
    """The register with headings and words for people. `kinds`: those of the settings, for their titles."""
    titles = {kind.name: say(kind.title) for kind in kinds}
    return Table(
        title=say(N_("Register of documents")),
        columns=tuple(Column(say(title), width) for title, width in _REGISTER_COLUMNS),
        rows=tuple(_register_cells(row, titles, say) for row in rows),
        fixed=2,
        paper=10,
    )


_REGISTER_COLUMNS = (
    (N_("Document number"), 16), (N_("Document title"), 34), (N_("Kind"), 12), (N_("Revision"), 8), (N_("Status"), 14),
    (N_("Effective date"), 12), (N_("Owner"), 16), (N_("Departments concerned"), 32), (N_("Clauses answered"), 24),
    (N_("Next review"), 12), (N_("References"), 32), (N_("File"), 30), (N_("Content digest"), 15),
)  # fmt: skip
_DIGEST = 12  # figures of a digest, as in the footer of a PDF


def _register_cells(row: RegisterRow, kinds: Mapping[str, str], say: Translator) -> tuple[Cell, ...]:
    return (
        row["id"], row["title"], kinds.get(row["kind"], row["kind"]), row["revision"],
        say(STATUS_NAMES[Status(row["status"])]), _day(row["effective"]), row["owner"],
        listed(row["departments"], say), listed(row["clauses"], say), _day(row["next_review"]),
        listed(row["references"], say), row["path"], row["digest"][:_DIGEST],
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def register_markdown(rows: Sequence[RegisterRow], say: Translator, kinds: Sequence[Kind] = DEFAULT_KINDS) -> str:
    """The register as a Markdown table, with the columns that are worth their place on paper."""
    table = register_table(rows, say, kinds)
    short = tuple(cells[: table.paper] for cells in table.rows)
    return to_markdown(replace(table, columns=table.columns[: table.paper], rows=short))


# -- any table ---------------------------------------------------------------------------------------------------


def listed(names: Sequence[str], say: Translator) -> str:
    """`A、B、C`, as lists are written in the reader's language."""
    return ("、" if say.language == "zh" else ", ").join(names)


def to_json(value: object) -> str:
    """JSON as the doors promise it: UTF-8 text that stays readable, two blanks deep, one line end."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def to_markdown(table: Table) -> str:
    """The table as GitHub Flavored Markdown under its title; no text in it can become markup or end its cell."""
    lines = [f"# {_escaped(table.title)}", "", _line(column.title for column in table.columns)]
    lines.append("|" + "|".join(":-:" if column.mark else "---" for column in table.columns) + "|")
    lines += [_line(_text(cell) for cell in row) for row in table.rows]
    if table.notes:
        lines += ["", *(_escaped(note) for note in table.notes)]
    return "\n".join(lines) + "\n"


def _line(texts: Iterable[str]) -> str:
    return "| " + " | ".join(map(_escaped, texts)) + " |"


def _text(cell: Cell) -> str:
    return cell.isoformat() if isinstance(cell, date) else cell or ""


_MARKUP = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])")


def _escaped(text: str) -> str:
    """Text for a Markdown cell: on one line, each character that could be markup behind a backslash."""
    plain = " ".join(text.split())
    if not plain.isprintable():  # in a terminal, some signs would act
        plain = "".join(sign if sign.isprintable() else "\ufffd" for sign in plain)
    return _MARKUP.sub(r"\\\g<0>", plain)
