"""Agreement on spans: F1 of two annotators under four ways of matching, and how boundaries differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import regex

from tahkim.agreement.align import Unit, align, iou
from tahkim.agreement.scores import Score, common_ground, paired, score
from tahkim.errors import UsageError
from tahkim.model import Annotation

OVERLAP = 0.5
"""Least intersection over union at which two spans of one label count as one under `overlap`."""

_EDGE = r"[\s\p{Mn}\p{Cf}ـ\p{Pi}\p{Pf}\"'`]*+"
_CLITICS = rf"(?:[وف]{_EDGE})?(?:[بلكس]{_EDGE})?"
_ARTICLE = rf"(?:ا?ل{_EDGE})?"
_LENIENT_LEFT = regex.compile(_EDGE + _CLITICS + _ARTICLE)
_LENIENT_RIGHT = regex.compile(_EDGE)


def exact(unit: Unit, text: str = "") -> bool:
    """Both readings have it, with equal range and label."""
    a, b = unit.spans
    return a is not None and b is not None and (a.start, a.end, a.label) == (b.start, b.end, b.label)


def overlaps(unit: Unit, text: str = "", least: float = OVERLAP) -> bool:
    """Both have it with one label, and intersection over union is at least `least`."""
    a, b = unit.spans
    return a is not None and b is not None and a.label == b.label and iou(a, b) >= least


def unlabelled(unit: Unit, text: str = "") -> bool:
    """Both have it with equal range."""
    a, b = unit.spans
    return a is not None and b is not None and (a.start, a.end) == (b.start, b.end)


def lenient(unit: Unit, text: str) -> bool:
    """Both have it with one label, and what only one of them covers means nothing in Arabic.

    At the start that is the proclitics و ف ب ل ك س and the article, at either end diacritics, tatweel, quotes,
    spaces and invisible marks.
    """
    a, b = unit.spans
    if a is None or b is None or a.label != b.label:
        return False
    left = text[min(a.start, b.start) : max(a.start, b.start)]
    right = text[min(a.end, b.end) : max(a.end, b.end)]
    return _LENIENT_LEFT.fullmatch(left) is not None and _LENIENT_RIGHT.fullmatch(right) is not None


MATCHES: dict[str, Callable[[Unit, str], bool]] = {
    "exact": exact,
    "overlap": overlaps,
    "unlabelled": unlabelled,
    "lenient": lenient,
}


def span_f1(
    a: Sequence[Annotation],
    b: Sequence[Annotation],
    match: str = "exact",
    *,
    label: str | None = None,
    texts: Mapping[str, str] | None = None,
) -> Score:
    """F1 of the spans of two annotators, micro over the documents both submitted, in [0, 1].

    Spans match one to one by the alignment; `match` is exact, overlap, unlabelled or lenient (see those
    functions), and `lenient` needs the `texts` by document id. With `label`, of that label alone; `unlabelled` then
    counts pairs under the label of `a`. nan with a reason where neither marked anything.

    >>> from tahkim.model import Span
    >>> a = Annotation(doc_id="d", annotator="a", spans=(Span("1", 0, 4, "LOC"), Span("2", 9, 12, "TIME")))
    >>> b = Annotation(doc_id="d", annotator="b", spans=(Span("1", 0, 5, "LOC"), Span("2", 9, 12, "TIME")))
    >>> span_f1([a], [b]).f1, span_f1([a], [b], "overlap").f1
    (0.5, 1.0)
    """
    if match not in MATCHES:
        raise UsageError(f"unknown match {match!r}: known are {', '.join(MATCHES)}")
    if match == "lenient" and texts is None:
        raise UsageError("match lenient looks at the letters between two boundaries: give the texts by document id")
    sums = [0, 0, 0]
    for one, other in paired(a, b):
        one, other = common_ground(one, other)
        text = texts[one.doc_id] if texts else ""
        counts = tally(align([one.spans, other.spans]), text, (match,))
        for i, counter in enumerate(counts.values()):
            sums[i] += counter.total() if label is None else counter[label]
    return score(*sums)


def tally(units: Sequence[Unit], text: str, matches: Sequence[str]) -> dict[str, Counter[str]]:
    """By label, for one document: the spans of "a", of "b", and the matched pairs of each of `matches`.

    A pair that matches unlabelled stands under the label of the first reading.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("a", "b", *matches)}
    for unit in units:
        a, b = unit.spans
        if a is not None:
            counts["a"][a.label] += 1
        if b is not None:
            counts["b"][b.label] += 1
        if a is not None and b is not None:
            same = exact(unit)  # which matches in every way
            for name in matches:
                counts[name][a.label] += same or MATCHES[name](unit, text)
    return counts
