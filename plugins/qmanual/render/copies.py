"""Controlled copies for people: the stamp on a copy, how each stands, the sheet by which they are fetched."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from qmanual.control.copies import ACT_NAMES, MEDIUM_NAMES, Act, Copy
from qmanual.control.copies.standing import Void
from qmanual.language import N_, Translator
from qmanual.render.page import css_string
from qmanual.render.tables import Column, Table

HEIGHT, WIDTH = 5.2, 140.0
"""The place that is kept for the stamp in the upper margin, in millimetres; see `pdf.stamp`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A copy with what is known of its document: its title, what ended its text (None: it is in force).

    `overdue`: for how many days it should have been back; None: it need not, or there is time.
    """

    copy: Copy
    title: str
    void: Void | None = None
    overdue: int | None = None

    @property
    def due(self) -> bool:
        """Whether it must come back."""
        return self.copy.open and self.void is not None


def stamp_text(number: str, holder: str, day: date, say: Translator) -> str:
    """What is stamped: `受控副本 分发号 003 · 生产部 · 2026-11-23`."""
    text = N_("Controlled copy No. {number} · {holder} · {day}")
    return say(text, number=number, holder=holder, day=day.isoformat())


def stamp_html(text: str, say: Translator) -> str:
    """A page of the stamp's size with the text in a frame at its right edge. A long text is set smaller."""
    wide = sum(2 if ord(character) > 0x2E7F else 1 for character in text)
    size = min(9.0, (WIDTH - 5) / wide / 0.1764)
    language = "zh-CN" if say.language == "zh" else "en"
    style = (
        f"@page{{size:{WIDTH}mm {HEIGHT}mm;margin:0}}"
        f".qm-copymark{{position:absolute;right:.3mm;top:.3mm;border:.7pt solid #b3261e;font-size:{size:.2f}pt;"
        "color:#b3261e;font-weight:bold;line-height:4.1mm;height:4.1mm;padding:0 2mm;white-space:nowrap;"
        "margin:0;text-indent:0}"
    )
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><title>{html.escape(text)}</title><style>{style}</style></head>'
        f'<body><p class="qm-copymark">{html.escape(text)}</p></body></html>'
    )


def standing(row: Row, say: Translator) -> str:
    """How a copy stands, in a few words."""
    copy, ended = row.copy, row.copy.ended
    if ended:
        text = N_("{state} on {day}: {reason}") if ended.reason else N_("{state} on {day}")
        return say(text, state=say(ACT_NAMES[copy.act]), day=ended.on.isoformat(), reason=ended.reason)
    if row.void is None:
        return say(ACT_NAMES[Act.ISSUED])
    if row.overdue is not None and row.overdue > 0:
        return say(N_("to be brought back: {why} ({days} days overdue)"), why=why(row.void, say), days=str(row.overdue))
    return say(N_("to be brought back: {why}"), why=why(row.void, say))


def why(void: Void, say: Translator) -> str:
    """What ended a text."""
    if void.heir:
        return say(N_("void since {day}, replaced by {heir}"), day=void.since.isoformat(), heir=void.heir)
    return say(N_("void since {day}, withdrawn"), day=void.since.isoformat())


# -- the recall sheet ------------------------------------------------------------------------------------------------


