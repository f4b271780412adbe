"""Gives the field of a seal its place in the structure of a PDF (ISO 14289-1, 7.18): a form field with words for it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import IndirectObject
    from pyhanko.pdf_utils.writer import BasePdfFileWriter


def tag(writer: "BasePdfFileWriter", field: "IndirectObject", page: "IndirectObject", words: str) -> None:
    """Add an element for the field at the end of the document's structure; nothing where there is no structure."""
    from pyhanko.pdf_utils import generic

    if "/StructTreeRoot" not in writer.root:
        return
    tree: Any = writer.root["/StructTreeRoot"]
    name, number = generic.NameObject, generic.NumberObject
    tops: Any = tree["/K"]
    top = tops.raw_get(0) if isinstance(tops, generic.ArrayObject) else tree.raw_get("/K")
    document: Any = top.get_object()
    key = int(tree["/ParentTreeNextKey"])
    widget = generic.DictionaryObject({name("/Type"): name("/OBJR"), name("/Obj"): field, name("/Pg"): page})
    element = writer.add_object(
        generic.DictionaryObject({
            name("/Type"): name("/StructElem"), name("/S"): name("/Form"), name("/P"): top, name("/Pg"): page,
            name("/Alt"): generic.TextStringObject(words), name("/K"): widget,
        })
    )  # fmt: skip
    document["/K"].append(element)
    _changed(writer, document, document["/K"])
    parents: Any = tree["/ParentTree"]
    if "/Nums" in parents:
        parents["/Nums"] += [number(key), element]
        _changed(writer, parents, parents["/Nums"])
    else:
        leaf = generic.DictionaryObject({
            name("/Limits"): generic.ArrayObject([number(key), number(key)]),
            name("/Nums"): generic.ArrayObject([number(key), element]),
        })  # fmt: skip
        parents["/Kids"].append(writer.add_object(leaf))
        _changed(writer, parents, parents["/Kids"])
    tree[name("/ParentTreeNextKey")] = number(key + 1)
    writer.update_container(tree)
    annotation: Any = field.get_object()
    annotation[name("/StructParent")] = number(key)
    writer.update_container(annotation)


def _changed(writer: "BasePdfFileWriter", *objects: Any) -> None:
    for one in objects:
        writer.update_container(one)
