"""A reviewer without git has answered a review packet: his signature, or his rejection, is taken over.

The answer holds for just the text that he was shown, which its digest names.
"""

from pathlib import Path

from qmanual.control.answer import objections, read_answer
from qmanual.language import N_
from qmanual.service.life.approving import approve
from qmanual.service.life.plan import Plan
from qmanual.service.life.proving import Proof, Signing
from qmanual.service.life.rejecting import reject
from qmanual.service.loading import Manual
from qmanual.workspace import LIMIT, CannotRun


def approve_answer(manual: Manual, file: Path) -> Plan:
    """The signature that the answer in a file gives, or the rejection. Raises `CannotRun` when it cannot be taken."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LIMIT) if file.is_file() else b""  # a device has no end
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
    signing = Signing(by=answer.name, meaning=answer.meaning, on=answer.time.date(), moment=answer.time)
    if not answer.agreed:
        return reject(manual, (answer.document,), signing, answer.comment)
    if (document := manual.register.by_id.get(answer.document)) and Proof(manual, signing).lacks_key(document):
        text = N_(
            "{name} agrees, but this kind of document is signed with a key, which nobody can use for another. Nothing"
            " was written. {name} signs himself: approve {id!q} --as {name!q} --meaning {meaning} --key FILE"
        )
        raise CannotRun(text, name=answer.name, id=document.id, meaning=answer.meaning.value)
    return approve(manual, (answer.document,), signing)
