"""Attacks on what `verify` believes: rights and demands of the branch itself, what lies around, files as traps."""

import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Repo, write
from scenes import DAY, FOLDER, Cli, Scene, revised, scene_of, signed_and_released
from signed import FILES, ID, KEYS, ROUND, filed, organization, statement

from qmanual.control.statement import SIGNATURE
from qmanual.service.verifying.claims import subject_of

ORGANIZATION = "manual/organization.yml"
GRANTED = organization().replace("may: [prepared, reviewed]}", "may: [prepared, reviewed, approved]}")
"""王强 may approve as well."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_and_released(tmp_path_factory.mktemp("signed") / "手册")


@pytest.fixture
def scene(built: Path, tmp_path: Path, cli: Cli) -> Scene:
    return scene_of(built, tmp_path / "手册", cli)


def missing(scene: Scene) -> set[str]:
    """What `check --for release` finds."""
    done = scene.cli("check", "--for", "release", "--format", "json", root=scene.root, today=DAY)
    return {found["code"] for found in json.loads(done.out)["findings"]}


# -- rights and demands ------------------------------------------------------------------------------------------------


def test_release_by_hand_is_sound_when_all_is_right(scene: Scene) -> None:
    revised(scene, "2026-06-10")
    scene.release_by_hand("2026-06", "2026-06-12")
    assert scene.wrong() == []


def test_right_used_in_the_release_that_grants_it(scene: Scene) -> None:
    """The statement is dated later than the tag, so that the release that holds it would count as one before it."""
    new = revised(scene, "2026-06-10", "王强", {ORGANIZATION: GRANTED}, last="2026-06-12T20:00:00+08:00")
    scene.release_by_hand("2026-06", "2026-06-12")
    wrong = [text for path, text in scene.wrong() if path == new[-1]]
    assert any("无权签署" in text for text in wrong)
    assert any("晚于" in text and "2026-06" in text for text in wrong)


def test_moved_to_a_kind_of_which_less_is_asked(scene: Scene) -> None:
    """The folder becomes that of a kind of its own, of which nobody asks for a signature."""
    kinds = r"      kinds: {proc: {folder: procedures, title: 程序文件, id: 'QP-[\d.]+-\d+'}, procedure: {folder: old}}"
    revised(scene, "2026-06-10", manual={"mkdocs.yml": f"{FILES['mkdocs.yml']}{kinds}\n"})
    shutil.rmtree(scene.root / "approvals/QP-7.5-01/A-2")
    assert "QM358" in missing(scene)
    scene.release_by_hand("2026-06", "2026-06-12")
    assert len([path for path, _ in scene.wrong() if path == "approvals/QP-7.5-01/A-2"]) == 3


def test_fewer_signatures_asked_for_in_the_same_branch(scene: Scene) -> None:
    settings = f"{FILES['mkdocs.yml']}      kinds: {{procedure: {{approvals: [prepared]}}}}\n"
    new = revised(scene, "2026-06-10", manual={"mkdocs.yml": settings})
    for path in new[1:]:
        (scene.root / path).unlink()
        (scene.root / (path + SIGNATURE)).unlink()
    assert "QM358" in missing(scene)
    scene.release_by_hand("2026-06", "2026-06-12")
    wrong = [text for path, text in scene.wrong() if path == "approvals/QP-7.5-01/A-2"]
    assert [text.rpartition("：")[2] for text in wrong] == ["审核", "批准"]


def test_organization_that_was_planted_before(scene: Scene) -> None:
    """A file that nobody reads comes with one release; the next branch makes it the company's by a setting."""
    scene.commit({"notes/organization.yml": GRANTED})
    scene.release_by_hand("2026-06", "2026-06-11")
    settings = f"{FILES['mkdocs.yml']}      data_folder: notes\n"
    new = revised(scene, "2026-06-13", "王强", {"mkdocs.yml": settings, "notes/organization.yml": GRANTED})
    assert [path for path, _ in scene.wrong()] == [new[-1]]


def test_revocation_that_cannot_be_read(scene: Scene) -> None:
    """A slip in the line that revokes a stolen key does not let the thief date back."""
    scene.commit({ORGANIZATION: organization({"陈刚": "revoked: 六月一日, reason: 丢失"})}, "2026-06-02")
    assert scene.wrong() == [], "what a release held before is not in doubt"
    new = revised(scene, "2026-05-25")
    assert [path for path, _ in scene.wrong()] == [new[-1]]


