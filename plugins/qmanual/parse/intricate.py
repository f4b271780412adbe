"""Texts that no honest person writes, and on which Markdown would work for minutes: how much work they would make.

Python-Markdown looks for the end of a bracket, a tag or a run of marks to the end of the paragraph, for each of them
anew, and copies a paragraph for each mark in it: what is harmless a hundred times takes the square a million times. So
the work is estimated before anything is rendered, from counts, in time that grows with the text alone. The figures are
seconds for one such thing (or pair of things), measured on a slow machine; only their size matters.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from qmanual.language import N_
from qmanual.parse.inert import Inert
from qmanual.source import SourceFile

BUDGET = 3.0
"""Seconds of estimated work beyond what a text of its length takes anyway; honest texts stay under a hundredth."""
DEPTH = 40
"""Lists and quotations in each other: Python-Markdown gives up near a hundred, a reader much sooner."""

_BRACKET, _TAG, _MARKUP, _TICK, _STAR, _REF = 2.5e-7, 2.2e-6, 1.3e-7, 1.5e-7, 2e-9, 6e-7
_PADDING, _HEADING, _COPY, _BLOCK, _BLANK = 6e-6, 3e-8, 3e-10, 4e-10, 1e-9
_MARKS = "[`*_<\\&"
_RUN = 2000

_BLANK_LINE = re.compile(r"\n(?:[ \t]*\n)+")
_LINK = re.compile(r"!?\[[^\[\]\n]*\](?:\([^()\n]*\)|(?!\())")
_ELEMENT = re.compile(r"<[^<>\n]*>|<(?![A-Za-z/!?\x02\x03])")
_CODE = re.compile(r"(?<!`)(`+)(?!`)[^`\n]*(?<!`)\1(?!`)")
_HEAD = re.compile(r"^[ \t>]*(?:#|=+[ \t]*$|-+[ \t]*$)", re.MULTILINE)
_REFERENCE = re.compile(r"\[\^[^\[\]\n]+\](?!:)")
_FENCE = re.compile(r"^[ \t>]*(?:`{3,}|~{3,})", re.MULTILINE)
_RULER = re.compile(r" {0,3}[|:\- \t]*\|[|:\- \t]*")
_WIDE = re.compile(rf"[ \t]{{{_RUN},}}")
_NESTED = re.compile(rf"(?:>[ \t]*|[-*+][ \t]+|\d{{1,9}}[.)][ \t]+){{{DEPTH},}}")
_SIGNS = (">", "- ", "* ", "+ ", ". ", ") ", "\t")
_LINE = re.compile(rf"^[ \t]*{_NESTED.pattern}[^\n]*", re.MULTILINE)
_INDENT = re.compile(rf"^(?: {{{4 * DEPTH}}}|\t{{{DEPTH}}})[ \t]*(?=[^\s])", re.MULTILINE)
_RULE = re.compile(r"[ \t]*(?:[-*_][ \t]*){3,}")


@dataclass(frozen=True, slots=True)
class Intricacy:
    """What makes a text too intricate: where it begins, what there is too much of (a text of the catalogue), how much.

    `seconds`: the estimate for this piece alone.
    """

    start: int
    what: str
    count: int
    seconds: float


def find_intricacy(source: SourceFile, start: int) -> Intricacy | None:
    """The worst of what would take the text from `start` on too long to render; None when nothing would."""
    text = source.text
    if (deep := _too_deep(text, start)) is not None:
        return Intricacy(deep, N_("lists or quotations within each other"), DEPTH, BUDGET)
    if _rough(text, start) < BUDGET:
        return None
    total, worst = 0.0, None
    for one in _estimates(Inert(source, start).blanked(text), text, start):
        total += one.seconds
        worst = one if worst is None or one.seconds > worst.seconds else worst
        if total >= BUDGET:
            return worst
    return None


def _too_deep(text: str, start: int) -> int | None:
    """The offset at which a line nests too deep; None when none does."""
    markers = sum(text.count(sign) for sign in _SIGNS)
    for match in _LINE.finditer(text, start) if markers >= DEPTH and _NESTED.search(text, start) else ():
        if not _RULE.fullmatch(match[0]):
            return match.start() + len(match[0]) - len(match[0].lstrip())
    if " " * (4 * DEPTH) in text or "\t" * DEPTH in text:
        far = _INDENT.search(text, start)
        return far.end() if far else None
    return None


def _rough(text: str, start: int) -> float:
    """More than the work that the text can make, from counts over all of it: enough for all but the largest texts."""
    count, size, lines = text.count, len(text) - start, text.count("\n")
    brackets, tags, ticks, stars = count("["), count("<"), count("`"), count("*") + count("_")
    marks = brackets + tags + ticks + stars + count("\\") + count("&")
    squares = _BRACKET * brackets**2 + _TAG * tags**2 + _TICK * ticks**2 + _STAR * stars**2
    squares += _REF * count("[^") ** 2 + _BLOCK * lines**2
    squares += _HEADING * (count("#") + count("\n=") + count("\n-")) * size
    copies = _COPY * (marks + count("  \n")) * size
    blanks = BUDGET if " " * _RUN in text or "\t" * (_RUN // 4) in text else 0.0
    return squares + copies + blanks + _PADDING * count("|") * lines


def _estimates(plain: str, text: str, start: int) -> Iterator[Intricacy]:
    """The work that each thing makes. `plain` is `text` with code and comments blank."""
    yield from _whole(plain, text, start)
    at = start
    for stop in [*(match.start() for match in _BLANK_LINE.finditer(plain, start)), len(plain)]:
        begin, at = at, stop
        if missing := _missing_cells(text[begin:stop]):
            yield Intricacy(begin, N_("empty cells"), missing, _PADDING * missing)
        is_table = _is_table(plain[begin:stop].lstrip("\n"))
        for first, last in _rows(plain, begin, stop) if is_table else ((begin, stop),):
            yield from _paragraph(plain[first:last], text[first:last], first)


def _whole(plain: str, text: str, start: int) -> Iterator[Intricacy]:
    """What is looked for through the whole text, however it is divided."""
    left = _ELEMENT.sub("", plain[start:])
    declared, opened = left.count("<!"), left.count("<")
    if opened:
        at = plain.find("<", start)
        yield Intricacy(at, N_("tags that are never closed"), opened, _TAG * declared**2 + _MARKUP * opened**2)
    notes = Counter(match[0] for match in _REFERENCE.finditer(plain, start))
    for note, count in notes.most_common(3):
        yield Intricacy(plain.find(note, start), N_("references to one footnote"), count, _REF * count**2)
    for match in _WIDE.finditer(text, start):
        width = len(match[0].expandtabs(4))
        yield Intricacy(match.end(), N_("blanks in a row"), width, _BLANK * width**2)
    fences = len(_FENCE.findall(text, start))
    yield Intricacy(start, N_("code blocks"), fences, 4 * _COPY * fences * (len(text) - start))
    blocks = sum(1 for _ in _BLANK_LINE.finditer(text, start))
    yield Intricacy(start, N_("paragraphs"), blocks, _BLOCK * blocks**2)
    defined = text.count("[^", start)
    yield Intricacy(start, N_("footnotes"), defined, _BLOCK * defined**2 * 20)


def _is_table(block: str) -> bool:
    """Whether a block is certainly a table: only a line of headings and one of rules of the same width make one."""
    first, _, rest = block.partition("\n")
    second = rest.partition("\n")[0]
    is_flat = "|" in first and not first.startswith(("    ", "\t")) and "`" not in first and "\\" not in first
    return is_flat and _RULER.fullmatch(second) is not None and _columns(first) == _columns(second)


def _columns(line: str) -> int:
    return line.strip().strip("|").count("|") + 1


def _rows(plain: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    """A table's rows, whose cells are read one by one."""
    while begin < stop:
        end = plain.find("\n", begin, stop)
        end = stop if end < 0 else end
        yield begin, end
        begin = end + 1


