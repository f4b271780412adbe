"""Tagged PDFs: the structure that WeasyPrint's pages have, joined over the pages and written with the content's marks.

WeasyPrint 70 tags each page by itself: a paragraph, a list or a table that runs over a page becomes two, repeated
table heads are read again on each page, the running header and footer are content that belongs nowhere, and list
items and header cells say less than they could. Here one element of the text is one element of the structure.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from qmanual.pdf.fillable import add_fields
from qmanual.pdf.structure import ROLES, Mark, Node, Note, place_for, place_for_text, tidy

_POINTS = 0.75
"""Points in a CSS pixel."""


def install() -> None:
    """Let WeasyPrint tag documents this way, in this process."""
    from weasyprint import pdf
    from weasyprint.pdf.stream import Stream

    if pdf.add_tags is add_tags:
        return
    pdf.add_tags = add_tags
    Stream.marked = _marking(Stream.marked)
    Stream.artifact = _apart(Stream.artifact)


# -- before a page is drawn ----------------------------------------------------------------------------------------


def find_ornaments(document: Any) -> None:
    """Mark the boxes that are no content: margins, table heads repeated on a further page, pictures without words."""
    from weasyprint.formatting_structure import boxes

    seen: set[int] = set()
    for page in document.pages:
        heads: set[int] = set()
        for child in page._page_box.children:
            _find(child, "Pagination" if isinstance(child, boxes.MarginBox) else "", seen, heads, boxes)
        seen |= heads


def _find(box: Any, kind: str, seen: set[int], heads: set[int], boxes: Any) -> None:
    box = getattr(box, "_box", box)
    if isinstance(box, boxes.TableRowGroupBox) and (box.is_header or box.is_footer):
        kind = kind or ("Pagination" if id(box.element) in seen else "")
        heads.add(id(box.element))
    elif isinstance(box, boxes.ReplacedBox) and not kind and box.element.get("alt") == "":
        kind = "Layout"
    if kind:
        box.ornament = kind
    for child in getattr(box, "children", ()):
        _find(child, kind, seen, heads, boxes)


def _marking(original: Any) -> Any:
    """`Stream.marked` that marks ornaments as such, and nothing within what is marked."""

    @contextmanager
    def marked(self: Any, box: Any, tag: str) -> Iterator[None]:
        kind = getattr(box, "ornament", "")
        if self._tags is None:
            yield
            return
        if kind:
            self.begin_marked_content("Artifact", f"<</Type /{kind}>>")
            self.qm_within = True
            try:
                yield
            finally:
                self.qm_within = False
                self.end_marked_content()
            return
        with original(self, box, tag):
            self.qm_within = True
            try:
                yield
            finally:
                self.qm_within = False

    return marked


def _apart(original: Any) -> Any:
    """`Stream.artifact` that does nothing within marked content: a line under a text is part of the text."""

    def artifact(self: Any) -> Any:
        return nullcontext() if getattr(self, "qm_within", False) else original(self)

    return artifact


# -- after all pages were drawn ------------------------------------------------------------------------------------


def add_tags(pdf: Any, document: Any, version: Any, streams: list[Any]) -> None:
    """Write the structure of the whole document into the PDF, as `weasyprint.pdf` asks for it."""
    form = getattr(document, "qm_form", None)
    tree = _Tree(document, add_fields(pdf, document, form) if form else {})
    for number, (page, stream) in enumerate(zip(document.pages, streams, strict=True)):
        tree.read_page(number, page, stream._tags)
    tidy(tree.root)
    _Writer(pdf).write(tree)


class _Tree:
    """The structure as it grows from page to page. One element of the text is one node, whatever boxes it became."""

    def __init__(self, document: Any, widgets: dict[int, list[Any]]) -> None:
        from weasyprint.formatting_structure import boxes

        self.boxes = boxes
        self.root = Node("Document")
        self.nodes: dict[tuple[int, str], Node] = {}
        self.widgets = widgets
        self.annotations: list[tuple[Any, Node]] = []
        self.tags: dict[Any, Any] = {}
        self.page = 0
        self.height = 0.0

    def read_page(self, number: int, page: Any, tags: dict[Any, Any]) -> None:
        """Take up what one page holds. `tags`: box → its mark in the page's content."""
        self.page, self.tags, self.height = number, tags, page.height
        for child in page._page_box.children:
            if not isinstance(child, self.boxes.MarginBox):
                self._read(child, self.root)

    def _read(self, box: Any, within: Node) -> None:
        box = getattr(box, "_box", box)
        if getattr(box, "ornament", ""):
            return
        if isinstance(box, self.boxes.TextBox):
            if found := self.tags.get(box):
                place_for_text(within).kids.append(Mark(self.page, found["mcid"]))
            return
        node = self._node(box, within)
        if isinstance(box, self.boxes.ReplacedBox) and (found := self.tags.get(box)):
            node.kids.append(Mark(self.page, found["mcid"]))
        if box.link_annotation:
            node.kids.append(Note(self.page, box.link_annotation.reference))
            self.annotations.append((box.link_annotation, node))
        for widget in self.widgets.get(id(box), ()):
            field = place_for_text(node).add("Form")
            field.kids.append(Note(self.page, widget.reference))
            self.annotations.append((widget, field))
        for child in getattr(box, "children", ()):
            self._read(child, node)

    def _node(self, box: Any, within: Node) -> Node:
        """The node of a box's element; boxes of no element that has a role belong to what they stand in."""
        name = "" if box.element is None else str(box.element_tag).rsplit("}", 1)[-1]
        role = ROLES.get(name)
        if role and box.element.get("role") == "presentation":  # it only arranges what it holds
            role = None
        if name == "figure" and box.element.get("aria-label"):
            role = "Figure"
        elif role == "Figure" and within.role == "Figure":  # the drawing in it: described as a whole
            return within
        language = "" if role or box.element is None or "::" in name else box.element.get("lang", "")
        if role is None and not (language and name not in ("html", "body")):
            return within
        key = id(box.element), name
        if key not in self.nodes:
            self.nodes[key] = self._made(box, name, role or "Span", within)
        return self.nodes[key]

    def _made(self, box: Any, name: str, role: str, within: Node) -> Node:
        element = box.element
        if name == "p" and within.role == "TOC":
            role = "Caption" if "qm-caption" in element.get("class", "") else "TOCI"
        if name == "dt" and within.role == "L":
            within = within.add("LI")
        node = place_for(role, within).add(role) if role != "P" or within.role != "LBody" else within.add(role)
        node.language = element.get("lang", "")
        if role in ("TD", "TH"):
            node.columns, node.rows = box.colspan, box.rowspan
            _head(node, element)
        elif role == "Figure":
            node.words = _words(element)
            x, y = box.content_box_x(), box.content_box_y()
            edges = x, self.height - y - box.height, x + box.width, self.height - y
            node.box = edges[0] * _POINTS, edges[1] * _POINTS, edges[2] * _POINTS, edges[3] * _POINTS
        elif role == "Link":
            node.words = " ".join("".join(element.itertext()).split())
        elif name == "ol":
            node.numbering = "Decimal"
        return node


