"""Kept PDFs: the same bytes as printed anew after any edit, nothing taken on trust, and room for two builds at once."""

import hashlib
import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from disk import Done, Repo, hashes, start, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_pdf import page, png

from qmanual.checks.example import SOUND
from qmanual.model import Document
from qmanual.pdf import Job, Keep, Outcome, Printed, Progress, not_kept, silent
from qmanual.pdf.key import digest, job_digest, job_key
from qmanual.pdf.pictures import named
from qmanual.render.markdown import Rendered
from qmanual.service.building import print_documents
from qmanual.service.cache import LEAST_SECRET, Cache, open_cache
from qmanual.service.desk import Desk
from qmanual.service.loading import load
from qmanual.service.publication import publication, stage
from qmanual.service.rendering import render_bodies
from qmanual.workspace import CannotRun

DAY = date(2026, 6, 15)
Files = dict[str, str | bytes]


class Paper:
    """A press that needs no time: what it prints is the job itself, and the pictures that the job can draw."""

    def __init__(self, root: Path, version: str) -> None:
        self.root, self.version = root, version
        self.printed: list[str] = []

    def tools(self) -> Mapping[str, str]:
        return {"paper": self.version}

    def print_all(
        self, jobs: Sequence[Job], out: Path, progress: Progress = silent, keep: Keep = not_kept
    ) -> tuple[Outcome, ...]:
        made = []
        for job in jobs:
            pictures = [(name, (self.root / name).read_bytes()) for name in named(job.html, self.root.resolve())]
            data = digest((job_digest(job), pictures, self.version)).encode()
            (out / job.name).write_bytes(data)
            made.append(Printed(job.name, job.id, 1, hashlib.sha256(data).hexdigest()))
            self.printed.append(job.id)
            keep(job, made[-1])
            progress(len(made), len(jobs), len(made) / len(jobs))
        return tuple(made)


class Runs:
    """Prints a manual again and again. `made`: the documents whose page the last run made."""

    def __init__(self, root: Path, scratch: Path) -> None:
        self.root, self.scratch = root, scratch
        self.cache = Cache(scratch / "cache", b"secret")
        self.made: list[str] = []
        self.printed: list[str] = []

    def run(self, day: date = DAY, *, cached: bool = True, draft: bool = True, version: str = "1") -> dict[str, str]:
        """Name of every PDF → SHA-256 of it."""
        out, pictures = self.scratch / "pdf", self.scratch / "pictures"
        for folder in (out, pictures):
            shutil.rmtree(folder, ignore_errors=True)
        pictures.mkdir(parents=True)
        shown = publication(load(self.root, day), draft)
        stage(shown, pictures, whole=False)
        self.made, paper = [], Paper(pictures, version)
        desk = Desk(paper, self.cache if cached else None)

        def bodies(wanted: Sequence[Document]) -> Mapping[str, Rendered]:
            self.made += [document.id for document in wanted]
            return render_bodies(shown, (), 1, wanted)

        print_documents(shown, bodies, desk, out, shown.edition.entries, silent)
        self.printed = paper.printed
        return hashes(out)

    def same(self, day: date = DAY, *, draft: bool = True) -> dict[str, str]:
        """A run with what is kept and one without give the same; what came of them."""
        kept = self.run(day, draft=draft)
        made, printed = self.made, self.printed
        assert kept == self.run(day, cached=False, draft=draft)
        self.made, self.printed = made, printed
        return kept


PICTURE = "procedures/图.png"
MANUAL: Files = {
    **SOUND,
    "procedures/QP-8.4-01.md": SOUND["procedures/QP-7.5-01.md"]
    .replace("QP-7.5-01", "QP-8.4-01")
    .replace("文件控制程序", "采购控制程序")
    .replace("质量部负责", "![图](图.png)\n\n按 QP-7.5-01 和 QM-01，质量部负责"),
    PICTURE: png(),
}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    """A manual whose documents name each other, with a picture, a form, and lists made from data."""
    return Runs(write(tmp_path / "手册", MANUAL), tmp_path)


def test_what_did_not_change_is_neither_made_nor_printed(runs: Runs) -> None:
    first = runs.same()
    assert runs.printed == runs.made
    assert len(first) == 4
    assert runs.same() == first
    assert (runs.made, runs.printed) == ([], [])


