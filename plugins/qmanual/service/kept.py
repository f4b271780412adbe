"""What is kept of a history between two runs: facts by the blobs they were read from, and the log up to a commit.

It only saves time. It is plain JSON behind its own digest; a file that is damaged, of another version of the program or
of other settings is as good as none, and commands that prove something do not read it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeAlias

from qmanual.control.history import Commit, Entry, Facts, Log, Signature, Step
from qmanual.model import Meaning
from qmanual.workspace import write_whole

FORM = 1
Row: TypeAlias = list[Any]


@dataclass
class Kept:
    """Facts by key, the keys of the documents that a commit holds, and the log. `fingerprint`: what they depend on."""

    places: tuple[Path, ...] = ()
    fingerprint: str = ""
    facts: dict[str, Facts] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    log: Log = field(default_factory=Log)
    changed: bool = False

    def save(self) -> None:
        """Write it into the first place that can be written; nowhere when none can."""
        if not self.changed:
            return
        body = json.dumps(_packed(self), separators=(",", ":")).encode()
        for place in self.places:
            try:
                write_whole(place, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            except OSError:
                continue
            self.changed = False
            return


def load_kept(places: tuple[Path, ...], fingerprint: str) -> Kept:
    """What was kept for just this fingerprint, from the first place that has something sound."""
    for place in places:
        try:
            sum_, _, body = place.read_bytes().partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != sum_:
                continue
            found = json.loads(body)
            if found["form"] == FORM and found["fingerprint"] == fingerprint:
                return Kept(places, fingerprint, *_unpacked(found))
        except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
            continue
    return Kept(places, fingerprint)


def _packed(kept: Kept) -> Mapping[str, object]:
    commits: dict[str, int] = {}
    rows: list[Row] = []
    steps: list[Row] = []
    for step in kept.log.steps:
        commit = step.commit
        if commit.name not in commits:
            commits[commit.name] = len(rows)
            moments = (*_moment(commit.time), *_moment(commit.written))
            rows.append([commit.name, list(commit.parents), *moments, commit.author])
        steps.append([commits[commit.name], step.status, step.path, step.blob, step.was])
    return {
        "form": FORM,
        "fingerprint": kept.fingerprint,
        "facts": {key: _facts_row(facts) for key, facts in kept.facts.items()},
        "held": kept.held,
        "head": kept.log.head,
        "commits": rows,
        "steps": steps,
    }


def _unpacked(found: Mapping[str, Any]) -> tuple[dict[str, Facts], dict[str, list[str]], Log]:
    commits = [
        Commit(name, tuple(parents), _time(seconds, zone), author, _time(written, there))
        for name, parents, seconds, zone, written, there, author in found["commits"]
    ]
    steps = tuple(Step(commits[at], status, path, blob, was) for at, status, path, blob, was in found["steps"])
    facts = {key: _facts(row) for key, row in found["facts"].items()}
    held = {commit: keys for commit, keys in found["held"].items() if all(key in facts for key in keys)}
    return facts, held, Log(head=found["head"], steps=steps)


def _moment(time: datetime) -> tuple[int, int]:
    zone = time.utcoffset() or timedelta()
    return int(time.timestamp()), int(zone.total_seconds())


def _time(seconds: int, zone: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone(timedelta(seconds=zone)))


def _facts_row(facts: Facts) -> Row:
    return [
        facts.id, facts.kind, facts.title, facts.path, facts.revision, facts.digest, _written(facts.effective),
        [[one.meaning.value, one.by, _written(one.on)] for one in facts.signatures],
        [[one.revision, _written(one.on), one.by, one.summary] for one in facts.changes],
        facts.withdrawn, _written(facts.withdrawn_on), facts.replaced_by,
    ]  # fmt: skip


def _facts(row: Row) -> Facts:
    number, kind, title, path, revision, digest, effective, signatures, changes, withdrawn, withdrawn_on, by = row
    return Facts(
        id=number, kind=kind, title=title, path=path, revision=revision, digest=digest, effective=_day(effective),
        signatures=tuple(Signature(meaning=Meaning(what), by=who, on=_day(on)) for what, who, on in signatures),
        changes=tuple(Entry(revision=rev, on=_day(on), by=who, summary=said) for rev, on, who, said in changes),
        withdrawn=withdrawn, withdrawn_on=_day(withdrawn_on), replaced_by=by,
    )  # fmt: skip


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
