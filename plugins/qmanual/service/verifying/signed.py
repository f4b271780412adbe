"""The signed statements: whether they hold, was any lost, has each text those that were asked for."""

from collections.abc import Iterator, Sequence

from qmanual.checks import statement as rules
from qmanual.checks.approval import MEANING_NAMES
from qmanual.control.judging import Ground, Verdict
from qmanual.control.statement import folder_of
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
                   document=_document(found, place))  # fmt: skip
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


def _document(found: Verdict, path: str) -> str:
    filed = found.folders.get(path.rpartition("/")[0], ())
    return filed[0].statement.document if filed else ""


def kept_lines(snapshots: Sequence[Snapshot]) -> Iterator[Line]:
    """A statement that a release holds is held, unchanged, by every release after it."""
    for at, snapshot in enumerate(snapshots[1:], 1):
        before = snapshots[at - 1]
        for path, blob in before.tree.items():
            if path.startswith("approvals/") and snapshot.tree.get(path) != blob:
                text = N_("the release {before} holds this, {name} does not hold it any more, or another one")
                yield fails(Group.STATEMENTS, text, place=path, before=before.release.name,
                            name=snapshot.release.name, release=snapshot.release.name)  # fmt: skip


def needed_lines(snapshots: Sequence[Snapshot], found: Verdict) -> Iterator[Line]:
    """Every text that a release brought has the signed statements which the release before it asked for, or itself."""
    for at, snapshot in enumerate(snapshots):
        asked = [snapshot.settings.signatures, *([snapshots[at - 1].settings.signatures] if at else [])]
        held = {(one.id, one.revision, one.digest) for one in snapshots[at - 1].documents} if at else set()
        plain = 0
        for document in snapshot.documents:
            if (document.id, document.revision, document.digest) in held:
                continue
            if max(levels.get(document.kind, 0) for levels in asked):
                yield from _lacking(document, snapshot, found)
            else:
                plain += 1
        if plain:
            text = N_("{name}: texts that are approved in their headers alone, as was asked for: {count}")
            yield unknown(Group.STATEMENTS, text, name=snapshot.release.name, count=str(plain),
                          release=snapshot.release.name)  # fmt: skip


def _lacking(document: Document, snapshot: Snapshot, found: Verdict) -> Iterator[Line]:
    folder = folder_of(document.id, document.revision)
    given = {
        one.statement.meaning
        for one in found.given(folder)
        if one.path in snapshot.tree and one.statement.digest == document.digest
    }
    for meaning in snapshot.settings.kind(document.kind).approvals:
        if meaning not in given:
            text = N_("{id} {revision} was released without a signed statement that holds: {meaning}")
            yield fails(Group.STATEMENTS, text, place=folder, id=document.id, revision=document.revision,
                        meaning=Phrase(MEANING_NAMES[meaning]), release=snapshot.release.name,
                        document=document.id)  # fmt: skip
