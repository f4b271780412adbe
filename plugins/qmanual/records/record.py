"""A record as a file: JSON that says which form it is of, in which revision, and what was filled in."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from qmanual.records.form import Form
from qmanual.records.slots import settled

DEEPEST = 8
"""As deep may lists and objects stand in each other; a record holds rows of values, and a choice in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was filled in: the form by its number, its revision and the digest of its text, and the values by key."""

    form: str
    revision: str
    digest: str
    values: Mapping[str, object]


def record_json(record: Record) -> str:
    """The record as JSON. The same record gives the same text."""
    return json.dumps(as_json(record), ensure_ascii=False, indent=1) + "\n"


def as_json(record: Record) -> dict[str, object]:
    """The record as what JSON knows."""
    return {"form": record.form, "revision": record.revision, "digest": record.digest, "values": dict(record.values)}


def read_record(text: str) -> Record | None:
    """The record that a JSON text holds, its values as they came; None when it holds none.

    A key given twice, a number that is none (`NaN`, `1e999`), or nesting deeper than any form makes it none.
    """
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or _is_deep(data):
        return None
    form, revision, digest, values = (data.get(key) for key in ("form", "revision", "digest", "values"))
    if not (isinstance(form, str) and isinstance(revision, str) and isinstance(digest, str)):
        return None
    return Record(form=form, revision=revision, digest=digest, values=values) if isinstance(values, dict) else None


def record_of(form: Form, values: Mapping[str, object]) -> Record:
    """The record of a form with these values, in their normal form."""
    return Record(form=form.id, revision=form.revision, digest=form.digest, values=settled(form, values))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _refuse(name: str) -> object:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else cast("float", _refuse(text))


def _is_deep(data: object) -> bool:
    """Whether lists and objects stand in each other deeper than `DEEPEST`."""
    level = [data]
    for _ in range(DEEPEST):
        level = [
            part
            for one in level
            for part in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
    return bool(level)
