"""The site in a real browser: one test for every claim about what people see and can do.

A manual with a life (`lives`) is built once as on a day: most documents are in force, one is not yet effective, one is
withdrawn, one has superseded texts. It is looked at over http and, where a claim says so, out of its folder.
"""

import hashlib
import random
import re
import shutil
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from disk import start
from lives import CHANGED, COMING, DRAFT, LOST, TODAY, WITHDRAWN, live
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from pypdf import PdfReader, PdfWriter

from qmanual.pdf import Printed
from qmanual.plugin import build_site
from qmanual.service.beside import prepare_beside
from qmanual.service.building import Prints
from qmanual.service.loading import load
from qmanual.service.publication import publication, stage
from qmanual.service.publishing import SiteBuild, prepare_site
from qmanual.service.rendering import render_bodies

WITH_PDF = CHANGED

TYPES = {
    "home": "index.html",
    "manual": "manual/index.html",
    "chapter": "manual/05-领导作用.html",
    "procedure": f"procedures/{WITH_PDF}.html",
    "coming": f"forms/{COMING}.html",
    "with a flowchart": f"procedures/{DRAFT}.html",
    "withdrawn": f"forms/{WITHDRAWN}.html",
    "superseded": f"archive/{CHANGED}_A-0.html",
    "superseded manual": "archive/QM-01_A-1.html",
    "to come": f"coming/{CHANGED}_A-3.html",
    "changes": f"changes/{CHANGED}_A-1-A-2.html",
    "archive": "archive/index.html",
    "releases": "releases.html",
    "verify": "verify.html",
    "form": "forms/QR-8.7-01.html",
    "kind": "kinds/procedure.html",
    "departments": "departments/index.html",
    "department": "departments/质量部.html",
    "process": "processes/检验与放行.html",
    "clauses": "clauses/index.html",
    "clause": "clauses/iso-9001-2015/8.4.html",
    "register": "register.html",
    "matrix": "matrix.html",
    "missing": "404.html",
}
"""A page of every type."""

AXE = Axe().axe_script

