"""Markdown to HTML, once, for the site and for the PDF: they cannot differ, for both are made from this.

The dialect is fixed (Python-Markdown with the extensions below), so that what was approved always reads the same.
Links that lead into the manual come out as `qmanual:` addresses, which `render.address` turns into the site's paths or
a PDF's anchors. Form drawings become ruled blanks and boxes; Mermaid becomes SVG; nothing in a document is ever run.
"""

import html
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import markdown
from markdown.blockprocessors import HRProcessor
from markdown.inlinepatterns import InlineProcessor, SimpleTextInlineProcessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.slugs import slugify

from qmanual.language import Language
from qmanual.parse.form import BOX, CIRCLE, DRAWN, LINE
from qmanual.render.flowchart import flowchart
from qmanual.render.tongue import Tongues

slug: Callable[[str, str], str] = slugify(case="lower")
"""Heading text → anchor, the one that links in documents are checked against."""


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A heading in the table of contents."""

    level: int
    id: str
    text: str
    children: tuple["TocEntry", ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered text: HTML with neutral links, and its headings."""

    html: str
    toc: tuple[TocEntry, ...]


class CannotRender(Exception):
    """Python-Markdown gave up on a text, for instance on lists nested a hundred deep."""


def render(text: str, *, form: bool = False, language: Language = "zh") -> Rendered:
    """The HTML of a document's or chapter's text (without its header). `form`: turn drawings into blanks and boxes.
    `language`: of the text; what is wholly in another one is marked. Raises `CannotRender`.
    """
    converter = _converter(form)
    converter.reset()
    converter.treeprocessors["qmanual-tongues"].language = language  # type: ignore[attr-defined]
    try:
        out = converter.convert(text)
    except Exception as error:  # whatever it is, the text is to blame, and other documents can be rendered
        del _CONVERTERS[form]
        raise CannotRender from error
    tokens: list[dict[str, Any]] = getattr(converter, "toc_tokens", [])
    return Rendered(out, tuple(_toc(tokens)))


def _toc(tokens: list[dict[str, Any]]) -> Iterator[TocEntry]:
    for token in tokens:
        text = html.unescape(re.sub(r"<[^>]+>", "", str(token["name"])))
        yield TocEntry(int(token["level"]), str(token["id"]), text, tuple(_toc(token["children"])))


_CONVERTERS: dict[bool, markdown.Markdown] = {}


def _converter(form: bool) -> markdown.Markdown:
    """One converter a process and mode: building one costs more than a page."""
    if form not in _CONVERTERS:
        _CONVERTERS[form] = markdown.Markdown(
            extensions=[
                "tables", "footnotes", "attr_list", "def_list", "admonition", "sane_lists", "md_in_html", "toc",
                "pymdownx.superfences", "pymdownx.highlight", _Tables(), _Tongues(), *([_Drawings()] if form else []),
            ],
            extension_configs={
                "toc": {"slugify": slug, "permalink": False},
                "pymdownx.highlight": {"use_pygments": False},
                "pymdownx.superfences": {
                    "custom_fences": [{"name": "mermaid", "class": "mermaid", "format": _mermaid}],
                },
            },
            output_format="html",
            tab_length=4,
        )  # fmt: skip
    return _CONVERTERS[form]


def _mermaid(source: str, *_: object, **__: object) -> str:
    return flowchart(source)


class _Tables(markdown.Extension):
    """Wraps every table so that it can scroll on a phone."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.treeprocessors.register(_WrapTables(md), "qmanual-tables", 5)


class _Tongues(markdown.Extension):
    """Marks what is wholly in another language."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.treeprocessors.register(Tongues(md), "qmanual-tongues", 3)


