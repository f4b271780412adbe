"""Coverage: whether every clause is answered or excluded for a reason, every record named (ISO 9001 4.3, 4.4)."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

from qmanual.checks.rule import RELEASE, Hit, rule
from qmanual.finding import Severity
from qmanual.language import N_
from qmanual.manual import ORGANIZATION
from qmanual.model import Document, Exclusion
from qmanual.register import ClauseKey, Register
from qmanual.standards import Standard, parent

MANUAL = "manual"
"""The kind whose documents describe the scope of the system."""

# -- clauses -------------------------------------------------------------------------------------------------------


@rule(
    "QM501",
    Severity.WARNING,
    title=N_("A clause that no document answers"),
    message=N_("no document answers clause {number} of {standard}"),
    help=N_(
        "name the clause in the header of the document that answers it, or exclude it with a reason in {organization}"
    ),
    why=N_(
        "Every clause of the standard applies unless it is excluded with a justification. Where no document says how "
        "a clause is met, an auditor will ask, and the answer should not depend on who happens to be in the room."
    ),
    clause="4.4.1",
    bad="""
        manual/index.md
        ---
        clauses: ["4", "5", "6", "7", "8", "9"]
        ---
    """,
    good="""
        manual/index.md
        ---
        clauses: ["4", "5", "6", "7", "8", "9", "10"]
        ---
    """,
)
def unanswered(register: Register, profile: str) -> Iterator[Hit]:
    manuals = register.of_kind(MANUAL) if _has_manual(register) else ()
    if not manuals or not all(d.header.readable for d in register.documents):
        return  # what a header claims that cannot be read is not known
    place = manuals[0].header.at("clauses")
    for standard in register.standards.standards:
        answered = _answered(standard, register)
        if not answered and not register.organization.present:
            continue  # a manual that has just been begun, or one that does not claim to follow the standard
        for _, numbers in groupby(_unanswered(standard, answered), key=lambda number: number.split(".")[0]):
            details = {
                "number": "、".join(numbers), "standard": standard.id,
                "organization": register.organization.path or f"{register.settings.data_folder}/{ORGANIZATION}",
            }  # fmt: skip
            yield Hit(place, details, _weight(register, profile))


def _weight(register: Register, profile: str) -> Severity:
    """How much a gap weighs: little while a company has not yet said of itself what applies to it."""
    if profile == RELEASE:
        return Severity.ERROR if register.organization.present else Severity.WARNING
    return Severity.WARNING if register.organization.present else Severity.NOTE


def _has_manual(register: Register) -> bool:
    return any(kind.name == MANUAL for kind in register.settings.kinds)


def _answered(standard: Standard, register: Register) -> frozenset[str]:
    """The clauses that a header claims, that are excluded, or that the manual names together with the standard."""
    found = {key.number for key in (*register.answers, *register.excluded) if key.standard == standard.id}
    for document in register.of_kind(MANUAL):
        for mention in register.clause_mentions(document):
            known = register.clause(mention.ref) if mention.ref.standard else None
            if known and known[0] is standard:
                found.add(mention.ref.number)
    return frozenset(found)


def _unanswered(standard: Standard, answered: frozenset[str]) -> Iterator[str]:
    """The topmost clauses that nobody answers: neither themselves nor anything above or below them."""
    above = {number for one in answered for number in _ancestors(one)}
    for clause in standard.clauses:
        chain = (clause.number, *_ancestors(clause.number))
        if clause.number in above or answered.intersection(chain):
            continue
        over = next((number for number in chain[1:] if number in standard.by_number), None)
        if over is None or over in above:
            yield clause.number


@lru_cache(maxsize=4096)
def _ancestors(number: str) -> tuple[str, ...]:
    over = parent(number)
    return (over, *_ancestors(over)) if over else ()


# -- exclusions ----------------------------------------------------------------------------------------------------


@rule(
    "QM502",
    Severity.ERROR,
    title=N_("An exclusion that the manual's scope does not state"),
    message=N_("clause {number} is excluded here, but the manual's text does not say so"),
    help=N_("state in the scope chapter of the manual that clause {number} does not apply, and why"),
    why=N_(
        "The scope is available as documented information and states the justification for every requirement that "
        "does not apply. A list in a data file is not what customers and the certification body are shown."
    ),
    clause="4.3",
    bad="""
        manual/index.md

        # 质量手册

        ## 1 范围

        工业电源的设计、生产和销售。
    """,
    good="""
        manual/index.md

        # 质量手册

        ## 1 范围

        工业电源的设计、生产和销售。不适用条款：8.5.3，公司不使用顾客或外部供方的财产。
    """,
)
def not_in_scope(register: Register) -> Iterator[Hit]:
    manuals = register.of_kind(MANUAL) if _has_manual(register) else ()
    for exclusion in register.organization.exclusions if manuals else ():
        if register.clause(exclusion.ref) and not any(_states(text, exclusion) for text in _texts(manuals)):
            yield Hit(exclusion.ref.span, {"number": exclusion.ref.number})


_EXCLUDES = re.compile(r"不适用|删减|排除|免除|不采用|exclu|not appl|n/a|does not apply|do not apply", re.IGNORECASE)


def _texts(documents: Iterable[Document]) -> Iterator[str]:
    return (body.plain for document in documents for body in document.bodies)


def _states(text: str, exclusion: Exclusion) -> bool:
    number = exclusion.ref.number
    named = number in text and re.search(rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)", text)
    return bool(named and _EXCLUDES.search(text))


@rule(
    "QM503",
    Severity.ERROR,
    title=N_("An exclusion without a reason"),
    message=N_("clause {number} is excluded without a reason"),
    help=N_("write after `reason:` why the clause does not apply to this company"),
    why=N_(
        "A requirement may be left out only where it cannot affect the conformity of products and services, and the "
        "company has to justify it. An exclusion without a reason is a requirement not met."
    ),
    clause="4.3",
    bad="""
        manual/organization.yml =
        departments: [{name: 质量部}, {name: 生产部}]
        exclusions:
          - {clause: 8.5.3}
    """,
    good="""
        manual/organization.yml =
        departments: [{name: 质量部}, {name: 生产部}]
        exclusions:
          - {clause: 8.5.3, reason: 公司不使用顾客或外部供方的财产}
    """,
)
def no_reason(register: Register) -> Iterator[Hit]:
    for exclusion in register.organization.exclusions:
        if exclusion.reason is None:
            yield Hit(exclusion.ref.span, {"number": exclusion.ref.number})


@rule(
    "QM504",
    Severity.ERROR,
    title=N_("An excluded clause that a document claims"),
    message=N_("clause {number} is excluded in {organization}, yet this document claims to answer it"),
    help=N_("take the clause out of this header, or take the exclusion out of {organization}"),
    why=N_(
        "Either the requirement applies or it does not. Where the scope excludes what a procedure carries out, one of "
        "the two is wrong, and the certificate rests on the scope."
    ),
    clause="4.3",
    bad="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["7.5", "8.5.3"]
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        clauses: ["7.5", "8.5"]
        ---
    """,
)
def excluded_yet_claimed(register: Register) -> Iterator[Hit]:
    excluded = {
        ClauseKey(known[0].id, known[1].number)
        for exclusion in register.organization.exclusions
        if (known := register.clause(exclusion.ref))
    }
    for document in register.documents if excluded else ():
        for ref in document.header.clauses:
            known = register.clause(ref)
            if known and any(ClauseKey(known[0].id, one) in excluded for one in (ref.number, *_ancestors(ref.number))):
                yield Hit(ref.span, {"number": ref.number, "organization": register.organization.path})


