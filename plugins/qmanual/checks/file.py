"""Files that could not be read as text (ISO 9001 7.5.3.1: available and suitable for use)."""

from collections.abc import Iterator

from qmanual.checks.rule import Hit, rule
from qmanual.finding import Fault, FaultKind, Phrase, Severity
from qmanual.language import N_
from qmanual.register import Register
from qmanual.source import Span


def _faults(register: Register, kind: FaultKind) -> Iterator[Fault]:
    return (fault for fault in register.tree.faults if fault.kind is kind)


@rule(
    "QM131",
    Severity.ERROR,
    title=N_("File not in UTF-8"),
    message=N_("the file is not written in UTF-8 but in {encoding}"),
    help=N_("open it in the editor, choose “save with encoding: UTF-8” and save it again; nothing in the text changes"),
    why=N_(
        "A file in GBK looks right on the author's computer and is garbage on the next one. "
        "Staff who read a garbled instruction do not have the information they need, and a search never finds it. "
        "One encoding for all files ends this."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-02.md !not utf-8
        (a text saved as GBK)
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: 文件控制程序
        ---
        以 UTF-8 保存的文件，带或不带 BOM 均可。
    """,
)
def not_utf8(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.NOT_UTF8):
        yield Hit(fault.span, {"encoding": fault.details.get("encoding") or Phrase(N_("another encoding"))})


@rule(
    "QM132",
    Severity.ERROR,
    title=N_("File is no text"),
    message=N_("the file holds no text that could be read"),
    help=N_(
        "if it is a Word or PDF file with a changed ending, put its text into a Markdown file; if it is damaged, "
        "restore it"
    ),
    why=N_(
        "A document under control can be read, compared and searched. "
        "A binary file under the name of a document can be none of these, so nobody can tell what was approved."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-02.md !binary
        (a Word file under the name of a Markdown file)
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: 文件控制程序
        ---
    """,
)
def binary(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.BINARY):
        yield Hit(fault.span)


@rule(
    "QM133",
    Severity.ERROR,
    title=N_("File larger than 5 MB"),
    message=N_("the file is larger than 5 MB ({size} MB)"),
    help=N_("split the text into several documents or chapters; save pictures smaller"),
    why=N_(
        "Nobody reads five megabytes of text at a workplace; a file of that size is a mistake or holds embedded data. "
        "It would also slow down every check and every page."
    ),
    clause="7.5.3.1",
    bad="""
        procedures/QP-7.5-02.md !too large
        (six million characters)
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: 文件控制程序
        ---
    """,
)
def too_large(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.TOO_LARGE):
        yield Hit(fault.span, {"size": fault.details.get("size", "> 5")})


@rule(
    "QM134",
    Severity.ERROR,
    title=N_("File or folder cannot be read"),
    message=N_("the file or folder cannot be read"),
    help=N_("give the person or service that runs the check the right to read it, or remove it"),
    why=N_(
        "What the check cannot read it cannot vouch for. "
        "A document that is silently left out of the master list is a document out of control."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-02.md !unreadable
        (a file without read permission)
    """,
    good="""
        procedures/QP-7.5-01.md
        ---
        title: 文件控制程序
        ---
    """,
)
def unreadable(register: Register) -> Iterator[Hit]:
    for fault in _faults(register, FaultKind.UNREADABLE):
        yield Hit(fault.span)


_OTHER_ENDINGS = (".markdown", ".mdown", ".mkd", ".mkdn", ".mdwn", ".mdtext")


@rule(
    "QM135",
    Severity.WARNING,
    title=N_("A text that is not read"),
    message=N_("the file is not read, since its name ends with {ending}"),
    help=N_("rename it to {name}"),
    why=N_(
        "Documents are the files that end with .md. Another ending means the same to some editors, but here the file "
        "would be missing from the register, the site and every check, and nobody would notice."
    ),
    clause="7.5.3.2",
    bad="""
        procedures/QP-7.5-02.markdown =
        # 记录控制程序
    """,
    good="""
        procedures/README.markdown =
        本文件夹存放程序文件。
    """,
)
def other_ending(register: Register) -> Iterator[Hit]:
    roots = tuple(f"{folder}/" for folder in register.settings.folders)
    for path in sorted(register.tree.paths - register.tree.folders):
        if path.lower().endswith(_OTHER_ENDINGS) and path.startswith(roots):
            name = path.rpartition("/")[2]
            stem, _, ending = name.rpartition(".")
            if stem.lower() != "readme":
                yield Hit(Span(path), {"ending": f".{ending}", "name": f"{stem}.md"})


RULES = (not_utf8, binary, too_large, unreadable, other_ending)
