"""Manuals for tests: out of a mapping path → text, without a disk."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256

from qmanual.checks import RULES
from qmanual.checks.rule import DRAFT, Inputs
from qmanual.checks.runner import run
from qmanual.control.history import History, Release, Released, facts_of
from qmanual.finding import Fault, FaultKind, Finding
from qmanual.fonts import drawable
from qmanual.manual import read_register
from qmanual.model import Document
from qmanual.register import Register, Tree
from qmanual.source import SourceFile, Span

TODAY = date(2026, 6, 15)


def tree(files: Mapping[str, str]) -> Tree:
    """The tree of these files, as the disk would give it.

    A path that ends with ` !binary` (or another kind of fault) stands for a file that could not be read because of it.
    """
    broken = [path.partition(" !") for path in files if " !" in path]
    whole = {path: text for path, text in files.items() if " !" not in path}
    paths = [*whole, *(path for path, _, _ in broken)]
    folders = {path.rsplit("/", depth)[0] for path in paths for depth in range(1, path.count("/") + 1)}
    pictures = {path: text for path, text in whole.items() if path.endswith((".svg", ".png", ".jpg"))}
    return Tree(
        paths=frozenset(paths) | folders,
        sources={path: SourceFile(path, text) for path, text in whole.items() if path not in pictures},
        images={path: sha256(text.encode()).hexdigest() for path, text in pictures.items()},
        svgs={path: SourceFile(path, text) for path, text in pictures.items() if path.endswith(".svg")},
        faults=tuple(Fault(FaultKind(kind), Span(path)) for path, _, kind in broken),
    )


def register(files: Mapping[str, str]) -> Register:
    """The register of these files."""
    return read_register(tree(files))


def check(files: Mapping[str, str], today: date = TODAY, profile: str = DRAFT) -> tuple[Finding, ...]:
    """What all rules find in these files."""
    return run(RULES, Inputs(register=register(files), today=today, profile=profile, drawable=drawable))


def released(*documents: Document, name: str = "2026-06", on: date = TODAY) -> History:
    """The history of a manual with one release that holds just these texts."""
    release = Release(name=name, commit="c", time=datetime.combine(on, time(9), UTC))
    texts = {one.id: (Released(facts=facts_of(one), first=0, last=0),) for one in documents}
    return History(releases=(release,), documents=texts)
