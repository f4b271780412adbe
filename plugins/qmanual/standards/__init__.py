"""Clauses of management system standards: numbers and short titles, never requirement text.

A standard is one YAML file: those of `data/`, and any that a company adds. Only the standards that the settings list
are read. A clause that is not certain says so, here and wherever it is shown.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import yaml

from qmanual.finding import Fault, FaultKind, Phrase
from qmanual.language import N_, Language
from qmanual.model import ClauseRef
from qmanual.nodes import Entry, Node, Reader, aliases
from qmanual.source import SourceFile, Span

DATA = Path(__file__).parent / "data"

BUILT_IN: dict[str, str] = {
    "ISO 9001:2015": "iso-9001-2015.yml",
    "ISO 9001:2026": "iso-9001-2026.yml",
    "ISO 14001:2015": "iso-14001-2015.yml",
    "ISO 45001:2018": "iso-45001-2018.yml",
    "ISO 13485:2016": "iso-13485-2016.yml",
    "IATF 16949:2016": "iatf-16949-2016.yml",
}
"""Id → file in `data/`, so that a standard nobody lists is never opened."""

_TOP = aliases({
    "id": ("编号",), "names": ("别名",), "title": ("标题", "名称"), "base": ("基于",), "published": (), "certainty": (),
    "certain_zh": (), "superseded_by": ("被替代",), "clauses": ("条款",),
})  # fmt: skip
_CLAUSE = aliases({"number": ("条款号", "编号"), "title": ("标题",), "keeps": ("成文信息",), "certain": ()})
_TITLE = aliases({"en": (), "zh": ()})
_KEEPS = aliases({"document": ("文件", "保持"), "record": ("记录", "保留")})
_NUMBER = re.compile(r"[A-Z]?\.?\d{1,3}(?:\.\d{1,3}){0,5}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause: `number` as printed, titles by language (may be empty), `keeps` document and/or record."""

    number: str
    title: Mapping[str, str] = field(default_factory=dict)
    keeps: frozenset[str] = frozenset()
    certain: bool = True

    def named(self, language: Language) -> str:
        """The title in that language, else in the other one, else empty."""
        return self.title.get(language) or next(iter(self.title.values()), "")


@dataclass(frozen=True, kw_only=True)
class Standard:
    """One edition of a standard with its clauses in their order. `base`: a standard whose clauses apply as well.

    `base_at` is where the base is named.
    """

    id: str
    names: tuple[str, ...]
    title: Mapping[str, str]
    base: str | None = None
    certain_zh: bool = True
    clauses: tuple[Clause, ...] = ()
    base_at: Span | None = None

    @cached_property
    def by_number(self) -> Mapping[str, Clause]:
        """Every clause by its number."""
        return {clause.number: clause for clause in self.clauses}

    @property
    def edition(self) -> str:
        """The year in the id; empty when there is none."""
        return self.id.rpartition(":")[2] if ":" in self.id else ""


@dataclass(frozen=True, kw_only=True)
class Library:
    """The standards in use, in the order of the settings; the first one is meant when no standard is named.

    `available`: the ids of all that could be listed in the settings.
    """

    standards: tuple[Standard, ...] = ()
    available: tuple[str, ...] = tuple(BUILT_IN)
    faults: tuple[Fault, ...] = ()

    @cached_property
    def _by_key(self) -> Mapping[str, Standard]:
        found: dict[str, Standard] = {}
        for standard in self.standards:
            for key in map(standard_key, (standard.id, *standard.names)):
                found.setdefault(key, standard)
                found.setdefault(_YEAR.sub("", key), standard)  # without a year: the edition listed first
        return found

    @cached_property
    def _families(self) -> frozenset[str]:
        """Names without a year, to tell an edition that is not in use from a standard that is not."""
        return frozenset(_YEAR.sub("", key) for key in self._by_key)

    def standard(self, name: str | None) -> Standard | None:
        """The standard of that name, written any way; without a name, the first in the settings."""
        if name is None:
            return self.standards[0] if self.standards else None
        return self._by_key.get(standard_key(name))

    def other_edition(self, name: str) -> Standard | None:
        """The edition in use of a standard named in an edition that is not; None when the standard is not in use."""
        key = standard_key(name)
        family = _YEAR.sub("", key)
        if key in self._by_key or family == key or family not in self._families:
            return None
        return next(standard for other, standard in self._by_key.items() if _YEAR.sub("", other) == family)

    def clause(self, ref: ClauseRef) -> tuple[Standard, Clause] | None:
        """The clause that a reference means, looked up in the standard and its bases; None when there is none."""
        standard = self.standard(ref.standard)
        for _ in self.standards:  # at most so many steps: the bases of a company's own files may form a circle
            if standard is None:
                return None
            if ref.number in standard.by_number:
                return standard, standard.by_number[ref.number]
            standard = self.standard(standard.base) if standard.base else None
        return None


_YEAR = re.compile(r":(?:19|20)\d\d$")


