"""Numbers as file names and addresses, by one reversible rule.

A company's number may hold `/`, blanks or Chinese: `XZTC/CX-26-2022`, `Q/CY 203-2024`, `质管-程-07`. A file name may
not. Letters and digits of any script, `.` and `-` stay; `/` becomes `~`; a blank becomes `_`; every other character
becomes `=` and two hexadecimal digits for each byte of its UTF-8 form. A dot at either end, which Windows or git would
treat specially, is written that way as well, and so is the first letter of a name that Windows reserves.
"""

import re
import unicodedata

_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:=[0-9A-F]{2})+")
_AFTER = re.compile(r"[ _\-—　]\D.*", re.DOTALL)


def file_name(number: str) -> str:
    """The file name (without ending) of a document number; `document_number` is its inverse."""
    name = "".join(_safe(character) for character in number)
    if name.startswith("."):
        name = _hex(".") + name[1:]
    if name.endswith("."):
        name = name[:-1] + _hex(".")
    return _hex(name[0]) + name[1:] if _RESERVED.fullmatch(name) else name


def document_number(name: str) -> str:
    """The document number that `file_name` made this name from."""
    plain = name.replace("~", "/").replace("_", " ")
    return _ESCAPED.sub(lambda match: bytes.fromhex(match[0].replace("=", "")).decode("utf-8", "replace"), plain)


def is_named_after(stem: str, number: str) -> bool:
    """Whether a file is named after the number: exactly, or followed by a title (`QP-7.5-01 文件控制程序`)."""
    stem = unicodedata.normalize("NFC", stem)
    for name in (file_name(number), number):
        if stem == name or (stem.startswith(name) and _AFTER.fullmatch(stem, len(name))):
            return True
    return False


def document_id(path: str) -> str:
    """The number that a document's path says: the file's name, or its folder's for an `index.md`."""
    folder, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return document_number(folder.rpartition("/")[2] if stem == "index" else stem)


def text_name(number: str, revision: str) -> str:
    """`QP-7.5-01_A-1`: the file name (without ending) of what is made of one text of a document."""
    return f"{file_name(number)}_{file_name(revision.replace('/', '-')) or 'draft'}"


def pdf_name(number: str, revision: str) -> str:
    """`QP-7.5-01_A-1.pdf`: the name of a controlled copy."""
    return f"{text_name(number, revision)}.pdf"


def _safe(character: str) -> str:
    if character == "/":
        return "~"
    if character == " ":
        return "_"
    if character in ".-" or (character.isalnum() and unicodedata.normalize("NFC", character) == character):
        return character
    return _hex(character)


def _hex(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
