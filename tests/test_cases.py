"""Manuals that say themselves what is wrong with them, and where.

A case is a folder in `cases/` that holds a whole small manual, or a `.txt` file in the form of `checks.example`, laid
over its sound manual. Where a finding is expected, the line ends with `<!-- expect: QM304 -->` or, in YAML,
`# expect: QM304`; several codes are separated by blanks. The expectations are taken out before the manual is read, and
must be met exactly: nothing missing, nothing more. A line `# profile: release` or `# today: 2026-12-01` at the
beginning of a `.txt` file, or in a file `case.txt` of a folder, sets what the check is run with.

`cases/harmless/` holds ways to write that somebody uses and that must raise nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from manuals import TODAY, check

from qmanual.checks.example import lay_over
from qmanual.checks.rule import DRAFT

CASES = Path(__file__).parent / "cases"

_CODES = r"(?: QM\d{3})+"
_EXPECT = re.compile(rf"[ \t]*(?:<!-- expect:(?P<text>{_CODES}) -->|# expect:(?P<yaml>{_CODES}))[ \t]*$", re.MULTILINE)
_SETTING = re.compile(r"# (?P<name>today|profile): *(?P<value>\S+)[ \t]*\n")

Place = tuple[str, int, str]


@dataclass(frozen=True)
class Case:
    """Files with their expectations, and what the check is run with."""

    files: Mapping[str, str]
    options: Mapping[str, str] = field(default_factory=dict)

    def findings(self) -> Counter[Place]:
        today = date.fromisoformat(self.options["today"]) if "today" in self.options else TODAY
        files = {path: _EXPECT.sub("", text) for path, text in self.files.items()}
        found = check(files, today=today, profile=self.options.get("profile", DRAFT))
        return Counter((finding.span.path, finding.span.line, finding.code) for finding in found)

    def expected(self) -> Counter[Place]:
        return Counter(place for path, text in self.files.items() for place in _expected(path, text))


def _expected(path: str, text: str) -> Iterator[Place]:
    for match in _EXPECT.finditer(text):
        for code in (match["text"] or match["yaml"]).split():
            yield path.partition(" !")[0], text.count("\n", 0, match.start()) + 1, code


def read_case(path: Path) -> Case:
    """The case in a folder, or in a file laid over the sound manual."""
    if path.is_dir():
        files = {file.relative_to(path).as_posix(): _text(file) for file in sorted(path.rglob("*")) if file.is_file()}
        return Case(files, _options(files.pop("case.txt", "")))
    text = _text(path)
    return Case(lay_over(_SETTING.sub("", text)), _options(text))


def _options(text: str) -> dict[str, str]:
    return {match["name"]: match["value"] for match in _SETTING.finditer(text)}


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")


def _listed(places: Counter[Place]) -> list[str]:
    return sorted(f"{path}:{line} {code}" for path, line, code in places.elements())


FOUND = sorted(path for path in CASES.iterdir() if path.name != "harmless" and (path.is_dir() or path.suffix == ".txt"))
HARMLESS = sorted((CASES / "harmless").iterdir())


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = read_case(path)
    found, expected = case.findings(), case.expected()
    unexpected, missed = _listed(found - expected), _listed(expected - found)
    assert (unexpected, missed) == ([], []), "(found but not expected, expected but not found)"
    assert expected, "a case expects something; harmless ones stand in cases/harmless"


@pytest.mark.parametrize("path", HARMLESS, ids=lambda path: path.stem)
def test_harmless(path: Path) -> None:
    case = read_case(path)
    assert case.expected() == Counter()
    assert _listed(case.findings()) == []


def test_there_are_thirty_harmless_ways() -> None:
    assert len(HARMLESS) >= 30
