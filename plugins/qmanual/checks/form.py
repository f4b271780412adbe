"""Record forms: whether a record can be taken with them, and will be kept (ISO 9001 7.5.3)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from qmanual.checks.nearest import nearest
from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document, FieldLimit, FieldRule, FieldType, FormField
from qmanual.settings import Settings
from qmanual.source import Span


def _is_form(document: Document, settings: Settings) -> bool:
    return settings.kind(document.kind).form


def _fields(document: Document) -> tuple[FormField, ...]:
    return tuple(field for body in document.bodies for field in body.fields)


def _labelled(document: Document) -> Mapping[str, FormField]:
    """Everything of a form that has a label: its fields, and the columns of its tables."""
    found: dict[str, FormField] = {}
    for field in _fields(document):
        for one in field.columns or (field,):
            if one.label:
                found.setdefault(one.label, one)
    return found


@rule(
    "QM701",
    Severity.ERROR,
    title=N_("A form without fields"),
    message=N_("the form has nothing to fill in"),
    help=N_("draw its fields, such as `产品名称：______`, an empty table cell beside its label, or `□A □B`"),
    why=N_(
        "A form exists to take down what was found and done. Without fields there is no record, and nothing shows that "
        "the step was carried out."
    ),
    clause="7.5.3.2",
    bad="""
        forms/QR-7.5-01.md

        # 文件更改申请单

        由申请人填写。
    """,
    good="""
        forms/QR-7.5-01.md

        # 文件更改申请单

        文件编号：______
    """,
)
def no_fields(document: Document, settings: Settings) -> Iterator[Hit]:
    if _is_form(document, settings) and not _fields(document) and not document.header.withdrawn:
        yield Hit(document.body.headings[0].span if document.body.headings else document.span)


@rule(
    "QM702",
    Severity.ERROR,
    title=N_("A field without a label"),
    message=N_("this field has no label"),
    help=N_("write what is to be filled in before it, such as `检验员：______`, or in the cell to its left"),
    why=N_(
        "A line without a label is filled in differently by everybody, and a year later nobody can tell what the "
        "record says. Records have to stay legible and identifiable."
    ),
    clause="7.5.3.2",
    bad="""
        forms/QR-7.5-01.md

        ______
    """,
    good="""
        forms/QR-7.5-01.md

        备注：______
    """,
)
def no_label(document: Document, settings: Settings) -> Iterator[Hit]:
    for field in _fields(document) if _is_form(document, settings) else ():
        for one in field.columns or (field,):
            if not one.label:
                yield Hit(one.span)


@rule(
    "QM703",
    Severity.ERROR,
    title=N_("Two fields with the same label"),
    message=N_("a second field is called “{label}”; the first stands in line {line}"),
    help=N_(
        "give each field a label of its own, for example by saying whose or which it is: `首次复检结果`, `再次复检结果`"
    ),
    why=N_(
        "A filled-in form becomes a record with one value a label. Two fields of the same name cannot be told apart "
        "in it, and one of the two answers is lost."
    ),
    clause="7.5.3.2",
    bad="""
        forms/QR-7.5-01.md

        复检结果：______

        说明：______ 复检结果：______
    """,
    good="""
        forms/QR-7.5-01.md

        首次复检结果：______

        说明：______ 再次复检结果：______

        审核：______ 日期：____年__月__日

        批准：______ 日期：____年__月__日
    """,
)
def same_label(document: Document, settings: Settings) -> Iterator[Hit]:
    seen: dict[str, int] = {}
    for field in _fields(document) if _is_form(document, settings) else ():
        columns: dict[str, int] = {}
        for one, known in [(column, columns) for column in field.columns] or [(field, seen)]:
            if one.label and one.label in known:
                yield Hit(one.span, {"label": one.label, "line": str(known[one.label])})
            known.setdefault(one.label, one.span.line)


@rule(
    "QM704",
    Severity.ERROR,
    title=N_("An entry of `fields` for no field"),
    message=N_("no field of the form is called “{label}”"),
    help=N_("write the label exactly as it is drawn; the nearest one is “{nearest}”"),
    help_alone=N_("write the label exactly as it is drawn"),
    why=N_(
        "The entry was meant to say what a field accepts: a type, a limit, a unit. Written under a name that is not "
        "drawn, it limits nothing, and wrong values are recorded unnoticed."
    ),
    clause="7.5.3.2",
    bad="""
        forms/QR-7.5-01.md
        ---
        fields: {数量: {type: integer, min: 1}}
        ---
    """,
    good="""
        forms/QR-7.5-01.md
        ---
        fields: {数量: {type: integer, min: 1}}
        ---

        数量：______
    """,
)
def limit_of_no_field(document: Document, settings: Settings) -> Iterator[Hit]:
    drawn = _labelled(document)
    if not drawn and _is_form(document, settings):
        return  # a form without fields: said already
    for limit in document.header.fields:
        if limit.label.value not in drawn:
            yield Hit(limit.label.span, {"label": limit.label.value, "nearest": nearest(limit.label.value, drawn)})


@rule(
    "QM705",
    Severity.ERROR,
    title=N_("No retention period"),
    message=N_("the header does not say how long the record is kept"),
    help=N_("add `retention: 3 years` (or another period, or `permanent`) to the header"),
    why=N_(
        "Records are kept for a set time and then disposed of. Without the period they are thrown away too early, or "
        "kept for ever because nobody dares to decide."
    ),
    clause="7.5.3.2",
    bad="""
        forms/QR-7.5-01.md
        ---
        retention:
        ---
    """,
    good="""
        forms/QR-7.5-01.md
        ---
        retention: 产品寿命期加 1 年
        ---
    """,
)
def no_retention(document: Document, settings: Settings) -> Iterator[Hit]:
    header = document.header
    if not _is_form(document, settings) or not header.readable or header.retention is not None:
        return
    written = header.raw.get("retention")
    if "retention" not in header.keys or (isinstance(written, str) and written.strip() in ("", "~", "null")):
        yield Hit(header.at("retention"))


@rule(
    "QM706",
    Severity.ERROR,
    title=N_("A form's rule names what is not drawn"),
    message=N_("the rule names “{name}”, which the form does not have"),
    help=N_("write the field or option exactly as it is drawn; the nearest one is “{nearest}”"),
    help_alone=N_("write the field or option exactly as it is drawn"),
    why=N_(
        "A rule of a form asks for what must not be forgotten, such as the customer's consent to a concession. One "
        "that names a field or an option that is not there never asks."
    ),
    clause="8.7.1",
    bad="""
        forms/QR-7.5-01.md
        ---
        rules:
          - {when: {处理意见: 退回}, require: [退回原因], message: 退回时写明原因}
        ---
    """,
    good="""
        forms/QR-7.5-01.md
        ---
        rules:
          - {when: {处理意见: 不同意}, require: [更改原因], message: 不同意时写明原因}
        ---
    """,
)
def rule_of_no_field(document: Document, settings: Settings) -> Iterator[Hit]:
    drawn = _labelled(document)
    if not drawn and _is_form(document, settings):
        return
    for one in document.header.rules:
        for label, option in one.when.items():
            field = drawn.get(label)
            if field is None:
                yield Hit(_place(document, one, label), {"name": label, "nearest": nearest(label, drawn)})
            elif field.options and option not in field.options:
                near = nearest(option, field.options)
                yield Hit(_place(document, one, option), {"name": option, "nearest": near})
        for text in one.require:
            if text.value not in drawn:
                yield Hit(text.span, {"name": text.value, "nearest": nearest(text.value, drawn)})


def _place(document: Document, one: FieldRule, name: str) -> Span:
    """Where the rule says that name; the rule's beginning when it is written in another way there."""
    source = document.source
    start = source.offset(one.span.line) + one.span.column - 1
    at = source.text.find(name, start, start + 2000)
    return source.span(at, at + len(name)) if at >= 0 else one.span


