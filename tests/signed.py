"""A sound manual whose procedure three people signed, with keys made from their names."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from disk import write
from keyring import SoftKey
from manuals import register

from qmanual.checks.example import SOUND
from qmanual.control.statement import SIGNATURE, Decision, Statement, compose, sha256
from qmanual.model import Meaning

KEYS = {name: SoftKey(name) for name in ("李静", "王强", "陈刚", "外人")}
ROLES = {"李静": "文控专员", "王强": "质量部经理", "陈刚": "管理者代表"}
ID, PATH = "QP-7.5-01", "procedures/QP-7.5-01.md"
ROUND = (
    (Meaning.PREPARED, "李静", "2026-05-11T09:00:00+08:00"),
    (Meaning.REVIEWED, "王强", "2026-05-12T09:00:00+08:00"),
    (Meaning.APPROVED, "陈刚", "2026-05-15T09:00:00+08:00"),
)


def organization(extra: Mapping[str, str] | None = None, tail: str = "") -> str:
    """The organization of the sound manual with everybody's key; `extra`: name → more of his key's entry."""
    text = SOUND["manual/organization.yml"]
    for name in ROLES:
        more = (extra or {}).get(name, "since: 2026-01-01")
        entry = f"keys: [{{key: {KEYS[name].line}, {more}}}], posts"
        text = "\n".join(
            line.replace("posts", entry, 1) if f"name: {name}," in line else line for line in text.split("\n")
        )
    return text + tail


SETTINGS = "site_name: 样例公司质量手册\nplugins:\n  - qmanual:\n      signatures: {procedure: 1}\n"
FILES = {**SOUND, "manual/organization.yml": organization(), "mkdocs.yml": SETTINGS}


def digest(files: Mapping[str, str] = FILES, number: str = ID) -> str:
    return register(files).by_id[number].digest


def statement(meaning: Meaning, name: str, time: str, previous: bytes = b"", **more: str) -> Statement:
    """A statement about the procedure of `FILES`; `more` replaces document, revision, digest, role, decision."""
    return Statement(
        document=more.get("document", ID), revision=more.get("revision", "A/1"), title="文件控制程序",
        digest=more.get("digest", "") or digest(), meaning=meaning, decision=Decision(more.get("decision", "accepted")),
        name=name, role=more.get("role", ROLES.get(name, "")), time=datetime.fromisoformat(time),
        previous=sha256(previous) if previous else "",
    )  # fmt: skip


def filed(statements: list[Statement], keys: Mapping[int, SoftKey] | None = None) -> dict[str, bytes]:
    """These statements as files, each naming the one before it, signed by whom they name (or with `keys[at]`)."""
    from dataclasses import replace

    files: dict[str, bytes] = {}
    before = b""
    for at, one in enumerate(statements, 1):
        whole = replace(one, previous=sha256(before) if before else "")
        before = compose(whole)
        key = (keys or {}).get(at, KEYS.get(whole.name, KEYS["外人"]))
        files[whole.path(at)] = before
        files[whole.path(at) + SIGNATURE] = key.sign(before)
    return files


def approvals(text_digest: str = "") -> dict[str, bytes]:
    """The three statements of a sound approval."""
    return filed([statement(meaning, name, time, digest=text_digest) for meaning, name, time in ROUND])


def signed_manual(root: Path) -> Path:
    """The whole manual on disk, with its signed statements."""
    return write(root, {**FILES, **approvals()})
