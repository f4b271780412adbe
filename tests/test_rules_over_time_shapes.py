"""Rules over time on the less usual ways in which a text, its pictures and its files come, go and come back."""

import hashlib
import re

import pytest
from disk import Repo, write
from test_rules_over_time import PATH, REVISED, TEXT, TODAY, UNSIGNED, codes, found, quiet, repo

from qmanual.checks.example import SOUND
from qmanual.checks.rule import RELEASE
from qmanual.git import Repository
from qmanual.service.life.standing import uncommitted
from qmanual.service.loading import load

__all__ = ["repo"]

SHOWN = "\n![图](图.png)\n"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">\n<text>a</text>\n</svg>\n'
INDEX = SOUND["manual/index.md"]
DRAFT_INDEX = re.sub(r"(reviewed|approved): .*\n", "", INDEX).replace("revision: A/0", "revision: A/1", 1).replace(
    "changes:\n", "changes:\n  - {revision: A/1, date: 2026-06-01, by: 李静, summary: 改写}\n"
)  # fmt: skip
SIGNED = "reviewed: {by: 王强, date: 2026-06-03}\napproved: {by: 陈刚, date: 2026-06-03}\nchanges:"


# -- what was signed, and what stands there now ------------------------------------------------------------------


def test_earlier_draft_brought_back_after_signing(repo: Repo) -> None:
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.commit({PATH: UNSIGNED.replace("当日", "次日")}, day="2026-06-02")
    repo.commit({PATH: REVISED.replace("当日", "次日")}, day="2026-06-03")
    assert codes(repo, RELEASE) == []
    repo.commit({PATH: REVISED}, day="2026-06-05")
    assert codes(repo, RELEASE) == ["QM363", "QM363"]
    assert found(repo, RELEASE)[0].details["changed"] == "2026-06-05"


def test_picture_brought_back_after_signing(repo: Repo) -> None:
    repo.commit({PATH: TEXT + SHOWN, "procedures/图.png": b"one"})
    repo.release("with", day="2026-05-21")
    repo.commit({PATH: UNSIGNED + SHOWN, "procedures/图.png": b"two"}, day="2026-06-01")
    repo.commit({PATH: REVISED + SHOWN}, day="2026-06-03")
    assert "QM363" not in codes(repo, RELEASE)
    repo.commit({"procedures/图.png": b"one"}, day="2026-06-06")
    assert codes(repo, RELEASE).count("QM363") == 2


def test_chapter_brought_back_after_signing(repo: Repo) -> None:
    repo.commit({"manual/01-a.md": "# 一\n\n甲。\n"})
    repo.release("with", day="2026-05-21")
    repo.commit({"manual/index.md": DRAFT_INDEX, "manual/01-a.md": "# 一\n\n乙。\n"}, day="2026-06-01")
    repo.commit({"manual/index.md": DRAFT_INDEX.replace("changes:", SIGNED, 1)}, day="2026-06-03")
    assert "QM363" not in codes(repo, RELEASE)
    repo.commit({"manual/01-a.md": "# 一\n\n甲。\n"}, day="2026-06-06")
    assert codes(repo, RELEASE).count("QM363") == 2


