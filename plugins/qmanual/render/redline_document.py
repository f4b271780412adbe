"""The redline of two revisions of a document: its header, its text, its chapters.

Works on the rendered text of both, so that what is shown is what staff read. What differs in the files and not in what
staff read (a comment, another spelling of the same Markdown) is told as well: an approval covers the files.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from qmanual.control.redline import Block, Change, Kind, Node, Side, changes, compare_parts
from qmanual.control.redline.changes import flat
from qmanual.control.redline.compare import Comparing
from qmanual.language import N_, Translator
from qmanual.model import Body, Document
from qmanual.render.redline_header import compare_headers
from qmanual.render.redline_read import read_blocks

_UNREAD = re.compile(
    r"<!--.*?-->"  # a comment
    r"|\{:[^{}\n]*\}|\{[ \t]*[#.][^{}\n]*\}"  # an anchor, a class
    r"|<[a-z][a-z0-9]*\s[^<>]*>"  # an element with attributes
    r"|^[ ]{0,3}\[(?!\^)[^\]\n]+\]:[^\n]*"  # where a link leads that is written elsewhere
    r"|(?<=\])\([^()\n]*[ \t](?:\"[^\"\n]*\"|'[^'\n]*')\)",  # what a link says when it is pointed at
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
"""What stands in a file and is not read."""
UNSEEN = 60
"""So many lines of a file are shown where only the file differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One revision as staff read it. `bodies`: file → HTML, neutral addresses. `pictures`: neutral path → digest."""

    document: Document
    bodies: Mapping[str, str]
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The header, the text or a chapter. `kind`: whether the whole chapter came or went; `moved`: it stands elsewhere
    in the order of chapters; `was`: the name of its file before. `unseen`: lines of the files that staff do not read;
    `more`: so many more of them are not shown.
    """

    title: str
    nodes: tuple[Node, ...]
    changes: tuple[Change, ...]
    kind: Kind | None = None
    moved: bool = False
    was: str = ""
    unseen: tuple[tuple[Side, str], ...] = ()
    more: int = 0

    @property
    def differs(self) -> bool:
        """Whether anything in it does."""
        return bool(self.changes or self.moved or self.was or self.unseen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redline:
    """What differs between two revisions. `parts` are in the new one's order, removed chapters where they were."""

    old: Document
    new: Document
    header: Part
    parts: tuple[Part, ...]

    @property
    def all(self) -> tuple[Part, ...]:
        """The header, then the text."""
        return (self.header, *self.parts)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, the header's first."""
        return tuple(change for part in self.all for change in part.changes)

    @property
    def moves(self) -> int:
        """How many chapters stand elsewhere or under another name."""
        return sum(part.moved or bool(part.was) for part in self.parts)

    @property
    def same(self) -> bool:
        """Whether nothing differs, neither in what staff read nor in the files."""
        return self.old.digest == self.new.digest and not any(part.differs for part in self.all)

    def count(self, kind: Kind) -> int:
        """How many changes are of that kind."""
        return sum(change.kind is kind for change in self.changes)


def compare_documents(old: Reading, new: Reading, say: Translator, labels: Mapping[str, str] | None = None) -> Redline:
    """The redline. `labels`: the company's own header fields → what they are called."""
    rows = compare_headers(old.document, new.document, labels or {}, say)
    where = say(N_("Document header"))
    told = tuple(_of_field(row, where) for row in rows)
    header = Part(title=where, nodes=rows, changes=told)
    return Redline(old=old.document, new=new.document, header=header, parts=tuple(_parts(old, new)))


def _of_field(row: Node, where: str) -> Change:
    """A field that changed, as a change with its name."""
    head, value = row.nodes
    old, new = (block.blocks[1].text if block else "" for block in (row.old, row.block))
    kind = Kind.CHANGED if old and new else Kind.ADDED if new else Kind.REMOVED
    return Change(
        kind=kind, where=(where,), what="header", old=old, new=new, stretches=tuple(flat(value)), nodes=(row,),
        name=head.block.text,
    )  # fmt: skip


def _parts(old: Reading, new: Reading) -> Iterator[Part]:
    """The text, then its chapters; compared together, for a section may have gone from one to another."""
    pairs = _paired(old, new)
    stay = _in_order([(a, b) for a, b in pairs if a is not None and b is not None])
    before, after = old.document.chapters, new.document.chapters
    files: list[tuple[Body | None, Body | None]] = [(old.document.body, new.document.body)]
    files += [(before[a] if a is not None else None, after[b] if b is not None else None) for a, b in pairs]
    rows = compare_parts([(_read(one, old), _read(other, new)) for one, other in files])
    yield _part(*files[0], rows[0])
    for (a, b), (one, other), nodes in zip(pairs, files[1:], rows[1:], strict=True):
        moved = a is not None and b is not None and (a, b) not in stay
        was = _name(one) if one and other and _name(one) != _name(other) else ""
        yield replace(_part(one, other, nodes), moved=moved, was=was)


def _read(body: Body | None, reading: Reading) -> tuple[Block, ...]:
    return read_blocks(reading.bodies[body.path], reading.pictures) if body else ()


def _part(one: Body | None, other: Body | None, nodes: tuple[Node, ...]) -> Part:
    told = changes(nodes)
    kind = None if one and other else Kind.ADDED if other else Kind.REMOVED
    body = other or one
    assert body is not None
    unseen = tuple(_unseen(one, other, bool(told))) if one and other else ()
    more = max(0, len(unseen) - UNSEEN)
    return Part(title=_title(body), nodes=nodes, changes=told, kind=kind, unseen=unseen[:UNSEEN], more=more)


# -- chapters ----------------------------------------------------------------------------------------------------


def _paired(old: Reading, new: Reading) -> list[tuple[int | None, int | None]]:
    """Every old and new chapter once, in the order of the new ones: found again by file, by title, by what they say."""
    before, after = list(old.document.chapters), list(new.document.chapters)
    found: dict[int, int] = {}
    for sign in (_name, _title):
        left = [at for at in range(len(before)) if at not in found.values()]
        signs = {sign(before[at]): at for at in reversed(left)}
        for at, body in enumerate(after):
            if at not in found and (known := signs.pop(sign(body), None)) is not None:
                found[at] = known
    _pair_alike(before, after, found)
    rows: list[tuple[int | None, int | None]] = [(found.get(at), at) for at in range(len(after))]
    for at in range(len(before)):
        if at not in found.values():
            place = next((i for i, row in enumerate(rows) if row[0] is not None and row[0] > at), len(rows))
            rows.insert(place, (at, None))
    return rows


def _pair_alike(before: Sequence[Body], after: Sequence[Body], found: dict[int, int]) -> None:
    comparing = Comparing()
    for at, body in enumerate(after):
        left = [one for one in range(len(before)) if one not in found.values()]
        if at in found or not left:
            continue
        share, best = max((comparing.share(before[one].source.text, body.source.text), -one) for one in left)
        if share > 0.6:
            found[at] = -best


Places: TypeAlias = tuple[tuple[int, int], ...]


def _in_order(pairs: Sequence[tuple[int, int]]) -> frozenset[tuple[int, int]]:
    """The most chapters that kept their order among each other; the others were moved."""
    best: list[Places] = []
    for pair in pairs:
        best.append((*_longest(row for row in best if row[-1][0] < pair[0]), pair))
    return frozenset(_longest(best))


def _longest(rows: Iterable[Places]) -> Places:
    return max(rows, key=len, default=())


def _name(body: Body) -> str:
    return body.path.rpartition("/")[2]


def _title(body: Body) -> str:
    first = next((heading.full for heading in body.headings if heading.level == 1), None)
    return first or _name(body).removesuffix(".md")


# -- what staff do not read --------------------------------------------------------------------------------------


def _unseen(old: Body, new: Body, seen: bool) -> Iterator[tuple[Side, str]]:
    """The lines that differ in the files where nothing that staff read does; what is not read, where something does."""
    texts = [_normal(body.source.text[body.start :]) for body in (old, new)]
    if texts[0] == texts[1]:
        return
    if seen:
        before, after = ["\n".join(_UNREAD.findall(text)) for text in texts]
    else:
        before, after = texts
    for line in difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm=""):
        if line[:1] in "+-" and line not in ("--- ", "+++ "):
            yield (Side.NEW if line[0] == "+" else Side.OLD), line[1:]


def _normal(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")
