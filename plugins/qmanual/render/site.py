"""The whole site as pages: the documents, and the pages by which people find them.

Everything is derived from the edition: who owns what, which clause is answered where, what changed. Page text has
neutral links (`render.address`); the shell puts it into the theme and writes it.
"""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote, unquote

from jinja2 import Environment
from markupsafe import Markup

from qmanual.control.edition import Edition, Entry
from qmanual.control.status import MEANING_NAMES, STATUS_NAMES, Status
from qmanual.files import file_name
from qmanual.language import N_, Translator
from qmanual.model import Body, Document
from qmanual.register import ClauseKey
from qmanual.render.address import PAGE, SITE, clause_address, clause_path, page_path
from qmanual.render.markdown import Rendered
from qmanual.render.matrix import ClauseRow, clause_rows, only_mentioned, title_of
from qmanual.render.page import Page, environment
from qmanual.render.period import spoken
from qmanual.settings import Kind
from qmanual.standards import Clause, Standard, clause_order

RECENT = 10
"""How many of the latest changes, and of the next reviews, the home page lists."""

DUE_DAYS = 60
"""A review that is due within so many days, or overdue, is on the home page."""

GONE = (Status.SUPERSEDED, Status.WITHDRAWN)

_HEADING = re.compile(r"\s*<h1\b[^>]*>.*?</h1>", re.DOTALL)