def test_picture_and_signature_in_one_commit_that_was_rebased(repo: Repo) -> None:
    """The signature did not stand there before; it came with the picture."""
    shown = "\n![图](A.png)\n"
    repo.commit({PATH: UNSIGNED + shown, "procedures/A.png": b"one"}, day="2026-06-03")
    write(repo.root, {PATH: REVISED.replace("2026-06-02}", "2026-06-03}") + shown, "procedures/A.png": b"two"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "x", "--date", "2026-06-03T09:00:00+08:00", day="2026-06-10")
    assert codes(repo, RELEASE) == []


# -- files that come from elsewhere ------------------------------------------------------------------------------


def test_new_document_is_not_the_one_that_went_with_it(repo: Repo) -> None:
    """git takes a file that goes and one that comes, made from one template, for a renamed file."""
    other = TEXT.replace("QP-7.5-01", "QP-7.5-02")
    repo.commit({"procedures/QP-7.5-02.md": other}, day="2026-05-21")
    gone = other.replace("changes:", "withdrawn: {date: 2026-05-25, by: 陈刚, reason: 合并}\nchanges:")
    repo.commit({"procedures/QP-7.5-02.md": gone}, day="2026-05-25")
    repo.release("gone", day="2026-05-25")
    repo.git("rm", "-q", "procedures/QP-7.5-02.md")
    repo.commit({"procedures/QP-7.5-03.md": TEXT.replace("QP-7.5-01", "QP-7.5-03")}, day="2026-06-01")
    assert load(repo.root, TODAY).log.trails()["procedures/QP-7.5-03.md"][0].status == "R"
    repo.release("new", day="2026-06-01")
    assert quiet(repo)


def test_moved_and_changed_after_signing_is_found(repo: Repo) -> None:
    repo.commit({PATH: UNSIGNED}, day="2026-06-01")
    repo.commit({PATH: REVISED}, day="2026-06-03")
    repo.git("mv", PATH, "procedures/QP-7.5-01 文件控制程序.md")
    repo.commit({"procedures/QP-7.5-01 文件控制程序.md": REVISED.replace("当日", "次日")}, day="2026-06-05")
    assert codes(repo, RELEASE) == ["QM363", "QM363"]


def test_document_taken_over_later_was_in_force_before(repo: Repo) -> None:
    old = TEXT.replace("QP-7.5-01", "QP-7.5-02").replace("2026-0", "2020-0")
    write(repo.root, {"procedures/QP-7.5-02.md": old})
    assert quiet(repo)
    repo.commit({}, day="2026-06-02")
    assert quiet(repo)
    repo.release("more", day="2026-06-03")
    assert quiet(repo)


def test_new_document_with_a_day_gone_by_is_found(repo: Repo) -> None:
    new = REVISED.replace("QP-7.5-01", "QP-7.5-02").replace("effective: 2026-07-01", "effective: 2026-06-01")
    repo.commit({"procedures/QP-7.5-02.md": re.sub(r"(reviewed|approved): .*\n", "", new)}, day="2026-06-01")
    repo.commit({"procedures/QP-7.5-02.md": new}, day="2026-06-03")
    assert codes(repo, RELEASE) == ["QM365"]
    repo.release("more", day="2026-06-04")
    assert codes(repo) == ["QM365"]


def test_withdrawal_moved_after_it_took_effect(repo: Repo) -> None:
    gone = TEXT.replace("changes:", "withdrawn: {date: 2026-07-20, by: 陈刚, reason: 合并}\nchanges:")
    repo.commit({PATH: gone}, day="2026-06-01")
    repo.release("gone", day="2026-06-01")
    repo.commit({PATH: gone.replace("07-20", "06-10")}, day="2026-06-02")
    assert quiet(repo)  # brought forward before its day
    repo.release("sooner", day="2026-06-02")
    assert quiet(repo)
    write(repo.root, {PATH: gone.replace("07-20", "06-05")})
    assert codes(repo) == ["QM255"]
    assert found(repo)[0].details["was"] == "2026-06-10"
    repo.commit({}, day="2026-06-14")
    repo.release("moved", day="2026-06-14")
    assert codes(repo) == ["QM255"]


# -- pictures as git and Windows keep them -----------------------------------------------------------------------


def test_drawing_with_windows_line_ends_is_the_same(repo: Repo) -> None:
    repo.commit({PATH: TEXT + "\n![图](a.svg)\n", "procedures/a.svg": DRAWING})
    repo.release("with", day="2026-05-21")
    before = codes(repo)
    write(repo.root, {"procedures/a.svg": DRAWING.replace("\n", "\r\n")})
    assert codes(repo) == before
    write(repo.root, {"procedures/a.svg": DRAWING.replace(">a<", ">b<")})
    assert "QM241" in codes(repo)


def test_moved_with_its_picture(repo: Repo) -> None:
    repo.commit({"procedures/QP-7.5-02.md": TEXT.replace("QP-7.5-01", "QP-7.5-02") + SHOWN, "procedures/图.png": b"1"})
    repo.release("with", day="2026-05-21")
    assert quiet(repo)
    (repo.root / "procedures/质量部").mkdir()
    repo.git("mv", "procedures/QP-7.5-02.md", "procedures/图.png", "procedures/质量部")
    repo.commit({}, day="2026-06-01")
    assert quiet(repo)


@pytest.fixture
def stored(repo: Repo) -> Repo:
    """A released text with a picture that git keeps by LFS."""
    oid = hashlib.sha256(b"real").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 4\n"
    new = TEXT.replace("QP-7.5-01", "QP-7.5-02") + SHOWN
    repo.commit({"procedures/QP-7.5-02.md": new, "procedures/图.png": pointer})
    repo.release("with", day="2026-05-21")
    return repo


def test_picture_kept_by_lfs_is_its_content(stored: Repo) -> None:
    assert quiet(stored)  # the pointer alone, where nothing was fetched
    write(stored.root, {"procedures/图.png": b"real"})
    assert quiet(stored)
    assert uncommitted(load(stored.root, TODAY)) == ()
    write(stored.root, {"procedures/图.png": b"fake"})
    assert "QM241" in codes(stored)
    assert uncommitted(load(stored.root, TODAY)) == ("procedures/图.png",)


def test_lfs_content_is_taken_when_it_is_there_whole(stored: Repo) -> None:
    oid = hashlib.sha256(b"real").hexdigest()
    name, place = "HEAD:procedures/图.png", f".git/lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}"
    pointer = stored.git("cat-file", "blob", name).encode() + b"\n"
    assert dict(Repository(stored.root).blobs([name])) == {name: pointer}
    write(stored.root, {place: b"fake"})
    assert dict(Repository(stored.root).blobs([name])) == {name: pointer}
    write(stored.root, {place: b"real"})
    assert dict(Repository(stored.root).blobs([name])) == {name: b"real"}


# -- tags --------------------------------------------------------------------------------------------------------


def test_tags_of_one_second_follow_their_commits(repo: Repo) -> None:
    repo.commit({PATH: REVISED}, day="2026-05-20")
    repo.release("2026-04")
    assert [one.name for one in Repository(repo.root).releases()] == ["2026-05", "2026-04"]
    assert "QM924" not in codes(repo)
