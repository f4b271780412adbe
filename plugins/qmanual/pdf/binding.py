"""Documents that were printed each by itself, bound into one PDF: pages, structure, bookmarks and links become one.

So a manual of hundreds of documents is printed on all cores and from what is kept of earlier runs, and one document
takes no more memory than it needs. What one PDF can hold only once is joined here (ISO 32000-1): the structure tree
(14.7.2) with the numbers under which pages and annotations are found in it (14.7.4.4), the names of destinations
(12.3.2.3), the outline (12.3.3). Page numbers of the whole are put on as artifacts.
"""

import io
from codecs import BOM_UTF16_BE
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from qmanual.pdf.stamp import as_form

SCHEME = "qm-book:"
"""Of the addresses that lead to another document, see `render.book`."""

_FOOT = "/Artifact <</Type /Pagination /Subtype /Footer /Attached [/Bottom]>> BDC"


@dataclass(frozen=True, slots=True)
class Part:
    """A document of the book: its `number`, what its bookmark says, the group it stands in, its PDF."""

    number: str
    title: str
    group: str
    data: bytes


def lie_across(data: bytes) -> tuple[bool, ...]:
    """Of each page of a PDF whether it is wider than high."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        boxes = [[float(edge) for edge in page.mediabox] for page in pdf.pages]
    return tuple(box[2] - box[0] > box[3] - box[1] for box in boxes)


def bound(front: bytes, parts: Sequence[Part], numbers: bytes) -> bytes:
    """The book. `front`: the PDF of its front, whose metadata and files it keeps; `numbers`: a PDF with a page for each
    page behind the front, empty but for its number. The same input gives the same bytes.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(front)) as book, pikepdf.open(io.BytesIO(numbers)) as counted:
        binder = _Binder(book, pikepdf)
        sources = [binder.add(part) for part in parts]
        binder.number(counted)
        binder.finish(parts)
        out = io.BytesIO()
        book.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        for source in sources:
            source.close()
    return out.getvalue()


