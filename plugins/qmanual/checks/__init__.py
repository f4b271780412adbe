"""The rules: pure functions from the register to findings, one module a theme, one declaration a rule.

`RULES` is the whole list, in the order of their codes; `runner.run` applies it. To add a rule: write a function with
its declaration in the module of its theme and add it to that module's `RULES` (docs/adding-a-rule.md).
"""

from qmanual.checks import (
    approval,
    branding,
    copies,
    coverage,
    dates,
    file,
    flowchart,
    form,
    header,
    history_approval,
    history_document,
    history_release,
    history_revision,
    identity,
    intricate,
    keys,
    link,
    picture,
    reference,
    review,
    revision,
    safety,
    settings,
    statement,
    structure,
    waiver,
)
from qmanual.checks.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *file.RULES, *header.RULES, *identity.RULES, *revision.RULES, *review.RULES, *dates.RULES, *approval.RULES,
            *statement.RULES,
            *reference.RULES, *link.RULES, *coverage.RULES, *structure.RULES, *flowchart.RULES, *picture.RULES,
            *form.RULES, *safety.RULES, *intricate.RULES, *settings.RULES, *branding.RULES, *keys.RULES, *waiver.RULES,
            *copies.RULES, *history_revision.RULES, *history_document.RULES, *history_approval.RULES,
            *history_release.RULES,
        ),
        key=lambda rule: rule.code,
    )
)  # fmt: skip

BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}
