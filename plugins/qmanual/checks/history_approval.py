"""Approvals over time: what git remembers of a text against the signatures under it (ISO 9001 7.5.2 c).

No keys are needed for any of this: a signature that is typed in later, or was typed before the text, shows in git.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from qmanual.checks.approval import MEANING_NAMES
from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.control.edits import JUDGED, earliest_day
from qmanual.control.history import History, Released, Signature
from qmanual.control.judging import Filed, Verdict
from qmanual.control.log import Edit, Log
from qmanual.control.past import first_of, issued, predecessor, same
from qmanual.control.statement import folder_of
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Approval, Day, Document
from qmanual.register import Register
from qmanual.settings import Settings


@rule(
    "QM361",
    Severity.ERROR,
    title=N_("Signature altered after its release"),
    message=N_("release {release} holds another signature: {meaning} {by}, {date}"),
    help=N_(
        "bring the signature back as it was released; when the text was reviewed and approved anew, add the new "
        "signature to the old one: `approved: [{{by: …, date: …}}, {{by: …, date: …}}]`"
    ),
    why=N_(
        "A signature is a fact of a day. What was signed, by whom and when cannot be another thing afterwards; "
        "a signature that is exchanged shows an approval that was never given in this way."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        approved: {by: 陈刚, date: 2026-05-13}
        ---
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        approved: [{by: 陈刚, date: 2026-05-15}, {by: 陈刚, date: 2026-06-12}]
        ---
    """,
)
def signature_altered(document: Document, history: History) -> Iterator[Hit]:
    text = _first_of_revision(document, history.here)
    if text is None:
        return
    kept = {_signature(one) for one in document.header.approvals}
    for one in text.facts.signatures:
        if one not in kept:
            found = {"meaning": Phrase(MEANING_NAMES[one.meaning]), "by": one.by or "—", "date": str(one.on or "—")}
            release = history.here.names(text)[0]
            yield Hit(document.header.at(one.meaning.value), {"release": release} | found)


def _first_of_revision(document: Document, history: History) -> Released | None:
    """The first released state of the revision that the document bears: the signatures with which it was released."""
    texts = history.documents.get(document.id, ())
    return next((text for text in texts if document.revision and text.facts.revision == document.revision), None)


def _signature(one: Approval) -> Signature:
    by, on = one.by.value if one.by else "", one.date.value if one.date else None
    return Signature(meaning=one.meaning, by=by, on=on)


