"""`branding:` of the settings into a `Branding`, and what its files hold: a slip costs a line, not the look.

Files are told by their first bytes, not by their names: what is printed is what they hold.
"""

import re

from qmanual.finding import FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Text
from qmanual.model.branding import Branding, Colour, Cover, Field, Look, Running, Slot, Weight
from qmanual.nodes import Entry, Reader, aliases
from qmanual.parse.picture import picture_ending

NAMES = aliases({
    "look": ("外观",), "logo": ("徽标", "标志"), "colours": ("colors", "颜色"), "fonts": ("字体",),
    "header": ("页眉",), "footer": ("页脚",), "confidentiality": ("保密标识", "密级"), "cover": ("封面",),
    "stamp": ("受控章",), "qr": ("二维码",), "prints": ("打印件",), "print_valid": ("打印件有效期",),
    "templates": ("模板",),
})  # fmt: skip
_LOOKS = aliases({"standard": ("标准",), "plain": ("简洁",), "english": ("English", "英文")})
_COLOURS = aliases({"accent": ("强调色", "主色"), "head": ("表头底色", "表头")})
_FONTS = aliases({"regular": ("正文",), "bold": ("粗体",), "heading": ("标题",)})
_SLOTS = aliases({"left": ("左",), "centre": ("center", "中"), "right": ("右",)})
_COVERS = aliases({
    "page": ("true", "yes", "是", "单独一页"), "head": ("首页", "文首"), "end": ("false", "no", "否", "文末"),
})  # fmt: skip
_PRINTS = aliases({"controlled": ("受控",), "uncontrolled": ("非受控",)})
_FIELDS = aliases({
    "logo": ("徽标", "标志"), "company": ("公司", "公司名称"), "title": ("标题", "文件名称"), "kind": ("类别",),
    "number": ("编号", "文件编号"), "revision": ("版本",), "status": ("状态",), "effective": ("生效日期",),
    "owner": ("归口部门",), "release": ("发布批次", "发布"), "digest": ("内容校验码", "校验码"),
    "retention": ("保存期限",), "confidentiality": ("保密标识", "密级"), "valid": ("有效期",),
    "copy": ("分发号", "副本号"), "page": ("页码",), "pages": ("总页数",),
})  # fmt: skip

