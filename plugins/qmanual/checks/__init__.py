"""The rules: pure functions from the register to findings, one module a theme, one declaration a rule.

`RULES` is the whole list, in the order of their codes; `runner.run` applies it. To add a rule: write a function with
its declaration in the module of its theme and add it to that module's `RULES` (docs/adding-a-rule.md).
"""

from qmanual.checks import (
    approval,
    coverage,
    dates,
    file,
    form,
    header,
    identity,
    link,
    reference,
    review,
    revision,
    safety,
    settings,
    structure,
    waiver,
)
from qmanual.checks.rule import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *file.RULES, *header.RULES, *identity.RULES, *revision.RULES, *review.RULES, *dates.RULES, *approval.RULES,
            *reference.RULES, *link.RULES, *coverage.RULES, *structure.RULES, *form.RULES, *safety.RULES,
            *settings.RULES, *waiver.RULES,
        ),
        key=lambda rule: rule.code,
    )
)  # fmt: skip

BY_CODE: dict[str, Rule] = {rule.code: rule for rule in RULES}
