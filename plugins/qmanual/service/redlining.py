"""What changed between the texts of each document that follow each other, compared on all cores."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from qmanual.control.edition import Entry, Version
from qmanual.control.lifetime import lifetimes
from qmanual.language import Language, Translator
from qmanual.model import Document
from qmanual.render.markdown import Rendered
from qmanual.render.redline_page import redline_page
from qmanual.render.site import Comparison
from qmanual.render.texts import Text, changes_page
from qmanual.service.publication import Publication

FEW = 8
"""Below so many comparisons, starting worker processes costs more than it saves."""

Bodies = Mapping[str, Rendered]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two texts of a document, the older first, each with its rendered files."""

    old: tuple[Version, Document, Bodies]
    new: tuple[Version, Document, Bodies]


@dataclass(frozen=True, slots=True)
class _Work:
    """What a process compares."""

    pairs: Sequence[_Pair]
    language: Language
    pictures: Mapping[str, str]
    labels: Mapping[str, str]


def compare_texts(shown: Publication, bodies: Bodies, texts: Mapping[str, Text]) -> tuple[Comparison, ...]:
    """A comparison for every two texts that follow each other and may both be published.

    `bodies`: the rendered files of the documents' own pages. `texts`: the other ones, by their page.
    """
    others: dict[str, dict[str, Text]] = {}
    for text in texts.values():
        others.setdefault(text.current.document.id, {})[_sign(text.life.version)] = text
    pairs = [
        pair
        for entry in shown.edition.entries
        if entry.document.id in others
        for pair in _pairs(entry, bodies, others[entry.document.id])
    ]
    labels = {own.name: own.label for own in shown.register.settings.fields}
    made = _compared(_Work(pairs, shown.language, shown.picture_digests, labels)) if pairs else []
    return tuple(_named(pairs, made))


def _sign(version: Version) -> str:
    return f"{version.facts.digest} {version.revision}"


def _pairs(entry: Entry, bodies: Bodies, texts: Mapping[str, Text]) -> Iterator[_Pair]:
    lives = lifetimes(entry)
    found: list[tuple[Version, Document, Bodies] | None] = []
    for life in lives:
        text = texts.get(_sign(life.version))
        if life.current and all(body.path in bodies for body in entry.document.bodies):
            found.append((life.version, entry.document, bodies))
        elif not life.current and text and text.bodies:
            document = text.entry.document
            files = {body.path: one for body, one in zip(document.bodies, text.bodies, strict=True)}
            found.append((life.version, document, files))
        else:
            found.append(None)
    for new, old in pairwise(found):
        if new and old:
            yield _Pair(old, new)


def _named(pairs: Sequence[_Pair], made: Sequence[str]) -> Iterator[Comparison]:
    taken: set[str] = set()
    for pair, html in zip(pairs, made, strict=True):
        (old, *_), (new, document, _) = pair.old, pair.new
        page = changes_page(document.id, old, new, taken)
        taken.add(page)
        yield Comparison(number=document.id, old=old, new=new, page=page, html=html)


# -- on all cores ------------------------------------------------------------------------------------------------


def _compared(work: _Work) -> list[str]:
    workers = os.cpu_count() or 1
    if len(work.pairs) < FEW or workers == 1:
        return [_compare(work, pair) for pair in work.pairs]
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(work,)) as pool:
        return list(pool.map(_compare_at, range(len(work.pairs)), chunksize=8))


_context: _Work | None = None
"""What a worker process works with; set once when it starts."""


def _start(work: _Work) -> None:
    global _context
    _context = work


def _compare_at(at: int) -> str:
    assert _context is not None
    return _compare(_context, _context.pairs[at])


def _compare(work: _Work, pair: _Pair) -> str:
    (_, old, before), (_, new, after) = pair.old, pair.new
    say = Translator(work.language)
    return redline_page(old, new, before, after, say, work.pictures, work.labels)
