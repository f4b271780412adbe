"""Checking a manual: all its findings, or those of some files."""

from collections.abc import Iterable

from qmanual.checks import RULES
from qmanual.checks.rule import DRAFT, Inputs
from qmanual.checks.runner import run
from qmanual.finding import Finding, Severity
from qmanual.fonts import drawable
from qmanual.service.loading import Manual
from qmanual.service.publication import Publication

SAFETY = "QM8"


def check(manual: Manual, profile: str = DRAFT) -> tuple[Finding, ...]:
    """All findings of the manual."""
    inputs = Inputs(
        register=manual.register, today=manual.today, profile=profile, drawable=drawable, history=manual.history,
        log=manual.log,
    )  # fmt: skip
    return run(RULES, inputs)


def unsafe(shown: Publication, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by which a text is withheld from what is published.

    A draft shows what was checked; an edition shows released texts, so these are looked at themselves.
    """
    if shown.draft:
        return tuple(finding for finding in findings if finding.code.startswith(SAFETY))
    rules = [rule for rule in RULES if rule.code.startswith(SAFETY)]
    return run(rules, Inputs(register=shown.register, today=shown.today, drawable=drawable))


def about(findings: Iterable[Finding], paths: Iterable[str]) -> tuple[Finding, ...]:
    """The findings in these files and folders (paths from the root); all when no path is given."""
    wanted = [path.rstrip("/") for path in paths]
    if not wanted or "" in wanted or "." in wanted:
        return tuple(findings)
    return tuple(
        f for f in findings if any(f.span.path == path or f.span.path.startswith(f"{path}/") for path in wanted)
    )


def failed(findings: Iterable[Finding]) -> bool:
    """Whether there is an error among the findings."""
    return any(finding.severity is Severity.ERROR for finding in findings)
