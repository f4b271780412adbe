"""`pdf` of 100 documents, against mkdocs-to-pdf on the same pages.

usage: print_pdf.py [--runs 3]

mkdocs-to-pdf writes one file of all pages, QManual one file a document with cover, header and footer.
"""

import argparse

import measure
import stock

_PLUGIN = "  - to-pdf\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    work = measure.HERE / "made"
    manual = measure.corpus(100)
    project = stock.project(manual, work / "stock-pdf-100", _PLUGIN)
    build = [str(measure.peers()), "-m", "mkdocs", "build", "-q", "-f", str(project / "mkdocs.yml")]
    commands = {
        "pdf, 100 documents": measure.ours(manual, "pdf", "--out", str(work / "pdf-100")),
        "mkdocs-to-pdf, the same pages": [*build, "-d", str(work / "stock-pdf-site")],
    }
    print(measure.report(measure.in_turn(commands, runs), "pdf, 100 documents"))


if __name__ == "__main__":
    main()
