"""One controlled document, put together."""

from dataclasses import dataclass

from qmanual.finding import Fault
from qmanual.model.body import Body, Heading
from qmanual.model.header import Header
from qmanual.source import SourceFile, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One controlled document: a file, or a folder's `index.md` with its chapter files.

    `kind` is the name of its kind in the settings, decided by the folder it lies in. `digest` is over all that is
    approved, `substance` over that without what only tells one revision from the next (`parse.document`).
    """

    kind: str
    header: Header
    body: Body
    chapters: tuple[Body, ...] = ()
    faults: tuple[Fault, ...] = ()
    digest: str = ""
    substance: str = ""

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
