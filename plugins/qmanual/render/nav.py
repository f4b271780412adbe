"""The menu: tabs on top, and beside a page what stands around it.

A menu that lists every sibling on every page grows with the square of the documents. Here the parts are made once a
section, and a page shows at most `WINDOW` siblings around itself; the section's own page lists them all.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from qmanual.control.edition import Entry
from qmanual.language import N_
from qmanual.register import ClauseKey
from qmanual.render.address import PAGE, SITE, clause_address
from qmanual.render.page import Page
from qmanual.render.site import Site, address_of, department_address, kind_address, process_address

WINDOW = 30
"""Siblings shown around a page."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the menu: what it says, its neutral address, how deep it stands."""

    text: str
    address: str
    depth: int = 1
    number: str = ""


class Menu:
    """The menu of a site."""

    def __init__(self, site: Site, pages: Sequence[Page]) -> None:
        self.site = site
        self.tabs = self._tabs()
        self._sections = {kind.name: self._kind_items(kind.name) for kind in site.kinds}
        self._lists = {
            "departments": [Item(name, department_address(name)) for name in site.departments],
            "processes": [Item(name, process_address(name)) for name in site.processes],
        }
        self._chapters = self._chapter_items(pages)
        self._clauses = self._clause_items()

    def _tabs(self) -> tuple[tuple[str, str, str], ...]:
        say = self.site.say
        kinds = tuple((kind.name, say(kind.title), kind_address(kind)) for kind in self.site.kinds)
        lists = [("departments", say(N_("Departments"))), ("clauses", say(N_("Clauses of the standards")))]
        if self.site.processes:
            lists.insert(0, ("processes", say(N_("Processes"))))
        return (
            ("home", say(N_("Home")), f"{SITE}index.html"),
            *kinds,
            *((name, title, f"{SITE}{name}/index.html") for name, title in lists),
            ("register", say(N_("Register")), f"{SITE}register.html"),
            ("matrix", say(N_("Clause matrix")), f"{SITE}matrix.html"),
        )

    def _kind_items(self, kind: str) -> dict[str, list[Item]]:
        """Department → the documents of a kind that it owns."""
        groups: dict[str, list[Item]] = defaultdict(list)
        for entry in self.site.valid:
            if entry.document.kind == kind:
                groups[entry.document.owner].append(_item(entry))
        return groups

    def _chapter_items(self, pages: Sequence[Page]) -> dict[str, list[Item]]:
        """Document path → its chapters, for documents that have some."""
        found: dict[str, list[Item]] = defaultdict(list)
        for page in pages:
            entry = self.site.edition.by_path.get(page.source or "")
            if entry and entry.document.chapters:
                found[entry.document.path].append(Item(page.title, f"{PAGE}{quote(page.source or '')}", 2))
        return found

    def sidebar(self, page: Page) -> str:
        """The menu beside a page, as HTML with neutral links."""
        here = _here(page)
        items = self._around(page)
        return "".join(_html(item, item.address == here) for item in items)

    def _around(self, page: Page) -> list[Item]:
        if page.section in self._sections:
            return self._kind_menu(page)
        if page.section in self._lists:
            return self._lists[page.section]
        return self._clause_menu(page.group) if page.section == "clauses" else []

    def _clause_items(self) -> list[tuple[str, Item]]:
        """The chapters of the standards and the clauses of their second level, each after its chapter's address."""
        items = []
        for standard in self.site.edition.register.standards.standards:
            for clause, title, address, _ in self.site.chapters(standard):
                chapter = clause_address(ClauseKey(standard.id, clause.number.partition(".")[0]))
                depth = 1 + clause.number.count(".")
                items.append((chapter, Item(f"{clause.number} {title}", address, depth)))
        return items

    def _clause_menu(self, chapter: str) -> list[Item]:
        """The chapters of the standard that the page is about (else of all), and the clauses of its chapter."""
        standard = chapter.rpartition("/")[0]
        return [item for above, item in self._clauses
                if above.startswith(standard) and (item.depth == 1 or above == chapter)]  # fmt: skip

    def _kind_menu(self, page: Page) -> list[Item]:
        groups = self._sections[page.section]
        if page.group in self._chapters:
            entry = self.site.edition.by_path[page.group]
            return [_item(entry), *self._chapters[page.group][1:]]
        items: list[Item] = []
        for name, members in groups.items():
            address = department_address(name) if name else f"{SITE}register.html"
            items.append(Item(f"{name or '—'} ({len(members)})", address))
            if name == page.group or len(groups) == 1:
                items += _window(members, _here(page))
        return items


def _here(page: Page) -> str:
    """The neutral address at which the menu is open: of the page, or of the document that it belongs to."""
    source = page.source or page.of
    return f"{PAGE}{quote(source)}" if source else f"{SITE}{page.path}"


def _window(members: list[Item], here: str) -> list[Item]:
    """The members around the one at `here`, at most `WINDOW`."""
    at = next((place for place, item in enumerate(members) if item.address == here), 0)
    start = max(0, min(at - WINDOW // 2, len(members) - WINDOW))
    return members[start : start + WINDOW]


def _item(entry: Entry) -> Item:
    return Item(entry.document.title, address_of(entry.document), 2, entry.document.id)


def _html(item: Item, active: bool) -> str:
    number = f'<span class="qm-number">{escape(item.number)}</span> ' if item.number else ""
    state = ' md-nav__link--active" aria-current="page' if active else ""
    return (
        f'<li class="md-nav__item qm-nav--{item.depth}"><a class="md-nav__link{state}" href="{item.address}">'
        f'<span class="md-ellipsis">{number}{escape(item.text)}</span></a></li>'
    )
