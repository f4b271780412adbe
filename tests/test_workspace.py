"""The disk: what is read, what is refused and named, and that nothing outside of the manual is ever opened."""

import os
from pathlib import Path

import pytest
from disk import hashes, write

from qmanual.checks.example import SOUND
from qmanual.finding import FaultKind
from qmanual.register import Tree
from qmanual.whole import replacing, write_whole
from qmanual.workspace import CannotRun, decode, read_tree

TEXT = "---\nid: QP-7.5-02\ntitle: 标题\n---\n\n# 标题\n"
PATH = "procedures/QP-7.5-02.md"


def read(root: Path) -> Tree:
    return read_tree(root)[0]


def faults(tree: Tree) -> dict[str, FaultKind]:
    return {fault.span.path: fault.kind for fault in tree.faults}


def details(tree: Tree, path: str) -> dict[str, str]:
    return next(dict(fault.details) for fault in tree.faults if fault.span.path == path)


# -- encodings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(),
    ],
    ids=["plain", "BOM", "CRLF", "CR", "BOM and CRLF"],
)
def test_ways_to_write_utf8_read_the_same(manual: Path, data: bytes) -> None:
    write(manual, {PATH: data})
    tree = read(manual)
    assert tree.sources[PATH].text == TEXT
    assert tree.faults == ()


@pytest.mark.parametrize(
    ("data", "kind", "encoding"),
    [
        (TEXT.encode("gbk"), FaultKind.NOT_UTF8, "GBK"),
        (TEXT.encode() * 9 + "坏".encode()[:2], FaultKind.NOT_UTF8, "UTF-8 with damaged characters"),
        (TEXT.encode() * 99 + "坏".encode("gbk"), FaultKind.NOT_UTF8, "UTF-8 with damaged characters"),
        (TEXT.encode("utf-16"), FaultKind.NOT_UTF8, "UTF-16"),
        (TEXT.encode("utf-16-be"), FaultKind.BINARY, None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FaultKind.BINARY, None),
        (b"# a\0b\n", FaultKind.BINARY, None),
        (b"\xff\xff\x80\x81", FaultKind.BINARY, None),
    ],
    ids=["GBK", "cut off", "GBK pasted in", "UTF-16 with BOM", "UTF-16 without", "a picture", "NUL", "noise"],
)
def test_what_is_no_utf8_is_named(manual: Path, data: bytes, kind: FaultKind, encoding: str | None) -> None:
    write(manual, {PATH: data})
    tree = read(manual)
    assert faults(tree) == {PATH: kind}
    assert details(tree, PATH).get("encoding") == encoding
    assert PATH not in tree.sources


def test_gbk_is_named_with_its_first_bad_line(manual: Path) -> None:
    write(manual, {PATH: b"---\nid: QP-7.5-02\ntitle: " + "标题".encode("gbk") + b"\n---\n"})
    assert read(manual).faults[0].span.line == 3


def test_data_files_are_judged_like_documents(manual: Path) -> None:
    write(manual, {"manual/organization.yml": SOUND["manual/organization.yml"].encode("gbk")})
    assert faults(read(manual)) == {"manual/organization.yml": FaultKind.NOT_UTF8}


def test_settings_in_gbk_are_a_fault_and_the_defaults_hold(manual: Path) -> None:
    write(manual, {"mkdocs.yml": SOUND["mkdocs.yml"].encode("gbk")})
    tree = read(manual)
    assert faults(tree) == {"mkdocs.yml": FaultKind.NOT_UTF8}
    assert "procedures/QP-7.5-01.md" in tree.sources


def test_line_separators_of_unicode_do_not_end_a_line() -> None:
    source = decode("a.md", "一\u2028二\x85三\x0b四\n五".encode())
    assert source is not None
    assert source.line(2) == "五"


# -- sizes and kinds of files ------------------------------------------------------------------------------------


def test_file_of_just_five_megabytes_is_read(manual: Path) -> None:
    write(manual, {PATH: b"x" * (5 * 1024 * 1024)})
    assert PATH in read(manual).sources


def test_larger_file_is_not_opened(manual: Path) -> None:
    write(manual, {PATH: b"x" * (5 * 1024 * 1024 + 1)})
    tree = read(manual)
    assert faults(tree) == {PATH: FaultKind.TOO_LARGE}
    assert details(tree, PATH) == {"size": "5.0"}


