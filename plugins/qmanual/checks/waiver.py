"""Waivers: a rule not applied to one document, with a reason, for a time, to some effect (ISO 9001 7.5.3.2)."""

from collections.abc import Iterator, Mapping
from datetime import date

from qmanual.checks.nearest import nearest
from qmanual.checks.rule import DRAFT, Hit, Rule, rule
from qmanual.finding import Finding, Severity
from qmanual.language import N_
from qmanual.model import Document
from qmanual.register import Register
from qmanual.settings import Settings


@rule(
    "QM141",
    Severity.ERROR,
    title=N_("Waiver without a reason"),
    message=N_("{rule} is waived without a reason"),
    help=N_("add the reason that you would give an auditor: `reason: …`; without it the waiver has no effect"),
    why=N_(
        "An exception is fine when somebody thought about it and says why. "
        "An exception without a reason is a finding that was switched off."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        owner:
        waive: [{rule: QM118}]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner:
        waive: [{rule: QM118, reason: 部门调整中, until: 2026-12-31}]
        ---
    """,
)
def without_reason(document: Document) -> Iterator[Hit]:
    for waiver in document.header.waivers:
        if waiver.reason is None:
            yield Hit(waiver.rule.span, {"rule": waiver.rule.value})


@rule(
    "QM142",
    Severity.ERROR,
    title=N_("Waiver expired"),
    message=N_("the waiver of {rule} ended on {until}"),
    help=N_("mend what was waived and remove the waiver, or decide anew with a new date"),
    why=N_(
        "A waiver for a time is a promise to mend something by then. "
        "When the day has passed the promise is either kept, or renewed by somebody who answers for it."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        owner:
        waive: [{rule: QM118, reason: 部门调整中, until: 2026-06-14}]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner:
        waive: [{rule: QM118, reason: 部门调整中, until: 2026-06-15}]
        ---
    """,
)
def expired(document: Document, today: date) -> Iterator[Hit]:
    for waiver in document.header.waivers:
        if waiver.until and waiver.until.value < today:
            yield Hit(waiver.until.span, {"rule": waiver.rule.value, "until": str(waiver.until.value)})


@rule(
    "QM143",
    Severity.ERROR,
    title=N_("Waiver without effect"),
    message=N_("{rule} finds nothing in this document that could be waived"),
    help=N_("remove the waiver"),
    why=N_(
        "A waiver left behind after the mending hides the next mistake of the same kind. "
        "What is waived is shown to auditors, so the list must be true."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        waive: [{rule: QM118, reason: 部门调整中, until: 2026-12-31}]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner:
        waive: [{rule: QM118, reason: 部门调整中, until: 2026-12-31}]
        ---
    """,
)
def without_effect(
    register: Register,
    settings: Settings,
    findings: tuple[Finding, ...],
    rules: Mapping[str, Rule],
    today: date,
    profile: str,
) -> Iterator[Hit]:
    found = {(finding.span.path, finding.code) for finding in findings}
    for document in register.documents:
        for waiver in document.header.waivers:
            code = waiver.rule.value
            effective = waiver.reason and not (waiver.until and waiver.until.value < today)
            if not effective or code not in rules or code in settings.off or _silent(rules[code], profile):
                continue
            if not any((body.path, code) in found for body in document.bodies):
                yield Hit(waiver.rule.span, {"rule": code})


def _silent(rule: Rule, profile: str) -> bool:
    """Whether the rule may say nothing only because the text is still a draft."""
    return rule.judges_findings or (profile == DRAFT and "profile" in rule.inputs)


@rule(
    "QM144",
    Severity.ERROR,
    title=N_("Unknown rule"),
    message=N_("there is no rule {rule}"),
    help=N_("correct the code (the nearest known one: {nearest}); the codes stand before every finding"),
    help_alone=N_("correct the code; the codes stand before every finding"),
    why=N_(
        "A waiver or setting with a mistyped code does nothing, although somebody decided it. "
        "The decision would be noticed only when it matters."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        waive: [{rule: QM1118, reason: 部门调整中}]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner:
        waive: [{rule: QM118, reason: 部门调整中}]
        ---
    """,
)
def unknown_rule(register: Register, settings: Settings, rules: Mapping[str, Rule]) -> Iterator[Hit]:
    named = [waiver.rule for document in register.documents for waiver in document.header.waivers]
    for code in (*settings.rules_named, *named):
        if code.value not in rules:
            yield Hit(code.span, {"rule": code.value, "nearest": nearest(code.value, rules)})


RULES = (without_reason, expired, without_effect, unknown_rule)
