"""What a form asks for: its drawn fields, joined with what its header says of them, each under a lasting key.

A key is the `code` that the header gives, else the label itself. It does not hang on where a field stands, so that it
stays when fields are put in another order or new ones are drawn between them.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from qmanual.model import Document, FieldLimit, FieldType, FormField

LONGEST = 4000
"""Characters that a text may have: more than anybody writes into a form, less than a spreadsheet's cell holds."""

_CHOICES = frozenset({FieldType.CHOICE, FieldType.ONE_OF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a form. `key` names it for good; `label` is what people read.

    `columns`, `grid` and `at` as in `model.FormField`. `parent`: the key of the field whose further line this is.
    """

    key: str
    label: str
    type: FieldType
    required: bool = False
    options: tuple[str, ...] = ()
    columns: tuple["Field", ...] = ()
    grid: tuple[tuple[str, ...], ...] = ()
    at: tuple[int, ...] = ()
    min: float | None = None
    max: float | None = None
    unit: str = ""
    pattern: str = ""
    hint: str = ""
    section: str = ""
    parent: str = ""

    @property
    def rows(self) -> int:
        """How many rows a table has to write into."""
        return max(0, len(self.grid) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When the fields `when` hold these options, the fields `require` must be filled in. All by their keys."""

    when: Mapping[str, str]
    require: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form in one revision: what it asks for. `digest` is that of the document."""

    id: str
    title: str
    revision: str
    digest: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def by_key(self) -> Mapping[str, Field]:
        """Every field by its key, without the columns of tables."""
        return {field.key: field for field in self.fields}


def key_of(label: str) -> str:
    """The key that a label gives: its text, whatever width its signs have, without what parts names elsewhere."""
    plain = " ".join(unicodedata.normalize("NFKC", label).split())
    return plain.translate({ord("."): "．", ord("/"): "／", ord("#"): "＃"})


def read_form(document: Document) -> Form:
    """The form that a document draws. Fields come in reading order, further lines of a field right after it."""
    limits = {limit.label.value: limit for limit in document.header.fields}
    fields: list[Field] = []
    for at, (field, section) in enumerate(_with_sections(document), 1):
        made = _field(field, limits, f"unnamed{at}")
        fields += _with_lines(replace(made, section=section), field)
    told = tuple(_told_apart(fields))
    return Form(
        id=document.id,
        title=document.title,
        revision=document.revision,
        digest=document.digest,
        fields=told,
        rules=tuple(_rules(document, told)),
    )


def _with_sections(document: Document) -> Iterator[tuple[FormField, str]]:
    """Every drawn field with the heading it stands under."""
    for body in document.bodies:
        headings = [(one.span.line, one.full) for one in body.headings if one.level > 1]
        for field in body.fields:
            yield field, next((text for line, text in reversed(headings) if line < field.span.line), "")


def _field(field: FormField, limits: Mapping[str, FieldLimit], unnamed: str) -> Field:
    limit = limits.get(field.label)
    key = limit.code if limit and limit.code else key_of(field.label) or unnamed
    made = Field(
        key=key_of(key), label=field.label or unnamed, type=field.type, required=field.required, options=field.options
    )
    if field.columns:
        columns = tuple(_told_apart([_field(one, limits, f"{unnamed}.{at}") for at, one in enumerate(field.columns)]))
        return replace(
            made, key=key_of(f"{columns[0].label}表"), label=f"{columns[0].label}…", columns=columns, grid=field.grid,
            at=field.at,
        )  # fmt: skip
    return _limited(made, limit) if limit else made


def _limited(field: Field, limit: FieldLimit) -> Field:
    """The field with what the header says. What contradicts the drawing is a finding (QM707) and counts for nothing."""
    kind = FieldType(limit.type) if limit.type and field.type not in _CHOICES else field.type
    if (kind in _CHOICES and not field.options) or field.type is FieldType.DATE:
        kind = field.type
    return replace(
        field, type=kind, min=limit.min, max=limit.max, unit=limit.unit or "", pattern=limit.pattern or "",
        hint=limit.hint or "",
    )  # fmt: skip


def _with_lines(field: Field, drawn: FormField) -> Iterator[Field]:
    """The field, a text for every option with a line of its own (`□其他：____`), and one for every further blank."""
    yield field
    for at in range(2, drawn.more + 2):
        yield Field(
            key=f"{field.key}_{at}", label=f"{field.label}（{at}）", type=FieldType.TEXT, section=field.section,
            parent=field.key,
        )  # fmt: skip
    for option in drawn.written:
        yield Field(
            key=f"{field.key}_{key_of(option)}", label=f"{field.label}（{option}）", type=FieldType.TEXT,
            section=field.section, parent=field.key,
        )  # fmt: skip


def _told_apart(fields: Sequence[Field]) -> Iterator[Field]:
    """Fields whose keys differ. Two of one label are a finding (QM703); until it is mended the second is numbered."""
    seen: dict[str, int] = {}
    for field in fields:
        seen[field.key] = count = seen.get(field.key, 0) + 1
        yield field if count == 1 else replace(field, key=f"{field.key}#{count}")


def _rules(document: Document, fields: Iterable[Field]) -> Iterator[Rule]:
    """The header's rules by keys; one that names what is not drawn (a finding, QM706) asks for nothing."""
    keys: dict[str, str] = {}
    for field in fields:
        for column in field.columns:
            keys.setdefault(column.label, f"{field.key}/{column.key}")
        keys.setdefault(field.label, field.key)
    for rule in document.header.rules:
        require = [text.value for text in rule.require]
        if all(label in keys for label in (*rule.when, *require)):
            when = {keys[label]: option for label, option in rule.when.items()}
            yield Rule(when=when, require=tuple(keys[label] for label in require), message=rule.message)
