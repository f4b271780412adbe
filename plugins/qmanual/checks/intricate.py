"""Texts that would keep the program busy for minutes: no page and no PDF is made of them (ISO 9001 7.5.3.1 a)."""

from collections.abc import Iterator

from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document
from qmanual.parse.intricate import find_intricacy


@rule(
    "QM804",
    Severity.ERROR,
    title=N_("Too intricate to be shown"),
    message=N_("too much of one thing to be shown: {count} {what}"),
    help=N_("look for what was pasted or repeated by mistake from here on, and take it out or divide it"),
    why=N_(
        "A text with thousands of open brackets, or lists within lists within lists, comes from a slip or from malice. "
        "Making a page of it would take so long that the whole manual could not be published."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > > 作废文件保存三年。
    """,
    good="""
        procedures/QP-7.5-01.md

        > > > 作废文件保存三年。
    """,
)
def too_intricate(document: Document) -> Iterator[Hit]:
    for body in document.bodies:
        if found := find_intricacy(body.source, body.start):
            details = {"count": str(found.count), "what": Phrase(found.what)}
            yield Hit(body.source.span(found.start), details)


RULES = (too_intricate,)
