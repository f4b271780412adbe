"""Packages: made whole and the same every time, opened from a stick, verified, and refused when somebody meddled."""

import hashlib
import io
import json
import re
import shutil
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from disk import Done, hashes, start, write
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect, sync_playwright
from scenes import DAY, Cli, Scene, revised, scene_of, signed_and_released
from signed import FILES, ID, KEYS

from qmanual import parcel
from qmanual.control import package as packages
from qmanual.control.package import Issue, Package, Packed
from qmanual.control.statement import SIGNATURE
from qmanual.render.delivery import SCRIPT, VERIFY_SCRIPT, in_script, plain

LATER = "2026-07-05"
PROCEDURE = "pdf/QP-7.5-01_A-1.pdf"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return signed_and_released(tmp_path_factory.mktemp("signed") / "手册")


@pytest.fixture(scope="module")
def handed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that packages are written into: all that is in force on a day, for 审核."""
    out = tmp_path_factory.mktemp("packages")
    done = start("--root", str(built), "--today", DAY, "package", "--for", "审核", "--out", str(out))
    assert done.code == 0, done.err
    return out


@pytest.fixture
def there(handed: Path, tmp_path: Path) -> Path:
    """A copy of that package, as somebody received it."""
    return shutil.copytree(handed / f"审核_{DAY}", tmp_path / "收到")


@pytest.fixture
def scene(built: Path, tmp_path: Path, cli: Cli) -> Scene:
    return scene_of(built, tmp_path / "手册", cli)


def wrong(cli: Cli, place: Path, today: str = DAY) -> list[tuple[str, str]]:
    """Path and message of everything in a package that does not hold."""
    done = cli("verify", str(place), "--format", "json", today=today)
    found = json.loads(done.out)
    lines = [(str(one["path"] or ""), str(one["message"])) for one in found["lines"] if one["result"] == "fails"]
    assert done.code == (1 if lines else 0), done.err
    assert found["holds"] is not bool(lines)
    return lines


def relisted(folder: Path, edit: Callable[[Package], Package] = lambda one: one) -> None:
    """Let `package.json` list what lies there now, as one who meddles would."""
    listed = packages.read((folder / packages.NAME).read_bytes())
    assert listed
    files = tuple(
        Packed(path=path, sha256=sha256, size=(folder / path).stat().st_size)
        for path, sha256 in sorted(hashes(folder).items()) if path != packages.NAME
    )  # fmt: skip
    (folder / packages.NAME).write_bytes(packages.compose(edit(replace(listed, files=files))))


def in_register(folder: Path, number: str = ID, **values: str | None) -> None:
    """Change a line of the register, its PDF's digest by what lies there, and list all anew."""
    place = folder / packages.REGISTER
    found = json.loads(place.read_text(encoding="utf-8"))
    row = next(one for one in found["documents"] if one["id"] == number)
    row |= values
    if row["pdf"] and (folder / "pdf" / row["pdf"]).is_file():
        row["sha256"] = hashlib.sha256((folder / "pdf" / row["pdf"]).read_bytes()).hexdigest()
    place.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    relisted(folder)


# -- made ----------------------------------------------------------------------------------------------------------


def test_holds_what_is_in_force_and_its_proofs(handed: Path) -> None:
    folder = handed / f"审核_{DAY}"
    found = set(hashes(folder))
    assert {"index.html", "verify.html", "clauses.html", "clauses.xlsx", "register.json", "register.xlsx",
            "package.json", "releases/2026-05.yml", "organization/2026-05.yml", PROCEDURE} <= found  # fmt: skip
    rows = json.loads((folder / "register.json").read_bytes())["documents"]
    assert {f"pdf/{row['pdf']}" for row in rows} == {path for path in found if path.startswith("pdf/")}
    assert sum(path.startswith("approvals/") for path in found) == 6
    assert not any("草稿" in (folder / name).read_text(encoding="utf-8") for name in ("index.html", "clauses.html"))


