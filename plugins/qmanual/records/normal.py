"""One way to write a value: whatever a person, a spreadsheet or a viewer made of it, the record says it the same way.

Dates are `2026-05-01`, numbers are numbers, choices are the options as printed, texts have no blanks around them. What
cannot be read stays as it came, for `validate` to say so; nothing is guessed.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import cast

from qmanual.model import FieldType
from qmanual.records.form import Field

_DATE = re.compile(
    r"(\d{4})\s*([-/.]|年)\s*(\d{1,2})\s*([-/.]|月)\s*(\d{1,2})\s*日?(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII
)
_PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_CHINESE_DATE = re.compile(
    r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,15}(?:\.0*)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_DIGITS = {sign: str(at) for at, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127, 65279, 65534, 65535))

_LARGEST = 1e300

PRECISE = 15
"""Significant digits that every format keeps (IEEE 754 double)."""


def normal(field: Field, given: object) -> object | None:
    """The normal form of what was given for a field, None when that is nothing; as it came when it cannot be read."""
    if given is None or given == "":
        return None
    if isinstance(given, (int, float)) and not abs(given) < _LARGEST:
        given = str(given)  # no program agrees with another about such numbers, and JSON has no infinite one
    match field.type:
        case FieldType.ROWS:
            return _rows(field, given)
        case FieldType.CHOICE:
            return _several(field, given)
        case FieldType.ONE_OF:
            return _option(field, given) if isinstance(given, str) else given
        case FieldType.DATE:
            return _day(given)
        case FieldType.INTEGER | FieldType.NUMBER:
            return _number(field, given)
        case _:
            return _text(given)


def written(given: object) -> str:
    """A value as one would write it by hand; empty for nothing."""
    if given is None:
        return ""
    return _plain(given) if isinstance(given, float) else str(given)


def _text(given: object) -> object | None:
    """A text; a spreadsheet may have made a number or a date of what looked like one."""
    if isinstance(given, datetime):
        given = given.date().isoformat() if given.time() == time() else given.isoformat(" ")
    elif isinstance(given, (date, time)):
        given = given.isoformat()
    elif isinstance(given, float):
        given = _plain(given)
    elif isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str):
        return given
    text = given.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    lines = (line.rstrip() for line in text.encode("utf-8", "replace").decode().split("\n"))
    return "\n".join(lines).strip() or None


def _plain(number: float) -> str:
    return str(int(number)) if math.isfinite(number) and number.is_integer() and abs(number) < 1e15 else repr(number)


def _day(given: object) -> object | None:
    if isinstance(given, datetime):
        return given.date().isoformat() if given.time() == time() else given.isoformat(" ")
    if isinstance(given, date):
        return given.isoformat()
    if not isinstance(given, str):
        return given
    text = unicodedata.normalize("NFKC", given).strip()
    if chinese := _CHINESE_DATE.fullmatch(text):
        year = "".join(_DIGITS[sign] for sign in chinese[1])
        parts = [year, _below_hundred(chinese[2]), _below_hundred(chinese[3])]
    elif found := _DATE.fullmatch(text):
        parts = [found[1], found[3], found[5]]
    elif found := _PLAIN_DATE.fullmatch(text):
        parts = list(found.groups())
    else:
        return _text(given)
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return text


def _below_hundred(text: str) -> str:
    """`三十一` → 31."""
    tens, ten, ones = text.partition("十")
    if not ten:
        return "".join(_DIGITS[sign] for sign in text)
    return (_DIGITS.get(tens, "x") if tens else "1") + (_DIGITS.get(ones, "x") if ones else "0")


def _number(field: Field, given: object) -> object | None:
    if isinstance(given, bool):
        return given
    if isinstance(given, (int, float)):
        return _whole(float(given)) if abs(given) < 1e15 else given
    if not isinstance(given, str):
        return given
    text = unicodedata.normalize("NFKC", given).strip()
    if field.unit:
        text = text.removesuffix(unicodedata.normalize("NFKC", field.unit)).strip()
    text = text.replace("−", "-")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    pattern = _INTEGER if field.type is FieldType.INTEGER else _NUMBER
    if not pattern.fullmatch(text) or len(re.sub(r"[eE].*|\D", "", text).strip("0")) > PRECISE:
        return _text(given)
    number = float(text)
    return _whole(number) if math.isfinite(number) else _text(given)


def _whole(number: float) -> float | int:
    """A number without a fraction is an integer, whatever it was written as."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _option(field: Field, given: str) -> object | None:
    """The option that is meant; its width and the blanks in it do not matter."""
    wanted = _alike(given)
    return next((option for option in field.options if _alike(option) == wanted), _text(given))


def _alike(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _several(field: Field, given: object) -> object | None:
    """The options that were ticked, in the order of the form, each once; what is none of them comes last."""
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) for one in given):
        return given
    found = {str(meant) for one in given if (meant := _option(field, one)) is not None}
    known = [option for option in field.options if option in found]
    return [*known, *sorted(found - set(known))] or None


def _rows(field: Field, given: object) -> object | None:
    """Every row by the keys of the columns. Rows keep their places: an empty one between others stays."""
    if not isinstance(given, (list, tuple)) or not all(isinstance(row, Mapping) for row in given):
        return given
    found: list[dict[str, object]] = []
    for row in cast("list[Mapping[str, object]]", given):
        known = {column.key: normal(column, row[column.key]) for column in field.columns if column.key in row}
        others = {key: value for key, value in row.items() if key not in known}
        found.append({key: value for key, value in {**known, **others}.items() if value is not None})
    while found and not found[-1]:
        found.pop()
    return found or None
