"""The manifest of a release: written one way, read again, and refused when it says a thing twice or hides one."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qmanual.control.history import Signature
from qmanual.control.manifest import Manifest, Move, Previous, Row, compose, path_of, read_manifest
from qmanual.model import Meaning
from qmanual.source import SourceFile

TEXT = """\
release: 2026-07
date: 2026-07-01
tool: qmanual 0.1.0
previous: {release: 2026-03, manifest: aa}
documents:
  - {id: QP-7.5-01, revision: A/1, digest: bb, effective: 2026-07-15, path: procedures/QP-7.5-01.md, change: changed, \
approvals: {prepared: {by: 李静, date: 2026-06-20}, countersigned: [{by: 王强, date: 2026-06-21}, {by: 赵敏}]}}
  - {id: WI-007, revision: A/0, digest: cc, withdrawn: 2026-07-02, path: "instructions/WI-007, 2.md", change: withdrawn}
"""
MANIFEST = Manifest(
    release="2026-07", on=date(2026, 7, 1), tool="qmanual 0.1.0", previous=Previous("2026-03", "aa"),
    documents=(
        Row(id="QP-7.5-01", revision="A/1", digest="bb", effective=date(2026, 7, 15), path="procedures/QP-7.5-01.md",
            change=Move.CHANGED, approvals=(
                Signature(meaning=Meaning.PREPARED, by="李静", on=date(2026, 6, 20)),
                Signature(meaning=Meaning.COUNTERSIGNED, by="王强", on=date(2026, 6, 21)),
                Signature(meaning=Meaning.COUNTERSIGNED, by="赵敏", on=None))),
        Row(id="WI-007", revision="A/0", digest="cc", withdrawn=date(2026, 7, 2), path="instructions/WI-007, 2.md",
            change=Move.WITHDRAWN),
    ),
)  # fmt: skip


def read(text: str) -> Manifest | None:
    return read_manifest(SourceFile("releases/x.yml", text))[0]


def test_manifest_is_written_and_read() -> None:
    assert compose(MANIFEST).decode() == TEXT
    assert read(TEXT) == MANIFEST
    assert path_of("2026-07") == "releases/2026-07.yml"


def test_empty_release_is_read_again() -> None:
    first = Manifest(release="1", on=date(2026, 1, 1), tool="qmanual")
    assert read(compose(first).decode()) == first


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: WI-007", "id: QP-7.5-01"), ("date: 2026-07-01\n", ""), ("release: 2026-07\n", "release:\n"),
        ("tool: qmanual 0.1.0", "tool: *a"), ("digest: bb, ", ""), ("change: changed", "change: improved"),
        ("date: 2026-06-20", "date: 2026-06-31"), ("tool:", "release: 2\ntool:"), ("tool:", "note: x\ntool:"),
        ("revision: A/1", "revision: A/1, revision: A/2"), ("by: 李静", "by: &x 李静"), ("documents:", "documents: ["),
    ],
)  # fmt: skip
def test_what_is_wrong_is_a_fault(old: str, new: str) -> None:
    manifest, faults = read_manifest(SourceFile("releases/x.yml", TEXT.replace(old, new, 1)))
    assert manifest is None
    assert faults and all(fault.span.path == "releases/x.yml" for fault in faults)


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp", "Cf")), min_size=1).map(
    lambda text: " ".join(text.split())
)
days = st.none() | st.dates()
rows = st.builds(
    Row, id=words.filter(bool), revision=words, digest=words.filter(bool), path=words.filter(bool),
    change=st.sampled_from(Move), effective=days, withdrawn=days,
    approvals=st.lists(st.builds(Signature, meaning=st.sampled_from(Meaning), by=words.filter(bool), on=days))
    .map(lambda found: tuple(sorted(found, key=lambda one: list(Meaning).index(one.meaning)))),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@example((), "<<", date(2000, 1, 1))
@example((), "=", date(2000, 1, 1))
@given(st.lists(rows, unique_by=lambda row: row.id, max_size=4).map(tuple), words.filter(bool), st.dates())
def test_every_manifest_is_read_as_it_was_written(found: tuple[Row, ...], name: str, day: date) -> None:
    manifest = Manifest(release=name, on=day, tool="qmanual", documents=found)
    assert read(compose(manifest).decode()) == manifest