@pytest.mark.parametrize("name", [f"审核_{DAY}", f"审核_{DAY}.zip"])
def test_is_verified_without_the_manual(handed: Path, cli: Cli, name: str, tmp_path: Path) -> None:
    assert wrong(cli, handed / name) == []
    done = cli("verify", str(handed / name), root=tmp_path)
    digest = hashlib.sha256((handed / f"审核_{DAY}" / packages.NAME).read_bytes()).hexdigest()
    assert done.code == 0
    assert digest in done.out
    assert "QP-7.5-01 A/1：签署人 李静, 王强, 陈刚" in done.out


def test_same_bytes_elsewhere(built: Path, handed: Path, tmp_path: Path) -> None:
    root = shutil.copytree(built, tmp_path / "elsewhere")
    words = ("--root", str(root), "--today", DAY, "package", "--for", "审核", "--out", str(tmp_path / "out"))
    done = start(*words, "--no-cache", TZ="America/New_York", LC_ALL="en_US.UTF-8", PYTHONHASHSEED="7")
    assert done.code == 0, done.err
    name = f"审核_{DAY}.zip"
    assert (tmp_path / "out" / name).read_bytes() == (handed / name).read_bytes()


def test_only_what_changed(scene: Scene, tmp_path: Path) -> None:
    revised(scene, "2026-06-10")
    scene.release("2026-06", "2026-06-12")
    words = ("package", "--for", "江西/一厂", "--changed-since", "2026-06-05", "--out", str(tmp_path))
    early = scene.cli(*words, root=scene.root, today="2026-06-20")
    assert early.code == 2, "the new text comes into force on 1 July: nothing has changed for anybody yet"
    assert scene.cli(*words, root=scene.root, today=LATER).code == 0
    folder = tmp_path / f"江西~一厂_{LATER}_since-2026-06-05"
    assert [path for path in hashes(folder) if path.startswith(("pdf/", "changes/"))] == [
        "changes/QP-7.5-01_A-1-A-2.html", "pdf/QP-7.5-01_A-2.pdf",
    ]  # fmt: skip
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "QP-7.5-01_A-1.pdf" in index and "A/1 → A/2" in index and "江西/一厂" in index
    assert "各部门负责" in (folder / "changes/QP-7.5-01_A-1-A-2.html").read_text(encoding="utf-8").replace("</ins>", "")
    assert wrong(scene.cli, folder, LATER) == []
    (folder / "pdf/QP-7.5-01_A-2.pdf").unlink()
    in_register(folder, pdf=None, sha256=None)
    assert [text for _, text in wrong(scene.cli, folder, LATER)] == [
        "QP-7.5-01 A/2 自 2026-06-05 以来有变化，却没有 PDF"
    ]


def test_since_a_release_means_since_its_day(scene: Scene, tmp_path: Path) -> None:
    """What that release held and came into force afterwards is in it: rather too much than too little."""
    words = ("package", "--for", "一厂", "--changed-since", "2026-05", "--out", str(tmp_path))
    assert scene.cli(*words, root=scene.root, today=DAY).code == 0
    folder = tmp_path / f"一厂_{DAY}_since-2026-05"
    assert len(list((folder / "pdf").iterdir())) == 3
    assert wrong(scene.cli, folder) == []


def test_tells_what_came_to_be_void_since(scene: Scene, tmp_path: Path) -> None:
    assert scene.cli("package", "--for", "审核", "--out", str(tmp_path), root=scene.root, today=DAY).code == 0
    revised(scene, "2026-06-10")
    scene.release("2026-06", "2026-06-12")
    assert scene.cli("package", "--for", "审核", "--out", str(tmp_path), root=scene.root, today=DAY).code == 0
    done = scene.cli("verify", str(tmp_path / f"审核_{DAY}"), today=LATER)
    assert (done.code, "到 2026-07-05 已不再有效：QP-7.5-01" in done.out) == (0, True)


def test_draft_only_when_asked_for(cli: Cli, tmp_path: Path) -> None:
    refused = cli("package", "--for", "传阅", "--out", str(tmp_path / "out"))
    assert (refused.code, (tmp_path / "out").exists()) == (2, False)
    assert "--draft" in refused.err
    assert cli("package", "--for", "传阅", "--draft", "--out", str(tmp_path / "out")).code == 0
    folder = tmp_path / "out" / f"传阅_{DAY_OF_SOUND}_草稿"
    for name in ("index.html", "clauses.html"):
        assert "请勿据此工作" in (folder / name).read_text(encoding="utf-8")
    rows = json.loads((folder / "register.json").read_bytes())["documents"]
    assert {row["status"] for row in rows} == {"draft"}
    assert [text for _, text in wrong(cli, folder, DAY_OF_SOUND)] == [
        "这是草稿：其中没有任何已发布的内容，请勿据此工作"
    ]


