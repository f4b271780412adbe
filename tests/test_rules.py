"""Every rule by what it says of itself: its texts, its placeholders, its two examples."""

import re
from collections import Counter
from string import Formatter

import pytest
from manuals import check

from qmanual.checks import BY_CODE, RULES
from qmanual.checks.example import SOUND, lay_over
from qmanual.checks.example_past import inputs_of
from qmanual.checks.explain import explain
from qmanual.checks.report import advice
from qmanual.checks.rule import DRAFT, RELEASE, Rule
from qmanual.checks.runner import run
from qmanual.finding import Finding, Phrase, Severity
from qmanual.language import LANGUAGES, Translator

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)

FAMILIES = {
    "QM1": {"file", "header", "identity", "waiver"},
    "QM2": {"revision", "dates", "review", "history_revision", "history_document"},
    "QM3": {"approval", "statement", "history_approval"},
    "QM4": {"reference", "link"},
    "QM5": {"coverage"},
    "QM6": {"structure", "flowchart", "picture"},
    "QM7": {"form"},
    "QM8": {"safety", "intricate"},
    "QM9": {"settings", "branding", "keys", "history_release", "copies"},
}
"""First figures of a code → the modules in which such rules stand."""


def texts(rule: Rule) -> tuple[str, ...]:
    return (rule.title, rule.message, rule.help, rule.why)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def found(rule: Rule, example: str) -> list[Finding]:
    """What the rule finds in an example, in the profile in which it speaks."""
    both = [finding for profile in (DRAFT, RELEASE) for finding in run(RULES, inputs_of(example, profile))]
    return [finding for finding in both if finding.code == rule.code]


def test_sound_manual_is_sound() -> None:
    assert not check(SOUND)
    assert not check(SOUND, profile=RELEASE)


def test_codes_are_unique() -> None:
    assert [code for code, count in Counter(rule.code for rule in RULES).items() if count > 1] == []
    assert list(BY_CODE) == sorted(BY_CODE)


@each_rule
def test_code_is_of_the_modules_family(rule: Rule) -> None:
    assert re.fullmatch(r"QM\d{3}", rule.code)
    assert rule.check.__module__.rpartition(".")[2] in FAMILIES[rule.code[:3]]


@each_rule
def test_texts_are_there(rule: Rule) -> None:
    assert all(text.strip() == text and text for text in texts(rule))
    assert not rule.message.endswith((".", "。")), "a message is no sentence: file, line and code stand before it"
    assert not rule.help.endswith((".", "。")), "the clause is printed after the help"
    assert rule.why.endswith("."), "why is told in sentences"
    assert re.fullmatch(r"\d{1,2}(\.\d{1,2})*", rule.clause), "a clause of ISO 9001:2015"
    assert not placeholders(rule.title), "a title stands in lists, without details"
    assert not placeholders(rule.why.replace("{{", "").replace("}}", ""))


@each_rule
def test_bad_example_is_found(rule: Rule) -> None:
    findings = found(rule, rule.bad)
    assert findings, f"{rule.code} does not find its own bad example"
    named = placeholders(rule.message) | placeholders(rule.help)
    for finding in findings:
        assert named <= set(finding.details), f"{rule.code} does not fill {named - set(finding.details)}"
        assert all(isinstance(detail, str) for detail in finding.details.values())


@each_rule
def test_good_example_is_not_found(rule: Rule) -> None:
    assert not found(rule, rule.good)


@each_rule
def test_bad_example_shows_one_mistake(rule: Rule) -> None:
    """Other findings blur what the example shows."""
    others = {finding.code for finding in run(RULES, inputs_of(rule.bad))} - {
        rule.code,
        *UNAVOIDABLE.get(rule.code, ()),
    }
    assert not others


UNAVOIDABLE: dict[str, set[str]] = {
    "QM141": {"QM118"},
    "QM142": {"QM118"},
    **{code: {"QM352"} for code in ("QM354", "QM355", "QM356", "QM360")},  # shown without the signature
    **{code: {"QM352", "QM360"} for code in ("QM357", "QM359")},
    "QM242": {"QM204"},
    "QM244": {"QM247"},
    "QM252": {"QM114"},
    "QM909": {"QM501"},
}
"""Rule → what its bad example shows besides, because the one cannot be without the other."""


@each_rule
@pytest.mark.parametrize("language", LANGUAGES)
def test_says_it_in_both_languages(rule: Rule, language: str) -> None:
    say = Translator("zh" if language == "zh" else "en")
    details = {name: f"<{name}>" for name in placeholders(rule.message) | placeholders(rule.help)}
    for text in texts(rule):
        assert say(text, **details)
        if language == "zh" and CATALOGUE:
            assert say(text, **details) != Translator("en")(text, **details), f"no Chinese for: {text}"
            assert {name for name in details if f"<{name}>" in say(text, **details)} == placeholders(text)


CATALOGUE = Translator("zh")("The same person prepared and approved") != "The same person prepared and approved"
"""Whether the Chinese catalogue has been compiled."""


@each_rule
def test_phrases_are_in_the_catalogue(rule: Rule) -> None:
    say = Translator("zh")
    for finding in found(rule, rule.bad):
        for detail in finding.details.values():
            if isinstance(detail, Phrase) and detail and CATALOGUE:
                assert say(detail) != detail


@pytest.mark.parametrize(
    ("profile", "known", "severity"),
    [
        (DRAFT, True, Severity.WARNING),
        (RELEASE, True, Severity.ERROR),
        (DRAFT, False, Severity.NOTE),
        (RELEASE, False, Severity.WARNING),
    ],
)
def test_gap_in_the_standard_weighs_as_much_as_the_company_has_said(
    profile: str, known: bool, severity: Severity
) -> None:
    files = lay_over(BY_CODE["QM501"].bad)
    if not known:
        del files["manual/organization.yml"]
    assert [one.severity for one in check(files, profile=profile) if one.code == "QM501"] == [severity]


def test_help_names_no_likeness_where_there_is_none() -> None:
    for rule in RULES:
        assert ("{nearest}" in rule.help) is bool(rule.help_alone)
        assert "nearest" not in rule.help_alone
        assert placeholders(rule.help_alone) <= placeholders(rule.help)


@pytest.mark.parametrize("written", ["质量布", "zzzzzzzz"])
def test_help_with_and_without_a_likeness(written: str) -> None:
    files = lay_over(f"procedures/QP-7.5-01.md\n---\nowner: {written}\n---\n")
    (finding,) = (one for one in check(files) if one.code == "QM119")
    assert ("质量部" in advice(finding, Translator("zh"))) is (written == "质量布")
    assert "—" not in advice(finding, Translator("zh"))


@each_rule
def test_explanation_shows_no_placeholder(rule: Rule) -> None:
    said = explain(rule, Translator("zh")).partition("~~~~")[0]
    assert not re.search(r"\{[a-z_]+\}", said)
