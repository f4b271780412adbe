"""What a release says of itself: the list of its documents, `releases/NAME.yml`, held against the texts beside it.

A list of thousands of rows is read line by line where all of them look as the program writes them; any other by YAML.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from qmanual.control.history import Facts, Mismatch, Odds
from qmanual.control.manifest import read_manifest
from qmanual.source import SourceFile

_VALUE = r'([^\s"\'\[\]{},#&*!|>%@`:?-][^"\'\[\]{},#:\n]*|"[^"\\\n]*")'
_DAY = r"(\d{4}-\d{2}-\d{2})"
_DATE = re.compile(rf"^date: {_DAY}$", re.MULTILINE | re.ASCII)
_ROWS = re.compile(r"^documents:(?: \[\])?\n", re.MULTILINE)
_ROW = re.compile(
    rf"  - {{id: {_VALUE}(?:, revision: {_VALUE})?, digest: ([0-9a-f]{{64}})(?:, effective: {_DAY})?"
    rf"(?:, withdrawn: {_DAY})?, path: {_VALUE}, change: [a-z]+(?:, approvals: {{[^#\n]*}})?}}",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Issued:
    """The list of a release: its blob (empty: there is none), its day, where it does not fit, the days it gives."""

    blob: str = ""
    dated: date | None = None
    mismatches: tuple[Mismatch, ...] = ()
    effective: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    revision: str
    digest: str
    effective: date | None
    line: int


def compared(blob: str, source: SourceFile | None, facts: Sequence[Facts]) -> Issued:
    """The list in a file, held against the facts of the texts beside it; None: it is no text."""
    found = _read(source) if source else None
    if found is None:
        return Issued(blob=blob, mismatches=(Mismatch(odds=Odds.UNREADABLE),))
    dated, rows = found
    open_ = {one.id for one in facts if one.effective is None}
    return Issued(
        blob=blob, dated=dated, mismatches=tuple(_mismatches(rows, facts)),
        effective={row.id: row.effective for row in rows if row.effective and row.id in open_},
    )  # fmt: skip


def _mismatches(rows: Iterable[_Row], facts: Sequence[Facts]) -> Iterator[Mismatch]:
    held = {one.id: one for one in reversed(facts)}
    listed = set()
    for row in rows:
        listed.add(row.id)
        text = held.get(row.id)
        if text is None:
            yield Mismatch(odds=Odds.NOT_HELD, id=row.id, line=row.line)
        elif text.revision != row.revision:
            yield Mismatch(odds=Odds.REVISION, id=row.id, line=row.line)
        elif text.digest != row.digest:
            yield Mismatch(odds=Odds.DIGEST, id=row.id, line=row.line)
    for number in sorted(held.keys() - listed):
        yield Mismatch(odds=Odds.NOT_LISTED, id=number)


def _read(source: SourceFile) -> tuple[date, list[_Row]] | None:
    """The day and the rows of a list; None when it cannot be read."""
    quick = _read_lines(source.text)
    if quick is not None:
        return quick
    manifest, _ = read_manifest(source)
    if manifest is None:
        return None
    rows = [_Row(row.id, row.revision, row.digest, row.effective, _line(source, row.id)) for row in manifest.documents]
    return manifest.on, rows


def _read_lines(text: str) -> tuple[date, list[_Row]] | None:
    """A list that is written as the program writes it; None when any line of it is not."""
    day, begin = _DATE.search(text), _ROWS.search(text)
    if day is None or begin is None or day.start() > begin.start() or "#" in text[: begin.start()]:
        return None
    first, rows, seen = text.count("\n", 0, begin.end()) + 1, [], set()
    for at, line in enumerate(text[begin.end() :].rstrip("\n").split("\n"), first):
        match = _ROW.fullmatch(line)
        if match is None:
            if line:
                return None
            continue
        try:
            effective = date.fromisoformat(match[4]) if match[4] else None
        except ValueError:
            return None
        rows.append(_Row(_plain(match[1]), _plain(match[2] or ""), match[3], effective, at))
        seen.add(rows[-1].id)
    try:
        return (date.fromisoformat(day[1]), rows) if len(seen) == len(rows) else None
    except ValueError:
        return None


def _plain(value: str) -> str:
    return value[1:-1] if value.startswith('"') else value.rstrip()


def _line(source: SourceFile, number: str) -> int:
    """The line in which a list names a number."""
    return next((at for at, line in enumerate(source.text.split("\n"), 1) if number in line), 1)
