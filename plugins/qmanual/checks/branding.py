"""The company's look: its files, colours, templates, written names.

What is wrong with them costs the look and not the document: a print without a logo is still a controlled copy. But it
is said before it is printed (ISO 9001 7.5.2 b: format and media).
"""

from collections.abc import Callable, Iterator

from qmanual.checks.nearest import NONE, nearest
from qmanual.checks.rule import Hit, rule
from qmanual.finding import Phrase, Severity
from qmanual.language import N_
from qmanual.model import Organization, Text
from qmanual.model.branding import CONTRAST, INK, PAPER, Branding
from qmanual.parse.branding import FONT_LIMIT, LOGO_LIMIT, font_ending, logo_ending
from qmanual.parse.frame import PIECES, STYLE, read_templates
from qmanual.register import Register, Tree
from qmanual.settings import Settings

_LOGO = N_("an undamaged PNG, JPEG or plain SVG picture of at most {size} KB, without scripts or links to other files")
_FONT = N_("one OpenType font, .ttf or .otf, of at most {size} MB, that may be embedded")


@rule(
    "QM961",
    Severity.ERROR,
    title=N_("File of the company's look missing or unusable"),
    message=N_("the file {name} {problem}"),
    help=N_("correct the path (the nearest file: {nearest}), or put the file there: {expected}"),
    help_alone=N_("put the file there: {expected}"),
    why=N_(
        "Logo and fonts are part of the form that was decided on for controlled copies. "
        "A copy without them looks like a copy of somebody else's."
    ),
    clause="7.5.2",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              branding: {logo: branding/logo.png}
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              branding: {logo: branding/logo.svg}
        ====
        branding/logo.svg
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><path d="M0 0h60v20H0z"/></svg>
    """,
)
def file_unusable(register: Register) -> Iterator[Hit]:
    branding, tree = register.settings.branding, register.tree
    logo = Phrase(_LOGO, size=str(LOGO_LIMIT // 1024))
    font = Phrase(_FONT, size=str(FONT_LIMIT // 1024 // 1024))
    if branding.logo:
        yield from _unusable(branding.logo, tree, logo_ending, logo)
    for text in branding.fonts.values():
        yield from _unusable(text, tree, font_ending, font)
    if branding.templates and not _templates(branding, tree):
        pieces = Phrase(N_("templates called {names}"), names=", ".join((*PIECES, STYLE)))
        yield from _unusable(branding.templates, tree, lambda data: None, pieces)


def _unusable(text: Text, tree: Tree, ending: Callable[[bytes], str | None], expected: Phrase) -> Iterator[Hit]:
    data = tree.brand.get(text.value)
    if data is None or ending(data) is None:
        there = text.value in tree.paths
        problem = Phrase(N_("cannot be used") if there else N_("is not there"))
        near = NONE if there else nearest(text.value, tree.paths)
        yield Hit(text.span, {"name": text.value, "problem": problem, "expected": expected, "nearest": near})


def _templates(branding: Branding, tree: Tree) -> bool:
    folder = branding.templates.value if branding.templates else ""
    return any(f"{folder}/{name}" in tree.brand for name in (*PIECES, STYLE))


@rule(
    "QM962",
    Severity.ERROR,
    title=N_("Text in this colour could not be read"),
    message=N_("{colour} and {other}: the contrast is {contrast}, at least {least} is needed"),
    help=N_("take a darker colour for accent, a lighter one for head"),
    why=N_(
        "Copies hang on walls, are copied and read under poor light. Text with little contrast is misread, and people "
        "with weak sight cannot read it at all (WCAG 2.1, 1.4.3)."
    ),
    clause="7.5.3.1",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              branding:
                colours: {accent: "#7ec8ff"}
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              branding:
                colours: {accent: "#1f4e79", head: "#dfe8f1"}
    """,
)
def unreadable(settings: Settings) -> Iterator[Hit]:
    for colour, other in ((settings.branding.accent, PAPER), (settings.branding.head, INK)):
        if colour and (contrast := colour.contrast(other)) < CONTRAST:
            found = {"colour": colour.value, "other": other, "contrast": f"{contrast:.1f}", "least": f"{CONTRAST:.1f}"}
            yield Hit(colour.span, found)


@rule(
    "QM963",
    Severity.ERROR,
    title=N_("Template of the company's own cannot be used"),
    message=N_("the template cannot be used: {cause}"),
    help=N_("correct this line; docs/branding.md says what a template may hold; until then prints have the look's own "
            "frame"),
    why=N_(
        "What stands around a text on paper says whether it is in force. A template that could fail, or do more than "
        "show the document's own data, could print a page that says something else."
    ),
    clause="7.5.3.1",
    bad="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              branding: {templates: branding/templates}
        ====
        branding/templates/header.html
        <p>{{ number }} {{ titel }}</p>
    """,
    good="""
        mkdocs.yml
        site_name: 样例公司质量手册
        plugins:
          - qmanual:
              branding: {templates: branding/templates}
        ====
        branding/templates/header.html
        <p>{{ number }} {{ title }}</p>
    """,
)  # fmt: skip
def template_refused(register: Register) -> Iterator[Hit]:
    folder = register.settings.branding.templates
    for fault in read_templates(folder.value if folder else "", register.tree.brand).faults:
        yield Hit(fault.span, {"cause": fault.details["cause"]})


@rule(
    "QM964",
    Severity.ERROR,
    title=N_("Picture of a signature missing"),
    message=N_("there is no picture {name}"),
    help=N_(
        "correct the path (the nearest picture: {nearest}), or add the picture to a folder of the manual, such as "
        "{folder}/signatures/"
    ),
    help_alone=N_("add the picture (PNG, JPEG or SVG) to a folder of the manual, such as {folder}/signatures/"),
    why=N_(
        "The written name is shown on prints where a key proves the approval. "
        "When its picture is missing, prints that were meant to bear it do not."
    ),
    clause="7.5.2",
    bad="""
        manual/organization.yml
        people:
          - {name: 李静, signature: manual/signatures/李静.png}
          - {name: 王强}
          - {name: 陈刚}
    """,
    good="""
        manual/organization.yml
        people:
          - {name: 李静, signature: manual/signatures/李静.png}
          - {name: 王强}
          - {name: 陈刚}
        ====
        manual/signatures/李静.png
        (a picture)
    """,
)
def signature_missing(organization: Organization, register: Register) -> Iterator[Hit]:
    images = register.tree.images
    for person in organization.people:
        if person.signature and person.signature.value not in images:
            name = person.signature.value
            details = {"name": name, "nearest": nearest(name, images), "folder": register.settings.data_folder}
            yield Hit(person.signature.span, details)


RULES = (file_unusable, unreadable, template_refused, signature_missing)
