"""Publication safety: nothing in a document may run, phone home, hide, or give away a secret (ISO 9001 7.5.3.1 b).

What is found is reported, never stripped: stripping would change the text that was approved.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qmanual.checks.rule import Drawable, Hit, rule
from qmanual.finding import FaultKind, Phrase, Severity
from qmanual.language import N_
from qmanual.model import Body, Document
from qmanual.parse.inert import Inert
from qmanual.parse.tags import (
    Attribute,
    Tag,
    decoded,
    find_addresses,
    find_attribute_lists,
    find_pictures,
    find_tags,
)
from qmanual.register import Register
from qmanual.source import SourceFile

# -- what is looked at ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Exposed:
    """What of a text may reach a page as HTML: tags, attribute lists, and addresses with their offsets."""

    tags: tuple[Tag, ...]
    addresses: tuple[tuple[int, str], ...]


@lru_cache(maxsize=2048)
def _exposed(source: SourceFile, start: int) -> _Exposed:
    text = source.text
    tags = [*find_tags(text), *find_attribute_lists(text)]
    addresses = [(at, decoded(address)) for at, address in find_addresses(text)]
    if tags or addresses:
        inert = Inert(source, start)
        tags = [tag for tag in tags if tag.start not in inert]
        addresses = [pair for pair in addresses if pair[0] not in inert]
    return _Exposed(tuple(tags), tuple(addresses))


def _texts(register: Register) -> Iterator[tuple[SourceFile, _Exposed]]:
    """The texts of which pages are made: documents with their headers, and the company's data."""
    for document in register.documents:
        for body in document.bodies:
            yield body.source, _exposed(body.source, body.start)
    for path in (register.organization.path, register.externals.path):
        if path in register.tree.sources:
            source = register.tree.sources[path]
            yield source, _exposed(source, len(source.text))


# -- active content ------------------------------------------------------------------------------------------------

ACTIVE = frozenset({
    "script", "object", "embed", "applet", "form", "input", "button", "select", "textarea", "style", "base", "link",
    "meta", "iframe", "frame", "frameset", "template", "portal", "fencedframe", "plaintext", "xmp", "noembed",
    "noframes", "noscript", "title", "foreignobject", "animate", "animatetransform", "animatemotion", "set", "handler",
    "listener", "bgsound", "keygen", "isindex", "param",
})  # fmt: skip
"""Elements that run, load, send, or swallow what follows them."""


def _element(tag: Tag) -> str:
    """The tag's name without a namespace prefix: `svg:script` is a script."""
    return tag.name.rpartition(":")[2]


