"""A new document: one file, with a number that nothing ever had."""

from collections.abc import Iterator
from dataclasses import dataclass

from qmanual.control.drafting import Draft, next_number, template
from qmanual.control.history import Gap
from qmanual.files import document_id, file_name
from qmanual.finding import Phrase
from qmanual.language import N_, Translator
from qmanual.manual import kind_of
from qmanual.model import ClauseRef, Text
from qmanual.parse.clause import read_clause
from qmanual.service.life.plan import FileChange, Plan, bytes_of, filled, written
from qmanual.service.loading import Manual
from qmanual.settings import Kind
from qmanual.source import Span
from qmanual.workspace import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What a person says of a new document. `number` is empty when the next free one will do; `by` may be empty."""

    kind: str
    title: str
    department: str
    clauses: tuple[str, ...] = ()
    number: str = ""
    by: str = ""


def kind_named(manual: Manual, name: str) -> Kind:
    """The kind of that name or title, in either language. Raises `CannotRun` with those that there are."""
    kinds = manual.register.settings.kinds
    translators = (Translator("zh"), Translator("en"))
    for kind in kinds:
        if name.casefold() in {kind.name.casefold(), *(say(kind.title).casefold() for say in translators)}:
            return kind
    known = ", ".join(f"{kind.name} ({translators[0](kind.title)})" for kind in kinds)
    raise CannotRun(N_("There is no kind {name}. Known: {known}"), name=name, known=known)


def create(manual: Manual, meant: Meant) -> Plan:
    """Write the first text of a new document. Raises `CannotRun` for what is not known or taken."""
    kind = kind_named(manual, meant.kind)
    title, clauses = filled("--title", meant.title), tuple(clause_named(manual, clause) for clause in meant.clauses)
    department = department_named(manual, filled("--department", meant.department))
    number = _number(manual, kind, meant.number, clauses)
    draft = Draft(
        number=number, title=title, owner=department, clauses=meant.clauses,
        revision=manual.register.settings.scheme.first(manual.today), by=written(manual, meant.by),
    )  # fmt: skip
    path = _path(manual, kind, number)
    text = template(draft, kind, manual.register, manual.today, Translator(manual.language))
    return Plan(
        title=Phrase(N_("New {kind}: {id} {title}"), kind=Phrase(kind.title), id=number, title=draft.title),
        files=(FileChange(path=path, old=None, new=text.encode("utf-8")),),
        after=Phrase(N_("Next: write the text in {path}, then commit it."), path=path),
    )


def numbers_ever(manual: Manual) -> Iterator[str]:
    """Every number that is or was given: in the work tree, in any release, in any commit."""
    yield from manual.register.claimed_ids
    yield from manual.archive.history().documents
    if manual.history.gap in (Gap.NO_GIT, Gap.NO_REPOSITORY, Gap.NO_COMMIT):
        return
    settings = manual.register.settings
    for step in manual.archive.log.steps:
        for path in (step.path, step.was):
            if path.lower().endswith(".md") and kind_of(path, settings):
                name = document_id(path)
                match = settings.number.match(name)
                yield match[0] if match else name


def _number(manual: Manual, kind: Kind, asked: str, clauses: tuple[str, ...]) -> str:
    used = frozenset(numbers_ever(manual))
    if not asked:
        found = next_number(kind, manual.register, used, clauses, manual.today)
        if not found:
            text = N_(
                "The next number cannot be told from the numbers there are. Say it: --id NUMBER (by {pattern}){clause}"
            )
            clause = "" if clauses else Phrase(N_(", or the clause, which numbers here hold: --clause 8.4"))
            raise CannotRun(text, pattern=kind.id, clause=clause)
        return found
    if not kind.pattern.fullmatch(asked):
        text = N_("{number} is no number of this kind: it does not follow the pattern {pattern} in mkdocs.yml.")
        raise CannotRun(text, number=asked, pattern=kind.id)
    if asked.casefold() in {number.casefold() for number in used}:
        text = N_("The number {number} is or was given already. A number is never used for a second document.")
        raise CannotRun(text, number=asked)
    return asked


def _path(manual: Manual, kind: Kind, number: str) -> str:
    """Where the file goes; a manual's own file is `index.md`, as long as there is none."""
    folder = kind.folder
    paths = manual.register.tree.paths
    if kind.name == "manual" and not any(path.startswith(f"{folder}/") and path.endswith(".md") for path in paths):
        return f"{folder}/index.md"
    path = f"{folder}/{file_name(number)}.md"
    if bytes_of(manual, path) is not None:
        raise CannotRun(N_("There is a file {path} already."), path=path)
    return path


def clause_named(manual: Manual, written: str) -> str:
    """The number of a clause that one of the standards in use has. Raises `CannotRun`."""
    ref: ClauseRef | None = read_clause(Text(written, Span("")))
    if ref is None or manual.register.clause(ref) is None:
        text = N_("There is no clause {clause} in the standards in use ({standards}). Write its number, such as 8.4.")
        raise CannotRun(text, clause=written or "—", standards=", ".join(manual.register.settings.standards))
    return ref.number


def department_named(manual: Manual, name: str) -> str:
    """The name of a department that the company has, where it lists them. Raises `CannotRun`."""
    known = [one.name.value for one in manual.register.organization.departments]
    if known and name not in known:
        text = N_("There is no department {name} in {file}. Known: {known}")
        raise CannotRun(text, name=name, file=manual.register.organization.path, known=", ".join(known))
    return name
