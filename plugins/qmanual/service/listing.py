"""Registers and matrices on demand: as Markdown, JSON or a spreadsheet."""

from collections.abc import Callable
from typing import TypeAlias

from qmanual import office
from qmanual.language import Translator
from qmanual.render import matrix, tables
from qmanual.render.tables import Table, to_markdown
from qmanual.service.publication import Publication

Maker: TypeAlias = Callable[[], str | bytes]


def listing(manual: Publication, name: str, form: str, say: Translator) -> bytes:
    """The register `name` (register, matrix, responsibilities) as `form` (md, json, xlsx)."""
    makers = {"register": _register, "matrix": _clauses, "responsibilities": _responsibilities}
    made = makers[name](manual, say)[form]()
    return made if isinstance(made, bytes) else made.encode()


def _register(manual: Publication, say: Translator) -> dict[str, Maker]:
    rows = tables.register_rows(manual.edition)
    kinds = manual.register.settings.kinds
    return {
        "md": lambda: tables.register_markdown(rows, say, kinds),
        "json": lambda: tables.register_json(rows),
        "xlsx": lambda: _xlsx(manual, tables.register_table(rows, say, kinds), say),
    }


def _clauses(manual: Publication, say: Translator) -> dict[str, Maker]:
    rows = matrix.clause_rows(manual.register, say.language)
    table = matrix.clause_table(rows, say)
    return {
        "md": lambda: to_markdown(table),
        "json": lambda: matrix.clause_json(rows),
        "xlsx": lambda: _xlsx(manual, table, say),
    }


def _responsibilities(manual: Publication, say: Translator) -> dict[str, Maker]:
    rows = matrix.responsibility_rows(manual.register, say.language)
    names = matrix.departments(manual.register)
    table = matrix.responsibility_table(rows, names, say)
    return {
        "md": lambda: to_markdown(table),
        "json": lambda: matrix.responsibility_json(rows, names),
        "xlsx": lambda: _xlsx(manual, table, say),
    }


def _xlsx(manual: Publication, table: Table, say: Translator) -> bytes:
    return office.workbook([table], say, manual.company, manual.today)
