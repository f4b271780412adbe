"""The demonstration: the same commits every time, with every state that a document can be in, and nothing wrong."""

import hashlib
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from disk import ROOT, Done, environment, start, write

from qmanual.demo.keys import key_path, private_file, public_line, seed
from qmanual.demo.making import KEYS, make
from qmanual.demo.story import Person, Step, read_story

Cli = Callable[..., Done]

STORY = read_story()
END = STORY.end.isoformat()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository, made in this process and not built."""
    root = tmp_path_factory.mktemp("demo") / "演示 一"
    steps: list[Step] = []
    make(ROOT, root, STORY, lambda step, _: steps.append(step))
    assert steps == list(STORY.steps)
    return root


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_command_makes_the_same_commits_elsewhere_and_builds_them(lived: Path, tmp_path: Path) -> None:
    there = tmp_path / "two"
    words = ("--root", str(ROOT), "--lang", "en", "demo", str(there))
    done = start(*words, TZ="America/New_York", LC_ALL="en_US.UTF-8", GIT_AUTHOR_NAME="X", PYTHONHASHSEED="7")
    assert done.code == 0, done.err
    refs = "for-each-ref"
    assert git(there, refs) == git(lived, refs)
    assert git(there, "rev-parse", "HEAD^{tree}") == git(lived, "rev-parse", "HEAD^{tree}")
    site = there / "dist" / "site"
    for page in ("archive/QP-8.7-01_A-2", "archive/QP-8.7-01_A-3", "changes/QP-8.7-01_A-3-A-4", "forms/QR-7.5-02",
                 "coming/QP-8.6-01_A-3", "verify"):  # fmt: skip
        assert (site / f"{page}.html").is_file(), page
    assert (site / "pdf" / "archive" / "QP-8.7-01_A-2.pdf").is_file()
    assert f"--today {END} status" in done.out


def test_every_state_is_there(cli: Cli, lived: Path) -> None:
    done = cli("status", root=lived, today=END)
    lines = [line.removeprefix("| ") for line in done.out.split("\n") if line.startswith(("| Q", "| WI"))]
    rows = {line.partition(" ")[0]: line for line in lines}
    said = {
        "QP-8.2-01": "A/3 审批中", "QP-8.6-01": "A/3，2026-12-01 起施行", "WI-8.6-01": "A/2 草稿",
        "QP-9.3-01": "已逾期", "QR-7.5-02": "作废（废止）", "QP-8.7-01": "A/4 | 现行有效",
        "WI-7.1-01": "A/1 | 现行有效",
    }  # fmt: skip
    assert [number for number, words in said.items() if words not in rows[number]] == []
    versions = cli("status", "QP-8.7-01", root=lived, today=END).out
    assert versions.count("作废（被替代）") == 2
    assert len(git(lived, "tag", "--list", "release/*").split("\n")) == 4


def test_check_finds_a_review_and_a_copy_that_are_overdue_and_a_waived_rule_and_no_more(cli: Cli, lived: Path) -> None:
    done = cli("check", "--format", "json", root=lived, today=END)
    found = [(one["code"], one["severity"], one["path"]) for one in json.loads(done.out)["findings"]]
    assert done.code == 0
    assert sorted(found) == [
        ("QM221", "warning", "procedures/QP-9.3-01.md"), ("QM406", "note", "instructions/WI-7.1-01.md"),
        ("QM942", "warning", "copies.yml"),
    ]  # fmt: skip


def test_every_end_of_a_copy_is_there_and_its_bytes_are(cli: Cli, lived: Path) -> None:
    found = json.loads(cli("copies", "list", "--format", "json", root=lived, today=END).out)["copies"]
    assert Counter(one["state"] for one in found) == {"in use": 6, "destroyed": 2, "returned": 2, "lost": 1, "due": 1}
    held = {hashlib.sha256(file.read_bytes()).hexdigest() for file in (lived / "dist/copies").glob("*.pdf")}
    assert held == {one["sha256"] for one in found}


def test_all_that_it_claims_is_proven(cli: Cli, lived: Path) -> None:
    done = cli("verify", root=lived, today=END)
    assert done.code == 0, done.out
    assert "17 份签署声明" in done.out and "2026-11：标签由何雨桐签名" in done.out


def test_nothing_is_left_uncommitted_and_no_key_is_committed(lived: Path) -> None:
    assert (lived / KEYS).is_dir()
    assert git(lived, "status", "--porcelain") == ""
    assert [path for path in git(lived, "ls-files").split("\n") if KEYS in path] == []


def test_last_signature_can_be_given_with_a_test_key(cli: Cli, lived: Path) -> None:
    key = str(key_path(lived / KEYS, STORY.by_name["周敏"]))
    words = ("approve", "QP-8.2-01", "--as", "周敏", "--meaning", "approved", "--key", key)
    done = cli(*words, root=lived, today=END)
    assert (done.code, "QP-8.2-01" in done.out) == (2, True)  # shown, and not written without --yes


@pytest.mark.parametrize("person", STORY.people, ids=lambda person: str(person.word))
def test_keys_are_what_their_words_make(person: Person, tmp_path: Path) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed(person))
    assert private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() == " ".join(
        public_line(person).split(" ")[:2]
    )
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_bytes(private_file(person))
    done = subprocess.run(["ssh-keygen", "-y", "-f", str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == public_line(person).split()[:2]


def test_folder_that_holds_something_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path / "full", {"x.txt": "mine"})
    done = cli("demo", str(tmp_path / "full"), root=ROOT)
    assert (done.code, [path.name for path in (tmp_path / "full").iterdir()]) == (2, ["x.txt"])
    assert "不是空文件夹" in done.err


def test_elsewhere_than_around_the_sample_it_says_so(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", str(tmp_path / "new"))
    assert (done.code, (tmp_path / "new").exists()) == (2, False)
    assert "样例手册" in done.err


def test_sample_that_was_changed_is_named(cli: Cli, tmp_path: Path) -> None:
    for name in ("manual", "procedures", "instructions", "forms"):
        shutil.copytree(ROOT / name, tmp_path / "own" / name)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path / "own")
    file = tmp_path / "own" / "manual" / "00-前言.md"
    file.write_text(file.read_text(encoding="utf-8").replace("2026 年 10 月 12 日", "近日"), encoding="utf-8")
    done = cli("demo", str(tmp_path / "new"), root=tmp_path / "own")
    assert (done.code, "manual/00-前言.md" in done.err, (tmp_path / "new").exists()) == (2, True, False)
