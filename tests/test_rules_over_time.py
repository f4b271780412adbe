"""Rules over time, each on a real repository: what git alone knows of a document, and what must not alarm anybody."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from disk import Repo, write

from qmanual.checks.example import SOUND, lay_over
from qmanual.checks.rule import DRAFT, RELEASE
from qmanual.finding import Finding, Severity
from qmanual.service.checking import check
from qmanual.service.loading import load

TODAY = date(2026, 6, 15)
PATH = "procedures/QP-7.5-01.md"
TEXT = SOUND[PATH]
OVER_TIME = re.compile(r"QM(24|25|36[1-9]|92|93)\d?")

A2 = f"""\
{PATH}
---
revision: A/2
effective: 2026-07-01
prepared: {{by: 李静, date: 2026-06-01}}
reviewed: {{by: 王强, date: 2026-06-02}}
approved: {{by: 陈刚, date: 2026-06-03}}
changes:
  - {{revision: A/2, date: 2026-06-01, by: 李静, summary: 规定收回期限}}
  - {{revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}}
  - {{revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}}
---
作废文件当日收回。
"""
REVISED = lay_over(A2)[PATH]
TODAYS = REVISED.replace("2026-06-01}", "2026-06-03}").replace("2026-06-02}", "2026-06-03}")
"""Prepared, reviewed and approved on one day."""
UNSIGNED = re.sub(r"(reviewed|approved): .*\n", "", REVISED)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """The sound manual, committed and released on 20 May."""
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    return repo


def found(repo: Repo | Path, profile: str = DRAFT, today: date = TODAY) -> list[Finding]:
    """The findings of the rules over time."""
    root = repo if isinstance(repo, Path) else repo.root
    return [one for one in check(load(root, today), profile) if OVER_TIME.fullmatch(one.code)]


def codes(repo: Repo | Path, profile: str = DRAFT, today: date = TODAY) -> list[str]:
    return sorted(one.code for one in found(repo, profile, today))


def quiet(repo: Repo | Path, today: date = TODAY) -> bool:
    """Whether nobody is alarmed, neither while writing nor before a release."""
    return codes(repo, DRAFT, today) == [] and codes(repo, RELEASE, today) == []


# -- what must be found ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace("发放和回收", "发放"), ["QM241"]),
        (lambda text: text.replace("owner: 质量部", "owner: 生产部"), ["QM241"]),
        (lambda text: text.replace("发放", "发\u200b放"), ["QM241"]),
        (lambda text: text.replace("发放", "发 放"), ["QM241"]),
        (lambda text: text.replace("QR-7.5-01。", "QR-7.5-O1。"), ["QM241"]),
        (lambda text: text.replace("发放", "发\u202e放"), ["QM241"]),
        (lambda text: text.replace("revision: A/1\n", "revision: A/0\n", 1), ["QM242", "QM245"]),
        (lambda text: text.replace("by: 陈刚, date: 2026-05-15", "by: 王强, date: 2026-05-15"), ["QM361"]),
        (lambda text: text.replace("date: 2026-05-15", "date: 2026-05-14"), ["QM361"]),
        (lambda text: text.replace("approved: {by: 陈刚, date: 2026-05-15}\n", ""), ["QM361"]),
        (lambda text: text.replace("approved:", "countersigned: {by: 王强, date: 2026-05-13}\napproved:"), ["QM362"]),
        (lambda text: text.replace("增加电子签批", "增加签批"), ["QM241", "QM246"]),
        (lambda text: text.replace("2025-03-01, by: 李静", "2025-03-01, by: 王强"), ["QM241", "QM246"]),
        (lambda text: re.sub(r"  - {revision: A/0.*\n", "", text), ["QM241", "QM247"]),
        (lambda text: text.replace("id: QP-7.5-01", "id: QP-7.5-09"), ["QM252"]),
    ],
    ids=["body", "header", "zero width", "blank", "look-alike", "bidi", "revision back", "approver", "approval date",
         "approval gone", "signature dated back", "summary", "entry's author", "entry gone", "number"],
)  # fmt: skip
def test_change_after_release(repo: Repo, change: Callable[[str], str], expected: list[str]) -> None:
    write(repo.root, {PATH: change(TEXT)})
    assert codes(repo) == expected
    repo.commit({}, day="2026-06-01")
    assert codes(repo) == expected


def test_finding_names_release_and_line(repo: Repo) -> None:
    write(repo.root, {PATH: TEXT.replace("发放和回收", "发放")})
    (one,) = found(repo)
    assert (one.span.path, one.span.line, one.severity) == (PATH, 4, Severity.ERROR)
    assert one.details["release"] == "2026-05"


def test_changed_picture_and_chapter(repo: Repo) -> None:
    shown = REVISED + "\n![图](图.png)\n"
    repo.commit({PATH: UNSIGNED + "\n![图](图.png)\n", "procedures/图.png": b"one", "manual/01-范围.md": "# 一\n"},
                day="2026-06-01")  # fmt: skip
    repo.commit({PATH: shown}, day="2026-06-04")
    repo.release("2026-06", day="2026-06-04")
    write(repo.root, {"procedures/图.png": b"two", "manual/01-范围.md": "# 二\n"})
    assert codes(repo) == ["QM241", "QM241"]


def test_released_change_under_the_same_revision(repo: Repo) -> None:
    """The text of A/1 was changed and tagged again without a check."""
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    assert "QM241" in codes(repo)
    repo.commit({PATH: UNSIGNED}, day="2026-06-02")
    assert [(one.code, one.severity) for one in found(repo)] == [("QM244", Severity.NOTE)]


def test_skipped_revision(repo: Repo) -> None:
    write(repo.root, {PATH: UNSIGNED.replace("A/2", "A/3")})
    assert codes(repo) == ["QM243"]
    between = "  - {revision: A/2, date: 2026-05-30, by: 李静, summary: 未发布}\n  - {revision: A/1"
    write(repo.root, {PATH: UNSIGNED.replace("A/2", "A/3").replace("  - {revision: A/1", between)})
    assert codes(repo) == []


def test_raised_without_a_change(repo: Repo) -> None:
    write(repo.root, {PATH: UNSIGNED.replace("作废文件当日收回。\n", "")})
    assert codes(repo) == ["QM245"]


def test_approval_older_than_the_text(repo: Repo) -> None:
    repo.commit({PATH: REVISED}, day="2026-06-03")
    repo.commit({PATH: REVISED.replace("当日", "次日")}, day="2026-06-05")
    assert codes(repo) == []  # a draft may wait for new signatures
    assert codes(repo, RELEASE) == ["QM363", "QM363"]
    one = found(repo, RELEASE)[0]
    assert (one.details["changed"], one.details["author"]) == ("2026-06-05", "李静")
    repo.release("2026-06", day="2026-06-05")
    assert codes(repo) == ["QM363", "QM363"]


def test_signatures_that_came_along_count_from_the_first_release(tmp_path: Path) -> None:
    """A company brings a signed manual into git, puts its tables right, and releases it."""
    repo = Repo(tmp_path / "引入")
    repo.commit(SOUND, day="2026-05-20")
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-05-25")
    repo.release("2026-05", day="2026-05-28")
    assert quiet(repo)
    repo.commit({PATH: REVISED.replace("date: 2026-06-03", "date: 2026-05-19")}, day="2026-06-05")
    repo.commit({PATH: REVISED.replace("date: 2026-06-03", "date: 2026-05-19") + "\n另起一段。\n"}, day="2026-06-06")
    assert "QM363" in codes(repo, RELEASE)


def test_signatures_given_under_git_count_before_the_first_release(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "新")
    repo.commit(SOUND, day="2026-05-02")
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-05-18")
    repo.release("2026-05", day="2026-05-20")
    assert codes(repo) == ["QM363", "QM363"]


def test_tolerance_is_the_companys(repo: Repo) -> None:
    settings = "site_name: 样例公司\nplugins:\n  - qmanual:\n      approval_tolerance_days: 2\n"
    repo.commit({PATH: REVISED, "mkdocs.yml": settings}, day="2026-06-04")
    assert codes(repo, RELEASE) == []
    write(repo.root, {"mkdocs.yml": settings.replace("days: 2", "days: 0")})
    assert codes(repo, RELEASE) == ["QM363", "QM363"]


def test_approval_older_than_chapter_or_picture(repo: Repo) -> None:
    repo.commit({PATH: UNSIGNED + "\n![图](图.png)\n", "procedures/图.png": b"one"}, day="2026-06-01")
    repo.commit({PATH: REVISED + "\n![图](图.png)\n"}, day="2026-06-03")
    assert codes(repo, RELEASE) == []
    repo.commit({"procedures/图.png": b"two"}, day="2026-06-05")
    assert codes(repo, RELEASE) == ["QM363", "QM363"]


def test_text_written_later_and_dated_back(repo: Repo) -> None:
    """The author's date is free to choose; the signature stood under the text before."""
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.commit({PATH: REVISED}, day="2026-06-03")
    write(repo.root, {PATH: REVISED.replace("当日", "次日")})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x", "--date", "2026-06-01T09:00:00+08:00", day="2026-06-06")
    assert codes(repo, RELEASE) == ["QM363", "QM363"]


