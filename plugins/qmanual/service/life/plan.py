"""What a writing command would do, as a value that can be shown before anything is done."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qmanual.checks.nearest import NONE, nearest
from qmanual.control.editing import CannotEdit, Edit, edited
from qmanual.control.history import GAP_TEXTS, Gap, History
from qmanual.finding import Finding, Phrase
from qmanual.git.writing import Marking
from qmanual.language import N_
from qmanual.model import Document
from qmanual.parse.document import read_document
from qmanual.register import Register
from qmanual.service.loading import Manual
from qmanual.source import SourceFile
from qmanual.workspace import CannotRun, decode


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A file of the manual: its path from the root, its bytes now (None: there is none) and then."""

    path: str
    old: bytes | None
    new: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done: `title` says it, `notes` are for the person who decides, `after` tells what comes next.

    `shown`: lines that are read instead of the changes of files. `mark`: the commit and the tag of a release. `seal`
    gives the files that can be made only once the person has agreed: signatures.
    """

    title: Phrase
    files: tuple[FileChange, ...]
    notes: tuple[Phrase, ...] = ()
    shown: tuple[str, ...] = ()
    after: Phrase | None = None
    mark: Marking | None = None
    seal: Callable[[], tuple[FileChange, ...]] | None = None


class Flawed(CannotRun):
    """What stands in the way are findings: they are shown with their lines."""

    def __init__(self, findings: Iterable[Finding], sources: Mapping[str, SourceFile], text: str, **details: str):
        super().__init__(text, **details)
        self.findings = tuple(findings)
        self.sources = sources


def chosen(manual: Manual, number: str) -> Document:
    """The document of that number. Raises `CannotRun` when there is none, or more than one."""
    found = [document for document in manual.register.documents if document.header.id and document.id == number]
    if not found:
        known = {one.id.casefold(): one.id for one in manual.register.documents if one.header.id}
        near = known.get(number.casefold()) or nearest(number, known.values())
        if near == NONE:
            raise CannotRun(N_("No document has the number {ids}. `register` lists all."), ids=number)
        text = N_("No document has the number {ids}. The nearest is {nearest}. `register` lists all.")
        raise CannotRun(text, ids=number, nearest=near)
    if len(found) > 1:
        text = N_("{id} stands in several files: {paths}. Give each document a number of its own first.")
        raise CannotRun(text, id=number, paths=", ".join(document.path for document in found))
    return found[0]


def known_history(manual: Manual, *, fresh: bool = False) -> History:
    """The history, where all of it is known. `fresh`: a repository without a commit will do.

    Raises `CannotRun` with what is missing and how to mend it.
    """
    gap = manual.history.gap
    if gap is None or (fresh and gap is Gap.NO_COMMIT):
        return manual.history
    text = N_("This cannot be done without the whole history: {reason}.")
    raise CannotRun(text, reason=Phrase(GAP_TEXTS[gap]))


def bytes_of(manual: Manual, path: str) -> bytes | None:
    """A file's bytes as they lie on the disk; None when there is none."""
    try:
        return (manual.root / path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRun(N_("{path} cannot be read: {reason}"), path=path, reason=error.strerror or "") from error


def edit_file(manual: Manual, document: Document, edit: Edit) -> FileChange:
    """A document's file with its header edited. Raises `CannotRun` when that cannot be done safely."""
    old = bytes_of(manual, document.path) or b""
    source = decode(document.path, old)
    if source is None or source.text != document.source.text:
        raise CannotRun(N_("{path} was changed meanwhile. Run the command again."), path=document.path)
    try:
        new = edited(old, edit, manual.register.settings.fields)
    except CannotEdit as error:
        reason = Phrase(error.text, **error.details)
        raise CannotRun(N_("{path} cannot be edited: {reason}."), path=document.path, reason=reason) from error
    return FileChange(path=document.path, old=old, new=new)


def with_texts(register: Register, changes: Iterable[FileChange]) -> Register:
    """The register as it would be with these main files of documents changed."""
    new = {change.path: source for change in changes if (source := decode(change.path, change.new))}
    settings, images = register.settings, register.tree.images
    documents = tuple(
        read_document(
            new[document.path], (body.source for body in document.chapters), settings.kind(document.kind), settings,
            images,
        )
        if document.path in new
        else document
        for document in register.documents
    )  # fmt: skip
    tree = replace(register.tree, sources={**register.tree.sources, **new})
    return replace(register, documents=documents, tree=tree)


def on_trial(manual: Manual, changes: Iterable[FileChange], approvals: Mapping[str, bytes] | None = None) -> Manual:
    """The manual as it would be with these main files of documents changed, and these statements added."""
    register = with_texts(manual.register, changes)
    register = replace(
        register, tree=replace(register.tree, approvals={**register.tree.approvals, **(approvals or {})})
    )
    trial = Manual(root=manual.root, register=register, today=manual.today)
    trial.__dict__.update(archive=manual.archive, history=manual.history, log=manual.log)
    return trial


def one_line(text: str) -> str:
    """What a person typed, as one line without blanks at its ends and without characters that nobody sees."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def filled(option: str, text: str) -> str:
    """What a person typed for an option, as one line. Raises `CannotRun` when it says nothing."""
    if not (line := one_line(text)):
        raise CannotRun(N_("{option} says nothing. Write it out."), option=option)
    return line


def stranger(manual: Manual, name: str) -> Phrase | None:
    """A word about somebody whom the company does not list, where it lists its people."""
    people = [person.name.value for person in manual.register.organization.people]
    if not people or written(manual, name) in people:
        return None
    return Phrase(N_("{name} is not among the people of the company."), name=one_line(name))


def sentences(phrases: Sequence[Phrase], most: int = 5) -> Phrase:
    """Several sentences as one detail of a message; of many the first ones, and how many there are more."""
    shown = list(phrases[:most])
    if len(phrases) > most:
        shown.append(Phrase(N_("The same holds for {count} more."), count=str(len(phrases) - most)))
    whole = shown.pop()
    for phrase in reversed(shown):
        whole = Phrase(N_("{one} {others}"), one=phrase, others=whole)
    return whole


def written(manual: Manual, name: str) -> str:
    """A person's name as the company writes it, where it knows the person; else as given."""
    plain = "".join(name.split())
    known = (person.name.value for person in manual.register.organization.people)
    return next((one for one in known if "".join(one.split()) == plain), one_line(name))
