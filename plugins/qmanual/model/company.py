"""The company: departments, people and their rights, processes, exclusions, outside documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from qmanual.finding import Fault
from qmanual.model.header import Meaning
from qmanual.model.value import ClauseRef, Text
from qmanual.signing import PublicKey
from qmanual.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post that a person holds or held. `may`: the meaning of a signature → kinds of documents (empty: all kinds).

    `kinds`: where kinds are named in it. `readable` is False when a part of `may` could not be read.
    """

    role: str
    since: date | None
    until: date | None
    may: Mapping[Meaning, tuple[str, ...]]
    span: Span
    kinds: tuple[Text, ...] = ()
    readable: bool = True

    def held_on(self, day: date) -> bool:
        """Whether the post was held on that day, first and last day included."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key with which a person signs: first and last day of its use, and since when it is not to be trusted.

    `readable` is False when one of its days could not be read: then it counts on no day.
    """

    public: PublicKey
    since: date | None
    until: date | None
    revoked: date | None
    reason: str
    span: Span
    readable: bool = True

    def valid_on(self, day: date) -> bool:
        """Whether what it signed on that day counts."""
        begun, ended = self.since is None or self.since <= day, self.until is not None and self.until < day
        return self.readable and begun and not ended and (self.revoked is None or day < self.revoked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who signs. `signature`: path of a picture of the written name."""

    name: Text
    department: Text | None
    posts: tuple[Post, ...]
    keys: tuple[Key, ...] = ()
    signature: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department; `parent` draws the organization chart."""

    name: Text
    head: Text | None
    parent: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process of the company: `type` is management, core or support; `next` draws the process map."""

    name: Text
    type: str
    owner: Text | None
    next: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A clause that does not apply, with the justification that ISO 9001 4.3 asks for."""

    ref: ClauseRef
    reason: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """`manual/organization.yml`. `present` is False when there is no such file: then nothing is checked against it.

    `authorities`: certificates (PEM) of the time stamp authorities that are trusted.
    """

    present: bool = False
    path: str = ""
    company: str = ""
    short: str = ""
    departments: tuple[Department, ...] = ()
    people: tuple[Person, ...] = ()
    processes: tuple[Process, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    authorities: tuple[Text, ...] = ()
    faults: tuple[Fault, ...] = ()

    def person(self, name: str) -> Person | None:
        """The person of that name."""
        return next((person for person in self.people if person.name.value == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalDocument:
    """A standard, law or customer document that the company uses. `status`: in force, superseded, withdrawn."""

    id: Text
    title: str
    kind: str
    edition: str
    status: str
    replaced_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Externals:
    """`manual/external-documents.yml`, checked only when `present`."""

    present: bool = False
    path: str = ""
    documents: tuple[ExternalDocument, ...] = ()
    faults: tuple[Fault, ...] = ()
