"""What proves a signature, as pages and prints show it: a key only where its statement really holds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from disk import Done, Repo, start, write
from keyring import SoftKey
from manuals import TODAY, register
from pypdf import PdfReader
from signed import FILES, ID, PATH, ROUND, SETTINGS, approvals, filed, statement

from qmanual.control.evidence import Evidence, evidence_of
from qmanual.control.history import History
from qmanual.control.judging import Verdict, judge
from qmanual.control.judging.gather import case_of
from qmanual.control.statement import SIGNATURE, folder_of
from qmanual.control.status import Status
from qmanual.language import Translator
from qmanual.model import Meaning
from qmanual.render.approvals import Place, places, signatures_in_rows

FOLDER = folder_of(ID, "A/1")
THIRD = f"{FOLDER}/3-approved-陈刚.yml"
KEYED, TYPED = (Evidence.KEY,) * 3, (Evidence.TYPED,) * 3
Files = Mapping[str, bytes]


def shown(files: Files, manual: Mapping[str, str] = FILES, number: str = ID) -> tuple[Evidence, ...]:
    """What proves the signatures of a document, with these files under `approvals/`."""
    of = register(manual)
    judged = judge(replace(case_of(of, History(), TODAY), files=files))
    return evidence_of(of.by_id[number], judged)


def test_a_statement_that_holds_proves_its_line() -> None:
    assert shown(approvals()) == KEYED


def _another_key(files: Files) -> Files:
    return {**files, THIRD + SIGNATURE: SoftKey("外人").sign(files[THIRD])}


def _edited(files: Files) -> Files:
    return {**files, THIRD: files[THIRD].replace(b"2026-05-15", b"2026-05-14")}


def _unsigned(files: Files) -> Files:
    return {path: data for path, data in files.items() if path != THIRD + SIGNATURE}


def _hole(files: Files) -> Files:
    return {path: data for path, data in files.items() if "/2-" not in path}


def _not_a_statement(files: Files) -> Files:
    return {THIRD: b"approved: yes\n"}


def _other_text(files: Files) -> Files:
    return approvals("0" * 64)


def _all_by_one(files: Files) -> Files:
    outsider = dict.fromkeys((1, 2, 3), SoftKey("外人"))
    return filed([statement(meaning, name, time) for meaning, name, time in ROUND], outsider)


def _rejected(files: Files) -> Files:
    (first, second, _) = [statement(meaning, name, time) for meaning, name, time in ROUND]
    last = statement(Meaning.APPROVED, "陈刚", "2026-05-15T09:00:00+08:00", decision="rejected")
    return filed([first, second, last])


@pytest.mark.parametrize(
    "forge",
    [_another_key, _edited, _unsigned, _hole, _not_a_statement, _other_text, _all_by_one, _rejected, lambda _: {}],
)
def test_a_forged_or_missing_statement_proves_nothing(forge: object) -> None:
    assert callable(forge)
    assert shown(forge(approvals())) == TYPED


def test_a_text_that_was_changed_is_not_the_one_that_was_signed() -> None:
    changed = {**FILES, PATH: FILES[PATH] + "\n补充一句。\n"}
    assert shown(approvals(), changed) == TYPED


@pytest.mark.parametrize(("old", "new"), [("by: 陈刚", "by: 王强"), ("2026-05-15", "2026-05-16")])
def test_a_line_that_says_something_else_is_not_proven(old: str, new: str) -> None:
    line = next(line for line in FILES[PATH].split("\n") if line.startswith("approved:"))
    manual = {**FILES, PATH: FILES[PATH].replace(line, line.replace(old, new))}
    assert shown(approvals(), manual) == (Evidence.KEY, Evidence.KEY, Evidence.TYPED)


def test_where_no_key_is_asked_for_nothing_is_said() -> None:
    plain = {**FILES, "mkdocs.yml": SETTINGS.replace("signatures: {procedure: 1}", "language: zh")}
    assert shown({}, plain) == ()
    assert shown(approvals(), plain) == KEYED
    assert shown(_unsigned(approvals()), plain) == TYPED


def test_a_time_stamp_that_holds_is_told() -> None:
    of = register(FILES)
    judged = judge(replace(case_of(of, History(), TODAY), files=approvals()))
    moment = datetime(2026, 5, 15, 1, 5, tzinfo=UTC)
    stamped = tuple(replace(one, stamped=moment if one.number == 3 else None) for one in judged.folders[FOLDER])
    found = evidence_of(of.by_id[ID], Verdict(folders={FOLDER: stamped}, demands=judged.demands))
    assert found == (Evidence.KEY, Evidence.KEY, Evidence.STAMPED)


def test_places_stand_in_their_order_also_those_that_are_missing() -> None:
    line = next(line for line in FILES[PATH].split("\n") if line.startswith("reviewed:"))
    of = register({**FILES, PATH: FILES[PATH].replace(line + "\n", "")})
    found = places(of.by_id[ID], of, (Evidence.KEY, Evidence.TYPED))
    assert [(one.meaning.value, one.name, one.open, one.evidence) for one in found] == [
        ("prepared", "李静", False, Evidence.KEY),
        ("reviewed", "", True, None),
        ("approved", "陈刚", False, Evidence.TYPED),
    ]


def test_a_form_tells_it_in_its_foot() -> None:
    found = (
        Place(meaning=Meaning.PREPARED, name="李静", day="2026-05-11", evidence=Evidence.STAMPED),
        Place(meaning=Meaning.APPROVED),
    )
    text = signatures_in_rows(found, Status.REVIEW, Translator("en"))
    assert "李静  2026-05-11  key and time stamp" in text and "to be signed" in text
    assert "Key and time stamp: the key proves who signed" in text
    assert "to be signed" not in signatures_in_rows(found, Status.SUPERSEDED, Translator("en"))


# -- on the site and in print --------------------------------------------------------------------------------------


def build(root: Path, *words: str) -> Done:
    done = start("--root", str(root), "--today", "2026-06-15", *words)
    assert "Traceback" not in done.err and "故障" not in done.err, done.err
    return done


def marks(site: Path, page: str = "procedures/QP-7.5-01.html") -> list[str]:
    """The marks beside the signatures on a page, in their order."""
    return re.findall(r"qm-proof--(\w+)", (site / page).read_text("utf-8"))


def test_an_edition_tells_what_its_release_proves(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    repo.commit({**FILES, **approvals()})
    repo.release("1")
    write(repo.root, dict(_another_key(approvals())))
    build(repo.root, "--out", str(tmp_path / "one"))
    assert marks(tmp_path / "one/site") == ["key", "key", "key"], "what lies in the work tree is not what was released"
    page = (tmp_path / "one/site/procedures/QP-7.5-01.html").read_text("utf-8")
    assert page.count("密钥签署：由签署人本人的密钥证明") == 1 and "仅文件头" not in page
    assert marks(tmp_path / "one/site", "manual/index.html") == []
    text = PdfReader(tmp_path / "one/pdf/QP-7.5-01_A-1.pdf").pages[0].extract_text()
    assert text.count("密钥签署") == 4 and "签署依据" in text
    assert "签署依据" not in PdfReader(next((tmp_path / "one/pdf").glob("QM-*.pdf"))).pages[0].extract_text()

    build(repo.root, "site", "--draft", "--out", str(tmp_path / "draft"))
    assert marks(tmp_path / "draft/site") == ["typed"] * 3

    repo.commit({}, "2026-05-22")
    repo.release("2", "2026-05-22")
    build(repo.root, "--out", str(tmp_path / "two"))
    assert marks(tmp_path / "two/site") == ["typed"] * 3
    text = PdfReader(tmp_path / "two/pdf/QP-7.5-01_A-1.pdf").pages[0].extract_text()
    assert "密钥签署" not in text and text.count("仅文件头") == 4


def test_a_text_in_review_has_a_place_for_every_signature(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "manual")
    repo.commit({**FILES, **approvals()})
    repo.release("1")
    lines = [one for one in FILES[PATH].split("\n") if not one.startswith(("reviewed:", "approved:"))]
    text = "\n".join(lines).replace("revision: A/1", "revision: A/2", 1)
    write(repo.root, {PATH: text})
    build(repo.root, "site", "--draft", "--out", str(tmp_path / "out"))
    build(repo.root, "pdf", ID, "--draft", "--out", str(tmp_path / "out"))
    page = (tmp_path / "out/site/procedures/QP-7.5-01.html").read_text("utf-8")
    signed = page[page.index('<ul class="qm-approvals">') :].partition("</ul>")[0]
    assert "审批中" in page
    assert re.sub(r"<[^>]*>|\s+", " ", signed).split() == ["编制", "李静", "2026-05-11", "仅文件头",
                                                           "审核", "待签", "批准", "待签"]  # fmt: skip
    print_ = PdfReader(tmp_path / "out/pdf/QP-7.5-01_A-2.pdf").pages[0].extract_text()
    assert print_.count("待签") == 2
