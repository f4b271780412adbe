"""The HTML that a controlled PDF is printed from: the same rendered text as on the site, made ready for paper.

Pure: values in, text out. What is made is well-formed XML as well as HTML, so that the edge (`pdf`) can read it with
the fast parser. The look is in `print.css`; what differs from document to document is a short style in the head.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from qmanual.control.edition import Entry
from qmanual.control.evidence import Evidence
from qmanual.language import N_, Language, Translator
from qmanual.model import Body, Document
from qmanual.parse.frame import PIECES
from qmanual.records import Form
from qmanual.records.places import places as drawings
from qmanual.register import Register
from qmanual.render import paper
from qmanual.render.address import for_print
from qmanual.render.approvals import places
from qmanual.render.cover import Front, closing, cover, form_foot, form_head, form_note
from qmanual.render.custom import filled, values
from qmanual.render.form_marks import mark
from qmanual.render.frame import UNDECIDED, Frame, unprintable_out
from qmanual.render.markdown import Rendered, TocEntry
from qmanual.render.sheet import sheet
from qmanual.render.tongue import TAGS, attribute
from qmanual.render.unbroken import keep_whole

Elsewhere: TypeAlias = Callable[[str, str], str | None]
"""Path of a file and anchor in it → address, None when it leads nowhere."""

LONG = 4500
"""Characters from which on a document with enough headings has a table of contents: about five pages."""

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_HELD = re.compile(r'<i class="qm-held" id="qm-held-(\d+)"></i>')
_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_PLACED = "qm-placed:"  # before an anchor that already is the one in the print
_BLOCKS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "div", "section", "blockquote", "pre",
    "figure", "hr", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "td", "th",
})  # fmt: skip
_UNSEEN = ("script", "style", "link", "meta", "base", "iframe", "object", "embed", "template")


def print_html(
    entry: Entry,
    bodies: Mapping[str, Rendered],
    company: str,
    register: Register,
    say: Translator,
    evidence: Sequence[Evidence] = (),
    fill: Form | None = None,
    frame: Frame = UNDECIDED,
    elsewhere: Elsewhere | None = None,
) -> str:
    """The page to print. `bodies`: file → rendered text with neutral addresses; a file without one is left out.

    `evidence`: what proves each signature of the header, see `control.evidence`. `fill`: the document as a form whose
    places are to be marked, see `render.form_marks`; raises its `CannotMark`. `frame`: what the company decided.
    `elsewhere`: gives the address of a place in another document, see `render.book`.
    """
    document = entry.document
    signed = places(document, register, evidence)
    form = register.settings.kind(document.kind).form
    pages = _Pages(document, bodies, elsewhere)
    parts = [pages.tree(at, body) for at, body in enumerate(document.bodies) if body.path in bodies]
    if fill:
        drawn = drawings(document, fill)
        for part, body in zip(parts, (body for body in document.bodies if body.path in bodies), strict=True):
            mark(part, drawn[body.path], fill)
    across = form and any(paper.is_wide(table) for part in parts for table in part.iter("table"))
    title = _title(document, parts[0] if parts else None, frame.say(say).language)
    units = {field.label.value: field.unit for field in document.header.fields if field.unit}
    for part in parts:
        if form:
            paper.lay_out_form(part, units, across)
        else:
            paper.lay_out(part)
    texts_say, say = say, frame.say(say)
    for part in parts:
        keep_whole(part)
        if texts_say.language != say.language:
            part.set("lang", TAGS[texts_say.language])
    texts = [_serialized(part, pages.drawings) for part in parts]
    front = Front(
        entry=entry, company=company, register=register, say=say, title=title, signed=signed, frame=frame
    )  # fmt: skip
    shown = values(front) if frame.templates else {}
    own = {name: filled(name, frame.templates, shown) for name in PIECES}
    if form:
        head, foot = own["form-head.html"] or form_head(front), own["form-foot.html"] or form_foot(front)
        content = [head, *texts, form_note(document, say), foot]
    else:
        first, last = own["cover.html"] or cover(front), "" if own["cover.html"] else closing(front)
        before = texts[:1] if document.chapters else []  # what a manual says of itself stands before its contents
        rest = texts[len(before) :]
        content = [first, *before, pages.contents(say), *rest, last]
    kind = ("qm-form qm-across" if across else "qm-form") if form else f"qm-text qm-{say.language}"
    return sheet(front, "".join(content), kind, shown, form=form)


class _Pages:
    """The texts of one document on their way to one page: ids that collide are told apart, drawings are kept aside."""

    def __init__(self, document: Document, bodies: Mapping[str, Rendered], elsewhere: Elsewhere | None) -> None:
        self.document = document
        self.bodies = bodies
        self.elsewhere = elsewhere
        self.drawings: list[str] = []
        several = bool(document.chapters)
        self.prefixes = {body.path: f"c{at}-" if several else "" for at, body in enumerate(document.bodies)}

    def tree(self, at: int, body: Body) -> HtmlElement:
        """The text of one file as a tree."""
        text = _SVG.sub(self._held, for_print(self.bodies[body.path].html, self._anchor))
        tree = fragment_fromstring(unprintable_out(text), create_parent="section")
        tree.set("class", "qm-chapter" if at else "qm-body")
        prefix = self.prefixes[body.path]
        etree.strip_elements(tree, *_UNSEEN, with_tail=False)
        etree.strip_tags(tree, etree.Comment, etree.ProcessingInstruction)
        for back in list(tree.iterfind(".//a[@class='footnote-backref']")):  # on paper nobody goes back by it
            back.drop_tree()
        for element in tree.iterdescendants():
            _mend(element, prefix)
        tree.set("id", self._start(body.path))
        return tree

    def _held(self, match: re.Match[str]) -> str:
        self.drawings.append(match[0])
        return f'<i class="qm-held" id="qm-held-{len(self.drawings) - 1}"></i>'

    def _start(self, path: str) -> str:
        return f"qm-{self.prefixes[path]}start"

    def _anchor(self, path: str, anchor: str) -> str | None:
        if path not in self.prefixes or path not in self.bodies:
            return self.elsewhere(path, anchor) if self.elsewhere else None
        return "#" + _PLACED + (self.prefixes[path] + anchor if anchor else self._start(path))

    def contents(self, say: Translator) -> str:
        """The table of contents, when the document is long enough to need one."""
        entries = [
            (entry, self.prefixes[body.path])
            for body in self.document.bodies
            if body.path in self.bodies
            for entry in _flat(self.bodies[body.path].toc)
        ]
        if entries and entries[0][0].level == 1:
            entries = entries[1:]
        entries = [(entry, prefix) for entry, prefix in entries if entry.level <= (2 if self.document.chapters else 3)]
        length = sum(len(body.plain) - body.start for body in self.document.bodies)
        if not self.document.chapters and (len(entries) <= 8 or length < LONG):
            return ""
        last = len(entries) - 2  # the last two are not left alone on a further page
        lines = "".join(_toc_line(entry, prefix, at >= last) for at, (entry, prefix) in enumerate(entries))
        return f'<nav class="qm-toc"><p class="qm-caption">{html.escape(say(N_("Contents")))}</p>{lines}</nav>'


def _toc_line(entry: TocEntry, prefix: str, last: bool) -> str:
    address = html.escape(quote(prefix + entry.id))
    kept = " qm-kept" if last else ""
    return f'<p class="qm-toc-{entry.level}{kept}"><a href="#{address}">{html.escape(entry.text)}</a></p>'


def _flat(entries: tuple[TocEntry, ...]) -> Iterator[TocEntry]:
    for entry in entries:
        yield entry
        yield from _flat(entry.children)


def _mend(element: HtmlElement, prefix: str) -> None:
    """Make an element's attributes good for paper: ids of its own, pictures by their address, no odd names."""
    for name in [name for name in element.attrib if not _NAME.fullmatch(name)]:
        del element.attrib[name]
    if prefix and not str(element.get("class", "")).startswith("qm-held"):
        if "id" in element.attrib:
            element.set("id", prefix + str(element.get("id")))
        if str(element.get("href", "")).startswith("#") and not str(element.get("href")).startswith(f"#{_PLACED}"):
            element.set("href", f"#{quote(prefix)}{str(element.get('href'))[1:]}")
    if str(element.get("href", "")).startswith(f"#{_PLACED}"):
        element.set("href", "#" + quote(str(element.get("href")).removeprefix(f"#{_PLACED}")))
    if element.tag == "img" and "src" in element.attrib and ":" not in str(element.get("src")):
        element.set("src", quote(str(element.get("src"))))


