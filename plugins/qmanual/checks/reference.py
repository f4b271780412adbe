"""What a document names: clauses, standards, other documents, outside documents (ISO 9001 7.5.3.2, 7.5.3)."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from qmanual.checks.link import is_broken
from qmanual.checks.nearest import nearest
from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Body, ClauseRef, Document, ExternalDocument, Externals, Mention
from qmanual.register import Register
from qmanual.source import Span
from qmanual.standards import Library, Standard, standard_key

# -- clauses and standards -----------------------------------------------------------------------------------------


@rule(
    "QM401",
    Severity.ERROR,
    title=N_("The standard has no such clause"),
    message=N_("{standard} has no clause {number}"),
    help=N_("write the number of a clause that the standard has; the nearest one is {nearest}"),
    help_alone=N_("write the number of a clause that the standard has"),
    why=N_(
        "An auditor follows a clause number to the requirement behind it. A number that leads nowhere shows that "
        "nobody compared the document with the standard, and the clause that was meant stays uncovered in the matrix."
    ),
    clause="4.4.1",
    bad="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["7.5", "7.9"]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["7.5", "GB/T 19001-2016 10.2"]
        ---
    """,
)
def unknown_clause(register: Register) -> Iterator[Hit]:
    standards = register.standards
    refs = [exclusion.ref for exclusion in register.organization.exclusions]
    for document in register.documents:
        refs += document.header.clauses
        said = (mention.ref for mention in register.clause_mentions(document))
        refs += (ref for ref in said if not _is_introduction(ref, standards) and not _is_elsewhere(ref, standards))
    for ref in refs:
        standard = standards.standard(ref.standard)
        if standard is not None and standard.clauses and standards.clause(ref) is None:
            nearest = _nearest_clause(ref.number, standard)
            yield Hit(ref.span, {"standard": ref.standard or standard.id, "number": ref.number, "nearest": nearest})


def _is_introduction(ref: ClauseRef, standards: Library) -> bool:
    """Whether a text speaks of a chapter before the requirements: scope, references, terms."""
    standard = standards.standard(ref.standard)
    first = standard.clauses[0].number.partition(".")[0] if standard and standard.clauses else ""
    chapter = ref.number.partition(".")[0]
    return first.isdigit() and chapter.isdigit() and int(chapter) < int(first)


def _is_elsewhere(ref: ClauseRef, standards: Library) -> bool:
    """Whether a text names a clause without a standard beside it, and another standard in use has it."""
    return (ref.standard is None or ref.near) and any(
        ref.number in standard.by_number for standard in standards.standards
    )


def _nearest_clause(number: str, standard: Standard) -> str:
    above = number
    while above and above not in standard.by_number:
        above = above.rpartition(".")[0]
    return above if "." in above else nearest(number, standard.by_number)


@rule(
    "QM402",
    Severity.ERROR,
    title=N_("The standard is not in use"),
    message=N_("{standard} is not among the standards in use"),
    help=N_("name one of the standards in use ({known}), or add this one under `standards` in the settings"),
    why=N_(
        "A claim to answer a clause counts only when the standard is part of the management system. A mistyped name "
        "would silently drop the document out of the clause matrix."
    ),
    clause="4.4.1",
    bad="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["7.5", "ISO 22000:2018 7.5"]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["ISO 9001:2015 7.5", "GB/T19001-2016 7.2"]
        ---
    """,
)
def unknown_standard(register: Register) -> Iterator[Hit]:
    standards = register.standards
    known = "、".join(standard.id for standard in standards.standards)
    for ref in _claims(register) if standards.standards else ():
        name = ref.standard
        if name and standards.standard(name) is None and standards.other_edition(name) is None:
            yield Hit(ref.span, {"standard": name, "known": known})


def _claims(register: Register) -> Iterator[ClauseRef]:
    """The clauses that headers claim and that the company excludes."""
    yield from (exclusion.ref for exclusion in register.organization.exclusions)
    for document in register.documents:
        yield from document.header.clauses


@rule(
    "QM403",
    Severity.ERROR,
    title=N_("The edition of the standard is not in use"),
    message=N_("{standard} is an edition that is not in use; in use is {current}"),
    help=N_("name {current}, or list the other edition under `standards` in the settings as well"),
    why=N_(
        "Clause numbers move from one edition to the next. A document that refers to an old edition has not been "
        "reviewed against the one that the company is certified to, and an auditor will ask for exactly that review."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["7.5", "ISO 9001:2008 4.2.3"]
        ---

        质量管理体系按 GB/T 19001-2008 建立。
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["ISO 9001:2015 7.5"]
        ---

        质量管理体系按 GB/T 19001-2016 建立。
    """,
)
def other_edition(register: Register) -> Iterator[Hit]:
    standards, listed = register.standards, _Listed.of(register.externals)
    for ref in _claims(register):
        if ref.standard and (current := standards.other_edition(ref.standard)):
            yield Hit(ref.span, {"standard": ref.standard, "current": current.id})
    for document in register.documents:
        for mention in _externals(document):
            current = standards.other_edition(mention.name)
            if current and not _is_in_force(listed.find(mention.name)):
                yield Hit(mention.span, {"standard": mention.name, "current": current.id}, Severity.WARNING)


