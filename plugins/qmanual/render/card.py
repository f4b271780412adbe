"""What stands around a document's text on its pages: the card of its control data, and its title above that."""

import re
from urllib.parse import quote

from markupsafe import Markup

from qmanual.control.edition import Entry
from qmanual.control.evidence import evidence_of
from qmanual.control.statement import folder_of
from qmanual.control.status import STATUS_NAMES
from qmanual.render.address import PAGE
from qmanual.render.approvals import legend, pending, places
from qmanual.render.markdown import Rendered
from qmanual.render.site import Site, chapter_title
from qmanual.settings import Kind

_HEADING = re.compile(r"\s*<h1\b[^>]*>.*?</h1>", re.DOTALL)


def card(site: Site, entry: Entry, kind: Kind) -> dict[str, object]:
    """What the pages of a document and of its chapters show alike. A page of another text adds `text`."""
    document, register, by_id = entry.document, site.edition.register, site.edition.by_id
    gone = document.header.withdrawn
    signed = places(document, register, evidence_of(document, site.verdict))
    folder = folder_of(document.id, document.revision)
    return {
        "entry": entry,
        "document": document,
        "kind": kind,
        "text": None,
        "chapters": [(chapter_title(chapter), f"{PAGE}{quote(chapter.path)}") for chapter in document.chapters],
        "clauses": site.claimed(document),
        "references": [by_id[name] for name in register.references.get(document.id, ()) if name in by_id],
        "referenced_by": [by_id[name] for name in register.referenced_by.get(document.id, ()) if name in by_id],
        "replacement": by_id.get(gone.replaced_by.value) if gone and gone.replaced_by else None,
        "pdf": site.pdfs.get(document.path),
        "signed": [place for place in signed if not place.open or pending(entry.status)],
        "legend": legend(signed),
        "rejected": site.verdict.rejection(folder, document.digest) if pending(entry.status) else None,
        "copies": site.held_copies(document),
        "coming": site.coming(entry),
    }


def split(rendered: Rendered) -> dict[str, object]:
    """The title of a text, which stands above the card, and the rest of it."""
    heading = _HEADING.match(rendered.html)
    return {
        "heading": Markup(heading[0]) if heading else None,
        "content": Markup(rendered.html[heading.end() :] if heading else rendered.html),
    }


def slip(site: Site, entry: Entry) -> str:
    """What stands at the head of every printed page: company, number, revision, status."""
    document, organization = entry.document, site.edition.register.organization
    parts = (organization.company, document.id, document.revision, site.say(STATUS_NAMES[entry.status]))
    return "  ".join(part for part in parts if part)
