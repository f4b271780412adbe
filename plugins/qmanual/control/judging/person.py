"""Who signed: a person known at the time, with a key of his own that counted, in a post that gave the right."""

from collections.abc import Iterator
from datetime import date, timedelta, timezone

from qmanual.control.judging.case import Case, Filed, Ground, Problem, problem
from qmanual.control.statement import SIGNATURE
from qmanual.control.status import MEANING_NAMES
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.model import Key, Organization, Person
from qmanual.signing import PublicKey

_LATEST = timezone(timedelta(hours=14))
"""Where a day begins first: nobody gains a day by the zone that he writes."""


def entitled(filed: Filed, case: Case) -> Iterator[Problem]:
    statement, day = filed.statement, filed.statement.time.date()
    if statement.rejects and filed.path + SIGNATURE not in case.files:
        return  # says no more than a line in a header does
    organization = case.rights.at(statement.time, case.held.get(filed.digest))
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
    time, stamped, held = filed.statement.time, filed.stamped, case.held.get(filed.digest)
    days = [time.date(), *([stamped.astimezone(time.tzinfo).date()] if stamped else [])]
    for day in days:
        if not any(_counts(one, day) for one in listed):
            text = N_("the key {key} did not count on {day}")
            yield problem(Ground.KEY, filed.at("time"), text, key=key.fingerprint, day=day.isoformat())
            return
    revoked = case.rights.revoked(key)
    proven = [*([stamped.astimezone(_LATEST).date()] if stamped else []), *([held.time.date()] if held else [])]
    if revoked and (time.date() >= revoked or all(day >= revoked for day in proven)):
        text = N_("the key {key} is revoked since {day}, and no release or time stamp proves an earlier signature")
        if revoked == date.max:
            text = N_("the entry of the key {key} cannot be read, and no release or time stamp proves an earlier "
                      "signature")  # fmt: skip
        yield problem(Ground.KEY, filed.at("time"), text, key=key.fingerprint, day=revoked.isoformat())


def _counts(key: Key, day: date) -> bool:
    """Whether the key was in use; that it is revoked is asked of everybody who may know, not of one release alone."""
    begun, over = key.since is None or key.since <= day, key.until is not None and key.until < day
    return key.readable and begun and not over
