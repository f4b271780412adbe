"""Pictures of what leaves the house: numbered copies, packages, a seal, forms filled in."""

import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import pikepdf
from playwright.sync_api import Browser

from qmanual.demo.story import read_story
from qmanual.records.record import record_json, record_of
from qmanual.service.forms import form_text
from qmanual.service.loading import load
from qmanual.service.publication import publication
from tools.shooting import DAY, ROOT, WIDTH, keep, run, sheet

sys.path.insert(0, str(ROOT / "tests"))
from filled import fill_pdf
from seals import WORD, Office


def handed_out(browser: Browser, demo: Path, folder: Path) -> None:
    """All of them, out of the demonstration, into a folder."""
    _copies(browser, demo, folder)
    _packages(browser, demo, folder)
    _forms(browser, demo, folder)
    _sealed(demo, folder)


def _copies(browser: Browser, demo: Path, folder: Path) -> None:
    """On a day on which some copies of an older text were still out."""
    day = "2026-06-10"
    with tempfile.TemporaryDirectory() as scratch:
        root, handed = _of_one_day(demo, Path(scratch)), demo / "dist/copies"
        run(root, "copies", "sheet", day=day)
        run(root, "site", day=day)
        sheet(handed / "QP-8.7-01_A-4_007.pdf", folder / "copy.png", 145, 420)
        sheet(root / "dist/copies/recall.pdf", folder / "recall.png", 103)
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
            keep(tab.screenshot(), folder / f"{name}.png")
            tab.close()


def _of_one_day(demo: Path, scratch: Path) -> Path:
    """A copy of the demonstration to print and change something in."""
    root = scratch / "演示"
    shutil.copytree(demo, root, ignore=shutil.ignore_patterns("dist"))
    return root


def _sealed(demo: Path, folder: Path) -> None:
    """A print with a seal, whose certificate is made on the spot; the seal names the day on which it is set."""
    with tempfile.TemporaryDirectory() as scratch:
        root, key = _of_one_day(demo, Path(scratch)), Path(scratch) / "seal.p12"
        Office().seal().file(key)
        settings = root / "mkdocs.yml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(f"{text.rstrip()}\n      seal: {{key: {key}}}\n", encoding="utf-8")
        os.environ["QMANUAL_SEAL_PASSWORD"] = WORD
        run(root, "pdf", "--sign", "QP-7.5-01")
        del os.environ["QMANUAL_SEAL_PASSWORD"]
        sheet(root / "dist/pdf/QP-7.5-01_A-2.pdf", folder / "seal.png", 145, 760)


FILLED = {
    "处置单编号": "NCR-2026-118", "开单日期": "2026-11-18", "产品或物料名称": "工业开关电源", "型号规格": "CY-240-24",
    "物料编码": "30110245", "批号或工单号": "WO-2611-037", "数量": 12, "批量": 480, "发现环节": "成品检验",
    "发现工序或地点": "终检 2 号台", "发现人": "沈洁", "开单检验员": "沈洁", "缺陷代码": "E-07",
    "不合格描述": "输出端子松动，插拔 3 次后接触电阻超标", "标准要求": "不大于 10 mΩ", "实测结果": "5 只为 14～22 mΩ",
    "不合格级别": "批量", "存放位置": "不合格品区 B3", "隔离措施": ["红色标签", "移入不合格品区"],
    "影响范围": ["仅本批", "在制品"], "处置方式": "让步接收", "责任部门": "生产部",
}  # fmt: skip


def _forms(browser: Browser, demo: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        out, name = Path(scratch), "QR-8.7-01"
        run(demo, "forms", name, "--format", "all", "--out", scratch)
        form = form_text(publication(load(demo, read_story().end)), name).form
        with pikepdf.open(BytesIO(fill_pdf((out / f"{name}_A-2.pdf").read_bytes(), form, FILLED))) as typed:
            for field in typed.Root.AcroForm.Fields:  # what was typed is drawn by whoever shows it
                if str(field.get("/FT")) == "/Tx" and "/AP" in field:
                    del field.AP
            typed.save(out / "filled.pdf")
        sheet(out / "filled.pdf", folder / "form-pdf.png", 110, 920)
        record = record_json(record_of(form, {**FILLED, "数量": 0}))
        (out / "record.json").write_text(record, encoding="utf-8")
        tab = browser.new_page(viewport={"width": 1000, "height": 820}, locale="zh-CN")
        tab.goto((out / f"{name}_A-2.html").as_uri())
        tab.locator("#qm-file").set_input_files(out / "record.json")
        tab.locator("[data-do=check]").click()
        tab.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
        tab.wait_for_timeout(400)
        keep(tab.screenshot(), folder / "form-page.png")
        tab.close()


def _packages(browser: Browser, demo: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        run(demo, "package", "--for", "审核", "--out", scratch)
        run(demo, "package", "--for", "江西工厂", "--changed-since", "2025-11", "--out", scratch)
        for name, made, words in (
            ("package", f"审核_{DAY}", "不合格"),
            ("package-changes", f"江西工厂_{DAY}_since-2025-11", ""),
        ):
            tab = browser.new_page(viewport={"width": WIDTH, "height": 700}, locale="zh-CN")
            tab.goto((Path(scratch) / made / "index.html").as_uri())
            if words:
                tab.locator("#pk-q").fill(words)
                tab.locator(".pk-hits li").first.wait_for()
            keep(tab.screenshot(), folder / f"{name}.png")
            tab.close()
