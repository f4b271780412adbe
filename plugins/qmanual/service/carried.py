"""What a controlled PDF carries beside its pages: its control data, its text as written, and who signed it.

So one file, found in thirty years without the repository and the site, still says which document and revision it is,
what its text was, and who approved it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time

from qmanual.control.edition import Entry
from qmanual.control.statement import folder_of
from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.pdf.job import Carried, Relation
from qmanual.render.tables import register_row, to_json
from qmanual.service.publication import Publication

CONTROL = "control.json"
_KINDS = {".md": "text/markdown", ".json": "application/json", ".yml": "application/yaml"}


def control_data(entry: Entry, company: str) -> Mapping[str, str]:
    """The control data for the metadata of the PDF: name → value, nothing that is not known."""
    document, header = entry.document, entry.document.header
    signed = [
        f"{one.meaning.value} {one.by.value} {one.date.value.isoformat()}"
        for one in header.approvals
        if one.by and one.date
    ]
    found = {
        "company": company,
        "document": document.id,
        "revision": document.revision,
        "status": entry.status.value,
        "effective": entry.effective.isoformat() if entry.effective else "",
        "release": entry.release or "",
        "owner": document.owner or "",
        "approvals": "; ".join(signed),
        "digest": document.digest,
    }
    return {name: value for name, value in found.items() if value}


def carried(entry: Entry, manual: Publication, say: Translator) -> tuple[Carried, ...]:
    """The files that go into the PDF of a document: its Markdown, its control data, its signed statements."""
    document, dated = entry.document, moment(entry)
    row = {**register_row(entry, manual.register), "release": entry.release, "company": manual.company}
    data = {CONTROL: to_json(row).encode()}
    sources = {body.source.path: body.source.text.encode() for body in document.bodies}
    statements = _statements(document, manual)
    groups: tuple[tuple[Relation, str, Mapping[str, bytes]], ...] = (
        ("Source", N_("the text of the document as it was written"), sources),
        ("Data", N_("the control data of the document"), data),
        ("Supplement", N_("a signed statement of approval"), statements),
    )
    files = []
    for relation, what, found in groups:
        for path, content in found.items():
            name = path.rpartition("/")[2]
            kind = _KINDS.get(name[name.rfind(".") :], "application/octet-stream")
            files.append(Carried(name, content, kind, say(what), dated, relation))
    return tuple(files)


def _statements(document: Document, manual: Publication) -> Mapping[str, bytes]:
    folder = folder_of(document.id, document.revision)
    found = manual.manual.register.tree.approvals
    return {path: found[path] for path in sorted(path for path in found if path.startswith(f"{folder}/"))}


def moment(entry: Entry) -> datetime:
    """The moment that files are dated with: the latest day that the document itself names, so that it never changes."""
    header = entry.document.header
    days = [one.date.value for one in header.approvals if one.date]
    days += [one.date.value for one in header.changes if one.date]
    days += [entry.effective] if entry.effective else []
    return datetime.combine(max(days), time(), UTC) if days else datetime(2000, 1, 1, tzinfo=UTC)
