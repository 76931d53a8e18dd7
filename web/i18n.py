"""Words: Chinese is the source, English a complete catalogue. `_` marks a literal, `Words` translates it."""

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]

LANGUAGES: Mapping[str, Language] = {"zh": "zh", "en": "en"}
TAGS: Mapping[Language, str] = {"zh": "zh-CN", "en": "en"}
CATALOGUE = Path(__file__).parent / "locale" / "en.po"


def _(literal: str) -> str:
    """Mark a literal for the catalogue; it is translated where it is shown, in the reader's language."""
    return literal


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; Chinese needs none."""
    if language == "zh":
        return gettext.NullTranslations()
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def say(language: Language, literal: str, **values: object) -> str:
    """A marked literal in the reader's language, its `%(name)s` filled in."""
    text = translations(language).gettext(literal)
    return text % values if values else text


@cache
def script_words(language: Language) -> Mapping[str, str]:
    """What browser code says, Chinese to the reader's language; empty for Chinese, which is in the code itself."""
    if language == "zh":
        return {}
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and any(name.endswith(".js") for name, _line in message.locations)
    }
