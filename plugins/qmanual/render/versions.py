"""The pages about a document's life: texts that are to come, texts that were in force, what changed between two."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from qmanual.control.edition import Entry
from qmanual.control.lifetime import Lifetime, lifetimes
from qmanual.control.status import STATUS_NAMES, Status
from qmanual.language import N_
from qmanual.model import Document
from qmanual.render.address import SITE
from qmanual.render.card import card, split
from qmanual.render.page import Page
from qmanual.render.site import Link, Site, address_of, kind_address
from qmanual.render.texts import Text, joined


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of 历次版本. `address`: of its page, if it has one; `changes`: of what it changed in the one before."""

    life: Lifetime
    address: str = ""
    changes: str = ""
    text: Text | None = None


def history_rows(site: Site, entry: Entry) -> tuple[Row, ...]:
    """Every text of a document, newest first."""
    texts = {text.entry.document.digest + text.entry.document.revision: text for text in site.beside(entry)}
    rows = []
    for life in lifetimes(entry):
        facts = life.version.facts
        text = None if life.current else texts.get(facts.digest + facts.revision)
        address = address_of(entry.document) if life.current else ""
        if text and text.page in site.published:
            address = text.address
        changed = site.changes_of(facts)
        rows.append(Row(life=life, address=address, changes=changed, text=text))
    return tuple(rows)


# -- a text beside the one in force ------------------------------------------------------------------------------


def text_pages(site: Site) -> Iterator[Page]:
    """A page for every text that is to come or was in force."""
    for text in site.shown_texts:
        yield _text_page(site, text)


def _text_page(site: Site, text: Text) -> Page:
    document, current = text.entry.document, text.current.document
    kind = site.edition.register.settings.kind(document.kind)
    rendered = joined(document, text.bodies)
    facts = card(site, text.entry, kind) | {
        "text": text,
        "current": text.current,
        "main": True,
        "history": history_rows(site, text.current),
        "heir": _heir(site, text),
        "pdf": site.pdfs.get(text.page),
        "changes": site.changes_of(text.life.version.facts),
    }
    words = [site.edition.register.organization.company, document.id, document.revision, _standing(site, text)]
    return Page(
        path=text.page,
        title=f"{document.id} {document.revision} {document.title}",
        html=site.templates.get_template("document.html").render(facts | split(rendered)),
        toc=rendered.toc,
        section=kind.name,
        group=current.path if current.chapters else current.owner,
        trail=(*_trail(site, current), *(() if text.coming else ((site.say(N_("Archive")), ARCHIVE),))),
        of=current.path,
        mark=_standing(site, text),
        meta={"print": "  ".join(word for word in words if word)},
    )


ARCHIVE = f"{SITE}archive/index.html"


def _standing(site: Site, text: Text) -> str:
    return site.say(STATUS_NAMES[text.entry.status])


def _heir(site: Site, text: Text) -> Link | None:
    """The revision that took the place of a text, and where to read it."""
    heir = text.life.heir
    if heir is None:
        return None
    for row in history_rows(site, text.current):
        if row.life.version.facts == heir.facts:
            return heir.revision, row.address
    return heir.revision, ""


def _trail(site: Site, document: Document) -> tuple[Link, ...]:
    kind = site.edition.register.settings.kind(document.kind)
    return (
        site.home,
        (site.say(kind.title), kind_address(kind)),
        (f"{document.id} {document.title}", address_of(document)),
    )


# -- what changed ------------------------------------------------------------------------------------------------


def changes_pages(site: Site) -> Iterator[Page]:
    """A page for every two texts of a document that follow each other."""
    template = site.templates.get_template("changes.html")
    for compared in site.comparisons:
        entry = site.edition.by_id[compared.number]
        document = entry.document
        rows = {row.life.version.facts.digest: row for row in history_rows(site, entry)}
        facts = {
            "document": document,
            "title": site.say(N_("What changed")),
            "old": rows.get(compared.old.facts.digest),
            "new": rows.get(compared.new.facts.digest),
            "old_version": compared.old,
            "new_version": compared.new,
            "summaries": [one for one in compared.new.facts.changes if one.revision == compared.new.revision],
            "content": Markup(compared.html),
        }
        title = f"{document.id} {compared.old.revision} → {compared.new.revision} {document.title}"
        yield Page(
            path=compared.page,
            title=title,
            html=template.render(facts),
            section=document.kind,
            group=document.path if document.chapters else document.owner,
            trail=_trail(site, document),
            of=document.path,
            wide=True,
            meta={"print": title},
        )


# -- the archive -------------------------------------------------------------------------------------------------


def archive_page(site: Site) -> Page:
    """All texts that are not to be used any more, as a table."""
    title = site.say(N_("Archive"))
    rows = []
    for entry in site.edition.entries:
        for row in history_rows(site, entry):
            if row.life.version.status in (Status.SUPERSEDED, Status.WITHDRAWN):
                gone = entry.document.header.withdrawn if row.life.current else None
                other = site.edition.by_id.get(gone.replaced_by.value) if gone and gone.replaced_by else None
                rows.append((entry, row, gone, other))
    rows.sort(key=lambda one: (str(one[1].life.until or ""), one[0].document.id), reverse=True)
    facts = {"title": title, "rows": rows}
    path = "archive/index.html"
    return site.page(path, title, "archive.html", facts, section="archive", trail=(site.home,), wide=True)
