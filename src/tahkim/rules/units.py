"""Text to units: words with their proclitics cut off and names of several words joined, sentence by sentence.

A unit is what the pattern language calls one: a proclitic (`and` و ف, `bi` ب, `li` ل, `ka` ك, `will` س), a word, or a
name of several words. Quotation marks and `#` are no units; they are passed over, so that a name matches with and
without them. Each distinct word is taken apart once and remembered.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, NamedTuple

from tahkim.rules.lexicon import Lexicon, Node, Word
from tahkim.text import Shadow

LONGEST_WORD: Final = 40
LONGEST_NAME: Final = 12
LONGEST_SENTENCE: Final = 400
REMEMBERED: Final = 200_000

CLITICS: Final = {"و": "and", "ف": "and", "ب": "bi", "ل": "li", "ك": "ka", "س": "will"}
SHAPES: Final[tuple[str, ...]] = (
    *("and", "bi", "li", "ka", "will"),
    *("digits", "percent", "comma", "colon", "stop", "open", "close", "dash", "slash", "mark", "latin"),
    *("unknown.the", "unknown.adjective", "unknown.adjective_the", "unknown.and", "unknown.bi", "unknown.li"),
    *("unknown.plural", "unknown.plain"),
)
_PUNCTUATION: Final = {
    "،": "comma",
    ",": "comma",
    "؛": "comma",
    ";": "comma",
    ":": "colon",
    ".": "stop",
    "!": "stop",
    "?": "stop",
    "؟": "stop",
    "…": "stop",
    "(": "open",
    ")": "close",
    "[": "open",
    "]": "close",
    "-": "dash",
    "/": "slash",
    "%": "percent",
}
# Arabic letters first: a range is quicker than the class of all letters.
_TOKEN: Final = re.compile("[\u0621-\u064a]+|[^\\W\\d_]+|\\d+(?:[.,:]\\d+)*|[^\\w\\s]")
_PASSED_OVER: Final = frozenset('"#')
_ARABIC: Final = re.compile("[\u0621-\u064a]")


class Piece(NamedTuple):
    """Part of a token: where it begins in it, its word, and the tree of longer names it can begin."""

    offset: int
    word: Word
    names: Node | None


class Analysis:
    """A token taken apart into its units: their class codes, words and texts, and their ranges within the token.

    `names` is the tree of longer names its last unit can begin. `plain` tells that neither a name begins nor a
    sentence ends here, as with nearly every token.
    """

    __slots__ = ("codes", "highs", "lows", "names", "plain", "texts", "words")

    def __init__(
        self, words: tuple[Word, ...], texts: tuple[str, ...], lows: tuple[int, ...], highs: tuple[int, ...]
    ) -> None:
        self.codes = "".join([word.code for word in words])
        self.words = words
        self.texts = texts
        self.lows = lows
        self.highs = highs
        self.names: Node | None = None
        self.plain = True


NO_UNIT: Final = Analysis((), (), (), ())


class Sentence:
    """Units of a sentence (or of a stretch of an endless one): class codes as one string, words, texts.

    `parts` are its tokens, `begins` where they begin in the shadow.
    """

    __slots__ = ("_begins", "_parts", "_upto", "codes", "texts", "words")

    def __init__(self, parts: list[Analysis], begins: list[int], codes: str) -> None:
        self.codes = codes
        self.words = [word for part in parts for word in part.words]
        self.texts = [text for part in parts for text in part.texts]
        self._parts = parts
        self._begins = begins
        self._upto: list[int] = []  # units up to the end of each token, counted when first asked: often nobody asks

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The shadow range of the units `[start, end)`, one at least."""
        first, before = self._token_of(start)
        last, before_last = self._token_of(end - 1)
        low = self._parts[first].lows[start - before]
        high = self._parts[last].highs[end - 1 - before_last]
        return self._begins[first] + low, self._begins[last] + high

    def _token_of(self, unit: int) -> tuple[int, int]:
        """The token a unit belongs to, and how many units stand before that token."""
        if not self._upto:
            self._upto = list(accumulate([len(part.codes) for part in self._parts]))
        token = bisect_right(self._upto, unit)
        return token, self._upto[token - 1] if token else 0


