"""Every rule by what it says of itself: its texts, its placeholders, its two examples."""

import re
from collections import Counter
from string import Formatter

import pytest
from manuals import check

from qmanual.checks import BY_CODE, RULES
from qmanual.checks.example import SOUND, lay_over
from qmanual.checks.rule import DRAFT, RELEASE, Rule
from qmanual.finding import Finding, Phrase
from qmanual.language import LANGUAGES, Translator

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)

FAMILIES = {
    "QM1": {"file", "header", "identity", "waiver"},
    "QM2": {"revision", "dates", "review"},
    "QM3": {"approval"},
    "QM4": {"reference", "link"},
    "QM5": {"coverage"},
    "QM6": {"structure"},
    "QM7": {"form"},
    "QM8": {"safety"},
    "QM9": {"settings"},
}
"""First figures of a code → the modules in which such rules stand."""


def texts(rule: Rule) -> tuple[str, ...]:
    return (rule.title, rule.message, rule.help, rule.why)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def found(rule: Rule, example: str) -> list[Finding]:
    """What the rule finds in an example, in the profile in which it speaks."""
    files = lay_over(example)
    both = [finding for profile in (DRAFT, RELEASE) for finding in check(files, profile=profile)]
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
    others = {finding.code for finding in check(lay_over(rule.bad))} - {rule.code, *UNAVOIDABLE.get(rule.code, ())}
    assert not others


UNAVOIDABLE: dict[str, set[str]] = {
    "QM141": {"QM118"},
    "QM142": {"QM118"},
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
