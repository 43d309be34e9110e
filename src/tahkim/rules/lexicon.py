"""Reads lexicon files into a dictionary of written forms.

A lexicon file (`*.lex`) is plain text. `#` opens a comment; the comments at its head say what it is, where
it comes from and under which licence. A section starts with `[class as=PARADIGM key=value …]`; each line below
it is one entry:

    [id =] variant | variant … [; key=value …]

A variant is a word or several words; with a paradigm it gives the principal parts, separated by ` / `
(noun: singular / plural; verb: past / present). `key=value` after the section name holds for all its entries,
after `;` for one. The entry's `id` (default: its first variant) is what `canonical` and rule ids show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tahkim.errors import RuleError
from tahkim.rules.inflect import PARADIGMS, Form
from tahkim.text import shadow

BUILTIN = Path(__file__).parent / "lexicons"
FIRST_CODE = 0xE000
ARTICLE = "ال"
_ADJECTIVES = frozenset({"quality", "demonym", "source.quality", "origin"})


class Entry(NamedTuple):
    """One line of a lexicon. `word_class` is dotted from general to special (`trigger.air`)."""

    id: str
    word_class: str
    attributes: Mapping[str, str]
    source: str


class Reading(NamedTuple):
    """One way to take a written form: the entry it belongs to and which form of it this is."""

    entry: Entry
    form: Form


class Word(NamedTuple):
    """A written form: its readings, and the one-character code of the set of classes they have."""

    code: str
    readings: tuple[Reading, ...]

    def reading(self, word_class: str) -> Reading | None:
        """The first reading whose class is `word_class` or below it."""
        below = word_class + "."
        for reading in self.readings:
            name = reading.entry.word_class
            if name == word_class or name.startswith(below):
                return reading
        return None


class Node:
    """A branch of the tree of names of several words."""

    __slots__ = ("next", "word")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.word: Word | None = None


class Lexicon:
    """All written forms: `words` of one word, `names` of several by their first word, and the class codes."""

    def __init__(self, forms: Iterable[tuple[str, Reading]]) -> None:
        self.codes: dict[frozenset[str], str] = {}
        readings: dict[str, list[Reading]] = {}
        for text, reading in forms:
            known = readings.setdefault(text, [])
            if all(reading.entry is not other.entry for other in known):
                known.append(reading)
        self.words: dict[str, Word] = {}
        self.names: dict[str, Node] = {}
        for text, every in readings.items():
            found = _without_false_pronouns(every)
            word = Word(self.code(map(_marked, found)), tuple(found))
            if " " in text:
                self._plant(text.split(), word)
            else:
                self.words[text] = word

    def _plant(self, parts: Sequence[str], word: Word) -> None:
        node = self.names.get(parts[0])
        if node is None:
            node = self.names[parts[0]] = Node()
        for part in parts[1:]:
            node = node.next.setdefault(part, Node())
        node.word = word

    def code(self, classes: Iterable[str]) -> str:
        """The character that stands for this set of classes in the string patterns are matched on."""
        key = frozenset(classes)
        if key not in self.codes:
            self.codes[key] = chr(FIRST_CODE + len(self.codes))
        return self.codes[key]

    def codes_of(self, word_class: str) -> str:
        """All codes of sets in which `word_class`, or one below it, occurs; empty if it is unknown.

        `class:feature` asks for forms that are `single`, `dual`, `plural`, `the` (with article) or `own` (with pronoun).
        """
        word_class, _, feature = word_class.partition(":")
        below = word_class + "."
        return "".join(
            code
            for classes, code in self.codes.items()
            if any(_is(marked, word_class, below, feature) for marked in classes)
        )


def _without_false_pronouns(readings: list[Reading]) -> list[Reading]:
    """`مسلحة` is the adjective, never "his gunman", though both are spelled alike in the shadow."""
    if any(reading.entry.word_class in _ADJECTIVES for reading in readings):
        return [reading for reading in readings if reading.form.pronoun != "ه"]
    return readings


def _marked(reading: Reading) -> str:
    """Class of a reading with its features: `loc.class:plural:the`."""
    form, name = reading.form, reading.entry.word_class
    number = ("", ":single", ":dual", ":plural")[form.number]
    return f"{name}{number}{':the' if form.definite else ''}{':own' if form.pronoun else ''}"


def _is(marked: str, word_class: str, below: str, feature: str) -> bool:
    name, *features = marked.split(":")
    return (name == word_class or name.startswith(below)) and (not feature or feature in features)


def read_entries(folders: Sequence[Path]) -> Iterator[tuple[Entry, str, Sequence[Sequence[str]]]]:
    """Entries of all `*.lex` files: the entry, its paradigm and the principal parts of each variant.

    Raises
    ------
    RuleError
        a folder is missing, or a line is not in the form above; names file and line
    """
    for folder in folders:
        if not folder.is_dir():
            raise RuleError(f"{folder}: no such folder of lexicons")
        for path in sorted(folder.glob("*.lex")):
            yield from _read_file(path)


def _read_file(path: Path) -> Iterator[tuple[Entry, str, Sequence[Sequence[str]]]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read: {error}") from error
    section: tuple[str, str, dict[str, str]] | None = None
    for number, line in enumerate(lines, 1):
        line = line.partition("#")[0].strip() if not line.startswith("[") else line.strip()
        where = f"{path.name}:{number}"
        if not line:
            continue
        if line.startswith("["):
            section = _section(line, f"{path}:{number}")
        elif section is None:
            raise RuleError(f"{path}:{number}: an entry before the first [section]")
        else:
            word_class, paradigm, common = section
            entry, parts = _entry(line, word_class, common, where, f"{path}:{number}")
            yield entry, paradigm, parts


def _section(line: str, where: str) -> tuple[str, str, dict[str, str]]:
    if not line.endswith("]") or not line[1:-1].strip():
        raise RuleError(f"{where}: a section looks like [class as=noun key=value], this is {line!r}")
    word_class, *rest = line[1:-1].split()
    attributes = _attributes(rest, where)
    paradigm = attributes.pop("as", "plain")
    if paradigm not in PARADIGMS:
        raise RuleError(f"{where}: unknown paradigm {paradigm!r}; known: {', '.join(PARADIGMS)}")
    return word_class, paradigm, attributes


def _attributes(pairs: Iterable[str], where: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals and value):
            raise RuleError(f"{where}: expected key=value, found {pair!r}")
        attributes[key] = value
    return attributes


def _entry(
    line: str, word_class: str, common: dict[str, str], where: str, full: str
) -> tuple[Entry, Sequence[Sequence[str]]]:
    body, _, own = line.partition(";")
    attributes = {**common, **_attributes(own.split(), full)} if own else common
    identifier, equals, variants = body.partition(" = ")
    if not equals:
        identifier, variants = "", body
    parts = [[part.strip() for part in variant.split(" / ")] for variant in variants.split("|")]
    if not all(part for variant in parts for part in variant):
        raise RuleError(f"{full}: an empty variant; write words between | and /")
    return Entry(identifier.strip() or parts[0][0], word_class, attributes, where), parts


def _forms(paradigm: str, parts: Sequence[str]) -> Iterator[Form]:
    """Forms of a variant; of several words the first is the head and the rest follows its article and number."""
    if paradigm in ("plain", "name") or not any(" " in part for part in parts):
        yield from PARADIGMS[paradigm](parts)
        return
    for position, part in enumerate(parts):
        head, _, rest = part.partition(" ")
        forms = PARADIGMS[paradigm]((head,)) if position == 0 or paradigm != "noun" else _plural_forms(head)
        for form in forms:
            for tail in _tails(rest, form):
                yield form._replace(text=f"{form.text} {tail}" if tail else form.text)


def _plural_forms(head: str) -> Iterator[Form]:
    return PARADIGMS["plural"]((head,))


def _tails(rest: str, form: Form) -> Iterator[str]:
    """What follows the head: as it is; with the article where the head has it; in the dual where it is dual."""
    words = rest.split()
    if form.definite:
        yield " ".join(word if word.startswith(ARTICLE) else ARTICLE + word for word in words)
    elif form.number == 2:
        for suffix in ("ان", "ين"):
            yield " ".join((word[:-1] + "ت" if word.endswith("ة") else word) + suffix for word in words)
    else:
        yield rest
        if form.text.endswith("ا") and len(words) == 1:
            yield rest + "ا"


def load_lexicon(folders: Sequence[Path]) -> Lexicon:
    """The lexicon of all folders together, built-in files first."""
    readings: list[Reading] = []
    texts: list[str] = []
    for entry, paradigm, variants in read_entries(folders):
        for parts in variants:
            for form in _forms(paradigm, parts):
                texts.append(form.text)
                readings.append(Reading(entry, form))
    plain = shadow("\n".join(texts)).text.split("\n")
    return Lexicon(zip(plain, readings, strict=True))
