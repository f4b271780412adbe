"""Where every document stands on a day: what is in force, what comes next, what somebody is working on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from qmanual.control.edition import Entry, Version
from qmanual.control.history import facts_of
from qmanual.control.statement import Statement, folder_of
from qmanual.control.status import STATUS_NAMES
from qmanual.language import N_, Translator
from qmanual.model import Withdrawal
from qmanual.render.tables import Column, Table, register_row, to_json, to_markdown
from qmanual.service.publication import Publication
from qmanual.service.statements import verdict


def standing(shown: Publication) -> tuple[Entry, ...]:
    """The entries of an edition, and after them the documents of the work tree that no release has held yet.

    Of a past day only what was released by then: nobody knows what was being worked on.
    """
    if shown.manual.history.looked_back:
        return () if shown.draft else tuple(replace(entry, working=None) for entry in shown.edition.entries)
    known = shown.edition.by_id
    new = () if shown.draft else (one for one in shown.manual.working.entries if one.document.id not in known)
    return (*shown.edition.entries, *new)


def standing_json(shown: Publication, entries: Iterable[Entry]) -> str:
    """For programs: the line of the register, and under `versions` every text of the document, newest first."""
    rejected = _rejections(shown)
    rows = [
        register_row(entry, shown.register)
        | {
            "release": entry.release,
            "withdrawal": _withdrawal_row(shown, entry),
            "rejection": _rejection_row(rejected.get(entry.document.id)),
            "versions": [_row(version) for version in versions(shown, entry)],
        }
        for entry in entries
    ]
    return to_json({"on": shown.today.isoformat(), "documents": rows})


def _withdrawal_row(shown: Publication, entry: Entry) -> dict[str, object] | None:
    """From when the document is withdrawn, why and what replaces it, also where that day is still to come.

    `released`: whether a release says it, or the work tree alone.
    """
    gone = _withdrawal(shown, entry)
    if entry.ends is None and gone is None:
        return None
    day = entry.ends or (gone.date.value if gone and gone.date else None)
    return {
        "from": day.isoformat() if day else None,
        "reason": gone.reason.value if gone and gone.reason else None,
        "replaced_by": gone.replaced_by.value if gone and gone.replaced_by else None,
        "released": entry.ends is not None,
    }


def _withdrawal(shown: Publication, entry: Entry) -> Withdrawal | None:
    """What a header says of leaving: that of the newest release, where it says so, else that of the work tree."""
    back = shown.manual.history.looked_back
    here = None if back else shown.manual.register.by_id.get(entry.document.id)
    return entry.document.header.withdrawn or (here.header.withdrawn if here else None)


def _rejections(shown: Publication) -> Mapping[str, Statement]:
    """Number → the statement that rejects just the text of the work tree."""
    register = shown.manual.register
    if not register.tree.approvals or shown.manual.history.looked_back:
        return {}
    judged = verdict(shown.manual)
    found = {one.id: judged.rejection(folder_of(one.id, one.revision), one.digest) for one in register.documents}
    return {number: filed.statement for number, filed in found.items() if filed}


def _rejection_row(found: Statement | None) -> dict[str, object] | None:
    return (
        None
        if found is None
        else {
            "revision": found.revision,
            "by": found.name,
            "meaning": found.meaning.value,
            "on": found.time.date().isoformat(),
            "comment": found.comment,
        }
    )


def versions(shown: Publication, entry: Entry) -> tuple[Version, ...]:
    """Every text of a document: what is worked on, what comes, what counts, what it replaced."""
    now = Version(
        facts=facts_of(entry.document), status=entry.status, starts=entry.starts, said=entry.said,
        releases=(entry.release,) if entry.release else (),
    )  # fmt: skip
    return (*((entry.working,) if entry.working else ()), *entry.later, now, *entry.past)


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
    rejected = _rejections(shown)
    day = shown.today.isoformat()
    title = say(N_("Status of documents on {day}"), day=day)
    if not entries and shown.manual.history.looked_back:
        return f"# {title}\n\n{say(N_('Nothing had been released by {day}.'), day=day)}\n"
    if whole:
        return "\n".join(_whole(shown, entry, rejected.get(entry.document.id), say) for entry in entries)
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
                    _next(shown, entry, entry.document.id in rejected, say),
                    entry.next_review,
                    _due(entry, shown, say),
                )
                for entry in entries
            ),
        )
    )


def _whole(shown: Publication, entry: Entry, rejected: Statement | None, say: Translator) -> str:
    """All texts of a document, and what is to be known besides."""
    table = to_markdown(_history_table(shown, entry, say))
    notes = [note for note in (_leaves(shown, entry, say), _refused(rejected, say)) if note]
    return table + "".join(f"\n{note}\n" for note in notes)


def _leaves(shown: Publication, entry: Entry, say: Translator) -> str:
    row = _withdrawal_row(shown, entry)
    if row is None:
        return ""
    text = N_("Withdrawn from {day}: {reason}. In its place: {heir}.")
    if not row["released"]:
        text = N_("Withdrawn from {day}, once a release holds it: {reason}. In its place: {heir}.")
    return say(text, day=row["from"] or "—", reason=row["reason"] or "—", heir=row["replaced_by"] or say(N_("nothing")))


def _refused(found: Statement | None, say: Translator) -> str:
    if found is None:
        return ""
    text = N_("{revision} was rejected by {name} on {day}: {comment}. It is changed, then prepared anew.")
    return say(text, revision=found.revision, name=found.name, day=str(found.time.date()), comment=found.comment or "—")


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


def _next(shown: Publication, entry: Entry, rejected: bool, say: Translator) -> str:
    """What follows the text that counts: a released one with its day, and what is being written."""
    said = []
    for one in entry.coming:
        said.append(say(N_("{revision} from {day}"), revision=one.revision, day=str(one.starts)))
    if entry.ends and entry.ends > shown.today:
        said.append(say(N_("withdrawn from {day}"), day=str(entry.ends)))
    if rejected:
        said.append(say(N_("rejected")))
    if entry.working:
        said.append(f"{entry.working.revision} {say(STATUS_NAMES[entry.working.status])}")
    return say(N_(", ")).join(said)


def _due(entry: Entry, shown: Publication, say: Translator) -> str:
    due: date | None = entry.next_review
    if due is None or (due - shown.today).days > shown.register.settings.review_notice_days:
        return ""
    return say(N_("overdue")) if due < shown.today else say(N_("due soon"))
