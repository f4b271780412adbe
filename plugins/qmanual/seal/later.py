"""What was added to a PDF behind a seal: only proofs, or anything that a reader could see.

A seal that is to hold for decades gets more behind it: certificates, revocation lists and a time stamp over all of it
(ETSI EN 319 142-1, 5.5). These are new objects, and two that the file had come again: its catalog, which now names the
store of proofs, and the empty field that waited for the time stamp. Nothing else may.
"""

import io
from typing import TYPE_CHECKING, Any

from qmanual.seal.values import TIME

if TYPE_CHECKING:
    from pyhanko.pdf_utils.generic import PdfObject
    from pyhanko.pdf_utils.reader import PdfFileReader


def only_proofs(reader: "PdfFileReader", sealed: int) -> bool:
    """Whether the revisions after the one with that number, from 0, add nothing but proofs."""
    before: Any = reader.get_historical_resolver(sealed)
    new, old = dict(reader.trailer_view), dict(before.trailer_view)
    if any(_written(new.get(key)) != _written(old.get(key)) for key in ("/Root", "/Info", "/Encrypt")):
        return False
    root = reader.root_ref
    for revision in range(sealed + 1, reader.xrefs.total_revisions):
        if reader.xrefs.refs_freed_in_revision(revision):
            return False
        for reference in reader.xrefs.explicit_refs_in_revision(revision):
            if reader.xrefs.get_historical_ref(reference, sealed) is None:
                continue
            now, then = reader.get_object(reference), before.get_object(reference)
            may = {"/DSS", "/Extensions"} if reference == root else {"/V"} if _waits(then) else set()
            if _without(now, may) != _without(then, may):
                return False
    return True


def _waits(field: Any) -> bool:
    """Whether this is the field for the time stamp, empty."""
    return isinstance(field, dict) and field.get("/T") == TIME and field.get("/FT") == "/Sig" and "/V" not in field


def _without(value: Any, keys: set[str]) -> bytes:
    """An object as a file holds it, without these entries."""
    if isinstance(value, dict) and keys:
        return b"".join(_written(key) + _written(value.raw_get(key)) for key in sorted(value) if key not in keys)  # type: ignore[attr-defined]
    return _written(value)


def _written(value: "PdfObject | None") -> bytes:
    held = io.BytesIO()
    if value is not None:
        value.write_to_stream(held, None)
    return held.getvalue()
