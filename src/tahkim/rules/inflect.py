"""The written forms of an Arabic noun, adjective or verb: what a lexicon line stands for.

Forms are spelled out once, when a lexicon is loaded, so that matching is a plain look-up. The paradigms are
those of unvocalised newspaper Arabic: case endings that are not written have no form of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

PRONOUNS = ("ه", "ها", "هم", "هما", "هن", "نا")
PRESENT_PREFIXES = "يتنأ"


class Form(NamedTuple):
    """One spelling. `number` is 1, 2, 3 (three or more) or 0 (not said); `either` marks ين: dual or plural."""

    text: str
    number: int = 0
    definite: bool = False
    pronoun: str = ""
    either: bool = False
    tense: str = ""


def _stem(noun: str) -> str:
    """The noun as it stands before a suffix: final ة opens into ت."""
    return noun[:-1] + "ت" if noun.endswith("ة") else noun


def _article(forms: Iterator[Form]) -> Iterator[Form]:
    for form in forms:
        yield form
        if not form.pronoun:
            yield form._replace(text="ال" + form.text, definite=True)


def _singular(noun: str) -> Iterator[Form]:
    stem = _stem(noun)
    yield Form(noun, 1)
    if noun[-1] not in "ةاىءأ":
        yield Form(noun + "ا", 1)
    yield Form(stem + "ان", 2)
    yield Form(stem + "ين", 2)
    if stem != noun:
        yield Form(stem + "ا", 2)
        yield Form(stem + "ي", 2)
    for pronoun in PRONOUNS:
        yield Form(stem + pronoun, 1, False, pronoun)


def _plural(noun: str) -> Iterator[Form]:
    yield Form(noun, 3)
    if noun.endswith("ون"):
        stem = noun[:-2]
        yield Form(stem + "ين", 3, either=True)
        yield Form(stem + "و", 3)
        yield Form(stem + "ي", 3)
        for pronoun in PRONOUNS:
            yield Form(stem + "ي" + pronoun, 3, False, pronoun)
            yield Form(stem + "و" + pronoun, 3, False, pronoun)
        return
    if noun[-1] not in "ةاىء" and not noun.endswith(("ات", "ين")):
        yield Form(noun + "ا", 3)
    stem = noun[:-1] + "ا" if noun.endswith("ى") else _stem(noun)
    for pronoun in PRONOUNS:
        yield Form(stem + pronoun, 3, False, pronoun)
        if stem.endswith("اء"):
            yield Form(stem[:-1] + "ئ" + pronoun, 3, False, pronoun)
            yield Form(stem[:-1] + "ؤ" + pronoun, 3, False, pronoun)


def noun(parts: Sequence[str]) -> Iterator[Form]:
    """`singular / plural / plural …` → singular, dual and plural, with article, tanwin alef and pronouns."""
    sound_plural = any(part.endswith("ون") for part in parts[1:])
    for form in _article(_singular(parts[0])):
        if not (sound_plural and form.number == 2 and form.text.endswith("ين")):
            yield form
    for plural in parts[1:]:
        yield from _article(_plural(plural))


def plural(parts: Sequence[str]) -> Iterator[Form]:
    """Nouns that have only a plural (`خسائر`)."""
    for part in parts:
        yield from _article(_plural(part))


def adjective(parts: Sequence[str]) -> Iterator[Form]:
    """`masculine / broken plural …` → masculine, feminine, dual and plural, with and without article."""
    for part in parts[:1]:
        yield from _article(_adjective_forms(part))
    for part in parts[1:]:
        yield from _article(iter((Form(part, 3), Form(part + "ة", 3))))


def _adjective_forms(word: str) -> Iterator[Form]:
    for suffix, number in (("", 1), ("ا", 1), ("ة", 1), ("ان", 2), ("تان", 2), ("تين", 2), ("ون", 3), ("ات", 3)):
        yield Form(word + suffix, number)
    yield Form(word + "ين", 3, either=True)
    yield Form(word + "و", 3)


def verb(parts: Sequence[str]) -> Iterator[Form]:
    """`past / present` (third person masculine) → persons, numbers and object pronouns of both tenses."""
    yield from _past(parts[0])
    for present in parts[1:]:
        yield from _present(present)


def _past(past: str) -> Iterator[Form]:
    weak = past[-1] in "ىا"
    stem = past[:-1] if weak else past
    yield Form(past, 1, tense="past")
    for suffix, number in (("ت", 1), ("وا", 3), ("تا", 2), ("يا" if weak else "ا", 2)):
        yield Form(stem + suffix, number, tense="past")
    for pronoun in PRONOUNS[:4]:
        yield Form(stem + ("ا" if weak else "") + pronoun, 1, False, pronoun, tense="past")
        yield Form(stem + "ت" + pronoun, 1, False, pronoun, tense="past")
        yield Form(stem + "و" + pronoun, 3, False, pronoun, tense="past")


def _present(present: str) -> Iterator[Form]:
    weak = present[-1] in "ىي"
    rest = present[1:]
    stem = rest[:-1] if weak else rest
    for prefix in PRESENT_PREFIXES[:3]:
        yield Form(prefix + rest, 1, tense="present")
        for pronoun in PRONOUNS[:4]:
            yield Form(prefix + (stem + "ي" if weak else stem) + pronoun, 1, False, pronoun, tense="present")
    for prefix, suffix in (("ي", "ون"), ("ت", "ون"), ("ي", "وا"), ("ي", "ان"), ("ت", "ان")):
        yield Form(prefix + stem + suffix, 3 if suffix[0] == "و" else 2, tense="present")
    for pronoun in PRONOUNS[:4]:
        yield Form("ي" + stem + "ون" + pronoun, 3, False, pronoun, tense="present")


def plain(parts: Sequence[str]) -> Iterator[Form]:
    """The words as written."""
    for part in parts:
        yield Form(part)


def name(parts: Sequence[str]) -> Iterator[Form]:
    """A name: as written; with a `/` its other spellings."""
    for part in parts:
        yield Form(part, 1, definite=True)


PARADIGMS: dict[str, Callable[[Sequence[str]], Iterator[Form]]] = {
    "noun": noun,
    "plural": plural,
    "adjective": adjective,
    "verb": verb,
    "plain": plain,
    "name": name,
}
