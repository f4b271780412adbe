"""Take the pictures of README and docs anew, from the demonstration: what they show is what the program does.

usage: pictures.py DEMO [FOLDER]   DEMO: the folder of `build.py demo`, built, or one that is not there yet and is made
                                   FOLDER: where the pictures go (docs/images)

Needs what the tests need: `build.py test --co -q` installs it, a Chromium stands on the path, and pdftoppm (Debian:
poppler-utils). Pages are drawn with the fonts of the machine (Noto Sans CJK, DejaVu Sans Mono), so another machine may
make other bytes of the same picture. The demonstration itself stays as it is: what is spoilt is spoilt in a copy.
"""

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from qmanual.demo.story import read_story

ROOT = Path(__file__).resolve().parent.parent
DAY = read_story().end.isoformat()
WIDTH = 1200  # of every picture but that of the sheet of paper, pixels
COLOURS = 256  # all that an indexed picture has

DARK = "body{margin:0;background:#1b1f27}pre{margin:0;padding:34px 38px;color:#d7dce5;white-space:pre-wrap;\
font:18px/1.66 'DejaVu Sans Mono','Noto Sans CJK SC',monospace}i{display:inline-block;width:2ch;font-style:normal;\
text-align:center}.bad{color:#ff7b72}.warn{color:#e3b341}.good{color:#7ee787}.quiet{color:#8b95a5}.name{color:#fff}"


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a page: `act` works on the page first; `height` is cut off below."""

    name: str
    page: str
    height: int
    act: Callable[[Page], None] = lambda page: None


def _choose_old_print(page: Page) -> None:
    site = Path(page.url.removeprefix("file://")).parent
    page.locator("input[type=file]").set_input_files(site / "pdf/archive/QP-8.7-01_A-2.pdf")
    page.locator(".qm-verdict").get_by_text("A/2").first.wait_for()


def _open_versions(page: Page) -> None:
    page.get_by_text("历次版本").first.click()
    page.evaluate("document.activeElement.blur()")


def _go_to_the_text(page: Page) -> None:
    page.get_by_role("heading", name="5.4 状态和查阅").first.evaluate("one => scrollTo(0, one.offsetTop - 70)")


def _go_to_the_chart(page: Page) -> None:
    page.locator(".qm-redline-said").first.evaluate(
        "one => scrollTo(0, one.getBoundingClientRect().top + scrollY - 120)"
    )


SHOTS = (
    Shot("page", "procedures/QP-8.7-01.html", 880, _open_versions),
    Shot("coming", "procedures/QP-8.6-01.html", 760),
    Shot("changes", "changes/QP-7.5-01_A-1-A-2.html", 880, _go_to_the_text),
    Shot("chart", "changes/QP-7.5-01_A-1-A-2.html", 1180, _go_to_the_chart),
    Shot("superseded", "archive/QP-8.7-01_A-2.html", 760),
    Shot("verify", "verify.html", 760, _choose_old_print),
)


# -- the demonstration and what is spoilt in it ----------------------------------------------------------------------


def _run(root: Path, *words: str, day: str = DAY) -> str:
    """What a command prints, as of the last day of the story or another."""
    place = os.pathsep.join([str(ROOT / "plugins"), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = (sys.executable, "-m", "qmanual", "--root", str(root), "--today", day, "--lang", "zh", *words)
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, env={**os.environ, "PYTHONPATH": place}
    )
    if done.returncode > 1 or not done.stdout:
        raise SystemExit(done.stderr)
    return done.stdout


def _spoilt(demo: Path, folder: Path) -> Path:
    """A copy in which somebody changed a released text, and others made slips in a draft."""
    root = folder / "演示"
    shutil.copytree(demo, root, ignore=shutil.ignore_patterns("dist"))
    for path, old, new in (
        ("procedures/QP-8.7-01.md", "15 min 内移入", "60 min 内移入"),
        ("instructions/WI-8.6-01.md", "effective:\n", "effective: 2026-11-31\n"),
        ("instructions/WI-8.6-01.md", "prepared:\n", "prepared: {by: 周敏, date: 2026-11-18}\n"),
        ("instructions/WI-8.6-01.md", "approved:\n", "approved: {by: 周敏, date: 2026-11-19}\n"),
        ("instructions/WI-8.6-01.md", "(WI-7.1-01.md)", "(WI-7.1-1.md)"),
    ):
        text = (root / path).read_text(encoding="utf-8")
        if old not in text:
            raise SystemExit(f"{path}: {old!r} is no longer there")
        (root / path).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return root


# -- a terminal ------------------------------------------------------------------------------------------------------

_STYLES = (
    (re.compile(r"^(\S+:\d+:\d+)(?=  \S+ QM\d{3}  )"), "name"),
    (re.compile(r"错误 QM\d{3}"), "bad"),
    (re.compile(r"(警告|提示) QM\d{3}"), "warn"),
    (re.compile(r"^\s+\| .*\^+$"), "warn"),
    (re.compile(r"^ +帮助：.*"), "good"),
    (re.compile(r"^ *✗.*"), "bad"),
    (re.compile(r"^ *✓"), "good"),
    (re.compile(r"^ *—.*|^\$"), "quiet"),
)


def _letters(text: str) -> str:
    """Chinese characters and signs take two columns, as in a terminal."""
    return "".join(
        f"<i>{html.escape(one)}</i>" if unicodedata.east_asian_width(one) in "WF" else html.escape(one) for one in text
    )


def _line(text: str) -> str:
    found = [(match.start(), match.end(), style) for form, style in _STYLES for match in form.finditer(text)]
    made, at = "", 0
    for start, end, style in sorted(found):
        if start >= at:
            made += f'{_letters(text[at:start])}<span class="{style}">{_letters(text[start:end])}</span>'
            at = end
    return made + _letters(text[at:])


def _terminal(browser: Browser, command: str, text: str, target: Path) -> None:
    lines = "\n".join(_line(one) for one in (f"$ {command}", *text.rstrip().split("\n")))
    tab = browser.new_page(viewport={"width": WIDTH, "height": 400})
    tab.set_content(f'<!doctype html><html lang="zh-CN"><style>{DARK}</style><body><pre>{lines}</pre>')
    _keep(tab.screenshot(full_page=True), target)
    tab.close()


# -- taking them -----------------------------------------------------------------------------------------------------


def _keep(data: bytes, target: Path) -> None:
    """Write a picture with few colours and nothing but its points."""
    picture = Image.open(BytesIO(data)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    print(f"{target.name}: {few.width} × {few.height}, {target.stat().st_size // 1024} KB")


def _pages(browser: Browser, site: Path, folder: Path) -> None:
    for shot in SHOTS:
        context = browser.new_context(viewport={"width": WIDTH, "height": shot.height}, locale="zh-CN")
        tab = context.new_page()
        tab.clock.set_fixed_time(f"{DAY}T09:00:00+08:00")
        tab.goto((site / shot.page).as_uri())
        shot.act(tab)
        tab.wait_for_timeout(400)  # a panel that opens is seen opened
        _keep(tab.screenshot(), folder / f"{shot.name}.png")
        context.close()


def _sheet(pdf: Path, target: Path, dots: int = 92, height: int = 0) -> None:
    """The first page of a PDF; `height`: how many pixels of it from above, 0: all."""
    words = ["pdftoppm", "-r", str(dots), "-f", "1", "-l", "1", "-png", "-singlefile", str(pdf)]
    words += ["-x", "0", "-y", "0", "-W", str(WIDTH), "-H", str(height)] if height else []
    _keep(subprocess.run(words, capture_output=True, check=True).stdout, target)


def _commands(browser: Browser, demo: Path, folder: Path) -> None:
    begin = f"python3 build.py --root 演示 --today {DAY}"
    with tempfile.TemporaryDirectory() as scratch:
        root = _spoilt(demo, Path(scratch))
        found = _run(root, "check", "QP-8.7-01", "WI-8.6-01")
        _terminal(browser, f"{begin} check QP-8.7-01 WI-8.6-01", found, folder / "finding.png")
        packet = Path(scratch) / "评审.html"
        _run(demo, "review-packet", "QP-8.2-01", "--to", str(packet))
        tab = browser.new_page(viewport={"width": WIDTH, "height": 880}, locale="zh-CN")
        tab.goto(packet.as_uri())
        _keep(tab.screenshot(), folder / "packet.png")
        tab.close()


_HANDED_OUT = (
    ("2025-12-03", "issue", "QP-8.7-01", "--all"),
    ("2026-06-02", "recall", "QP-8.7-01", "--number", "001", "--number", "002"),
    ("2026-06-02", "issue", "QP-8.7-01", "--all", "--file"),
    ("2026-06-10", "recall", "QP-8.7-01", "--number", "003", "--how", "lost", "--reason", "车间改造时遗失，已通告作废"),
)
"""What happened to the copies of a document, day by day: some of the old ones were not fetched."""


def _copies(browser: Browser, demo: Path, folder: Path) -> None:
    day = _HANDED_OUT[-1][0]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "演示"
        shutil.copytree(demo, root, ignore=shutil.ignore_patterns("dist"))
        for on, *words in _HANDED_OUT:
            _run(root, "copies", *words, "--as", "何雨桐", "--yes", day=on)
        _run(root, "copies", "sheet", day=day)
        _run(root, "site", day=day)
        handed = root / "dist/copies"
        _sheet(handed / "QP-8.7-01_A-4_007.pdf", folder / "copy.png", 145, 420)
        _sheet(handed / "recall.pdf", folder / "recall.png", 103)
        for name, page in (("copies", "procedures/QP-8.7-01.html"), ("copy-verify", "verify.html")):
            tab = browser.new_page(viewport={"width": WIDTH, "height": 800}, locale="zh-CN")
            tab.clock.set_fixed_time(f"{day}T09:00:00+08:00")
            tab.goto((root / "dist/site" / page).as_uri())
            if name == "copies":
                tab.locator(".qm-copies summary").click()
                tab.locator(".qm-copies").evaluate("one => scrollTo(0, one.offsetTop - 140)")
            else:
                tab.locator("input[type=file]").set_input_files(handed / "QP-8.7-01_A-3_005.pdf")
                tab.locator(".qm-verdict__digest").wait_for()
            tab.wait_for_timeout(400)
            _keep(tab.screenshot(), folder / f"{name}.png")
            tab.close()


def _packages(browser: Browser, demo: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        _run(demo, "package", "--for", "审核", "--out", scratch)
        _run(demo, "package", "--for", "江西工厂", "--changed-since", "2025-11", "--out", scratch)
        for name, made, words in (
            ("package", f"审核_{DAY}", "不合格"),
            ("package-changes", f"江西工厂_{DAY}_since-2025-11", ""),
        ):
            tab = browser.new_page(viewport={"width": WIDTH, "height": 700}, locale="zh-CN")
            tab.goto((Path(scratch) / made / "index.html").as_uri())
            if words:
                tab.locator("#pk-q").fill(words)
                tab.locator(".pk-hits li").first.wait_for()
            _keep(tab.screenshot(), folder / f"{name}.png")
            tab.close()


def main(demo: Path, folder: Path) -> None:
    if not demo.exists():
        _run(ROOT, "demo", str(demo))
    with sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        _pages(browser, demo / "dist/site", folder)
        _commands(browser, demo, folder)
        _copies(browser, demo, folder)
        _packages(browser, demo, folder)
        browser.close()
    _sheet(demo / "dist/pdf/QP-8.7-01_A-4.pdf", folder / "pdf.png")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]) if len(sys.argv) == 3 else ROOT / "docs/images")
