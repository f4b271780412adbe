"""The act of issue: a manifest of every document, a commit that holds it, and a tag that tells what is new."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from qmanual import __version__
from qmanual.control.history import Facts, History, facts_of
from qmanual.control.manifest import Manifest, Move, Previous, Row, compose, path_of
from qmanual.control.status import release_of
from qmanual.finding import Phrase
from qmanual.git.writing import Marking, branch_of
from qmanual.language import N_, Translator
from qmanual.manual import data_files
from qmanual.model import Document
from qmanual.service.life.aside import set_aside
from qmanual.service.life.hindrance import few, refuse_errors, refuse_name, refuse_state
from qmanual.service.life.plan import FileChange, Plan, known_history
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing:
    """What a person says of a release. `effective`: for new and changed texts whose header leaves the day open.

    `without`: numbers of documents that stay as they were released. `name`, `email`: who issues it. `moment`: now,
    with a time zone. `sign`: signs the tag, see `git.writing.Marking`.
    """

    release: str
    name: str
    email: str
    moment: datetime
    effective: date | None = None
    without: tuple[str, ...] = ()
    sign: Callable[[bytes], str] | None = None


@dataclass(frozen=True, slots=True)
class _Moved:
    """A document and what the release brings to it; `before` is the revision that was released."""

    document: Document
    move: Move
    before: str = ""


def release(manual: Manual, issuing: Issuing) -> Plan:
    """Work out a release. Raises `CannotRun` with the reason when it cannot be; `Flawed` when there are errors."""
    history = known_history(manual)
    refuse_name(manual, issuing.release)
    refuse_state(manual)
    if not issuing.name:
        raise CannotRun(N_("Who releases is not known. Add --as NAME, or set it: git config user.name NAME"))
    aside = set_aside(manual, issuing.without)
    moved = tuple(_moved(document, history) for document in aside.manual.register.documents)
    _refuse_nothing(manual, moved)
    refuse_errors(aside.manual, {one.document.path: one.document for one in moved if _is_brought(one)})
    _refuse_days(manual, moved, issuing.effective)
    data, path = compose(_manifest(manual, moved, issuing)), path_of(issuing.release)
    say = Translator(manual.language)
    return Plan(
        title=Phrase(N_("Release {name}: {count} documents, {new} new, {changed} changed, {withdrawn} withdrawn"),
                     name=issuing.release, count=str(len(moved)), **_counts(moved)),
        files=(FileChange(path=path, old=None, new=data),),
        shown=tuple(told(moved, say)),
        notes=(*_notes(moved, issuing), *aside.notes),
        after=Phrase(N_("Next: send it to the server: git push --atomic origin {branch} release/{name}"),
                     branch=branch_of(manual.archive.repository).removeprefix("refs/heads/"), name=issuing.release),
        mark=_marking(manual, issuing, data, aside.blobs, "\n".join(told(moved, say))),
    )  # fmt: skip


def _refuse_nothing(manual: Manual, moved: Sequence[_Moved]) -> None:
    if all(one.move is Move.UNCHANGED for one in moved) and not _data_changed(manual):
        newest = manual.history.newest
        text = N_("Nothing has changed since {release}, so there is nothing to release.")
        raise CannotRun(text, release=newest.name if newest else "—")


def _refuse_days(manual: Manual, moved: Sequence[_Moved], effective: date | None) -> None:
    """Every text that the release brings is in force from a day that somebody says, and not before."""
    if effective and effective < manual.today:
        text = N_("Nothing takes effect before its release: {day} has passed.")
        raise CannotRun(text, day=effective.isoformat())
    missing = [one.document.id for one in moved if _is_brought(one) and one.document.header.lacks("effective")]
    if missing and effective is None:
        text = N_("From when are these in force: {ids}? Say it for all of them, --effective DATE, or write it into "
                  "their headers and commit that.")  # fmt: skip
        raise CannotRun(text, ids=few(missing))


def _is_brought(one: _Moved) -> bool:
    return one.move in (Move.NEW, Move.CHANGED)


def _data_changed(manual: Manual) -> bool:
    """Whether settings, people or rights differ from the newest release: they count from the one that brings them."""
    newest, repository = manual.history.newest, manual.archive.repository
    names = {path: f"{newest.commit}:{repository.prefix}{path}" for path in data_files(manual.register.settings)
             } if newest else {}  # fmt: skip
    held, here = dict(repository.blobs(names.values())), manual.register.tree.sources
    for path, name in names.items():
        before = decode(path, held[name]) if name in held else None
        if (before.text if before else None) != (here[path].text if path in here else None):
            return True
    return False


def _marking(manual: Manual, issuing: Issuing, data: bytes, aside: Mapping[str, str], message: str) -> Marking:
    repository, say = manual.archive.repository, Translator(manual.language)
    subject = say(N_("Release {name}"), name=issuing.release)
    return Marking(
        branch=branch_of(repository), parent=repository.commit(), data=data,
        path=repository.prefix + path_of(issuing.release),
        aside={repository.prefix + path: blob for path, blob in aside.items()},
        again=say(N_("Go on with what release {name} left out"), name=issuing.release),
        tag=f"release/{issuing.release}", subject=subject, message=f"{subject}\n\n{message}", name=issuing.name,
        email=issuing.email, moment=_moment(manual, issuing.moment), sign=issuing.sign,
    )  # fmt: skip


def _moment(manual: Manual, moment: datetime) -> datetime:
    """A second after the commit that is released, at the earliest: releases are told in the order of their time."""
    known = [one.time for one in manual.archive.history().releases]
    head = manual.archive.repository.moment_of("HEAD")
    earliest = max([*known, *([head] if head else [])], default=None)
    if earliest is None or moment > earliest:
        return moment
    later = (earliest + timedelta(seconds=1)).astimezone(moment.tzinfo)
    if later.date() != moment.date():
        text = N_(
            "The newest commit or release is of {day}, later than today ({today}). Set the clock right, or --today."
        )
        raise CannotRun(text, day=earliest.date().isoformat(), today=moment.date().isoformat())
    return later


# -- what it brings --------------------------------------------------------------------------------------------------


def _moved(document: Document, history: History) -> _Moved:
    held = history.held(document.id)
    if held is None:
        gone = document.header.withdrawn is not None and document.id in history.documents
        return _Moved(document, Move.UNCHANGED if gone else Move.NEW)
    if document.header.withdrawn and not held.facts.withdrawn:
        return _Moved(document, Move.WITHDRAWN, held.facts.revision)
    same = release_of(document, history) is not None
    return _Moved(document, Move.UNCHANGED if same else Move.CHANGED, held.facts.revision)


def _counts(moved: Sequence[_Moved]) -> dict[str, str]:
    return {move.value: str(sum(one.move is move for one in moved)) for move in Move if move is not Move.UNCHANGED}


def _manifest(manual: Manual, moved: Sequence[_Moved], issuing: Issuing) -> Manifest:
    newest = manual.history.newest
    previous = None
    if newest:
        blob = f"{newest.commit}:{manual.archive.repository.prefix}{path_of(newest.name)}"
        data = manual.archive.blobs([blob]).get(blob)
        previous = Previous(newest.name, hashlib.sha256(data).hexdigest() if data else "")
    return Manifest(
        release=issuing.release, on=manual.today, tool=f"qmanual {__version__}", previous=previous,
        documents=tuple(_row(one, facts_of(one.document), manual.history, issuing.effective) for one in moved),
    )  # fmt: skip


def _row(one: _Moved, facts: Facts, history: History, effective: date | None) -> Row:
    """A document's row: its header's effective date first, then the one it was released with, then this release's."""
    held = history.held(facts.id)
    said = facts.effective
    if said is None and held and one.move in (Move.UNCHANGED, Move.WITHDRAWN):
        said = history.said(held)
    elif said is None:
        said = effective
    return Row(
        id=facts.id, revision=facts.revision, digest=facts.digest, effective=said, path=facts.path, change=one.move,
        approvals=facts.signatures, withdrawn=facts.withdrawn_on,
    )  # fmt: skip


def told(moved: Sequence[_Moved], say: Translator) -> list[str]:
    """What is new, changed and withdrawn, line by line, as it stands in the tag."""
    titles = {
        Move.NEW: N_("New: {count}"),
        Move.CHANGED: N_("Changed: {count}"),
        Move.WITHDRAWN: N_("Withdrawn: {count}"),
    }
    lines = []
    for move, title in titles.items():
        found = [one for one in moved if one.move is move]
        if found:
            lines.append(say(title, count=len(found)))
            lines += [f"  {_line(one)}" for one in found]
    return lines


def _line(one: _Moved) -> str:
    document = one.document
    changed = one.move is Move.CHANGED and one.before != document.revision
    revision = f"{one.before} → {document.revision}" if changed else document.revision
    return " ".join(part for part in (document.id, revision, document.title) if part)


def _notes(moved: Sequence[_Moved], issuing: Issuing) -> list[Phrase]:
    days = sorted({
        day for one in moved if _is_brought(one) and (day := facts_of(one.document).effective or issuing.effective)
    })  # fmt: skip
    if not days:
        return []
    text = N_("In force from {days}.") if len(days) == 1 else N_("In force on different days: {days}.")
    return [Phrase(text, days=few([day.isoformat() for day in days], 5))]
