"""Headers edited in place: only the meant lines change, and what is read again is what was meant."""

from collections.abc import Iterator
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qmanual.control.editing import CannotEdit, Edit, Leaving, Listed, Signed, edited, is_newest_first
from qmanual.model import Header, Meaning
from qmanual.parse.header import read_header
from qmanual.revision import SCHEMES
from qmanual.source import SourceFile
from qmanual.workspace import decode

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = sorted(path for folder in ("manual", "procedures", "instructions", "forms")
                for path in (ROOT / folder).glob("*.md") if path.read_bytes().startswith(b"---"))  # fmt: skip
DAY = date(2026, 7, 1)
ENTRY = Listed(revision="A/2", on=DAY, by="李静", summary="改抽样方案: 见 5.2 #1, [草案]")
REVISE = Edit(values={"revision": "A/2", "effective": ""}, cleared=frozenset(Meaning), listed=ENTRY)
SIGN = Edit(signed=(Signed(meaning=Meaning.APPROVED, by="陈刚", on=DAY),))
LEAVE = Edit(leaving=Leaving(on=DAY, by="陈刚", reason="并入 QP-7.5-01: 合并", replaced_by="QP-7.5-01"))

PLAIN = """\
---
# 文控：李静
id: QP-7.5-01
title:   "文件 控制程序"   # 名称
revision: A/1   # 版次
effective: 2026-06-01  # 生效
owner: 质量部

clauses: ["7.5",
  '7.5.3']    # 条款
prepared: {by: 李静, date: 2026-05-11}  # 编制
reviewed: { by: 王强, date: 2026-05-12 }
approved: {by: 陈刚, date: 2026-05-15}
changes:  # 新的在前
  - {revision: A/1, date: 2026-05-11, by: 李静, summary: "增加电子签批"}   # 一
  # 中间
  - {revision: A/0, date: 2025-03-01, by: 李静, summary: 首次发布}
# 结尾
---

# 文件控制程序

revision: 正文
"""
BLOCK = """\
---
编号: QP-7.5-01
标题: 文件控制程序
版本: A/1
生效日期: 2026-06-01
归口部门: 质量部
条款:
- "7.5"
编制:
  姓名: 李静   # 作者
  日期: 2026-05-11
会签:
- 姓名: 王强
  日期: 2026-05-12

# 批准前
批准:   # 由管理者代表
  姓名: 陈刚
  日期: 2026-05-15
更改记录:
# 旧的在前
- 日期: 2025-03-01
  版次: A/0
  更改人: 李静
  摘要: >
    首次
    发布

- 日期: 2026-05-11
  版次: 'A/1'
  更改人: 李静
  摘要: 增加
---
正文
"""
EMPTY = "---\nid: QP-1\nrevision: 'A/1'\napproved:\nchanges:\n---\n"
NASTY = {
    "plain": PLAIN,
    "block": BLOCK,
    "crlf": PLAIN.replace("\n", "\r\n"),
    "cr": BLOCK.replace("\n", "\r"),
    "mixed ends": PLAIN.replace("\n", "\r\n", 9),
    "bom": "\ufeff" + PLAIN,
    "no end": PLAIN.rstrip("\n"),
    "empty": EMPTY,
    "prepared for signing": "---\nid: x\nrevision: A/1\napproved: {by: , date: }\nchanges: []\n---\n",
    "prepared in lines": "---\nid: x\nrevision: A/1\napproved:\n  by:   # 谁\n  date:\n---\ntext",
    "nothing": "---\nid: x\nrevision: A/1\napproved: ~   # 待批\neffective: null\n---\n",
    "quoted keys": "---\n\"id\": x\n'revision' : \"A/1\"\n'approved': {'by': 陈, \"date\": '2026-01-01'}\n---\n",
    "lists in brackets": "---\nid: x\nrevision: A/1\nchanges: ["
    "{revision: A/1, date: 2026-01-01, by: a, summary: b},\n"
    "          {revision: A/0, date: 2025-01-01, by: a, summary: b},]  # c\n"
    "approved: [{by: a, date: 2026-01-02}]\n---\n",
    "list on its own lines": "---\nid: x\nrevision: A/1\nchanges: [\n"
    "  {revision: A/1, date: 2026-01-01, by: a, summary: b}\n"
    "]\n---\n",
    "one change": "---\nid: x\nrevision: A/1\nchanges: {revision: A/1, date: 2026-01-01, by: a, summary: b}\n---\n",
    "one change in lines": "---\nid: x\nrevision: A/1\nchanges:\n  revision: A/1\n  date: 2026-01-01 # d\n  by: a\n"
    "  summary: b\nowner: c\n---\n",
    "all in braces": "---\n{id: x, revision: A/1, approved: {by: a, date: 2026-01-01}, owner: b}\n---\ntext\n",
    "indented": "---\n  id: x\n  revision: A/1\n  title: a\n   b\n---\n",
    "a name alone": "---\nid: x\nrevision: A/1\nprepared: 李静\n---\n",
    "padded": "---\nid: x\nrevision: A/1\nchanges:\n"
    "  -   { revision: A/1, date: 2026-01-01, by: a, summary: b }\n---\n",
    "block scalar last": "---\nid: x\nrevision: A/1\ntitle: |\n  a\n  b\n\n\n# end\n---\n\n\nx",
}  # fmt: skip
TEXTS = {**NASTY, **{path.name: path.read_bytes().decode("utf-8") for path in SAMPLE}}
EDITS = {"revise": REVISE, "sign": SIGN, "leave": LEAVE}


