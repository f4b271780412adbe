"""Standards and clauses as people write them: `GB/T19001—2016标准第8.4.1条`, `ISO 9001 8.5.1 c)`, `条款 8.4 和 9.1.3`.

A number alone is never taken for a clause: `3.3 V`, a date, a version or a section of the document itself look the
same. A clause needs the name of a standard before it, or the word 条款 (clause) beside it.
"""

import re
from collections.abc import Iterator

from qmanual.model import ClauseMention, ClauseRef, Mention, Text
from qmanual.source import SourceFile

_YEAR = r"\s?[-—–:：]\s?(?:19|20)\d{2}(?!\d)"
_NAMED = (
    r"GB(?:/[TZ]\s?\d{1,6}|\s?\d{3,6})"
    r"|(?:GJB|YY|SJ|JB|HG|QC|QB|QJ|JJF|JJG|JIS|DL|MT|TB|HB|WS|AQ|HJ|CNAS-[A-Z]+)"
    rf"(?:/[TZ]\s?\d{{1,6}}|\s?[A-Z]?\s?\d{{4,6}}|\s?\d{{2,3}}(?={_YEAR}))"  # `HB 150` is a hardness
    r"|(?:ISO(?:/IEC|/TS|/TR|/SAE)?|IEC|EN(?: ISO)?|DIN(?: EN)?(?: ISO)?)\s?\d{3,6}"
    r"|IATF\s?\d{5}|VDA\s?\d{1,2}|ASTM\s?[A-Z]\d{1,4}|AS\s?\d{4}|T/[A-Z]{2,8}\s?\d{1,6}"
)
_STANDARD = (
    rf"(?<![A-Za-z0-9.\-])(?:(?:{_NAMED})(?!\d)(?:\.\d{{1,3}})?(?:[A-Z](?={_YEAR}))?(?:-\d{{1,2}}(?!\d))*(?:{_YEAR})?"
    r"|IPC(?:/JEDEC)?[- ](?:[A-Z]-)?(?:STD-)?\d{3,4}[A-Z]?|J-STD-\d{3}[A-Z]?|ANSI/[A-Z]+ S?\d[\d.]*\d)"
)
_SIGNS = (
    "GB", "GJB", "YY", "SJ", "JB", "HG", "QC", "QB", "QJ", "JJ", "JIS", "DL", "MT", "TB", "HB", "WS", "AQ", "HJ",
    "CNAS", "ISO", "IEC", "IATF", "VDA", "EN", "DIN", "AS", "AIAG", "T/", "IPC", "STD", "ANSI",
)  # fmt: skip
"""One of these stands in every name of a standard: looking for them costs less than looking for names."""
_NUMBER = r"\d{1,2}(?:\.\d{1,2}){0,4}"
_UNIT = (
    r"(?:[VAWΩ%℃°‰NJK]|[kmµMG][VAWΩgmsHFL]|mm|cm|kg|Hz|kHz|MHz|min|sec|dB|s|h|g|m"
    r"|元|万|倍|个|天|小时|分|秒|版|次|件|级|米|克)(?![A-Za-z)])"
)
_ITEM = rf"{_NUMBER}(?!\.?\d)(?!\s?{_UNIT})(?:\s?[a-z]\s?[)）])?"
_JOIN = r"\s{0,2}(?:、|,|，|和|及|与|或|以及|and|&|/|~|～|—|–|-|至|到|to)\s{0,2}(?:第\s{0,2})?"
_LAST = r"(?=\s{0,2}(?:章|条|款|的|、|，|,|和|及|与|或|~|～|[。；;.)）\]】|\n]|$))"
_MORE = rf"(?=\d{{1,2}}\.\d|\d{{1,2}}{_LAST}){_ITEM}"  # a number alone ends the list, or counts something else
_LIST = rf"{_ITEM}(?:{_JOIN}{_MORE})*"
_FILL = (
    r"(?:\s{0,2}版)?\s{0,2}(?:质量管理体系|质量体系|国家标准|标准|体系|《[^》\n]{1,40}》|[^《》\n]{0,30}》|[（(][^（()）\n]{1,40}[)）])?"
    r"\s{0,2}(?:中的|中|之|的)?\s{0,2}"
)
_MARK = r"(?:第|条款|条文|clauses?|Clauses?|§)"