def test_revocation_taken_back(scene: Scene) -> None:
    scene.commit({ORGANIZATION: organization({"陈刚": "revoked: 2026-06-01"})})
    scene.release_by_hand("2026-06", "2026-06-12")
    scene.commit({ORGANIZATION: organization()})
    scene.release_by_hand("2026-06-b", "2026-06-13", before="2026-06")
    new = revised(scene, "2026-06-14")
    assert [path for path, _ in scene.wrong()] == [new[-1]]


def test_statement_that_waited_for_a_stolen_key(scene: Scene) -> None:
    """A release held the statement before the key was lost, but without its signature."""
    new = revised(scene, "2026-06-10")
    signature = scene.root / (new[-1] + SIGNATURE)
    data = signature.read_bytes()
    signature.unlink()
    scene.release_by_hand("2026-06", "2026-06-12")
    revoked = organization({"陈刚": "revoked: 2026-06-14, reason: 丢失"})
    scene.commit({new[-1] + SIGNATURE: data, ORGANIZATION: revoked}, "2026-06-15")
    scene.release_by_hand("2026-06-b", "2026-06-16", before="2026-06")
    assert any(path == new[-1] and "吊销" in text for path, text in scene.wrong())


def test_two_entries_of_one_key(scene: Scene) -> None:
    line = KEYS["陈刚"].line
    entry = f"{{key: {line}, since: 2026-01-01}}"
    both = organization().replace(entry, f"{{key: {line}, until: 2020-01-01}}, {entry}")
    assert both != organization()
    scene.commit({ORGANIZATION: both})
    scene.release_by_hand("2026-06", "2026-06-11")
    revised(scene, "2026-06-13", manual={ORGANIZATION: both})
    assert scene.wrong() == []


def test_a_higher_demand_takes_nothing_back(scene: Scene) -> None:
    scene.commit({"mkdocs.yml": FILES["mkdocs.yml"].replace("procedure: 1", "procedure: 2")})
    assert scene.wrong() == []
    assert scene.codes() == set()
    scene.release_by_hand("2026-06", "2026-06-11")
    assert scene.wrong() == []
    revised(scene, "2026-06-13", manual={"mkdocs.yml": (scene.root / "mkdocs.yml").read_text(encoding="utf-8")})
    assert "QM359" in scene.codes()
    scene.release_by_hand("2026-06-b", "2026-06-14", before="2026-06")
    assert any(path == "approvals/QP-7.5-01/A-2" for path, _ in scene.wrong())


def test_later_signatures_take_nothing_from_a_release(scene: Scene) -> None:
    """A second round about the same text, complete or not, leaves the release as it was approved."""
    again = [statement(meaning, name, f"2026-06-1{at}T09:00:00+08:00") for at, (meaning, name, _) in enumerate(ROUND)]
    files = filed([*(statement(*one) for one in ROUND), *again])
    scene.commit(dict(files))
    assert scene.wrong() == []
    for path in list(files)[-2:]:
        (scene.root / path).unlink()
    scene.commit({})
    assert scene.wrong() == []


# -- the work tree, and what a list says -------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), [("date: 2026-05-15", "date: 2026-05-14"), ("by: 陈刚", "by: 王强")])
def test_approval_edited_after_the_release(scene: Scene, old: str, new: str) -> None:
    path = "forms/QR-7.5-01.md"
    text = (scene.root / path).read_text(encoding="utf-8")
    line = next(line for line in text.split("\n") if line.startswith("approved:"))
    write(scene.root, {path: text.replace(line, line.replace(old, new))})
    assert [found for found, _ in scene.wrong()] == [path]


def test_withdrawal_taken_back_by_hand(scene: Scene) -> None:
    done = scene.cli(
        "withdraw", "QR-7.5-01", "--yes", "--as", "何雨桐", "--reason", "不再使用", root=scene.root, today="2026-06-10"
    )
    assert done.code == 0, done.err
    scene.commit({})
    path = "forms/QR-7.5-01.md"
    withdrawn = (scene.root / path).read_text(encoding="utf-8")
    assert scene.wrong() == []
    scene.release_by_hand("2026-06", "2026-06-12")
    assert [found for found, _ in scene.wrong()] == [path], "the list does not tell of the withdrawal"
    scene.repo.git("tag", "-d", "release/2026-06")
    scene.repo.git("reset", "-q", "--hard", "HEAD~1")
    day = next(line for line in withdrawn.split("\n") if line.startswith("withdrawn:")).partition("date: ")[2][:10]
    scene.release_by_hand(
        "2026-06", "2026-06-12",
        edit=lambda data: b"\n".join(
            line.replace(b", path:", f", withdrawn: {day}, path:".encode()) if b"id: QR-7.5-01" in line else line
            for line in data.split(b"\n")
        ),
    )  # fmt: skip
    assert scene.wrong() == []
    write(scene.root, {path: FILES[path]})
    assert [found for found, _ in scene.wrong()] == [path]


