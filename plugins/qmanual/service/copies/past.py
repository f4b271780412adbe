"""The register of copies as releases and commits held it, against which it is seen whether anything was taken out."""

from collections import Counter

from qmanual.control.copies import PATH
from qmanual.service.loading import Manual
from qmanual.source import SourceFile
from qmanual.workspace import decode

_COMMITS = 20
"""How many commits of the file are looked at, newest first, beside the releases; each holds all that went before."""


def past_ledgers(manual: Manual) -> tuple[SourceFile, ...]:
    """The file as the releases and the latest commits hold it, each text once; none for a manual that never had it.

    A text of which every line still stands is left out: nothing was taken from it, and there may be many long ones.
    """
    repository = manual.archive.repository
    steps = [step for step in manual.log.steps if step.path == PATH]
    if not repository.present or not (steps or PATH in manual.register.tree.sources):
        return ()
    held = [f"{release.commit}:{repository.prefix}{PATH}" for release in manual.history.here.releases]
    latest = [step.blob for step in steps if step.blob][:_COMMITS]
    found = dict(repository.blobs([f"HEAD:{repository.prefix}{PATH}", *held, *latest]))
    sources = (decode(PATH, data) for data in dict.fromkeys(found.values()))
    now = manual.register.tree.sources.get(PATH)
    here = Counter(now.text.split("\n")) if now else Counter[str]()
    return tuple(source for source in sources if source and not Counter(source.text.split("\n")) <= here)
