"""Status from git: one real repository for every claim about what a release tag makes of a document."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from disk import Repo, start, write

from qmanual.checks.example import SOUND, lay_over
from qmanual.control.calendar import add_months
from qmanual.control.status import Status, due_within, next_review
from qmanual.git import Repository
from qmanual.service.loading import Manual, load

TODAY = date(2026, 6, 15)
PATH = "procedures/QP-7.5-01.md"
TEXT = SOUND[PATH]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The sound manual in a repository, committed."""
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    return repo


def statuses(root: Path, today: date = TODAY) -> dict[str, Status]:
    return {entry.document.id: entry.status for entry in load(root, today).working.entries}


def status(root: Path, today: date = TODAY) -> Status:
    """The procedure's status."""
    return statuses(root, today)["QP-7.5-01"]


def procedure(manual: Manual) -> str | None:
    return manual.working.by_id["QP-7.5-01"].release


# -- releases ----------------------------------------------------------------------------------------------------


def test_without_tags_everything_is_draft(repo: Repo) -> None:
    assert set(statuses(repo.root).values()) == {Status.DRAFT}


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "lightweight"])
def test_release_tag_makes_effective(repo: Repo, annotated: bool) -> None:
    repo.release("2026-05", annotated=annotated)
    assert set(statuses(repo.root).values()) == {Status.EFFECTIVE}
    assert procedure(load(repo.root, TODAY)) == "2026-05"


def test_other_tags_release_nothing(repo: Repo) -> None:
    repo.git("tag", "v1.0")
    repo.git("tag", "releases/1")
    repo.git("tag", "x/release/1")
    assert set(statuses(repo.root).values()) == {Status.DRAFT}


def test_branch_named_like_a_release_is_none(repo: Repo) -> None:
    repo.git("branch", "release/2026-05")
    assert set(statuses(repo.root).values()) == {Status.DRAFT}


def test_tag_of_a_tag_and_tag_of_a_file_are_read_or_passed_over(repo: Repo) -> None:
    blob = repo.git("rev-parse", f"HEAD:{PATH}")
    repo.git("tag", "release/file", blob)
    assert status(repo.root) is Status.DRAFT
    repo.release("inner")
    repo.git("tag", "-a", "-m", "outer", "release/outer", "release/inner")
    assert status(repo.root) is Status.EFFECTIVE


def test_before_its_effective_date_it_is_approved(repo: Repo) -> None:
    repo.release("2026-05")
    assert status(repo.root, date(2026, 5, 31)) is Status.APPROVED
    assert status(repo.root, date(2026, 6, 1)) is Status.EFFECTIVE


def test_changed_text_under_the_same_revision_is_draft(repo: Repo) -> None:
    repo.release("2026-05")
    write(repo.root, {PATH: TEXT.replace("发放和回收", "发放")})
    assert status(repo.root) is Status.DRAFT
    assert statuses(repo.root)["QR-7.5-01"] is Status.EFFECTIVE


@pytest.mark.parametrize(
    "changes",
    [
        ("owner: 质量部", "owner: 生产部"),
        ('clauses: ["7.5"]', 'clauses: ["7.5", "7.4"]'),
        ("title: 文件", "title: 新文件"),
    ],
)
def test_changed_header_under_the_same_revision_is_draft(repo: Repo, changes: tuple[str, str]) -> None:
    repo.release("2026-05")
    write(repo.root, {PATH: TEXT.replace(*changes)})
    assert status(repo.root) is Status.DRAFT


def _keys_turned_round(text: str) -> str:
    _, header, body = text.split("---\n", 2)
    lines = header.splitlines(keepends=True)
    changes = lines.index("changes:\n")
    return "---\n" + "".join([*lines[changes:], *reversed(lines[:changes])]) + "---\n" + body


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        "\ufeff" + TEXT,
        TEXT.replace("\n\n", "   \n\n"),
        TEXT + "\n\n",
        TEXT.rstrip("\n"),
        _keys_turned_round(TEXT),
        TEXT.replace("title: 文件控制程序", 'title: "文件控制程序"'),
        TEXT.replace("id: ", "编号: ").replace("owner: ", "归口部门: "),
        TEXT.replace("departments: [生产部]", "departments:\n  - 生产部"),
    ],
    ids=["CRLF", "BOM", "trailing blanks", "blank lines after", "no line end", "order of keys", "quotes",
         "Chinese keys", "block style"],
)  # fmt: skip
def test_what_no_reader_sees_changes_no_status(repo: Repo, text: str) -> None:
    repo.release("2026-05")
    write(repo.root, {PATH: text})
    assert status(repo.root) is Status.EFFECTIVE


def test_signing_changes_no_text(repo: Repo) -> None:
    repo.release("2026-05")
    write(repo.root, {PATH: TEXT.replace("date: 2026-05-15", "date: 2026-05-16")})
    assert status(repo.root) is Status.EFFECTIVE


