"""`seal:` of the settings into a `Seal`. What is mistyped is a fault, and nothing is sealed by halves of a setting."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from qmanual.finding import FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Text
from qmanual.model.seal import Level, Place, Seal, Shape
from qmanual.nodes import Entries, Entry, Reader, aliases

NAMES = aliases({
    "key": (), "module": (), "token": (), "slot": (), "label": (), "level": (), "tsa": (), "place": (), "shape": (),
    "size": (), "text": (), "picture": (), "reason": (), "trust": (), "revoked": (), "build": (),
})  # fmt: skip
SMALLEST, LARGEST = 20, 50
"""The size of a seal, in mm."""

_URL = re.compile(r"https?://[^/\s]\S*", re.ASCII)
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_seal(reader: Reader, entry: Entry | None) -> Seal | None:
    """The seal's settings; None when there are none."""
    if entry is None:
        return None
    before = len(reader.faults)
    found = reader.entries(entry.node, NAMES)
    texts = {name: _text(reader, found.get(name)) for name in ("key", "module", "token", "label", "text", "reason")}
    level = _choice(reader, found.get("level"), Level.BASIC)
    tsa = _shaped(reader, found.get("tsa"), _URL, N_("an address that begins with http:// or https://"))
    trust, revoked = _files(reader, found.get("trust")), _files(reader, found.get("revoked"))
    place = _choice(reader, found.get("place"), Place.FIRST)
    shape = _choice(reader, found.get("shape"), Shape.ROUND)
    slot = _number(reader, found.get("slot"), 0, 10**9, N_("the number of a slot"))
    size = _number(reader, found.get("size"), SMALLEST, LARGEST, N_("a number of millimetres from 20 to 50"))
    pictures = _files(reader, found.get("picture"))
    build = reader.boolean(found.get("build"), False)
    _complete(reader, entry, found, texts, level)
    return Seal(
        **texts, slot=None if slot is None else int(slot), level=level, tsa=tsa, place=place, shape=shape,
        size=36 if size is None else size, picture=pictures[0] if pictures else "", trust=trust, revoked=revoked,
        build=build, sound=len(reader.faults) == before,
    )  # fmt: skip


def _complete(reader: Reader, entry: Entry, found: Entries, texts: dict[str, str], level: Level) -> None:
    """What one setting asks of the others."""
    for name, expected in _missing(found, texts, level):
        reader.fault(FaultKind.MISSING_VALUE, entry.key, key=name, expected=Phrase(expected))
    if texts["key"] and texts["module"]:
        expected = Phrase(N_("a key file or a token, not both"))
        reader.fault(FaultKind.WRONG_TYPE, found["module"].key, text=texts["module"], expected=expected)


def _missing(found: Entries, texts: dict[str, str], level: Level) -> Iterator[tuple[str, str]]:
    if texts["module"] and not texts["label"]:
        yield "label", N_("the label of key and certificate on the token")
    if level is not Level.BASIC and "tsa" not in found:
        yield "tsa", N_("the address of a time stamp authority, which this level needs")
    if level is Level.ARCHIVED:
        for name in ("trust", "revoked"):
            if name not in found:
                yield name, N_("files of certificates and revocation lists, which this level needs")
    if "build" in found and not (texts["key"] or texts["module"]):
        yield "key", N_("a key to seal with: a key file, or the module of a token")


def _text(reader: Reader, entry: Entry | None) -> str:
    text = reader.text(entry)
    return text.value if text else ""


def _choice(reader: Reader, entry: Entry | None, default: _Choice) -> _Choice:
    kind = type(default)
    said = reader.one_of(entry, {one.value: one.value for one in kind})
    return kind(said) if said else default


def _shaped(reader: Reader, entry: Entry | None, pattern: re.Pattern[str], expected: str) -> str:
    text = reader.text(entry)
    if text and not pattern.fullmatch(text.value):
        reader.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=Phrase(expected))
    return text.value if text else ""


def _number(reader: Reader, entry: Entry | None, low: float, high: float, expected: str) -> float | None:
    value = reader.number(entry)
    if value is not None and entry and not low <= value <= high:
        reader.fault(FaultKind.WRONG_TYPE, entry.key, text=f"{value:g}", expected=Phrase(expected))
    return value


def _files(reader: Reader, entry: Entry | None) -> tuple[str, ...]:
    """Names of files inside the manual."""
    found = [text for text in reader.texts(entry) if _inside(reader, text)]
    return tuple(text.value for text in found)


def _inside(reader: Reader, text: Text) -> bool:
    parts = text.value.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or ":" in parts[0]:
        expected = Phrase(N_("a file inside the manual"))
        reader.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
        return False
    return True