class Tokens:
    """The tokens of a text: what they say, where they begin in the shadow, how each is taken apart.

    A line break is one too, without any unit.
    """

    __slots__ = ("parts", "starts", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.parts: list[Analysis] = []

    def add(self, text: str, start: int, part: Analysis) -> None:
        self.texts.append(text)
        self.starts.append(start)
        self.parts.append(part)


class Analyser:
    """Takes words apart, each distinct one on the first look-up; forgets everything when it grows too large."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.shapes = {shape: lexicon.shape(shape) for shape in SHAPES}
        self._alone: dict[str, Analysis] = {}  # by token
        self._several: dict[str, list[tuple[int, str, Analysis]]] = {}  # by what spaces bound: the tokens in it
        self._names: dict[tuple[Analysis, tuple[str, ...], int], Analysis] = {}

    def tokens(self, text: str) -> Tokens:
        """The tokens of a shadow text."""
        found = Tokens()
        begin = 0
        for line in text.split("\n"):
            for written in line.split(" "):
                known = self._alone.get(written)
                if known is not None:
                    found.add(written, begin, known)
                elif written:
                    for offset, token, part in self._apart(written):
                        found.add(token, begin + offset, part)
                begin += len(written) + 1
            found.add("\n", begin - 1, NO_UNIT)
        return found

    def _apart(self, written: str) -> list[tuple[int, str, Analysis]]:
        """What stands between two spaces as tokens, each with its offset: a word and the marks around it."""
        found = self._several.get(written)
        if found is None:
            found = [(match.start(), match.group(), self.analysis(match.group())) for match in _TOKEN.finditer(written)]
            if len(self._several) >= REMEMBERED:
                self._several.clear()
            if len(written) <= LONGEST_WORD:
                self._several[written] = found
        return found

    def analysis(self, token: str) -> Analysis:
        """A token taken apart."""
        found = self._alone.get(token)
        if found is None:
            found = NO_UNIT if token in _PASSED_OVER else self._analysis(token)
            if len(self._alone) >= REMEMBERED:
                self._alone.clear()
            if len(token) <= LONGEST_WORD:
                self._alone[token] = found
        return found

    def _analysis(self, token: str) -> Analysis:
        words, lows, names = [], [], None
        for offset, word, names in self._pieces(token):  # noqa: B007 (those of the last piece count)
            words.append(word)
            lows.append(offset)
        highs = (*lows[1:], len(token))
        texts = tuple(token[low:high] for low, high in zip(lows, highs, strict=True))
        analysis = Analysis(tuple(words), texts, tuple(lows), highs)
        analysis.names = names
        analysis.plain = names is None and words[-1] is not self.shapes["stop"]
        return analysis

    def name(self, head: Analysis, name: Word, rest: tuple[str, ...], length: int) -> Analysis:
        """A token of which the last unit is, with the tokens behind it, a name; `length` is that of all of them."""
        key = (head, rest, length)
        found = self._names.get(key)
        if found is None:
            texts = (*head.texts[:-1], " ".join((head.texts[-1], *rest)))
            found = Analysis((*head.words[:-1], name), texts, head.lows, (*head.highs[:-1], length))
            if len(self._names) >= REMEMBERED:
                self._names.clear()
            self._names[key] = found
        return found

    def _pieces(self, token: str) -> Iterator[Piece]:
        shape = _PUNCTUATION.get(token) or ("digits" if token[0].isdigit() else None)
        if shape is None and not _ARABIC.match(token):
            shape = "latin" if token[0].isalpha() else "mark"
        if token in CLITICS:
            yield Piece(0, self.shapes[CLITICS[token]], None)
        elif shape is not None:
            yield Piece(0, self.lexicon.words.get(token) or self.shapes[shape], None)
        elif len(token) > LONGEST_WORD:
            yield Piece(0, self.shapes["unknown.plain"], None)
        else:
            yield from self._known(token) or self._joined(token) or self._guessed(token)

    def _whole(self, offset: int, text: str) -> Piece | None:
        word, names = self.lexicon.words.get(text), self.lexicon.names.get(text)
        if word is None and names is None:
            return None
        return Piece(offset, word or self.shapes[_shape(text)], names)

    def _known(self, token: str) -> tuple[Piece, ...]:
        """The token as lexicon word behind no, one or several proclitics, the fewest first; empty if unknown."""
        best: tuple[Piece, ...] = ()
        for clitics, rest in _splits(token):
            offset = len(clitics)
            body = self._whole(offset, rest)
            if body is None and rest.startswith("لل"):
                body = self._whole(offset + 1, "ا" + rest[1:]) or self._whole(offset + 1, rest[1:])
                clitics += "ل"
            if body is None or (clitics[-1:] == "س" and not _is_present(body.word)):
                continue
            if clitics[-1:] in "بلك" and clitics and len(rest) < 3:
                continue
            pieces = (*self._clitics(clitics), body)
            if body.word.readings:
                return pieces
            best = best or pieces
        return best

    def _joined(self, token: str) -> tuple[Piece, ...]:
        """Two lexicon words written without the space between them (both at least three letters)."""
        words = self.lexicon.words
        for cut in range(3, len(token) - 2):
            left, right = words.get(token[:cut]), words.get(token[cut:])
            if left and right and _is_noun(left) and _is_noun(right):
                return Piece(0, left, None), Piece(cut, right, self.lexicon.names.get(token[cut:]))
        return ()

    def _guessed(self, token: str) -> tuple[Piece, ...]:
        """Cut only what is surely a proclitic: in front of the article."""
        for clitics in ("و", "ف", "ب", "ك", "وب", "فب", "وك"):
            if token.startswith(clitics + "ال") and len(token) > len(clitics) + 4:
                rest = token[len(clitics) :]
                return (*self._clitics(clitics), Piece(len(clitics), self.shapes[_shape(rest)], None))
        for clitics in ("", "و", "ف"):
            if token.startswith(clitics + "لل") and len(token) > len(clitics) + 4:
                rest = "ا" + token[len(clitics) + 1 :]
                return (*self._clitics(clitics + "ل"), Piece(len(clitics) + 1, self.shapes[_shape(rest)], None))
        return (Piece(0, self.shapes[_shape(token)], None),)

    def _clitics(self, clitics: str) -> tuple[Piece, ...]:
        return tuple(Piece(at, self.shapes[CLITICS[letter]], None) for at, letter in enumerate(clitics))


def _splits(token: str) -> Iterator[tuple[str, str]]:
    yield "", token
    for first in "وف" if len(token) > 2 else "":
        if token[0] == first:
            yield first, token[1:]
    for letters in ("ب", "ل", "ك", "س", "وب", "ول", "وك", "وس", "فب", "فل", "فس"):
        if token.startswith(letters) and len(token) > len(letters) + 1:
            yield letters, token[len(letters) :]


def _is_present(word: Word) -> bool:
    return any(reading.form.tense == "present" for reading in word.readings)


def _is_noun(word: Word) -> bool:
    return any(reading.entry.word_class.startswith(("trigger", "weapon", "asset")) for reading in word.readings)


def _shape(text: str) -> str:
    if text.startswith("ال") and len(text) > 4:
        return "unknown.adjective_the" if text.endswith(("ي", "يه", "يون", "يين")) else "unknown.the"
    if text.endswith(("ي", "يه")) and len(text) > 4:
        return "unknown.adjective"
    if text.endswith(("ات", "ون", "ين")) and len(text) > 4:
        return "unknown.plural"
    return {"و": "unknown.and", "ب": "unknown.bi", "ل": "unknown.li"}.get(
        text[0] if len(text) > 3 else "", "unknown.plain"
    )


def split(shadowed: Shadow, analyser: Analyser, closed: Sequence[tuple[int, int]] = ()) -> list[Sentence]:
    """Sentences of a text as units. Shadow ranges in `closed` (ascending) are left out and end a sentence."""
    tokens = analyser.tokens(shadowed.text)
    return [
        Sentence(tokens.parts[low:high], tokens.starts[low:high], codes)
        for first, last in _stretches(tokens, closed)
        for begin, end in _sentences(tokens, first, last, analyser)
        for low, high, codes in _bounded(tokens.parts, begin, end)
    ]


def _stretches(tokens: Tokens, closed: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Ranges of tokens between line breaks, outside the closed ranges."""
    gaps = [(bisect_left(tokens.starts, first), bisect_left(tokens.starts, last)) for first, last in closed]
    gaps += [(at, at + 1) for at, text in enumerate(tokens.texts) if text == "\n"]
    position = 0
    for first, last in sorted(gaps):
        if first > position:
            yield position, first
        position = max(position, last)


def _sentences(tokens: Tokens, first: int, last: int, analyser: Analyser) -> Iterator[tuple[int, int]]:
    """Ranges of tokens in `[first, last)` that are sentences; names of several words are joined on the way.

    The first token of a name comes to stand for all of it, the others then hold no unit.
    """
    texts, starts, parts = tokens.texts, tokens.starts, tokens.parts
    begin = joined = first
    stop = analyser.shapes["stop"]
    for position in range(first, last):
        part = parts[position]
        if part.plain or position < joined:
            continue
        names, following = part.names, position + 1
        if names is not None and following < last:
            text = texts[following]
            longer, after = None, following
            if text in names.next or text in _PASSED_OVER:
                longer, after = _longest(names, texts, following, last)
            if longer is not None:
                joined = after
                length = starts[after - 1] + len(texts[after - 1]) - starts[position]
                parts[position] = analyser.name(part, longer, tuple(texts[following:after]), length)
                parts[following:after] = [NO_UNIT] * (after - following)
                continue
        if part.words[-1] is stop and not _abbreviates(texts, position):
            yield begin, position + 1
            begin = position + 1
    if begin < last:
        yield begin, last


def _bounded(parts: Sequence[Analysis], begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """A sentence with its codes, in pieces where it has more units than may stand together; nothing if it has none."""
    codes = "".join([part.codes for part in parts[begin:end]])
    if len(codes) <= LONGEST_SENTENCE:
        if codes:
            yield begin, end, codes
        return
    units = 0
    for position in range(begin, end):
        units += len(parts[position].codes)
        if units >= LONGEST_SENTENCE or position == end - 1:
            yield begin, position + 1, "".join([part.codes for part in parts[begin : position + 1]])
            begin, units = position + 1, 0


def _abbreviates(texts: Sequence[str], position: int) -> bool:
    """Whether the stop follows a single letter (`أ.ف.ب`, `د. محمد`)."""
    return position > 0 and len(texts[position - 1]) == 1 and texts[position - 1].isalpha()


def _longest(node: Node, texts: Sequence[str], position: int, end: int) -> tuple[Word | None, int]:
    """The longest name below `node` that the tokens from `position` on spell; quotes and `#` may stand between."""
    best, stop = None, position
    end = min(end, position + LONGEST_NAME)
    while position < end:
        text = texts[position]
        position += 1
        if text in _PASSED_OVER:
            continue
        following = node.next.get(text)
        if following is None:
            break
        node = following
        if node.word is not None:
            best, stop = node.word, position
    return best, stop
