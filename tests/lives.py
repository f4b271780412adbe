"""A manual with a life, made from the sample: superseded, coming, new, withdrawn and lost documents, and drafts."""

import re
import shutil
from datetime import date
from pathlib import Path

from disk import ROOT, Repo

TODAY = date(2026, 11, 23)
CHANGED, COMING, WITHDRAWN, LOST = "QP-8.4-01", "QR-6.1-01", "QR-4.1-01", "QR-7.1-04"
"""A procedure with two superseded texts and one to come; a form that is new and still to come; one that was withdrawn;
one whose file was deleted."""
DRAFT = "QP-8.7-01"
SECRET = "独角兽"
"""Stands in the work tree alone: in a draft, in a new document, in the company's name, in a picture."""


def picture(word: str) -> str:
    """A drawing that says a word."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60"><text x="9" y="40">{word}</text></svg>'


def live(root: Path) -> Repo:
    """The repository: four releases from 2024 to November 2026."""
    repo = Repo(root)
    for name in ("manual", "procedures", "instructions", "forms"):
        shutil.copytree(ROOT / name, root / name)
    (root / "mkdocs.yml").write_text("site_name: 质量管理体系文件\nplugins: [qmanual]\n", encoding="utf-8")
    path = f"procedures/{CHANGED}.md"
    text = (root / path).read_text(encoding="utf-8") + "\n## 附图\n\n![供方流程](pic.svg)\n"
    form = (root / f"forms/{COMING}.md").read_text(encoding="utf-8")
    (root / f"forms/{COMING}.md").unlink()
    chapter = (root / "manual/05-领导作用.md").read_text(encoding="utf-8")
    index = (root / "manual/index.md").read_text(encoding="utf-8")
    first = {path: _as(text, "A/0", "2024-04-01", "原来的说法"), "procedures/pic.svg": picture("旧图"),
             "manual/index.md": _as(index, "A/1", "2024-04-01"),
             "manual/05-领导作用.md": chapter.replace("质量方针", "品质方针")}  # fmt: skip
    repo.commit(first, "2024-03-25")
    repo.release("2024-03", "2024-03-26")
    repo.commit({path: _as(text, "A/1", "2025-04-01", "中间的说法")}, "2025-03-22")
    repo.release("2025-03", "2025-03-25")
    repo.commit({path: text, "procedures/pic.svg": picture("新图"), "manual/index.md": index,
                 "manual/05-领导作用.md": chapter}, "2026-05-08")  # fmt: skip
    repo.release("2026-05", "2026-05-09")
    gone = (root / f"forms/{WITHDRAWN}.md").read_text(encoding="utf-8")
    act = f"{{date: 2026-11-01, by: 周敏, reason: 合并使用, replaced_by: {CHANGED}}}"
    (root / f"forms/{LOST}.md").unlink()
    repo.commit({f"forms/{WITHDRAWN}.md": gone.replace("---\n", f"---\nwithdrawn: {act}\n", 1),
                 f"forms/{COMING}.md": _as(form, "A/2", "2027-01-01"),
                 path: _as(text, "A/3", "2027-01-01", "将来的说法")}, "2026-10-30")  # fmt: skip
    repo.release("2026-11", "2026-11-01")
    return repo


def scribble(root: Path) -> None:
    """Write into the work tree what nobody outside may see."""
    draft = root / f"procedures/{DRAFT}.md"
    text = draft.read_text(encoding="utf-8")
    draft.write_text(text.replace("## 1 ", f"![](unicorn.svg)\n\n{SECRET}\n\n## 1 ", 1), encoding="utf-8")
    (root / "procedures/QP-6.6-01.md").write_text(text.replace(DRAFT, "QP-6.6-01"), encoding="utf-8")
    (root / "procedures/unicorn.svg").write_text(picture(SECRET), encoding="utf-8")
    (root / "procedures/pic.svg").write_text(picture(SECRET), encoding="utf-8")
    company = root / "manual/organization.yml"
    company.write_text(company.read_text(encoding="utf-8").replace("澄屿", SECRET), encoding="utf-8")


def _as(text: str, revision: str, effective: str, words: str = "") -> str:
    text = re.sub(r"^revision: .*$", f"revision: {revision}", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^effective: .*$", f"effective: {effective}", text, count=1, flags=re.MULTILINE)
    return text + (f"\n{words}。\n" if words else "")
