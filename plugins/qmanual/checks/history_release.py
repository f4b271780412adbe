"""Releases and the repository itself: tags that hold, lists that fit, commits in their order, a history that is whole.

A finding about a release stands on its list, `releases/NAME.yml`, or on the settings when there is none.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta

from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.control.history import GAP_TEXTS, Gap, History, Odds, Release
from qmanual.control.log import Commit, Log, Step
from qmanual.control.manifest import FOLDER, path_of
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.register import Register
from qmanual.source import Span

CLOCKS = timedelta(hours=1)
"""By how much the clocks of two machines may differ before their order says something."""


def _place(register: Register, name: str, line: int = 1) -> Span:
    path = path_of(name)
    return Span(path, line) if path in register.tree.paths else Span(register.settings.path)


_ELSEWHERE = N_(
    "no release holds a document of this folder: the manual was moved inside the repository after it was released; "
    "move it back, or release all documents anew from here"
)


@rule(
    "QM920",
    Severity.WARNING,
    title=N_("History incomplete"),
    message=N_("what was released cannot be known, or only in part: {gap}"),
    help=N_("mend it so that status, approvals and changes over time can be checked"),
    why=N_(
        "Status is derived from the release tags in git. Where they are missing, everything looks like a draft, and no "
        "rule over time can say anything: silence would look like approval."
    ),
    clause="7.5.3.2",
    bad="""
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def incomplete(register: Register, history: History, profile: str) -> Iterator[Hit]:
    gap = history.gap
    if gap is None and register.tree.manifests and history.releases and not history.documents:
        yield Hit(Span(max(register.tree.manifests)), {"gap": Phrase(_ELSEWHERE)})
    if gap is None or (gap is not Gap.DAMAGED and gap is not Gap.SHALLOW and not register.tree.manifests):
        return
    newest = max(register.tree.manifests, default=register.settings.path)
    severe = profile == RELEASE or gap is Gap.DAMAGED
    text = Phrase(GAP_TEXTS[gap], trouble=history.trouble) if gap is Gap.DAMAGED else Phrase(GAP_TEXTS[gap])
    span = Span(newest if gap is Gap.NO_TAGS else register.settings.path)
    yield Hit(span, {"gap": text}, Severity.ERROR if severe else None)


