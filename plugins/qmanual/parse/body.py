"""Running text in one pass: headings, links, tables, code, and the numbers and clauses that people mention.

This is no Markdown renderer. It finds what the rules need, with offsets, in the dialect that the site renders
(Python-Markdown with the extensions of `render.markdown`). Code and comments are blanked first, so that nothing is
ever found in them; everything after that looks at texts of the same length and finds true offsets.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from qmanual.finding import Fault, FaultKind
from qmanual.model import Body, Cell, CodeBlock, Heading, Link, Marker, Mention, Table
from qmanual.parse.clause import find_clauses, find_standards
from qmanual.source import SourceFile

_OPENERS = re.compile(r"(?P<comment><!--)|(?P<fence>^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$)|(?P<tick>`+)", re.MULTILINE)
_MARKER = re.compile(r"\s*qmanual\s*[:：]\s*(.*?)\s*", re.DOTALL)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_ATX = re.compile(r"^(?P<level>#{1,6})[ \t]*(?P<text>[^\n]*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_SETEXT = re.compile(r"(?:\A|(?<=\n\n))(?P<text>[^\n|#>\-=\s][^\n|]*)\n(?P<line>=+|-+)[ \t]*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"\s*\{:?\s*(?P<list>[^}\n]*)\}\s*$")
_NUMBERED = re.compile(
    r"(?:第\s*(?P<chapter>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[章节条][\s、.．]*"
    r"|(?P<number>\d{1,2}(?:\.\d{1,3})*)(?![\d.]*\d|\s?[VAWΩ%℃]|[A-Za-z-])[.、．)）]?\s*"
    r"|[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．]\s*|附录\s*(?P<annex>[A-Z])\s*)"
)
_LINK = re.compile(r"\]\(")
_TITLE = re.compile(r"(?P<target>.*?)\s+(?:\"[^\"]*\"|'[^']*')\s*", re.DOTALL)
_DEFINITION = re.compile(r"^ {0,3}\[(?P<label>[^\]\^\n][^\]\n]*)\]:[ \t]*<?(?P<target>[^\s>]+)>?", re.MULTILINE)
_HTML_LINK = re.compile(r"<(?P<tag>a|img)\b[^<>]*?\b(?:href|src)\s*=\s*(?P<quote>[\"']?)(?P<target>[^\"'<>]*?)(?P=quote)(?=[\s/>])", re.IGNORECASE)
_HTML_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_URL = re.compile(r"https?://[^\s<>()（）\u3000-\u303f\uff00-\uffef]+")
_DELIMITER = re.compile(r"^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7} |>{7} |\|{7} )[^\n]*$|^={7}$", re.MULTILINE)
_INDENTED = re.compile(r"\n[ \t]*\n(?: {4}|\t)")
_CONTAINER = re.compile(r"\s{0,3}(?:[-*+]|\d+[.)]|:|!!!|\?\?\?|===|\[\^)")


@dataclass(slots=True)
class _Blanker:
    """Replaces ranges of a text by blanks, keeping line ends, so that offsets stay true."""

    text: str
    ranges: list[tuple[int, int]] = field(default_factory=list)

    def blank(self, start: int, end: int) -> None:
        self.ranges.append((start, end))

    def result(self) -> str:
        if not self.ranges:
            return self.text
        out, at = [], 0
        for start, end in sorted(self.ranges):
            if start < at:
                start = min(at, end)
            out.append(self.text[at:start])
            piece = self.text[start:end]
            out.append("\n".join(" " * len(line) for line in piece.split("\n")) if "\n" in piece else " " * len(piece))
            at = max(at, end)
        out.append(self.text[at:])
        return "".join(out)


def read_body(source: SourceFile, start: int, number: re.Pattern[str]) -> Body:
    """Everything found in `source` from offset `start` on. `number` finds document numbers (`Settings.number`)."""
    faults: list[Fault] = []
    plain, code, markers = _without_code(source, start, faults)
    headings = tuple(_headings(source, plain, start))
    links = tuple(_links(source, plain))
    prose = _prose(plain, links)
    externals, clauses = find_standards(source, prose)
    sections = frozenset(heading.number for heading in headings if heading.number)
    taken = {mention.start for mention in clauses}
    clauses += [mention for mention in find_clauses(source, prose, sections) if mention.start not in taken]
    faults += [Fault(FaultKind.MERGE_CONFLICT, source.span(m.start(), m.end())) for m in _conflicts(source.text)]
    return Body(
        source=source,
        start=start,
        plain=plain,
        headings=headings,
        links=links,
        documents=tuple(
            Mention(name=m[0], span=source.span(m.start(), m.end()), start=m.start(), end=m.end())
            for m in number.finditer(prose)
        ),
        clauses=tuple(sorted(clauses, key=lambda mention: mention.start)),
        externals=tuple(externals),
        tables=tuple(_tables(source, plain)),
        code=code,
        markers=markers,
        faults=tuple(faults),
    )


def _conflicts(text: str) -> list[re.Match[str]]:
    """The markers of an unresolved merge; `=======` alone is a heading's underline, so `<<<<<<<` must be there."""
    return list(_CONFLICT.finditer(text)) if "<<<<<<< " in text or ">>>>>>> " in text else []


