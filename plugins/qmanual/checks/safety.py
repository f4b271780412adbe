"""."""

from qmanual.checks.rule import Rule

RULES: tuple[Rule, ...] = ()
