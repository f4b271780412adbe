"""Several files written all or nothing: killed at every step, then recovered."""

import subprocess
import sys
from pathlib import Path

import pytest
from disk import environment, hashes, write

from qmanual.journal import CannotWrite, Recovered, alone, recover, write_all

OLD = {"a/一.md": "old one\n", "二 2.md": "old two\n"}
NEW = {"a/一.md": b"new one\n", "二 2.md": b"new two\r\n", "releases/2026.yml": b"new three\n"}

KILLED = """
import os, signal, sys
from pathlib import Path
from qmanual.journal import write_all
steps = []
def step(name):
    steps.append(name)
    if len(steps) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
def act():
    Path(sys.argv[1], "act").write_text("done")
files = {"a/一.md": b"new one\\n", "二 2.md": b"new two\\r\\n", "releases/2026.yml": b"new three\\n"}
root = Path(sys.argv[1], "root")
write_all(root, Path(sys.argv[1], "place"), files, *(("note", act) if sys.argv[3] == "act" else ()), step=step)
print(len(steps))
"""


def child(folder: Path, steps: int, act: bool = False) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", KILLED, str(folder), str(steps), "act" if act else ""]
    return subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)


def state(root: Path) -> str:
    """`old`, `new`, or what else lies there."""
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    if found == {path: text.encode() for path, text in OLD.items()}:
        return "old"
    return "new" if found == NEW else repr(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "root", OLD)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("act", [False, True])
def test_killed_at_every_step_leaves_all_or_nothing(tmp_path: Path, act: bool) -> None:
    whole = write(tmp_path / "whole/root", OLD).parent
    count = int(child(whole, 0, act).stdout)
    assert state(whole / "root") == "new"
    seen = set()
    for at in range(1, count + 1):
        folder = write(tmp_path / str(at) / "root", OLD).parent
        assert child(folder, at, act).returncode == -9

        def redo(note: str, folder: Path = folder) -> bool:
            assert note == "note"
            (folder / "act").write_text("done")
            return True

        recover(folder / "root", folder / "place", redo)
        assert [path.name for path in (folder / "place").iterdir()] == []
        seen.add(state(folder / "root"))
        assert state(folder / "root") in ("old", "new")
        assert not act or (folder / "act").exists() == (state(folder / "root") == "new")
        assert recover(folder / "root", folder / "place", redo) is None
    assert seen == {"old", "new"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_can_no_longer_be_done_is_undone(folder: Path) -> None:
    at = next(at for at in range(1, 20) if child(folder, at, True).returncode == -9 and (folder / "act").exists())
    assert at
    assert recover(folder / "root", folder / "place", lambda note: False) == Recovered(False, tuple(sorted(NEW)))
    assert state(folder / "root") == "old"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_file_changed_since_is_left_alone(folder: Path) -> None:
    steps: list[str] = []
    write_all(write(folder / "counted/root", OLD), folder / "counted/place", NEW, step=steps.append)
    child(folder, steps.index("journal stands") + 1)
    write(folder / "root", {"二 2.md": "edited\n"})
    assert recover(folder / "root", folder / "place") == Recovered(True, tuple(sorted(NEW)), ("二 2.md",))
    assert (folder / "root/二 2.md").read_text(encoding="utf-8") == "edited\n"
    assert (folder / "root/a/一.md").read_bytes() == NEW["a/一.md"]


def test_an_act_that_fails_writes_nothing(folder: Path) -> None:
    def act() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_all(folder / "root", folder / "place", NEW, "note", act)
    assert state(folder / "root") == "old"
    assert list((folder / "place").iterdir()) == []


def test_mode_of_a_file_stays(folder: Path) -> None:
    (folder / "root/二 2.md").chmod(0o600)
    write_all(folder / "root", folder / "place", NEW)
    assert (folder / "root/二 2.md").stat().st_mode & 0o777 == 0o600
    assert recover(folder / "root", folder / "place") is None


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "", "a//x", "./x", ".git/config", "a\\..\\x", "a"])
def test_nothing_outside_is_written(folder: Path, path: str) -> None:
    before = hashes(folder)
    with pytest.raises(CannotWrite):
        write_all(folder / "root", folder / "place", {"二 2.md": b"x", path: b"x"})
    assert hashes(folder) == before


@pytest.mark.parametrize("path", ["link.md", "folder/x.md", "folder/deep/x.md"])
def test_no_symlink_is_followed(folder: Path, path: str) -> None:
    write(folder, {"elsewhere/x.md": "theirs"})
    (folder / "root/link.md").symlink_to(folder / "elsewhere/x.md")
    (folder / "root/folder").symlink_to(folder / "elsewhere")
    with pytest.raises(CannotWrite):
        write_all(folder / "root", folder / "place", {path: b"ours"})
    assert (folder / "elsewhere/x.md").read_text() == "theirs"
    assert [path.name for path in (folder / "elsewhere").iterdir()] == ["x.md"]


def test_a_planted_file_is_not_followed(folder: Path) -> None:
    write(folder, {"elsewhere": "theirs"})
    (folder / "root/.二 2.md.qmanual-new").symlink_to(folder / "elsewhere")
    write_all(folder / "root", folder / "place", NEW)
    assert (folder / "elsewhere").read_text() == "theirs"
    assert state(folder / "root") == "new"


@pytest.mark.parametrize(
    "journal", ["", "{}", "[]", '{"form": 1, "files": [{"path": "../x", "old": "", "new": ""}], "note": ""}', "\0"]
)
def test_a_broken_journal_writes_nothing(folder: Path, journal: str) -> None:
    write(folder, {"place/journal.json": journal})
    with pytest.raises(CannotWrite):
        recover(folder / "root", folder / "place")
    assert state(folder / "root") == "old"


def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    write(folder / "root", {"file": "x"})
    with pytest.raises(CannotWrite):
        write_all(folder / "root", folder / "place", {"file/x.md": b"x", "二 2.md": b"x"})
    assert (folder / "root/二 2.md").read_text(encoding="utf-8") == OLD["二 2.md"]
    assert not [path for path in (folder / "root").iterdir() if path.name.startswith(".")]


def test_only_one_writes_at_a_time(folder: Path) -> None:
    with alone(folder / "place") as first, alone(folder / "place") as second:
        assert (first, second) == (True, False)
    with alone(folder / "place") as again:
        assert again
