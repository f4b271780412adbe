"""The fonts that ship: what they draw, what coverage.json says of it, and that a PDF is printed with them."""

import importlib.util
import io
import json
from pathlib import Path
from types import ModuleType

import pypdf
import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "plugins" / "qmanual" / "fonts"
FAMILIES = {"common": "QManual Sans", "rare": "QManual Sans Rare", "symbols": "QManual Symbols"}
FILES = [(part, weight) for part in FAMILIES for weight in ("Regular", "Bold")]
SPACES = set(" \u00a0\u3000")


@pytest.fixture(scope="module")
def coverage() -> dict[str, set[str]]:
    """The characters of each part, from coverage.json."""
    parts = json.loads((FONTS / "coverage.json").read_text(encoding="ascii"))
    return {
        part: {chr(point) for first, last in spans for point in range(first, last + 1)} for part, spans in parts.items()
    }


def font_path(part: str, weight: str) -> Path:
    (path,) = FONTS.glob(f"{part}-{weight}.?tf")
    return path


def cutter() -> ModuleType:
    """Import tools/cut_fonts.py."""
    specification = importlib.util.spec_from_file_location("cut_fonts", ROOT / "tools" / "cut_fonts.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("part", "weight"), FILES)
def test_coverage_is_what_the_file_draws(coverage: dict[str, set[str]], part: str, weight: str) -> None:
    font = TTFont(font_path(part, weight), lazy=True)
    assert {chr(point) for point in font.getBestCmap()} == coverage[part]


@pytest.mark.parametrize(("part", "weight"), FILES)
def test_names_and_weight_are_its_own(part: str, weight: str) -> None:
    font = TTFont(font_path(part, weight), lazy=True)
    assert [font["name"].getDebugName(number) for number in (1, 2)] == [FAMILIES[part], weight]
    assert font["OS/2"].usWeightClass == (700 if weight == "Bold" else 400)
    assert font["name"].getDebugName(13), "the licence stays in the file"
    assert font_path(part, weight).stat().st_size < 8_000_000


def test_only_spaces_are_in_two_parts(coverage: dict[str, set[str]]) -> None:
    common, rare, symbols = (coverage[part] for part in ("common", "rare", "symbols"))
    assert (common & rare) | (common & symbols) | (rare & symbols) <= SPACES
    assert all(" " in part for part in (common, rare, symbols)), "Pango draws a space with the font of what precedes it"


@pytest.mark.parametrize(
    ("part", "characters"),
    [
        ("common", "ABCxyz019éüΩµ±×÷≤≥≠≈∞√∑‰№™®©℃→←↑↓□○■●▲△◇①⑳㈠✓㎡“”‘’—…《》（），。、；：！？【】〇ＡあアЖ┌│"),
        ("rare", "喆堃珺镕𠮷"),
        ("symbols", "☐☑☒✔✗✘⌀⁰⅓"),
    ],
)
def test_what_a_manual_is_written_with(coverage: dict[str, set[str]], part: str, characters: str) -> None:
    assert set(characters) <= coverage[part]


def test_common_has_all_of_gb2312(coverage: dict[str, set[str]]) -> None:
    characters = {chr(point) for point in cutter().gb2312()}
    assert len([character for character in characters if "一" <= character <= "龥"]) == 6763
    assert characters <= coverage["common"]


def test_a_page_is_printed_with_them() -> None:
    weasyprint = pytest.importorskip("weasyprint")
    faces = "".join(
        f'@font-face {{ font-family: "{FAMILIES[part]}"; font-weight: {700 if weight == "Bold" else 400};'
        f' src: url("{font_path(part, weight).as_uri()}") }}'
        for part, weight in FILES
    )
    stack = ", ".join(f'"{family}"' for family in FAMILIES.values())
    text = "处置方式：☑ 返工 ☐ 报废。审核：王喆 批准：陈𠮷（见《文件控制程序》）。"
    style = f"<style>{faces} body {{ font-family: {stack}; font-feature-settings: 'chws' }}</style>"
    page = weasyprint.HTML(string=f"<html lang=zh-CN>{style}<body><p>{text}<p><b>{text}</b>").write_pdf()
    reader = pypdf.PdfReader(io.BytesIO(page))
    assert reader.pages[0].extract_text().replace("\n", "").count(text) == 2
    names = {name.partition("+")[2].replace("-", " ") for name in reader.pages[0]._get_fonts()[0]}
    assert names == {family + bold for family in FAMILIES.values() for bold in ("", " Bold")}