# -- code and comments -----------------------------------------------------------------------------------------


def _without_code(
    source: SourceFile, start: int, faults: list[Fault]
) -> tuple[str, tuple[CodeBlock, ...], tuple[Marker, ...]]:
    """The text with header, comments, fenced, indented and inline code blank; the blocks and markers found."""
    text = source.text
    blanker = _Blanker(text)
    blanker.blank(0, start)
    code: list[CodeBlock] = []
    markers: list[Marker] = []
    at = start
    while opened := _OPENERS.search(text, at):
        at = opened.end()
        if opened["comment"]:
            end = text.find("-->", at)
            if end < 0:
                continue
            if marker := _MARKER.fullmatch(text, at, end):
                markers.append(Marker(name=marker[1], span=source.span(opened.start(), end + 3)))
            blanker.blank(opened.start(), end + 3)
            at = end + 3
        elif opened["fence"]:
            block, at = _fence(source, opened)
            if block is None:
                faults.append(Fault(FaultKind.FENCE_NOT_CLOSED, source.span(opened.start("mark"), opened.end("mark"))))
                continue
            code.append(block)
            blanker.blank(opened.start(), at)
        elif not _escaped(text, opened.start()):
            stop = _BLANK_LINE.search(text, at)
            closed = re.compile(rf"(?<!`){opened['tick']}(?!`)").search(text, at, stop.start() if stop else len(text))
            if closed:
                blanker.blank(opened.start(), closed.end())
                at = closed.end()
    plain = blanker.result()
    return (_without_indented(plain) if _INDENTED.search(plain) else plain), tuple(code), tuple(markers)


def _fence(source: SourceFile, opened: re.Match[str]) -> tuple[CodeBlock | None, int]:
    """The fenced block that `opened` begins, and where it ends; None when it is never closed."""
    mark = opened["mark"]
    closed = re.compile(rf"^[ \t>]*{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$", re.MULTILINE).search(source.text, opened.end())
    if not closed:
        return None, opened.end()
    info = opened["info"].strip().split()
    block = CodeBlock(
        language=info[0].strip("{}.").lower() if info else "",
        text=source.text[opened.end() + 1 : closed.start()],
        span=source.span(opened.start("mark"), opened.end()),
    )
    return block, closed.end()