def _head(node: Node, element: Any) -> None:
    """Whether a cell is the head of its row or its column: as it says, else a column's in the head of a table."""
    said = element.get("scope", "")
    if said == "rowgroup":  # names the rows below it, for which there is no scope
        node.role = "TD"
    if node.role == "TD" and "qm-label" not in element.get("class", "").split():
        return
    node.role = "TH"
    column = said.startswith("col") if said else node.parent is not None and node.parent.under("THead")
    node.scope = "Column" if column else "Row"


def _words(element: Any) -> str:
    """What stands for a picture where it is not seen."""
    if "alt" in element.attrib:
        return str(element.get("alt"))
    title = next((one for one in element if str(one.tag).rsplit("}", 1)[-1] == "title"), None)
    return str(element.get("aria-label") or (title.text if title is not None else "") or "")


class _Writer:
    """Writes nodes as the objects of a PDF."""

    def __init__(self, pdf: Any) -> None:
        import pydyf

        self.pdf = pdf
        self.pydyf = pydyf
        self.marks: dict[int, dict[int, Any]] = {}
        self.objects: dict[int, Any] = {}

    def write(self, tree: _Tree) -> None:
        pydyf = self.pydyf
        parents = self._added({})
        top = self._added({"Type": "/StructTreeRoot", "ParentTree": parents.reference})
        top["K"] = pydyf.Array([self._element(tree.root, top).reference])
        numbers = pydyf.Array()
        for page in range(len(self.pdf.page_references)):
            found = self.marks.get(page, {})
            last = max(found, default=-1)
            numbers.extend([page, pydyf.Array([found.get(at, "null") for at in range(last + 1)])])
        for at, (annotation, node) in enumerate(tree.annotations, len(self.pdf.page_references)):
            annotation["StructParent"] = at
            if node.role == "Link":
                annotation["Contents"] = pydyf.String(node.words or "")
            numbers.extend([at, self.objects[id(node)].reference])
        parents["Nums"] = numbers
        top["ParentTreeNextKey"] = len(numbers) // 2
        self.pdf.catalog["StructTreeRoot"] = top.reference
        self.pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})

    def _added(self, values: dict[str, Any]) -> Any:
        made = self.pydyf.Dictionary(values)
        self.pdf.add_object(made)
        return made

    def _element(self, node: Node, parent: Any) -> Any:
        pydyf = self.pydyf
        made = self._added({"Type": "/StructElem", "S": f"/{node.role}", "P": parent.reference})
        self.objects[id(node)] = made
        if node.language:
            made["Lang"] = pydyf.String(node.language)
        if node.role == "Figure" and node.words:
            made["Alt"] = pydyf.String(node.words)
        if attributes := self._attributes(node):
            made["A"] = attributes
        own = next((kid.page for kid in node.kids if not isinstance(kid, Node)), None)
        if own is not None:
            made["Pg"] = self.pdf.page_references[own]
        made["K"] = pydyf.Array([self._kid(kid, made, own) for kid in node.kids])
        return made

    def _kid(self, kid: Node | Mark | Note, made: Any, own: int | None) -> Any:
        if isinstance(kid, Node):
            return self._element(kid, made).reference
        page = self.pdf.page_references[kid.page]
        if isinstance(kid, Note):
            return self.pydyf.Dictionary({"Type": "/OBJR", "Obj": kid.reference, "Pg": page})
        self.marks.setdefault(kid.page, {})[kid.number] = made.reference
        if kid.page == own:
            return kid.number
        return self.pydyf.Dictionary({"Type": "/MCR", "Pg": page, "MCID": kid.number})

    def _attributes(self, node: Node) -> Any:
        """What a picture, a cell or a list says beside its type (ISO 32000-1, 14.8.5)."""
        if node.box:
            return self.pydyf.Dictionary({"O": "/Layout", "BBox": self.pydyf.Array(node.box), "Placement": "/Block"})
        if node.numbering:
            return self.pydyf.Dictionary({"O": "/List", "ListNumbering": f"/{node.numbering}"})
        spans = {"ColSpan": node.columns, "RowSpan": node.rows}
        found: dict[str, Any] = {name: count for name, count in spans.items() if count != 1}
        if node.scope:
            found["Scope"] = f"/{node.scope}"
        return self.pydyf.Dictionary({"O": "/Table", **found}) if found else None
