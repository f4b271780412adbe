"""Cut the fonts that QManual ships, so that a PDF looks the same on every machine.

    python tools/cut_fonts.py SOURCE_DIR [TARGET_DIR]

SOURCE_DIR holds, at any depth, NotoSansCJK-Regular.ttc, NotoSansCJK-Bold.ttc, DejaVuSans.ttf and DejaVuSans-Bold.ttf
(Debian: fonts-noto-cjk and fonts-dejavu-core under /usr/share/fonts). TARGET_DIR is plugins/qmanual/fonts unless given.

Each weight becomes three files, and no character but a space is in two of them:

- `common`: what a Chinese quality manual is written with. Small, because every process that prints loads it.
- `rare`: every other ideograph of the face, for the names of people and places. Loaded only where one occurs.
- `symbols`: marks that Noto Sans CJK lacks, ballot boxes and ticks first of all, from DejaVu Sans.

The families get names of their own: a cut font that is called Noto would shadow, or be shadowed by, the one that the
machine has. The same sources give the same bytes: times in the files are those of the sources.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs
from fontTools.ttLib.tables import otTables

FACE = "Noto Sans CJK SC"
WEIGHTS = ("Regular", "Bold")
TARGET = Path(__file__).resolve().parents[1] / "plugins" / "qmanual" / "fonts"

# Blocks that `common` takes whole, as far as the face has them; the ideographs come from GB 2312 below.
COMMON_BLOCKS = (
    (0x0020, 0x017F),  # ASCII, Latin-1, Latin Extended-A
    (0x01CD, 0x01DC),  # pinyin
    (0x02C6, 0x02DC),
    (0x0370, 0x03FF),  # Greek
    (0x2000, 0x206F),  # punctuation
    (0x2070, 0x209F),  # superscripts, subscripts
    (0x20A0, 0x20BF),  # currency
    (0x2100, 0x218F),  # letter-like (℃ № ™ Ω), fractions, Roman numbers
    (0x2190, 0x22FF),  # arrows, mathematics
    (0x2300, 0x23FF),
    (0x2460, 0x27BF),  # enclosed numbers, box drawing, blocks, geometric shapes, dingbats
    (0x2B00, 0x2BFF),
    (0x3000, 0x30FF),  # Chinese punctuation, kana
    (0x3200, 0x33FF),  # enclosed and squared (㈠ ㊣ ㎡)
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFFEF),  # full-width forms
)
# Hangul would be a third of the face.
HANGUL = (
    (0x1100, 0x11FF), (0x3130, 0x318F), (0x3200, 0x321E), (0x3260, 0x327F), (0xA960, 0xA97F), (0xAC00, 0xD7FF),
    (0xFFA0, 0xFFDC),
)  # fmt: skip
# DejaVu fills only what is missing here. Latin, Greek and Cyrillic too: a supplier's name may hold any of them.
SYMBOL_BLOCKS = ((0x00A0, 0x058F), (0x1E00, 0x20CF), (0x2100, 0x27FF), (0x2900, 0x2BFF), (0x1D400, 0x1D7FF))

# In every part: Pango draws a space with the font of the character before it, and without one it draws a box.
SPACES = {0x0020, 0x00A0, 0x3000}

# No ligatures: a PDF must give back the characters that were written. No vertical writing.
FEATURES = ["ccmp", "kern", "mark", "mkmk", "palt", "halt", "chws"]
OPENING = "（《〈「『【〔〖［｛"
CLOSING = "）》〉」』】〕〗］｝。，、．；：！？"

Coverage = list[list[int]]


def main(arguments: list[str]) -> int:
    """Cut everything; print what was written."""
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    source = Path(arguments[0])
    target = Path(arguments[1]) if len(arguments) == 2 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    coverage: dict[str, Coverage] = {}
    for weight in WEIGHTS:
        for part, suffix, font in cut_weight(source, weight):
            path = target / f"{part}-{weight}{suffix}"
            font.save(path)
            drawn = ranges(font.getBestCmap())
            if coverage.setdefault(part, drawn) != drawn:
                raise SystemExit(f"{path}: the weights do not draw the same characters")
            print(f"{path.name}: {path.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")
    lines = [f"{json.dumps(part)}: {json.dumps(spans, separators=(',', ':'))}" for part, spans in coverage.items()]
    (target / "coverage.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")
    return 0


def cut_weight(source: Path, weight: str) -> Iterator[tuple[str, str, TTFont]]:
    """Give part, suffix and font of the three files of one weight."""
    noto = [find(source, f"NotoSansCJK-{each}.ttc") for each in WEIGHTS]
    dejavu = [find(source, name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    face = set.intersection(*(set(open_face(path).getBestCmap()) for path in noto)) - expand(HANGUL)
    common = face & (expand(COMMON_BLOCKS) | gb2312())
    symbols = set.intersection(*(set(TTFont(path).getBestCmap()) for path in dejavu)) & expand(SYMBOL_BLOCKS) - face
    number = WEIGHTS.index(weight)
    first = put_common_first(cut(open_face(noto[number]), common, "QManual Sans", weight))
    yield "common", ".otf", name_by_place(first)
    yield "rare", ".otf", name_by_place(cut(open_face(noto[number]), face - common, "QManual Sans Rare", weight))
    yield "symbols", ".ttf", cut(TTFont(dejavu[number]), symbols, "QManual Symbols", weight)


def find(source: Path, name: str) -> Path:
    """Return the file called `name` below `source`; exit with a message where there is none."""
    for path in sorted(source.rglob(name)):
        return path
    raise SystemExit(f"{source}: no {name} (Debian: apt-get install fonts-noto-cjk fonts-dejavu-core)")


def open_face(path: Path) -> TTFont:
    """Return the Simplified Chinese face of a collection."""
    names = [str(font["name"].getDebugName(1)) for font in TTCollection(path, lazy=True).fonts]
    return TTFont(path, fontNumber=names.index(FACE))


def gb2312() -> set[int]:
    """All that GB 2312 encodes: 6,763 ideographs of both levels, and its symbols."""
    pairs = (bytes([row, cell]) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {ord(character) for pair in pairs for character in pair.decode("gb2312", "ignore")}


def cut(font: TTFont, characters: set[int], family: str, weight: str) -> TTFont:
    """Keep `characters` of `font` and call the rest of it `family`."""
    options = Options()
    options.hinting = False  # paper has dots enough
    options.layout_features = FEATURES
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.name_languages = [0x409]
    options.notdef_outline = True
    options.bidi_closure = False  # it would bring mirrored marks that another part has
    options.drop_tables += ["BASE", "FFTM", "VORG", "vhea", "vmtx"]
    font.recalcTimestamp = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters | SPACES & set(font.getBestCmap()))
    subsetter.subset(font)
    squeeze_punctuation(font)
    rename(font, family, weight)
    return font


def put_common_first(font: TTFont) -> TTFont:
    """Put the glyphs of what is written most before all others.

    A PDF keeps the numbers of its glyphs, so the font in it has a place, an empty one at least, for every glyph up to
    the last that is used: as the punctuation of Noto Sans CJK comes last, for all of them.
    """
    program = font["CFF "].cff.topDictIndex[0]
    outlines, drawn = program.CharStrings, program.CharStrings.charStringsIndex
    before = font.getGlyphOrder()
    ranks = {before[0]: -1}
    for point, glyph in font.getBestCmap().items():
        ranks[glyph] = min(rank(chr(point)), ranks.get(glyph, 9))
    order = sorted(before, key=lambda glyph: ranks.get(glyph, 9))
    places = [outlines.charStrings[glyph] for glyph in order]
    reorderGlyphs(font, order)
    drawn.items = [drawn[place] for place in places]  # which fontTools leaves as they are
    program.FDSelect.gidArray = [program.FDSelect[place] for place in places]
    outlines.charStrings = {glyph: place for place, glyph in enumerate(order)}
    return font


def name_by_place(font: TTFont) -> TTFont:
    """Give every glyph its place in the font as its CID.

    WeasyPrint writes the places of glyphs into a PDF, where strict viewers take them for CIDs and look these up in the
    font (ISO 32000-1, 9.7.4.2): with the numbers that the glyphs had in the whole face they would draw others.
    """
    written = BytesIO()
    font.save(written)
    renamed = TTFont(written, recalcTimestamp=False)
    program = renamed["CFF "].cff.topDictIndex[0]
    places, before = program.CharStrings.charStrings, program.charset
    names = [".notdef", *(f"cid{place:05d}" for place in range(1, len(before)))]
    program.CharStrings.charStrings = {name: places[glyph] for name, glyph in zip(names, before, strict=True)}
    program.charset = names
    renamed.setGlyphOrder(names)
    return renamed


def rank(character: str) -> int:
    """How rare a character is: 0 ASCII and Chinese punctuation, 1 the 3,755 common ideographs (GB 2312, level 1), …"""
    code = character.encode("gb2312", "ignore")
    if len(code) < 2:
        return 0 if code else 3
    if code[0] < 0xB0:
        return 0 if code[0] in (0xA1, 0xA3) else 3
    return 1 if code[0] < 0xD8 else 2


def squeeze_punctuation(font: TTFont) -> None:
    """Add the feature `chws`: of two full-width marks that meet, such as ）。, the blank half between them goes.

    Chinese typesetting asks for it (Requirements for Chinese Text Layout, 3.1.6), and Noto Sans CJK leaves it to the
    program that sets the type. In all pairs the second mark moves left by half an em.
    """
    glyphs = font.getBestCmap()
    if "GPOS" not in font or ord("（") not in glyphs:
        return
    table = font["GPOS"].table
    opening = [glyphs[ord(mark)] for mark in OPENING]
    closing = [glyphs[ord(mark)] for mark in CLOSING]
    table.LookupList.Lookup.append(pair_lookup(font, {**dict.fromkeys(opening, 0), **dict.fromkeys(closing, 1)}))
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    add_feature(table, "chws", len(table.LookupList.Lookup) - 1)


def pair_lookup(font: TTFont, marks: dict[str, int]) -> Any:
    """Build the pair adjustment over `marks` (glyph name → 0 opening, 1 closing)."""
    half = otTables.ValueRecord()
    half.XAdvance = -font["head"].unitsPerEm // 2
    subtable = otTables.PairPos()
    subtable.Format = 2
    subtable.ValueFormat1, subtable.ValueFormat2 = 0x0004, 0
    subtable.Coverage = otTables.Coverage()
    subtable.Coverage.glyphs = sorted(marks, key=font.getGlyphID)
    subtable.ClassDef1, subtable.ClassDef2 = otTables.ClassDef(), otTables.ClassDef()
    subtable.ClassDef1.classDefs = {glyph: 1 for glyph, closes in marks.items() if closes}
    subtable.ClassDef2.classDefs = {glyph: 1 + closes for glyph, closes in marks.items()}
    # After an opening mark only another opening one moves: its left half is blank. After a closing mark all do.
    subtable.Class1Record = [class_row(half, moved) for moved in ((False, True, False), (False, True, True))]
    subtable.Class1Count, subtable.Class2Count = 2, 3
    lookup = otTables.Lookup()
    lookup.LookupType, lookup.LookupFlag = 2, 0
    lookup.SubTable = [subtable]
    lookup.SubTableCount = 1
    return lookup


def class_row(half: Any, moved: Iterable[bool]) -> Any:
    """Build one row of the class table."""
    row = otTables.Class1Record()
    row.Class2Record = []
    for moves in moved:
        cell = otTables.Class2Record()
        cell.Value1 = half if moves else otTables.ValueRecord()
        cell.Value2 = None
        row.Class2Record.append(cell)
    return row


def add_feature(table: Any, tag: str, lookup: int) -> None:
    """Put a feature with one lookup into every script and language of a GPOS table, keeping tags sorted."""
    record = otTables.FeatureRecord()
    record.FeatureTag = tag
    record.Feature = otTables.Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex = [lookup]
    record.Feature.LookupCount = 1
    records = table.FeatureList.FeatureRecord
    place = sum(other.FeatureTag < tag for other in records)
    records.insert(place, record)
    table.FeatureList.FeatureCount = len(records)
    for script in table.ScriptList.ScriptRecord:
        languages = [script.Script.DefaultLangSys, *(entry.LangSys for entry in script.Script.LangSysRecord)]
        for language in filter(None, languages):
            language.FeatureIndex = [place, *(index + (index >= place) for index in language.FeatureIndex)]
            language.FeatureCount = len(language.FeatureIndex)


def rename(font: TTFont, family: str, weight: str) -> None:
    """Give the font a family name of its own wherever it says its name; copyright and licence stay."""
    postscript = f"{family.replace(' ', '')}-{weight}"
    names = font["name"]
    origin = names.getDebugName(4)
    texts = {1: family, 2: weight, 3: f"{postscript}; cut from {origin}", 4: f"{family} {weight}", 6: postscript}
    for record in list(names.names):
        if (record.platformID, record.langID) != (3, 0x409):
            names.names.remove(record)
    for number, text in texts.items():
        names.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        program = font["CFF "].cff
        program.fontNames = [postscript]
        program.topDictIndex[0].FamilyName = family
        program.topDictIndex[0].FullName = f"{family} {weight}"


def expand(blocks: Iterable[tuple[int, int]]) -> set[int]:
    """Return the code points of inclusive ranges."""
    return {point for first, last in blocks for point in range(first, last + 1)}


def ranges(points: Iterable[int]) -> Coverage:
    """Return code points as sorted inclusive ranges."""
    spans: Coverage = []
    for point in sorted(points):
        if spans and point == spans[-1][1] + 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return spans


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