def test_uncommitted_new_document_is_draft(repo: Repo) -> None:
    repo.release("2026-05")
    write(repo.root, {"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")})
    assert statuses(repo.root)["QP-7.5-02"] is Status.DRAFT


def test_newer_release_decides(repo: Repo) -> None:
    """The text of an older release is superseded, not in force, when a newer one holds another."""
    repo.release("2026-05")
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    assert status(repo.root) is Status.EFFECTIVE
    write(repo.root, {PATH: TEXT})
    assert status(repo.root) is Status.DRAFT


def test_renamed_file_is_the_same_document(repo: Repo) -> None:
    repo.release("2026-05")
    repo.git("mv", PATH, "procedures/QP-7.5-01 文件控制程序.md")
    assert status(repo.root) is Status.EFFECTIVE


def test_changed_picture_makes_draft(repo: Repo) -> None:
    shown = TEXT + "\n![图](图.png)\n"
    repo.commit({PATH: shown, "procedures/图.png": b"one"})
    repo.release("2026-05")
    assert status(repo.root) is Status.EFFECTIVE
    write(repo.root, {"procedures/图.png": b"two"})
    assert status(repo.root) is Status.DRAFT


def test_changed_chapter_makes_draft(repo: Repo) -> None:
    repo.commit({"manual/01-范围.md": "# 范围\n\n全部。\n"})
    repo.release("2026-05")
    assert statuses(repo.root)["QM-01"] is Status.EFFECTIVE
    write(repo.root, {"manual/01-范围.md": "# 范围\n\n部分。\n"})
    assert statuses(repo.root)["QM-01"] is Status.DRAFT


def test_withdrawn_on_its_day(repo: Repo) -> None:
    withdrawn = lay_over(f"{PATH}\n---\nwithdrawn: {{date: 2026-06-10, by: 陈刚, reason: 合并}}\n---\n")[PATH]
    repo.commit({PATH: withdrawn})
    repo.release("2026-05")
    assert status(repo.root, date(2026, 6, 9)) is Status.EFFECTIVE
    assert status(repo.root, date(2026, 6, 10)) is Status.WITHDRAWN


# -- repositories of every form ----------------------------------------------------------------------------------


def test_manual_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "all")
    inside = {f"质量/手册 1/{path}": text for path, text in SOUND.items()}
    repo.commit(inside | {"procedures/QP-7.5-01.md": TEXT.replace("质量部", "别人")})
    repo.release("2026-05")
    assert set(statuses(repo.root / "质量/手册 1").values()) == {Status.EFFECTIVE}


def test_manual_that_the_repository_does_not_hold_is_draft(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "all")
    repo.commit({"README.md": "x"})
    repo.release("2026-05")
    assert set(statuses(write(repo.root / "sub", SOUND)).values()) == {Status.DRAFT}


def test_worktree_sees_the_tags(repo: Repo, tmp_path: Path) -> None:
    repo.release("2026-05")
    repo.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "work")
    assert status(tmp_path / "other") is Status.EFFECTIVE


def test_detached_head_makes_no_difference(repo: Repo) -> None:
    repo.release("2026-05")
    repo.git("checkout", "-q", "--detach")
    assert status(repo.root) is Status.EFFECTIVE


def test_shallow_clone_says_so(repo: Repo, tmp_path: Path) -> None:
    repo.release("2026-05")
    repo.commit({"README.md": "later"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "shallow"))
    assert Repository(tmp_path / "shallow").shallow
    assert not Repository(repo.root).shallow


def test_packed_repository_is_read(repo: Repo) -> None:
    repo.release("2026-05")
    repo.git("gc", "-q")
    assert status(repo.root) is Status.EFFECTIVE


