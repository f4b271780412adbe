"""What is published of a manual: the edition of a day out of its releases, or the work tree as a draft."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from qmanual.control.edition import Edition, Version, published_edition, timeline
from qmanual.control.evidence import Evidence, evidence_of
from qmanual.control.history import GAP_TEXTS, Gap, Release
from qmanual.control.judging import Verdict
from qmanual.files import file_name
from qmanual.language import Language
from qmanual.manual import EXTERNALS, ORGANIZATION
from qmanual.model import Body, Document, Organization
from qmanual.parse.organization import read_externals, read_organization
from qmanual.register import Register, Tree
from qmanual.render.frame import Frame
from qmanual.render.look import Dress, dress
from qmanual.render.texts import Around
from qmanual.service.archive import Archive
from qmanual.service.evidence import released_verdict
from qmanual.service.loading import Manual
from qmanual.service.shelf import Pictures, Shelf, fill_shelf, numbers_then
from qmanual.service.statements import verdict
from qmanual.source import SourceFile
from qmanual.workspace import IMAGES, CannotRun


@dataclass(frozen=True, kw_only=True)
class Publication:
    """An edition with all that its pages show. `manual` is the work tree that it belongs to.

    `base`: the pictures of its texts that lie in git, path on the site → blob; none for a draft, whose pictures lie in
    the work tree. `around`: file of a text out of an earlier release → what lay around that text.
    """

    manual: Manual
    edition: Edition
    base: Mapping[str, str] = field(default_factory=dict)
    around: Mapping[str, Around] = field(default_factory=dict)

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

    @cached_property
    def shelf(self) -> Shelf:
        """The released texts beside those on the documents' own pages; read when somebody first asks."""
        beside = self.register.tree.images if self.draft else self.base
        return fill_shelf(self.manual, self.edition, beside)

    @cached_property
    def pictures(self) -> Mapping[str, str]:
        """The pictures that are taken out of git: path on the site → blob."""
        return {**self.base, **self.shelf.pictures}

    @cached_property
    def shown_pictures(self) -> frozenset[str]:
        """The pictures that lie beside the pages, by their path on the site."""
        return frozenset({*(self.register.tree.images if self.draft else ()), *self.pictures})

    @cached_property
    def picture_digests(self) -> Mapping[str, str]:
        """Path on the site of every picture → SHA-256, by which two texts show the same or another."""
        return {**self.register.tree.images, **self.manual.archive.image_digests(self.pictures)}

    @cached_property
    def verdict(self) -> Verdict:
        """What holds of the signed statements about its texts; read when somebody first asks."""
        return verdict(self.manual) if self.draft else released_verdict(self.manual)

    def evidence(self, document: Document) -> tuple[Evidence, ...]:
        """What proves each signature in a text's header, see `control.evidence`."""
        return evidence_of(document, self.verdict)

    @cached_property
    def dress(self) -> Dress:
        """The company's look; like all settings it is that of the work tree."""
        return dress(self.manual.register.settings.branding, self.manual.register.tree.brand)

    @cached_property
    def frame(self) -> Frame:
        """What the company decided about its prints, made ready."""
        settings, tree = self.manual.register.settings, self.register.tree
        return Frame(
            branding=settings.branding, today=self.today if settings.branding.valid_days else None,
            site=settings.site_url, logo=self.dress.logo, hands=hands(self.register.organization, tree.images),
            templates=self.dress.templates, sheet=self.dress.sheet,
        )  # fmt: skip

    def register_then(self, release: Release) -> Register:
        """What the lists and charts in a text of that release are made of: company and documents of its time."""
        documents = self.manual.archive.documents(release)
        return replace(_with_data(self.register, self.manual.archive, release), documents=documents, left=frozenset())


def hands(organization: Organization, pictures: Container[str]) -> Mapping[str, str]:
    """Person → address of the picture of the signature, as far as there is such a picture."""
    drawn = {one.name.value: one.signature.value for one in organization.people if one.signature}
    return {name: quote(path) for name, path in drawn.items() if path in pictures}


def stage(shown: Publication, folder: Path, whole: bool = True) -> None:
    """Put the pictures of a publication into a folder, as they belong to its texts; site and PDFs take them there.

    `whole`: also those of the texts beside the ones on the documents' own pages.
    """
    drawn = shown.register.tree.images if shown.draft else ()
    data = {path: (shown.root / path).read_bytes() for path in drawn}
    pictures = shown.pictures if whole else shown.base
    blobs = shown.manual.archive.blobs(pictures.values()) if pictures else {}
    data |= {path: blobs[blob] for path, blob in pictures.items() if blob in blobs}
    for path, content in (data | dict(shown.dress.files)).items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def publication(manual: Manual, draft: bool = False) -> Publication:
    """The edition of the manual's day; the work tree as a draft when asked for, or while nothing is released.

    Raises `CannotRun` where git cannot say whether anything is: a draft must not take the place of what is in force.
    """
    history = manual.history
    if history.gap is Gap.DAMAGED and not draft:
        raise CannotRun(GAP_TEXTS[history.gap], trouble=history.trouble)
    newest = history.newest
    if draft or newest is None:
        return Publication(manual=manual, edition=manual.working)
    return _Publisher(manual, newest).publication()


