"""Checking a manual: all its findings, or those of some files."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from qmanual.checks import RULES
from qmanual.checks.rule import DRAFT, Inputs
from qmanual.checks.runner import run
from qmanual.finding import Finding, Severity
from qmanual.fonts import drawable
from qmanual.register import Register
from qmanual.service.copies.past import past_ledgers
from qmanual.service.loading import Manual
from qmanual.service.publication import Publication, read_drawings
from qmanual.service.statements import read_case

SAFETY = "QM8"


def check(manual: Manual, profile: str = DRAFT) -> tuple[Finding, ...]:
    """All findings of the manual."""
    manual.read_ahead()
    inputs = Inputs(
        register=manual.register, today=manual.today, profile=profile, drawable=drawable, history=manual.history,
        log=manual.log, case=read_case(manual), ledgers=past_ledgers(manual),
    )  # fmt: skip
    return run(RULES, inputs)


def unsafe(shown: Publication, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by which a text is withheld from what is published.

    A draft shows what was checked; an edition shows released texts, so these are looked at themselves.
    """
    if shown.draft:
        return tuple(finding for finding in findings if finding.code.startswith(SAFETY))
    return _unsafe(shown, shown.register)


def _unsafe(shown: Publication, register: Register) -> tuple[Finding, ...]:
    rules = [rule for rule in RULES if rule.code.startswith(SAFETY)]
    return run(rules, Inputs(register=register, today=shown.today, drawable=drawable))


def unsafe_beside(shown: Publication) -> Mapping[str, tuple[Finding, ...]]:
    """The same for the texts beside those on the documents' own pages, by the path on the site of a text's page, and
    for their pictures, by a picture's path.

    They are looked at in layers, of every document one text, since texts of one document stand in the same files.
    """
    left = [(page, text.entry.document) for page, text in shown.shelf.texts.items()]
    drawings = read_drawings(shown.manual.archive, shown.shelf.pictures)
    found: dict[str, tuple[Finding, ...]] = {}
    while left or drawings:
        layer = dict(zip(drawings, drawings, strict=True))
        documents, rest = [], []
        for page, document in left:
            paths = [body.path for body in document.bodies]
            if any(path in layer for path in paths):
                rest.append((page, document))
            else:
                layer |= dict.fromkeys(paths, page)
                documents.append(document)
        sources = {body.path: body.source for document in documents for body in document.bodies}
        tree = replace(shown.register.tree, svgs=drawings, sources=sources)
        for finding in _unsafe(shown, replace(shown.register, documents=tuple(documents), tree=tree)):
            if place := layer.get(finding.span.path):
                found[place] = (*found.get(place, ()), finding)
        left, drawings = rest, {}
    return found


def about(findings: Iterable[Finding], paths: Iterable[str]) -> tuple[Finding, ...]:
    """The findings in these files and folders (paths from the root); all when no path is given."""
    wanted = [path.rstrip("/") for path in paths]
    if not wanted or "" in wanted or "." in wanted:
        return tuple(findings)
    return tuple(
        f for f in findings if any(f.span.path == path or f.span.path.startswith(f"{path}/") for path in wanted)
    )


def failed(findings: Iterable[Finding]) -> bool:
    """Whether there is an error among the findings."""
    return any(finding.severity is Severity.ERROR for finding in findings)
