"""Signed approval statements: whether they hold, as `control.judging` finds it (ISO 9001 7.5.3.1 b; 21 CFR 11.70).

Each rule speaks of one ground on which a statement can fail. The same findings make `verify` say no.
"""

from collections.abc import Iterator
from datetime import date

from qmanual.checks.approval import MEANING_NAMES
from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.control.history import History
from qmanual.control.judging import Ground, Verdict, last_round
from qmanual.control.statement import folder_of
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document, Meaning
from qmanual.register import Register

_PATH = "approvals/QP-7.5-01/A-1/1-prepared-李静.yml"
_STATEMENT = """\
type: "qms-approval/1"
document: "QP-7.5-01"
revision: "A/1"
title: "文件控制程序"
digest: "2f351f6f621c87f006b9618a91bb98ddf1fb69d4c1a95a282827c474caf1748c"
meaning: "prepared"
decision: "accepted"
name: "李静"
role: "文控专员"
time: "2026-05-11T09:30:00+08:00"
previous: ""
"""
_SIGNATURE = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgbykzK+6tGBBfSz1qWw1C5gmPSB
Ewde2r8F3bY60ynb0AAAAPcW1zLWFwcHJvdmFsQHYxAAAAAAAAAAZzaGE1MTIAAABTAAAA
C3NzaC1lZDI1NTE5AAAAQF2um5hXCryWHqcro2PbQ9hAnFWfldw1XO+/zSXcyRtVsDJVi1
/8D2KPqvaxDSV+FV1ryDJlBFFlW6Z3mE01LAQ=
-----END SSH SIGNATURE-----
"""
_OTHER_SIGNATURE = """\
-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgqVc/la4ZN6olQnmx0sqyuplOIA
SR8c674qHS0n38JkcAAAAPcW1zLWFwcHJvdmFsQHYxAAAAAAAAAAZzaGE1MTIAAABTAAAA
C3NzaC1lZDI1NTE5AAAAQGXtylKxRErHRjDT0BwOF3L9C4UQQLKQ2q0/Koql823gLyNjVZ
1C9513ndef8fs1LrHU6+2qVKGUQEJCprc0dgM=
-----END SSH SIGNATURE-----
"""
_PEOPLE = """\
manual/organization.yml
people:
  - name: 李静
    posts: [{role: 文控专员, from: 2024-01-01, may: [prepared]}]
    keys:
      - {key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8pMyvurRgQX0s9alsNQuYJj0gRMHXtq/Bd22OtMp29, since: 2026-01-01}
