"""The settings and the company's data: mkdocs.yml, organization.yml, external-documents.yml, standards of one's own.

They are checked like the documents: what they say decides what is checked at all (ISO 9001 4.4.2, 5.3).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from qmanual.checks.header import value_details
from qmanual.checks.nearest import NONE, nearest
from qmanual.checks.rule import Hit, rule
from qmanual.finding import Fault, FaultKind, Phrase, Severity
from qmanual.language import N_
from qmanual.manual import EXTERNALS, ORGANIZATION
from qmanual.model import Department, Organization, Text
from qmanual.register import Register
from qmanual.settings import Settings
from qmanual.source import Span

_BROKEN = {
    FaultKind.YAML_ALIAS: N_("an alias, anchor, tag or merge; write the value out"),
    FaultKind.YAML_NOT_MAPPING: N_("the file is not a list of `key: value`"),
    FaultKind.YAML_TOO_LARGE: N_("the file is too large or nested too deep"),
    FaultKind.CONTROL_CHARACTER: N_("an invisible control character; type the line again"),
}


def _faults(register: Register, *kinds: FaultKind) -> Iterator[Fault]:
    sources = (register.settings, register.organization, register.externals, register.standards)
    return (fault for fault in chain.from_iterable(source.faults for source in sources) if fault.kind in kinds)


@rule(
    "QM901",
    Severity.ERROR,
    title=N_("Data file cannot be read"),
    message=N_("the file cannot be read here: {cause}"),
    help=N_(
        "write `key: value` with a plain colon and a blank after it, and indent with blanks; what cannot be read "
        "does not count"
    ),
    why=N_(
        "These files say who may approve, which departments there are and which standards apply. "
        "A part that cannot be read is a part that is not checked, so it must be seen at once."
    ),
    clause="4.4.2",
    bad="""
        manual/external-documents.yml
        documents: [
          {id: GB/T 19001-2016, title: 质量管理体系 要求}
    """,
    good="""
        manual/external-documents.yml
        documents:
          - {id: GB/T 19001-2016, title: 质量管理体系 要求}
    """,
)
def data_broken(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.YAML_BROKEN, *_BROKEN):
        cause = fault.details["cause"] if fault.kind is FaultKind.YAML_BROKEN else Phrase(_BROKEN[fault.kind])
        yield Hit(fault.span, {"cause": cause})


@rule(
    "QM902",
    Severity.ERROR,
    title=N_("Entry written twice"),
    message=N_("{key} is written twice; it stands already in line {line}"),
    help=N_("keep the right entry and remove the other"),
    why=N_(
        "Two entries for one person or setting say two things, and only one of them is followed. "
        "Which one should not be left to the program."
    ),
    clause="4.4.2",
    bad="""
        manual/organization.yml
        people:
          - {name: 李静, department: 质量部}
          - {name: 王强}
          - {name: 陈刚}
          - {name: 李静, department: 生产部}
        departments:
          - {name: 质量部}
          - {name: 生产部}
    """,
    good="""
        manual/organization.yml
        people:
          - {name: 李静, department: 质量部}
          - {name: 王强}
          - {name: 陈刚}
        departments:
          - {name: 质量部}
          - {name: 生产部}
    """,
)
def written_twice(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.DUPLICATE_KEY):
        yield Hit(fault.span, {"key": fault.details["key"], "line": fault.details["line"]})


@rule(
    "QM903",
    Severity.ERROR,
    title=N_("Unknown setting"),
    message=N_("unknown key: {key}"),
    help=N_("correct the key (the nearest known one: {nearest}), or remove it"),
    help_alone=N_("remove the key, or look up its name in docs/settings.md"),
    why=N_(
        "A mistyped setting changes nothing, although somebody relies on it. "
        "It is noticed here and not when a check that was thought active has never run."
    ),
    clause="4.4.2",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standard: [ISO 9001:2015]
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standards: [ISO 9001:2015]
    """,
)
def unknown_setting(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.UNKNOWN_KEY):
        yield Hit(fault.span, {"key": fault.details["key"], "nearest": fault.details["nearest"] or NONE})


