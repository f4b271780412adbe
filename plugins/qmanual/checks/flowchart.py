"""Flowcharts: whether each can be drawn, since one that cannot is published as its source (ISO 9001 4.4.1)."""

from collections.abc import Iterator

from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document
from qmanual.parse.flowchart import find_trouble


@rule(
    "QM614",
    Severity.WARNING,
    title=N_("A flowchart that cannot be drawn"),
    message=N_("the flowchart cannot be drawn: {what}"),
    help=N_("correct this line or the one before it; until then readers see the source instead of the chart"),
    why=N_(
        "A flowchart shows at a glance who does what, and in which order. Where it cannot be drawn, readers find a few "
        "lines of code in its place and pass them over."
    ),
    clause="4.4.1",
    bad="""
        procedures/QP-7.5-01.md

        ```mermaid
        flowchart TD
            A["提出更改"] --> B["填写申请单"
            B --> C["批准"]
        ```
    """,
    good="""
        procedures/QP-7.5-01.md

        ```mermaid
        flowchart TD
            A["提出更改（书面）"] --> B{"同意？"}
            subgraph 审批
                B -->|是| C["批准"]
            end
            审批 --> D["发放"]
        ```
    """,
)
def not_drawn(document: Document) -> Iterator[Hit]:
    for body in document.bodies:
        for block in body.code:
            if block.language != "mermaid" or "<<<<<<<" in block.text:
                continue  # of a merge that was not finished another rule speaks
            if trouble := find_trouble(block.text):
                number = block.span.line + trouble.line
                start = body.source.offset(number)
                line = body.source.line(number)
                first = start + len(line) - len(line.lstrip())
                yield Hit(body.source.span(first, start + len(line.rstrip())), {"what": Phrase(trouble.what)})


RULES = (not_drawn,)