"""
_AGAIN = """\
approvals/QP-7.5-01/A-1/1-prepared-陈刚.yml
type: "qms-approval/1"
document: "QP-7.5-01"
revision: "A/1"
title: "文件控制程序"
digest: "2f351f6f621c87f006b9618a91bb98ddf1fb69d4c1a95a282827c474caf1748c"
meaning: "prepared"
decision: "accepted"
name: "陈刚"
role: "管理者代表"
time: "2026-05-11T09:30:00+08:00"
previous: ""
====
approvals/QP-7.5-01/A-1/2-approved-陈刚.yml
type: "qms-approval/1"
document: "QP-7.5-01"
revision: "A/1"
title: "文件控制程序"
digest: "2f351f6f621c87f006b9618a91bb98ddf1fb69d4c1a95a282827c474caf1748c"
meaning: "approved"
decision: "accepted"
name: "陈刚"
role: "管理者代表"
time: "2026-05-12T09:30:00+08:00"
previous: "a3886125c77554c80fe668d989fbdb6b1f0583caf12204f30f45be5354e779da"
"""
_REJECTED = """\
type: "qms-approval/1"
document: "QP-7.5-01"
revision: "A/1"
title: "文件控制程序"
digest: "2f351f6f621c87f006b9618a91bb98ddf1fb69d4c1a95a282827c474caf1748c"
meaning: "reviewed"
decision: "rejected"
name: "王强"
role: "质量部经理"
time: "2026-05-12T09:30:00+08:00"
previous: ""
comment: "没有规定作废文件的收回期限"
"""
_UNSIGNED = f"{_PATH}\n{_STATEMENT}"
_SIGNED = f"{_UNSIGNED}====\n{_PATH}.sig\n{_SIGNATURE}"
_SOUND = f"{_SIGNED}====\n{_PEOPLE}"


def _hits(statements: Verdict, ground: Ground) -> Iterator[Hit]:
    for problem in statements.problems:
        if problem.ground is ground:
            yield Hit(problem.span, {"cause": problem.cause})


@rule(
    "QM350",
    Severity.ERROR,
    title=N_("Statement cannot be read"),
    message=N_("this is no approval statement: {cause}"),
    help=N_(
        "restore the file as the program wrote it (`git checkout` of the commit that added it); a statement is never "
        "edited, a mistake in it is mended by a new one"
    ),
    why=N_(
        "A signature covers the bytes of the statement. "
        "There is one way to write one, so that everybody who reads it reads the same."
    ),
    clause="7.5.3",
    bad=_UNSIGNED.replace('decision: "accepted"', 'decision: "perhaps"'),
    good=_SOUND,
)
def unreadable(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.UNREADABLE)


@rule(
    "QM351",
    Severity.ERROR,
    title=N_("Stray file among the statements"),
    message=N_("the file belongs to no statement: {cause}"),
    help=N_("restore the statement if one was removed or renamed; move anything else out of approvals/"),
    why=N_(
        "What lies among the evidence is taken for evidence. "
        "A signature without its statement shows that one was removed or renamed."
    ),
    clause="7.5.3",
    bad=f"{_PATH}.sig\n{_SIGNATURE}",
    good=_SOUND,
)
def stray(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.STRAY)


@rule(
    "QM352",
    Severity.ERROR,
    title=N_("Signature does not hold"),
    message=N_("the signature of the statement does not hold: {cause}"),
    help=N_(
        "restore statement and signature as they were added; where the signature was never given, remove the statement "
        "and sign again: `build.py approve`"
    ),
    why=N_(
        "Only the holder of the key can make the signature, and it fits these bytes alone. "
        "A statement that was changed, or that nobody signed, is a claim of whoever wrote the file."
    ),
    clause="7.5.3",
    bad=_UNSIGNED,
    good=_SOUND,
)
def not_signed(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.SIGNATURE)


@rule(
    "QM353",
    Severity.ERROR,
    title=N_("Signed with a key that does not count"),
    message=N_("the signer is not who he says, or his key does not count: {cause}"),
    help=N_(
        "have somebody sign whose key the last release lists in organization.yml; a new key counts from the release "
        "that brings it"
    ),
    why=N_(
        "A key stands for a person from the day on which the company registered it until it is replaced or revoked. "
        "What another key signed says nothing about that person."
    ),
    clause="5.3",
    bad=f"{_UNSIGNED}====\n{_PATH}.sig\n{_OTHER_SIGNATURE}",
    good=_SOUND,
)
def key_unknown(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.KEY)


@rule(
    "QM354",
    Severity.ERROR,
    title=N_("Chain of statements broken"),
    message=N_("the statement does not fit into its chain: {cause}"),
    help=N_("restore the statements as they were signed; what is to be said anew is said by a further statement"),
    why=N_(
        "Each statement names the one before it, so that none can be removed, exchanged or put in between. "
        "They are given in an order: prepared, reviewed, countersigned, approved."
    ),
    clause="7.5.3",
    bad=_UNSIGNED.replace("1-prepared", "2-prepared"),
    good=_SOUND,
)
def chain_broken(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.CHAIN)


@rule(
    "QM355",
    Severity.ERROR,
    title=N_("Statement about another text"),
    message=N_("the statement is not about this text: {cause}"),
    help=N_(
        "take the change of the text back, or have the text prepared, reviewed and approved again: `build.py approve`"
    ),
    why=N_(
        "Approved is the text that was read, to the character. "
        "A statement that was copied to another document or revision, or whose text was changed, approves nothing."
    ),
    clause="7.5.3",
    bad=f"procedures/QP-7.5-01.md\n---\nreview_every: 24 months\n---\n====\n{_UNSIGNED}",
    good=_SOUND,
)
def another_text(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.TEXT)


@rule(
    "QM356",
    Severity.ERROR,
    title=N_("Signed without the right"),
    message=N_("the signer had no right to sign this: {cause}"),
    help=N_(
        "have somebody sign who is entitled; a right that is new in organization.yml counts from the release that "
        "brings it"
    ),
    why=N_(
        "Who may approve is decided before, by those who may decide it, and published with a release. "
        "Else anybody could give the right to himself in the same change in which he uses it."
    ),
    clause="5.3",
    bad=_UNSIGNED.replace('role: "文控专员"', 'role: "总经理"'),
    good=_SOUND,
)
def without_right(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.RIGHT)


@rule(
    "QM357",
    Severity.ERROR,
    title=N_("One person signed as two"),
    message=N_("these signatures are of one person: {cause}"),
    help=N_("have the text approved by another person, with a key of his own"),
    why=N_(
        "Approval is a second look by somebody else. "
        "Two names that sign with one key are one person, whatever the names say."
    ),
    clause="7.5.2",
    bad=_AGAIN,
    good=_SOUND,
)
def one_as_two(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.TWOFOLD)


@rule(
    "QM358",
    Severity.ERROR,
    title=N_("Signed statement missing"),
    message=N_("the document has not been {meaning} by a signed statement"),
    help=N_("have the person sign: `build.py approve {id!q} --as NAME --meaning {key} --key FILE`"),
    why=N_(
        "The settings ask for signatures for this kind of document (`signatures`). "
        "A name in the header can be typed by anybody; a signature cannot."
    ),
    clause="7.5.2",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              signatures: {procedure: 1}
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              signatures: {procedure: 0}
    """,
)
def statement_missing(register: Register, statements: Verdict, history: History, profile: str) -> Iterator[Hit]:
    for document in register.documents if profile == RELEASE else ():
        if not document.header.readable or _is_released(document, history):
            continue
        given = {one.statement.meaning for one in statements.given(folder_of(document.id, document.revision))}
        for meaning in statements.demand(document.id).meanings:
            if meaning not in given:
                found = {"meaning": Phrase(MEANING_NAMES[meaning]), "key": meaning.value, "id": document.id}
                yield Hit(document.header.at(meaning.value), found)


