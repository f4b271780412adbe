"""One page to one PDF: WeasyPrint with the package's fonts, the package's look, and nothing from outside."""

import hashlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from qmanual.pdf.job import Failed, Job, Outcome, Printed
from qmanual.pdf.justify import install
from qmanual.render.print import watermark

if TYPE_CHECKING:
    from weasyprint import CSS, HTML
    from weasyprint.urls import URLFetcher

LOOK = Path(__file__).parent.parent / "render" / "print.css"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif"})


class Printer:
    """WeasyPrint with everything that is the same for all documents read once."""

    def __init__(self, root: Path) -> None:
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        install()
        self.weasyprint: ModuleType = weasyprint
        self.fetcher = _fetcher(root.resolve())
        self.root = root.resolve()
        self.fonts = FontConfiguration()
        self.look: CSS = weasyprint.CSS(string=LOOK.read_text("utf-8"), font_config=self.fonts)
        self.heard = _Heard()
        logging.getLogger("weasyprint").addHandler(self.heard)

    def print(self, job: Job, out: Path) -> Outcome:
        """Print one page into the folder `out`."""
        from weasyprint.urls import FatalURLFetchingError

        self.heard.failures.clear()
        try:
            document = self._page(job.html).render(font_config=self.fonts, stylesheets=[self.look])
            data = document.write_pdf(pdf_identifier=hashlib.sha256(job.html.encode()).digest()[:16])
        except (Exception, FatalURLFetchingError) as error:  # whatever it is: this document fails, the others do not
            return Failed(job.id, f"{type(error).__name__}: {error}")
        if self.heard.failures:
            return Failed(job.id, "; ".join(self.heard.failures))
        half = out / f".{job.name}.part"
        half.write_bytes(data)
        half.replace(out / job.name)
        missing = "".join(sorted({chr(code) for font in document.fonts.values() for code in font.missing}))
        return Printed(job.name, job.id, len(document.pages), hashlib.sha256(data).hexdigest(), missing)

    def _page(self, text: str) -> "HTML":
        """The page's tree, read by the XML parser, which is many times as fast as one for any HTML."""
        return self.weasyprint.HTML(string=text, base_url=self.root.as_uri() + "/", url_fetcher=self.fetcher)


class _Heard(logging.Handler):
    """Listens for what WeasyPrint only logs although a page without it is not the document: a picture that fails."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "load image" in record.msg:
            self.failures.append(record.getMessage())


def _fetcher(root: Path) -> "URLFetcher":
    """What fetches for WeasyPrint: pictures under `root` and the watermark; anything else ends the document."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):  # type: ignore[misc]
        """Looks at every address itself; the inherited handlers for networks are never asked."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
            parts = urlsplit(url)
            if parts.scheme == "watermark":
                return URLFetcherResponse(url, watermark(unquote(parts.path)), {"Content-Type": "image/svg+xml"})
            path = picture(root, url2pathname(parts.path)) if parts.scheme == "file" and not parts.netloc else None
            if path is None:
                raise FatalURLFetchingError(f"not a picture of this manual: {unquote(url)}")
            return URLFetcherResponse(url, path.read_bytes())

    return Fetcher()


def picture(root: Path, name: str) -> Path | None:
    """The picture that is meant, when it is a regular file under `root` to which no symbolic link leads."""
    path = Path(os.path.normpath(name))
    if not path.is_relative_to(root) or path.suffix.lower() not in PICTURES:
        return None
    between = [path, *path.parents]
    if any(place.is_symlink() for place in between[: between.index(root)]):
        return None
    return path if path.is_file() else None
