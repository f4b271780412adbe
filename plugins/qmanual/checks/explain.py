"""What a rule is and why: for `explain CODE` and the pages in docs/rules, both printed from the declaration."""

from functools import cache

from qmanual.checks import RULES
from qmanual.checks.example_past import inputs_of
from qmanual.checks.report import SEVERITY_NAMES, advice, message
from qmanual.checks.rule import DRAFT, RELEASE, Rule
from qmanual.checks.runner import run
from qmanual.finding import Finding
from qmanual.language import N_, Translator

FAMILIES = {
    "QM1": N_("Files and header"),
    "QM2": N_("Revision and review"),
    "QM3": N_("Approvals"),
    "QM4": N_("Cross-references"),
    "QM5": N_("Coverage of the standard"),
    "QM6": N_("Structure"),
    "QM7": N_("Forms and records"),
    "QM8": N_("Publication safety"),
    "QM9": N_("Settings and company data"),
}


def explain(rule: Rule, say: Translator) -> str:
    """The rule as Markdown: what it says, why it exists, what to do, a bad and a good example."""
    lines = [
        f"# {rule.code} {say(rule.title)}",
        "",
        say(N_("Severity: {severity}. ISO 9001 clause: {clause}."), severity=say(SEVERITY_NAMES[rule.severity]),
            clause=rule.clause or "—"),
        "",
        say(rule.why),
        "",
        *_said(rule, say),
        f"## {say(N_('Wrong'))}",
        "",
        *_fenced(rule.bad),
        "",
        f"## {say(N_('Right'))}",
        "",
        *_fenced(rule.good),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _said(rule: Rule, say: Translator) -> list[str]:
    """What the rule says of its own bad example, and what it advises there."""
    finding = _finding(rule)
    text, help = message(finding, say), advice(finding, say, with_clause=False)
    return [
        say(N_("Of the wrong example below it says: {text}."), text=text.rstrip("。.")),
        "",
        say(N_("What to do: {help}."), help=help.rstrip("。.")),
        "",
    ]


@cache
def _finding(rule: Rule) -> Finding:
    """What the rule finds in its bad example; tests see to it that it does."""
    for profile in (DRAFT, RELEASE):
        for finding in run(RULES, inputs_of(rule.bad, profile)):
            if finding.code == rule.code:
                return finding
    raise AssertionError(f"{rule.code} does not find its bad example")


def _fenced(example: str) -> list[str]:
    mark = "~~~~~" if "~~~~" in example else "~~~~"
    return [mark, example.rstrip("\n"), mark]
