"""Running text compared word by word, so that the differences read as an editor would have made them.

Chinese has no blanks between its words. Each of its characters is a token of its own; a number, a Latin word, a
document number or a date is one token. What the plain comparison finds is then cleaned up: scraps that stay equal by
chance between two changes are joined to them, changes move to the edge of a word or sentence, and two characters that
stand together in these texts as one word (质量, 检验) are not torn apart.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from qmanual.control.redline.align import align, shared_ends
from qmanual.control.redline.model import Effort, Piece, Side, Stretch

_WIDE = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = rf"(?:(?![{_WIDE}])[^\W_])"
_TOKEN = re.compile(rf"{_WORD}+(?:[-./:]{_WORD}+)*|[^\S\n]+|.", re.DOTALL)
_IDEOGRAPH = re.compile(f"[{_WIDE}]")
_ENDS = frozenset("。；！？\n")
_PAUSES = frozenset("，、：,;:.!?（）()《》“”\"'|/ ")

PAIRS = 60_000
"""Up to so many pairs of equal tokens two texts are compared at once; above, sentence by sentence."""
REPEATED = 40
"""Texts whose tokens repeat more often, `ababab`, cost a multiple and have no words to find."""
ALIKE = 0.25
"""A text of which less stays is shown as replaced whole: shreds of it would be read by nobody."""


@dataclass(slots=True)
class Binding:
    """Which characters stand together as a word, learned from the texts that are compared. `texts` are read once, when
    first needed."""

    texts: tuple[str, ...] = ()
    _pairs: Counter[str] = field(default_factory=Counter)
    _single: Counter[str] = field(default_factory=Counter)
    _read: bool = False

    def binds(self, left: str, right: str) -> bool:
        """Whether two characters are one word: they meet often, as measured by the rarer of the two."""
        if not (_IDEOGRAPH.match(left) and _IDEOGRAPH.match(right)):
            return False
        if not self._read:
            self._learn()
        together = self._pairs[left + right]
        return together >= 3 and together >= 0.45 * min(self._single[left], self._single[right])

    def _learn(self) -> None:
        self._read = True
        for text in self.texts:
            self._single.update(text)
            self._pairs.update(map("".join, pairwise(text)))


@dataclass(slots=True)
class _Edit:
    """What is taken out and put in at one place, and the tokens after it that stay."""

    old: list[Piece]
    new: list[Piece]
    kept: list[Piece]


def compare_text(
    old: Sequence[Piece], new: Sequence[Piece], effort: Effort, binding: Binding, ratio: float = ALIKE
) -> tuple[Stretch, ...]:
    """What stays, goes and comes. The BOTH and OLD stretches make the old text, the BOTH and NEW ones the new."""
    a, b = tokens(old), tokens(new)
    edits = _compared(a, b, effort)
    stays = sum(weight(token) for edit in edits for token in edit.kept)
    most = max(sum(map(weight, a)), sum(map(weight, b)))
    if stays < ratio * most:
        edits = [_Edit(a, b, [])]
    else:
        edits = _joined(edits)
        for at in range(len(edits)):
            _slide(edits, at, binding)
        _widen(edits, binding)
        edits = _joined(edits)
    return tuple(_stretches(edits))


def tokens(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces cut into words; a piece that is no text stays whole."""
    found = []
    for piece in pieces:
        if piece.same:
            found.append(piece)
        else:
            found += [Piece(word, piece.marks) for word in _TOKEN.findall(piece.text)]
    return found


def weight(token: Piece) -> float:
    """How much a token tells a reader."""
    if token.same:
        return 3.0
    text = token.text
    if text.isspace():
        return 0.2
    if len(text) > 1:
        return 2.0
    return 1.0 if text.isalnum() else 0.4


# -- comparing ---------------------------------------------------------------------------------------------------


def _compared(a: list[Piece], b: list[Piece], effort: Effort) -> list[_Edit]:
    """The differences; the first entry holds what both begin with, and no edit."""
    head, tail = shared_ends(a, b)
    middle = _middle(a[head : len(a) - tail], b[head : len(b) - tail], effort, sentences=True)
    edits = [_Edit([], [], b[:head]), *middle]
    edits.append(_Edit([], [], b[len(b) - tail :] if tail else []))
    return _tidy(edits)


def _middle(a: list[Piece], b: list[Piece], effort: Effort, *, sentences: bool) -> list[_Edit]:
    counted = Counter(b)
    pairs = sum(counted[token] for token in a)
    if not a or not b or not pairs:
        return [_Edit(a, b, [])]
    repeated = pairs > REPEATED * min(len(a), len(b))
    if pairs <= PAIRS and not repeated and effort.spend(pairs + len(a) + len(b)):
        return _matched(a, b)
    return _by_sentences(a, b, effort) if sentences else [_Edit(a, b, [])]


def _matched(a: list[Piece], b: list[Piece]) -> list[_Edit]:
    found: list[_Edit] = []
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(_Edit([], [], b[k:m]))
        else:
            found.append(_Edit(a[i:j], b[k:m], []))
    return found


def _by_sentences(a: list[Piece], b: list[Piece], effort: Effort) -> list[_Edit]:
    """Long texts: first whole sentences, then the words of those that changed a little."""
    found: list[_Edit] = []
    signs = (lambda one: one.tokens, lambda one: one.tokens[:6])
    for old, new in align(_sentences(a), _sentences(b), signs, _Sentence.alike, effort):
        if old is None or new is None:
            found.append(_Edit(list(old.tokens if old else ()), list(new.tokens if new else ()), []))
        elif old.tokens == new.tokens:
            found.append(_Edit([], [], list(new.tokens)))
        else:
            found += _middle(list(old.tokens), list(new.tokens), effort, sentences=False)
    return found


