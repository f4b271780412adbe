"""Whether a record is what its form asks for: a finding for each thing that is not, in words for who filled it in."""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.model import FieldType
from qmanual.records.form import LONGEST, Field, Form, Rule

PATTERNED = 300
"""Characters that a value with a pattern may have: no pattern of a header may keep the reader busy for long."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing wrong with a record: the field by its label, and why: a text of the catalogue with its details."""

    place: str
    why: str
    details: Mapping[str, str] = field(default_factory=dict)

    def said(self, say: Translator) -> str:
        """Why, in the reader's language."""
        details = {
            key: say(value, **value.details) if isinstance(value, Phrase) else value
            for key, value in self.details.items()
        }
        return say(self.why, **details)


def validate(form: Form, values: Mapping[str, object]) -> tuple[Trouble, ...]:
    """Everything wrong with values in their normal form, in the order of the form, its rules last."""
    return tuple(_troubles(form, values))


def _troubles(form: Form, values: Mapping[str, object]) -> Iterator[Trouble]:
    for field_ in form.fields:
        yield from _of_field(field_, values.get(field_.key), field_.label)
    known = form.by_key
    for key in values:
        if key not in known:
            yield Trouble(key, N_("the form has no such field"))
    for rule in form.rules:
        yield from _of_rule(form, rule, values)


def _of_field(field_: Field, value: object, place: str) -> Iterator[Trouble]:
    if value is None:
        if field_.required:
            yield Trouble(place, N_("must be filled in"))
    elif field_.type is FieldType.ROWS:
        yield from _of_rows(field_, value, place)
    else:
        yield from (Trouble(place, why, details) for why, details in _CHECKS[field_.type](field_, value))


Why = tuple[str, Mapping[str, str]]


def _of_text(field_: Field, value: object) -> Iterator[Why]:
    if not isinstance(value, str):
        yield N_("must be a text"), {}
        return
    most = PATTERNED if field_.pattern else LONGEST
    if len(value) > most:
        yield N_("is longer than {most} characters"), {"most": str(most)}
    elif field_.pattern and (pattern := compiled(field_.pattern)) and not pattern.fullmatch(value):
        hint = field_.hint or field_.pattern
        yield N_("is not written as it must be: {hint}"), {"hint": hint}


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern of a header; None when it is none (QM707). Digits are ASCII, as on every form of the form."""
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError):
        return None


def _of_number(field_: Field, value: object) -> Iterator[Why]:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        whole = field_.type is FieldType.INTEGER
        yield (N_("must be a whole number") if whole else N_("must be a number")), {}
        return
    if field_.type is FieldType.INTEGER and not isinstance(value, int):
        yield N_("must be a whole number"), {}
    if abs(value) >= 1e15:
        yield N_("has more digits than can be kept"), {}
    if field_.min is not None and value < field_.min:
        yield N_("is less than {least}"), {"least": f"{field_.min:g}{field_.unit}"}
    if field_.max is not None and value > field_.max:
        yield N_("is more than {most}"), {"most": f"{field_.max:g}{field_.unit}"}


def _of_day(_: Field, value: object) -> Iterator[Why]:
    try:
        sound = isinstance(value, str) and len(value) == 10 and date.fromisoformat(value).isoformat() == value
    except ValueError:
        sound = False
    if not sound:
        yield N_("is no date; write it as 2026-05-01"), {}


def _of_choice(field_: Field, value: object) -> Iterator[Why]:
    chosen = value if isinstance(value, list) and field_.type is FieldType.CHOICE else [value]
    known = "、".join(field_.options)
    for option in chosen:
        if option not in field_.options:
            yield N_("“{option}” is none of the options: {known}"), {"option": str(option)[:60], "known": known}


_CHECKS: Mapping[FieldType, Callable[[Field, object], Iterator[Why]]] = {
    FieldType.TEXT: _of_text, FieldType.INTEGER: _of_number, FieldType.NUMBER: _of_number, FieldType.DATE: _of_day,
    FieldType.CHOICE: _of_choice, FieldType.ONE_OF: _of_choice,
}  # fmt: skip


def _of_rows(field_: Field, value: object, place: str) -> Iterator[Trouble]:
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        yield Trouble(place, N_("must be a list of rows"))
        return
    if len(value) > field_.rows:
        yield Trouble(
            place, N_("has {count} rows; the form has {most}"), {"count": str(len(value)), "most": str(field_.rows)}
        )
    keys = {column.key for column in field_.columns}
    for at, row in enumerate(value, 1):
        for column in field_.columns if row else ():
            yield from _of_field(column, row.get(column.key), f"{place} {at} · {column.label}")
        for key in row.keys() - keys:
            yield Trouble(f"{place} {at} · {key}", N_("the form has no such field"))


# -- rules ---------------------------------------------------------------------------------------------------------


def _of_rule(form: Form, rule: Rule, values: Mapping[str, object]) -> Iterator[Trouble]:
    """What a rule asks for. A rule about columns holds for each row by itself."""
    tables = {key.partition("/")[0] for key in (*rule.when, *rule.require) if "/" in key}
    rows: list[tuple[int, str, Mapping[str, object]]] = [(0, "", {})]
    for table in tables:
        found = values.get(table)
        rows += [(at, table, row) for at, row in enumerate(found, 1) if row] if isinstance(found, list) else []
    told = set()
    for at, table, row in rows:
        if any("/" in key for key in rule.when) and not at:
            continue
        if not all(_holds(_value(key, table, row, values), option) for key, option in rule.when.items()):
            continue
        for key in rule.require:
            if ("/" in key) == bool(at) or "/" not in key:
                place = _labelled(form, key, at)
                if _value(key, table, row, values) is None and place not in told:
                    told.add(place)
                    yield Trouble(place, N_("must be filled in: {message}"), {"message": rule.message or "…"})


def _value(key: str, table: str, row: Mapping[str, object], values: Mapping[str, object]) -> object:
    name, _, column = key.partition("/")
    if not column:
        return values.get(key)
    return row.get(column) if name == table else None


def _holds(value: object, option: str) -> bool:
    return option in value if isinstance(value, list) else value is not None and str(value) == option


def _labelled(form: Form, key: str, row: int) -> str:
    name, _, column = key.partition("/")
    field_ = form.by_key[name]
    label = next((one.label for one in field_.columns if one.key == column), "")
    return f"{field_.label} {row} · {label}" if label else field_.label
