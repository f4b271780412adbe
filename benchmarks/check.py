"""`check` of 1,000 documents: under 3 seconds on two cores, and linear; what peers take for as many files.

usage: check.py [--runs 5]

doorstop checks as many requirement items (its own kind of file); `mkdocs build` builds the same documents with stock
Material and finds only broken links. Neither does what `check` does; they show what people wait for today.
"""

import argparse
import shutil
import subprocess
from pathlib import Path

import measure
import stock


def doorstop(documents: int) -> Path:
    """A doorstop project with as many items."""
    place = measure.HERE / "made" / f"doorstop-{documents}"
    if not place.exists():
        place.mkdir(parents=True)
        subprocess.run(["git", "init", "-q", str(place)], check=True)
        command = str(measure.peers().parent / "doorstop")
        subprocess.run([command, "create", "REQ", "req"], cwd=place, check=True, capture_output=True)
        subprocess.run([command, "add", "REQ", "--count", str(documents)], cwd=place, check=True, capture_output=True)
    return place


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    one, four = measure.corpus(1000), measure.corpus(4000)
    python = str(measure.peers())
    site = stock.project(one, measure.HERE / "made" / "stock-1000")
    items = doorstop(1000)
    sizes = {
        "check, 1,000 documents": measure.ours(one, "check"),
        "check, 4,000 documents": measure.ours(four, "check"),
    }
    print(measure.report(measure.in_turn(sizes, runs), "check, 1,000 documents"))
    out = measure.HERE / "made" / "stock-site"
    shutil.rmtree(out, ignore_errors=True)
    peers = {
        "check, 1,000 documents": measure.ours(one, "check"),
        "doorstop, 1,000 items": [str(Path(python).parent / "doorstop"), "-q", "-j", str(items)],
        "mkdocs build, stock Material with search": [
            *(python, "-m", "mkdocs", "build", "-q", "-f", str(site / "mkdocs.yml"), "-d", str(out))
        ],
    }
    print(measure.report(measure.in_turn(peers, 1), "check, 1,000 documents"))


if __name__ == "__main__":
    main()