@pytest.mark.parametrize(
    ("path", "old", "new", "printed"),
    [
        ("procedures/QP-7.5-01.md", "使各岗位", "使所有岗位", {"QP-7.5-01"}),
        ("procedures/QP-7.5-01.md", "title: 文件控制程序", "title: 文件管理程序", {"QP-7.5-01", "QP-8.4-01", "QM-01"}),
        ("procedures/QP-8.4-01.md", "按 QP-7.5-01", "按 QP&#45;7\\.5-01", {"QP-8.4-01"}),
        ("procedures/QP-8.4-01.md", "owner: 质量部", "owner: 生产部", {"QP-8.4-01"}),
    ],
)  # fmt: skip
def test_an_edit_prints_what_shows_it(runs: Runs, path: str, old: str, new: str, printed: set[str]) -> None:
    runs.same()
    text = (runs.root / path).read_text("utf-8")
    assert old in text
    (runs.root / path).write_text(text.replace(old, new), "utf-8")
    runs.same()
    assert set(runs.printed) <= printed
    assert path.rpartition("/")[2].removesuffix(".md") in runs.printed


def test_a_title_changes_where_its_number_stands_however_it_is_written(runs: Runs) -> None:
    other = runs.root / "procedures/QP-8.4-01.md"
    other.write_text(other.read_text("utf-8").replace("按 QP-7.5-01", "按 QP-7\\.5-01"), "utf-8")
    runs.same()
    named = runs.root / "procedures/QP-7.5-01.md"
    named.write_text(named.read_text("utf-8").replace("title: 文件控制程序", "title: 文件管理程序"), "utf-8")
    runs.same()
    assert "QP-8.4-01" in runs.printed


def test_a_picture_a_day_and_a_tool_count(runs: Runs) -> None:
    runs.same()
    (runs.root / PICTURE).write_bytes(png() + b"\0")
    runs.same()
    assert runs.printed == ["QP-8.4-01"]
    runs.same(DAY + timedelta(days=1))
    assert runs.printed == []
    assert runs.run(version="2") != runs.run(version="1")


def test_what_was_printed_once_is_found_again_after_a_change_and_back(runs: Runs) -> None:
    first = runs.run()
    place = runs.root / "procedures/QP-7.5-01.md"
    text = place.read_text("utf-8")
    place.write_text(text.replace("使各岗位", "使"), "utf-8")
    assert runs.run() != first
    place.write_text(text, "utf-8")
    assert runs.run() == first
    assert runs.printed == []


EDITS = st.sampled_from((
    "title", "title of the manual", "body", "mention", "escaped mention", "link", "number", "move", "new", "gone",
    "marker", "company", "person", "settings", "picture", "status", "approval", "day", "chapter", "second title",
    "form",
))  # fmt: skip


def edit(root: Path, kind: str, at: int) -> None:
    """One edit of those that people make; a second one of the same kind goes on from the first."""
    one, other, index = (
        next((root / name for name in names if (root / name).exists()), root / "manual/index.md")
        for names in (
            ("procedures/QP-7.5-01.md", "procedures/a/QP-7.5-01.md"), ("procedures/QP-8.4-01.md",),
            ("manual/index.md",),
        )
    )  # fmt: skip

    def change(place: Path, old: str, new: str) -> None:
        text = place.read_text("utf-8") if place.exists() else ""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")

    match kind:
        case "title":
            change(one, "title: ", f"title: 新{at}")
        case "title of the manual":
            change(index, "title: ", f"title: 新{at}")
        case "body":
            change(one, "", f"\n又一段{at}。\n")
        case "mention":
            change(other, "", f"\n见 QP-7.5-01 和 QR-7.5-01，第{at}次。\n")
        case "escaped mention":
            change(one, "", "\n见 QP&#45;8.4\\-01、`QM-01` 和 QM**-01**。\n")
        case "link":
            change(other, "", "\n[甲](QP-7.5-01.md) [乙](a/QP-7.5-01.md) [丙](../manual/index.md#x)\n")
        case "number":
            change(one, "id: QP-", "id: QP-1")
        case "move" if one.parent.name != "a":
            (root / "procedures/a").mkdir(exist_ok=True)
            one.rename(root / "procedures/a" / one.name)
        case "new":
            text = str(MANUAL["procedures/QP-8.4-01.md"])
            write(root, {f"procedures/QP-9.{at}-01.md": text.replace("QP-8.4-01", f"QP-9.{at}-01")})
        case "gone":
            other.unlink(missing_ok=True)
        case "marker":
            change(index, "", "\n<!-- qmanual: 程序文件清单 -->\n\n<!-- qmanual: 组织机构图 -->\n")
        case "company":
            write(
                root,
                {"manual/organization.yml": f"company: 公司{at}\ndepartments:\n  - {{name: 质量部, head: 王强}}\n"},
            )
        case "person":
            change(root / "manual/organization.yml", "head: ", f"head: 新{at}")
        case "settings":
            language = "en" if at % 2 else "zh"
            plugin = f"plugins:\n  - qmanual:\n      language: {language}\n"
            write(root, {"mkdocs.yml": f"site_name: 名{at}\n{plugin}"})
        case "picture":
            write(root, {PICTURE: png() + bytes([at])})
        case "status":
            change(one, "effective: 2026", f"effective: 202{at % 10}")
        case "approval":
            change(one, "approved: {by: 陈刚", f"approved: {{by: 陈{at}")
        case "chapter":
            write(root, {f"manual/{at % 4 + 1}0-章.md": f"# 第{at}章\n\n见 QP-7.5-01。\n"})
        case "second title":
            change(index, "# ", f"# 又{at}")
        case "form":
            change(root / "forms/QR-7.5-01.md", "", f"\n| 项{at} |      |\n|----|------|\n")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(EDITS, st.integers(0, 30)), min_size=1, max_size=8))
