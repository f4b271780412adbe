"""What a PDF says of itself beside its pages: its metadata as XMP and the files that it carries (ISO 19005-3).

Everything is written from the job alone, so the same job gives the same bytes. WeasyPrint would describe a file by the
type that the machine knows for its name, and append further metadata as a second RDF, which readers refuse.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from qmanual.pdf.job import Carried

NAMESPACE = "urn:qmanual:control:1#"
"""Of the control data in the metadata: number, revision, status and so on of the document."""

_FIXED = (
    '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
    "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance></rdf:Description>"
    '<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">'
    "<pdfuaid:part>1</pdfuaid:part></rdf:Description>"
)
_SCHEMA = (
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{name}</pdfaSchema:schema>'
    "<pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
    "<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property></rdf:li>"
)
_PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
    "<pdfaProperty:valueType>{kind}</pdfaProperty:valueType><pdfaProperty:category>{category}</pdfaProperty:category>"
    "<pdfaProperty:description>{what}</pdfaProperty:description></rdf:li>"
)


def metadata(found: Any, producer: str, control: Mapping[str, str]) -> bytes:
    """The RDF of a document: `found` is what WeasyPrint read of its page, `control` the document's control data."""
    parts = [_FIXED, _described("pdf", "http://ns.adobe.com/pdf/1.3/", _of_pdf(found, producer))]
    core = [_kept("Alt", "title", [found.title] if found.title else [])]
    core.append(_kept("Seq", "creator", found.authors))
    core.append(_kept("Alt", "description", [found.description] if found.description else []))
    core.append(_kept("Bag", "language", [found.lang] if found.lang else []))
    parts.append(_described("dc", "http://purl.org/dc/elements/1.1/", "".join(core)))
    if found.generator:
        tool = f"<xmp:CreatorTool>{escape(found.generator)}</xmp:CreatorTool>"
        parts.append(_described("xmp", "http://ns.adobe.com/xap/1.0/", tool))
    if control:
        own = "".join(f"<qm:{name}>{escape(value)}</qm:{name}>" for name, value in control.items())
        parts.append(_described("qm", NAMESPACE, own))
    parts.append(_schemas(control))
    text = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{"".join(parts)}</rdf:RDF>'
    return text.encode("utf-8", "replace")


def _described(prefix: str, uri: str, inside: str) -> str:
    return f'<rdf:Description rdf:about="" xmlns:{prefix}="{uri}">{inside}</rdf:Description>' if inside else ""


def _of_pdf(found: Any, producer: str) -> str:
    words = ", ".join(found.keywords)
    keywords = f"<pdf:Keywords>{escape(words)}</pdf:Keywords>" if words else ""
    return f"<pdf:Producer>{escape(producer)}</pdf:Producer>{keywords}"


def _kept(kind: str, name: str, values: Iterable[str]) -> str:
    language = ' xml:lang="x-default"' if kind == "Alt" else ""
    items = "".join(f"<rdf:li{language}>{escape(value)}</rdf:li>" for value in values)
    return f"<dc:{name}><rdf:{kind}>{items}</rdf:{kind}></dc:{name}>" if items else ""


def _schemas(control: Mapping[str, str]) -> str:
    """What the properties are that PDF/A does not know by itself (ISO 19005-1, 6.7.8)."""
    part = _PROPERTY.format(name="part", kind="Integer", category="internal", what="Part of ISO 14289")
    found = _SCHEMA.format(
        name="PDF/UA identification", uri="http://www.aiim.org/pdfua/ns/id/", prefix="pdfuaid", properties=part
    )
    if control:
        each = (_PROPERTY.format(name=name, kind="Text", category="external", what=name) for name in control)
        found += _SCHEMA.format(name="Document control", uri=NAMESPACE, prefix="qm", properties="".join(each))
    names = "".join(
        f' xmlns:{prefix}="http://www.aiim.org/pdfa/ns/{uri}"'
        for prefix, uri in (("pdfaExtension", "extension/"), ("pdfaSchema", "schema#"), ("pdfaProperty", "property#"))
    )
    bag = f"<pdfaExtension:schemas><rdf:Bag>{found}</rdf:Bag></pdfaExtension:schemas>"
    return f'<rdf:Description rdf:about=""{names}>{bag}</rdf:Description>'


def embed(pdf: Any, files: Iterable[Carried]) -> None:
    """Put files into a PDF, each with its relation to the document (ISO 19005-3, 6.8)."""
    import pydyf

    found = []
    for file in sorted(files, key=lambda one: one.name):
        moment = pydyf.String(file.modified.strftime("D:%Y%m%d%H%M%SZ"))
        digest = hashlib.md5(file.data, usedforsecurity=False).hexdigest()
        sizes = {"CheckSum": f"<{digest}>", "Size": len(file.data), "CreationDate": moment, "ModDate": moment}
        kind = {"Type": "/EmbeddedFile", "Subtype": f"/{file.kind.replace('/', '#2F')}"}
        stream = pydyf.Stream([file.data], pydyf.Dictionary({**kind, "Params": pydyf.Dictionary(sizes)}), True)
        pdf.add_object(stream)
        place = pydyf.Dictionary({"F": stream.reference, "UF": stream.reference})
        about = pydyf.Dictionary({
            "Type": "/Filespec", "F": pydyf.String(file.name), "UF": pydyf.String(file.name), "EF": place,
            "Desc": pydyf.String(file.what), "AFRelationship": f"/{file.relation}",
        })  # fmt: skip
        pdf.add_object(about)
        found.append((file.name, about.reference))
    if found:
        names = pydyf.Array([part for name, reference in found for part in (pydyf.String(name), reference)])
        listed = pydyf.Dictionary({"Names": names})
        pdf.add_object(listed)
        pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = listed.reference
        pdf.catalog["AF"] = pydyf.Array([reference for _, reference in found])