@rule(
    "QM707",
    Severity.ERROR,
    title=N_("Limits of a field that contradict each other"),
    message=N_("the limits of “{label}” contradict: {cause}"),
    help=N_("correct the entry of “{label}” under `fields`, or the drawing of the field"),
    why=N_(
        "A field whose limits nobody can meet is left empty or filled in against the form. A limit that does not fit "
        "the drawing protects nothing."
    ),
    clause="7.5.3.2",
    bad="""
        forms/QR-7.5-01.md
        ---
        fields:
          更改原因: {type: integer, min: 5, max: 1}
          申请日期: {type: number}
        ---
    """,
    good="""
        forms/QR-7.5-01.md
        ---
        fields:
          更改原因: {type: text, pattern: "[^0-9]+", hint: 一句话}
          申请日期: {type: date}
        ---
    """,
)
def contradiction(document: Document) -> Iterator[Hit]:
    drawn = _labelled(document)
    for limit in document.header.fields:
        for cause in _contradictions(limit, drawn.get(limit.label.value)):
            yield Hit(limit.label.span, {"label": limit.label.value, "cause": Phrase(cause)})


_CHOICES = frozenset({FieldType.CHOICE, FieldType.ONE_OF})
_NUMBERS = frozenset({FieldType.INTEGER.value, FieldType.NUMBER.value})


def _contradictions(limit: FieldLimit, field: FormField | None) -> Iterator[str]:
    if limit.min is not None and limit.max is not None and limit.min > limit.max:
        yield N_("the smallest value is greater than the largest")
    if limit.pattern is not None and not _is_pattern(limit.pattern):
        yield N_("the pattern is no regular expression")
    if limit.type is not None and limit.type not in _NUMBERS and not (limit.min is None and limit.max is None):
        yield N_("a smallest or largest value is for numbers only")
    if field is not None and limit.type is not None and not _fits(limit.type, field):
        yield N_("the field is drawn as another type")


def _fits(type_: str, field: FormField) -> bool:
    if field.type in _CHOICES:
        return type_ in {one.value for one in _CHOICES}
    if field.type is FieldType.DATE:
        return type_ == FieldType.DATE.value
    return type_ not in {one.value for one in _CHOICES}


@lru_cache(maxsize=1024)
def _is_pattern(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


RULES = (no_fields, no_label, same_label, limit_of_no_field, no_retention, rule_of_no_field, contradiction)
