"""What is found in running text: headings, links, mentions, tables, form fields."""

from dataclasses import dataclass
from enum import StrEnum

from qmanual.finding import Fault
from qmanual.model.value import ClauseRef
from qmanual.source import SourceFile, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading: `level` 1 to 6, `text` without its marks and number, `number` such as `5.1` when it has one.

    `id` is the anchor written by the author (`{#id}`), if any.
    """

    level: int
    text: str
    full: str
    number: str | None
    id: str | None
    span: Span
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link or an image, written in Markdown or as HTML. `target` as written, entities and `<>` removed."""

    target: str
    text: str
    image: bool
    span: Span
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A number of a document, or the name of an outside document, found in running text."""

    name: str
    span: Span
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseMention:
    """A clause named in running text. `start` and `end` cover the number alone."""

    ref: ClauseRef
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table, `text` stripped; where it stands, as offsets in the file."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: where its lines stand (header row first, without the delimiter row), as offsets in the file.

    Its cells are read by `parse.body.cells` when somebody asks: only forms do.
    """

    lines: tuple[tuple[int, int], ...]

    @property
    def start(self) -> int:
        """The offset at which the table begins."""
        return self.lines[0][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeBlock:
    """A fenced block: `language` such as `mermaid`, and its text."""

    language: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A line `<!-- qmanual: 组织机构图 -->`: a place where data is printed."""

    name: str
    span: Span


class FieldType(StrEnum):
    """What a form field takes."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    ONE_OF = "one of"
    ROWS = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field as drawn. `options` for choices; `columns` for rows (one record a row); `label` may be empty.

    `written`: the options that have a line of their own, `□其他：____`. `more`: further blanks of the field in the same
    line, `____ ～ ____ ℃`. Of rows: `grid` is the table as printed, its headings first, with empty texts where one
    writes; `at` are the numbers of the columns written into.
    """

    label: str
    type: FieldType
    required: bool
    span: Span
    options: tuple[str, ...] = ()
    columns: tuple["FormField", ...] = ()
    written: tuple[str, ...] = ()
    more: int = 0
    grid: tuple[tuple[str, ...], ...] = ()
    at: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What follows the header, or a whole chapter file, as found in one pass over the text.

    `plain` is the file's text with the header, code and comments blanked out by spaces: same length, same lines, so
    that offsets in it are offsets in the file. `prose` also keeps inline code blank.
    """

    source: SourceFile
    start: int
    plain: str
    headings: tuple[Heading, ...] = ()
    links: tuple[Link, ...] = ()
    documents: tuple[Mention, ...] = ()
    clauses: tuple[ClauseMention, ...] = ()
    externals: tuple[Mention, ...] = ()
    tables: tuple[Table, ...] = ()
    code: tuple[CodeBlock, ...] = ()
    markers: tuple[Marker, ...] = ()
    fields: tuple[FormField, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def path(self) -> str:
        """The file this text stands in."""
        return self.source.path
