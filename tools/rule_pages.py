"""Prints docs/rules/ from the rules themselves: one page a family in each language, and an index.

usage: rule_pages.py [FOLDER]   write the pages into FOLDER (docs/rules), and take away pages that are no longer made

The text of a rule stands in its declaration alone (`checks`); `explain CODE` prints the same.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from qmanual.checks import RULES
from qmanual.checks.explain import FAMILIES, explain
from qmanual.checks.report import SEVERITY_NAMES
from qmanual.checks.rule import Rule
from qmanual.language import LANGUAGES, Language, Translator

DOCS = Path(__file__).resolve().parent.parent / "docs" / "rules"

_FENCE = re.compile(r"~~~~+")

_INDEX = {
    "zh": """\
# 规则

[English](../en/README.md)

`python3 build.py check` 用到的全部规则。每条规则的说明、错误示例和正确示例与 \
`python3 build.py explain QM304` 印出的相同；这些页面由 `tools/rule_pages.py` 从规则本身生成，请勿手工修改。

- 说明中的提示和做法按错误示例写出；实际的提示中换成各自的内容。
- 示例只写出要紧的部分，其余部分取自一份没有问题的小手册：文件头中写出的项目替换原有项目，冒号后为空的项目表示删去；\
正文以 `# ` 开头的替换整个正文，否则接在原正文之后。一行 `====` 隔开两个文件。
- 与时间有关的规则，示例先写过去：`release 2026-05 (2026-05-20)` 是当天的一次发布，`commit (2026-06-10)` 是\
当天的一次提交，其后是当时的文件（没有写出的与小手册相同）；`now` 之后是现在的文件。
- 严重程度可以在 [`mkdocs.yml`](../../settings.md#severity) 中改变；规则可以[关闭](../../settings.md#off)或对一份文件\
[豁免](../../tutorial.md#豁免)，两者都必须写明理由。
""",
    "en": """\
# Rules

[中文](../zh/README.md)

All rules of `python3 build.py check`. Each rule's text and examples are what `python3 build.py explain QM304` prints. \
These pages are made by `tools/rule_pages.py` from the rules themselves; do not edit them.

- What a rule says and advises is shown for its wrong example; a real message names what it is about.
- An example shows only what matters; the rest comes from a small sound manual. Keys of a header replace the sound \
ones, a key without a value takes it away. A body that begins with `# ` replaces the sound body, any other is added to \
it. A line `====` separates two files.
- Where a rule is about time, an example begins with the past: `release 2026-05 (2026-05-20)` is a release of that \
day, `commit (2026-06-10)` a commit, each followed by the files as they were then (those not shown as in the sound \
manual); after `now` come the files as they stand.
- Severities can be changed in [`mkdocs.yml`](../../settings.md#severity). A rule can be [switched \
off](../../settings.md#off) or [waived for one document](../../tutorial.md#豁免), both only with a reason.
""",
}
_COLUMNS = {"zh": ("编码", "规则", "严重程度", "ISO 9001"), "en": ("Code", "Rule", "Severity", "ISO 9001")}
_BACK = {"zh": "全部规则", "en": "All rules"}
_START = """\
# 规则 / Rules

- [中文](zh/README.md)
- [English](en/README.md)
"""


def pages() -> dict[str, str]:
    """Every page: its path inside docs/rules → its text."""
    made = {"README.md": _START}
    for language in LANGUAGES:
        say = Translator(language)
        made[f"{language}/README.md"] = _index(language, say)
        for family, rules in _families():
            made[f"{language}/{family}xx.md"] = _page(family, rules, language, say)
    return made


def _families() -> Iterator[tuple[str, list[Rule]]]:
    for family, rules in groupby(RULES, key=lambda rule: rule.code[:3]):
        yield family, list(rules)


def _index(language: Language, say: Translator) -> str:
    parts = [_INDEX[language]]
    for family, rules in _families():
        parts.append(f"## {family}xx {say(FAMILIES[family])}\n\n{_table(family, rules, language, say)}")
    return "\n".join(parts)


def _table(family: str, rules: list[Rule], language: Language, say: Translator) -> str:
    columns = _COLUMNS[language]
    rows = [columns, tuple("---" for _ in columns)]
    for rule in rules:
        code = f"[{rule.code}]({family}xx.md#{rule.code.lower()})"
        rows.append((code, say(rule.title), say(SEVERITY_NAMES[rule.severity]), rule.clause or "—"))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _page(family: str, rules: list[Rule], language: Language, say: Translator) -> str:
    head = f"# {family}xx {say(FAMILIES[family])}\n\n[{_BACK[language]}](README.md)\n"
    each = [f'<a id="{rule.code.lower()}"></a>\n\n{_lowered(explain(rule, say))}' for rule in rules]
    return "\n".join([head, *each]).rstrip("\n") + "\n"


def _lowered(text: str) -> str:
    """An explanation with its headings one level lower; what stands in an example stays as it is."""
    fence, lines = "", []
    for line in text.split("\n"):
        if not fence and line.startswith("#"):
            line = "#" + line
        if _FENCE.fullmatch(line):
            fence = "" if line == fence else fence or line
        lines.append(line)
    return "\n".join(lines)


def write(made: Mapping[str, str], folder: Path) -> None:
    """Write the pages, and take away those that are no longer made."""
    for path, text in made.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in made:
            old.unlink()


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    write(pages(), target)
    print(f"{target}: {len(pages())}")