def test_commit_dated_back(repo: Repo) -> None:
    repo.commit({PATH: UNSIGNED}, day="2026-05-10")
    assert codes(repo) == ["QM930"]


def test_signatures_carried_over(repo: Repo) -> None:
    old = re.sub(r"(approved: {by: 陈刚, date: )\S+}", r"\g<1>2026-05-15}", REVISED)
    write(repo.root, {PATH: old})
    assert codes(repo) == []
    assert codes(repo, RELEASE) == ["QM364"]


def test_effective_before_the_release(repo: Repo) -> None:
    early = REVISED.replace("effective: 2026-07-01", "effective: 2026-06-04")
    repo.commit({PATH: UNSIGNED.replace("effective: 2026-07-01", "effective: 2026-06-04")}, day="2026-06-01")
    repo.commit({PATH: early}, day="2026-06-03")
    assert codes(repo, RELEASE) == ["QM365"]
    repo.release("2026-06", day="2026-06-10")
    assert codes(repo) == ["QM365"]


def test_deleted_document(repo: Repo) -> None:
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")})
    repo.release("2026-06", day="2026-06-01")
    repo.git("rm", "-q", "procedures/QP-7.5-02.md")
    (one,) = found(repo)
    assert (one.code, one.span.path, one.severity) == ("QM251", "procedures/QP-7.5-02.md", Severity.ERROR)
    repo.commit({}, day="2026-06-05")
    repo.release("2026-07", day="2026-06-05")
    (one,) = found(repo)
    assert (one.details["release"], one.severity) == ("2026-06", Severity.WARNING)
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")}, day="2026-06-06")
    assert codes(repo) == []


