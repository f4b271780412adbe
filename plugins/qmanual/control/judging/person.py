"""Who signed: a person known at the time, with a key of his own that counted, in a post that gave the right."""

from collections.abc import Iterator
from datetime import date

from qmanual.control.judging.case import Case, Filed, Ground, Problem, problem
from qmanual.control.status import MEANING_NAMES
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Key, Organization, Person
from qmanual.signing import PublicKey


def entitled(filed: Filed, case: Case) -> Iterator[Problem]:
    statement, day = filed.statement, filed.statement.time.date()
    organization = case.rights.at(statement.time)
    person = organization.person(statement.name)
    if person is None:
        text = N_("the people of that time do not include {name}")
        yield problem(Ground.KEY, filed.at("name"), text, name=statement.name)
        return
    if filed.key is not None:
        yield from _key_valid(filed, filed.key, person, organization, case)
    kind, title = case.kinds.get(statement.document, ("", ""))
    held = [post for post in person.posts if post.held_on(day)]
    if statement.role and statement.role not in [post.role for post in held]:
        text = N_("{name} did not hold the post {role} on {day}")
        yield problem(
            Ground.RIGHT, filed.at("role"), text, name=statement.name, role=statement.role, day=day.isoformat()
        )
    rights = [post.may[statement.meaning] for post in held if statement.meaning in post.may]
    if kind and not any(not kinds or kind in kinds or title in kinds for kinds in rights):
        text = N_("{name} had no right to give it ({meaning}) on {day}")
        yield problem(
            Ground.RIGHT, filed.at("meaning"), text, name=statement.name,
            meaning=Phrase(MEANING_NAMES[statement.meaning]), day=day.isoformat(),
        )  # fmt: skip


def _key_valid(
    filed: Filed, key: PublicKey, person: Person, organization: Organization, case: Case
) -> Iterator[Problem]:
    listed = [one for one in person.keys if one.public == key]
    if not listed:
        owner = next((one for one in organization.people if any(k.public == key for k in one.keys)), None)
        if owner:
            text = N_("the key {key} is that of {owner}, not of {name}")
            yield problem(Ground.KEY, filed.at("name"), text, key=key.fingerprint, owner=owner.name.value,
                           name=person.name.value)  # fmt: skip
        else:
            text = N_("the key {key} was not registered for {name} at that time")
            yield problem(Ground.KEY, filed.at("name"), text, key=key.fingerprint, name=person.name.value)
        return
    days = [filed.statement.time.date(), *([filed.stamped.date()] if filed.stamped else [])]
    for day in days:
        if not any(_counts(one, day) for one in listed):
            text = N_("the key {key} did not count on {day}")
            yield problem(Ground.KEY, filed.at("time"), text, key=key.fingerprint, day=day.isoformat())
            return
    revoked = case.rights.revoked(key)
    proven = min((one for one in (filed.stamped, case.held.get(filed.digest)) if one), default=None)
    if revoked and (filed.statement.time.date() >= revoked or proven is None or proven.date() >= revoked):
        text = N_("the key {key} is revoked since {day}, and no release or time stamp proves an earlier signature")
        yield problem(Ground.KEY, filed.at("time"), text, key=key.fingerprint, day=revoked.isoformat())


def _counts(key: Key, day: date) -> bool:
    """Whether the key was in use; that it is revoked is asked of everybody who may know, not of one release alone."""
    begun, over = key.since is None or key.since <= day, key.until is not None and key.until < day
    return key.readable and begun and not over
