"""Clauses and standards as people write them, and what is none."""

import pytest

from qmanual.model import Text
from qmanual.parse.body import read_body
from qmanual.parse.clause import read_clause
from qmanual.settings import Settings
from qmanual.source import SourceFile, Span

Named = tuple[str | None, str]


def clauses(text: str) -> list[Named]:
    made = read_body(SourceFile("procedures/QP-1.md", text), 0, Settings().number)
    return [(mention.ref.standard, mention.ref.number) for mention in made.clauses]


def externals(text: str) -> list[str]:
    return [mention.name for mention in read_body(SourceFile("a.md", text), 0, Settings().number).externals]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GB/T 19001-2016 7.5.3", [("GB/T 19001-2016", "7.5.3")]),
        ("GB/T19001—2016标准第8.4.1条", [("GB/T19001—2016", "8.4.1")]),
        ("ISO 9001:2015 第 8.4.1 条", [("ISO 9001:2015", "8.4.1")]),
        ("ISO 9001 8.5.1 c)", [("ISO 9001", "8.5.1")]),
        ("条款 8.4、8.5.1 和 9.1.3", [(None, "8.4"), (None, "8.5.1"), (None, "9.1.3")]),
        ("条款 8.1~8.3", [(None, "8.1"), (None, "8.3")]),
        ("GB/T 19001-2016 8.1～8.3", [("GB/T 19001-2016", "8.1"), ("GB/T 19001-2016", "8.3")]),
        ("GB/T 19001-2016《质量管理体系 要求》7.5", [("GB/T 19001-2016", "7.5")]),
        ("GB/T 19001-2016（以下简称标准）第 4.4 条", [("GB/T 19001-2016", "4.4")]),
        ("ISO 9001:2015 条款 4", [("ISO 9001:2015", "4")]),
        ("ISO 9001:2015 的第8章第 8.2.1 条款", [("ISO 9001:2015", "8"), ("ISO 9001:2015", "8.2.1")]),
        ("ISO 9001:2015, clause 8.4 and 8.5", [("ISO 9001:2015", "8.4"), ("ISO 9001:2015", "8.5")]),
        ("IATF 16949:2016 8.5.1.5", [("IATF 16949:2016", "8.5.1.5")]),
        ("ISO 14001 6.1.2、ISO 45001 6.1.2", [("ISO 14001", "6.1.2"), ("ISO 45001", "6.1.2")]),
        ("标准第 8.4.1 条", [(None, "8.4.1")]),
        ("第 8.4.1 条款", [(None, "8.4.1")]),
        ("标准 8.4 条款", [(None, "8.4")]),
        ("本公司按 GB/T 19001-2016\n8.4 执行", [("GB/T 19001-2016", "8.4")]),
        ("《质量管理体系 要求》（GB/T 19001-2016）第 8.3 条", [("GB/T 19001-2016", "8.3")]),
        ("GB/T 19001-2016（8.4.1、8.4.2）", [("GB/T 19001-2016", "8.4.1"), ("GB/T 19001-2016", "8.4.2")]),
        ("ISO 9001:2015 版 4.4 条款", [("ISO 9001:2015", "4.4")]),
        ("clause 9.2 of ISO 9001:2015", [("ISO 9001:2015", "9.2")]),
        ("漏电流按 GB 9706.1-2020 检验，条款 8.7.3 适用", [("GB 9706.1-2020", "8.7.3")]),
        ("按 GB 9706.1-2020 检验。条款 8.7 适用", [(None, "8.7")]),
        ("ISO 13485:2016 4.2.4 / 21 CFR 820.40", [("ISO 13485:2016", "4.2.4")]),
        ("ISO 9001:2015 8.4.1，2 名检验员", [("ISO 9001:2015", "8.4.1")]),
        ("GB/T 19001-2016 第 8、9 和 10 章", [("GB/T 19001-2016", n) for n in ("8", "9", "10")]),
    ],
)
def test_named(text: str, found: list[Named]) -> None:
    assert clauses(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "供电 3.3 V", "2026.5.1 发布", "V1.2 版本", "GB/T 2828.1", "按 GB/T 2828.1-2012 抽样", "见 5.1", "第 8.4 节",
        "第 3 条", "条款 8", "合同第 8.4 条款", "保险条款 8.4 见合同法第 8.4 条", "ISO 9001 认证 15 年",
        "ISO 9001:2015 3 份", "GB/T 19001 2.5 倍", "ISO 9001:2015 2026.5.1", "`GB/T 19001 8.4`",
        "[GB/T 19001](8.4.md)", "https://a.cn/条款8.4", "条款 2026.05.01", "条款 192.168.1.1.1.1",
        "（按 GB/T 19001-2016）3.2 采购", "GB/T 1804-2000（3 级）", "GB/T 19001（15 份）",
    ],
)  # fmt: skip
def test_not_named(text: str) -> None:
    assert clauses(text) == []


