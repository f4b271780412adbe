"""What a rule is: one function, its code, its texts and two examples, declared in one place.

A check names what it needs as parameters and yields `Hit`s; the runner hands over exactly that. A check that asks for
`document` is called for each document, any other once. The texts are marked for the catalogue where they stand, and
`explain`, the pages in `docs/rules/` and the messages are all printed from them.

Examples are written as a person would type them, see `checks.example`.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from qmanual.control.copies import PATH as COPIES
from qmanual.control.copies import Ledger
from qmanual.control.copies.ledger import read_ledger
from qmanual.control.history import History
from qmanual.control.judging import Case, Verdict, judge
from qmanual.control.judging.gather import case_of
from qmanual.control.log import Log
from qmanual.finding import Finding, Severity
from qmanual.model import Document, Externals, Organization
from qmanual.register import Register
from qmanual.settings import Settings
from qmanual.source import SourceFile, Span
from qmanual.standards import Library

DRAFT, RELEASE = "draft", "release"
"""The profiles of `check`: while writing, and `--for release`."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule is broken. `details` fill the rule's message and help; `severity` overrides the rule's."""

    span: Span
    details: Mapping[str, str] = field(default_factory=dict)
    severity: Severity | None = None


Drawable: TypeAlias = Callable[[str], Iterator[int]]
"""Finds the offsets of the characters of a text that the fonts of the PDFs cannot draw."""


def _all_drawable(text: str) -> Iterator[int]:
    """For callers without fonts: every character can be drawn."""
    return iter(())


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a check may name as a parameter. Time and profile come in here; nothing is looked up elsewhere.

    `history`: what the release tags hold; `log`: the commits, read when there is a release; both empty where
    there is no git. `case`: what signed statements are judged by; None: by the register alone. `ledgers`: the register
    of copies as releases and commits held it. `document` is set for one document after the other; `findings` only for
    rules that judge what the others found; `rules` are all rules by code, for those that speak of rules.
    """

    register: Register
    today: date
    profile: str = DRAFT
    drawable: Drawable = _all_drawable
    history: History = field(default_factory=History)
    log: Log = field(default_factory=Log)
    case: Case | None = None
    ledgers: tuple[SourceFile, ...] = ()
    document: Document | None = None
    findings: tuple[Finding, ...] = ()
    rules: "Mapping[str, Rule]" = field(default_factory=dict)

    @cached_property
    def statements(self) -> Verdict:
        """What is wrong with the signed statements. Only for checks that do not look at one document at a time."""
        return judge(self.case or case_of(self.register, self.history, self.today))

    @cached_property
    def copies(self) -> Ledger:
        """The register of controlled copies. Only for checks that do not look at one document at a time."""
        return read_ledger(self.register.tree.sources.get(COPIES))

    @property
    def settings(self) -> Settings:
        return self.register.settings

    @property
    def standards(self) -> Library:
        return self.register.standards

    @property
    def organization(self) -> Organization:
        return self.register.organization

    @property
    def externals(self) -> Externals:
        return self.register.externals


Check: TypeAlias = Callable[..., Iterator[Hit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: `check` and what is said of it. `clause` is the clause of ISO 9001:2015 behind it, such as `7.5.3.2`.

    `help_alone` is the help where nothing comes near what was written: then `nearest` would be a dash.
    """

    code: str
    severity: Severity
    title: str
    message: str
    help: str
    why: str
    clause: str
    bad: str
    good: str
    check: Check
    inputs: tuple[str, ...]
    help_alone: str = ""

    @property
    def per_document(self) -> bool:
        """Whether the check looks at one document at a time."""
        return "document" in self.inputs

    @property
    def judges_findings(self) -> bool:
        """Whether the check looks at what the other rules found (waivers do)."""
        return "findings" in self.inputs

    def run(self, inputs: Inputs) -> Iterator[Hit]:
        """The rule's hits; the check gets the inputs that it names."""
        arguments: dict[str, Any] = {name: getattr(inputs, name) for name in self.inputs}
        return self.check(**arguments)


def rule(
    code: str, severity: Severity, *, title: str, message: str, help: str, why: str, clause: str, bad: str, good: str,
    help_alone: str = "",
) -> Callable[[Check], Rule]:  # fmt: skip
    """Declare the decorated check as a rule."""

    def declare(check: Check) -> Rule:
        return Rule(
            code=code, severity=severity, title=title, message=message, help=help, why=why, clause=clause,
            bad=inspect.cleandoc(bad), good=inspect.cleandoc(good), check=check,
            inputs=tuple(inspect.signature(check).parameters), help_alone=help_alone,
        )  # fmt: skip

    return declare
