"""Release: one act of git, with a manifest; refused in every wrong state; whole or not at all."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from disk import Done, Repo, environment, write

from qmanual.checks.example import SOUND
from qmanual.control.manifest import Move, read_manifest
from qmanual.git import Repository
from qmanual.git.writing import Marking, branch_of, identity, make, publish
from qmanual.service.life.carrying import begin
from qmanual.source import SourceFile

Cli = Callable[..., Done]
PATH = "procedures/QP-7.5-01.md"
TEXT = SOUND[PATH]
RELEASE = ("--yes", "release", "2026-06", "--as", "李静")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The sound manual, committed and not released."""
    repo = Repo(tmp_path / "仓库 1")
    repo.commit(SOUND)
    return repo


def next_revision(day: str, effective: str) -> str:
    """The procedure in revision A/2, written and signed on a day."""
    entry = f"  - {{revision: A/2, date: {day}, by: 李静, summary: 减少}}\n"
    text = TEXT.replace("revision: A/1\n", "revision: A/2\n").replace("changes:\n", f"changes:\n{entry}")
    return signed(text, day).replace("effective: 2026-06-01", f"effective: {effective}")


def signed(text: str, day: str) -> str:
    return re.sub(r"((?:prepared|reviewed|approved): \{by: \w+, date: )[\d-]+", rf"\g<1>{day}", text)


def refs(repo: Repo) -> str:
    return repo.git("for-each-ref", "--format=%(refname) %(objectname)") + repo.git("symbolic-ref", "-q", "HEAD")


def refused(cli: Cli, repo: Repo, *words: str, **more: str) -> str:
    before = refs(repo)
    done = cli(*(words or RELEASE), root=repo.root, **more)
    assert done.code == 2, done.out
    assert done.err.strip() and "Traceback" not in done.err
    assert refs(repo) == before
    assert not (repo.root / "releases").exists()
    return done.err


# -- what it writes ----------------------------------------------------------------------------------------------------


def test_release_is_a_commit_a_tag_and_a_manifest(cli: Cli, repo: Repo) -> None:
    before = repo.git("rev-parse", "HEAD")
    assert cli(*RELEASE, root=repo.root).code == 0
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("rev-parse", "HEAD^") == before
    assert repo.git("rev-parse", "release/2026-06^{commit}") == repo.git("rev-parse", "main")
    assert repo.git("show", "--name-status", "--format=%an %cn %s", "HEAD") == (
        "李静 李静 发布 2026-06\n\nA\treleases/2026-06.yml"
    )
    message = repo.git("for-each-ref", "--format=%(contents)", "refs/tags/release/2026-06")
    assert message == (
        "发布 2026-06\n\n新增 3 份：\n"
        "  QM-01 A/0 质量手册\n  QP-7.5-01 A/1 文件控制程序\n  QR-7.5-01 A/0 文件更改申请单"
    )
    assert repo.git("fsck", "--strict") == ""
    assert cli("check", "--for", "release", root=repo.root).code == 0


def test_the_manifest_names_the_one_before(cli: Cli, repo: Repo) -> None:
    assert cli(*RELEASE, root=repo.root).code == 0
    gone = SOUND["forms/QR-7.5-01.md"].replace(
        "changes:", "withdrawn: {date: 2026-08-01, by: 陈刚, reason: 无}\nchanges:"
    )
    changed = next_revision("2026-06-20", "2026-07-15")
    repo.commit({PATH: changed, "forms/QR-7.5-01.md": gone}, day="2026-06-20")
    done = cli("--yes", "release", "2026-07", "--as", "李静", root=repo.root, today="2026-07-01")
    assert done.code == 0, done.err
    source = SourceFile("releases/2026-07.yml", (repo.root / "releases/2026-07.yml").read_text(encoding="utf-8"))
    manifest, faults = read_manifest(source)
    assert manifest is not None and not faults
    assert manifest.previous and manifest.previous.release == "2026-06"
    digest = subprocess.run(["sha256sum", repo.root / "releases/2026-06.yml"], capture_output=True, check=True)
    assert digest.stdout.decode().startswith(manifest.previous.manifest)
    moves = {row.id: row.change for row in manifest.documents}
    assert moves == {"QM-01": Move.UNCHANGED, "QP-7.5-01": Move.CHANGED, "QR-7.5-01": Move.WITHDRAWN}
    tag = repo.git("for-each-ref", "--format=%(contents:body)", "refs/tags/release/2026-07")
    assert tag == "修订 1 份：\n  QP-7.5-01 A/1 → A/2 文件控制程序\n废止 1 份：\n  QR-7.5-01 A/0 文件更改申请单"


