"""Numbers over time: a released document neither disappears, nor changes its number, nor leaves it to another.

A document leaves by a withdrawal, which is released like any other change; its number stays its own for ever.
"""

from collections.abc import Iterator
from datetime import date

from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.control.history import History, Released
from qmanual.control.log import Log
from qmanual.control.manifest import FOLDER as MANIFESTS
from qmanual.control.manifest import path_of
from qmanual.control.past import same, vanished
from qmanual.control.statement import FOLDER as STATEMENTS
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document
from qmanual.register import Register
from qmanual.source import Span

SHOWN = 5
"""How many of the files that are not checked out are named."""


@rule(
    "QM251",
    Severity.ERROR,
    title=N_("Released document deleted"),
    message=N_("{id} {title} is gone, although release {release} holds it"),
    help=N_(
        "bring the file back (`git checkout release/{release} -- {path!q}`); a document leaves by `withdraw {id!q}`"
    ),
    why=N_(
        "A withdrawal says since when, why, and what to follow instead, and staff are told. "
        "A file that is deleted says nothing: printed copies live on, and links lead nowhere."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        ---
        # 外来文件控制程序
        ====
        now
    """,
    good="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        ---
        ====
        now
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        withdrawn: {date: 2026-06-30, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
    """,
)
def deleted(register: Register, history: History, log: Log) -> Iterator[Hit]:
    moved = {before.facts.id for before, _ in _renumbered(register, history, log)}
    newest = history.here.newest
    for text, release in vanished(history.here, frozenset(register.by_id)):
        facts = text.facts
        if facts.id in moved or facts.path in history.absent or _may_be_there(text, register):
            continue
        found = {"id": facts.id, "title": facts.title, "release": release.name, "path": facts.path}
        severity = None if release is newest else Severity.WARNING
        yield Hit(Span(facts.path), found, severity)


def _may_be_there(text: Released, register: Register) -> bool:
    """Whether the document stands in a file whose number cannot be read: that file's own finding says so."""
    facts = text.facts
    unread = {fault.span.path for fault in register.tree.faults}
    there = register.by_path.get(facts.path)
    return facts.path in unread or facts.id in register.claimed_ids or (there is not None and not there[0].header.id)


@rule(
    "QM252",
    Severity.ERROR,
    title=N_("Number of a released document changed"),
    message=N_("this document was released ({release}) under the number {was}"),
    help=N_(
        "give it back the number {was}; when another number is needed, withdraw {was} and issue the text as a new "
        "document"
    ),
    why=N_(
        "References, records, printed copies and training all name the number. "
        "A document under another number is, for all of them, another document, and the old one has disappeared."
    ),
    clause="7.5.2",
    bad="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        ---
        ====
        now
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-03
        ---
    """,
    good="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        ---
        ====
        now
        procedures/QP-7.5-02 文件控制程序.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        ---
    """,
)
def renumbered(register: Register, history: History, log: Log) -> Iterator[Hit]:
    for text, document in _renumbered(register, history, log):
        names = history.here.names(text)
        yield Hit(document.span, {"was": text.facts.id, "release": names[-1]})


def _renumbered(register: Register, history: History, log: Log) -> Iterator[tuple[Released, Document]]:
    """Released documents whose file, renames followed, now bears a number that was never released."""
    gone = {text.facts.path: text for text, _ in vanished(history.here, frozenset(register.by_id))}
    if not gone:
        return
    new = [one for one in register.documents if one.header.id and one.id not in history.here.documents]
    trails = log.trails()
    for document in new:
        paths = [document.path, *(step.was or step.path for step in trails.get(document.path, ()))]
        if found := next((gone[path] for path in paths if path in gone), None):
            yield found, document


@rule(
    "QM253",
    Severity.ERROR,
    title=N_("Number used again"),
    message=N_("the number {id} belonged to “{title}”, which {how} with release {release}"),
    help=N_("give this document a number that was never used"),
    why=N_(
        "Old records, reports and copies go on naming the number. "
        "When it is given to another document, they seem to speak of that one."
    ),
    clause="7.5.2",
    bad="""
        release 2026-04 (2026-04-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        effective: 2026-04-25
        withdrawn: {date: 2026-04-20, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
        # 外来文件控制程序
        ====
        now
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 文件借阅程序
        revision: A/2
        approved:
        changes:
          - {revision: A/2, date: 2026-06-10, by: 李静, summary: 首次发布}
          - {revision: A/1, date: 2026-05-11, by: 李静, summary: 增加电子签批}
          - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
        ---
        # 文件借阅程序

        ## 1 目的

        规定文件的借阅。

        ## 2 范围

        全部纸质文件。

        ## 3 职责

        质量部负责借阅登记。

        ## 4 工作程序

        借阅须登记，填写 QR-7.5-01。

        ## 5 相关文件

        - [QM-01 质量手册](../manual/index.md)

        ## 6 相关记录

        - [QR-7.5-01 文件更改申请单](../forms/QR-7.5-01.md)
    """,
    good="""
        release 2026-04 (2026-04-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        withdrawn: {date: 2026-04-20, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
        ====
        now
        procedures/QP-7.5-03.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-03
        title: 文件借阅程序
        ---
    """,
)
def used_again(document: Document, history: History, today: date) -> Iterator[Hit]:
    here = history.here
    texts = here.documents.get(document.id, ())
    if not texts or document.header.withdrawn:
        return
    for text in texts:
        release = here.releases[text.first]
        if text.facts.withdrawn and max(text.facts.withdrawn_on or release.on, release.on) <= today:
            yield Hit(document.span, _used(text, release.name, N_("was withdrawn")))
            return
    for at, text in enumerate(texts):
        follows = texts[at + 1].first if at + 1 < len(texts) else len(here.releases)
        if text.last + 1 < follows and text.facts.title != document.title:
            yield Hit(document.span, _used(text, here.releases[text.last + 1].name, N_("left the releases")))
            return


def _used(text: Released, release: str, how: str) -> dict[str, str]:
    return {"id": text.facts.id, "title": text.facts.title, "how": Phrase(how), "release": release}


@rule(
    "QM254",
    Severity.WARNING,
    title=N_("Two documents with one number in a release"),
    message=N_("release {release} holds the number {id} twice: {paths}"),
    help=N_(
        "see that each has a number of its own now; whoever has a copy with this number should be told which it is"
    ),
    why=N_(
        "What a release holds is in force. With one number for two documents nobody could tell which of them was meant "
        "by a reference or on a copy."
    ),
    clause="7.5.2",
    bad="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        title: 外来文件控制程序
        ---
        # 外来文件控制程序
        ====
        now
    """,
    good="""
        release 2026-05 (2026-05-20)
    """,
)
def doubled(register: Register, history: History) -> Iterator[Hit]:
    here = history.here
    for name, found in here.doubles.items():
        newest = here.newest is not None and name == here.newest.name
        for number, paths in found.items():
            document = register.by_id.get(number)
            span = document.span if document else Span(path_of(name))
            details = {"release": name, "id": number, "paths": ", ".join(paths)}
            yield Hit(span, details, None if newest else Severity.NOTE)


@rule(
    "QM255",
    Severity.ERROR,
    title=N_("Withdrawal altered after it took effect"),
    message=N_("withdrawn on {date}, but release {release} holds {was}"),
    help=N_("bring the date back as it was released"),
    why=N_(
        "From the day of its withdrawal nobody works by a document any more. "
        "When that day is moved afterwards, records of the days between seem to be made by a text that was void, or by "
        "one that was not."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        withdrawn: {date: 2026-05-20, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
        ====
        now
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        withdrawn: {date: 2026-04-10, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
    """,
    good="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        withdrawn: {date: 2026-12-31, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
        ====
        now
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        withdrawn: {date: 2026-11-30, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---
    """,
)
def withdrawal_altered(document: Document, history: History, today: date) -> Iterator[Hit]:
    here, gone = history.here, document.header.withdrawn
    if gone is None or gone.date is None:
        return
    for text in here.documents.get(document.id, ()):
        if same(document, text) and _took_effect(text, here, today):
            was = text.facts.withdrawn_on
            if was and was != gone.date.value:
                found = {"date": str(gone.date.value), "was": str(was), "release": here.names(text)[0]}
                yield Hit(gone.date.span, found)
            return


def _took_effect(text: Released, history: History, today: date) -> bool:
    """Whether the day of a withdrawal came while releases held it as it is."""
    facts, follows = text.facts, history.releases[text.last + 1 :]
    end = follows[0].on if follows else today
    return facts.withdrawn and max(facts.withdrawn_on or date.min, history.releases[text.first].on) <= end


@rule(
    "QM256",
    Severity.WARNING,
    title=N_("Files not checked out"),
    message=N_("{count} files of the manual are not checked out here (sparse checkout): {paths}"),
    help=N_(
        "run `git sparse-checkout disable`; until then nothing is known of them, and what refers to them leads nowhere"
    ),
    why=N_(
        "Findings, registers and status speak of the whole manual. Where a part of its files is not there, they would "
        "speak of that part alone, and look as if all were said."
    ),
    clause="7.5.3.2",
    bad="""
        release 2026-05 (2026-05-20; sparse)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        ---
        # 外来文件控制程序
        ====
        now
    """,
    good="""
        release 2026-05 (2026-05-20)
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 外来文件控制程序
        ---
        # 外来文件控制程序
    """,
)
def not_checked_out(register: Register, history: History, profile: str) -> Iterator[Hit]:
    folders = tuple(f"{folder}/" for folder in (*register.settings.folders, MANIFESTS, STATEMENTS))
    paths = sorted(path for path in history.absent if path.startswith(folders) and path not in register.tree.paths)
    if paths:
        shown = ", ".join([*paths[:SHOWN], *(["…"] if len(paths) > SHOWN else [])])
        severity = Severity.ERROR if profile == RELEASE else None
        yield Hit(Span(register.settings.path), {"count": str(len(paths)), "paths": shown}, severity)


RULES = (deleted, renumbered, used_again, doubled, withdrawal_altered, not_checked_out)
