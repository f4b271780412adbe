"""Links and pictures: whether they lead where a reader of the site, of a PDF or of the git server can follow."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from urllib.parse import unquote

from pymdownx.slugs import slugify

from qmanual.checks.nearest import NONE, nearest
from qmanual.checks.rule import Hit, rule
from qmanual.finding import Severity
from qmanual.language import N_
from qmanual.model import Body, Document, Heading, Link
from qmanual.parse.tags import decoded
from qmanual.register import Register, Tree, folded


class Where(Enum):
    """What a link target is, by its looks alone."""

    WEB = "another address"
    HERE = "an anchor in the same file"
    MACHINE = "an absolute path"
    OUT = "out of the tree"
    FILE = "a file of the tree"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: `path` from the root, `anchor` without its `#`, both decoded."""

    where: Where
    path: str = ""
    anchor: str = ""


_MACHINE = re.compile(r"[A-Za-z]:[\\/]|file:|\\|/(?!/)", re.IGNORECASE)
_CODED = re.compile(r"[\x00-\x1f\x7f%\\\u200b]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|//")


@lru_cache(maxsize=16384)
def target_of(path: str, target: str) -> Target:
    """What `target`, written in the file `path`, means."""
    target = target.strip()
    if _MACHINE.match(target):
        return Target(Where.MACHINE)
    if _SCHEME.match(target) or (_CODED.search(target) and _SCHEME.match(decoded(target))):
        return Target(Where.WEB)
    written, _, anchor = target.partition("#")
    if target and not written:
        return Target(Where.HERE, path, unquote(anchor))
    parts = path.split("/")[:-1]
    for part in unquote(written.partition("?")[0]).split("/") if written else ():
        if part == "..":
            if not parts:
                return Target(Where.OUT)
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return Target(Where.FILE, "/".join(parts) if written else "", unquote(anchor))


def is_broken(body: Body, link: Link, tree: Tree) -> bool:
    """Whether the link names a file that is not there, however it is spelled."""
    target = target_of(body.path, link.target)
    if target.where is not Where.FILE or _exists(target.path, tree):
        return False
    return target.path in tree.paths or folded(target.path) not in tree.folded


def _exists(path: str, tree: Tree) -> bool:
    """Whether a link may lead to `path`; a folder will do when it has an `index.md`, the page that is shown for it."""
    return f"{path}/index.md" in tree.paths if path in tree.folders else path in tree.paths


def _targets(document: Document, where: Where) -> Iterator[tuple[Body, Link, Target]]:
    for body in document.bodies:
        for link in body.links:
            target = target_of(body.path, link.target)
            if target.where is where:
                yield body, link, target


def _broken(document: Document, tree: Tree, image: bool) -> Iterator[Hit]:
    for body, link, target in _targets(document, Where.FILE):
        if link.image is image and is_broken(body, link, tree):
            yield Hit(link.span, {"target": link.target, "path": target.path or body.path})


