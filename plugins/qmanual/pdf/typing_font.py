"""The font that people type with into a fillable PDF: the package's common characters, whole.

A viewer draws what is typed with the font that the form names, and can only draw the characters that it holds. So the
face with all of GB 2312 goes in uncut, 1.3 MB. Its glyphs are numbered as its CIDs are (ISO 32000-1, 9.7.4.2).
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from qmanual.fonts import FOLDER

FILE = "common-Regular.otf"
EM = 1000
KEYBOARD = "·—～／｀“”‘’…–　"
"""What Chinese keyboards type where other characters look the same: ～ is U+FF5E to them, not U+301C."""


@dataclass(frozen=True, slots=True)
class Face:
    """The face as a PDF takes it: `program` is its CFF, compressed; `widths` by glyph; `unicode` glyph → character."""

    name: str
    program: bytes
    length: int
    widths: tuple[int, ...]
    unicode: Mapping[int, int]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int


@cache
def face() -> Face:
    """The face, read once a process."""
    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO((FOLDER / FILE).read_bytes()), lazy=True)
    order = font.getReverseGlyphMap()
    metrics = font["hmtx"].metrics
    program = font.reader["CFF "]
    head, line = font["head"], font["hhea"]
    drawn = sorted(font.getBestCmap().items(), key=lambda one: (chr(one[0]) not in KEYBOARD, one[0]), reverse=True)
    shown = {order[glyph]: point for point, glyph in drawn}  # the last of several characters with one glyph counts
    return Face(
        name=font["CFF "].cff.fontNames[0],
        program=zlib.compress(program, 9),
        length=len(program),
        widths=tuple(metrics[glyph][0] for glyph in font.getGlyphOrder()),
        unicode=dict(sorted(shown.items())),
        box=(head.xMin, head.yMin, head.xMax, head.yMax),
        ascent=line.ascent,
        descent=line.descent,
    )


def add_font(pdf: Any) -> Any:
    """Put the font into a PDF that is being written; the reference to it."""
    import pydyf

    found = face()
    name = f"/{found.name}"
    stream = pydyf.Stream(
        [found.program], {"Subtype": "/CIDFontType0C", "Filter": "/FlateDecode", "DL": found.length}, compress=False
    )
    pdf.add_object(stream)
    descriptor = pydyf.Dictionary({
        "Type": "/FontDescriptor", "FontName": name, "Flags": 4, "FontBBox": pydyf.Array(found.box), "ItalicAngle": 0,
        "Ascent": found.ascent, "Descent": found.descent, "CapHeight": 733, "StemV": 80, "FontFile3": stream.reference,
    })  # fmt: skip
    pdf.add_object(descriptor)
    system = pydyf.Dictionary(
        {"Registry": pydyf.String("Adobe"), "Ordering": pydyf.String("Identity"), "Supplement": 0}
    )
    inner = pydyf.Dictionary({
        "Type": "/Font", "Subtype": "/CIDFontType0", "BaseFont": name, "CIDSystemInfo": system, "DW": EM,
        "W": pydyf.Array(_widths(found)), "FontDescriptor": descriptor.reference,
    })  # fmt: skip
    pdf.add_object(inner)
    unicode = pydyf.Stream([_to_unicode(found)], compress=True)
    pdf.add_object(unicode)
    font = pydyf.Dictionary({
        "Type": "/Font", "Subtype": "/Type0", "BaseFont": name, "Encoding": "/Identity-H",
        "DescendantFonts": pydyf.Array([inner.reference]), "ToUnicode": unicode.reference,
    })  # fmt: skip
    pdf.add_object(font)
    return font.reference


def _widths(found: Face) -> Iterator[Any]:
    """The widths that are not a whole em, in runs (ISO 32000-1, 9.7.4.3)."""
    import pydyf

    run: list[int] = []
    for glyph, width in enumerate((*found.widths, EM)):
        if width != EM:
            run.append(width)
        elif run:
            yield glyph - len(run)
            yield pydyf.Array(run)
            run = []


def _to_unicode(found: Face) -> bytes:
    pairs = [f"<{glyph:04x}> <{chr(point).encode('utf-16-be').hex()}>" for glyph, point in found.unicode.items()]
    parts = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    blocks = (f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
        f"{''.join(blocks)}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
    ).encode()


def glyphs() -> Mapping[str, int]:
    """Character → glyph, of every character that can be typed."""
    return {chr(point): glyph for glyph, point in face().unicode.items()}
