"""The written forms of an Arabic noun, adjective or verb: what a lexicon line stands for.

Forms are spelled out once, when a lexicon is loaded, so that matching is a plain look-up. The paradigms are
those of unvocalised newspaper Arabic: case endings that are not written have no form of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

PRONOUNS = ("ه", "ها", "هم", "هما", "هن", "نا")


class Form:
    """Which form of its entry a spelling is. `number` is 1, 2, 3 (three or more) or 0 (not said); `either` marks ين,
    dual or plural; `pronoun` is the enclitic; `tense` past or present."""

    __slots__ = ("definite", "either", "number", "pronoun", "tense")

    def __init__(
        self, number: int = 0, definite: bool = False, pronoun: str = "", either: bool = False, tense: str = ""
    ) -> None:
        self.number = number
        self.definite = definite
        self.pronoun = pronoun
        self.either = either
        self.tense = tense


Spelling = tuple[str, Form]

_BARE, _ONE, _TWO, _MANY = Form(), Form(1), Form(2), Form(3)
_THE = {_ONE: Form(1, True), _TWO: Form(2, True), _MANY: Form(3, True)}
_EITHER, _THE_EITHER = Form(3, either=True), Form(3, True, either=True)
_OWN = {number: [(pronoun, Form(number, False, pronoun)) for pronoun in PRONOUNS] for number in (1, 3)}
_TWO_OWN = Form(2, False, "ه")
_PAST = {number: Form(number, tense="past") for number in (1, 2, 3)}
_PRESENT = {number: Form(number, tense="present") for number in (1, 2, 3)}
_PAST_OBJECT = [(pronoun, Form(1, False, pronoun, tense="past")) for pronoun in PRONOUNS[:4]]
_PRESENT_OBJECT = [(pronoun, Form(1, False, pronoun, tense="present")) for pronoun in PRONOUNS[:4]]

_LONG_BEFORE_PRONOUN = ("أب", "أخ")
"""Of the five nouns those in reports: case is a long vowel before a pronoun (أبوه, أباه, أبيه: one), dual أبويه."""


def _stem(noun: str) -> str:
    """The noun as it stands before a suffix: final ة opens into ت."""
    return noun[:-1] + "ت" if noun.endswith("ة") else noun


def _with_article(spellings: Sequence[Spelling]) -> Iterator[Spelling]:
    for text, form in spellings:
        yield text, form
        yield "ال" + text, _THE_EITHER if form.either else _THE[form]


def _singular(noun: str, sound_plural: bool) -> Iterator[Spelling]:
    stem = _stem(noun)
    forms = [(noun, _ONE), (stem + "ان", _TWO)]
    if noun[-1] not in "ةاىءأ":
        forms.append((noun + "ا", _ONE))
    if not sound_plural:
        forms.append((stem + "ين", _TWO))
    if stem != noun:
        forms += [(stem + "ا", _TWO), (stem + "ي", _TWO)]
    yield from _with_article(forms)
    if noun in _LONG_BEFORE_PRONOUN:
        yield from ((stem + vowel + pronoun, form) for vowel in "واي" for pronoun, form in _OWN[1])
        stem += "و"
    for pronoun, form in _OWN[1]:
        yield stem + pronoun, form
    yield stem + "يه", _TWO_OWN
    yield stem + "يها", _TWO_OWN


def _plural(noun: str) -> Iterator[Spelling]:
    if noun.endswith("ون"):
        stem = noun[:-2]
        yield from _with_article([(noun, _MANY), (stem + "ين", _EITHER)])
        yield stem + "و", _MANY
        yield stem + "ي", _MANY
        for pronoun, form in _OWN[3]:
            yield stem + "ي" + pronoun, form
            yield stem + "و" + pronoun, form
        return
    forms = [(noun, _MANY)]
    if noun[-1] not in "ةاىء" and not noun.endswith(("ات", "ين")):
        forms.append((noun + "ا", _MANY))
    yield from _with_article(forms)
    stem = noun[:-1] + "ا" if noun.endswith("ى") else _stem(noun)
    for pronoun, form in _OWN[3]:
        yield stem + pronoun, form
        if stem.endswith("اء"):
            yield stem[:-1] + "ئ" + pronoun, form
            yield stem[:-1] + "ؤ" + pronoun, form


def noun(parts: Sequence[str]) -> Iterator[Spelling]:
    """`singular / plural / plural …` → singular, dual and plural, with article, tanwin alef and pronouns."""
    yield from _singular(parts[0], any(part.endswith("ون") for part in parts[1:]))
    for part in parts[1:]:
        yield from _plural(part)


def plural(parts: Sequence[str]) -> Iterator[Spelling]:
    """Nouns that have only a plural (`خسائر`)."""
    for part in parts:
        yield from _plural(part)


_ADJECTIVE_ENDINGS = [
    *(("", _ONE), ("ا", _ONE), ("ة", _ONE), ("ان", _TWO), ("تان", _TWO), ("تين", _TWO)),
    *(("ون", _MANY), ("ات", _MANY), ("ين", _EITHER), ("و", _MANY)),
]


def adjective(parts: Sequence[str]) -> Iterator[Spelling]:
    """`masculine / broken plural …` → masculine, feminine, dual and plural, with and without article."""
    word = parts[0]
    yield from _with_article([(word + ending, form) for ending, form in _ADJECTIVE_ENDINGS])
    for part in parts[1:]:
        yield from _with_article([(part, _MANY), (part + "ة", _MANY)])


def verb(parts: Sequence[str]) -> Iterator[Spelling]:
    """`past / present` (third person masculine) → persons, numbers and object pronouns of both tenses."""
    yield from _past(parts[0])
    for present in parts[1:]:
        yield from _present(present)


def _past(past: str) -> Iterator[Spelling]:
    weak = past[-1] in "ىا"
    stem = past[:-1] if weak else past
    yield past, _PAST[1]
    for suffix, number in (("ت", 1), ("وا", 3), ("تا", 2), ("يا" if weak else "ا", 2)):
        yield stem + suffix, _PAST[number]
    for pronoun, form in _PAST_OBJECT:
        yield stem + ("ا" if weak else "") + pronoun, form
        yield stem + "ت" + pronoun, form
        yield stem + "و" + pronoun, form


def _present(present: str) -> Iterator[Spelling]:
    weak = present[-1] in "ىي"
    rest = present[1:]
    stem = rest[:-1] if weak else rest
    for prefix in "يتن":
        yield prefix + rest, _PRESENT[1]
        for pronoun, form in _PRESENT_OBJECT:
            yield prefix + (stem + "ي" if weak else stem) + pronoun, form
    for prefix, suffix, number in (("ي", "ون", 3), ("ت", "ون", 3), ("ي", "وا", 3), ("ي", "ان", 2), ("ت", "ان", 2)):
        yield prefix + stem + suffix, _PRESENT[number]
    for pronoun, form in _PRESENT_OBJECT:
        yield "ي" + stem + "ون" + pronoun, form


def plain(parts: Sequence[str]) -> Iterator[Spelling]:
    """The words as written."""
    for part in parts:
        yield part, _BARE


def name(parts: Sequence[str]) -> Iterator[Spelling]:
    """A name: as written; behind `/` its other spellings."""
    for part in parts:
        yield part, _THE[_ONE]


PARADIGMS: dict[str, Callable[[Sequence[str]], Iterator[Spelling]]] = {
    "noun": noun,
    "plural": plural,
    "adjective": adjective,
    "verb": verb,
    "plain": plain,
    "name": name,
}
