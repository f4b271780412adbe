"""Fixtures that several tests share: a small sound manual on disk, and the command line in this process."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import DAY, Done, start, write
from hypothesis import settings

from qmanual import cli as shell
from qmanual.checks.example import SOUND

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    """The sound manual of three documents, in a folder whose name holds a blank and Chinese."""
    return write(tmp_path / "质量 手册", SOUND)


@pytest.fixture
def cli(
    manual: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Runs the command line in this process: `cli("check", root=…)`; the sound manual and its day by default."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setattr(sys, "argv", ["build.py"])

    def run(*words: str, root: Path | None = manual, today: str = DAY) -> Done:
        capsysbinary.readouterr()
        before = [] if root is None else ["--root", str(root)]
        code = shell.run([*before, "--today", today, *words])
        out, err = capsysbinary.readouterr()
        return Done(code, out.decode("utf-8", "replace"), err.decode("utf-8"), out)

    return run


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sound manual and the `dist` folder that the main job made of it."""
    root = write(tmp_path_factory.mktemp("built") / "手册", SOUND)
    done = start("--root", str(root), "--today", DAY, "--lang", "zh", TZ="UTC", PYTHONHASHSEED="1")
    assert done.code == 0, done.err
    return root, root / "dist"