def test_withdrawn_document_may_be_deleted_and_its_number_rests(repo: Repo) -> None:
    gone = lay_over(f"{PATH}\n---\nwithdrawn: {{date: 2026-06-01, by: 陈刚, reason: 合并}}\n---\n")[PATH]
    repo.commit({PATH: gone}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    assert codes(repo) == []
    repo.git("rm", "-q", PATH)
    assert codes(repo) == []
    write(repo.root, {PATH: lay_over(f"{A2}\n")[PATH].replace("文件控制程序", "借阅程序")})
    assert codes(repo) == ["QM253"]


def test_number_changed_in_a_renamed_file(repo: Repo) -> None:
    repo.git("mv", PATH, "procedures/QP-7.5-09.md")
    repo.commit({"procedures/QP-7.5-09.md": TEXT.replace("id: QP-7.5-01", "id: QP-7.5-09")}, day="2026-06-01")
    assert codes(repo) == ["QM252"]


def test_two_documents_with_one_number_in_a_release(repo: Repo) -> None:
    repo.commit({"procedures/QP-7.5-01 b.md": TEXT}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    repo.git("rm", "-q", "procedures/QP-7.5-01 b.md")
    (one,) = found(repo)
    assert (one.code, one.severity) == ("QM254", Severity.WARNING)


def test_review_that_passed(repo: Repo) -> None:
    report = check(load(repo.root, date(2027, 5, 16)))
    assert [one.code for one in report if one.code == "QM221"] == ["QM221"]


# -- what must alarm nobody --------------------------------------------------------------------------------------


def test_released_manual_is_quiet(repo: Repo) -> None:
    assert quiet(repo)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n\n", "   \n\n") + "\n\n",
        lambda text: text.replace("id: ", "编号: ").replace("owner: ", "归口部门: "),
        lambda text: text.replace("departments: [生产部]\n", "").replace("owner:", "departments: [生产部]\nowner:"),
        lambda text: text.replace("review_every", "waive: [{rule: QM506, reason: 无记录}]\nreview_every"),
        lambda text: text.replace("{by: 陈刚, date: 2026-05-15}", "[{by: 陈刚, date: 2026-05-15}]"),
        lambda text: text.replace("approved: {by: 陈刚, date: 2026-05-15}",
                                  "approved: [{by: 陈刚, date: 2026-05-15}, {by: 陈刚, date: 2026-06-10}]"),
    ],
    ids=["CRLF", "BOM", "blanks", "Chinese keys", "order of keys", "waiver", "list of one", "signed again"],
)  # fmt: skip
def test_what_no_reader_sees_is_no_change(repo: Repo, change: Callable[[str], str]) -> None:
    repo.commit({PATH: change(TEXT)}, day="2026-06-10")
    assert quiet(repo)


