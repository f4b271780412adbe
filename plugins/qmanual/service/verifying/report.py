"""What a verification found, as values: lines that hold, lines that do not, and what nobody can know from here."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qmanual.checks.report import printable, said
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.render.tables import to_json


class Mark(StrEnum):
    """What came of one claim."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


SIGNS = {Mark.HOLDS: "✓", Mark.FAILS: "✗", Mark.UNKNOWN: "—"}


class Group(StrEnum):
    """What a claim is about; the lines are listed in this order."""

    PACKAGE = N_("Package")
    TAGS = N_("Release tags")
    MANIFESTS = N_("Release manifests")
    TEXTS = N_("Texts")
    STATEMENTS = N_("Signed statements")
    PRINT = N_("Print")
    SEAL = N_("Electronic seal")
    LIMITS = N_("What cannot be known from here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One claim and what came of it. `release` and `document` name what it is about, empty: all of them."""

    group: Group
    mark: Mark
    text: Phrase
    place: str = ""
    release: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was found about `subject`."""

    subject: Phrase
    lines: tuple[Line, ...]

    @property
    def sound(self) -> bool:
        """Whether all that is claimed holds, and anything is claimed at all."""
        marks = {line.mark for line in self.lines}
        return Mark.FAILS not in marks and Mark.HOLDS in marks

    def about(self, *, release: str = "", document: str = "") -> tuple[Line, ...]:
        """The lines about one release or document, with those about all."""
        return tuple(
            line
            for line in self.lines
            if (not release or line.release in ("", release)) and (not document or line.document in ("", document))
        )


def holds(group: Group, text: str, /, place: str = "", release: str = "", document: str = "", **details: str) -> Line:
    """A claim that was proven."""
    return Line(group=group, mark=Mark.HOLDS, text=Phrase(text, **details), place=place, release=release,
                document=document)  # fmt: skip


def fails(group: Group, text: str, /, place: str = "", release: str = "", document: str = "", **details: str) -> Line:
    """A claim that is not true."""
    return Line(group=group, mark=Mark.FAILS, text=Phrase(text, **details), place=place, release=release,
                document=document)  # fmt: skip


def unknown(group: Group, text: str, /, place: str = "", release: str = "", document: str = "", **details: str) -> Line:
    """Something that cannot be proven from here, or that nobody claims."""
    return Line(group=group, mark=Mark.UNKNOWN, text=Phrase(text, **details), place=place, release=release,
                document=document)  # fmt: skip


def text_of(report: Report, say: Translator) -> str:
    """For people: the verdict, then the lines by group, what fails first."""
    wrong = sum(line.mark is Mark.FAILS for line in report.lines)
    if report.sound:
        verdict = N_("✓ {subject}: all that is claimed holds.")
    elif wrong:
        verdict = N_("✗ {subject}: not everything that is claimed holds ({count}).")
    else:
        verdict = N_("✗ {subject}: nothing could be proven.")
    lines = [say(verdict, **said({"subject": report.subject, "count": str(wrong)}, say))]
    order = (Mark.FAILS, Mark.HOLDS, Mark.UNKNOWN)
    for group in Group:
        found = sorted((line for line in report.lines if line.group is group), key=lambda line: order.index(line.mark))
        if found:
            lines += ["", say(group.value), *(_shown(line, say) for line in found)]
    return "\n".join(lines) + "\n"


def _shown(line: Line, say: Translator) -> str:
    place = f"{printable(line.place)}  " if line.place else ""
    return f"  {SIGNS[line.mark]} {place}{say(line.text, **said(line.text.details, say))}"


def json_of(report: Report, say: Translator) -> str:
    """For programs: whether all holds, and every line."""
    return to_json(
        {
            "holds": report.sound,
            "subject": say(report.subject, **said(report.subject.details, say)),
            "lines": [
                {
                    "group": line.group.name.lower(),
                    "result": line.mark.value,
                    "release": line.release or None,
                    "document": line.document or None,
                    "path": line.place or None,
                    "message": say(line.text, **said(line.text.details, say)),
                }
                for line in report.lines
            ],
        }
    )


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines by group, as they were found."""
    order = list(Group)
    return tuple(sorted(lines, key=lambda line: order.index(line.group)))
