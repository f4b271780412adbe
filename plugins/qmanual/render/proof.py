"""The page on which anybody finds out what a PDF is: whether just these bytes were issued, and whether they hold today.

It works by itself: what was issued stands in a script beside it, and the PDF never leaves the browser.
"""

import json
from collections.abc import Iterator, Mapping

from qmanual.control.copies import Copy
from qmanual.control.status import STATUS_NAMES
from qmanual.language import N_
from qmanual.render.address import localize
from qmanual.render.page import Page
from qmanual.render.qr import DIGITS
from qmanual.render.site import Site, state_of
from qmanual.render.versions import Row, history_rows

VERIFY = "verify.html"

TEXTS = {
    "reading": N_("Reading {name} …"),
    "not_pdf": N_("This file is no PDF."),
    "unreadable": N_("This file cannot be read."),
    "issued": N_("Issued: these exact bytes belong to this edition."),
    "unknown": N_("Not issued: these bytes are not among the PDFs of this edition."),
    "why": N_(
        "Either the file was changed after it was issued, or it was issued by another edition or by somebody else. "
        "Do not rely on it; take the document from this site."
    ),
    "claims": N_("The file says of itself that it is {words}. That can be written by anybody."),
    "claim_known": N_("This edition knows {id} {revision}:"),
    "claim_strange": N_("This edition knows no such document and revision."),
    "no_claim": N_("The file does not say which document it is."),
    "draft": N_("A draft, never approved. Do not work by it."),
    "effective": N_("In force since {starts}."),
    "approved": N_("Not yet effective: in force from {starts}."),
    "superseded": N_("Void: superseded by {heir} since {until}."),
    "never": N_("Void: replaced by {heir} before it came into force."),
    "withdrawn": N_("Void: withdrawn on {until}."),
    "withdrawn_bare": N_("Void: withdrawn."),
    "replaced": N_("Replaced by {number}."),
    "days": N_("Edition of {day}; date of this computer: {today}."),
    "clock": N_("By the date of this computer this is different; a newer edition of the site may say more."),
    "open": N_("To the document's page"),
    "valid": N_("To the text in force"),
    "digest": N_("SHA-256 of the file"),
    "size": N_("{size} bytes"),
    "copy": N_("Copy No. {number} of {id} {revision}, issued to {holder} on {on}: just these bytes."),
    "copy_held": N_("{holder} holds it, as far as this edition knows."),
    "copy_due": N_("It must be brought back: its text is no longer in force."),
    "copy_returned": N_("It was brought back on {ended}. Nobody works by it."),
    "copy_destroyed": N_("It was recorded as destroyed on {ended}. Nobody works by it."),
    "copy_lost": N_("It was recorded as lost on {ended}. Hand it in to whoever looks after the documents."),
    "code": N_("The code on the print says: {words}."),
    "code_same": N_("This is the text that this edition knows under this number and revision."),
    "code_other": N_(
        "The print shows another text than this edition knows under this number and revision: the content digests "
        "differ. It is a draft, or it was changed. Do not rely on it."
    ),
    "code_short": N_("The code does not name a text. Scan it again, or look the number up in the document list."),
    "code_hint": N_("A code can be copied onto any paper: compare number, revision and digest printed on the page."),
    "none": N_("This site was built without PDFs, so none can be recognised by its bytes."),
}


def verify_page(site: Site) -> Page:
    """The page itself. Its script reads its texts out of it, and what was issued out of `issued_script`."""
    title, content = site.say(N_("Verify a PDF")), verify_content(site)
    return Page(path=VERIFY, title=title, html=content, section="verify", trail=(site.home,), wide=True)


def verify_content(site: Site, others: Mapping[str, str] | None = None) -> str:
    """What stands on the page. `others`: texts in place of those of that name in `TEXTS`, where it lies elsewhere."""
    texts = {name: site.say(text) for name, text in (TEXTS | dict(others or {})).items()}
    facts = {"title": site.say(N_("Verify a PDF")), "texts": texts, "day": site.edition.today}
    return site.templates.get_template("verify.html").render(facts)


