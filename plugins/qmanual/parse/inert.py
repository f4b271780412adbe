"""What of a text can never become HTML: code and comments, where every renderer must agree that they are.

A person who hides a script hides it in what looks like code. So `inert` is strict where `parse.body`, which only looks
for headings and numbers, may be generous: what it is not sure of is no code.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from qmanual.source import SourceFile


class Inert:
    """The ranges of a text that every Markdown renderer shows as code or leaves out as a comment."""

    def __init__(self, source: SourceFile, start: int) -> None:
        removed = "\x02" in source.text or "\x03" in source.text  # Python-Markdown takes these out before it reads
        ranges = [] if removed else sorted(_Inert(source.text, start).ranges())
        self._starts = [begin for begin, _ in ranges]
        self._ends = [end for _, end in ranges]

    def __contains__(self, offset: int) -> bool:
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]

    def blanked(self, text: str) -> str:
        """The text with these ranges blank; its length and its lines stay what they were."""
        kept, at = [], 0
        for begin, end in zip(self._starts, self._ends, strict=True):
            if begin >= at:
                kept += [text[at:begin], _NO_LINE_END.sub(" ", text[begin:end])]
                at = end
        return "".join((*kept, text[at:]))


_NO_LINE_END = re.compile(r"[^\n]")

_FENCE = re.compile(r"(?P<blanks> *)(?P<mark>`{3,}|~{3,})(?P<info>[ ]*[\w#.+-]*)[ ]*")
_LIKE_FENCE = re.compile(r"[ \t>]*(?:```|~~~)")
_INLINE = "a|abbr|b|br|code|em|i|img|kbd|mark|s|small|span|strong|sub|sup|u|del|ins"
_BLOCK = re.compile(rf" {{0,3}}<(?!https?://|mailto:|/?(?:{_INLINE})[\s/>])(?=[A-Za-z/!?])", re.IGNORECASE)
_COMMENT = re.compile(r"(?<!\\)<!--(?!-?>)(?P<text>(?:(?!<!--)[^\n])*?)-->")
_ODD = re.compile(r"--|<!|\\")
_TICKS = re.compile(r"`+")
_CONTAINER = re.compile(r" {0,3}(?:[-*+]\s|\d+[.)]\s|:\s|!!!|\?\?\?|===|///|\[\^)")

Range = tuple[int, int]
Line = tuple[int, str]


class _Inert:
    """Follows pymdownx.superfences and Python-Markdown step by step, and stops where it would have to guess."""

    def __init__(self, text: str, start: int) -> None:
        self.lines = list(_lines(text, start))
        self.found: list[Range] = []

    def ranges(self) -> list[Range]:
        outside = self._without_fences()
        if not any(self._is_html(line) for _, line in outside):
            paragraph: list[Line] = []
            for line in (*outside, (0, "")):
                if not _is_blank(line[1]):
                    paragraph.append(line)
                elif paragraph:
                    self._paragraph(paragraph)
                    paragraph = []
            self._indented(outside)
        return self.found

    def _without_fences(self) -> list[Line]:
        """The lines outside of fenced blocks, up to the first line of which it is not certain whether it opens one."""
        outside: list[Line] = []
        at, in_code = 0, False
        while at < len(self.lines):
            start, line = self.lines[at]
            if not _LIKE_FENCE.match(line):
                in_code = not _is_blank(line) and (in_code or line.startswith(("    ", "\t")))
                outside.append((start, line))
                at += 1
                continue
            fence = _FENCE.fullmatch(line)
            end = self._end(at, len(fence["blanks"]), fence["mark"]) if fence else None
            if fence is None or end is None or (in_code and len(fence["blanks"]) < 4):
                break  # a fence in indented code is undone, but whether it is one depends on what a list may claim
            last, closed = end
            if closed:
                outside.append((start, f"{fence['blanks']}."))  # what stands in its place is a piece of a paragraph
                if "mermaid" not in fence["info"].lower():  # a flowchart's labels become part of a picture
                    self.found.append((self.lines[at + 1][0], self.lines[last][0]))
            else:
                outside += self.lines[at : last + 1]
            at = last + 1
        return outside

    def _end(self, at: int, indent: int, mark: str) -> tuple[int, bool] | None:
        """The line that ends a block, and whether it closes it or stands too far left; None when there is neither."""
        for number in range(at + 1, len(self.lines)):
            line = self.lines[number][1]
            if _is_blank(line):
                continue
            if line[:indent].strip(" "):
                return number, False
            if line[indent:].rstrip(" \t") == mark:
                return number, True
        return None

    @staticmethod
    def _is_html(line: str) -> bool:
        """Whether raw HTML may begin in this line, in which backquotes and indentation mean nothing."""
        if "<" not in line:
            return False
        rest = _COMMENT.sub("", line)
        return "<!" in rest or "<?" in rest or _BLOCK.match(rest) is not None

    def _paragraph(self, lines: list[Line]) -> None:
        """Code between backquotes within one line, where all backquotes of the paragraph pair off line by line."""
        pairs: list[Range] = []
        for start, line in lines:
            ticks = list(_TICKS.finditer(line)) if "`" in line else []
            if ticks and ("\\`" in line or "<!--" in line):
                return
            at = 0
            while at < len(ticks):
                opened = ticks[at]
                at = next((i for i in range(at + 1, len(ticks)) if len(ticks[i][0]) == len(opened[0])), 0)
                if not at:
                    return
                pairs.append((start + opened.start(), start + ticks[at].end()))
                at += 1
            if "<!--" in line and not self._opens_before(lines, start):
                pairs += self._comments(start, line)
        self.found += pairs

    @staticmethod
    def _opens_before(lines: list[Line], start: int) -> bool:
        """Whether a `<` in front may make an attribute of what looks like a comment."""
        return any("<" in _COMMENT.sub("", line) for at, line in lines if at <= start)

    @staticmethod
    def _comments(start: int, line: str) -> list[Range]:
        return [(start + m.start(), start + m.end()) for m in _COMMENT.finditer(line) if not _ODD.search(m["text"])]

    def _indented(self, lines: list[Line]) -> None:
        """Code by four blanks of indentation, where no list or note can have claimed the paragraph."""
        container = blank = inside = False
        for number, (start, line) in enumerate(lines):
            if _is_blank(line):
                blank = bool(number or not line)
                continue
            if line.startswith(("    ", "\t")):
                inside = not container and (blank or inside)
                if inside:
                    self.found.append((start, start + len(line)))
            else:
                inside = False
                if _CONTAINER.match(line):
                    container = True
                elif blank:
                    container = False
            blank = False


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")


def _lines(text: str, start: int) -> Iterator[Line]:
    at = start
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield at, text[at:end]
        at = end + 1
