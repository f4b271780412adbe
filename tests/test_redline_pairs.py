"""The promise of the redline: without `<del>` it is the new text, without `<ins>` the old, and nothing differs unseen.

Held against real Markdown (the sample manual, the project's own documents) that is mutated as people and attackers do,
and against what Hypothesis thinks of.
"""

import random
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redlines import made

from qmanual.render.markdown import CannotRender

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("procedures", "manual", "forms", "instructions", "docs")
PAIRS, CHUNK = 500, 50
ODD = (
    "\u200b", "\u202e", "\u0435", "\uff10", "\u00a0", "\u3000", "—", "**", "`", "[x](y.md)", " ", "\n\n", "\n", "|",
    "* ", "# ", "> ", "&", "<b>", "<del>x</del>", "<ins>", "</ins>", "<br>", "1. ", "□", "____", "\x01", "e\u0301",
    "{: .x style='display:none'}", "![p](i.png)", "<svg>", "<!-- x -->", "<div hidden>", "[^1]",
)  # fmt: skip


def texts() -> list[tuple[Path, str]]:
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.md"))]
    return [(path, _body(path.read_text(encoding="utf-8"))) for path in files]


def _body(text: str) -> str:
    return text.split("---\n", 2)[2] if text.startswith("---\n") else text


TEXTS = texts()


def mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 6)):
        lines = text.split("\n")
        _mutate(lines, chance.randrange(len(lines)), chance)
        text = "\n".join(lines) or "x"
    return text


def _mutate(lines: list[str], at: int, chance: random.Random) -> None:
    line = lines[at]
    place = chance.randrange(len(line) + 1)
    match chance.randrange(11):
        case 0:
            del lines[at]
        case 1:
            lines.insert(chance.randrange(len(lines) + 1), line)
        case 2:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3 | 4:
            lines[at] = line[:place] + chance.choice(ODD) + line[place:]
        case 5:
            lines[at] = line[:place] + line[place + chance.randint(1, 12) :]
        case 6:
            lines[at] = "    " + line
        case 7:
            lines[at] = chance.choice(("# ", "## ", "- ", "1. ", "> ", "")) + line.lstrip("#->1. ")
        case 8:
            taken = lines[at : at + chance.randint(1, 12)]
            del lines[at : at + len(taken)]
            place = chance.randrange(len(lines) + 1)
            lines[place:place] = taken
        case 9:
            _without_column(lines, at, chance.randint(1, 4))
        case _:
            strange = chance.choice(TEXTS)[1].split("\n")
            start = chance.randrange(len(strange))
            lines[at:at] = strange[start : start + chance.randint(1, 15)]


def _without_column(lines: list[str], at: int, column: int) -> None:
    """Take one column out of the table around a line."""
    while at > 0 and lines[at - 1].startswith("|"):
        at -= 1
    while at < len(lines) and lines[at].startswith("|"):
        cells = lines[at].split("|")
        if len(cells) > column + 2:
            del cells[column]
        lines[at] = "|".join(cells)
        at += 1


@pytest.mark.parametrize("start", range(0, PAIRS, CHUNK))
def test_old_and_new_can_be_read_from_real_pairs(start: int) -> None:
    chance = random.Random(start)
    for number in range(start, start + CHUNK):
        path, text = TEXTS[number % len(TEXTS)]
        old = text if number % 5 else mutated(text, chance)
        new = mutated(text, chance) if number % 11 else chance.choice(TEXTS)[1]
        try:
            redline = made(old, new, form=path.parent.name == "forms")
        except CannotRender:
            continue
        assert redline.holds(), f"pair {number} of {path.name}"
        ElementTree.fromstring(f"<div>{redline.html}</div>")


LINE = st.text(alphabet="甲乙质量部a1 。，|*#->_`[]()!<>&\u200b\u202e\u3000\n", max_size=30)
MARKDOWN = st.lists(
    st.one_of(
        LINE,
        st.sampled_from((
            "# 标题", "- 甲", "  - 乙", "1. 丙", "| 甲 | 乙 |", "|---|---|", "| 1 | |", "> 注", "```", "**粗**", "",
            "[链](a.md)", "[链](b.md)", "<b>", "</b>", "<del>甲</del>", "____年__月__日", "□甲 □乙",
        )),
    ),
    max_size=14,
).map("\n".join)  # fmt: skip


@given(old=MARKDOWN, new=MARKDOWN, form=st.booleans())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_old_and_new_can_be_read_from_any_pair(old: str, new: str, form: bool) -> None:
    try:
        redline = made(old, new, form=form)
    except CannotRender:
        return
    assert redline.holds()


HEAD = "| 号 | 名 |\n|---|---|\n"
ROWS = range(1500)
WORST = {
    "same rows": (HEAD + "| 1 | 甲 |\n" * 3000, HEAD + "| 1 | 甲 |\n" * 3001),
    "other rows": (HEAD + "| 1 | 甲 |\n" * 3000, HEAD + "| 2 | 乙 |\n" * 3000),
    "all rows changed": (
        HEAD + "".join(f"| {at} | 项目{at % 37} |\n" for at in ROWS),
        HEAD + "".join(f"| {at} | 项{at % 41} |\n" for at in ROWS),
    ),
    "one huge paragraph": ("".join(chr(0x4E00 + at * 7919 % 997) for at in range(34_000)), "记录" * 17_000),
    "edited huge paragraph": ("质量部负责审核文件。" * 3000, "质量部负责审核文件。" * 1500 + "质检部负责批准。" * 1500),
    "two characters": ("甲乙" * 15_000, "甲甲乙乙" * 7_500),
    "short repetitions": (
        "\n\n".join(f"{at}" + "甲乙" * 110 for at in range(200)),
        "\n\n".join(f"{at}" + "甲甲乙乙" * 55 for at in range(200)),
    ),
}


@pytest.mark.parametrize("name", WORST)
def test_no_pair_takes_for_ever(name: str) -> None:
    started = time.process_time()
    redline = made(*WORST[name])
    assert time.process_time() - started < 20
    assert redline.holds()


def test_two_hundred_pages_with_scattered_edits_are_quick() -> None:
    long = "\n\n".join(f"# {part}\n\n{text}" for part in range(3) for path, text in TEXTS if path.parent.name != "docs")
    lines = long.split("\n")
    chance = random.Random(7)
    for at in chance.sample(range(len(lines)), 300):
        if lines[at] and not lines[at].startswith(("|--", "```")):
            lines[at] = lines[at][:-1] + "，另有规定"
    assert len(long) > 240_000
    started = time.process_time()
    redline = made(long, "\n".join(lines))
    assert time.process_time() - started < 15  # 5 s of a machine that does nothing else, rendering both included
    assert redline.holds()