@rule(
    "QM904",
    Severity.ERROR,
    title=N_("Wrong or missing value"),
    message=N_("this value cannot be used: {text}"),
    help=N_("write here: {expected}"),
    why=N_(
        "A value that cannot be used is replaced by the default, which may not be what the company decided. "
        "So it is said, with its line, instead of being passed over."
    ),
    clause="4.4.2",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              revision: A-0
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              revision: A/0
    """,
)
def wrong_value(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.WRONG_TYPE, FaultKind.UNKNOWN_VALUE, FaultKind.MISSING_VALUE):
        yield Hit(fault.span, value_details(fault))


@rule(
    "QM905",
    Severity.ERROR,
    title=N_("Date in a data file impossible or malformed"),
    message=N_("this is no date: {text} ({cause})"),
    help=N_("write the date as year-month-day with four, two and two figures, such as 2026-05-01"),
    why=N_(
        "The period of a post decides whether a signature was given with authority. "
        "A date that cannot be read would leave that open."
    ),
    clause="5.3",
    bad="""
        manual/organization.yml
        people:
          - {name: 李静}
          - {name: 王强}
          - {name: 陈刚, posts: [{role: 管理者代表, from: 2020.1.1}]}
    """,
    good="""
        manual/organization.yml
        people:
          - {name: 李静}
          - {name: 王强}
          - {name: 陈刚, posts: [{role: 管理者代表, from: 2020-01-01}]}
    """,
)
def bad_date(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.BAD_DATE):
        yield Hit(fault.span, {"text": fault.details["text"], "cause": fault.details["cause"]})


@rule(
    "QM906",
    Severity.ERROR,
    title=N_("Standard not available"),
    message=N_("the standard {name} is not available"),
    help=N_("write one of: {known}; a standard of your own is a file listed under standard_files"),
    why=N_(
        "Clauses are checked against the standards listed in the settings. "
        "One that is not known checks nothing, and the clause matrix would have a hole that nobody sees."
    ),
    clause="4.3",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standards: [ISO 9001:2015, ISO 9001:2018]
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standards: [ISO 9001:2015, ISO 9001:2026]
    """,
)
def standard_unavailable(register: Register) -> Iterator[Hit]:
    settings, standards = register.settings, register.standards
    unread = standards.faults or any(path not in register.tree.sources for path in settings.standard_files)
    for name in settings.standards:
        close = nearest(name, standards.available)
        if standards.standard(name) is None and not (unread and close == NONE):
            span = settings.places.get(name, settings.span)
            yield Hit(span, {"name": name, "known": ", ".join(standards.available)})


@rule(
    "QM907",
    Severity.ERROR,
    title=N_("Organization refers to what it does not list"),
    message=N_("{name} {problem}"),
    help=N_("correct the name (the nearest known one: {nearest}), or add what is missing to {file}"),
    help_alone=N_("correct the name, or add what is missing to {file}"),
    why=N_(
        "The organization chart, the responsibility matrix and the process map are printed from this file. "
        "A head who is nobody, or a department that does not exist, is printed just so."
    ),
    clause="5.3",
    bad="""
        manual/organization.yml
        departments:
          - {name: 质量部}
          - {name: 生产部}
        people:
          - {name: 李静, department: 品质部}
          - {name: 王强}
          - {name: 陈刚}
    """,
    good="""
        manual/organization.yml
        departments:
          - {name: 质量部}
          - {name: 生产部}
        people:
          - {name: 李静, department: 质量部}
          - {name: 王强}
          - {name: 陈刚}
    """,
)
def refers_to_nothing(organization: Organization, settings: Settings) -> Iterator[Hit]:
    departments = {department.name.value: department for department in organization.departments}
    people = {person.name.value for person in organization.people}
    processes = {process.name.value for process in organization.processes}
    parents = [d.parent for d in organization.departments]
    homes = [person.department for person in organization.people]
    owners = [process.owner for process in organization.processes]
    heads = [d.head for d in organization.departments]
    following = [name for process in organization.processes for name in process.next]
    named = [kind for person in organization.people for post in person.posts for kind in post.kinds]
    kinds = [name for kind in settings.kinds for name in dict.fromkeys((kind.name, kind.title))]
    for names, known, problem, file in (
        ([*parents, *homes, *owners], departments, N_("is no department of this file"), organization.path),
        (heads, people, N_("is no person of this file"), organization.path),
        (following, processes, N_("is no process of this file"), organization.path),
        (named, kinds, N_("is no kind of document"), settings.path),
    ):
        for name in names if known else ():
            if name and name.value not in known:
                yield _reference(name, problem, known, file)
    for name in _circles(departments):
        yield _reference(name, N_("stands above itself in the organization chart"), (), organization.path)


