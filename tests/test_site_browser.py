"""The site in a real browser: one test for every claim about what people see and can do.

The sample manual is built once as on a day, with a made-up history: most documents are in force, one is a draft, one is
not yet effective, one is withdrawn. It is looked at over http and, where a claim says so, out of its folder.
"""

import re
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from manuals import released
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from pypdf import PdfReader

from qmanual.control.edition import working_edition
from qmanual.language import Translator
from qmanual.plugin import build_site
from qmanual.render.pages import site_pages
from qmanual.render.site import Site
from qmanual.service.loading import load
from qmanual.service.publication import Publication
from qmanual.service.publishing import SiteBuild, render_bodies

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 23)

DRAFT, COMING, WITHDRAWN = "QP-8.7-01", "QR-6.1-01", "QR-4.1-01"
WITH_PDF = "QP-8.4-01"

TYPES = {
    "home": "index.html",
    "manual": "manual/index.html",
    "chapter": "manual/05-领导作用.html",
    "procedure": f"procedures/{WITH_PDF}.html",
    "draft": f"procedures/{DRAFT}.html",
    "coming": f"forms/{COMING}.html",
    "withdrawn": f"forms/{WITHDRAWN}.html",
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
    for name in ("manual", "procedures", "instructions", "forms"):
        shutil.copytree(ROOT / name, root / name)
    (root / "mkdocs.yml").write_text("site_name: 质量管理体系文件\nplugins: [qmanual]\n", encoding="utf-8")
    _add(root / f"forms/{COMING}.md", "effective", "2027-01-01")
    _add(root / f"forms/{WITHDRAWN}.md", "withdrawn", "{date: 2026-11-01, reason: 合并使用, replaced_by: QR-6.1-01}")
    (root / "pdf").mkdir()
    (root / "pdf/one.pdf").write_bytes(b"%PDF-1.7\n")
    site = root / "site"
    build_site(_prepared(root), site)
    return site


def _add(file: Path, key: str, value: str) -> None:
    """Set a value of a header."""
    text = re.sub(rf"^{key}: .*\n", "", file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    file.write_text(text.replace("---\n", f"---\n{key}: {value}\n", 1), encoding="utf-8")


def _prepared(root: Path) -> SiteBuild:
    manual = load(root, TODAY)
    history = released(
        *(one for one in manual.register.documents if one.id != DRAFT), name="2026-11", on=date(2026, 11, 1)
    )
    seen = working_edition(manual.register, history, TODAY)
    shown = Publication(manual=manual, edition=seen)
    site = Site(seen, render_bodies(shown), {f"procedures/{WITH_PDF}.md": "one.pdf"}, Translator("zh"))
    return SiteBuild(shown, site, tuple(site_pages(site)), root, root / "pdf")


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
    page.locator("dialog input").fill(words)
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
    expect(card.locator(".qm-changes table")).to_be_hidden()
    card.locator("summary").click()
    expect(card.locator(".qm-changes table")).to_be_visible()
    pdf = head.get_by_role("link", name="PDF").evaluate("link => link.href")
    assert page.request.get(pdf).body().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "words", "mark"),
    [
        ("draft", "未经批准，不得作为工作依据", "草稿"),
        ("withdrawn", "已作废，不得使用", "作废"),
        ("coming", "自 2027-01-01 起生效", ""),
    ],
)
def test_what_is_not_in_force_says_so(page: Page, base: str, name: str, words: str, mark: str) -> None:
    page.goto(address(base, name))
    expect(page.locator(".qm-banner")).to_contain_text(words)
    behind = unquote(style(page, ".qm-body", "backgroundImage"))
    assert mark in behind if mark else behind == "none"


def test_a_withdrawn_document_says_why_and_what_takes_its_place(page: Page, base: str) -> None:
    page.goto(address(base, "withdrawn"))
    card = page.locator(".qm-card")
    expect(card).to_contain_text("2026-11-01 合并使用")
    expect(card.get_by_role("link", name="QR-6.1-01")).to_be_visible()
    expect(card).not_to_contain_text("下次复审")


def test_what_is_in_force_has_no_warning(page: Page, base: str) -> None:
    page.goto(address(base, "procedure"))
    expect(page.locator(".qm-banner")).to_have_count(0)


def test_the_home_page_offers_every_way_in(page: Page, base: str) -> None:
    page.goto(base)
    for name in ("按过程", "按部门", "按条款", "最近更改", "待复审"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    for name in ("程序文件", "记录表单", "受控文件清单", "条款对照表"):
        expect(page.locator(".qm-tiles").get_by_role("link", name=name)).to_be_visible()
    expect(page.locator(".qm-hero .qm-banner")).to_contain_text("1 份为草稿")
    page.locator(".qm-homesearch input").fill("内部审核")
    page.keyboard.press("Enter")
    expect(page.locator(".qm-hit").first).to_contain_text("内部审核")


# -- search ------------------------------------------------------------------------------------------------------


def pages_with(folder: Path, words: str) -> set[str]:
    """The documents and chapters whose text holds these words: what a search ought to find."""
    found = set()
    for file in folder.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        if '<div class="qm-doc' not in text:
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
    page.locator("dialog select[name=status]").select_option("草稿")
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
    page.locator(".qm-tools").get_by_label("类别").select_option("程序文件")
    page.locator(".qm-tools").get_by_label("状态").select_option("草稿")
    assert column(page, 1) == [DRAFT]
    expect(page.locator(".qm-tools__state")).to_have_text(f"显示 1 行，共 {total} 行")
    page.locator(".qm-tools").get_by_label("状态").select_option("")
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
    rows = re.findall(r"<tr><td.*?</tr>\n", text)
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
    phone.goto(address(base, "draft"))
    smallest = phone.evaluate(
        "Math.min(...[...document.querySelectorAll('.qm-flowchart text')].map((t) => t.getBoundingClientRect().height))"
    )
    assert smallest >= 10
    boxes = phone.locator(".qm-table, .qm-flowchart")
    assert boxes.evaluate_all("boxes => boxes.every((b) => b.scrollWidth <= b.clientWidth + 1 || b.tabIndex === 0)")


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
    page.goto(address(base, "draft"))
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
    for gone in (".md-header", ".md-tabs", ".md-sidebar--primary", ".qm-pdf"):
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
