"""What is read of git: the log with renames and merges, last edits, and what is kept between two runs."""

import json
import os
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from disk import Repo, write

from qmanual.checks.example import SOUND
from qmanual.control.history import Gap, History
from qmanual.control.log import Log
from qmanual.git import Repository
from qmanual.git.graph import read_graph
from qmanual.git.log import LogReading
from qmanual.service import halves
from qmanual.service.archive import Archive
from qmanual.service.checking import check
from qmanual.service.loading import Manual, load
from qmanual.service.publication import publication

TODAY = date(2026, 6, 15)
PATH = "procedures/QP-7.5-01.md"
TEXT = SOUND[PATH]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    return repo


def log(repo: Repo | Path, *folders: str) -> Log:
    repository = Repository(repo if isinstance(repo, Path) else repo.root)
    wanted = folders or ("manual", "procedures", "instructions", "forms", "releases")
    head = repository.commit()
    return Log(head=head, steps=LogReading(repository, head, wanted).steps())


def trail(repo: Repo, path: str) -> list[tuple[str, str]]:
    return [(step.status, step.path) for step in log(repo).trails().get(path, ())]


# -- the log -------------------------------------------------------------------------------------------------------


def test_every_file_has_its_trail(repo: Repo) -> None:
    repo.commit({PATH: TEXT + "\n改。\n"}, day="2026-06-01")
    assert trail(repo, PATH) == [("M", PATH), ("A", PATH)]
    first = log(repo).trails()[PATH][0]
    assert (first.commit.author, first.commit.on) == ("李静", date(2026, 6, 1))
    assert first.blob == repo.git("rev-parse", f"HEAD:{PATH}")


def test_chinese_names_and_blanks_and_newlines(repo: Repo) -> None:
    names = ["procedures/程序 一.md", "forms/表\n单.md", "forms/“引号”.md", "forms/a\tb.md"]
    repo.commit(dict.fromkeys(names, "# 一\n"), day="2026-06-01")
    assert {step.path for step in log(repo).steps} >= set(names)


def test_renames_are_followed(repo: Repo) -> None:
    new = "procedures/质量/QP-7.5-01 文件控制程序.md"
    (repo.root / "procedures/质量").mkdir()
    repo.git("mv", PATH, new)
    repo.commit({}, day="2026-06-01")
    repo.commit({new: TEXT + "\n改。\n"}, day="2026-06-02")
    assert trail(repo, new) == [("M", new), ("R", new), ("A", PATH)]


def test_moved_and_changed_at_once(repo: Repo) -> None:
    new = "procedures/QP-7.5-01 新.md"
    repo.git("mv", PATH, new)
    repo.commit({new: TEXT + "\n改。\n"}, day="2026-06-01")
    assert trail(repo, new) == [("R", new), ("A", PATH)]


def test_names_exchanged_in_one_commit(repo: Repo) -> None:
    other = "forms/QR-7.5-01.md"
    repo.commit({PATH: SOUND[other] * 3, other: TEXT * 3}, day="2026-06-01")
    steps = log(repo).trails()
    assert {path for path in steps if path in (PATH, other)} == {PATH, other}
    assert all(len({step.commit.name for step in trail}) == len(trail) for trail in steps.values())


def test_split_document(repo: Repo) -> None:
    """Of a document that becomes two files one keeps the trail, the other begins."""
    half = len(TEXT) // 4
    repo.commit({PATH: TEXT[:-half], "procedures/QP-7.5-02.md": TEXT[-half:]}, day="2026-06-01")
    assert trail(repo, PATH) == [("M", PATH), ("A", PATH)]
    assert trail(repo, "procedures/QP-7.5-02.md") == [("A", "procedures/QP-7.5-02.md")]


def test_deleted_file_keeps_its_trail(repo: Repo) -> None:
    repo.git("rm", "-q", PATH)
    repo.commit({}, day="2026-06-01")
    assert trail(repo, PATH) == [("D", PATH), ("A", PATH)]


def test_merge_that_changes_nothing_is_no_step(repo: Repo) -> None:
    repo.git("checkout", "-q", "-b", "work")
    repo.commit({PATH: TEXT + "\n改。\n"}, day="2026-06-01")
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"}, day="2026-06-02")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "work", day="2026-06-03")
    assert trail(repo, PATH) == [("M", PATH), ("A", PATH)]


