"""The interface's languages: gettext catalogues, read from their sources so that there is nothing to build."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

LANGUAGES: Mapping[str, str] = {"ar": "العربية", "en": "English"}
DIRECTIONS: Mapping[str, str] = {"ar": "rtl", "en": "ltr"}
COOKIE = "tahkim_language"
_CATALOGUES = Path(__file__).parent / "locale"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English is what the messages are written in."""
    path = _CATALOGUES / language / "LC_MESSAGES" / "tahkim.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def messages(language: str) -> dict[str, str]:
    """Every message with its translation, for scripts."""
    path = _CATALOGUES / language / "LC_MESSAGES" / "tahkim.po"
    if not path.is_file():
        return {}
    with path.open("rb") as source:
        return {str(m.id): str(m.string) for m in read_po(source, locale=language) if m.id and m.string}


def language_of(connection: HTTPConnection) -> str:
    """The language a person chose, else the first one their browser asks for that we speak, else Arabic."""
    chosen = connection.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for item in connection.headers.get("accept-language", "").split(","):
        asked = item.split(";")[0].strip().split("-")[0].lower()
        if asked in LANGUAGES:
            return asked
    return "ar"
