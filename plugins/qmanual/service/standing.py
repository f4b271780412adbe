"""Where every document stands on a day: what is in force, what comes next, what somebody is working on."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from qmanual.control.edition import Entry, Version
from qmanual.control.history import facts_of
from qmanual.control.status import STATUS_NAMES
from qmanual.language import N_, Translator
from qmanual.render.tables import Column, Table, register_row, to_json, to_markdown
from qmanual.service.publication import Publication


def standing(shown: Publication) -> tuple[Entry, ...]:
    """The entries of an edition, and after them the documents of the work tree that no release has held yet."""
    known = shown.edition.by_id
    new = () if shown.draft else (one for one in shown.manual.working.entries if one.document.id not in known)
    return (*shown.edition.entries, *new)


def standing_json(shown: Publication, entries: Iterable[Entry]) -> str:
    """For programs: the line of the register, and under `versions` every text of the document, newest first."""
    rows = [
        register_row(entry, shown.register)
        | {"release": entry.release, "versions": [_row(version) for version in versions(shown, entry)]}
        for entry in entries
    ]
    return to_json({"on": shown.today.isoformat(), "documents": rows})


def versions(shown: Publication, entry: Entry) -> tuple[Version, ...]:
    """Every text of a document: what is worked on, what comes, what counts, what it replaced."""
    now = Version(
        facts=facts_of(entry.document), status=entry.status, starts=entry.starts, said=entry.effective,
        releases=(entry.release,) if entry.release else (),
    )  # fmt: skip
    return tuple(one for one in (entry.working, entry.coming, now, *entry.past) if one)


def _row(version: Version) -> dict[str, object]:
    return {
        "revision": version.revision,
        "status": version.status.value,
        "starts": version.starts.isoformat() if version.starts else None,
        "releases": list(version.releases),
        "digest": version.facts.digest,
    }


def standing_text(shown: Publication, entries: Sequence[Entry], say: Translator, whole: bool) -> str:
    """For people: one line a document; `whole`: one line a text of each document."""
    title = say(N_("Status of documents on {day}"), day=shown.today.isoformat())
    if whole:
        return "\n".join(to_markdown(_history_table(shown, entry, say)) for entry in entries)
    names = (N_("Number"), N_("Title"), N_("Revision"), N_("Status"), N_("Effective date"), N_("Next"),
             N_("Next review"), N_("Review"))  # fmt: skip
    return to_markdown(
        Table(
            title=title,
            columns=tuple(Column(say(name), 20) for name in names),
            rows=tuple(
                (
                    entry.document.id,
                    entry.document.title,
                    entry.document.revision,
                    say(STATUS_NAMES[entry.status]),
                    entry.effective,
                    _next(entry, say),
                    entry.next_review,
                    _due(entry, shown, say),
                )
                for entry in entries
            ),
        )
    )


def _history_table(shown: Publication, entry: Entry, say: Translator) -> Table:
    names = (N_("Revision"), N_("Status"), N_("In force from"), N_("Release"), N_("Digest"))
    return Table(
        title=f"{entry.document.id} {entry.document.title}",
        columns=tuple(Column(say(name), 20) for name in names),
        rows=tuple(
            (
                one.revision,
                say(STATUS_NAMES[one.status]),
                one.starts,
                say(N_(", ")).join(one.releases),
                one.facts.digest[:12],
            )
            for one in versions(shown, entry)
        ),
    )


def _next(entry: Entry, say: Translator) -> str:
    """What follows the text that counts: a released one with its day, and what is being written."""
    said = []
    if entry.coming and entry.coming.starts:
        said.append(say(N_("{revision} from {day}"), revision=entry.coming.revision, day=str(entry.coming.starts)))
    if entry.working:
        said.append(f"{entry.working.revision} {say(STATUS_NAMES[entry.working.status])}")
    return say(N_(", ")).join(said)


def _due(entry: Entry, shown: Publication, say: Translator) -> str:
    due: date | None = entry.next_review
    if due is None or due > shown.today + timedelta(days=shown.register.settings.review_notice_days):
        return ""
    return say(N_("overdue")) if due < shown.today else say(N_("due soon"))
