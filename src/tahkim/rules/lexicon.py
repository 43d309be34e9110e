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
from typing import ClassVar

import tahkim
from tahkim.errors import RuleError
from tahkim.rules.inflect import PARADIGMS, Form, Spelling
from tahkim.text import shadow

BUILTIN = Path(tahkim.__file__).parent / "rules" / "lexicons"
FIRST_CODE = 0xE000
ARTICLE = "ال"
_ADJECTIVES = frozenset({"quality", "demonym", "source.quality", "origin"})


class Entry:
    """One line of a lexicon. `word_class` is dotted from general to special (`trigger.air`)."""

    __slots__ = ("attributes", "id", "source", "word_class")

    def __init__(self, identifier: str, word_class: str, attributes: Mapping[str, str], source: str) -> None:
        self.id = identifier
        self.word_class = word_class
        self.attributes = attributes
        self.source = source


class Reading:
    """One way to take a written form: the entry it belongs to and which form of it this is."""

    __slots__ = ("entry", "form")

    def __init__(self, entry: Entry, form: Form) -> None:
        self.entry = entry
        self.form = form


class Word:
    """A written form: its readings, and the one-character code of the set of classes they have."""

    __slots__ = ("_found", "code", "readings")
    _NOTHING: ClassVar[dict[str, Reading | None]] = {}  # shared by the many words that are never asked

    def __init__(self, code: str, readings: tuple[Reading, ...]) -> None:
        self.code = code
        self.readings = readings
        self._found = self._NOTHING

    def reading(self, word_class: str) -> Reading | None:
        """The first reading whose class is `word_class` or below it. Asked for often, so answers are remembered."""
        try:
            return self._found[word_class]
        except KeyError:
            below = word_class + "."
            fits = (
                r for r in self.readings if r.entry.word_class == word_class or r.entry.word_class.startswith(below)
            )
            if self._found is self._NOTHING:
                self._found = {}
            found = self._found[word_class] = next(fits, None)
            return found


class Node:
    """A branch of the tree of names of several words."""

    __slots__ = ("next", "word")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.word: Word | None = None


class Lexicon:
    """All written forms: `words` of one word, `names` of several by their first word, and the class codes.

    `wanted` are the classes (`loc.class`, `loc.class:plural`) patterns and cues ask for. Words that agree in all these
    share a code, so that the codes stay few.
    """

    def __init__(self, forms: Iterable[tuple[str, Reading]], wanted: Iterable[str]) -> None:
        self._wanted: dict[str, list[tuple[str, str]]] = {}  # class → what is asked of it and the feature in that
        for name in sorted(set(wanted)):
            word_class, _, feature = name.partition(":")
            self._wanted.setdefault(word_class, []).append((name, feature))
        self._of_form: dict[tuple[str, int, bool, bool], frozenset[str]] = {}
        self._of_one: dict[tuple[str, int], str] = {}
        self._codes: dict[frozenset[str], str] = {}
        self._of_class: dict[str, str] = {}
        self.classes: set[str] = set()
        readings: dict[str, list[Reading]] = {}
        for text, reading in forms:
            known = readings.get(text)
            if known is None:
                readings[text] = [reading]
            elif all(reading.entry is not other.entry for other in known):
                known.append(reading)
        self.words: dict[str, Word] = {}
        self.names: dict[str, Node] = {}
        for text, every in readings.items():
            found = every if len(every) == 1 else _without_false_pronouns(every)
            word = Word(self._code_of(found), tuple(found))
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

    def _code_of(self, readings: Sequence[Reading]) -> str:
        if len(readings) == 1:
            entry, form = readings[0].entry, readings[0].form
            key = (entry.word_class, id(form))  # forms are shared, see `inflect`
            code = self._of_one.get(key)
            if code is None:
                code = self._of_one[key] = self._code(self._asked(entry.word_class, form))
            return code
        sets = [self._asked(reading.entry.word_class, reading.form) for reading in readings]
        return self._code(sets[0].union(*sets[1:]))

    def shape(self, word_class: str) -> Word:
        """A word without readings, for what no lexicon has."""
        return Word(self._code(self._asked(word_class, Form())), ())

    def _code(self, asked: frozenset[str]) -> str:
        code = self._codes.get(asked)
        if code is None:
            code = self._codes[asked] = chr(FIRST_CODE + len(self._codes))
            for name in asked:
                self._of_class[name] = self._of_class.get(name, "") + code
        return code

    def _asked(self, word_class: str, form: Form) -> frozenset[str]:
        """Those of the wanted classes a form of this class belongs to."""
        key = (word_class, form.number, form.definite, bool(form.pronoun))
        found = self._of_form.get(key)
        if found is None:
            self.classes.add(word_class)
            features = {_NUMBERS[form.number], "the" if form.definite else "", "own" if form.pronoun else "", ""}
            found = frozenset(
                name
                for wanted in _with_general(word_class)
                for name, feature in self._wanted.get(wanted, ())
                if feature in features
            )
            self._of_form[key] = found
        return found

    def codes(self) -> str:
        """All codes there are."""
        return "".join(self._codes.values())

    def codes_of(self, wanted: str) -> str:
        """The codes of all words that belong to a wanted class; empty if none does.

        `class:feature` asks for forms that are `single`, `dual`, `plural`, `the` (with article), `own` (with pronoun).
        """
        return self._of_class.get(wanted, "")