class _Binder:
    def __init__(self, book: Any, pikepdf: Any) -> None:
        self.book, self.pikepdf = book, pikepdf
        self.front = len(book.pages)
        root = book.Root.StructTreeRoot
        self.top = root.K[0]
        self.numbers: list[Any] = list(root.ParentTree.Nums)
        self.next = int(root.ParentTreeNextKey)
        self.names: dict[bytes, Any] = {}
        self.starts: dict[str, int] = {}
        self.marks: dict[str, list[Any]] = {}
        self.groups: dict[str, Any] = {}

    def add(self, part: Part) -> Any:
        """Take up a document; gives its PDF, which stays open until the book is written."""
        source = self.pikepdf.open(io.BytesIO(part.data))
        start = len(self.book.pages)
        self.starts.setdefault(part.number, start)
        self.marks[part.number] = [*_bookmarks(source, start, self.pikepdf)]
        for page in source.pages:
            self.book.pages.append(page)
        for page in list(self.book.pages)[start:]:
            if "/StructParents" in page.obj:
                page.obj.StructParents = int(page.obj.StructParents) + self.next
            for note in page.obj.get("/Annots", ()):
                if "/StructParent" in note:
                    note.StructParent = int(note.StructParent) + self.next
                if "/Dest" in note:
                    note.Dest = self.pikepdf.String(_prefix(part.number) + bytes(note.Dest))
        self._join(self.book.copy_foreign(source.Root.StructTreeRoot), part)
        for name, place in _pairs(source.Root.get("/Names", {}).get("/Dests", {}).get("/Names", [])):
            copied = self.book.copy_foreign(source.make_indirect(place))
            self.names[_prefix(part.number) + bytes(name)] = copied
        return source

    def _join(self, tree: Any, part: Part) -> None:
        """Hang a document's structure into that of the book."""
        document = tree.K[0]
        if part.group not in self.groups:
            made = {"/Type": self.pikepdf.Name.StructElem, "/S": self.pikepdf.Name.Part, "/P": self.top}
            self.groups[part.group] = self.book.make_indirect(self.pikepdf.Dictionary(made | {"/K": []}))
            self.top.K.append(self.groups[part.group])
        group = self.groups[part.group]
        document.S, document.P = self.pikepdf.Name.Art, group
        group.K.append(document)
        for number, element in _pairs(tree.ParentTree.Nums):
            self.numbers += [int(number) + self.next, element]
        self.next += int(tree.ParentTreeNextKey)

    def number(self, counted: Any) -> None:
        """Put its number in the book on every page behind the front."""
        for at, page in enumerate(list(self.book.pages)[self.front :]):
            form = self.book.copy_foreign(as_form(counted, at))
            own = self.pikepdf.Name(f"/QmBook{at}")  # the pages of a document share their resources
            name = page.add_resource(form, self.pikepdf.Name.XObject, own)
            page.contents_add(self.pikepdf.Stream(self.book, b"q\n"), prepend=True)
            painting = f"\nQ\n{_FOOT}\nq {name} Do Q\nEMC\n".encode("ascii")
            page.contents_add(self.pikepdf.Stream(self.book, painting))

    def finish(self, parts: Sequence[Part]) -> None:
        """Write what the PDF holds once, and lead the links to other documents to their places."""
        pikepdf, book = self.pikepdf, self.book
        root = book.Root.StructTreeRoot
        root.ParentTree = book.make_indirect(pikepdf.Dictionary({"/Nums": pikepdf.Array(self.numbers)}))
        root.ParentTreeNextKey = self.next
        for page in book.pages:
            for note in page.obj.get("/Annots", ()):
                self._lead(note)
        own = dict(_pairs(book.Root.get("/Names", {}).get("/Dests", {}).get("/Names", [])))
        self.names |= {bytes(name): place for name, place in own.items()}
        listed = [one for name in sorted(self.names) for one in (pikepdf.String(name), self.names[name])]
        names = book.Root.get("/Names", pikepdf.Dictionary())
        names["/Dests"] = book.make_indirect(pikepdf.Dictionary({"/Names": pikepdf.Array(listed)}))
        book.Root.Names = names
        self._outline(parts)

    def _lead(self, note: Any) -> None:
        """A link to another document of the book becomes one inside it."""
        action = note.get("/A", {})
        target = str(action.get("/URI", ""))
        if not target.startswith(SCHEME):
            return
        number, _, anchor = target.removeprefix(SCHEME).partition("/")
        del note["/A"]
        named = _prefix(unquote(number)) + _name(unquote(anchor))
        if anchor and named in self.names:
            note.Dest = self.pikepdf.String(named)
        else:
            page = self.book.pages[self.starts.get(unquote(number), 0)]
            note.Dest = self.pikepdf.Array([page.obj, self.pikepdf.Name.Fit])

    def _outline(self, parts: Sequence[Part]) -> None:
        item = self.pikepdf.OutlineItem
        with self.book.open_outline() as outline:
            groups: dict[str, Any] = {}
            for part in parts:
                start = self.starts[part.number]
                if part.group not in groups:
                    groups[part.group] = item(part.group, start, "Fit")
                    outline.root.append(groups[part.group])
                mark = item(part.title, start, "Fit")
                mark.is_closed = True
                mark.children.extend(self.marks[part.number])
                groups[part.group].children.append(mark)


def _prefix(number: str) -> bytes:
    return number.encode() + b"/"


def _name(anchor: str) -> bytes:
    """An anchor as the name of a destination, as `pydyf.String` writes it (ISO 32000-1, 7.9.2.2)."""
    return anchor.encode() if anchor.isascii() else BOM_UTF16_BE + anchor.encode("utf-16-be")


def _pairs(listed: Any) -> Iterator[tuple[Any, Any]]:
    found = list(listed)
    return zip(found[::2], found[1::2], strict=True)


def _bookmarks(source: Any, start: int, pikepdf: Any) -> Iterator[Any]:
    """The bookmarks of a document, for the book in which its pages begin at `start`; its title alone is left out."""
    places = {page.obj.objgen: at for at, page in enumerate(source.pages)}
    with source.open_outline() as outline:
        found = list(outline.root)
    if len(found) == 1:
        found = list(found[0].children)
    for one in found:
        yield _moved(one, places, start, pikepdf)


def _moved(one: Any, places: Mapping[Any, int], start: int, pikepdf: Any) -> Any:
    page, _, left, top, *_ = list(one.destination)
    made = pikepdf.OutlineItem(one.title, start + places[page.objgen], "XYZ", left=float(left), top=float(top))
    made.is_closed = True
    made.children.extend(_moved(child, places, start, pikepdf) for child in one.children)
    return made
