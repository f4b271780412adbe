"""Commands that write: new, revise, approve, release, withdraw. Each shows what it would write, asks, then writes."""

import re
import sys
from datetime import date
from pathlib import Path

import click

from qmanual.cli.asking import MeaningWord, ask, confirm, load, now, read_meaning, told
from qmanual.cli.shell import Day, Session, qmanual
from qmanual.language import N_
from qmanual.workspace import CannotRun

_yes = click.option("--yes", is_flag=True, help=N_("write without asking"))


@qmanual.command(help=N_("Begin a new document of a kind, with the next free number."))
@click.argument("kind")
@click.option("--title", help=N_("the title"))
@click.option("--department", help=N_("the department that owns it"))
@click.option("--clause", "clauses", multiple=True, help=N_("a clause that it answers, such as 8.4; can be repeated"))
@click.option("--id", "number", default="", help=N_("the number, instead of the next free one"))
@click.option("--as", "name", default="", help=N_("the name of whoever writes it"))
@_yes
@click.pass_obj
def new(
    session: Session, kind: str, title: str | None, department: str | None, clauses: tuple[str, ...], number: str,
    name: str, yes: bool,
) -> int:  # fmt: skip
    from qmanual.service.life.creating import Meant, clause_named, create, department_named, kind_named

    manual = load(session)
    kind_named(manual, kind)
    title = title or ask(session, manual, "--title", N_("Title"))
    department = department or ask(
        session, manual, "--department", N_("Owning department"), lambda answer: department_named(manual, answer)
    )
    named = [one for written in clauses for one in _clauses(written)] or _clauses(
        ask(
            session, manual, "--clause", N_("Clauses, such as 8.4, separated by blanks"),
            lambda answer: [clause_named(manual, one) for one in _clauses(answer)],
        )
    )  # fmt: skip
    if not name and sys.stdin.isatty():  # a script may leave it open
        name = ask(session, manual, "--as", N_("Your name, for the change list"))
    meant = Meant(kind=kind, title=title, department=department, clauses=tuple(named), number=number, by=name)
    return confirm(session, manual, create(manual, meant), yes)


def _clauses(written: str) -> list[str]:
    """The clauses in what a person wrote: separated by commas of any kind, bare numbers by blanks as well."""
    parts = [part.strip() for part in re.split(r"[,，、;；]", written)]
    return [one for part in parts for one in (part.split() if re.fullmatch(r"[\d.\s]*", part) else [part])]


@qmanual.command(help=N_("Begin the next revision of a released document."))
@click.argument("id")
@click.option("--major", is_flag=True, help=N_("a large step: A/3 → B/0, 1.3 → 2.0"))
@click.option("--summary", help=N_("what is changed, for the change list"))
@click.option("--as", "name", help=N_("the name of whoever changes it"))
@click.option("--effective", type=Day(), help=N_("from which day it is in force; else it is left open"))
@_yes
@click.pass_obj
def revise(
    session: Session, id: str, major: bool, summary: str | None, name: str | None, effective: date | None, yes: bool
) -> int:
    from qmanual.service.life.revising import Revision, following
    from qmanual.service.life.revising import revise as work_out

    manual = load(session)
    following(manual, id, major=major)
    summary = summary or ask(session, manual, "--summary", N_("What is changed"))
    name = name or ask(session, manual, "--as", N_("Changed by"))
    meant = Revision(summary=summary, by=name, major=major, effective=effective)
    return confirm(session, manual, work_out(manual, id, meant), yes)


