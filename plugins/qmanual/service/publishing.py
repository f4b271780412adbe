"""A site ready for its theme: all pages, what stands around them, and what lies beside them."""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from qmanual.checks.report import finding_lines
from qmanual.finding import Finding
from qmanual.language import N_, Translator
from qmanual.render.address import SITE, localize
from qmanual.render.markdown import Rendered
from qmanual.render.nav import Menu
from qmanual.render.page import Page, css_string
from qmanual.render.pages import site_pages
from qmanual.render.proof import VERIFY, issued_script
from qmanual.render.searching import document_list, index_pages
from qmanual.render.site import Site
from qmanual.search import build_index
from qmanual.service.beside import Beside
from qmanual.service.building import Prints
from qmanual.service.copies.register import rows
from qmanual.service.publication import Publication
from qmanual.service.rendering import withholds


@dataclass(frozen=True)
class SiteBuild:
    """A site ready to be put into its theme: pages, the menu, and what is copied beside them."""

    manual: Publication
    site: Site
    pages: tuple[Page, ...]
    pictures: Path
    prints: tuple[Prints, ...] = ()
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
        private = {unquote(path) for path in self.manual.frame.hands.values()}  # written names belong on prints only
        return tuple(sorted(self.manual.shown_pictures - self.unsafe - private))

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
        draft = say(DRAFT) if self.manual.draft else ""
        return {
            "title": page.title,
            "tabs": [(title, at(address), name == page.section) for name, title, address in self.menu.tabs],
            "sidebar": localize(self.menu.sidebar(page), page.path),
            "trail": [(title, at(address)) for title, address in page.trail],
            "up": "../" * page.path.count("/"),
            "wide": page.wide,
            "draft": draft,
            "mark": say(N_("draft")) if draft else page.mark,
            "scripts": [f"assets/qmanual/{name}" for name in ("issued.js", "verify.js")] if page.path == VERIFY else [],
            "foot": [(say(title), at(address)) for title, address in self._foot],
            "note": f"{say(N_('draft'))} · {note}" if draft else note,
            "print": css_string(page.meta.get("print", page.title)),
            "uncontrolled": css_string(note),
            "company": self.manual.register.organization.company or self.name,
            "say": say,
            "findings": [finding_lines(finding, say) for finding in self.shown if finding.span.path == page.source],
        }

    @property
    def _foot(self) -> list[tuple[str, str]]:
        """What every page links to at its foot."""
        released = (
            [] if self.manual.draft else [(N_("Releases"), "releases.html"), (N_("Archive"), "archive/index.html")]
        )
        return [(title, SITE + path) for title, path in (*released, (N_("Verify a PDF"), VERIFY))]


DRAFT = N_("Draft: this site shows the documents as they are being written, not what was released. Do not work by it.")


def prepare_site(
    manual: Publication,
    bodies: Mapping[str, Rendered],
    pictures: Path,
    beside: Beside,
    prints: Iterable[Prints] = (),
    shown: tuple[Finding, ...] = (),
    findings: Iterable[Finding] = (),
) -> SiteBuild:
    """Every page of the site. `pictures`: the folder where they lie, see `publication.stage`. `beside`: the texts
    beside those of `bodies`. `prints`: the PDFs that lie on the site.

    `shown`: findings that stand on the page of the file they are about, while somebody writes. A picture is withheld
    when one of the `findings` is an error about its safety, as a document is by `render_bodies`.
    """
    prints = tuple(prints)
    names = {source: name for one in prints for source, name in one.names.items()}
    site = Site(
        edition=manual.edition,
        bodies=bodies,
        pdfs=names,
        say=Translator(manual.language),
        texts=beside.texts,
        comparisons=beside.comparisons,
        history=manual.manual.history,
        verdict=manual.verdict,
        copies=() if manual.draft else rows(manual.manual),
    )
    unsafe = frozenset(finding.span.path for finding in findings if withholds(finding)) | beside.unsafe
    return SiteBuild(manual, site, tuple(site_pages(site)), pictures, prints, shown, unsafe)


def start_index(build: SiteBuild, folder: Path) -> Future[None]:
    """Begin the search index while the pages are written: it is made from the rendered text, by another program."""
    with_one = ThreadPoolExecutor(1)
    begun = with_one.submit(build_index, index_pages(build.site), folder / "pagefind", build.manual.language)
    with_one.shutdown(wait=False)
    return begun


def finish_site(build: SiteBuild, folder: Path, index: Future[None]) -> None:
    """What comes after the pages are written: the PDFs beside them, and the end of the search index."""
    digests = {}
    for prints in build.prints:
        for source, name in prints.names.items():
            target = folder / "pdf" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((prints.folder / prints.printed[source].name).read_bytes())
            digests[source] = prints.printed[source].sha256
    scripts = folder / "assets/qmanual"
    (scripts / "documents.js").write_text(document_list(build.site), encoding="utf-8")
    (scripts / "issued.js").write_text(issued_script(build.site, digests), encoding="utf-8")
    index.result()
