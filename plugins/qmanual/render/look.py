"""The style sheet of the company, which lies with the pictures: one of the looks that ship, its colours and fonts.

Every file of the company's lies there under its own content's digest, so a page that names them says all that it is
printed with, and the same page gives the same bytes whatever lay there before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from qmanual.model.branding import CONTRAST, INK, PAPER, Branding, Look, Weight
from qmanual.parse.branding import font_ending, logo_ending
from qmanual.parse.frame import Templates, read_templates

PLACE = ".brand"
"""The folder beside the pictures."""

_LOOKS = Path(__file__).parent / "looks"
_FAMILIES = {Weight.REGULAR: "Company Text", Weight.BOLD: "Company Text", Weight.HEADING: "Company Heading"}
_THICKNESS = {Weight.REGULAR: "normal", Weight.BOLD: "bold", Weight.HEADING: "normal"}
_OURS = '"QManual Sans", "QManual Sans Rare", "QManual Symbols"'
_HEADINGS = "h1, h2, h3, h4, h5, h6, .qm-title, .qm-company, .qm-caption"
_EDGES = [f"@{edge}-{slot}" for edge in ("top", "bottom") for slot in ("left", "center", "right")]


@dataclass(frozen=True, slots=True)
class Dress:
    """What the branding comes to: `files`, path beside the pictures → bytes; the paths of `logo` and `sheet` there."""

    files: Mapping[str, bytes]
    logo: str
    sheet: str
    templates: Templates


def dress(branding: Branding, found: Mapping[str, bytes]) -> Dress:
    """Make it ready. `found`: path → bytes of the files that the branding names; what cannot be used is left out."""
    files: dict[str, bytes] = {}
    logo = ""
    if branding.logo and (data := found.get(branding.logo.value)) and (ending := logo_ending(data)):
        logo = _put(files, data, ending)
    fonts: dict[Weight, str] = {}
    for weight, text in branding.fonts.items():
        if (data := found.get(text.value)) and (ending := font_ending(data)):
            fonts[weight] = _put(files, data, ending)
    templates = read_templates(branding.templates.value if branding.templates else "", found)
    parts = (_look(branding.look), _fonts(fonts), _colours(branding), templates.style)
    style = "\n".join(part for part in parts if part)
    sheet = _put(files, style.encode(), ".css") if style else ""
    return Dress(files, logo, sheet, templates)


def _put(files: dict[str, bytes], data: bytes, ending: str) -> str:
    path = f"{PLACE}/{sha256(data).hexdigest()[:16]}{ending}"
    files[path] = data
    return path


def _look(look: Look) -> str:
    return "" if look is Look.STANDARD else (_LOOKS / f"{look.value}.css").read_text(encoding="utf-8")


def _fonts(fonts: Mapping[Weight, str]) -> str:
    """The company's fonts, before ours, which draw what theirs lack."""
    parts = [
        f'@font-face {{ font-family: "{_FAMILIES[weight]}"; font-weight: {_THICKNESS[weight]}; '
        f'src: url("{path.removeprefix(PLACE)[1:]}") }}'
        for weight, path in fonts.items()
    ]
    if Weight.REGULAR in fonts:
        parts.append(f'html {{ font-family: "{_FAMILIES[Weight.REGULAR]}", {_OURS} }}')
        boxes = " ".join(f'{edge} {{ font-family: "{_FAMILIES[Weight.REGULAR]}", {_OURS} }}' for edge in _EDGES)
        parts.append(f"@page {{ {boxes} }}")
    bold = f'"{_FAMILIES[Weight.BOLD]}", ' if Weight.BOLD in fonts else ""
    if bold or Weight.REGULAR in fonts:
        parts.append(f"strong, b, th, em, i, caption, {_HEADINGS} {{ font-family: {bold}{_OURS} }}")
    if Weight.HEADING in fonts:
        parts.append(f'{_HEADINGS} {{ font-family: "{_FAMILIES[Weight.HEADING]}", {_OURS}; font-weight: normal }}')
    return "\n".join(parts)


def _colours(branding: Branding) -> str:
    """The company's colours, as far as text can be read in them and on them."""
    parts = []
    if (accent := branding.accent) and accent.contrast(PAPER) >= CONTRAST:
        boxes = " ".join(f"{edge} {{ border-color: {accent.value} }}" for edge in _EDGES)
        parts.append(f"h1, h2, h3, .qm-title {{ color: {accent.value} }}\n@page {{ {boxes} }}")
    if (head := branding.head) and head.contrast(INK) >= CONTRAST:
        heads = "th, .qm-facts th, .qm-signed th, .qm-changes th, .qm-label"
        parts.append(f"{heads} {{ background-color: {head.value}; color: {INK} }}")
    return "\n".join(parts)
