"""What is built of a manual with a life: the texts of the day and no other, with all that stands around them."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from disk import Done, Repo, hashes, start, write
from lives import CHANGED, COMING, LOST, SECRET, TODAY, WITHDRAWN, live, picture, scribble
from pypdf import PdfReader

from qmanual.render.searching import JOIN


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The repository, with scribbles in its work tree."""
    made = live(tmp_path_factory.mktemp("life") / "manual")
    scribble(made.root)
    return made


@pytest.fixture(scope="module")
def dist(repo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is built of it."""
    out = tmp_path_factory.mktemp("dist")
    done = build(repo.root, "--out", str(out))
    assert "Traceback" not in done.err and "2026-11" in done.out
    return out


def build(root: Path, *words: str, today: str = str(TODAY)) -> Done:
    """Run the command line on a manual as of a day."""
    return start("--root", str(root), "--today", today, *words)


def page(site: Path, path: str) -> str:
    """The text of a page."""
    return (site / path).read_text(encoding="utf-8")


def documents(out: Path) -> dict[str, dict[str, object]]:
    """The rows of register.json by number."""
    return {row["id"]: row for row in json.loads((out / "register.json").read_text("utf-8"))["documents"]}


def test_prints_of_other_revisions_are_known_by_their_bytes(repo: Repo, dist: Path) -> None:
    """What the site hands out under pdf/coming and pdf/archive is listed, so that `verify` says what it is."""
    others = json.loads((dist / "register.json").read_text("utf-8"))["others"]
    names = {path.relative_to(dist / "site/pdf").as_posix() for path in (dist / "site/pdf").rglob("*_*.pdf")}
    assert {row["pdf"] for row in others} == {name for name in names if "/" in name}
    for name, said in (("coming", "尚未生效"), ("archive", "已作废")):
        pdf = dist / "site/pdf" / next(row["pdf"] for row in others if row["pdf"].startswith(f"{name}/{CHANGED}"))
        done = build(repo.root, "verify", str(pdf))
        assert done.code == 1 and "清单中有逐字节相同的文件" in done.out and said in done.out, done.out


# -- nothing of the work tree ------------------------------------------------------------------------------------


def test_nothing_of_the_work_tree_is_in_the_edition(dist: Path) -> None:
    words = (SECRET.encode(), b"unicorn", b"QP-6.6-01")
    for file in dist.rglob("*"):
        assert "unicorn" not in file.name and "QP-6.6" not in file.name
        if file.suffix == ".pdf":
            read = PdfReader(file)
            text = "".join(one.extract_text() for one in read.pages) + str(read.metadata)
            assert SECRET not in text, file
        elif file.is_file() and file.suffix not in (".pf_fragment", ".pf_index", ".pf_meta", ".pf_filter", ".wasm"):
            data = file.read_bytes()
            assert not any(word in data for word in words), file


def test_the_search_knows_the_edition_alone(dist: Path) -> None:
    fragments = [gzip.decompress(one.read_bytes()) for one in (dist / "site/pagefind").rglob("*.pf_fragment")]
    assert len(fragments) > 50
    cut = JOIN.join(SECRET)
    texts = [one.decode("utf-8", "replace") for one in fragments]
    assert any(JOIN.join("采购") in text for text in texts)
    assert not any(SECRET in text or cut in text for text in texts)


def test_a_draft_shows_the_work_tree_and_says_so(repo: Repo, tmp_path: Path) -> None:
    done = build(repo.root, "site", "--draft", "--out", str(tmp_path))
    assert "草稿" in done.out
    site = tmp_path / "site"
    assert SECRET in page(site, "procedures/QP-8.7-01.html")
    assert "qm-draftsite" in page(site, "register.html")
    assert "QP-6.6-01" in page(site, "register.html")
    changed = page(site, "changes/QP-8.7-01_A-2-A-2.html")
    assert SECRET in changed
    assert not (site / "archive").exists()


# -- the texts of the day ----------------------------------------------------------------------------------------


def test_the_edition_follows_the_day(repo: Repo, tmp_path: Path) -> None:
    seen = {}
    for day in ("2024-06-01", "2025-06-01", "2026-11-23", "2027-01-01"):
        done = build(repo.root, "register", "--format", "json", today=day)
        rows = {row["id"]: row for row in json.loads(done.out)["documents"]}
        seen[day] = (rows[CHANGED]["revision"], rows[CHANGED]["status"], COMING in rows, LOST in rows)
    assert seen == {
        "2024-06-01": ("A/0", "effective", False, True),
        "2025-06-01": ("A/1", "effective", False, True),
        "2026-11-23": ("A/2", "effective", True, True),
        "2027-01-01": ("A/3", "effective", True, True),
    }


def test_a_page_shows_the_text_in_force_with_its_own_picture(dist: Path) -> None:
    site = dist / "site"
    text = page(site, f"procedures/{CHANGED}.html")
    assert "将来的说法" not in text and "中间的说法" not in text
    assert shown(site, f"procedures/{CHANGED}.html") == picture("新图")
    assert shown(site, f"archive/{CHANGED}_A-0.html") == picture("旧图")
    assert shown(site, f"archive/{CHANGED}_A-1.html") == picture("旧图")
    assert "原来的说法" in page(site, f"archive/{CHANGED}_A-0.html")


def shown(site: Path, path: str) -> str:
    """The drawing on a page."""
    found = re.search(r'<img [^>]*src="([^"]+\.svg)"', page(site, path))
    assert found is not None
    return (site / path).parent.joinpath(unquote(found[1])).read_text(encoding="utf-8")


def test_every_link_leads_somewhere(dist: Path) -> None:
    site = dist / "site"
    lost = [
        (file.relative_to(site).as_posix(), target)
        for file in site.rglob("*.html")
        if file.name != "404.html"
        for target in targets(file)
        if not file.parent.joinpath(unquote(target)).exists()
    ]
    assert lost == []


def targets(file: Path) -> Iterator[str]:
    """The relative addresses on a page."""
    text = file.read_text(encoding="utf-8")
    assert "qmanual:" not in text, file
    for found in re.finditer(r'(?:href|src)="([^"#?:]+)(?:#[^"]*)?"', text):
        yield found[1]


def test_a_file_that_takes_another_documents_place_has_a_page_of_its_own(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    repo.commit(
        {
            "procedures/QP-1-1.md": plain("QP-1-1", "第一份"),
            "procedures/QP-1-2.md": plain("QP-1-2", "看 [一](QP-1-1.md)"),
        }
    )
    repo.release("1")
    repo.git("mv", "procedures/QP-1-1.md", "procedures/moved.md")
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-3", "第三份")}, "2026-05-21")
    repo.git("rm", "-q", "procedures/moved.md")
    repo.commit({}, "2026-05-21")
    repo.release("2", "2026-05-21")
    build(repo.root, "site", "--out", str(tmp_path), today="2026-06-15")
    site = tmp_path / "site"
    assert "第三份" in page(site, "procedures/QP-1-1.html")
    assert "第一份" in page(site, "procedures/QP-1-1~.html")
    assert "qm-doc--withdrawn" in page(site, "procedures/QP-1-1~.html")


def test_an_older_text_links_to_where_things_are_now(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    first = plain("QP-1-1", "看 [二](QP-1-2.md#节) 和 [表](表.xlsx)")
    repo.commit(
        {"procedures/QP-1-1.md": first, "procedures/QP-1-2.md": plain("QP-1-2", "## 节"), "procedures/表.xlsx": b"x"}
    )
    repo.release("1")
    (repo.root / "procedures/新").mkdir()
    repo.git("mv", "procedures/QP-1-2.md", "procedures/新/QP-1-2.md")
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-1", "没有链接", "A/1")}, "2026-05-21")
    repo.release("2", "2026-05-21")
    build(repo.root, "site", "--out", str(tmp_path), today="2026-06-15")
    text = page(tmp_path / "site", "archive/QP-1-1_A-0.html")
    assert 'href="../procedures/%E6%96%B0/QP-1-2.html"' in text
    assert "xlsx" not in text and ">表</a>" in text


def plain(number: str, text: str, revision: str = "A/0") -> str:
    """A procedure that says only this."""
    return f"---\nid: {number}\ntitle: {number}\nrevision: {revision}\n---\n\n# {number}\n\n{text}\n"


def test_an_unsafe_text_stays_unpublished_also_in_the_archive(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-1", "<script>alert(1)</script>")})
    repo.release("1")
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-1", "好", "A/1")}, "2026-05-21")
    repo.release("2", "2026-05-21")
    build(repo.root, "site", "--out", str(tmp_path), today="2026-06-15")
    site = tmp_path / "site"
    assert "好" in page(site, "procedures/QP-1-1.html")
    assert not (site / "archive/QP-1-1_A-0.html").exists() and not (site / "changes").exists()
    assert all("alert(1)" not in file.read_text("utf-8") for file in site.rglob("*.html"))
    assert "A/0" in page(site, "archive/index.html")


# -- PDFs and registers ------------------------------------------------------------------------------------------


def test_every_pdf_says_where_its_text_stands(dist: Path) -> None:
    said = {
        f"pdf/{CHANGED}_A-2.pdf": "现行有效，2026-05-11 生效",
        f"site/pdf/archive/{CHANGED}_A-0.pdf": "作废，不得使用",
        f"site/pdf/archive/{CHANGED}_A-1.pdf": "作废，不得使用",
        f"site/pdf/coming/{CHANGED}_A-3.pdf": "2027-01-01 起生效",
        f"pdf/{WITHDRAWN}_A-1.pdf": "作废，不得使用",
        f"pdf/{COMING}_A-2.pdf": "2027-01-01 起生效",
    }
    for path, words in said.items():
        text = PdfReader(dist / path).pages[0].extract_text()
        assert words in text, path
        assert ("作废" in text) == ("作废" in words)
    old = PdfReader(dist / f"site/pdf/archive/{CHANGED}_A-0.pdf").pages[0].extract_text()
    assert "2024-04-01" in old and "2025-03-31" in old
    assert not (dist / f"pdf/{CHANGED}_A-0.pdf").exists()


def test_the_verify_page_knows_every_pdf(dist: Path) -> None:
    known = (dist / "site/assets/qmanual/issued.js").read_text("utf-8")
    files = hashes(dist / "site/pdf")
    assert len(files) > 60
    assert all(f'"{digest}":' in known for digest in files.values())
    assert known.count('":') == len(files)


def test_the_register_tells_release_and_start(dist: Path) -> None:
    rows = documents(dist)
    assert (rows[CHANGED]["release"], rows[CHANGED]["starts"]) == ("2026-05", "2026-05-11")
    assert rows[COMING]["status"] == "approved" and rows[COMING]["starts"] == "2027-01-01"
    assert rows[WITHDRAWN]["status"] == rows[LOST]["status"] == "withdrawn"
    assert rows[CHANGED]["pdf"] == f"{CHANGED}_A-2.pdf"


def test_one_effective_date_everywhere(tmp_path: Path) -> None:
    said, starts, number = "2026-04-10", "2026-05-20", "QP-1-1"
    repo = Repo(tmp_path / "manual")
    repo.commit({"procedures/QP-1-1.md": plain(number, "文").replace("---\n\n", f"effective: {said}\n---\n\n", 1)})
    repo.release("1", starts)
    new = plain(number, "新", "A/1").replace("---\n\n", "effective: 2026-05-30\n---\n\n", 1)
    repo.commit({"procedures/QP-1-1.md": new}, "2026-06-01")
    repo.release("2", "2026-06-02")
    out = tmp_path / "out"
    for today, at in (("2026-05-25", "now"), ("2026-06-15", "later")):
        build(repo.root, "--out", str(out / at), today=today)
    row = documents(out / "now")[number]
    assert row["effective"] == row["starts"] == starts
    note = f"文件头写 {said}，发布之前不生效"
    text = page(out / "now/site", f"procedures/{number}.html")
    assert f">{starts}<" in text and note in text
    assert f">{starts}<" in page(out / "now/site", "register.html")
    first = PdfReader(out / "now/pdf/QP-1-1_A-0.pdf").pages[0].extract_text()
    assert f"{starts} 生效" in first and said not in first
    status = json.loads(build(repo.root, "status", number, "--format", "json", today="2026-05-25").out)["documents"][0]
    assert status["effective"] == status["versions"][-1]["starts"] == starts
    assert f" {starts} " in build(repo.root, "status", today="2026-05-25").out.partition(number)[2].partition("\n")[0]
    redline = page(out / "later/site", "changes/QP-1-1_A-0-A-1.html")
    assert f"自 {starts} 起" in redline and "自 2026-06-02 起" in redline
    assert note in redline and "文件头写 2026-05-30，发布之前不生效" in redline
    assert documents(out / "later")[number]["effective"] == "2026-06-02"


def test_the_releases_tell_why_a_document_was_withdrawn(dist: Path) -> None:
    text = re.sub(r"<[^>]*>|\s+", " ", page(dist / "site", "releases.html"))
    gone = re.sub(" +", " ", text).partition(WITHDRAWN)[2].partition("废止")[0]
    assert "自 2026-11-01 起" in gone and "原因：合并使用。" in gone
    assert CHANGED in gone
    assert f'<a href="procedures/{CHANGED}.html">' in page(dist / "site", "releases.html")
    assert "本次发布起不再包含。" in re.sub(" +", " ", text).partition(LOST)[2][:80]


def test_what_left_answers_no_clause_any_more(dist: Path, repo: Repo) -> None:
    rows = json.loads(build(repo.root, "matrix", "--format", "json").out)["clauses"]
    named = {
        number for row in rows for key in ("claimed_by", "covered_by", "mentioned_by") for number in row.get(key, ())
    }
    assert CHANGED in named
    assert {WITHDRAWN, LOST}.isdisjoint(named)


def test_the_archive_can_do_without_pdfs(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    write(repo.root, {"mkdocs.yml": "plugins:\n  - qmanual: {archive_pdfs: false}\n"})
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-1", "旧")})
    repo.release("1")
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-1", "新", "A/1")}, "2026-05-21")
    repo.release("2", "2026-05-21")
    build(repo.root, "--out", str(tmp_path / "out"), today="2026-06-15")
    assert (tmp_path / "out/site/archive/QP-1-1_A-0.html").exists()
    assert not (tmp_path / "out/site/pdf/archive").exists()


def test_what_is_printed_of_a_draft_is_a_draft(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    repo.commit({"procedures/QP-1-1.md": plain("QP-1-1", "文")})
    repo.release("1")
    build(repo.root, "--out", str(tmp_path / "out"), "--draft", today="2026-06-15")
    text = PdfReader(tmp_path / "out/pdf/QP-1-1_A-0.pdf").pages[0].extract_text()
    assert "草稿" in text and "现行有效" not in text
    build(repo.root, "--out", str(tmp_path / "out"), today="2026-06-15")
    assert "现行有效" in PdfReader(tmp_path / "out/pdf/QP-1-1_A-0.pdf").pages[0].extract_text()


def test_the_same_edition_gives_the_same_bytes(repo: Repo, tmp_path: Path) -> None:
    for name in ("one", "two"):
        build(repo.root, "site", "--out", str(tmp_path / name))
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
