"""Who a document is: its number, title, owner, and how these agree with its file and the company (ISO 9001 7.5.2 a)."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from qmanual.checks.nearest import nearest
from qmanual.checks.rule import Hit, rule
from qmanual.files import is_named_after
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Document, Organization, Text
from qmanual.register import Register
from qmanual.settings import Settings
from qmanual.source import Span

_MARKUP = re.compile(r"<[^<>]*>|\]\([^()\n]*\)")


@rule(
    "QM111",
    Severity.ERROR,
    title=N_("Number missing"),
    message=N_("the document has no number"),
    help=N_("add its number to the header, such as `id: QP-7.5-01`"),
    why=N_(
        "A document is called by its number in the master list, in other documents and on every print. "
        "Without a number nobody can refer to it, recall it or find out whether a copy is current."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        id:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        ---
    """,
)
def number_missing(document: Document) -> Iterator[Hit]:
    if document.header.lacks("id"):
        yield Hit(document.header.at("id"))


@rule(
    "QM112",
    Severity.ERROR,
    title=N_("Number not by the scheme"),
    message=N_("the number {id} does not follow the scheme of its kind ({kind})"),
    help=N_("write it in the form of {sample}; the scheme stands in mkdocs.yml under kinds"),
    why=N_(
        "The number tells staff what kind of document they hold and where it belongs. "
        "A number outside the scheme is not recognised where other documents name it."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP7502.md (like procedures/QP-7.5-01.md)
        ---
        id: QP7502
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        ---
    """,
)
def number_off_scheme(register: Register, settings: Settings) -> Iterator[Hit]:
    samples: dict[str, str] = {}
    off: list[tuple[str, Text]] = []
    for document in register.documents:
        number = document.header.id
        if number and follows_scheme(document, settings):
            samples.setdefault(document.kind, number.value)
        elif number:
            off.append((document.kind, number))
    for name, number in off:
        kind = settings.kind(name)
        sample = samples.get(name, kind.id)
        yield Hit(number.span, {"id": number.value, "kind": Phrase(kind.title), "sample": sample})


def follows_scheme(document: Document, settings: Settings) -> bool:
    """Whether the document's number has the form that the settings give to its kind."""
    number = document.header.id
    return number is not None and settings.kind(document.kind).pattern.fullmatch(number.value) is not None


@rule(
    "QM113",
    Severity.ERROR,
    title=N_("Number used twice"),
    message=N_("the number {id} belongs already to {path}"),
    help=N_("give this document a number of its own; when it is a copy, remove it"),
    why=N_(
        "Two documents with one number: staff may hold either and believe it is the valid one. "
        "A number is given once and never used again for something else."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-02.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-01
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        ---
    """,
)
def number_used_twice(register: Register, settings: Settings) -> Iterator[Hit]:
    for number, first, others in _shared(register, settings):
        for document in others:
            yield Hit(document.span, {"id": number, "path": first.path})


def _shared(register: Register, settings: Settings) -> Iterator[tuple[str, Document, list[Document]]]:
    """Every number of several documents: the one whose file bears it (else the first), and the others."""
    found: dict[str, list[Document]] = defaultdict(list)
    for document in register.documents:
        if document.header.id:
            found[document.header.id.value].append(document)
    for number, documents in found.items():
        if len(documents) > 1:
            first = next((one for one in documents if _named_right(one, settings)), documents[0])
            yield number, first, [one for one in documents if one is not first]


@rule(
    "QM114",
    Severity.ERROR,
    title=N_("File not named after its number"),
    message=N_("the file is not named after its number {id}"),
    help=N_(
        "rename the file or folder so that it begins with the number, or correct the number; `git mv` keeps its history"
    ),
    why=N_(
        "Whoever looks for a document looks for its number. "
        "A file under another name is found by nobody, and a copy with a changed name looks like a second document."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/文件控制.md (like procedures/QP-7.5-01.md)
        ---
        id: QP-7.5-02
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        ---
    """,
)
def file_named_otherwise(register: Register, settings: Settings) -> Iterator[Hit]:
    copies = {one.path for _, _, others in _shared(register, settings) for one in others}
    for document in register.documents:
        if document.path not in copies and follows_scheme(document, settings) and not _named_right(document, settings):
            yield Hit(document.span, {"id": document.id})


def _named_right(document: Document, settings: Settings) -> bool:
    folder, _, name = document.path.rpartition("/")
    if name != "index.md":
        return is_named_after(name.removesuffix(".md"), document.id)
    return folder == settings.kind(document.kind).folder or is_named_after(folder.rpartition("/")[2], document.id)


@rule(
    "QM115",
    Severity.ERROR,
    title=N_("Names that differ in upper and lower case only"),
    message=N_("{name} and {other} are the same on Windows and macOS"),
    help=N_("rename one of them so that they differ in more than upper and lower case"),
    why=N_(
        "On most office computers the two are one file: one overwrites the other without a word. "
        "Which of the two texts staff then see is a matter of chance."
    ),
    clause="7.5.3.2",
    bad="""
        forms/Stamp.png =
        (a picture)
        ====
        forms/stamp.png =
        (another picture)
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        id: QP-7.5-01
        ---
    """,
)
def names_collide(register: Register) -> Iterator[Hit]:
    paths = dict(_collisions(register.tree.paths))
    for path, other in paths.items():
        if path.rpartition("/")[0] not in paths:
            yield Hit(Span(path), {"name": path, "other": other})
    numbers = {document.id: document for document in register.documents if document.header.id}
    for number, other in _collisions(numbers):
        if numbers[number].path not in paths and numbers[other].path not in paths:
            yield Hit(numbers[number].span, {"name": number, "other": other})


def _collisions(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names that a file system without case, or one that composes accents, takes for an earlier one."""
    first: dict[str, str] = {}
    for name in sorted(names):
        key = name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()
        if first.setdefault(key, name) != name:
            yield name, first[key]


@rule(
    "QM116",
    Severity.ERROR,
    title=N_("Title missing"),
    message=N_("the document has no title"),
    help=N_("add its title to the header, such as `title: 文件控制程序`"),
    why=N_(
        "The master list, every page and every print show the title. "
        "A number alone tells staff nothing about what the document is for."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        title:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: 文件控制程序
        ---
    """,
)
def title_missing(document: Document) -> Iterator[Hit]:
    if document.header.lacks("title"):
        yield Hit(document.header.at("title"))


@rule(
    "QM117",
    Severity.ERROR,
    title=N_("Title unlike the heading"),
    message=N_("the heading “{heading}” is not the title “{title}”"),
    help=N_("make the first heading and the title of the header the same"),
    why=N_(
        "The master list shows the title, the reader sees the heading. "
        "When they differ, one of them was forgotten in a change, or the text was copied from another document."
    ),
    clause="7.5.2",
    bad="""
        procedures/QP-7.5-01.md
        ---
        title: 文件与记录控制程序
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: 文件控制程序
        ---
    """,
)
def title_unlike_heading(document: Document) -> Iterator[Hit]:
    title, heading = document.header.title, document.title_heading
    if title and heading and not _same_title(title.value, (heading.full, heading.text), document.id):
        yield Hit(heading.span, {"heading": heading.full, "title": title.value})


def _same_title(title: str, headings: tuple[str, ...], number: str) -> bool:
    """Whether a heading says the title, leaving aside numbers, signs, width, and the title in a second language."""
    wanted = {_plain(title), _plain(title).removeprefix(_plain(number))}
    for heading in headings:
        said = _plain(heading).replace(_plain(number), "", 1)
        if any(said == one or (one in said and said.replace(one, "", 1).isascii()) for one in wanted if one):
            return True
    return False


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", _MARKUP.sub("", text)).casefold()
    return "".join(character for character in folded if character.isalnum())


@rule(
    "QM118",
    Severity.WARNING,
    title=N_("Owner missing"),
    message=N_("the document has no owning department"),
    help=N_("add the department that is responsible for the content, such as `owner: 质量部`"),
    why=N_(
        "Somebody keeps the document true: reviews it, answers questions, asks for its change. "
        "A document of nobody is out of date before anybody notices."
    ),
    clause="5.3",
    bad="""
        procedures/QP-7.5-01.md
        ---
        owner:
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner: 质量部
        ---
    """,
)
def owner_missing(document: Document) -> Iterator[Hit]:
    if document.header.lacks("owner"):
        yield Hit(document.header.at("owner"))


@rule(
    "QM119",
    Severity.ERROR,
    title=N_("Department unknown"),
    message=N_("there is no department {name}"),
    help=N_("correct the name (the nearest known one: {nearest}), or add the department to {file}"),
    help_alone=N_("correct the name, or add the department to {file}"),
    why=N_(
        "Documents are given to departments, and an auditor asks a department for the documents that concern it. "
        "A department under two names misses half of them; one that no longer exists gets none."
    ),
    clause="5.3",
    bad="""
        procedures/QP-7.5-01.md
        ---
        owner: 品质部
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        owner: 质量部
        ---
    """,
)
def department_unknown(document: Document, organization: Organization) -> Iterator[Hit]:
    known = {department.name.value for department in organization.departments}
    owner = (document.header.owner,) if document.header.owner else ()
    yield from _unknown((*owner, *document.header.departments), known, organization)


@rule(
    "QM120",
    Severity.ERROR,
    title=N_("Process unknown"),
    message=N_("there is no process {name}"),
    help=N_("correct the name (the nearest known one: {nearest}), or add the process to {file}"),
    help_alone=N_("correct the name, or add the process to {file}"),
    why=N_(
        "The process map, the page of each process and the audit programme are made from these names. "
        "A document under a name that the map does not know belongs to no process."
    ),
    clause="4.4",
    bad="""
        procedures/QP-7.5-01.md
        ---
        process: 文件控制
        ---
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        process: 文件管理
        ---
    """,
)
def process_unknown(document: Document, organization: Organization) -> Iterator[Hit]:
    known = {process.name.value for process in organization.processes}
    if document.header.process:
        yield from _unknown((document.header.process,), known, organization)


def _unknown(names: Iterable[Text], known: set[str], organization: Organization) -> Iterator[Hit]:
    for name in names if known else ():
        if name.value not in known:
            found = {"name": name.value, "nearest": nearest(name.value, known), "file": organization.path}
            yield Hit(name.span, found)


@rule(
    "QM121",
    Severity.ERROR,
    title=N_("Header field of the company's own missing or wrong"),
    message=N_("the header field {label}: {problem}"),
    help=N_("write it as mkdocs.yml asks for it under header_fields: {expected}"),
    why=N_(
        "The company decided that its documents carry this entry, and lists and prints rely on it. "
        "An agreed entry that is sometimes left out is worth nothing."
    ),
    clause="7.5.2",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              header_fields:
                security: {label: 密级, required: true, pattern: "内部|公开", kinds: [procedure]}
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              header_fields:
                security: {label: 密级, required: true, pattern: "内部|公开", kinds: [procedure]}
        ====
        procedures/QP-7.5-01.md
        ---
        密级: 内部
        ---
    """,
)
def own_field(document: Document, settings: Settings) -> Iterator[Hit]:
    for field in settings.fields:
        if field.kinds and document.kind not in field.kinds:
            continue
        value = document.header.own.get(field.name)
        expected = field.pattern or Phrase(N_("any text"))
        if value is None and field.required and document.header.lacks(field.name):
            found = {"label": field.label, "problem": Phrase(N_("it is missing")), "expected": expected}
            yield Hit(document.header.at(field.name), found)
        elif value and field.pattern and not re.fullmatch(field.pattern, value.value, re.ASCII):
            found = {"label": field.label, "problem": Phrase(N_("it is not of the agreed form")), "expected": expected}
            yield Hit(value.span, found)


RULES = (
    number_missing, number_off_scheme, number_used_twice, file_named_otherwise, names_collide, title_missing,
    title_unlike_heading, owner_missing, department_unknown, process_unknown, own_field,
)  # fmt: skip