# -- documents of the manual ---------------------------------------------------------------------------------------


@rule(
    "QM404",
    Severity.ERROR,
    title=N_("A number that no document has"),
    message=N_("no document has the number {number}"),
    help=N_("correct the number, or add the document; the nearest number is {nearest}"),
    help_alone=N_("correct the number, or add the document"),
    why=N_(
        "Staff who follow a reference must find the document. A number without a document was mistyped, or its "
        "document was removed while others still rely on it."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        记录的保存见 QP-7.5-09。
    """,
    good="""
        procedures/QP-7.5-01.md

        文件更改填写 QR-7.5-01，编号规则为 `QP-7.5-09`。
    """,
)
def unknown_number(document: Document, register: Register) -> Iterator[Hit]:
    known = register.claimed_ids
    for body in document.bodies:
        for mention in body.documents:
            if mention.name in known or body.plain[mention.end : mention.end + 1] in _PATTERN:
                continue
            if any(kind.pattern.fullmatch(mention.name) for kind in register.nameless):
                continue
            if not _in_broken_link(body, mention, register):
                yield Hit(mention.span, {"number": mention.name, "nearest": _nearest_number(mention.name, known)})
    replaced = document.header.withdrawn.replaced_by if document.header.withdrawn else None
    if replaced and replaced.value not in known and register.settings.number.fullmatch(replaced.value):
        yield Hit(replaced.span, {"number": replaced.value, "nearest": _nearest_number(replaced.value, known)})


_PATTERN = frozenset("-*×＊□@")
"""What follows a number that is only the beginning of a pattern or of an address: `QP-7.5-×`, `QP-7.5-*`."""

_TO_TARGET = re.compile(r"[^\[\]\n]{0,200}\]\(")


def _in_broken_link(body: Body, mention: Mention, register: Register) -> bool:
    """Whether the number is the text of a link that leads to no file: the rule about links says it already."""
    rest = _TO_TARGET.match(body.plain, mention.end)
    link = next((link for link in body.links if link.start == rest.end()), None) if rest else None
    return link is not None and is_broken(body, link, register.tree)


def _nearest_number(number: str, known: frozenset[str]) -> str:
    """The most similar number among the neighbours in the list: comparing with every number would cost too much."""
    ordered = _ordered(known)
    at = bisect_left(ordered, number)
    return nearest(number, ordered[max(0, at - 4) : at + 4])


@lru_cache(maxsize=2)
def _ordered(known: frozenset[str]) -> list[str]:
    return sorted(known)


@rule(
    "QM405",
    Severity.ERROR,
    title=N_("A reference to a withdrawn document"),
    message=N_("{number} was withdrawn on {date}"),
    help=N_("refer to the document that took its place ({replaced_by}), or take the reference away"),
    why=N_(
        "A withdrawn document must not be used by mistake. A document in force that still sends its readers there "
        "makes them do exactly that."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md

        记录的保存见 QP-7.5-02。
        ====
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 记录控制程序
        withdrawn: {date: 2026-06-01, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---

        # 记录控制程序

        ## 1 目的

        已废止。

        ## 2 范围

        已废止。

        ## 3 职责

        已废止。

        ## 4 工作程序

        已废止，原记录为 QR-7.5-01。

        ## 5 相关文件

        无。

        ## 6 相关记录

        无。
    """,
    good="""
        procedures/QP-7.5-01.md

        本文件代替 QP-7.5-02。
        ====
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        title: 记录控制程序
        withdrawn: {date: 2026-06-01, by: 陈刚, reason: 并入文件控制程序, replaced_by: QP-7.5-01}
        ---

        # 记录控制程序

        ## 1 目的、范围、职责

        已废止。

        ## 2 工作程序

        已废止，原记录为 QR-7.5-01。

        ## 3 相关文件和记录

        无。
    """,
)
def withdrawn_number(document: Document, register: Register, today: date) -> Iterator[Hit]:
    gone = register.withdrawn
    if not gone or document.header.withdrawn:
        return
    for body in document.bodies:
        said: set[tuple[int, str]] = set()
        for mention in body.documents:
            other = gone.get(mention.name)
            if other and other is not document and _is_past(other, today):
                said.add((mention.span.line, other.id))
                if not _says_so(body.plain, mention):
                    yield _withdrawn(other, mention.span)
        for link in body.links:
            linked = register.linked(body, link.target)
            if linked and _is_past(linked, today) and (link.span.line, linked.id) not in said:
                yield _withdrawn(linked, link.span)


_BEFORE = re.compile(r"(?:代替|替代|取代|替换|废止|作废|原|replaces|supersedes)\s*(?:了|《|“)?\s*$", re.IGNORECASE)
_AFTER = re.compile(
    r"[^。；;，,|\n]{0,20}[（(，,]?\s*(?:已|被|现已|自[^，。\n]{1,20}起)?\s*(?:废止|作废|被替代|被取代|\((?:withdrawn|superseded)|withdrawn|superseded)",
    re.IGNORECASE,
)


def _says_so(text: str, mention: Mention) -> bool:
    """Whether the text itself says that the document is no longer in force."""
    before, after = max(0, mention.start - 12), min(len(text), mention.end + 60)
    return bool(_BEFORE.search(text, before, mention.start) or _AFTER.match(text, mention.end, after))


def _is_past(document: Document, today: date) -> bool:
    withdrawn = document.header.withdrawn
    return withdrawn is not None and (withdrawn.date is None or withdrawn.date.value <= today)


def _withdrawn(document: Document, span: Span) -> Hit:
    withdrawn = document.header.withdrawn
    day = withdrawn.date.value.isoformat() if withdrawn and withdrawn.date else Phrase(N_("a day that is not given"))
    by = withdrawn.replaced_by.value if withdrawn and withdrawn.replaced_by else Phrase(N_("none is named"))
    return Hit(span, {"number": document.id, "date": day, "replaced_by": by})


# -- outside documents ---------------------------------------------------------------------------------------------


@rule(
    "QM406",
    Severity.WARNING,
    title=N_("An outside document that is not in the list"),
    message=N_("{name} is not in the list of outside documents"),
    help=N_("add it to {path}, or write its number and edition as they stand there"),
    why=N_(
        "Standards, laws and customers' documents that the system relies on are identified and controlled like its "
        "own. One that nobody listed is one whose changes nobody watches."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md

        抽样按 GB/T 2828.1-2012 进行。
    """,
    good="""
        procedures/QP-7.5-01.md

        抽样按 GB/T 2828.1 进行，体系按 ISO 9001:2015 建立。
        ====
        manual/external-documents.yml =
        documents:
          - {id: GB/T 2828.1-2012, title: 计数抽样检验程序, kind: standard, edition: "2012", status: in force}
    """,
)
def unlisted_external(register: Register) -> Iterator[Hit]:
    externals, standards = register.externals, register.standards
    if not externals.present:
        return
    listed = _Listed.of(externals)
    for document in register.documents:
        for mention in _externals(document):
            name = mention.name
            if not (listed.find(name) or standards.standard(name) or standards.other_edition(name)):
                yield Hit(mention.span, {"name": name, "path": externals.path})


@rule(
    "QM407",
    Severity.WARNING,
    title=N_("An outside document that is no longer in force"),
    message=N_("{name} is listed as no longer in force; replaced by: {replaced_by}"),
    help=N_("refer to the document that replaces it, and review what changes for this document"),
    why=N_(
        "Work done by a standard that was replaced no longer shows conformity. The list knows that the document is out "
        "of force; the text that still relies on it has not been reviewed since."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-01.md

        抽样按 GB/T 2828.1-2003 进行。
        ====
        manual/external-documents.yml =
        documents:
          - {id: GB/T 2828.1-2003, title: 抽样检验, kind: standard, status: superseded, replaced_by: GB/T 2828.1-2012}
          - {id: GB/T 2828.1-2012, title: 抽样检验, kind: standard, status: in force}
    """,
    good="""
        procedures/QP-7.5-01.md

        抽样按 GB/T 2828.1 进行。
        ====
        manual/external-documents.yml =
        documents:
          - {id: GB/T 2828.1-2003, title: 抽样检验, kind: standard, status: superseded, replaced_by: GB/T 2828.1-2012}
          - {id: GB/T 2828.1-2012, title: 抽样检验, kind: standard, status: in force}
    """,
)
def outdated_external(register: Register) -> Iterator[Hit]:
    listed = _Listed.of(register.externals)
    if not listed.outdated:
        return
    for document in register.documents:
        for mention in _externals(document):
            found = listed.find(mention.name)
            if found and not _is_in_force(found) and not register.standards.other_edition(mention.name):
                by = found.replaced_by or Phrase(N_("none is named"))
                yield Hit(mention.span, {"name": mention.name, "replaced_by": by})


def _externals(document: Document) -> Iterator[Mention]:
    for body in document.bodies:
        yield from body.externals


def _is_in_force(document: ExternalDocument | None) -> bool:
    return document is not None and document.status == "in force"


_YEAR = re.compile(r":(?:19|20)\d\d$")
_LETTER = re.compile(r"(?<=\d)[A-Z]$")
_IPC = re.compile(r"^IPC(?:/JEDEC)?:?(?=J:STD)|[《》]")


def _key(name: str) -> str:
    """An outside document's name without what people write differently."""
    return _IPC.sub("", standard_key(name))


def _family(key: str) -> str:
    """The name without year or revision letter: `GB/T 2828.1`, `IPC-A-610`."""
    return _LETTER.sub("", _YEAR.sub("", key))


@dataclass(frozen=True, slots=True)
class _Listed:
    """The listed outside documents by name, and by name without the edition."""

    exact: Mapping[str, ExternalDocument]
    families: Mapping[str, ExternalDocument]
    outdated: bool

    @classmethod
    def of(cls, externals: Externals) -> "_Listed":
        exact: dict[str, ExternalDocument] = {}
        families: dict[str, ExternalDocument] = {}
        for document in sorted(externals.documents, key=lambda one: not _is_in_force(one)):
            key = _key(document.id.value)
            for name in (key, _key(document.title), f"{key}:{document.edition}", f"{key}{document.edition}"):
                exact.setdefault(name, document)
            families.setdefault(_family(key), document)
        return cls(exact, families, any(not _is_in_force(document) for document in externals.documents))

    def find(self, name: str) -> ExternalDocument | None:
        """The listed document of that name; one named without its edition is the one in force."""
        key = _key(name)
        found = self.exact.get(key)
        if found is None or _family(key) == key:
            family = self.families.get(_family(key)) if _family(key) == key else None
            found = family or found
        return found


RULES = (
    unknown_clause, unknown_standard, other_edition, unknown_number, withdrawn_number, unlisted_external,
    outdated_external,
)  # fmt: skip
