"""In which language a piece of text is, where it is not that of its document: so that it is read aloud and hyphenated
in its own (PDF/UA-1, 7.2; WCAG 2.1, 3.1.2).

Only what is wholly in the other language is marked: a term in an English sentence of a Chinese document, a Chinese name
in an English table. Numbers, codes, addresses and names of products belong to no language.
"""

import re
import xml.etree.ElementTree as etree

from markdown.treeprocessors import Treeprocessor

from qmanual.language import Language

TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
"""Language → its tag in HTML and PDF (BCP 47)."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[(\[\"'“‘]*[A-Za-z]?[a-z]{2,}(?:[-'’][A-Za-z]?[a-z]+)*[)\]\"'”’,.;:!?]*")
_LONG = re.compile(r"[a-z]{3,}")
_KEPT_ASIDE = re.compile("\x02[^\x03]*\x03")
_ELEMENTS = frozenset({
    "p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd", "caption", "figcaption", "blockquote", "em",
    "strong", "b", "i", "q", "cite", "span", "a", "del", "ins",
})  # fmt: skip
_NO_LANGUAGE = frozenset({"code", "pre", "svg", "kbd", "samp"})


def other_language(text: str, language: Language) -> Language | None:
    """The language that all of a text is in, when it is not `language`; None when it is, or cannot be told."""
    chinese, words = _HAN.search(text) is not None, text.split()
    lettered = [word for word in words if any("A" <= c <= "z" and c.isalpha() for c in word)]
    english = [word for word in lettered if _WORD.fullmatch(word)]
    if language == "en":
        return "zh" if chinese and not any(_LONG.search(word) for word in english) else None
    plain = not chinese and any(_LONG.search(word) for word in english) and 2 * len(english) >= len(lettered)
    return "en" if plain else None


def attribute(text: str, language: Language) -> str:
    """` lang="…"` for an element that holds this text, empty when it needs none."""
    found = other_language(text, language)
    return f' lang="{TAGS[found]}"' if found else ""


class Tongues(Treeprocessor):
    """Marks the elements of a rendered text. `language`: of the document; set before each run."""

    language: Language = "zh"

    def run(self, root: etree.Element) -> None:
        for child in root:
            self._mark(child)

    def _mark(self, element: etree.Element) -> None:
        if element.tag in _NO_LANGUAGE or "lang" in element.attrib:
            return
        if element.tag in _ELEMENTS:
            found = other_language(_spoken(element), self.language)
            if found:
                element.set("lang", TAGS[found])
                return
        for child in element:
            self._mark(child)


def _spoken(element: etree.Element) -> str:
    """The text of an element without code and what is kept aside as finished HTML."""
    parts = [element.text or ""]
    for child in element:
        parts.append(_spoken(child) if child.tag not in _NO_LANGUAGE else " ")
        parts.append(child.tail or "")
    return _KEPT_ASIDE.sub(" ", "".join(parts))