def _title(document: Document, first: HtmlElement | None, language: Language) -> str:
    """The heading that names the document; the text's own first heading is taken when it says the same."""
    anchor = ""
    heading = next((child for child in first if isinstance(child.tag, str)), None) if first is not None else None
    if heading is not None and heading.tag == "h1" and _same(heading.text_content(), document.title):
        anchor = str(heading.get("id", ""))
        heading.drop_tree()
    tongue = attribute(document.title, language)
    return f'<h1 class="qm-title" id="{html.escape(anchor or "qm-title")}"{tongue}>{html.escape(document.title)}</h1>'


def _tighten(block: HtmlElement) -> None:
    """Take away the blanks around a block, which nobody sees and the printer would make boxes of."""
    above = block.getprevious()
    if block.tail and block.tail.isspace():
        block.tail = None
    parent = block.getparent()
    if above is None and parent is not None and parent.text and parent.text.isspace():
        parent.text = None


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def _serialized(tree: HtmlElement, drawings: list[str]) -> str:
    for element in tree.iter():
        if element.tag in _BLOCKS:
            _tighten(element)
        if element.text is None and len(element) == 0 and element.tag not in ("br", "img", "hr", "col", "wbr", "input"):
            element.text = ""
    text = str(etree.tostring(tree, encoding="unicode", method="xml"))
    return _HELD.sub(lambda match: drawings[int(match[1])], text)
