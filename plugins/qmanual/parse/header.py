"""The header of a document: YAML front matter with English or Chinese keys into a `Header`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import (
    Approval,
    Change,
    ClauseRef,
    FieldLimit,
    FieldRule,
    Header,
    Meaning,
    Text,
    Waiver,
    Withdrawal,
)
from qmanual.nodes import Entries, Entry, Node, Reader, aliases, given, raw
from qmanual.parse.clause import read_clause
from qmanual.settings import OwnField
from qmanual.source import SourceFile

KEYS: dict[str, tuple[str, ...]] = {
    "id": ("编号", "文件编号"),
    "title": ("标题", "文件名称", "名称"),
    "revision": ("版本", "版次", "修订"),
    "effective": ("生效日期", "实施日期"),
    "owner": ("归口部门",),
    "departments": ("相关部门",),
    "process": ("过程", "所属过程"),
    "clauses": ("条款",),
    "prepared": ("编制",),
    "reviewed": ("审核",),
    "countersigned": ("会签",),
    "approved": ("批准",),
    "review_every": ("复审周期",),
    "retention": ("保存期限",),
    "changes": ("更改记录",),
    "fields": ("字段",),
    "rules": ("规则",),
    "waive": ("豁免",),
    "withdrawn": ("废止",),
}
"""Canonical key → its other spellings."""

MEANINGS = aliases({meaning.value: KEYS[meaning.value] for meaning in Meaning})
OWN_KEYS_TAKEN = frozenset(aliases(KEYS))

NAMES = aliases(KEYS)
"""Every spelling of a key → canonical key; below, the same for the keys inside."""

SIGNATURE_KEYS = aliases({"by": ("姓名", "人员", "签署人"), "date": ("日期",)})
CHANGE_KEYS = aliases({
    "revision": ("版本", "版次", "修订"), "date": ("日期",), "by": ("姓名", "人员", "更改人"),
    "summary": ("摘要", "内容", "更改内容", "说明"),
})  # fmt: skip
_WAIVER = aliases({"rule": ("规则",), "reason": ("原因", "理由"), "until": ("截止", "有效期至")})
WITHDRAWAL_KEYS = aliases({
    "date": ("日期",), "by": ("姓名", "人员", "批准人"), "reason": ("原因", "理由"),
    "replaced_by": ("替代文件", "被替代"),
})  # fmt: skip
_LIMIT = aliases({
    "type": ("类型",), "min": ("最小",), "max": ("最大",), "unit": ("单位",), "pattern": ("格式",), "code": ("代码",),
    "hint": ("提示",),
})  # fmt: skip
_RULE = aliases({"when": ("当",), "require": ("必填", "要求"), "message": ("提示", "说明")})
_TYPES = aliases({
    "text": ("文本",), "integer": ("整数",), "number": ("数字", "小数"), "date": ("日期",), "choice": ("选择", "多选"),
    "one of": ("单选",),
})  # fmt: skip

_OPEN = re.compile(r"---[ \t]*\n")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)
_RAN_ON = re.compile(r"^[ \t]*\n#{1,6} [^\n]*\n(?:[ \t]*\n)*[^\s#\-\[\]{}\"'][^:\n]*$", re.MULTILINE)
"""A heading with text below it inside a header: it was never closed, and a rule further down is taken for its end."""


@dataclass(frozen=True, slots=True)
class HeaderText:
    """Where a header stands in its file: offsets of the YAML between the fences, and of the body after them."""

    start: int
    end: int
    body: int


def find_header(text: str) -> HeaderText | None:
    """The header's place; None when the file does not begin with one. An unclosed one has `body == -1`.

    The YAML of an unclosed header ends before the first blank line or heading, so that the body is still read.
    """
    opened = _OPEN.match(text)
    if not opened:
        return None
    closed = _CLOSE.search(text, opened.end())
    if closed and not _RAN_ON.search(text, opened.end(), closed.start()):
        return HeaderText(opened.end(), closed.start(), min(len(text), closed.end() + 1))
    stop = re.compile(r"^[ \t]*$|^#{1,6} ", re.MULTILINE).search(text, opened.end())
    return HeaderText(opened.end(), stop.start() if stop else len(text), -1)


def has_header(text: str) -> bool:
    """Whether the file begins with a header, closed or not."""
    return _OPEN.match(text) is not None


def read_header(source: SourceFile, own: Iterable[OwnField] = ()) -> tuple[Header, int, tuple[Fault, ...]]:
    """The header of a file, the offset at which its body begins, and what was wrong."""
    place = find_header(source.text)
    start = source.span(0)
    if place is None:
        fault = Fault(FaultKind.HEADER_MISSING, start)
        return Header(span=start, present=False, readable=False), 0, (fault,)
    reader = _HeaderReader(source, source.line_of(place.start) - 1)
    body = place.body
    if body < 0:
        reader.fault(FaultKind.HEADER_NOT_CLOSED, start)
        body = place.end
    node = reader.compose(source.text[place.start : place.end])
    if node is None:
        return Header(span=start, readable=False), body, tuple(reader.faults)
    header = reader.read(node, tuple(own))
    return header, body, tuple(reader.faults)


class _HeaderReader(Reader):
    def read(self, node: yaml.MappingNode, own: tuple[OwnField, ...]) -> Header:
        names = NAMES | {name: field.name for field in own for name in (field.name, field.label)}
        found = self.entries(node, names)
        meant = self.meant
        dropped = {names[key]: span for key, span in self.dropped.items() if key in names}
        return Header(
            span=self.source.span(0, 3),
            id=self.text(found.get("id")),
            title=self.text(found.get("title")),
            revision=self.text(found.get("revision")),
            effective=self.day(found.get("effective")),
            owner=self.text(found.get("owner")),
            departments=self.texts(found.get("departments")),
            process=self.text(found.get("process")),
            clauses=tuple(self._clauses(found.get("clauses"))),
            approvals=tuple(a for meaning in Meaning for a in self._approvals(meaning, found.get(meaning.value))),
            review_every=self.period(found.get("review_every")),
            retention=self.text(found.get("retention")),
            changes=tuple(self._changes(found.get("changes"))),
            fields=tuple(self._limits(found.get("fields"))),
            rules=tuple(self._rule(item) for item in self.items(found.get("rules"))),
            waivers=tuple(self._waivers(found.get("waive"))),
            withdrawn=self._withdrawal(found.get("withdrawn")),
            own={field.name: text for field in own if (text := self.text(found.get(field.name)))},
            keys=meant | {name: entry.key for name, entry in found.items()} | dropped,
            raw={name: raw(entry.node) for name, entry in found.items()},
        )

    def _clauses(self, entry: Entry | None) -> Iterable[ClauseRef]:
        for text in self.texts(entry):
            ref = read_clause(text)
            if ref is None:
                expected = Phrase(N_("a clause, such as 7.5 or ISO 9001:2015 7.5"))
                self.fault(FaultKind.WRONG_TYPE, text.span, text=text.value, expected=expected)
            else:
                yield ref

    def _approvals(self, meaning: Meaning, entry: Entry | None) -> Iterable[Approval]:
        if entry is not None and isinstance(entry.node, yaml.ScalarNode):
            if name := self.text(entry):  # `approved: 陈刚`: a name without a date, not a mistake of form
                yield Approval(meaning=meaning, by=name, date=None, span=name.span, given=frozenset({"by"}))
            return
        for item in self.mappings(entry, N_("{by: name, date: 2026-01-31}")):
            found = self.entries(item, SIGNATURE_KEYS)
            written = given(found) | self.meant.keys()
            by, day = self.text(found.get("by")), self.day(found.get("date"))
            yield Approval(meaning=meaning, by=by, date=day, span=self.span(item), given=written)

    def _changes(self, entry: Entry | None) -> Iterable[Change]:
        for item in self.mappings(entry, N_("{revision: A/0, date: 2026-01-31, by: name, summary: what was changed}")):
            yield self._change(item)

    def _change(self, item: Node) -> Change:
        found = self.entries(item, CHANGE_KEYS)
        return Change(
            given=given(found) | self.meant.keys(),
            revision=self.text(found.get("revision")),
            date=self.day(found.get("date")),
            by=self.text(found.get("by")),
            summary=self.text(found.get("summary")),
            span=self.span(item),
        )

    def _limits(self, entry: Entry | None) -> Iterable[FieldLimit]:
        for label, one in (self.entries(entry.node, {}, open_=True) if entry else {}).items():
            found = self.entries(one.node, _LIMIT)
            yield FieldLimit(
                label=Text(label, one.key),
                type=self.one_of(found.get("type"), _TYPES),
                min=self.number(found.get("min")),
                max=self.number(found.get("max")),
                unit=self._plain(found, "unit"),
                pattern=self._plain(found, "pattern"),
                code=self._plain(found, "code"),
                hint=self._plain(found, "hint"),
            )

    def _plain(self, found: Entries, key: str) -> str | None:
        text = self.text(found.get(key))
        return text.value if text else None

    def _rule(self, item: Node) -> FieldRule:
        found = self.entries(item, _RULE)
        when = self.entries(found["when"].node, {}, open_=True) if "when" in found else {}
        return FieldRule(
            when={label: text.value for label, entry in when.items() if (text := self.text(entry))},
            require=self.texts(found.get("require")),
            message=self._plain(found, "message") or "",
            span=self.span(item),
        )

    def _waivers(self, entry: Entry | None) -> Iterable[Waiver]:
        for item in self.mappings(entry, N_("{rule: QM612, reason: why, until: 2027-01-01}")):
            found = self.entries(item, _WAIVER)
            rule = self.text(found.get("rule"))
            if rule is None:
                self.fault(
                    FaultKind.MISSING_VALUE, self.span(item), key="rule", expected=Phrase(N_("the code of a rule"))
                )
                continue
            until = self.day(found.get("until"))
            yield Waiver(rule=rule, reason=self.text(found.get("reason")), until=until, span=self.span(item))

    def _withdrawal(self, entry: Entry | None) -> Withdrawal | None:
        if entry is None:
            return None
        found = self.entries(entry.node, WITHDRAWAL_KEYS)
        return Withdrawal(
            date=self.day(found.get("date")),
            by=self.text(found.get("by")),
            reason=self.text(found.get("reason")),
            replaced_by=self.text(found.get("replaced_by")),
            span=entry.key,
        )