def test_after_any_edits_kept_and_new_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("edits")
    runs = Runs(write(folder / "手册", MANUAL), folder)
    runs.run()
    day = DAY
    for kind, at in steps:
        if kind == "day":
            day += timedelta(days=at)
        edit(runs.root, kind, at)
        runs.same(day)


def test_released_texts_and_their_lists_follow_every_release(tmp_path: Path) -> None:
    repo, runs = Repo(tmp_path / "手册"), Runs(tmp_path / "手册", tmp_path)
    repo.commit(MANUAL)
    repo.release("2026-1")
    assert len(runs.same(draft=False)) == 4
    changed = str(MANUAL["procedures/QP-7.5-01.md"]).replace("title: 文件控制程序", "title: 文件管理程序")
    repo.commit({"procedures/QP-7.5-01.md": changed.replace("A/1", "A/2"), PICTURE: png() + b"1"}, day="2026-06-01")
    assert runs.same(draft=False)
    assert runs.printed == []
    repo.release("2026-2", day="2026-06-01")
    runs.same(draft=False)
    assert {"QP-7.5-01", "QP-8.4-01"} <= set(runs.printed)
    runs.same(date(2026, 5, 25), draft=False)


# -- nothing on trust --------------------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Cache, Path]:
    """A cache with one entry, key `k`, made of a file in a folder."""
    cache, out = Cache(tmp_path / "cache", b"secret"), tmp_path / "out"
    out.mkdir()
    (out / "a.pdf").write_bytes(b"%PDF true")
    cache.keep("kk", Printed("a.pdf", "A", 3, hashlib.sha256(b"%PDF true").hexdigest(), "喆"), out)
    (out / "a.pdf").unlink()
    return cache, out


def entry(cache: Cache) -> Path:
    """The file of the only entry."""
    (found,) = [path for path in cache.folder.rglob("*") if path.is_file()]
    return found


def test_an_entry_gives_back_what_was_kept(kept: tuple[Cache, Path]) -> None:
    cache, out = kept
    found = cache.find("kk", "b.pdf", "B", out)
    assert found == Printed("b.pdf", "B", 3, hashlib.sha256(b"%PDF true").hexdigest(), "喆")
    assert (out / "b.pdf").read_bytes() == b"%PDF true"
    before = (out / "b.pdf").stat().st_mtime_ns
    assert cache.find("kk", "b.pdf", "B", out)
    assert (out / "b.pdf").stat().st_mtime_ns == before, "what lies there already is not written again"
    (out / "b.pdf").write_bytes(b"%PDF fake")
    assert cache.find("kk", "b.pdf", "B", out)
    assert (out / "b.pdf").read_bytes() == b"%PDF true"


