"""Running text in one pass: headings, links, tables, code, and the numbers and clauses that people mention.

This is no Markdown renderer. It finds what the rules need, with offsets, in the dialect that the site renders
(Python-Markdown with the extensions of `render.markdown`). Code and comments are blanked first, so that nothing is
ever found in them; everything after that looks at texts of the same length and finds true offsets.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from qmanual.finding import Fault, FaultKind
from qmanual.model import Body, Cell, CodeBlock, Heading, Link, Marker, Mention, Table
from qmanual.parse.clause import find_clauses, find_standards
from qmanual.parse.tags import find_tags, unescaped
from qmanual.source import SourceFile

_OPENERS = re.compile(
    r"(?P<comment><!--)|(?P<fence>^[ \t>]*(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$)|(?P<tick>`+)", re.MULTILINE
)
_MARKER = re.compile(r"qmanual\s*[:：]")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_ATX = re.compile(r"^(?P<level>#{1,6})(?P<text>[^\n]*)$", re.MULTILINE)
_SETEXT = re.compile(r"^(?P<text>[^\n|#>\-=\s][^\n|]*)\n(?P<line>=+|-+)[ \t]*$", re.MULTILINE)
_NUMBERED = re.compile(
    r"(?:第\s*(?P<chapter>\d{1,2}|[一二三四五六七八九十]{1,3})\s*[章节条][\s、.．]*"
    r"|(?P<number>\d{1,2}(?:\.\d{1,3}){0,5})(?!\.?\d|\s?[VAWΩ%℃]|[A-Za-z-])[.、．)）]?\s*"
    r"|[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．]\s*|附录\s*(?P<annex>[A-Z])\s*)"
)
_BRACKET = re.compile(r"!?\[|\](?P<target>\()?|\n[ \t]*\n")
_TARGET = re.compile(
    r"\s*<[^<>\n]{0,2000}>[^()\n]{0,300}\)"
    r"|(?:\\[^\n]|[^()\n\\]|\n(?![ \t]*\n)|\((?:[^()\n]|\([^()\n]*\))*\)){0,2000}\)"
)
_DEFINITION = re.compile(
    r"^ {0,3}\[(?P<label>[^\]\^\n][^\]\n]*)\]:[ \t]*<?(?P<target>[^\s>]+)>?[ \t]*(?:$|[\"'(])", re.MULTILINE
)
_LABEL = re.compile(r"\s?\[(?P<label>[^\[\]]{0,300})\]")
_LABELLED = re.compile(
    r"(?<!!)\[(?P<label>[^\[\]]{1,300})\]:[ \t]*(?:\n[ \t>]*)?(?:<(?=[^<>\n]+>))?(?P<target>(?<=<)[^<>\n]+|[^\s<>]+)"
)
_HTML_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_URL = re.compile(r"https?://[^\s<>()（）\u3000-\u303f\uff00-\uffef]+")
_RULED = re.compile(r"^[ \t|:\-]+$", re.MULTILINE)
_RULE = re.compile(r":?-+:?")
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: [^\n]*)?$", re.MULTILINE)
_INDENTED = re.compile(r"\n[ \t]*\n(?: {4}|\t)")
_CONTAINER = re.compile(r"\s{0,3}(?:[-*+][ \t]|\d+[.)][ \t]|:[ \t]|!!!|\?\?\?|===|\[\^)")


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
    code = _CodeReader(source, start)
    plain = code.read()
    headings = tuple(_headings(source, plain, start))
    found = sorted(_links(source, plain), key=lambda pair: pair[0].start)
    prose = _prose(plain, [(link.start, end) for link, end in found])
    externals, clauses = find_standards(source, prose)
    sections = frozenset(heading.number for heading in headings if heading.number)
    taken = {mention.start for mention in clauses}
    clauses += [mention for mention in find_clauses(source, prose, sections) if mention.start not in taken]
    return Body(
        source=source,
        start=start,
        plain=plain,
        headings=headings,
        links=tuple(link for link, _ in found),
        documents=tuple(
            Mention(name=m[0], span=source.span(m.start(), m.end()), start=m.start(), end=m.end())
            for m in number.finditer(prose)
        ),
        clauses=tuple(sorted(clauses, key=lambda mention: mention.start)),
        externals=tuple(externals),
        tables=tuple(_tables(plain)),
        code=tuple(code.blocks),
        markers=tuple(code.markers),
        faults=(*code.faults, *_conflicts(source, start, plain, code.blocks)),
    )


def _conflicts(source: SourceFile, start: int, plain: str, blocks: list[CodeBlock]) -> Iterator[Fault]:
    """One fault for each unresolved merge. Code may show one, but nobody shows one in a header or a flowchart."""
    text = source.text
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return
    firsts = [(source.offset(block.span.line + 1), block) for block in blocks if block.language == "mermaid"]
    charts = [(first, first + len(block.text)) for first, block in firsts]
    is_open = False
    for match in _CONFLICT.finditer(text):
        at = match.start()
        is_code = at >= start and plain[at] == " "
        if is_code and not any(first <= at < last for first, last in charts):
            continue
        begins = text[at] == "<"
        if begins or not is_open:
            yield Fault(FaultKind.MERGE_CONFLICT, source.span(at, match.end()))
        is_open = begins


# -- code and comments -----------------------------------------------------------------------------------------


class _CodeReader:
    """Finds comments, fenced, indented and inline code. Never looks twice for an end that is not there."""

    def __init__(self, source: SourceFile, start: int) -> None:
        self.source = source
        self.start = start
        self.faults: list[Fault] = []
        self.blocks: list[CodeBlock] = []
        self.markers: list[Marker] = []
        self._blanker = _Blanker(source.text)
        self._no_comment_end = False
        self._paragraph_end = -1
        self._never_closed: set[str] = set()

    def read(self) -> str:
        """The text with the header, comments and code blank."""
        text, at = self.source.text, self.start
        self._blanker.blank(0, at)
        if "`" in text or "<!--" in text or "~~~" in text:
            while opened := _OPENERS.search(text, at):
                if opened["comment"]:
                    at = self._comment(opened)
                elif opened["fence"]:
                    at = self._fence(opened)
                else:
                    at = self._inline(opened)
        plain = self._blanker.result()
        return _without_indented(text, plain, self.start) if _INDENTED.search(text, self.start) else plain

    def _comment(self, opened: re.Match[str]) -> int:
        at = opened.end()
        end = -1 if self._no_comment_end else self.source.text.find("-->", at)
        if end < 0:
            self._no_comment_end = True
            return at
        said = self.source.text[at : min(end, at + 500)].strip()
        if marker := _MARKER.match(said):
            span = self.source.span(opened.start(), end + 3)
            self.markers.append(Marker(name=said[marker.end() :].strip(), span=span))
        self._blanker.blank(opened.start(), end + 3)
        return end + 3

    def _fence(self, opened: re.Match[str]) -> int:
        """A fenced block ends with the very mark that it began with (as pymdownx.superfences reads it)."""
        text, mark = self.source.text, opened["mark"]
        closed = None
        if mark not in self._never_closed:
            closed = re.compile(rf"^[ \t>]*{mark}[ \t]*$", re.MULTILINE).search(text, opened.end())
        span = self.source.span(opened.start("mark"), opened.end())
        if not closed:
            self._never_closed.add(mark)
            if not self.faults:  # the first one swallows every mark that follows
                self.faults.append(Fault(FaultKind.FENCE_NOT_CLOSED, span))
            return opened.end()
        info = opened["info"].strip().split(maxsplit=1)
        language = info[0].strip("{}.").lower() if info else ""
        self.blocks.append(CodeBlock(language=language, text=text[opened.end() + 1 : closed.start()], span=span))
        self._blanker.blank(opened.start(), closed.end())
        return closed.end()

    def _inline(self, opened: re.Match[str]) -> int:
        text, at = self.source.text, opened.end()
        if _escaped(text, opened.start()):
            return opened.start() + 1
        if self._paragraph_end < at:
            stop = _BLANK_LINE.search(text, at)
            self._paragraph_end = stop.start() if stop else len(text)
        closed = re.compile(rf"(?<!`){opened['tick']}(?!`)").search(text, at, self._paragraph_end)
        if not closed:
            return at
        self._blanker.blank(opened.start(), closed.end())
        return closed.end()


def _escaped(text: str, at: int) -> bool:
    slashes = 0
    while at > slashes and text[at - slashes - 1] == "\\":
        slashes += 1
    return slashes % 2 == 1


def _without_indented(text: str, plain: str, start: int) -> str:
    """Blank code written by four blanks of indentation; indented text inside lists and notes is no code."""
    out, blank, container, inside = [], True, False, False
    for written, line in zip(text[start:].split("\n"), plain[start:].split("\n"), strict=True):
        if not line.strip():
            container = container and not (blank and written[:1].strip())  # code at the margin ends a list
            blank = True
        elif written.startswith(("    ", "\t")):
            inside = not container and (blank or inside)
            if inside:
                line = " " * len(line)
            blank = False
        else:
            inside = False
            container = bool(_CONTAINER.match(line)) or (container and (written[0] == " " or not blank))
            blank = False
        out.append(line)
    return plain[:start] + "\n".join(out)


# -- headings ----------------------------------------------------------------------------------------------------


def _headings(source: SourceFile, plain: str, start: int) -> Iterator[Heading]:
    found = [(m.start(), m.end(), len(m["level"]), *m.span("text")) for m in _ATX.finditer(plain, start)]
    if "\n==" in plain or "\n--" in plain:
        found += [
            (m.start(), m.end(), 1 if m["line"][0] == "=" else 2, *m.span("text"))
            for m in _SETEXT.finditer(plain, start)
            if not plain[plain.rfind("\n", 0, max(0, m.start() - 1)) + 1 : m.start()].strip()
        ]
        found.sort()
    for begin, end, level, first, last in found:
        yield _heading(source, level, begin, end, first, last)


def _heading(source: SourceFile, level: int, begin: int, end: int, first: int, last: int) -> Heading:
    written = source.text[first:last]
    full = written.strip().rstrip("#").rstrip()
    first += len(written) - len(written.lstrip())
    span = source.span(first, first + len(full)) if full else source.span(begin, end)
    anchor = None
    if full.endswith("}") and (brace := full.rfind("{")) >= 0:
        anchor = next((word[1:] for word in full[brace + 1 : -1].lstrip(": ").split() if word.startswith("#")), None)
        full = full[:brace].rstrip()
    full = full.replace("**", "").replace("`", "").strip()
    numbered = _NUMBERED.match(full)
    text = full[numbered.end() :].strip() if numbered else ""
    return Heading(
        level=level,
        text=text or full,
        full=full,
        number=(numbered["number"] or numbered["chapter"] or numbered["annex"]) if numbered else None,
        id=anchor,
        span=span,
        start=begin,
        end=end,
    )


# -- links -------------------------------------------------------------------------------------------------------


def _links(source: SourceFile, plain: str) -> Iterator[tuple[Link, int]]:
    """Links and pictures, each with the offset at which its target ends."""
    if "](" in plain:
        yield from _inline_links(source, plain)
    if "]:" in plain:
        yield from _definitions(source, plain)
    for tag in find_tags(plain):
        if tag.name in ("a", "img"):
            words = next((one.value for one in tag.attributes if one.name == "alt" and tag.name == "img"), "")
            for one in tag.attributes:
                if one.name == ("src" if tag.name == "img" else "href") and one.value:
                    yield _link(source, one.at, one.to, words, tag.name == "img"), one.to


def _inline_links(source: SourceFile, plain: str) -> Iterator[tuple[Link, int]]:
    """`[text](target)`."""
    for begin, image, closing in _brackets(plain):
        target = _TARGET.match(plain, closing.end()) if closing["target"] else None
        if target:
            text = source.text[begin : closing.start()]
            yield _link(source, closing.end(), target.end() - 1, text, image), target.end() - 1


def _brackets(plain: str) -> Iterator[tuple[int, bool, re.Match[str]]]:
    """Paired brackets: where their text begins, whether `!` is before them, the closing one; paragraphs end all."""
    opened: list[tuple[int, bool]] = []
    for match in _BRACKET.finditer(plain):
        if match[0][0] == "\n":
            opened.clear()
        elif match[0][-1] == "[":
            if not _escaped(plain, match.end() - 1):
                opened.append((match.end(), match[0][0] == "!" and not _escaped(plain, match.start())))
        elif opened and not _escaped(plain, match.start()):
            yield *opened.pop(), match


def _definitions(source: SourceFile, plain: str) -> Iterator[tuple[Link, int]]:
    """`[label]: target`; a picture when one is shown by that label, wherever the definition stands.

    Pictures count towards what is approved, so they are looked for in every place where the renderer would take one.
    """
    shown = {_folded(label) for label in _shown_labels(plain)} if "![" in plain else set()
    taken = set()
    for match in _LABELLED.finditer(plain) if shown else ():
        if _folded(match["label"]) in shown:
            taken.add(match.start("target"))
            yield _link(source, *match.span("target"), match["label"], True), match.end("target")
    for match in _DEFINITION.finditer(plain):
        if match.start("target") not in taken:
            yield _link(source, *match.span("target"), match["label"], False), match.end("target")


def _shown_labels(plain: str) -> Iterator[str]:
    """The labels of `![text][label]`, `![label][]` and `![label]`."""
    for begin, image, closing in _brackets(plain):
        if image and not closing["target"]:
            named = _LABEL.match(plain, closing.end())
            yield (named["label"] if named else "") or plain[begin : closing.start()]


def _folded(label: str) -> str:
    return " ".join(label.lower().split())


def _link(source: SourceFile, start: int, end: int, text: str, image: bool) -> Link:
    written = source.text[start:end]
    target = _without_title(written).strip()
    begin = start + written.find(target) if target else start
    span = source.span(begin, begin + max(1, len(target)))
    if target.startswith("<") and target.endswith(">"):
        target = target[1:-1]
    return Link(target=unescaped(target), text=text, image=image, span=span, start=start)


def _without_title(written: str) -> str:
    """`QP-01.md "文件控制"` → `QP-01.md`."""
    written = written.rstrip()
    if written[-1:] not in ('"', "'"):
        return written
    at = written.find(written[-1])
    return written[:at] if at > 0 and written[at - 1].isspace() else written


def _prose(plain: str, targets: list[tuple[int, int]]) -> str:
    """The text as a person reads it: without link targets, tags and web addresses."""
    blanker = _Blanker(plain, targets)
    if "<" in plain:
        for match in _HTML_TAG.finditer(plain):
            blanker.blank(match.start(), match.end())
    if "://" in plain:
        for match in _URL.finditer(plain):
            blanker.blank(match.start(), match.end())
    return blanker.result()


# -- tables ------------------------------------------------------------------------------------------------------


def _tables(plain: str) -> Iterator[Table]:
    if "|" not in plain:
        return
    at = 0
    while match := _RULED.search(plain, at):
        at = match.end() + 1
        if match.start() == 0 or not _is_ruler(match[0]):
            continue
        begin = plain.rfind("\n", 0, match.start() - 1) + 1
        if "|" not in plain[begin : match.start()]:
            continue
        lines = [(begin, match.start() - 1)]
        end = match.end()
        while end < len(plain):
            stop = plain.find("\n", end + 1)
            stop = len(plain) if stop < 0 else stop
            if not plain[end + 1 : stop].strip():
                break
            lines.append((end + 1, stop))
            end = stop
        yield Table(lines=tuple(lines))
        at = max(at, end)


def _is_ruler(line: str) -> bool:
    """Whether a line is the one under a table's headings: `|---|:-:|`."""
    return "|" in line and all(_RULE.fullmatch(cell.strip()) for cell in line.strip().strip("|").split("|"))


def cells(body: Body, table: Table) -> tuple[tuple[Cell, ...], ...]:
    """The cells of a table, a tuple a row, header row first."""
    return tuple(_row(body.source, body.plain, start, end) for start, end in table.lines)


def _row(source: SourceFile, plain: str, start: int, end: int) -> tuple[Cell, ...]:
    """The cells of a table row, split at `|` outside of code; a leading and a trailing `|` are decoration."""
    line = plain[start:end]
    found, at = [], start
    for piece in re.split(r"(?<!\\)\|", line) if "\\|" in line else line.split("|"):
        written = source.text[at : at + len(piece)]
        text = written.strip()
        first = at + (len(written) - len(written.lstrip()) if text else 0)
        found.append(Cell(text=text, start=first, end=first + len(text)))
        at += len(piece) + 1
    if not found[0].text and line.lstrip().startswith("|"):
        found = found[1:]
    if len(found) > 1 and not found[-1].text and line.rstrip().endswith("|"):
        found.pop()
    return tuple(found)