def test_the_same_release_gives_the_same_objects(cli: Cli, tmp_path: Path) -> None:
    names = []
    for name in ("one", "two"):
        repo = Repo(tmp_path / name)
        repo.commit(SOUND)
        assert cli(*RELEASE, root=repo.root, today="2026-06-20").code == 0
        names.append(repo.git("rev-parse", "release/2026-06"))
    assert names[0] == names[1]


def test_manual_in_a_folder_of_the_repository(cli: Cli, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "all")
    root = repo.root / "质量/手册 1"
    repo.commit({f"质量/手册 1/{path}": text for path, text in SOUND.items()} | {"code/x": "1"})
    write(repo.root, {"code/x": "2", "code/new": "3"})
    repo.git("add", "code/new")
    assert cli(*RELEASE, root=root).code == 0
    assert (
        repo.git("ls-tree", "-r", "--name-only", "-z", "HEAD").split("\0").count("质量/手册 1/releases/2026-06.yml")
        == 1
    )
    assert repo.git("status", "--porcelain", "-z").split("\0") == ["A  code/new", " M code/x", ""]


def test_worktree_releases_for_all(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    repo.git("switch", "-q", "-c", "work")
    repo.git("worktree", "add", "-q", str(tmp_path / "other"), "main")
    assert cli(*RELEASE, root=tmp_path / "other").code == 0
    assert Repository(repo.root).releases()[0].commit == repo.git("rev-parse", "main")


def test_line_ends_of_windows_are_no_change(cli: Cli, repo: Repo) -> None:
    write(repo.root, {path: text.replace("\n", "\r\n") for path, text in SOUND.items()})
    assert cli(*RELEASE, root=repo.root).code == 0


def test_who_releases_is_the_user_of_git(cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repo.root.parent, {".gitconfig": "[user]\n\tname = 王强\n\temail = wq@example.com\n"})
    monkeypatch.setenv("HOME", str(repo.root.parent))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "somebody else")
    assert identity(Repository(repo.root)) == ("王强", "wq@example.com")
    assert cli("--yes", "release", "2026-06", root=repo.root).code == 0
    assert repo.git("log", "-1", "--format=%an <%ae> %cn") == "王强 <wq@example.com> 王强"
    repo.git("config", "user.name", "陈刚")
    assert identity(Repository(repo.root))[0] == "陈刚"


def test_two_releases_on_one_day_keep_their_order(cli: Cli, repo: Repo) -> None:
    assert cli("--yes", "release", "b", "--as", "李静", root=repo.root).code == 0
    text = next_revision("2026-06-15", "2026-06-30")
    repo.commit({PATH: text}, day="2026-06-15")
    assert cli("--yes", "release", "a", "--as", "李静", root=repo.root).code == 0
    assert [tag.name for tag in Repository(repo.root).releases()] == ["b", "a"]


# -- when it refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../x", "a/b", ".x", "-x", "x.lock", "x..y", "a b", "", "x" * 99, "a~1", "x.", "CON"])
def test_names_that_are_none(cli: Cli, repo: Repo, name: str) -> None:
    assert "2026-07" in refused(cli, repo, "--yes", "release", "--as", "李静", "--", name)


def test_a_name_is_used_once(cli: Cli, repo: Repo) -> None:
    repo.release("2026-06-A")
    assert "2026-06-a" in refused(cli, repo, "--yes", "release", "2026-06-a", "--as", "李静")


@pytest.mark.parametrize(
    "files",
    [
        {PATH: TEXT + "x\n"}, {"procedures/QP-7.5-09.md": TEXT}, {"mkdocs.yml": "site_name: x\n"},
        {"manual/organization.yml": SOUND["manual/organization.yml"] + "# x\n"}, {"forms/a.png": b"x"},
        {"approvals/QP-7.5-01/A-1/1-x.yml": "x"},
    ],
)  # fmt: skip
def test_a_dirty_work_tree_is_refused(cli: Cli, repo: Repo, files: dict[str, str | bytes]) -> None:
    write(repo.root, files)
    assert next(iter(files)) in refused(cli, repo)


