"""A signed approval statement: who says what of exactly which text, in a file of its own that a signature covers.

It stands in `approvals/NUMBER/REVISION/N-MEANING-NAME.yml`, its SSH signature in `….yml.sig`, a time stamp over that
signature in `….yml.tsr`. The file holds no word that is not checked, and there is one way to write it: what differs
from that by a single byte is no statement, so that two readers cannot read two things.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qmanual.files import file_name
from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Meaning, Text
from qmanual.nodes import Reader, aliases
from qmanual.nodes.composing import CONTROL
from qmanual.source import SourceFile, Span

FOLDER = "approvals"
NAMESPACE = "qms-approval@v1"
"""What the signatures are for; one given for anything else (a commit, a login) does not count, nor the reverse."""

TYPE = "qms-approval/1"
SIGNATURE, STAMP = ".sig", ".tsr"

_KEYS = ("type", "document", "revision", "title", "digest", "meaning", "decision", "name", "role", "time", "previous")
_COMMENT = "comment"
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Decision(StrEnum):
    """What a signer found: a text that was rejected is changed, then prepared again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is signed. `digest` is `Document.digest`; `previous` the SHA-256 of the statement before, empty: the first.

    `time` has a time zone and whole seconds: when the signer says that it was signed (21 CFR 11.50 a). `comment`: why a
    text is rejected; empty, and then not written, where there is nothing to say.
    """

    document: str
    revision: str
    title: str
    digest: str
    meaning: Meaning
    decision: Decision
    name: str
    role: str
    time: datetime
    previous: str
    comment: str = ""

    @property
    def rejects(self) -> bool:
        """Whether the text is rejected."""
        return self.decision is Decision.REJECTED

    @property
    def folder(self) -> str:
        """Where the statements about this revision stand."""
        return folder_of(self.document, self.revision)

    def path(self, number: int) -> str:
        """The path of the statement as the one of that number, from 1."""
        return f"{self.folder}/{number}-{self.meaning.value}-{file_name(self.name)}.yml"


def folder_of(document: str, revision: str) -> str:
    """The folder of the statements about a revision of a document."""
    return f"{FOLDER}/{file_name(document)}/{file_name(revision.replace('/', '-'))}"


def compose(statement: Statement) -> bytes:
    """The bytes that are signed. Raises ValueError for what could not be read again."""
    values = [
        TYPE, statement.document, statement.revision, statement.title, statement.digest, statement.meaning.value,
        statement.decision.value, statement.name, statement.role, statement.time.isoformat(timespec="seconds"),
        statement.previous, *([statement.comment] if statement.comment else []),
    ]  # fmt: skip
    if any(CONTROL.search(value) or "\n" in value or value != value.strip() for value in values):
        raise ValueError("a statement holds plain lines")
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in zip((*_KEYS, _COMMENT), values, strict=False)
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def sha256(data: bytes) -> str:
    """The digest by which the next statement names this one."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A file as read: the statement, None when it is none; where its values stand; what was wrong."""

    statement: Statement | None
    places: dict[str, Span]
    faults: tuple[Fault, ...]


def read_statement(path: str, data: bytes) -> Read:
    """The statement in a file, from its bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return Read(statement=None, places={}, faults=(Fault(FaultKind.NOT_UTF8, Span(path)),))
    reader = _Reader(SourceFile(path, text))
    statement, places = reader.statement(text)
    if statement is not None and not reader.faults and not _is_canonical(statement, data):
        expected = Phrase(N_("a statement just as the program writes it"))
        reader.fault(FaultKind.WRONG_TYPE, Span(path), text=path.rpartition("/")[2], expected=expected)
    return Read(statement=None if reader.faults else statement, places=places, faults=tuple(reader.faults))


def _is_canonical(statement: Statement, data: bytes) -> bool:
    try:
        return compose(statement) == data
    except ValueError:
        return False


class StrictReader(Reader):
    """Reads what a program wrote and a person must not have touched: statements, and answers to review packets."""

    def only(self, text: Text, expected: str) -> None:
        """A fault unless the text is what is expected."""
        if text.value != expected:
            self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)

    def digest(self, text: Text) -> None:
        """A fault unless the text is a SHA-256."""
        if not _DIGEST.fullmatch(text.value):
            self.only(text, Phrase(N_("a SHA-256 in 64 figures")))

    def moment(self, text: Text) -> datetime | None:
        """The moment that a text says, with its time zone; a fault and None when it says none."""
        try:
            if _TIME.fullmatch(text.value):
                return datetime.fromisoformat(text.value)
        except ValueError:
            pass
        self.only(text, Phrase(N_("a moment, such as 2026-05-15T09:30:00+08:00")))
        return None


def cause_of(fault: Fault) -> Phrase:
    """Why something that only the program writes could not be read, in words."""
    details = fault.details
    if isinstance(cause := details.get("cause"), Phrase):
        return cause
    if "text" in details and "expected" in details:
        return Phrase(N_("{text} stands where this belongs: {expected}"), **details)
    if "known" in details:
        return Phrase(N_("{text} is none of these: {known}"), **details)
    if "key" in details:
        return Phrase(N_("the key {key} is missing, unknown or written twice"), key=details["key"])
    return Phrase(N_("it is no plain YAML text in UTF-8"))


class _Reader(StrictReader):
    def statement(self, text: str) -> tuple[Statement | None, dict[str, Span]]:
        node = self.compose(text)
        found = self.entries(node, aliases(dict.fromkeys((*_KEYS, _COMMENT), ()))) if node else {}
        places = {key: self.span(entry.node) for key, entry in found.items()}
        values = {key: value for key in (*_KEYS, _COMMENT) if (value := self.text(found.get(key)))}
        for key in _KEYS:
            if key not in found or (key not in values and key not in ("previous", "role", "title")):
                span = places.get(key, Span(self.source.path))
                self.fault(FaultKind.MISSING_VALUE, span, key=key, expected=Phrase(N_("a text")))
        if self.faults:
            return None, places
        self.only(values["type"], TYPE)
        meaning = self.one_of(found["meaning"], {one.value: one.value for one in Meaning})
        decision = self.one_of(found["decision"], {one.value: one.value for one in Decision})
        time = self.moment(values["time"])
        for key in ("digest", "previous"):
            if key in values:
                self.digest(values[key])
        if self.faults or not meaning or not decision or time is None:
            return None, places
        return Statement(
            document=values["document"].value,
            revision=values["revision"].value,
            title=_value(values.get("title")),
            digest=values["digest"].value,
            meaning=Meaning(meaning),
            decision=Decision(decision),
            name=values["name"].value,
            role=_value(values.get("role")),
            time=time,
            previous=_value(values.get("previous")),
            comment=_value(values.get(_COMMENT)),
        ), places


def _value(text: Text | None) -> str:
    return text.value if text else ""
