"""The facts of what releases hold: of every text its header and digest; the body is read only where it must be."""

import hashlib
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import NamedTuple

from qmanual.control.edits import Reading
from qmanual.control.history import Facts, facts_of
from qmanual.model import Document
from qmanual.parse.document import read_document, read_light
from qmanual.service.halves import in_halves
from qmanual.service.holdings import Holdings, Parts, shows_pictures
from qmanual.source import SourceFile


class _Text(NamedTuple):
    """A document's text as a commit holds it, whose facts are not known. `tree`: where its pictures lie, if any."""

    key: str
    parts: Parts
    tree: Mapping[str, str] | None
    version: str


class Reader:
    """Reads the facts of commits into `facts`, by a key for what they were read from.

    `known`: documents of the work tree by their texts. `readings`: what was read of documents in one file, by path and
    blob, as last edits are found from it.
    """

    def __init__(
        self, holdings: Holdings, known: Mapping[tuple[SourceFile, ...], Document], facts: dict[str, Facts]
    ) -> None:
        self.holdings = holdings
        self.known = known
        self.facts = facts
        self.readings: dict[str, Reading] = {}
        self._keys: dict[tuple[str, ...], str] = {}
        self._pictured: dict[int, bool] = {}
        self._missing: list[_Text] = []

    def read(self, commits: Iterable[str]) -> dict[str, list[str]]:
        """Commit → the keys of the facts of its documents, in order. Raises `git.Damaged`."""
        self.holdings.open(commits)
        order = self.holdings.order
        read: dict[tuple[int, str], list[tuple[int, str]]] = {}
        found = {}
        for commit in commits:
            tree, pictures = self.holdings.tree(commit), repr(self.holdings.pictures(commit))
            held: list[tuple[int, str]] = []
            for documents in self.holdings.groups(commit):
                at = id(documents), pictures
                if at not in read:
                    read[at] = [(order[parts[0].name], self._key(tree, pictures, parts)) for parts in documents]
                held += read[at]
            found[commit] = [key for _, key in sorted(held, key=itemgetter(0))]
        self._read_missing()
        return found

    def _key(self, tree: Mapping[str, str], pictures: str, parts: Parts) -> str:
        """The key of a document's facts. What is not known is noted, to be read with all the rest."""
        kind, main, chapters = parts
        pictured = self._shows(main) or any(self._shows(chapter) for chapter in chapters)
        version = f"{main.path}\0{tree[main.path]}"
        named = (kind.name, version, *(f"{one.path}\0{tree[one.path]}" for one in chapters))
        named = (*named, pictures) if pictured else named
        key = self._keys.get(named)
        if key is None:
            key = hashlib.blake2b(repr(named).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
            self._keys[named] = key
            if key not in self.facts:
                self._missing.append(_Text(key, parts, tree if pictured else None, "" if chapters else version))
        return key

    def _shows(self, source: SourceFile) -> bool:
        found = self._pictured.get(id(source))
        if found is None:
            found = self._pictured[id(source)] = shows_pictures(source)
        return found

    def _read_missing(self) -> None:
        known = [(text, self.known.get((text.parts[1], *text.parts[2]))) for text in self._missing]
        self.facts.update((text.key, facts_of(document)) for text, document in known if document)
        left = [text for text, document in known if not document]
        plain = [text for text in left if text.tree is None]
        self.facts.update(zip((text.key for text in plain), in_halves(self._plain, plain), strict=True))
        self.facts.update((text.key, self._with_pictures(text)) for text in left if text.tree is not None)
        for text in self._missing:
            if text.tree is None and text.version:
                facts = self.facts[text.key]
                self.readings[text.version] = Reading(facts.digest, facts.signatures)
        self._missing = []

    def _plain(self, text: _Text) -> Facts:
        return facts_of(read_light(*text.parts, self.holdings.settings))

    def _with_pictures(self, text: _Text) -> Facts:
        kind, main, chapters = text.parts
        images = self.holdings.image_digests(text.tree or {})
        return facts_of(read_document(main, chapters, kind, self.holdings.settings, images))
