"""A new document: the next free number of its kind, and a first text with everything that its kind must have."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qmanual.control.editing.style import Look, is_chinese, scalar, spelling
from qmanual.language import N_, Translator
from qmanual.model import Document
from qmanual.parse.header import CHANGE_KEYS, NAMES
from qmanual.register import Register
from qmanual.settings import Kind, OwnField

_DATED = re.compile(r"(?P<lead>.*?)(?P<number>\d+)(?P<year>-(?:19|20)\d{2})", re.ASCII | re.DOTALL)
_PLAIN = re.compile(r"(?P<lead>(?:.*\D)?)(?P<number>\d+)", re.ASCII | re.DOTALL)
_CLAUSED = re.compile(r"(?P<head>.*?)(?P<clause>\d+(?:\.\d+)*)(?P<gap>[^\d.]+)", re.ASCII | re.DOTALL)
_LITERAL = re.compile(r"[^\\\[\](){}.*+?|^$]+")


@dataclass(frozen=True, slots=True)
class _Number:
    """A document number taken apart: what stands before its running number, that number, the year behind it."""

    lead: str
    number: int
    width: int
    dated: bool


def _taken_apart(number: str) -> _Number | None:
    match = _DATED.fullmatch(number)
    if match:
        return _Number(match["lead"], int(match["number"]), len(match["number"]), True)
    match = _PLAIN.fullmatch(number)
    return _Number(match["lead"], int(match["number"]), len(match["number"]), False) if match else None


def next_number(kind: Kind, register: Register, used: Collection[str], clauses: Sequence[str], today: date) -> str:
    """The next free number of a kind, built as its numbers are built; empty when that cannot be known.

    `used`: every number that was ever given, also to documents long gone. `clauses`: those of the new document; where
    the kind's numbers hold a clause (`QP-8.4-02`), the first of them counts.
    """
    documents = register.of_kind(kind.name)
    ids = [number for number in dict.fromkeys(used) if kind.pattern.fullmatch(number)]
    parts = [part for number in ids if (part := _taken_apart(number))]
    if not parts:
        return next((one for one in _first_numbers(kind, clauses) if kind.pattern.fullmatch(one)), "")
    claused = Counter(around for document in documents if (around := _clause_in(document)))
    lead = Counter(part.lead for part in parts).most_common(1)[0][0]
    if 2 * claused.total() >= len(documents) and claused:
        if not clauses:
            return ""
        head, gap, depth = claused.most_common(1)[0][0]
        lead = f"{head}{'.'.join(clauses[0].split('.')[:depth])}{gap}"
    same = [part for part in parts if part.lead == lead]
    width, dated = Counter((part.width, part.dated) for part in same or parts).most_common(1)[0][0]
    number = max((part.number for part in same), default=0) + 1
    found = f"{lead}{number:0{width}d}{f'-{today.year}' if dated else ''}"
    return found if kind.pattern.fullmatch(found) and found not in used else ""


def _clause_in(document: Document) -> tuple[str, str, int] | None:
    """What stands around a clause in a document's number, and how many parts of the clause stand there."""
    part = _taken_apart(document.id) if document.header.id else None
    match = _CLAUSED.fullmatch(part.lead) if part else None
    if not match:
        return None
    numbers = [ref.number for ref in document.header.clauses]
    clause = match["clause"]
    if any(number == clause or number.startswith(f"{clause}.") for number in numbers):
        return match["head"], match["gap"], clause.count(".") + 1
    return None


