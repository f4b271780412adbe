"""Manuals for tests: out of a mapping path → text, without a disk."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from qmanual.checks import RULES
from qmanual.checks.example import TODAY as TODAY
from qmanual.checks.example import tree_of
from qmanual.checks.rule import DRAFT, Inputs
from qmanual.checks.runner import run
from qmanual.control.history import History, Release, Released, facts_of
from qmanual.finding import Finding
from qmanual.fonts import drawable
from qmanual.manual import read_register
from qmanual.model import Document
from qmanual.register import Register


def register(files: Mapping[str, str]) -> Register:
    """The register of these files."""
    return read_register(tree_of(files))


def check(files: Mapping[str, str], today: date = TODAY, profile: str = DRAFT) -> tuple[Finding, ...]:
    """What all rules find in these files."""
    return run(RULES, Inputs(register=register(files), today=today, profile=profile, drawable=drawable))


def released(*documents: Document, name: str = "2026-06", on: date = TODAY) -> History:
    """The history of a manual with one release that holds just these texts."""
    release = Release(name=name, commit="c", time=datetime.combine(on, time(9), UTC))
    texts = {one.id: (Released(facts=facts_of(one), first=0, last=0),) for one in documents}
    return History(releases=(release,), documents=texts)
