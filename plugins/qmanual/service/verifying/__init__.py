"""Proving a manual: everything again from the bytes, as an outsider would in a fresh clone.

Tags, manifests, texts, signed statements, prints: each claim becomes a line that holds, does not hold, or cannot be
known from here. Without git the manifests, statements and texts are proven against each other.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from qmanual.control.copies import PATH as COPIES
from qmanual.control.history import GAP_TEXTS, Facts, Gap, History, facts_of
from qmanual.control.judging import Case, judge
from qmanual.control.judging.gather import released_texts
from qmanual.control.manifest import Manifest, path_of
from qmanual.control.past import dated_ahead
from qmanual.control.statement import folder_of
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.service.archive import Archive
from qmanual.service.copies.register import ledger_of
from qmanual.service.loading import Manual
from qmanual.service.statements import read_case
from qmanual.service.verifying.claims import LARGEST, subject_of
from qmanual.service.verifying.copied import claim, copy_lines
from qmanual.service.verifying.packages import is_package, verify_package
from qmanual.service.verifying.plain import disk_lines, limits, manifest_files, row_of, text_lines
from qmanual.service.verifying.prints import print_lines
from qmanual.service.verifying.releases import manifest_lines, signature_lines, tag_lines
from qmanual.service.verifying.report import Group, Line, Report, fails, holds, in_order, json_of, text_of, unknown
from qmanual.service.verifying.seals import Belief, belief_at, seal_lines
from qmanual.service.verifying.signed import absent_lines, kept_lines, needed_lines, statement_lines
from qmanual.service.verifying.snapshot import Shelf, Snapshot
from qmanual.workspace import CannotRun

__all__ = [
    "Report", "belief_at", "is_package", "json_of", "text_of", "verify", "verify_document", "verify_package",
    "verify_print", "verify_release",
]  # fmt: skip

_PLAIN = (Gap.NO_GIT, Gap.NO_REPOSITORY, Gap.NO_COMMIT)


def verify(manual: Manual) -> Report:
    """Everything about a manual."""
    anew(manual)
    subject = Phrase(N_("the whole manual"))
    return Report(subject=subject, lines=in_order(_lines(manual)))


def verify_release(manual: Manual, name: str) -> Report:
    """What concerns one release. Raises `CannotRun` when there is none of that name."""
    report = verify(manual)
    if name not in [one.name for one in manual.history.releases]:
        known = ", ".join(one.name for one in manual.history.releases)
        raise CannotRun(
            N_("There is no file, document or release {name}. Releases: {known}"), name=name, known=known or "—"
        )
    return replace(report, subject=Phrase(N_("release {name}"), name=name), lines=report.about(release=name))


def verify_document(manual: Manual, number: str) -> Report:
    """What concerns one document."""
    report = verify(manual)
    return replace(report, subject=Phrase(N_("document {id}"), id=number), lines=report.about(document=number))


def verify_print(manual: Manual, pdf: Path, trust: Sequence[Path] = ()) -> Report:
    """A PDF: was it issued, from which text, and is that in force. `trust`: certificates to believe beside those of the
    settings. Raises `CannotRun` when it cannot be read.
    """
    anew(manual)
    try:
        with pdf.open("rb") as file:
            data = file.read(LARGEST + 1)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CannotRun(N_("{path} cannot be read: {reason}"), path=str(pdf), reason=error.strerror or "") from error
    history = manual.history
    if copy := ledger_of(manual).by_sha256.get(digest):
        days = manual.register.settings.copy_recall_days
        lines = list(copy_lines(pdf.name, copy, history, manual.today, days))
    else:
        lines = list(print_lines(pdf, digest, subject_of(data), manual.root, history, manual.today))
        if claimed := claim(data):
            text = N_("it calls itself copy {number} of {holder}; {file} lists no such bytes")
            lines.append(fails(Group.PRINT, text, place=pdf.name, number=claimed[0], holder=claimed[1], file=COPIES))
    lines += [one for line in lines if line.release for one in _issued_by(manual, line.release)]
    lines += seal_lines(data, Belief(manual.register.settings.seal, manual.root, manual.today, tuple(trust)))
    if history.gap in _PLAIN:
        lines.append(unknown(Group.LIMITS, N_("whether its text was released, and is in force: {gap}"),
                             gap=Phrase(GAP_TEXTS[history.gap])))  # fmt: skip
        lines = [line for line in lines if line.group is not Group.PRINT or line.place]
    return Report(subject=Phrase(N_("print {name}"), name=pdf.name), lines=in_order(lines))


def _issued_by(manual: Manual, name: str) -> Iterator[Line]:
    """Whether the tag is signed on which the answer about a text rests."""
    shelf, releases = Shelf(manual.archive.repository), manual.history.releases
    at = next(at for at, release in enumerate(releases) if release.name == name)
    snapshot, before = Snapshot(releases[at], shelf), Snapshot(releases[max(at - 1, 0)], shelf)
    yield from signature_lines(snapshot, before.organization, shelf.repository)


def anew(manual: Manual) -> None:
    """Let a manual read its releases from git alone, and know every release, also one dated in the future.

    Raises `CannotRun` where a part of the history was not fetched: what is missing cannot be proven.
    """
    archive = Archive(manual.archive.repository, manual.register.settings, keep=False)
    history = archive.history()
    if history.gap in (Gap.SHALLOW, Gap.DAMAGED):
        gap = Phrase(GAP_TEXTS[history.gap], trouble=history.trouble)
        raise CannotRun(N_("Nothing can be proven here: {gap}"), gap=gap)
    manual.__dict__.update(archive=archive, history=history)


def _lines(manual: Manual) -> Iterator[Line]:
    files = manifest_files(manual.root)
    history = manual.history
    if history.gap in _PLAIN:
        yield from _without_git(manual, files)
        return
    repository, shelf = manual.archive.repository, Shelf(manual.archive.repository)
    snapshots = [Snapshot(release, shelf) for release in history.releases]
    if not snapshots:
        yield unknown(Group.TAGS, N_("nothing has been released yet; there are no release tags"))
    for name in history.broken:
        yield fails(Group.TAGS, N_("{name}: the tag marks no commit"), name=name, release=name)
    ahead = tuple(dated_ahead(history, manual.today, repository.moment_of("HEAD"), manual.clock))
    yield from tag_lines(snapshots, repository, ahead)
    yield from manifest_lines(snapshots)
    yield from disk_lines(files, {path_of(one.release.name): one.manifest_bytes for one in snapshots})
    yield from kept_lines(snapshots)
    case = read_case(manual)
    yield from statement_lines(judge(case), _unreleased(manual, history))
    if snapshots:  # whatever lies here now: what the newest release holds, about the texts that were released
        texts, held = released_texts(history), snapshots[-1].approvals
        yield from needed_lines(snapshots, judge(replace(case, files=held, texts=texts, kept={}, whole=False)))
    yield from _working(manual, snapshots[-1] if snapshots else None)


def _unreleased(manual: Manual, history: History) -> frozenset[str]:
    held = {(one.facts.id, one.facts.revision) for texts in history.documents.values() for one in texts}
    return frozenset(
        folder_of(one.id, one.revision) for one in manual.register.documents if (one.id, one.revision) not in held
    )


def _working(manual: Manual, newest: Snapshot | None) -> Iterator[Line]:
    """The files as they lie here, against the newest release."""
    same, drafts = 0, 0
    released = {document.id: facts_of(document) for document in newest.documents} if newest else {}
    for document in manual.register.documents:
        here, held = facts_of(document), released.get(document.id)
        if held is None or held.revision != here.revision or (here.withdrawn and not held.withdrawn):
            drafts += 1
        elif wrong := _changed(here, held):
            yield fails(Group.TEXTS, wrong, place=document.path, id=document.id, revision=document.revision,
                        document=document.id)  # fmt: skip
        else:
            same += 1
    if same:
        yield holds(Group.TEXTS, N_("texts that are those of the newest release: {count}"), count=str(same))
    if drafts:
        yield unknown(Group.TEXTS, N_("drafts, which no release holds: {count}"), count=str(drafts))
    if newest and newest.release.checked_out:  # a branch that began before it need not hold what it brought
        yield from _not_here(manual, released.values())


def _not_here(manual: Manual, released: Collection[Facts]) -> Iterator[Line]:
    """What the newest release holds and these files lack: deleted, or left out by a sparse checkout."""
    absent = manual.archive.repository.left_out()
    for facts in released:
        if facts.id not in manual.register.by_id and facts.path not in absent and not facts.withdrawn:
            text = N_("{id} {revision} is in the newest release and not here; a document leaves by a withdrawal")
            yield fails(Group.TEXTS, text, place=facts.path, id=facts.id, revision=facts.revision, document=facts.id)
    if count := sum(facts.path in absent for facts in released):
        text = N_("documents that are not checked out here (sparse checkout), so not compared: {count}")
        yield unknown(Group.TEXTS, text, count=str(count))


def _changed(here: Facts, held: Facts) -> str:
    """What is not as it was released; empty: everything is."""
    if here.digest != held.digest:
        return N_("{id} {revision}: the text here is not the one that was released under this revision")
    if frozenset(here.signatures) != frozenset(held.signatures):
        return N_("{id} {revision}: the approvals in the header are not those that were released")
    if (here.withdrawn, here.withdrawn_on, here.replaced_by) != (held.withdrawn, held.withdrawn_on, held.replaced_by):
        return N_("{id} {revision}: the withdrawal in the header is not the one that was released")
    return ""


def _without_git(manual: Manual, files: dict[str, bytes]) -> Iterator[Line]:
    row, lines = row_of(files)
    yield from lines
    documents, settings = manual.register.documents, manual.register.settings
    if row:
        yield from text_lines(row[-1], documents, settings)
    else:
        yield unknown(Group.MANIFESTS, N_("there are no manifests: nothing says what was released"))
    found = judge(_case_of(manual, row))
    yield from statement_lines(found)
    if row:
        yield from absent_lines(row[-1], documents, found)
    yield from limits()


def _case_of(manual: Manual, row: Sequence[Manifest]) -> Case:
    """What the statements are judged by where the manifests alone tell of the texts that were."""
    case = read_case(manual)
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for manifest in row:
        for one in manifest.documents:
            known[one.id, one.revision].add(one.digest)
    texts = {key: frozenset(digests) for key, digests in known.items()} | dict(case.texts)
    return replace(case, texts=texts, whole=bool(row))
