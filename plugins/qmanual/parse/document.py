"""A document put together: its header, its body, its chapters, and the digest of what is approved."""

import hashlib
import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from urllib.parse import unquote

from qmanual.model import Body, Document, Meaning
from qmanual.parse.body import read_body
from qmanual.parse.form import read_fields
from qmanual.parse.header import read_header
from qmanual.pointer import read_pointer
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile

NOT_APPROVED = frozenset({*(meaning.value for meaning in Meaning), "waive", "withdrawn"})
"""Header fields outside the digest: signatures cannot sign themselves, and waiving a rule changes no text."""

OF_THE_REVISION = frozenset({"revision", "effective", "changes"})
"""Header fields that every new revision changes: outside the substance, by which two revisions are compared."""


def read_document(
    source: SourceFile,
    chapters: Iterable[SourceFile],
    kind: Kind,
    settings: Settings,
    images: Mapping[str, str],
) -> Document:
    """The document whose header stands in `source`. `images`: path → digest of every picture of the manual."""
    header, start, faults = read_header(source, settings.fields)
    body = _read(source, start, kind, settings)
    parts = tuple(_read(chapter, 0, kind, settings) for chapter in chapters)
    document = Document(kind=kind.name, header=header, body=body, chapters=parts, faults=faults)
    return with_digests(document, images)


def read_light(kind: Kind, main: SourceFile, chapters: Iterable[SourceFile], settings: Settings) -> Document:
    """A document of which only the header was read, with the digest of its whole, as long as it shows no pictures."""
    header, start, faults = read_header(main, settings.fields)
    document = Document(
        kind=kind.name, header=header, body=Body(source=main, start=start, plain=""), faults=faults,
        chapters=tuple(Body(source=chapter, start=0, plain="") for chapter in chapters),
    )  # fmt: skip
    return with_digests(document, {})


def _read(source: SourceFile, start: int, kind: Kind, settings: Settings) -> Body:
    body = read_body(source, start, settings.number)
    return replace(body, fields=read_fields(body)) if kind.form else body


def with_digests(document: Document, images: Mapping[str, str]) -> Document:
    """The document with its digest and its substance.

    The digest is SHA-256 (hex) over what approvers approve: header without signatures, body, chapters and pictures.
    Line ends, trailing blanks, the order and quoting of keys and their language make no difference; any other
    character does (ISO 9001 7.5.3.2 c: control of changes). Pictures go by where they lie beside the document: one
    that is moved with them stays what it is. The substance leaves out what only tells revisions apart.
    """
    fields = {name: value for name, value in document.header.raw.items() if name not in NOT_APPROVED}
    shown = sorted({name for body in document.bodies for name in pictures_of(body, images)})
    chapters = [[part.path.rsplit("/", 1)[-1], normal(part.source.text)] for part in document.chapters]
    before = f'{{"body":{_json(normal(document.body.source.text[document.body.start :]))},"chapters":{_json(chapters)}'
    folder = document.path.rpartition("/")[0]
    after = f'"images":{_json([[_seen_from(folder, name), images[name]] for name in shown])}}}'
    kept = {name: value for name, value in fields.items() if name not in OF_THE_REVISION}
    return replace(
        document,
        digest=_sha256(f'{before},"header":{_json(fields)},{after}'),
        substance=_sha256(f'{before},"header":{_json(kept)},{after}'),
    )


def _seen_from(folder: str, path: str) -> str:
    """The relative path that leads from a folder to a file, both from the root: the inverse of `resolve`."""
    here, there = folder.split("/") if folder else [], path.split("/")
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(here, there[:-1], strict=False)))
    return "/".join([".."] * (len(here) - same) + there[same:])


def _json(value: object) -> str:
    """The one way in which a value is written where a digest is taken: keys in order, nothing between."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def normal(text: str) -> str:
    """A text without what no reader sees: blanks at the ends of lines, blank lines before and after."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def picture_digest(path: str, data: bytes) -> str:
    """SHA-256 (hex) of a picture, the same on every computer: a drawing is a text, whose line ends git may change on
    Windows; of a picture that git keeps by LFS it may hold a pointer, which names the digest.
    """
    if pointer := read_pointer(data):
        return pointer.digest
    return hashlib.sha256(data.replace(b"\r\n", b"\n") if path.lower().endswith(".svg") else data).hexdigest()


def pictures_of(body: Body, images: Container[str]) -> Iterable[str]:
    """The paths of the pictures that a body shows, of those that there are."""
    folder = body.path.rpartition("/")[0]
    for link in body.links:
        if link.image and (path := resolve(folder, link.target)) in images:
            yield path


def resolve(folder: str, target: str) -> str:
    """A relative link target seen from `folder` as a path from the root; empty when it leads out of the tree.

    Blanks and Chinese may be written as they are or by percent signs (RFC 3986, 2.1).
    """
    parts = folder.split("/") if folder and not target.startswith("/") else []
    for part in unquote(target.split("#", 1)[0].split("?", 1)[0]).split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