@rule(
    "QM801",
    Severity.ERROR,
    title=N_("Active content"),
    message=N_("active content: <{tag}>"),
    help=N_("take it out and say it in plain Markdown; to show it as text, put it between backquotes (`<{tag}>`)"),
    why=N_(
        "What is published must be what was approved. A script or an embedded page can change what a reader sees after "
        "approval, send data away, or break the page. No reviewer sees that in the text."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        <ScRiPt
        src=count.js>
    """,
    good="""
        procedures/QP-7.5-01.md

        页面中不得出现 `<script>`；当 a < b 时停机，换行写作<br>，网址写作 <https://example.com>。
    """,
)
def active_content(register: Register) -> Iterator[Hit]:
    for source, exposed in _texts(register):
        for tag in exposed.tags:
            if _element(tag) in ACTIVE:
                yield Hit(source.span(tag.start, tag.end), {"tag": _element(tag)})


def _passive(exposed: _Exposed) -> Iterator[Tag]:
    """The tags that are not reported as a whole."""
    return (tag for tag in exposed.tags if _element(tag) not in ACTIVE)


_EVENT = re.compile(r"on[a-z]{3,}")


def _is_event(attribute: Attribute) -> bool:
    return bool(attribute.value and _EVENT.fullmatch(attribute.name.rpartition(":")[2]))


@rule(
    "QM802",
    Severity.ERROR,
    title=N_("An attribute that runs a script"),
    message=N_("the attribute {attribute} would run a script"),
    help=N_("take the attribute {attribute} out"),
    why=N_(
        "An attribute such as onclick runs a program in the reader's browser when a picture fails to load or the mouse "
        "moves. What it does is not part of any approval."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        <b/onmouseover=alert(1)>重要</b>
    """,
    good="""
        procedures/QP-7.5-01.md

        图 1 文件流转{: title="文件流转" }
    """,
)
def event_attribute(register: Register) -> Iterator[Hit]:
    for source, exposed in _texts(register):
        for tag in _passive(exposed):
            for attribute in filter(_is_event, tag.attributes):
                yield Hit(source.span(attribute.start, attribute.end), {"attribute": attribute.name})


_DANGEROUS = re.compile(
    r"(?P<scheme>javascript|vbscript|livescript|jscript|mocha|view-source|mhtml|jar|filesystem|blob|data(?!:image/)):"
)
_AUTOLINK = re.compile(r"<\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_CLICKED = re.compile(r"(?:javascript|vbscript|data):")
_WORDS = frozenset({"title", "alt", "placeholder", "class", "id", "lang", "name", "summary", "label", "abbr"})
_SEVERAL = frozenset({"srcset", "values", "style", "ping"})


@rule(
    "QM803",
    Severity.ERROR,
    title=N_("An address that runs a script"),
    message=N_("the address would run a script or load a hidden page ({scheme}:)"),
    help=N_("write an ordinary address: a file of the manual, or https://…"),
    why=N_(
        "An address such as javascript: looks like a link and runs a program when it is clicked, whatever way it is "
        "spelled or encoded. Nobody who approves a text means that."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        [记录](&#106;ava&Tab;script:alert(1))
    """,
    good="""
        procedures/QP-7.5-01.md

        [标准全文](https://openstd.samr.gov.cn/?a=javascript:)
    """,
)
def dangerous_address(register: Register) -> Iterator[Hit]:
    for source, exposed in _texts(register):
        for at, address in exposed.addresses:
            if match := _DANGEROUS.match(address):
                yield Hit(source.span(*_word(source.text, at)), {"scheme": match["scheme"]})
        for tag in _passive(exposed):
            if _AUTOLINK.match(source.text, tag.start) and source.text[tag.start - 1] != "(":
                yield Hit(source.span(tag.start, tag.end), {"scheme": tag.name.partition(":")[0]})
            for attribute in tag.attributes:
                if scheme := _scheme(attribute):
                    yield Hit(source.span(attribute.start, attribute.end), {"scheme": scheme})
    for document in register.documents:
        yield from _flowchart_links(document)


def _scheme(attribute: Attribute) -> str:
    name = attribute.name
    if ":" not in attribute.value and "&" not in attribute.value and "%" not in attribute.value:
        return ""
    if name in _WORDS or name.startswith(("aria-", "data-")):
        return ""
    address = decoded(attribute.value)
    match = _DANGEROUS.search(address) if name in _SEVERAL else _DANGEROUS.match(address)
    return match["scheme"] if match else ""


_WRITTEN = re.compile(r"\s*<?((?:[^\s()<>]|\([^\s()<>]*\))*)")


def _word(text: str, at: int) -> tuple[int, int]:
    """From the first visible character at `at` to the end of what stands there without a blank."""
    match = _WRITTEN.match(text, at)
    return match.span(1) if match and match[1] else (at, at + 1)


def _flowchart_links(document: Document) -> Iterator[Hit]:
    """`click A "javascript:…"` in a flowchart: its nodes become links."""
    for body in document.bodies:
        for block in body.code:
            if block.language == "mermaid" and ("click" in block.text or "href" in block.text):
                for number, line in enumerate(block.text.split("\n"), block.span.line + 1):
                    if match := _CLICKED.search(decoded(line)):
                        start = body.source.offset(number)
                        yield Hit(body.source.span(start, start + len(line)), {"scheme": match[0].rstrip(":")})


# -- outside resources ---------------------------------------------------------------------------------------------

_OUTSIDE = re.compile(r"(?:https?|ftps?|wss?):|[\\/]{2}")
_STYLE = re.compile(
    r"@import|expression\(|-moz-binding|behavior:"
    r"|(?:url|image|image-set)\((?![\"']?(?:#|data:image/|[\w.][^:\\]*\)))",
    re.IGNORECASE,
)
_LOADED = frozenset({
    "src", "srcset", "poster", "background", "data", "lowsrc", "dynsrc", "ping", "codebase", "manifest", "icon",
})  # fmt: skip
_LOADING = frozenset({
    "image", "use", "feimage", "tref", "mpath", "textpath", "pattern", "lineargradient", "radialgradient", "filter",
    "cursor",
})  # fmt: skip


@rule(
    "QM806",
    Severity.ERROR,
    title=N_("A picture or style from outside"),
    message=N_("this would be loaded from another host: {address}"),
    help=N_("put the file into the manual's folder and refer to it there; an ordinary link to a web page is fine"),
    why=N_(
        "What lies on another host can change or vanish after approval, is missing from the PDF and offline, and tells "
        "its owner who reads the manual. A controlled document carries what it shows."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        ![标志](https://example.com/logo.png)
    """,
    good="""
        procedures/QP-7.5-01.md

        [公司网站](https://example.com/)
    """,
)
def outside_resource(register: Register) -> Iterator[Hit]:
    for document in register.documents:
        for body in document.bodies:
            yield from _outside_pictures(body)
    for source, exposed in _texts(register):
        for tag in _passive(exposed):
            for attribute in tag.attributes:
                if _loads_outside(tag, attribute):
                    details = {"address": _short(attribute.value)}
                    yield Hit(source.span(attribute.start, attribute.end), details)


def _short(address: str) -> str:
    return address if len(address) <= 80 else f"{address[:77]}…"


def _outside_pictures(body: Body) -> Iterator[Hit]:
    text = body.source.text
    if text.find("![", body.start) < 0:
        return
    inert: Inert | None = None
    for start, end, address in find_pictures(text, body.start):
        if _OUTSIDE.match(decoded(address)):
            inert = inert or Inert(body.source, body.start)
            if start not in inert:
                yield Hit(body.source.span(start, end), {"address": _short(address)})


def _loads_outside(tag: Tag, attribute: Attribute) -> bool:
    name = attribute.name.rpartition(":")[2]
    if name == "style":
        return bool(_STYLE.search(attribute.value))
    loaded = name in _LOADED or (name == "href" and _element(tag) in _LOADING)
    if not loaded or not attribute.value:
        return False
    addresses = attribute.value.split(",") if name == "srcset" else [attribute.value]
    return any(_OUTSIDE.match(decoded(address)) for address in addresses)


@rule(
    "QM807",
    Severity.ERROR,
    title=N_("A drawing with active or outside content"),
    message=N_("the drawing holds {what}"),
    help=N_("export the drawing again as a plain SVG, or as a PNG picture"),
    why=N_(
        "An SVG drawing is a program as much as a picture: it can run scripts, change itself and load things from "
        "elsewhere. What was approved is the picture, so the file must be nothing more."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/flow.svg
        <svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>
    """,
    good="""
        procedures/flow.svg
        <svg xmlns="http://www.w3.org/2000/svg"><title>流程</title><path d="M0 0h9"/><a href="https://example.com/"><text>说明</text></a></svg>
    """,
)
def active_drawing(register: Register) -> Iterator[Hit]:
    for source in register.tree.svgs.values():
        text = source.text
        for match in _XML.finditer(text):
            yield Hit(source.span(match.start(), match.end()), {"what": match[0]})
        for tag in find_tags(text):
            if _element(tag) in _ACTIVE_DRAWN:
                yield Hit(source.span(tag.start, tag.end), {"what": f"<{_element(tag)}>"})
                continue
            for attribute in tag.attributes:
                if _is_event(attribute) or _scheme(attribute) or _loads_outside(tag, attribute):
                    written = text[attribute.start : attribute.end]
                    yield Hit(source.span(attribute.start, attribute.end), {"what": _short(written)})
        for match in _IMPORT.finditer(text) if "<style" in text.lower() else ():
            yield Hit(source.span(match.start(), match.end()), {"what": match[0]})


_ACTIVE_DRAWN = ACTIVE - {"title", "style", "param"}
_XML = re.compile(r"<!ENTITY|<\?xml-stylesheet", re.IGNORECASE)
_IMPORT = re.compile(r"@import|url\(\s*[\"']?(?:https?:)?//[^)\s]{0,40}", re.IGNORECASE)


# -- secrets -------------------------------------------------------------------------------------------------------

_SECRET = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d|\bAGE-SECRET-KEY-1[0-9A-Z]{20,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}|\bgithub_pat_[0-9A-Za-z_]{40,}|\bglpat-[0-9A-Za-z_-]{20}"
)
_SECRET_SIGNS = (
    "PRIVATE KEY", "PuTTY-User", "AGE-SECRET", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
    "glpat-",
)  # fmt: skip


@rule(
    "QM808",
    Severity.ERROR,
    title=N_("A private key or password"),
    message=N_("a secret stands here in plain text ({text})"),
    help=N_("have it replaced by its owner at once, then take it out; deleting it does not make it secret again"),
    why=N_(
        "Whoever can read the manual or its history can use the key: to sign approvals, or to enter other systems. "
        "Information has to be protected from loss of confidentiality."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        ```
        -----BEGIN OPENSSH PRIVATE KEY-----
        ```
    """,
    good="""
        procedures/QP-7.5-01.md

        签署人自行保管私钥（private key），公钥登记在名册中。
    """,
)
def secret(register: Register) -> Iterator[Hit]:
    for source in (*register.tree.sources.values(), *register.tree.svgs.values()):
        if any(sign in source.text for sign in _SECRET_SIGNS):
            for match in _SECRET.finditer(source.text):
                yield Hit(source.span(match.start(), match.end()), {"text": f"{match[0][:16]}…"})


# -- characters ----------------------------------------------------------------------------------------------------


@rule(
    "QM809",
    Severity.ERROR,
    title=N_("A character that the PDF cannot print"),
    message=N_("the fonts of the PDF have no character for “{character}” ({code})"),
    help=N_("write it in another way; {count} in this file"),
    why=N_(
        "A printed copy that shows an empty box where a sign, a unit or a name stood is not the approved document, and "
        "nobody who holds the copy can know what is missing."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        合格时贴 \U0001f9ea 标签。
    """,
    good="""
        procedures/QP-7.5-01.md

        温度 25 ℃ ± 2 ℃，电阻 ≤ 1 Ω，龑、㙓等姓名用字亦可打印。
    """,
)
def undrawable(register: Register, drawable: Drawable) -> Iterator[Hit]:
    for source in _printed(register):
        seen: dict[str, list[int]] = {}
        places = [at for at in drawable(source.text) if _is_visible(source.text[at])]
        for at in _outside_comments(source.text, places) if places else ():
            seen.setdefault(source.text[at], []).append(at)
        for character, found in seen.items():
            details = {"character": character, "code": f"U+{ord(character):04X}", "count": str(len(found))}
            yield Hit(source.span(found[0]), details)


def _printed(register: Register) -> Iterator[SourceFile]:
    for document in register.documents:
        yield from (body.source for body in document.bodies)
    if register.organization.path in register.tree.sources:
        yield register.tree.sources[register.organization.path]


def _is_visible(character: str) -> bool:
    """Whether the character prints anything: others are spoken of by other rules, or choose how an emoji looks."""
    return unicodedata.category(character)[0] not in "CZ" and not 0xFE00 <= ord(character) <= 0xFE0F


def _outside_comments(text: str, places: list[int]) -> Iterator[int]:
    """The places, in their order, that do not lie in a comment, which is not printed."""
    opened, closed = text.find("<!--"), 0
    for at in places:
        while 0 <= opened < at and closed >= 0:
            closed = text.find("-->", opened)
            if closed < 0 or closed > at:
                break
            opened = text.find("<!--", closed)
        if not 0 <= opened < at or closed < 0:
            yield at


_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d")
_HARMLESS = frozenset("\u00ad")


@rule(
    "QM810",
    Severity.WARNING,
    title=N_("An invisible character"),
    message=N_("an invisible character stands here: {name} ({code}), {count} in this file"),
    help=N_("delete it: select the text around it and type it again without it"),
    why=N_(
        "What cannot be seen cannot be reviewed. Signs that turn the direction of writing show a reader another text "
        "than the one that is stored, and invisible ones keep numbers and words from being found."
    ),
    clause="7.5.3.1",
    bad="procedures/QP-7.5-01.md\n\n保存期限为 \u202e年 01\u202c。\n",
    good="procedures/QP-7.5-01.md\n\n保存期限为 10 年。\n",
)
def invisible(register: Register) -> Iterator[Hit]:
    faults = [fault for document in register.documents for fault in document.faults]
    in_headers = {fault.span for fault in faults if fault.kind is FaultKind.CONTROL_CHARACTER}
    for source in register.tree.sources.values():
        seen: dict[str, list[int]] = {}
        for match in _INVISIBLE.finditer(source.text):
            if match[0] not in _JOINERS or not _joins(source.text, match.start()):
                seen.setdefault(match[0], []).append(match.start())
        for character, places in seen.items():
            if source.span(places[0]) in in_headers:
                continue  # the rule about headers has said it
            name = unicodedata.name(character, "")
            said = name or Phrase(N_("a control character"))
            details = {"name": said, "code": f"U+{ord(character):04X}", "count": str(len(places))}
            yield Hit(source.span(places[0]), details, _weight(character))


def _weight(character: str) -> Severity:
    if character in _DIRECTION or unicodedata.category(character) == "Cc":
        return Severity.ERROR
    return Severity.NOTE if character in _HARMLESS else Severity.WARNING


def _joins(text: str, at: int) -> bool:
    """Whether a joiner stands between the parts of an emoji, or in a script that is written with it."""
    around = text[max(0, at - 2) : at] + text[at + 1 : at + 2]
    return any(ord(one) >= 0x1F000 or 0x2600 <= ord(one) <= 0x27BF or 0x0600 <= ord(one) <= 0x0DFF for one in around)


# -- what is no file of its own ------------------------------------------------------------------------------------


@rule(
    "QM811",
    Severity.ERROR,
    title=N_("A symbolic link"),
    message=N_("{path} is a symbolic link"),
    help=N_("put the file itself there, or link to it in the text"),
    why=N_(
        "A symbolic link can lead out of the manual, to files that nobody approved or that must not be published, and "
        "it means different things on different computers."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-02.md !symlink
        (a symbolic link)
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [质量手册](../manual/index.md)。
    """,
)
def symlink(register: Register) -> Iterator[Hit]:
    yield from _tree_faults(register, FaultKind.SYMLINK)


def _tree_faults(register: Register, kind: FaultKind) -> Iterator[Hit]:
    for fault in register.tree.faults:
        if fault.kind is kind:
            yield Hit(fault.span, {"path": fault.span.path})


@rule(
    "QM812",
    Severity.ERROR,
    title=N_("A repository within the repository"),
    message=N_("{path} is another git repository (a submodule)"),
    help=N_("put its files into the manual itself, or move it out of the manual's folders"),
    why=N_(
        "The history and the approvals of this repository do not cover what is in another one. Its files can change "
        "without any release of the manual."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/supplier !submodule
        (another repository)
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [质量手册](../manual/index.md)。
    """,
)
def submodule(register: Register) -> Iterator[Hit]:
    yield from _tree_faults(register, FaultKind.SUBMODULE)


RULES = (
    active_content, event_attribute, dangerous_address, outside_resource, active_drawing, secret, undrawable, invisible,
    symlink, submodule,
)  # fmt: skip
