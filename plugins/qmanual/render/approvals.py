"""Who signed a document, in which meaning, when, and what proves it; and who is still to sign.

ISO 9001 7.5.2 c asks for review and approval; whoever reads a page or holds a print sees them, and sees a place for
each that is missing.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qmanual.control.evidence import Evidence
from qmanual.control.status import MEANING_NAMES, Status
from qmanual.language import N_, Translator
from qmanual.model import Document, Meaning
from qmanual.register import Register
from qmanual.render.tongue import attribute

EVIDENCE_NAMES = {
    Evidence.KEY: N_("key"), Evidence.STAMPED: N_("key and time stamp"), Evidence.TYPED: N_("header only"),
}  # fmt: skip
LEGEND = {
    Evidence.KEY: N_("Key: the signer's own key proves that this person signed just this text; it was verified."),
    Evidence.STAMPED: N_("Key and time stamp: the key proves who signed just this text, the time stamp when; both were "
                         "verified."),
    Evidence.TYPED: N_("Header only: name and day are typed in the document's header; no key proves them."),
}  # fmt: skip
SIDE_BY_SIDE = 6
"""As many signatures stand beside each other on paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place to sign: what for, who did and when (ISO 8601), both empty while nobody has; what proves it."""

    meaning: Meaning
    name: str = ""
    day: str = ""
    evidence: Evidence | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has signed."""
        return not self.name and not self.day


def places(document: Document, register: Register, evidence: Sequence[Evidence] = ()) -> tuple[Place, ...]:
    """Every signature in the order in which they are given, also those that the document's kind needs and that are
    missing. `evidence`: of each line of the header, see `control.evidence`.
    """
    approvals = document.header.approvals
    proofs: Sequence[Evidence | None] = evidence or [None] * len(approvals)
    found = [
        Place(
            meaning=one.meaning,
            name=one.by.value if one.by else "",
            day=one.date.value.isoformat() if one.date else "",
            evidence=proven if one.by else None,
        )
        for one, proven in zip(approvals, proofs, strict=True)
    ]
    signed = {place.meaning for place in found}
    needed = register.settings.kind(document.kind).approvals
    found += [Place(meaning=meaning) for meaning in needed if meaning not in signed]
    return tuple(sorted(found, key=lambda place: list(Meaning).index(place.meaning)))


def legend(found: Sequence[Place]) -> list[str]:
    """What the words about proof mean, of those that are used."""
    used = {place.evidence for place in found}
    return [text for evidence, text in LEGEND.items() if evidence in used]


def pending(status: Status) -> bool:
    """Whether a place without a signature waits for one."""
    return status in (Status.DRAFT, Status.REVIEW)


# -- on paper ----------------------------------------------------------------------------------------------------


def signature_table(
    found: Sequence[Place], status: Status, say: Translator, hands: Mapping[str, str] | None = None
) -> str:
    """The signatures, side by side. `hands`: person → address of the picture of a signature."""
    rows = (found[at : at + SIDE_BY_SIDE] for at in range(0, len(found), SIDE_BY_SIDE))
    return "".join(_side_by_side(row, status, say, hands or {}) for row in rows) + _explained(found, say)


def _side_by_side(found: Sequence[Place], status: Status, say: Translator, hands: Mapping[str, str]) -> str:
    rows = [
        _row(N_("Approval"), [f"<th>{html.escape(say(MEANING_NAMES[place.meaning]))}</th>" for place in found], say),
        _row(N_("Name"), [_name(place, status, say, hands) for place in found], say),
        _row(N_("Date"), [f"<td>{place.day}</td>" for place in found], say),
    ]
    if any(place.evidence for place in found):
        cells = [f"<td>{html.escape(_proven(place, say))}</td>" for place in found]
        rows.append(_row(N_("Proof"), cells, say))
    return f'<table class="qm-signed"><colgroup><col style="width:12%"/></colgroup>{"".join(rows)}</table>'


def _row(label: str, cells: Sequence[str], say: Translator) -> str:
    return f"<tr><th>{html.escape(say(label))}</th>{''.join(cells)}</tr>"


def _name(place: Place, status: Status, say: Translator, hands: Mapping[str, str] | None = None) -> str:
    if place.open and pending(status):
        return f'<td class="qm-pending">{html.escape(say(N_("to be signed")))}</td>'
    picture = (hands or {}).get(place.name, "")
    if picture and not pending(status) and place.evidence in (Evidence.KEY, Evidence.STAMPED):
        words = html.escape(say(N_("Signature of {name}"), name=place.name))
        drawn = f'<img class="qm-hand" src="{html.escape(picture)}" alt="{words}"/>'
        return f"<td>{drawn}<br/>{html.escape(place.name)}</td>"
    return f"<td{attribute(place.name, say.language)}>{html.escape(place.name)}</td>"


def _proven(place: Place, say: Translator) -> str:
    return say(EVIDENCE_NAMES[place.evidence]) if place.evidence else ""


def signatures_in_rows(found: Sequence[Place], status: Status, say: Translator) -> str:
    """The same in as little room as it takes."""
    cells = [
        f"<th>{html.escape(say(MEANING_NAMES[place.meaning]))}</th>"
        + (
            _name(place, status, say)
            if place.open
            else f"<td>{html.escape('  '.join(filter(None, (place.name, place.day, _proven(place, say)))))}</td>"
        )
        for place in found
    ]
    rows = "".join(f"<tr>{''.join(cells[at : at + 3])}</tr>" for at in range(0, len(cells), 3))
    return f'<table class="qm-signed">{rows}</table>{_explained(found, say)}'


def _explained(found: Sequence[Place], say: Translator) -> str:
    lines = " ".join(say(text) for text in legend(found))
    return f'<p class="qm-proofnote">{html.escape(lines)}</p>' if lines else ""
