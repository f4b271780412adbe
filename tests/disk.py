"""Manuals on a disk, the command line run on them, and git repositories around them."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DAY = "2026-06-15"


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: str
    err: str
    raw: bytes = b""


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files under `root` and return it."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def hashes(folder: Path) -> dict[str, str]:
    """Path → SHA-256 of every file in a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def environment(**more: str) -> dict[str, str]:
    """The environment of a started process: the package of this checkout, Chinese, nothing of git."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    path = os.pathsep.join(filter(None, [str(ROOT / "plugins"), os.environ.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": path, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"} | more


def start(*words: str, cwd: Path | None = None, **more: str) -> Done:
    """Run `python -m qmanual` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "qmanual", *words], cwd=cwd, env=environment(**more), capture_output=True, check=False
    )
    return Done(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), done.stdout)


class Repo:
    """A git repository around a manual, as somebody works in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, day: str = "2026-05-20") -> str:
        moment = f"{day}T09:00:00+08:00"
        who = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment, "HOME": str(self.root.parent)}
        who |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for role in ("AUTHOR", "COMMITTER"):
            who |= {f"GIT_{role}_NAME": "李静", f"GIT_{role}_EMAIL": "lijing@example.com"}
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=environment(**who), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | bytes], day: str = "2026-05-20") -> str:
        """Write and commit files; the commit's name."""
        write(self.root, files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change", day=day)
        return self.git("rev-parse", "HEAD")

    def release(self, name: str, day: str = "2026-05-20", *, annotated: bool = True) -> None:
        """Set the tag `release/NAME`."""
        self.git("tag", *(("-a", "-m", name) if annotated else ()), f"release/{name}", day=day)
