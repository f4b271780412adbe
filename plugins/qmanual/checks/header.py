"""The header as YAML: there, closed, readable, each key known and given once (ISO 9001 7.5.2 a: identification)."""

from collections.abc import Iterator

from qmanual.checks.nearest import NONE
from qmanual.checks.rule import Hit, rule
from qmanual.finding import Fault, FaultKind, Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document


def _faults(document: Document, *kinds: FaultKind) -> Iterator[Fault]:
    return (fault for fault in document.faults if fault.kind in kinds)


def _has_conflict(document: Document) -> bool:
    """Whether an unresolved merge stands in the header: what it breaks there is said by the rule about merges."""
    first = document.source.line_of(document.body.start)
    return any(fault.kind is FaultKind.MERGE_CONFLICT and fault.span.line < first for fault in document.body.faults)


@rule(
    "QM101",
    Severity.ERROR,
    title=N_("Header missing"),
    message=N_("the document has no header"),
    help=N_(
        "begin the file with a header: a line `---`, then number, title, revision and the other keys, then a line "
        "`---`; "
        "nothing stands before the first `---`"
    ),
    why=N_(
        "The header says which document this is, which revision, and who approved it. "
        "Without it a page is a loose sheet: an auditor cannot tell whether it belongs to the system. "
        "A file in a source folder without a header does not enter the master list."
    ),
    clause="7.5.2",
    bad="""
        instructions/WI-7.5-01.md =
        # 档案室作业指导书
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        title: 文件控制程序
        ---
    """,
)
def header_missing(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.HEADER_MISSING):
        yield Hit(fault.span)


@rule(
    "QM102",
    Severity.ERROR,
    title=N_("Header never closed"),
    message=N_("the header is never closed"),
    help=N_("put a line `---` after the last line of the header, before the text"),
    why=N_(
        "Without its end nobody knows where the header stops and the approved text begins. "
        "Other programs then take the whole file for text and lose revision and approvals."
    ),
    clause="7.5.2",
    bad="""
        instructions/WI-7.5-01.md =
        ---
        id: WI-7.5-01
        title: 档案室作业指导书
        revision: A/0
        owner: 质量部
        changes:
          - {revision: A/0, date: 2026-05-11, by: 李静, summary: 首次发布}

        # 档案室作业指导书
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        title: 文件控制程序
        ---
    """,
)
def never_closed(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.HEADER_NOT_CLOSED):
        yield Hit(fault.span)


