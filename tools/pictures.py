"""Take the pictures of README and docs anew, from the demonstration: what they show is what the program does.

usage: pictures.py DEMO [FOLDER]   DEMO: the folder of `build.py demo`, built, or one that is not there yet and is made
                                   FOLDER: where the pictures go (docs/images)

Needs what the tests need: `build.py test --co -q` installs it, a Chromium stands on the path, and pdftoppm (Debian:
poppler-utils). Pages are drawn with the fonts of the machine (Noto Sans CJK, DejaVu Sans Mono), so another machine may
make other bytes of the same picture. The demonstration itself stays as it is: what is spoilt is spoilt in a copy.
"""

import html
import re
import shutil
import sys
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tools.handed_out import handed_out
from tools.looks import looks
from tools.shooting import DAY, ROOT, WIDTH, keep, run, sheet

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
    keep(tab.screenshot(full_page=True), target)
    tab.close()


# -- taking them -----------------------------------------------------------------------------------------------------


def _pages(browser: Browser, site: Path, folder: Path) -> None:
    for shot in SHOTS:
        context = browser.new_context(viewport={"width": WIDTH, "height": shot.height}, locale="zh-CN")
        tab = context.new_page()
        tab.clock.set_fixed_time(f"{DAY}T09:00:00+08:00")
        tab.goto((site / shot.page).as_uri())
        shot.act(tab)
        tab.wait_for_timeout(400)  # a panel that opens is seen opened
        keep(tab.screenshot(), folder / f"{shot.name}.png")
        context.close()


def _commands(browser: Browser, demo: Path, folder: Path) -> None:
    begin = f"python3 build.py --root 演示 --today {DAY}"
    with tempfile.TemporaryDirectory() as scratch:
        root = _spoilt(demo, Path(scratch))
        found = run(root, "check", "QP-8.7-01", "WI-8.6-01")
        _terminal(browser, f"{begin} check QP-8.7-01 WI-8.6-01", found, folder / "finding.png")
        packet = Path(scratch) / "评审.html"
        run(demo, "review-packet", "QP-8.2-01", "--to", str(packet))
        tab = browser.new_page(viewport={"width": WIDTH, "height": 880}, locale="zh-CN")
        tab.goto(packet.as_uri())
        keep(tab.screenshot(), folder / "packet.png")
        tab.close()


def main(demo: Path, folder: Path) -> None:
    if not demo.exists():
        run(ROOT, "demo", str(demo))
    with sync_playwright() as driver:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"])
        _pages(browser, demo / "dist/site", folder)
        _commands(browser, demo, folder)
        handed_out(browser, demo, folder)
        browser.close()
    looks(demo, folder)
    sheet(demo / "dist/pdf/QP-8.7-01_A-4.pdf", folder / "pdf.png")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]) if len(sys.argv) == 3 else ROOT / "docs/images")
