"""Measures whole commands: wall time and peak memory, in turn with a peer, so that a slow moment slows both."""

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: seconds of wall time, peak memory of its largest process in MB (seen 5 times a second)."""

    seconds: float
    memory: float


def run(command: Sequence[str], cwd: Path | None = None) -> Run:
    """Run a command to its end. Its output is thrown away; exit codes 0 and 1 (findings) count as done."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    memory = 0.0
    while process.poll() is None:
        memory = max(memory, _largest(process.pid))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    seconds = time.perf_counter() - started
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, memory)


def _largest(session: int) -> float:
    """Peak memory in MB of the largest process of a session, as far as it is alive now: `VmHWM` of proc(5)."""
    found = 0.0
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            if int(place.joinpath("stat").read_text().rpartition(")")[2].split()[3]) == session:
                words = place.joinpath("status").read_text().partition("VmHWM:")[2].split(maxsplit=1)
                found = max(found, int(words[0]) / 1024)
    return found


def in_turn(commands: dict[str, Sequence[str]], runs: int) -> dict[str, list[Run]]:
    """Every command `runs` times, A B C A B C …, after one warm-up of each."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for command in commands.values():
        run(command)
    for _ in range(runs):
        for name, command in commands.items():
            found[name].append(run(command))
    return found


def report(found: dict[str, list[Run]], base: str) -> str:
    """A Markdown table: median seconds, memory, and the ratio to `base`, run by run, as a median."""
    lines = ["| command | seconds (median) | min to max | peak MB | times ours |", "|---|---|---|---|---|"]
    for name, runs in found.items():
        seconds = [one.seconds for one in runs]
        ratio = statistics.median(one.seconds / ours.seconds for one, ours in zip(runs, found[base], strict=True))
        lines.append(
            f"| {name} | {statistics.median(seconds):.2f} | {min(seconds):.2f} to {max(seconds):.2f} "
            f"| {max(one.memory for one in runs):.0f} | {ratio:.2f} |"
        )
    return "\n".join(lines)


def corpus(documents: int) -> Path:
    """The synthetic manual of that size, made once."""
    place = HERE / "made" / f"corpus-{documents}"
    if not place.exists():
        command = [
            sys.executable,
            str(HERE / "corpus.py"),
            str(place),
            "--documents",
            str(documents),
            "--revisions",
            "1",
        ]
        subprocess.run(command, check=True)
    return place


def peers() -> Path:
    """The Python of the environment that holds the peers, made once from peers.txt."""
    place = HERE / "made" / "peers"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", str(HERE / "peers.txt")], check=True)
    return python


def own_python() -> str:
    """The Python of the environment that `build.py` made for the project."""
    return str(ROOT / ".venv" / "bin" / "python")


def ours(manual: Path, *words: str) -> list[str]:
    """Our command on a manual, as a person starts it."""
    return [sys.executable, str(ROOT / "build.py"), "--root", str(manual), "--today", "2026-06-15", *words]