DAY_OF_SOUND = "2026-06-15"


def test_draft_of_a_released_manual_is_all_draft(scene: Scene, tmp_path: Path) -> None:
    assert (
        scene.cli("package", "--for", "传阅", "--draft", "--out", str(tmp_path), root=scene.root, today=DAY).code == 0
    )
    folder = tmp_path / f"传阅_{DAY}_草稿"
    rows = json.loads((folder / "register.json").read_bytes())["documents"]
    assert {row["status"] for row in rows} == {"draft"}
    assert not (folder / "releases").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--for", "审核", "--changed-since", "2099-01-01"), "还没有到"),
        (("--for", " "), "--for"),
        (("--for", "审" * 41), "40"),
        (("--for", "审\x1b[31m核"), "--for"),
        (("--for", "审核", "--changed-since", "2031-01"), "2026-05"),
        (("--for", "审核", "--changed-since", "2026-06-05"), "没有任何变化"),
    ],
)
def test_refuses_with_what_to_do(scene: Scene, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = scene.cli("package", *words, "--out", str(tmp_path / "out"), root=scene.root, today=DAY)
    assert (done.code, said in done.err) == (2, True), done.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_is_told_with_what_to_do(scene: Scene) -> None:
    words = ("package", "--for", "审核", "--out", str(scene.root / "mkdocs.yml" / "x"))
    done = scene.cli(*words, root=scene.root, today=DAY)
    assert (done.code, "请用 --out 文件夹" in done.err) == (2, True), done.err


def test_purpose_is_a_safe_name(scene: Scene, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = scene.cli("package", "--for", "../CON:供方", "--out", str(out), root=scene.root, today=DAY)
    assert done.code == 0, done.err
    assert {place.name.partition("_")[0] for place in out.iterdir()} == {"=2E.~CON=3A供方"}


def test_replaces_packages_and_nothing_else(handed: Path, built: Path, tmp_path: Path, cli: Cli) -> None:
    place = write(tmp_path / "out" / f"审核_{DAY}", {"日记.txt": "我的"})
    done = cli("package", "--for", "审核", "--out", str(tmp_path / "out"), root=built, today=DAY)
    assert (done.code, str(place) in done.err) == (2, True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == [place.name]
    assert (place / "日记.txt").read_text(encoding="utf-8") == "我的"


# -- meddled with --------------------------------------------------------------------------------------------------


def test_changed_missing_added(there: Path, cli: Cli) -> None:
    (there / PROCEDURE).write_bytes((there / PROCEDURE).read_bytes() + b"\n")
    (there / "releases/2026-05.yml").unlink()
    write(there, {"pdf/QP-9.9-99_A-0.pdf": "x", "Thumbs.db": "x"})
    found = dict(wrong(cli, there))
    assert {PROCEDURE, "releases/2026-05.yml", "pdf/QP-9.9-99_A-0.pdf"} <= set(found)
    assert "Thumbs.db" not in found


def test_link_in_a_folder_is_not_followed(there: Path, cli: Cli) -> None:
    (there / PROCEDURE).unlink()
    (there / PROCEDURE).symlink_to("/etc/passwd")
    assert [path for path, _ in wrong(cli, there)] == [PROCEDURE]


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data.replace(b'"draft": false', b'"draft": 0'),
        lambda data: data.replace(b"{\n", b'{\n "note": "x",\n', 1),
        lambda data: data.replace(b'"size": ', b'"size":  ', 1),
        lambda data: data + b"\n",
        lambda data: b"[" * 100_000,
        lambda data: b'"x"',
        lambda data: re.sub(rb'("time": "[-0-9T:]{19})[^"]*', rb"\1", data),
        lambda _: b"\xff\xfe",
    ],
)
def test_list_in_another_form(there: Path, cli: Cli, edit: Callable[[bytes], bytes]) -> None:
    place = there / packages.NAME
    place.write_bytes(edit(place.read_bytes()))
    assert [path for path, _ in wrong(cli, there)] == [packages.NAME]


def test_pdf_of_another_document_under_this_name(there: Path, cli: Cli) -> None:
    other = next(path for path in sorted((there / "pdf").iterdir()) if not path.name.startswith(ID))
    (there / PROCEDURE).write_bytes(other.read_bytes())
    in_register(there)
    assert wrong(cli, there) == [(PROCEDURE, "它没有自述为 QP-7.5-01 A/1")]


def test_register_of_another_text(there: Path, cli: Cli) -> None:
    in_register(there, digest="0" * 64)
    found = [text for _, text in wrong(cli, there)]
    assert "QP-7.5-01 A/1：按发布清单，这不是 2026-06-20 现行有效的文本" in found
    assert any("不是签署时的" in text or "改" in text for text in found)


def test_document_kept_back(there: Path, cli: Cli) -> None:
    (there / PROCEDURE).unlink()
    in_register(there, pdf=None, sha256=None)
    assert wrong(cli, there) == [("", "QP-7.5-01 A/1 现行有效，却没有 PDF")]
    in_register(there, status="withdrawn")
    assert "发布清单说是" in wrong(cli, there)[0][1]


def test_statement_taken_away_or_changed(there: Path, cli: Cli) -> None:
    first = sorted((there / "approvals").rglob("1-*.yml"))[0]
    first.write_bytes(first.read_bytes().replace("李静".encode(), "王强".encode()))
    relisted(there)
    assert wrong(cli, there) != []
    first.unlink()
    first.with_name(first.name + SIGNATURE).unlink()
    relisted(there)
    assert any("approvals/" in path for path, _ in wrong(cli, there))


def test_key_exchanged(there: Path, cli: Cli) -> None:
    """Who may sign is a claim of the package: other keys in it make its own statements fail."""
    people = there / "organization/2026-05.yml"
    line = KEYS["陈刚"].line.encode()
    people.write_bytes(people.read_bytes().replace(line, KEYS["外人"].line.encode()))
    relisted(there)
    assert any("3-approved-陈刚" in path for path, _ in wrong(cli, there))


def test_manifest_exchanged(there: Path, cli: Cli) -> None:
    manifest = there / "releases/2026-05.yml"
    manifest.write_bytes(manifest.read_bytes().replace(b"date: 2026-05-20", b"date: 2026-05-21"))
    relisted(there)
    assert "package.json 中没有这个名称和日期的发布" in wrong(cli, there)[0][1]


def test_manifest_taken_away(there: Path, cli: Cli) -> None:
    """Nothing can be proven of the texts then, and it says so; no one may call that proven."""
    (there / "releases/2026-05.yml").unlink()
    relisted(there)
    done = cli("verify", str(there), today=DAY)
    assert "没有最近一次发布的清单" in done.out
    assert "现行有效的文件及其文本" not in done.out


def test_since_a_release_that_it_does_not_know(there: Path, cli: Cli) -> None:
    relisted(there, lambda one: replace(one, since="2020-01"))
    assert [text for _, text in wrong(cli, there)] == ["文件包应含发布 2020-01 以来的变化，但其中没有这次发布"]


def test_what_it_says_of_itself_drives_no_terminal(there: Path, cli: Cli) -> None:
    relisted(there, lambda one: replace(one, company="甲\x1b[2J", purpose="\u202e乙"))
    write(there, {"x\x1b[31m.txt": ""})
    done = cli("verify", str(there), today=DAY)
    assert (done.code, "\x1b" in done.out, "\u202e" in done.out) == (1, False, False)


def test_no_manual_takes_its_place(there: Path, cli: Cli) -> None:
    """A `mkdocs.yml` laid into a package does not make it a manual."""
    write(there, {"mkdocs.yml": FILES["mkdocs.yml"]})
    assert [path for path, _ in wrong(cli, there)] == ["mkdocs.yml"]


# -- hostile zips --------------------------------------------------------------------------------------------------

Names = list[tuple[str, bytes]]


def zipped(names: Names, change: Callable[[zipfile.ZipInfo], None] = lambda info: None) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in names:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            archive.writestr(info, data)
    return buffer.getvalue()


def link(info: zipfile.ZipInfo) -> None:
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


def crypted(data: bytes) -> bytes:
    """The bit that says "encrypted" in every line of the list (APPNOTE 4.4.4)."""
    at = data.find(b"PK\x01\x02")
    return data[: at + 8] + struct.pack("<H", 1) + data[at + 10 :]


def shared(count: int) -> bytes:
    """A list whose lines all name the same bytes."""
    data = zipped([("a/0", b"x" * 100_000)])
    at, end = data.find(b"PK\x01\x02"), data.find(b"PK\x05\x06")
    line = data[at:end]
    lines = b"".join(line.replace(b"a/0", b"a/" + bytes([48 + one])) for one in range(count))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(lines), at, 0)
    return data[:at] + lines + tail


