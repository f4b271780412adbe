"""A numbered copy out of a printed PDF: the same file with a stamp on each page and the copy's data in its metadata.

The stamp is printed once and put on the pages as a form XObject (ISO 32000-1, 8.10), marked as an artifact, so that
the structure stays whole and a screen reader reads the document, not its margin (ISO 14289-1, 7.3). Same input, same
bytes; pikepdf is loaded here and only when something is stamped.
"""

import io
from collections.abc import Mapping
from typing import Any

from lxml import etree

from qmanual.pdf.archival import NAMESPACE

TOP, RIGHT = 12.4, 56.1
"""Where the stamp stands: points from the upper edge of the page and from its right one, in the margin above the
running head, which begins 31 points below the edge; the right one is that of the text.
"""

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SCHEMA = "http://www.aiim.org/pdfa/ns/schema#"
_PROPERTY = "http://www.aiim.org/pdfa/ns/property#"
_MARKS = frozenset({"BMC", "BDC", "EMC", "MP", "DP"})


class CannotStamp(ValueError):
    """A PDF that this program did not print: it has not the metadata in which the copy is to be named."""


def stamped(pdf: bytes, stamp: bytes, control: Mapping[str, str]) -> bytes:
    """The copy. `stamp`: a PDF with a page as large as the stamp; `control`: name → value for the control data.

    Raises `CannotStamp`.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.open(io.BytesIO(stamp)) as source:
        form = document.copy_foreign(as_form(source))
        left, bottom, right, top = (float(edge) for edge in form.BBox)
        for page in document.pages:
            edges = [float(edge) for edge in page.mediabox]
            x, y = edges[2] - RIGHT - (right - left), edges[3] - TOP - (top - bottom)
            name = page.add_resource(form, pikepdf.Name.XObject, pikepdf.Name.QmCopy)
            page.contents_add(pikepdf.Stream(document, b"q\n"), prepend=True)
            page.contents_add(pikepdf.Stream(document, _painting(str(name), x - left, y - bottom)))
        metadata = document.Root.Metadata
        metadata.write(_named(metadata.read_bytes(), control))
        out = io.BytesIO()
        document.save(out, deterministic_id=True)
    return out.getvalue()


def as_form(source: Any, at: int = 0) -> Any:
    """A page of an open PDF as a form XObject: without tags, which belong to the file that it comes from."""
    import pikepdf

    page = source.pages[at]
    kept = [one for one in pikepdf.parse_content_stream(page) if str(one.operator) not in _MARKS]
    form = page.as_form_xobject()
    form.write(pikepdf.unparse_content_stream(kept))
    for key in ("/Group", "/StructParents", "/StructParent"):
        if key in form:
            del form[key]
    return form


def _painting(name: str, x: float, y: float) -> bytes:
    about = "/Artifact <</Type /Pagination /Subtype /Header /Attached [/Top]>> BDC"
    return f"\nQ\n{about}\nq 1 0 0 1 {x:.3f} {y:.3f} cm {name} Do Q\nEMC\n".encode("ascii")


def _named(xmp: bytes, control: Mapping[str, str]) -> bytes:
    """The metadata with more control data, each declared as PDF/A asks (ISO 19005-1, 6.7.8)."""
    tree = etree.fromstring(xmp, etree.XMLParser(resolve_entities=False, no_network=True)).getroottree()
    own = next(tree.iter(f"{{{NAMESPACE}}}document"), None)
    about = own.getparent() if own is not None else None
    names = next((one for one in tree.iter(f"{{{_RDF}}}li") if _declares(one)), None)
    properties = names.find(f"{{{_SCHEMA}}}property/{{{_RDF}}}Seq") if names is not None else None
    if about is None or properties is None:
        raise CannotStamp
    for name, value in control.items():
        etree.SubElement(about, f"{{{NAMESPACE}}}{name}").text = value
        declared = etree.SubElement(properties, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
        values = {"name": name, "valueType": "Text", "category": "external", "description": name}
        for key, text in values.items():
            etree.SubElement(declared, f"{{{_PROPERTY}}}{key}").text = text
    return bytes(etree.tostring(tree, encoding="utf-8"))


def _declares(item: etree._Element) -> bool:
    """Whether it describes the properties of our own control data."""
    return bool(item.findtext(f"{{{_SCHEMA}}}namespaceURI") == NAMESPACE)
