"""A whole manual out of its files: which file is a document, which a chapter, which the company's data."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache

from qmanual.parse.document import read_document
from qmanual.parse.header import has_header
from qmanual.parse.organization import read_externals, read_organization
from qmanual.parse.settings import read_settings
from qmanual.register import Register, Tree
from qmanual.settings import Kind, Settings
from qmanual.source import SourceFile
from qmanual.standards import load_standards

SETTINGS = "mkdocs.yml"
ORGANIZATION = "organization.yml"
EXTERNALS = "external-documents.yml"

_DIGITS = re.compile(r"(\d+)")


def read_register(tree: Tree, settings: Settings | None = None, day: date | None = None) -> Register:
    """The register of a manual on a day, from the files that were read. Settings not given are read from the tree."""
    settings = settings or read_settings(tree.sources.get(SETTINGS))
    data = settings.data_folder
    own = {path: tree.sources[path] for path in settings.standard_files if path in tree.sources}
    return Register(
        documents=tuple(
            read_document(main, chapters, kind, settings, tree.images)
            for kind, main, chapters in group(tree.sources, settings, {fault.span.path for fault in tree.faults})
        ),
        settings=settings,
        standards=load_standards(settings.standards, own),
        organization=read_organization(tree.sources.get(f"{data}/{ORGANIZATION}")),
        externals=read_externals(tree.sources.get(f"{data}/{EXTERNALS}")),
        tree=tree,
        day=day,
    )


def data_files(settings: Settings) -> tuple[str, ...]:
    """The paths of the files beside the documents that the register is made from."""
    data = settings.data_folder
    return (SETTINGS, f"{data}/{ORGANIZATION}", f"{data}/{EXTERNALS}", *settings.standard_files)


@lru_cache(8192)
def natural(path: str) -> tuple[object, ...]:
    """Sorts `QP-9` before `QP-10`, and `9-x.md` before `10-x.md`."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(path) if part)


def group(
    sources: Mapping[str, SourceFile], settings: Settings, unread: Collection[str] = ()
) -> Iterator[tuple[Kind, SourceFile, tuple[SourceFile, ...]]]:
    """Every document's kind, main file and chapter files, in the register's order. `unread`: files not readable."""
    folders: dict[str, dict[str, list[SourceFile]]] = defaultdict(lambda: defaultdict(list))
    for path, source in sources.items():
        kind = kind_of(path, settings) if path.lower().endswith(".md") else None
        if kind and not _is_readme(source):
            folders[kind.name][path.rpartition("/")[0]].append(source)
    for kind in settings.kinds:
        found = [pair for folder, files in folders[kind.name].items() for pair in _split(kind, folder, files, unread)]
        for main, chapters in sorted(found, key=lambda pair: natural(pair[0].path)):
            yield kind, main, chapters


def _is_readme(source: SourceFile) -> bool:
    """Whether a file only tells readers of the repository about its folder, as git servers show it."""
    return source.path.rpartition("/")[2].lower() == "readme.md" and not has_header(source.text)


def kind_of(path: str, settings: Settings) -> Kind | None:
    """The kind whose folder a file lies in; the deepest when several do, the fitting number when they share it."""
    fitting = [kind for kind in settings.kinds if path.startswith(f"{kind.folder}/")]
    if not fitting:
        return None
    deepest = max(len(kind.folder) for kind in fitting)
    fitting = [kind for kind in fitting if len(kind.folder) == deepest]
    return next((kind for kind in fitting if _numbered(kind, path)), fitting[0]) if len(fitting) > 1 else fitting[0]


def _numbered(kind: Kind, path: str) -> bool:
    return kind.pattern.match(path.rpartition("/")[2]) is not None


def _split(
    kind: Kind, folder: str, sources: list[SourceFile], unread: Collection[str]
) -> Iterator[tuple[SourceFile, tuple[SourceFile, ...]]]:
    """The documents of one folder: an `index.md` takes the files without a header as its chapters.

    While `index.md` has no header itself, or cannot be read, this holds for files without a number of their own.
    """
    path = f"{folder}/index.md"
    index = next((source for source in sources if source.path == path), None)
    if index is None and path not in unread:
        yield from ((source, ()) for source in sources)
        return
    sure = index is not None and has_header(index.text)
    chapters: list[SourceFile] = []
    for source in sources:
        if source is index:
            continue
        if has_header(source.text) or (not sure and _numbered(kind, source.path)):
            yield source, ()
        else:
            chapters.append(source)
    if index is not None:
        yield index, tuple(sorted(chapters, key=lambda source: natural(source.path)))