def _is_released(document: Document, history: History) -> bool:
    """Whether the newest release holds this text; it was approved as was usual then."""
    held = history.held(document.id)
    return held is not None and (held.facts.revision, held.facts.digest) == (document.revision, document.digest)


@rule(
    "QM359",
    Severity.ERROR,
    title=N_("Time stamp missing or wrong"),
    message=N_("the time of the signature is not proven: {cause}"),
    help=N_(
        "sign again with a time stamp, `build.py approve … --tsa ADDRESS`, of an authority whose certificate stands in "
        "organization.yml under time_stamp_authorities"
    ),
    why=N_(
        "Who holds a key can write any time beside the signature. "
        "A time stamp of somebody else shows when it was there, so that a stolen key cannot date back."
    ),
    clause="7.5.3",
    bad=f"mkdocs.yml\nplugins:\n  - qmanual:\n      signatures: {{procedure: 2}}\n====\n{_UNSIGNED}",
    good=_SOUND,
)
def not_stamped(statements: Verdict) -> Iterator[Hit]:
    yield from _hits(statements, Ground.STAMP)


@rule(
    "QM360",
    Severity.ERROR,
    title=N_("Header and statement disagree"),
    message=N_("the header says {meaning} by {name} on {date}, which no signed statement says"),
    help=N_("write into the header what was signed, or have the person sign what the header says"),
    why=N_(
        "The header is what readers see, the statement is what was signed. "
        "Where they differ, a reader takes something for proven that is not."
    ),
    clause="7.5.3",
    bad=f"procedures/QP-7.5-01.md\n---\nprepared: {{by: 李静, date: 2026-05-10}}\n---\n====\n{_UNSIGNED}",
    good=_SOUND,
)
def header_disagrees(register: Register, statements: Verdict) -> Iterator[Hit]:
    for document in register.documents:
        filed = statements.folders.get(folder_of(document.id, document.revision), ())
        signed = {(one.meaning, one.name, one.time.date()) for one in (each.statement for each in last_round(filed))}
        meanings = {meaning for meaning, _, _ in signed}
        if filed and statements.demand(document.id).level:
            meanings |= set(Meaning)
        yield from _disagreeing(document, meanings, signed)


def _disagreeing(document: Document, meanings: set[Meaning], signed: set[tuple[Meaning, str, date]]) -> Iterator[Hit]:
    for approval in document.header.approvals:
        if approval.meaning in meanings and approval.by and approval.date:
            said = (approval.meaning, approval.by.value, approval.date.value)
            if said not in signed:
                yield Hit(approval.span, {
                    "meaning": Phrase(MEANING_NAMES[approval.meaning]), "name": approval.by.value,
                    "date": str(approval.date.value),
                })  # fmt: skip


@rule(
    "QM366",
    Severity.ERROR,
    title=N_("Text was rejected"),
    message=N_("{name} rejected this text on {day}: {comment}"),
    help=N_(
        "change the text as the comment asks, commit it, and have it prepared, reviewed and approved anew; a text that "
        "is kept as it was is not released"
    ),
    why=N_(
        "Whoever reviews a document may find that it is not suitable or not adequate. That is part of its evidence. "
        "It is answered by another text, not by another signature under the same one. While the text is being changed "
        "this is a warning."
    ),
    clause="7.5.2",
    bad=f"approvals/QP-7.5-01/A-1/1-reviewed-王强.yml\n{_REJECTED}",
    good=f"procedures/QP-7.5-01.md\n---\nprepared:\nreviewed:\napproved:\n---\n作废文件当日收回。\n====\n"
    f"approvals/QP-7.5-01/A-1/1-reviewed-王强.yml\n{_REJECTED}",
)
def rejected(register: Register, statements: Verdict, profile: str) -> Iterator[Hit]:
    for document in register.documents:
        found = statements.rejection(folder_of(document.id, document.revision), document.digest)
        if found:
            one = found.statement
            details = {"name": one.name, "day": str(one.time.date()), "comment": one.comment or "—"}
            grave = profile == RELEASE or document.header.signed
            yield Hit(document.header.at("revision"), details, None if grave else Severity.WARNING)


RULES = (
    unreadable, stray, not_signed, key_unknown, chain_broken, another_text, without_right, one_as_two,
    statement_missing, not_stamped, header_disagrees, rejected,
)  # fmt: skip