_COLOUR = re.compile(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", re.ASCII)
_DAYS = re.compile(r"(\d{1,4})\s*(?:days?|天|日)?", re.ASCII | re.IGNORECASE)
_LONGEST = {"confidentiality": 60, "stamp": 8}
"""Characters that a running line and a stamp have room for."""
_MOST_FIELDS = 6


def read_branding(reader: Reader, entry: Entry | None) -> Branding:
    """The look that the settings ask for; the standard one where they ask for nothing."""
    if entry is None:
        return Branding()
    found = reader.entries(entry.node, NAMES)
    colours = reader.entries(found["colours"].node, _COLOURS) if "colours" in found else {}
    fonts = reader.entries(found["fonts"].node, _FONTS) if "fonts" in found else {}
    files = {name: text for name, one in fonts.items() if (text := _path(reader, one))}
    cover = reader.one_of(found.get("cover"), _COVERS)
    return Branding(
        look=Look(reader.one_of(found.get("look"), _LOOKS) or Look.STANDARD),
        logo=_path(reader, found.get("logo")),
        accent=_colour(reader, colours.get("accent")),
        head=_colour(reader, colours.get("head")),
        fonts={Weight(name): text for name, text in files.items()},
        header=_running(reader, found.get("header")),
        footer=_running(reader, found.get("footer")),
        confidentiality=_short(reader, found.get("confidentiality"), "confidentiality"),
        cover=Cover(cover) if cover else None,
        stamp=_short(reader, found.get("stamp"), "stamp"),
        qr=reader.boolean(found.get("qr"), True),
        uncontrolled=reader.one_of(found.get("prints"), _PRINTS) == "uncontrolled",
        valid_days=_days(reader, found.get("print_valid")),
        templates=_path(reader, found.get("templates")),
    )


def _path(reader: Reader, entry: Entry | None) -> Text | None:
    """A file or folder inside the manual."""
    text = reader.text(entry)
    if text is None:
        return None
    parts = text.value.replace("\\", "/").strip("/").split("/")
    if text.value.startswith("/") or {"..", ".", ".git", ""} & set(parts) or ":" in parts[0]:
        expected = Phrase(N_("a file or folder inside the manual, such as branding/logo.png"))
        reader.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
        return None
    return Text("/".join(parts), text.span)


def _colour(reader: Reader, entry: Entry | None) -> Colour | None:
    text = reader.text(entry)
    if text is None:
        if entry is not None:  # `accent: #1f4e79` without quotation marks is a comment to YAML
            expected = Phrase(N_('a colour such as "#1f4e79", in quotation marks'))
            reader.fault(FaultKind.MISSING_VALUE, entry.key, key="#", expected=expected)
        return None
    if not _COLOUR.fullmatch(text.value):
        expected = Phrase(N_('a colour such as "#1f4e79", in quotation marks'))
        reader.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
        return None
    digits = text.value[1:].lower()
    return Colour("#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)), text.span)


def _running(reader: Reader, entry: Entry | None) -> Running | None:
    """`{left: company, right: [number, revision]}`; a place that is not named stays empty."""
    if entry is None:
        return None
    slots = reader.entries(entry.node, _SLOTS)
    return {Slot(name): tuple(map(Field, _few(reader, one))) for name, one in slots.items()}


def _few(reader: Reader, entry: Entry) -> list[str]:
    """The fields of one place: no more than it has room for above the text and below the stamp of a copy."""
    fields = list(reader.some_of(entry, _FIELDS))
    if len(fields) > _MOST_FIELDS:
        expected = Phrase(N_("at most {count} items in one place"), count=str(_MOST_FIELDS))
        reader.fault(FaultKind.WRONG_TYPE, entry.key, text=", ".join(fields), expected=expected)
    return fields[:_MOST_FIELDS]


def _short(reader: Reader, entry: Entry | None, name: str) -> str:
    text = reader.text(entry)
    if text is None:
        return ""
    if len(text.value) > _LONGEST[name]:
        expected = Phrase(N_("at most {count} characters"), count=str(_LONGEST[name]))
        reader.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
        return ""
    return text.value


def _days(reader: Reader, entry: Entry | None) -> int | None:
    text = reader.text(entry)
    if text is None:
        return None
    match = _DAYS.fullmatch(text.value)
    if match is None or not int(match[1]):
        expected = Phrase(N_("a number of days, such as 7 days"))
        reader.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
        return None
    return int(match[1])


# -- the files -------------------------------------------------------------------------------------------------------

LOGO_LIMIT, FONT_LIMIT = 512 * 1024, 30 * 1024 * 1024
"""Bytes. A logo is drawn on every page of every file; a font with all of GBK has 10 to 20 MB."""

_FONTS_BY_SIGN = {b"\x00\x01\x00\x00": ".ttf", b"true": ".ttf", b"OTTO": ".otf"}
_ACTIVE = re.compile(
    rb"<\s*(?:script|foreignObject|image|use|style)\b|\bon\w+\s*=|<!ENTITY|<!DOCTYPE[^>]*\[|href\s*="
    rb"|url\s*\(\s*['\"]?\s*[^#'\"\s]",
    re.IGNORECASE,
)
_HEAD_SIGN, _SIGN = 12, 0x5F0F3CF5
"""Of a font: the place of the sign in its table head, and that sign (OpenType, magicNumber)."""
_NO_EMBEDDING, _OS2 = 0x0002, 8
"""Of a font: the licence bit "restricted", and its place in the table OS/2 (OpenType, fsType)."""


def logo_ending(data: bytes) -> str | None:
    """`.png`, `.jpg` or `.svg` by what is in it; None when it is no picture that can be printed on every page."""
    if len(data) > LOGO_LIMIT:
        return None
    ending = picture_ending(data)
    return None if ending == ".svg" and _ACTIVE.search(data) else ending


def font_ending(data: bytes) -> str | None:
    """`.ttf` or `.otf` by what is in it; None when it is no single OpenType font, or one that forbids embedding."""
    ending = _FONTS_BY_SIGN.get(data[:4])
    if ending is None or len(data) > FONT_LIMIT:
        return None
    tables = {data[at : at + 4]: data[at + 8 : at + 16] for at in range(12, 12 + 16 * _number(data[4:6]), 16)}
    if not {b"cmap", b"head", b"name"} <= set(tables) or not {b"glyf", b"CFF "} & set(tables):
        return None
    head = _number(tables[b"head"][:4]) + _HEAD_SIGN
    if _number(data[head : head + 4]) != _SIGN:
        return None
    if any(_number(place[:4]) + _number(place[4:]) > len(data) for place in tables.values()):
        return None
    start = _number(tables.get(b"OS/2", b"")[:4])
    rights = _number(data[start + _OS2 : start + _OS2 + 2]) if start else 0
    return None if rights & 0xF == _NO_EMBEDDING else ending


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
