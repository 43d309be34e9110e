"""Auditing finished gold: which documents a lead reads again, and what their reading says of all the others.

Half of the sample is read blind, from the bare text: what the lead marks there and the gold has not is an omission. The
other half is checked with the gold in view: what the lead takes away there is a commission. Each error is counted where
it is seen best, for who sees a suggestion overlooks what it lacks, and who reads bare text misses things too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

from msgspec import Struct

from tahkim.errors import UsageError
from tahkim.model import Annotation

Arm = Literal["blind", "checked"]

EXPECTED_RATE, DESIGN_EFFECT = 0.1, 1.5
"""What the size of a sample is reckoned with: a rate of errors, and how much alike those of one document are."""

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


class Finished(Struct, frozen=True):
    """A document with nothing open: its stratum, and how many spans its gold has."""

    doc_id: str
    stratum: str
    spans: int


class Drawn(Struct, frozen=True):
    """A document of the sample, and how it is to be read."""

    doc_id: str
    stratum: str
    arm: Arm


class Target(Struct, frozen=True):
    """How much to read: a share of the documents, or enough for a half-width of the interval (0.03 is ± 3 points)."""

    share: float | None = None
    half_width: float | None = None


def target(said: str) -> Target:
    """`5%` is a share of the documents, `3` a half-width in points.

    >>> target("5%"), target("3")
    (Target(share=0.05, half_width=None), Target(share=None, half_width=0.03))
    """
    number = said.removesuffix("%")
    try:
        value = float(number) / 100
    except ValueError:
        value = 0.0
    if not 0 < value <= 1 or (not said.endswith("%") and value >= 0.5):
        raise UsageError(f"--audit {said}: give a share such as 5%, or a half-width in points such as 3")
    return Target(share=value) if said.endswith("%") else Target(half_width=value)


def size(documents: Sequence[Finished], wanted: Target) -> int:
    """How many documents to read, at least two a half where there are so many.

    For a half-width h each half needs z² p (1 - p) / h² marks with p = `EXPECTED_RATE`, times `DESIGN_EFFECT`, in
    documents as long as these, corrected for a finite number of them (Cochran 1977, section 4.6).
    """
    total = len(documents)
    if wanted.share is not None:
        asked = wanted.share * total
    else:
        marks = sum(document.spans for document in documents) / total if total else 0
        needed = Z**2 * EXPECTED_RATE * (1 - EXPECTED_RATE) / (wanted.half_width or 1) ** 2 * DESIGN_EFFECT
        halves = 2 * needed / max(marks, 1)
        asked = halves / (1 + halves / total) if total else 0
    return min(total, max(4, math.ceil(asked)))


def draw(documents: Sequence[Finished], wanted: Target, seed: int) -> list[Drawn]:
    """The sample, by document id: strata in proportion, every other document of a stratum blind.

    Documents go by stratum and a seeded hash, and every k-th is taken: proportions are kept as far as whole documents
    allow, and neither the order nor anything but seed and ids decides.
    """
    order = sorted(documents, key=lambda d: (d.stratum, sha256(f"{seed}\n{d.doc_id}".encode()).hexdigest()))
    number = size(order, wanted)
    taken = [order[int((place + 0.5) * len(order) / number)] for place in range(number)]
    arms: tuple[Arm, Arm] = ("blind", "checked")
    return sorted(
        (Drawn(document.doc_id, document.stratum, arms[place % 2]) for place, document in enumerate(taken)),
        key=lambda drawn: drawn.doc_id,
    )


class Read(Struct, frozen=True):
    """A document of the sample that was read: the gold that was audited, and the lead's reading."""

    drawn: Drawn
    gold: Annotation
    lead: Annotation


class Rate(Struct, frozen=True):
    """A rate of errors with its 95 % interval, and the number of marks it is of; all None where that is 0."""

    value: float | None
    low: float | None
    high: float | None
    of: int