def test_list_of_another_day(scene: Scene) -> None:
    scene.release_by_hand(
        "2026-06", "2026-06-12", edit=lambda data: data.replace(b"date: 2026-06-12", b"date: 2020-01-01", 1)
    )
    assert [path for path, _ in scene.wrong()] == ["releases/2026-06.yml"]


def test_copied_statement_is_told_where_it_lies(scene: Scene) -> None:
    write(
        scene.root,
        {"approvals/QM-01/A-0/1-prepared-李静.yml": (scene.root / FOLDER / "1-prepared-李静.yml").read_bytes()},
    )
    assert any(path.startswith("approvals/QM-01/") for path, _ in scene.wrong("QM-01"))
    assert scene.wrong(ID) == []


def test_name_of_a_file_draws_no_line_of_its_own(scene: Scene) -> None:
    name = "approvals/a\n  ✓ x\x1b[2K"
    write(scene.root, {name: "x"})
    assert [path for path, _ in scene.wrong()] == [name]
    assert "\n  ✓ x" not in scene.verify().out and "\x1b" not in scene.verify().out


def test_list_of_gigabytes(scene: Scene) -> None:
    path = scene.root / "releases/huge.yml"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    start = time.perf_counter()
    assert [found for found, _ in scene.wrong()] == ["releases/huge.yml"]
    shutil.rmtree(scene.root / ".git")
    assert "releases/huge.yml" in [found for found, _ in scene.wrong()]
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("data", [b"", b"\n", b"# x\n", b"{}", b"[]", b"{[" * 9000, b"\xff", b"release: 2026-05\n"])
def test_list_that_is_none(scene: Scene, data: bytes) -> None:
    path = "releases/2026-05.yml"
    write(scene.root, {path: data})
    assert [found for found, _ in scene.wrong()] == [path]
    shutil.rmtree(scene.root / ".git")
    assert path in [found for found, _ in scene.wrong()]


def test_damaged_repository_is_told_in_words(scene: Scene) -> None:
    (scene.root / ".git/HEAD").write_text("garbage", encoding="ascii")
    done = scene.verify()
    assert done.code == 2
    assert "git" in done.err and "{" not in done.err


def test_without_git_and_statements(scene: Scene) -> None:
    shutil.rmtree(scene.root / ".git")
    shutil.rmtree(scene.root / "approvals")
    lines = json.loads(scene.verify("--format", "json").out)["lines"]
    assert [line["path"] for line in lines if line["group"] == "statements"] == [FOLDER]


# -- prints ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pdf(scene: Scene, tmp_path: Path) -> Path:
    """A file that passes for the print of the procedure, with a list beside it."""
    path = tmp_path / "dist/pdf/QP-7.5-01_A-1.pdf"
    write(tmp_path, {"dist/pdf/QP-7.5-01_A-1.pdf": b"%PDF-1.7\n"})
    _list(scene, path)
    assert scene.wrong(str(path)) == []
    return path


def _list(scene: Scene, path: Path, **more: str) -> None:
    rows = json.loads(scene.cli("register", "--format", "json", root=scene.root, today=DAY).out)["documents"]
    row = next(row for row in rows if row["id"] == ID)
    row |= {"pdf": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} | more
    (path.parent.parent / "register.json").write_text(json.dumps({"documents": [row]}), encoding="utf-8")


@pytest.mark.parametrize("more", [{"status": "draft"}, {"digest": "0" * 64}, {"id": "QP-1"}])
def test_print_of_a_draft_or_of_another_manual(scene: Scene, pdf: Path, more: dict[str, str]) -> None:
    _list(scene, pdf, **more)
    assert scene.wrong(str(pdf))


