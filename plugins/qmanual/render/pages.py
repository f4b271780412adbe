"""Every page of the site: the documents, and the pages by which people find them.

Page text has neutral links (`render.address`); the shell puts it into the theme and writes it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from urllib.parse import quote, unquote

from markupsafe import Markup

from qmanual.control.edition import Entry
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_
from qmanual.model import Document
from qmanual.render.address import PAGE, SITE, page_path
from qmanual.render.clauses import clause_pages, matrix_page
from qmanual.render.markdown import Rendered
from qmanual.render.page import Page
from qmanual.render.site import (
    Link,
    Site,
    address_of,
    chapter_title,
    department_address,
    kind_address,
    process_address,
)
from qmanual.settings import Kind

RECENT = 10
"""How many of the latest changes, and of the next reviews, the home page lists."""

DUE_DAYS = 60
"""A review that is due within so many days, or overdue, is on the home page."""

GONE = (Status.SUPERSEDED, Status.WITHDRAWN)

_HEADING = re.compile(r"\s*<h1\b[^>]*>.*?</h1>", re.DOTALL)


def site_pages(site: Site) -> Iterator[Page]:
    """Every page of the site, home first."""
    yield _home(site)
    yield from _kinds(site)
    for entry in site.edition.entries:
        yield from _document(site, entry)
    yield from _departments(site)
    yield from _processes(site)
    yield from clause_pages(site)
    yield _register(site)
    yield matrix_page(site)


# -- documents ---------------------------------------------------------------------------------------------------


def _document(site: Site, entry: Entry) -> Iterator[Page]:
    document = entry.document
    template = site.templates.get_template("document.html")
    kind = site.edition.register.settings.kind(document.kind)
    common = _common(site, entry, kind)
    for body in document.bodies:
        rendered = site.bodies.get(body.path) or _withheld(site)
        main = body is document.body
        yield Page(
            path=page_path(body.path),
            title=f"{document.id} {document.title}" if main else chapter_title(body),
            html=template.render(common | _text(rendered) | {"main": main}),
            source=body.path,
            toc=rendered.toc,
            section=kind.name,
            group=document.path if document.chapters else document.owner,
            trail=_trail(site, kind, document, main),
            meta={"print": _slip(site, entry)},
        )


def _common(site: Site, entry: Entry, kind: Kind) -> dict[str, object]:
    """What the pages of a document and of its chapters show alike."""
    document, register, by_id = entry.document, site.edition.register, site.edition.by_id
    gone = document.header.withdrawn
    return {
        "entry": entry,
        "document": document,
        "kind": kind,
        "chapters": [(chapter_title(chapter), f"{PAGE}{quote(chapter.path)}") for chapter in document.chapters],
        "clauses": site.claimed(document),
        "references": [by_id[name] for name in register.references[document.id] if name in by_id],
        "referenced_by": [by_id[name] for name in register.referenced_by.get(document.id, ()) if name in by_id],
        "replacement": by_id.get(gone.replaced_by.value) if gone and gone.replaced_by else None,
        "pdf": site.pdfs.get(document.path),
    }


def _text(rendered: Rendered) -> dict[str, object]:
    """The title of a text, which stands above the card, and the rest of it."""
    heading = _HEADING.match(rendered.html)
    return {
        "heading": Markup(heading[0]) if heading else None,
        "content": Markup(rendered.html[heading.end() :] if heading else rendered.html),
    }


def _slip(site: Site, entry: Entry) -> str:
    """What stands at the head of every printed page: company, number, revision, status."""
    document, organization = entry.document, site.edition.register.organization
    parts = (organization.company, document.id, document.revision, site.say(STATUS_NAMES[entry.status]))
    return "  ".join(part for part in parts if part)


def _withheld(site: Site) -> Rendered:
    """What stands in place of a text that may not be published."""
    sentence = site.say(N_("This document is not published: it holds something unsafe. The check names the line."))
    return Rendered(f'<p class="qm-banner qm-banner--withdrawn">{sentence}</p>', ())


def _trail(site: Site, kind: Kind, document: Document, main: bool) -> tuple[Link, ...]:
    trail = (site.home, (site.say(kind.title), kind_address(kind)))
    return trail if main else (*trail, (f"{document.id} {document.title}", address_of(document)))


# -- home --------------------------------------------------------------------------------------------------------


def _home(site: Site) -> Page:
    register, entries = site.edition.register, site.edition.entries
    facts = {
        "kinds": [(site.say(kind.title), kind_address(kind), len(site.of_kind(kind))) for kind in site.kinds],
        "departments": [(name, department_address(name), len(found)) for name, found in site.departments.items()],
        "processes": [(name, process_address(name), len(found)) for name, found in site.processes.items()],
        "standards": [(standard, site.chapters(standard)) for standard in register.standards.standards],
        "changes": _changes(site)[:RECENT],
        "due": _due(site)[:RECENT],
        "due_days": DUE_DAYS,
        "today": site.edition.today,
        "drafts": sum(entry.status is Status.DRAFT for entry in entries),
        "total": len(entries),
        "company": register.organization.company or register.settings.site_name,
    }
    return site.page("index.html", site.home[0], "home.html", facts, section="home", trail=(), wide=True)


def _changes(site: Site) -> list[tuple[object, ...]]:
    """The latest change of every document, the newest first: day, entry, change."""
    dated = [
        (change.date.value, entry.document.id, entry, change)
        for entry in site.edition.entries
        for change in entry.document.header.changes[:1]
        if change.date
    ]
    return [(day, entry, change) for day, _, entry, change in sorted(dated, key=lambda one: one[:2], reverse=True)]


def _due(site: Site) -> list[Entry]:
    """The documents whose review is due soon or overdue, the most urgent first."""
    until = site.edition.today + timedelta(days=DUE_DAYS)
    due = [
        (entry.next_review, entry.document.id, entry)
        for entry in site.edition.entries
        if entry.next_review and entry.next_review <= until and entry.status not in GONE
    ]
    return [entry for _, _, entry in sorted(due, key=lambda one: one[:2])]


# -- lists -------------------------------------------------------------------------------------------------------


def _kinds(site: Site) -> Iterator[Page]:
    for kind in site.kinds:
        owners: dict[str, list[Entry]] = defaultdict(list)
        for entry in site.of_kind(kind):
            owners[entry.document.owner].append(entry)
        groups = [(name, department_address(name) if name else "", found) for name, found in owners.items()]
        yield _list(site, kind_address(kind), site.say(kind.title), groups, kind.name)


def _departments(site: Site) -> Iterator[Page]:
    title = site.say(N_("Departments"))
    departments = site.edition.register.organization.departments
    heads = {one.name.value: one.head.value if one.head else "" for one in departments}
    found_in = site.departments.items()
    rows = [(name, department_address(name), heads.get(name, ""), len(found)) for name, found in found_in]
    yield _index(site, "departments", title, (N_("Department"), N_("Head")), rows)
    for name, found in site.departments.items():
        owned = [entry for entry in found if entry.document.owner == name]
        concerned = [entry for entry in found if entry.document.owner != name]
        parts = [(site.say(N_("Own documents")), "", owned), (site.say(N_("Documents that concern it")), "", concerned)]
        yield _list(site, department_address(name), name, parts, "departments", title)


def _processes(site: Site) -> Iterator[Page]:
    title = site.say(N_("Processes"))
    processes = site.edition.register.organization.processes
    owners = {one.name.value: one.owner.value if one.owner else "" for one in processes}
    rows = [(name, process_address(name), owners.get(name, ""), len(found)) for name, found in site.processes.items()]
    yield _index(site, "processes", title, (N_("Process"), N_("Owner")), rows)
    for name, found in site.processes.items():
        parts = [(site.say(kind.title), "", [e for e in found if e.document.kind == kind.name]) for kind in site.kinds]
        yield _list(site, process_address(name), name, parts, "processes", title)


def _index(
    site: Site, section: str, title: str, heads: tuple[str, str], rows: Sequence[tuple[str, str, str, int]]
) -> Page:
    """The list of departments or processes. `rows`: name, address, who leads it, number of documents."""
    facts = {"title": title, "heads": [site.say(head) for head in heads], "rows": rows}
    return site.page(f"{section}/index.html", title, "index.html", facts, section=section, trail=(site.home,))


def _list(
    site: Site, address: str, title: str, groups: Iterable[tuple[str, str, list[Entry]]], section: str, above: str = ""
) -> Page:
    """A list of documents in groups: title, address, entries. `above`: the title of the section's own list."""
    facts = {"title": title, "groups": [group for group in groups if group[2]]}
    trail = (site.home, (above, f"{SITE}{section}/index.html")) if above else (site.home,)
    path = unquote(address.removeprefix(SITE))
    return site.page(path, title, "list.html", facts, section=section, trail=trail, group=title)


def _register(site: Site) -> Page:
    """The register as a table to sort and filter."""
    title = site.say(N_("Register of documents"))
    titles = {kind.name: site.say(kind.title) for kind in site.edition.register.settings.kinds}
    facts = {"title": title, "rows": [(entry, titles[entry.document.kind]) for entry in site.edition.entries]}
    return site.page("register.html", title, "register.html", facts, section="register", trail=(site.home,), wide=True)
