"""Structure: sections, headings, markers, and what was left lying about in the text (ISO 9001 7.5.2)."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from qmanual.checks.nearest import nearest
from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.finding import FaultKind, Severity
from qmanual.language import N_
from qmanual.markers import SPELLINGS, canonical
from qmanual.model import Body, Document, Heading
from qmanual.parse.form import BOX, CIRCLE, DRAWN
from qmanual.settings import Section, Settings
from qmanual.source import Span

Place = tuple[int, Body, Heading]
"""A heading with its position among all headings of the document, and the file it stands in."""

# -- sections ------------------------------------------------------------------------------------------------------

_SPLIT = re.compile(r"[\s、,，/／:：()（）·]+|和|与|及其|及|以及|\band\b|&")


@lru_cache(maxsize=4096)
def _names(text: str) -> frozenset[str]:
    """What a heading is called: its whole text, and its parts where it names several things (`目的和范围`)."""
    text = text.casefold().strip()
    return frozenset({re.sub(r"\s+", "", text), *_SPLIT.split(text)}) - {""}


@lru_cache(maxsize=256)
def _wanted(section: Section) -> frozenset[str]:
    return frozenset(re.sub(r"\s+", "", name.casefold()) for name in section.names)


def _headings(document: Document) -> list[Place]:
    found = ((body, heading) for body in document.bodies for heading in body.headings)
    return [(at, body, heading) for at, (body, heading) in enumerate(found)]


def _section(section: Section, headings: list[Place]) -> Place | None:
    """The heading of a section: the first of the highest level that is called so."""
    wanted = _wanted(section)
    fitting = [place for place in headings if wanted & _names(place[2].text)]
    return min(fitting, key=lambda place: (place[2].level, place[0])) if fitting else None


def _sections(document: Document, settings: Settings) -> list[tuple[Section, Place | None]]:
    required = settings.kind(document.kind).sections
    if not required or document.header.withdrawn:
        return []  # a withdrawn document says why it is gone, and to where, not what it once said
    headings = _headings(document)
    if len(headings) > 1 and headings[0][2] is document.title_heading:
        headings = headings[1:]
    return [(section, _section(section, headings)) for section in required]


@rule(
    "QM601",
    Severity.ERROR,
    title=N_("A required section is missing"),
    message=N_("the section “{section}” is missing"),
    help=N_("add a heading “{section}” with its text; accepted names: {names}"),
    why=N_(
        "The company has decided what a document of this kind must say. Readers look for it at the same place in every "
        "document; a missing section is a question that nobody answered."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        # 文件控制程序

        ## 1 目的

        使各岗位只用到现行有效的文件。

        ## 2 范围

        公司质量管理体系的全部文件。

        ## 3 工作程序

        文件更改由归口部门提出，填写 QR-7.5-01。

        ## 4 相关文件

        无。

        ## 5 相关记录

        QR-7.5-01
    """,
    good="""
        procedures/QP-7.5-01.md

        # 文件控制程序

        ## 一、目的和适用范围

        使各岗位只用到现行有效的文件。

        ## 二、职责与权限

        质量部负责文件的编号、发放和回收。

        ## 三、工作流程

        文件更改由归口部门提出，填写 QR-7.5-01。

        ## 四、相关文件和记录

        QR-7.5-01
    """,
)
def missing_section(document: Document, settings: Settings) -> Iterator[Hit]:
    place = document.body.headings[0].span if document.body.headings else document.span
    for section, found in _sections(document, settings):
        if found is None:
            yield Hit(place, {"section": section.named(settings.language), "names": "、".join(section.names)})


