"""Attacks through git: repositories that mean harm, are damaged, or are larger than anybody expects.

Each command that reads is run as people run it; what a repository names must never be started.
"""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from disk import Done, Repo, start, write

from qmanual.checks.example import SOUND
from qmanual.control.history import Gap
from qmanual.git import Repository
from qmanual.service.checking import check
from qmanual.service.loading import load

TODAY = date(2026, 6, 15)
PATH = "procedures/QP-7.5-01.md"
TEXT = SOUND[PATH]
READING = (("check",), ("check", "--for", "release"), ("status",), ("status", "QP-7.5-01"), ("register",))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    return repo


def run(root: Path, *words: str) -> Done:
    return start("--root", str(root), "--today", str(TODAY), "--lang", "en", *words)


def codes(root: Path) -> list[str]:
    return [one.code for one in check(load(root, TODAY))]


# -- nothing that a repository names is started --------------------------------------------------------------------


def program(tmp_path: Path) -> tuple[str, Path]:
    """A program that leaves a mark."""
    mark = tmp_path / "mark"
    place = tmp_path / "program"
    place.write_text(f'#!/bin/sh\necho "$0 $*" >> "{mark}"\ncat\n', encoding="utf-8")
    place.chmod(0o755)
    return str(place), mark


HOSTILE = (
    "core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass",
    "core.alternateRefsCommand", "diff.external", "diff.evil.command", "diff.evil.textconv", "diff.trustExitCode",
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "gpg.program", "gpg.ssh.program",
    "gpg.x509.program", "gpg.ssh.defaultKeyCommand", "alias.log", "alias.rev-parse", "alias.rev-list",
    "alias.cat-file", "alias.for-each-ref", "alias.ls-tree", "alias.ls-files", "alias.merge-base",
    "credential.helper", "uploadpack.packObjectsHook", "pager.log", "pager.cat-file", "sequence.editor",
    "merge.evil.driver", "interactive.diffFilter", "remote.origin.uploadpack", "trailer.x.command",
    "browser.x.cmd", "man.x.cmd", "difftool.x.cmd",
)  # fmt: skip


def configured(repo: Repo, settings: Mapping[str, str]) -> None:
    config = (repo.root / ".git/config").read_text(encoding="utf-8")
    for name, value in settings.items():
        section, _, key = name.rpartition(".")
        head, _, sub = section.partition(".")
        config += f'[{head}{f" {chr(34)}{sub}{chr(34)}" if sub else ""}]\n\t{key} = "{value}"\n'
    (repo.root / ".git/config").write_text(config, encoding="utf-8")


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_hostile_configuration_starts_nothing(repo: Repo, tmp_path: Path, words: tuple[str, ...]) -> None:
    name, mark = program(tmp_path)
    repo.commit({".gitattributes": "*.md diff=evil filter=evil merge=evil ident\n"})
    (repo.root / ".git/info").mkdir(exist_ok=True)
    (repo.root / ".git/info/attributes").write_text("*.md diff=evil filter=evil\n", encoding="utf-8")
    for hook in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"):
        place = repo.root / ".git/hooks" / hook
        place.parent.mkdir(exist_ok=True)
        place.write_text(Path(name).read_text("utf-8"), encoding="utf-8")
        place.chmod(0o755)
    aliases = {key: f"!{name}" if key.startswith("alias.") else name for key in HOSTILE}
    evil = write(tmp_path, {"evil.cfg": f"[core]\n\tfsmonitor = {name}\n\tpager = {name}\n"}) / "evil.cfg"
    configured(repo, aliases | {
        "log.showSignature": "true", "core.hooksPath": str(repo.root / ".git/hooks"), "include.path": str(evil),
        "core.attributesFile": str(repo.root / ".git/info/attributes"), "submodule.recurse": "true",
    })  # fmt: skip
    before = run(repo.root, *words)
    assert before.code in (0, 1), before.err
    assert not mark.exists(), mark.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "value"),
    [("core.worktree", "/nonexistent"), ("core.bare", "true"), ("log.showRoot", "false"), ("diff.relative", "true"),
     ("diff.orderFile", "/nonexistent"), ("i18n.logOutputEncoding", "UTF-16"), ("diff.renames", "false"),
     ("core.quotePath", "true"), ("log.date", "relative"), ("core.abbrev", "4"), ("log.follow", "true"),
     ("core.useReplaceRefs", "true"), ("core.ignoreCase", "true"), ("core.precomposeUnicode", "true")],
)  # fmt: skip
def test_configuration_changes_nothing_of_what_is_read(repo: Repo, tmp_path: Path, name: str, value: str) -> None:
    repo.git("mv", PATH, "procedures/QP-7.5-01 文件.md")
    repo.commit({"procedures/QP-7.5-01 文件.md": TEXT + "\n改。\n"}, day="2026-06-01")
    inside = Repo(tmp_path / "all")
    inside.commit({f"质量/{path}": text for path, text in SOUND.items()})
    inside.release("2026-05")
    seen = [(load(root, TODAY).history, load(root, TODAY).log) for root in (repo.root, inside.root / "质量")]
    for each in (repo, inside):
        configured(each, {name: value})
        for path in (each.root / ".git/qmanual").glob("*"):
            path.unlink()
    assert [(load(root, TODAY).history, load(root, TODAY).log) for root in (repo.root, inside.root / "质量")] == seen


