"""The review packet: one HTML file for a reviewer without git. What is asked, what changed, the whole text, what it
touches, what to look at, and a form whose answer is saved as a small file to be sent back.

The page asks nothing of anybody: pictures are in it, its policy allows the one script of ours and nothing else, and the
document's text cannot run. What the packet shows has a digest that comes back with the answer.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from qmanual.control.answer import AGREED, REJECTED, TYPE
from qmanual.control.redline import Block, Node, Side
from qmanual.control.status import MEANING_NAMES
from qmanual.files import file_name
from qmanual.language import N_, Translator
from qmanual.model import Document, Meaning
from qmanual.render.page import environment
from qmanual.render.redline_document import Reading, Redline
from qmanual.render.redline_file import page
from qmanual.render.redline_page import what_changed
from qmanual.render.redline_read import read_blocks
from qmanual.render.redline_write import Picture, Writer

SCRIPT = Path(__file__).parent / "packet.js"

CHECKLIST = (
    N_("The text says what is done, or is going to be done from the effective date on."),
    N_("Every change is clear, and nothing is missing that should have changed with it."),
    N_("Responsibilities, deadlines, limits and units are right."),
    N_("It fits the documents that reference it, and those that it references."),
    N_("Forms and records that it names exist and ask for what is needed."),
    N_("The clauses that it answers are still answered."),
    N_("Who has to be trained, and by when, is known."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a document touches: rows of a label and what stands beside it."""

    label: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What goes into a packet. `redline` is None for a document that was never released. `names`: of the two texts.
    `asked`: the signature that is asked for, None: any; `keyed`: it is given with a key, so the answer is an opinion.
    `findings`: what `check` says of it, and its advice."""

    document: Document
    company: str
    reading: Reading
    redline: Redline | None
    names: tuple[str, str]
    asked: Meaning | None
    keyed: bool
    impact: tuple[Impact, ...]
    findings: tuple[tuple[str, str], ...]
    day: str


def review_packet(packet: Packet, say: Translator, picture: Picture) -> str:
    """The packet's file. The same packet, the same bytes."""
    document = packet.document
    shown = what_changed(packet.redline, say, picture, links=False) if packet.redline else ""
    whole = _whole(packet.reading, say, picture)
    facts = {
        "packet": packet,
        "document": document,
        "redline": Markup(shown),
        "whole": Markup(whole),
        "checklist": [say(text) for text in CHECKLIST],
        "meanings": [(meaning.value, say(MEANING_NAMES[meaning])) for meaning in Meaning],
        "asked": say(MEANING_NAMES[packet.asked]) if packet.asked else "",
        "agreed": AGREED,
        "rejected": REJECTED,
        "type": TYPE,
        "stem": "_".join((file_name(document.id), file_name(document.revision.replace("/", "-")) or "draft")),
        "words": {
            "name": say(N_("Enter your name.")),
            "decision": say(N_("Choose: agree or reject.")),
            "comment": say(N_("Say why you reject it.")),
            "saved": say(N_("Saved as {file}. Send this file back by mail.")),
        },
    }
    env = environment(say)
    digest = _digest(env.get_template("packet.html").render(facts | {"digest": ""}))
    content = env.get_template("packet.html").render(facts | {"digest": digest})
    script = SCRIPT.read_text(encoding="utf-8")
    source = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    label = say(N_("Review packet"))
    title = f"{document.id} {document.revision} {document.title}: {label}"
    return page(title, f"{content}<script>{script}</script>", say, script=f"'sha256-{source}'")


def _whole(reading: Reading, say: Translator, picture: Picture) -> str:
    """The text of all files, links and anchors taken out."""
    writer = Writer(say, picture, {}, links=False)
    bodies = (read_blocks(reading.bodies[body.path], reading.pictures) for body in reading.document.bodies)
    return "".join(writer.nodes(_kept(blocks)) for blocks in bodies)


def _kept(blocks: Sequence[Block]) -> list[Node]:
    return [Node(Side.BOTH, block) for block in blocks]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
