"""A reviewer's answer to a review packet, taken over by `approve --from`; and what is no answer."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from disk import Done, Repo, hashes, write

from qmanual.checks.example import SOUND
from qmanual.service.loading import load

Cli = Callable[..., Done]
PATH = "procedures/QP-7.5-01.md"


@pytest.fixture
def repo(cli: Cli, tmp_path: Path) -> Repo:
    """The sound manual, released; its procedure revised, prepared and committed."""
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    revise = ("revise", "QP-7.5-01", "--summary", "增加销毁", "--as", "李静")
    assert cli("--yes", *revise, root=repo.root).code == 0
    file = repo.root / PATH
    write(repo.root, {PATH: file.read_text("utf-8").replace("发放和回收", "发放、回收和销毁")})
    repo.commit({}, day="2026-06-15")
    assert cli("--yes", "approve", "QP-7.5-01", "--as", "李静", "--meaning", "prepared", root=repo.root).code == 0
    repo.commit({}, day="2026-06-15")
    return repo


def answer(repo: Repo, **other: str) -> Path:
    """The answer of 王强, as the packet's page saves it; `other` values take the place of the honest ones."""
    document = load(repo.root, date(2026, 6, 15)).register.by_id["QP-7.5-01"]
    values = {
        "type": "qms-answer/1", "document": "QP-7.5-01", "revision": "A/2", "digest": document.digest,
        "meaning": "reviewed", "decision": "accepted", "name": "王强", "time": "2026-06-15T10:30:00+08:00",
        "comment": '"同意"', "packet": "0" * 64,
    } | other  # fmt: skip
    file = repo.root.parent / "答复.yml"
    file.write_text("".join(f"{key}: {value}\n" for key, value in values.items()), encoding="utf-8")
    return file


def test_an_answer_becomes_a_signature(cli: Cli, repo: Repo) -> None:
    done = cli("--yes", "approve", "--from", str(answer(repo)), root=repo.root)
    assert done.code == 0, done.err
    assert "reviewed: {by: 王强, date: 2026-06-15}" in (repo.root / PATH).read_text("utf-8")


def test_a_rejection_is_taken_over(cli: Cli, repo: Repo) -> None:
    file = answer(repo, decision="rejected", comment='"第 4 章缺少销毁的方法"')
    done = cli("--yes", "approve", "--from", str(file), root=repo.root)
    assert done.code == 0, done.err
    statement = (repo.root / "approvals/QP-7.5-01/A-2/1-reviewed-王强.yml").read_text("utf-8")
    assert 'time: "2026-06-15T10:30:00+08:00"' in statement and 'comment: "第 4 章缺少销毁的方法"' in statement
    assert "\nprepared:\n" in (repo.root / PATH).read_text("utf-8")
    repo.commit({}, day="2026-06-15")
    again = cli("--yes", "approve", "--from", str(answer(repo)), root=repo.root)
    assert again.code == 2 and "第 4 章缺少销毁的方法" in again.err


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"decision": "rejected", "name": "张三"}, "张三"),
        ({"decision": "rejected", "digest": "1" * 64}, "评审包"),
        ({"digest": "1" * 64}, "评审包"),
        ({"revision": "A/1"}, "A/1"),
        ({"document": "QP-9.9-09"}, "QP-9.9-09"),
        ({"name": "张三"}, "张三"),
        ({"meaning": "approved"}, "QP-7.5-01"),
        ({"type": "qms-approval/1"}, "答复.yml"),
        ({"time": "昨天"}, "答复.yml"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_does_not_hold_is_refused(cli: Cli, repo: Repo, other: dict[str, str], said: str) -> None:
    before = hashes(repo.root / "procedures")
    done = cli("--yes", "approve", "--from", str(answer(repo, **other)), root=repo.root)
    assert done.code == 2
    assert said in done.err + done.out
    assert hashes(repo.root / "procedures") == before


def test_an_answer_alone_says_everything(cli: Cli, repo: Repo) -> None:
    done = cli("--yes", "approve", "QP-7.5-01", "--from", str(answer(repo)), root=repo.root)
    assert done.code == 2 and "--from" in done.err


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"a: [", b"- 1\n", b"x" * 100_000])
def test_any_other_file_is_refused(cli: Cli, repo: Repo, data: bytes) -> None:
    file = repo.root.parent / "别的.yml"
    file.write_bytes(data)
    done = cli("--yes", "approve", "--from", str(file), root=repo.root)
    assert done.code == 2 and "别的.yml" in done.err


def test_a_missing_file_is_named(cli: Cli, repo: Repo) -> None:
    done = cli("approve", "--from", str(repo.root / "没有.yml"), root=repo.root)
    assert done.code == 2 and "没有.yml" in done.err