@pytest.mark.parametrize("at", range(0, 230, 7))
def test_an_entry_with_any_byte_changed_is_none(kept: tuple[Cache, Path], at: int) -> None:
    cache, out = kept
    data = bytearray(entry(cache).read_bytes())
    data[at % len(data)] ^= 1
    entry(cache).write_bytes(data)
    assert cache.find("kk", "a.pdf", "A", out) is None
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 1, 64, 65, 100, -1])
def test_an_entry_cut_short_is_none(kept: tuple[Cache, Path], cut: int) -> None:
    cache, out = kept
    entry(cache).write_bytes(entry(cache).read_bytes()[:cut])
    assert cache.find("kk", "a.pdf", "A", out) is None
    assert list(out.iterdir()) == []


def test_a_planted_or_renamed_entry_is_none(kept: tuple[Cache, Path]) -> None:
    """Sealed with another secret, or moved to the key of another document."""
    cache, out = kept
    assert Cache(cache.folder, b"another").find("kk", "a.pdf", "A", out) is None
    other = cache.folder / "pdf" / "ll" / "ll"
    other.parent.mkdir()
    shutil.copy(entry(cache), other)
    assert cache.find("ll", "a.pdf", "A", out) is None
    page = cache.folder / "page" / "kk" / "kk"
    page.parent.mkdir(parents=True)
    shutil.copy(other, page)
    assert cache.key_of("kk") is None
    page.unlink()
    page.symlink_to(out / "nothing")
    assert cache.key_of("kk") is None


def test_what_a_killed_build_left_is_no_entry_and_goes(kept: tuple[Cache, Path]) -> None:
    cache, out = kept
    (cache.folder / "pdf" / "kk" / ".kk-half").write_bytes(b"half")
    assert cache.find("kk", "a.pdf", "A", out)
    cache.clear()
    assert [path for path in cache.folder.rglob("*") if path.is_file()] == []


def test_the_folder_is_the_users_alone_and_what_is_no_entry_stays(kept: tuple[Cache, Path]) -> None:
    cache, _ = kept
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    (cache.folder / "notes.txt").write_text("mine")
    cache.clear()
    assert (cache.folder / "notes.txt").read_text() == "mine"


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", b"secret", most=10_000)
    for at in range(12):
        (tmp_path / "a.pdf").write_bytes(bytes([at]) * 1000)
        cache.keep(f"{at:02}", Printed("a.pdf", "A", 1, hashlib.sha256(bytes([at]) * 1000).hexdigest()), tmp_path)
        os.utime(cache.folder / "pdf" / f"{at:02}" / f"{at:02}", (at, at))
    assert cache.find("00", "b.pdf", "B", tmp_path), "asked for: now the newest"
    cache.trim()
    found = [at for at in range(12) if cache.find(f"{at:02}", "c.pdf", "C", tmp_path)]
    assert found == [0, 6, 7, 8, 9, 10, 11]
    assert cache.stock().size <= 10_000


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    runs = Runs(write(tmp_path / "手册", MANUAL), tmp_path)
    runs.cache = Cache(tmp_path / "file" / "cache", b"secret")
    assert runs.same() == runs.same()
    assert len(runs.printed) == 4


# -- keys --------------------------------------------------------------------------------------------------------


def test_the_key_holds_whatever_a_job_holds() -> None:
    job, other = Job("a.pdf", "A", page("一"), {"a": "1"}), {"x.png": "1"}
    longer, changed = replace(job, control={"a": "1", "b": ""}), replace(job, control={"a": "2"})
    jobs: list[tuple[Job, dict[str, str], dict[str, str]]] = [
        (one, {}, {}) for one in (job, longer, changed, replace(job, html=page("二")))
    ]
    keys = {job_key(*one) for one in (*jobs, (job, other, {}), (job, {}, other))}
    assert len(keys) == 6
    assert job_digest(job) == job_digest(Job("b.pdf", "B", page("一"), {"a": "1"}))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b"), ("ab", "")), (["1"], [1]), ({"a": None}, {"a": ""}), ([[], []], [[[]]]), (b"a", "a"), (True, 1),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ((("a",), "b"), (("a", "b"),)), ("s1:a", ("a",)),
    ],
)  # fmt: skip
def test_values_that_differ_have_digests_that_differ(one: object, other: object) -> None:
    assert digest(one) != digest(other)


def test_sets_have_no_order_and_unknown_kinds_are_refused() -> None:
    assert digest({"b", "a", "c"}) == digest(frozenset({"c", "b", "a"}))
    with pytest.raises(TypeError):
        digest(object())