def test_draft_of_a_new_revision_is_quiet(repo: Repo) -> None:
    write(repo.root, {PATH: UNSIGNED})
    assert quiet(repo)
    repo.commit({}, day="2026-06-01")
    assert quiet(repo)
    repo.commit({PATH: REVISED}, day="2026-06-03")
    assert quiet(repo)


def test_whole_life_is_quiet(repo: Repo) -> None:
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.commit({PATH: REVISED}, day="2026-06-03")
    repo.release("2026-06", day="2026-06-04")
    assert quiet(repo)
    later = REVISED.replace("A/2, date: 2026-06-01", "A/3, date: 2026-06-08", 1)
    third = REVISED.replace("revision: A/2\n", "revision: A/3\n", 1).replace("当日", "次日").replace(
        "changes:\n", "changes:\n  - {revision: A/3, date: 2026-06-08, by: 李静, summary: 放宽期限}\n"
    )  # fmt: skip
    third = re.sub(r"2026-06-0([123])}", lambda match: f"2026-06-1{int(match[1])}}}", third, count=3)
    assert later != third
    repo.commit({PATH: re.sub(r"(reviewed|approved): .*\n", "", third)}, day="2026-06-11")
    repo.commit({PATH: third}, day="2026-06-13")
    repo.release("2026-07", day="2026-06-14")
    assert quiet(repo)


def test_changed_and_released_twice_in_a_day(repo: Repo) -> None:
    repo.commit({PATH: TODAYS}, day="2026-06-03")
    repo.release("one", day="2026-06-03")
    again = TODAYS.replace("revision: A/2\n", "revision: A/3\n", 1).replace("当日", "次日").replace(
        "changes:\n", "changes:\n  - {revision: A/3, date: 2026-06-03, by: 李静, summary: 更正}\n"
    )  # fmt: skip
    repo.commit({PATH: again}, day="2026-06-03")
    repo.release("two", day="2026-06-03")
    assert quiet(repo)


