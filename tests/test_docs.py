"""The documents of the project say what is true: links lead somewhere, commands exist, examples hold."""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from manuals import check

from qmanual.checks import BY_CODE
from qmanual.checks.example import lay_over
from qmanual.checks.report import SEVERITY_NAMES
from qmanual.checks.rule import DRAFT, RELEASE
from qmanual.cli.shell import qmanual
from qmanual.language import Translator
from qmanual.parse.header import KEYS
from qmanual.parse.settings import NAMES
from tools import rule_pages

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
SETTINGS, TUTORIAL, FORMS = DOCS / "settings.md", DOCS / "tutorial.md", DOCS / "forms.md"
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())

_FENCE = re.compile(r"(?ms)^[ \t]*(?P<mark>`{3,}|~{3,})(?P<info>[^\n]*)\n(?P<text>.*?)^[ \t]*(?P=mark)[ \t]*$")
_FILE = re.compile(r"(?ms)<!-- file: (?P<path>.+?) -->\n(?P<mark>`{3,})[^\n]*\n(?P<text>.*?)^(?P=mark)$")
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"!?\[[^\]\n]*\]\((?P<target>[^)\s]+)\)|<(?:img|a)\b[^>]*?(?:src|href)=\"(?P<html>[^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(?P<text>[^\n]+)$", re.MULTILINE)
_COMMAND = re.compile(r"(?:python3? )?build\.py(?P<words>[^`\n#|]*)")
_FINDING = re.compile(r"^\S+:\d+:\d+  (?P<severity>\S+) (?P<code>QM\d{3})  (?P<message>[^\n]+)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A file shown on a page: `<!-- file: PATH -->` before a fenced block. ` =` after the path: the whole file."""

    path: str
    text: str

    @property
    def shown(self) -> str:
        return f"{self.path}\n{self.text}"


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def examples(page: Path) -> list[Example]:
    return [Example(match["path"], match["text"]) for match in _FILE.finditer(read(page))]


def targets(page: Path) -> Iterator[str]:
    prose = _CODE.sub("", _FENCE.sub("", read(page)))
    return (match["target"] or match["html"] for match in _LINK.finditer(prose))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, made as code hosts make them, and those written as `<a id>`."""
    text = _FENCE.sub("", read(page))
    headings = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match["text"]) for match in _HEADING.finditer(text))
    made = {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r"<a id=\"([^\"]+)\">", text))


def commands(page: Path) -> list[str]:
    text = read(page)
    shown = [match["text"] for match in _FENCE.finditer(text) if match["info"].strip() in ("sh", "console")]
    inline = _CODE.findall(_FENCE.sub("", text))
    return [match["words"].strip() for part in (*shown, *inline) for match in _COMMAND.finditer(part)]


def test_rule_pages_are_up_to_date() -> None:
    made = rule_pages.pages()
    written = {path.relative_to(DOCS / "rules").as_posix(): read(path) for path in (DOCS / "rules").rglob("*.md")}
    assert sorted(written) == sorted(made)
    assert [path for path in made if made[path] != written[path]] == [], "run: tools/rule_pages.py"


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for target in targets(page):
        path, _, anchor = unquote(target).partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        place = (page.parent / path).resolve() if path else page
        known = place.exists() and place.is_relative_to(ROOT)
        if not known or (anchor and anchor not in anchors(place)):
            lost.append(target)
    assert lost == []


@each_page
def test_commands_exist(page: Path) -> None:
    for words in commands(page):
        accept(shlex.split(words))


def accept(words: list[str]) -> None:
    """Let the command line read these words without doing anything; raises click's errors."""
    if words[:1] == ["test"]:
        return  # build.py itself: the rest is pytest's
    group = click.Context(qmanual, info_name="build.py")
    options, rest, _ = qmanual.make_parser(group).parse_args(list(words))
    if rest and "help" not in options:
        command = qmanual.get_command(group, rest[0])
        assert command is not None, f"no command {rest[0]}"
        with suppress(click.exceptions.Exit):  # --help
            command.make_context(rest[0], rest[1:], parent=group)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.en.md"], ids=lambda page: page.name)
def test_every_command_is_in_the_readme(page: Path) -> None:
    shown = {words.partition(" ")[0] for words in commands(page)}
    assert {"", "test", *qmanual.commands} <= shown


def test_every_key_of_a_header_is_in_the_tutorial() -> None:
    text = read(TUTORIAL)
    assert [key for key, others in KEYS.items() if f"`{key}`" not in text or others[0] not in text] == []


def test_every_setting_is_described() -> None:
    described = re.findall(r"^### `(\w+)`$", read(SETTINGS), re.MULTILINE)
    assert sorted(described) == sorted(set(NAMES.values()))


def test_every_setting_has_an_example() -> None:
    shown = "\n".join(example.text for example in examples(SETTINGS) if example.path == "mkdocs.yml")
    assert [name for name in NAMES if not re.search(rf"^      {name}:", shown, re.MULTILINE)] == []


@pytest.mark.parametrize("example", examples(SETTINGS), ids=lambda example: example.path)
def test_settings_are_read_without_a_fault(example: Example) -> None:
    others = [one for one in examples(SETTINGS) if "standard_files" in one.text or one.path.startswith("standards/")]
    shown = others if example in others else [example]
    files = lay_over("\n====\n".join(one.shown for one in shown))
    moved = {"QM913"}  # the example names a folder into which the sound manual's data were not moved
    assert [one for one in check(files) if one.code.startswith("QM9") and one.code not in moved] == []


@pytest.mark.parametrize("profile", [DRAFT, RELEASE])
def test_examples_have_no_finding(profile: str) -> None:
    shown = examples(FORMS)
    assert shown
    files = lay_over("\n====\n".join(example.shown for example in shown))
    found = check(files, profile=profile)
    assert [f"{one.span.path}:{one.span.line} {one.code} {dict(one.details)}" for one in found] == []


@pytest.mark.parametrize("profile", [DRAFT, RELEASE])
def test_the_tutorial_works_in_the_sample(profile: str) -> None:
    shown = {example.path: example.text for example in examples(TUTORIAL)}
    sample = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("manual", "procedures", "instructions", "forms")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".md", ".yml")
    }
    assert shown
    assert not shown.keys() & sample.keys(), "the tutorial says that these files are new"
    files = {"mkdocs.yml": read(ROOT / "mkdocs.yml"), **sample, **shown}
    found = check(files, today=date(2026, 11, 23), profile=profile)
    assert [f"{one.span.path}:{one.span.line} {one.code} {dict(one.details)}" for one in found] == []


@each_page
def test_shown_findings_are_worded_as_they_are(page: Path) -> None:
    for match in _FINDING.finditer(read(page)):
        say = Translator("zh" if re.search(r"[\u4e00-\u9fff]", match["severity"]) else "en")
        assert match["severity"] in {say(name) for name in SEVERITY_NAMES.values()}
        wording = re.sub(r"\\\{\w+\\\}", ".+", re.escape(say(BY_CODE[match["code"]].message)))
        assert re.match(wording, match["message"]), f"{match['code']} says: {say(BY_CODE[match['code']].message)}"


@each_page
def test_shown_sources_are_the_real_ones(page: Path) -> None:
    shown = re.findall(r"(?ms)^<!-- source: (\S+) -->\n```python\n(.*?)^```$", read(page))
    assert [path for path, text in shown if text not in read(ROOT / path)] == []


def test_contributing_names_files_that_exist() -> None:
    named = re.findall(r"`((?:plugins|tests|tools|docs|benchmarks)/[\w./-]+)`", read(ROOT / "CONTRIBUTING.md"))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
