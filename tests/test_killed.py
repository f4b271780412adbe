"""Killed at any moment, out of disk, two at once: what was built before is whole, and what is left over goes."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from disk import DAY, ROOT, environment, hashes, start, write
from pypdf import PdfReader

from qmanual.checks.example import SOUND
from qmanual.whole import STALE, replacing, swapped

BUILD = """
import sys
from pathlib import Path
from qmanual.whole import replacing
at = 0
while True:
    at += 1
    with replacing(Path(sys.argv[1])) as folder:
        for name in range(20):
            (folder / str(name)).write_text(str(at))
"""


def test_a_folder_that_is_replaced_is_there_at_every_moment(tmp_path: Path) -> None:
    """Killed forty times while it is replaced again and again: always there, always of one run."""
    target, draw = tmp_path / "dist", random.Random(5)
    for _ in range(40):
        process = subprocess.Popen([sys.executable, "-c", BUILD, str(target)], env=environment())
        deadline = time.monotonic() + 20
        while not target.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        until = time.monotonic() + 0.1 + draw.random() / 10
        while time.monotonic() < until:
            assert target.exists()
        process.kill()
        process.wait()
        found = {place.name: place.read_text() for place in target.iterdir()}
        assert len(found) == 20
        assert len(set(found.values())) == 1


def test_names_are_exchanged_or_left_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, {"one/a": "1", "other/b": "2"})
    if swapped(tmp_path / "one", tmp_path / "other"):
        assert (tmp_path / "one/b").read_text() == "2"
        assert (tmp_path / "other/a").read_text() == "1"
    else:
        assert sys.platform == "win32"
    assert not swapped(tmp_path / "one", tmp_path / "missing")


def test_without_an_exchange_a_killed_program_is_made_good_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two renames: the old folder stands aside and comes back; a day later its rest is gone."""
    monkeypatch.setattr("qmanual.whole.swapped", lambda *_: False)
    write(tmp_path, {".dist-abcdefgh-old/a": "old", ".dist-stuvwxyz/a": "half", ".dist-12345678/a": "at work"})
    os.utime(tmp_path / ".dist-stuvwxyz", (time.time() - STALE - 1,) * 2)
    with pytest.raises(ValueError), replacing(tmp_path / "dist"):
        raise ValueError
    assert (tmp_path / "dist/a").read_text() == "old"
    with replacing(tmp_path / "dist") as folder:
        (folder / "a").write_text("new")
    assert (tmp_path / "dist/a").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == [".dist-12345678", "dist"]


# -- the program -------------------------------------------------------------------------------------------------


def build(root: Path, cache: Path, *words: str) -> "subprocess.Popen[str]":
    """Start a build of the manual as a group of processes of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "qmanual", "--root", str(root), "--today", DAY, "--lang", "en", *words],
        env=environment(QMANUAL_CACHE=str(cache)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A manual with what was built of it, and the seconds that took."""
    root = write(tmp_path_factory.mktemp("killed") / "手册", SOUND)
    begun = time.monotonic()
    done = start("--root", str(root), "--today", DAY, "--no-cache", "pdf")
    assert done.code == 0, done.err
    assert start("--root", str(root), "--today", DAY, "--no-cache").code == 0
    return root, time.monotonic() - begun


def whole(dist: Path) -> None:
    """All that lies in `dist` fits together: every PDF of the register is there, to the byte, and can be read."""
    rows = json.loads((dist / "register.json").read_text("utf-8"))["documents"]
    found = hashes(dist / "pdf")
    assert {row["pdf"]: row["sha256"] for row in rows} == found
    assert all(PdfReader(dist / "pdf" / name).pages for name in found)
    assert (dist / "site/index.html").read_text("utf-8").rstrip().endswith("</html>")


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "terminated"])
def test_killed_at_any_moment_leaves_what_was_built(
    built: tuple[Path, float], tmp_path: Path, sign: signal.Signals
) -> None:
    root, seconds = built
    copy, draw = tmp_path / "手册", random.Random(int(sign))
    shutil.copytree(root, copy)
    for at in range(4):
        process = build(copy, tmp_path / f"cache-{at % 2}")
        time.sleep(draw.random() * seconds)
        process.send_signal(sign)
        _, said = process.communicate(timeout=60)
        whole(copy / "dist")
        if sign is signal.SIGTERM and process.returncode != 0:
            assert process.returncode in (143, -signal.SIGTERM), said
            assert "Traceback" not in said
            assert [path for path in (copy / "dist").iterdir() if path.name.startswith(".")] == []
    assert children(tmp_path) == []
    assert build(copy, tmp_path / "cache-0").wait(120) == 0
    whole(copy / "dist")


def children(place: Path) -> list[str]:
    """Commands that still run and name this place."""
    deadline = time.monotonic() + 10
    while found := [line for line in commands() if str(place) in line]:
        if time.monotonic() > deadline:
            return found
        time.sleep(0.2)
    return []


def commands() -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes().decode("utf-8", "replace")
        except OSError:
            continue


def test_two_builds_at_once_both_end_well(built: tuple[Path, float], tmp_path: Path) -> None:
    copy = tmp_path / "手册"
    shutil.copytree(built[0], copy)
    both = [build(copy, tmp_path / "cache") for _ in range(2)]
    said = [one.communicate(timeout=120)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    whole(copy / "dist")
    assert hashes(copy / "dist/pdf") == hashes(built[0] / "dist/pdf")


FULL = """
mount -t tmpfs -o size=%sk tmpfs "$1" && cp -r "$2/." "$1/" && "$3" -m qmanual --root "$4" --today %s --lang en \\
  --out "$1"; echo "$?" > "$5/code"; cp -r "$1/." "$5/dist"
"""


def test_a_full_disk_leaves_what_was_built_and_is_told(built: tuple[Path, float], tmp_path: Path) -> None:
    """A file system that holds what was built and hardly more, for as long as the build takes."""
    root, _ = built
    (tmp_path / "disk").mkdir()
    (tmp_path / "after").mkdir()
    size = sum(place.stat().st_blocks for place in (root / "dist").rglob("*")) // 2
    for spare in (40, 400, 4000):
        shutil.rmtree(tmp_path / "after/dist", ignore_errors=True)
        places: list[str | Path] = [tmp_path / "disk", root / "dist", sys.executable, root, tmp_path / "after"]
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", FULL % (size + spare, DAY), "sh", *places],
            env=environment(QMANUAL_CACHE=str(tmp_path / "cache")),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        if not (tmp_path / "after/code").exists():
            pytest.skip(f"no file system of one's own here: {done.stderr}")
        code = (tmp_path / "after/code").read_text().strip()
        assert code == "2", (spare, done.stdout, done.stderr)
        assert "The disk is full" in done.stderr
        assert "Traceback" not in done.stderr
        assert hashes(tmp_path / "after/dist") == hashes(root / "dist")
