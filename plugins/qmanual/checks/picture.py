"""Pictures: whether they say something to whom does not see them."""

from collections.abc import Iterator

from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document

_EMPTY = frozenset({"", "图", "图片", "图示", "插图", "image", "img", "picture", "photo", "figure"})


@rule(
    "QM615",
    Severity.WARNING,
    title=N_("Picture without words"),
    message=N_("the picture {name} has no words that say what it shows"),
    help=N_("write between the square brackets what the picture says: `![{example}]({name})`"),
    why=N_(
        "Who cannot see the picture, or reads the document with a screen reader, gets these words instead. "
        "Without them a part of the controlled text is missing for that reader (PDF/UA-1, 7.3)."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        ![](images/labels.png)
        ====
        procedures/images/labels.png
        (a picture)
    """,
    good="""
        procedures/QP-7.5-01.md

        ![红色标签：不合格品；黄色标签：待检品](images/labels.png)
        ====
        procedures/images/labels.png
        (a picture)
    """,
)
def without_words(document: Document) -> Iterator[Hit]:
    example = Phrase(N_("red label: nonconforming; yellow label: to be inspected"))
    for body in document.bodies:
        for link in body.links:
            words, file = link.text.strip().lower(), link.target.rpartition("/")[2].lower()
            if link.image and (words in _EMPTY or words in (file, file.rpartition(".")[0])):
                yield Hit(link.span, {"name": link.target, "example": example})


RULES = (without_words,)