ONE = [name for name in TYPES if name != "missing"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    root = tmp_path_factory.mktemp("手册 a")
    live(root)
    site = root / "site"
    build_site(_prepared(root), site)
    return site


def _prepared(root: Path) -> SiteBuild:
    shown = publication(load(root, TODAY))
    bodies = render_bodies(shown)
    pictures = root / "pictures"
    stage(shown, pictures)
    prints = [_print(root / "pdf", "one.pdf", f"procedures/{WITH_PDF}.md", b"%PDF-1.7\n"),
              _print(root / "pdf", "old.pdf", TYPES["superseded"], b"%PDF-1.7 old\n", "archive/"),
              _print(root / "pdf", "gone.pdf", f"forms/{WITHDRAWN}.md", b"%PDF-1.7 gone\n"),
              _print(root / "pdf", "new.pdf", TYPES["to come"], b"%PDF-1.7 new\n", "coming/")]  # fmt: skip
    return prepare_site(shown, bodies, pictures, prepare_beside(shown, bodies), prints)


def _print(folder: Path, name: str, source: str, data: bytes, place: str = "") -> Prints:
    """A PDF as if it had been printed."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    printed = Printed(name, "", 1, hashlib.sha256(data).hexdigest())
    return Prints({source: printed}, folder, place=place)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a work tree of which nothing is released."""
    root = tmp_path_factory.mktemp("draft")
    repo = live(root / "manual")
    repo.git("tag", "-d", *(f"release/{name}" for name in ("2024-03", "2025-03", "2026-05", "2026-11")))
    done = start("--root", str(repo.root), "--today", str(TODAY), "site", "--out", str(root / "out"))
    assert "Traceback" not in done.err
    return root / "out/site"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    """The address of the site on a server of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh tab of a wide window; an error of a script fails the test."""
    yield from _tab(browser)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A fresh tab on a phone."""
    yield from _tab(browser, width=375, height=800)


def _tab(browser: Browser, width: int = 1280, height: int = 900) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def address(base: str, name: str) -> str:
    """The address of the page of a type."""
    return base + quote(TYPES[name])


def style(page: Page, selector: str, name: str) -> str:
    """A computed style of the first element that fits."""
    return str(page.locator(selector).first.evaluate("(one, name) => getComputedStyle(one)[name]", name))


def search(page: Page, words: str) -> Locator:
    """Type into the search; its results, when the full text has been searched too."""
    if not page.locator("dialog[open]").count():
        page.keyboard.press("/")
    page.locator("dialog input[type=search]").fill(words)
    searched(page)
    return page.locator(".qm-hit")


def searched(page: Page) -> None:
    """Wait until the search has its results."""
    expect(page.locator(".qm-search__results")).to_have_attribute("aria-busy", "false", timeout=15_000)


# -- nothing from outside ----------------------------------------------------------------------------------------


def test_no_page_asks_another_host(page: Page, base: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in TYPES:
        page.goto(address(base, name))
        page.wait_for_timeout(150)
    page.goto(base)
    search(page, "评审")
    assert [url for url in asked if not url.startswith((base, "data:"))] == []
    assert any("/pagefind/" in url for url in asked)


def test_no_page_links_into_the_network_by_itself(folder: Path) -> None:
    outside = re.compile(r'<(?:link|script|img|iframe|source)\b[^>]*(?:href|src)="(?:https?:)?//')
    anchors = re.compile(r'<a\b[^>]*href="(?:https?:)?//')
    for file in folder.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not outside.search(text), file
        assert not anchors.search(text), file
    assert not (folder / "sitemap.xml").exists()


def test_every_page_reads_out_of_its_folder(page: Page, folder: Path) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    for name in ONE:
        page.goto((folder / TYPES[name]).as_uri())
        assert style(page, ".md-header", "backgroundColor") == "rgb(31, 95, 168)"
        targets = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href.split('#')[0])")
        gone = {one for one in targets if one.startswith("file://") and not Path(unquote(one[7:])).exists()}
        assert gone == set(), name
    assert failed == []


def test_out_of_its_folder_numbers_and_titles_are_found(page: Page, folder: Path) -> None:
    page.goto((folder / TYPES["chapter"]).as_uri())
    hits = search(page, "qp-8.4")
    expect(hits).to_have_count(1)
    expect(page.locator(".qm-search__state")).to_contain_text("全文检索需通过网络服务器")
    page.keyboard.press("Enter")
    page.wait_for_url("**/procedures/QP-8.4-01.html")


def test_the_page_for_a_wrong_address_needs_no_other_file(page: Page, base: str) -> None:
    page.goto(address(base, "missing"))
    page.get_by_role("link", name="返回首页").click()
    expect(page).to_have_url(f"{base}index.html")


# -- a document --------------------------------------------------------------------------------------------------


def test_the_card_names_what_an_auditor_asks(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    head = page.locator(".qm-head")
    expect(head).to_contain_text("QP-8.4-01")
    expect(head).to_contain_text("A/2")
    expect(head.locator(".qm-status--effective")).to_have_text("现行有效")
    assert page.locator("h1").count() == 1
    card = page.get_by_role("region", name="文件控制信息")
    for words in ("生效日期", "归口部门", "采购部", "下次复审", "编制", "审核", "批准", "8.4"):
        expect(card).to_contain_text(words)
    changes = card.get_by_role("region", name="更改记录")
    expect(changes).to_be_hidden()
    card.locator("summary").first.click()
    expect(changes).to_be_visible()
    pdf = head.get_by_role("link", name="PDF").evaluate("link => link.href")
    assert page.request.get(pdf).body().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "words", "mark"),
    [
        ("withdrawn", "已于 2026-11-01 废止，不得使用。 原因：合并使用。", "作废"),
        ("superseded", "施行期为 2024-04-01 至 2025-03-31，已被替代，不得使用", "作废"),
        ("superseded manual", "已被替代，不得使用", "作废"),
        ("coming", "尚未生效：已批准，自 2027-01-01 起施行", ""),
        ("to come", "尚未生效：已批准，自 2027-01-01 起施行", ""),
    ],
)
def test_what_is_not_in_force_says_so(page: Page, base: str, name: str, words: str, mark: str) -> None:
    page.goto(address(base, name))
    expect(page.locator(".qm-banner")).to_contain_text(words)
    behind = unquote(style(page, ".qm-body", "backgroundImage"))
    assert mark in behind if mark else behind == "none"
    assert page.title().startswith("【作废" if mark else "【已批准待生效】")


def test_a_withdrawn_document_says_why_and_what_takes_its_place(page: Page, base: str) -> None:
    page.goto(address(base, "withdrawn"))
    card = page.locator(".qm-card")
    expect(card).to_contain_text("2026-11-01 合并使用")
    expect(card.get_by_role("link", name=CHANGED)).to_be_visible()
    expect(card).not_to_contain_text("下次复审")


def test_what_is_in_force_has_no_warning(page: Page, base: str) -> None:
    page.goto(base + "procedures/QP-9.1-01.html")
    expect(page.locator(".qm-banner")).to_have_count(0)


def test_the_home_page_offers_every_way_in(page: Page, base: str) -> None:
    page.goto(base)
    for name in ("按过程", "按部门", "按条款", "最近发布", "即将施行", "待复审"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    for name in ("程序文件", "记录表单", "受控文件清单", "条款对照表"):
        expect(page.locator(".qm-tiles").get_by_role("link", name=name)).to_be_visible()
    expect(page.locator(".qm-edition")).to_contain_text("2026-11-23")
    page.locator(".qm-homesearch input").fill("内部审核")
    page.keyboard.press("Enter")
    expect(page.locator(".qm-hit").first).to_contain_text("内部审核")


# -- the life of a document -------------------------------------------------------------------------------------


def test_a_coming_revision_is_announced(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    expect(page.locator(".qm-status").first).to_have_text("现行有效")
    banner = page.locator(".qm-coming")
    expect(banner).to_contain_text("新版本 A/3 自 2027-01-01 起施行")
    expect(page.locator(".qm-body")).not_to_contain_text("将来的说法")
    banner.get_by_role("link", name="将改什么").click()
    expect(page.locator("ins", has_text="将来的说法").first).to_be_visible()
    page.go_back()
    page.locator(".qm-coming").get_by_role("link", name="查看新版本").click()
    expect(page.locator(".qm-body")).to_contain_text("将来的说法")
    page.locator(".qm-banner").get_by_role("link", name="现行版本 A/2").click()
    expect(page).to_have_url(address(base, "procedure"))


def test_all_revisions_lead_to_their_texts(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    page.get_by_text("历次版本").click()
    rows = page.locator(".qm-versions tbody tr")
    assert [row.split("\t")[0].split()[0] for row in rows.all_inner_texts()] == ["A/3", "A/2", "A/1", "A/0"]
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    expect(rows.nth(3)).to_contain_text("2024-04-01 – 2025-03-31")
    expect(rows.nth(3).get_by_role("link", name="PDF")).to_have_attribute("href", "../pdf/archive/old.pdf")
    rows.nth(3).get_by_role("link", name="A/0", exact=True).click()
    expect(page.locator(".qm-body")).to_contain_text("原来的说法")
    assert page.locator(".qm-body img").evaluate("one => decodeURI(one.src)").endswith(".svg")
    drawing = page.locator(".qm-body img").get_attribute("src")
    assert drawing is not None and "旧图" in page.request.get(f"{base}archive/{drawing}").text()


def test_a_superseded_manual_is_one_page_with_its_chapters(page: Page, base: str) -> None:
    page.goto(address(base, "superseded manual"))
    body = page.locator(".qm-body")
    expect(body).to_contain_text("品质方针")
    ids = body.locator("[id]").evaluate_all("all => all.map((one) => one.closest('svg') ? '' : one.id).filter(Boolean)")
    assert len(ids) == len(set(ids)) > 50
    assert page.locator("h1").count() == 1
    inside = body.locator("a[href^='#']").evaluate_all("all => all.map((one) => one.hash.slice(1))")
    assert inside and {unquote(one) for one in inside} <= {*ids, ""}


def test_what_changed_is_read_by_keyboard_and_on_paper(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    page.get_by_role("link", name="改了什么", exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes/**")
    expect(page.locator("del", has_text="中间的说法").first).to_be_visible()
    expect(page.locator(".qm-card")).to_contain_text("A/1")
    text = "".join(one.extract_text() for one in PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages)
    assert "中间的说法" in normalize("NFKC", text)


def test_the_archive_lists_what_is_void(page: Page, base: str) -> None:
    page.goto(address(base, "home"))
    page.locator(".qm-footer__links").get_by_role("link", name="作废文件").click()
    cells = page.locator("#archive tbody tr").all_inner_texts()
    found = {(row.split()[0], row.split("\t")[2]) for row in cells}
    assert found == {(CHANGED, "A/0"), (CHANGED, "A/1"), ("QM-01", "A/1"), (WITHDRAWN, "A/1"), (LOST, "A/2")}
    page.goto(address(base, "register"))
    assert WITHDRAWN not in column(page, 1)
    expect(page.get_by_role("region", name="已废止的文件")).to_contain_text(WITHDRAWN)
    page.goto(base + "kinds/form.html")
    expect(page.locator(".md-content")).not_to_contain_text(WITHDRAWN)


def test_void_texts_are_found_only_when_asked_for(page: Page, base: str) -> None:
    page.goto(base)
    hits = search(page, "原来的说法")
    expect(page.locator(".qm-search__state")).to_have_text("没有找到。")
    page.get_by_label("包括作废版本").check()
    searched(page)
    expect(hits).to_have_count(1)
    expect(hits.locator(".qm-status")).to_have_text("作废（被替代）")
    assert search(page, "QP-8.4").locator("a[data-path^='archive/']").count() == 2
    page.get_by_label("包括作废版本").uncheck()
    assert search(page, "QP-8.4").locator("a[data-path^='archive/']").count() == 0
    assert search(page, "将来的说法").count() == 0
    page.locator("dialog select[name=status]").select_option("作废（废止）")
    assert search(page, WITHDRAWN).count() == 1


def test_home_tells_what_came_and_what_comes(page: Page, base: str) -> None:
    page.goto(base)
    news = page.locator(".qm-news")
    latest = news.locator(".qm-newslist").first
    expect(latest.locator("li", has_text="修订")).to_contain_text("QP-8.4-01")
    expect(latest.locator("li", has_text="新增")).to_contain_text(COMING)
    assert {WITHDRAWN, LOST} == {one.split()[1] for one in latest.locator("li", has_text="废止").all_inner_texts()}
    next_up = page.locator("section", has=page.get_by_role("heading", name="即将施行"))
    expect(next_up.locator("li")).to_have_count(2)
    news.get_by_role("link", name="最近发布").click()
    expect(page.locator(".qm-release")).to_have_count(4)


def test_a_draft_says_so_everywhere(page: Page, draft: Path) -> None:
    pages = [file for file in draft.rglob("*.html") if file.name != "404.html"]
    assert all("qm-draftsite" in file.read_text(encoding="utf-8") for file in pages)
    assert not (draft / "archive").exists() and not (draft / "coming").exists()
    for name in ("home", "kind", "register", "procedure"):
        page.goto((draft / TYPES[name]).as_uri())
        expect(page.locator(".qm-draftsite")).to_contain_text("不得作为工作依据")
        assert page.title().startswith("【草稿】")
        assert barriers(page) == []
    page.goto((draft / TYPES["home"]).as_uri())
    expect(page.locator(".qm-hero code")).to_contain_text("build.py release")


# -- the page that verifies a PDF --------------------------------------------------------------------------------

OWN = "Object.defineProperty(globalThis, 'crypto', {value: {}})"
"""A browser that has no Web Crypto, as on a page over plain http."""


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("place", ["http", "file"])
def test_the_verify_page_knows_what_was_issued(page: Page, base: str, folder: Path, own: bool, place: str) -> None:
    if own:
        page.add_init_script(OWN)
    page.goto(address(base, "verify") if place == "http" else (folder / TYPES["verify"]).as_uri())
    expect(page.locator(".qm-verdict")).to_contain_text("尚未选择文件")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expected = {
        "one.pdf": ("相符", "A/2", "现行有效，自 2026-05-11 起施行"),
        "archive/old.pdf": ("相符", "A/0", "作废：自 2025-04-01 起由 A/1 替代"),
        "coming/new.pdf": ("相符", "A/3", "尚未生效，自 2027-01-01 起施行"),
        "gone.pdf": ("相符", "A/1", f"已于 2026-11-01 废止。 替代文件：{CHANGED}"),
    }
    for name, words in expected.items():
        for word in words:
            expect(verdict(page, folder / "pdf" / name)).to_contain_text(word)
    assert asked == []
    assert barriers(page) == []


def verdict(page: Page, file: Path) -> Locator:
    """What the page says of a file."""
    page.locator("#qm-pdf").set_input_files(file)
    expect(page.locator(".qm-verdict__file")).to_have_text(file.name)
    return page.locator(".qm-verdict")


def _utf16(text: str) -> str:
    return (b"\xfe\xff" + text.encode("utf-16-be")).hex()


def test_a_strange_pdf_is_not_believed(page: Page, base: str, tmp_path: Path) -> None:
    page.goto(address(base, "verify"))
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": "采购与供方管理程序", "/Subject": f"{CHANGED} A/0"})
    writer.write(tmp_path / "claim.pdf")
    said = verdict(page, tmp_path / "claim.pdf")
    for words in ("不相符", f"自称是“{CHANGED} A/0 采购与供方管理程序”", "作废：自 2025-04-01 起由 A/1 替代"):
        expect(said).to_contain_text(words)
    information = f"<</Title <{_utf16('采购程序')}> /Subject ({CHANGED} A/0)>>".encode()
    objects = (
        random.Random(1).randbytes(300_000).hex().encode() + information + f"<</Title <{_utf16('目的')}>>>".encode()
    )
    packed = b"<</Type /ObjStm/Filter /FlateDecode>>\nstream\n" + zlib.compress(objects) + b"\nendstream"
    (tmp_path / "packed.pdf").write_bytes(b"%PDF-1.7\n/Title (Bookmark)\n" + packed)
    expect(verdict(page, tmp_path / "packed.pdf")).to_contain_text(f"自称是“{CHANGED} A/0 采购程序”")
    (tmp_path / "text.pdf").write_text("你好", encoding="utf-8")
    expect(verdict(page, tmp_path / "text.pdf")).to_contain_text("不是 PDF")
    (tmp_path / "bare.pdf").write_bytes(b"%PDF-1.4\n")
    expect(verdict(page, tmp_path / "bare.pdf")).to_contain_text("没有写明是哪份文件")


def _pdf(title: str, subject: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(99, 99)
    writer.add_metadata({"/Title": title, "/Subject": subject})
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def _bombs() -> bytes:
    packed = zlib.compress(b"/Title (x)" + bytes(32 << 20), 9)
    return b"%PDF-1.7\n" + (b"<</Type/ObjStm>>\nstream\n" + packed + b"\nendstream\n") * 250


HOSTILE: dict[str, Callable[[], bytes]] = {
    "<img src=x onerror=alert(1)>.pdf": lambda: _pdf(
        "<script>alert(2)</script><img src=//evil.example onerror=alert(3)>"
    ),
    "\u202efdp.exe.pdf": lambda: _pdf("$& $1 {words} {id}\u202e\n相符", "\u2066x"),
    "long.pdf": lambda: _pdf("相" * 500_000, "x" * 100_000),
    "titles without an end.pdf": lambda: b"%PDF-1.7\n" + b"/Title(" * 2_000_000,
    "objects without an end.pdf": lambda: b"%PDF-1.7\n" + b"/Type /ObjStm " * 2_000_000,
    "streams without an end.pdf": lambda: b"%PDF-1.7\n" + b"/Type/ObjStm>>stream\n" * 1_000_000,
    "one long title.pdf": lambda: b"%PDF-1.7\n/Title (" + b"a" * 20_000_000,
    "bombs.pdf": _bombs,
}
"""Files that would run something, write a verdict of their own, or keep the browser busy."""


@pytest.mark.parametrize("place", ["http", "file"])
def test_a_hostile_pdf_does_nothing(page: Page, base: str, folder: Path, tmp_path: Path, place: str) -> None:
    page.goto(address(base, "verify") if place == "http" else (folder / TYPES["verify"]).as_uri())
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    shown = page.locator(".qm-verdict")
    for name, made in HOSTILE.items():
        (tmp_path / name).write_bytes(made())
        start = time.perf_counter()
        page.locator("#qm-pdf").set_input_files(tmp_path / name)
        expect(page.locator(".qm-verdict__file")).to_have_text(name.replace("\u202e", ""), timeout=15_000)
        assert time.perf_counter() - start < 10, name
        expect(page.locator(".qm-verdict__bytes--bad")).to_contain_text("不相符")
        assert shown.locator("script, img").count() == 0
        assert len(shown.inner_text()) < 800
        assert not set("\u202e\u2066") & set(shown.inner_text())
    assert asked == []


@pytest.mark.parametrize(
    "text", ["window.QMANUAL_ISSUED = {", "window.QMANUAL_ISSUED = null", "window.QMANUAL_ISSUED = {texts: 5}", ""]
)
def test_a_damaged_list_recognises_nothing(browser: Browser, base: str, folder: Path, text: str) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    page.route("**/issued.js", lambda route: route.fulfill(body=text, content_type="text/javascript"))
    page.goto(address(base, "verify"))
    expect(verdict(page, folder / "pdf/one.pdf")).to_contain_text("不相符")
    page.context.close()


def test_a_later_day_is_told(browser: Browser, folder: Path) -> None:
    page = browser.new_context(locale="zh-CN").new_page()
    page.clock.set_fixed_time("2027-02-01T08:00:00")
    page.goto((folder / TYPES["verify"]).as_uri())
    said = verdict(page, folder / "pdf/one.pdf")
    expect(said).to_contain_text("发布版日期：2026-11-23；本机日期：2027-02-01")
    expect(said).to_contain_text("按本机日期，情况已不同")
    expect(said).to_contain_text("作废：自 2027-01-01 起由 A/3 替代")


def test_a_pdf_is_dropped_or_chosen_by_keyboard(page: Page, base: str, folder: Path) -> None:
    page.on("filechooser", lambda _: None)  # asked for only at the key press, the browser may open its own dialog first
    page.goto(address(base, "verify"))
    page.locator("#qm-pdf").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(folder / "pdf/one.pdf")
    expect(page.locator(".qm-verdict")).to_contain_text("相符")
    page.reload()
    page.evaluate(
        """bytes => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "dropped.pdf"));
            const drop = new DragEvent("drop", {dataTransfer: data, bubbles: true});
            document.querySelector("[data-qm-drop]").dispatchEvent(drop);
        }""",
        list((folder / "pdf/one.pdf").read_bytes()),
    )
    expect(page.locator(".qm-verdict__file")).to_have_text("dropped.pdf")
    expect(page.locator(".qm-verdict")).to_contain_text("相符")


# -- search ------------------------------------------------------------------------------------------------------


def pages_with(folder: Path, words: str) -> set[str]:
    """The documents and chapters whose text holds these words: what a search ought to find."""
    found = set()
    for file in folder.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        if not re.search(r'<div class="qm-doc qm-doc--(effective|approved)', text) or file.parent.name == "coming":
            continue
        title = re.findall(r"<h1\b[^>]*>.*?</h1>", text)[0]
        after = text.split('<div class="qm-body')[1]
        body = title + re.split(r'<section class="qm-chapters|<div class="qm-related|</article>', after)[0]
        body = re.sub(r"<(figure|svg|style)\b.*?</\1>", "", body, flags=re.DOTALL)
        body = re.sub(r"</?(a|b|strong|em|code|small)\b[^>]*>", "", body)
        if words in re.sub(r"<[^>]+>", "\n", body):
            found.add(file.relative_to(folder).as_posix())
    return found


@pytest.mark.parametrize("words", ["管理评审", "合格品", "不合格品", "让步接收", "IPC-A-610"])
def test_the_search_finds_what_is_written_and_nothing_else(page: Page, base: str, folder: Path, words: str) -> None:
    page.goto(base)
    hits = search(page, words)
    more = page.locator(".qm-search__more")
    while more.is_visible():
        count = hits.count()
        more.click()
        expect(hits).not_to_have_count(count)
    found = set(hits.locator("a[data-path]").evaluate_all("links => links.map((a) => a.dataset.path)"))
    assert found == pages_with(folder, words)
    expect(page.locator(".qm-search__state")).to_contain_text(str(len(found)))
    marks = hits.locator("mark").all_inner_texts()
    assert sum(words in mark for mark in marks) >= len(marks) / 2  # parts of `IPC-A-610` are marked too


@pytest.mark.parametrize("words", ["QP-8.4-01", "qp-8.4-01", "QP-8.4", "8.4-01"])
def test_a_number_finds_its_document_first(page: Page, base: str, words: str) -> None:
    page.goto(address(base, "register"))
    first = search(page, words).first
    expect(first.locator("a[data-path]")).to_contain_text("QP-8.4-01")
    expect(first).to_contain_text("A/2")
    expect(first.locator(".qm-status")).to_have_text("现行有效")


def test_the_filters_narrow_the_search(page: Page, base: str) -> None:
    page.goto(base)
    hits = search(page, "合格品")
    everything = hits.count()
    for name, value in (("kind", "记录表单"), ("department", "质量部"), ("status", "现行有效")):
        page.locator(f"dialog select[name={name}]").select_option(value)
        searched(page)
    assert 0 < hits.count() < everything
    numbers = hits.locator("a .qm-number").all_inner_texts()
    assert all(number.startswith("QR-") for number in numbers)
    page.locator("dialog select[name=status]").select_option("已批准待生效")
    expect(page.locator(".qm-search__state")).to_have_text("没有找到。")


def test_the_search_is_worked_from_the_keyboard(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    dialog = page.locator("dialog.qm-search")
    page.keyboard.press("Control+k")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    search(page, "管理评审")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.dataset.path") == "procedures/QP-9.3-01.html"
    page.keyboard.press("Enter")
    page.wait_for_url("**/procedures/QP-9.3-01.html")


def test_a_result_leads_to_the_section(page: Page, base: str) -> None:
    page.goto(base)
    part = search(page, "让步接收").locator(".qm-hit__part").first
    part.click()
    assert page.evaluate("!!document.getElementById(decodeURIComponent(location.hash.slice(1)))")


# -- tables ------------------------------------------------------------------------------------------------------


def column(page: Page, number: int) -> list[str]:
    """The texts of a column of the register, as shown."""
    cells = page.locator(f"#register tbody tr:not([hidden]) td:nth-child({number})")
    return cells.all_inner_texts()


def test_the_register_is_sorted_by_its_headings(page: Page, base: str) -> None:
    page.goto(address(base, "register"))
    day = page.get_by_role("button", name="生效日期")
    day.click()
    assert column(page, 6) == sorted(column(page, 6))
    expect(page.locator("th", has=day)).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    assert column(page, 6) == sorted(column(page, 6), reverse=True)
    expect(page.locator("[aria-sort]")).to_have_count(1)
    page.get_by_role("button", name="编号").click()
    numbers = column(page, 1)
    assert numbers.index("QP-9.1-01") < numbers.index("QP-10.2-01")


def test_the_register_is_filtered(page: Page, base: str) -> None:
    page.goto(address(base, "register"))
    total = len(column(page, 1))
    expect(page.locator(".qm-tools__state")).to_contain_text(str(total))
    page.locator(".qm-tools").get_by_label("类别").select_option("记录表单")
    page.locator(".qm-tools").get_by_label("状态").select_option("已批准待生效")
    assert column(page, 1) == [COMING]
    expect(page.locator(".qm-tools__state")).to_have_text(f"显示 1 行，共 {total} 行")
    page.locator(".qm-tools").get_by_label("状态").select_option("")
    page.locator(".qm-tools").get_by_label("类别").select_option("程序文件")
    page.locator(".qm-tools input").fill("采购部 供方")
    assert column(page, 1) == ["QP-8.4-01"]


def test_the_heading_of_the_register_stays_in_sight(page: Page, base: str) -> None:
    page.goto(address(base, "register"))
    page.mouse.wheel(0, 1200)
    page.wait_for_timeout(300)
    box = page.locator("#register thead th").first.bounding_box()
    assert box is not None and 0 <= box["y"] < 120


def test_the_matrix_shows_what_is_not_answered(page: Page, base: str) -> None:
    page.goto(address(base, "matrix"))
    states = page.get_by_label("对应情况")
    states.select_option("不适用")
    rows = page.locator("#matrix-1 tbody tr:not([hidden])")
    assert rows.count() >= 1
    states.select_option("由上级条款覆盖")
    expect(rows.first.locator("a.qm-chip")).not_to_have_count(0)


def test_four_thousand_rows_stay_quick(page: Page, base: str, folder: Path) -> None:
    text = (folder / "register.html").read_text(encoding="utf-8")
    rows = re.findall(r"<tr><td.*?</tr>\n", text.split("</tbody>")[0])
    many = "".join(rows[at % len(rows)].replace("QP-", f"QP-{at}.") for at in range(4000))
    (folder / "many.html").write_text(text.replace("".join(rows), many), encoding="utf-8")
    page.goto(f"{base}many.html")
    expect(page.locator(".qm-tools__state")).to_contain_text("4000")
    typed = (
        "const box = document.querySelector('.qm-tools input');"
        "box.value = '程序'; box.dispatchEvent(new Event('input'))"
    )
    for act in ("document.querySelectorAll('.qm-sort')[5].click()", typed):
        start = time.perf_counter()
        page.evaluate(f"() => {{ {act}; document.body.offsetHeight }}")
        assert time.perf_counter() - start < 1
    fitting = int(re.findall(r"\d+", page.locator(".qm-tools__state").inner_text())[0])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#register tbody tr")).to_have_count(fitting)


# -- small screens, night, paper ---------------------------------------------------------------------------------


def test_no_page_is_wider_than_a_phone(phone: Page, base: str) -> None:
    for name in TYPES:
        phone.goto(address(base, name))
        assert phone.evaluate("document.documentElement.scrollWidth") <= 375, name


def test_tables_and_flowcharts_can_be_read_on_a_phone(phone: Page, base: str) -> None:
    phone.goto(address(base, "with a flowchart"))
    smallest = phone.evaluate(
        "Math.min(...[...document.querySelectorAll('.qm-flowchart text')].map((t) => t.getBoundingClientRect().height))"
    )
    assert smallest >= 10
    boxes = phone.locator(".qm-table, .qm-flowchart")
    assert boxes.evaluate_all("boxes => boxes.every((b) => b.scrollWidth <= b.clientWidth + 1 || b.tabIndex === 0)")


@pytest.mark.parametrize("name", ["procedure", "superseded"])
def test_the_card_is_whole_on_a_phone(phone: Page, base: str, name: str) -> None:
    phone.goto(address(base, name))
    phone.evaluate("document.querySelectorAll('.qm-changes').forEach((one) => { one.open = true })")
    tables = phone.locator(".qm-changes .qm-table")
    assert tables.count() == 2
    assert tables.evaluate_all("boxes => boxes.every((b) => b.scrollWidth <= b.clientWidth)")
    trail = phone.locator(".md-path__item")
    assert trail.count() >= 2
    assert trail.evaluate_all("items => items.every((i) => i.getBoundingClientRect().right <= innerWidth - 8)")
    rows = phone.locator(".qm-approvals li").evaluate_all(
        "items => items.map((i) => [i.getBoundingClientRect().left, i.getBoundingClientRect().height])"
    )
    assert len(rows) == 3 and len({left for left, _ in rows}) == 1, "one below the other"
    assert max(height for _, height in rows) < 40, "each on one line"
    widths = phone.locator(".qm-versions td:first-child").evaluate_all("cells => cells.map((c) => c.clientHeight)")
    assert max(widths) < 30, "a revision is not broken"


def test_the_menu_opens_on_a_phone_from_the_keyboard(phone: Page, base: str) -> None:
    phone.goto(address(base, "procedure"))
    button = phone.get_by_role("button", name="菜单")
    button.focus()
    phone.keyboard.press("Enter")
    expect(phone.locator(".qm-nav__tabs")).to_be_in_viewport()
    expect(button).to_have_attribute("aria-expanded", "true")
    phone.keyboard.press("Escape")
    expect(phone.locator(".qm-nav__tabs")).not_to_be_in_viewport()


def test_flowcharts_are_light_on_dark_at_night(page: Page, base: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(address(base, "with a flowchart"))
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    ink, paper = style(page, ".qm-flowchart text", "fill"), style(page, "body", "backgroundColor")
    assert _light(ink) > 0.6 and _light(paper) < 0.2


def _light(colour: str) -> float:
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 765


def test_a_printed_page_names_itself_and_is_not_controlled(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    pages = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages
    for one in pages:
        text = normalize("NFKC", one.extract_text())  # fonts tell some signs by their radicals
        assert "QP-8.4-01" in text and "A/2" in text and "现行有效" in text
        assert "非受控" in text
    page.emulate_media(media="print")
    for gone in (".md-header", ".md-tabs", ".md-sidebar--primary", ".qm-head__doors"):
        expect(page.locator(gone)).to_be_hidden()


def test_a_form_prints_with_room_to_write(page: Page, base: str) -> None:
    page.goto(address(base, "form"))
    page.emulate_media(media="print")
    cells = page.locator(".qm-form .qm-open")
    assert cells.evaluate_all("cells => Math.min(...cells.map((c) => c.getBoundingClientRect().height))") >= 28
    assert page.locator(".qm-blank").first.evaluate("b => getComputedStyle(b).borderBottomStyle") == "solid"


# -- for everybody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TYPES)
def test_no_serious_barrier_by_day_or_night(page: Page, base: str, name: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(address(base, name))
    assert barriers(page) == []
    page.emulate_media(color_scheme="dark")
    assert barriers(page, "color-contrast", "link-in-text-block") == []


def test_no_serious_barrier_in_the_search(page: Page, base: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(base)
    search(page, "评审")
    assert barriers(page) == []


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe-core calls serious or critical, by all its rules or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:4]
    ]


def test_the_first_stop_of_the_keyboard_skips_the_menu(page: Page, base: str) -> None:
    for name in ("procedure", "register", "home"):
        page.goto(address(base, name))
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className").startswith("md-skip"), name
        target = page.evaluate("decodeURIComponent(document.activeElement.hash.slice(1))")
        assert page.evaluate("id => document.getElementById(id)?.tagName", target) == "H1", name


def test_focus_can_be_seen(page: Page, base: str) -> None:
    page.goto(address(base, "register"))
    page.keyboard.press("Tab")
    for _ in range(25):
        page.keyboard.press("Tab")
        around = style(page, ":focus", "outlineStyle"), style(page, ":focus", "boxShadow")
        assert around != ("none", "none"), page.evaluate("document.activeElement.outerHTML")[:200]


def test_landmarks_are_named_and_the_language_is_known(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    assert page.evaluate("document.documentElement.lang") == "zh"
    names = page.locator("nav:visible").evaluate_all("navs => navs.map((n) => n.getAttribute('aria-label'))")
    assert all(names) and len(set(names)) == len(names)
    assert page.locator("main").count() == 1
