"""The verdict on the signed statements behind what is published, which its pages and prints tell.

An edition shows what was released, so the statements of its newest release are judged, about the texts that were
released, as `verify` does; a draft shows the work tree, so those that lie there, as `check` does. A manual without
statements costs one look at a folder.
"""

from dataclasses import replace

from qmanual.control.judging import Verdict, judge
from qmanual.control.judging.gather import released_texts
from qmanual.control.statement import FOLDER
from qmanual.git.trees import read_trees
from qmanual.service.loading import Manual
from qmanual.service.statements import read_case, verdict


def released_verdict(manual: Manual) -> Verdict:
    """What holds of the statements that the newest release holds."""
    newest = manual.history.newest
    if newest is None:
        return verdict(manual)
    names = read_trees(manual.archive.repository, [newest.commit], (FOLDER,))[newest.commit]
    blobs = manual.archive.blobs(names.values()) if names else {}
    files = {path: blobs[name] for path, name in names.items() if name in blobs}
    case = read_case(manual)
    return judge(replace(case, files=files, texts=released_texts(manual.history), kept={}, whole=False))
