"""Records: filled-in forms as values. What a form asks for, what was filled in, and whether the two agree.

The drawn form is the only definition (`parse.form`); everything here is derived from it, so that the printed form, the
fillable PDF, the spreadsheet, the page and the JSON Schema ask for the same, and the same content read back from any
of them is the same record.
"""

from qmanual.records.form import Field, Form, Rule, read_form
from qmanual.records.normal import normal
from qmanual.records.record import Record, read_record, record_json
from qmanual.records.schema import schema
from qmanual.records.slots import Slot, gather, slots, spread
from qmanual.records.validate import Trouble, validate

__all__ = [
    "Field", "Form", "Record", "Rule", "Slot", "Trouble", "gather", "normal", "read_form", "read_record", "record_json",
    "schema", "slots", "spread", "validate",
]  # fmt: skip
