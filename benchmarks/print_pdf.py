"""`pdf` of 300 documents, against mkdocs-to-pdf and a plain WeasyPrint loop on the same documents.

usage: print_pdf.py [--documents 300] [--runs 3]

mkdocs-to-pdf writes one file of all pages, with stock Material's look, QManual one file a document with cover, header
and footer. The plain loop (plain.py) prints the very pages that QManual prints, with as many processes. Nothing that
was printed before is taken again.
"""

import argparse
import os

import measure
import stock

_PLUGIN = "  - to-pdf\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    said = parser.parse_args()
    work, size = measure.HERE / "made", said.documents
    manual = measure.corpus(size)
    project = stock.project(manual, work / f"stock-pdf-{size}", _PLUGIN)
    build = [str(measure.peers()), "-m", "mkdocs", "build", "-q", "-f", str(project / "mkdocs.yml")]
    processes = ("--processes", str(os.cpu_count()))
    commands = {
        f"pdf, {size} documents": measure.ours(manual, "pdf", "--no-cache", "--out", str(work / f"pdf-{size}")),
        "a plain WeasyPrint loop, the same pages": [
            *(measure.own_python(), str(measure.HERE / "plain.py"), str(manual), str(work / "plain"), *processes)
        ],
        "mkdocs-to-pdf, the same documents": [*build, "-d", str(work / "stock-pdf-site")],
    }
    print(measure.report(measure.in_turn(commands, said.runs), f"pdf, {size} documents"))


if __name__ == "__main__":
    main()
