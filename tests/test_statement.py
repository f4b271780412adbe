"""Signed statements: one way to write them, and everything that can be wrong with them is found and named."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring import Authenticator
from manuals import TODAY, register
from signed import FILES, ID, KEYS, PATH, ROUND, approvals, filed, organization, statement

from qmanual.control.history import History
from qmanual.control.judging import Case, Ground, Held, Rights, judge
from qmanual.control.judging.gather import case_of
from qmanual.control.statement import SIGNATURE, Decision, Statement, compose, folder_of, read_statement
from qmanual.model import Meaning, Organization
from qmanual.parse.organization import read_organization
from qmanual.source import SourceFile

FOLDER = "approvals/QP-7.5-01/A-1"
FIRST, SECOND, THIRD = (f"{FOLDER}/{at}-{m.value}-{name}.yml" for at, (m, name, _) in enumerate(ROUND, 1))


def case(files: Mapping[str, bytes], manual: Mapping[str, str] = FILES, **more: object) -> Case:
    made = case_of(register(manual), History(), TODAY)
    return replace(made, files=files, **more)  # type: ignore[arg-type]


def grounds(judged: Case) -> set[Ground]:
    return {problem.ground for problem in judge(judged).problems}


def people(text: str) -> Organization:
    return read_organization(SourceFile("manual/organization.yml", text))


# -- one way to write it ---------------------------------------------------------------------------------------------

plain = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(
    document=plain, revision=plain, title=plain, name=plain, role=plain, comment=st.just("") | plain,
    meaning=st.sampled_from(Meaning), decision=st.sampled_from(Decision),
    digest=st.binary(min_size=32, max_size=32), previous=st.none() | st.binary(min_size=32, max_size=32),
    time=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)),
)  # fmt: skip
def test_what_is_written_is_read_again(
    digest: bytes, previous: bytes | None, time: datetime, **values: str
) -> None:  # fmt: skip
    one = Statement(
        digest=digest.hex(), previous=previous.hex() if previous else "", time=time.replace(microsecond=0),
        **values,  # type: ignore[arg-type]
    )  # fmt: skip
    data = compose(one)
    assert read_statement("x.yml", data).statement == one
    assert compose(one) == data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data + b"\n",
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b'"prepared"', b"prepared"),
        lambda data: data + b"# a comment\n",
        lambda data: data + b"more: 1\n",
        lambda data: data.replace(b'decision: "accepted"\n', b""),
        lambda data: data.replace(b"revision", b"document"),
        lambda data: data.replace(b'"prepared"', b'"seen"'),
        lambda data: data.replace(b"+08:00", b""),
        lambda data: data.replace(b"2026-05-11T", b"2026-02-31T"),
        lambda data: data.replace(b"qms-approval/1", b"qms-approval/2"),
        lambda data: data.replace(b'digest: "', b'digest: "0'),
        lambda data: data.replace(b"document", b"&a document"),
        lambda data: b"\xff" + data,
        lambda data: b"[" * 1000,
        lambda data: b"",
    ],
)
def test_there_is_one_way_to_write_it(change: object) -> None:
    data = approvals()[FIRST]
    changed = change(data)  # type: ignore[operator]
    assert changed != data
    read = read_statement(FIRST, changed)
    assert read.statement is None
    assert read.faults


def test_what_cannot_be_read_again_is_not_written() -> None:
    with pytest.raises(ValueError, match="plain"):
        compose(statement(*ROUND[0], role="a\nb"))


@pytest.mark.parametrize("number", ["QP-7.5-01", "XZTC/CX-26-2022", "Q/CY 203-2024", "质管-程-07", "../../etc"])
def test_path_stays_inside(number: str) -> None:
    folder = folder_of(number, "A/1")
    assert folder.startswith("approvals/")
    assert folder.count("/") == 2
    assert ".." not in folder.split("/")


# -- sound ones ------------------------------------------------------------------------------------------------------


def test_sound_statements() -> None:
    found = judge(case(approvals()))
    assert not found.problems
    assert [one.statement.meaning for one in found.given(FOLDER)] == [
        Meaning.PREPARED, Meaning.REVIEWED, Meaning.APPROVED,
    ]  # fmt: skip


def test_rejected_and_prepared_again() -> None:
    old = "0" * 64
    files = filed(
        [
            statement(Meaning.PREPARED, "李静", "2026-05-08T09:00:00+08:00", digest=old),
            statement(Meaning.REVIEWED, "王强", "2026-05-09T09:00:00+08:00", digest=old, decision="rejected"),
            *(statement(*one) for one in ROUND),
        ]
    )
    found = judge(case(files))
    assert not found.problems
    assert len(found.given(FOLDER)) == 3


def test_rejected_text_is_not_approved() -> None:
    rejecting = statement(Meaning.REVIEWED, "王强", "2026-05-12T09:00:00+08:00", decision="rejected")
    files = filed([statement(*ROUND[0]), rejecting])
    found = judge(case(files))
    assert not found.problems
    assert not found.given(FOLDER)
    files = filed([statement(*ROUND[0]), rejecting, statement(*ROUND[2])])
    assert grounds(case(files)) == {Ground.CHAIN}


def test_rejection_needs_no_signature_and_concerns_its_own_text_alone() -> None:
    """It may come at any time; without a key it says no more than a line in a header, whoever is named."""
    late = statement(Meaning.APPROVED, "外人", "2026-05-16T09:00:00+08:00", decision="rejected", role="")
    files = filed([*(statement(*one) for one in ROUND), late])
    fourth = late.path(4)
    assert grounds(case(files)) == {Ground.KEY}, "with a key it is one that counts"
    del files[fourth + SIGNATURE]
    found = judge(case(files))
    assert not found.problems and not found.given(FOLDER)
    assert (one := found.rejection(FOLDER, late.digest)) and one.path == fourth and one.key is None
    other = statement(
        Meaning.APPROVED, "外人", "2026-05-16T09:00:00+08:00", decision="rejected", role="", digest="0" * 64
    )
    files = filed([*(statement(*one) for one in ROUND), other])
    del files[fourth + SIGNATURE]
    found = judge(case(files))
    assert not found.problems and len(found.given(FOLDER)) == 3
    assert found.rejection(FOLDER, late.digest) is None


def test_security_key_signs() -> None:
    device = Authenticator("ed25519")
    text = organization().replace(KEYS["陈刚"].line, device.line)
    files = approvals()
    files[THIRD + SIGNATURE] = device.sign(files[THIRD])
    assert not judge(case(files, {**FILES, "manual/organization.yml": text})).problems
    files[THIRD + SIGNATURE] = device.sign(files[THIRD], flags=0)
    assert grounds(case(files, {**FILES, "manual/organization.yml": text})) == {Ground.SIGNATURE}


def test_readme_beside_the_statements_is_allowed() -> None:
    files = {**approvals(), "approvals/README.md": b"", "approvals/.gitattributes": b""}
    assert not judge(case(files)).problems


# -- what is wrong ---------------------------------------------------------------------------------------------------


def without(files: dict[str, bytes], *paths: str) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not path.startswith(paths)}


def resigned(at: int, name: str) -> dict[str, bytes]:
    return filed([statement(*one) for one in ROUND], {at: KEYS[name]})


def rounds(*which: int, **more: str) -> dict[str, bytes]:
    return filed([statement(*ROUND[at], **more) for at in which])  # type: ignore[arg-type]


def moved(files: dict[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {path.replace(old, new): data for path, data in files.items()}


GOOD = approvals()
WRONG: dict[str, tuple[dict[str, bytes], set[Ground]]] = {
    "edited": ({**GOOD, SECOND: GOOD[SECOND].replace("王强".encode(), "陈刚".encode())},
               {Ground.SIGNATURE, Ground.TEXT, Ground.RIGHT, Ground.CHAIN}),
    "edited, last one": ({**GOOD, THIRD: GOOD[THIRD].replace(b"T09:00", b"T10:00")}, {Ground.SIGNATURE}),
    "signature of another": ({**GOOD, THIRD + SIGNATURE: GOOD[SECOND + SIGNATURE]}, {Ground.SIGNATURE}),
    "signature removed": (without(GOOD, THIRD + SIGNATURE), {Ground.SIGNATURE}),
    "statement removed, signature left": ({k: v for k, v in GOOD.items() if k != THIRD}, {Ground.STRAY}),
    "middle one removed": (without(GOOD, SECOND), {Ground.CHAIN}),
    "first one removed": (without(GOOD, FIRST), {Ground.CHAIN}),
    "copied to another revision": (moved(GOOD, "/A-1/", "/A-2/"), {Ground.TEXT}),
    "copied to another document": (moved(GOOD, "QP-7.5-01", "QP-8.1-01"), {Ground.TEXT}),
    "renamed": (moved(GOOD, "3-approved", "3-reviewed"), {Ground.TEXT}),
    "renumbered": (moved(GOOD, "/3-", "/4-"), {Ground.CHAIN}),
    "reordered": (moved(moved(moved(GOOD, "/3-", "/9-"), "/2-", "/3-"), "/9-", "/2-"), {Ground.CHAIN}),
    "two with one number": (GOOD | moved({SECOND: GOOD[SECOND], SECOND + SIGNATURE: GOOD[SECOND + SIGNATURE]},
                                         "王强", "李静"), {Ground.CHAIN, Ground.TEXT}),
    "another text": (rounds(0, 1, 2, digest="0" * 64), {Ground.TEXT}),
    "a revision that is not there": (rounds(0, 1, 2, revision="B/0"), {Ground.TEXT}),
    "approved first": (rounds(2), {Ground.CHAIN}),
    "reviewed after it was approved": (rounds(0, 2, 1), {Ground.CHAIN}),
    "dated back": (filed([statement(*ROUND[0]), statement(Meaning.REVIEWED, "王强", "2026-05-10T09:00:00+08:00")]),
                   {Ground.CHAIN}),
    "dated in the future": (filed([statement(Meaning.PREPARED, "李静", "2026-06-17T09:00:00+08:00")]), {Ground.CHAIN}),
    "key of a stranger": (resigned(3, "外人"), {Ground.KEY}),
    "key of somebody else": (resigned(3, "王强"), {Ground.KEY, Ground.TWOFOLD}),
    "two names, one key": (resigned(3, "李静"), {Ground.KEY, Ground.TWOFOLD}),
    "a stranger": (filed([statement(Meaning.PREPARED, "外人", ROUND[0][2])]), {Ground.KEY}),
    "no right": (filed([statement(*ROUND[0]), statement(Meaning.APPROVED, "王强", ROUND[2][2])]), {Ground.RIGHT}),
    "a post not held": (rounds(0, role="总经理"), {Ground.RIGHT}),
    "prepared and approved by one": (filed([statement(Meaning.PREPARED, "陈刚", ROUND[0][2]), statement(*ROUND[2])]),
                                     {Ground.TWOFOLD}),
    "unknown file": ({**GOOD, f"{FOLDER}/notes.txt": b""}, {Ground.STRAY}),
    "no statement": ({**GOOD, FIRST: b"hello"}, {Ground.UNREADABLE, Ground.CHAIN}),
    "leading zero": (moved(GOOD, "/1-", "/01-"), {Ground.STRAY, Ground.CHAIN}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_statement_is_found(name: str) -> None:
    files, expected = WRONG[name]
    found = judge(case(files))
    assert {problem.ground for problem in found.problems} == expected
    assert all(problem.span.path.startswith("approvals/") for problem in found.problems)
    assert len(found.given(FOLDER)) < 3, "what is broken proves nothing"


def test_wrong_namespace() -> None:
    files = {**GOOD, THIRD + SIGNATURE: KEYS["陈刚"].sign(GOOD[THIRD], "git")}
    assert grounds(case(files)) == {Ground.SIGNATURE}


def test_changed_text_is_found() -> None:
    changed = {**FILES, PATH: FILES[PATH].replace("质量部负责", "质量部不负责")}
    assert grounds(case(GOOD, changed)) == {Ground.TEXT}


# -- keys and rights over time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("since: 2026-05-15", set()),
        ("since: 2026-05-16", {Ground.KEY}),
        ("until: 2026-05-15", set()),
        ("until: 2026-05-14", {Ground.KEY}),
        ("until: 2026-05-3x", {Ground.KEY}),
        ("revoked: 2026-05-15", {Ground.KEY}),
        ("revoked: 2026-06-01", {Ground.KEY}),  # nothing proves that the signature is older
    ],
)
def test_key_counts_on_its_days(more: str, expected: set[Ground]) -> None:
    manual = {**FILES, "manual/organization.yml": organization({"陈刚": more})}
    assert grounds(case(GOOD, manual)) == expected


def test_revoked_key_counts_for_what_a_release_holds() -> None:
    manual = {**FILES, "manual/organization.yml": organization({"陈刚": "revoked: 2026-06-01, reason: 丢失"})}
    judged = case(GOOD, manual)
    digests = {one.digest: one.statement.time for one in judge(judged).folders[FOLDER]}
    before = Held("2026-05", datetime(2026, 5, 20, tzinfo=UTC))
    assert not grounds(replace(judged, held=dict.fromkeys(digests, before)))
    after = Held("2026-06", datetime(2026, 6, 2, tzinfo=UTC))
    assert grounds(replace(judged, held=dict.fromkeys(digests, after))) == {Ground.KEY}


def test_rights_are_those_of_the_release_before() -> None:
    """王强 gives himself the right to approve in the branch in which he uses it."""
    granted = organization().replace("may: [prepared, reviewed]}", "may: [prepared, reviewed, approved]}")
    manual = {**FILES, "manual/organization.yml": granted}
    files = filed([statement(*ROUND[0]), statement(Meaning.APPROVED, "王强", ROUND[2][2])])
    release = (datetime(2026, 5, 1, tzinfo=UTC), "2026-05", people(organization()))
    current = people(granted)
    assert not grounds(case(files, manual)), "without a release the work tree is all that there is"
    assert grounds(case(files, manual, rights=Rights(organizations=(release,), current=current))) == {Ground.RIGHT}
    late = (datetime(2026, 6, 1, tzinfo=UTC), "2026-05", people(organization()))
    assert grounds(case(files, manual, rights=Rights(organizations=(late,), current=current))) == {Ground.RIGHT}
    later = (datetime(2026, 5, 10, tzinfo=UTC), "2026-06", current)
    assert not grounds(case(files, manual, rights=Rights(organizations=(release, later), current=current)))


def test_key_that_is_new_in_the_branch_does_not_count() -> None:
    own = organization().replace(KEYS["陈刚"].line, KEYS["外人"].line)
    files = resigned(3, "外人")
    release = (datetime(2026, 5, 1, tzinfo=UTC), "2026-05", people(organization()))
    rights = Rights(organizations=(release,), current=people(own))
    assert grounds(case(files, {**FILES, "manual/organization.yml": own}, rights=rights)) == {Ground.KEY}


def test_person_who_left_may_not_sign() -> None:
    text = organization().replace(
        "role: 管理者代表, from: 2020-01-01", "role: 管理者代表, from: 2020-01-01, to: 2026-05-14"
    )
    assert grounds(case(GOOD, {**FILES, "manual/organization.yml": text})) == {Ground.RIGHT}


def test_what_a_release_holds_stays() -> None:
    from qmanual.control.statement import sha256

    kept = {path: sha256(data) for path, data in GOOD.items()}
    assert not grounds(case(GOOD, kept=kept, newest="2026-05"))
    gone = {path: data for path, data in GOOD.items() if path != THIRD + SIGNATURE}
    assert Ground.CHAIN in grounds(case(gone, kept=kept, newest="2026-05"))
    assert grounds(case({}, kept=kept, newest="2026-05")) == {Ground.CHAIN}


def test_rejects_nothing_of_a_manual_without_statements() -> None:
    assert not judge(case({})).problems
    assert ID
