"""Each file by itself: is it a statement, does its signature hold, its time stamp, does it stand where it belongs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from qmanual.control.judging.case import FAST, Case, Filed, Ground, Problem, problem
from qmanual.control.statement import FOLDER, NAMESPACE, SIGNATURE, STAMP, Read, Statement, cause_of
from qmanual.control.statement import sha256 as digest_of
from qmanual.control.status import MEANING_NAMES
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.signing import Refused
from qmanual.source import Span

NAME = re.compile(rf"{FOLDER}/[^/]+/[^/]+/(?P<number>[1-9]\d{{0,3}})-[a-z]+-[^/]+\.yml", re.ASCII)
_ALLOWED = frozenset({"README.md", ".gitattributes", ".gitkeep"})
STAMPED_WITHIN = timedelta(hours=24)
"""How long after a signature its time stamp may be fetched: a day without a network is no back-dating."""


def stray(path: str, case: Case) -> Iterator[Problem]:
    """A file that is no statement and belongs to none."""
    name = path.rpartition("/")[2]
    base = next((path.removesuffix(end) for end in (SIGNATURE, STAMP) if path.endswith(f".yml{end}")), "")
    if base and NAME.fullmatch(base):
        if base not in case.files:
            text = N_("its statement {name} is missing")
            yield problem(Ground.STRAY, Span(path), text, name=base.rpartition("/")[2])
    elif name not in _ALLOWED:
        yield problem(Ground.STRAY, Span(path), N_("it is named like no statement"))


def unreadable(read: Read) -> Iterator[Problem]:
    for fault in read.faults:
        yield Problem(ground=Ground.UNREADABLE, span=fault.span, cause=cause_of(fault), fault=fault)


def signed(path: str, read: Read, statement: Statement, case: Case, problems: list[Problem]) -> Filed:
    """The statement with the key that signed it and the moment of its stamp, where both hold.

    A rejection needs no signature: it holds a text back, and nobody gains by forging that.
    """
    from qmanual.signing import sshsig  # loads a library that a manual without statements does not need

    data, signature = case.files[path], case.files.get(path + SIGNATURE)
    key = None
    if signature is None and not statement.rejects:
        text = N_("there is no file {name}")
        problems.append(problem(Ground.SIGNATURE, Span(path), text, name=path.rpartition("/")[2] + SIGNATURE))
    elif signature is not None:
        try:
            key = sshsig.verify(signature, data, NAMESPACE)
        except Refused as error:
            problems.append(problem(Ground.SIGNATURE, Span(path), error.text, **error.details))
    filed = Filed(
        path=path, number=int(path.rpartition("/")[2].partition("-")[0]), statement=statement,
        digest=digest_of(data), places=read.places, key=key,
    )  # fmt: skip
    return replace(filed, stamped=_stamped(filed, signature, case, problems))


def _stamped(filed: Filed, signature: bytes | None, case: Case, problems: list[Problem]) -> datetime | None:
    """The moment that a time stamp authority confirms; what is wrong with the stamp, or its lack, is noted.

    What a release holds was signed as was asked for then.
    """
    token = case.files.get(filed.path + STAMP)
    if token is None or signature is None:
        asked = case.demand(filed.statement.document).level >= 2 and filed.digest not in case.held
        if asked and not filed.statement.rejects:
            problems.append(problem(Ground.STAMP, Span(filed.path), N_("it bears no time stamp")))
        return None
    from qmanual.signing import timestamp

    trusted = [text.value for text in case.rights.at(filed.statement.time, case.held.get(filed.digest)).authorities]
    try:
        stamped = timestamp.verify(token, signature, trusted)
    except Refused as error:
        problems.append(problem(Ground.STAMP, Span(filed.path), error.text, **error.details))
        return None
    if not -FAST <= stamped - filed.statement.time <= STAMPED_WITHIN:
        text = N_("it says {said}, but was stamped {stamped}")
        said = filed.statement.time.isoformat(" ")
        shown = stamped.astimezone(filed.statement.time.tzinfo).isoformat(" ", "seconds")
        problems.append(problem(Ground.STAMP, filed.at("time"), text, said=said, stamped=shown))
    return stamped


def placed(filed: Filed) -> Iterator[Problem]:
    """A statement stands where its content says: one copied to another document or revision does not."""
    statement = filed.statement
    if statement.path(filed.number) != filed.path:
        text = N_("it is about {document} {revision}, {meaning} by {name}, and does not belong here")
        yield problem(
            Ground.TEXT, filed.at("document"), text, document=statement.document, revision=statement.revision,
            meaning=Phrase(MEANING_NAMES[statement.meaning]), name=statement.name,
        )  # fmt: skip


def lost(case: Case) -> Iterator[Problem]:
    """What a release holds stays as it is: a statement is evidence (ISO 9001 7.5.3.1 b)."""
    for path, digest in case.kept.items():
        if path not in case.files:
            text = N_("it was removed; the release {release} holds it")
        elif digest_of(case.files[path]) != digest:
            text = N_("it was changed; the release {release} holds another one")
        else:
            continue
        yield problem(Ground.CHAIN, Span(path), text, release=case.newest)
