"""The released texts beside those on the documents' own pages: what comes next and what was, with their pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qmanual.control.edition import Edition, Entry
from qmanual.control.history import Release
from qmanual.control.lifetime import Lifetime, lifetimes
from qmanual.control.status import Status, next_review
from qmanual.model import Body, Document
from qmanual.parse.document import resolve
from qmanual.render.texts import Around, Text, text_page
from qmanual.service.loading import Manual
from qmanual.workspace import IMAGES


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """The texts, by the path of their page, and what lay around each. `pictures`: path on the site → blob in git."""

    texts: Mapping[str, Text]
    around: Mapping[str, Around]
    pictures: Mapping[str, str]
    released: Mapping[str, Release]


class Pictures:
    """Where pictures lie on the site: each under its own path, an older one of the same path under its content."""

    def __init__(self, base: Mapping[str, str]) -> None:
        self.places = dict(base)

    def take(self, document: Document, tree: Mapping[str, str]) -> Mapping[str, str]:
        """Find a place for what a text shows: path as it names the picture → path on the site, where they differ."""
        moved = {}
        for body in document.bodies:
            for path in shown_in(body, tree):
                if self.places.setdefault(path, tree[path]) != tree[path]:
                    moved[path] = f"pictures/{tree[path][:16]}{Path(path).suffix.lower()}"
                    self.places[moved[path]] = tree[path]
        return moved


def shown_in(body: Body, tree: Mapping[str, str]) -> Iterator[str]:
    """The pictures of a tree that a text shows."""
    folder = body.path.rpartition("/")[0]
    for link in body.links:
        if Path(path := resolve(folder, link.target)).suffix.lower() in IMAGES and path in tree:
            yield path


def fill_shelf(manual: Manual, edition: Edition, base: Mapping[str, str]) -> Shelf:
    """Read the texts out of git. A draft shows none of them; it only needs what each changed text is compared with.

    `base`: the pictures that lie on the site already, path → blob.
    """
    pictures = Pictures(base)
    texts: dict[str, Text] = {}
    around: dict[str, Around] = {}
    released: dict[str, Release] = {}
    numbers: dict[str, Mapping[str, str]] = {}
    for entry in edition.entries:
        for life in _wanted(entry, edition.draft):
            release, document = manual.released(life.version)
            page = text_page(life.version, texts)
            texts[page] = Text(entry=_as_entry(life, document), current=entry, life=life, page=page)
            moved = pictures.take(document, manual.archive.tree(release))
            if release.name not in numbers:
                numbers[release.name] = numbers_then(manual, release)
            around[page] = Around(moved=moved, then=numbers[release.name])
            released[page] = release
    new = {path: blob for path, blob in pictures.places.items() if path not in base}
    return Shelf(texts=texts, around=around, pictures=new, released=released)


def _wanted(entry: Entry, draft: bool) -> list[Lifetime]:
    others = [life for life in lifetimes(entry) if not life.current]
    if not draft:
        return others
    return [] if entry.release else others[:1]


def _as_entry(life: Lifetime, document: Document) -> Entry:
    version = life.version
    return Entry(
        document=document, status=version.status, release=version.releases[0], said=version.said,
        starts=version.starts, ends=life.until,
        next_review=next_review(document) if version.status is Status.APPROVED else None,
    )  # fmt: skip


def numbers_then(manual: Manual, release: Release) -> Mapping[str, str]:
    """Path of every document and chapter of a release → the number that its document had then."""
    history = manual.history
    at = history.releases.index(release)
    numbers = {
        text.facts.path: number
        for number, texts in history.documents.items()
        for text in texts
        if text.first <= at <= text.last
    }
    return {path: numbers[main] for path, main in manual.archive.chapters(release).items() if main in numbers}