HOSTILE: dict[str, tuple[bytes, str]] = {
    "up": (zipped([("a/package.json", b"{}"), ("a/../../x", b"")]), "a/../../x"),
    "root": (zipped([("/etc/x", b"")]), "/etc/x"),
    "backslash": (zipped([("a\\..\\x", b"")]), "a\\..\\x"),
    "drive": (zipped([("C:/x", b"")]), "C:/x"),
    "control": (zipped([("a/\u202efdp.exe", b"")]), "a/"),
    "dot": (zipped([("a/x.pdf.", b"")]), "a/x.pdf."),
    "link": (zipped([("a/x", b"/etc/passwd")], link), "a/x"),
    "twice": (zipped([("a/x", b"1"), ("a/x", b"2")]), "a/x"),
    "case": (zipped([("a/X.pdf", b"1"), ("a/x.pdf", b"2")]), "a/X.pdf"),
    "composed": (zipped([("a/\u00e9", b"1"), ("a/e\u0301", b"2")]), "a/\u00e9"),
    "folder and file": (zipped([("a/x", b"1"), ("a/X/y", b"2")]), "a/x"),
    "bomb": (zipped([("a/x", bytes(20_000_000))]), "a/x"),
    "shared": (shared(9), ""),
    "encrypted": (crypted(zipped([("a/x", b"1")])), "a/x"),
    "no zip": (b"PK\x03\x04 nothing", ""),
    "empty": (b"", ""),
    "program before": (b"MZ" + zipped([("a/x", b"1")]), ""),
    "cut off": (zipped([("a/x", b"1" * 100)])[:-30], ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_zip_is_refused_with_its_place(name: str, cli: Cli, tmp_path: Path) -> None:
    data, place = HOSTILE[name]
    file = write(tmp_path / "收", {"包.zip": data}) / "包.zip"
    found = wrong(cli, file)
    assert any(path.startswith(place) for path, _ in found), found
    assert list(file.parent.iterdir()) == [file]


def test_packed_anew_by_another_program(there: Path, cli: Cli, tmp_path: Path) -> None:
    """With entries for folders, other times, and what a computer adds by itself."""
    file = tmp_path / "又.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(there.rglob("*"), reverse=True):
            archive.write(path, f"收到的/{path.relative_to(there).as_posix()}")
        archive.writestr("收到的/.DS_Store", b"x")
    assert wrong(cli, file) == []


def test_damaged_bytes_in_a_zip(handed: Path, cli: Cli, tmp_path: Path) -> None:
    data = bytearray((handed / f"审核_{DAY}.zip").read_bytes())
    at = data.find(b"%PDF-")
    data[at + 2000] ^= 1
    file = tmp_path / "坏.zip"
    file.write_bytes(data)
    assert next(path for path, _ in wrong(cli, file)).startswith("pdf/")


# -- values --------------------------------------------------------------------------------------------------------

TEXT = st.text(max_size=12)
MOMENTS = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))
ISSUES = st.builds(Issue, name=TEXT, time=MOMENTS, manifest=TEXT, organization=TEXT, statements=st.tuples(TEXT))
FILES_OF = st.builds(Packed, path=TEXT, sha256=TEXT, size=st.integers(0, 10**12))


