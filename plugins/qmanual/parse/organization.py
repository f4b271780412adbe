"""`organization.yml` and `external-documents.yml` into values, with spans and faults like every header."""

from collections.abc import Iterable, Mapping

import yaml

from qmanual.finding import FaultKind, Phrase
from qmanual.language import N_
from qmanual.model import (
    ClauseRef,
    Department,
    Exclusion,
    ExternalDocument,
    Externals,
    Key,
    Meaning,
    Organization,
    Person,
    Post,
    Process,
    Text,
)
from qmanual.nodes import Entry, Node, Reader, aliases
from qmanual.parse.clause import read_clause
from qmanual.parse.header import MEANINGS
from qmanual.signing import Refused, read_public_key
from qmanual.source import SourceFile

_KEY_EXPECTED = N_("a public key, such as ssh-ed25519 AAAA…")
_TOP = aliases({
    "company": ("公司",), "departments": ("部门",), "people": ("人员",), "processes": ("过程",),
    "exclusions": ("不适用条款",), "time_stamp_authorities": ("时间戳机构",),
})  # fmt: skip
_COMPANY = aliases({"name": ("名称",), "short": ("简称",)})
_DEPARTMENT = aliases({"name": ("名称",), "head": ("负责人",), "parent": ("上级",)})
_PERSON = aliases({
    "name": ("姓名",), "department": ("部门",), "posts": ("岗位", "任职"), "keys": ("密钥", "公钥"),
    "signature": ("签名", "签名图片"),
})  # fmt: skip
_KEY = aliases({
    "key": ("公钥", "密钥"), "since": ("启用", "起", "自"), "until": ("停用", "止", "至"), "revoked": ("吊销", "作废"),
    "reason": ("原因", "理由"),
})  # fmt: skip
_POST = aliases({"role": ("岗位", "职务"), "from": ("起", "自"), "to": ("止", "至"), "may": ("权限", "可签署")})
_KINDS = aliases({
    "manual": ("质量手册", "手册"), "procedure": ("程序文件",), "instruction": ("作业指导书",),
    "form": ("记录表单", "表单"),
})  # fmt: skip
_PROCESS = aliases({"name": ("名称",), "type": ("类型",), "owner": ("归口部门",), "next": ("后续过程",)})
_PROCESS_TYPES = aliases({"management": ("管理",), "core": ("核心", "顾客导向"), "support": ("支持",)})
_EXCLUSION = aliases({"clause": ("条款",), "standard": ("标准",), "reason": ("原因", "理由")})
_EXTERNAL_TOP = aliases({"documents": ("文件",)})
_EXTERNAL = aliases({
    "id": ("编号",), "title": ("名称", "标题"), "kind": ("类别",), "edition": ("版本",), "status": ("状态",),
    "replaced_by": ("被替代", "替代文件"),
})  # fmt: skip
_EXTERNAL_KINDS = aliases({"standard": ("标准",), "law": ("法律法规", "法规"), "customer": ("顾客文件", "顾客")})
_EXTERNAL_STATES = aliases({"in force": ("有效", "现行有效"), "superseded": ("被替代",), "withdrawn": ("废止", "作废")})


def read_organization(source: SourceFile | None) -> Organization:
    """The company as written in `source`; an absent one when there is no such file (None)."""
    if source is None:
        return Organization()
    reader = _Reader(source)
    node = reader.compose(source.text)
    found = reader.entries(node, _TOP) if node else {}
    company = reader.entries(found["company"].node, _COMPANY) if "company" in found else {}
    values = {key: text.value for key in company if (text := reader.text(company[key]))}
    return Organization(
        present=node is not None,
        path=source.path,
        company=values.get("name", ""),
        short=values.get("short", ""),
        departments=tuple(reader.departments(found.get("departments"))),
        people=tuple(reader.people(found.get("people"))),
        processes=tuple(reader.processes(found.get("processes"))),
        exclusions=tuple(reader.exclusions(found.get("exclusions"))),
        authorities=reader.texts(found.get("time_stamp_authorities")),
        faults=tuple(reader.faults),
    )


def read_externals(source: SourceFile | None) -> Externals:
    """The outside documents listed in `source`; an absent list when there is no such file (None)."""
    if source is None:
        return Externals()
    reader = _Reader(source)
    node = reader.compose(source.text)
    found = reader.entries(node, _EXTERNAL_TOP) if node else {}
    documents = tuple(reader.externals(found.get("documents")))
    return Externals(present=node is not None, path=source.path, documents=documents, faults=tuple(reader.faults))


