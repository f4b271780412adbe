"""The JSON Schema of a form's records (2020-12), for the systems that send or receive them.

It says what `records.validate` says, as far as a schema can: rules over the rows of a table are in words only.
"""

from collections.abc import Mapping

from qmanual.files import file_name
from qmanual.model import FieldType
from qmanual.records.form import LONGEST, Field, Form, Rule
from qmanual.records.validate import PATTERNED, compiled

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(form: Form) -> dict[str, object]:
    """The schema of a record: its envelope, and the values by key."""
    values: dict[str, object] = {
        "type": "object",
        "properties": {field.key: _of_field(field) for field in form.fields},
        "required": [field.key for field in form.fields if field.required],
        "additionalProperties": False,
    }
    rules = [found for rule in form.rules if (found := _of_rule(form, rule))]
    if rules:
        values["allOf"] = rules
    return {
        "$schema": DRAFT,
        "$id": f"urn:qmanual:form:{file_name(form.id)}:{file_name(form.revision)}",
        "title": f"{form.id} {form.title} {form.revision}".strip(),
        "type": "object",
        "properties": {
            "form": {"const": form.id},
            "revision": {"const": form.revision},
            "digest": {"const": form.digest},
            "values": values,
        },
        "required": ["form", "revision", "digest", "values"],
        "additionalProperties": False,
    }


def _of_field(field: Field) -> dict[str, object]:
    found: dict[str, object] = {"title": field.label, **_type(field)}
    if field.unit:
        found["description"] = field.unit
    if field.hint:
        found["examples"] = [field.hint]
    return found


def _type(field: Field) -> dict[str, object]:
    match field.type:
        case FieldType.ROWS:
            row = {
                "type": "object",
                "properties": {column.key: _of_field(column) for column in field.columns},
                "additionalProperties": False,
            }
            needed = [column.key for column in field.columns if column.required]
            filled: dict[str, object] = row | ({"required": needed} if needed else {})
            empty = {"type": "object", "maxProperties": 0}
            items = {"anyOf": [empty, filled]} if needed else filled
            return {"type": "array", "items": items, "maxItems": field.rows}
        case FieldType.CHOICE:
            one = {"type": "string", "enum": list(field.options)}
            return {"type": "array", "items": one, "uniqueItems": True, "minItems": 1}
        case FieldType.ONE_OF:
            return {"type": "string", "enum": list(field.options)}
        case FieldType.DATE:
            return {"type": "string", "format": "date"}
        case FieldType.INTEGER | FieldType.NUMBER:
            kind = "integer" if field.type is FieldType.INTEGER else "number"
            limits = {"minimum": field.min, "maximum": field.max}
            return {"type": kind} | {name: limit for name, limit in limits.items() if limit is not None}
        case _:
            patterned = bool(field.pattern and compiled(field.pattern))
            text: dict[str, object] = {"type": "string", "minLength": 1}
            text["maxLength"] = PATTERNED if field.pattern else LONGEST
            return text | ({"pattern": f"^(?:{field.pattern})$"} if patterned else {})


def _of_rule(form: Form, rule: Rule) -> Mapping[str, object] | None:
    if any("/" in key for key in (*rule.when, *rule.require)):
        return None
    when = {}
    for key, option in rule.when.items():
        one = {"const": option}
        when[key] = {"contains": one} if form.by_key[key].type is FieldType.CHOICE else one
    return {
        "if": {"properties": when, "required": list(when)},
        "then": {"required": list(rule.require), "description": rule.message},
    }
