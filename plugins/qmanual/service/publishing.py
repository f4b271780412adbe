"""Publishing a manual: text rendered once, then the site, the PDFs and the registers made from it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from qmanual.checks.report import finding_lines
from qmanual.finding import Finding, Severity
from qmanual.language import N_, Language, Translator
from qmanual.model import Body, Document
from qmanual.register import Register
from qmanual.render.address import localize, neutral
from qmanual.render.gate import forbidden
from qmanual.render.generated import fill_markers
from qmanual.render.markdown import CannotRender, Rendered, render
from qmanual.render.nav import Menu
from qmanual.render.page import Page, css_string
from qmanual.render.pages import site_pages
from qmanual.render.searching import document_list, index_pages
from qmanual.render.site import Site
from qmanual.search import build_index
from qmanual.service.publication import Publication

FEW = 40
"""Below so many texts, starting worker processes costs more than it saves."""


def render_bodies(
    manual: Publication, findings: Iterable[Finding] = (), workers: int | None = None
) -> dict[str, Rendered]:
    """Path → rendered text with neutral links, of every document and chapter that may be published.

    A document with an error about publication safety is withheld: nothing of it is rendered. So is one that cannot be
    rendered, or whose rendered text does not pass the last gate; `withheld` names those.
    """
    unsafe = {finding.span.path for finding in findings if _withholds(finding)}
    documents = [one for one in manual.register.documents if not any(body.path in unsafe for body in one.bodies)]
    rendered = _render_all(manual, [body for document in documents for body in document.bodies], workers)
    passed = {path: text for path, text in rendered.items() if text is not None and not forbidden(text.html)}
    kept = [one for one in documents if all(body.path in passed for body in one.bodies)]
    return {body.path: passed[body.path] for document in kept for body in document.bodies}


def withheld(manual: Publication, bodies: Mapping[str, Rendered], findings: Iterable[Finding]) -> tuple[Document, ...]:
    """The documents that are not published although no finding says why: they could not be made a safe page."""
    told = {finding.span.path for finding in findings if _withholds(finding)}
    return tuple(
        document
        for document in manual.register.documents
        if document.path not in bodies and not any(body.path in told for body in document.bodies)
    )


def _withholds(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR and finding.code.startswith("QM80") and finding.code not in ("QM809",)


def _render_all(manual: Publication, bodies: Sequence[Body], workers: int | None) -> dict[str, Rendered | None]:
    workers = workers or os.cpu_count() or 1
    if len(bodies) < FEW or workers == 1:
        return {body.path: _render(body, manual.register, Translator(manual.language)) for body in bodies}
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(manual.register, manual.language)) as pool:
        texts = pool.map(_render_at, [body.path for body in bodies], chunksize=16)
        return dict(zip((body.path for body in bodies), texts, strict=True))


_context: tuple[Register, Translator] | None = None
"""What a worker process works with; set once when it starts."""


def _start(register: Register, language: Language) -> None:
    global _context
    _context = (register, Translator(language))


def _render_at(path: str) -> Rendered | None:
    assert _context is not None
    register, say = _context
    return _render(register.by_path[path][1], register, say)


def _render(body: Body, register: Register, say: Translator) -> Rendered | None:
    kind = register.settings.kind(register.by_path[body.path][0].kind)
    try:
        rendered = render(body.source.text[body.start :], form=kind.form)
    except CannotRender:
        return None
    linked = neutral(rendered.html, body, register)
    return Rendered(fill_markers(linked, register, say) if body.markers else linked, rendered.toc)


@dataclass(frozen=True)
class SiteBuild:
    """A site ready to be put into its theme: pages, the menu, and what is copied beside them."""

    manual: Publication
    site: Site
    pages: tuple[Page, ...]
    pictures: Path
    pdf_folder: Path | None = None
    shown: tuple[Finding, ...] = ()
    unsafe: frozenset[str] = frozenset()

    @cached_property
    def by_path(self) -> Mapping[str, Page]:
        """Every page by its path on the site."""
        return {page.path: page for page in self.pages}

    @cached_property
    def menu(self) -> Menu:
        """The menu, made once for all pages."""
        return Menu(self.site, self.pages)

    @property
    def root(self) -> Path:
        """The manual's folder."""
        return self.manual.root

    @property
    def name(self) -> str:
        """The site's name: the manual's, else the company's."""
        register = self.manual.register
        return register.settings.site_name or register.organization.company or self.site.say(N_("Quality manual"))

    @property
    def assets(self) -> tuple[str, ...]:
        """Files of the folder `pictures` that are published beside the pages."""
        return tuple(sorted(self.manual.shown_pictures - self.unsafe))

    @property
    def watch(self) -> tuple[Path, ...]:
        """The folders whose changes make a new site while serving."""
        return tuple(
            self.root / folder for folder in self.manual.register.settings.folders if (self.root / folder).is_dir()
        )

    def content(self, page: Page) -> str:
        """The page's text with links that hold on the site."""
        return localize(page.html, page.path)

    def frame(self, page: Page) -> dict[str, object]:
        """What the theme shows around a page."""

        def at(address: str) -> str:
            return localize(f'href="{address}"', page.path)[6:-1]

        say = self.site.say
        note = say(N_("As of {day}. A printed page is not a controlled copy."), day=self.manual.today.isoformat())
        return {
            "title": page.title,
            "tabs": [(title, at(address), name == page.section) for name, title, address in self.menu.tabs],
            "sidebar": localize(self.menu.sidebar(page), page.path),
            "trail": [(title, at(address)) for title, address in page.trail],
            "up": "../" * page.path.count("/"),
            "wide": page.wide,
            "note": note,
            "print": css_string(page.meta.get("print", page.title)),
            "uncontrolled": css_string(note),
            "company": self.manual.register.organization.company or self.name,
            "say": say,
            "findings": [finding_lines(finding, say) for finding in self.shown if finding.span.path == page.source],
        }


