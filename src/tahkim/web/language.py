"""The interface's languages: gettext catalogues, read from their sources so that there is nothing to build."""

from __future__ import annotations

import re
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

REFUSALS = (
    "document {doc_id} still has {number} open: decide them first",
    "document {doc_id} is not in the project",
    "document {doc_id} is not in the work of {name}",
    "document {doc_id} has nobody, or nothing, of that name to send back",
    "there is nothing of {name} to undo in document {doc_id}",
    "there is nothing of {name} to redo in document {doc_id}",
    "[{range}) {label} overlaps [{other_range}) {other_label}, and the schema allows no overlap: "
    "change or reject that one first",
    "the {role} [{range}) {label} is no span of the merged reading: decide that span first",
    "the merged reading has this {label} already",
    "{name} may not do this: it takes the role {roles}",
    "wrong name or password",
    "too many failed logins: try again in {wait} seconds",
    "this link was used already, or is none of this server",
    "this project has users now: log in",
    "log in first",
    "Not Found",
    "the server made a mistake; it is in its log",
)
"""What the server says to people when it does not do what they asked, as far as pages let them ask for it."""


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


def told(message: str, connection: HTTPConnection) -> str:
    """A refusal in the language of the page that asked; in English for programs, which name no language."""
    is_page = COOKIE in connection.cookies or "accept-language" in connection.headers
    catalogue = messages(language_of(connection)) if is_page else {}
    for known in REFUSALS:
        found = _pattern(known).fullmatch(message)
        if found and known in catalogue:
            return catalogue[known].format(**found.groupdict())
    return message


@cache
def _pattern(message: str) -> re.Pattern[str]:
    """Matches a message whatever stands in its places."""
    parts = re.split(r"\{(\w+)\}", message)
    return re.compile("".join(f"(?P<{p}>.+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)), re.DOTALL)