# -- records -------------------------------------------------------------------------------------------------------


@rule(
    "QM505",
    Severity.WARNING,
    title=N_("A form that no document names"),
    message=N_("no document names the form {number}"),
    help=N_("name the form in the procedure whose result it records, or withdraw it"),
    why=N_(
        "A record shows that a step was carried out as planned. A form that no procedure asks for is either filled in "
        "for nothing, or belongs to a step that nobody described."
    ),
    clause="4.4.2",
    bad="""
        forms/QR-7.5-02.md (like forms/QR-7.5-01.md)
        ---
        id: QR-7.5-02
        title: 文件发放记录
        ---

        # 文件发放记录

        领用人：______
    """,
    good="""
        forms/QR-7.5-02.md (like forms/QR-7.5-01.md)
        ---
        id: QR-7.5-02
        title: 文件发放记录
        ---

        # 文件发放记录

        领用人：______
        ====
        procedures/QP-7.5-01.md

        文件发放登记在 QR-7.5-02。
    """,
)
def orphan_form(register: Register) -> Iterator[Hit]:
    forms = {kind.name for kind in register.settings.kinds if kind.form}
    if all(document.kind in forms for document in register.documents):
        return  # forms alone are a beginning, and nothing there could name them
    for document in register.documents:
        if document.header.id is None or document.header.withdrawn:
            continue  # without a number nobody could name it; another rule says so
        if document.kind in forms and document.id not in register.referenced_by:
            yield Hit(document.span, {"number": document.id})


@rule(
    "QM506",
    Severity.WARNING,
    title=N_("A procedure that names no record"),
    message=N_("clause {number} asks for records to be kept, but this document names no form"),
    help=N_("name the form in which the result is recorded by its number, or link to it"),
    why=N_(
        "Where the standard asks for documented information to be retained, the procedure has to say which record that "
        "is. Without it, people record what they think of, or nothing."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.2-01.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.2-01
        title: 培训控制程序
        clauses: ["7.2"]
        ---

        # 培训控制程序

        ## 1 目的

        使员工胜任岗位。

        ## 2 范围

        全体员工。

        ## 3 职责

        质量部组织培训。

        ## 4 工作程序

        按年度计划培训并评价效果。

        ## 5 相关文件

        无。

        ## 6 相关记录

        培训记录。
    """,
    good="""
        procedures/QP-7.5-01.md

        ## 7 说明

        文件更改填写 QR-7.5-01。
    """,
)
def no_record(document: Document, register: Register) -> Iterator[Hit]:
    kind = register.settings.kind(document.kind)
    if not kind.records or document.header.withdrawn or _names_form(document, register):
        return
    for ref in document.header.clauses:
        known = register.clause(ref)
        if known and any(number == ref.number or number.startswith(f"{ref.number}.") for number in _recorded(known[0])):
            yield Hit(ref.span, {"number": ref.number})
            return


def _recorded(standard: Standard) -> Iterator[str]:
    return (clause.number for clause in standard.clauses if "record" in clause.keeps)


def _names_form(document: Document, register: Register) -> bool:
    """Whether a form is named by number, known or not (another rule tells), or a file among the forms is linked to."""
    forms = tuple(kind for kind in register.settings.kinds if kind.form)
    for body in document.bodies:
        if any(kind.pattern.fullmatch(mention.name) for mention in body.documents for kind in forms):
            return True
        if any(f"{kind.folder}/" in link.target for link in body.links for kind in forms):
            return True
    return False


RULES = (unanswered, not_in_scope, no_reason, excluded_yet_claimed, orphan_form, no_record)
