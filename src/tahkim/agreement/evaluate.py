"""One reading against gold: micro counts of spans and relations over the documents of gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tahkim.agreement.align import Unit, align
from tahkim.agreement.relations import Undirected, lifted, undirected
from tahkim.agreement.scores import common_ground, score
from tahkim.agreement.spans import overlaps
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Corpus

if TYPE_CHECKING:
    from tahkim.schema import Schema

Key = tuple[Hashable, ...]
Sides = tuple[Counter[Key], Counter[Key]]
Evaluation = dict[str, Any]


def evaluate(gold: Corpus, predicted: Corpus, *, common: bool = False, schema: Schema | None = None) -> Evaluation:
    """Precision, recall and F1 of `predicted`, as plain data ready for JSON.

    Both hold one annotator (see `choose`). Counts are summed over the documents gold has a submitted reading
    of, the ratios taken once; a document the prediction lacks counts as nothing predicted, with `common` it is left
    out. Labels that either side was not asked for are left out. Undefined ratios are None with a `reason`.

    - spans `strict`: range and label, as multisets; `unlabelled`: range alone; `overlap`: one to one by the
      alignment, same label, intersection over union of a half or more; `by_label`: strict.
    - relations `strict`: label and the ranges and labels of both ends; `soft`: label and both ends in the same
      units whatever their labels; `by_label`: strict. Labels `schema` calls symmetric have no direction, transitive
      ones are closed first.

    Raises InputError when the prediction has documents, or texts, that gold has not.
    """
    gold, predicted = choose(gold, None, "gold"), choose(predicted, None, "the prediction")
    _same_documents(gold, predicted)
    found = {a.doc_id: a for a in predicted.annotations if a.status == "submitted"}
    kinds = undirected(schema)
    tallies: dict[str, Sides] = {}
    n_documents = 0
    for reading in gold.annotations:
        if reading.status != "submitted" or (common and reading.doc_id not in found):
            continue
        n_documents += 1
        other = found.get(reading.doc_id) or replace(reading, spans=(), relations=())
        for kind, sides in _marks(*common_ground(reading, other), kinds).items():
            _add(tallies.setdefault(kind, (Counter(), Counter())), reading.doc_id, sides)
    return _evaluation(tallies, n_documents)


def choose(corpus: Corpus, annotator: str | None, which: str, option: str = "--annotator") -> Corpus:
    """The corpus cut down to one annotator; as it is when it holds one alone.

    `which` names the corpus in errors, `option` what chooses an annotator in it.

    Raises UsageError, which lists the annotators, when there are several and none of them is named.
    """
    known = sorted({annotation.annotator for annotation in corpus.annotations})
    if len(known) <= 1:
        return corpus
    if annotator is None:
        raise UsageError(f"{which} holds several annotators, choose one with {option}: {', '.join(known)}")
    if annotator not in known:
        raise UsageError(f"{which} has no annotator {annotator!r}, known are: {', '.join(known)}")
    return Corpus(corpus.documents, tuple(a for a in corpus.annotations if a.annotator == annotator))


def _same_documents(gold: Corpus, predicted: Corpus) -> None:
    ids = sorted({annotation.doc_id for annotation in predicted.annotations})
    if strange := [doc_id for doc_id in ids if doc_id not in gold.documents]:
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        raise InputError(f"the prediction has documents that gold has not: {', '.join(strange[:5])}{more}")
    for doc_id in ids:
        if gold.documents[doc_id].text != predicted.documents[doc_id].text:
            raise InputError(f"{doc_id}: the text of the prediction is not the text of gold")


def _marks(gold: Annotation, predicted: Annotation, kinds: Undirected) -> dict[str, Sides]:
    """What each side has of each kind, as keys that are equal where the kind counts them as equal."""
    units = align([gold.spans, predicted.spans], [gold.relations, predicted.relations])
    relations = lifted(gold, predicted, units, kinds)
    sides = (gold.spans, predicted.spans)
    return {
        "spans strict": _counters([(span.label, span.start, span.end) for span in side] for side in sides),
        "spans unlabelled": _counters([(span.start, span.end) for span in side] for side in sides),
        "spans overlap": _overlapping(units),
        "relations strict": (relations.exact_a, relations.exact_b),
        "relations soft": _counters((relations.a, relations.b)),
    }


def _overlapping(units: Sequence[Unit]) -> Sides:
    """Each unit stands under one key on both sides where its spans count as one, else under a key a side."""
    sides: tuple[list[Key], list[Key]] = ([], [])
    for number, unit in enumerate(units):
        same = overlaps(unit)
        for side, span in enumerate(unit.spans):
            if span is not None:
                sides[side].append((span.label, number, same or side))
    return _counters(sides)


def _counters(sides: Iterable[Iterable[Key]]) -> Sides:
    a, b = sides
    return Counter(a), Counter(b)


def _add(tally: Sides, doc_id: str, sides: Sides) -> None:
    for counter, keys in zip(tally, sides, strict=True):
        for key, times in keys.items():
            counter[doc_id, *key] += times


def _evaluation(tallies: dict[str, Sides], n_documents: int) -> Evaluation:
    """The counts as nested plain data, labels in alphabetical order."""
    result: Evaluation = {"documents": n_documents}
    for mark, kinds in {"spans": ("strict", "overlap", "unlabelled"), "relations": ("strict", "soft")}.items():
        result[mark] = {kind: _scored(tallies.get(f"{mark} {kind}")) for kind in kinds}
        result[mark]["by_label"] = _by_label(tallies.get(f"{mark} strict"))
    return result


def _scored(sides: Sides | None) -> dict[str, Any]:
    gold, predicted = sides or (Counter[Key](), Counter[Key]())
    return score(gold.total(), predicted.total(), (gold & predicted).total()).to_json()


def _by_label(sides: Sides | None) -> dict[str, Any]:
    """Keys hold their label behind the document id."""
    if sides is None:
        return {}
    split: dict[str, Sides] = {}
    for number, counter in enumerate(sides):
        for key, times in counter.items():
            split.setdefault(str(key[1]), (Counter(), Counter()))[number][key] = times
    return {label: _scored(split[label]) for label in sorted(split)}
