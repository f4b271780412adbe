"""What stands behind each signature of a text: a key, a key and a time stamp, or nothing but the words of its header.

Anybody who edits a file can type a name and a day (21 CFR 11.70: a signature is linked to its record); a reader shall
see which ones are more than that.
"""

from enum import StrEnum

from qmanual.control.judging import Filed, Verdict
from qmanual.control.statement import folder_of
from qmanual.model import Approval, Document


class Evidence(StrEnum):
    """What proves a signature."""

    TYPED = "typed"
    KEY = "key"
    STAMPED = "stamped"


def evidence_of(document: Document, found: Verdict) -> tuple[Evidence, ...]:
    """Of every signature in a text's header, in their order; empty where no key is asked for and none was used.

    A key proves just what its statement says of just this text: the meaning, the name and the day. Where anything is
    wrong with the statements about a revision, none of them proves anything.
    """
    folder = folder_of(document.id, document.revision)
    tried = folder in found.folders or any(one.span.path.startswith(f"{folder}/") for one in found.problems)
    if not tried and not found.demand(document.id).level:
        return ()
    given = [one for one in found.given(folder) if one.key and one.statement.digest == document.digest]
    return tuple(_evidence(approval, given) for approval in document.header.approvals)


def _evidence(approval: Approval, given: list[Filed]) -> Evidence:
    said = (approval.meaning, str(approval.by or ""), approval.date.value if approval.date else None)
    for one in given:
        statement = one.statement
        if said == (statement.meaning, statement.name, statement.time.date()):
            return Evidence.STAMPED if one.stamped else Evidence.KEY
    return Evidence.TYPED
