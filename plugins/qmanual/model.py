"""The values that everything else works on: a document with its header, body and fields; the company behind it.

All of them are frozen and hold spans, never positions in somebody else's list. Nothing here reads, prints or decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from qmanual.finding import Fault
from qmanual.source import SourceFile, Span


@dataclass(frozen=True, slots=True)
class Text:
    """A text value and where it stands."""

    value: str
    span: Span

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Day:
    """A date and where it stands."""

    value: date
    span: Span


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time, `3 years` or `12 个月`; `months` is None for *permanent*."""

    months: int | None
    text: str
    span: Span


class Meaning(StrEnum):
    """What a signature means, in the order in which they are given (21 CFR 11.50: the meaning of a signature)."""

    PREPARED = "prepared"
    REVIEWED = "reviewed"
    COUNTERSIGNED = "countersigned"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One signature line of a header: who, when and in which meaning. `given`: what was written, readable or not."""

    meaning: Meaning
    by: Text | None
    date: Day | None
    span: Span
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the change list. `given`: what was written, also when it could not be read."""

    revision: Text | None
    date: Day | None
    by: Text | None
    summary: Text | None
    span: Span
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRef:
    """A clause of a standard as written: `standard` as named there (None: the default one), `number` such as `8.4.1`."""

    standard: str | None
    number: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A rule that is not applied to one document, with the reason and until when."""

    rule: Text
    reason: Text | None
    until: Day | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The document leaves the system: since when, why, and what takes its place. An act, like an approval."""

    date: Day | None
    by: Text | None
    reason: Text | None
    replaced_by: Text | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLimit:
    """What a drawing cannot say of a form field: an entry of the header's `fields`."""

    label: Text
    type: str | None = None
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    pattern: str | None = None
    code: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """What must agree in a record: an entry of the header's `rules`."""

    when: Mapping[str, str]
    require: tuple[Text, ...]
    message: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The YAML front matter, typed. What is missing or unreadable is None; why is among the document's faults.

    `span` is the opening `---`. `keys` gives for every key that was written its span, by canonical name, also for the
    keys whose value could not be read. `raw` keeps every value as written (canonical key → nested text), for digests.
    `present` is False when the file has no header at all, `readable` when it has one of which nothing could be read.
    """

    span: Span
    present: bool = True
    readable: bool = True
    id: Text | None = None
    title: Text | None = None
    revision: Text | None = None
    effective: Day | None = None
    owner: Text | None = None
    departments: tuple[Text, ...] = ()
    process: Text | None = None
    clauses: tuple[ClauseRef, ...] = ()
    approvals: tuple[Approval, ...] = ()
    review_every: Period | None = None
    retention: Text | None = None
    changes: tuple[Change, ...] = ()
    fields: tuple[FieldLimit, ...] = ()
    rules: tuple[FieldRule, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    withdrawn: Withdrawal | None = None
    own: Mapping[str, Text] = field(default_factory=dict)
    keys: Mapping[str, Span] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict)

    def approval(self, meaning: Meaning) -> Approval | None:
        """The first signature of that meaning."""
        return next((a for a in self.approvals if a.meaning is meaning), None)

    def at(self, key: str) -> Span:
        """Where `key` stands, or the beginning of the header when it does not."""
        return self.keys.get(key, self.span)

    def lacks(self, key: str) -> bool:
        """Whether nothing is written for `key`. A value that cannot be read is not lacking: its fault says what it is."""
        if not self.readable:
            return False
        return key not in self.keys or self.raw.get(key, "unread") in ("", "~", "null", [], {})


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
    """A field as drawn. `options` for choices; `columns` for rows (one record a row); `label` may be empty."""

    label: str
    type: FieldType
    required: bool
    span: Span
    options: tuple[str, ...] = ()
    columns: tuple["FormField", ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One controlled document: a file, or a folder's `index.md` with its chapter files.

    `kind` is the name of its kind in the settings, decided by the folder it lies in.
    """

    kind: str
    header: Header
    body: Body
    chapters: tuple[Body, ...] = ()
    faults: tuple[Fault, ...] = ()
    digest: str = ""

    @property
    def path(self) -> str:
        """The file that carries the header."""
        return self.body.path

    @property
    def source(self) -> SourceFile:
        """The file that carries the header."""
        return self.body.source

    @property
    def bodies(self) -> tuple[Body, ...]:
        """The body and the chapters, in reading order."""
        return (self.body, *self.chapters)

    @property
    def id(self) -> str:
        """The document's number; its path while it has none."""
        return self.header.id.value if self.header.id else self.path

    @property
    def title(self) -> str:
        """The title; the first heading or the number while the header has none."""
        if self.header.title:
            return self.header.title.value
        return self.body.headings[0].full if self.body.headings else self.id

    @property
    def revision(self) -> str:
        """The revision as written; empty while there is none."""
        return self.header.revision.value if self.header.revision else ""

    @property
    def owner(self) -> str:
        """The owning department; empty while there is none."""
        return self.header.owner.value if self.header.owner else ""

    @property
    def span(self) -> Span:
        """Where the document says who it is: its number, else the beginning of its header."""
        return self.header.id.span if self.header.id else self.header.span

    @property
    def title_heading(self) -> Heading | None:
        """The heading that shows the title: the first, unless it is one of several numbered sections of that level."""
        headings = self.body.headings
        if not headings or headings[0].level != 1:
            return None
        first = headings[0]
        numbered = first.text != first.full
        return None if numbered and any(other.level == 1 for other in headings[1:]) else first

    def mentions(self) -> Iterator[Mention]:
        """Every document number in its running text, chapters included."""
        for body in self.bodies:
            yield from body.documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post that a person holds or held. `may`: the meaning of a signature → kinds of documents (empty: all kinds)."""

    role: str
    since: date | None
    until: date | None
    may: Mapping[Meaning, tuple[str, ...]]
    span: Span

    def held_on(self, day: date) -> bool:
        """Whether the post was held on that day, first and last day included."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs."""

    name: Text
    department: Text | None
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department; `parent` draws the organization chart."""

    name: Text
    head: Text | None
    parent: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process of the company: `type` is management, core or support; `next` draws the process map."""

    name: Text
    type: str
    owner: Text | None
    next: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A clause that does not apply, with the justification that ISO 9001 4.3 asks for."""

    ref: ClauseRef
    reason: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """`manual/organization.yml`. `present` is False when there is no such file: then nothing is checked against it."""

    present: bool = False
    path: str = ""
    company: str = ""
    short: str = ""
    departments: tuple[Department, ...] = ()
    people: tuple[Person, ...] = ()
    processes: tuple[Process, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalDocument:
    """A standard, law or customer document that the company uses. `status`: in force, superseded, withdrawn."""

    id: Text
    title: str
    kind: str
    edition: str
    status: str
    replaced_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Externals:
    """`manual/external-documents.yml`, checked only when `present`."""

    present: bool = False
    path: str = ""
    documents: tuple[ExternalDocument, ...] = ()
    faults: tuple[Fault, ...] = ()