def test_imported_manual_brings_its_old_approvals(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "old")
    repo.commit(SOUND, day="2026-06-01")
    repo.release("first", day="2026-06-10")
    assert quiet(repo)
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")}, day="2026-06-12")
    assert codes(repo) == []


def test_before_the_first_release_nothing_is_said(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "new")
    repo.commit(SOUND)
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    assert quiet(repo)


def test_merged_work_is_quiet(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "work")
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"}, day="2026-06-02")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "work", day="2026-06-02")
    repo.commit({PATH: REVISED}, day="2026-06-03")
    assert quiet(repo)


def test_rebased_work_is_quiet(repo: Repo) -> None:
    """The rebase dates the commits anew, but not when they were written."""
    repo.git("checkout", "-q", "-b", "work")
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.commit({PATH: REVISED}, day="2026-06-03")
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"}, day="2026-06-08")
    repo.git("checkout", "-q", "work")
    repo.git("rebase", "-q", "main", day="2026-06-10")
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "--ff-only", "work")
    assert quiet(repo)


def test_branch_that_began_before_the_release_is_quiet(repo: Repo) -> None:
    repo.git("branch", "work")
    repo.commit({PATH: REVISED, "procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02")}, day="2026-06-03")
    repo.release("2026-06", day="2026-06-03")
    repo.git("checkout", "-q", "work")
    assert codes(repo) == []
    repo.git("checkout", "-q", "--detach", "release/2026-05")
    assert codes(repo) == []


def test_text_taken_back_and_put_there_again(repo: Repo) -> None:
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.commit({PATH: REVISED}, day="2026-06-03")
    repo.commit({PATH: REVISED.replace("当日", "次日")}, day="2026-06-05")
    repo.commit({PATH: REVISED}, day="2026-06-06")
    assert quiet(repo)


@pytest.mark.parametrize("moment", ["2026-06-03T23:30:00+08:00", "2026-06-03T16:30:00Z", "2026-06-03T20:00:00-10:00"])
def test_time_zones(repo: Repo, moment: str) -> None:
    """Written and signed on 3 June somewhere in the world."""
    write(repo.root, {PATH: TODAYS})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x", "--date", moment, day="2026-06-05")
    assert codes(repo, RELEASE) == []


def test_a_servers_clock_in_utc(repo: Repo) -> None:
    """4 June in UTC may still be 3 June where it was written."""
    write(repo.root, {PATH: TODAYS})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x", "--date", "2026-06-04T05:00:00+00:00", day="2026-06-05")
    assert codes(repo, RELEASE) == []


def test_as_of_an_earlier_day(repo: Repo) -> None:
    repo.commit({PATH: REVISED}, day="2026-06-03")
    repo.release("2026-06", day="2026-06-03")
    assert codes(repo, today=date(2026, 6, 1)) == []
    assert codes(repo, today=date(2026, 5, 1)) == []


def test_moved_to_another_folder(repo: Repo) -> None:
    repo.git("mv", PATH, "procedures/QP-7.5-01 文件控制程序.md")
    repo.commit({}, day="2026-06-10")
    assert quiet(repo)


def test_worktree_and_submodule(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "side")
    assert quiet(tmp_path / "other")
    outer = Repo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repo.root), "qms")
    assert quiet(outer.root / "qms")
    write(outer.root / "qms", {PATH: TEXT.replace("发放和回收", "发放")})
    assert codes(outer.root / "qms") == ["QM241"]


# -- what cannot be known ----------------------------------------------------------------------------------------


def listed(repo: Repo, name: str = "2026-05", day: str = "2026-05-20") -> str:
    """A list of that release, as far as it need be for its place to be known."""
    return f"release: {name}\ndate: {day}\ntool: qmanual 0.1.0\ndocuments: []\n"


