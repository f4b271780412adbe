"""The HTML of the tables that the program prints into documents, with neutral links (`render.address`).

Columns have fixed widths, so that a matrix with many departments stands upright on paper. Everything that comes from a
document or from the company's data is escaped here and nowhere else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from qmanual.model import Document
from qmanual.register import ClauseKey, Register
from qmanual.render import matrix
from qmanual.render.address import PAGE, clause_address


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed table: heading, share of the width in per cent, class of its cells."""

    title: str
    width: float
    style: str = ""


def table(columns: Sequence[Column], lines: Iterable[str], label: str, style: str, caption: str = "") -> str:
    """A table that scrolls on a phone. `lines`: finished rows; `label`: what a screen reader calls it."""
    widths = "".join(f'<col style="width:{column.width:.3g}%">' for column in columns)
    heads = "".join(f'<th scope="col"{_class(column.style)}>{escape(column.title)}</th>' for column in columns)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="qm-table" tabindex="0" role="region" aria-label="{escape(label)}">'
        f'<table class="qm-matrix qm-fixed {style}">'
        f"{title}<colgroup>{widths}</colgroup><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def tr(*cells: str) -> str:
    """A row of finished cells."""
    return f"<tr>{''.join(cells)}</tr>"


def td(content: str, style: str = "") -> str:
    """A cell of finished HTML."""
    return f"<td{_class(style)}>{content}</td>"


def _class(style: str) -> str:
    return f' class="{style}"' if style else ""


def clause_cells(row: matrix.ClauseRow | matrix.ResponsibilityRow) -> str:
    """The two cells that begin a clause's row: its number as a link, its title."""
    return td(clause_link(row), "qm-key") + td(escape(matrix.title_of(row)))


def clause_link(row: matrix.ClauseRow | matrix.ResponsibilityRow) -> str:
    """The number of a clause, leading to its page."""
    address = clause_address(ClauseKey(row["standard"], row["clause"]))
    return f'<a class="qm-clause" href="{escape(address)}">{escape(row["clause"])}</a>'


def documents_of(names: Iterable[str], register: Register) -> list[Document]:
    """The documents with these numbers."""
    return [register.by_id[name] for name in names if name in register.by_id]


def document_link(document: Document, *, title: bool = False) -> str:
    """The number of a document, leading to it; `title`: with its title after it."""
    text = f"{document.id} {document.title}" if title else document.id
    return f'<a class="qm-ref" href="{PAGE}{quote(document.path)}" title="{escape(document.title)}">{escape(text)}</a>'


def empty(sentence: str) -> str:
    """What stands where there is nothing to print yet."""
    return f'<p class="qm-empty">{escape(sentence)}</p>'
