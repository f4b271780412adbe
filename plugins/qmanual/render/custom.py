"""The company's own templates, filled in: what `parse.template` lets pass, with values and pieces of one document."""

from collections.abc import Iterator, Mapping

from lxml import etree
from markupsafe import Markup

from qmanual.control.status import MEANING_NAMES, STATUS_NAMES, Status
from qmanual.parse.frame import Templates
from qmanual.parse.template import HTML, REPEATED, TEXTS
from qmanual.render.approvals import EVIDENCE_NAMES, signature_table
from qmanual.render.cover import Front, changes, clauses, code_of, data_table, logo, stamp
from qmanual.render.frame import day_of, standing, unprintable_out
from qmanual.render.period import spoken

Values = Mapping[str, object]


def filled(name: str, templates: Templates, values: Values) -> str | None:
    """The piece of that name as HTML; None when the company has no template for it."""
    from jinja2 import DictLoader
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    if name not in templates.pieces:
        return None
    sandbox = ImmutableSandboxedEnvironment(autoescape=True, loader=DictLoader(templates.pieces), cache_size=40)
    sandbox.globals.clear()
    text = unprintable_out(sandbox.get_template(name).render(values))
    return _only_laid_out(text.replace("]]>", "]]&gt;"))  # which XML knows as the end of a section only


def _only_laid_out(text: str) -> str:
    """Tables without a header cell arrange things and hold no data: a screen reader is not told of them."""
    if "<table" not in text:
        return text
    whole = etree.fromstring(f"<qm>{text}</qm>")
    for table in whole.iter("table"):
        own = list(_of_table(table))
        if all(part.tag != "th" for part in own):
            for part in (table, *own):
                part.set("role", "presentation")
    return "".join([whole.text or "", *(etree.tostring(one, encoding="unicode") for one in whole)])


def _of_table(element: etree._Element) -> Iterator[etree._Element]:
    """The parts of a table without those of tables in it."""
    for child in element:
        if child.tag in ("tbody", "thead", "tfoot", "tr"):
            yield child
            yield from _of_table(child)
        elif child.tag in ("td", "th"):
            yield child


def values(front: Front) -> Values:
    """What a template may show of a document, by the names that `parse.template` knows."""
    entry, say, document, header = front.entry, front.say, front.document, front.document.header
    until = front.frame.valid_until(entry)
    process = header.process.value if header.process else ""
    void = entry.status in (Status.SUPERSEDED, Status.WITHDRAWN)
    texts = {
        "company": front.company, "title": document.title, "kind": front.kind, "number": document.id,
        "revision": document.revision, "status": say(STATUS_NAMES[entry.status]),
        "word": front.frame.word(entry.status, say), "standing": standing(entry, say), "effective": day_of(entry),
        "owner": document.owner or "", "process": process,
        "release": entry.release or "", "digest": document.digest.removeprefix("sha256:")[:12],
        "retention": spoken(header.retention.value, say) if header.retention else "",
        "clauses": clauses(document, front.register), "confidentiality": front.frame.branding.confidentiality,
        "valid_until": until.isoformat() if until else "", "language": say.language,
        "draft": "1" if entry.status in (Status.DRAFT, Status.REVIEW) else "", "void": "1" if void else "",
    }  # fmt: skip
    pieces = {
        "heading": front.title, "logo": logo(front), "qr": code_of(front), "stamp": stamp(front),
        "facts": data_table(front),
        "signatures": signature_table(front.signed, entry.status, say, front.frame.hands),
        "history": changes(document, say),
        "page": '<span class="qm-page"></span>', "pages": '<span class="qm-pages"></span>',
    }  # fmt: skip
    assert texts.keys() == TEXTS and pieces.keys() == HTML
    return {**texts, **{name: Markup(piece) for name, piece in pieces.items()}, **_lists(front)}


def _lists(front: Front) -> Values:
    say, header = front.say, front.document.header
    signed = [
        {
            "meaning": say(MEANING_NAMES[place.meaning]), "name": place.name, "date": place.day,
            "proof": say(EVIDENCE_NAMES[place.evidence]) if place.evidence else "",
        }
        for place in front.signed
    ]  # fmt: skip
    changed = [
        {
            "revision": str(one.revision or ""), "date": one.date.value.isoformat() if one.date else "",
            "by": str(one.by or ""), "summary": str(one.summary or ""),
        }
        for one in header.changes
    ]  # fmt: skip
    departments = [text.value for text in header.departments]
    return {"approvals": signed[:REPEATED], "changes": changed[:REPEATED], "departments": departments[:REPEATED]}
