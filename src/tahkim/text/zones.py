"""Zones: the parts of a news page that are not the report itself, so that nothing is annotated in them.

Most zones are whole lines with a telltale shape; a few are parts of one: the dateline before the first
sentence, a signature behind the last, link targets. Patterns are written in plain Arabic and matched on the
shadow, so spelling does not matter; they run once over the whole text, in linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple, cast

import regex

from tahkim.text.shadow import Shadow, shadow

ZoneKind = Literal[
    "DATELINE", "BYLINE", "READ_ALSO", "RELATED_HEADLINE", "APP_PROMO", "CAPTION", "AGENCY_SIGNATURE", "TAGS"
]


class Zone(NamedTuple):
    """`[start, end)` of the text, in code points, and why nothing is annotated there."""

    start: int
    end: int
    kind: ZoneKind


def _fold(pattern: str) -> str:
    return shadow(pattern).text


_AGENCY = _fold(
    r"(?:(?:وكالة )?(?:فرانس ?24|فرانس برس|أ ?\.? ?ف ?\.? ?ب|د ?\.? ?ب ?\.? ?أ|أ ?\.? ?ب|رويترز|سانا|وفا|معا|واس|وام|"
    r"قنا|كونا|بترا|سبأ|الأناضول|أسوشيتد برس|سبوتنيك|شينخوا|تاس|إرنا)|وكالات|الوكالات|الجزيرة(?: نت)?|العربية(?:\.نت)?|"
    r"سكاي نيوز(?: عربية)?|بي بي سي(?: عربي)?|سي إن إن|دويتشه فيله|مونت كارلو الدولية|القدس العربي|عنب بلدي|"
    r"CNN|BBC|AFP|AP|DPA|dpa|DW|Reuters|REUTERS|Getty Images)"
)
_AGENCIES = rf"\(?{_AGENCY}(?: *(?:[/,،+&|-]| و ?) *{_AGENCY})*+\)?"
_EDGE = r"(?:[^\w\n]|\d){0,4}?"  # bullets, brackets and quotes before a line's first word

# Each is tried where a row begins, in this order, and takes the whole line.
_LINE_KINDS: dict[ZoneKind, str] = {
    "APP_PROMO": _fold(
        r"(?:[-=*]{3,}+[ \n]*+)?(?:"
        r"(?:يمكنكم|يمكنك) (?:استلام|تلقي|متابعة|تحميل|الاشتراك)\b.*|"
        r"(?:حملوا?|نزلوا?) (?:تطبيق|التطبيق)\b.*|تابعونا\b.*|"
        r"(?:تابعوا?|تابعي) (?:صفحتنا|قناتنا|حسابنا|آخر|كل جديد)\b.*|"
        r"(?:اشتركوا?|انضموا|للاشتراك) (?:الآن|معنا|في|إلى) (?:قناتنا|قناة|صفحتنا|نشرتنا|النشرة|خدمة|الخدمة)\b.*|"
        r"(?:شاركوا?|شاركها|مشاركة) (?:المقال|الخبر|الموضوع|هذا|عبر)\b.*|شاركونا\b.*|"
        r"هل أعجبك\b.*|حجم الخط\b.*|اضغط هنا\b.*|انقر هنا\b.*|طباعة|مشاركة|تعليقات|التعليقات|"
        r"(?:عدد )?(?:المشاهدات|القراءات|الزيارات) *:? *\d{0,9}|\d{1,9}(?: (?:مشاهدة|قراءة|زيارة|تعليق))?|"
        r"[aA] ?[+-](?: *[aA] ?[+-])?|[+-] ?[aA](?: *[+-] ?[aA])?)"
    ),
    "READ_ALSO": _fold(
        rf"{_EDGE}(?:(?:اقرأ|اقرأوا|اقرؤوا|اقرأي|اقرأ/ي|اقرئي) (?:أيضا|المزيد|كذلك)\b.*|قد يهمك(?: أيضا)?\b.*|"
        r"للمزيد(?: من (?:التفاصيل|المعلومات|الأخبار))?(?: (?:اقرأ|شاهد|تابع|انقر)\b.*| *[:|-].*)?|"
        r"(?:المزيد|شاهد|(?:شاهد|طالع|انظر|تابع) (?:أيضا|كذلك)|لمزيد من (?:التفاصيل|المعلومات))(?: *[:|].*)?|"
        r"(?:مواضيع|موضوعات|أخبار|مقالات|المواضيع) (?:ذات صلة|متعلقة|مرتبطة|مشابهة)(?: *[:|].*)?|"
        r"\[[^\]\n]*+\]\([^)\n]*+\)\W*|https?://.{1,300})"
    ),
    "CAPTION": _fold(
        rf"{_EDGE}(?:(?:الصورة|صورة|تعليق الصورة|التعليق على الصورة|مصدر الصورة|حقوق الصورة|تصوير) *[:|(-].*|"
        r"صورة (?:أرشيفية|من الأرشيف|تعبيرية|توضيحية)\b.{0,150}|(?:مصدر|حقوق|تعليق) الصورة\b.{0,150}|"
        r"Image (?:caption|copyright|source)\b.*|[\w ()-]{1,80}\.(?:jpe?g|png|gif|webp)|"
        r"[^\n.؟!]{1,150}\((?:أرشيف|أرشيفية|صورة أرشيفية|من الأرشيف)\))"
    ),
    "AGENCY_SIGNATURE": rf'[(\["]?(?:{_fold("(?:المصدر|المصادر|مصدر الخبر)")} *:[^\n.]{{1,60}}|{_AGENCIES})[)\]".]*',
    "BYLINE": _fold(
        rf"{_EDGE}(?:(?:إعداد|إعداد وتحرير|تحرير|ترجمة|بقلم|مراسلنا|مراسلتنا|أعد التقرير|محرر) *[:/-].{{1,100}}|"
        r"بقلم(?: [^\W\d]{2,20}+){1,4}|(?:كتب|كتبت|كتبه|تقرير) *[:/-](?: *[^\W\d]{2,20}+){1,4}|"
        r"(?:تاريخ النشر|نشر (?:في|بتاريخ)|آخر تحديث|تم التحديث) *:? *(?:[^\W\d]+ *)?\d.{0,60})"
    ),
    "TAGS": _fold(r"(?:الكلمات المفتاحية|كلمات مفتاحية|الكلمات الدلالية|كلمات دلالية|وسوم|الوسوم|[tT]ags) *(?::.*)?"),
}


# The long patterns are compiled when first needed: half of the time of importing this module. The two tried most often
# are for `re`, which tries them in half the time; it has no look-behind of several widths, which the others need.
@cache
def _whole_line() -> re.Pattern[str]:
    kinds = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _LINE_KINDS.items())
    return re.compile(f"(?:{kinds}) {{0,9}}$", re.MULTILINE)


_ROW = re.compile(r"[^ \n](?:[^\n]*[^ \n])?")
# Tatweel and underscores are gone from the shadow, so these two run on the text itself.
_TAG_LINE = regex.compile(r"\W*(?:#\w++[\s،,]*+)++|[^ـ|•·.؟!:]{2,40}(?:\s[ـ|•·]\s+[^ـ|•·.؟!:]{2,40}){2,}")
_TAG_SIGN = regex.compile(r"[#ـ|•·]")
_LINK_TARGET = regex.compile(r"(?<=\])\([^\s()]{4,2000}+\)|(?:https?://|www\.)[^\s()\[\]«»\"“”]*[\w/]")

_LINK_SIGNS = ("](", "://", "www.")  # looked for first, since most texts have none
_READ_ALSO_SIGNS = (_fold("اقرأ أيضا"), _fold("للمزيد"))
_READ_ALSO_AFTER_STOP = regex.compile(_fold(r'(?<=[.؟!]"? )(?:اقرأ أيضا|للمزيد) *:[^.؟!\n]*'))
_PLACE = r"[^\W\d]{2,20}+"


@cache
def _inline_dateline() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_PLACE}(?:[ ,،/]{{1,2}}(?:{_PLACE}|\d{{1,4}})){{0,6}} ?\({_AGENCIES}\) ?-{{1,3}}|"
        rf"{_PLACE}(?: {_PLACE}){{0,3}} ?[-/،,] ?\"?{_AGENCIES}\"? ?[-:،]{{1,3}}|"
        rf"{_AGENCIES} ?-{{1,3}}(?= )|"
        rf"{_PLACE}(?:[ ,،]{{1,2}}{_PLACE}){{0,3}} --)"
    )


@cache
def _last_signature() -> regex.Pattern[str]:
    return regex.compile(rf"(?<=[.؟!]\"? {{0,3}}){_AGENCIES}[ .]*$")


_PLACE_LINE = regex.compile(
    rf"{_PLACE}(?: {_PLACE}){{0,2}}(?: ?[،,/-] ?{_PLACE}(?: {_PLACE}){{0,3}}){{0,3}} ?[:-]{{0,2}}"
)
_WORD = regex.compile(r"[^\W\d]++")
# A short first line with one of these is a headline, not a place.
_HEADLINE_WORDS = frozenset(
    _fold(
        "في على من إلى عن ضد بعد قبل إثر جراء مع بين خلال أن إن لا لم لن قد ما هل غارة غارات قصف ضربة ضربات "
        "هجوم هجمات انفجار انفجارات تفجير اشتباكات معارك مواجهات اغتيال مقتل قتل قتلى قتيل جرحى جريح ضحايا "
        "شهداء استشهاد إصابة إصابات اعتقال توقيف خطف اختطاف استهداف لغم ألغام عبوة تحليق حرب هدنة عاجل"
    ).split()
)
_STOPS = (".", "!", "?", "؟", "…")
_CLOSERS = '")]}'
_HEADLINE_LENGTH = range(8, 111)  # code points
_PARAGRAPH_LENGTH = 60  # code points, at least
_HEADLINES_TOGETHER = 3
_OPENING_ROWS = 3  # a dateline inside a line stands in one of these
_SIGNATURE_LENGTH = 80  # code points behind the last stop

Row = tuple[int, int]  # a line's range in the shadow, without the space around it


def zones(text: str, page: Shadow | None = None) -> list[Zone]:
    """The zones of a text in order, none overlapping another; `page` is its shadow, where it is known already.

    >>> report = "دمشق\\nقصف الطيران قرية قرب المدينة فجر الأحد، ما أدى إلى مقتل مدني.\\nاقرأ أيضاً: خبر آخر"
    >>> [(zone.kind, report[zone.start : zone.end]) for zone in zones(report)]
    [('DATELINE', 'دمشق'), ('READ_ALSO', 'اقرأ أيضاً: خبر آخر')]
    """
    page = page or shadow(text)
    rows = [match.span() for match in _ROW.finditer(page.text)]
    kinds = _telltale_rows(text, page, rows)
    _continue_read_also(page.text, rows, kinds)
    if len(rows) > 1 and 0 not in kinds and _is_place(page.text[slice(*rows[0])]):
        kinds[0] = "DATELINE"
    kinds |= dict.fromkeys(_related_headlines(page.text, rows, kinds), "RELATED_HEADLINE")
    found = [Zone(*page.raw(*rows[index]), kind) for index, kind in kinds.items()]
    found += _parts_of_rows(text, page, rows, kinds)
    return _without_overlaps(found)


def _telltale_rows(text: str, page: Shadow, rows: list[Row]) -> dict[int, ZoneKind]:
    """The kinds of rows that are a zone by their own shape alone, by index."""
    kinds: dict[int, ZoneKind] = {}
    starts = [start for start, _ in rows]
    end, whole_line = 0, _whole_line()
    for index, start in enumerate(starts):
        match = whole_line.match(page.text, start) if start >= end else None
        if match is not None:
            end = match.end()
            kinds |= dict.fromkeys(range(index, bisect_left(starts, end)), cast(ZoneKind, match.lastgroup))
    if _TAG_SIGN.search(text):
        for index, row in enumerate(rows):
            if index not in kinds and _TAG_LINE.fullmatch(text, *page.raw(*row)):
                kinds[index] = "TAGS"
    return kinds


def _continue_read_also(folded: str, rows: list[Row], kinds: dict[int, ZoneKind]) -> None:
    """Where a row says no more than "read also", the headlines under it belong to it."""
    for index in [index for index, kind in kinds.items() if kind == "READ_ALSO"]:
        row = folded[slice(*rows[index])]
        if not row.endswith(":") and len(row.split()) > 3:
            continue
        for following in range(index + 1, min(index + 1 + _HEADLINES_TOGETHER, len(rows))):
            if following in kinds or not _is_headline(folded, rows[following]):
                break
            kinds[following] = "READ_ALSO"


def _is_place(row: str) -> bool:
    return bool(_PLACE_LINE.fullmatch(row)) and _HEADLINE_WORDS.isdisjoint(_WORD.findall(row))


def _is_closed(folded: str, row: Row) -> bool:
    """Whether a row ends in a stop, be it inside quotes or brackets."""
    tail = folded[max(row[0], row[1] - 5) : row[1]].rstrip(_CLOSERS + " ")
    return tail.endswith(_STOPS)


def _is_headline(folded: str, row: Row) -> bool:
    """Whether a row reads like a headline: short, begun by a word or a quote, and not closed by anything."""
    start, end = row
    opens = folded[start].isalpha() or folded[start] == '"'
    return end - start in _HEADLINE_LENGTH and opens and folded[end - 1] not in ":,،؛-" and not _is_closed(folded, row)


def _related_headlines(folded: str, rows: list[Row], kinds: dict[int, ZoneKind]) -> Iterator[int]:
    """Rows after the first paragraph that read like headlines, in a report whose paragraphs end in stops.

    Up to three together; more are taken for a list or a poem. What stands before the first paragraph is the
    report's own headline.
    """
    paragraphs = [i for i, (start, end) in enumerate(rows) if i not in kinds and end - start >= _PARAGRAPH_LENGTH]
    closed = sum(_is_closed(folded, rows[index]) for index in paragraphs)
    if closed < 2 or closed * 5 < len(paragraphs) * 4:
        return
    together: list[int] = []
    for index in range(paragraphs[0] + 1, len(rows) + 1):
        if index < len(rows) and index not in kinds and _is_headline(folded, rows[index]):
            together.append(index)
            continue
        if together and len(together) <= _HEADLINES_TOGETHER and _follows_stop(folded, rows, kinds, together[0]):
            yield from together
        together = []


def _follows_stop(folded: str, rows: list[Row], kinds: dict[int, ZoneKind], index: int) -> bool:
    return index - 1 in kinds or _is_closed(folded, rows[index - 1])


def _parts_of_rows(text: str, page: Shadow, rows: list[Row], kinds: dict[int, ZoneKind]) -> Iterator[Zone]:
    """Zones that are only part of a row, in rows that are not a zone as a whole."""
    body = [row for index, row in enumerate(rows) if index not in kinds]
    for start, end in body[:_OPENING_ROWS]:
        if opening := _inline_dateline().match(page.text, start, end):
            yield Zone(*page.raw(*opening.span()), "DATELINE")
    for start, end in body[-1:]:
        if signature := _last_signature().search(page.text, max(start, end - _SIGNATURE_LENGTH), end):
            yield Zone(*page.raw(*signature.span()), "AGENCY_SIGNATURE")
    if any(sign in page.text for sign in _READ_ALSO_SIGNS):
        for pointer in _READ_ALSO_AFTER_STOP.finditer(page.text):
            yield Zone(*page.raw(*pointer.span()), "READ_ALSO")
    if any(sign in text for sign in _LINK_SIGNS):
        for target in _LINK_TARGET.finditer(text):
            yield Zone(*target.span(), "READ_ALSO")


def _without_overlaps(found: list[Zone]) -> list[Zone]:
    """In order; of two that overlap, the one that begins first or else is longer."""
    kept: list[Zone] = []
    for zone in sorted(found, key=lambda zone: (zone.start, -zone.end)):
        if not kept or zone.start >= kept[-1].end:
            kept.append(zone)
    return kept