class _Publisher:
    """Puts the edition of a day together: the newest release, with older texts where the newest are still to come."""

    def __init__(self, manual: Manual, newest: Release) -> None:
        self.manual = manual
        self.archive: Archive = manual.archive
        self.newest = newest
        self.tree = self.archive.tree(newest)
        self.pictures = Pictures({path: blob for path, blob in self.tree.items() if _is_picture(path)})
        self.around: dict[str, Around] = {}
        self.left: set[str] = set()

    def publication(self) -> Publication:
        documents = _apart(self._documents())
        manual, archive = self.manual, self.archive
        sources = {body.path: body.source for document in documents for body in document.bodies}
        pictures = self.pictures.places
        tree = Tree(
            paths=frozenset({*self.tree, *sources, *_folders(self.tree)}),
            sources=sources,
            images=archive.image_digests(pictures),
            svgs=read_drawings(archive, pictures),
        )
        register = replace(manual.register, documents=documents, tree=tree, left=frozenset(self.left))
        register = _with_data(register, archive, self.newest)
        return Publication(
            manual=manual,
            edition=published_edition(register, manual.register, manual.history, manual.today),
            base=pictures,
            around={
                body.path: self.around[one.id] for one in documents if one.id in self.around for body in one.bodies
            },
        )

    def _documents(self) -> Iterator[Document]:
        """The text that counts of every document, in the order of the register; those that left the releases last."""
        history, today = self.manual.history, self.manual.today
        seen = set()
        for document in self.archive.documents(self.newest):
            if document.id not in seen:
                seen.add(document.id)
                times = timeline(document.id, history, today)
                yield self._text(document, times.shown)
        for number in history.documents:
            if number not in seen and (now := timeline(number, history, today).now):
                self.left.add(number)
                yield self._older(now)

    def _text(self, document: Document, counts: Version | None) -> Document:
        if counts is None or (counts.facts.digest, counts.revision) == (document.digest, document.revision):
            return document
        return self._older(counts)

    def _older(self, version: Version) -> Document:
        """The text of an earlier release, its pictures beside those of the newest."""
        release, document = self.manual.released(version)
        moved = self.pictures.take(document, self.archive.tree(release))
        self.around[document.id] = Around(moved=moved, then=numbers_then(self.manual, release))
        return document


def _apart(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Documents of several releases, each with files of its own: one that stands where another does now is renamed.

    Its folder stays, so that its links lead where they led.
    """
    taken: set[str] = set()
    kept = []
    for document in documents:
        if not taken.isdisjoint(body.path for body in document.bodies):
            names = iter((file_name(document.id), *(f"{file_name(document.id)}-{at}" for at in range(1, 1000))))
            bodies = [_renamed(body, next(names)) for body in document.bodies]
            document = replace(document, body=bodies[0], chapters=tuple(bodies[1:]))
        taken |= {body.path for body in document.bodies}
        kept.append(document)
    return tuple(kept)


def _renamed(body: Body, name: str) -> Body:
    folder = body.path.rpartition("/")[0]
    return replace(body, source=replace(body.source, path=f"{folder}/{name}~.md".lstrip("/")))


def _with_data(register: Register, archive: Archive, release: Release) -> Register:
    """The register with the company's data as a release holds them."""
    data = register.settings.data_folder
    sources = {path: archive.text(release, path) for path in (f"{data}/{ORGANIZATION}", f"{data}/{EXTERNALS}")}
    first, second = sources.values()
    read = {path: source for path, source in sources.items() if source}
    return replace(
        register,
        organization=read_organization(first),
        externals=read_externals(second),
        tree=replace(register.tree, sources={**register.tree.sources, **read}),
    )


def read_drawings(archive: Archive, pictures: Mapping[str, str]) -> dict[str, SourceFile]:
    """The SVG pictures among these, as texts: a drawing can carry a script."""
    found = {path: blob for path, blob in pictures.items() if path.lower().endswith(".svg")}
    data = archive.blobs(found.values()) if found else {}
    return {path: SourceFile(path, data.get(blob, b"").decode("utf-8", "replace")) for path, blob in found.items()}


def _is_picture(path: str) -> bool:
    return Path(path).suffix.lower() in IMAGES


def _folders(paths: Mapping[str, str]) -> Iterator[str]:
    for path in paths:
        while "/" in path:
            path = path.rpartition("/")[0]
            yield path