@given(st.builds(Package, purpose=TEXT, company=TEXT, day=st.dates(min_value=date(1000, 1, 1)), tool=TEXT,
                 draft=st.booleans(), since=TEXT, kinds=st.dictionaries(TEXT, TEXT, max_size=3),
                 releases=st.tuples(ISSUES), files=st.tuples(FILES_OF, FILES_OF)))  # fmt: skip
def test_list_is_read_as_it_was_written(one: Package) -> None:
    assert packages.read(packages.compose(one)) == one


def test_words_of_a_page() -> None:
    html = (
        "<h2>控制</h2><p>不<b>合</b>格\n品 of\nclass A&lt;B</p><svg><text>x</text></svg><ul><li>一</li><li>二</li></ul>"
    )
    assert plain(html) == "控制\n不合格品 of class A<B\n一\n二"


def test_no_text_ends_a_script() -> None:
    assert "<" not in in_script('["</script><!--<script>"]')
    assert json.loads(in_script('["</script>"]')) == ["</script>"]
    for script in (SCRIPT, VERIFY_SCRIPT):
        assert not {"</script", "<!--", "<script"} & {text for text in ("</script", "<!--", "<script")
                                                      if text in script.read_text(encoding="utf-8")}  # fmt: skip


def test_zip_names_are_judged_alike_on_every_disk() -> None:
    assert parcel.same_place("PDF/É.pdf") == parcel.same_place("pdf/e\u0301.PDF")


