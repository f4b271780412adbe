"""What the pages of the site are made of: the edition, looked up by kind, department, process and clause.

Everything is derived from the edition: who owns what, which clause is answered where. The pages themselves are made in
`render.pages` and `render.clauses`. Addresses are neutral (`render.address`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias
from urllib.parse import quote

from jinja2 import Environment

from qmanual.control.edition import Edition, Entry, Version
from qmanual.control.history import Facts, History
from qmanual.control.judging import Verdict
from qmanual.control.status import MEANING_NAMES, STATUS_NAMES, Status
from qmanual.files import file_name
from qmanual.language import N_, Translator
from qmanual.model import Body, Document
from qmanual.register import ClauseKey
from qmanual.render.address import PAGE, SITE, clause_address
from qmanual.render.approvals import EVIDENCE_NAMES
from qmanual.render.copies import Row as CopyRow
from qmanual.render.copies import standing
from qmanual.render.markdown import Rendered
from qmanual.render.page import Page, environment
from qmanual.render.period import spoken
from qmanual.render.texts import Text
from qmanual.settings import Kind
from qmanual.standards import Clause, Standard

GONE = (Status.SUPERSEDED, Status.WITHDRAWN)

Link: TypeAlias = tuple[str, str]
"""What a link says and its neutral address."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed between two texts of a document: a page at `page`, its content as HTML with neutral links."""

    number: str
    old: Version
    new: Version
    page: str
    html: str


