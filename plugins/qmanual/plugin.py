"""The MkDocs plugin: MkDocs is known here and nowhere else.

The pages come finished out of `service`; MkDocs lends its theme, its live reload and its file copying. Each hook hands
over and is done. `build_site` and `serve_site` run MkDocs for the command line with a configuration of their own, so
that nothing that a repository names is run; `mkdocs build` runs these same hooks with the repository's.
"""

import errno
import io
import logging
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.config import base
from mkdocs.config import config_options as c
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.theme import Theme
from mkdocs.utils.templates import TemplateContext

from qmanual.checks.report import message
from qmanual.finding import Severity
from qmanual.language import N_, Translator
from qmanual.parse.settings import NAMES
from qmanual.render.markdown import TocEntry
from qmanual.render.page import Page
from qmanual.service.beside import prepare_beside
from qmanual.service.checking import check, unsafe
from qmanual.service.loading import load
from qmanual.service.publication import publication, stage
from qmanual.service.publishing import SiteBuild, finish_site, prepare_site, start_index
from qmanual.service.rendering import render_bodies
from qmanual.workspace import CannotRun

log = get_plugin_logger("qmanual")

THEME = Path(__file__).parent / "theme"
ANY = c.Optional(c.Type((dict, list, str, int, float, bool)))


class QManualConfig(base.Config):  # type: ignore[no-untyped-call]
    """The settings are read by `parse.settings`, with their lines; MkDocs only learns which names there are."""


QManualConfig._schema = tuple((name, ANY) for name in sorted(set(NAMES.values())))


class QManualPlugin(BasePlugin[QManualConfig]):  # type: ignore[no-untyped-call]
    """`plugins: [qmanual]`"""

    site: SiteBuild | None = None
    prepared: SiteBuild | None = None
    staged: TemporaryDirectory[str] | None = None
    serving = False
    index: Future[None] | None = None

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Also keeps this instance across the rebuilds of `mkdocs serve`."""
        self.serving = command == "serve"

    @event_priority(100)
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        root = Path(config.config_file_path).parent if config.config_file_path else Path.cwd()
        today = config.extra.get("qmanual_today") or date.today()
        self.site = self.prepared or self._from_disk(root, today)
        _configure(config, self.site)
        return config

    @event_priority(100)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        assert self.site is not None
        theme = [file for file in files if file.generated_by is None and file.src_dir != config.docs_dir]
        theme = [file for file in theme if file.src_uri != "sitemap.xml"]
        pages = [_page_file(page, config) for page in self.site.pages]
        assets = [_asset(path, self.site.pictures, config) for path in self.site.assets]
        self.index = start_index(self.site, Path(config.site_dir))
        return Files([*theme, *pages, *assets])

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        nav.homepage = next((page for page in nav.pages if page.file.dest_uri == "index.html"), nav.homepage)
        return nav

    def on_page_read_source(self, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        return ""

    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        made = self._made(page)
        page.title = made.title
        page.update_date = self._build().manual.today.isoformat()
        page.meta = {"hide": _hidden(made)}
        page.toc = TableOfContents([_anchor(entry) for entry in made.toc or (_start(made),)])
        return self._build().content(made)

    def on_page_context(
        self, context: TemplateContext, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        build, made = self._build(), self._made(page)
        context["qm"] = build.frame(made)  # type: ignore[typeddict-unknown-key]
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        assert self.index is not None
        finish_site(self._build(), Path(config.site_dir), self.index)

    def _build(self) -> SiteBuild:
        assert self.site is not None
        return self.site

    def _from_disk(self, root: Path, today: date) -> SiteBuild:
        """The site for `mkdocs build`, which shows the edition, and for `serve`, which shows what is being written.

        Findings go to MkDocs's log, and while serving onto the page that they are about as well.
        """
        manual = load(root, today)
        findings = check(manual)
        say = Translator(manual.language)
        for finding in findings:
            if finding.severity is not Severity.NOTE:
                log.warning("%s:%s %s %s", finding.span.path, finding.span.line, finding.code, message(finding, say))
        edition = publication(manual, draft=self.serving)
        withheld = unsafe(edition, findings)
        bodies = render_bodies(edition, withheld)
        beside = prepare_beside(edition, bodies)
        pictures = root
        if edition.pictures:
            self.staged = TemporaryDirectory(prefix="qmanual-pictures-")
            pictures = Path(self.staged.name)
            stage(edition, pictures)
        shown = findings if self.serving else ()
        return prepare_site(edition, bodies, pictures, beside, shown=shown, findings=withheld)

    def _made(self, page: MkDocsPage) -> Page:
        return self._build().by_path[page.file.dest_uri]


def _configure(config: MkDocsConfig, site: SiteBuild) -> None:
    """What the site needs of MkDocs, whatever mkdocs.yml says: no outside host, addresses that work from `file://`."""
    config.use_directory_urls = False
    config.site_name = site.name
    if config.theme.name != "material":
        config.theme = Theme(name="material")
    config.theme.dirs.insert(0, str(THEME))
    config.theme["font"] = False
    config.theme["language"] = site.manual.language
    config.theme["features"] = ["navigation.tabs", "navigation.top", "toc.follow", "navigation.path"]
    config.theme["palette"] = [
        {"media": "(prefers-color-scheme: light)", "scheme": "default", "primary": "custom", "accent": "custom",
         "toggle": {"icon": "material/weather-night", "name": site.site.say(N_("Dark"))}},
        {"media": "(prefers-color-scheme: dark)", "scheme": "slate", "primary": "custom", "accent": "custom",
         "toggle": {"icon": "material/weather-sunny", "name": site.site.say(N_("Light"))}},
    ]  # fmt: skip
    config["markdown_extensions"] = []
    config.extra["generator"] = False
    say = site.site.say
    config.extra["not_found"] = {"title": say(N_("This page does not exist")), "home": say(N_("To the home page"))}
    if not config.site_url:
        config.theme.static_templates -= {"sitemap.xml"}  # it would hold no address
    config.repo_url = None
    for folder in site.watch:
        if str(folder) not in config.watch:
            config.watch.append(str(folder))


def _page_file(page: Page, config: MkDocsConfig) -> File:
    made = File.generated(config, page.path.removesuffix(".html") + ".md", content="")
    made.dest_uri = page.path
    return made


def _asset(path: str, root: Path, config: MkDocsConfig) -> File:
    return File(path, str(root), config.site_dir, use_directory_urls=False)


def _hidden(page: Page) -> list[str]:
    """The theme's columns that a page does without."""
    return ["navigation", "toc"] if page.wide else [] if page.toc else ["toc"]


