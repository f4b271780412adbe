"""Registers and matrices on demand: as Markdown, JSON or a spreadsheet."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeAlias

from qmanual import office
from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES
from qmanual.language import N_, Translator
from qmanual.render import matrix, tables
from qmanual.render.tables import Column, Table, to_json, to_markdown
from qmanual.service.loading import Manual

Maker: TypeAlias = Callable[[], str | bytes]


def listing(manual: Manual, name: str, form: str, say: Translator) -> bytes:
    """The register `name` (register, matrix, responsibilities) as `form` (md, json, xlsx)."""
    makers = {"register": _register, "matrix": _clauses, "responsibilities": _responsibilities}
    made = makers[name](manual, say)[form]()
    return made if isinstance(made, bytes) else made.encode()


def _register(manual: Manual, say: Translator) -> dict[str, Maker]:
    rows = tables.register_rows(manual.edition)
    kinds = manual.register.settings.kinds
    return {
        "md": lambda: tables.register_markdown(rows, say, kinds),
        "json": lambda: tables.register_json(rows),
        "xlsx": lambda: _xlsx(manual, tables.register_table(rows, say, kinds), say),
    }


def _clauses(manual: Manual, say: Translator) -> dict[str, Maker]:
    rows = matrix.clause_rows(manual.register, say.language)
    table = matrix.clause_table(rows, say)
    return {
        "md": lambda: to_markdown(table),
        "json": lambda: matrix.clause_json(rows),
        "xlsx": lambda: _xlsx(manual, table, say),
    }


def _responsibilities(manual: Manual, say: Translator) -> dict[str, Maker]:
    rows = matrix.responsibility_rows(manual.register, say.language)
    names = matrix.departments(manual.register)
    table = matrix.responsibility_table(rows, names, say)
    return {
        "md": lambda: to_markdown(table),
        "json": lambda: matrix.responsibility_json(rows, names),
        "xlsx": lambda: _xlsx(manual, table, say),
    }


def _xlsx(manual: Manual, table: Table, say: Translator) -> bytes:
    return office.workbook([table], say, manual.company, manual.today)


def status_text(manual: Manual, entries: Sequence[Entry], form: str, say: Translator) -> str:
    """What is draft, in force, due for review: one line a document, as Markdown or JSON."""
    if form == "json":
        wanted = {entry.document.path for entry in entries}
        return to_json({"documents": [row for row in tables.register_rows(manual.edition) if row["path"] in wanted]})
    titles = (
        N_("Number"),
        N_("Title"),
        N_("Revision"),
        N_("Status"),
        N_("Effective date"),
        N_("Next review"),
        N_("Review"),
    )
    return to_markdown(
        Table(
            title=say(N_("Status of documents on {day}"), day=manual.today.isoformat()),
            columns=tuple(Column(say(title), 20) for title in titles),
            rows=tuple(
                (
                    entry.document.id,
                    entry.document.title,
                    entry.document.revision,
                    say(STATUS_NAMES[entry.status]),
                    entry.document.header.effective.value if entry.document.header.effective else None,
                    entry.next_review,
                    _due(entry, manual, say),
                )
                for entry in entries
            ),
        )
    )


def _due(entry: Entry, manual: Manual, say: Translator) -> str:
    due = entry.next_review
    if due is None or due > manual.today + timedelta(days=manual.register.settings.review_notice_days):
        return ""
    return say(N_("overdue")) if due < manual.today else say(N_("due soon"))