class _Reader(Reader):
    def named(self, entry: Entry | None, names: Mapping[str, str], key: str) -> Iterable[tuple[Text, dict[str, Entry]]]:
        """The items of a list that have the text `key`; an item without it is a fault."""
        seen: dict[str, int] = {}
        for item in self.mappings(entry, N_("a mapping (key: value)")):
            found = self.entries(item, names)
            name = self.text(found.get(key))
            if name is None:
                self.fault(FaultKind.MISSING_VALUE, self.span(item), key=key, expected=Phrase(N_("a text")))
            elif name.value in seen:
                self.fault(FaultKind.DUPLICATE_KEY, name.span, key=name.value, line=str(seen[name.value]))
            else:
                seen[name.value] = name.span.line
                yield name, found

    def departments(self, entry: Entry | None) -> Iterable[Department]:
        for name, found in self.named(entry, _DEPARTMENT, "name"):
            yield Department(name=name, head=self.text(found.get("head")), parent=self.text(found.get("parent")))

    def people(self, entry: Entry | None) -> Iterable[Person]:
        for name, found in self.named(entry, _PERSON, "name"):
            listed = self.mappings(found.get("posts"), N_("a mapping (key: value)"))
            posts = tuple(self.post(item) for item in listed)
            keys = tuple(key for item in self.items(found.get("keys")) if (key := self.key(item)))
            yield Person(
                name=name, department=self.text(found.get("department")), posts=posts, keys=keys,
                signature=self.text(found.get("signature")),
            )  # fmt: skip

    def key(self, item: Node) -> Key | None:
        """A public key: `{key: ssh-ed25519 AAAA…, since: 2026-03-01}`, or the key alone."""
        before = len(self.faults)
        found = self.entries(item, _KEY) if isinstance(item, yaml.MappingNode) else {}
        text = self.text(found.get("key") if found or isinstance(item, yaml.MappingNode) else item)
        since, until, revoked = (self.day(found.get(name)) for name in ("since", "until", "revoked"))
        reason = self.text(found.get("reason"))
        if text is None:
            self.fault(FaultKind.MISSING_VALUE, self.span(item), key="key", expected=Phrase(_KEY_EXPECTED))
            return None
        try:
            public = read_public_key(text.value)
        except Refused as error:
            self.fault(FaultKind.BAD_KEY, text.span, cause=Phrase(error.text, **error.details))
            return None
        return Key(
            public=public,
            since=since.value if since else None,
            until=until.value if until else None,
            revoked=revoked.value if revoked else None,
            reason=reason.value if reason else "",
            span=text.span,
            readable=len(self.faults) == before,
        )

    def post(self, item: Node) -> Post:
        found = self.entries(item, _POST)
        role = self.text(found.get("role"))
        since, until = self.day(found.get("from")), self.day(found.get("to"))
        if since and until and until.value < since.value:
            cause = Phrase(N_("it lies before the beginning of the post"))
            self.fault(FaultKind.BAD_DATE, until.span, text=until.value.isoformat(), cause=cause)
            until = None
        before = len(self.faults)
        rights = tuple(self.rights(found.get("may")))
        return Post(
            role=role.value if role else "",
            since=since.value if since else None,
            until=until.value if until else None,
            may={meaning: tuple(kind.value for kind in kinds) for meaning, kinds in rights},
            span=self.span(item),
            kinds=tuple(kind for _, kinds in rights for kind in kinds),
            readable=len(self.faults) == before,
        )

    def rights(self, entry: Entry | None) -> Iterable[tuple[Meaning, tuple[Text, ...]]]:
        """`[prepared, reviewed]` for all kinds, or `{approved: [procedure, form]}`."""
        if entry is None:
            return
        if isinstance(entry.node, yaml.MappingNode):
            for meaning, one in self.entries(entry.node, MEANINGS).items():
                kinds = self.texts(one)
                yield Meaning(meaning), tuple(Text(_KINDS.get(kind.value, kind.value), kind.span) for kind in kinds)
            return
        for text in self.texts(entry):
            name = MEANINGS.get(text.value)
            if name is None:
                known = ", ".join(meaning.value for meaning in Meaning)
                self.fault(FaultKind.UNKNOWN_VALUE, text.span, text=text.value, known=known)
            else:
                yield Meaning(name), ()

    def processes(self, entry: Entry | None) -> Iterable[Process]:
        for name, found in self.named(entry, _PROCESS, "name"):
            yield Process(
                name=name,
                type=self.one_of(found.get("type"), _PROCESS_TYPES) or "core",
                owner=self.text(found.get("owner")),
                next=self.texts(found.get("next")),
            )

    def exclusions(self, entry: Entry | None) -> Iterable[Exclusion]:
        for item in self.mappings(entry, N_("a mapping (key: value)")):
            found = self.entries(item, _EXCLUSION)
            clause, standard = self.text(found.get("clause")), self.text(found.get("standard"))
            ref = read_clause(clause) if clause else None
            if ref is None:
                place = clause.span if clause else self.span(item)
                expected = Phrase(N_("a clause, such as 7.5 or ISO 9001:2015 7.5"))
                self.fault(FaultKind.WRONG_TYPE, place, text=clause.value if clause else "", expected=expected)
                continue
            if standard:
                ref = ClauseRef(standard=standard.value, number=ref.number, span=ref.span)
            yield Exclusion(ref=ref, reason=self.text(found.get("reason")))

    def externals(self, entry: Entry | None) -> Iterable[ExternalDocument]:
        for name, found in self.named(entry, _EXTERNAL, "id"):
            title, edition = self.text(found.get("title")), self.text(found.get("edition"))
            replaced = self.text(found.get("replaced_by"))
            yield ExternalDocument(
                id=name,
                title=title.value if title else "",
                kind=self.one_of(found.get("kind"), _EXTERNAL_KINDS) or "standard",
                edition=edition.value if edition else "",
                status=self.one_of(found.get("status"), _EXTERNAL_STATES) or "in force",
                replaced_by=replaced.value if replaced else "",
            )