@rule(
    "QM362",
    Severity.ERROR,
    title=N_("Signature added later with an earlier date"),
    message=N_("this signature is dated {date}, but release {release} of {day} does not hold it"),
    help=N_("date it with the day on which it was given; what was not signed then cannot be signed for then"),
    why=N_(
        "The release shows which signatures there were on its day. "
        "One that appears later with a date before it was dated back."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        countersigned: {by: 王强, date: 2026-05-13}
        ---
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        approved: [{by: 陈刚, date: 2026-05-15}, {by: 陈刚, date: 2026-06-12}]
        ---
    """,
)
def signature_dated_back(document: Document, history: History) -> Iterator[Hit]:
    text = _first_of_revision(document, history.here)
    if text is None:
        return
    release = history.here.releases[text.first]
    then = Counter(one.meaning for one in text.facts.signatures)
    now = Counter(one.meaning for one in document.header.approvals)
    for one in document.header.approvals:
        added = now[one.meaning] > then[one.meaning] and _signature(one) not in text.facts.signatures
        if one.date and one.date.value < release.on and added:
            found = {"date": str(one.date.value), "release": release.name, "day": str(release.on)}
            yield Hit(one.date.span, found)


@rule(
    "QM363",
    Severity.ERROR,
    title=N_("Approval older than the text"),
    message=N_("signed on {date}, but the text was changed on {changed} (commit {commit} of {author})"),
    help=N_(
        "have the text as it is now signed anew; if days pass between writing and committing, or branches are squashed "
        "when they are merged, say how many in mkdocs.yml under approval_tolerance_days (better: merge unsquashed)"
    ),
    why=N_(
        "A signature is for the text that lay before the signer. When the text changed afterwards, somebody answers "
        "for words that he has not seen. The day is that of the commit; the commit that first brought a document into "
        "git does not count, nor do those that only sign. A signature from before that commit came along with the "
        "text: for it, only changes after the first release count. A merge that squashes puts text and signatures into "
        "one commit of its own day, and git cannot tell any more which came first. A signed statement is bound to the "
        "text, so that behind it this is a warning; with a time stamp the day is proven, and this rule is silent."
    ),
    clause="7.5.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        commit (2026-06-12)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        prepared: {by: 李静, date: 2026-06-10}
        reviewed: {by: 王强, date: 2026-06-12}
        approved: {by: 陈刚, date: 2026-06-12}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
        ====
        commit (2026-06-14)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        prepared: {by: 李静, date: 2026-06-10}
        reviewed: {by: 王强, date: 2026-06-12}
        approved: {by: 陈刚, date: 2026-06-12}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件三日内收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        commit (2026-06-11)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        prepared: {by: 李静, date: 2026-06-10}
        reviewed:
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
        ====
        commit (2026-06-14)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        prepared: {by: 李静, date: 2026-06-10}
        reviewed: {by: 王强, date: 2026-06-12}
        approved: {by: 陈刚, date: 2026-06-12}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def older_than_text(
    register: Register, history: History, log: Log, settings: Settings, statements: Verdict, profile: str
) -> Iterator[Hit]:
    days = timedelta(days=settings.approval_tolerance_days)
    for document in register.documents:
        edit = log.edits.get(document.path)
        if edit is None or not (profile == RELEASE or issued(document, history.here)):
            continue
        for one in _latest(document):
            if one.date and not _came_along(one.date.value, edit, history) and _is_older(_signature(one), edit, days):
                stated = _stated(document, _signature(one), statements)
                if stated is None or stated.stamped is None:
                    yield Hit(one.date.span, _older(one.date, edit), Severity.WARNING if stated else None)


def _older(day: Day, edit: Edit) -> dict[str, str]:
    commit = edit.commit
    found = {"date": str(day.value), "changed": str(commit.on), "commit": commit.name[:10]}
    return found | {"author": commit.author or "—"}


def _stated(document: Document, signature: Signature, statements: Verdict) -> Filed | None:
    """The statement, signed with a key, that says just this of just this text."""
    for filed in statements.given(folder_of(document.id, document.revision)):
        one = filed.statement
        said = Signature(meaning=one.meaning, by=one.name, on=one.time.date())
        if filed.key and one.digest == document.digest and said == signature:
            return filed
    return None


def _came_along(day: date, edit: Edit, history: History) -> bool:
    """Whether a signature was given before the document came into git, and the edit before the first release.

    Git cannot tell what such a signature was given for; the first release takes the text over as it then is.
    """
    return day < edit.begun and not (history.releases and edit.commit.time > history.releases[0].time)


def _latest(document: Document) -> Iterator[Approval]:
    """The last signature of every meaning that judges a text: what was signed before is replaced by it."""
    latest: dict[str, Approval] = {}
    for one in document.header.approvals:
        before = latest.get(one.meaning)
        if one.meaning in JUDGED and one.date and not (before and before.date and before.date.value > one.date.value):
            latest[one.meaning] = one
    yield from latest.values()


def _is_older(signature: Signature, edit: Edit, tolerance: timedelta) -> bool:
    """Whether a text was changed after it was signed: by the day, or because the signature stood under the text before.

    The second finds a text that was written later and dated back.
    """
    assert signature.on is not None  # of those with a date
    last = min(date.max - signature.on, tolerance) + signature.on
    stood = signature in edit.signatures and edit.commit.on > last
    return stood or earliest_day(edit.commit) > last


@rule(
    "QM364",
    Severity.ERROR,
    title=N_("Signature carried over from the revision before"),
    message=N_("this signature is the one under {revision}, which release {release} holds: {by}, {date}"),
    help=N_("remove it and have the new revision signed (`revise` does so)"),
    why=N_(
        "Every revision is approved for itself. A signature that was copied with the text was given for another text; "
        "whoever gave it has never seen this one."
    ),
    clause="7.5.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        approved: {by: 陈刚, date: 2026-06-14}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        now
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        prepared: {by: 李静, date: 2026-06-10}
        reviewed: {by: 王强, date: 2026-06-12}
        approved: {by: 陈刚, date: 2026-06-14}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def carried_over(document: Document, history: History, profile: str) -> Iterator[Hit]:
    here = history.here
    before = predecessor(document, here)
    if before is None or before.facts.revision == document.revision:
        return
    if profile != RELEASE and issued(document, here) is None:
        return
    release = here.releases[first_of(before, here).first]
    for one in document.header.approvals:
        signature = _signature(one)
        if one.meaning in JUDGED and one.date and signature in before.facts.signatures and one.date.value < release.on:
            found = {"revision": before.facts.revision, "release": release.name, "by": signature.by}
            yield Hit(one.date.span, found | {"date": str(one.date.value)})


@rule(
    "QM365",
    Severity.WARNING,
    title=N_("Effective before it was released"),
    message=N_("effective on {effective}, but {released}"),
    help=N_("set the effective date to the day of the release or later, or leave it to the release: `--effective`"),
    why=N_(
        "Nobody can follow a text before it is issued. With an effective date before the release the records of the "
        "days between show work by a text that nobody had. The text counts as in force from its release. A document "
        "that came into git approved, because it was in force before, is taken over as it is."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        commit (2026-06-13)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-06-14
        prepared: {by: 李静, date: 2026-06-10}
        reviewed: {by: 王强, date: 2026-06-13}
        approved: {by: 陈刚, date: 2026-06-13}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        commit (2026-06-13)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        effective: 2026-07-01
        prepared: {by: 李静, date: 2026-06-10}
        reviewed: {by: 王强, date: 2026-06-13}
        approved: {by: 陈刚, date: 2026-06-13}
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def effective_before_release(
    document: Document, history: History, log: Log, profile: str, today: date
) -> Iterator[Hit]:
    effective, here = document.header.effective, history.here
    if effective is None or document.header.withdrawn:
        return
    text = next((one for one in here.documents.get(document.id, ()) if same(document, one)), None)
    if _was_in_force(document, here, log, today):
        return
    if text is None:
        if profile == RELEASE and here.releases and effective.value < today:
            yield _too_early(effective, Phrase(N_("not released yet")))
    elif text.first > 0 and effective.value < (release := here.releases[text.first]).on:
        yield _too_early(effective, Phrase(N_("released only on {day} ({release})"), release=release.name,
                                           day=str(release.on)))  # fmt: skip


def _was_in_force(document: Document, history: History, log: Log, today: date) -> bool:
    """Whether a document came into git approved, as one does that was in force before; no other text of it is known."""
    if predecessor(document, history):
        return False
    trail = log.trails().get(document.path)
    came = trail[-1].commit.on if trail else today
    signed = [one.date.value for one in document.header.approvals if one.date]
    return bool(signed) and max(signed) < came


def _too_early(effective: Day, released: Phrase) -> Hit:
    return Hit(effective.span, {"effective": str(effective.value), "released": released})


RULES = (signature_altered, signature_dated_back, older_than_text, carried_over, effective_before_release)
