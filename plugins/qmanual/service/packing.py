"""What is kept of a history as JSON and back. What stands in many places, such as a signature, is written once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, TypeAlias

from qmanual.control.edits import Reading
from qmanual.control.history import Entry, Facts, Mismatch, Odds, Signature
from qmanual.control.issued import Issued
from qmanual.control.log import Commit, Log, Step
from qmanual.model import Meaning

Row: TypeAlias = list[Any]
Packed: TypeAlias = dict[str, Any]


def pack_facts(facts: Mapping[str, Facts], held: Mapping[str, list[str]], issued: Mapping[str, Issued]) -> Packed:
    """The facts that some commit holds, and which; the lists of the releases."""
    keys = {key: at for at, key in enumerate(dict.fromkeys(key for each in held.values() for key in each))}
    signatures: dict[Signature, int] = {}
    entries: dict[Entry, int] = {}
    rows = [[key, *_facts_row(facts[key], signatures, entries)] for key in keys]
    return {
        "signatures": [_signature_row(one) for one in signatures],
        "entries": [[one.revision, _written(one.on), one.by, one.summary] for one in entries],
        "facts": rows,
        "held": {commit: [keys[key] for key in each] for commit, each in held.items()},
        "issued": {name: _issued_row(one) for name, one in issued.items()},
    }


def _facts_row(facts: Facts, signatures: dict[Signature, int], entries: dict[Entry, int]) -> Row:
    return [
        facts.id, facts.kind, facts.title, facts.path, facts.revision, facts.digest, facts.substance,
        _written(facts.effective),
        [signatures.setdefault(one, len(signatures)) for one in facts.signatures],
        [entries.setdefault(one, len(entries)) for one in facts.changes],
        facts.withdrawn, _written(facts.withdrawn_on), facts.replaced_by,
    ]  # fmt: skip


def unpack_facts(found: Packed) -> tuple[dict[str, Facts], dict[str, list[str]], dict[str, Issued]]:
    """The inverse of `pack_facts`."""
    signatures = [_signature(row) for row in found["signatures"]]
    entries = [Entry(revision=rev, on=_day(on), by=who, summary=said) for rev, on, who, said in found["entries"]]
    facts = {
        key: Facts(
            id=number, kind=kind, title=title, path=path, revision=revision, digest=digest, substance=substance,
            effective=_day(effective), signatures=tuple([signatures[at] for at in signed]),
            changes=tuple([entries[at] for at in changes]), withdrawn=withdrawn, withdrawn_on=_day(withdrawn_on),
            replaced_by=by,
        )
        for key, number, kind, title, path, revision, digest, substance, effective, signed, changes, withdrawn,
            withdrawn_on, by in found["facts"]
    }  # fmt: skip
    keys = list(facts)
    held = {commit: [keys[at] for at in each] for commit, each in found["held"].items()}
    return facts, held, {name: _issued(row) for name, row in found["issued"].items()}


def _issued_row(one: Issued) -> Row:
    days = {number: day.isoformat() for number, day in one.effective.items()}
    return [one.blob, _written(one.dated), [[it.odds.value, it.id, it.line] for it in one.mismatches], days]


def _issued(row: Row) -> Issued:
    blob, dated, rows, days = row
    wrong = tuple([Mismatch(odds=Odds(odds), id=number, line=line) for odds, number, line in rows])
    effective = {number: date.fromisoformat(day) for number, day in days.items()}
    return Issued(blob, _day(dated), wrong, effective)


def pack_log(log: Log, readings: Mapping[str, Reading]) -> Packed:
    """The commits and what they did, and versions of files by path and blob."""
    commits: dict[Commit, int] = {}
    signatures: dict[Signature, int] = {}
    versions = {
        key: [one.content, *(signatures.setdefault(each, len(signatures)) for each in one.signatures)]
        for key, one in readings.items()
    }
    steps = [
        [commits.setdefault(one.commit, len(commits)), one.status, one.path, one.blob, one.was] for one in log.steps
    ]
    return {
        "head": log.head,
        "commits": [_commit_row(one) for one in commits],
        "steps": steps,
        "signatures": [_signature_row(one) for one in signatures],
        "readings": versions,
    }


def _commit_row(commit: Commit) -> Row:
    times = (commit.time, commit.written, commit.before)
    return [commit.name, list(commit.parents), commit.author, *(part for time in times for part in _moment(time))]


def unpack_log(found: Packed) -> tuple[Log, dict[str, Reading]]:
    """The inverse of `pack_log`."""
    commits = [
        Commit(name, tuple(parents), _time(seconds, zone), author, _time(written, there),
               None if before is None else _time(before, then))
        for name, parents, author, seconds, zone, written, there, before, then in found["commits"]
    ]  # fmt: skip
    steps = tuple([Step(commits[at], status, path, blob, was) for at, status, path, blob, was in found["steps"]])
    signatures = [_signature(row) for row in found["signatures"]]
    readings = {
        key: Reading(content, tuple([signatures[at] for at in signed]))
        for key, (content, *signed) in found["readings"].items()
    }
    return Log(head=found["head"], steps=steps), readings


def _moment(time: datetime | None) -> tuple[int | None, int]:
    if time is None:
        return None, 0
    zone = time.utcoffset() or timedelta()
    return int(time.timestamp()), int(zone.total_seconds())


def _time(seconds: int, zone: int) -> datetime:
    return _start(zone) + timedelta(seconds=seconds + zone)


@lru_cache(256)
def _start(zone: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=timezone(timedelta(seconds=zone)))


def _signature_row(one: Signature) -> Row:
    return [one.meaning.value, one.by, _written(one.on)]


def _signature(row: Row) -> Signature:
    what, who, on = row
    return Signature(meaning=_MEANINGS[what], by=who, on=_day(on))


_MEANINGS = {meaning.value: meaning for meaning in Meaning}


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


@lru_cache(4096)
def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
