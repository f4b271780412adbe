"""The structure of a document for screen readers and archives (ISO 32000-1, 14.8; ISO 14289-1): what is a heading,
a list, a table with its header cells, a link, a picture with its words; and what is only ornament.

Pure values: `pdf.tags` fills them from the pages that were laid out and writes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

GROUPS = frozenset({
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "TOC", "L", "LI", "Table", "THead", "TBody", "TFoot", "TR",
})  # fmt: skip
"""Elements that hold other elements and no text of their own."""

ROLES = {
    "section": "Sect", "article": "Art", "aside": "Sect", "p": "P", "dt": "Lbl", "dd": "LBody", "ul": "L", "ol": "L",
    "dl": "L", "li": "LI", "blockquote": "BlockQuote", "pre": "P", "code": "Code", "table": "Table", "thead": "THead",
    "tbody": "TBody", "tfoot": "TFoot", "tr": "TR", "th": "TH", "td": "TD", "caption": "Caption", "figcaption": "P",
    "a": "Link", "img": "Figure", "svg": "Figure", "nav": "TOC", "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4",
    "h5": "H5", "h6": "H6", "li::marker": "Lbl",
}  # fmt: skip
"""HTML element → structure type. What is not listed is looked through: it belongs to what it stands in."""

Scope: TypeAlias = Literal["Row", "Column"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked piece of a page's content: `page` and `number` (MCID) count from 0."""

    page: int
    number: int


@dataclass(frozen=True, slots=True)
class Note:
    """A link or a field on a page, by the reference to its object."""

    page: int
    reference: str


@dataclass(slots=True, eq=False)
class Node:
    """An element of the structure. `box`: left, bottom, right and top of a picture on its page, in points."""

    role: str
    parent: "Node | None" = None
    kids: list["Node | Mark | Note"] = field(default_factory=list)
    words: str | None = None
    language: str = ""
    scope: Scope | None = None
    columns: int = 1
    rows: int = 1
    box: tuple[float, float, float, float] | None = None
    numbering: str = ""

    def add(self, role: str) -> "Node":
        """A new element at the end of this one."""
        child = Node(role, self)
        self.kids.append(child)
        return child

    def last(self, role: str) -> "Node":
        """The last element in this one when it is of that type, else a new one."""
        kid = self.kids[-1] if self.kids else None
        return kid if isinstance(kid, Node) and kid.role == role else self.add(role)

    def under(self, *roles: str) -> bool:
        """Whether this element, or one that it stands in, is of one of these types."""
        return self.role in roles or (self.parent is not None and self.parent.under(*roles))


def place_for(role: str, within: Node) -> Node:
    """The element in which one of this type has its place, when it is met within another; what lies between is made.

    A list holds items, an item its label and its body, a contents entry its reference.
    """
    if role == "LI":
        return within if within.role == "L" else within.add("L")
    if role == "Lbl":
        return within.add("LI") if within.role == "L" else within
    if role == "LBody":
        return within.last("LI") if within.role == "L" else within
    if within.role == "LI":
        return within.last("LBody")
    if within.role == "L":
        return within.last("LI").last("LBody")
    if within.role == "TOC" and role not in ("TOCI", "Caption"):
        return within.add("TOCI")
    return within


def place_for_text(within: Node) -> Node:
    """The element that takes a piece of text met within another: groups hold none, so a paragraph is made."""
    within = place_for("Span", within)
    return within.last("P") if within.role in GROUPS else within


def in_order(root: Node) -> Iterator[Node]:
    """Every element, parents before children, in reading order."""
    yield root
    for kid in root.kids:
        if isinstance(kid, Node):
            yield from in_order(kid)


def tidy(root: Node) -> None:
    """Leave out what holds nothing; let no heading be more than one level below the last (ISO 14289-1, 7.4).

    Cells stay, empty or not: a table is read by its grid.
    """
    _prune(root)
    level = 0
    for node in in_order(root):
        if len(node.role) == 2 and node.role[0] == "H":
            level = min(int(node.role[1]), level + 1)
            node.role = f"H{level}"


def _prune(node: Node) -> None:
    for kid in node.kids:
        if isinstance(kid, Node):
            _prune(kid)
    keeps = ("TD", "TH", "Figure")
    node.kids = [kid for kid in node.kids if not isinstance(kid, Node) or kid.kids or kid.role in keeps]
