"""A reviewer refuses a text: with and without a key, what it writes, what it stops, and who says so."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Done, Repo, hashes, write
from signed import FILES, KEYS, PATH

from qmanual.checks.example import SOUND

Cli = Callable[..., Done]
FORM = "forms/QR-7.5-01.md"
WHY = "没有规定收回期限"
REFUSE = ("--yes", "approve", "QP-7.5-01", "--reject", "--comment", WHY, "--as", "王强", "--meaning", "reviewed")
STATEMENT = "approvals/QP-7.5-01/A-2/1-reviewed-王强.yml"


def work(cli: Cli, root: Path, files: dict[str, str]) -> Repo:
    """A manual, released; its procedure revised and committed."""
    repo = Repo(root)
    repo.commit(files | {"mkdocs.yml": SOUND["mkdocs.yml"]})
    repo.release("2026-05")
    write(root, {"mkdocs.yml": files["mkdocs.yml"]})
    assert cli("--yes", "revise", "QP-7.5-01", "--summary", "增加销毁", "--as", "李静", root=root).code == 0
    change(repo, "发放和回收", "发放、回收和销毁")
    return repo


def change(repo: Repo, old: str, new: str) -> None:
    text = (repo.root / PATH).read_text("utf-8")
    assert old in text
    repo.commit({PATH: text.replace(old, new)}, day="2026-06-15")


def sign(cli: Cli, repo: Repo, name: str, meaning: str, *more: str) -> Done:
    return cli("--yes", "approve", "QP-7.5-01", "--as", name, "--meaning", meaning, *more, root=repo.root)


@pytest.fixture
def repo(cli: Cli, tmp_path: Path) -> Repo:
    """The sound manual, released; its procedure revised, and prepared in its header."""
    repo = work(cli, tmp_path / "仓库", SOUND)
    assert sign(cli, repo, "李静", "prepared").code == 0
    repo.commit({}, day="2026-06-15")
    return repo


def test_what_a_rejection_writes(cli: Cli, repo: Repo) -> None:
    done = cli(*REFUSE, root=repo.root)
    assert done.code == 0, done.err
    assert WHY in done.out and "签署已清空" in done.out
    text = (repo.root / STATEMENT).read_text("utf-8")
    assert 'decision: "rejected"' in text and f'comment: "{WHY}"' in text and 'role: "质量部经理"' in text
    assert "\nprepared:\n" in (repo.root / PATH).read_text("utf-8")
    assert sorted(path.name for path in (repo.root / STATEMENT).parent.iterdir()) == ["1-reviewed-王强.yml"]


def test_nobody_signs_the_text_before_it_is_changed(cli: Cli, repo: Repo) -> None:
    assert cli(*REFUSE, root=repo.root).code == 0
    repo.commit({}, day="2026-06-15")
    before = hashes(repo.root / "procedures")
    done = sign(cli, repo, "李静", "prepared")
    assert done.code == 2 and WHY in done.err and "修改正文" in done.err
    assert cli("--yes", "approve", "--all", "--as", "李静", "--meaning", "prepared", root=repo.root).code == 2
    assert hashes(repo.root / "procedures") == before
    change(repo, "回收和销毁", "三日内回收和销毁")
    for name, meaning in (("李静", "prepared"), ("王强", "reviewed"), ("陈刚", "approved")):
        assert sign(cli, repo, name, meaning).code == 0
    repo.commit({}, day="2026-06-15")
    done = cli("--yes", "release", "2026-06", "--as", "李静", "--effective", "2026-07-01", root=repo.root)
    assert done.code == 0, done.err
    done = cli("verify", root=repo.root)
    assert done.code == 0 and "据记载 王强" in done.out


def test_check_and_status_say_so(cli: Cli, repo: Repo) -> None:
    assert cli(*REFUSE, root=repo.root).code == 0
    done = cli("check", "QP-7.5-01", root=repo.root)
    assert (done.code, "警告 QM366" in done.out) == (0, True)
    done = cli("check", "--for", "release", "QP-7.5-01", root=repo.root)
    assert (done.code, "错误 QM366" in done.out) == (1, True)
    assert f"王强 于 2026-06-15 不同意（{WHY}）" in cli("status", "QP-7.5-01", root=repo.root).out
    assert "未获同意" in cli("status", root=repo.root).out
    rows = json.loads(cli("status", "--format", "json", root=repo.root).out)["documents"]
    assert {row["id"]: row["rejection"] for row in rows} == {
        "QM-01": None, "QR-7.5-01": None,
        "QP-7.5-01": {"revision": "A/2", "by": "王强", "meaning": "reviewed", "on": "2026-06-15", "comment": WHY},
    }  # fmt: skip
    change(repo, "回收和销毁", "三日内回收和销毁")
    assert "QM366" not in cli("check", root=repo.root).out
    assert "未获同意" not in cli("status", root=repo.root).out


def test_a_rejected_text_that_was_released_is_found(cli: Cli, repo: Repo) -> None:
    """Who types the signatures in by hand and sets the tag by hand."""
    assert cli(*REFUSE, root=repo.root).code == 0
    text = (repo.root / PATH).read_text("utf-8")
    for key, name in (("prepared", "李静"), ("reviewed", "王强"), ("approved", "陈刚")):
        text = text.replace(f"{key}:\n", f"{key}: {{by: {name}, date: 2026-06-15}}\n")
    repo.commit({PATH: text}, day="2026-06-15")
    assert "错误 QM366" in cli("check", root=repo.root).out
    repo.release("2026-06", day="2026-06-15")
    done = cli("verify", root=repo.root)
    assert done.code == 1 and "不同意的正是这一正文" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as", "王强", "--meaning", "prepared"), "编制人"),
        (("--as", "无名", "--meaning", "reviewed"), "QM305"),
        (("--as", "王强", "--meaning", "approved"), "QM306"),
        (("--as", "王强", "--meaning", "reviewed", "--date", "2026-06-01"), "--date"),
        (("--as", "王强", "--meaning", "reviewed", "--all"), "--all"),
    ],
)
def test_rejection_is_refused(cli: Cli, repo: Repo, words: tuple[str, ...], said: str) -> None:
    before = hashes(repo.root / "procedures")
    done = cli("--yes", "approve", "QP-7.5-01", "--reject", "--comment", WHY, *words, root=repo.root)
    assert done.code == 2 and said in done.err, done.err
    assert hashes(repo.root / "procedures") == before and not (repo.root / "approvals").exists()


def test_what_cannot_be_rejected(cli: Cli, repo: Repo) -> None:
    done = cli(*REFUSE[:2], "QP-7.5-01", "QR-7.5-01", *REFUSE[3:], root=repo.root)
    assert done.code == 2 and "QR-7.5-01 不能作“不同意”处理：A/0 版已经发布" in done.err
    assert cli(*REFUSE[:4], *REFUSE[6:], root=repo.root).code == 2, "without a terminal nobody is asked why"
    assert cli("approve", "QP-7.5-01", "--comment", WHY, root=repo.root).code == 2
    write(repo.root, {PATH: (repo.root / PATH).read_text("utf-8") + "\n又一句。\n"})
    assert "提交" in cli(*REFUSE, root=repo.root).err


def test_a_text_with_errors_may_be_rejected(cli: Cli, repo: Repo) -> None:
    change(repo, "发放、回收", "[发放](missing.md)、回收")
    assert cli(*REFUSE, root=repo.root).code == 0


def test_rejected_with_a_key(cli: Cli, tmp_path: Path) -> None:
    """At level 1: a round that ends with no, the text changed, a second round that ends with yes."""
    repo = work(cli, tmp_path / "仓库", FILES)

    def key(name: str) -> tuple[str, str]:
        return "--key", str(KEYS[name].write(tmp_path / name))

    def commit() -> None:
        repo.commit({}, day="2026-06-15")

    assert sign(cli, repo, "李静", "prepared", *key("李静")).code == 0
    commit()
    done = cli(*REFUSE, *key("王强"), root=repo.root)
    assert done.code == 0, done.err
    commit()
    folder = repo.root / "approvals/QP-7.5-01/A-2"
    assert (folder / "2-reviewed-王强.yml.sig").is_file()
    assert cli("check", root=repo.root).code == 0
    assert WHY in sign(cli, repo, "李静", "prepared", *key("李静")).err
    change(repo, "回收和销毁", "三日内回收和销毁")
    assert cli("check", root=repo.root).code == 0, "what was said of the old text is no error of the new one"
    for name, meaning in (("李静", "prepared"), ("王强", "reviewed"), ("陈刚", "approved")):
        done = sign(cli, repo, name, meaning, *key(name))
        assert done.code == 0, done.err
    commit()
    done = cli("--yes", "release", "2026-06", "--as", "李静", "--effective", "2026-07-01", root=repo.root)
    assert done.code == 0, done.err
    done = cli("verify", root=repo.root)
    assert done.code == 0 and "2-reviewed-王强.yml  QP-7.5-01 A/2：王强 于 2026-06-15 不同意正文" in done.out


def test_changed_after_it_was_signed_with_a_key_it_is_prepared_anew(cli: Cli, tmp_path: Path) -> None:
    repo = work(cli, tmp_path / "仓库", FILES)
    for name, meaning in (("李静", "prepared"), ("王强", "reviewed")):
        done = sign(cli, repo, name, meaning, "--key", str(KEYS[name].write(tmp_path / name)))
        assert done.code == 0, done.err
        repo.commit({}, day="2026-06-15")
    change(repo, "回收和销毁", "三日内回收和销毁")
    done = cli("--yes", "approve", "--all", "--as", "李静", "--meaning", "prepared", "--key", str(tmp_path / "李静"),
               root=repo.root)  # fmt: skip
    assert done.code == 0, done.err
    text = (repo.root / PATH).read_text("utf-8")
    assert "prepared: {by: 李静, date: 2026-06-15}\nreviewed:\n" in text
    assert cli("check", root=repo.root).code == 0


def test_a_mixed_list_names_those_that_lack_something(cli: Cli, tmp_path: Path) -> None:
    repo = work(cli, tmp_path / "仓库", FILES)
    assert cli("--yes", "revise", "QR-7.5-01", "--summary", "x", "--as", "李静", root=repo.root).code == 0
    repo.commit({}, day="2026-06-15")
    both = ("--yes", "approve", "QP-7.5-01", "QR-7.5-01", "--key", str(KEYS["王强"].write(tmp_path / "王强")))
    done = cli(*both, "--as", "王强", "--meaning", "reviewed", root=repo.root)
    assert done.code == 2
    assert "QP-7.5-01 不能签署：尚未编制。QR-7.5-01 不能签署：尚未编制。没有写入任何内容。" in done.err
    assert cli("--yes", "approve", "QR-7.5-01", "--as", "李静", "--meaning", "prepared", root=repo.root).code == 0
    assert sign(cli, repo, "李静", "prepared", "--key", str(KEYS["李静"].write(tmp_path / "李静"))).code == 0
    repo.commit({}, day="2026-06-15")
    before = hashes(repo.root / "procedures")
    done = cli(*both, "--as", "王强", "--meaning", "reviewed", root=repo.root)
    assert done.code == 2 and hashes(repo.root / "procedures") == before
    assert "QR-7.5-01 不能签署：文件头写明已编制，但没有" in done.err and "清空 forms/QR-7.5-01.md" in done.err
    assert "QP-7.5-01" not in done.err
    every = ("--yes", "approve", "--all", *both[4:], "--as", "王强", "--meaning", "reviewed")
    done = cli(*every, root=repo.root)
    assert done.code == 0 and "未包括 QR-7.5-01" in done.out, done.err
