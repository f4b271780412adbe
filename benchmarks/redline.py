"""The redline of a 200-page document: under 5 seconds with scattered edits, bounded at worst.

usage: redline.py [--runs 5]

The text is the sample manual's, repeated under other headings until it fills 200 pages of some 1,200 characters. Beside
it stands what Python's difflib takes for the lines of the two Markdown files alone, which knows neither tables nor
lists nor words.
"""

import argparse
import difflib
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from qmanual.control.redline import changes, compare_blocks
from qmanual.language import Translator
from qmanual.render.markdown import render
from qmanual.render.redline_read import read_blocks
from qmanual.render.redline_write import Writer, numbered

ROOT = Path(__file__).resolve().parents[1]
LONG = 200 * 1200
EDITS = 300


def document() -> str:
    """The Markdown of 200 pages."""
    files = sorted([*ROOT.glob("procedures/*.md"), *ROOT.glob("manual/*.md")])
    texts = [path.read_text(encoding="utf-8").split("---\n")[-1] for path in files]
    parts: list[str] = []
    while sum(map(len, parts)) < LONG:
        parts += [f"# {len(parts) + at}\n\n{text}" for at, text in enumerate(texts)]
    return "\n\n".join(parts)


def edited(text: str) -> str:
    """The same with some words changed in 300 places."""
    chance = random.Random(1)
    lines = text.split("\n")
    for at in chance.sample([at for at, line in enumerate(lines) if len(line) > 12 and "```" not in line], EDITS):
        place = chance.randrange(2, len(lines[at]) - 2)
        lines[at] = lines[at][:place] + chance.choice(("书面", "、质量部", "30 天内")) + lines[at][place + 2 :]
    return "\n".join(lines)


def redline(old: str, new: str) -> int:
    """Render, compare and write; the number of changes."""
    nodes = compare_blocks(read_blocks(render(old).html), read_blocks(render(new).html))
    found = changes(nodes)
    Writer(Translator("zh"), lambda address, side: address, numbered(found)).nodes(nodes)
    return len(found)


def plain(old: str, new: str) -> int:
    """The lines that difflib finds to differ."""
    return sum(line[:1] in "+-" for line in difflib.unified_diff(old.split("\n"), new.split("\n"), n=0, lineterm=""))


def seconds(work: Callable[[str, str], int], old: str, new: str) -> tuple[float, int]:
    """How long the work takes, and what it found."""
    started = time.perf_counter()
    found = work(old, new)
    return time.perf_counter() - started, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    old = document()
    cases = {
        f"{EDITS} scattered edits": edited(old),
        "a word replaced everywhere": old.replace("质量部", "质检部").replace("的", "之"),
        "all lines reversed": "\n".join(
            line if line.startswith(("|", "```")) else line[::-1] for line in old.split("\n")
        ),
    }
    print(f"{len(old):,} characters, {len(old) // 1200} pages\n")
    print("| case | changes | redline, seconds (median) | difflib of the lines, seconds | times difflib |")
    print("|---|---|---|---|---|")
    for name, new in cases.items():
        ours = [seconds(redline, old, new) for _ in range(runs)]
        theirs = [seconds(plain, old, new) for _ in range(runs)]
        taken, beside = (statistics.median(one[0] for one in row) for row in (ours, theirs))
        print(f"| {name} | {ours[0][1]} | {taken:.2f} | {beside:.3f} | {taken / beside:.1f} |")


if __name__ == "__main__":
    main()