STANDARD = re.compile(_STANDARD, re.ASCII)
_LAW = re.compile(r"《(中华人民共和国[^》\n]{2,40})》")
_AFTER_STANDARD = re.compile(
    rf"{_FILL}(?P<mark>{_MARK})?\s{{0,2}}(?P<list>{_LIST})(?P<end>\s{{0,2}}(?:条款|条|款))?", re.ASCII
)
_IN_BRACKETS = re.compile(
    rf"\s?[（(]\s?(?:{_MARK}\s?)?(?P<list>{_LIST})\s?(?:条款|条)?\s?[)）]"  # GB/T 19001-2016（8.4.1）
    rf"|[)）]\s?(?:标准)?的?\s?(?:第\s?|条款\s?)(?P<marked>{_LIST})\s?(?:条|$)?",  # （GB/T 19001-2016）第 8.4.1 条
    re.ASCII,
)
_SENTENCE = re.compile(r"[。；;！？\n|]")
_OF_STANDARD = re.compile(
    rf"\s(?:of|in|from)\s(?:the\s)?(?P<standard>{_STANDARD})|\s?[（(](?P<bracketed>{_STANDARD})", re.ASCII
)
_ALONE = re.compile(
    rf"(?:条款|条文|[Cc]lauses?)\s{{0,2}}(?:第\s{{0,2}})?(?P<after>{_LIST})|(?:标准\s{{0,2}}第?|第)\s{{0,2}}(?P<between>{_LIST})\s{{0,2}}条款"
    rf"|标准\s{{0,2}}第\s{{0,2}}(?P<said>{_LIST})\s{{0,2}}条",
    re.ASCII,
)
_OF_ANOTHER = re.compile(
    r"(?:合同|协议|订单|法|条例|规定|办法|保险|本文件|本程序|本手册|本规范|程序|章程|保密|付款|违约)的?\s*第?$"
)
_ONE = re.compile(_NUMBER, re.ASCII)
_HEADER = re.compile(rf"(?:(?P<standard>.*?\S)\s+)?(?P<number>[A-Z]?\.?{_NUMBER})(?:\s?[a-z]\s?[)）])?", re.ASCII)
_BETWEEN = re.compile(r"\s*(?:标准)?\s*(?:条款|clause|第)?\s*$")


def read_clause(text: Text) -> ClauseRef | None:
    """A clause as written in a header: `7.5`, `ISO 9001:2026 7.5`, `GB/T 19001 第 7.5 条`; None when it is none."""
    match = _HEADER.fullmatch(text.value.removesuffix("条款").removesuffix("条").strip())
    if not match:
        return None
    standard = _BETWEEN.sub("", match["standard"]) if match["standard"] else None
    return ClauseRef(standard=standard or None, number=match["number"], span=text.span)


def find_standards(source: SourceFile, prose: str) -> tuple[list[Mention], list[ClauseMention]]:
    """The outside documents that a text names, and the clauses named right after a standard."""
    names: list[Mention] = []
    clauses: list[ClauseMention] = []
    for match in STANDARD.finditer(prose) if any(sign in prose for sign in _SIGNS) else ():
        span = source.span(match.start(), match.end())
        names.append(Mention(name=match[0], span=span, start=match.start(), end=match.end()))
        tail = _AFTER_STANDARD.match(prose, match.end())
        if tail and (tail["mark"] or tail["end"] or "." in _ONE.match(tail["list"])[0]):  # type: ignore[index]
            clauses += _each(source, match[0], prose, *tail.span("list"))
        elif (held := _IN_BRACKETS.match(prose, match.end())) and "." in held[held.lastgroup or 0]:
            clauses += _each(source, match[0], prose, *held.span(held.lastgroup or 0))
    for match in _LAW.finditer(prose) if "《中华" in prose else ():
        span = source.span(match.start(1), match.end(1))
        names.append(Mention(name=match[1], span=span, start=match.start(1), end=match.end(1)))
    return names, clauses


def find_clauses(source: SourceFile, prose: str, sections: frozenset[str]) -> Iterator[ClauseMention]:
    """Clauses named with the word 条款 alone, unless the document has such a section.

    They are of the standard that the same sentence names before them, or right after (`clause 9.2 of ISO 9001`), else
    of the default one.
    """
    if not ("条款" in prose or "条文" in prose or "lause" in prose or ("标准" in prose and "条" in prose)):
        return
    for match in _ALONE.finditer(prose):
        if _OF_ANOTHER.search(prose, max(0, match.start() - 8), match.start()):
            continue
        group = match.lastgroup or "after"
        for mention in _each(source, _standard_of(match, prose), prose, *match.span(group), near=True):
            if "." in mention.ref.number and mention.ref.number not in sections:
                yield mention


def _standard_of(match: re.Match[str], prose: str) -> str | None:
    """The standard that the sentence of this mention names: right after it, else last before it."""
    after = _OF_STANDARD.match(prose, match.end())
    if after:
        return after["standard"] or after["bracketed"]
    begin = max(0, match.start() - 120)
    ends = [end.end() for end in _SENTENCE.finditer(prose, begin, match.start())]
    before = prose[max([begin, *ends]) : match.start()]
    named = list(STANDARD.finditer(before)) if any(sign in before for sign in _SIGNS) else []
    return named[-1][0] if named else None


def _each(
    source: SourceFile, standard: str | None, prose: str, start: int, end: int, near: bool = False
) -> list[ClauseMention]:
    return [
        ClauseMention(
            ref=ClauseRef(standard=standard, number=one[0], span=source.span(one.start(), one.end()), near=near),
            start=one.start(),
            end=one.end(),
        )
        for one in _ONE.finditer(prose, start, end)
    ]