def by_holder(rows: Iterable[Row], names: Sequence[str]) -> list[tuple[str, list[Row]]]:
    """The copies that must come back, by holder; holders in the order of `names`, the others after them."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.due:
            found.setdefault(row.copy.issued.holder, []).append(row)
    order = {name: at for at, name in enumerate(names)}
    return sorted(found.items(), key=lambda pair: (order.get(pair[0], len(order)), pair[0]))


def sheet_table(groups: Sequence[tuple[str, Sequence[Row]]], say: Translator) -> Table:
    """The sheet as a table for a spreadsheet: what is known, and empty ones to fill in. `groups`: see `by_holder`."""
    heads = (
        (N_("Holder"), 14), (N_("Copy No."), 10), (N_("Document number"), 16), (N_("Document title"), 34),
        (N_("Revision"), 8), (N_("Medium"), 10), (N_("Issued on"), 12), (N_("Void because"), 34),
        (N_("Days overdue"), 8), (N_("Returned, destroyed or lost"), 14), (N_("Date"), 12), (N_("Holder signs"), 14),
        (N_("Received by"), 14),
    )  # fmt: skip
    return Table(
        title=say(N_("Recall of controlled copies")),
        columns=tuple(Column(say(title), width) for title, width in heads),
        rows=tuple(
            (holder, row.copy.issued.number, row.copy.issued.document, row.title, row.copy.issued.revision,
             say(MEDIUM_NAMES[row.copy.issued.medium]), row.copy.issued.on, why(row.void, say) if row.void else "",
             str(row.overdue) if row.overdue else "", "", "", "", "")
            for holder, found in groups for row in found
        ),
        fixed=2,
    )  # fmt: skip


def sheet_html(
    groups: Sequence[tuple[str, Sequence[Row]]], company: str, today: date, days: int, say: Translator
) -> str:
    """The sheet to print: for each holder what is to be brought back, with boxes to tick and places to sign."""
    title = say(N_("Recall of controlled copies"))
    intro = N_(
        "These copies bear a text that is no longer in force. Bring them back or have their destruction recorded, "
        "within {days} days from the day on which the text became void."
    )
    parts = [_section(holder, found, say) for holder, found in groups]
    if not parts:
        intro = N_("No copy has to be brought back.")
    language = "zh-CN" if say.language == "zh" else "en"
    page = "counter(page) ' / ' counter(pages)"
    style = (
        "@page{size:A4 landscape;margin:20mm 16mm 16mm;"
        f"@top-left{{content:{css_string(company)}}}@top-center{{content:{css_string(title)}}}"
        f"@top-right{{content:{css_string(say(N_('as of {day}'), day=today.isoformat()))}}}"
        f"@bottom-left{{content:''}}@bottom-center{{content:''}}@bottom-right{{content:{page}}}}}"
        ".qm-recall{font-size:9pt;line-height:1.35;margin:0 0 1.5mm}.qm-recall td{height:9mm}"
        ".qm-recall th{background-color:#eceff3;font-weight:normal}"
        ".qm-holder{break-inside:avoid;margin-bottom:5mm}.qm-tick{white-space:nowrap}"
        ".qm-sign{font-size:9.5pt;text-indent:0;margin:2mm 0 0}h2{font-size:11.5pt;margin:0 0 1.5mm}"
    )
    text = html.escape(say(intro, days=str(days)))
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><title>{html.escape(title)}</title>'
        f'<meta name="author" content="{html.escape(company)}"/><style>{style}</style></head><body class="qm-text">'
        f'<h1 class="qm-title">{html.escape(title)}</h1><p>{text}</p>{"".join(parts)}</body></html>'
    )


def _section(holder: str, rows: Sequence[Row], say: Translator) -> str:
    heads = (
        (N_("Copy No."), 8), (N_("Document"), 28), (N_("Revision"), 7), (N_("Medium"), 7), (N_("Issued on"), 10),
        (N_("Void because"), 19), (N_("Returned, destroyed or lost"), 21),
    )  # fmt: skip
    columns = "".join(f'<col style="width:{width}%"/>' for _, width in heads)
    head = "".join(f'<th scope="col">{html.escape(say(text))}</th>' for text, _ in heads)
    ticks = " ".join(
        f'<span class="qm-tick">□ {html.escape(say(text))}</span>'
        for text in (N_("returned"), N_("destroyed"), N_("lost"))
    )
    lines = "".join(f"<tr>{_cells(row, ticks, say)}</tr>" for row in rows)
    signs = say(
        N_("Holder: ________________   Date: ____________     Received by: ________________   Date: ____________")
    )
    count = say(N_("{holder}: {count} to bring back"), holder=holder, count=str(len(rows)))
    return (
        f'<section class="qm-holder"><h2>{html.escape(count)}</h2><table class="qm-recall">'
        f"<colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
        f'<p class="qm-sign">{html.escape(signs).replace("   ", "&#160;&#160; ")}</p></section>'
    )


def _cells(row: Row, ticks: str, say: Translator) -> str:
    issued = row.copy.issued
    texts = [
        issued.number, f"{issued.document} {row.title}", issued.revision, say(MEDIUM_NAMES[issued.medium]),
        issued.on.isoformat(), why(row.void, say) if row.void else "",
    ]  # fmt: skip
    return "".join(f"<td>{html.escape(text)}</td>" for text in texts) + f"<td>{ticks}</td>"