@rule(
    "QM103",
    Severity.ERROR,
    title=N_("Header cannot be read"),
    message=N_("the header cannot be read here: {cause}"),
    help=N_(
        "write `key: value` with a plain colon and a blank after it; put a value with special signs in quotation marks"
    ),
    why=N_(
        "A header that a program cannot read is one that different programs read differently. "
        "Revision, dates and approvals must mean the same to everyone, so nothing is guessed."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        title: [文件控制程序
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: "文件控制程序"
        ---
    """,
)
def broken(document: Document) -> Iterator[Hit]:
    for fault in () if _has_conflict(document) else _faults(document, FaultKind.YAML_BROKEN):
        yield Hit(fault.span, {"cause": fault.details["cause"]})


@rule(
    "QM104",
    Severity.ERROR,
    title=N_("Header without keys"),
    message=N_("the header is not a list of `key: value`"),
    help=N_("write one key a line, such as `id: QP-7.5-01`"),
    why=N_(
        "The header is a form with named entries. "
        "A text without names leaves open what is the number and what is the revision."
    ),
    clause="7.5.2",
    bad="""
        instructions/WI-7.5-01.md =
        ---
        WI-7.5-01 档案室作业指导书 A/0
        ---

        # 档案室作业指导书
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        title: 文件控制程序
        revision: A/1
        ---
    """,
)
def not_mapping(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.YAML_NOT_MAPPING):
        yield Hit(fault.span)


@rule(
    "QM105",
    Severity.ERROR,
    title=N_("Key written twice"),
    message=N_("{key} is written twice; it stands already in line {line}"),
    help=N_("keep the right one and remove the other; an English key and its Chinese name are the same key"),
    why=N_(
        "Of two revisions in one header most programs silently take the last. "
        "Which of the two was approved is then a matter of chance."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        版本: A/2
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        revision: A/1
        ---
    """,
)
def duplicate_key(document: Document) -> Iterator[Hit]:
    for fault in () if _has_conflict(document) else _faults(document, FaultKind.DUPLICATE_KEY):
        yield Hit(fault.span, {"key": fault.details["key"], "line": fault.details["line"]})


@rule(
    "QM106",
    Severity.ERROR,
    title=N_("Unknown key"),
    message=N_("unknown key: {key}"),
    help=N_(
        "correct the key (the nearest known one: {nearest}), or remove the line; a key of your own is declared in "
        "mkdocs.yml under header_fields"
    ),
    help_alone=N_("remove the line; a key of your own is declared in mkdocs.yml under header_fields"),
    why=N_(
        "A mistyped key is a value that nobody ever reads: with `aproved` the document has no approval. "
        "Keys of the company's own are welcome, but they are declared, so that a slip of the pen is seen."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        ownr: 质量部
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner: 质量部
        ---
    """,
)
def unknown_key(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.UNKNOWN_KEY):
        yield Hit(fault.span, {"key": fault.details["key"], "nearest": fault.details["nearest"] or NONE})


@rule(
    "QM107",
    Severity.ERROR,
    title=N_("Alias, anchor, tag or merge in the header"),
    message=N_("the header uses a sign with a hidden meaning in YAML: {text}"),
    help=N_("write the value out; if the value begins with & * or !, put it in quotation marks"),
    why=N_(
        "An alias copies a value from elsewhere, so that a reader does not see what the header says. "
        "A few such lines can also grow to millions of entries and stop every program that reads them."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        owner: !secret 质量部
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner: "质量部"
        ---
    """,
)
def hidden_meaning(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.YAML_ALIAS):
        yield Hit(fault.span, {"text": fault.details["text"]})


@rule(
    "QM108",
    Severity.ERROR,
    title=N_("Value of another kind than expected"),
    message=N_("this value cannot be used: {text}"),
    help=N_("write here: {expected}"),
    why=N_(
        "Each entry of the header has one form, so that everybody reads the same in it: a name, a date, a list. "
        "What does not have this form is not guessed at."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        review_every: 一年一次
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        review_every: 12个月
        ---
    """,
)
def wrong_value(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.WRONG_TYPE, FaultKind.UNKNOWN_VALUE, FaultKind.MISSING_VALUE):
        yield Hit(fault.span, value_details(fault))


def value_details(fault: Fault) -> dict[str, str]:
    """What is written, and what was expected in its place, of a fault about a value."""
    written = fault.details.get("text", "")
    if fault.kind is FaultKind.MISSING_VALUE:
        written = f"{fault.details['key']}:"
    return {
        "text": written or Phrase(N_("(nothing)")),
        "expected": fault.details["known"] if fault.kind is FaultKind.UNKNOWN_VALUE else fault.details["expected"],
    }


@rule(
    "QM109",
    Severity.ERROR,
    title=N_("Header too large or nested too deep"),
    message=N_("the header is larger than {limit} KB or nested too deep"),
    help=N_("keep in the header what identifies the document; the text belongs below it"),
    why=N_(
        "A header of this size is no header but data in the wrong place, or an attempt to stop the programs that "
        "read it. "
        "Limits keep every check quick and sure."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        departments: [[[[[[[[[[[[[[[[[[[[[[[生产部]]]]]]]]]]]]]]]]]]]]]]]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        departments: [生产部]
        ---
    """,
)
def header_too_large(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.YAML_TOO_LARGE):
        yield Hit(fault.span, {"limit": fault.details["limit"]})


@rule(
    "QM110",
    Severity.ERROR,
    title=N_("Control character in the header"),
    message=N_("the header holds an invisible control character: {character}"),
    help=N_("delete the line and type it again; such characters come from copying out of other programs"),
    why=N_(
        "A character that nobody sees makes two equal numbers unequal. "
        "It also stops the reading of the header at that place."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        owner: 质量\x01部
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner: 质量部
        ---
    """,
)
def control_character(document: Document) -> Iterator[Hit]:
    for fault in _faults(document, FaultKind.CONTROL_CHARACTER):
        yield Hit(fault.span, {"character": fault.details["character"]})


RULES = (
    header_missing, never_closed, broken, not_mapping, duplicate_key, unknown_key, hidden_meaning, wrong_value,
    header_too_large, control_character,
)  # fmt: skip
