"""Where text stands: a file read once, and spans that point into it.

Every value that a finding may speak of carries a `Span`, so that a message can name the line and column and print
the text under a caret. Lines and columns count from 1, columns in characters (code points), as editors count them.
"""

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of one line: `path` relative to the manual's root, `line` and `column` from 1, `length` in characters."""

    path: str
    line: int = 1
    column: int = 1
    length: int = 1


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file as read: `path` relative to the root with `/`, `text` decoded and with LF line ends, without BOM.

    Raises nothing; decoding problems are dealt with before a `SourceFile` exists (see `workspace`).
    """

    path: str
    text: str
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        object.__setattr__(self, "_starts", tuple(starts))

    def line_of(self, offset: int) -> int:
        """The line (from 1) in which the character at `offset` stands."""
        return bisect_right(self._starts, offset)

    def span(self, start: int, end: int | None = None) -> Span:
        """The span from offset `start` up to `end`, cut at the end of the first line; at least one character long."""
        line = bisect_right(self._starts, start)
        first = self._starts[line - 1]
        limit = self._starts[line] - 1 if line < len(self._starts) else len(self.text)
        length = max(1, min(end if end is not None else start + 1, limit) - start)
        return Span(self.path, line, start - first + 1, length)

    def offset(self, line: int) -> int:
        """The offset at which `line` (from 1) begins."""
        return self._starts[line - 1]

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line end; empty when there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end]