def test_what_is_staged_or_hidden_from_git_is_seen(cli: Cli, repo: Repo) -> None:
    write(repo.root, {PATH: TEXT + "x\n"})
    repo.git("add", PATH)
    write(repo.root, {PATH: TEXT})
    assert PATH in refused(cli, repo)
    write(repo.root, {PATH: TEXT + "x\n"})
    repo.git("reset", "-q")
    repo.git("update-index", "--assume-unchanged", PATH)
    assert PATH in refused(cli, repo)
    (repo.root / PATH).unlink()
    assert PATH in refused(cli, repo)


def test_other_files_may_be_dirty(cli: Cli, repo: Repo) -> None:
    write(repo.root, {"notes.txt": "x", "procedures/~$QP.docx": b"x", "README.md": "x"})
    assert cli(*RELEASE, root=repo.root).code == 0


def test_wrong_branches_are_refused(cli: Cli, repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "work")
    assert "main" in refused(cli, repo)
    repo.git("checkout", "-q", "--detach")
    before = repo.git("rev-parse", "HEAD")
    assert cli(*RELEASE, root=repo.root).code == 2
    assert repo.git("rev-parse", "HEAD") == before


def test_behind_the_server_is_refused(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", str(repo.root), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    repo.commit({"README.md": "newer"})
    clone.git("fetch", "-q")
    assert "git pull" in refused(cli, clone)
    clone.git("merge", "-q", "--ff-only", "origin/main")
    assert cli(*RELEASE, root=clone.root).code == 0


def test_errors_are_shown_and_stop_it(cli: Cli, repo: Repo) -> None:
    repo.commit({PATH: TEXT.replace("approved: {by: 陈刚, date: 2026-05-15}", "approved:")})
    assert "QM301" in refused(cli, repo)


def test_effective_dates(cli: Cli, repo: Repo) -> None:
    repo.commit({PATH: signed(TEXT, "2026-05-20").replace("effective: 2026-06-01", "effective:")})
    assert "警告 QM212" in cli("check", "--for", "release", root=repo.root).out
    assert cli("check", "--for", "release", root=repo.root).code == 0, "a release may say the day"
    assert "QP-7.5-01？" in refused(cli, repo) and "--effective" in refused(cli, repo)
    assert "已经过去" in refused(cli, repo, *RELEASE, "--effective", "2026-06-14")
    assert cli(*RELEASE, "--effective", "2026-07-01", root=repo.root).code == 0
    text = (repo.root / "releases/2026-06.yml").read_text(encoding="utf-8")
    assert text.count("effective: 2026-07-01") == 1 and text.count("effective: 2026-06-01") == 2
    assert cli("check", "--for", "release", root=repo.root).code == 0


def test_without_a_change_nothing_is_released(cli: Cli, repo: Repo) -> None:
    repo.release("2026-05")
    repo.commit({"README.md": "x"})
    assert "2026-05" in refused(cli, repo)


def test_who_releases_must_be_known(cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(repo.root.parent))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(repo.root.parent))
    assert "--as" in refused(cli, repo, "--yes", "release", "2026-06")


def test_a_clock_that_is_slow_is_refused(cli: Cli, repo: Repo) -> None:
    assert "2026-05-20" in refused(cli, repo, today="2026-05-19")


# -- whole or not at all -----------------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
from qmanual.service.life.carrying import carry_out
from qmanual.service.life.releasing import Issuing, release
from qmanual.service.loading import load
root, at, without, steps = Path(sys.argv[1]), int(sys.argv[2]), tuple(sys.argv[3:]), []
def step(name):
    steps.append(name)
    if len(steps) == at:
        os.kill(os.getpid(), signal.SIGKILL)
