"""All statements of a revision: a chain without gap or exchange, by different people, about the text that there is."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from qmanual.control.judging.case import FAST, Case, Filed, Ground, Problem, last_round, problem
from qmanual.control.status import MEANING_NAMES
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Meaning
from qmanual.source import Span


def timely(filed: Filed, case: Case) -> Iterator[Problem]:
    if filed.statement.time.date() > case.today:
        text = N_("it is dated {day}, a day still to come")
        yield problem(Ground.CHAIN, filed.at("time"), text, day=filed.statement.time.date().isoformat())
    held = case.held.get(filed.digest)
    if held and filed.statement.time - held.time > FAST:
        text = N_("it is dated {time}, later than the release {release} that holds it already")
        time = filed.statement.time.isoformat(" ")
        yield problem(Ground.CHAIN, filed.at("time"), text, time=time, release=held.release)


def chained(found: Sequence[Filed]) -> Iterator[Problem]:
    """Numbers without a gap, each naming the one before it by its digest, in the order of signatures."""
    before: Filed | None = None
    for expected, filed in enumerate(found, 1):
        if filed.number != expected:
            text = N_("it has the number {number} where {expected} belongs: a statement is missing, or there are two")
            yield problem(Ground.CHAIN, Span(filed.path), text, number=str(filed.number), expected=str(expected))
        if filed.statement.previous != (before.digest if before else ""):
            text = N_("the statement before it is not the one that it follows: changed, exchanged or removed")
            yield problem(Ground.CHAIN, filed.at("previous"), text)
        before = filed
    order = list(Meaning)
    for one, other in pairwise(found):
        early, late = one.statement, other.statement
        if late.time < early.time:
            text = N_("it is dated {time}, before the statement that it follows")
            yield problem(Ground.CHAIN, other.at("time"), text, time=late.time.isoformat(" "))
        if late.meaning is Meaning.PREPARED or late.rejects:
            continue  # a text may be rejected at any time, whatever was said of it
        if early.rejects or order.index(late.meaning) < order.index(early.meaning):
            text = N_("{later} does not follow {earlier}; the text is prepared again first")
            earlier = N_("Rejected") if early.rejects else MEANING_NAMES[early.meaning]
            yield problem(
                Ground.CHAIN,
                other.at("meaning"),
                text,
                later=Phrase(MEANING_NAMES[late.meaning]),
                earlier=Phrase(earlier),
            )
        if late.digest != early.digest:
            text = N_("it is about another text than the statement before it")
            yield problem(Ground.TEXT, other.at("digest"), text)
    first = next((one for one in found if not one.statement.rejects), None)
    if first and first.statement.meaning is not Meaning.PREPARED:
        text = N_("nobody signed as the one who prepared the text")
        yield problem(Ground.CHAIN, first.at("meaning"), text)


def twofold(found: Sequence[Filed]) -> Iterator[Problem]:
    """One key is one person, and who prepared does not approve."""
    for at, filed in enumerate(found):
        for other in found[:at]:
            one, two = other.statement, filed.statement
            if filed.key and filed.key == other.key and one.name != two.name:
                text = N_("{one} and {two} signed with the same key {key}")
                yield problem(Ground.TWOFOLD, filed.at("name"), text, one=one.name, two=two.name,
                               key=filed.key.fingerprint)  # fmt: skip
    current = last_round(found)
    authors = {one.statement.name for one in current if one.statement.meaning is Meaning.PREPARED}
    for filed in current:
        if filed.statement.meaning is Meaning.APPROVED and filed.statement.name in authors:
            text = N_("prepared and approved by the same person: {name}")
            yield problem(Ground.TWOFOLD, filed.at("name"), text, name=filed.statement.name)


def about(current: Iterable[Filed], case: Case) -> Iterator[Problem]:
    """The last round is about the text that bears the number and the revision."""
    for filed in current:
        statement = filed.statement
        digests = case.texts.get((statement.document, statement.revision))
        if digests is None:
            if not case.whole:
                continue
            text = N_("there is no {document} of revision {revision}")
            yield problem(Ground.TEXT, filed.at("document"), text, document=statement.document,
                           revision=statement.revision)  # fmt: skip
        elif statement.digest not in digests:
            text = N_("the text of {document} {revision} is not the one that was signed: it was changed afterwards")
            yield problem(Ground.TEXT, filed.at("digest"), text, document=statement.document,
                           revision=statement.revision)  # fmt: skip