@dataclass(frozen=True, slots=True)
class _Sentence:
    tokens: tuple[Piece, ...]
    words: frozenset[Piece]

    def alike(self, other: "_Sentence") -> float:
        """The share of common words, 0 when it is less than half."""
        ratio = 2 * len(self.words & other.words) / (len(self.words) + len(other.words))
        return ratio if ratio > 0.5 else 0.0


def _sentences(row: Sequence[Piece]) -> list[_Sentence]:
    found = []
    start = 0
    for at, token in enumerate(row, 1):
        length = at - start
        if token.text in _ENDS or (token.text in ".，," and length > 60) or length >= 240 or at == len(row):
            found.append(_Sentence(tuple(row[start:at]), frozenset(row[start:at])))
            start = at
    return found


# -- cleaning up -------------------------------------------------------------------------------------------------


def _tidy(edits: Iterable[_Edit]) -> list[_Edit]:
    """Neighbouring edits with nothing between them as one; what stays with no edit before it joins the one above."""
    found: list[_Edit] = [_Edit([], [], [])]
    for edit in edits:
        last = found[-1]
        if not edit.old and not edit.new:
            last.kept = last.kept + edit.kept
        elif len(found) > 1 and not last.kept:
            found[-1] = _Edit(last.old + edit.old, last.new + edit.new, edit.kept)
        else:
            found.append(_Edit(edit.old, edit.new, edit.kept))
    return found


def _joined(edits: list[_Edit]) -> list[_Edit]:
    """Edits between which only a scrap stays equal are one edit. The scrap is then in its old and in its new text."""
    found = edits[:1]
    for edit in edits[1:]:
        found.append(_Edit(edit.old, edit.new, edit.kept))
        while len(found) > 2 and _is_scrap(found[-2].kept, found[-2], found[-1]):
            last = found.pop()
            first = found.pop()
            between = first.kept
            joined = _Edit(first.old + between + last.old, first.new + between + last.new, last.kept)
            found.append(joined)
    return found


def _is_scrap(between: list[Piece], left: _Edit, right: _Edit) -> bool:
    size = sum(map(weight, between))
    if any(token.text in _ENDS or token.same for token in between):
        return False
    if size <= 1.0:
        return True
    return size <= 2.4 and 1.5 * size <= min(_size(left), _size(right))


def _size(edit: _Edit) -> float:
    return max(sum(map(weight, edit.old)), sum(map(weight, edit.new)))


def _slide(edits: list[_Edit], at: int, binding: Binding) -> None:
    """Move an insertion or a deletion sideways to where a reader would see it: the edge of a sentence or word."""
    edit = edits[at]
    if at == 0 or bool(edit.old) == bool(edit.new):
        return
    inside = edit.old or edit.new
    before, after = edits[at - 1].kept, edit.kept
    row, size = [*before, *inside, *after], len(inside)
    low = high = len(before)
    while low > 0 and row[low - 1] == row[low + size - 1]:
        low -= 1
    while high + size < len(row) and row[high] == row[high + size]:
        high += 1
    best = max(
        range(low, high + 1),
        key=lambda place: (
            _edge(row, place, binding) + _edge(row, place + size, binding),
            place == len(before),
            -place,
        ),
    )
    edits[at - 1].kept, edit.kept = row[:best], row[best + size :]
    moved = row[best : best + size]
    edit.old, edit.new = (moved, []) if edit.old else ([], moved)


def _edge(row: Sequence[Piece], at: int, binding: Binding) -> int:
    """How good a place is to cut: after a sentence best, within a word worst."""
    if at in (0, len(row)):
        return 6
    left, right = row[at - 1], row[at]
    if left.text in _ENDS:
        return 6
    if left.text in _PAUSES or right.text in _PAUSES or right.text in _ENDS:
        return 4
    if left.marks != right.marks or left.same or right.same:
        return 3
    if bool(_IDEOGRAPH.match(left.text)) != bool(_IDEOGRAPH.match(right.text)):
        return 2
    return 0 if binding.binds(left.text[-1], right.text[0]) else 1


def _widen(edits: list[_Edit], binding: Binding) -> None:
    """Take the other half of a word into an edit that would tear it apart."""
    for at in range(1, len(edits)):
        edit, before = edits[at], edits[at - 1].kept
        if before and any(
            row and binding.binds(before[-1].text[-1:] or " ", row[0].text[:1]) for row in (edit.old, edit.new)
        ):
            edit.old, edit.new = [before[-1], *edit.old], [before[-1], *edit.new]
            edits[at - 1].kept = before[:-1]
        after = edit.kept
        if after and any(
            row and binding.binds(row[-1].text[-1:] or " ", after[0].text[:1]) for row in (edit.old, edit.new)
        ):
            edit.old, edit.new = [*edit.old, after[0]], [*edit.new, after[0]]
            edit.kept = after[1:]


def _stretches(edits: Iterable[_Edit]) -> Iterable[Stretch]:
    for edit in edits:
        if edit.old:
            yield Stretch(Side.OLD, tuple(edit.old))
        if edit.new:
            yield Stretch(Side.NEW, tuple(edit.new))
        if edit.kept:
            yield Stretch(Side.BOTH, tuple(edit.kept))