def issued_script(site: Site, digests: Mapping[str, str], places: Mapping[str, str] | None = None) -> str:
    """A script with the texts that this edition knows, and for each PDF, by its SHA-256, the place of its text.

    A text: number, title, revision, status in words, status, in force from, until, revision that took its place, path
    of its page, path of the document's page, number of what replaces a withdrawn document, the first digits of its
    content digest. `digests`: document path or page of a text → SHA-256 of its PDF. A numbered copy, by its SHA-256:
    the place of its text, number of the document, revision, number of the copy, holder, day of issue, how it stands,
    since when it is not out.

    Without the site around it, `places` leads to the PDFs instead of pages, document path → place, and texts without a
    page are known as well.
    """
    texts: list[str] = []
    issued: list[str] = []
    known: dict[tuple[str, str, str], int] = {}
    for source, digest, line in _texts(site) if places is None else _placed(site, places):
        if source in digests:
            issued.append(f"{_js(digests[source])}:{len(texts)}")
        known[line[0], line[2], digest] = len(texts)
        texts.append(_js([*line, digest.removeprefix("sha256:")[:DIGITS]]))
    copies = {row.copy.issued.sha256: _copy(row.copy, known) for row in site.copies}
    return (
        f"window.QMANUAL_ISSUED={{day:{_js(site.edition.today.isoformat())},\ntexts:[\n"
        + ",\n".join(texts)
        + "\n],\npdfs:{\n"
        + ",\n".join(sorted(issued))
        + "\n},\ncopies:{\n"
        + ",\n".join(f"{_js(sha256)}:{_js(copies[sha256])}" for sha256 in sorted(copies))
        + "\n}};\n"
    )


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\u2028", "\\u2028")


def _copy(copy: Copy, places: Mapping[tuple[str, str, str], int]) -> list[str | int]:
    issued = copy.issued
    return [
        places.get((issued.document, issued.revision, issued.digest), -1), issued.document, issued.revision,
        issued.number, issued.holder, issued.on.isoformat(), copy.act.value,
        copy.ended.on.isoformat() if copy.ended else "",
    ]  # fmt: skip


def _texts(site: Site) -> Iterator[tuple[str, str, list[str]]]:
    """What names the PDF of a text (its document's path, or its page), the text's digest, and its line."""
    for entry in site.edition.entries:
        gone = entry.document.header.withdrawn
        replaced = gone.replaced_by.value if gone and gone.replaced_by else ""
        rows = history_rows(site, entry)
        home = next(_path(row.address) for row in rows if row.life.current)
        for row in rows:
            source = row.text.page if row.text else entry.document.path
            if row.life.current or row.text:
                yield (
                    source,
                    row.life.version.facts.digest,
                    _line(site, row, home, replaced if row.life.current else ""),
                )


def _placed(site: Site, places: Mapping[str, str]) -> Iterator[tuple[str, str, list[str]]]:
    """The same for every text that releases hold, each leading to the PDF of its document."""
    for entry in site.edition.entries:
        gone = entry.document.header.withdrawn
        replaced = gone.replaced_by.value if gone and gone.replaced_by else ""
        place = places.get(entry.document.path, "")
        for row in history_rows(site, entry):
            line = _line(site, row, place, replaced if row.life.current else "")
            line[8] = place if row.life.current else ""
            yield entry.document.path if row.life.current else "", row.life.version.facts.digest, line


def _line(site: Site, row: Row, home: str, replaced: str) -> list[str]:
    version = row.life.version
    heir = row.life.heir.revision if row.life.heir else ""
    status = site.say(STATUS_NAMES[version.status])
    return [
        version.facts.id, version.facts.title, version.revision, status, state_of(version.status),
        str(version.starts or ""), str(row.life.until or ""), heir, _path(row.address), home, replaced,
    ]  # fmt: skip


def _path(address: str) -> str:
    """The path on the site of a neutral address."""
    return localize(f'href="{address}"', "")[6:-1] if address else ""