def _with_general(word_class: str) -> list[str]:
    """`trigger.noun.air` → `trigger`, `trigger.noun`, `trigger.noun.air`."""
    parts = word_class.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


_NUMBERS = ("", "single", "dual", "plural")


def _without_false_pronouns(readings: list[Reading]) -> list[Reading]:
    """`مسلحة` is the adjective, never "his gunman", though both are spelled alike in the shadow."""
    if any(reading.entry.word_class in _ADJECTIVES for reading in readings):
        return [reading for reading in readings if reading.form.pronoun != "ه"]
    return readings


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


def _spellings(paradigm: str, parts: Sequence[str]) -> Iterator[Spelling]:
    """Forms of a variant; of several words the first is the head and the rest follows its article and number."""
    if paradigm in ("plain", "name") or not any(" " in part for part in parts):
        yield from PARADIGMS[paradigm](parts)
        return
    for position, part in enumerate(parts):
        head, _, rest = part.partition(" ")
        single = position == 0 or paradigm != "noun"
        for text, form in PARADIGMS[paradigm if single else "plural"]((head,)):
            for tail in _tails(rest, text, form):
                yield f"{text} {tail}" if tail else text, form


def _tails(rest: str, head: str, form: Form) -> Iterator[str]:
    """What follows the head: as it is; with the article where the head has it; in the dual where it is dual."""
    words = rest.split()
    if form.definite:
        yield " ".join(word if word.startswith(ARTICLE) else ARTICLE + word for word in words)
    elif form.number == 2:
        for suffix in ("ان", "ين"):
            yield " ".join((word[:-1] + "ت" if word.endswith("ة") else word) + suffix for word in words)
    else:
        yield rest
        if head.endswith("ا") and len(words) == 1:
            yield rest + "ا"


def load_lexicon(folders: Sequence[Path], wanted: Iterable[str]) -> Lexicon:
    """The lexicon of all folders together, built-in files first; `wanted` as in `Lexicon`."""
    readings: list[Reading] = []
    texts: list[str] = []
    for entry, paradigm, variants in read_entries(folders):
        for parts in variants:
            for text, form in _spellings(paradigm, parts):
                texts.append(text)
                readings.append(Reading(entry, form))
    plain = shadow("\n".join(texts)).text.split("\n")
    return Lexicon(zip(plain, readings, strict=True), wanted)
