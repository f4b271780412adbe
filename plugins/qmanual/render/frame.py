"""What a company decides about its prints, made ready: which fields run along, which word says how a text stands.

ISO 9001 7.5.3.1 and 7.5.3.2: whoever holds a page sees which document and revision it is of, and whether to work by it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from qmanual.control.edition import Entry
from qmanual.control.status import Status
from qmanual.language import N_, Translator
from qmanual.model.branding import Branding, Cover, Field, Look, Running, Slot
from qmanual.parse.frame import TELLS_STATUS, Templates
from qmanual.render.page import css_string
from qmanual.render.period import spoken

WATERMARKS = {
    Status.DRAFT: N_("DRAFT COPY"), Status.REVIEW: N_("DRAFT COPY"), Status.SUPERSEDED: N_("VOID"),
    Status.WITHDRAWN: N_("VOID"), Status.APPROVED: N_("NOT YET EFFECTIVE"), Status.EFFECTIVE: N_("CONTROLLED"),
}  # fmt: skip
UNCONTROLLED = N_("UNCONTROLLED PRINT")

_COVERS = {Look.STANDARD: Cover.HEAD, Look.PLAIN: Cover.END, Look.ENGLISH: Cover.HEAD}
_HEADERS: Mapping[Look, Running] = {
    Look.STANDARD: {
        Slot.LEFT: (Field.LOGO, Field.COMPANY), Slot.CENTRE: (Field.TITLE,), Slot.RIGHT: (Field.NUMBER, Field.REVISION),
    },
    Look.PLAIN: {Slot.LEFT: (Field.LOGO, Field.TITLE), Slot.RIGHT: (Field.NUMBER, Field.REVISION)},
    Look.ENGLISH: {Slot.LEFT: (Field.LOGO, Field.COMPANY), Slot.RIGHT: (Field.NUMBER, Field.REVISION, Field.TITLE)},
}  # fmt: skip
_FOOTERS: Mapping[Look, Running] = {
    look: {
        Slot.LEFT: (Field.STATUS, Field.VALID), Slot.RIGHT: (Field.PAGE, Field.PAGES, Field.RETENTION),
        Slot.CENTRE: (Field.DIGEST, Field.CONFIDENTIALITY),
    }
    for look in Look
}  # fmt: skip
EDGES = {"top": "header.html", "bottom": "footer.html"}
"""Edge of a page → the template of the company's that takes its place."""
_TELLS: Mapping[Field, frozenset[str]] = {
    Field.STATUS: TELLS_STATUS, Field.VALID: frozenset({"valid_until"}),
    Field.CONFIDENTIALITY: frozenset({"confidentiality"}),
}  # fmt: skip
"""Field → the names by which a template tells it."""
_OWN_LINE = frozenset({Field.CONFIDENTIALITY, Field.VALID, Field.COPY, Field.RETENTION})
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_COUNTER = "\0"
"""Before and after the name of a counter in the text of a running field."""
COUNT_PAGE, COUNT_PAGES = f"{_COUNTER}page{_COUNTER}", f"{_COUNTER}pages{_COUNTER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The company's decisions and what they need: `today` for the validity of a print, the `site` for the code.

    `logo`: its address for the printer; `hands`: person → address of the picture of the signature; `sheet`: address
    of the style sheet that lies with the pictures.
    """

    branding: Branding = field(default_factory=Branding)
    today: date | None = None
    site: str = ""
    logo: str = ""
    hands: Mapping[str, str] = field(default_factory=dict)
    templates: Templates = field(default_factory=Templates)
    sheet: str = ""

    def say(self, say: Translator) -> Translator:
        """Who says the words of the frame: in the English look they are English, whatever the texts are."""
        return Translator("en") if self.branding.look is Look.ENGLISH else say

    @property
    def cover(self) -> Cover:
        """Where the control data of a document stand."""
        return self.branding.cover or _COVERS[self.branding.look]

    @property
    def lines(self) -> Mapping[str, Running]:
        """What runs along at the `top` and the `bottom` of a page, where no template of the company's does.

        What a print must tell, or what the company wants told, gets a place when it was given none: how the text
        stands, a validity, the line on confidentiality (ISO 9001 7.5.3.1: protected from improper use).
        """
        look, own = self.branding.look, self.branding
        every = {
            "top": _HEADERS[look] if own.header is None else own.header,
            "bottom": _FOOTERS[look] if own.footer is None else own.footer,
        }
        lines = {edge: one for edge, one in every.items() if EDGES[edge] not in self.templates.pieces}
        told = {one for line in lines.values() for slot in line.values() for one in slot}
        shown = {one for name in EDGES.values() for one in self.templates.shown.get(name, ())}
        wanted = {
            Field.STATUS: True,
            Field.VALID: own.valid_days is not None,
            Field.CONFIDENTIALITY: own.confidentiality,
        }
        missing = [one for one, asked in wanted.items() if asked and one not in told and not _TELLS[one] & shown]
        if lines and missing:
            edge = "bottom" if "bottom" in lines else "top"
            lines[edge] = _with(lines[edge], missing)
        return lines

    def word(self, status: Status, say: Translator) -> str:
        """The word that says how a text stands: 草稿, 受控, 作废, 非受控打印件, 尚未生效."""
        if status is Status.EFFECTIVE and self.branding.uncontrolled:
            return say(UNCONTROLLED)
        return self.branding.stamp if status is Status.EFFECTIVE and self.branding.stamp else say(WATERMARKS[status])

    def valid_until(self, entry: Entry) -> date | None:
        """The last day on which a print made today may be used: never after the text has left force."""
        if self.today is None or self.branding.valid_days is None or entry.status is not Status.EFFECTIVE:
            return None
        last = self.today + timedelta(days=self.branding.valid_days - 1)
        return min(last, entry.ends - timedelta(days=1)) if entry.ends else last


def _with(line: Running, fields: Iterable[Field]) -> Running:
    """A running line that tells these as well, in a place that is empty, or at the end of what stands left."""
    places = (Slot.LEFT, Slot.RIGHT, Slot.CENTRE)
    free = next((slot for slot in places if not line.get(slot)), Slot.LEFT)
    return {**line, free: (*line.get(free, ()), *fields)}


UNDECIDED = Frame()
"""Of a company that has decided nothing."""


def standing(entry: Entry, say: Translator) -> str:
    """Whether this print may be worked by, in a few words."""
    match entry.status:
        case Status.DRAFT | Status.REVIEW:
            return say(N_("Draft, not approved for use"))
        case Status.APPROVED:
            return say(N_("Not yet effective, in force from {date}"), date=day_of(entry))
        case Status.EFFECTIVE:
            return say(N_("Effective from {date}"), date=day_of(entry))
        case _:
            return say(N_("Void, not to be used"))


def day_of(entry: Entry) -> str:
    """The effective date, as everywhere else."""
    return entry.effective.isoformat() if entry.effective else "—"


def validity(entry: Entry, frame: Frame, say: Translator) -> str:
    """Until when this print may be used; empty when nothing is said about that."""
    until = frame.valid_until(entry)
    return say(N_("This print is valid until {date}"), date=until.isoformat()) if until else ""


def texts(entry: Entry, company: str, form: bool, frame: Frame, say: Translator) -> Mapping[Field, str]:
    """What each field tells of this document; empty where it has nothing to tell."""
    document = entry.document
    digest, kept = document.digest.removeprefix("sha256:")[:12], document.header.retention if form else None
    label = say(N_("{label}: {value}"))
    stands = standing(entry, say)
    if entry.status is Status.EFFECTIVE:
        stands = say(N_("{word} · Effective {date}"), word=frame.word(entry.status, say), date=day_of(entry))
    told = {
        Field.COMPANY: company,
        Field.TITLE: document.title,
        Field.NUMBER: document.id,
        Field.REVISION: document.revision,
        Field.STATUS: stands,
        Field.EFFECTIVE: label.format(label=say(N_("Effective date")), value=day_of(entry)),
        Field.OWNER: label.format(label=say(N_("Owner")), value=document.owner or "—"),
        Field.RELEASE: label.format(label=say(N_("Release")), value=entry.release) if entry.release else "",
        Field.DIGEST: say(N_("Content digest {digest}"), digest=digest) if digest else "",
        Field.RETENTION: say(N_("Retention period: {period}"), period=spoken(kept.value, say)) if kept else "",
        Field.CONFIDENTIALITY: frame.branding.confidentiality,
        Field.VALID: validity(entry, frame, say),
        Field.COPY: say(N_("Copy number: ________")),
    }
    counters = {
        Field.PAGE: say(N_("Page {page}"), page=COUNT_PAGE),
        Field.PAGES: say(N_("{pages} pages"), pages=COUNT_PAGES),
    }
    return {field: unprintable_out(text) for field, text in told.items()} | counters  # no value stands for a counter


def line(fields: tuple[Field, ...], told: Mapping[Field, str], say: Translator) -> str:
    """The text of one place of a running line, its parts set apart; some begin a line of their own."""
    out = ""
    for at, one in enumerate(fields):
        text = told.get(one, "")
        if one is Field.PAGES and Field.PAGE in fields:
            continue
        if one is Field.PAGE and Field.PAGES in fields:
            text = say(N_("Page {page} of {pages}"), page=COUNT_PAGE, pages=COUNT_PAGES)
        if not text:
            continue
        pair = one is Field.REVISION and at > 0 and fields[at - 1] is Field.NUMBER
        out += ("\n" if one in _OWN_LINE else "  " if pair else "  ·  ") * bool(out) + text
    return out


def running(
    entry: Entry, company: str, form: bool, frame: Frame, say: Translator, kind: str = ""
) -> Mapping[str, tuple[str, bool]]:
    """The margin boxes, by their CSS names: the value of `content`, and whether the logo stands before it."""
    told = {**texts(entry, company, form, frame, say), Field.KIND: unprintable_out(kind)}
    found = {}
    for edge, slots in frame.lines.items():
        for slot, name in ((Slot.LEFT, "left"), (Slot.CENTRE, "center"), (Slot.RIGHT, "right")):
            fields = slots.get(slot, ())
            shown = counted(line(fields, told, say)) or '""'
            found[f"{edge}-{name}"] = (shown, bool(frame.logo) and Field.LOGO in fields)
    return found


def counted(text: str) -> str:
    """The value of `content` for a text in which `COUNT_PAGE` and `COUNT_PAGES` stand for the counters."""
    parts = text.split(_COUNTER)
    return " ".join(f"counter({part})" if at % 2 else css_string(part) for at, part in enumerate(parts) if part)


def unprintable_out(text: str) -> str:
    """A text without the characters that XML does not know."""
    return _UNPRINTABLE.sub("", text)
