"""Reading a history of 2,000 documents × 6,000 commits: cold in about the time of one `git log`, warm ten times faster.

usage: history.py [--documents 2000] [--revisions 3] [--releases 24] [--runs 3]

*cold*: releases and log read with nothing kept; *warm*: with what the run before kept; beside them, in turn, the one
plain `git log --raw -M` of the same folders, its output thrown away. Imports are not counted.
"""

import argparse
import gc
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import corpus
import measure

sys.path.insert(0, str(measure.ROOT / "plugins"))

from qmanual.git import Repository
from qmanual.git.process import command, environment
from qmanual.service.archive import Archive
from qmanual.service.loading import load

TODAY = date(2026, 6, 15)


def repository(documents: int, revisions: int, releases: int) -> Path:
    """The manual with its history, made once."""
    place = measure.HERE / "made" / f"history-{documents}-{revisions}-{releases}"
    if not place.exists():
        place.mkdir(parents=True)
        git = ["git", "-C", str(place)]
        subprocess.run(["git", "init", "-q", "-b", "main", str(place)], check=True)
        stream = _stream(documents, revisions, releases)
        subprocess.run([*git, "fast-import", "--quiet"], input=stream, check=True)
        subprocess.run([*git, "reset", "-q", "--hard", "main"], check=True)
    return place


def _stream(documents: int, revisions: int, releases: int) -> bytes:
    """For `git fast-import`: a commit for every document and revision, a release tag after every so many of them."""
    stream, when, each = [], 1704672000, max(1, documents * revisions // releases)
    for at in range(documents * revisions):
        revision, number = divmod(at, documents)
        path, text = corpus.document(number, documents, revision, 1)
        when += 6000
        who = b"Li Jing <li.jing@example.com> %d +0800\n" % when
        stream.append(b"commit refs/heads/main\ncommitter " + who + corpus.data(f"{path} A/{revision}".encode()))
        stream.append(b"M 100644 inline %s\n" % path.encode() + corpus.data(text.encode()))
        if (at + 1) % each == 0:
            name = b"release/%04d" % ((at + 1) // each)
            stream.append(b"tag %s\nfrom refs/heads/main\ntagger %s" % (name, who) + corpus.data(b"release"))
    return b"".join(stream)


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("documents", 2000), ("revisions", 3), ("releases", 24), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=number)
    said = parser.parse_args()
    gc.set_threshold(200_000, 20, 20)  # as the command line does
    root = repository(said.documents, said.revisions, said.releases)
    manual = load(root, TODAY)
    settings, documents = manual.register.settings, manual.register.documents
    kept = root / ".git" / "qmanual"

    def plain() -> None:
        words = ("log", "-z", "--raw", "-M", "--no-abbrev", "HEAD", "--", *settings.folders)
        subprocess.run(command(*words), cwd=root, env=environment(), stdout=subprocess.DEVNULL, check=True)

    def read() -> None:
        archive = Archive(Repository(root), settings, documents)
        archive.read_ahead()
        archive.history()
        assert archive.log

    def cold() -> None:
        shutil.rmtree(kept, ignore_errors=True)
        read()

    jobs = {"plain `git log --raw -M`": plain, "history, cold": cold, "history, warm": read}
    found: dict[str, list[float]] = {name: [] for name in jobs}
    plain()
    for _ in range(said.runs):
        for name, work in jobs.items():
            found[name].append(seconds(work))
    base = statistics.median(found["plain `git log --raw -M`"])
    print(f"{said.documents} documents, {said.documents * said.revisions} commits, {said.releases} releases\n")
    print("| job | seconds (median) | min to max | times the one git log |\n|---|---|---|---|")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"| {name} | {middle:.2f} | {min(times):.2f} to {max(times):.2f} | {middle / base:.2f} |")
    print(f"\nwarm is {statistics.median(found['history, cold']) / statistics.median(found['history, warm']):.1f}"
          " times as fast as cold")  # fmt: skip


if __name__ == "__main__":
    main()
