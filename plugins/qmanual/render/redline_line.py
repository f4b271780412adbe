"""Running text as it is gathered from HTML, with its blanks as a browser shows them."""

import re
from collections.abc import Iterator
from unicodedata import east_asian_width

from qmanual.control.redline import Block, Mark, Piece, make_block

_SPACE = re.compile(r"[ \t\n\r\f]+")


class Line:
    """Running text as it is gathered: blanks become one, those at its ends none; in code they stay (`keep`)."""

    def __init__(self, *, keep: bool) -> None:
        self.keep = keep
        self.found: list[Piece] = []

    def add(self, text: str | None, marks: tuple[Mark, ...]) -> None:
        if not text:
            return
        if not self.keep:
            text = _SPACE.sub(lambda match: "\n" if "\n" in match[0] else " ", text)
        self.found.append(Piece(text, marks))

    def atom(self, piece: Piece) -> None:
        self.found.append(piece)

    def block(self) -> Iterator[Block]:
        """The text as a block without a tag, if there is any."""
        if pieces := self.pieces():
            yield make_block("", pieces=pieces)

    def pieces(self) -> tuple[Piece, ...]:
        if self.keep:
            return tuple(piece for piece in self.found if piece.text or piece.same)
        found: list[Piece] = []
        before = " "
        for at, piece in enumerate(self.found):
            if piece.same:
                if piece.text == "\n" and found and not found[-1].same:
                    found[-1] = Piece(found[-1].text.rstrip(" "), found[-1].marks)
                found.append(piece)
                before = " " if piece.text == "\n" else "◇"
                continue
            text = self._spaced(piece.text, before, at)
            if text:
                found.append(Piece(text, piece.marks))
                before = text[-1]
        while found and not found[-1].same and (text := found[-1].text.rstrip(" ")) != found[-1].text:
            found[-1:] = [Piece(text, found[-1].marks)] if text else []
        return tuple(piece for piece in found if piece.text or piece.same)

    def _spaced(self, text: str, before: str, at: int) -> str:
        """A text whose line ends are blanks, or nothing between two wide characters (CSS Text 3, 4.1.3)."""
        row: list[str] = []
        for place, one in enumerate(text):
            if one == "\n":
                after = text[place + 1 : place + 2] or self._next(at)
                one = "" if _wide(before) and _wide(after) else " "
            if one == " " and before == " ":
                one = ""
            if one:
                row.append(one)
                before = one
        return "".join(row)

    def _next(self, at: int) -> str:
        for piece in self.found[at + 1 :]:
            if piece.same:
                return ""
            if text := piece.text.strip(" \n"):
                return text[0]
        return ""


def _wide(character: str) -> bool:
    return bool(character) and east_asian_width(character) in ("W", "F")
