"""A reviewer's answer to a review packet: agreed or rejected, with which text before his eyes.

It comes back by mail as a small file that the packet's page wrote. It is not signed; it says which bytes were read, and
`approve --from` takes it only for just that text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from qmanual.control.statement import StrictReader
from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import Document, Meaning, Text
from qmanual.nodes import Entry, aliases
from qmanual.source import SourceFile, Span

TYPE = "qms-answer/1"
AGREED, REJECTED = "accepted", "rejected"
KEYS = ("type", "document", "revision", "digest", "meaning", "decision", "name", "time", "comment", "packet")
_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a reviewer said of a text. `digest` is `Document.digest`; `packet` the digest of what he was shown."""

    document: str
    revision: str
    digest: str
    meaning: Meaning
    decision: str
    name: str
    time: datetime
    comment: str
    packet: str

    @property
    def agreed(self) -> bool:
        """Whether he agreed."""
        return self.decision == AGREED


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why an answer cannot be taken: where it says so, and a text of the catalogue with its details."""

    span: Span
    text: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A file as read: the answer, None when it is none; where its values stand; what was wrong."""

    answer: Answer | None
    places: Mapping[str, Span]
    faults: tuple[Fault, ...]


def read_answer(path: str, data: bytes) -> Read:
    """The answer in a file, from its bytes. Mail programs may have added a BOM or other line ends."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Read(answer=None, places={}, faults=(Fault(FaultKind.NOT_UTF8, Span(path), {"encoding": "?"}),))
    if len(data) > _LIMIT:
        fault = Fault(FaultKind.TOO_LARGE, Span(path), {"size": f"{len(data) / 1024 / 1024:.1f}"})
        return Read(answer=None, places={}, faults=(fault,))
    reader = _Reader(SourceFile(path, text.replace("\r\n", "\n").replace("\r", "\n")))
    return reader.read()


class _Reader(StrictReader):
    def read(self) -> Read:
        node = self.compose(self.source.text)
        found = self.entries(node, aliases(dict.fromkeys(KEYS, ()))) if node else {}
        places = {key: self.span(entry.node) for key, entry in found.items()}
        values = {key: value for key in KEYS if (value := self.text(found.get(key)))}
        for key in KEYS:
            if key not in values and key != "comment" and not self.faults:
                place = places.get(key, Span(self.source.path))
                self.fault(FaultKind.MISSING_VALUE, place, key=key, expected=Phrase(N_("a text")))
        answer = None if self.faults else self._answer(found, values)
        return Read(answer=None if self.faults else answer, places=places, faults=tuple(self.faults))

    def _answer(self, found: Mapping[str, Entry], values: Mapping[str, Text]) -> Answer | None:
        self.only(values["type"], TYPE)
        for key in ("digest", "packet"):
            self.digest(values[key])
        meaning = self.one_of(found["meaning"], {one.value: one.value for one in Meaning})
        decision = self.one_of(found["decision"], {one: one for one in (AGREED, REJECTED)})
        time = self.moment(values["time"])
        if self.faults or meaning is None or decision is None or time is None:
            return None
        return Answer(
            document=values["document"].value,
            revision=values["revision"].value,
            digest=values["digest"].value,
            meaning=Meaning(meaning),
            decision=decision,
            name=values["name"].value,
            time=time,
            comment=values["comment"].value if "comment" in values else "",
            packet=values["packet"].value,
        )


def objections(read: Read, document: Document | None) -> tuple[Objection, ...]:
    """Why the answer does not hold for the document as it stands now; nothing when it does. `document`: the one of the
    answer's number, None when there is none."""
    return tuple(_objections(read, document)) if read.answer else ()


def _objections(read: Read, document: Document | None) -> Iterator[Objection]:
    answer = read.answer
    assert answer is not None

    def say(key: str, text: str, **details: str) -> Objection:
        return Objection(span=read.places[key], text=text, details=details)

    if document is None:
        yield say("document", N_("No document has the number {ids}. `register` lists all."), ids=answer.document)
        return
    if answer.revision != document.revision:
        text = N_("The answer is about revision {read}, the document is now {now}. Send a new review packet.")
        yield say("revision", text, read=answer.revision, now=document.revision or "—")
    elif answer.digest != document.digest:
        text = N_("{name} read another text of {id} {revision}: it was changed since. Send a new review packet.")
        yield say("digest", text, name=answer.name, id=document.id, revision=document.revision)
