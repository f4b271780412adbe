"""Findings as a person, a script or a code host reads them."""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from wcwidth import wcwidth

from qmanual.checks import BY_CODE
from qmanual.checks.nearest import NONE
from qmanual.finding import Finding, Phrase, Severity
from qmanual.language import N_, Translator
from qmanual.source import SourceFile

WIDTH = 110
"""Cells of a source line that are shown; a longer one is cut around the caret."""

SEVERITY_NAMES = {
    Severity.ERROR: N_("error"),
    Severity.WARNING: N_("warning"),
    Severity.NOTE: N_("note"),
}
_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_SARIF = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def message(finding: Finding, say: Translator) -> str:
    """The finding's sentence, with the reason when it was waived."""
    text = say(BY_CODE[finding.code].message, **said(finding.details, say))
    return say(N_("{text} (waived: {reason})"), text=text, reason=finding.waived) if finding.waived else text


def advice(finding: Finding, say: Translator, with_clause: bool = True) -> str:
    """What to do, with the clause of the standard behind the rule."""
    rule = BY_CODE[finding.code]
    alone = rule.help_alone and finding.details.get("nearest") == NONE
    text = say(rule.help_alone if alone else rule.help, **said(finding.details, say))
    return say(N_("{text} (ISO 9001 {clause})"), text=text, clause=rule.clause) if rule.clause and with_clause else text


def said(details: Mapping[str, str], say: Translator) -> dict[str, str]:
    """Details as they are put into a message: phrases in the reader's language, anything else fit to be printed."""
    return {
        key: say(value, **said(value.details, say)) if isinstance(value, Phrase) else printable(value)
        for key, value in details.items()
    }


def finding_lines(finding: Finding, say: Translator) -> tuple[str, str, str]:
    """A finding for its page: the severity's value, where and what it is, and the advice."""
    name = say(SEVERITY_NAMES[finding.severity])
    text = say(
        N_("{path} line {line}: {text}"), path=finding.span.path, line=finding.span.line, text=message(finding, say)
    )
    return str(finding.severity), f"{name} {finding.code}  {text}", advice(finding, say)


def text_report(findings: Sequence[Finding], sources: Mapping[str, SourceFile], documents: int, say: Translator) -> str:
    """The report of `check`: every finding with its line, a caret and the remedy, then a summary."""
    parts = [finding_text(finding, sources.get(finding.span.path), say) for finding in findings]
    return "\n".join([*parts, summary(findings, documents, say)]) + "\n"


def summary(findings: Iterable[Finding], documents: int, say: Translator) -> str:
    """One line: how many documents, how many findings of each severity."""
    count = Counter(finding.severity for finding in findings)
    if not count:
        return say(N_("{documents} documents checked: no finding."), documents=documents)
    return say(
        N_("{documents} documents checked: {errors} errors, {warnings} warnings, {notes} notes."),
        documents=documents, errors=count[Severity.ERROR], warnings=count[Severity.WARNING], notes=count[Severity.NOTE],
    )  # fmt: skip


def finding_text(finding: Finding, source: SourceFile | None, say: Translator) -> str:
    """A finding as `check` prints it: where and what, the line with a caret, the remedy."""
    span = finding.span
    name = say(SEVERITY_NAMES[finding.severity])
    lines = [f"{printable(span.path)}:{span.line}:{span.column}  {name} {finding.code}  {message(finding, say)}"]
    line = source.line(span.line) if source else ""
    if line.strip():
        shown, caret = excerpt(line, span.column, span.length)
        margin = " " * (4 + len(str(span.line)))
        lines += [f"    {span.line} | {shown}", f"{margin} | {caret}"]
    lines.append("    " + say(N_("help: {text}"), text=advice(finding, say)))
    return "\n".join(lines) + "\n"


def excerpt(line: str, column: int, length: int) -> tuple[str, str]:
    """A line as it can be printed, and the carets that stand under `length` characters from `column` (from 1)."""
    start = 0
    if column + length > 2 * WIDTH or cells(line[: column - 1 + length]) > WIDTH:
        start = max(0, column - 1 - WIDTH // 4)
    lead = "…" if start else ""
    shown = _fit(line[start:], WIDTH)
    marked = line[column - 1 : column - 1 + length]
    before = line[start : column - 1]
    pad = " " * len(lead) + "".join("\t" if c == "\t" else " " * cells(printable(c)) for c in before)
    return lead + shown, pad + "^" * max(1, min(cells(printable(marked)), WIDTH))


def cells(text: str) -> int:
    """How many cells of a terminal a text takes: two for a full-width character, none for a combining one."""
    return sum(max(0, wcwidth(character)) for character in text)


def _fit(text: str, width: int) -> str:
    shown: list[str] = []
    used = 0
    for character in printable(text[: 2 * width]):
        used += max(0, wcwidth(character))
        if used > width:
            return "".join(shown) + "…"
        shown.append(character)
    return "".join(shown) + ("…" if len(text) > 2 * width else "")


def printable(text: str) -> str:
    """Without what could drive a terminal: control and direction-changing characters are shown as U+FFFD."""
    if text.isprintable():
        return text
    return "".join(c if c == "\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs") else "\ufffd" for c in text)


def json_report(findings: Iterable[Finding], documents: int, say: Translator) -> str:
    """The findings for scripts (docs/architecture.md, "JSON"); paths from the root, lines and columns from 1."""
    rows = [
        {
            "code": finding.code,
            "severity": str(finding.severity),
            "path": finding.span.path,
            "line": finding.span.line,
            "column": finding.span.column,
            "message": message(finding, say),
            "help": advice(finding, say),
        }
        for finding in findings
    ]
    return json.dumps({"documents": documents, "findings": rows}, ensure_ascii=False, indent=1) + "\n"


def github_report(findings: Iterable[Finding], say: Translator) -> str:
    """GitHub's workflow commands: the findings appear beside the lines of a merge request."""
    return "".join(
        f"::{_GITHUB[finding.severity]} file={_property(printable(finding.span.path))},line={finding.span.line},"
        f"col={finding.span.column},title={finding.code}::"
        f"{_escape(message(finding, say) + chr(10) + advice(finding, say))}\n"
        for finding in findings
    )


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")


def sarif_report(findings: Iterable[Finding], say: Translator, version: str) -> str:
    """SARIF 2.1.0, which code hosts and editors read."""
    findings = tuple(findings)
    codes = sorted({finding.code for finding in findings})
    rules = [{"id": code, "shortDescription": {"text": say(BY_CODE[code].title)}} for code in codes]
    results = [
        {
            "ruleId": finding.code,
            "level": _SARIF[finding.severity],
            "message": {"text": f"{message(finding, say)}\n{advice(finding, say)}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(finding.span.path)},
                        "region": {
                            "startLine": finding.span.line,
                            "startColumn": finding.span.column,
                            "endColumn": finding.span.column + finding.span.length,
                        },
                    }
                }
            ],
        }
        for finding in findings
    ]
    driver = {"name": "QManual", "version": version, "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"
