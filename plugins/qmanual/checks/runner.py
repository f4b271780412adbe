"""Applies the rules: every document, every rule, one run; then what the company decided about them.

Severities come from the rule, the settings and the profile, the later ones first. A rule that is switched off says
nothing; a waived one becomes a note with the reason. The same thing is never said twice of the same place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from qmanual.checks.rule import Hit, Inputs, Rule
from qmanual.finding import Finding, Severity
from qmanual.model import Waiver


def run(rules: Iterable[Rule], inputs: Inputs) -> tuple[Finding, ...]:
    """All findings of these rules, in the order of files and places."""
    by_code = {rule.code: rule for rule in rules}
    inputs = replace(inputs, rules=by_code)
    active = [rule for rule in by_code.values() if rule.code not in inputs.settings.off]
    found = _once(_apply([rule for rule in active if not rule.judges_findings], inputs))
    judging = replace(inputs, findings=tuple(found))
    about = _once(_apply([rule for rule in active if rule.judges_findings], judging))
    return tuple(sorted([*_waive(found, inputs), *about], key=lambda finding: finding.order))


def _apply(rules: list[Rule], inputs: Inputs) -> Iterator[Finding]:
    for rule in rules:
        if not rule.per_document:
            yield from (_finding(rule, hit, inputs) for hit in rule.run(inputs))
    per_document = [rule for rule in rules if rule.per_document]
    for document in inputs.register.documents if per_document else ():
        own = replace(inputs, document=document)
        for rule in per_document:
            yield from (_finding(rule, hit, inputs) for hit in rule.run(own))


def _finding(rule: Rule, hit: Hit, inputs: Inputs) -> Finding:
    settings = inputs.settings
    severity = settings.profiles.get(inputs.profile, {}).get(rule.code) or settings.severity.get(rule.code)
    severity = severity or hit.severity or rule.severity
    return Finding(code=rule.code, severity=severity, span=hit.span, details=hit.details)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Without what was said before of the same place in the same words."""
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        seen.setdefault((finding.code, finding.span, tuple(sorted(finding.details.items()))), finding)
    return list(seen.values())


def _waive(findings: list[Finding], inputs: Inputs) -> Iterator[Finding]:
    """Waived findings as notes with their reason; a waiver without a reason or out of date waives nothing."""
    waivers: dict[tuple[str, str], Waiver] = {}
    for document in inputs.register.documents:
        for waiver in document.header.waivers:
            if waiver.reason and not (waiver.until and waiver.until.value < inputs.today):
                for body in document.bodies:
                    waivers[body.path, waiver.rule.value] = waiver
    for finding in findings:
        found = waivers.get((finding.span.path, finding.code))
        if found and found.reason:
            yield replace(finding, severity=Severity.NOTE, waived=found.reason.value)
        else:
            yield finding
