"""All documents of a manual, looked up by number, clause, kind, department, file; and all that the rules may ask for.

The register is the master list (ISO 9001 7.5.3.2): derived from the documents, never typed.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from qmanual.files import document_id
from qmanual.finding import Fault
from qmanual.model import Body, ClauseMention, ClauseRef, Document, Externals, Organization
from qmanual.parse.document import resolve
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile
from qmanual.standards import Clause, Library, Standard


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The files of the manual as far as links may lead there: every path, files and folders, and what was wrong.

    `sources` are the texts that were read (documents, data files, settings), for printing lines. `images`: path →
    SHA-256. `svgs`: path → text, since a drawing can carry a script. `approvals`: path → bytes of the signed
    statements and their signatures, `manifests` those of the lists of releases, both with LF line ends. `brand`: path →
    bytes of what the branding names.
    """

    paths: frozenset[str] = frozenset()
    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    svgs: Mapping[str, SourceFile] = field(default_factory=dict)
    approvals: Mapping[str, bytes] = field(default_factory=dict)
    manifests: Mapping[str, bytes] = field(default_factory=dict)
    brand: Mapping[str, bytes] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    @cached_property
    def folders(self) -> frozenset[str]:
        """The paths that are folders, as far as anything lies in them."""
        return frozenset(path.rpartition("/")[0] for path in self.paths) - {""}

    @cached_property
    def folded(self) -> Mapping[str, str]:
        """Path without what some file systems do not tell apart (case, composed characters) → the path itself."""
        return {folded(path): path for path in sorted(self.paths, reverse=True)}