def _escaped(text: str, at: int) -> bool:
    slashes = 0
    while at > slashes and text[at - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _without_indented(plain: str) -> str:
    """Blank code written by four blanks of indentation; indented text inside lists and notes is no code."""
    out, blank, container, inside = [], True, False, False
    for line in plain.split("\n"):
        if not line.strip():
            blank = True
        elif line.startswith(("    ", "\t")):
            inside = not container and (blank or inside)
            if inside:
                line = " " * len(line)
            blank = False
        else:
            inside = False
            container = bool(_CONTAINER.match(line)) or (container and line[0] == " ")
            blank = False
        out.append(line)
    return "\n".join(out)


# -- headings ----------------------------------------------------------------------------------------------------


def _headings(source: SourceFile, plain: str, start: int) -> Iterator[Heading]:
    found = [(m.start(), m.end(), len(m["level"]), m.start("text"), m.end("text")) for m in _ATX.finditer(plain, start)]
    if "\n==" in plain or "\n--" in plain:
        found += [
            (m.start(), m.end(), 1 if m["line"][0] == "=" else 2, m.start("text"), m.end("text"))
            for m in _SETEXT.finditer(plain, start)
        ]
        found.sort()
    for begin, end, level, first, last in found:
        yield _heading(source, level, begin, end, first, last)


def _heading(source: SourceFile, level: int, begin: int, end: int, first: int, last: int) -> Heading:
    full = source.text[first:last].strip()
    anchor = None
    if attributes := _ATTRIBUTES.search(full):
        anchor = next((word[1:] for word in attributes["list"].split() if word.startswith("#")), None)
        full = full[: attributes.start()].strip()
    full = full.replace("**", "").replace("`", "").strip()
    numbered = _NUMBERED.match(full)
    return Heading(
        level=level,
        text=full[numbered.end() :].strip() if numbered and full[numbered.end() :].strip() else full,
        full=full,
        number=(numbered["number"] or numbered["chapter"] or numbered["annex"]) if numbered else None,
        id=anchor,
        span=source.span(first, last) if last > first else source.span(begin, end),
        start=begin,
        end=end,
    )


# -- links -------------------------------------------------------------------------------------------------------


def _links(source: SourceFile, plain: str) -> Iterator[Link]:
    for match in _LINK.finditer(plain):
        opening = _opening_bracket(plain, match.start())
        closing = _closing_parenthesis(plain, match.end())
        if opening < 0 or closing < 0 or _escaped(plain, opening):
            continue
        image = opening > 0 and plain[opening - 1] == "!"
        yield _link(source, match.end(), closing, source.text[opening + 1 : match.start()], image)
    if "]:" in plain:
        for match in _DEFINITION.finditer(plain):
            yield _link(source, match.start("target"), match.end("target"), match["label"], False)
    if "<" in plain:
        for match in _HTML_LINK.finditer(plain):
            yield _link(source, match.start("target"), match.end("target"), "", match["tag"].lower() == "img")


def _link(source: SourceFile, start: int, end: int, text: str, image: bool) -> Link:
    written = source.text[start:end]
    titled = _TITLE.fullmatch(written)
    target = (titled["target"] if titled else written).strip()
    begin = start + written.find(target) if target else start
    span = source.span(begin, begin + max(1, len(target)))
    if target.startswith("<") and target.endswith(">"):
        target = target[1:-1]
    return Link(target=html.unescape(target), text=text, image=image, span=span, start=start)


def _opening_bracket(text: str, closing: int) -> int:
    """The `[` that belongs to the `]` at `closing`, within the paragraph and 1,000 characters; -1 if there is none."""
    depth, limit = 0, max(0, closing - 1000)
    for at in range(closing - 1, limit - 1, -1):
        character = text[at]
        if character == "]":
            depth += 1
        elif character == "[":
            if depth == 0:
                return at
            depth -= 1
        elif character == "\n" and text[at - 1 : at] == "\n":
            return -1
    return -1


def _closing_parenthesis(text: str, start: int) -> int:
    """The `)` that ends a link target begun at `start`, within 2,000 characters of the paragraph; -1 if none."""
    depth = 0
    for at in range(start, min(len(text), start + 2000)):
        character = text[at]
        if character == "(":
            depth += 1
        elif character == ")":
            if depth == 0:
                return at
            depth -= 1
        elif character == "\n" and text[at + 1 : at + 2] == "\n":
            return -1
    return -1


def _prose(plain: str, links: tuple[Link, ...]) -> str:
    """The text as a person reads it: without link targets, tags and web addresses."""
    blanker = _Blanker(plain)
    for link in links:
        end = _closing_parenthesis(plain, link.start) if plain[link.start - 1] == "(" else link.start + link.span.length
        blanker.blank(link.start, max(end, link.start))
    if "<" in plain:
        for match in _HTML_TAG.finditer(plain):
            blanker.blank(match.start(), match.end())
    if "://" in plain:
        for match in _URL.finditer(plain):
            blanker.blank(match.start(), match.end())
    return blanker.result()


# -- tables ------------------------------------------------------------------------------------------------------


def _tables(source: SourceFile, plain: str) -> Iterator[Table]:
    if "|" not in plain:
        return
    at = 0
    while match := _DELIMITER.search(plain, at):
        at = match.end() + 1
        if "|" not in match[0] or match.start() == 0:
            continue
        begin = plain.rfind("\n", 0, match.start() - 1) + 1
        if "|" not in plain[begin : match.start()]:
            continue
        end = match.end()
        rows = [_row(source, plain, begin, match.start() - 1)]
        while end < len(plain):
            stop = plain.find("\n", end + 1)
            stop = len(plain) if stop < 0 else stop
            if not plain[end + 1 : stop].strip():
                break
            rows.append(_row(source, plain, end + 1, stop))
            end = stop
        yield Table(rows=tuple(rows), start=begin, end=end)
        at = max(at, end)


def _row(source: SourceFile, plain: str, start: int, end: int) -> tuple[Cell, ...]:
    """The cells of a table row, split at `|` outside of code; a leading and a trailing `|` are decoration."""
    cells, at = [], start
    while at <= end:
        bar = plain.find("|", at, end)
        while bar > 0 and plain[bar - 1] == "\\":
            bar = plain.find("|", bar + 1, end)
        stop = end if bar < 0 else bar
        piece = source.text[at:stop]
        text = piece.strip()
        first = at + (len(piece) - len(piece.lstrip()) if text else 0)
        cells.append(Cell(text=text, start=first, end=first + len(text)))
        if bar < 0:
            break
        at = bar + 1
    if cells and not cells[0].text and plain[start:end].lstrip().startswith("|"):
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1].text and plain[start:end].rstrip().endswith("|"):
        cells = cells[:-1]
    return tuple(cells)
