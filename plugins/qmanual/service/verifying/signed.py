"""The signed statements: whether they hold, was any lost, has each text those that were asked for."""

from collections.abc import Iterator, Sequence

from qmanual.checks import statement as rules
from qmanual.checks.approval import MEANING_NAMES
from qmanual.control.judging import Demand, Filed, Ground, Verdict, demand, last_round
from qmanual.control.manifest import Manifest
from qmanual.control.statement import folder_of
from qmanual.files import document_number
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Document
from qmanual.service.verifying.report import Group, Line, Mark, fails, holds, unknown
from qmanual.service.verifying.snapshot import Snapshot

_SAID = {
    Ground.UNREADABLE: rules.unreadable.message,
    Ground.STRAY: rules.stray.message,
    Ground.SIGNATURE: rules.not_signed.message,
    Ground.KEY: rules.key_unknown.message,
    Ground.CHAIN: rules.chain_broken.message,
    Ground.TEXT: rules.another_text.message,
    Ground.RIGHT: rules.without_right.message,
    Ground.TWOFOLD: rules.one_as_two.message,
    Ground.STAMP: rules.not_stamped.message,
}
"""What `verify` says is what `check` says."""


def statement_lines(found: Verdict, unreleased: frozenset[str] = frozenset()) -> Iterator[Line]:
    """What is wrong with the statements; of each document whose statements hold, how many.

    `unreleased`: folders of statements about texts that no release holds yet.
    """
    for problem in found.problems:
        place = problem.span.path
        said = Phrase(_SAID[problem.ground], cause=problem.cause)
        yield Line(group=Group.STATEMENTS, mark=Mark.FAILS, text=said, place=place,
                   document=_document(place))  # fmt: skip
    sound = {folder: all_ for folder, all_ in found.folders.items() if found.given(folder)}
    if sound:
        text = N_("statements: {count}, about revisions: {revisions}; signatures, keys, rights and order hold")
        count = sum(len(all_) for all_ in sound.values())
        yield holds(Group.STATEMENTS, text, count=str(count), revisions=str(len(sound)))
    for folder, all_ in sound.items():
        one = all_[-1].statement
        names = ", ".join(dict.fromkeys(each.statement.name for each in all_))
        text = N_("{id} {revision}: signed by {names}")
        if folder in unreleased:
            text = N_("{id} {revision}: signed by {names}, not released yet")
        yield holds(Group.STATEMENTS, text, place=folder, id=one.document, revision=one.revision, names=names,
                    document=one.document)  # fmt: skip
    for folder, all_ in found.folders.items():
        yield from _rejections(found, folder, all_)


def _rejections(found: Verdict, folder: str, filed: Sequence[Filed]) -> Iterator[Line]:
    """Who rejected a text about this revision; without a key that is told, and not proven."""
    if any(problem.span.path.startswith(f"{folder}/") for problem in found.problems):
        return
    for one in (one for one in filed if one.statement.rejects):
        statement = one.statement
        text = N_("{id} {revision}: {name} rejected the text {digest} on {day}: {comment}")
        if one.key is None:
            text = N_(
                "{id} {revision}: {name} is said to have rejected the text {digest} on {day}, without a key: {comment}"
            )
        said = holds if one.key else unknown
        yield said(Group.STATEMENTS, text, place=one.path, id=statement.document, revision=statement.revision,
                   name=statement.name, digest=statement.digest[:12], day=statement.time.date().isoformat(),
                   comment=statement.comment or "—", document=statement.document)  # fmt: skip


def _document(path: str) -> str:
    """The document about which a file under `approvals/` should be; whatever it says is not believed."""
    parts = path.split("/")
    return document_number(parts[1]) if len(parts) == 4 else ""


def kept_lines(snapshots: Sequence[Snapshot]) -> Iterator[Line]:
    """A statement that a release holds is held, unchanged, by every release after it."""
    for at, snapshot in enumerate(snapshots[1:], 1):
        before = snapshots[at - 1]
        for path, blob in before.tree.items():
            if path.startswith("approvals/") and snapshot.tree.get(path) != blob:
                text = N_("the release {before} holds this, {name} does not hold it any more, or another one")
                yield fails(Group.STATEMENTS, text, place=path, before=before.release.name,
                            name=snapshot.release.name, release=snapshot.release.name)  # fmt: skip


def absent_lines(newest: Manifest, documents: Sequence[Document], found: Verdict) -> Iterator[Line]:
    """Without git: texts of the newest release for which the settings ask for statements that are not here."""
    rows = {row.id: row for row in newest.documents}
    for document in documents:
        folder = folder_of(document.id, document.revision)
        given = {one.statement.meaning for one in found.given(folder)}
        row = rows.get(document.id)
        if row and row.digest == document.digest and not given.issuperset(found.demand(document.id).meanings):
            text = N_("{id} {revision}: the settings ask for signed statements, and they are not all here; whether "
                      "that was asked when it was released cannot be known without git")  # fmt: skip
            yield unknown(Group.STATEMENTS, text, place=folder, id=document.id, revision=document.revision,
                          document=document.id)  # fmt: skip


def needed_lines(snapshots: Sequence[Snapshot], found: Verdict) -> Iterator[Line]:
    """Every text that a release brought has the signed statements which the release before it asked for, or itself."""
    for at, snapshot in enumerate(snapshots):
        before = snapshots[at - 1] if at else None
        held = {one.id: one for one in before.documents} if before else {}
        plain = 0
        for document in snapshot.documents:
            old = held.get(document.id)
            if old and (old.revision, old.digest) == (document.revision, document.digest):
                continue
            asked = demand(document.path, document.kind, snapshot.settings, before.settings if before else None,
                           old.kind if old else "")  # fmt: skip
            if asked.level:
                yield from _lacking(document, asked, snapshot, found)
            else:
                plain += 1
            yield from _rejected(document, snapshot, found)
        if plain:
            text = N_("{name}: texts that are approved in their headers alone, as was asked for: {count}")
            yield unknown(Group.STATEMENTS, text, name=snapshot.release.name, count=str(plain),
                          release=snapshot.release.name)  # fmt: skip


def _rejected(document: Document, snapshot: Snapshot, found: Verdict) -> Iterator[Line]:
    one = found.rejection(folder_of(document.id, document.revision), document.digest)
    if one and one.path in snapshot.tree:
        text = N_("{id} {revision} was released although {name} had rejected just this text")
        yield fails(Group.STATEMENTS, text, place=one.path, id=document.id, revision=document.revision,
                    name=one.statement.name, release=snapshot.release.name, document=document.id)  # fmt: skip


def _lacking(document: Document, asked: Demand, snapshot: Snapshot, found: Verdict) -> Iterator[Line]:
    """What the release itself holds counts: later signatures about the same text give nothing and take nothing."""
    folder = folder_of(document.id, document.revision)
    wrong = any(one.span.path.startswith(f"{folder}/") for one in found.problems)
    filed = () if wrong else tuple(one for one in found.folders.get(folder, ()) if one.path in snapshot.tree)
    given = {
        one.statement.meaning
        for one in last_round(filed)
        if one.statement.digest == document.digest and (asked.level < 2 or one.stamped)
    }
    for meaning in asked.meanings:
        if meaning not in given:
            text = N_("{id} {revision} was released without a signed statement that holds: {meaning}")
            yield fails(Group.STATEMENTS, text, place=folder, id=document.id, revision=document.revision,
                        meaning=Phrase(MEANING_NAMES[meaning]), release=snapshot.release.name,
                        document=document.id)  # fmt: skip
