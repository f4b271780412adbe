"""What the page of a document is made from, as one number: known without making the page.

Making the pages of a thousand documents only to learn that each was printed before would take longer than anything
else. So the inputs of a page are told by their texts. The number may change where the page does not: then the page is
made, and found to have been printed (`pdf.key`). It must change wherever the page could: what is not known to be
without effect is in it. All documents see the settings, the company's data, the day, all pictures, and which documents
there are. Of another document one sees the title, where it names that one's number; all that is in all of them where it
has a list or a chart made from data, or stands in an older release than the others.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path

from qmanual.control.edition import Entry
from qmanual.control.evidence import Evidence
from qmanual.control.statement import folder_of
from qmanual.model import Document
from qmanual.pdf.key import digest, file_digest
from qmanual.service.publication import Publication

_OF_ENTRY = tuple(one.name for one in fields(Entry) if one.name != "document")


class Inputs:
    """The inputs of the pages of one publication. `tools`: what prints; `pictures`: the folder that pictures are in."""

    def __init__(self, manual: Publication, tools: Mapping[str, str], pictures: Path) -> None:
        self._manual = manual
        register = manual.register
        self._common = digest((
            sorted(tools.items()), manual.language, manual.company, manual.draft, manual.today, register.day,
            register.left, manual.frame, sorted(_beside_documents(manual).items()), list(_pictures(pictures)),
            [(one.id, bool(one.header.id), one.kind, [body.path for body in one.bodies]) for one in register.documents],
        ))  # fmt: skip
        self._names = _Names({one.id for one in register.documents})

    def key(self, entry: Entry, evidence: Sequence[Evidence]) -> str:
        """The key of the page of this document."""
        document = entry.document
        around = [self._manual.around.get(body.path) for body in document.bodies]
        of_others = any(around) or any(body.markers for body in document.bodies)
        seen = self._texts if of_others else self._titles(document)
        return digest((
            self._common, seen, _text(document), _of_entry(entry), list(evidence), around,
            self._statements.get(folder_of(document.id, document.revision), []),
        ))  # fmt: skip

    def _titles(self, document: Document) -> list[tuple[str, str]]:
        """The titles of the documents that it may name."""
        by_id = self._manual.register.by_id
        found = {name for body in document.bodies for name in self._names.within(body.source.text)}
        return [(name, by_id[name].title) for name in sorted(found) if name in by_id]

    @cached_property
    def _texts(self) -> str:
        """The texts of all documents."""
        return digest([_text(document) for document in self._manual.register.documents])

    @cached_property
    def _statements(self) -> Mapping[str, list[tuple[str, bytes]]]:
        """The signed statements of every text, by the folder that they lie in."""
        found: dict[str, list[tuple[str, bytes]]] = {}
        for path, data in sorted(self._manual.manual.register.tree.approvals.items()):
            found.setdefault(path.rpartition("/")[0], []).append((path, data))
        return found


def _beside_documents(manual: Publication) -> Mapping[str, str]:
    """The texts that are no documents: settings, the company's data, standards; of the work tree and the edition."""
    registers = (manual.manual.register, manual.register)
    bodies = {path for register in registers for path in register.by_path}
    return {
        f"{at} {path}": source.text
        for at, register in enumerate(registers)
        for path, source in register.tree.sources.items()
        if path not in bodies
    }


def _pictures(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and digest of every file that lies where the printer may look."""
    for place in sorted(folder.rglob("*")):
        if place.is_file() and not place.is_symlink():
            yield place.relative_to(folder).as_posix(), file_digest(place)


class _Names:
    """Finds numbers of documents wherever they stand in a text, also within a word, a link or code.

    Markdown takes away backslashes and reads entities before anybody sees a number, so both are done here as well. It
    joins nothing else: between two pieces of a number that are set differently stands a tag.
    """

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._lengths = sorted({len(name) for name in names})
        starts = sorted({re.escape(name[:2]) for name in names if name})
        self._start = re.compile(f"(?={'|'.join(starts)})" if starts else r"(?!)")

    def within(self, text: str) -> set[str]:
        """The numbers in a text."""
        read = html.unescape(text.replace("\\", ""))
        return {
            name
            for start in self._start.finditer(read)
            for length in self._lengths
            if (name := read[start.start() : start.start() + length]) in self._names
        }


def _text(document: Document) -> tuple[object, ...]:
    return document.kind, document.digest, [(body.path, body.source.text) for body in document.bodies]


def _of_entry(entry: Entry) -> list[object]:
    return [getattr(entry, name) for name in _OF_ENTRY]
