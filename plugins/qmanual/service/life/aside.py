"""Documents that a release leaves as they were: somebody works on them, and the others need not wait.

The tag marks a commit in which such a document stands as the release before holds it, or not at all where it is new;
a second commit after it brings the work back. So a tag's tree is still all that was released, whoever reads it, and no
file in the work tree is touched.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qmanual.control.history import Released
from qmanual.control.statement import folder_of
from qmanual.control.status import release_of
from qmanual.finding import Phrase
from qmanual.language import N_
from qmanual.manual import read_register
from qmanual.model import Document
from qmanual.parse.document import pictures_of
from qmanual.register import Tree
from qmanual.service.life.plan import chosen
from qmanual.service.loading import Manual
from qmanual.source import SourceFile
from qmanual.workspace import CannotRun, decode


@dataclass(frozen=True, slots=True)
class Aside:
    """The manual as it is released, and how its files differ from those of the head: path → blob, empty: no file."""

    manual: Manual
    blobs: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Phrase, ...] = ()


def set_aside(manual: Manual, numbers: Sequence[str]) -> Aside:
    """The manual with these documents as the newest release holds them. Raises `CannotRun` where that cannot be."""
    if not numbers:
        return Aside(manual)
    blobs: dict[str, str] = {}
    notes = []
    for number in dict.fromkeys(numbers):
        document = chosen(manual, number)
        held = manual.history.held(number)
        if release_of(document, manual.history) and not document.header.withdrawn:
            raise CannotRun(N_("{id} is as it was released; there is nothing to leave out."), id=number)
        blobs |= _gone(manual, document)
        blobs |= _back(manual, held) if held else {}
        notes.append(_note(document, held))
    trial = _trial(manual, blobs)
    _refuse_others(manual, trial, frozenset(numbers))
    return Aside(trial, blobs, tuple(notes))


def _gone(manual: Manual, document: Document) -> dict[str, str]:
    """What belongs to the text that is being worked on: its files, and the statements about its revision."""
    paths = [body.path for body in document.bodies]
    known = {text.facts.revision for text in manual.history.documents.get(document.id, ())}
    if document.revision not in known:
        folder = folder_of(document.id, document.revision)
        paths += [path for path in manual.register.tree.approvals if path.startswith(f"{folder}/")]
    return dict.fromkeys(paths, "")


def _back(manual: Manual, held: Released) -> dict[str, str]:
    """What the newest release holds of the document: its files, and the pictures that it shows."""
    newest = manual.history.newest
    assert newest is not None  # it holds the document
    tree, document = manual.archive.tree(newest), manual.archive.document(newest, held.facts.path)
    bodies = document.bodies if document else ()
    paths = [path for body in bodies for path in (body.path, *pictures_of(body, tree))]
    return {path: tree[path] for path in paths}


def _note(document: Document, held: Released | None) -> Phrase:
    if held is None:
        return Phrase(N_("{id} is left out: it is not released yet."), id=document.id)
    text = N_("{id} is left out: released is still {released}; the work on it goes on.")
    return Phrase(text, id=document.id, released=held.facts.revision)


def _trial(manual: Manual, blobs: Mapping[str, str]) -> Manual:
    register = read_register(_tree(manual, blobs), manual.register.settings, manual.today)
    trial = Manual(root=manual.root, register=register, today=manual.today)
    log = replace(manual.log, edits={path: edit for path, edit in manual.log.edits.items() if path not in blobs})
    trial.__dict__.update(archive=manual.archive, history=manual.history, log=log)
    return trial


def _tree(manual: Manual, blobs: Mapping[str, str]) -> Tree:
    """The tree of the manual with these files as git holds them."""
    tree, data = manual.register.tree, manual.archive.blobs(blob for blob in blobs.values() if blob)
    new = {path: data[blob] for path, blob in blobs.items() if blob}
    texts = {path: source for path, content in new.items() if (source := decode(path, content))}
    drawn = {path: content for path, content in new.items() if not path.lower().endswith(".md")}
    svgs = {path: SourceFile(path, content.decode("utf-8", "replace")) for path, content in drawn.items()
            if path.lower().endswith(".svg")}  # fmt: skip
    return replace(
        tree,
        paths=(tree.paths - blobs.keys()) | new.keys(),
        sources={path: one for path, one in tree.sources.items() if path not in blobs}
        | {path: one for path, one in texts.items() if path.lower().endswith(".md")},
        images=dict(tree.images) | {path: hashlib.sha256(content).hexdigest() for path, content in drawn.items()},
        svgs=dict(tree.svgs) | svgs,
        approvals={path: content for path, content in tree.approvals.items() if path not in blobs},
        faults=tuple(fault for fault in tree.faults if fault.span.path not in blobs),
    )


def _refuse_others(manual: Manual, trial: Manual, aside: frozenset[str]) -> None:
    """Raise `CannotRun` where another document would not be what it is: it shares a picture or a file with these."""
    there = {one.id: (one.revision, one.digest) for one in trial.register.documents}
    for one in manual.register.documents:
        if one.id not in aside and there.get(one.id) != (one.revision, one.digest):
            text = N_(
                "{ids} cannot be left out: {id} shares a picture with it that was changed. Release both, or give "
                "each a picture of its own."
            )
            raise CannotRun(text, ids=", ".join(sorted(aside)), id=one.id)
