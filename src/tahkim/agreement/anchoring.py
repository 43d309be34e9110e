"""What shown suggestions do to people: the errors they keep, and what they miss because it was not suggested.

That suggestions which are right bring everyone closer to the rules does no harm. So readings are held against gold,
made blind or adjudicated, and what people who saw the suggestions did is compared with what blind ones did.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from tahkim.agreement.align import Unit, align
from tahkim.agreement.bootstrapping import RESAMPLES, SEED, interval, resample
from tahkim.agreement.scores import common_ground
from tahkim.model import Annotation, Corpus, Span, is_person

Floats = npt.NDArray[np.float64]

MEASURES = ("retained_errors", "missed_unsuggested", "kept", "edited", "deleted")
NO_ITEM = "no such item in the {} arm"


class Anchoring(Struct, frozen=True, kw_only=True):
    """A share in the arm that saw suggestions, in the blind arm, and their difference, shown minus blind, in [-1, 1].

    `low` and `high` bound the difference with 95 % over `groups` of documents. `label` or `rule` names the suggestions
    (for `missed_unsuggested` the gold label) it is about, None all. nan with a `reason` where an arm has no such item.
    """

    measure: str
    label: str | None = None
    rule: str | None = None
    shown: float
    blind: float
    difference: float
    low: float
    high: float
    shown_items: int
    blind_items: int
    groups: int
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain dict; undefined numbers are None."""
        plain = msgspec.structs.asdict(self).items()
        return {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in plain}


class _Item(NamedTuple):
    """One suggestion or gold span before one reader: whether the measure is true of it."""

    measure: str
    label: str
    rule: str | None
    hit: bool


def anchoring(corpus: Corpus, *, samples: int = RESAMPLES, seed: int = SEED) -> list[Anchoring]:
    """Shares over all documents that have gold, suggestions and readings of people, overall, by label and by rule.

    - `retained_errors`: of suggestions that are not in gold, those the reading has just so.
    - `missed_unsuggested`: of gold spans where nothing was suggested, those where the reading has nothing.
    - `kept`, `edited`, `deleted`: of all suggestions, those the reading has just so, otherwise, not at all.

    The suggestions of a reading are those of the line it started from; before a blind one stand those that others
    of the document were shown, else the last of the rules' readings by name. Empty where no document has all three.
    """
    found: dict[tuple[str, str | None, str | None], dict[str, list[int]]] = {}
    for group, arm, item in _items(corpus):
        at = 0 if arm == "shown" else 2
        for label, rule in {(None, None), (item.label, None), (None, item.rule)}:
            groups = found.setdefault((item.measure, label, rule), defaultdict(lambda: [0, 0, 0, 0]))
            groups[group][at] += item.hit
            groups[group][at + 1] += 1
    order = sorted(found, key=lambda key: (MEASURES.index(key[0]), key[1] or "", key[2] or ""))
    return [_figure(key, found[key], samples, seed) for key in order]


def _figure(
    key: tuple[str, str | None, str | None], groups: Mapping[str, Sequence[int]], samples: int, seed: int
) -> Anchoring:
    counts = np.array([groups[name] for name in sorted(groups)], dtype=float)
    totals = np.vstack([counts.sum(axis=0), resample(counts, samples, seed)])
    shown, blind = _share(totals[:, 0], totals[:, 1]), _share(totals[:, 2], totals[:, 3])
    difference = shown - blind
    low, high = interval(difference[1:])
    empty = "shown" if not totals[0, 1] else "blind" if not totals[0, 3] else None
    return Anchoring(
        measure=key[0],
        label=key[1],
        rule=key[2],
        shown=float(shown[0]),
        blind=float(blind[0]),
        difference=float(difference[0]),
        low=low,
        high=high,
        shown_items=int(totals[0, 1]),
        blind_items=int(totals[0, 3]),
        groups=len(groups),
        reason=NO_ITEM.format(empty) if empty else None,
    )


def _share(hits: Floats, items: Floats) -> Floats:
    share: Floats = np.divide(hits, items, out=np.full(len(items), math.nan), where=items > 0)
    return share


def _items(corpus: Corpus) -> Iterator[tuple[str, str, _Item]]:
    """Group of the document, arm, and each thing that a reading was right or wrong about."""
    for doc_id, every in corpus.by_document().items():
        submitted = [reading for reading in every if reading.status == "submitted"]
        gold = next((reading for reading in submitted if reading.annotator == "gold"), None)
        rules = {r.annotator: r for r in submitted if not is_person(r.annotator) and r is not gold}
        people = [reading for reading in submitted if is_person(reading.annotator)]
        if gold is None or not rules:
            continue
        used = [r.started_from for r in people if r.started_from in rules]
        for reading in people:
            source = rules.get(reading.started_from or max(used, default=None) or max(rules))
            if source is None:
                continue  # it began from something whose suggestions are not here
            arm = "blind" if reading.started_from is None else "shown"
            for item in _judged(reading, source, gold):
                yield corpus.documents[doc_id].group or doc_id, arm, item


def _judged(reading: Annotation, source: Annotation, gold: Annotation) -> Iterator[_Item]:
    source, _ = common_ground(source, reading)
    gold, _ = common_ground(gold, reading)
    right = _partners(source.spans, gold.spans)
    taken = _partners(source.spans, reading.spans)
    for span in source.spans:
        own = taken[span.id]
        kept = _place(own) == _place(span)
        if _place(right[span.id]) != _place(span):
            yield _Item("retained_errors", span.label, span.rule, kept)
        for measure, hit in (("kept", kept), ("edited", own is not None and not kept), ("deleted", own is None)):
            yield _Item(measure, span.label, span.rule, hit)
    suggested, present = _partners(gold.spans, source.spans), _partners(gold.spans, reading.spans)
    for span in gold.spans:
        if suggested[span.id] is None:
            yield _Item("missed_unsuggested", span.label, None, present[span.id] is None)


def _partners(spans: Sequence[Span], others: Sequence[Span]) -> dict[str, Span | None]:
    """What the other side has in the unit of each span, None where it has nothing there."""
    units: Iterable[Unit] = align([spans, others])
    return {unit.spans[0].id: unit.spans[1] for unit in units if unit.spans[0] is not None}


def _place(span: Span | None) -> tuple[int, int, str] | None:
    return None if span is None else (span.start, span.end, span.label)