def test_evil_merge_is_a_step(repo: Repo) -> None:
    """What neither side wrote came with the merge."""
    repo.git("checkout", "-q", "-b", "work")
    repo.commit({PATH: TEXT + "\n改。\n"}, day="2026-06-01")
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"}, day="2026-06-02")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "work")
    write(repo.root, {PATH: TEXT + "\n谁也没写过。\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "merge", day="2026-06-03")
    steps = log(repo).trails()[PATH]
    assert (steps[0].status, steps[0].commit.on.day, len(steps[0].commit.parents)) == ("M", 3, 2)


def test_merge_of_three(repo: Repo) -> None:
    for name in ("one", "two"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.commit({f"forms/QR-{name}.md": f"# {name}\n"}, day="2026-06-01")
    repo.git("checkout", "-q", "main")
    repo.commit({"README.md": "x"}, day="2026-06-02")
    repo.git("merge", "-q", "-m", "merge", "one", "two", day="2026-06-03")
    assert trail(repo, "forms/QR-one.md") == [("A", "forms/QR-one.md")]


def test_manual_in_a_folder_sees_its_own_files_only(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "all")
    repo.commit({f"质量/{path}": text for path, text in SOUND.items()} | {"procedures/x.md": "x"})
    assert {step.path for step in log(repo.root / "质量").steps} >= {PATH, "manual/index.md"}
    assert "x.md" not in {step.path.rpartition("/")[2] for step in log(repo.root / "质量").steps}


def test_author_that_looks_like_a_commit(repo: Repo) -> None:
    """A name made of what begins a record of the log."""
    tree = repo.git("rev-parse", "HEAD^{tree}")
    head = repo.git("rev-parse", "HEAD")
    who = b"\x01" + b"a" * 40 + b" <a@b> 1780272000 +0800"
    text = f"tree {tree}\nparent {head}\n".encode() + b"author " + who + b"\ncommitter " + who + b"\n\nx\n"
    (repo.root.parent / "commit").write_bytes(text)
    name = repo.git("hash-object", "-t", "commit", "-w", "--literally", str(repo.root.parent / "commit"))
    repo.git("reset", "-q", "--hard", name)
    repo.commit({PATH: TEXT + "\n改。\n"}, day="2026-06-10")
    assert trail(repo, PATH) == [("M", PATH), ("A", PATH)]


def test_graph_knows_what_comes_after_what(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "work")
    side = repo.commit({"README.md": "x"}, day="2026-06-01")
    repo.git("checkout", "-q", "main")
    main = repo.commit({"README.en.md": "y"}, day="2026-06-02")
    graph = read_graph(Repository(repo.root), (side, main))
    assert graph.descends(side, first) and graph.descends(main, main)
    assert not graph.descends(first, side) and not graph.descends(main, side)
    assert graph.reached([main]) == {main, first}


# -- releases ------------------------------------------------------------------------------------------------------


def test_main_branch_by_its_usual_names(repo: Repo, tmp_path: Path) -> None:
    repo.git("branch", "-m", "trunk")
    repo.release("2026-05")
    assert load(repo.root, TODAY).history.releases[0].on_main
    repo.git("branch", "main")
    repo.git("checkout", "-q", "-b", "work")
    repo.commit({"README.md": "x"}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    assert [one.on_main for one in load(repo.root, TODAY).history.releases] == [True, False]


def test_history_without_some_releases_keeps_its_places(repo: Repo) -> None:
    repo.release("a", day="2026-05-01")
    repo.commit({PATH: TEXT.replace("A/1", "A/2")}, day="2026-05-10")
    repo.release("b", day="2026-05-10")
    repo.release("c", day="2026-05-20")
    history = load(repo.root, TODAY).history
    assert [(one.first, one.last) for one in history.documents["QP-7.5-01"]] == [(0, 0), (1, 2)]
    early = history.until(date(2026, 5, 15))
    assert [(one.first, one.last) for one in early.documents["QP-7.5-01"]] == [(0, 0), (1, 1)]
    assert early.later == {"c"}
    repo.git("checkout", "-q", "--detach", "release/a")
    here = load(repo.root, TODAY).history.here
    assert [one.name for one in here.releases] == ["a"]


# -- what is kept --------------------------------------------------------------------------------------------------


@pytest.fixture
def lived(repo: Repo) -> Repo:
    """A manual with two releases and commits after them."""
    repo.release("2026-05")
    repo.commit({PATH: TEXT.replace("A/1", "A/2") + "\n改。\n"}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-02")
    repo.commit({PATH: TEXT.replace("A/1", "A/3") + "\n再改。\n"}, day="2026-06-10")
    return repo


def read(repo: Repo, keep: bool = True) -> tuple[History, Log]:
    manual = load(repo.root, TODAY)
    archive = Archive(Repository(repo.root), manual.register.settings, manual.register.documents, keep=keep)
    return archive.history(), archive.log


def kept(repo: Repo) -> list[Path]:
    return sorted((repo.root / ".git/qmanual").iterdir())


def test_second_reading_is_the_same(lived: Repo) -> None:
    fresh = read(lived, keep=False)
    assert not (lived.root / ".git/qmanual").exists()
    assert read(lived) == fresh
    assert [path.name for path in kept(lived)] == ["history.json", "log.json"]
    assert read(lived) == fresh


def test_second_reading_asks_git_little(lived: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    read(lived)
    asked: list[str] = []
    real = Repository.read

    def counted(self: Repository, *words: str, stdin: bytes | None = None) -> bytes:
        asked.append(words[0])
        return real(self, *words, stdin=stdin)

    monkeypatch.setattr(Repository, "read", counted)
    monkeypatch.setattr(Repository, "start", lambda *_: pytest.fail("no log is needed"))
    read(lived)
    assert set(asked) <= {"rev-parse", "for-each-ref"}
    assert len(asked) <= 4


def test_new_commits_and_tags_are_added(lived: Repo) -> None:
    read(lived)
    lived.commit({PATH: TEXT.replace("A/1", "A/4")}, day="2026-06-11")
    lived.release("2026-07", day="2026-06-12")
    assert read(lived) == read(lived, keep=False)


def test_rewritten_history_is_read_anew(lived: Repo) -> None:
    read(lived)
    lived.git("reset", "-q", "--hard", "HEAD~1")
    lived.commit({PATH: TEXT.replace("A/1", "A/9")}, day="2026-06-11")
    assert read(lived) == read(lived, keep=False)


def test_moved_tag_is_read_anew(lived: Repo) -> None:
    read(lived)
    lived.git("tag", "-f", "-a", "-m", "x", "release/2026-05", day="2026-06-11")
    assert read(lived) == read(lived, keep=False)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other form", "no json", "planted", "folder"])
def test_damaged_or_planted_is_read_anew(lived: Repo, damage: str) -> None:
    read(lived)
    fresh = read(lived, keep=False)
    for path in kept(lived):
        data = path.read_bytes()
        seal, _, body = data.partition(b"\n")
        if damage == "cut":
            path.write_bytes(data[: len(data) // 2])
        elif damage == "flipped":
            path.write_bytes(data[:-20] + bytes([data[-20] ^ 1]) + data[-19:])
        elif damage == "empty":
            path.write_bytes(b"")
        elif damage == "no json":
            path.write_bytes(seal + b"\n[[[")
        elif damage == "folder":
            path.unlink()
            path.mkdir()
        elif damage == "other form":
            path.write_bytes(seal + b"\n" + json.dumps(json.loads(body) | {"form": 0}).encode())
        else:
            path.write_bytes(seal + b"\n" + body.replace(b"A/2", b"A/9"))
    assert read(lived) == fresh


def test_kept_by_somebody_else_is_not_believed(lived: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that was copied with its `.git` may bring a history that was made up."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "theirs"))
    write(lived.root, {PATH: TEXT})
    read(lived)
    theirs = (lived.root / ".git/qmanual/history.json").read_bytes()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    history, _ = read(lived)
    assert (lived.root / ".git/qmanual/history.json").read_bytes() != theirs
    assert history == read(lived, keep=False)[0]


def test_settings_that_change_are_heeded(lived: Repo) -> None:
    """What is kept was read by other settings: under these a further key of the header belongs to the text."""
    lived.commit({PATH: TEXT.replace("title:", "风险: 高\ntitle:")})
    lived.release("2026-09", day="2026-06-14")
    before = load(lived.root, TODAY).history
    settings = "plugins:\n  - qmanual:\n      header_fields:\n        risk: {label: 风险}\n"
    after = load(write(lived.root, {"mkdocs.yml": settings}), TODAY).history
    digests = [one.documents["QP-7.5-01"][-1].facts.digest for one in (before, after)]
    assert digests[0] != digests[1]


def test_a_release_holds_its_documents_after_their_folder_was_moved(repo: Repo) -> None:
    """The folder of a kind is what the settings of then say."""
    repo.release("2026-05", day="2026-05-30")
    (repo.root / "docs").mkdir()
    repo.git("mv", "procedures", "docs/procedures")
    settings = "plugins:\n  - qmanual:\n      kinds:\n        procedure: {folder: docs/procedures}\n"
    moved = SOUND["forms/QR-7.5-01.md"].replace("../procedures/", "../docs/procedures/")
    repo.commit({"mkdocs.yml": settings, "forms/QR-7.5-01.md": moved}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-02")
    manual = load(repo.root, TODAY)
    texts = manual.history.documents["QP-7.5-01"]
    assert [text.facts.path for text in texts] == [PATH, "docs/procedures/QP-7.5-01.md"]
    assert len({text.facts.digest for text in texts}) == 1
    assert {one.code for one in check(manual)} == {"QM411"}  # its link to the form
    then = publication(load(repo.root, date(2026, 5, 31)))
    assert then.edition.by_id["QP-7.5-01"].document.path == PATH
    steps = manual.log.trails()["docs/procedures/QP-7.5-01.md"]
    assert [step.status[0] for step in steps] == ["R", "A"]


def test_unwritable_repository_is_kept_in_the_users_folder(lived: Repo, cache: Path) -> None:
    write(lived.root, {".git/qmanual": "a file where the folder would be"})
    fresh = read(lived)
    names = {path.name for path in cache.rglob("*") if path.is_file()}
    assert names == {"secret", "history.json", "log.json"}
    assert read(lived) == fresh
    assert stat.S_IMODE((cache / "qmanual/secret").stat().st_mode) == 0o600


def test_nothing_can_be_written_anywhere(lived: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"blocked": "a file"})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    assert read(lived) == read(lived, keep=False)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert read(lived) == read(lived, keep=False)


def test_symlink_in_the_place_of_the_cache_is_not_followed(lived: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (lived.root / ".git/qmanual").symlink_to(tmp_path / "elsewhere")
    read(lived)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.fixture
def readable(lived: Repo) -> Iterator[Repo]:
    """All of it for reading only."""
    places = [lived.root, *lived.root.rglob("*")]
    modes = {place: place.stat().st_mode for place in places}
    for place in places:
        place.chmod(modes[place] & ~0o222)
    yield lived
    for place in places:
        if place.exists():
            place.chmod(modes[place])


def test_read_only_everything(readable: Repo) -> None:
    manual: Manual = load(readable.root, TODAY)
    assert [one.name for one in manual.history.releases] == ["2026-05", "2026-06"]
    assert manual.log.steps
    assert os.access(readable.root, os.R_OK)


# -- two cores -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, halves.MANY - 1, halves.MANY, halves.MANY + 1])
def test_in_halves_is_in_order(count: int) -> None:
    assert halves.in_halves(str, range(count)) == [str(at) for at in range(count)]


def test_half_that_fails_is_done_here() -> None:
    """The copy ends badly; what it should have done is done once more."""
    here = os.getpid()

    def work(at: int) -> int:
        if os.getpid() != here and at == halves.MANY - 1:
            raise RuntimeError
        return at

    assert halves.in_halves(work, range(halves.MANY)) == list(range(halves.MANY))


def test_gaps(tmp_path: Path, repo: Repo) -> None:
    assert load(write(tmp_path / "plain", SOUND), TODAY).history.gap is Gap.NO_REPOSITORY
    new = Repo(tmp_path / "new")
    assert load(write(new.root, SOUND), TODAY).history.gap is Gap.NO_COMMIT
    assert load(repo.root, TODAY).history.gap is None


def test_a_manual_that_was_moved_after_its_release_is_told(repo: Repo) -> None:
    """Silence would show every document as a draft, without a reason."""
    manifest = "release: 2026-05\ndate: 2026-05-20\ntool: qmanual 0.1.0\ndocuments: []\n"
    repo.commit({"releases/2026-05.yml": manifest}, day="2026-05-19")
    repo.release("2026-05")
    (repo.root / "quality").mkdir()
    for name in sorted(path.name for path in repo.root.iterdir() if path.name not in (".git", "quality")):
        repo.git("mv", name, f"quality/{name}")
    repo.commit({}, day="2026-06-01")
    found = [one for one in check(load(repo.root / "quality", TODAY)) if one.code == "QM920"]
    assert [one.span.path for one in found] == ["releases/2026-05.yml"]