# -- histories that were never written -----------------------------------------------------------------------------


def test_grafts_are_not_followed(repo: Repo) -> None:
    """A graft gives the released commit another parent; here it would cut the history off."""
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    before = load(repo.root, TODAY).log
    (repo.root / ".git/info").mkdir(exist_ok=True)
    (repo.root / ".git/info/grafts").write_text(repo.git("rev-parse", "HEAD") + "\n", encoding="utf-8")
    for path in (repo.root / ".git/qmanual").glob("*"):
        path.unlink()
    assert load(repo.root, TODAY).log == before
    assert "QM241" in codes(repo.root)


def test_replaced_commit_is_not_believed(repo: Repo) -> None:
    released = repo.git("rev-parse", "HEAD")
    forged = repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    repo.git("replace", released, forged)
    assert "QM241" in codes(repo.root)


def test_replaced_tag_is_not_believed(repo: Repo) -> None:
    repo.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    repo.git("tag", "-a", "-m", "x", "forged", day="2026-05-20")
    repo.git("replace", "-f", repo.git("rev-parse", "release/2026-05"), repo.git("rev-parse", "forged"))
    assert "QM241" in codes(repo.root)


def test_forged_commit_graph_is_not_read(repo: Repo) -> None:
    """The commit graph is a cache of git's own, and could be made up."""
    repo.commit({"README.md": "x"}, day="2026-06-01")
    repo.git("commit-graph", "write", "--reachable")
    graph = repo.root / ".git/objects/info/commit-graph"
    graph.chmod(0o644)
    graph.write_bytes(graph.read_bytes()[:-60] + b"\0" * 60)
    assert [one.name for one in load(repo.root, TODAY).history.releases] == ["2026-05"]
    assert load(repo.root, TODAY).log.steps


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_flags_of_the_index_hide_nothing(repo: Repo, flag: str) -> None:
    repo.git("update-index", flag, PATH)
    write(repo.root, {PATH: TEXT.replace("发放和回收", "发放")})
    assert repo.git("status", "--porcelain") == ""
    assert "QM241" in codes(repo.root)