@dataclass(frozen=True)
class Site:
    """What the pages are made of. `bodies`: path → rendered text; `pdfs`: document path → file name of its PDF."""

    edition: Edition
    bodies: Mapping[str, Rendered]
    pdfs: Mapping[str, str]
    say: Translator

    @cached_property
    def templates(self) -> Environment:
        env = environment(self.say)
        env.globals |= {
            "site": self, "page_of": address_of, "department_of": department_address, "process_of": process_address,
            "clause_of": clause_address, "status_name": lambda status: self.say(STATUS_NAMES[status]),
            "period": lambda text: spoken(text, self.say), "meaning_name": lambda meaning: self.say(MEANING_NAMES[meaning]),
        }  # fmt: skip
        return env

    def pages(self) -> Iterator[Page]:
        """Every page of the site, home first."""
        yield self._home()
        yield from self._kinds()
        for entry in self.edition.entries:
            yield from self._document(entry)
        yield from self._departments()
        yield from self._processes()
        yield from self._clauses()
        yield from self._tables()

    # -- documents ---------------------------------------------------------------------------------------------

    def _document(self, entry: Entry) -> Iterator[Page]:
        document = entry.document
        template = self.templates.get_template("document.html")
        kind = self.edition.register.settings.kind(document.kind)
        for body in document.bodies:
            rendered = self.bodies.get(body.path) or self._withheld()
            main = body is document.body
            yield Page(
                path=page_path(body.path),
                title=f"{document.id} {document.title}" if main else chapter_title(body),
                html=template.render(self._facts(entry, kind, body, rendered)),
                source=body.path,
                toc=rendered.toc,
                section=kind.name,
                group=document.path if document.chapters else document.owner,
                trail=self._trail(kind, document, main),
                meta={"print": self._slip(entry)},
            )

    def _slip(self, entry: Entry) -> str:
        """What stands at the head of every printed page: company, number, revision, status."""
        document, organization = entry.document, self.edition.register.organization
        parts = (organization.company, document.id, document.revision, self.say(STATUS_NAMES[entry.status]))
        return "  ".join(part for part in parts if part)

    def _withheld(self) -> Rendered:
        """What stands in place of a text that may not be published."""
        sentence = self.say(N_("This document is not published: it holds something unsafe. The check names the line."))
        return Rendered(f'<p class="qm-banner qm-banner--withdrawn">{sentence}</p>', ())

    def _facts(self, entry: Entry, kind: Kind, body: Body, rendered: Rendered) -> dict[str, object]:
        document, register = entry.document, self.edition.register
        main = body is document.body
        by_id = self.edition.by_id
        heading = _HEADING.match(rendered.html)
        return {
            "entry": entry,
            "document": document,
            "kind": kind,
            "kind_title": self.say(kind.title),
            "main": main,
            "heading": Markup(heading[0]) if heading else None,
            "content": Markup(rendered.html[heading.end() :] if heading else rendered.html),
            "chapters": [(chapter_title(chapter), f"{PAGE}{quote(chapter.path)}") for chapter in document.chapters],
            "clauses": self.claimed(document),
            "references": [by_id[name] for name in register.references[document.id] if name in by_id],
            "referenced_by": [by_id[name] for name in register.referenced_by.get(document.id, ()) if name in by_id],
            "pdf": self.pdfs.get(document.path),
        }

    def claimed(self, document: Document) -> list[tuple[str, str, str]]:
        """The clauses that a document's header claims: as shown, title, address."""
        found = []
        for ref in document.header.clauses:
            known = self.edition.register.clause(ref)
            if known:
                shown = known[1].number if self._is_default(known[0]) else f"{known[0].id} {known[1].number}"
                found.append((shown, self.clause_title(*known), clause_address(ClauseKey(known[0].id, known[1].number))))
        return found

    def _is_default(self, standard: Standard) -> bool:
        return standard is self.edition.register.standards.standard(None)

    def clause_title(self, standard: Standard, clause: Clause) -> str:
        """A clause's title, or its parent's where it has none; uncertain ones say so."""
        title = clause.named(self.say.language)
        uncertain = not clause.certain or (self.say.language == "zh" and not standard.certain_zh)
        return self.say(N_("{title} (title not certain)"), title=title) if title and uncertain else title

    def _trail(self, kind: Kind, document: Document, main: bool) -> tuple[tuple[str, str], ...]:
        trail = [(self.say(N_("Home")), f"{SITE}index.html"), (self.say(kind.title), kind_address(kind))]
        if not main:
            trail.append((f"{document.id} {document.title}", address_of(document)))
        return tuple(trail)

    # -- lists -------------------------------------------------------------------------------------------------

    def _home(self) -> Page:
        changes = sorted(
            ((change.date.value, entry, change) for entry in self.edition.entries for change in
             entry.document.header.changes[:1] if change.date),
            key=lambda item: (item[0], item[1].document.id), reverse=True,
        )  # fmt: skip
        facts = {
            "kinds": [(self.say(kind.title), kind_address(kind), len(self.of_kind(kind)), kind.form) for kind in self.kinds],
            "departments": [(name, department_address(name), len(found)) for name, found in self.departments.items()],
            "processes": [(name, process_address(name), len(found)) for name, found in self.processes.items()],
            "standards": [(standard, self.chapters(standard)) for standard in self.edition.register.standards.standards],
            "changes": changes[:RECENT],
            "due": self._due()[:RECENT],
            "today": self.edition.today,
            "drafts": sum(entry.status is Status.DRAFT for entry in self.edition.entries),
            "total": len(self.edition.entries),
            "company": self.edition.register.organization.company or self.edition.register.settings.site_name,
        }
        return self._page("index.html", self.say(N_("Home")), "home.html", facts, section="home", trail=(), wide=True)

    def _due(self) -> list[Entry]:
        """The documents whose review is due soon or overdue, the most urgent first."""
        until = self.edition.today + timedelta(days=DUE_DAYS)
        due = [(e.next_review, e) for e in self.edition.entries if e.next_review and e.next_review <= until]
        return [e for _, e in sorted(due, key=lambda pair: (pair[0], pair[1].document.id)) if e.status not in GONE]

    def _kinds(self) -> Iterator[Page]:
        for kind in self.kinds:
            groups: dict[str, list[Entry]] = defaultdict(list)
            for entry in self.of_kind(kind):
                groups[entry.document.owner].append(entry)
            title = self.say(kind.title)
            path = kind_address(kind).removeprefix(SITE)
            yield self._list(path, title, [(name, department_address(name), found) for name, found in groups.items()], kind.name)

    def _departments(self) -> Iterator[Page]:
        groups = [(name, department_address(name), list(found)) for name, found in self.departments.items()]
        yield self._list("departments/index.html", self.say(N_("Departments")), groups, "departments")
        for name, found in self.departments.items():
            owned = [entry for entry in found if entry.document.owner == name]
            concerned = [entry for entry in found if entry.document.owner != name]
            parts = [(self.say(N_("Own documents")), "", owned), (self.say(N_("Documents that concern it")), "", concerned)]
            path = unquote(department_address(name).removeprefix(SITE))
            yield self._list(path, name, parts, "departments", self.say(N_("Departments")))

    def _processes(self) -> Iterator[Page]:
        groups = [(name, process_address(name), list(found)) for name, found in self.processes.items()]
        yield self._list("processes/index.html", self.say(N_("Processes")), groups, "processes")
        for name, found in self.processes.items():
            path = unquote(process_address(name).removeprefix(SITE))
            parts = [(self.say(kind.title), "", [e for e in found if e.document.kind == kind.name]) for kind in self.kinds]
            yield self._list(path, name, parts, "processes", self.say(N_("Processes")))

    def _list(
        self, path: str, title: str, groups: Iterable[tuple[str, str, list[Entry]]], section: str, above: str = ""
    ) -> Page:
        facts = {"title": title, "groups": [group for group in groups if group[2]]}
        trail = [(self.say(N_("Home")), f"{SITE}index.html")]
        if above:
            trail.append((above, f"{SITE}{section}/index.html"))
        return self._page(path, title, "list.html", facts, section=section, trail=tuple(trail), group=title)

    # -- clauses -----------------------------------------------------------------------------------------------

    def _clauses(self) -> Iterator[Page]:
        register = self.edition.register
        title = self.say(N_("Clauses of the standards"))
        facts: dict[str, object] = {
            "title": title,
            "standards": [(one, self.chapters(one)) for one in register.standards.standards],
        }
        home = (self.say(N_("Home")), f"{SITE}index.html")
        yield self._page("clauses/index.html", title, "clauses.html", facts, section="clauses", trail=(home,))
        for standard in register.standards.standards:
            for clause in standard.clauses:
                key = ClauseKey(standard.id, clause.number)
                shown = f"{standard.id} {clause.number} {self.clause_title(standard, clause)}".strip()
                facts = self._clause_facts(standard, clause) | {"title": shown}
                trail = (home, (title, f"{SITE}clauses/index.html"))
                chapter = clause_address(ClauseKey(standard.id, clause.number.partition(".")[0]))
                yield self._page(clause_path(key), shown, "clause.html", facts, section="clauses", trail=trail, group=chapter)

    def _clause_facts(self, standard: Standard, clause: Clause) -> dict[str, object]:
        register, key = self.edition.register, ClauseKey(standard.id, clause.number)
        answers = register.answers.get(key, ())
        around = [other for other in standard.clauses if other.number.startswith(f"{clause.number}.")
                  or clause.number.startswith(f"{other.number}.")]  # fmt: skip
        return {
            "standard": standard,
            "clause": clause,
            "answers": self._entries(answers),
            "mentions": self._entries(one for one in register.mentioned.get(key, ()) if one not in answers),
            "excluded": register.excluded.get(key),
            "around": [
                (other, self.clause_title(standard, other), clause_address(ClauseKey(standard.id, other.number)),
                 self._entries(register.answers.get(ClauseKey(standard.id, other.number), ())))
                for other in sorted(around, key=lambda one: clause_order(one.number))
            ],
        }  # fmt: skip

    def _tables(self) -> Iterator[Page]:
        """The register and the clause matrix as tables to sort and filter."""
        home = ((self.say(N_("Home")), f"{SITE}index.html"),)
        title = self.say(N_("Register of documents"))
        rows = [(entry, self.edition.register.settings.kind(entry.document.kind)) for entry in self.edition.entries]
        facts: dict[str, object] = {"title": title, "rows": [(entry, self.say(kind.title)) for entry, kind in rows]}
        yield self._page("register.html", title, "register.html", facts, section="register", trail=home, wide=True)
        title = self.say(N_("Clause matrix"))
        lines = clause_rows(self.edition.register, self.say.language)
        claimed = {(row["standard"], row["clause"]) for row in lines if row["claimed_by"]}
        above = {(standard, above) for standard, number in claimed for above in ancestors(number)}
        rows = groupby(lines, key=itemgetter("standard"))
        named = {one.id: one.title.get(self.say.language, "") for one in self.edition.register.standards.standards}
        facts = {"title": title, "standards": [(one, named[one], [self._clause_line(row, above) for row in found])
                                               for one, found in rows]}  # fmt: skip
        yield self._page("matrix.html", title, "matrix.html", facts, section="matrix", trail=home, wide=True)

    def _clause_line(self, row: ClauseRow, above: Container[tuple[str, str]]) -> dict[str, object]:
        """A line of the clause matrix. `above`: the clauses above answered ones; `state` says whether it is answered."""
        by_id = self.edition.by_id
        claimed, covered, mentioned = (
            [by_id[name] for name in names] for names in (row["claimed_by"], row["covered_by"], only_mentioned(row))
        )
        state = (
            N_("answered") if claimed else N_("answered by the clause above") if covered
            else N_("answered by clauses below") if (row["standard"], row["clause"]) in above else N_("not answered")
        )  # fmt: skip
        return {
            "number": row["clause"],
            "title": title_of(row),
            "address": clause_address(ClauseKey(row["standard"], row["clause"])),
            "claimed": claimed,
            "covered": covered,
            "mentioned": mentioned,
            "excluded": row["excluded"],
            "state": self.say(N_("does not apply") if row["excluded"] else state),
        }

    def chapters(self, standard: Standard) -> list[tuple[Clause, str, str, int]]:
        """The clauses of a standard down to the second level: clause, title, address, number of documents below it."""
        answers = self.edition.register.answers
        rows = []
        for clause in standard.clauses:
            if clause.number.count(".") > 1:
                continue
            below = {
                document.id
                for key, documents in answers.items()
                if key.standard == standard.id and (key.number == clause.number or key.number.startswith(clause.number + "."))
                for document in documents
            }
            address = clause_address(ClauseKey(standard.id, clause.number))
            rows.append((clause, self.clause_title(standard, clause), address, len(below)))
        return rows

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
        return {name: self._entries(found[name]) for name in names}

    @cached_property
    def processes(self) -> Mapping[str, list[Entry]]:
        """Process → its documents, processes in the order of the organization."""
        order = [process.name.value for process in self.edition.register.organization.processes]
        found = self.edition.register.by_process
        names = [name for name in order if name in found] + sorted(name for name in found if name not in order)
        return {name: self._entries(found[name]) for name in names}

    def _entries(self, documents: Iterable[Document]) -> list[Entry]:
        return [self.edition.by_path[document.path] for document in documents]

    def _page(
        self, path: str, title: str, template: str, facts: Mapping[str, object], *, section: str,
        trail: tuple[tuple[str, str], ...], group: str = "", wide: bool = False,
    ) -> Page:  # fmt: skip
        html = self.templates.get_template(template).render(facts)
        return Page(path=path, title=title, html=html, section=section, group=group, trail=trail, wide=wide)


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
