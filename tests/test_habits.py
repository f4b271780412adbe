"""Other people's habits with git: names of branches, a part checked out, odd dates, two who release at one time."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from disk import Done, Repo, write
from test_life_release import next_revision

from qmanual.checks.example import SOUND
from qmanual.finding import Finding, Severity
from qmanual.service.checking import check
from qmanual.service.loading import load

Cli = Callable[..., Done]
TODAY = date(2026, 6, 15)
PATH, FORM = "procedures/QP-7.5-01.md", "forms/QR-7.5-01.md"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The sound manual, released on 20 May."""
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    return repo


def found(root: Path, code: str, today: date = TODAY, *, clock: bool = False) -> list[Finding]:
    return [one for one in check(load(root, today, clock)) if one.code == code]


# -- what the main branch is called ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["trunk", "main"])
def test_a_branch_left_over_is_not_the_main_branch(cli: Cli, repo: Repo, name: str) -> None:
    first = repo.git("rev-parse", "HEAD")
    if name != "main":
        repo.git("branch", "-m", name)
    repo.commit({PATH: next_revision("2026-06-10", "2026-07-01")}, day="2026-06-10")
    repo.git("branch", "master", first)
    done = cli("--yes", "release", "2026-06", "--as", "李静", root=repo.root)
    assert done.code == 0, done.err
    assert f"git push --atomic origin {name} release/2026-06" in done.out
    assert found(repo.root, "QM923") == []
    repo.git("switch", "-q", "--detach")
    assert found(repo.root, "QM923") == [], "nobody is on a branch: the older name does not count"


