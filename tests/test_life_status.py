"""What `status` tells of a withdrawal to come, and what a squashed merge makes of approvals."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from disk import Done, Repo, write
from signed import FILES, KEYS, PATH

from qmanual.checks.example import SOUND
from qmanual.checks.history_approval import older_than_text
from qmanual.checks.rule import RELEASE
from qmanual.finding import Severity
from qmanual.service.loading import load
from qmanual.service.statements import verdict

Cli = Callable[..., Done]
WITHDRAW = ("--yes", "withdraw", "QR-7.5-01", "--reason", "不再使用", "--as", "陈刚", "--date", "2026-08-01")


def status(cli: Cli, repo: Repo, *words: str, today: str = "2026-06-16") -> str:
    done = cli("status", *words, root=repo.root, today=today)
    assert done.code == 0, done.err
    return done.out


def test_a_withdrawal_to_come_is_told(cli: Cli, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    assert cli(*WITHDRAW, "--replaced-by", "QP-7.5-01", root=repo.root).code == 0
    assert "自 2026-08-01 起废止（待发布）：不再使用。由此代替：QP-7.5-01。" in status(cli, repo, "QR-7.5-01")
    assert "2026-08-01 起废止" not in status(cli, repo), "no release says so yet"
    repo.commit({}, day="2026-06-15")
    assert cli("--yes", "release", "2026-06", "--as", "李静", root=repo.root).code == 0
    assert "自 2026-08-01 起废止：不再使用。由此代替：QP-7.5-01。" in status(cli, repo, "QR-7.5-01")
    assert "2026-08-01 起废止" in status(cli, repo)
    expected = {"from": "2026-08-01", "reason": "不再使用", "replaced_by": "QP-7.5-01", "released": True}
    for today, state in (("2026-06-16", "effective"), ("2026-08-01", "withdrawn")):
        rows = json.loads(status(cli, repo, "--format", "json", today=today))["documents"]
        assert {row["id"]: row["withdrawal"] for row in rows} == {
            "QM-01": None, "QP-7.5-01": None, "QR-7.5-01": expected,
        }  # fmt: skip
        assert next(row for row in rows if row["id"] == "QR-7.5-01")["status"] == state
    assert "由此代替" not in status(cli, repo, "QP-7.5-01")


@pytest.fixture
def squashed(cli: Cli, tmp_path: Path) -> Repo:
    """A revision written on the 10th and signed with keys on the 11th in a branch, squashed into main on the 14th."""
    repo = Repo(tmp_path / "仓库")
    repo.commit({**FILES, "mkdocs.yml": SOUND["mkdocs.yml"]})
    repo.release("2026-05")
    repo.git("switch", "-q", "-c", "work")
    words = ("--yes", "revise", "QP-7.5-01", "--summary", "增加", "--as", "李静", "--effective", "2026-07-01")
    assert cli(*words, root=repo.root, today="2026-06-10").code == 0
    text = (repo.root / PATH).read_text("utf-8").replace("发放和回收", "发放、回收和销毁")
    repo.commit({PATH: text}, day="2026-06-10")
    for name, meaning in (("李静", "prepared"), ("王强", "reviewed"), ("陈刚", "approved")):
        sign = ("--yes", "approve", "QP-7.5-01", "--as", name, "--meaning", meaning, "--key")
        done = cli(*sign, str(KEYS[name].write(tmp_path / name)), root=repo.root, today="2026-06-11")
        assert done.code == 0, done.err
        repo.commit({}, day="2026-06-11")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--squash", "work", day="2026-06-14")
    repo.commit({}, day="2026-06-14")
    return repo


def older(repo: Repo, *, stamped: bool = False) -> list[Severity | None]:
    """The severities with which the rule speaks, beside statements that are stamped or not."""
    manual = load(repo.root, date(2026, 6, 15))
    found = verdict(manual)
    if stamped:
        moment = datetime(2026, 6, 11, 5, tzinfo=UTC)
        folders = {
            folder: tuple(replace(one, stamped=moment) for one in all_) for folder, all_ in found.folders.items()
        }
        found = replace(found, folders=folders)
    register = manual.register
    hits = older_than_text.check(register, manual.history, manual.log, register.settings, found, RELEASE)
    return [hit.severity for hit in hits]


def test_a_squashed_merge_is_a_warning_behind_signed_statements(cli: Cli, squashed: Repo) -> None:
    """Git cannot tell what came first; the statements are bound to the text, and a time stamp to the day."""
    done = cli("check", "--for", "release", root=squashed.root)
    assert (done.code, done.out.count("警告 QM363")) == (0, 2)
    assert older(squashed) == [Severity.WARNING, Severity.WARNING]
    assert older(squashed, stamped=True) == []


def test_a_squashed_merge_is_an_error_without_them(cli: Cli, squashed: Repo) -> None:
    squashed.git("rm", "-q", "-r", "approvals")
    squashed.commit({}, day="2026-06-14")
    assert older(squashed) == [None, None]
    settings = "plugins:\n  - qmanual:\n      approval_tolerance_days: 3\n"
    write(squashed.root, {"mkdocs.yml": settings})
    assert cli("check", "--for", "release", root=squashed.root).code == 0


def test_a_statement_about_another_text_is_no_excuse(squashed: Repo) -> None:
    text = (squashed.root / PATH).read_text("utf-8")
    squashed.commit({PATH: text.replace("回收和销毁", "销毁")}, day="2026-06-15")
    assert older(squashed) == [None, None]
