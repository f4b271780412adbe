"""`copies.yml`, read and written: one event a line, in one way, so that what is added shows as a line and no more.

A line that is just as the program writes it is read by a pattern, since a company's copies of ten years are many
thousands of lines; any other is read by YAML, and what is wrong with it has its place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from qmanual.control.copies import Act, Event, Ledger, Medium
from qmanual.control.editing.style import scalar
from qmanual.control.statement import StrictReader
from qmanual.finding import FaultKind, Phrase
from qmanual.language import N_
from qmanual.nodes import Entries, aliases
from qmanual.source import SourceFile, Span

_ISSUED = ("event", "document", "revision", "number", "holder", "medium", "date", "by", "digest", "sha256")
_ENDED = ("event", "document", "revision", "number", "date", "by", "reason", "sha256")
_KEYS = aliases(dict.fromkeys((*_ISSUED, *_ENDED), ()))
_HEADING = N_("Register of controlled copies. Lines are only ever added, by `build.py copies`; none is changed.")

_VALUE = r'(?:[^\s"\'\[\]{},#&*!|>%@`:?-][^"\'\[\]{},#:\n]*|"[^"\\\n]*")'
_HEX = r"[0-9a-f]{64}"
_LINE = re.compile(
    rf"- \{{event: (?P<event>[a-z]+), document: (?P<document>{_VALUE}), revision: (?P<revision>{_VALUE}), "
    rf'number: (?P<number>"[^"\\\n]+")'
    rf"(?:, holder: (?P<holder>{_VALUE}), medium: (?P<medium>paper|file))?"
    rf", date: (?P<date>\d{{4}}-\d{{2}}-\d{{2}}), by: (?P<by>{_VALUE})(?:, reason: (?P<reason>{_VALUE}))?"
    rf"(?:, digest: (?P<digest>{_HEX}))?, sha256: (?P<sha256>{_HEX})\}}",
    re.ASCII,
)


def heading(text: str = _HEADING) -> str:
    """The first line of a new file; `text` in the reader's language."""
    return f"# {text}\n"


HEADING = _HEADING


def line_of(event: Event) -> str:
    """An event as a line of the file; `read_ledger` is the inverse."""
    values = {
        "event": event.act.value, "document": event.document, "revision": event.revision,
        "number": event.number, "holder": event.holder,
        "medium": event.medium.value if event.act is Act.ISSUED else "", "date": event.on.isoformat(),
        "by": event.by, "reason": event.reason, "digest": event.digest, "sha256": event.sha256,
    }  # fmt: skip
    written = (
        f"{key}: {scalar(value, quote=chr(34) if key == 'number' else None, braces=True)}"
        for key, value in values.items()
        if value
    )
    return f"- {{{', '.join(written)}}}\n"


def added(old: bytes | None, events: Iterable[Event], first: str) -> bytes:
    """The bytes of the file with events at its end; everything before stays as it is. `first`: see `heading`."""
    lines = "".join(map(line_of, events))
    if old is None:
        return (first + lines).encode("utf-8")
    end = "\r\n" if b"\r\n" in old else "\n"
    text = lines.replace("\n", end).encode("utf-8")
    return old + (b"" if not old or old.endswith(b"\n") else end.encode()) + text


def read_ledger(source: SourceFile | None) -> Ledger:
    """The register in a file; an empty one when there is no such file (None)."""
    if source is None:
        return Ledger()
    reader = _Reader(source)
    events = tuple(reader.events())
    return Ledger(events=events, faults=tuple(reader.faults), present=True)


class _Reader(StrictReader):
    def events(self) -> Iterator[Event]:
        for at, line in enumerate(self.source.text.split("\n")):
            if not line.strip() or line.startswith("#"):
                continue
            event = _quick(line, Span(self.source.path, at + 1)) or self._slow(line, at)
            if event:
                yield event

    def _slow(self, line: str, at: int) -> Event | None:
        """An event by YAML; None when anything is wrong with it."""
        before, self.line0 = len(self.faults), at
        if not line.startswith("- {"):
            expected = Phrase(N_("a line just as the program writes it"))
            self.fault(FaultKind.WRONG_TYPE, Span(self.source.path, at + 1), text=line.strip()[:40], expected=expected)
            return None
        node = self.compose("  " + line[2:])
        found = self.entries(node, _KEYS) if node is not None else {}
        act = self.one_of(found.get("event"), {one.value: one.value for one in Act})
        if node is None or len(self.faults) > before:
            return None
        event = self._event(found, Act(act) if act else None, self.span(node))
        return event if len(self.faults) == before else None

    def _event(self, found: Entries, act: Act | None, line: Span) -> Event | None:
        texts = {key: text for key, entry in found.items() if (text := self.text(entry))}
        keys = _ISSUED if act is Act.ISSUED else _ENDED
        for key in keys:
            if key not in texts and key != "reason":
                self.fault(FaultKind.MISSING_VALUE, line, key=key, expected=Phrase(N_("a text")))
        for key in texts:
            if key not in keys:
                self.fault(FaultKind.UNKNOWN_KEY, found[key].key, key=key, nearest="")
        for key in ("digest", "sha256"):
            if key in texts:
                self.digest(texts[key])
        medium = self.one_of(found.get("medium"), {one.value: one.value for one in Medium})
        on = self.day(found.get("date"))
        if act is None or on is None:
            return None
        values = {key: text.value for key, text in texts.items()}
        places = {key: text.span for key, text in texts.items()}
        return _made(act, values, on.value, medium or Medium.PAPER.value, places)


def _made(act: Act, values: Mapping[str, str], on: date, medium: str, places: Mapping[str, Span]) -> Event:
    return Event(
        act=act, document=values.get("document", ""), revision=values.get("revision", ""),
        number=values.get("number", ""), on=on, by=values.get("by", ""), sha256=values.get("sha256", ""),
        holder=values.get("holder", ""), medium=Medium(medium), digest=values.get("digest", ""),
        reason=values.get("reason", ""), places=places,
    )  # fmt: skip


def _quick(line: str, place: Span) -> Event | None:
    """The event of a line that is just as the program writes it; None when it may be another."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    values = {key: _plain(value) for key, value in match.groupdict().items() if value}
    places = {
        key: Span(place.path, place.line, match.start(key) + 1, match.end(key) - match.start(key)) for key in values
    }
    try:
        act, on = Act(values["event"]), date.fromisoformat(values["date"])
    except ValueError:
        return None
    needed = _ISSUED if act is Act.ISSUED else (key for key in _ENDED if key != "reason")
    kept = set(_ISSUED if act is Act.ISSUED else _ENDED)
    if not set(needed) <= values.keys() <= kept or not all(text and text == text.strip() for text in values.values()):
        return None
    if not all(text.isprintable() for text in values.values()):
        return None
    return _made(act, values, on, values.get("medium", Medium.PAPER.value), places)


def _plain(value: str) -> str:
    return value[1:-1] if value.startswith('"') else value.rstrip()
