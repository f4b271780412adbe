"""The home page: every way in, what changed lately, what comes next, what is due; and the list of all releases."""

from dataclasses import dataclass
from datetime import date, timedelta

from qmanual.control.changelog import Brought, changelog
from qmanual.control.edition import Entry
from qmanual.control.history import Facts
from qmanual.control.status import Status
from qmanual.language import N_
from qmanual.render.page import Page
from qmanual.render.site import Site, address_of, department_address, kind_address, process_address

RECENT = 10
"""How many of the latest changes, and of the next reviews, the home page lists."""

RELEASES = 3
"""How many of the latest releases the home page tells about."""

DUE_DAYS = 60
"""A review that is due within so many days, or overdue, is on the home page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What happened to a document in a release. `what`: `new`, `changed` or `withdrawn`; `address`: of its page;
    `changes`: of the page of what changed; `summary`: of its change list, or why it was withdrawn; `on`: from when;
    `instead`: number, title and address of what replaces it. Each is empty where there is none.
    """

    what: str
    facts: Facts
    address: str = ""
    changes: str = ""
    summary: str = ""
    instead: tuple[str, str, str] | None = None
    on: date | None = None


def home_page(site: Site) -> Page:
    """The home page."""
    register, entries = site.edition.register, site.valid
    news = changelog(site.history)
    facts = {
        "kinds": [(site.say(kind.title), kind_address(kind), len(site.of_kind(kind))) for kind in site.kinds],
        "departments": [(name, department_address(name), len(found)) for name, found in site.departments.items()],
        "processes": [(name, process_address(name), len(found)) for name, found in site.processes.items()],
        "standards": [(standard, site.chapters(standard)) for standard in register.standards.standards],
        "changes": _changes(site)[:RECENT] if site.edition.draft else [],
        "news": [] if site.edition.draft else _news(site, news[:RELEASES], RECENT),
        "releases": len(news),
        "upcoming": [] if site.edition.draft else _upcoming(site),
        "due": _due(site)[:RECENT],
        "due_days": DUE_DAYS,
        "today": site.edition.today,
        "newest": site.history.newest,
        "drafts": sum(entry.status in (Status.DRAFT, Status.REVIEW) for entry in entries),
        "total": len(entries),
        "company": register.organization.company or register.settings.site_name,
    }
    return site.page("index.html", site.home[0], "home.html", facts, section="home", trail=(), wide=True)


def releases_page(site: Site) -> Page:
    """All releases with all that each brought."""
    title = site.say(N_("Releases"))
    facts = {"title": title, "news": _news(site, changelog(site.history))}
    return site.page("releases.html", title, "releases.html", facts, section="releases", trail=(site.home,), wide=True)


def _news(site: Site, found: tuple[Brought, ...], most: int | None = None) -> list[tuple[Brought, list[Line], int]]:
    """Releases with their lines, at most so many of each, and how many more there are."""
    told = []
    for brought in found:
        lines = [*(_line(site, "new", one) for one in brought.new)]
        lines += [_line(site, "changed", one) for _, one in brought.changed]
        lines += [_line(site, "withdrawn", one) for one in brought.withdrawn]
        shown = lines if most is None else lines[:most]
        told.append((brought, shown, len(lines) - len(shown)))
    return told


def _line(site: Site, what: str, facts: Facts) -> Line:
    entry = site.edition.by_id.get(facts.id)
    address = address_of(entry.document) if entry else ""
    versions = {} if entry is None else {text.entry.document.digest: text for text in site.beside(entry)}
    text = versions.get(facts.digest)
    if text and text.coming and text.page in site.published:
        address = text.address
    if what == "withdrawn":
        return _withdrawal(site, facts, address)
    changes = site.changes_of(facts) if what == "changed" else ""
    summary = next((one.summary for one in facts.changes if one.revision == facts.revision), "")
    return Line(what=what, facts=facts, address=address, changes=changes, summary=summary)


def _withdrawal(site: Site, facts: Facts, address: str) -> Line:
    """From when a document is withdrawn, why, and what takes its place (ISO 9001 7.5.3.2: retention and disposition).

    The reason stands in the header of the text that was withdrawn, which is the one on the document's page.
    """
    entry, other = site.edition.by_id.get(facts.id), site.edition.by_id.get(facts.replaced_by)
    same = entry is not None and entry.document.digest == facts.digest
    gone = entry.document.header.withdrawn if entry and same and facts.withdrawn else None
    if gone and gone.reason:
        summary = site.say(N_("Reason: {reason}."), reason=gone.reason.value.rstrip("。."))
    else:
        summary = "" if facts.withdrawn else site.say(N_("This release does not hold it any more."))
    title, place = (other.document.title, address_of(other.document)) if other else ("", "")
    return Line(
        what="withdrawn", facts=facts, address=address, summary=summary,
        instead=(facts.replaced_by, title, place) if facts.replaced_by else None,
        on=entry.ends if entry and same else facts.withdrawn_on,
    )  # fmt: skip


def _upcoming(site: Site) -> list[tuple[date, Entry, str, str, str]]:
    """What comes into force or goes, the next first: day, document, what happens, revision, address of what is said."""
    today = site.edition.today
    found: list[tuple[date, str, Entry, str, str, str]] = []
    for entry in site.edition.entries:
        number = entry.document.id
        if entry.status is Status.APPROVED and entry.starts:
            found.append((entry.starts, number, entry, "new", entry.document.revision, address_of(entry.document)))
        pages = {text.life.version: text.address for text in site.coming(entry)}
        for one in entry.coming:
            address = pages.get(one, address_of(entry.document))
            found.append((one.starts or today, number, entry, "changed", one.revision, address))
        if entry.status is Status.EFFECTIVE and entry.ends and entry.ends > today:
            found.append((entry.ends, number, entry, "withdrawn", entry.document.revision, address_of(entry.document)))
    return [(day, *rest) for day, _, *rest in sorted(found, key=lambda one: one[:2])]  # type: ignore[misc]


def _changes(site: Site) -> list[tuple[object, ...]]:
    """The latest change of every document, the newest first: day, entry, change."""
    dated = [
        (change.date.value, entry.document.id, entry, change)
        for entry in site.valid
        for change in entry.document.header.changes[:1]
        if change.date
    ]
    return [(day, entry, change) for day, _, entry, change in sorted(dated, key=lambda one: one[:2], reverse=True)]


def _due(site: Site) -> list[Entry]:
    """The documents whose review is due soon or overdue, the most urgent first."""
    until = site.edition.today + timedelta(days=DUE_DAYS)
    due = [
        (entry.next_review, entry.document.id, entry)
        for entry in site.valid
        if entry.next_review and entry.next_review <= until
    ]
    return [entry for _, _, entry in sorted(due, key=lambda one: one[:2])]
