"""A review packet out of a manual: what a reviewer without git needs to read before he answers."""

from collections.abc import Iterable, Iterator

from qmanual.checks.report import finding_lines
from qmanual.language import N_, Translator
from qmanual.model import Document, Meaning
from qmanual.render.redline_file import embedded
from qmanual.render.redline_packet import Impact, Packet, review_packet
from qmanual.service import checking
from qmanual.service.comparing import Version, compare, pictures, read
from qmanual.service.loading import Manual
from qmanual.service.statements import read_case
from qmanual.workspace import CannotRun


def make_packet(manual: Manual, number: str, say: Translator) -> tuple[Document, str]:
    """The document and the HTML of its packet. Raises `CannotRun`."""
    document = manual.register.by_id.get(number)
    if document is None:
        raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=number)
    new = Version(document=document)
    compared = compare(manual, number, "", say) if number in manual.history.documents else None
    packet = Packet(
        document=document,
        company=manual.company,
        reading=read(manual, new, say),
        redline=compared.redline if compared else None,
        names=compared.names if compared else ("", new.name(say)),
        asked=_asked(manual, document),
        keyed=bool(read_case(manual).demand(document.id).level),
        impact=tuple(_impact(manual, document, say)),
        findings=tuple(_findings(manual, document, say)),
        day=manual.today.isoformat(),
    )
    shown = pictures(manual, new)
    return document, review_packet(packet, say, embedded(compared.pictures[0] if compared else {}, shown))


def _asked(manual: Manual, document: Document) -> Meaning | None:
    """The next signature that the document lacks."""
    given = document.header.signed
    required = manual.register.settings.kind(document.kind).approvals
    return next((meaning for meaning in Meaning if meaning in required and meaning not in given), None)


def _impact(manual: Manual, document: Document, say: Translator) -> Iterator[Impact]:
    register = manual.register
    forms = {kind.name for kind in register.settings.kinds if kind.form}
    named = [register.by_id[one] for one in register.references.get(document.id, ()) if one in register.by_id]
    naming = [register.by_id[one] for one in register.referenced_by.get(document.id, ()) if one in register.by_id]
    process = document.header.process
    departments = [document.owner, *(one.value for one in document.header.departments)]
    rows = {
        N_("Referenced by"): _titles(naming),
        N_("Forms that it names"): _titles(one for one in named if one.kind in forms),
        N_("Other documents that it names"): _titles(one for one in named if one.kind not in forms),
        N_("Clauses"): tuple(_clauses(manual, document, say)),
        N_("Departments"): (say(N_(", ")).join(dict.fromkeys(one for one in departments if one)),),
        N_("Process"): (process.value,) if process else (),
    }
    for label, items in rows.items():
        yield Impact(label=say(label), items=items)


def _titles(documents: Iterable[Document]) -> tuple[str, ...]:
    return tuple(f"{one.id} {one.title}" for one in documents)


def _clauses(manual: Manual, document: Document, say: Translator) -> Iterator[str]:
    for ref in document.header.clauses:
        known = manual.register.clause(ref)
        title = known[1].named(say.language) if known else ""
        yield " ".join(part for part in (known[0].id if known else ref.standard, ref.number, title) if part)


def _findings(manual: Manual, document: Document, say: Translator) -> Iterator[tuple[str, str]]:
    paths = {body.path for body in document.bodies}
    for finding in checking.check(manual):
        if finding.span.path in paths and finding.waived is None:
            _, text, advice = finding_lines(finding, say)
            yield text, advice
