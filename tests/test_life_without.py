"""A release that leaves a document out: somebody works on it on the main branch, and the others need not wait."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Done, Repo, hashes, write
from test_life_release import killed, next_revision

from qmanual.checks.example import SOUND
from qmanual.service.life.carrying import begin

Cli = Callable[..., Done]
PATH, FORM, NEW = "procedures/QP-7.5-01.md", "forms/QR-7.5-01.md", "procedures/QP-8.4-01.md"
RELEASE = ("--yes", "release", "2026-06", "--as", "李静")
DAY = "2026-06-15"


def form(day: str) -> str:
    """The form in a finished next revision."""
    entry = f"  - {{revision: A/1, date: {day}, by: 李静, summary: 增加}}\n"
    text = SOUND[FORM].replace("revision: A/0\neff", "revision: A/1\neff").replace("changes:\n", f"changes:\n{entry}")
    text = text.replace("date: 2026-05-11}\nrev", f"date: {day}}}\nrev").replace("2026-05-12", day)
    return text.replace("2026-05-15", day).replace("更改原因", "更改的原因").replace("2026-06-01", "2026-07-01")


@pytest.fixture
def repo(cli: Cli, tmp_path: Path) -> Repo:
    """Released; then the form finished in its next revision, and the procedure begun and prepared, all committed."""
    repo = Repo(tmp_path / "仓库")
    repo.commit({**SOUND, PATH: SOUND[PATH] + "\n![](图.svg)\n", "procedures/图.svg": "<svg>1</svg>"})
    repo.release("2026-05")
    repo.commit({FORM: form("2026-06-10")}, day="2026-06-10")
    assert cli("--yes", "revise", "QP-7.5-01", "--summary", "增加", "--as", "李静", root=repo.root).code == 0
    text = (repo.root / PATH).read_text("utf-8").replace("发放和回收", "发放、回收和销毁")
    repo.commit({PATH: text, "procedures/图.svg": "<svg>2</svg>"}, day="2026-06-11")
    done = cli("--yes", "approve", "QP-7.5-01", "--as", "李静", "--meaning", "prepared", root=repo.root)
    assert done.code == 0, done.err
    repo.commit({}, day=DAY)
    return repo


def standing(cli: Cli, repo: Repo) -> dict[str, list[str]]:
    rows = json.loads(cli("status", "--format", "json", root=repo.root, today="2026-07-01").out)["documents"]
    return {row["id"]: [f"{one['revision']} {one['status']}" for one in row["versions"]] for row in rows}


def test_the_refusal_names_what_is_not_finished_and_the_way_out(cli: Cli, repo: Repo) -> None:
    done = cli(*RELEASE, root=repo.root)
    assert done.code == 2 and "QM301" in done.err
    assert "还没有完成的文件：QP-7.5-01 A/2。" in done.err and "--without QP-7.5-01" in done.err
    assert repo.git("tag") == "release/2026-05"


def test_the_others_are_released(cli: Cli, repo: Repo) -> None:
    before, head = hashes(repo.root / "procedures"), repo.git("rev-parse", "HEAD")
    done = cli(*RELEASE, "--without", "QP-7.5-01", root=repo.root)
    assert done.code == 0, done.err
    assert "QP-7.5-01 不在这次发布之内：现行的仍是 A/1 版" in done.out
    assert repo.git("status", "--porcelain") == "" and repo.git("fsck", "--strict") == ""
    assert hashes(repo.root / "procedures") == before
    assert repo.git("rev-parse", "HEAD~2") == head
    assert repo.git("rev-parse", "release/2026-06^{commit}") == repo.git("rev-parse", "HEAD^")
    assert repo.git("diff", "--stat", head, "HEAD", "--", "procedures", "forms") == ""
    assert repo.git("diff", "--stat", "release/2026-05", "release/2026-06", "--", "procedures") == ""
    manifest = (repo.root / "releases/2026-06.yml").read_text("utf-8")
    assert "id: QP-7.5-01, revision: A/1" in manifest and "id: QR-7.5-01, revision: A/1" in manifest
    assert standing(cli, repo) == {
        "QM-01": ["A/0 effective"], "QP-7.5-01": ["A/2 in review", "A/1 effective"],
        "QR-7.5-01": ["A/1 effective", "A/0 superseded"],
    }  # fmt: skip
    assert cli("check", root=repo.root).code == 0
    done = cli("verify", "2026-06", root=repo.root)
    assert done.code == 0, done.out


def test_the_work_is_finished_and_released_later(cli: Cli, repo: Repo) -> None:
    assert cli(*RELEASE, "--without", "QP-7.5-01", root=repo.root).code == 0
    for name, meaning in (("王强", "reviewed"), ("陈刚", "approved")):
        done = cli(
            "--yes", "approve", "QP-7.5-01", "--as", name, "--meaning", meaning, root=repo.root, today="2026-06-16"
        )
        assert done.code == 0, done.err
    repo.commit({}, day="2026-06-16")
    words = ("--yes", "release", "2026-07", "--as", "李静", "--effective", "2026-07-01")
    done = cli(*words, root=repo.root, today="2026-06-17")
    assert done.code == 0, done.err
    assert "QP-7.5-01 A/1 → A/2" in done.out
    assert cli("check", "--for", "release", root=repo.root, today="2026-07-02").code == 0
    assert cli("verify", root=repo.root, today="2026-07-02").code == 0


def test_a_new_document_may_stay_behind(cli: Cli, repo: Repo) -> None:
    words = ("new", "procedure", "--title", "采购控制", "--department", "质量部", "--clause", "8.4", "--as", "李静")
    assert cli("--yes", *words, root=repo.root).code == 0
    repo.commit({}, day=DAY)
    done = cli(*RELEASE, "--without", "QP-7.5-01", "--without", "QP-8.4-01", root=repo.root)
    assert done.code == 0, done.err
    assert (repo.root / NEW).is_file() and repo.git("ls-tree", "--name-only", "release/2026-06", "--", NEW) == ""
    assert "QP-8.4-01" not in (repo.root / "releases/2026-06.yml").read_text("utf-8")
    assert standing(cli, repo)["QP-8.4-01"] == ["A/0 draft"]
    assert cli("verify", root=repo.root).code == 0


def test_statements_about_what_stays_behind_stay_behind(cli: Cli, repo: Repo) -> None:
    refuse = ("approve", "QP-7.5-01", "--reject", "--comment", "不清楚", "--as", "王强", "--meaning", "reviewed")
    assert cli("--yes", *refuse, root=repo.root).code == 0
    repo.commit({}, day=DAY)
    assert cli(*RELEASE, "--without", "QP-7.5-01", root=repo.root).code == 0
    assert repo.git("ls-tree", "-r", "--name-only", "release/2026-06", "--", "approvals") == ""
    assert (repo.root / "approvals/QP-7.5-01/A-2/1-reviewed-王强.yml").is_file()
    assert cli("check", root=repo.root).code == 0 and cli("verify", root=repo.root).code == 0


@pytest.mark.parametrize(("number", "said"), [("QM-01", "已发布的内容相同"), ("QP-9", "没有编号")])
def test_what_cannot_stay_behind(cli: Cli, repo: Repo, number: str, said: str) -> None:
    done = cli(*RELEASE, "--without", number, root=repo.root)
    assert done.code == 2 and said in done.err
    assert repo.git("tag") == "release/2026-05"


def test_another_document_needs_what_stays_behind(cli: Cli, repo: Repo) -> None:
    text = (repo.root / "manual/index.md").read_text("utf-8")
    write(repo.root, {"manual/index.md": text + "\n![](../procedures/图.svg)\n"})
    repo.commit({}, day=DAY)
    done = cli(*RELEASE, "--without", "QP-7.5-01", root=repo.root)
    assert done.code == 2 and "QM-01 共用的图片" in done.err
    assert repo.git("tag") == "release/2026-05"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_at_every_step(repo: Repo, tmp_path: Path) -> None:
    ends, head = set(), repo.git("rev-parse", "HEAD")
    whole = shutil.copytree(repo.root, tmp_path / "whole")
    for at in range(1, int(killed(whole, 0, "QP-7.5-01").stdout) + 1):
        other = Repo(shutil.copytree(repo.root, tmp_path / str(at)))
        assert killed(other.root, at, "QP-7.5-01").returncode == -9
        begin(other.root)
        assert other.git("status", "--porcelain") == ""
        done = "release/2026-06" in other.git("tag").split()
        assert other.git("rev-list", "--count", f"{head}..HEAD") == ("2" if done else "0")
        ends.add(done)
    assert ends == {True, False}


def test_a_manual_in_a_folder_of_the_repository(cli: Cli, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "all")
    root = repo.root / "质量/手册 1"
    repo.commit({f"质量/手册 1/{path}": text for path, text in SOUND.items()} | {"code/x": "1"})
    repo.release("2026-05")
    repo.commit({f"质量/手册 1/{FORM}": form("2026-06-10")}, day="2026-06-10")
    repo.commit({f"质量/手册 1/{PATH}": next_revision(DAY, "2026-07-01"), "code/x": "2"}, day=DAY)
    done = cli(*RELEASE, "--without", "QP-7.5-01", root=root)
    assert done.code == 0, done.err
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("show", "release/2026-06:code/x") == "2"
    assert cli("verify", root=root).code == 0