def test_sparse_file_of_a_terabyte_is_not_opened(manual: Path) -> None:
    with (manual / PATH).open("wb") as file:
        file.truncate(1 << 40)
    assert faults(read(manual)) == {PATH: FaultKind.TOO_LARGE}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_is_not_waited_for(manual: Path) -> None:
    os.mkfifo(manual / PATH)
    tree = read(manual)
    assert PATH not in tree.sources


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read anything")
def test_file_that_may_not_be_read_is_named(manual: Path) -> None:
    write(manual, {PATH: TEXT})
    (manual / PATH).chmod(0)
    assert faults(read(manual)) == {PATH: FaultKind.UNREADABLE}


def test_file_that_cannot_be_read_is_named(manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(manual, {PATH: TEXT})
    whole = Path.read_bytes

    def fail(path: Path) -> bytes:
        if path.name == "QP-7.5-02.md":
            raise PermissionError(13, "no")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    assert faults(read(manual)) == {PATH: FaultKind.UNREADABLE}


def test_folder_that_cannot_be_listed_is_named(manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.scandir

    def fail(path: Path) -> object:
        if Path(path).name == "forms":
            raise PermissionError(13, "no")
        return whole(path)

    monkeypatch.setattr(os, "scandir", fail)
    tree = read(manual)
    assert faults(tree) == {"forms": FaultKind.UNREADABLE}
    assert "procedures/QP-7.5-01.md" in tree.sources


def test_folder_named_like_a_document_is_no_document(manual: Path) -> None:
    (manual / PATH).mkdir()
    assert PATH not in read(manual).sources


def test_nested_folders_are_read_to_any_depth(manual: Path) -> None:
    deep = "procedures/" + "/".join("层" for _ in range(30)) + "/QP-7.5-02.md"
    write(manual, {deep: TEXT})
    assert deep in read(manual).sources


def test_other_endings_are_not_read(manual: Path) -> None:
    write(manual, {"procedures/notes.txt": "\0", "procedures/data": b"\xff"})
    tree = read(manual)
    assert tree.faults == ()
    assert {"procedures/notes.txt", "procedures/data"} <= tree.paths


def test_ending_in_capitals_is_a_document(manual: Path) -> None:
    write(manual, {"procedures/QP-7.5-02.MD": TEXT})
    assert "procedures/QP-7.5-02.MD" in read(manual).sources


def test_pictures_are_known_by_their_digest(manual: Path) -> None:
    write(manual, {"manual/图.PNG": b"\x89PNG", "manual/x.svg": "<svg/>"})
    tree = read(manual)
    assert set(tree.images) == {"manual/图.PNG", "manual/x.svg"}
    assert tree.svgs["manual/x.svg"].text == "<svg/>"


def test_folders_of_tools_are_passed_over(manual: Path) -> None:
    write(manual, {".venv/lib/a.md": "x", "node_modules/b.md": "x", "procedures/__pycache__/c.md": "x"})
    assert not any("venv" in path or "node_modules" in path or "pycache" in path for path in read(manual).paths)


# -- links out of the tree ---------------------------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder beside the manual with a text that must not be read."""
    return write(
        tmp_path / "outside", {"QP-7.5-02.md": TEXT + "geheim\n", "organization.yml": "company: {name: geheim}\n"}
    )


def test_symlinked_file_is_refused(manual: Path, secret: Path) -> None:
    (manual / PATH).symlink_to(secret / "QP-7.5-02.md")
    tree = read(manual)
    assert faults(tree) == {PATH: FaultKind.SYMLINK}
    assert PATH not in tree.sources


def test_symlink_within_the_tree_is_refused_too(manual: Path) -> None:
    (manual / PATH).symlink_to("QP-7.5-01.md")
    assert faults(read(manual)) == {PATH: FaultKind.SYMLINK}


def test_symlinked_folder_is_refused(manual: Path, secret: Path) -> None:
    (manual / "procedures/more").symlink_to(secret)
    tree = read(manual)
    assert faults(tree) == {"procedures/more": FaultKind.SYMLINK}
    assert not any("geheim" in source.text for source in tree.sources.values())


def test_symlinked_source_folder_is_refused(manual: Path, secret: Path) -> None:
    (manual / "instructions").symlink_to(secret)
    tree = read(manual)
    assert faults(tree) == {"instructions": FaultKind.SYMLINK}
    assert not any(path.startswith("instructions/") for path in tree.sources)


def test_symlinked_parent_of_data_files_is_not_followed(tmp_path: Path, secret: Path) -> None:
    root = write(tmp_path / "m", {path: text for path, text in SOUND.items() if not path.startswith("manual/")})
    (root / "manual").symlink_to(secret)
    tree = read(root)
    assert not any("geheim" in source.text for source in tree.sources.values())
    assert faults(tree) == {"manual": FaultKind.SYMLINK}


def test_symlinked_settings_are_refused(manual: Path, tmp_path: Path) -> None:
    write(tmp_path, {"other.yml": "plugins:\n  - qmanual:\n      kinds: {procedure: {folder: x}}\n"})
    (manual / "mkdocs.yml").unlink()
    (manual / "mkdocs.yml").symlink_to(tmp_path / "other.yml")
    tree, settings = read_tree(manual)
    assert settings.kind("procedure").folder == "procedures"
    assert faults(tree) == {"mkdocs.yml": FaultKind.SYMLINK}


def test_settings_cannot_name_files_outside(manual: Path, secret: Path) -> None:
    settings = "plugins:\n  - qmanual:\n      standard_files: [../outside/organization.yml, /etc/hostname]\n"
    write(manual, {"mkdocs.yml": settings})
    tree = read(manual)
    assert not any("geheim" in source.text for source in tree.sources.values())
    assert set(tree.sources) <= set(SOUND)


def test_symlink_that_leads_nowhere_or_round_is_refused(manual: Path) -> None:
    (manual / PATH).symlink_to("nowhere")
    (manual / "procedures/loop").symlink_to(".")
    assert faults(read(manual)) == {PATH: FaultKind.SYMLINK, "procedures/loop": FaultKind.SYMLINK}


def test_root_may_be_a_symlink(manual: Path, tmp_path: Path) -> None:
    (tmp_path / "手册").symlink_to(manual)
    tree = read(tmp_path / "手册")
    assert tree.faults == ()
    assert set(tree.sources) == set(SOUND)


def test_submodule_is_refused(manual: Path) -> None:
    write(
        manual,
        {"procedures/theirs/.git": "gitdir: ../../.git/modules/theirs\n", "procedures/theirs/QP-7.5-02.md": TEXT},
    )
    tree = read(manual)
    assert faults(tree) == {"procedures/theirs": FaultKind.SUBMODULE}
    assert not any("theirs/" in path for path in tree.sources)


def test_repository_inside_a_source_folder_is_refused(manual: Path) -> None:
    write(manual, {"procedures/theirs/.git/HEAD": "ref: x\n", "procedures/theirs/QP-7.5-02.md": TEXT})
    assert faults(read(manual)) == {"procedures/theirs": FaultKind.SUBMODULE}


def test_missing_folder_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CannotRun):
        read(tmp_path / "nowhere")


def test_names_that_are_no_utf8_do_not_stop_the_rest(manual: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(manual) + b"/procedures/\xff\xfe.md")).write_text(TEXT, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    assert "procedures/QP-7.5-01.md" in read(manual).sources


# -- writing -----------------------------------------------------------------------------------------------------


def test_replaced_folder_holds_only_what_is_new(tmp_path: Path) -> None:
    write(tmp_path, {"dist/old": "old"})
    with replacing(tmp_path / "dist") as folder:
        (folder / "new").write_text("new", encoding="utf-8")
    assert [path.name for path in (tmp_path / "dist").iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]


@pytest.mark.parametrize("stop", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_failure_leaves_the_old_folder(tmp_path: Path, stop: type[BaseException]) -> None:
    write(tmp_path, {"dist/old": "old"})
    with pytest.raises(stop), replacing(tmp_path / "dist") as folder:
        (folder / "new").write_text("new", encoding="utf-8")
        raise stop
    assert list(hashes(tmp_path)) == ["dist/old"]


def test_failed_move_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"dist/old": "old"})
    whole = Path.rename

    def fail(path: Path, target: Path) -> Path:
        if target.name == "dist" and not path.name.endswith("-old"):
            raise PermissionError(13, "a program has a file open")
        return whole(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    monkeypatch.setattr("qmanual.whole.swapped", lambda *_: False)
    with pytest.raises(PermissionError), replacing(tmp_path / "dist"):
        pass
    assert list(hashes(tmp_path)) == ["dist/old"]


def test_written_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "a" / "b", b"old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_whole(tmp_path / "a" / "b", b"new")
    assert (tmp_path / "a" / "b").read_bytes() == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_written_files_can_be_read_by_others(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"x")
    with replacing(tmp_path / "dist"):
        pass
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "dist").stat().st_mode & 0o777 == 0o755