def folded(path: str) -> str:
    """A path as a file system sees it that tells neither case nor the forms of Unicode apart (Windows, macOS)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


@dataclass(frozen=True, slots=True)
class ClauseKey:
    """A clause of a standard in use, by the standard's id and the clause's number."""

    standard: str
    number: str


@dataclass(frozen=True, kw_only=True)
class Register:
    """Everything known of one manual, as it stands. History and language are no part of it.

    `day`: documents withdrawn by then answer no clause any more; None: all do. `left`: numbers of documents that the
    newest release does not hold any more; they answer none either.
    """

    documents: tuple[Document, ...]
    settings: Settings = field(default_factory=Settings)
    standards: Library = field(default_factory=Library)
    organization: Organization = field(default_factory=Organization)
    externals: Externals = field(default_factory=Externals)
    tree: Tree = field(default_factory=Tree)
    day: date | None = None
    left: frozenset[str] = frozenset()

    @cached_property
    def by_id(self) -> Mapping[str, Document]:
        """The first document of every number."""
        found: dict[str, Document] = {}
        for document in self.documents:
            if document.header.id:
                found.setdefault(document.header.id.value, document)
        return found

    @cached_property
    def by_path(self) -> Mapping[str, tuple[Document, Body]]:
        """The document and the body that stand in a file."""
        return {body.path: (document, body) for document in self.documents for body in document.bodies}

    @cached_property
    def claimed_ids(self) -> frozenset[str]:
        """Numbers that belong to a document, also when its header could not be read: its file's name says them."""
        paths = [document.path for document in self.documents] + [fault.span.path for fault in self.tree.faults]
        named = [document_id(path) for path in paths]
        numbers = [match[0] for name in named if (match := self.settings.number.match(name))]
        return frozenset({*self.by_id, *named, *numbers})

    @cached_property
    def nameless(self) -> tuple[Kind, ...]:
        """Kinds of which a document's number is not known at all: any number of such a kind may be that document's."""
        unknown = {document.path for document in self.documents if not document.header.id}
        unknown |= {fault.span.path for fault in self.tree.faults}
        return tuple(kind for kind in self.settings.kinds if f"{kind.folder}/index.md" in unknown)

    @cached_property
    def withdrawn(self) -> Mapping[str, Document]:
        """The documents that left the system, or are going to, by number."""
        return {name: document for name, document in self.by_id.items() if document.header.withdrawn}

    @cached_property
    def _kept(self) -> tuple[Document, ...]:
        """The documents that have not left the system by `day`."""
        day = self.day
        if day is None or not (self.withdrawn or self.left):
            return self.documents
        return tuple(
            document
            for document in self.documents
            if document.id not in self.left
            and (not (gone := document.header.withdrawn) or (gone.date is not None and gone.date.value > day))
        )

    @cached_property
    def by_department(self) -> Mapping[str, tuple[Document, ...]]:
        """Department → the documents that it owns or is concerned by, in the order of the register."""
        found: dict[str, list[Document]] = defaultdict(list)
        for document in self.documents:
            names = [document.owner, *(text.value for text in document.header.departments)]
            for name in dict.fromkeys(name for name in names if name):
                found[name].append(document)
        return {name: tuple(documents) for name, documents in found.items()}

    @cached_property
    def by_process(self) -> Mapping[str, tuple[Document, ...]]:
        """Process → its documents."""
        found: dict[str, list[Document]] = defaultdict(list)
        for document in self.documents:
            if document.header.process:
                found[document.header.process.value].append(document)
        return {name: tuple(documents) for name, documents in found.items()}

    def of_kind(self, kind: str) -> tuple[Document, ...]:
        """The documents of a kind."""
        return tuple(document for document in self.documents if document.kind == kind)

    # -- who names whom ----------------------------------------------------------------------------------------

    @cached_property
    def references(self) -> Mapping[str, tuple[str, ...]]:
        """Document number → numbers of the documents that its text names or links to, in order, itself excluded."""
        return {document.id: tuple(self._named_by(document)) for document in self.documents}

    @cached_property
    def referenced_by(self) -> Mapping[str, tuple[str, ...]]:
        """Document number → numbers of the documents that name it."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, named in self.references.items():
            for other in named:
                found[other].append(name)
        return {name: tuple(others) for name, others in found.items()}

    def _named_by(self, document: Document) -> Iterator[str]:
        seen = {document.id}
        for body in document.bodies:
            for mention in body.documents:
                if mention.name in self.by_id and mention.name not in seen:
                    seen.add(mention.name)
                    yield mention.name
            for link in body.links:
                target = self.linked(body, link.target)
                if target and target.id not in seen:
                    seen.add(target.id)
                    yield target.id

    def linked(self, body: Body, target: str) -> Document | None:
        """The document that a relative link leads to, if it leads to one."""
        if not target or "://" in target or target.startswith("#"):
            return None
        found = self.by_path.get(resolve(body.path.rpartition("/")[0], target))
        return found[0] if found else None

    # -- clauses -----------------------------------------------------------------------------------------------

    def clause(self, ref: ClauseRef) -> tuple[Standard, Clause] | None:
        """The clause of a standard in use that a reference means."""
        return self.standards.clause(ref)

    @cached_property
    def answers(self) -> Mapping[ClauseKey, tuple[Document, ...]]:
        """Clause → the documents whose header claims just this clause, in the order of the register."""
        found: dict[ClauseKey, dict[str, Document]] = defaultdict(dict)
        for document in self._kept:
            for ref in document.header.clauses:
                known = self.clause(ref)
                if known:
                    found[ClauseKey(known[0].id, known[1].number)][document.path] = document
        return {key: tuple(documents.values()) for key, documents in found.items()}

    @cached_property
    def mentioned(self) -> Mapping[ClauseKey, tuple[Document, ...]]:
        """Clause → the documents whose text names it."""
        found: dict[ClauseKey, dict[str, Document]] = defaultdict(dict)
        for document in self._kept:
            for mention in self.clause_mentions(document):
                known = self.clause(mention.ref)
                if known:
                    found[ClauseKey(known[0].id, known[1].number)][document.id] = document
        return {key: tuple(documents.values()) for key, documents in found.items()}

    @staticmethod
    def clause_mentions(document: Document) -> Iterator[ClauseMention]:
        """Every clause named in the document's text, chapters included."""
        for body in document.bodies:
            yield from body.clauses

    @cached_property
    def excluded(self) -> Mapping[ClauseKey, str]:
        """Clause → why it does not apply to this company (ISO 9001 4.3)."""
        found = {}
        for exclusion in self.organization.exclusions:
            known = self.clause(exclusion.ref)
            if known and exclusion.reason:
                found[ClauseKey(known[0].id, known[1].number)] = exclusion.reason.value
        return found
