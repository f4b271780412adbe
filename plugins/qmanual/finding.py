"""What is wrong, as values: a fault seen while reading, a finding of a rule.

Reading never stops at a mistake and never prints: it notes a `Fault` (what kind, where, with what details) beside the
value that it could read. The rules in `checks` turn faults, and what they themselves find, into `Finding`s. A finding
holds codes and arguments, not sentences: the sentence is chosen when somebody's language is known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from qmanual.source import Span


class Severity(StrEnum):
    """How much a finding weighs; an `error` makes the command's exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return list(Severity).index(self)


class FaultKind(Enum):
    """Everything that can go wrong while text becomes a value."""

    # files
    NOT_UTF8 = "not utf-8"
    BINARY = "binary"
    TOO_LARGE = "too large"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    UNREADABLE = "unreadable"
    CONTROL_CHARACTER = "control character"
    # YAML
    HEADER_MISSING = "header missing"
    HEADER_NOT_CLOSED = "header not closed"
    YAML_BROKEN = "yaml broken"
    YAML_NOT_MAPPING = "yaml not a mapping"
    YAML_ALIAS = "yaml alias or tag"
    YAML_TOO_LARGE = "yaml too large"
    DUPLICATE_KEY = "duplicate key"
    UNKNOWN_KEY = "unknown key"
    WRONG_TYPE = "wrong type"
    BAD_DATE = "bad date"
    MISSING_VALUE = "missing value"
    UNKNOWN_VALUE = "unknown value"
    BAD_KEY = "bad key"
    TEMPLATE = "template"
    # body
    FENCE_NOT_CLOSED = "fence not closed"
    MERGE_CONFLICT = "merge conflict"


class Phrase(str):
    """A detail of a message that is itself a text of the catalogue, translated when the message is.

    `details` fill its own placeholders.
    """

    __slots__ = ("details",)
    details: Mapping[str, str]

    def __new__(cls, text: str, /, **details: str) -> "Phrase":
        phrase = super().__new__(cls, text)
        phrase.details = details
        return phrase


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that could not be read: its kind, its place, and details for the message."""

    kind: FaultKind
    span: Span
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong. `details` fill the placeholders of the rule's message and help."""

    code: str
    severity: Severity
    span: Span
    details: Mapping[str, str] = field(default_factory=dict)
    waived: str | None = None

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Findings are listed by file, place and code, so that two runs print the same."""
        return (self.span.path, self.span.line, self.span.column, self.code)
