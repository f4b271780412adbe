"""One page to one PDF: WeasyPrint with the package's fonts, the package's look, and nothing from outside."""

import hashlib
import logging
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree

import pydyf
import weasyprint
from cssselect2 import ElementWrapper
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from qmanual.language import N_
from qmanual.pdf import justify, ruling, spared, styles, tags
from qmanual.pdf.archival import embed, metadata
from qmanual.pdf.job import Carried, Failed, Job, Outcome, Printed
from qmanual.pdf.key import job_digest
from qmanual.pdf.pictures import named, picture
from qmanual.render.watermark import watermark

if TYPE_CHECKING:
    from weasyprint.document import Document

LOOK = Path(__file__).parent.parent / "render" / "print.css"
BASE = "file:///manual/"
"""The address of the manual, wherever it is: WeasyPrint names pictures in the PDF by their addresses."""
HEAD = 400
"""Characters at the beginning of a page within which it names the company's look."""

_OWN_LOOK = re.compile(r'<html [^>]*data-look="([^"]+)"')
_log = logging.getLogger("weasyprint")


class Printer:
    """WeasyPrint with everything that is the same for all documents read once. `root`: the manual, for its pictures.

    `mark`: in the names of files that are not whole yet, so that whoever made them finds them again.
    """

    def __init__(self, root: Path, mark: str = "") -> None:
        justify.install()
        ruling.install()
        spared.install()
        styles.install()
        tags.install()
        self.fetcher = _Fetcher(root.resolve())
        self.fonts = FontConfiguration()
        self.looks = {"": [self._sheet(LOOK)]}
        self.heard = _Heard()
        self.half = f".{mark}-{os.getpid()}.part"
        _log.addHandler(self.heard)

    def _sheet(self, path: Path, address: str = BASE) -> weasyprint.CSS:
        text = path.read_text("utf-8")
        return weasyprint.CSS(string=text, base_url=address, font_config=self.fonts, url_fetcher=self.fetcher)

    def _look(self, html: str) -> list[weasyprint.CSS]:
        """Ours, and behind it the company's when the page names one; each is read once."""
        own = _OWN_LOOK.search(html[:HEAD])
        name = own[1] if own else ""
        if name not in self.looks:
            place = picture(self.fetcher.root, str(self.fetcher.root / name))
            if place is None:
                raise FatalURLFetchingError(name)
            self.looks[name] = [*self.looks[""], self._sheet(place, BASE + quote(name))]
        return self.looks[name]

    def print(self, job: Job, out: Path) -> Outcome:
        """Print one page into the folder `out`. Raises `OSError` when that cannot be written."""
        outcome, data = self.made(job)
        if isinstance(outcome, Printed):
            _write(out / job.name, data, out / self.half)
        return outcome

    def made(self, job: Job) -> tuple[Outcome, bytes]:
        """What comes of a page, and the bytes of the PDF."""
        self.heard.failures.clear()
        try:
            document, data = self._printed(job)
        except FatalURLFetchingError as error:
            return Failed(job.id, N_("{address} is not a picture of this manual"), {"address": str(error)}), b""
        except Exception as error:  # whatever it is: this document fails, the others do not
            said = f"{type(error).__name__}: {error}"
            return Failed(job.id, N_("the printer stopped: {error}"), {"error": said}), b""
        if self.heard.failures:
            said = ", ".join(self.heard.failures)
            text = N_(
                "a picture is damaged, or of a kind that cannot be printed: {names}. Save it anew as PNG or JPEG."
            )
            return Failed(job.id, text, {"names": said}), b""
        missing = "".join(sorted({chr(code) for font in document.fonts.values() for code in font.missing}))
        return Printed(job.name, job.id, len(document.pages), hashlib.sha256(data).hexdigest(), missing), data

    def _printed(self, job: Job) -> "tuple[Document, bytes]":
        self.fetcher.named = frozenset(named(job.html, self.fetcher.root))
        page = _Page(job.html, BASE, self.fetcher, self._look(job.html))
        document = page.render(font_config=self.fonts)
        tags.find_ornaments(document)
        document.qm_form = job.form
        producer = f"WeasyPrint {weasyprint.__version__}"
        document.metadata.generate_rdf_metadata = lambda *_: metadata(document.metadata, producer, job.control)
        data = document.write_pdf(
            pdf_identifier=job_digest(job)[:32].encode(),
            pdf_variant="pdf/a-3a",
            finisher=lambda _, pdf: _finish(pdf, job.files),
        )
        return document, data


def _write(place: Path, data: bytes, half: Path) -> None:
    """Write a file whole, unless it has just these bytes: to replace one makes many file systems wait for the disk."""
    if not place.is_symlink() and place.is_file() and place.read_bytes() == data:
        return
    half.write_bytes(data)
    half.replace(place)


class _Page(weasyprint.HTML):  # type: ignore[misc]
    """A page read by the XML parser, many times as fast as one for any HTML, with our look in place of a browser's."""

    def __init__(self, text: str, base: str, fetcher: URLFetcher, look: list[weasyprint.CSS]) -> None:
        self.base_url, self.url_fetcher, self.media_type = base, fetcher, "print"
        self.wrapper_element = ElementWrapper.from_html_root(ElementTree.fromstring(text))
        self.etree_element = self.wrapper_element.etree_element
        self.look = look

    def _ua_stylesheets(self, forms: bool = False) -> list[weasyprint.CSS]:
        return self.look


def _finish(pdf: pydyf.PDF, files: Iterable[Carried]) -> None:
    """Put in the files, compress the streams once, and have viewers show the title, not the file's name.

    The metadata stay as they are, so that a search without a PDF reader finds them. For the identifier pydyf would
    compress a second time, at a level that takes twice as long to save a hundredth.
    """
    embed(pdf, files)
    pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
    for part in pdf.objects:
        if isinstance(part, pydyf.Stream) and part.compress:
            part.compress = False
            if part.extra.get("Type") == "/Metadata":
                continue
            data = part.data.split(b"\nstream\n", 1)[1].removesuffix(b"\nendstream")
            part.stream = [zlib.compress(data, 6)]
            part.extra["Filter"] = "/FlateDecode"


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Fetches the pictures under `root` that are `named` and the watermark; anything else ends the document.

    It looks at every address itself; the inherited handlers for networks are never asked.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(allowed_protocols=())
        self.root = root
        self.named: frozenset[str] = frozenset()

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        if parts.scheme == "watermark":
            soft, word = parts.path.startswith("soft/"), unquote(parts.path.removeprefix("soft/"))
            return URLFetcherResponse(url, watermark(word, soft), {"Content-Type": "image/svg+xml"})
        path = None
        if url.startswith(BASE):
            path = picture(self.root, str(self.root / unquote(parts.path.removeprefix(urlsplit(BASE).path))))
        if path is None or path.relative_to(self.root).as_posix() not in self.named:
            raise FatalURLFetchingError(unquote(url.removeprefix(BASE)))
        return URLFetcherResponse(url, path.read_bytes())


class _Heard(logging.Handler):
    """Listens for what WeasyPrint only logs although a page without it is not the document: pictures that fail."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg.startswith(("Failed to load image", "Failed to render SVG", "Failed to load inline SVG")):
            told = str(record.args[0] if isinstance(record.args, tuple) and record.args else record.getMessage())
            self.failures.append(unquote(told.removeprefix(BASE)))