@rule(
    "QM411",
    Severity.ERROR,
    title=N_("A link to no file"),
    message=N_("the link leads to no file: {target}"),
    help=N_("correct the path, counted from this file's own folder; there is no {path}"),
    why=N_(
        "A reader who follows a reference and finds nothing does the work without it. Broken links are also the first "
        "sign that a document was renamed or removed without looking after those that rely on it."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        见 [记录控制程序](QP-7.5-02.md)。
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [质量手册](../manual/index.md#1-范围) 和 [标准网站](https://openstd.samr.gov.cn/)。
    """,
)
def broken_link(document: Document, register: Register) -> Iterator[Hit]:
    yield from _broken(document, register.tree, image=False)


# -- anchors -------------------------------------------------------------------------------------------------------

_MANY = 500
"""Headings among which a likeness is looked for; a page with more of them is none that somebody wrote."""
_slug = partial(slugify(case="lower"), sep="-")
_COUNTED = re.compile(r"(.*)_(\d+)")
_EMPHASIS = re.compile(r"(?<![\w\\])(_{1,3})(?=[^\s_])(.{1,200}?)(?<=[^\s_])\1(?!\w)")
_INLINE = re.compile(
    r"\[\^[^\[\]]*\]|!?\[(?P<text>[^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])|<[^<>]*>|\\(?P<escaped>[!-/:-@\[-`{-~])|`"
)
_ID = re.compile(r"\b(?:id|name)\s*=\s*[\"']?([^\s\"'<>{}]+)|\{:?[^{}\n]*?#([^\s{}]+)", re.IGNORECASE)
_MADE = re.compile(r"(?:top)?|fn(?:ref)?\d*:.*", re.DOTALL)


def anchors(body: Body) -> frozenset[str]:
    """Every anchor of a file's page: its headings' as the site makes them, and those that its author wrote."""
    found = {heading.id for heading in body.headings if heading.id}
    for heading in body.headings:
        if heading.id is None:
            found.add(_unique(_slug(_shown(heading)), found))
    text = body.plain
    if "id" in text or "ID" in text or "name" in text or "{" in text:
        found.update(match[1] or match[2] for match in _ID.finditer(text))
    return frozenset(found)


def _shown(heading: Heading) -> str:
    """The heading's text as a reader sees it."""
    text = _EMPHASIS.sub(r"\2", heading.full) if "_" in heading.full else heading.full
    shown = _INLINE.sub(lambda match: match["text"] or match["escaped"] or "", text)
    return html.unescape(" ".join(shown.split()))


def _unique(name: str, taken: set[str]) -> str:
    """The first free name, counted as Python-Markdown does: `scope`, `scope_1`, `scope_2`."""
    while name in taken or not name:
        counted = _COUNTED.fullmatch(name)
        name = f"{counted[1]}_{int(counted[2]) + 1}" if counted else f"{name}_1"
    return name


@rule(
    "QM412",
    Severity.ERROR,
    title=N_("A link to no heading"),
    message=N_("{path} has no heading with the anchor #{anchor}"),
    help=N_("write the anchor of a heading that is there; the nearest one is: {nearest}"),
    help_alone=N_("write the anchor of a heading that is there"),
    why=N_(
        "A reference to a section must lead to that section. When a heading was renumbered or renamed, the link still "
        "opens the document, but at its top, and the reader takes the wrong passage for the one that was meant."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        适用范围见 [质量手册](../manual/index.md#2-适用范围)。
    """,
    good="""
        procedures/QP-7.5-01.md

        适用范围见 [质量手册](../manual/index.md#1-范围)，职责见 [第 3 节](#3-职责)。
    """,
)
def broken_anchor(register: Register) -> Iterator[Hit]:
    known: dict[str, frozenset[str]] = {}
    for document in register.documents:
        for body in document.bodies:
            for link in body.links:
                if "#" not in link.target:
                    continue
                target = target_of(body.path, link.target)
                page = _page(target, register)
                if page is None or _MADE.fullmatch(target.anchor):
                    continue
                if page.path not in known:
                    known[page.path] = anchors(page)
                if target.anchor not in known[page.path]:
                    near = nearest(target.anchor, known[page.path]) if len(known[page.path]) <= _MANY else NONE
                    yield Hit(link.span, {"path": page.path, "anchor": target.anchor, "nearest": near})


def _page(target: Target, register: Register) -> Body | None:
    """The document or chapter that a link leads to."""
    if target.where not in (Where.FILE, Where.HERE):
        return None
    found = register.by_path.get(target.path) or register.by_path.get(f"{target.path}/index.md")
    return found[1] if found else None


# -- pictures, and places where a link should not lead -------------------------------------------------------------


@rule(
    "QM413",
    Severity.ERROR,
    title=N_("A picture that is not there"),
    message=N_("the picture is not there: {target}"),
    help=N_("put the file at {path}, or correct the path"),
    why=N_(
        "A drawing or a photograph often is the instruction. Where it is missing, site and PDF show a gap, and nobody "
        "can tell whether what was approved is complete."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        ![文件流转](flow.png)
    """,
    good="""
        procedures/QP-7.5-01.md

        ![文件流转](flow.png)
        ====
        procedures/flow.png
        (a picture)
    """,
)
def missing_picture(document: Document, register: Register) -> Iterator[Hit]:
    yield from _broken(document, register.tree, image=True)


@rule(
    "QM414",
    Severity.ERROR,
    title=N_("A link that leads out of the manual"),
    message=N_("the link leads out of the manual: {target}"),
    help=N_("write a path inside the manual, counted from this file's folder, such as {example}"),
    why=N_(
        "A path of somebody's own computer, or above the manual's folder, leads nowhere for anyone else and is not "
        "under control: what it shows was neither reviewed nor approved."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        见 [清单](C:\\文件\\清单.xlsx) 和 [标准](/etc/standards.md)。
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [申请单](../forms/QR-7.5-01.md)。
    """,
)
def leads_out(document: Document, register: Register) -> Iterator[Hit]:
    folder = register.settings.folders[-1]
    for where in (Where.MACHINE, Where.OUT):
        for body, link, _ in _targets(document, where):
            example = "../" * body.path.count("/") + f"{folder}/"
            yield Hit(link.span, {"target": link.target, "example": example})


@rule(
    "QM415",
    Severity.ERROR,
    title=N_("Upper and lower case differ from the file's name"),
    message=N_("the link says {target}, the file is called {path}"),
    help=N_("write the link exactly as the file is called: {path}"),
    why=N_(
        "Windows and macOS find the file whatever the case, the web server does not: the link works for its author and "
        "is broken for everybody who reads the published manual."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        见 [质量手册](../Manual/index.md)。
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [质量手册](../manual/index.md)。
    """,
)
def case_differs(document: Document, register: Register) -> Iterator[Hit]:
    tree = register.tree
    for _, link, target in _targets(document, Where.FILE):
        if target.path and target.path not in tree.paths and (path := tree.folded.get(folded(target.path))):
            yield Hit(link.span, {"target": link.target, "path": path})


@rule(
    "QM416",
    Severity.ERROR,
    title=N_("A link to a file that is not published"),
    message=N_("{path} is not published with the manual"),
    help=N_("move the file into one of the folders {folders}, or take the link away"),
    why=N_(
        "Only the manual's own folders are published. A link to anything else works in the repository and is dead on "
        "the site and in the PDF; and what lies there was never reviewed as a part of the manual."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        见 [发布说明](../RELEASES.md)。
        ====
        RELEASES.md =
        # 发布说明
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [封面](../manual/cover.pdf)。
        ====
        manual/cover.pdf
        (a PDF)
    """,
)
def not_published(document: Document, register: Register) -> Iterator[Hit]:
    tree, folders = register.tree, register.settings.folders
    roots = tuple(f"{folder}/" for folder in folders)
    for _, link, target in _targets(document, Where.FILE):
        if target.path and not f"{target.path}/".startswith(roots) and _exists(target.path, tree):
            yield Hit(link.span, {"path": target.path, "folders": "、".join(dict.fromkeys(folders))})


_PAIR = re.compile(r"(?<![\w\]\\!])!?\[[^\[\]\n]+\] ?(\[(?P<label>[^\[\]\n^]+)\])(?![\[(:])")
_DEFINED = re.compile(r"^ {0,3}\[([^\[\]\n]+)\]:", re.MULTILINE)
_ADDRESS = re.compile(r"https?://|#|(?:[\w.%-]+/)*[\w.%-]+\.(?:md|html?|pdf|png|jpe?g|svg)\b|\.\.?/")


@rule(
    "QM417",
    Severity.ERROR,
    title=N_("A link whose address is missing"),
    message=N_("nothing in this file says where [{label}] leads"),
    help=N_("add a line `[{label}]: address`, or write the address in round brackets: `[text](address)`"),
    why=N_(
        "A link of the form `[text][name]` takes its address from another line of the file. Without that line readers "
        "see the brackets instead of a link."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-01.md

        见 [质量手册][手册] 和 [申请单][表单]。

        [手册]: ../manual/index.md
    """,
    good="""
        procedures/QP-7.5-01.md

        见 [质量手册][手册]，区间 [0, 1][2, 3]，矩阵 a[i][j]。

        [手册]: ../manual/index.md
    """,
)
def undefined_label(document: Document) -> Iterator[Hit]:
    for body in document.bodies:
        text = body.plain
        if "][" not in text and "] [" not in text:
            continue
        defined = {_folded(match[1]) for match in _DEFINED.finditer(body.source.text, body.start)}
        for match in _PAIR.finditer(text):
            label = body.source.text[match.start("label") : match.end("label")]
            if _folded(label) not in defined and _is_label(label, bool(defined)):
                yield Hit(body.source.span(match.start(1), match.end(1)), {"label": label})


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _is_label(label: str, is_custom: bool) -> bool:
    """Whether a second pair of brackets is certainly a link: by its looks, or since the file has such links."""
    if _ADDRESS.match(label):
        return True
    return is_custom and any(sign.isalpha() for sign in label) and len(label.strip()) > 1


RULES = (
    broken_link, broken_anchor, missing_picture, leads_out, case_differs, not_published, undefined_label,
)  # fmt: skip