def test_shallow_clone_says_once_what_is_missing(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"README.md": "x"})
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.root}", str(tmp_path / "shallow"))
    (one,) = found(tmp_path / "shallow")
    assert (one.code, one.severity) == ("QM920", Severity.WARNING)
    assert "unshallow" in one.details["gap"]
    assert [one.severity for one in found(tmp_path / "shallow", RELEASE)] == [Severity.ERROR]


def test_missing_tags_and_zip(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"releases/2026-05.yml": listed(repo)})
    repo.git("clone", "-q", "--no-tags", f"file://{repo.root}", str(tmp_path / "bare"))
    assert [one.code for one in found(tmp_path / "bare")] == ["QM920"]
    assert "--tags" in found(tmp_path / "bare")[0].details["gap"]
    zipped = write(tmp_path / "zip", dict(SOUND) | {"releases/2026-05.yml": listed(repo)})
    assert [one.code for one in found(zipped)] == ["QM920"]
    assert "ZIP" in found(zipped)[0].details["gap"]


def test_plain_folder_is_nothing_to_speak_of(tmp_path: Path) -> None:
    assert quiet(write(tmp_path / "m", SOUND))
    repo = Repo(tmp_path / "new")
    write(repo.root, SOUND)
    assert quiet(repo)


def test_without_git(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit({"releases/2026-05.yml": listed(repo)})
    monkeypatch.setenv("PATH", "/nowhere")
    (one,) = found(repo)
    assert one.code == "QM920"
    assert "git-scm" in one.details["gap"] or "git" in one.details["gap"]


# -- releases ----------------------------------------------------------------------------------------------------


@pytest.fixture
def issued(tmp_path: Path) -> Repo:
    """The sound manual with a list of its release, in the commit that the tag marks."""
    repo = Repo(tmp_path / "发布")
    repo.commit(SOUND, day="2026-05-19")
    rows = "".join(
        f"  - {{id: {one.id}, revision: {one.revision}, digest: {one.digest}, path: {one.path}, change: new}}\n"
        for one in load(repo.root, TODAY).register.documents
    )
    repo.commit({"releases/2026-05.yml": listed(repo).replace(" []\n", f"\n{rows}")})
    repo.release("2026-05")
    return repo


def test_listed_release_is_quiet(issued: Repo) -> None:
    assert quiet(issued)


def test_tag_moved(issued: Repo) -> None:
    issued.commit({PATH: UNSIGNED}, day="2026-06-01")
    issued.git("tag", "-f", "-a", "-m", "x", "release/2026-05", day="2026-05-21")
    assert "QM921" in codes(issued)


def test_tag_deleted_and_set_again_on_another_day(issued: Repo) -> None:
    issued.git("tag", "-d", "release/2026-05")
    assert codes(issued) == ["QM920"]
    issued.git("tag", "-a", "-m", "x", "release/2026-05", day="2026-06-10")
    assert codes(issued) == ["QM921"]


def test_deleted_tag_of_several(issued: Repo) -> None:
    issued.commit({"releases/2026-06.yml": listed(issued, "2026-06", "2026-06-01")}, day="2026-06-01")
    issued.release("2026-06", day="2026-06-01")
    issued.git("tag", "-d", "release/2026-05")
    (one,) = (one for one in found(issued) if one.code == "QM925")
    assert one.details["release"] == "2026-05"
    issued.git("tag", "-d", "release/2026-06")
    issued.release("2026-05")
    issued.release("2026-06", day="2026-06-01")
    assert "QM925" not in codes(issued, today=date(2026, 5, 25))


def test_lightweight_tag(issued: Repo) -> None:
    issued.git("tag", "-d", "release/2026-05")
    issued.release("2026-05", annotated=False)
    assert codes(issued) == ["QM922"]


def test_tag_on_another_history(issued: Repo) -> None:
    issued.git("checkout", "-q", "--orphan", "other")
    issued.commit({PATH: UNSIGNED}, day="2026-06-01")
    issued.release("2026-06", day="2026-06-01")
    issued.git("checkout", "-q", "main")
    assert codes(issued) == ["QM923"]


def test_history_rewritten_behind_a_release(issued: Repo) -> None:
    issued.git("reset", "-q", "--hard", "HEAD~1")
    issued.commit({"README.md": "x"}, day="2026-06-01")
    assert codes(issued) == ["QM923"]


def test_releases_out_of_order(issued: Repo) -> None:
    issued.commit({PATH: UNSIGNED}, day="2026-06-01")
    issued.release("2026-06", day="2026-05-10")
    assert "QM924" in codes(issued)


def test_tag_object_of_another_name(issued: Repo) -> None:
    name = issued.git("rev-parse", "release/2026-05")
    issued.git("update-ref", "refs/tags/release/2026-06", name)
    assert "QM926" in codes(issued)


def test_tag_that_marks_no_commit(issued: Repo) -> None:
    issued.git("tag", "release/file", issued.git("rev-parse", f"HEAD:{PATH}"))
    assert codes(issued) == ["QM927"]


@pytest.mark.parametrize("committed", [True, False])
def test_list_edited(issued: Repo, committed: bool) -> None:
    text = (issued.root / "releases/2026-05.yml").read_text("utf-8")
    write(issued.root, {"releases/2026-05.yml": text.replace("0.1.0", "9.9")})
    if committed:
        issued.commit({}, day="2026-06-01")
    (one,) = found(issued)
    assert (one.code, one.span.path) == ("QM928", "releases/2026-05.yml")
    (issued.root / "releases/2026-05.yml").unlink()
    assert codes(issued) == ["QM928"]


def test_list_with_windows_line_ends_is_the_same(issued: Repo) -> None:
    text = (issued.root / "releases/2026-05.yml").read_text("utf-8")
    write(issued.root, {"releases/2026-05.yml": text.replace("\n", "\r\n")})
    assert quiet(issued)


def test_released_text_is_not_the_listed_one(issued: Repo) -> None:
    text = (issued.root / "releases/2026-05.yml").read_text("utf-8").replace("2026-05\n", "2026-06\n", 1)
    issued.commit({PATH: UNSIGNED, "releases/2026-06.yml": text.replace("2026-05-20", "2026-06-01")}, day="2026-06-01")
    issued.release("2026-06", day="2026-06-01")
    (one,) = [one for one in found(issued) if one.code == "QM929"]
    assert (one.span.path, one.details["release"]) == ("releases/2026-06.yml", "2026-06")
    line = text.split("\n")[one.span.line - 1]
    assert "QP-7.5-01" in line


def test_effective_day_out_of_the_list(issued: Repo) -> None:
    open_ = REVISED.replace("effective: 2026-07-01\n", "")
    issued.commit({PATH: open_.replace("approved:", "#approved:").replace("reviewed:", "#reviewed:")}, day="2026-06-01")
    issued.commit({PATH: open_}, day="2026-06-03")
    digest = load(issued.root, TODAY).register.by_id["QP-7.5-01"].digest
    row = (
        f"  - {{id: QP-7.5-01, revision: A/2, digest: {digest}, effective: 2026-07-01, path: {PATH}, change: changed}}"
    )
    text = (issued.root / "releases/2026-05.yml").read_text("utf-8").replace("2026-05\n", "2026-06\n", 1)
    text = re.sub(r"  - {id: QP-7.5-01.*", row, text).replace("date: 2026-05-20", "date: 2026-06-04")
    issued.commit({"releases/2026-06.yml": text}, day="2026-06-04")
    issued.release("2026-06", day="2026-06-04")
    history = load(issued.root, TODAY).history
    assert history.releases[-1].effective == {"QP-7.5-01": date(2026, 7, 1)}
    assert quiet(issued)
