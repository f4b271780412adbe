"""Released texts that do not stand on their document's own page: those still to come and those that were in force.

Each has one page of its own, chapters and all, under `coming/` or `archive/`; its links lead to what is in force now.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from qmanual.control.edition import Entry, Version
from qmanual.control.lifetime import Lifetime
from qmanual.control.status import Status
from qmanual.files import file_name, text_name
from qmanual.model import Document
from qmanual.register import Register
from qmanual.render.address import FILE, PAGE, SITE
from qmanual.render.markdown import Rendered, TocEntry

_LINK = re.compile(r'<(a|img)\b([^>]*?)\b(href|src)="qmanual:(page|file)/([^"#]*)(#[^"]*)?"')
_SVG = re.compile(r"(<svg\b.*?</svg>)", re.DOTALL)
_ID = re.compile(r'\b(id="|href="#)')
_OWN = re.compile(r'\bhref="qmanual:page/([^"#]*)(?:#([^"]*))?"')
_HEADING = re.compile(r"<(/?)h([1-5])\b")


@dataclass(frozen=True, kw_only=True)
class Text:
    """A released text beside the one on its document's page.

    `entry`: this text, as it stands on the day. `current`: the text on the document's page. `page`: its path on the
    site. `bodies`: its rendered files, in the order of the document's; empty when it may not be published.
    """

    entry: Entry
    current: Entry
    life: Lifetime
    page: str
    bodies: tuple[Rendered, ...] = ()

    @property
    def address(self) -> str:
        """The neutral address of its page."""
        return f"{SITE}{quote(self.page)}"

    @property
    def pdf(self) -> str:
        """The name of its PDF, in a folder named as that of its page."""
        return f"{self.page.removesuffix('.html')}.pdf"

    @property
    def coming(self) -> bool:
        """Whether it is still to come."""
        return self.entry.status is Status.APPROVED


def text_page(version: Version, taken: Iterable[str] = ()) -> str:
    """The path of a text's page on the site: `archive/QP-8.4-01_A-1.html`, under `coming/` while it is to come.

    Of two texts with one number and revision, which rules forbid, the second also bears a part of its digest.
    """
    folder = "coming" if version.status is Status.APPROVED else "archive"
    name = text_name(version.facts.id, version.revision)
    page = f"{folder}/{name}.html"
    return f"{folder}/{name}_{version.facts.digest[:8]}.html" if page in taken else page


def changes_page(number: str, old: Version, new: Version, taken: Iterable[str] = ()) -> str:
    """The path on the site of what changed between two texts: `changes/QP-8.4-01_A-1-A-2.html`."""
    names = "-".join(file_name(one.revision.replace("/", "-")) or "draft" for one in (old, new))
    page = f"changes/{file_name(number)}_{names}.html"
    return page if page not in taken else page.replace(".html", f"_{old.facts.digest[:8]}.html")


# -- links -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Around:
    """What lay around a text when it was released. `moved`: path of a picture → where it is on the site. `then`: path
    of a document or chapter → the number of its document at that time.
    """

    moved: Mapping[str, str]
    then: Mapping[str, str]


def relocated(text: str, around: Around, register: Register) -> str:
    """A text of an earlier release with links that lead where things are now; what is gone is no link any more."""

    def placed(match: re.Match[str]) -> str:
        tag, between, attribute, _, target, _ = match.groups()
        path = unquote(target)
        if path in around.moved:
            return f'<{tag}{between}{attribute}="{FILE}{quote(around.moved[path])}"'
        if tag == "img" or path in register.tree.images or 'class="qm-ref"' in between:
            return match[0]
        number = around.then.get(path, "")
        known = register.by_path.get(path)
        if known and number in ("", known[0].id):
            return match[0]
        document = register.by_id.get(number)
        return f'<{tag}{between}{attribute}="{PAGE}{quote(document.path)}"' if document else f"<{tag}{between}"

    return _LINK.sub(placed, text)


# -- one page of several files -----------------------------------------------------------------------------------


def joined(document: Document, bodies: Sequence[Rendered]) -> Rendered:
    """All files of a document as one text: links between them lead within it, chapters are sections of it."""
    places = {body.path: f"c{at}" if at else "" for at, body in enumerate(document.bodies)}
    parts: list[str] = []
    toc: list[TocEntry] = []
    for at, rendered in enumerate(bodies):
        if at == 0:
            parts.append(_within(rendered.html, "", places))
            toc += rendered.toc
        else:
            inside = _HEADING.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", rendered.html)
            parts.append(f'<section id="c{at}">{_within(inside, f"c{at}-", places)}</section>')
            toc += [_placed(entry, f"c{at}-") for entry in rendered.toc]
    return Rendered("".join(parts), tuple(toc))


def _within(text: str, prefix: str, places: Mapping[str, str]) -> str:
    """The text of one file: its anchors told apart from those of the others, links into these files made anchors."""

    def own(match: re.Match[str]) -> str:
        place = places.get(unquote(match[1]))
        if place is None:
            return match[0]
        anchor = "-".join(part for part in (place, match[2] or "") if part) if match[2] else place
        return f'href="#{anchor}"'

    pieces = _SVG.split(text)
    for at in range(0, len(pieces), 2):
        piece = _ID.sub(lambda match: match[0] + prefix, pieces[at]) if prefix else pieces[at]
        pieces[at] = _OWN.sub(own, piece)
    return "".join(pieces)


def _placed(entry: TocEntry, prefix: str) -> TocEntry:
    children = tuple(_placed(child, prefix) for child in entry.children)
    return replace(entry, level=entry.level + 1, id=prefix + entry.id, children=children)
