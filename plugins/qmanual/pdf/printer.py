"""One page to one PDF: WeasyPrint with the package's fonts, the package's look, and nothing from outside."""

import hashlib
import logging
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname
from xml.etree import ElementTree

import pydyf
import weasyprint
from cssselect2 import ElementWrapper
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from qmanual.language import N_
from qmanual.pdf import justify, ruling, styles
from qmanual.pdf.job import Failed, Job, Outcome, Printed
from qmanual.render.watermark import watermark

if TYPE_CHECKING:
    from weasyprint.document import Document

LOOK = Path(__file__).parent.parent / "render" / "print.css"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".bmp", ".avif"})

_log = logging.getLogger("weasyprint")


class Printer:
    """WeasyPrint with everything that is the same for all documents read once. `root`: the manual, for its pictures."""

    def __init__(self, root: Path) -> None:
        justify.install()
        ruling.install()
        styles.install()
        self.fetcher = _Fetcher(root.resolve())
        self.base = root.resolve().as_uri() + "/"
        self.fonts = FontConfiguration()
        self.look = weasyprint.CSS(string=LOOK.read_text("utf-8"), font_config=self.fonts, url_fetcher=self.fetcher)
        self.heard = _Heard()
        _log.addHandler(self.heard)

    def print(self, job: Job, out: Path) -> Outcome:
        """Print one page into the folder `out`."""
        self.heard.failures.clear()
        try:
            document, data = self._printed(job.html)
        except FatalURLFetchingError as error:
            return Failed(job.id, N_("{address} is not a picture of this manual"), {"address": str(error)})
        except Exception as error:  # whatever it is: this document fails, the others do not
            return Failed(job.id, N_("the printer stopped: {error}"), {"error": f"{type(error).__name__}: {error}"})
        if self.heard.failures:
            return Failed(job.id, N_("a picture cannot be drawn: {error}"), {"error": "; ".join(self.heard.failures)})
        half = out / f".{job.name}.part"
        half.write_bytes(data)
        half.replace(out / job.name)
        missing = "".join(sorted({chr(code) for font in document.fonts.values() for code in font.missing}))
        return Printed(job.name, job.id, len(document.pages), hashlib.sha256(data).hexdigest(), missing)

    def _printed(self, text: str) -> "tuple[Document, bytes]":
        page = _Page(text, self.base, self.fetcher, self.look)
        document = page.render(font_config=self.fonts)
        identifier = hashlib.sha256(text.encode()).hexdigest()[:32].encode()
        return document, document.write_pdf(pdf_identifier=identifier, finisher=_finish)


class _Page(weasyprint.HTML):  # type: ignore[misc]
    """A page read by the XML parser, many times as fast as one for any HTML, with our look in place of a browser's."""

    def __init__(self, text: str, base: str, fetcher: URLFetcher, look: weasyprint.CSS) -> None:
        self.base_url, self.url_fetcher, self.media_type = base, fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(ElementTree.fromstring(text))
        self.etree_element = self.wrapper_element.etree_element
        self.look = look

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return [self.look]


def _finish(document: object, pdf: pydyf.PDF) -> None:
    """Compress the streams once, and have viewers show the title, not the file's name (PDF 32000-1, 12.2).

    For the identifier pydyf would compress a second time, at a level that takes twice as long to save a hundredth.
    """
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
    for part in pdf.objects:
        if isinstance(part, pydyf.Stream) and part.compress:
            part.compress = False
            data = part.data.split(b"\nstream\n", 1)[1].removesuffix(b"\nendstream")
            part.stream = [zlib.compress(data, 6)]
            part.extra["Filter"] = "/FlateDecode"


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Fetches pictures under `root` and the watermark; anything else ends the document.

    It looks at every address itself; the inherited handlers for networks are never asked.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(allowed_protocols=())
        self.root = root

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "watermark":
            return URLFetcherResponse(url, watermark(unquote(parts.path)), {"Content-Type": "image/svg+xml"})
        path = None
        if parts.scheme == "file" and not parts.netloc:
            path = picture(self.root, url2pathname(parts.path))
        if path is None:
            raise FatalURLFetchingError(unquote(url.removeprefix(f"{self.root.as_uri()}/")))
        return URLFetcherResponse(url, path.read_bytes())


def picture(root: Path, name: str) -> Path | None:
    """The picture that is meant, when it is a regular file under `root` to which no symbolic link leads."""
    path = Path(os.path.normpath(name))
    if not path.is_relative_to(root) or path.suffix.lower() not in PICTURES:
        return None
    between = [path, *path.parents]
    if any(place.is_symlink() for place in between[: between.index(root)]):
        return None
    return path if path.is_file() else None


class _Heard(logging.Handler):
    """Listens for what WeasyPrint only logs although a page without it is not the document: pictures that fail."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith(("Failed to load image", "Failed to render SVG image")):
            self.failures.append(unquote(record.getMessage()))
