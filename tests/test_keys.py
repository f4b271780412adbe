"""People's keys in organization.yml, and what docs/keys.md tells to do with them."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from disk import Done, write
from keyring import Authenticator, keygen
from manuals import check
from signed import FILES, KEYS, ROUND, approvals, filed, organization, statement

from qmanual.checks.example import SOUND, lay_over
from qmanual.control.history import History
from qmanual.control.judging import Ground, Held, Rights, judge
from qmanual.control.judging.gather import case_of
from qmanual.control.judging.person import entitled
from qmanual.finding import FaultKind
from qmanual.manual import read_register
from qmanual.model import Meaning
from qmanual.parse.organization import read_organization
from qmanual.parse.settings import read_settings
from qmanual.source import SourceFile

DOCS = Path(__file__).resolve().parents[1] / "docs"
LINE = KEYS["李静"].line
ORGANIZATION = "manual/organization.yml"


def people(text: str):  # type: ignore[no-untyped-def]
    return read_organization(SourceFile(ORGANIZATION, text))


# -- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        f"keys: [{{key: {LINE} 李静的笔记本, since: 2026-01-01, until: 2026-12-31}}]",
        f"密钥: [{{公钥: {LINE}, 启用: 2026-01-01, 停用: 2026-12-31}}]",
        f"公钥:\n      - 公钥: {LINE}\n        起: 2026-01-01\n        止: 2026-12-31",
    ],
)
def test_key_is_read(entry: str) -> None:
    found = people(f"people:\n  - name: 李静\n    {entry}\n")
    assert not found.faults
    key = found.people[0].keys[0]
    assert key.public.line == LINE
    assert (key.since, key.until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert [key.valid_on(date(2025, 12, 31)), key.valid_on(date(2026, 1, 1)), key.valid_on(date(2026, 12, 31)),
            key.valid_on(date(2027, 1, 1))] == [False, True, True, False]  # fmt: skip


def test_key_alone_and_security_key() -> None:
    device = Authenticator("ecdsa")
    found = people(f"people:\n  - name: 李静\n    keys:\n      - {LINE}\n      - {device.line}\n")
    assert not found.faults
    assert [key.public.type for key in found.people[0].keys] == ["ssh-ed25519", "sk-ecdsa-sha2-nistp256@openssh.com"]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("{key: hello}", FaultKind.BAD_KEY),
        ("{key: ssh-dss AAAAB3NzaC1kc3M=}", FaultKind.BAD_KEY),
        ("{since: 2026-01-01}", FaultKind.MISSING_VALUE),
        (f"{{key: {LINE}, since: 2026-13-01}}", FaultKind.BAD_DATE),
        (f"{{key: {LINE}, valid: 2026-12-01}}", FaultKind.UNKNOWN_KEY),
        ("[a]", FaultKind.WRONG_TYPE),
    ],
)
def test_bad_entry_is_a_fault_and_never_counts(entry: str, kind: FaultKind) -> None:
    found = people(f"people:\n  - name: 李静\n    keys: [{entry}]\n")
    assert kind in {fault.kind for fault in found.faults}
    assert not any(key.valid_on(date(2026, 6, 15)) for key in found.people[0].keys)


def test_private_key_in_the_file_is_found(tmp_path: Path) -> None:
    private = keygen(tmp_path, "ed25519").read_text(encoding="ascii")
    text = SOUND[ORGANIZATION] + "notes: |\n" + "".join(f"  {line}\n" for line in private.splitlines())
    assert "QM808" in {finding.code for finding in check({**SOUND, ORGANIZATION: text})}


@pytest.mark.parametrize(("written", "level"), [("0", 0), ("1", 1), ("2", 2), ("3", 2), ("yes", 2), ("[1]", 2)])
def test_level_that_cannot_be_read_asks_for_the_most(written: str, level: int) -> None:
    text = f"plugins:\n  - qmanual:\n      signatures: {{procedure: {written}}}\n"
    settings = read_settings(SourceFile("mkdocs.yml", text))
    assert settings.signatures == {"procedure": level}
    assert bool(settings.faults) is (written not in ("0", "1", "2"))


def test_statements_from_a_windows_checkout(tmp_path: Path, cli: Callable[..., Done]) -> None:
    files = {path: data.replace(b"\n", b"\r\n") for path, data in approvals().items()}
    root = write(tmp_path / "m", {**FILES, **files})
    done = cli("check", "--for", "release", root=root)
    assert done.code == 0, done.out


# -- what docs/keys.md tells -----------------------------------------------------------------------------------------


def test_example_of_the_page_is_read() -> None:
    text = (DOCS / "keys.md").read_text(encoding="utf-8")
    match = re.search(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", text, re.DOTALL)
    assert match
    files = lay_over(f"{match[1]}\n{match[2]}")
    assert [finding.code for finding in check(files) if finding.code.startswith("QM9")] == []
    assert people(match[2]).people[0].keys


def grounds(text: str, files: dict[str, bytes], before: str, *, held: bool = False) -> set[Ground]:
    """What is wrong with these statements, when `before` was released and `text` is what lies here now."""
    register = read_register(_tree({**FILES, ORGANIZATION: text}, files))
    release = (datetime(2026, 4, 1, tzinfo=UTC), "2026-04", people(before))
    rights = Rights(organizations=(release,), current=people(text))
    from qmanual.control.statement import sha256

    first = Held("2026-05", datetime(2026, 5, 20, tzinfo=UTC))
    times = {sha256(data): first for data in files.values()} if held else {}
    case = case_of(register, History(), date(2026, 6, 15), rights, times)
    return {problem.ground for problem in judge(case).problems}


def _tree(texts: dict[str, str], files: dict[str, bytes]):  # type: ignore[no-untyped-def]
    from qmanual.checks.example import tree_of

    return replace(tree_of(texts), approvals=files)


NEW = KEYS["外人"]


def test_roll_over() -> None:
    """The old key until the end of June, the new one from July on; both stand in a release."""
    line = KEYS["陈刚"].line
    both = organization({"陈刚": "until: 2026-05-15"}).replace(
        f"keys: [{{key: {line}, until: 2026-05-15}}]",
        f"keys: [{{key: {line}, until: 2026-05-15}}, {{key: {NEW.line}, since: 2026-05-16}}]",
    )
    assert NEW.line in both
    assert grounds(both, approvals(), both) == set(), "what the old key signed stays good"
    late = [*ROUND[:2], (Meaning.APPROVED, "陈刚", "2026-05-16T09:00:00+08:00")]
    by = [statement(*one) for one in late]
    assert grounds(both, filed(by), both) == {Ground.KEY}, "the old key is over"
    assert grounds(both, filed(by, {3: NEW}), both) == set()
    early = [statement(*one) for one in ROUND]
    assert grounds(both, filed(early, {3: NEW}), both) == {Ground.KEY}, "the new key has not begun"
    assert grounds(both, filed(by, {3: NEW}), organization()) == {Ground.KEY}, "it counts from a release on"


def test_leaving() -> None:
    left = organization({"陈刚": "until: 2026-05-31"}).replace(
        "role: 管理者代表, from: 2020-01-01", "role: 管理者代表, from: 2020-01-01, to: 2026-05-31"
    )
    assert grounds(left, approvals(), left) == set()


def test_lost_or_stolen() -> None:
    stolen = organization({"陈刚": "since: 2026-01-01, revoked: 2026-06-01, reason: 笔记本电脑被盗"})
    assert grounds(stolen, approvals(), organization(), held=True) == set(), "a release held it before"
    assert grounds(stolen, approvals(), organization()) == {Ground.KEY}, "dated before, but nothing proves it"
    assert grounds(stolen, filed([statement(*ROUND[0])]), organization()) == set(), "other people's keys still count"


def test_entry_that_was_removed_proves_nothing_any_more() -> None:
    line = KEYS["陈刚"].line
    without = organization().replace(f"keys: [{{key: {line}, since: 2026-01-01}}], ", "")
    assert line not in without
    assert grounds(without, approvals(), without) == {Ground.KEY}
    assert grounds(without, approvals(), organization()) == set(), "the release still knows it"


# -- days and time zones ---------------------------------------------------------------------------------------------


def stamped_grounds(more: str, said: str, stamped: str) -> set[Ground]:
    """What is wrong with an approval of that time, stamped at that moment, by a key with these days."""
    text = organization({"陈刚": more})
    files = filed([*(statement(*one) for one in ROUND[:2]), statement(Meaning.APPROVED, "陈刚", said)])
    case = case_of(read_register(_tree({**FILES, ORGANIZATION: text}, files)), History(), date(2026, 6, 15))
    last = judge(case).folders["approvals/QP-7.5-01/A-1"][-1]
    return {found.ground for found in entitled(replace(last, stamped=datetime.fromisoformat(stamped)), case)}


@pytest.mark.parametrize(
    ("more", "said", "stamped", "expected"),
    [
        # at seven in the morning it is the day before in Greenwich: the day counts where the statement was signed
        ("since: 2026-05-16", "2026-05-16T07:00:00+08:00", "2026-05-15T23:00:05+00:00", set()),
        ("until: 2026-05-15", "2026-05-16T07:00:00+08:00", "2026-05-15T23:00:05+00:00", {Ground.KEY}),
        ("until: 2026-05-15", "2026-05-15T23:59:59+08:00", "2026-05-16T00:00:10+08:00", {Ground.KEY}),
        # nobody gains a day on a revoked key by the zone that he writes
        ("revoked: 2026-05-16", "2026-05-15T11:30:00-12:00", "2026-05-15T23:30:00+00:00", {Ground.KEY}),
        ("revoked: 2026-05-16", "2026-05-15T17:00:00+08:00", "2026-05-15T09:00:05+00:00", set()),
    ],
)
def test_days_of_a_key_and_time_zones(more: str, said: str, stamped: str, expected: set[Ground]) -> None:
    assert stamped_grounds(more, said, stamped) == expected
