"""The values that everything else works on: a document with its header, body and fields; the company behind it.

All of them are frozen and hold spans, never positions in somebody else's list. Nothing here reads, prints or decides.
"""

from qmanual.model.body import (
    Body,
    Cell,
    ClauseMention,
    CodeBlock,
    FieldType,
    FormField,
    Heading,
    Link,
    Marker,
    Mention,
    Table,
)
from qmanual.model.company import (
    Department,
    Exclusion,
    ExternalDocument,
    Externals,
    Key,
    Organization,
    Person,
    Post,
    Process,
)
from qmanual.model.document import Document
from qmanual.model.header import Approval, Change, FieldLimit, FieldRule, Header, Meaning, Waiver, Withdrawal
from qmanual.model.value import ClauseRef, Day, Period, Text

__all__ = [
    "Approval",
    "Body",
    "Cell",
    "Change",
    "ClauseMention",
    "ClauseRef",
    "CodeBlock",
    "Day",
    "Department",
    "Document",
    "Exclusion",
    "ExternalDocument",
    "Externals",
    "FieldLimit",
    "FieldRule",
    "FieldType",
    "FormField",
    "Header",
    "Heading",
    "Key",
    "Link",
    "Marker",
    "Meaning",
    "Mention",
    "Organization",
    "Period",
    "Person",
    "Post",
    "Process",
    "Table",
    "Text",
    "Waiver",
    "Withdrawal",
]
