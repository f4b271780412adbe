"""What a rule is and why: for `explain CODE` and the pages in docs/rules, both printed from the declaration."""

from qmanual.checks.report import SEVERITY_NAMES
from qmanual.checks.rule import Rule
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
        say(N_("What to do: {help}."), help=_plain(say(rule.help))),
        "",
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


def _plain(text: str) -> str:
    return text.rstrip("。.").replace("{{", "{").replace("}}", "}")


def _fenced(example: str) -> list[str]:
    mark = "~~~~~" if "~~~~" in example else "~~~~"
    return [mark, example.rstrip("\n"), mark]
