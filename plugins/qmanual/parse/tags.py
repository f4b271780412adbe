"""HTML inside Markdown, read the way a browser reads it; and what of a text can never become HTML.

A person who hides a script does not write well-formed HTML, and what a browser makes of a tag differs from what a
Markdown parser takes for one. So tags are read here leniently (HTML Living Standard, 13.2.5: tokenization): any case,
any separators, quotes or none, unclosed at the end of the file. And text counts as code only where every renderer must
agree that it is: `inert` is strict where `parse.body`, which only looks for headings and numbers, may be generous.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from qmanual.source import SourceFile


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a tag: `name` in lower case, `value` without quotes and with entities decoded, its offset."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag: `name` in lower case, offsets of its `<` and of its end."""

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    end: int


_OPENING = re.compile(r"<(?P<name>[A-Za-z][^\s/>]*)")
_ATTRIBUTE = re.compile(
    r"[\s/]*(?P<name>=?[^\s/>=<][^\s/>=<]*)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)(?:\"|\Z)|'(?P<single>[^']*)(?:'|\Z)|(?P<bare>[^\s>\"'][^\s>]*)))?"
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff]")


def find_tags(text: str) -> Iterator[Tag]:
    """Every opening tag of a text, those inside of other tags' attributes too, since renderers differ about them."""
    if "<" not in text:
        return
    for match in _OPENING.finditer(text):
        at = match.end()
        name = match["name"]
        if "<" in name:
            name = name.partition("<")[0]
            at = match.start() + 1 + len(name)
        attributes, end = _attributes(text, at)
        yield Tag(_UNSEEN.sub("", name).lower(), attributes, match.start(), end)


def _attributes(text: str, at: int) -> tuple[tuple[Attribute, ...], int]:
    found = []
    while match := _ATTRIBUTE.match(text, at):
        found.append(_attribute(match))
        at = match.end()
    return tuple(found), at


def _attribute(match: re.Match[str]) -> Attribute:
    value = match["double"] or match["single"] or match["bare"] or ""
    return Attribute(_UNSEEN.sub("", match["name"]).lower(), html.unescape(value), match.start("name"), match.end())


_LISTED = re.compile(r"\{:?(?P<list>[^{}\n]*=[^{}\n]*)\}")


def find_attribute_lists(text: str) -> Iterator[Tag]:
    """Attribute lists of Markdown, `{: title="…" }`, as tags without a name."""
    if "{" not in text:
        return
    for match in _LISTED.finditer(text):
        attributes, _ = _attributes(match["list"], 0)
        start = match.start("list")
        moved = (Attribute(one.name, one.value, one.start + start, one.end + start) for one in attributes)
        yield Tag("", tuple(moved), match.start(), match.end())


# -- addresses -----------------------------------------------------------------------------------------------------

_PLAIN = re.compile(r"\s*<?(?:(?:https?|mailto|tel):(?!.{0,20}&)|[^:&%\\<>()\s/#?]*[/#?)])", re.IGNORECASE)
_ADDRESS = re.compile(r"\]\(|\]:|<(?=[\w&])")
_LONGEST = 20_000


def find_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Where Markdown may take an address from, and the text that begins there; plainly harmless ones are left out."""
    for match in _ADDRESS.finditer(text):
        if not _PLAIN.match(text, match.end()):
            yield match.end(), text[match.end() : match.end() + _LONGEST]


def decoded(address: str) -> str:
    """An address as a browser takes it: entities, percent signs and escapes decoded, blanks and unseen signs gone."""
    for _ in range(2):
        address = html.unescape(address)
        address = re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), address)
    address = re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", address)
    return re.sub(r"[\s\x00-\x20\x7f\u00ad\u200b-\u200f\u2060\ufeff]+", "", address).lstrip("<\"'").lower()


# -- what can never become HTML ------------------------------------------------------------------------------------


class Inert:
    """The ranges of a text that every Markdown renderer shows as code or leaves out as a comment."""

    def __init__(self, source: SourceFile, start: int) -> None:
        ranges = sorted(_Inert(source.text, start).ranges())
        self._starts = [begin for begin, _ in ranges]
        self._ends = [end for _, end in ranges]

    def __contains__(self, offset: int) -> bool:
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]


_FENCE = re.compile(r"(?P<prefix>[ >]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[\w#.+-]*|\{[^{}\n]*\})[ \t]*")
_BLOCK = re.compile(r" {0,3}<(?!/?(?:a|abbr|b|br|code|em|i|img|kbd|mark|s|small|span|strong|sub|sup|u|del|ins)[\s/>])(?=[A-Za-z/!?])", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?!-?>)(?P<text>[^\n]*?)-->")
_ODD = re.compile(r"--|<!")
_TICKS = re.compile(r"`+")
_CONTAINER = re.compile(r" {0,3}(?:[-*+]\s|\d+[.)]\s|:\s|!!!|\?\?\?|===|///|\[\^)")

Range = tuple[int, int]
Line = tuple[int, str]


class _Inert:
    def __init__(self, text: str, start: int) -> None:
        self.lines = list(_lines(text, start))
        self.found: list[Range] = []

    def ranges(self) -> list[Range]:
        outside = self._without_fences()
        if not any(self._is_html(line) for _, line in outside):
            paragraph: list[Line] = []
            for line in (*outside, (0, "")):
                if line[1].strip():
                    paragraph.append(line)
                elif paragraph:
                    self._paragraph(paragraph)
                    paragraph = []
            self._indented(outside)
        return self.found

    def _without_fences(self) -> list[Line]:
        """The lines outside of fenced blocks; a block counts only if its mark, its indentation and its end are plain."""
        outside: list[Line] = []
        at = 0
        while at < len(self.lines):
            start, line = self.lines[at]
            fence = _FENCE.fullmatch(line) if "```" in line or "~~~" in line else None
            end = self._end(at, fence) if fence else -1
            if fence is None or end < 0:
                outside.append((start, line))
                at += 1
                continue
            outside.append((start, ""))
            if "mermaid" not in fence["info"].lower() and end > at + 1:  # a flowchart's labels become part of a picture
                self.found.append((self.lines[at + 1][0], self.lines[end][0]))
            at = end + 1
        return outside

    def _end(self, at: int, fence: re.Match[str]) -> int:
        closing, prefix = fence["prefix"] + fence["mark"], fence["prefix"].rstrip()
        inside = fence["prefix"] if ">" not in prefix else prefix
        for number in range(at + 1, len(self.lines)):
            line = self.lines[number][1]
            if line.rstrip() == closing:
                return number
            if inside and line.strip() and not line.startswith(inside):
                return -1
        return -1

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
            if "<!--" in line:
                pairs += [] if ticks or self._opens_before(lines, start) else self._comments(start, line)
                if not ticks:
                    continue
            if len(ticks) % 2 or ("\\`" in line) or ("<!--" in line):
                return
            for opened, closed in zip(ticks[::2], ticks[1::2], strict=True):
                if len(opened[0]) != len(closed[0]):
                    return
                pairs.append((start + opened.start(), start + closed.end()))
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
        container, blank, inside = False, True, False
        for start, line in lines:
            if not line.strip():
                blank = True
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


def _lines(text: str, start: int) -> Iterator[Line]:
    at = start
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield at, text[at:end]
        at = end + 1
