"""The plain way to print the same pages: WeasyPrint in a loop, in as many processes, with the same fonts and look.

usage: plain.py MANUAL OUT [--processes 2]

The pages are made as QManual makes them; what differs is only how they are printed.
"""

import argparse
import os
import sys
import tempfile
from datetime import date
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "plugins"))

DAY = date(2026, 6, 15)
LOOK = Path(__file__).resolve().parent.parent / "plugins/qmanual/render/print.css"
BLANK = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("manual", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as fonts:
        from qmanual.pdf.crew import write_font_list

        write_font_list(Path(fonts))
        os.environ["FONTCONFIG_FILE"] = str(Path(fonts, "fonts.conf"))
        with get_context("spawn").Pool(given.processes) as pool:
            pool.starmap(write, [(name, text, given.out) for name, text in pages(given.manual)], chunksize=1)


def pages(root: Path) -> list[tuple[str, str]]:
    """File name and HTML of every document's page."""
    from qmanual.pdf import Job, Outcome
    from qmanual.service.building import print_documents
    from qmanual.service.desk import Desk
    from qmanual.service.loading import load
    from qmanual.service.publication import publication
    from qmanual.service.rendering import render_bodies

    class Taken:
        """Stands where the press would: takes the jobs and prints nothing."""

        def __init__(self) -> None:
            self.root = root
            self.jobs: list[Job] = []

        def tools(self) -> dict[str, str]:
            return {}

        def print_all(self, jobs: list[Job], *_: object) -> tuple[Outcome, ...]:
            self.jobs += jobs
            return ()

    shown, taken = publication(load(root, DAY)), Taken()
    entries = shown.edition.entries
    with tempfile.TemporaryDirectory() as folder:
        print_documents(
            shown, lambda wanted: render_bodies(shown, only=wanted), Desk(taken), Path(folder), entries, lambda *_: None
        )
    return [(job.name, job.html) for job in taken.jobs]


def write(name: str, text: str, out: Path) -> None:
    """One page to one PDF, tagged and archival like ours; without the mark behind the page."""
    import weasyprint
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Blank(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
            return URLFetcherResponse(url, BLANK, {"Content-Type": "image/svg+xml"})

    look = weasyprint.CSS(string=LOOK.read_text("utf-8"))
    page = weasyprint.HTML(string=text, base_url=str(out), url_fetcher=Blank())
    page.write_pdf(str(out / name), stylesheets=[look], pdf_variant="pdf/a-3a")


if __name__ == "__main__":
    main()