def _start(page: Page) -> TocEntry:
    """Where the link that skips the menu leads on a page without headings of its own."""
    return TocEntry(1, "content", page.title)


def _anchor(entry: TocEntry) -> AnchorLink:
    link = AnchorLink(entry.text, entry.id, entry.level)
    link.children = [_anchor(child) for child in entry.children]
    return link


def build_site(site: SiteBuild, out: Path) -> None:
    """Build the site into the folder `out`."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    with _given(site.root) as given:
        config = load_config(site_dir=str(out), **given)
        plugin = next(plugin for plugin in config.plugins.values() if isinstance(plugin, QManualPlugin))
        plugin.prepared = site
        try:
            build(config)
        finally:
            if plugin.index:  # after a failure it would go on writing into a folder that is being taken away
                wait([plugin.index])


def serve_site(root: Path, today: date, port: int) -> None:
    """Serve the site on this computer and build it anew after every change, until interrupted.

    Raises `CannotRun` when the port is taken.
    """
    from mkdocs.commands.serve import serve

    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    with _given(root) as given:
        try:
            serve(dev_addr=f"127.0.0.1:{port}", extra={"qmanual_today": today}, **given)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise CannotRun(N_("The port {port} is in use. Choose another: --port NUMBER"), port=str(port)) from error


class _Kept(io.BytesIO):
    """A configuration in memory, which MkDocs may close and read again."""

    def close(self) -> None:
        self.seek(0)


@contextmanager
def _given(root: Path) -> Iterator[dict[str, Any]]:
    """MkDocs's configuration, made here: a repository's own mkdocs.yml can name hooks, plugins, templates and Python
    objects that MkDocs would run. Of that file only our settings and the site's name are read, by ourselves.

    The folder of documents is an empty one: MkDocs shall read none of them, and it insists on having a folder.
    """
    with TemporaryDirectory(prefix="qmanual-docs-") as empty:
        yield {
            "site_name": root.name or "QManual",
            "docs_dir": empty,
            "theme": {"name": "material"},
            "plugins": ["qmanual"],
            "config_file": _Kept(b"{}"),
            "config_file_path": str(root / "mkdocs.yml"),
        }