def _reference(name: Text, problem: str, known: Iterable[str], file: str) -> Hit:
    details = {"name": name.value, "problem": Phrase(problem), "nearest": nearest(name.value, known)}
    return Hit(name.span, {**details, "file": file})


def _circles(departments: Mapping[str, Department]) -> Iterator[Text]:
    """For every circle of departments, the parent that closes it; each department is walked once."""
    done: set[str] = set()
    for start in departments:
        way: dict[str, Text] = {}
        at = start
        while at in departments and at not in done:
            parent = departments[at].parent
            if at in way or parent is None:
                break
            way[at] = parent
            at = parent.value
        if at in way:
            yield next(parent for name, parent in way.items() if parent.value == at)
        done |= {*way, start}


@rule(
    "QM908",
    Severity.ERROR,
    title=N_("File of a standard missing"),
    message=N_("there is no file {name}"),
    help=N_(
        "correct the path under standard_files in mkdocs.yml (it begins at the folder of mkdocs.yml), or add the file"
    ),
    why=N_(
        "A customer's requirements are only checked when their clauses are known. "
        "Without the file the check is silent about them."
    ),
    clause="8.2.3",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standard_files: [standards/customer.yml]
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standard_files: [standards/customer.yml]
        ====
        standards/customer.yml
        id: CUST-1:2024
        clauses:
          - {number: "1.1", title: {zh: 包装要求}}
    """,
)
def standard_file_missing(register: Register) -> Iterator[Hit]:
    settings, tree = register.settings, register.tree
    refused = {fault.span.path for fault in tree.faults}
    for name in settings.standard_files:
        if name not in tree.sources and name not in refused:
            yield Hit(settings.places.get(name, settings.span), {"name": name})


@rule(
    "QM909",
    Severity.ERROR,
    title=N_("Base of a standard unknown"),
    message=N_("{name} is based on {base}, which is not available"),
    help=N_("write one of: {known}"),
    why=N_(
        "A standard of a trade or customer adds to another one, whose clauses apply as well. "
        "Without that one, mentions of its clauses cannot be checked."
    ),
    clause="4.3",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standards: [ISO 9001:2015, CUST-1:2024]
              standard_files: [standards/customer.yml]
        ====
        standards/customer.yml
        id: CUST-1:2024
        base: ISO 9001:2018
        clauses:
          - {number: "1.1", title: {zh: 包装要求}}
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              standards: [ISO 9001:2015, CUST-1:2024]
              standard_files: [standards/customer.yml]
        ====
        standards/customer.yml
        id: CUST-1:2024
        base: ISO 9001:2015
        clauses:
          - {number: "1.1", title: {zh: 包装要求}}
    """,
)
def base_unknown(register: Register) -> Iterator[Hit]:
    standards = register.standards
    for standard in standards.standards:
        if standard.base and standard.base_at and standards.standard(standard.base) is None:
            found = {"name": standard.id, "base": standard.base, "known": ", ".join(standards.available)}
            yield Hit(standard.base_at, found)


@rule(
    "QM913",
    Severity.ERROR,
    title=N_("Company data that nobody reads"),
    message=N_("{path} is not read: the settings look for it in the folder {folder}"),
    help=N_("move it to {folder}/{name}, or say in mkdocs.yml where it lies: `data_folder: {here}`"),
    why=N_(
        "Who may sign, which clauses do not apply and which outside documents are valid stand in these files. "
        "Where they are not read, every check that asks them would pass without a word."
    ),
    clause="5.3",
    bad="""
        mkdocs.yml
        plugins:
          - qmanual:
              data_folder: data
    """,
    good="""
        mkdocs.yml
        plugins:
          - qmanual:
              data_folder: manual
    """,
)
def not_read(register: Register, settings: Settings) -> Iterator[Hit]:
    for name in (ORGANIZATION, EXTERNALS):
        wanted = f"{settings.data_folder}/{name}"
        for folder in settings.folders:
            path = f"{folder}/{name}"
            if path in register.tree.paths and wanted not in register.tree.paths:
                yield Hit(Span(path), {"path": path, "name": name, "folder": settings.data_folder, "here": folder})


RULES = (
    data_broken, written_twice, unknown_setting, wrong_value, bad_date, standard_unavailable, refers_to_nothing,
    standard_file_missing, base_unknown, not_read,
)  # fmt: skip