def rates(read: Sequence[Read], finished: Mapping[str, int]) -> dict[str, Rate]:
    """Commission and omission of spans and relations. `finished` is the number of finished documents by stratum.

    Commission: marks of the gold that the lead has not, of all marks of the gold, where the lead checked. Omission:
    marks of the lead that the gold has not, of all marks of the lead, where the lead read blind. A span is the same
    by range and label, a relation by label and both ends. See `rate` for how they are estimated.
    """
    found = {}
    for kind, marks in (("spans", _spans), ("relations", _relations)):
        pairs = [(each.drawn, marks(each.gold), marks(each.lead)) for each in read]
        checked = [(drawn, gold, lead) for drawn, gold, lead in pairs if drawn.arm == "checked"]
        blind = [(drawn, lead, gold) for drawn, gold, lead in pairs if drawn.arm == "blind"]
        for error, side in (("commission", checked), ("omission", blind)):
            counts = [(drawn.stratum, (one - other).total(), one.total()) for drawn, one, other in side]
            found[f"{error}, {kind}"] = rate(counts, finished)
    return found


def _spans(reading: Annotation) -> Counter[tuple[Any, ...]]:
    return Counter((span.start, span.end, span.label) for span in reading.spans)


def _relations(reading: Annotation) -> Counter[tuple[Any, ...]]:
    spans = {span.id: (span.start, span.end, span.label) for span in reading.spans}
    return Counter((relation.label, spans[relation.head], spans[relation.tail]) for relation in reading.relations)


def rate(counts: Iterable[tuple[str, int, int]], finished: Mapping[str, int]) -> Rate:
    """The rate of errors in all finished documents, from (stratum, errors, marks) of each document that was read.

    The combined ratio estimator for a stratified sample of documents, its variance by linearisation with the
    correction for finite strata (Cochran 1977, sections 6.11 and 6.12); a stratum with a single document read is
    taken together with the others like it. The interval is Clopper and Pearson's on the effective number of marks (Korn
    and Graubard 1998, Survey Methodology 24:193), which is the number itself where no document has an error.
    """
    strata = _collapsed(counts, finished)
    marks = sum(x for _, documents in strata for _, x in documents)
    if not marks:
        return Rate(None, None, None, 0)
    errors_in_all = sum(size * _mean(y for y, _ in documents) for size, documents in strata)
    marks_in_all = sum(size * _mean(x for _, x in documents) for size, documents in strata)
    value = errors_in_all / marks_in_all
    variance = sum(_variance(size, documents, value) for size, documents in strata) / marks_in_all**2
    effective = marks if variance == 0 else min(marks, value * (1 - value) / variance)
    low, high = _clopper_pearson(value * effective, effective)
    return Rate(round(value, 6), round(low, 6), round(high, 6), marks)


Stratum = tuple[int, list[tuple[int, int]]]
"""How many finished documents it has, and (errors, marks) of those that were read."""


def _collapsed(counts: Iterable[tuple[str, int, int]], finished: Mapping[str, int]) -> list[Stratum]:
    by_stratum: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for stratum, errors, marks in counts:
        by_stratum[stratum].append((errors, marks))
    lone = [stratum for stratum, documents in by_stratum.items() if len(documents) < 2]
    strata = [(finished[name], documents) for name, documents in sorted(by_stratum.items()) if name not in lone]
    if lone:
        strata.append((sum(finished[name] for name in lone), [d for name in sorted(lone) for d in by_stratum[name]]))
    return strata


def _variance(size: int, documents: Sequence[tuple[int, int]], value: float) -> float:
    """What a stratum adds to the variance of the number of errors in all documents."""
    number = len(documents)
    if number < 2:
        return 0.0
    residuals = [errors - value * marks for errors, marks in documents]
    centre = _mean(residuals)
    spread = sum((residual - centre) ** 2 for residual in residuals) / (number - 1)
    return size**2 * max(0.0, 1 - number / size) * spread / number


def _mean(values: Iterable[float]) -> float:
    held = list(values)
    return sum(held) / len(held)


def _clopper_pearson(errors: float, marks: float) -> tuple[float, float]:
    """The exact 95 % interval of a rate; the numbers need not be whole."""
    from scipy.stats import beta

    low = float(beta.ppf(0.025, errors, marks - errors + 1)) if errors > 0 else 0.0
    high = float(beta.ppf(0.975, errors + 1, marks - errors)) if errors < marks else 1.0
    return low, high