def test_force_pushed_history(repo: Repo, tmp_path: Path) -> None:
    """The branch on the server was rewritten; the tag stayed."""
    repo.git("clone", "-q", "--bare", str(repo.root), str(tmp_path / "server"))
    repo.git("clone", "-q", str(tmp_path / "server"), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone")
    clone.git("checkout", "-q", "--orphan", "fresh")
    clone.commit({PATH: TEXT.replace("发放和回收", "发放")}, day="2026-06-01")
    clone.git("push", "-q", "--force", "origin", "fresh:main")
    repo.git("clone", "-q", str(tmp_path / "server"), str(tmp_path / "later"))
    assert "QM923" in codes(tmp_path / "later")


def test_alternates_are_read_like_any_object(repo: Repo, tmp_path: Path) -> None:
    repo.git("clone", "-q", "--shared", str(repo.root), str(tmp_path / "shared"))
    assert [one.name for one in load(tmp_path / "shared", TODAY).history.releases] == ["2026-05"]


def test_tag_names_that_lead_elsewhere(repo: Repo) -> None:
    """git itself refuses most; what it takes stays a name."""
    for name in ("release/a.b", "release/-x", "release/深/层", "release/A B".replace(" ", "\u3000"), "release/@"):
        repo.git("update-ref", f"refs/tags/{name}", "HEAD")
    assert len(load(repo.root, TODAY).history.releases) == 6
    assert run(repo.root, "check").code in (0, 1)


@pytest.mark.parametrize("number", ["../../etc/passwd", "..\\x", "/etc/passwd", "QP-1/../../x", "a\u202eb", "C:\\x"])
def test_numbers_that_lead_elsewhere(repo: Repo, number: str) -> None:
    text = TEXT.replace("id: QP-7.5-01", f"id: '{number}'")
    repo.commit({"procedures/x.md": text}, day="2026-06-01")
    repo.release("2026-06", day="2026-06-01")
    for words in READING:
        done = run(repo.root, *words)
        assert done.code in (0, 1), done.err
        assert "Traceback" not in done.err


def test_list_of_a_release_that_bites(repo: Repo) -> None:
    """A bomb of aliases, a deep nest, and 200,000 rows."""
    bombs = (
        "release: x\ndate: 2026-06-01\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ndocuments: *c\n",
        "release: x\ndate: 2026-06-01\ndocuments: " + "[" * 5000 + "\n",
        "release: x\ndate: 2026-06-01\ndocuments:\n" + "  - {id: x, digest: y, path: z, change: new}\n" * 200_000,
    )
    for at, bomb in enumerate(bombs):
        repo.commit({f"releases/r{at}.yml": bomb}, day=f"2026-06-0{at + 1}")
        repo.release(f"r{at}", day=f"2026-06-0{at + 1}")
    began = time.monotonic()
    assert codes(repo.root).count("QM929") == 3
    assert time.monotonic() - began < 30


# -- damaged and oversized -----------------------------------------------------------------------------------------


def broken_blob(repo: Repo) -> None:
    name = repo.git("rev-parse", f"HEAD:{PATH}")
    place = repo.root / ".git/objects" / name[:2] / name[2:]
    place.chmod(0o644)
    place.write_bytes(b"garbage")


def missing_blob(repo: Repo) -> None:
    name = repo.git("rev-parse", f"HEAD:{PATH}")
    (repo.root / ".git/objects" / name[:2] / name[2:]).unlink()


def missing_tree(repo: Repo) -> None:
    name = repo.git("rev-parse", "HEAD:procedures")
    (repo.root / ".git/objects" / name[:2] / name[2:]).unlink()


def missing_commit(repo: Repo) -> None:
    name = repo.git("rev-parse", "HEAD~1")
    (repo.root / ".git/objects" / name[:2] / name[2:]).unlink()


def broken_pack(repo: Repo) -> None:
    repo.git("gc", "-q")
    (pack,) = (repo.root / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[60 : len(data) - 60] = b"\xff" * (len(data) - 120)
    pack.write_bytes(bytes(data))


def broken_tag(repo: Repo) -> None:
    (repo.root / ".git/refs/tags/release/bad").write_text("a" * 40 + "\n", encoding="utf-8")


def empty_tag(repo: Repo) -> None:
    """As a crash of the machine leaves it; git passes over it."""
    (repo.root / ".git/refs/tags/release/2026-05").write_bytes(b"")


@pytest.mark.parametrize(
    "damage", [broken_blob, missing_blob, missing_tree, missing_commit, broken_pack, broken_tag, empty_tag],
    ids=lambda damage: damage.__name__,
)  # fmt: skip
def test_damage_is_told_in_a_sentence(repo: Repo, damage: Callable[[Repo], None]) -> None:
    repo.commit({PATH: TEXT.replace("A/1", "A/2") + "\n改。\n"}, day="2026-06-01")
    damage(repo)
    write(repo.root, {PATH: TEXT + "\n手上的稿。\n"})  # else the released text would not be asked of git
    for words in READING:
        done = run(repo.root, *words)
        assert "Traceback" not in done.err + done.out
        assert "fault in the program" not in done.err
    done = run(repo.root, "check")
    assert "git fsck" in done.out + done.err
    assert done.code in (1, 2)


NO_DATES = (
    "-100 +0000", "0 +0000", "-62135596800 +0000", "253402300799 +0800", "99999999999999 +0800",
    "18446744073709551615 +0000", "1780272000 +9999", "1780272000 -0030", "yesterday +0800", "",
)  # fmt: skip


def test_dates_that_are_none(repo: Repo) -> None:
    """Commits and tags written past git's own commands, and one by them."""
    for at, when in enumerate(NO_DATES, 2):
        write(repo.root, {PATH: TEXT.replace("A/1", f"A/{at}") + f"\n改 {at}。\n"})
        repo.git("add", "-A")
        who = f"李静 <lijing@example.com> {when}"
        head, tree = repo.git("rev-parse", "HEAD"), repo.git("write-tree")
        commit = made(repo, "commit", f"tree {tree}\nparent {head}\nauthor {who}\ncommitter {who}\n\nx\n")
        repo.git("update-ref", "refs/heads/main", commit)
        for name, tagger in ((f"dated{at}", f"tagger {who}\n"), (f"nobody{at}", "")):
            tag = made(repo, "tag", f"object {commit}\ntype commit\ntag release/{name}\n{tagger}\nx\n")
            repo.git("update-ref", f"refs/tags/release/{name}", tag)
    repo.commit({PATH: TEXT.replace("A/1", "B/0") + "\n再改。\n"}, day="2026-06-02")
    for words in (*READING, ("verify",), ("status", "--on", "0001-01-01"), ("status", "--on", "9999-12-31")):
        done = run(repo.root, *words)
        assert "Traceback" not in done.err + done.out
        assert "fault in the program" not in done.err
    assert {"QM924", "QM930"} <= set(codes(repo.root))


def made(repo: Repo, kind: str, content: str) -> str:
    """The name of an object that git would not have written like this."""
    words = ("git", "hash-object", "-t", kind, "-w", "--stdin", "--literally")
    return (
        subprocess.run(words, cwd=repo.root, input=content.encode(), capture_output=True, check=True)
        .stdout.decode()
        .strip()
    )


def test_damage_publishes_nothing_as_a_draft(repo: Repo) -> None:
    missing_blob(repo)
    write(repo.root, {PATH: TEXT + "\n手上的稿。\n"})
    done = run(repo.root, "status")
    assert done.code == 2
    assert "git fsck" in done.err


def test_repository_that_git_refuses(repo: Repo) -> None:
    configured(repo, {"core.repositoryFormatVersion": "99"})
    history = load(repo.root, TODAY).history
    assert history.gap is Gap.DAMAGED
    assert "version" in history.trouble
    assert "QM920" in codes(repo.root)


def test_partial_clone_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({PATH: TEXT.replace("A/1", "A/2") + "\n改。\n"}, day="2026-06-01")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.root}", str(tmp_path / "partial"))
    assert load(tmp_path / "partial", TODAY).history.gap is Gap.DAMAGED


def test_ten_thousand_tags(repo: Repo) -> None:
    head = repo.git("rev-parse", "HEAD")
    refs = "".join(f"{head} refs/tags/release/{at:05d}\n" for at in range(10_000))
    write(repo.root, {".git/packed-refs": refs})
    began = time.monotonic()
    history = load(repo.root, TODAY).history
    assert len(history.releases) == 10_001
    assert len(history.documents["QP-7.5-01"]) == 1
    assert time.monotonic() - began < 30


def test_hundred_megabytes_of_commit_message(repo: Repo) -> None:
    place = repo.root.parent / "message"
    place.write_bytes(b"x\n\n" + b"a" * 100_000_000)
    write(repo.root, {PATH: TEXT.replace("A/1", "A/2") + "\n改。\n"})
    repo.git("add", "-A")
    repo.git("commit", "-q", "-F", str(place), day="2026-06-01")
    repo.git("tag", "-a", "-F", str(place), "release/2026-06", day="2026-06-01")
    began = time.monotonic()
    manual = load(repo.root, TODAY)
    assert [one.name for one in manual.history.releases] == ["2026-05", "2026-06"]
    assert len(manual.log.trails()[PATH]) == 2
    assert time.monotonic() - began < 60
    kept = list((repo.root / ".git/qmanual").glob("*"))
    assert all(path.stat().st_size < 1_000_000 for path in kept)


def test_reading_leaves_the_repository_as_it_is(repo: Repo) -> None:
    def files() -> dict[str, int]:
        every = (path for path in (repo.root / ".git").rglob("*") if path.is_file())
        return {str(path): path.stat().st_mtime_ns for path in every if path.parent.name != "qmanual"}

    before = files()
    for words in READING:
        run(repo.root, *words)
    assert files() == before


def test_git_of_the_environment_leads_nowhere(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Repo(tmp_path / "other")
    other.commit({"README.md": "x"})
    for name, value in (("GIT_DIR", ".git"), ("GIT_OBJECT_DIRECTORY", "objects"), ("GIT_CONFIG_COUNT", "1"),
                        ("GIT_INDEX_FILE", "index"), ("GIT_CEILING_DIRECTORIES", str(repo.root)),
                        ("GIT_EXTERNAL_DIFF", "false")):  # fmt: skip
        monkeypatch.setenv(name, str(other.root / value) if name.endswith(("DIR", "FILE", "DIRECTORY")) else value)
    assert [one.name for one in load(repo.root, TODAY).history.releases] == ["2026-05"]
    assert Repository(repo.root).prefix == ""
    assert os.environ["GIT_DIR"].endswith("other/.git")
