"""The message catalogue: every text that a person reads, in English here and in Chinese in `locale/`.

`N_` marks a text for the catalogue where it is declared; a `Translator` says it in the reader's language. Which
language that is comes in from the shell (`--lang`, the settings); nothing here looks at the environment.
"""

import gettext
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:
    """Mark `text` for the catalogue and return it unchanged."""
    return text


_PLAIN = re.compile(r"[\w@%+=:,./~-]+")


def typed(word: str) -> str:
    """A word of a command as somebody types it: between quotes where it holds blanks or signs that a shell reads.

    Double quotes, which all shells know; what they would read within them cannot stand in a number or a path of ours.
    """
    return word if _PLAIN.fullmatch(word) else f'"{word}"'


class _Filling(Formatter):
    """Fills placeholders; `{id!q}` is a word of a command."""

    def convert_field(self, value: object, conversion: str | None) -> object:
        return typed(str(value)) if conversion == "q" else super().convert_field(value, conversion)


class Translator:
    """Says catalogue texts in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._catalogue = _catalogue(language)

    def __call__(self, text: str, /, **details: object) -> str:
        """`text` in the reader's language, its `{placeholders}` filled with `details`."""
        said = self._catalogue.gettext(text) if text else ""
        if "!q}" in said:
            return _Filling().vformat(said, (), details)
        return said.format(**details) if details else said


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("qmanual", LOCALE, languages=[language], fallback=True)
