"""Whether a picture is whole, told from its bytes: one that is printed on every page of every document and cannot be
drawn would leave no document printed.

Only what is needed for that is read; colours and shapes are the printer's matter.
"""

import re
import zlib
from xml.parsers import expat

MOST_DOTS = 50_000_000
"""Dots of a picture: each is four bytes when it is drawn."""
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type of a PNG → samples of a dot (ISO/IEC 15948, table 11.1)."""
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
"""Markers of the frames of a JPEG that are in use: baseline, extended, progressive (ITU-T T.81, table B.1)."""
_MEASURE = re.compile(r"\s*\+?\d*\.?\d+(?:e\d{1,2})?\s*(?:px|pt|mm|cm|in|pc|em|%)?\s*", re.IGNORECASE)


def picture_ending(data: bytes) -> str | None:
    """`.png`, `.jpg` or `.svg`; None for what is nothing of these, or not whole."""
    if data.startswith(_PNG):
        return ".png" if _whole_png(data) else None
    if data.startswith(_JPEG):
        return ".jpg" if _whole_jpeg(data) else None
    return ".svg" if _whole_svg(data) else None


def _whole_png(data: bytes) -> bool:
    """All pieces are there with their checksums, and unpack to as many bytes as the picture has."""
    at, packed, kinds = len(_PNG), [], []
    while at + 12 <= len(data):
        length, kind = _number(data[at : at + 4]), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + length]
        if zlib.crc32(kind + content) != _number(data[at + 8 + length : at + 12 + length]):
            return False
        kinds.append(kind)
        if kind == b"IDAT":
            packed.append(content)
        at += 12 + length
    if kinds[:1] != [b"IHDR"] or kinds[-1] != b"IEND" or len(data) < 33:
        return False
    width, height, depth, colour, interlaced = (_number(data[16 + a : 16 + b]) for a, b in _HEAD)
    if not 0 < width * height <= MOST_DOTS or colour not in _CHANNELS or (colour == 3 and b"PLTE" not in kinds):
        return False
    least = height * (1 + width * depth * _CHANNELS[colour] // 8)
    try:
        found = len(zlib.decompressobj().decompress(b"".join(packed), least))
    except zlib.error:
        return False
    return found >= (least if not interlaced else 1)


_HEAD = ((0, 4), (4, 8), (8, 9), (9, 10), (12, 13))
"""Where width, height, depth, colour type and interlacing stand in the head of a PNG."""


def _whole_jpeg(data: bytes) -> bool:
    """Segments up to the first scan, a frame that can be drawn among them, and the mark of the end."""
    at, drawable = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], _number(data[at + 2 : at + 4])
        if marker in _FRAMES:
            drawable = 0 < _number(data[at + 5 : at + 7]) * _number(data[at + 7 : at + 9]) <= MOST_DOTS
        if marker == 0xDA:
            return drawable and b"\xff\xd9" in data[at + 2 + length :]
        at += 2 + max(length, 2)
    return False


def _whole_svg(data: bytes) -> bool:
    """Well-formed XML whose outermost element is an `svg` that says how large it is."""
    sizes: list[bool] = []

    def begun(name: str, attributes: dict[str, str]) -> None:
        if not sizes:
            box = [_MEASURE.fullmatch(part) for part in attributes.get("viewBox", "").replace(",", " ").split()[2:]]
            edges = [_MEASURE.fullmatch(attributes.get(edge, "")) for edge in ("width", "height")]
            sizes.append(name in ("svg", "svg:svg") and (all(edges) or (len(box) == 2 and all(box))))

    parser = expat.ParserCreate()
    parser.StartElementHandler = begun
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError):  # ill-formed, or in an encoding that XML readers need not know
        return False
    return sizes == [True]


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
