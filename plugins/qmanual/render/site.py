"""What the pages of the site are made of: the edition, looked up by kind, department, process and clause.

Everything is derived from the edition: who owns what, which clause is answered where. The pages themselves are made in
`render.pages` and `render.clauses`. Addresses are neutral (`render.address`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias
from urllib.parse import quote

from jinja2 import Environment

from qmanual.control.edition import Edition, Entry
from qmanual.control.status import MEANING_NAMES, STATUS_NAMES
from qmanual.files import file_name
from qmanual.language import N_, Translator
from qmanual.model import Body, Document
from qmanual.register import ClauseKey
from qmanual.render.address import PAGE, SITE, clause_address
from qmanual.render.markdown import Rendered
from qmanual.render.page import Page, environment
from qmanual.render.period import spoken
from qmanual.settings import Kind
from qmanual.standards import Clause, Standard

Link: TypeAlias = tuple[str, str]
"""What a link says and its neutral address."""


@dataclass(frozen=True)
class Site:
    """What the pages are made of. `bodies`: path → rendered text; `pdfs`: document path → file name of its PDF."""

    edition: Edition
    bodies: Mapping[str, Rendered]
    pdfs: Mapping[str, str]
    say: Translator

    @cached_property
    def templates(self) -> Environment:
        """The templates, with what all of them use."""
        env = environment(self.say)
        env.globals |= {
            "site": self,
            "page_of": address_of,
            "department_of": department_address,
            "process_of": process_address,
            "status_name": lambda status: self.say(STATUS_NAMES[status]),
            "meaning_name": lambda meaning: self.say(MEANING_NAMES[meaning]),
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

    # -- what is where -----------------------------------------------------------------------------------------

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that have documents."""
        used = {entry.document.kind for entry in self.edition.entries}
        return tuple(kind for kind in self.edition.register.settings.kinds if kind.name in used)

    def of_kind(self, kind: Kind) -> list[Entry]:
        """The entries of a kind."""
        return [entry for entry in self.edition.entries if entry.document.kind == kind.name]

    @cached_property
    def departments(self) -> Mapping[str, list[Entry]]:
        """Department → its documents, departments in the order of the organization."""
        order = [department.name.value for department in self.edition.register.organization.departments]
        found = self.edition.register.by_department
        names = [name for name in order if name in found] + sorted(name for name in found if name not in order)
        return {name: self.entries(found[name]) for name in names}

    @cached_property
    def processes(self) -> Mapping[str, list[Entry]]:
        """Process → its documents, processes in the order of the organization."""
        order = [process.name.value for process in self.edition.register.organization.processes]
        found = self.edition.register.by_process
        names = [name for name in order if name in found] + sorted(name for name in found if name not in order)
        return {name: self.entries(found[name]) for name in names}

    def entries(self, documents: Iterable[Document]) -> list[Entry]:
        """The entries of these documents."""
        return [self.edition.by_path[document.path] for document in documents]

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