@dataclass(frozen=True)
class Site:
    """What the pages are made of.

    `bodies`: path → rendered text. `texts`: those beside the ones on the documents' own pages, by their page. `pdfs`:
    document path, or page of a text → name of the PDF under `pdf/`. `history`: the releases. `verdict`: what holds of
    the signed statements about them. `copies`: every numbered copy that was issued.
    """

    edition: Edition
    bodies: Mapping[str, Rendered]
    pdfs: Mapping[str, str]
    say: Translator
    texts: Mapping[str, Text] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    history: History = field(default_factory=History)
    verdict: Verdict = field(default_factory=Verdict)
    copies: tuple[CopyRow, ...] = ()

    @cached_property
    def templates(self) -> Environment:
        """The templates, with what all of them use."""
        env = environment(self.say)
        env.globals |= {
            "site": self,
            "page_of": address_of,
            "department_of": lambda name: department_address(name) if name in self.departments else "",
            "process_of": lambda name: process_address(name) if name in self.processes else "",
            "state_of": state_of,
            "pdfs": self.pdfs,
            "status_name": lambda status: self.say(STATUS_NAMES[status]),
            "meaning_name": lambda meaning: self.say(MEANING_NAMES[meaning]),
            "evidence_name": lambda evidence: self.say(EVIDENCE_NAMES[evidence]),
            "period": lambda text: spoken(text, self.say),
        }
        return env

    def page(
        self, path: str, title: str, template: str, facts: Mapping[str, object], *, section: str,
        trail: tuple[Link, ...], group: str = "", wide: bool = False,
    ) -> Page:  # fmt: skip
        """The page that a template makes of these facts."""
        html = self.templates.get_template(template).render(facts)
        return Page(path=path, title=title, html=html, section=section, group=group, trail=trail, wide=wide)

    @property
    def home(self) -> Link:
        """The first step of every trail."""
        return self.say(N_("Home")), f"{SITE}index.html"

    # -- the life of documents ---------------------------------------------------------------------------------

    @cached_property
    def published(self) -> frozenset[str]:
        """The pages of texts beside those in force; a draft has none, and unsafe texts have none."""
        return frozenset() if self.edition.draft else frozenset(page for page, one in self.texts.items() if one.bodies)

    @property
    def shown_texts(self) -> list[Text]:
        """The texts that have a page."""
        return [text for page, text in self.texts.items() if page in self.published]

    @cached_property
    def _beside(self) -> Mapping[str, list[Text]]:
        found: dict[str, list[Text]] = defaultdict(list)
        for text in self.texts.values():
            found[text.current.document.id].append(text)
        return found

    def beside(self, entry: Entry) -> Sequence[Text]:
        """The other texts of a document, newest first."""
        return self._beside.get(entry.document.id, ())

    def coming(self, entry: Entry) -> list[Text]:
        """The texts of a document that are to come and have a page, the next first."""
        return [text for text in reversed(self.beside(entry)) if text.coming and text.page in self.published]

    @cached_property
    def _comparison_pages(self) -> Mapping[tuple[str, str, str], str]:
        return {(one.number, one.new.facts.digest, one.new.revision): one.page for one in self.comparisons}

    def changes_of(self, facts: Facts) -> str:
        """The address of what a text changed in the one before it; empty when there is none."""
        page = self._comparison_pages.get((facts.id, facts.digest, facts.revision))
        return f"{SITE}{quote(page)}" if page else ""

    @property
    def valid(self) -> list[Entry]:
        """The documents that have not left the system."""
        return [entry for entry in self.edition.entries if entry.status not in GONE]

    @cached_property
    def _held(self) -> Mapping[str, list[CopyRow]]:
        found: dict[str, list[CopyRow]] = defaultdict(list)
        for row in self.copies:
            if row.copy.open:
                found[row.copy.issued.document].append(row)
        return found

    def held_copies(self, document: Document) -> list[tuple[CopyRow, str]]:
        """The copies of a document, of whatever revision, that somebody holds; how each stands, in words."""
        return [(row, standing(row, self.say)) for row in self._held.get(document.id, ())]

    # -- what is where -----------------------------------------------------------------------------------------

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that have documents."""
        used = {entry.document.kind for entry in self.edition.entries}
        return tuple(kind for kind in self.edition.register.settings.kinds if kind.name in used)

    def of_kind(self, kind: Kind) -> list[Entry]:
        """The entries of a kind that have not left the system."""
        return [entry for entry in self.valid if entry.document.kind == kind.name]

    @cached_property
    def departments(self) -> Mapping[str, list[Entry]]:
        """Department → its documents, departments in the order of the organization."""
        order = [department.name.value for department in self.edition.register.organization.departments]
        found = self.edition.register.by_department
        names = [name for name in order if name in found] + sorted(name for name in found if name not in order)
        return {name: self.kept(found[name]) for name in names}

    @cached_property
    def processes(self) -> Mapping[str, list[Entry]]:
        """Process → its documents, processes in the order of the organization."""
        order = [process.name.value for process in self.edition.register.organization.processes]
        found = self.edition.register.by_process
        names = [name for name in order if name in found] + sorted(name for name in found if name not in order)
        return {name: self.kept(found[name]) for name in names}

    def entries(self, documents: Iterable[Document]) -> list[Entry]:
        """The entries of these documents."""
        return [self.edition.by_path[document.path] for document in documents]

    def kept(self, documents: Iterable[Document]) -> list[Entry]:
        """The entries of those that have not left the system."""
        return [entry for entry in self.entries(documents) if entry.status not in GONE]

    # -- clauses -----------------------------------------------------------------------------------------------

    def claimed(self, document: Document) -> list[tuple[str, str, str]]:
        """The clauses that a document's header claims: as shown, title, address."""
        found = []
        for ref in document.header.clauses:
            known = self.edition.register.clause(ref)
            if known:
                key = ClauseKey(known[0].id, known[1].number)
                shown = key.number if self._is_default(known[0]) else f"{key.standard} {key.number}"
                found.append((shown, self.clause_title(*known), clause_address(key)))
        return found

    def _is_default(self, standard: Standard) -> bool:
        return standard is self.edition.register.standards.standard(None)

    def clause_title(self, standard: Standard, clause: Clause) -> str:
        """A clause's title, or its parent's where it has none; uncertain ones say so."""
        title = clause.named(self.say.language)
        uncertain = not clause.certain or (self.say.language == "zh" and not standard.certain_zh)
        return self.say(N_("{title} (title not certain)"), title=title) if title and uncertain else title

    def chapters(self, standard: Standard) -> list[tuple[Clause, str, str, int]]:
        """The clauses of a standard down to the second level: clause, title, address, number of documents below it."""
        return [
            (clause, self.clause_title(standard, clause), clause_address(key), len(self._below.get(key, ())))
            for clause in standard.clauses
            if clause.number.count(".") < 2
            for key in [ClauseKey(standard.id, clause.number)]
        ]

    @cached_property
    def _below(self) -> Mapping[ClauseKey, set[str]]:
        """Clause → the numbers of the documents that answer it or a clause below it."""
        found: dict[ClauseKey, set[str]] = defaultdict(set)
        for key, documents in self.edition.register.answers.items():
            names = {document.id for document in documents}
            for number in (key.number, *ancestors(key.number)):
                found[ClauseKey(key.standard, number)] |= names
        return found


def state_of(status: Status) -> str:
    """A status as a part of a CSS class."""
    return status.value.replace(" ", "-")


def address_of(document: Document) -> str:
    """The neutral address of a document's page."""
    return f"{PAGE}{quote(document.path)}"


def department_address(name: str) -> str:
    """The neutral address of a department's page."""
    return f"{SITE}departments/{quote(file_name(name))}.html"


def process_address(name: str) -> str:
    """The neutral address of a process's page."""
    return f"{SITE}processes/{quote(file_name(name))}.html"


def kind_address(kind: Kind) -> str:
    """The neutral address of the list of a kind's documents."""
    return f"{SITE}kinds/{kind.name}.html"


def ancestors(number: str) -> Iterator[str]:
    """The clauses above a clause: `8.5.1` → `8.5`, `8`."""
    while "." in number:
        number = number.rpartition(".")[0]
        yield number


def chapter_title(body: Body) -> str:
    """A chapter's title: its first heading, else its file's name."""
    first = next((heading.full for heading in body.headings if heading.level == 1), None)
    return first or body.path.rpartition("/")[2].removesuffix(".md")
