"""Examples with a past: what was released and committed before, in plain text and without git.

A part that begins with `release NAME (DAY)` is a release of that day: its files are those of the sound manual, with the
files that follow laid over them. `commit (DAY)` is a commit without a release. The parts stand in the order in which
they came to be; `now` begins the files as they stand, which are otherwise those of the last part. A release may be set
as none should be: `release 2026-05 (2026-05-20; lightweight)`, `off main`, `moved`, `named 2026-04`, `broken`;
`sparse`: a sparse checkout leaves out what it holds and the files as they stand lack.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise

from qmanual.checks.example import SOUND, TODAY, lay_over, tree_of
from qmanual.checks.rule import DRAFT, Inputs
from qmanual.control.copies import PATH as COPIES
from qmanual.control.edits import last_edits
from qmanual.control.history import Facts, Gap, History, Release, facts_of
from qmanual.control.issued import compared
from qmanual.control.log import Commit, Log, Step
from qmanual.control.manifest import path_of
from qmanual.control.texts import doubles_of, texts_of
from qmanual.fonts import drawable
from qmanual.manual import read_register
from qmanual.register import Register
from qmanual.source import SourceFile

_BEGIN = re.compile(r"^(?:release (?P<name>\S+) )?(?:commit )?\((?P<day>\d{4}-\d{2}-\d{2})(?:; (?P<how>[^)]*))?\)$")
_NOW = "now"
_ZONE = timezone(timedelta(hours=8))


@dataclass
class _Past:
    """A commit, and the release that it is, if it is one."""

    name: str
    day: date
    how: str
    parts: list[str] = field(default_factory=list)

    @property
    def files(self) -> Mapping[str, str]:
        return lay_over("====\n".join(self.parts)) if self.parts else SOUND


def inputs_of(example: str, profile: str = DRAFT, today: date = TODAY) -> Inputs:
    """What the rules are given for an example: its files as they stand, and its past."""
    past, parts = _parts(example)
    files = lay_over("====\n".join(parts)) if parts else past[-1].files if past else SOUND
    register = read_register(tree_of(files))
    log = _log(past, register)
    gap = Gap.NO_TAGS if register.tree.manifests and not any(one.name for one in past) else None
    sparse = (path for one in past if one.how == "sparse" for path in one.files if path not in files)
    history = replace(_history(past), gap=gap, absent=frozenset(sparse)).until(today)
    ledgers = tuple(SourceFile(COPIES, one.files[COPIES]) for one in past if COPIES in one.files)
    return Inputs(register=register, today=today, profile=profile, drawable=drawable, history=history,
                  log=log if history.releases else Log(), ledgers=ledgers)  # fmt: skip


def _parts(example: str) -> tuple[list[_Past], list[str]]:
    """The past, oldest first, and the parts that tell how the files stand."""
    past: list[_Past] = []
    now: list[str] = []
    into = now
    for part in re.split(r"^====\n", example.strip("\n") + "\n", flags=re.MULTILINE):
        first, _, rest = part.partition("\n")
        if match := _BEGIN.match(first):
            past.append(_Past(match["name"] or "", date.fromisoformat(match["day"]), match["how"] or ""))
            into = past[-1].parts
        elif first == _NOW:
            into = now
            rest = rest or "mkdocs.yml =\n" + SOUND["mkdocs.yml"]
        else:
            rest = part
        if rest:
            into.append(rest)
    return past, now


# -- what git would know ---------------------------------------------------------------------------------------------


def _commits(past: Sequence[_Past]) -> list[Commit]:
    found: list[Commit] = []
    for at, one in enumerate(past):
        moment = datetime.combine(one.day, time(9, at % 60), _ZONE)
        before = found[-1] if found else None
        found.append(Commit(_name(at), (before.name,) if before else (), moment, "李静", moment,
                            before.time if before else None))  # fmt: skip
    return found


def _name(at: int) -> str:
    return hashlib.sha1(b"%d" % at, usedforsecurity=False).hexdigest()


def _history(past: Sequence[_Past]) -> History:
    held: list[tuple[Facts, ...]] = []
    releases: list[Release] = []
    for one, commit in zip(past, _commits(past), strict=True):
        if one.name and one.how != "broken":
            facts = tuple(facts_of(document) for document in read_register(tree_of(one.files)).documents)
            held.append(facts)
            releases.append(_release(one, commit, facts))
    order = sorted(range(len(releases)), key=lambda at: releases[at].time)
    follows = [True, *(earlier < later for earlier, later in pairwise(order))]
    return History(
        releases=tuple(replace(releases[at], follows=one) for at, one in zip(order, follows, strict=False)),
        documents=texts_of([held[at] for at in order]),
        broken=tuple(one.name for one in past if one.how == "broken"),
        doubles={releases[at].name: found for at in order if (found := doubles_of(held[at]))},
    )


def _release(one: _Past, commit: Commit, facts: Sequence[Facts]) -> Release:
    """The release. A list that names no document stands for one that names all as they are."""
    path = path_of(one.name)
    text = one.files.get(path)
    issued = compared(_blob(text), SourceFile(path, text), facts) if text else None
    return Release(
        name=one.name,
        commit="f" * 40 if one.how == "moved" else commit.name,
        time=commit.time,
        committed=commit.time,
        inner="" if one.how == "lightweight" else f"release/{one.how.removeprefix('named ')}"
        if one.how.startswith("named ") else f"release/{one.name}",
        annotated=one.how != "lightweight",
        on_main=one.how != "off main",
        manifest=issued.blob if issued else "",
        dated=issued.dated if issued else None,
        mismatches=issued.mismatches if issued and "documents: []" not in str(text) else (),
        effective=issued.effective if issued else {},
    )  # fmt: skip


def _log(past: Sequence[_Past], register: Register) -> Log:
    """The commits and what they did; what follows from them is found as it is in a repository."""
    steps: list[Step] = []
    before: Mapping[str, str] = {}
    texts: dict[tuple[str, str], SourceFile | None] = {}
    commits = _commits(past)
    for one, commit in zip(past, commits, strict=True):
        files = one.files
        steps.extend(_steps(before, files, commit))
        texts |= {(path, _blob(text)): SourceFile(path, text) for path, text in files.items()}
        before = files
    log = Log(head=commits[-1].name if commits else "", steps=tuple(reversed(steps)))
    return replace(log, edits=last_edits(register.documents, log, register.settings, lambda _: texts, {}))


def _steps(before: Mapping[str, str], files: Mapping[str, str], commit: Commit) -> Iterator[Step]:
    gone = {_blob(text): path for path, text in before.items() if path not in files}
    for path in sorted({*before, *files}):
        text, blob = files.get(path), _blob(files.get(path))
        if text == before.get(path):
            continue
        if text is None:
            if _blob(before[path]) in gone:
                yield Step(commit, "D", path, "")
        elif path not in before:
            yield Step(commit, "R" if blob in gone else "A", path, blob, gone.pop(blob, ""))
        else:
            yield Step(commit, "M", path, blob)


def _blob(text: str | None) -> str:
    """The name that git gives to a text."""
    data = (text or "").encode()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