class _WrapTables(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        parents = [(parent, child) for parent in root.iter() for child in parent if child.tag == "table"]
        for parent, table in parents:
            box = etree.Element("div", {"class": "qm-table", "tabindex": "0", "role": "region"})
            box.tail, table.tail = table.tail, None
            table.set("class", f"{table.get('class', '')} qm-plain".strip())  # a theme may wrap tables without a class
            parent[list(parent).index(table)] = box
            box.append(table)


_REQUIRED = r"(?<![*\\\s])(\*)(?=\s*[：:])"
"""The star of a required field in running text (`检验员*：____`): two in one line would be taken for emphasis."""


class _Drawings(markdown.Extension):
    """Reads `____`, `____年__月__日`, `□` and `○` as what they draw, before Markdown takes underscores for emphasis."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.inlinePatterns.register(_Drawing(DRAWN.pattern, md), "qmanual-drawing", 185)
        md.inlinePatterns.register(SimpleTextInlineProcessor(_REQUIRED, md), "qmanual-required", 184)
        md.treeprocessors.register(_OpenCells(md), "qmanual-cells", 4)
        md.parser.blockprocessors.register(_RuledLine(md.parser), "qmanual-ruled", 55)


class _RuledLine(HRProcessor):
    """A line of underscores alone is a line to write on; Markdown makes it a rule like `---`."""

    SEARCH_RE = re.compile(rf"^[ ]{{0,3}}{LINE}[ ]*$", re.MULTILINE)

    def test(self, parent: etree.Element, block: str) -> bool:
        self.match = self.SEARCH_RE.search(block)  # type: ignore[assignment]
        return self.match is not None

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        super().run(parent, blocks)
        parent.findall("hr")[-1].set("class", "qm-ruled")


class _Drawing(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        box = etree.Element("span")
        if m["date"]:
            box.set("class", "qm-date")
            for width, unit in ((4, "年"), (2, "月"), (2, "日")):
                etree.SubElement(box, "span", {"class": f"qm-blank qm-blank--{width}"}).tail = unit
        elif m["line"]:
            box.set("class", "qm-blank")
            box.set("style", f"min-width:{min(30, len(m['line']) * 0.55):.1f}em")
        else:
            box.set("class", "qm-choices")
            for option in re.findall(rf"[{BOX}{CIRCLE}]\s?[^{BOX}{CIRCLE}]+", m["choice"]):
                _option(box, option)
        return box, m.start(0), m.end(0)


def _option(box: etree.Element, option: str) -> None:
    """One box or circle with its text; a line drawn after it (`□其他：____`) stays a line."""
    mark = etree.SubElement(box, "span", {"class": "qm-choice"})
    mark.text = option[0]
    text, line, _ = re.fullmatch(r"(.*?)(_{2,})?(\s*)", option[1:], re.DOTALL).groups()  # type: ignore[union-attr]
    label = etree.SubElement(box, "span", {"class": "qm-option"})
    label.text = text.strip()
    if line:
        etree.SubElement(label, "span", {"class": "qm-blank"}).text = ""
    label.tail = " "


SHORT = 8
"""Labels up to so many characters beside a field are not broken."""


class _OpenCells(Treeprocessor):
    """Marks the cells to write into, so that they get room, and their labels: headings, and text before such a cell."""

    def run(self, root: etree.Element) -> None:
        for row in root.iter("tr"):
            cells = list(row)
            opened = [_is_open(cell) for cell in cells]
            for cell, is_open, before_open in zip(cells, opened, [*opened[1:], False], strict=True):
                text = "".join(cell.itertext()).strip()
                if not text and len(cell) == 0:
                    cell.set("class", "qm-open")
                    continue
                before = before_open and not text.isdigit()
                if not is_open and (before or cell.tag == "th" or text.endswith(("*", "＊"))):
                    cell.set("class", "qm-label qm-label--short" if before and len(text) <= SHORT else "qm-label")


def _is_open(cell: etree.Element) -> bool:
    """Whether there is something to write or to tick in a cell."""
    styles = (part.get("class") or "" for part in cell.iter("span"))
    drawn = any(style.startswith(("qm-blank", "qm-date", "qm-choice")) for style in styles)
    return drawn or not "".join(cell.itertext()).strip()
