"""Lines, sentences and tokens of a text, as code-point ranges in order."""

from __future__ import annotations

import regex

from tahkim.text.shadow import LINE_BREAKS

_LINE = regex.compile(f"[^{LINE_BREAKS}]++")
# Digits keep their separators (12.01, 1,500); a word keeps its marks, tatweel and joiners, hashtags fall into words.
_TOKEN = regex.compile(r"[^\W_]++(?:(?<=\d)[.,٫٬](?=\d)[^\W_]++)*+|[^\s\p{Cc}\p{Cf}\p{Cs}]\p{M}*+")
# A stop with the quotes and brackets that close behind it; what follows decides whether a sentence ends there.
_STOP = regex.compile(r"""(?P<stop>[.!?؟…]++)["'”“’‘»«›)\]}]*+""")
_NOT_WORD = regex.compile(r"\W")
_ARABIC_WORD = regex.compile(r"[\p{Arabic}\p{M}]{2,}+")

_ABBREVIATIONS = frozenset(
    {"Mr", "Mrs", "Ms", "Dr", "Prof", "Gen", "Col", "Lt", "Sgt", "Maj", "Capt", "Adm", "Gov", "Sen", "Rep"}
    | {"St", "vs", "No", "Inc", "Ltd", "Co"}
)
_SITE_SUFFIXES = frozenset({"نت", "كوم", "أورغ", "اورغ", "نيوز", "إنفو", "انفو"})


def lines(text: str) -> list[tuple[int, int]]:
    """Ranges between line breaks, empty ones left out.

    >>> lines("دمشق\\r\\n\\nقصف")
    [(0, 4), (7, 10)]
    """
    return [match.span() for match in _LINE.finditer(text)]


def tokens(text: str) -> list[tuple[int, int]]:
    """Words and punctuation marks. Spaces and invisible controls belong to none.

    >>> text = "«قُتل» 1,500 #لغم_أرضي"
    >>> [text[start:end] for start, end in tokens(text)]
    ['«', 'قُتل', '»', '1,500', '#', 'لغم', '_', 'أرضي']
    """
    return [match.span() for match in _TOKEN.finditer(text)]


def sentences(text: str) -> list[tuple[int, int]]:
    """Sentences without the space around them; none crosses a line break, and together they hold all but space.

    A full stop, question or exclamation mark or ellipsis ends one, with the quotes and brackets that close
    behind it, when space follows, or when it is glued between two Arabic words, a slip common in news. A full
    stop does not after an initial, a title or a list number, nor in numbers and site names. `؛` does not end a
    sentence: in Arabic it ties a cause to its effect.

    >>> text = "انفجر لغم عند الساعة 12.01. قال: «سنرد.» ثم صمت"
    >>> [text[start:end] for start, end in sentences(text)]
    ['انفجر لغم عند الساعة 12.01.', 'قال: «سنرد.»', 'ثم صمت']
    """
    found: list[tuple[int, int]] = []
    for line_start, line_end in lines(text):
        start = line_start
        for stop in _STOP.finditer(text, line_start, line_end):
            if _ends_sentence(text, start, stop, line_end):
                _append_stripped(found, text, start, stop.end())
                start = stop.end()
        _append_stripped(found, text, start, line_end)
    return found


def _append_stripped(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    part = text[start:end]
    stripped = part.strip()
    if stripped:
        begin = start + len(part) - len(part.lstrip())
        found.append((begin, begin + len(stripped)))


def _ends_sentence(text: str, start: int, stop: regex.Match[str], line_end: int) -> bool:
    """Whether the sentence that begins at `start` ends at a stop of its line."""
    after = stop.end()
    if after == line_end:
        return True
    if stop["stop"] == ".":
        before = text[max(start, stop.start() - 8) : stop.start()]
        word = _NOT_WORD.split(before)[-1]
        list_number = word.isdigit() and stop.start() - start == len(before) and before.strip() == word
        if list_number or word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()):
            return False
        if not text[after].isspace() and word and not _ARABIC_WORD.fullmatch(word):
            return False
    if text[after].isspace():
        return True
    glued = _ARABIC_WORD.match(text, after, line_end)
    return len(stop["stop"]) == 1 and glued is not None and glued.group() not in _SITE_SUFFIXES
