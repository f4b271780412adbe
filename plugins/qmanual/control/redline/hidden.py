"""Characters that a reader does not see, or takes for others: a redline has to name them.

Who approves a text must see what he approves. A blank of no width, a character that turns the direction of writing,
a Cyrillic е in a Latin word or a full-width ０ make two texts differ that look alike (Unicode Technical Report 36).
"""

import re
import unicodedata
from functools import lru_cache

_ALIKE = {
    "!": "FF01",
    '"': "201C 201D 2033 3003 FF02",
    "'": "2018 2019 201B 2032 2035 02B9 02BC FF07",
    "(": "FF08 FE59",
    ")": "FF09 FE5A",
    "*": "204E 2217 FF0A",
    ",": "FF0C 201A FE50 3001",
    "-": "2010 2011 2012 2013 2014 2015 2212 2500",
    ".": "00B7 2022 30FB 2027 22C5 2219 3002 FF0E FF61",
    "/": "2044 2215 2571 FF0F",
    "0": "3007 25CB 25EF 0555 2D54",
    ":": "2236 FF1A FE55 A789 02F8",
    ";": "FF1B",
    "?": "FF1F",
    "A": "0410 0391",
    "B": "0412 0392",
    "C": "0421 2103",
    "E": "0415 0395",
    "H": "041D 0397",
    "I": "0406 0399",
    "J": "0408",
    "K": "041A 039A",
    "L": "029F",
    "M": "041C 039C",
    "N": "039D",
    "O": "041E 039F",
    "P": "0420 03A1",
    "S": "0405",
    "T": "0422 03A4",
    "X": "0425 03A7",
    "Y": "03A5",
    "Z": "0396",
    "[": "3010 3014",
    "]": "3011 3015",
    "a": "0430 0251",
    "c": "0441",
    "d": "0501",
    "e": "0435",
    "f": "FB01",
    "g": "0261",
    "h": "04BB",
    "i": "0456 03B9 0131",
    "j": "0458",
    "k": "03BA",
    "l": "04CF 217C",
    "n": "043F",
    "o": "043E 03BF",
    "p": "0440 03C1",
    "q": "051B",
    "r": "0433",
    "s": "0455",
    "u": "03C5",
    "v": "0475 03BD",
    "w": "051D",
    "x": "0445 03C7 00D7 2715 2573 2A2F",
    "y": "0443 03B3",
    "|": "2223 FF5C 2502 01C0",
    "~": "FF5E 301C 223C",
    "°": "00BA 02DA",
    "一": "30FC FF70",
}
"""What a reader sees → the code points that he may take for it, besides those whose compatibility form it is."""
_SKELETON = {chr(int(code, 16)): seen for seen, codes in _ALIKE.items() for code in codes.split()}

_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)
"""What is drawn as nothing, or only acts on what stands beside it."""
_BLANKS = frozenset("\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f")
"""Blanks of other widths: harmless where they were, to be named where they come or go."""

CONTROL_BASE = 0xF0000
"""Control characters, which HTML cannot hold, are kept as the private character this far above them."""

_HAN = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def is_hidden(character: str) -> bool:
    """Whether a character is not seen as itself, wherever it stands."""
    return _INVISIBLE.match(character) is not None


def has_hidden(text: str) -> bool:
    """Whether any character of a text is not seen."""
    return _INVISIBLE.search(text) is not None


@lru_cache(maxsize=4096)
def skeleton(character: str) -> str:
    """What a character looks like: equal for characters that a reader takes for each other."""
    if character in _SKELETON:
        return _SKELETON[character]
    if is_hidden(character) or character in _BLANKS or character == "\u3000":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    return "".join(_SKELETON.get(one, one) for one in plain)


def look(text: str) -> str:
    """A text as it looks: two texts that differ but look alike have the same. Blanks do not count."""
    return "".join(skeleton(one) for one in unicodedata.normalize("NFC", text) if not one.isspace())


@lru_cache(maxsize=4096)
def is_impostor(character: str) -> bool:
    """Whether a character in a changed text may pass for another, common one: a letter or digit that looks Latin and
    is not, or the double of a Chinese character."""
    if character.isascii():
        return False
    if (
        is_hidden(character)
        or character in _BLANKS
        or (unicodedata.combining(character) and character not in "\u3099\u309a")
    ):
        return True
    if any(low <= ord(character) <= high for low, high in _HAN):
        return skeleton(character) != character
    if not character.isalnum() or unicodedata.category(character) in ("No", "Nl"):
        return False
    plain = skeleton(character)
    return plain != character and plain.isascii() and plain.isalnum()


def name(character: str) -> str:
    """What is shown beside a character that has to be named: `U+200B ZERO WIDTH SPACE`, a sign for a plain blank."""
    code = ord(character)
    if CONTROL_BASE <= code < CONTROL_BASE + 0xA0:
        code -= CONTROL_BASE
    if code in _SIGNS:
        return _SIGNS[code]
    return f"U+{code:04X} {unicodedata.name(chr(code), '')}".strip()


_SIGNS = {0x20: "␣", 0x0A: "↵", 0x09: "⇥ TAB"}


def spelled(text: str) -> str:
    """A text for where nothing can be shown beside it: hidden characters by their code points, `⟨U+200B⟩`."""
    if not has_hidden(text):
        return text
    return "".join(f"⟨{name(one).partition(' ')[0]}⟩" if is_hidden(one) else one for one in text)


def doubtful(old: str, new: str) -> tuple[frozenset[int], frozenset[int]]:
    """The places in an old text and in the new one in its stead whose characters have to be named.

    Hidden characters and impostors always, blanks where nothing else is there; when both texts look alike, every
    character in which they differ.
    """
    alike = bool(old and new) and look(old) == look(new)
    return _places(old, new, alike), _places(new, old, alike)


def _places(text: str, other: str, alike: bool) -> frozenset[int]:
    if not text.strip():
        return frozenset(range(len(text)))
    found = {at for at, one in enumerate(text) if is_impostor(one)}
    if alike:
        first = _common(text, other)
        last = _common(text[first:][::-1], other[first:][::-1])
        found |= set(range(first, len(text) - last))
    return frozenset(found)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    short = min(len(one), len(other))
    return next((at for at in range(short) if one[at] != other[at]), short)
