"""The message catalogue: every text that a person reads, in English here and in Chinese in `locale/`.

`N_` marks a text for the catalogue where it is declared; a `Translator` says it in the reader's language. Which
language that is comes in from the shell (`--lang`, the settings); nothing here looks at the environment.
"""

import gettext
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = ("zh", "en")
LOCALE = Path(__file__).parent / "locale"


def N_(text: str) -> str:
    """Mark `text` for the catalogue and return it unchanged."""
    return text


class Translator:
    """Says catalogue texts in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._catalogue = _catalogue(language)

    def __call__(self, text: str, /, **details: object) -> str:
        """`text` in the reader's language, its `{placeholders}` filled with `details`."""
        said = self._catalogue.gettext(text) if text else ""
        return said.format(**details) if details else said


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("qmanual", LOCALE, languages=[language], fallback=True)
