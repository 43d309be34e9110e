"""Spans as people like to mark them, whole written words, cut to what the guideline asks for.

Quotes, spaces and the # of a hashtag go at the edges, then the proclitics و ف ب ل ك س of the first word. A letter is
only cut where it is a proclitic for certain: before the article, or where the rest is a word that the texts at hand
use by itself at least as often as the whole. وزارة keeps its و, and والجيش loses it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from tahkim.model import Annotation, Span
from tahkim.text import shadow, tokens

Words = Mapping[str, int]

_PAIRS = (("“", "”"), ("«", "»"), ("‘", "’"), ('"', '"'), ("(", ")"))
_CONJUNCTIONS, _PREPOSITIONS, _FUTURE = "وف", "بكل", "س"
_ARTICLE, _LAM_ARTICLE = "ال", "لل"
_LEAST = 2
"""The fewest letters that may be left of a word."""


def words_of(texts: Iterable[str]) -> Counter[str]:
    """How often each written word stands in texts, diacritics and spelling variants aside."""
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(shadow(text[start:end]).text for start, end in tokens(text))
    return counted


def words_marked(annotations: Iterable[Annotation], texts: Mapping[str, str]) -> Counter[str]:
    """The first words of spans that begin inside a written word: what somebody cut proclitics from before."""
    counted: Counter[str] = Counter()
    for annotation in annotations:
        text = texts[annotation.doc_id]
        for span in annotation.spans:
            if span.start and not text[span.start - 1].isspace():
                first, end = tokens(text[span.start : span.end])[0]
                counted[shadow(text[span.start + first : span.start + end]).text] += 1
    return counted


def normalised(annotation: Annotation, text: str, words: Words) -> Annotation:
    """The annotation with each span cut at its edges; the same object where nothing is cut.

    A span that was `accepted` stays as it was: the suggestion was shown with those edges. A cut that would leave
    nothing, or make a span that is there already, is not made.
    """
    taken = {(span.start, span.end, span.label) for span in annotation.spans}
    spans = []
    for span in annotation.spans:
        cut = span if span.seen == "accepted" else _cut(span, text, words)
        if cut != span and (cut.start, cut.end, cut.label) in taken:
            cut = span
        taken.add((cut.start, cut.end, cut.label))
        spans.append(cut)
    return annotation if tuple(spans) == annotation.spans else replace(annotation, spans=tuple(spans))


def _cut(span: Span, text: str, words: Words) -> Span:
    start, end = _unspaced(text, span.start, span.end)
    start, end = _unquoted(text, start, end)
    start += _proclitics(text, start, end, words)
    return replace(span, start=start, end=end) if start < end else span


def _unspaced(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] == "#"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _unquoted(text: str, start: int, end: int) -> tuple[int, int]:
    """Without a pair of quotes that holds all of it, or one whose other half was not marked."""
    for opening, closing in _PAIRS:
        inner = text[start + 1 : end - 1]
        if end - start > 2 and text[start] == opening and text[end - 1] == closing:
            if opening not in inner and closing not in inner:
                return _unspaced(text, start + 1, end - 1)
        elif end - start > 1 and text[start] == opening and closing not in text[start + 1 : end]:
            return _unspaced(text, start + 1, end)
        elif end - start > 1 and text[end - 1] == closing and opening not in text[start : end - 1]:
            return _unspaced(text, start, end - 1)
    return start, end


def _proclitics(text: str, start: int, end: int, words: Words) -> int:
    """How many characters of the first word are proclitics, marks on them included."""
    first = tokens(text[start:end])[:1]
    if not first or first[0][0] != 0:
        return 0
    word = text[start : start + first[0][1]]
    folded = shadow(word)
    letters = _cut_letters(folded.text, lambda rest: words.get(rest, 0), words.get(folded.text, 0))
    return folded.raw(0, letters)[1] if letters else 0


def _cut_letters(word: str, count: Callable[[str], int], whole: int) -> int:
    """How many letters to cut of a folded word.

    >>> [_cut_letters(word, {"غاره": 3}.get, 0) for word in ("والجيش", "بغاره", "للتحالف", "وزاره")]
    [1, 1, 1, 0]
    """
    at = 0
    for kinds in (_CONJUNCTIONS, _PREPOSITIONS + _FUTURE):
        rest = word[at:]
        if len(rest) <= _LEAST or rest[0] not in kinds:
            continue
        if rest.startswith(_LAM_ARTICLE) and len(rest) > len(_LAM_ARTICLE) + _LEAST:
            return at + 1  # of لل only the first goes: the article after it is not written
        left = rest[1:]
        # A further proclitic may stand between this one and the word: وبالمدينة.
        inner = left[1:] if left[0] in _PREPOSITIONS else left
        article = inner.startswith(_ARTICLE) and len(inner) > len(_ARTICLE) + _LEAST
        known = max(count(left) or 0, count(inner) or 0 if inner != left else 0)
        if article or (known and known >= whole):
            at += 1
    return at
