"""The pages of a package: an index to search, the clause matrix, the page that verifies a PDF.

Each is one file that asks nothing of anybody, so that it opens from a USB stick on any computer, also one without a
network: style, script and what is searched stand in it, and its policy allows the scripts of ours and nothing else.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from markupsafe import Markup

from qmanual.control.edition import Edition, Entry
from qmanual.control.manifest import Move
from qmanual.control.since import Change
from qmanual.control.status import STATUS_NAMES
from qmanual.language import N_, Translator
from qmanual.render.markdown import Rendered
from qmanual.render.matrix import ClauseRow, only_mentioned, title_of
from qmanual.render.page import environment
from qmanual.render.proof import issued_script, verify_content
from qmanual.render.redline_file import page
from qmanual.render.site import Site, state_of
from qmanual.settings import Kind

INDEX, CLAUSES, VERIFY = "index.html", "clauses.html", "verify.html"
_HERE = Path(__file__).parent
CSS, SCRIPT = _HERE / "delivery.css", _HERE / "delivery.js"
VERIFY_SCRIPT = _HERE.parent / "theme" / "assets" / "qmanual" / "verify.js"

_UNREAD = re.compile(r"<(svg|style|script)\b.*?</\1>", re.DOTALL)
_BLOCK = re.compile(r"</?(?:p|li|ul|ol|tr|td|th|table|h[1-6]|div|section|figure|dt|dd|dl|blockquote|pre|br|hr)\b[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_HAN = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_HAN})[ \t]*\n[ \t]*(?={_HAN})")

Bodies: TypeAlias = Mapping[str, Rendered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A line of what changed: `redline`, `pdf`: paths in the package, empty where there is none; `gone`: the name of
    the PDF that is to be taken away.
    """

    change: Change
    redline: str = ""
    pdf: str = ""
    gone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a package holds, for its pages. `pdfs`: path of a document → its PDF: path in the package, pages, SHA-256.

    `since`: the release from which on it holds what changed, empty for all; `changes`: those. `statements`: how many
    signed statements there are. `release`: the newest one; empty while there is none.
    """

    edition: Edition
    company: str
    purpose: str
    release: str
    pdfs: Mapping[str, tuple[str, int, str]]
    since: str = ""
    changes: tuple[Changed, ...] = ()
    statements: int = 0
    releases: int = 0

    @property
    def entries(self) -> list[Entry]:
        """The documents whose PDF is here, in the order of the register."""
        return [entry for entry in self.edition.entries if entry.document.path in self.pdfs]


# -- the index ---------------------------------------------------------------------------------------------------


def index_page(contents: Contents, bodies: Bodies, say: Translator) -> str:
    """The page that a package is opened by."""
    kinds = contents.edition.register.settings.kinds
    groups = [
        (say(kind.title), found)
        for kind in kinds
        if (found := [entry for entry in contents.entries if entry.document.kind == kind.name])
    ]
    words = {
        "none": say(N_("Nothing found for “{words}”. Fewer signs find more.")),
        "some": say(N_("{count} documents hold “{words}”")),
        "hits": say(N_("{count} places")),
        "pages": say(N_("{count} pages")),
    }
    facts = {
        "contents": contents, "groups": groups, "title": _title(contents, say), "words": words, "moves": MOVE_NAMES,
        "state_of": state_of, "status_name": lambda status: say(STATUS_NAMES[status]), "quote": quote,
        "index": Markup(in_script(_index(contents, bodies, kinds, say))), "Move": Move,
    }  # fmt: skip
    content = environment(say).get_template("delivery.html").render(facts)
    return _whole(_title(contents, say), content, (SCRIPT.read_text(encoding="utf-8"),), say)


MOVE_NAMES = {Move.NEW: N_("new"), Move.CHANGED: N_("changed"), Move.WITHDRAWN: N_("withdrawn")}


def _title(contents: Contents, say: Translator) -> str:
    name = say(N_("Package of controlled documents")) if not contents.since else say(N_("Package of changed documents"))
    return f"{contents.company} {name}".strip()


def _index(contents: Contents, bodies: Bodies, kinds: Sequence[Kind], say: Translator) -> str:
    """One line a document: number, title, revision, kind, department, path of the PDF, pages, text."""
    titles = {kind.name: say(kind.title) for kind in kinds}
    lines = []
    for entry in contents.entries:
        document = entry.document
        path, pages, _ = contents.pdfs[document.path]
        text = "\n".join(plain(bodies[body.path].html) for body in document.bodies if body.path in bodies)
        lines.append([document.id, document.title, document.revision, titles.get(document.kind, document.kind),
                      document.owner, quote(path), pages, text])  # fmt: skip
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def plain(text: str) -> str:
    """The words of rendered HTML, a line for each piece; a line break within Chinese text is none."""
    text = _BROKEN.sub("", _UNREAD.sub("\n", text).replace("\r", ""))
    text = html.unescape(_TAG.sub("", _BLOCK.sub("\n\n", text.replace("\n", " \n"))))
    return "\n".join(line for part in re.split(r"\n\s*\n", text) if (line := " ".join(part.split())))


# -- the clause matrix -------------------------------------------------------------------------------------------


def clauses_page(rows: Sequence[ClauseRow], contents: Contents, say: Translator) -> str:
    """Which document answers which clause; numbers lead to the PDFs that are here."""
    standards = list(dict.fromkeys(row["standard"] for row in rows))
    groups = [(name, [row for row in rows if row["standard"] == name]) for name in standards]
    known = contents.edition.by_id
    places = {number: contents.pdfs[one.document.path][0] for number, one in known.items()
              if one.document.path in contents.pdfs}  # fmt: skip
    titles = {number: one.document.title for number, one in known.items()}
    title = say(N_("Clause matrix"))
    facts = {"contents": contents, "groups": groups, "title": title, "places": places, "titles": titles, "quote": quote,
             "title_of": title_of, "mentioned": only_mentioned,
             "uncertain": any(not row["certain"] for row in rows)}  # fmt: skip
    content = environment(say).get_template("delivery_clauses.html").render(facts)
    return _whole(f"{title} · {contents.company}", content, (), say)


# -- verifying ---------------------------------------------------------------------------------------------------

_TEXTS = {
    "why": N_("Either the file was changed after it was issued, or it was issued by another edition or by somebody "
              "else. Do not rely on it; take the PDF out of this package."),
    "clock": N_("By the date of this computer this is different; a newer package may say more."),
    "open": N_("Open the PDF of this package"),
    "valid": N_("To the text in force"),
}  # fmt: skip


def verify_page(contents: Contents, site: Site, say: Translator) -> str:
    """The page on which anybody finds out whether a PDF is one of this package. It knows all texts of the edition."""
    digests = {path: sha256 for path, (_, _, sha256) in contents.pdfs.items()}
    issued = issued_script(site, digests, {path: place for path, (place, _, _) in contents.pdfs.items()})
    title = say(N_("Verify a PDF"))
    facts = {"contents": contents, "content": Markup(verify_content(site, _TEXTS))}
    content = environment(say).get_template("delivery_verify.html").render(facts)
    scripts = (in_script(issued), VERIFY_SCRIPT.read_text(encoding="utf-8"))
    return _whole(f"{title} · {contents.company}", content, scripts, say)


# -- one file ----------------------------------------------------------------------------------------------------


def in_script(code: str) -> str:
    """JSON, or a script whose only `<` stand in strings, so that no text of a document ends the element around it."""
    return code.replace("<", "\\u003c")


def _whole(title: str, content: str, scripts: Sequence[str], say: Translator) -> str:
    allowed = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts
    )
    ran = "".join(f"<script>{one}</script>" for one in scripts)
    style = f"<style>{CSS.read_text(encoding='utf-8')}</style>"
    return page(title, content + ran, say, head=style, script=allowed)
