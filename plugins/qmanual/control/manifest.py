"""The manifest of a release: what was issued, by revision, digest, effective date and approvals.

It stands in `releases/NAME.yml`, in the commit that the release's tag marks. Every manifest names the one before it by
its digest, so that the row of releases can be proved without git. The same release gives the same bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qmanual.control.editing.style import scalar
from qmanual.control.history import Signature
from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Meaning
from qmanual.nodes import Entries, Entry, Node, Reader, aliases, is_empty
from qmanual.source import SourceFile, Span

FOLDER = "releases"


class Move(StrEnum):
    """What a release brought to a document."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document as issued. `effective`: None when neither header nor release says it; `digest`: `Document.digest`.

    `withdrawn`: the day on which it leaves, for a document that does or did.
    """

    id: str
    revision: str
    digest: str
    path: str
    change: Move
    effective: date | None = None
    withdrawn: date | None = None
    approvals: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True)
class Previous:
    """The release before: its name, and the SHA-256 of its manifest; empty when it has none."""

    release: str
    manifest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A release: its name, its day, the program that made it, the release before it (None: the first), its rows."""

    release: str
    on: date
    tool: str
    previous: Previous | None = None
    documents: tuple[Row, ...] = ()


def path_of(release: str) -> str:
    """The path of a release's manifest, from the manual's root."""
    return f"{FOLDER}/{release}.yml"


def compose(manifest: Manifest) -> bytes:
    """The bytes of a manifest; `read_manifest` is the inverse."""
    lines = [
        f"release: {scalar(manifest.release)}",
        f"date: {manifest.on.isoformat()}",
        f"tool: {scalar(manifest.tool)}",
    ]
    if manifest.previous:
        found = {"release": manifest.previous.release, "manifest": manifest.previous.manifest}
        lines.append(f"previous: {_braces((key, scalar(value, braces=True)) for key, value in found.items() if value)}")
    lines.append("documents:" if manifest.documents else "documents: []")
    lines += [f"  - {_braces(_row(row))}" for row in manifest.documents]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _row(row: Row) -> Iterator[tuple[str, str]]:
    values = {"id": row.id, "revision": row.revision, "digest": row.digest, "effective": _day(row.effective),
              "withdrawn": _day(row.withdrawn), "path": row.path, "change": row.change.value}  # fmt: skip
    yield from ((key, scalar(value, braces=True)) for key, value in values.items() if value)
    if row.approvals:
        meanings = dict.fromkeys(one.meaning for one in row.approvals)
        grouped = ((meaning, [one for one in row.approvals if one.meaning is meaning]) for meaning in meanings)
        yield "approvals", _braces((meaning.value, _signatures(found)) for meaning, found in grouped)


def _signatures(found: Sequence[Signature]) -> str:
    texts = [
        _braces((key, scalar(value, braces=True)) for key, value in (("by", one.by), ("date", _day(one.on))) if value)
        for one in found
    ]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _braces(pairs: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


# -- reading ---------------------------------------------------------------------------------------------------------


def read_manifest(source: SourceFile) -> tuple[Manifest | None, tuple[Fault, ...]]:
    """The manifest in a file, and what was wrong; None when anything was."""
    reader = _Reader(source)
    node = reader.compose(source.text)
    if node is not None and not node.value:  # an empty file has no places
        reader.fault(FaultKind.MISSING_VALUE, Span(source.path), key="release", expected=Phrase(N_("a text")))
    manifest = reader.manifest(node) if node and node.value else None
    return (None if reader.faults else manifest), tuple(reader.faults)


def _names(*keys: str) -> dict[str, str]:
    return aliases(dict.fromkeys(keys, ()))


_TOP = _names("release", "date", "tool", "previous", "documents")
_PREVIOUS = _names("release", "manifest")
_ROW = _names("id", "revision", "digest", "effective", "withdrawn", "path", "change", "approvals")
_MEANINGS = _names(*(meaning.value for meaning in Meaning))
_SIGNATURE = _names("by", "date")
_MOVES = _names(*(move.value for move in Move))


class _Reader(Reader):
    def manifest(self, node: Node) -> Manifest | None:
        found = self.entries(node, _TOP)
        release, tool = self._needed(node, found, "release"), self._needed(node, found, "tool")
        on = self.day(found.get("date"))
        if on is None:
            self._lacks(node, "date")
            return None
        before = found.get("previous")
        return Manifest(
            release=release, on=on.value, tool=tool, previous=self._previous(before) if before else None,
            documents=tuple(self._rows(found.get("documents"))),
        )  # fmt: skip

    def _previous(self, entry: Entry) -> Previous:
        found = self.entries(entry.node, _PREVIOUS)
        digest = self.text(found.get("manifest"))
        return Previous(self._needed(entry.node, found, "release"), digest.value if digest else "")

    def _rows(self, entry: Entry | None) -> Iterator[Row]:
        seen: dict[str, int] = {}
        for item in self.mappings(entry, N_("a mapping (key: value)")):
            found = self.entries(item, _ROW)
            texts = {key: self._needed(item, found, key) for key in ("id", "digest", "path", "change")}
            place = self.span(item)
            if texts["id"] in seen:
                self.fault(FaultKind.DUPLICATE_KEY, place, key=texts["id"], line=str(seen[texts["id"]]))
            seen.setdefault(texts["id"], place.line)
            move = self.one_of(found.get("change"), _MOVES)
            revision = self.text(found.get("revision"))
            yield Row(
                id=texts["id"], revision=revision.value if revision else "", digest=texts["digest"],
                path=texts["path"], change=Move(move or Move.NEW), effective=self._on(found, "effective"),
                withdrawn=self._on(found, "withdrawn"), approvals=tuple(self._approvals(found.get("approvals"))),
            )  # fmt: skip

    def _approvals(self, entry: Entry | None) -> Iterator[Signature]:
        for name, one in (self.entries(entry.node, _MEANINGS) if entry else {}).items():
            for item in self.mappings(one, N_("{by: name, date: 2026-01-31}")):
                found = self.entries(item, _SIGNATURE)
                by = self.text(found.get("by"))
                yield Signature(meaning=Meaning(name), by=by.value if by else "", on=self._on(found, "date"))

    def _on(self, found: Entries, key: str) -> date | None:
        day = self.day(found.get(key))
        return day.value if day else None

    def _needed(self, node: Node, found: Entries, key: str) -> str:
        entry = found.get(key)
        if entry is None or is_empty(entry.node):
            self._lacks(node, key)
            return ""
        text = self.text(entry)
        return text.value if text else ""

    def _lacks(self, node: Node, key: str) -> None:
        self.fault(FaultKind.MISSING_VALUE, self.span(node), key=key, expected=Phrase(N_("a text")))
