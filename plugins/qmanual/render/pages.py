"""Every page of the site: the documents, and the pages by which people find them.

Page text has neutral links (`render.address`); the shell puts it into the theme and writes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from qmanual.control.edition import Entry
from qmanual.control.history import facts_of
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_
from qmanual.model import Document
from qmanual.render.address import SITE, page_path
from qmanual.render.card import card, slip, split
from qmanual.render.clauses import clause_pages, matrix_page
from qmanual.render.home import home_page, releases_page
from qmanual.render.markdown import Rendered
from qmanual.render.page import Page
from qmanual.render.proof import verify_page
from qmanual.render.site import (
    GONE,
    Link,
    Site,
    address_of,
    chapter_title,
    department_address,
    kind_address,
    process_address,
)
from qmanual.render.versions import archive_page, changes_pages, history_rows, text_pages
from qmanual.settings import Kind


def site_pages(site: Site) -> Iterator[Page]:
    """Every page of the site, home first."""
    yield home_page(site)
    yield from _kinds(site)
    for entry in site.edition.entries:
        yield from _document(site, entry)
    yield from _departments(site)
    yield from _processes(site)
    yield from clause_pages(site)
    yield _register(site)
    yield matrix_page(site)
    yield verify_page(site)
    if not site.edition.draft:
        yield releases_page(site)
        yield from text_pages(site)
        yield archive_page(site)
    yield from changes_pages(site)


# -- documents ---------------------------------------------------------------------------------------------------


def _document(site: Site, entry: Entry) -> Iterator[Page]:
    document = entry.document
    template = site.templates.get_template("document.html")
    kind = site.edition.register.settings.kind(document.kind)
    changes = site.changes_of(facts_of(document))
    common = card(site, entry, kind) | {"history": history_rows(site, entry), "changes": changes}
    for body in document.bodies:
        rendered = site.bodies.get(body.path) or _withheld(site)
        main = body is document.body
        yield Page(
            path=page_path(body.path),
            title=f"{document.id} {document.title}" if main else chapter_title(body),
            html=template.render(common | split(rendered) | {"main": main}),
            source=body.path,
            toc=rendered.toc,
            section=kind.name,
            group=document.path if document.chapters else document.owner,
            trail=_trail(site, kind, document, main),
            mark=site.say(STATUS_NAMES[entry.status]) if entry.status is not Status.EFFECTIVE else "",
            meta={"print": slip(site, entry)},
        )


def _withheld(site: Site) -> Rendered:
    """What stands in place of a text that may not be published."""
    sentence = site.say(N_("This document is not published: it holds something unsafe. The check names the line."))
    return Rendered(f'<p class="qm-banner qm-banner--withdrawn">{sentence}</p>', ())


def _trail(site: Site, kind: Kind, document: Document, main: bool) -> tuple[Link, ...]:
    trail = (site.home, (site.say(kind.title), kind_address(kind)))
    return trail if main else (*trail, (f"{document.id} {document.title}", address_of(document)))


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
    gone = [entry for entry in site.edition.entries if entry.status in GONE]
    facts = {"title": title, "rows": [(entry, titles[entry.document.kind]) for entry in site.valid], "gone": gone}
    return site.page("register.html", title, "register.html", facts, section="register", trail=(site.home,), wide=True)
