"""A reviewer without git has answered a review packet: his signature, taken over into the header.

The answer holds for just the text that he was shown, which its digest names; a rejection is told and writes nothing.
"""

from pathlib import Path

from qmanual.control.answer import objections, read_answer
from qmanual.language import N_
from qmanual.service.life.approving import Signing, approve
from qmanual.service.life.plan import Plan
from qmanual.service.loading import Manual
from qmanual.workspace import CannotRun


def approve_answer(manual: Manual, file: Path) -> Plan:
    """The signature that the answer in a file gives. Raises `CannotRun` when it cannot be taken."""
    try:
        data = file.read_bytes()
    except OSError as error:
        text = N_("Cannot read {path}: {reason}")
        raise CannotRun(text, path=str(file), reason=error.strerror or "") from error
    read = read_answer(file.name, data)
    if read.answer is None:
        line = str(read.faults[0].span.line if read.faults else 1)
        text = N_("{path}, line {line}: this is no answer as the page of a review packet saves it. Ask for it again.")
        raise CannotRun(text, path=file.name, line=line)
    answer = read.answer
    found = objections(read, manual.register.by_id.get(answer.document))
    if found:
        raise CannotRun(found[0].text, **found[0].details)
    signing = Signing(by=answer.name, meaning=answer.meaning, on=answer.time.date())
    return approve(manual, (answer.document,), signing)
