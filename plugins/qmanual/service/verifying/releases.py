"""The releases: are the tags what they say, do the manifests follow each other, and do they list what is there."""

from collections.abc import Collection, Iterator, Sequence

from qmanual.control.history import Release, facts_of
from qmanual.control.manifest import Manifest, Move, Row, path_of
from qmanual.control.statement import sha256
from qmanual.git import Repository
from qmanual.language import N_
from qmanual.model import Document, Organization
from qmanual.service.verifying.report import Group, Line, fails, holds, unknown
from qmanual.service.verifying.snapshot import Snapshot
from qmanual.signing import Refused

_SIGNED = b"-----BEGIN SSH SIGNATURE-----"
_OTHER_SIGNED = (b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN SIGNED MESSAGE-----")
TAG_NAMESPACE = "git"
"""What git signs its tags for."""


def tag_lines(snapshots: Sequence[Snapshot], repository: Repository, ahead: Collection[Release]) -> Iterator[Line]:
    """Each tag by itself, and all of them as a row. `ahead`: the releases with a tag of a day to come."""
    for at, snapshot in enumerate(snapshots):
        release, before = snapshot.release, snapshots[at - 1] if at else None
        found = [*_tag(release, before.release if before else None), *_added(snapshot, repository)]
        if release in ahead:
            text = N_("{name}: the tag is dated {day}, a day to come; nobody can have set it then")
            found.append(fails(Group.TAGS, text, name=release.name, day=release.on.isoformat(), release=release.name))
        yield from found
        if not found:
            text = N_("{name}: set on {day}, on the main branch, after the release before it")
            if before is None:
                text = N_("{name}: set on {day}, on the main branch, the first release")
            yield holds(Group.TAGS, text, name=release.name, day=release.on.isoformat(), release=release.name)
        yield from signature_lines(snapshot, before.organization if before else snapshot.organization, repository)


def _tag(release: Release, before: Release | None) -> Iterator[Line]:
    name = release.name
    if not release.annotated:
        yield fails(Group.TAGS, N_("{name}: a lightweight tag; nothing says who set it, and when"), name=name,
                    release=name)  # fmt: skip
    elif release.inner != f"release/{name}":
        text = N_("{name}: the tag object calls itself {inner}; somebody put it under another name")
        yield fails(Group.TAGS, text, name=name, inner=release.inner, release=name)
    if not release.on_main:
        yield fails(Group.TAGS, N_("{name}: the main branch does not hold its commit"), name=name, release=name)
    if before and not release.follows:
        text = N_("{name}: its history does not hold the release before it, {before}; a tag was moved, or history "
                  "written anew")  # fmt: skip
        yield fails(Group.TAGS, text, name=name, before=before.name, release=name)
    if release.committed and release.committed > release.time:
        yield fails(Group.TAGS, N_("{name}: the tag is older than the commit that it marks"), name=name, release=name)


def _added(snapshot: Snapshot, repository: Repository) -> Iterator[Line]:
    """The commit of a release is the one that brings its manifest."""
    if snapshot.manifest_bytes is None:
        return  # said of the manifests
    name, commit = snapshot.release.name, snapshot.release.commit
    path = path_of(name)
    parent = f"{commit}^:{repository.prefix}{path}"
    if dict(repository.blobs([parent])):
        text = N_("{name}: the commit that it marks is not the one that brought {path}; the tag was moved")
        yield fails(Group.TAGS, text, name=name, path=path, release=name)


def signature_lines(snapshot: Snapshot, organization: Organization, repository: Repository) -> Iterator[Line]:
    """The tag's own signature, where it bears one, by somebody known as of the release before."""
    release = snapshot.release
    if not release.annotated:
        return
    data = dict(repository.blobs([release.object])).get(release.object, b"")
    at = data.find(_SIGNED)
    if at < 0:
        if any(mark in data for mark in _OTHER_SIGNED):
            yield unknown(Group.TAGS, N_("{name}: signed with a kind of key that is not looked at here"),
                          name=release.name, release=release.name)  # fmt: skip
        else:
            yield unknown(Group.TAGS, N_("{name}: the tag is not signed; who set it is not proven"), name=release.name,
                          release=release.name)  # fmt: skip
        return
    from qmanual.signing import sshsig

    try:
        key = sshsig.verify(data[at:], data[:at], TAG_NAMESPACE)
    except Refused as error:
        text = N_("{name}: the signature of the tag does not hold: {cause}")
        yield fails(Group.TAGS, text, name=release.name, cause=_phrase(error), release=release.name)
        return
    for person in organization.people:
        if any(one.public == key and one.valid_on(release.on) for one in person.keys):
            text = N_("{name}: the tag is signed by {person}")
            yield holds(Group.TAGS, text, name=release.name, person=person.name.value, release=release.name)
            return
    text = N_("{name}: the tag is signed with the key {key}, which nobody had registered by then")
    yield fails(Group.TAGS, text, name=release.name, key=key.fingerprint, release=release.name)


def _phrase(error: Refused) -> str:
    from qmanual.finding import Phrase

    return Phrase(error.text, **error.details)


# -- manifests -------------------------------------------------------------------------------------------------------


def manifest_lines(snapshots: Sequence[Snapshot]) -> Iterator[Line]:
    """Every manifest in its place in the row, and against the texts of its release."""
    for at, snapshot in enumerate(snapshots):
        before = snapshots[at - 1] if at else None
        manifest, name = snapshot.manifest, snapshot.release.name
        yield from _kept(snapshot, before) if before else ()
        if manifest is None and snapshot.manifest_bytes is None and not any(one.manifest for one in snapshots[:at]):
            text = N_(
                "{name}: released without a manifest, as long as there was none; its texts are taken from the tag"
            )
            yield unknown(Group.MANIFESTS, text, name=name, release=name)
            continue
        if manifest is None:
            text = N_("{name}: there is no manifest that can be read")
            yield fails(Group.MANIFESTS, text, place=path_of(name), name=name, release=name)
            continue
        found = [*_follows(snapshot, manifest, before), *listed(manifest, snapshot.documents, path_of(name))]
        yield from found
        if not found:
            text = N_(
                "{name}: revision, digest and approvals of every document are those that the manifest lists ({count})"
            )
            yield holds(Group.MANIFESTS, text, place=path_of(name), name=name, count=str(len(manifest.documents)),
                        release=name)  # fmt: skip


def _follows(snapshot: Snapshot, manifest: Manifest, before: Snapshot | None) -> Iterator[Line]:
    name, path = snapshot.release.name, path_of(snapshot.release.name)
    if manifest.release != name:
        text = N_("{name}: the manifest is that of {other}")
        yield fails(Group.MANIFESTS, text, place=path, name=name, other=manifest.release, release=name)
    if manifest.on != snapshot.release.on:
        text = N_("{name}: the manifest is dated {day}, the tag was set on {on}")
        yield fails(Group.MANIFESTS, text, place=path, name=name, day=manifest.on.isoformat(),
                    on=snapshot.release.on.isoformat(), release=name)  # fmt: skip
    said = (manifest.previous.release, manifest.previous.manifest) if manifest.previous else ("", "")
    meant = before.release.name if before else ""
    data = before.manifest_bytes if before else None
    if said != (meant, sha256(data) if data is not None else ""):
        text = N_("{name}: the manifest does not follow that of {before}: it was exchanged or changed")
        yield fails(Group.MANIFESTS, text, place=path, name=name, before=meant or "—", release=name)


def _kept(snapshot: Snapshot, before: Snapshot) -> Iterator[Line]:
    """A release holds the manifest of the one before it as that had it."""
    path, data = path_of(before.release.name), before.manifest_bytes
    if data is not None and snapshot.data(path) != data:
        text = N_("{name}: the manifest of {before} was changed after that release")
        yield fails(Group.MANIFESTS, text, place=path, name=snapshot.release.name, before=before.release.name,
                    release=snapshot.release.name)  # fmt: skip


def listed(manifest: Manifest, documents: Sequence[Document], path: str) -> Iterator[Line]:
    """What a manifest lists, against texts that were read anew."""
    found = {document.id: document for document in documents}
    rows = {row.id: row for row in manifest.documents}
    for row in manifest.documents:
        document = found.get(row.id)
        if document is None and row.change is not Move.WITHDRAWN:
            text = N_("{id} is listed and is not there")
            yield fails(Group.TEXTS, text, place=path, id=row.id, release=manifest.release, document=row.id)
        elif document is not None:
            yield from _row(row, document, manifest.release)
    for document in documents:
        if document.id not in rows:
            text = N_("{id} is there and is not listed")
            yield fails(Group.TEXTS, text, place=document.path, id=document.id, release=manifest.release,
                        document=document.id)  # fmt: skip


def _row(row: Row, document: Document, release: str) -> Iterator[Line]:
    facts = facts_of(document)
    claims = (
        (row.revision == facts.revision, N_("{id} is not of the revision that the manifest lists")),
        (row.digest == facts.digest, N_("{id}: the text is not the one that the manifest lists")),
        (row.path == facts.path, N_("{id} stands in another file than the manifest lists")),
        (
            frozenset(row.approvals) == frozenset(facts.signatures),
            N_("{id}: the approvals in the header are not those of the manifest"),
        ),
        (facts.effective in (None, row.effective), N_("{id}: the effective date is not that of the manifest")),
        (facts.withdrawn_on == row.withdrawn, N_("{id}: the withdrawal is not that of the manifest")),
    )
    for right, text in claims:
        if not right:
            yield fails(Group.TEXTS, text, place=document.path, id=row.id, release=release, document=row.id)