def standard_key(name: str) -> str:
    """A standard's name without what people write differently: blanks, the kind of dash, colon for dash, case."""
    return re.sub(r"[-—–:：]", ":", re.sub(r"\s+", "", name)).upper()


def parent(number: str) -> str:
    """`8.4.1` → `8.4`; empty for a top-level number."""
    return number.rpartition(".")[0]


def clause_order(number: str) -> tuple[tuple[int, str], ...]:
    """Clauses in the order of a standard's own contents: 8.9 before 8.10, figures before annexes."""
    return tuple((int(part), "") if part.isdigit() else (10_000, part) for part in number.split("."))


def read_standard(source: SourceFile) -> tuple[Standard | None, tuple[Fault, ...]]:
    """A standard out of its YAML file; None when it has no id or no clauses."""
    reader = _StandardReader(source)
    node = reader.compose(source.text)
    standard = reader.read(node) if node is not None else None
    return standard, tuple(reader.faults)


class _StandardReader(Reader):
    def read(self, node: Node) -> Standard | None:
        found = self.entries(node, _TOP)
        name = self.text(found.get("id"))
        if name is None:
            self.fault(FaultKind.MISSING_VALUE, self.source.span(0), key="id", expected=Phrase(N_("a text")))
            return None
        base = self.text(found.get("base"))
        return Standard(
            id=name.value,
            names=tuple(text.value for text in self.texts(found.get("names"))),
            title=self._title(found.get("title")),
            base=base.value if base else None,
            base_at=base.span if base else None,
            certain_zh=self.boolean(found.get("certain_zh"), True),
            clauses=tuple(self._clauses(found.get("clauses"))),
        )

    def _title(self, entry: Entry | None) -> dict[str, str]:
        found = self.entries(entry.node, _TITLE) if entry else {}
        return {key: text.value for key, one in found.items() if (text := self.text(one))}

    def _clauses(self, entry: Entry | None) -> Iterable[Clause]:
        seen: dict[str, int] = {}
        for item in self.items(entry):
            found = self.entries(item, _CLAUSE)
            number = self.text(found.get("number"))
            if number is None or not _NUMBER.fullmatch(number.value):
                expected = Phrase(N_("a clause number, such as 8.4.1"))
                written = number.value if number else ""
                self.fault(
                    FaultKind.WRONG_TYPE, number.span if number else self.span(item), text=written, expected=expected
                )
                continue
            if number.value in seen:
                line = str(seen[number.value])
                self.fault(FaultKind.DUPLICATE_KEY, number.span, key=number.value, line=line)
                continue
            seen[number.value] = number.span.line
            keeps = [
                self.one_of(Entry(text.span, _scalar(found["keeps"], at)), _KEEPS)
                for at, text in enumerate(self.texts(found.get("keeps")))
            ]
            yield Clause(
                number=number.value,
                title=self._title(found.get("title")),
                keeps=frozenset(name for name in keeps if name),
                certain=self.boolean(found.get("certain"), True),
            )


def _scalar(entry: Entry, at: int) -> Node:
    return entry.node.value[at] if isinstance(entry.node, yaml.SequenceNode) else entry.node


def load_standards(names: Iterable[str], own: Mapping[str, SourceFile]) -> Library:
    """The standards of those ids, the company's own files (path → source) among them.

    A name that is neither built in nor the company's is left out: the rule about settings says so. Any of a standard's
    names will do (`GB/T 19001-2016`). A standard's base is loaded as well, after the listed ones.
    """
    available: dict[str, Standard] = {}
    faults: list[Fault] = []
    for source in own.values():
        standard, wrong = read_standard(source)
        faults += wrong
        if standard:
            available[standard_key(standard.id)] = standard
    files = {standard_key(name): file for name, file in BUILT_IN.items()}
    chosen: dict[str, Standard] = {}
    pending = list(names)
    for name in pending:
        key = standard_key(name)
        if key not in available and key not in files:
            key = _named_otherwise(key, available.values())
        if key not in available and key in files:
            available[key] = _built_in(files[key])
        if key in available and key not in chosen:
            chosen[key] = available[key]
            if available[key].base:
                pending.append(str(available[key].base))
    ids = dict.fromkeys([*BUILT_IN, *(standard.id for standard in available.values())])
    return Library(standards=tuple(chosen.values()), available=tuple(ids), faults=tuple(faults))


def _named_otherwise(key: str, own: Iterable[Standard]) -> str:
    """The key of the standard that has `key` for another name; `key` itself when none has."""
    for standard in (*own, *(_built_in(file) for file in BUILT_IN.values())):
        if key in map(standard_key, standard.names):
            return standard_key(standard.id)
    return key


@cache
def _built_in(file: str) -> Standard:
    standard, faults = read_standard(SourceFile(file, (DATA / file).read_text(encoding="utf-8")))
    if standard is None or faults:
        raise ValueError(f"broken package data: {file}: {faults}")
    return standard