@rule(
    "QM602",
    Severity.ERROR,
    title=N_("A required section is empty"),
    message=N_("the section “{section}” is empty"),
    help=N_("write what belongs there; where there is nothing to say, write so, for example “none”"),
    why=N_(
        "A heading without text looks complete in the table of contents and says nothing. Whether there is nothing to "
        "say or somebody forgot to say it must not be left to guessing."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        # 文件控制程序

        ## 1 目的

        ## 2 范围

        公司质量管理体系的全部文件。

        ## 3 职责

        质量部负责文件的编号、发放和回收。

        ## 4 工作程序

        文件更改由归口部门提出，填写 QR-7.5-01。

        ## 5 相关文件

        无。

        ## 6 相关记录

        QR-7.5-01
    """,
    good="""
        procedures/QP-7.5-01.md

        # 文件控制程序

        ## 1 目的

        使各岗位只用到现行有效的文件。

        ## 2 范围

        公司质量管理体系的全部文件。

        ## 3 职责

        ### 3.1 质量部

        负责文件的编号、发放和回收。

        ## 4 工作程序

        ```mermaid
        flowchart TD
            A["提出更改"] --> B["填写申请单"]
        ```

        ## 5 相关文件

        无。

        ## 6 相关记录

        QR-7.5-01
    """,
)
def empty_section(document: Document, settings: Settings, profile: str) -> Iterator[Hit]:
    """A section that holds only a comment, such as the hints of `new`, is still being written: no error in a draft."""
    seen: set[int] = set()
    for section, found in _sections(document, settings):
        if found and found[0] not in seen and _is_empty(found[1], found[2]):
            seen.add(found[0])
            begun = profile != RELEASE and "<!--" in found[1].source.text[found[2].end :].lstrip()[:4]
            yield Hit(found[2].span, {"section": section.named(settings.language)}, Severity.WARNING if begun else None)


def _is_empty(body: Body, heading: Heading) -> bool:
    """Whether nothing but headings and comments stands before the next heading of the same or a higher level."""
    at = heading.end
    for following in body.headings:
        if following.start < heading.end:
            continue
        if not _is_blank(body, at, following.start):
            return False
        if following.level <= heading.level:
            return True
        at = following.end
    return _is_blank(body, at, len(body.plain))


def _is_blank(body: Body, start: int, end: int) -> bool:
    if body.plain[start:end].strip():
        return False
    lines = range(body.source.line_of(start), body.source.line_of(end) + 1)
    if any(block.span.line in lines for block in body.code) or any(mark.span.line in lines for mark in body.markers):
        return False
    return not _without_comments(body.source.text[start:end]).strip()


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (opened := text.find("<!--", at)) >= 0 and (closed := text.find("-->", opened)) >= 0:
        kept.append(text[at:opened])
        at = closed + 3
    return "".join((*kept, text[at:]))


@rule(
    "QM603",
    Severity.WARNING,
    title=N_("Sections out of order"),
    message=N_("the section “{section}” is out of order"),
    help=N_("put the sections in this order: {order}"),
    why=N_(
        "Documents of one kind are read side by side. The same order everywhere lets a reader find a rule without "
        "searching, and lets a reviewer see what is missing."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        # 文件控制程序

        ## 1 范围

        公司质量管理体系的全部文件。

        ## 2 目的

        使各岗位只用到现行有效的文件。

        ## 3 职责

        质量部负责文件的编号、发放和回收。

        ## 4 工作程序

        文件更改由归口部门提出，填写 QR-7.5-01。

        ## 5 相关文件

        无。

        ## 6 相关记录

        QR-7.5-01
    """,
    good="""
        procedures/QP-7.5-01.md

        # 文件控制程序

        ## 1 目的

        使各岗位只用到现行有效的文件。

        ## 2 适用范围

        公司质量管理体系的全部文件。

        ## 3 术语

        文件：信息及其载体。

        ## 4 职责

        质量部负责文件的编号、发放和回收。

        ## 5 工作程序

        文件更改由归口部门提出，填写 QR-7.5-01。

        ## 6 相关文件

        无。

        ## 7 相关记录

        QR-7.5-01
    """,
)
def out_of_order(document: Document, settings: Settings) -> Iterator[Hit]:
    found = [(section, place) for section, place in _sections(document, settings) if place]
    kept = _rising([place[0] for _, place in found])
    order = " → ".join(section.named(settings.language) for section, _ in found)
    for at, (section, place) in enumerate(found):
        if at not in kept:
            yield Hit(place[2].span, {"section": section.named(settings.language), "order": order})


def _rising(values: list[int]) -> frozenset[int]:
    """The places of a longest sequence that never falls: what is left over is what stands at the wrong place."""
    best: list[tuple[int, ...]] = []
    for at, value in enumerate(values):
        before = [chain for chain in best if values[chain[-1]] <= value]
        longest = max(before, key=len) if before else ()
        best.append((*longest, at))
    kept = max(best, key=len) if best else ()
    return frozenset(kept)


@rule(
    "QM604",
    Severity.WARNING,
    title=N_("A heading level is skipped"),
    message=N_("a heading of level {level} follows one of level {before}"),
    help=N_("begin this heading with {marks} (one `#` more than the heading above it), or add the one between"),
    why=N_(
        "Headings are the document's outline: the table of contents, the bookmarks of the PDF and a screen reader are "
        "made from them. A skipped level leaves a gap in all three."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        #### 附注

        文件由归口部门解释。
    """,
    good="""
        procedures/QP-7.5-01.md

        ### 附注

        文件由归口部门解释。
    """,
)
def skipped_level(document: Document) -> Iterator[Hit]:
    for body in document.bodies:
        for above, heading in zip(body.headings, body.headings[1:], strict=False):
            if heading.level > above.level + 1:
                details = {"level": str(heading.level), "before": str(above.level), "marks": "#" * (above.level + 1)}
                yield Hit(heading.span, details)


# -- left lying about ----------------------------------------------------------------------------------------------


@rule(
    "QM605",
    Severity.ERROR,
    title=N_("A merge conflict was left in the text"),
    message=N_("an unresolved merge conflict stands here"),
    help=N_(
        "decide which of the two texts is right and take away the other and the lines <<<<<<<, ======= and >>>>>>>"
    ),
    why=N_(
        "Two people changed the same passage and nobody decided. The text now says both, and whoever approves it "
        "approves neither."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md

        <<<<<<< HEAD
        作废文件保存一年。
        =======
        作废文件保存三年。
        >>>>>>> revise-QP-7.5-01
    """,
    good="""
        procedures/QP-7.5-01.md

        作废文件保存三年。

        ```text
        <<<<<<< HEAD
        git 这样标出未解决的冲突
        >>>>>>> other
        ```
    """,
)
def merge_conflict(document: Document) -> Iterator[Hit]:
    yield from _faults(document, FaultKind.MERGE_CONFLICT)


def _faults(document: Document, kind: FaultKind) -> Iterator[Hit]:
    for body in document.bodies:
        for fault in body.faults:
            if fault.kind is kind:
                yield Hit(fault.span)


@rule(
    "QM606",
    Severity.ERROR,
    title=N_("A code block is never closed"),
    message=N_("the code block that begins here is never closed"),
    help=N_("write the same marks (``` or ~~~) on a line of their own after the code"),
    why=N_(
        "Everything after an open block may be shown as code, or not at all: a flowchart disappears, and headings and "
        "tables below it with it. What readers get is not what was approved."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        ```mermaid
        flowchart TD
    """,
    good="""
        procedures/QP-7.5-01.md

        ```mermaid
        flowchart TD
            A["提出更改"] --> B["填写申请单"]
        ```
    """,
)
def open_fence(document: Document) -> Iterator[Hit]:
    yield from _faults(document, FaultKind.FENCE_NOT_CLOSED)


@rule(
    "QM607",
    Severity.ERROR,
    title=N_("A marker that is not known"),
    message=N_("there is no marker “{name}”"),
    help=N_("write one of: {known}; the nearest is {nearest}"),
    help_alone=N_("write one of: {known}"),
    why=N_(
        "A marker is replaced by a chart or table made from the company's data. One that is mistyped prints nothing, "
        "and the manual is published without its organization chart or matrix."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        <!-- qmanual: 组织机构 -->
    """,
    good="""
        procedures/QP-7.5-01.md

        <!-- qmanual: 组织机构图 -->
    """,
)
def unknown_marker(document: Document) -> Iterator[Hit]:
    for body in document.bodies:
        for marker in body.markers:
            if canonical(marker.name) is None:
                known = "、".join(SPELLINGS)
                yield Hit(marker.span, {"name": marker.name, "known": known, "nearest": _nearest_marker(marker.name)})


@lru_cache(maxsize=64)
def _nearest_marker(name: str) -> str:
    return nearest(name, SPELLINGS)


# -- placeholders --------------------------------------------------------------------------------------------------

_END = r"(?=[\s。；，,.;:：!！)）\]】|」』]|$)"
_COMPANY = r"(?:[\u4e00-\u9fff]{0,8}(?:股份|有限|责任)*公司|集团|工厂)"
_ASKED = (
    r"(?:公司|企业|单位|组织|顾客|客户|供方|供应商)(?:名称|全称|简称|地址|名)?"
    r"|(?:姓名|日期|年月日|部门|职务|电话|地址|版本号?|文件编号|部门名称|产品名称|项目名称)"
)
_OURS = r"(?:公司|企业|单位|组织)(?:名称|全称|简称)"
_FILL_IN = r"(?:请\s*)?(?:在此(?:处)?)?(?:填写|输入|插入|补充|填入|替换)[^\[\]【】\n]{0,40}"
_ENGLISH = r"(?i:(?:your |the )?(?:company|organi[sz]ation)(?: name)?|(?:insert|enter|fill in|type) [^\[\]\n]{1,40})"
_BRACKETED = f"{_ASKED}|{_FILL_IN}|{_ENGLISH}"
_NO_WORD = r"(?<![等招接对优款看善薄厚、“‘「『\"'])"
_PLACEHOLDERS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (("××", "✕✕", "＊＊", "ＸＸ"), re.compile(rf"[×✕＊Ｘ]{{2,}} ?(?:省|市|县|区)?{_COMPANY}")),
    (("XX", "xx", "Xx"), re.compile(rf"(?<![A-Za-z0-9_/.-])[Xx]{{2,}} ?(?:省|市|县|区)?{_COMPANY}")),
    (("某某",), re.compile(rf"某某(?:省|市|县|区)?{_COMPANY}")),
    (("待定",), re.compile(rf"{_NO_WORD}(?<![^日周工学限到定预]期)(?<!^期)待定{_END}", re.MULTILINE)),
    (("待补充",), re.compile(rf"(?<![等、“‘「『\"'对])待补充{_END}")),
    (
        ("TBD", "TODO"),
        re.compile(r"(?<![A-Za-z0-9_“‘「『/.-])(?:TBD|TODO)(?![A-Za-z0-9_”’」』/-]|\.[A-Za-z]| (?:list|item|app)s?\b)"),
    ),
    (
        ("[", "【"),
        re.compile(rf"(?<![\]\\!])(?:\[\s*(?:{_BRACKETED})\s*\]|【\s*(?:{_FILL_IN}|{_OURS})\s*】)(?![(\[:：])"),
    ),
    (("orem ipsum",), re.compile(r"[Ll]orem ipsum")),
)
"""Texts of which one must stand somewhere (the quick test) → the pattern of a placeholder."""

_IN_HEADER = re.compile(
    "|".join(re.escape(sign) for signs, _ in _PLACEHOLDERS for sign in signs if sign != "[") + r"|[^:,\-\s\[{]\s?\["
)
"""The quick test for a header, where `[` after a colon begins a list."""


@rule(
    "QM612",
    Severity.ERROR,
    title=N_("Placeholder text was left in"),
    message=N_("placeholder text was left in: {text}"),
    help=N_("write what belongs there; where it is meant as it stands, put it between backquotes (`{text}`)"),
    why=N_(
        "A placeholder shows that a template was filled in without being read to the end. An auditor who finds another "
        "company's ×× in the manual will read the rest with other eyes."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md

        本程序适用于××有限公司，培训周期待定，见 TBD，由 [公司名称] 负责。
    """,
    good="""
        procedures/QP-7.5-01.md

        模板中的 `[公司名称]`、`TBD` 和 `待定` 在发布前替换；等待定位完成后再试。
    """,
)
def placeholder(document: Document, settings: Settings) -> Iterator[Hit]:
    own = tuple(text for text in settings.placeholders if text)
    head = document.source.text[: document.body.start]
    suspect = _IN_HEADER.search(head) or any(text in head for text in own)
    for span, value in _header_texts(document) if suspect else ():
        for start, end in _placeholders(value, own):
            yield Hit(_within(span, value, start, end), {"text": value[start:end]})
    for body in document.bodies:
        for start, end in _placeholders(body.plain, own):
            if not _is_drawn(body.plain, start):
                yield Hit(body.source.span(start, end), {"text": body.plain[start:end]})


def _placeholders(text: str, own: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where placeholders stand, without those that lie in another one."""
    found = [
        match.span()
        for signs, pattern in _PLACEHOLDERS
        if any(sign in text for sign in signs)
        for match in pattern.finditer(text)
    ]
    for words in own:
        if words in text:
            found += [match.span() for match in re.finditer(re.escape(words), text)]
    last = 0
    for start, end in sorted(set(found), key=lambda pair: (pair[0], -pair[1])):
        if start >= last:
            yield start, end
            last = end


def _header_texts(document: Document) -> Iterator[tuple[Span, str]]:
    header = document.header
    texts = [header.title, header.owner, header.process, header.retention, *header.departments, *header.own.values()]
    texts += [change.summary for change in header.changes]
    texts += [approval.by for approval in header.approvals] + [change.by for change in header.changes]
    yield from ((text.span, text.value) for text in texts if text)


def _within(span: Span, value: str, start: int, end: int) -> Span:
    """The part of a value's span, when the value stands there as it is (not quoted with escapes, not folded)."""
    if span.length == len(value):
        return Span(span.path, span.line, span.column + start, end - start)
    return span


def _is_drawn(text: str, at: int) -> bool:
    """Whether the place lies in the drawing of a form field: `□合格 □待定`."""
    begin = text.rfind("\n", 0, at) + 1
    stop = text.find("\n", at)
    line = text[max(begin, at - 300) : at + 100 if stop < 0 else min(stop, at + 100)]
    offset = at - max(begin, at - 300)
    drawn = [match.span() for match in DRAWN.finditer(line)] if any(sign in line for sign in BOX + CIRCLE) else []
    place = bisect_right(drawn, (offset, len(line)))
    return place > 0 and drawn[place - 1][0] <= offset < drawn[place - 1][1]


RULES = (
    missing_section, empty_section, out_of_order, skipped_level, merge_conflict, open_fence, unknown_marker,
    placeholder,
)  # fmt: skip
