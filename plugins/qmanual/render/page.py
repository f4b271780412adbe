"""A page of the site as a value: where it stands, what it holds, where it belongs in the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from qmanual.language import Language, Translator
from qmanual.render.markdown import TocEntry

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: `path` on the site (`procedures/QP-7.5-01.html`), its HTML with neutral links, its place in the menu.

    `source` is the Markdown file behind it, if there is one; `of` that of the document that it belongs to otherwise.
    `section` and `group` say what the menu opens; `trail` are the pages above it (title, neutral address). `mark` is a
    word that its title bears in front: that it is not in force.
    """

    path: str
    title: str
    html: str
    source: str | None = None
    of: str = ""
    toc: tuple[TocEntry, ...] = ()
    section: str = ""
    group: str = ""
    trail: tuple[tuple[str, str], ...] = ()
    wide: bool = False
    mark: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)


def css_string(text: str) -> str:
    """A CSS string of any text, to stand in a `<style>` element of HTML or XML: what is of ASCII and neither letter,
    digit nor blank is written by its number (CSS Syntax 4.3.7).
    """
    shown = (c for c in text if c.isprintable() or c == "\n")
    return '"' + "".join(c if c.isalnum() or c == " " or not c.isascii() else f"\\{ord(c):X} " for c in shown) + '"'


def environment(say: Translator) -> Environment:
    """The templates, with `_` for the catalogue. Values are escaped; only rendered text is marked as HTML."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined, keep_trailing_newline=False,
    )  # fmt: skip
    env.globals["_"] = say
    return env


@cache
def template(name: str, language: Language) -> Template:
    """A template that needs the catalogue and no more, compiled once for however many pages are made of it."""
    return environment(Translator(language)).get_template(name)
