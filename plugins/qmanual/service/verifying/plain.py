"""Without git: what the manifests, the statements and the texts beside them prove, and what they cannot."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from qmanual.control.manifest import FOLDER, Manifest, read_manifest
from qmanual.control.statement import sha256
from qmanual.language import N_
from qmanual.model import Document
from qmanual.service.verifying.releases import listed
from qmanual.service.verifying.report import Group, Line, Mark, fails, holds, unknown
from qmanual.settings import Settings
from qmanual.workspace import LIMIT, decode


def manifest_files(root: Path) -> dict[str, bytes]:
    """Path → bytes of the manifests on disk; no symbolic link is followed, and what is too large for one is empty."""
    folder = root / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return {}
    return {
        f"{FOLDER}/{place.name}": place.read_bytes() if place.stat().st_size <= LIMIT else b""
        for place in sorted(folder.glob("*.yml"))
        if place.is_file() and not place.is_symlink()
    }


def disk_lines(files: Mapping[str, bytes], tagged: Mapping[str, bytes | None]) -> Iterator[Line]:
    """The manifests on disk, against those of the releases: `tagged`, path → bytes in the tag's tree."""
    for path, data in files.items():
        if path not in tagged:
            text = N_("there is a manifest and no release tag of that name: the tag was deleted, or not fetched "
                      "(git fetch --tags)")  # fmt: skip
            yield fails(Group.MANIFESTS, text, place=path)
        elif tagged[path] is not None and _plain(tagged[path] or b"") != _plain(data):
            yield fails(Group.MANIFESTS, N_("it is not the manifest that the release holds"), place=path)
    for path, held in tagged.items():
        if held is not None and path not in files:
            yield unknown(Group.MANIFESTS, N_("it is not among the files here, only in the release"), place=path)


def _plain(data: bytes) -> bytes:
    """As git keeps it: Windows may write other line ends to the disk."""
    return data.replace(b"\r\n", b"\n")


def row_of(files: Mapping[str, bytes]) -> tuple[list[Manifest], list[Line]]:
    """The manifests in the order in which each names the one before it, and what is wrong with that."""
    lines: list[Line] = []
    read: dict[str, tuple[Manifest, str]] = {}
    for path, data in files.items():
        source = decode(path, data)
        manifest = read_manifest(source)[0] if source else None
        if manifest is None or f"{FOLDER}/{manifest.release}.yml" != path:
            lines.append(fails(Group.MANIFESTS, N_("it is no manifest that can be read, or that of another release"),
                               place=path))  # fmt: skip
        else:
            read[manifest.release] = (manifest, sha256(_plain(data)))
    after: dict[str, list[Manifest]] = {}
    for manifest, _ in read.values():
        after.setdefault(manifest.previous.release if manifest.previous else "", []).append(manifest)
        before = manifest.previous
        if before and before.manifest and (before.release not in read or read[before.release][1] != before.manifest):
            text = N_("the manifest before it, {before}, is missing or was changed")
            lines.append(fails(Group.MANIFESTS, text, place=f"{FOLDER}/{manifest.release}.yml", before=before.release))
    row: list[Manifest] = []
    starts = [m for m, _ in read.values() if not m.previous or m.previous.release not in read]
    current = starts[0] if len(starts) == 1 else None
    while current and current not in row:
        row.append(current)
        following = after.get(current.release, [])
        current = following[0] if len(following) == 1 else None
    if read and len(row) != len(read):
        lines.append(fails(Group.MANIFESTS, N_("the manifests make no single row")))
    elif row and not lines:
        names = ", ".join(manifest.release for manifest in row)
        text = N_("the manifests follow each other unbroken: {names}")
        lines.append(holds(Group.MANIFESTS, text, names=names))
    return row, lines


def text_lines(newest: Manifest, documents: Sequence[Document], settings: Settings) -> Iterator[Line]:
    """The texts here against the newest manifest. A higher revision is a draft: nobody claims that it is approved."""
    rows = {row.id: row for row in newest.documents}
    same: list[Document] = []
    drafts: list[Document] = []
    for document in documents:
        row = rows.get(document.id)
        draft = row is None or (document.digest != row.digest and _is_later(document.revision, row.revision, settings))
        (drafts if draft else same).append(document)
    kept = {document.id for document in drafts}
    wrong = [
        line for line in listed(newest, [*same, *drafts], f"{FOLDER}/{newest.release}.yml") if line.document not in kept
    ]
    yield from wrong
    failed = {line.document for line in wrong if line.mark is Mark.FAILS}
    count = sum(document.id not in failed for document in same)
    if count:
        text = N_("texts that are those which the release {name} lists, with their approvals: {count}")
        yield holds(Group.TEXTS, text, count=str(count), name=newest.release)
    for document in drafts:
        text = N_("{id} {revision} is a draft; the release {name} does not hold it")
        yield unknown(Group.TEXTS, text, place=document.path, id=document.id, revision=document.revision,
                      name=newest.release)  # fmt: skip


def _is_later(one: str, other: str, settings: Settings) -> bool:
    mine, theirs = settings.scheme.rank(one), settings.scheme.rank(other)
    return mine is not None and theirs is not None and mine > theirs


def limits() -> Iterator[Line]:
    """What needs git."""
    for text in (
        N_("when the releases were set, by whom, and whether their tags were moved since"),
        N_("who might sign at the time: the rights are those of the organization.yml that lies here"),
        N_("whether whole releases were taken away from the end of the row"),
        N_("whether texts of earlier revisions are those that were released"),
    ):
        yield unknown(Group.LIMITS, text)