def prepare_site(
    manual: Publication,
    bodies: Mapping[str, Rendered],
    pictures: Path,
    pdfs: Mapping[str, str] | None = None,
    pdf_folder: Path | None = None,
    shown: tuple[Finding, ...] = (),
    findings: Iterable[Finding] = (),
) -> SiteBuild:
    """Every page of the site. `pictures`: the folder where they lie, see `publication.stage`. `pdfs`: document path →
    file name in `pdf_folder`, for the links.

    `shown`: findings that stand on the page of the file they are about, while somebody writes. A picture is withheld
    when one of the `findings` is an error about its safety, as a document is by `render_bodies`.
    """
    site = Site(manual.edition, bodies, pdfs or {}, Translator(manual.language))
    unsafe = frozenset(finding.span.path for finding in findings if _withholds(finding))
    return SiteBuild(manual, site, tuple(site_pages(site)), pictures, pdf_folder, shown, unsafe)


def start_index(build: SiteBuild, folder: Path) -> Future[None]:
    """Begin the search index while the pages are written: it is made from the rendered text, by another program."""
    with_one = ThreadPoolExecutor(1)
    begun = with_one.submit(build_index, index_pages(build.site), folder / "pagefind", build.manual.language)
    with_one.shutdown(wait=False)
    return begun


def finish_site(build: SiteBuild, folder: Path, index: Future[None]) -> None:
    """What comes after the pages are written: the PDFs beside them, and the end of the search index."""
    if build.pdf_folder and build.site.pdfs:
        target = folder / "pdf"
        target.mkdir(exist_ok=True)
        for name in build.site.pdfs.values():
            (target / name).write_bytes((build.pdf_folder / name).read_bytes())
    (folder / "assets/qmanual/documents.js").write_text(document_list(build.site), encoding="utf-8")
    index.result()
