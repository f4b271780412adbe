"""HTML inside Markdown, and addresses, read the way a browser reads them.

A person who hides a script does not write well-formed HTML, and what a browser makes of a tag differs from what a
Markdown parser takes for one. So tags are read here leniently (HTML Living Standard, 13.2.5: tokenization): any case,
any separators, quotes or none, unclosed at the end of the file. What lies in code is found too; `parse.inert` knows it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a tag: `name` in lower case, `value` without quotes and with entities decoded.

    `start` and `end` are the offsets of the whole attribute, `at` and `to` those of the value as written.
    """

    name: str
    value: str
    start: int
    end: int
    at: int
    to: int


@dataclass(frozen=True, slots=True)
class Tag:
    """An opening tag: `name` in lower case, offsets of its `<` and of its end."""

    name: str
    attributes: tuple[Attribute, ...]
    start: int
    end: int


_OPENING = re.compile(r"<[\x02\x03]*(?P<name>[A-Za-z][^\s/><]*)")
_ATTRIBUTE = re.compile(
    r"[\s/]*(?P<name>=?[^\s/>=<][^\s/>=<]*)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)(?:\"|\Z)|'(?P<single>[^']*)(?:'|\Z)|(?P<bare>[^\s><\"'][^\s><]*)))?"
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff]")


def find_tags(text: str) -> Iterator[Tag]:
    """Every opening tag of a text, those inside of other tags' attributes too, since renderers differ about them."""
    if "<" not in text:
        return
    for match in _OPENING.finditer(text):
        attributes, end = _attributes(text, match.end())
        yield Tag(_UNSEEN.sub("", match["name"]).lower(), attributes, match.start(), end)


def _attributes(text: str, at: int) -> tuple[tuple[Attribute, ...], int]:
    found = []
    while match := _ATTRIBUTE.match(text, at):
        found.append(_attribute(match))
        at = match.end()
    return tuple(found), at


def _attribute(match: re.Match[str]) -> Attribute:
    group = next((name for name in ("double", "single", "bare") if match[name] is not None), "name")
    value = "" if group == "name" else match[group]
    name = _UNSEEN.sub("", match["name"]).lower()
    return Attribute(name, unescaped(value), match.start("name"), match.end(), *match.span(group))


_LISTED = re.compile(r"\{:?(?P<list>[^{}\n]+)\}")


def find_attribute_lists(text: str) -> Iterator[Tag]:
    """Attribute lists of Markdown, `{: title="…" }`, as tags without a name."""
    if "{" not in text:
        return
    for match in _LISTED.finditer(text):
        if "=" not in match["list"]:
            continue
        attributes, _ = _attributes(match["list"], 0)
        start = match.start("list")
        moved = (
            Attribute(one.name, one.value, one.start + start, one.end + start, one.at + start, one.to + start)
            for one in attributes
        )
        yield Tag("", tuple(moved), match.start(), match.end())


# -- addresses -----------------------------------------------------------------------------------------------------

_ADDRESS = re.compile(
    r"\][\x02\x03]*[(:](?!\s*<?(?:(?:https?|mailto|tel):|[^:&%\\<>()\[\]\s/#?\x02\x03]*[/#?)]))"
    r"(?=(?P<address>[^/)\[\]]*.{0,24}))",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&#(?P<hex>[xX]?)0*(?P<digits>[0-9A-Fa-f]*)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"[\s\x00-\x20\x7f\u00ad\u200b-\u200f\u2060\ufeff]+")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")


def find_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Where links and reference definitions may take an address from, and how it begins; not those plainly harmless."""
    if "](" in text or "]:" in text or "\x02" in text or "\x03" in text:
        for match in _ADDRESS.finditer(text):
            yield match.start("address"), match["address"]


def unescaped(text: str) -> str:
    """Text with its entities decoded. Numbers of more digits than any character has are cut: `int` refuses them."""
    if "&" not in text:
        return text
    if "&#" in text:
        text = _ENTITY.sub(lambda match: f"&#{match['hex']}{match['digits'][:8] or '0'}", text)
    return html.unescape(text)


def decoded(address: str) -> str:
    """An address as a browser takes it: entities, percent signs and escapes decoded, blanks and unseen signs gone."""
    for _ in range(2):
        address = _PERCENT.sub(lambda match: chr(int(match[1], 16)), unescaped(address))
    return _BLANKS.sub("", _ESCAPED.sub(r"\1", address)).lstrip("<\"'").lower()


# -- pictures ------------------------------------------------------------------------------------------------------

_BRACKETS = re.compile(r"(?P<open>!?\[)|\](?P<target>\((?P<address>[^)\[\]]{0,2000}))?|\n[ \t]*\n")
_DEFINITION = re.compile(r"^ {0,3}\[(?P<label>[^\[\]\n]+)\]:[ \t]*\n?[ \t]*<?(?P<address>[^\s<>]+)", re.MULTILINE)


def find_pictures(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """The addresses of Markdown's pictures from `start` on, with the offsets between which they stand."""
    yield from _inline_pictures(text, start)
    yield from _referred_pictures(text, start)


def _inline_pictures(text: str, at: int) -> Iterator[tuple[int, int, str]]:
    """The addresses of `![…](address)`, brackets paired; where a backquote may hide a bracket, any address counts."""
    opened: list[bool] = []
    picture = ticked = False
    for match in _BRACKETS.finditer(text, at):
        if match[0][0] == "\n":
            opened, picture, ticked = [], False, False
        elif match["open"]:
            if not _is_escaped(text, match.start("open") + len(match["open"]) - 1):
                opened.append(match["open"][0] == "!")
                picture = picture or opened[-1]
        elif not _is_escaped(text, match.start()):
            ticked = ticked or (picture and "`" in text[max(0, match.start() - 300) : match.start()])
            is_picture = opened.pop() if opened else False
            if match["target"] and (is_picture or (picture and ticked)):
                address = match["address"].strip().lstrip("<")
                begin = match.start("address")
                yield begin, begin + max(1, len(match["address"].split()[0]) if address else 1), address.split(" ")[0]


def _is_escaped(text: str, at: int) -> bool:
    return at > 0 and text[at - 1] == "\\" and not (at > 1 and text[at - 2] == "\\")


def _referred_pictures(text: str, at: int) -> Iterator[tuple[int, int, str]]:
    """The addresses of reference definitions that a picture uses: `![…][label]`, `![label]`."""
    if "]:" not in text:
        return
    used = {match[2] or match[1] for match in re.finditer(r"!\[([^\[\]]*)\](?!\()(?:\s?\[([^\[\]]*)\])?", text[at:])}
    labels = {" ".join(label.lower().split()) for label in used}
    for match in _DEFINITION.finditer(text, at):
        if " ".join(match["label"].lower().split()) in labels:
            yield match.start("address"), match.end("address"), match["address"]