def test_a_section_of_the_document_itself_is_no_clause_of_the_standard() -> None:
    assert clauses("## 5.1 总则\n\n见条款 5.1 和条款 5.2。\n") == [(None, "5.2")]
    assert clauses("## 5.1 总则\n\n见 GB/T 19001 5.1。\n") == [("GB/T 19001", "5.1")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GB/T 19001-2016、GB/T19001—2016和GB 4943.1-2022", ["GB/T 19001-2016", "GB/T19001—2016", "GB 4943.1-2022"]),
        ("GB/T 19001-2016/ISO 9001:2015", ["GB/T 19001-2016", "ISO 9001:2015"]),
        ("ISO/IEC 17025、IEC 60068-2-1:2007", ["ISO/IEC 17025", "IEC 60068-2-1:2007"]),
        ("GJB 9001C-2017、JJF 1001-2011、SJ/T 11364", ["GJB 9001C-2017", "JJF 1001-2011", "SJ/T 11364"]),
        ("IPC-A-610、IPC J-STD-001、J-STD-020E", ["IPC-A-610", "IPC J-STD-001", "J-STD-020E"]),
        ("IPC/JEDEC J-STD-033", ["IPC/JEDEC J-STD-033"]),
        ("ANSI/ESD S20.20", ["ANSI/ESD S20.20"]),
        ("GB/T 1.1-2020、T/CSQ 0001、VDA 6.3", ["GB/T 1.1-2020", "T/CSQ 0001", "VDA 6.3"]),
        ("《中华人民共和国计量法》", ["中华人民共和国计量法"]),
        ("HB150、HB 200、EN 12、8 GB 16 条、AS 20、QC 7、WS-2000、ISO9、AGB/T 1", []),
        ("`GB/T 1`、[x](GB/T 1)、https://a.cn/GB/T1", []), ("《管理办法》", []),
    ],
)  # fmt: skip
def test_outside_documents(text: str, found: list[str]) -> None:
    assert externals(text) == found


@pytest.mark.parametrize(
    ("text", "standard", "number"),
    [
        ("7.5", None, "7.5"),
        ("8", None, "8"),
        ("8.4.1条", None, "8.4.1"),
        ("ISO 9001:2026 7.5", "ISO 9001:2026", "7.5"),
        ("GB/T 19001-2016 第 7.5 条", "GB/T 19001-2016", "7.5"),
        ("GB/T 19001-2016 标准条款 7.5", "GB/T 19001-2016", "7.5"),
        ("ISO 14001 7.5.3 c)", "ISO 14001", "7.5.3"),
        ("顾客 A 要求 3.2", "顾客 A 要求", "3.2"),
        ("IATF 16949 A.1", "IATF 16949", "A.1"),
    ],
)
def test_header(text: str, standard: str | None, number: str) -> None:
    ref = read_clause(Text(text, Span("a.md")))
    assert ref is not None
    assert (ref.standard, ref.number) == (standard, number)


@pytest.mark.parametrize("text", ["", "全部", "ISO 9001", "7.5.", "7,5", "7.5-", "附录"])
def test_no_clause_in_a_header(text: str) -> None:
    assert read_clause(Text(text, Span("a.md"))) is None
