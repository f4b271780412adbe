"""`pdf` of 1,000 documents again: nothing changed, one text changed, one title changed that others name.

usage: again.py [--documents 1000] [--runs 3]

*all anew* prints every document and keeps it; the others find them in the cache, and start in a folder that holds the
files of the run before. Each run changes the manual anew.
"""

import argparse
import os
import re
import shutil
import statistics
from collections.abc import Callable
from pathlib import Path

import measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    said = parser.parse_args()
    made = measure.HERE / "made"
    manual, out, cache = (made / f"again-{name}-{said.documents}" for name in ("manual", "out", "cache"))
    for folder in (manual, out, cache):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(measure.corpus(said.documents), manual, ignore=shutil.ignore_patterns(".git"))
    os.environ["QMANUAL_CACHE"] = str(cache)
    print_all = measure.ours(manual, "pdf", "--out", str(out))
    anew = measure.run(print_all)
    edited = most_named(manual)
    jobs: dict[str, Callable[[int], object]] = {
        "nothing changed": lambda _: None,
        "one text changed": lambda at: write(edited, r"\Z", f"\n第{at}次修改。\n"),
        "one title changed": lambda at: write(edited, r"(?m)^title: .*", f"title: 第{at}种名称"),
    }
    found: dict[str, list[measure.Run]] = {name: [] for name in jobs}
    for at in range(said.runs):
        for name, change in jobs.items():
            change(at)
            found[name].append(measure.run(print_all))
    print(f"{said.documents} documents; {edited.name} is named by {named(manual)[edited]} others\n")
    print("| run | seconds (median) | min to max | peak MB | part of all anew |\n|---|---|---|---|---|")
    print(f"| all anew | {anew.seconds:.2f} | | {anew.memory:.0f} | 1 |")
    for name, runs in found.items():
        seconds = [one.seconds for one in runs]
        middle = statistics.median(seconds)
        print(
            f"| {name} | {middle:.2f} | {min(seconds):.2f} to {max(seconds):.2f} "
            f"| {max(one.memory for one in runs):.0f} | 1/{anew.seconds / middle:.0f} |"
        )


def named(manual: Path) -> dict[Path, int]:
    """File of every document → how many others name its number."""
    texts = {path: path.read_text("utf-8") for path in sorted(manual.rglob("*.md"))}
    return {path: sum(path.stem in text for other, text in texts.items() if other != path) for path in texts}


def most_named(manual: Path) -> Path:
    """The file of the document that most others name."""
    found = named(manual)
    return max(found, key=lambda path: found[path])


def write(path: Path, pattern: str, text: str) -> None:
    """Put a text where the pattern is found first, as an editor would."""
    path.write_text(re.sub(pattern, text, path.read_text("utf-8"), count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
