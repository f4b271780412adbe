"""What is published of a manual: the edition of a day out of its releases, or the work tree as a draft."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from qmanual.control.edition import Edition, Version, published_edition, timeline
from qmanual.control.history import Release
from qmanual.language import Language
from qmanual.manual import EXTERNALS, ORGANIZATION
from qmanual.model import Body, Document
from qmanual.parse.document import resolve
from qmanual.parse.organization import read_externals, read_organization
from qmanual.register import Register, Tree
from qmanual.service.archive import Archive
from qmanual.service.loading import Manual
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES


@dataclass(frozen=True, kw_only=True)
class Publication:
    """An edition with all that its pages show. `manual` is the work tree that it belongs to.

    `pictures`: path on the site → blob in git, empty for a draft, whose pictures lie in the work tree. `moved`: file of
    a text → (path of a picture as its text names it → path on the site), where a picture has changed since that text.
    """

    manual: Manual
    edition: Edition
    pictures: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def register(self) -> Register:
        """The documents that are shown."""
        return self.edition.register

    @property
    def draft(self) -> bool:
        """Whether it shows the work tree."""
        return self.edition.draft

    @property
    def root(self) -> Path:
        """The manual's folder."""
        return self.manual.root

    @property
    def today(self) -> date:
        """The day that it shows."""
        return self.manual.today

    @property
    def company(self) -> str:
        """The company's name, else the site's, else empty."""
        return self.register.organization.company or self.register.settings.site_name

    @property
    def language(self) -> Language:
        """The language of what is published."""
        return self.manual.language

    @property
    def shown_pictures(self) -> frozenset[str]:
        """The pictures that lie beside the pages, by their path on the site."""
        return frozenset(self.register.tree.images if self.draft else self.pictures)


def stage(shown: Publication, folder: Path) -> None:
    """Put the pictures of a publication into a folder, as they belong to its texts; site and PDFs take them there."""
    if shown.draft:
        data = {path: (shown.root / path).read_bytes() for path in shown.register.tree.images}
    else:
        blobs = shown.manual.archive.blobs(shown.pictures.values())
        data = {path: blobs[blob] for path, blob in shown.pictures.items() if blob in blobs}
    for path, content in data.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def publication(manual: Manual, draft: bool = False) -> Publication:
    """The edition of the manual's day; the work tree as a draft when asked for, or while nothing is released."""
    newest = manual.history.newest
    if draft or newest is None:
        return Publication(manual=manual, edition=manual.working)
    return _Publisher(manual, newest).publication()


class _Publisher:
    """Puts the edition of a day together: the newest release, with older texts where the newest are still to come."""

    def __init__(self, manual: Manual, newest: Release) -> None:
        self.manual = manual
        self.archive: Archive = manual.archive
        self.newest = newest
        self.base = self.archive.tree(newest)
        self.pictures = {path: blob for path, blob in self.base.items() if Path(path).suffix.lower() in IMAGES}
        self.moved: dict[str, Mapping[str, str]] = {}

    def publication(self) -> Publication:
        documents = tuple(self._documents())
        manual = self.manual
        sources = {body.path: body.source for document in documents for body in document.bodies}
        tree = Tree(
            paths=frozenset({*self.base, *sources, *_folders(self.base)}),
            sources={**manual.register.tree.sources, **sources},
            images=self.archive.image_digests(self.pictures),
            svgs=self._drawings(),
        )
        data = manual.register.settings.data_folder
        register = replace(
            manual.register,
            documents=documents,
            tree=tree,
            organization=read_organization(self.archive.text(self.newest, f"{data}/{ORGANIZATION}")),
            externals=read_externals(self.archive.text(self.newest, f"{data}/{EXTERNALS}")),
        )
        return Publication(
            manual=manual,
            edition=published_edition(register, manual.register, manual.history, manual.today),
            pictures=self.pictures,
            moved=self.moved,
        )

    def _drawings(self) -> dict[str, SourceFile]:
        found = {path: blob for path, blob in self.pictures.items() if path.lower().endswith(".svg")}
        data = self.archive.blobs(found.values())
        return {path: SourceFile(path, data.get(blob, b"").decode("utf-8", "replace")) for path, blob in found.items()}

    def _documents(self) -> Iterator[Document]:
        """The text that counts of every document, in the order of the register; those that left the releases last."""
        history, today = self.manual.history, self.manual.today
        seen = set()
        for document in self.archive.documents(self.newest):
            if document.id not in seen:
                seen.add(document.id)
                times = timeline(document.id, history, today)
                yield self._text(document, times.now or times.coming)
        for number in history.documents:
            if number not in seen and (now := timeline(number, history, today).now):
                yield self._older(now)

    def _text(self, document: Document, counts: Version | None) -> Document:
        if counts is None or (counts.facts.digest, counts.revision) == (document.digest, document.revision):
            return document
        return self._older(counts)

    def _older(self, version: Version) -> Document:
        """The text of an earlier release, its pictures beside those of the newest."""
        release, document = self.manual.released(version)
        self._take_pictures(document, self.archive.tree(release))
        return document

    def _take_pictures(self, document: Document, tree: Mapping[str, str]) -> None:
        for body in document.bodies:
            moved = {}
            for path in _shown(body, tree):
                if self.pictures.setdefault(path, tree[path]) != tree[path]:
                    moved[path] = f"pictures/{tree[path][:16]}{Path(path).suffix.lower()}"
                    self.pictures[moved[path]] = tree[path]
            if moved:
                self.moved[body.path] = moved


def _shown(body: Body, tree: Mapping[str, str]) -> Iterator[str]:
    folder = body.path.rpartition("/")[0]
    for link in body.links:
        if link.image and (path := resolve(folder, link.target)) in tree:
            yield path


def _folders(paths: Mapping[str, str]) -> Iterator[str]:
    for path in paths:
        while "/" in path:
            path = path.rpartition("/")[0]
            yield path