HOSTILE: dict[str, bytes] = {
    "nested": b"[" * 200_000,
    "a number": b'{"documents": 5}',
    "a mapping": b'{"documents": {"a": 1}}',
    "odd rows": b'{"documents": [1, null, {"sha256": [1]}, {"sha256": NaN, "id": {}}]}',
    "null": b"null",
    "no text": b"\xff\xff",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_list_beside_a_print_that_is_none(scene: Scene, pdf: Path, name: str) -> None:
    (pdf.parent.parent / "register.json").write_bytes(HOSTILE[name])
    assert [path for path, _ in scene.wrong(str(pdf))] == [pdf.name]


def test_the_list_that_vouches_is_named(scene: Scene, pdf: Path) -> None:
    """The manual's own list counts first; one that came with the print is named in full, as it is not signed."""
    beside = pdf.parent.parent / "register.json"
    assert str(beside) in scene.verify(str(pdf)).out
    write(scene.root, {"dist/register.json": beside.read_bytes()})
    assert str(scene.root / "dist/register.json") in scene.verify(str(pdf)).out


def test_what_the_answer_about_a_print_rests_on_is_said(scene: Scene, pdf: Path) -> None:
    """On a list that nobody signed, and on a tag: whoever set it signed it, or did not."""
    lines = json.loads(scene.verify(str(pdf), "--format", "json").out)["lines"]
    told = {line["message"] for line in lines if line["result"] == "unknown"}
    assert any("没有签名" in text and "register.json" in text for text in told)
    assert any(text.startswith("2026-05：标签没有签名") for text in told)


def _bomb() -> bytes:
    packed = zlib.compress(b"/Subject" + bytes(8 << 20), 9)
    return (b"<</Type/ObjStm>>\nstream\n" + packed + b"\nendstream\n") * 1000


TRAPS: dict[str, Callable[[], bytes]] = {
    "streams without an end": lambda: b"stream\n" * 1_000_000,
    "objects without an end": lambda: b"/Type /ObjStm stream\n" * 1_000_000,
    "subjects without an end": lambda: b"/Subject (" * 1_000_000,
    "one long subject": lambda: b"/Subject (" + b"a" * 20_000_000,
    "blanks": lambda: b"/Subject" + b" " * 20_000_000,
    "bombs": _bomb,
}


@pytest.mark.parametrize("name", TRAPS)
def test_trap_for_who_reads_a_pdf(name: str) -> None:
    data = b"%PDF-1.7\n" + TRAPS[name]()
    start = time.perf_counter()
    assert subject_of(data) == ""
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"/Subject (QP-1 A/0)", "QP-1 A/0"),
        (b"/Subject (QP-1 A/0)\n/Subject (QP-1 A/1)", "QP-1 A/1"),
        (b"/Subject <FEFF8D2891CF>", "质量"),
        (b"/Type /ObjStm >> stream\r\n" + zlib.compress(b"<</Subject (QP-1 A/0)>>") + b"\nendstream", "QP-1 A/0"),
        (b"/Subject (\x1b[31mQP\\(1\\)\n\xad)", "[31mQP(1)"),
        (b"/Subject (" + b"a" * 1000 + b")", "a" * 200),
        (b"/Subject <ABC", ""),
    ],
)
def test_what_a_pdf_calls_itself(written: bytes, read: str) -> None:
    assert subject_of(b"%PDF-1.7\n" + written) == read


def test_large_file_is_not_kept_in_memory(scene: Scene, pdf: Path) -> None:
    import resource

    with pdf.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(1 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert scene.wrong(str(pdf))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 * 1024


def test_target_that_is_no_file(scene: Scene, tmp_path: Path) -> None:
    loop, fifo, folder = tmp_path / "loop.pdf", tmp_path / "fifo.pdf", tmp_path / "folder.pdf"
    loop.symlink_to(loop)
    os.mkfifo(fifo)
    folder.mkdir()
    for target in (str(loop), str(fifo), str(folder), "x" * 5000, "x" * 300 + ".pdf", "none.pdf", "a\nb", "/dev/zero"):
        done = scene.verify(target)
        assert done.code == 2, target
        assert "程序的故障" not in done.err, target


def test_answer_without_an_end(scene: Scene) -> None:
    done = scene.cli("approve", "--from", "/dev/zero", "--yes", root=scene.root, today=DAY)
    assert done.code == 2
    assert "程序的故障" not in done.err


# -- elsewhere ---------------------------------------------------------------------------------------------------------


def test_says_the_same_everywhere(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a clone, a worktree, with a detached head, in another time zone: the same lines."""
    said = scene.verify("--format", "json").out
    clone, tree = tmp_path / "clone", tmp_path / "tree"
    scene.repo.git("clone", "-q", str(scene.root), str(clone))
    scene.repo.git("worktree", "add", "-q", "--detach", str(tree))
    Repo(clone).git("checkout", "-q", "--detach")
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        for root in (scene.root, clone, tree):
            assert scene.verify("--format", "json", root=root).out == said
    monkeypatch.delenv("TZ")
    time.tzset()