def test_repository_without_a_commit_is_draft(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    write(repo.root, SOUND)
    assert set(statuses(repo.root).values()) == {Status.DRAFT}


def test_broken_repository_is_none(tmp_path: Path) -> None:
    root = write(tmp_path / "m", dict(SOUND) | {".git": "gitdir: /nowhere\n"})
    assert set(statuses(root).values()) == {Status.DRAFT}


def test_tags_in_order_of_time_not_of_name(repo: Repo) -> None:
    repo.release("z", day="2026-01-01")
    repo.release("a", day="2026-02-01")
    assert [tag.name for tag in Repository(repo.root).releases()] == ["z", "a"]


def test_unreadable_text_in_a_release_does_not_stop_the_rest(repo: Repo) -> None:
    repo.commit({"procedures/alt.md": "标题".encode("gbk")})
    repo.release("2026-05")
    assert status(repo.root) is Status.EFFECTIVE


def test_large_release_of_many_files(repo: Repo) -> None:
    many = {
        f"instructions/WI-{n}.md": f"---\nid: WI-{n}\ntitle: 第 {n}\nrevision: A/0\n---\n\n# 第 {n}\n"
        for n in range(300)
    }
    repo.commit(many)
    repo.release("2026-05")
    found = statuses(repo.root)
    assert {found[f"WI-{n}"] for n in range(300)} == {Status.EFFECTIVE}


# -- repositories that mean harm ---------------------------------------------------------------------------------


def test_hostile_configuration_runs_nothing(repo: Repo, tmp_path: Path) -> None:
    """Every setting by which a repository's own configuration could start a program; none may leave its mark."""
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{mark}"\ncat\n', encoding="utf-8")
    program.chmod(0o755)
    hooks = write(
        tmp_path / "hooks", {name: program.read_text("utf-8") for name in ("post-index-change", "pre-commit")}
    )
    for hook in hooks.iterdir():
        hook.chmod(0o755)
    repo.commit({".gitattributes": "*.md diff=evil filter=evil\n"})
    repo.release("2026-05")
    settings: Mapping[str, str] = {
        "core.fsmonitor": str(program), "core.hooksPath": str(hooks), "core.pager": str(program),
        "core.editor": str(program), "core.sshCommand": str(program), "diff.external": str(program),
        "diff.evil.textconv": str(program), "diff.evil.command": str(program), "filter.evil.clean": str(program),
        "filter.evil.smudge": str(program), "filter.evil.process": str(program), "gpg.program": str(program),
        "gpg.ssh.program": str(program), "log.showSignature": "true", "alias.rev-parse": f"!{program}",
        "alias.ls-tree": f"!{program}", "alias.cat-file": f"!{program}", "alias.for-each-ref": f"!{program}",
        "credential.helper": str(program), "uploadpack.packObjectsHook": str(program),
    }  # fmt: skip
    config = (repo.root / ".git/config").read_text(encoding="utf-8")
    for name, value in settings.items():
        section, _, key = name.rpartition(".")
        head, _, sub = section.partition(".")
        config += f'[{head}{f" {chr(34)}{sub}{chr(34)}" if sub else ""}]\n\t{key} = "{value}"\n'
    (repo.root / ".git/config").write_text(config, encoding="utf-8")
    assert status(repo.root) is Status.EFFECTIVE
    assert not mark.exists()


def test_environment_of_git_leads_nowhere_else(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Repo(tmp_path / "other")
    other.commit(SOUND)
    other.release("2026-05")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repo.root))
    assert status(repo.root) is Status.DRAFT


def test_replaced_objects_are_not_believed(repo: Repo) -> None:
    """`git replace` lets another text stand for the released one."""
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")})
    repo.release("2026-05")
    released = repo.git("rev-parse", f"HEAD:{PATH}")
    write(repo.root, {PATH: TEXT})
    forged = repo.git("hash-object", "-w", PATH)
    repo.git("replace", released, forged)
    assert status(repo.root) is Status.DRAFT


def test_symlink_in_a_release_is_no_document(repo: Repo) -> None:
    (repo.root / "procedures/QP-7.5-02.md").symlink_to("QP-7.5-01.md")
    repo.commit({})
    repo.release("2026-05")
    assert [tag.name for tag in Repository(repo.root).releases()] == ["2026-05"]
    assert "procedures/QP-7.5-02.md" not in Repository(repo.root).files("HEAD")


def test_reading_changes_nothing_in_the_repository(repo: Repo) -> None:
    repo.release("2026-05")
    """But for what is kept of the history, in a folder of its own."""

    def files() -> dict[Path, int]:
        every = (path for path in (repo.root / ".git").rglob("*") if path.is_file())
        return {path: path.stat().st_mtime_ns for path in every if path.parent.name != "qmanual"}

    before = files()
    statuses(repo.root)
    assert files() == before


# -- reviews -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 5, 15), 36, date(2029, 5, 15)),
        (date(9999, 1, 1), 9999, date.max),
    ],
)
def test_months_as_people_count_them(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


def test_review_counts_from_the_last_approval(manual: Path) -> None:
    document = load(manual, TODAY).register.by_id["QP-7.5-01"]
    assert next_review(document) == date(2027, 5, 15)
    assert due_within(document, date(2027, 4, 20), 30)
    assert not due_within(document, date(2027, 5, 16), 30)


def test_review_of_an_unapproved_document_counts_from_its_effective_date(manual: Path) -> None:
    write(manual, lay_over(f"{PATH}\n---\napproved:\n---\n"))
    assert next_review(load(manual, TODAY).register.by_id["QP-7.5-01"]) == date(2027, 6, 1)
    write(manual, lay_over(f"{PATH}\n---\napproved:\neffective:\n---\n"))
    assert next_review(load(manual, TODAY).register.by_id["QP-7.5-01"]) is None


def test_nothing_is_due_without_a_period(manual: Path) -> None:
    document = load(manual, TODAY).register.by_id["QM-01"]
    assert next_review(document) is None
    assert not due_within(document, TODAY, 10_000)


# -- the commands ------------------------------------------------------------------------------------------------


def test_register_shows_the_status(repo: Repo) -> None:
    repo.release("2026-05")
    done = start("--root", str(repo.root), "--today", "2026-06-15", "register", "--format", "json")
    assert {row["status"] for row in json.loads(done.out)["documents"]} == {"effective"}