@qmanual.command(help=N_("Sign documents: prepared, reviewed, countersigned or approved."))
@click.argument("ids", nargs=-1)
@click.option("--as", "name", help=N_("the name of whoever signs"))
@click.option("--meaning", type=MeaningWord(), help=N_("what the signature means"))
@click.option("--date", "on", type=Day(), help=N_("the day of the signature, if it is not today"))
@click.option("--all", "every", is_flag=True, help=N_("every document that waits for this signature"))
@click.option("--reject", is_flag=True, help=N_("refuse the text instead of signing it"))
@click.option("--comment", help=N_("why it is refused"))
@click.option("--from", "answer", type=click.Path(path_type=Path), help=N_("the answer to a review packet"))
@click.option("--key", default="", help=N_("sign a statement with this SSH key file, or `agent`"))
@click.option("--tsa", default="", help=N_("have the signature stamped by the time stamp authority at this address"))
@_yes
@click.pass_obj
def approve(
    session: Session, ids: tuple[str, ...], name: str | None, meaning: str | None, on: date | None, every: bool,
    reject: bool, comment: str | None, answer: Path | None, key: str, tsa: str, yes: bool,
) -> int:  # fmt: skip
    from qmanual.service.life.answering import approve_answer
    from qmanual.service.life.approving import approve as agree
    from qmanual.service.life.approving import approve_all
    from qmanual.service.life.plan import chosen, filled
    from qmanual.service.life.proving import Signing
    from qmanual.service.life.rejecting import reject as refuse
    from qmanual.service.statements import Means

    manual = load(session)
    if answer:
        if ids or every or name or meaning or on or key or tsa or reject or comment:
            raise CannotRun(N_("The answer says who signs what, and when: give --from FILE alone."))
        return confirm(session, manual, told(session, manual, lambda: approve_answer(manual, answer)), yes)
    _refuse_words(every=every, named=bool(ids), reject=reject, comment=bool(comment), key=bool(key), tsa=bool(tsa))
    if (key or reject) and on not in (None, session.today):
        raise CannotRun(N_("A signature bears the time at which it is given: leave out --date."))
    for number in ids:
        chosen(manual, number)
    name = filled("--as", name) if name else ask(session, manual, "--as", N_("Name"))
    meaning = meaning or ask(session, manual, "--meaning", N_("Meaning (prepared, reviewed, countersigned, approved)"),
                             read_meaning)  # fmt: skip
    signing = Signing(
        by=name, meaning=read_meaning(meaning), on=on or session.today, means=Means(key=key, tsa=tsa) if key else None,
        moment=now(session),
    )  # fmt: skip
    if reject:
        why = comment or ask(session, manual, "--comment", N_("Why the text is refused"))
        return confirm(session, manual, told(session, manual, lambda: refuse(manual, ids, signing, why)), yes)
    plan = told(session, manual, lambda: approve_all(manual, signing) if every else agree(manual, ids, signing))
    return confirm(session, manual, plan, yes)


def _refuse_words(*, every: bool, named: bool, reject: bool, comment: bool, key: bool, tsa: bool) -> None:
    """Raise `CannotRun` for words of `approve` that do not go together."""
    if reject and every:
        raise CannotRun(N_("Name the documents that are refused by their numbers; --all is for signing."))
    if comment and not reject:
        raise CannotRun(N_("A comment belongs to a refusal: --reject --comment TEXT"))
    if named == every:
        raise CannotRun(N_("Name the documents to be signed by their numbers, or all that wait: --all"))
    if tsa and not key:
        raise CannotRun(N_("A time stamp is over a signature: name the key as well, --key FILE"))


@qmanual.command(help=N_("Release what has changed: a manifest, a commit and a tag."))
@click.argument("name")
@click.option("--effective", type=Day(), help=N_("from which day texts are in force that leave it open"))
@click.option("--without", multiple=True,
              help=N_("the number of a document that stays as it was released; can be repeated"))  # fmt: skip
@click.option("--as", "person", default="", help=N_("the name of whoever releases"))
@click.option("--key", default="", help=N_("sign the tag with this SSH key file, or `agent`"))
@_yes
@click.pass_obj
def release(
    session: Session, name: str, effective: date | None, without: tuple[str, ...], person: str, key: str, yes: bool
) -> int:
    from qmanual.git.writing import identity
    from qmanual.service.life.releasing import Issuing
    from qmanual.service.life.releasing import release as work_out
    from qmanual.service.statements import tag_signer

    manual = load(session)
    known, email = identity(manual.archive.repository)
    issuing = Issuing(
        release=name, name=person or known, email=email if person in ("", known) else "", moment=now(session),
        effective=effective, without=without, sign=tag_signer(manual, person or known, key) if key else None,
    )  # fmt: skip
    plan = told(session, manual, lambda: work_out(manual, issuing))
    return confirm(session, manual, plan, yes)


@qmanual.command(help=N_("Withdraw a released document from use."))
@click.argument("id")
@click.option("--reason", help=N_("why it is withdrawn"))
@click.option("--replaced-by", default="", help=N_("the number of the document that takes its place"))
@click.option("--date", "on", type=Day(), help=N_("from which day, if not from today"))
@click.option("--as", "name", help=N_("the name of whoever decides it"))
@_yes
@click.pass_obj
def withdraw(
    session: Session, id: str, reason: str | None, replaced_by: str, on: date | None, name: str | None, yes: bool
) -> int:
    from qmanual.service.life.withdrawing import Withdrawing, leaving
    from qmanual.service.life.withdrawing import withdraw as work_out

    manual = load(session)
    leaving(manual, id)
    reason = reason or ask(session, manual, "--reason", N_("Reason"))
    name = name or ask(session, manual, "--as", N_("Decided by"))
    meant = Withdrawing(on=on or session.today, by=name, reason=reason, replaced_by=replaced_by)
    return confirm(session, manual, work_out(manual, id, meant), yes)