# -- opened from a stick -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.mark.parametrize("width", [1280, 375])
def test_search_from_a_file(browser: Browser, handed: Path, width: int) -> None:
    folder = handed / f"审核_{DAY}"
    page = browser.new_page(viewport={"width": width, "height": 800})
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "index.html").as_uri())
    page.fill("#pk-q", "件控制 ｑｐ")
    page.wait_for_selector(".pk-hits li")
    link = page.locator(".pk-hits a").first
    assert link.inner_text().startswith("QP-7.5-01")
    assert (folder / str(link.get_attribute("href"))).is_file()
    assert page.locator("mark").all_inner_texts()[:2] == ["QP", "件控制"]
    page.fill("#pk-q", "此词不在其中")
    expect(page.locator(".pk-told")).to_contain_text("没有找到")
    page.fill("#pk-q", "")
    page.wait_for_selector("[data-pk-list]:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (faults, [url for url in asked if not url.startswith("file:")]) == ([], [])
    page.close()


def test_verify_page_from_a_file(browser: Browser, handed: Path, tmp_path: Path) -> None:
    folder = handed / f"审核_{DAY}"
    page = browser.new_page()
    page.goto((folder / "verify.html").as_uri())
    page.set_input_files("#qm-pdf", str(folder / PROCEDURE))
    page.wait_for_selector(".qm-verdict__bytes")
    assert page.locator(".qm-verdict__bytes--issued, .qm-verdict__bytes--known").count() == 1
    href = str(page.locator(".qm-verdict__links a").first.get_attribute("href"))
    assert (folder / href).is_file()
    (tmp_path / "x.pdf").write_bytes((folder / PROCEDURE).read_bytes() + b"%")
    page.set_input_files("#qm-pdf", str(tmp_path / "x.pdf"))
    page.wait_for_selector(".qm-verdict__bytes--bad")
    page.close()


def test_links_of_the_pages_lead_somewhere(browser: Browser, handed: Path) -> None:
    folder = handed / f"审核_{DAY}"
    page = browser.new_page()
    for name in ("index.html", "clauses.html", "verify.html"):
        page.goto((folder / name).as_uri())
        hrefs = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.getAttribute('href'))")
        assert [one for one in hrefs if not (folder / one).is_file()] == []
    page.close()


def test_command_says_where_and_by_which_digest(scene: Scene, tmp_path: Path) -> None:
    done: Done = scene.cli("package", "--for", "审核", "--out", str(tmp_path), root=scene.root, today=DAY)
    digest = hashlib.sha256((tmp_path / f"审核_{DAY}" / packages.NAME).read_bytes()).hexdigest()
    assert done.code == 0
    assert digest in done.out and str(tmp_path / f"审核_{DAY}.zip") in done.out
