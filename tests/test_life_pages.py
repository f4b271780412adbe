"""What the pages of a document tell of its life where two texts are to come, and where its draft was rejected."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from disk import Done, Repo
from test_life_reject import REFUSE, WHY, work
from test_life_release import next_revision, signed

from qmanual.checks.example import SOUND

Cli = Callable[..., Done]
PATH = "procedures/QP-7.5-01.md"
PAGE = "site/procedures/QP-7.5-01.html"


@pytest.fixture
def coming(tmp_path: Path) -> Repo:
    """A procedure in force, with a revision that begins in July and another that begins in September."""
    repo = Repo(tmp_path / "仓库")
    repo.commit(SOUND)
    repo.release("2026-05")
    text = next_revision("2026-06-02", "2026-07-01")
    repo.commit({PATH: text}, day="2026-06-02")
    repo.release("2026-06", day="2026-06-03")
    entry = "  - {revision: A/3, date: 2026-06-08, by: 李静, summary: 再改}\n"
    text = (
        signed(text, "2026-06-08")
        .replace("revision: A/2\n", "revision: A/3\n")
        .replace("changes:\n", f"changes:\n{entry}")
    )
    repo.commit({PATH: text.replace("2026-07-01", "2026-09-01").replace("发放", "发出")}, day="2026-06-08")
    repo.release("2026-07", day="2026-06-09")
    return repo


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_both_texts_to_come_are_announced(cli: Cli, coming: Repo, tmp_path: Path) -> None:
    done = cli("--out", str(tmp_path / "dist"), "site", root=coming.root, today="2026-06-15")
    assert done.code == 0, done.err
    site = tmp_path / "dist/site"
    text = plain((tmp_path / "dist" / PAGE).read_text("utf-8"))
    first, second = text.index("新版本 A/2 自 2026-07-01"), text.index("新版本 A/3 自 2026-09-01")
    assert first < second
    assert (site / "coming/QP-7.5-01_A-2.html").exists() and (site / "coming/QP-7.5-01_A-3.html").exists()
    assert (site / "changes/QP-7.5-01_A-2-A-3.html").exists(), "each is compared with the one before it"
    home = plain((site / "index.html").read_text("utf-8"))
    assert home.index("2026-07-01") < home.index("2026-09-01")
    done = cli("status", "QP-7.5-01", root=coming.root)
    assert [line.split("|")[1:4] for line in done.out.splitlines() if line.startswith("| A/")] == [
        [" A/3 ", " 已批准待生效 ", " 2026-09-01 "], [" A/2 ", " 已批准待生效 ", " 2026-07-01 "],
        [" A/1 ", " 现行有效 ", " 2026-06-01 "],
    ]  # fmt: skip
    row = next(line for line in cli("status", root=coming.root).out.splitlines() if "QP-7.5-01" in line)
    assert row.index("A/2，2026-07-01 起施行") < row.index("A/3，2026-09-01")


def test_a_rejected_draft_says_who_rejected_it_and_why(cli: Cli, tmp_path: Path) -> None:
    repo = work(cli, tmp_path / "仓库", SOUND)
    words = ("--yes", "approve", "QP-7.5-01", "--as", "李静", "--meaning", "prepared")
    assert cli(*words, root=repo.root).code == 0
    repo.commit({}, day="2026-06-15")
    assert cli(*REFUSE, root=repo.root).code == 0
    for draft, shown in (("--draft", True), ("", False)):
        out = tmp_path / (draft or "edition")
        done = cli("--out", str(out), "site", *filter(None, [draft]), root=repo.root)
        assert done.code == 0, done.err
        banner = plain((out / PAGE).read_text("utf-8"))
        assert (f"王强 于 2026-06-15 不同意这一正文：{WHY}" in banner) is shown
