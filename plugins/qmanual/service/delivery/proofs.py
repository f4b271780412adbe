"""What a package carries as proof: signed statements, manifests of the releases, and who might sign from when on.

All of it comes out of the releases, never out of the work tree: a branch cannot give itself rights.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qmanual.control.history import Release
from qmanual.control.manifest import path_of
from qmanual.control.package import Issue
from qmanual.control.statement import FOLDER, SIGNATURE, folder_of
from qmanual.files import file_name
from qmanual.git.trees import read_trees
from qmanual.model import Document
from qmanual.service.loading import Manual
from qmanual.service.statements import organization_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """Path in the package → bytes; and what each release brought of them, oldest first."""

    files: Mapping[str, bytes]
    issues: tuple[Issue, ...] = ()

    @property
    def statements(self) -> int:
        """How many signed statements there are."""
        return sum(path.startswith(f"{FOLDER}/") and path.endswith(".yml") for path in self.files)


def proofs(manual: Manual, documents: Iterable[Document]) -> Proofs:
    """The proofs for these texts; the manifests of all releases, since each names the one before it."""
    releases = manual.history.releases
    if not releases:
        return Proofs(files={})
    folders = {folder_of(one.id, one.revision) for one in documents}
    trees = read_trees(manual.archive.repository, [one.commit for one in releases], (FOLDER,))
    held = {path: blob for path, blob in trees[releases[-1].commit].items() if path.rpartition("/")[0] in folders}
    manifests = {path_of(one.name): one.manifest for one in releases if one.manifest}
    data = manual.archive.blobs(dict.fromkeys((*held.values(), *manifests.values())))
    files = {path: data[blob] for path, blob in (held | manifests).items() if blob in data}
    people = _people(manual, releases)
    files |= dict(people.values())
    issues: list[Issue] = []
    seen: set[str] = set()
    for release in releases:
        brought = [path for path in sorted(held) if path not in seen and _same(path, held, trees[release.commit])]
        seen.update(brought)
        manifest = path_of(release.name)
        issues.append(Issue(
            name=release.name, time=release.time, manifest=manifest if manifest in files else "",
            organization=people[release.name][0] if release.name in people else "", statements=tuple(brought),
        ))  # fmt: skip
    return Proofs(files=files, issues=tuple(issues))


def _same(path: str, held: Mapping[str, str], tree: Mapping[str, str]) -> bool:
    """Whether a release holds a statement with the signature that it bears now."""
    signature = path + SIGNATURE
    return path.endswith(".yml") and tree.get(path) == held[path] and tree.get(signature) == held.get(signature)


def _people(manual: Manual, releases: tuple[Release, ...]) -> dict[str, tuple[str, bytes]]:
    """Release → path in the package and bytes of its organization; one that did not change is there once."""
    found = organization_files(manual, releases)
    places: dict[bytes, str] = {}
    kept = {}
    for release in releases:
        if release.name in found:
            data = found[release.name][1]
            kept[release.name] = (places.setdefault(data, f"organization/{file_name(release.name)}.yml"), data)
    return kept