def _first_numbers(kind: Kind, clauses: Sequence[str]) -> Iterator[str]:
    """What the first number of a kind may be, from the fixed part of its pattern."""
    match = _LITERAL.match(kind.id)
    lead = match[0] if match else ""
    if clauses and kind.name != "manual":
        yield f"{lead}{'.'.join(clauses[0].split('.')[:2])}-01"
    yield from (f"{lead}{number}" for number in ("01", "001", "1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is known of a document before it is written. `by` is empty when nobody is named."""

    number: str
    title: str
    revision: str
    owner: str
    clauses: tuple[str, ...] = ()
    by: str = ""


def template(draft: Draft, kind: Kind, register: Register, today: date, say: Translator) -> str:
    """The first text of a document: its header, its title, its required sections with a hint in each."""
    neighbours = register.of_kind(kind.name) or register.documents
    body = _form(say) if kind.form else "\n".join(_sections(kind, register.of_kind(kind.name), say))
    header = "\n".join(_header(draft, kind, register, neighbours, today, say))
    return f"---\n{header}\n---\n\n# {draft.title}\n\n{body}"


def _header(
    draft: Draft, kind: Kind, register: Register, neighbours: Sequence[Document], today: date, say: Translator
) -> Iterator[str]:
    chinese = is_chinese(_written_keys(neighbours)) if neighbours else False
    own = [field for field in register.settings.fields if _asked(field, kind)]

    def line(key: str, value: str = "") -> str:
        return f"{spelling(key, NAMES, chinese)}: {value}".rstrip()

    yield line("id", scalar(draft.number))
    yield line("title", scalar(draft.title))
    yield line("revision", scalar(draft.revision))
    yield line("effective")
    yield line("owner", scalar(draft.owner))
    quoted = ", ".join(scalar(clause, quote='"') for clause in draft.clauses)
    yield line("clauses", f"[{quoted}]" if quoted else "")
    yield from (line(meaning.value) for meaning in kind.approvals)
    period = _usual(
        document.header.review_every.text if document.header.review_every else "" for document in neighbours
    )
    if period:
        yield line("review_every", scalar(period))
    if kind.form:
        kept = _usual(document.header.retention.value if document.header.retention else "" for document in neighbours)
        yield line("retention", scalar(kept or say(N_("3 years"))))
    yield from (f"{field.name}:" for field in own)
    entry = {"revision": draft.revision, "date": today.isoformat(), "by": draft.by, "summary": say(N_("First issue"))}
    look = Look()
    yield line("changes")
    yield f"  - {look.written(look.ordered(entry, CHANGE_KEYS, chinese), 0)}"


def _written_keys(documents: Iterable[Document]) -> Iterator[str]:
    """The keys of headers as they are spelled there."""
    for document in documents:
        for span in document.header.keys.values():
            line = document.source.line(span.line)
            yield line[span.column - 1 : span.column - 1 + span.length]


def _asked(field: OwnField, kind: Kind) -> bool:
    return field.required and (not field.kinds or kind.name in field.kinds)


def _usual(values: Iterable[str]) -> str:
    """What most of them say; empty when most say nothing."""
    return next((value for value, _ in Counter(values).most_common(1)), "")


_HINTS: Mapping[str, str] = {
    "目的": N_("What this document is for: what goes wrong without it, and what is reached with it."),
    "范围": N_("To which products, places, departments and cases it applies, and to which it does not."),
    "职责": N_("Who does what and decides what; name posts or departments, not persons."),
    "工作程序": N_(
        "Step by step: who does what, when, by which criteria, with which form; what happens in the exception."
    ),
    "相关文件": N_("The documents that one needs besides, each as a link. Where there are none: none."),
    "相关记录": N_("The forms that are filled in, each as a link. Where there are none: none."),
}


def _sections(kind: Kind, others: Sequence[Document], say: Translator) -> Iterator[str]:
    required = kind.sections
    if not required:
        yield f"<!-- {say(N_('Write the text here, under headings of the second level (##).'))} -->\n"
        return
    numbered = not others or any(head.number for one in others for head in one.body.headings if head.level == 2)
    for at, section in enumerate(required, 1):
        number = f"{at} " if numbered else ""
        hint = say(_HINTS.get(section.name) or N_("What belongs into this section."))
        yield f"## {number}{section.named(say.language)}\n\n<!-- {hint} -->\n"


def _form(say: Translator) -> str:
    """A small form, to be drawn on."""
    hint = say(N_("Draw the form as it would be on paper: a label, beside it an empty cell; * is required."))
    cells = [say(text) for text in (N_("Number"), N_("Date"), N_("Filled in by"), N_("Result"))]
    day, choice = say(N_("____-__-__")), say(N_("○ passed ○ failed"))
    return (
        f"<!-- {hint} -->\n\n| {cells[0]}* |  | {cells[1]}* | {day} |\n|---|---|---|---|\n"
        f"| {cells[2]}* |  | {cells[3]} | {choice} |\n"
    )