@rule(
    "QM921",
    Severity.ERROR,
    title=N_("Release tag moved"),
    message=N_("the tag release/{release} marks {commit}, but {cause}"),
    help=N_(
        "find out who set the tag anew and why; put it back where the release was made, or withdraw what was released "
        "wrongly by a new release"
    ),
    why=N_(
        "A release is issued once. A tag that is set on another commit, or on another day, makes another text or "
        "another day the approved one, and leaves no trace of the first."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20; moved)
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
    """,
    good="""
        release 2026-05 (2026-05-20)
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
    """,
)
def tag_moved(register: Register, history: History, log: Log) -> Iterator[Hit]:
    here = history.here
    brought = _brought(log) if history.gap is None else {}
    for at, release in enumerate(here.releases):
        first = brought.get(path_of(release.name))
        cause = None
        if first and first.name != release.commit and _holds_any(here, at):
            cause = Phrase(N_("its list was brought by {first}"), first=first.name[:10])
        elif release.dated and abs(release.on - release.dated) > timedelta(days=1):
            cause = Phrase(N_("was set on {day}, and its list is of {dated}"), day=str(release.on),
                           dated=str(release.dated))  # fmt: skip
        if cause:
            found = {"release": release.name, "commit": release.commit[:10], "cause": cause}
            yield Hit(_place(register, release.name), found)


def _brought(log: Log) -> dict[str, Commit]:
    """Path of a release's list → the commit that first brought it."""
    return {step.path: step.commit for step in log.steps if step.path.startswith(f"{FOLDER}/") and step.blob}


def _holds_any(history: History, place: int) -> bool:
    """Whether a release holds documents where they lie now: not before the manual was moved to another folder."""
    return any(text.first <= place <= text.last for texts in history.documents.values() for text in texts)


@rule(
    "QM922",
    Severity.WARNING,
    title=N_("Release tag without who and when"),
    message=N_("the tag release/{release} is a lightweight one: it does not say who set it, nor when"),
    help=N_("set release tags with `release`, or with `git tag -a`; for this one add a release that says so"),
    why=N_(
        "The tag is the act of issue. An annotated tag tells who issued and when; a lightweight one is only a name for "
        "a commit and can be set and moved without a trace."
    ),
    clause="7.5.2",
    bad="""
        release 2026-05 (2026-05-20; lightweight)
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def lightweight(register: Register, history: History) -> Iterator[Hit]:
    for release in history.releases:
        if not release.annotated:
            yield Hit(_place(register, release.name), {"release": release.name})


@rule(
    "QM923",
    Severity.ERROR,
    title=N_("Release on no main branch"),
    message=N_("the main branch does not hold the commit that release/{release} marks"),
    help=N_(
        "merge that commit into the main branch, without squash or rebase; if the history of the main branch was "
        "rewritten (force push), bring the old one back; if another branch is the main one, delete the `main`, `trunk` "
        "or `master` that was left over"
    ),
    why=N_(
        "What is issued must be part of the history that everybody shares. A release beside it was either made on a "
        "branch nobody reviewed, or the history was rewritten behind it."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20; off main)
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def off_main(register: Register, history: History) -> Iterator[Hit]:
    for release in history.releases if history.gap is None else ():
        if not release.on_main:
            yield Hit(_place(register, release.name), {"release": release.name})


@rule(
    "QM924",
    Severity.ERROR,
    title=N_("Releases out of order"),
    message=N_("release/{release} of {day} {cause}"),
    help=N_("check the date of the tag (`git for-each-ref refs/tags/release`), ask who set it; releases made beside "
            "each other are put right by merging both into the main branch and releasing once more"),
    why=N_(
        "From the order of the releases it follows what replaced what, and since when. "
        "A tag whose date contradicts the order of the commits makes an older text look newer, or was dated back."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-06 (2026-06-10)
        ====
        release 2026-05 (2026-05-20)
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        release 2026-06 (2026-06-10)
    """,
)  # fmt: skip
def out_of_order(register: Register, history: History, today: date) -> Iterator[Hit]:
    for release in history.ahead:
        text = N_("lies in the future: it is {today}, and until that day nothing that it holds counts")
        yield _disorder(register, release, Phrase(text, today=str(today)))
    before: Release | None = None
    for release in history.releases:
        if before and not release.follows and release.on_main and before.on_main and history.gap is None:
            found = {"before": before.name, "earlier": str(before.on)}
            if release.beside:
                text = N_("was made beside {before} of {earlier}, and does not build upon it")
                yield _disorder(register, release, Phrase(text, **found), _settled(history, release, before))
            else:
                yield _disorder(register, release, Phrase(N_("does not build upon {before} of {earlier}"), **found))
        elif release.committed and release.time < release.committed - CLOCKS:
            text = N_("is older than its commit of {committed}")
            yield _disorder(register, release, Phrase(text, committed=str(release.committed.date())))
        before = release


def _disorder(register: Register, release: Release, cause: Phrase, severity: Severity | None = None) -> Hit:
    found = {"release": release.name, "day": str(release.on), "cause": cause}
    return Hit(_place(register, release.name), found, severity)


def _settled(history: History, release: Release, before: Release) -> Severity | None:
    """Two people released at the same time. Once what is checked out holds both, the next release puts it right."""
    if not (release.checked_out and before.checked_out):
        return None
    return Severity.WARNING if release is history.newest else Severity.NOTE


@rule(
    "QM925",
    Severity.ERROR,
    title=N_("Release without its tag"),
    message=N_("there is a list of the release {release}, but no tag release/{release}"),
    help=N_(
        "fetch the tags (`git fetch --tags`); if the tag was deleted, put it back on the commit that brought the list"
    ),
    why=N_(
        "Only the tag makes a text the issued one. Where it has gone, what was in force becomes a draft, and nobody "
        "can show any more what was released."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-04 (2026-04-20)
        ====
        now
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
    """,
    good="""
        release 2026-05 (2026-05-20)
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
    """,
)
def tag_missing(register: Register, history: History) -> Iterator[Hit]:
    if history.gap is not None:
        return
    known = {release.name for release in history.releases} | history.later | set(history.broken)
    for path in register.tree.manifests:
        name = path.removeprefix(f"{FOLDER}/").removesuffix(".yml")
        if name not in known:
            yield Hit(Span(path), {"release": name})


@rule(
    "QM926",
    Severity.ERROR,
    title=N_("Release tag of another name"),
    message=N_("the tag release/{release} calls itself {inner}"),
    help=N_("find out who did this; the release {release} has to be issued anew under a name of its own"),
    why=N_(
        "A signed tag is signed with its own name. Put under the name of another release, an old, properly signed tag "
        "looks like the signed issue of a new one."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20; named 2026-04)
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def named_otherwise(register: Register, history: History) -> Iterator[Hit]:
    for release in history.releases:
        if release.annotated and release.inner and release.inner != f"release/{release.name}":
            yield Hit(_place(register, release.name), {"release": release.name, "inner": release.inner})


@rule(
    "QM927",
    Severity.ERROR,
    title=N_("Release tag that marks no commit"),
    message=N_("the tag release/{release} marks nothing that could be issued"),
    help=N_("remove the tag (`git tag -d release/{release}`) and release with `release`"),
    why=N_("A tag on a file, or on another tag, holds no manual. It looks like a release in every list and is none."),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20; broken)
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def marks_nothing(register: Register, history: History) -> Iterator[Hit]:
    for name in history.broken:
        yield Hit(_place(register, name), {"release": name})


@rule(
    "QM928",
    Severity.ERROR,
    title=N_("List of a release changed afterwards"),
    message=N_("the list of the release {release} {how} since it was released"),
    help=N_("bring it back: `git checkout release/{release} -- {path!q}`"),
    why=N_(
        "The list says which text was issued, by its digest, and the next list builds upon it. "
        "A list that is changed later speaks of other texts than those that were approved."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
        ====
        now
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 9.9
        documents: []
    """,
    good="""
        release 2026-05 (2026-05-20)
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents: []
    """,
)
def list_changed(register: Register, history: History) -> Iterator[Hit]:
    tree = register.tree
    for release in history.here.releases:
        path = path_of(release.name)
        if release.manifest and path not in tree.paths and path not in history.absent:
            yield Hit(Span(path), {"release": release.name, "how": Phrase(N_("has gone")), "path": path})
        elif (
            path in tree.paths
            and release.manifest
            and _blob(tree.manifests.get(path, b""), release.manifest) != release.manifest
        ):
            yield Hit(Span(path), {"release": release.name, "how": Phrase(N_("was changed")), "path": path})


def _blob(data: bytes, like: str) -> str:
    """The name that git gives to contents, by the algorithm of another name."""
    algorithm = "sha256" if len(like) == 64 else "sha1"
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@rule(
    "QM929",
    Severity.ERROR,
    title=N_("Released text is not the listed one"),
    message=N_("the list of the release {release} {cause}"),
    help=N_(
        "nothing of this release can be trusted as approved: compare the texts with what was signed, and release anew"
    ),
    why=N_(
        "The list is written when everything has been checked and approved, and the tag is set on the same texts. "
        "Where they differ, what was issued is not what was approved."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        releases/2026-05.yml
        release: 2026-05
        date: 2026-05-20
        tool: qmanual 0.1.0
        documents:
          - {id: QM-01, revision: A/0, digest: 0000, path: manual/index.md, change: new}
          - {id: QP-7.5-01, revision: A/1, digest: 0000, path: procedures/QP-7.5-01.md, change: new}
          - {id: QR-7.5-01, revision: A/0, digest: 0000, path: forms/QR-7.5-01.md, change: new}
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def not_as_listed(register: Register, history: History) -> Iterator[Hit]:
    for release in history.here.releases:
        for wrong in release.mismatches:
            found = {"release": release.name, "cause": Phrase(_ODDS[wrong.odds], id=wrong.id)}
            yield Hit(_place(register, release.name, wrong.line), found)


_ODDS = {
    Odds.DIGEST: N_("gives another digest for {id} than its text has"),
    Odds.REVISION: N_("gives another revision for {id} than its text bears"),
    Odds.NOT_LISTED: N_("does not name {id}, which is part of the release"),
    Odds.NOT_HELD: N_("names {id}, which is no part of the release"),
    Odds.UNREADABLE: N_("cannot be read"),
}


@rule(
    "QM930",
    Severity.WARNING,
    title=N_("Commit dated before the one that it follows"),
    message=N_("the commit {commit} of {author} is dated {date}, but follows one of {before}"),
    help=N_(
        "ask {author}: a clock that was wrong is explained in a waiver of this rule; a date that was set back makes "
        "the approvals of this document worthless until they are given anew"
    ),
    why=N_(
        "git takes the date of a commit from whoever makes it. A commit cannot be older than the one it builds upon; "
        "one that claims so was made on a machine with a wrong clock, or to look as if a text had been there earlier."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        ====
        commit (2026-05-10)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-05-20, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
    good="""
        release 2026-05 (2026-05-20)
        ====
        commit (2026-05-21)
        procedures/QP-7.5-01.md
        ---
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-05-20, by: 李静, summary: 规定收回期限}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        作废文件当日收回。
    """,
)
def dated_back(register: Register, log: Log) -> Iterator[Hit]:
    wrong = [step for step in log.steps if _is_dated_back(step.commit)]
    if not wrong:
        return
    trails = log.trails()
    for document in register.documents:
        steps = (step for body in document.bodies for step in trails.get(body.path, ()))
        found: Step | None = next((step for step in steps if _is_dated_back(step.commit)), None)
        if found and found.commit.before:
            commit, before = found.commit, found.commit.before.astimezone(found.commit.time.tzinfo)
            details = {"commit": commit.name[:10], "author": commit.author or "—", "date": str(commit.on)}
            yield Hit(document.span, details | {"before": str(before.date())})


def _is_dated_back(commit: Commit) -> bool:
    return commit.before is not None and commit.time < commit.before - timedelta(days=1)


RULES = (
    incomplete, tag_moved, lightweight, off_main, out_of_order, tag_missing, named_otherwise, marks_nothing,
    list_changed, not_as_listed, dated_back,
)  # fmt: skip