def header(data: bytes) -> tuple[Header, str]:
    source = decode("x.md", data)
    assert source is not None
    found, body, _ = read_header(source)
    return found, source.text[body:]


def touched(old: bytes, new: bytes) -> Iterator[bytes]:
    """The lines, with their ends, that stand in one text only."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from before[a:b]
            yield from after[c:d]


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("what", EDITS)
def test_only_what_is_meant_changes(name: str, what: str) -> None:
    data, edit = TEXTS[name].encode(), EDITS[what]
    old, body = header(data)
    if what == "sign":
        data = edited(data, Edit(cleared=frozenset({Meaning.APPROVED})))
    new, new_body = header(edited(data, edit))
    meant = {"revise": {"revision", "effective", "changes", *(m.value for m in Meaning)}, "sign": {"approved"},
             "leave": {"withdrawn"}}[what]  # fmt: skip
    assert new_body == body
    assert {k: v for k, v in new.raw.items() if k not in meant} == {k: v for k, v in old.raw.items() if k not in meant}
    if what == "revise":
        assert new.revision and new.revision.value == "A/2"
        assert new.effective is None and not new.approvals
        assert len(new.changes) == len(old.changes) + 1
        first = new.changes[0]
        assert first.summary and first.summary.value == ENTRY.summary
    if what == "sign":
        signature = new.approval(Meaning.APPROVED)
        assert signature and signature.by and signature.by.value == "陈刚"
    if what == "leave":
        assert new.withdrawn and new.withdrawn.replaced_by and new.withdrawn.replaced_by.value == "QP-7.5-01"


def test_a_header_in_braces_is_revised_so_that_it_reads_as_before() -> None:
    assert edited(PLAIN.encode(), REVISE).decode() == (
        PLAIN.replace("revision: A/1   # 版次", "revision: A/2   # 版次")
        .replace("effective: 2026-06-01  # 生效", "effective:  # 生效")
        .replace("prepared: {by: 李静, date: 2026-05-11}  # 编制", "prepared:  # 编制")
        .replace("reviewed: { by: 王强, date: 2026-05-12 }", "reviewed:")
        .replace("approved: {by: 陈刚, date: 2026-05-15}", "approved:")
        .replace(
            "  - {revision: A/1",
            '  - {revision: A/2, date: 2026-07-01, by: 李静, summary: "改抽样方案: 见 5.2 #1, '
            '[草案]"}\n  - {revision: A/1',
        )
    )


def test_a_header_in_lines_is_revised_in_lines_at_the_end_of_its_list() -> None:
    edit = Edit(values=REVISE.values, cleared=REVISE.cleared, listed=ENTRY, newest_first=False)
    new = edited(BLOCK.encode(), edit).decode()
    assert new.endswith(
        "  摘要: 增加\n- 日期: 2026-07-01\n  版次: 'A/2'\n  更改人: 李静\n"
        '  摘要: "改抽样方案: 见 5.2 #1, [草案]"\n---\n正文\n'
    )
    assert "版本: A/2\n生效日期:\n" in new
    assert "编制:\n会签:\n\n# 批准前\n批准:   # 由管理者代表\n更改记录:\n# 旧的在前\n" in new


def test_signatures_follow_one_another_in_the_style_of_the_header() -> None:
    text = edited(BLOCK.encode(), REVISE)
    for meaning, name in ((Meaning.PREPARED, "李静"), (Meaning.COUNTERSIGNED, "王强"), (Meaning.COUNTERSIGNED, "赵敏")):
        text = edited(text, Edit(signed=(Signed(meaning=meaning, by=name, on=DAY),)))
    assert (
        "编制:\n  姓名: 李静\n  日期: 2026-07-01\n"
        "会签:\n  - 姓名: 王强\n    日期: 2026-07-01\n  - 姓名: 赵敏\n    日期: 2026-07-01\n"
    ) in text.decode()


def test_a_second_signature_makes_a_list() -> None:
    text = edited(PLAIN.encode(), Edit(signed=(Signed(meaning=Meaning.REVIEWED, by="赵敏", on=DAY),))).decode()
    assert "reviewed: [{ by: 王强, date: 2026-05-12 }, { by: 赵敏, date: 2026-07-01 }]\n" in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("prepared for signing", "approved: {by: 陈刚, date: 2026-07-01}\n"),
        ("prepared in lines", "approved:\n  by: 陈刚   # 谁\n  date: 2026-07-01\n"),
        ("nothing", "approved: {by: 陈刚, date: 2026-07-01}   # 待批\n"),
        ("empty", "approved: {by: 陈刚, date: 2026-07-01}\nchanges"),
        ("indented", "\n   b\n  approved: {by: 陈刚, date: 2026-07-01}\n---"),
        ("block scalar last", "  b\napproved: {by: 陈刚, date: 2026-07-01}\n\n\n# end\n---\n\n\nx"),
    ],
)
def test_signature_where_none_was(name: str, shown: str) -> None:
    assert shown in edited(NASTY[name].encode(), SIGN).decode()


def test_new_keys_speak_the_language_of_the_header() -> None:
    text = edited(BLOCK.encode(), LEAVE).decode()
    assert '废止: {日期: 2026-07-01, 姓名: 陈刚, 原因: "并入 QP-7.5-01: 合并", 替代文件: QP-7.5-01}\n---\n' in text


def test_a_new_key_stands_at_its_place() -> None:
    text = edited(EMPTY.encode(), Edit(values={"effective": "2026-08-01", "owner": "- 甲"})).decode()
    assert text == "---\nid: QP-1\nrevision: 'A/1'\neffective: 2026-08-01\nowner: \"- 甲\"\napproved:\nchanges:\n---\n"


def test_line_ends_stay_as_they_were() -> None:
    data = NASTY["mixed ends"].encode()
    new = edited(data, REVISE)
    assert data.endswith(new[-40:])
    assert new.count(b"\r\n") == data.count(b"\r\n")
    assert b"\r\n" not in edited(PLAIN.encode(), REVISE)
    crlf = edited(NASTY["crlf"].encode(), REVISE)
    assert crlf == edited(PLAIN.encode(), REVISE).replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    "text",
    [
        "no header\n", "---\nid: x\n", "---\nid: x\nid: y\n---\n", "---\nid: *a\n---\n", "---\nid: [\n---\n",
        "---\nid: &a x\nrevision: A/1\n---\n", "---\n? id\n: x\n---\n", "---\nid: x\nrevision: [a]\n---\n",
        "---\nrevision: A/1\n版本: A/1\n---\n", "---\nid: !!str x\n---\n",
    ],
)  # fmt: skip
def test_what_cannot_be_edited_safely_is_refused(text: str) -> None:
    with pytest.raises(CannotEdit):
        edited(text.encode(), REVISE)


def test_another_encoding_is_refused() -> None:
    with pytest.raises(CannotEdit):
        edited("---\nid: 甲\n---\n".encode("gbk"), SIGN)


def test_a_summary_of_several_lines_is_refused() -> None:
    entry = Listed(revision="A/2", on=DAY, by="李静", summary="一\n二")
    with pytest.raises(CannotEdit):
        edited(PLAIN.encode(), Edit(listed=entry))


def test_order_of_the_change_list() -> None:
    scheme = SCHEMES["A/0"]
    assert is_newest_first(header(PLAIN.encode())[0], scheme)
    assert not is_newest_first(header(BLOCK.encode())[0], scheme)
    assert is_newest_first(header(EMPTY.encode())[0], scheme)


# -- properties --------------------------------------------------------------------------------------------------------

VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=30
).map(lambda text: " ".join(text.split())).filter(bool)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(text=st.sampled_from(sorted(TEXTS)), name=VALUES, summary=VALUES, first=st.booleans())
def test_any_value_is_read_again_as_it_was_meant(text: str, name: str, summary: str, first: bool) -> None:
    data = TEXTS[text].encode()
    entry = Listed(revision="A/2", on=DAY, by=name, summary=summary)
    edit = Edit(
        values={"revision": "A/2"}, cleared=frozenset({Meaning.APPROVED}), listed=entry, newest_first=first,
        signed=(Signed(meaning=Meaning.APPROVED, by=name, on=DAY),),
    )  # fmt: skip
    new = edited(data, edit)
    found, body = header(new)
    was, old_body = header(data)
    assert body == old_body
    change = found.changes[0 if first else -1]
    signature = found.approval(Meaning.APPROVED)
    assert change.summary and change.summary.value == summary
    assert signature and signature.by and signature.by.value == name
    assert found.raw["id"] == was.raw["id"]


_LINES = st.lists(
    st.sampled_from([
        "title: 甲  # 题", 'owner: "质量部"', "departments: [甲,\n  乙]   # 部门", "clauses:\n- 7.5\n\n- '7.4' # c",
        "effective: 2026-06-01 # 日", "prepared: {by: 甲, date: 2026-01-01}",
        "reviewed:\n  by: 乙 # 审\n  date: 2026-01-02",
        "approved:", "approved:   # 待", "approved: ~", "countersigned:\n- {by: 丙, date: 2026-01-02}", "",
        "changes:\n  - {revision: A/1, date: 2026-01-01, by: 甲, summary: 乙}", "# 说明", "retention: 3 years",
        "changes:\n- revision: A/1\n  date: 2026-01-01\n  by: 甲\n  summary: >-\n    折\n    行\n",
        "自定: 值", "标题: 甲",
    ]),
    unique_by=lambda line: line.partition(":")[0].replace("标题", "title"), max_size=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    lines=_LINES, end=st.sampled_from(["\n", "\r\n"]), bom=st.booleans(), body=st.sampled_from(["", "\n正文\n\n", "x"])
)
def test_only_lines_of_meant_keys_are_touched(lines: list[str], end: str, bom: bool, body: str) -> None:
    text = "\n".join(["---", "id: X", *lines, "revision: A/1", "---", body])
    data = ((b"\xef\xbb\xbf") if bom else b"") + text.replace("\n", end).encode()
    source = SourceFile("x.md", text)
    for edit in (REVISE, SIGN, LEAVE):
        base = edited(data, Edit(cleared=frozenset({Meaning.APPROVED}))) if edit is SIGN else data
        for line in touched(base, edited(base, edit)):
            shown = line.decode("utf-8-sig").strip()
            assert not shown.startswith(
                ("#", "id:", "title:", "owner:", "departments:", "clauses:", "retention:", "自定")
            )
            assert line.endswith(end.encode())
    assert source.text == text