moment = datetime(2026, 6, 15, 12, tzinfo=UTC)
issuing = Issuing(release="2026-06", name="李静", email="", moment=moment, without=without)
carry_out(root, release(load(root, date(2026, 6, 15)), issuing), step)
print(len(steps))
"""


STANDS = 4
"""The step at which the journal stands, and git has not been asked yet."""


def killed(root: Path, at: int, *without: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", KILLED, str(root), str(at), *without]
    return subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_every_step_it_is_finished_or_never_was(cli: Cli, tmp_path: Path) -> None:
    whole = Repo(tmp_path / "whole")
    whole.commit(SOUND)
    count = int(killed(whole.root, 0).stdout)
    ends = set()
    for at in range(1, count + 1):
        repo = Repo(tmp_path / str(at))
        repo.commit(SOUND)
        assert killed(repo.root, at).returncode == -9
        begin(repo.root)
        assert repo.git("status", "--porcelain") == ""
        done = bool(repo.git("tag"))
        assert done == (repo.root / "releases/2026-06.yml").is_file()
        assert done == (repo.git("rev-parse", "HEAD") == whole.git("rev-parse", "HEAD"))
        ends.add(done)
        if not done:
            assert cli(*RELEASE, root=repo.root).code == 0
    assert ends == {True, False}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_release_cut_off_is_undone_when_the_branch_moved_on(cli: Cli, repo: Repo) -> None:
    assert killed(repo.root, STANDS).returncode == -9 and _journal(repo)
    assert not repo.git("tag")
    write(repo.root, {"README.md": "meanwhile"})
    repo.git("add", "README.md")
    repo.git("commit", "-q", "-m", "meanwhile")
    found = begin(repo.root)
    assert found is not None and not found.done
    assert repo.git("tag") == "" and repo.git("status", "--porcelain") == ""
    assert cli(*RELEASE, root=repo.root).code == 0


def _journal(repo: Repo) -> bool:
    return (repo.root / ".git/qmanual/journal.json").exists()


def test_the_next_command_tells_what_it_finished(cli: Cli, repo: Repo) -> None:
    assert killed(repo.root, STANDS).returncode == -9 and _journal(repo)
    done = cli("--yes", "release", "2026-07", "--as", "李静", root=repo.root)
    assert "补完：releases/2026-06.yml" in done.err
    assert done.code == 2  # nothing has changed since then


# -- the room ----------------------------------------------------------------------------------------------------------


def marking(repo: Repo, **more: object) -> Marking:
    repository = Repository(repo.root)
    values: dict[str, object] = {
        "branch": branch_of(repository), "parent": repository.commit(), "path": "releases/x.yml", "data": b"x\n",
        "tag": "release/x", "subject": "s", "message": "m", "name": "a\n<b>", "email": "",
        "moment": datetime(2026, 6, 1, tzinfo=UTC),
    }  # fmt: skip
    return Marking(**(values | more))  # type: ignore[arg-type]


def test_a_signature_stands_at_the_end_of_the_tag(repo: Repo) -> None:
    seen: list[bytes] = []

    def sign(data: bytes) -> str:
        seen.append(data)
        return "-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n"

    repository = Repository(repo.root)
    made = make(repository, marking(repo, sign=sign))
    content = repo.git("cat-file", "tag", made.object) + "\n"
    assert content.encode() == seen[0] + sign(b"").encode()
    assert "tagger ab <>" in content
    assert publish(repository, made) and publish(repository, made)
    assert repo.git("show", "release/x:releases/x.yml") == "x"


def test_nothing_that_the_repository_names_is_run(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    mark, program = tmp_path / "mark", tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{mark}"\ncat\n', encoding="utf-8")
    program.chmod(0o755)
    for hook in ("pre-commit", "post-commit", "reference-transaction", "post-index-change", "post-checkout"):
        target = repo.root / ".git/hooks" / hook
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(program.read_bytes())
        target.chmod(0o755)
    repo.git(
        "-c", "core.hooksPath=/dev/null", "-c", f"user.name={os.name}", "config", "filter.evil.clean", str(program)
    )
    for key in ("filter.evil.smudge", "core.fsmonitor", "gpg.program", "gpg.ssh.program", "core.editor"):
        repo.git("config", key, str(program))
    repo.git("config", "tag.gpgSign", "true")
    repo.git("config", "commit.gpgSign", "true")
    write(repo.root, {".gitattributes": "*.md filter=evil\n*.yml filter=evil\n"})
    mark.unlink(missing_ok=True)
    done = cli(*RELEASE, root=repo.root)
    assert done.code == 0, done.err
    assert not mark.exists()