def test_pictures_that_pictures_name_are_named(tmp_path: Path) -> None:
    write(tmp_path, {"a/b.svg": '<svg><image href="../c%20d.png"/></svg>', "c d.png": png(), "e.png": png()})
    assert named('<img src="a/b.svg"/><img src="f.png"/>', tmp_path) == ("a/b.svg", "c d.png")


# -- as people use it --------------------------------------------------------------------------------------------


def pdf(root: Path, out: Path, cache: Path, *words: str, **more: str) -> Done:
    command = ("--root", str(root), "--today", DAY.isoformat(), *words, "pdf", "--out", str(out))
    return start(*command, cwd=None, **{"QMANUAL_CACHE": str(cache), **more})


def test_a_second_start_takes_what_the_first_printed(tmp_path: Path, manual: Path) -> None:
    """Real PDFs: kept, shared with another checkout, other zone and locale, one process and two: always these bytes."""
    cache = tmp_path / "cache"
    assert pdf(manual, tmp_path / "one", cache, "--jobs", "1").code == 0
    copy = tmp_path / "elsewhere" / "手册"
    shutil.copytree(manual, copy)
    entries = [path for path in cache.rglob("*") if path.is_file()]
    for path in entries:
        os.utime(path, (0, 0))
    assert pdf(copy, tmp_path / "two", cache, TZ="Asia/Shanghai", LC_ALL="C", PYTHONHASHSEED="7").code == 0
    assert all(path.stat().st_mtime for path in entries), "each was asked for, and taken"
    assert len(entries) == len([path for path in cache.rglob("*") if path.is_file()]) == 6
    anew = pdf(copy, tmp_path / "three", cache, "--jobs", "4", "--no-cache", TZ="America/Lima", LC_ALL="de_DE.UTF-8")
    assert anew.code == 0
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two") == hashes(tmp_path / "three")
    assert len(hashes(tmp_path / "one")) == 3


def test_the_command_tells_and_clears(tmp_path: Path, manual: Path) -> None:
    cache = tmp_path / "cache"
    assert pdf(manual, tmp_path / "one", cache).code == 0
    told = start("--lang", "en", "cache", QMANUAL_CACHE=str(cache))
    assert (told.code, told.out.startswith("3 PDFs, ")) == (0, True)
    assert start("--lang", "en", "cache", "--clear", QMANUAL_CACHE=str(cache)).out.startswith("Dropped 3 PDFs")
    assert start("--lang", "en", "cache", QMANUAL_CACHE=str(cache)).out.startswith("0 PDFs, 0 of at most 2000 MB")


def test_a_withheld_document_is_not_taken_from_what_was_kept(tmp_path: Path, manual: Path) -> None:
    """The rules are asked every time: they may have learned something since."""
    place = manual / "procedures/QP-7.5-01.md"
    place.write_text(place.read_text("utf-8") + "\n<script>alert(1)</script>\n", "utf-8")
    runs = Runs(manual, tmp_path)
    assert "QP-7.5-01_A-1.pdf" not in runs.run()
    assert pdf(manual, tmp_path / "one", tmp_path / "cache").code == 1
    assert pdf(manual, tmp_path / "one", tmp_path / "cache").code == 1
    assert "QP-7.5-01_A-1.pdf" not in hashes(tmp_path / "one" / "pdf")


@pytest.mark.parametrize(
    "wrong", [{"QMANUAL_CACHE_KEY": "short"}, {"QMANUAL_CACHE_MB": "many"}, {"QMANUAL_CACHE_MB": "0"}]
)
def test_settings_that_cannot_be_used_are_told(wrong: dict[str, str]) -> None:
    with pytest.raises(CannotRun):
        open_cache({"QMANUAL_CACHE": "/x", **wrong})


def test_a_shared_folder_needs_a_shared_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"QMANUAL_CACHE": str(tmp_path / "shared"), "QMANUAL_CACHE_KEY": "k" * LEAST_SECRET}
    (tmp_path / "a.pdf").write_bytes(b"a")
    found = []
    for user, secret in (("one", given), ("two", given), ("three", {"QMANUAL_CACHE": given["QMANUAL_CACHE"]})):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / user))
        cache = open_cache(secret)
        assert cache
        found.append(cache.find("kk", "b.pdf", "B", tmp_path) is not None)
        cache.keep("kk", Printed("a.pdf", "A", 1, hashlib.sha256(b"a").hexdigest()), tmp_path)
    assert found == [False, True, False]