def test_a_branch_of_a_usual_name_beside_the_servers_does_not_count(repo: Repo, tmp_path: Path) -> None:
    repo.git("switch", "-q", "-c", "master")
    repo.commit({"README.md": "x"}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    repo.git("switch", "-q", "main")
    repo.git("clone", "-q", f"file://{repo.root}", str(tmp_path / "clone"))
    assert [one.details["release"] for one in found(tmp_path / "clone", "QM923")] == ["2026-06"]


def test_what_the_server_calls_its_main_branch_holds(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.git("branch", "-m", "正式")
    repo.git("branch", "master", first)
    repo.commit({PATH: next_revision("2026-06-10", "2026-07-01")}, day="2026-06-10")
    repo.release("2026-06", day="2026-06-10")
    repo.git("clone", "-q", f"file://{repo.root}", str(tmp_path / "clone"))
    assert found(tmp_path / "clone", "QM923") == []


# -- two people release at the same time -------------------------------------------------------------------------


def test_releases_beside_each_other_are_put_right_by_the_next(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    form = SOUND[FORM].replace("更改原因", "更改的原因").replace("revision: A/0\neff", "revision: A/1\neff")
    form = form.replace("changes:\n", "changes:\n  - {revision: A/1, date: 2026-06-01, by: 李静, summary: 改}\n")
    repo.git("switch", "-q", "-c", "other")
    repo.commit({FORM: form}, day="2026-06-02")
    repo.release("b", day="2026-06-02")
    repo.git("switch", "-q", "main")
    repo.commit({PATH: next_revision("2026-06-01", "2026-07-01")}, day="2026-06-01")
    repo.release("a", day="2026-06-01")
    assert [one.severity for one in found(repo.root, "QM923")] == [Severity.ERROR], "b is not merged"
    repo.git("merge", "-q", "-m", "merge", "other", day="2026-06-03")
    assert [one.severity for one in found(repo.root, "QM924")] == [Severity.WARNING]
    repo.commit({"README.md": "x"}, day="2026-06-04")
    repo.release("c", day="2026-06-04")
    assert [one.severity for one in found(repo.root, "QM924")] == [Severity.NOTE]
    rows = json.loads(cli("status", "--format", "json", root=repo.root, today="2026-07-01").out)["documents"]
    assert {row["id"]: row["revision"] for row in rows} == {"QM-01": "A/0", "QP-7.5-01": "A/2", "QR-7.5-01": "A/1"}


# -- a part is checked out ---------------------------------------------------------------------------------------


def test_a_sparse_checkout_is_told_and_nothing_is_called_deleted(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    clone = tmp_path / "sparse"
    repo.git("clone", "-q", "--sparse", f"file://{repo.root}", str(clone))
    repo.git("-C", str(clone), "sparse-checkout", "set", "manual", "procedures")
    assert not (clone / FORM).exists()
    assert found(clone, "QM251") == []
    (one,) = found(clone, "QM256")
    assert one.severity is Severity.WARNING and one.details["paths"] == FORM
    done = cli("verify", root=clone)
    assert "没有检出到这里" in done.out and done.code == 0
    (clone / PATH).unlink()
    assert [one.details["id"] for one in found(clone, "QM251")] == ["QP-7.5-01"], "what was deleted is still told"
    repo.git("-C", str(clone), "restore", PATH)
    repo.git("-C", str(clone), "sparse-checkout", "disable")
    assert found(clone, "QM256") == []


def test_a_document_deleted_after_its_release_does_not_verify(cli: Cli, repo: Repo) -> None:
    (repo.root / FORM).unlink()
    for _ in range(2):
        done = cli("verify", root=repo.root)
        assert done.code == 1 and f"✗ {FORM}" in done.out
        repo.commit({}, day="2026-06-01")


def test_a_file_hidden_from_git_and_deleted_is_deleted(repo: Repo) -> None:
    repo.git("update-index", "--skip-worktree", FORM)
    (repo.root / FORM).unlink()
    assert [one.details["id"] for one in found(repo.root, "QM251")] == ["QR-7.5-01"]


# -- dates -------------------------------------------------------------------------------------------------------


def test_a_tag_of_a_day_to_come_is_found(cli: Cli, repo: Repo) -> None:
    repo.release("2030", day="2030-01-01")
    for clock in (False, True):
        (one,) = found(repo.root, "QM924", clock=clock)
        assert one.severity is Severity.ERROR and one.details["release"] == "2030"
    done = cli("verify", root=repo.root)
    assert done.code == 1 and "2030-01-01" in done.out
    rows = json.loads(cli("status", "--format", "json", root=repo.root).out)["documents"]
    assert {row["release"] for row in rows} == {"2026-05"}, "it does not count until then"


def test_a_release_by_a_wrong_clock_is_found(repo: Repo) -> None:
    repo.commit({"README.md": "x"}, day="2030-01-01")
    repo.release("2030", day="2030-01-01")
    assert len(found(repo.root, "QM924", clock=True)) == 1
    assert found(repo.root, "QM924") == [], "somebody looks at an earlier day"


def test_a_day_ahead_in_another_time_zone_is_no_future(repo: Repo) -> None:
    repo.release("2026-06", day="2026-06-16")
    assert found(repo.root, "QM924", clock=True) == []


def test_a_past_day_knows_nothing_of_what_came_later(cli: Cli, repo: Repo) -> None:
    repo.commit({PATH: next_revision("2026-06-01", "2026-06-10"), "procedures/QP-8.4-01.md": _another()}, "2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    for day, expected in (("2026-05-25", [["A/1 approved"]]), ("2026-06-05", [["A/2 approved", "A/1 effective"]])):
        done = cli("status", "--on", day, "--format", "json", root=repo.root)
        rows = {row["id"]: row for row in json.loads(done.out)["documents"]}
        texts = [[f"{one['revision']} {one['status']}" for one in rows["QP-7.5-01"]["versions"]]]
        assert texts == expected and ("QP-8.4-01" in rows) is (day > "2026-06-01")
    done = cli("status", "--on", "2026-05-01", root=repo.root)
    assert done.code == 0 and "到 2026-05-01 为止还没有发布过任何文件" in done.out
    done = cli("status", "QP-7.5-01", "--on", "2026-05-01", root=repo.root)
    assert done.code == 2 and "没有任何一次发布包含 QP-7.5-01" in done.err


def _another() -> str:
    return SOUND[PATH].replace("QP-7.5-01\n", "QP-8.4-01\n").replace("文件控制程序", "采购控制程序")


def test_a_past_day_knows_of_no_withdrawal_that_was_written_later(cli: Cli, repo: Repo) -> None:
    repo.commit({PATH: next_revision("2026-06-01", "2026-06-10")}, "2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    words = ("--yes", "withdraw", "QR-7.5-01", "--reason", "停用", "--as", "陈刚", "--date", "2026-08-01")
    assert cli(*words, root=repo.root).code == 0
    for day, known in (("2026-05-25", False), ("2026-06-15", True)):
        assert ("停用" in cli("status", "QR-7.5-01", "--on", day, root=repo.root).out) is known


def test_a_branch_from_an_older_release_holds_no_draft(cli: Cli, repo: Repo) -> None:
    repo.commit({PATH: next_revision("2026-06-01", "2026-06-10")}, "2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    repo.git("switch", "-q", "-c", "old", "release/2026-05")
    rows = json.loads(cli("status", "--format", "json", root=repo.root).out)["documents"]
    row = next(row for row in rows if row["id"] == "QP-7.5-01")
    assert [f"{one['revision']} {one['status']}" for one in row["versions"]] == ["A/2 effective", "A/1 superseded"]
    repo.git("switch", "-q", "main")
    repo.commit({"procedures/QP-8.4-01.md": _another()}, "2026-06-05")
    repo.release("2026-06b", day="2026-06-05")
    repo.git("switch", "-q", "old")
    assert "QP-8.4-01" not in "".join(
        line for line in cli("verify", root=repo.root).out.splitlines() if "✗ proc" in line
    )


# -- numbers with blanks -----------------------------------------------------------------------------------------


def test_what_is_to_be_typed_can_be_typed(cli: Cli, tmp_path: Path) -> None:
    """A number with a blank stands between quotes in every command that a message names."""
    number = "Q/CY 203-2024"
    settings = "plugins:\n  - qmanual:\n      kinds:\n        procedure: {id: 'Q/CY \\d+-\\d+'}\n"
    path = "procedures/Q~CY_203-2024.md"
    texts = {name: text.replace("QP-7.5-01", number) for name, text in SOUND.items()}
    text = texts.pop(PATH)
    repo = Repo(tmp_path / "仓库")
    repo.commit({**texts, path: text, "mkdocs.yml": settings})
    repo.release("2026-05")
    write(repo.root, {path: text.replace("发放和回收", "发放")})
    assert f'`revise "{number}"`' in cli("check", root=repo.root).out
    (repo.root / path).unlink()
    assert f'`withdraw "{number}"`' in cli("check", root=repo.root).out
    repo.git("restore", path)
    assert cli("--yes", "revise", number, "--summary", "改", "--as", "李静", root=repo.root).code == 0
    repo.commit({}, day="2026-06-10")
    done = cli("--yes", "release", "2026-06", "--as", "李静", root=repo.root)
    assert done.code == 2 and f'--without "{number}"' in done.err


# -- who pushes second -------------------------------------------------------------------------------------------


def test_a_release_that_was_too_late_leaves_nothing_and_is_made_again(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    """What docs/tutorial.md tells to do when the push of a release is refused."""
    server, late = tmp_path / "server", tmp_path / "late"
    repo.git("clone", "-q", "--bare", f"file://{repo.root}", str(server))
    repo.git("clone", "-q", f"file://{server}", str(late))
    repo.commit({PATH: next_revision("2026-06-10", "2026-07-01")}, day="2026-06-10")
    assert cli("--yes", "release", "2026-06", "--as", "李静", root=repo.root).code == 0
    repo.git("push", "-q", "--atomic", str(server), "main", "release/2026-06")
    words = ("--yes", "withdraw", "QR-7.5-01", "--reason", "停用", "--as", "陈刚", "--date", "2026-08-01")
    assert cli(*words, root=late).code == 0
    other = Repo(late)
    other.commit({}, day="2026-06-11")
    assert cli("--yes", "release", "2026-06b", "--as", "李静", root=late).code == 0
    with pytest.raises(AssertionError):
        other.git("push", "-q", "--atomic", "origin", "main", "release/2026-06b")
    assert other.git("ls-remote", "--tags", "origin", "release/2026-06b") == ""
    other.git("tag", "-d", "release/2026-06b")
    other.git("reset", "-q", "--hard", "HEAD~1")
    other.git("pull", "-q", "--no-rebase", "--no-edit", day="2026-06-15")
    assert cli("--yes", "release", "2026-06b", "--as", "李静", root=late).code == 0
    other.git("push", "-q", "--atomic", "origin", "main", "release/2026-06b")
    assert cli("verify", root=late).code == 0 and cli("check", root=late).code == 0


def test_company_data_beside_a_manual_of_another_folder_are_not_passed_over(tmp_path: Path) -> None:
    """Where the manual's folder is called otherwise, its data would be looked for in `manual/`, and nobody told so."""
    settings = "plugins:\n  - qmanual:\n      kinds:\n        manual: {folder: 手册}\n"
    files = {path.replace("manual/", "手册/"): text.replace("../manual", "../手册") for path, text in SOUND.items()}
    repo = Repo(tmp_path / "仓库")
    repo.commit({**files, "mkdocs.yml": settings})
    assert {one.span.path for one in found(repo.root, "QM913")} == {
        "手册/organization.yml",
        "手册/external-documents.yml",
    }
    repo.commit({"mkdocs.yml": f"{settings}      data_folder: 手册\n"})
    assert found(repo.root, "QM913") == []