def _missing_cells(text: str) -> int:
    """Cells that a table gets because its rows are shorter than its widest line."""
    pipes = text.count("|")
    lines = text.split("\n") if pipes else []
    return max(line.count("|") for line in lines) * len(lines) - pipes if lines else 0


def _paragraph(plain: str, text: str, at: int) -> Iterator[Intricacy]:
    """What is looked for within one paragraph."""
    links = _LINK.sub("", plain)
    brackets = links.count("[") + links.count("](")
    yield Intricacy(at, N_("brackets that are never closed"), brackets, _BRACKET * brackets**2)
    ticks = _CODE.sub("", text).count("`")
    yield Intricacy(at, N_("backquotes"), ticks, _TICK * ticks**2 + 6 * _STAR * text.count("`") ** 2)
    stars = plain.count("*") + plain.count("_")
    yield Intricacy(at, N_("stars and underscores"), stars, _STAR * stars**2)
    heads = sum(1 for _ in _HEAD.finditer(plain))
    if heads > 1:
        yield Intricacy(at, N_("headings without a blank line between"), heads, _HEADING * heads * len(plain))
    marks = sum(text.count(mark) for mark in _MARKS) + text.count("  \n")
    yield Intricacy(at, N_("marks"), marks, _COPY * marks * len(text))
