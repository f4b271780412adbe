"""What is printed on a page of a PDF, as a digest: its content with all the fonts and pictures that it is drawn with.

Two pages with one digest look the same, whatever a viewer did to the file around them: renumbered its objects, packed
its streams anew. The fields on the page are apart: what they look like is what people fill in.
"""

import hashlib
from collections import Counter
from typing import Any

_AROUND = frozenset({
    "/Parent", "/Annots", "/StructParents", "/Tabs", "/Metadata", "/PieceInfo", "/LastModified", "/Type",
})  # fmt: skip
"""Keys of a page that show nothing."""

_PACKING = frozenset({"/Length", "/Filter", "/DecodeParms", "/DL"})
_OF_FIELDS = frozenset({"/P", "/Parent", "/StructParent", "/M", "/NM", "/Popup"})


def page_digest(page: Any) -> bytes:
    """The digest of what a page shows without its annotations. `page`: its dictionary, in `pikepdf`."""
    parts = _Digester()
    shown = {key: value for key, value in page.items() if key not in _AROUND}
    shown["/MediaBox"] = page.get("/MediaBox")
    return parts.of_items(shown)


def annotations(page: Any) -> Counter[bytes]:
    """What lies on a page: every link as it is, every field's widget by its place and name."""
    found: Counter[bytes] = Counter()
    for one in page.get("/Annots", []):
        if str(one.get("/Subtype")) == "/Widget":
            place = [round(float(edge), 1) for edge in one.Rect]
            names = [str(part.get("/T", "")) for part in (one, one.get("/Parent", {}))]
            found[repr((place, int(one.get("/F", 0)), names)).encode()] += 1
        else:
            found[_Digester().of_items({key: value for key, value in one.items() if key not in _OF_FIELDS})] += 1
    return found


def files(pdf: Any) -> set[bytes]:
    """Name and content of every file in a PDF, as digests."""
    return {
        hashlib.sha256(name.encode() + b"\0" + one.get_file().read_bytes()).digest()
        for name, one in pdf.attachments.items()
    }


class _Digester:
    """Digests objects by what they hold, never by their numbers."""

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], bytes] = {}

    def of(self, one: Any) -> bytes:
        import pikepdf

        number = getattr(one, "objgen", (0, 0))
        if number == (0, 0) or not isinstance(one, (pikepdf.Dictionary, pikepdf.Stream, pikepdf.Array)):
            return self._of(one)
        if number not in self.known:
            self.known[number] = b"itself"
            self.known[number] = self._of(one)
        return self.known[number]

    def _of(self, one: Any) -> bytes:
        import pikepdf

        if isinstance(one, pikepdf.Stream):
            inside = {key: value for key, value in one.items() if key not in _PACKING}
            return _hash(b"stream", self.of_items(inside), one.read_bytes())
        if isinstance(one, pikepdf.Dictionary):
            return self.of_items({key: value for key, value in one.items() if key != "/Parent"})
        if isinstance(one, pikepdf.Array):
            return _hash(b"array", *map(self.of, one))
        if isinstance(one, (pikepdf.String, pikepdf.Name)):
            return _hash(
                type(one).__name__.encode(), bytes(one) if isinstance(one, pikepdf.String) else str(one).encode()
            )
        try:
            return _hash(b"number", f"{float(one):.4f}".encode())
        except (TypeError, ValueError):
            return _hash(b"other", str(one).encode())

    def of_items(self, items: Any) -> bytes:
        return _hash(b"dictionary", *(part for key in sorted(items) for part in (key.encode(), self.of(items[key]))))


def _hash(*parts: bytes) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.digest()
