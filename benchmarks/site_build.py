"""`site` of 1,000 documents with search, against stock Material with its search; linear to 4,000.

usage: site_build.py [--runs 3]
"""

import argparse

import measure
import stock


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    work = measure.HERE / "made"
    one, four = measure.corpus(1000), measure.corpus(4000)
    project = stock.project(one, work / "stock-1000")
    build = [str(measure.peers()), "-m", "mkdocs", "build", "-q", "-f", str(project / "mkdocs.yml")]
    commands = {
        "site, 1,000 documents": measure.ours(one, "site", "--out", str(work / "site-1000")),
        "stock Material with search, 1,000 documents": [*build, "-d", str(work / "stock-site")],
        "site, 4,000 documents": measure.ours(four, "site", "--out", str(work / "site-4000")),
    }
    print(measure.report(measure.in_turn(commands, runs), "site, 1,000 documents"))


if __name__ == "__main__":
    main()
