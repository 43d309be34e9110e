"""What agreement costs, beside the named peers, in one run: `python benchmarks/agreement.py [NAME …]`.

Each benchmark prints its seconds and its ratio to the peer. Without pygamma-agreement installed, gamma is timed alone.
"""

from __future__ import annotations

import importlib.util
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tahkim.agreement.bulk import pairwise_f1
from tahkim.agreement.gammas import gamma
from tahkim.agreement.report import agree
from tahkim.agreement.tokens import OUTSIDE, token_ratings
from tahkim.agreement.unitizing import alpha_unitizing
from tahkim.model import Annotation, Corpus, Document, Relation, Span

LABELS = [f"L{i}" for i in range(20)]
RELATIONS = [f"R{i}" for i in range(15)]
TEXT = "قُتل ثلاثة مدنيين في غارة جوية على بلدة شرقي المحافظة وأصيب آخرون بجروح وفق مصدر محلي مساء السبت"
WORDS = TEXT.split()


def timed(work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Seconds of the fastest of so many runs, and the result."""
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    return min(seconds), result


def corpus(n_documents: int, n_spans: int = 31, n_relations: int = 25, seed: int = 0) -> Corpus:
    """Three annotators who start from one truth and miss, move or relabel a tenth of it."""
    rng = np.random.default_rng(seed)
    documents, annotations = {}, []
    for number in range(n_documents):
        words = rng.choice(WORDS, size=8 * n_spans).tolist()
        text = " ".join(words)
        begins = np.cumsum([0] + [len(word) + 1 for word in words])
        places = np.sort(rng.choice(len(words) - 3, size=n_spans, replace=False))
        truth = [(int(begins[p]), int(begins[p]) + len(words[p]), str(rng.choice(LABELS))) for p in places]
        arcs = [
            (str(rng.choice(RELATIONS)), *map(int, rng.choice(n_spans, 2, replace=False))) for _ in range(n_relations)
        ]
        doc_id = f"d{number:06}"
        documents[doc_id] = Document(id=doc_id, text=text)
        annotations += [reading(doc_id, name, truth, arcs, rng) for name in ("amal", "badr", "ciham")]
    return Corpus(documents, tuple(annotations))


def reading(
    doc_id: str, name: str, truth: list[tuple[int, int, str]], arcs: list[Any], rng: np.random.Generator
) -> Annotation:
    spans = []
    for i, (start, end, label) in enumerate(truth):
        luck = rng.random()
        if luck < 0.05:
            continue
        moved = end - 1 if luck < 0.09 and end - start > 2 else end
        relabelled = str(rng.choice(LABELS)) if luck > 0.96 else label
        values = {"factuality": str(rng.choice(["ASSERTED", "HEDGED"], p=[0.9, 0.1])), "count": int(rng.integers(1, 4))}
        spans.append(Span(f"s{i}", start, moved, relabelled, values))
    kept = {span.id for span in spans}
    relations = [
        Relation(f"r{i}", label, f"s{head}", f"s{tail}")
        for i, (label, head, tail) in enumerate(arcs)
        if f"s{head}" in kept and f"s{tail}" in kept and rng.random() < 0.9
    ]
    return Annotation(doc_id=doc_id, annotator=name, spans=tuple(spans), relations=tuple(relations))


def whole_report() -> None:
    data = corpus(2000)
    seconds, result = timed(lambda: agree(data))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"agree, 2,000 documents × 3 × 31 spans, {len(result.figures)} figures: {seconds:.1f} s, peak {peak:.0f} MB")
    seconds, result = timed(lambda: agree(data, by=["label"]))
    print(f"agree --by label, {len(result.figures)} figures: {seconds:.1f} s")


def token_alpha() -> None:
    import krippendorff

    data = corpus(2000)
    seconds, found = timed(lambda: agree(data, measures=["alpha"], samples=0).pick("alpha"))
    code = {label: float(number) for number, label in enumerate([OUTSIDE, *LABELS])}
    rows: list[list[float]] = []
    for doc_id, readings in data.by_document().items():
        rows += [[code[label] for label in row] for row in token_ratings(readings, data.documents[doc_id].text)]
    ratings = np.array(rows).T
    part = ratings[:, : ratings.shape[1] // 8]  # the library holds items × labels × labels numbers at once
    peer, _ = timed(lambda: krippendorff.alpha(part, level_of_measurement="nominal"))
    peer *= 8
    n = ratings.shape[1]
    print(f"token alpha, {n:,} tokens × 3: {seconds:.1f} s from annotations to figures of all pairs, {found.value:.4f}")
    print(f"  {seconds / peer:.2f} × krippendorff on the ratings alone ({peer:.1f} s, eight times an eighth of them)")


def textbook_unitizing(units: list[Any], length: int, m: int) -> float:
    """The sums of the definition over all pairs of sections of one label: O(n²)."""
    cut = []
    for rater in range(m):
        at, sections = 0, []
        for _, start, end, _ in sorted(u for u in units if u[0] == rater):
            if start > at:
                sections.append((at, start - at, False))
            sections.append((start, end - start, True))
            at = end
        cut.append([*sections, (at, length - at, False)])
    observed = 0
    for i, one in enumerate(cut):
        for j, other in enumerate(cut):
            if i != j:
                for b1, l1, u1 in one:
                    for b2, l2, u2 in other:
                        if u1 and u2 and -l1 < b1 - b2 < l2:
                            observed += (b1 - b2) ** 2 + (b1 + l1 - b2 - l2) ** 2
                        elif u1 and not u2 and 0 <= b1 - b2 <= l2 - l1:
                            observed += l1**2
                        elif u2 and not u1 and 0 <= b2 - b1 <= l1 - l2:
                            observed += l2**2
    marked = [size for sections in cut for _, size, unit in sections if unit]
    gaps = [size for sections in cut for _, size, unit in sections if not unit]
    chance = 0.0
    for size in marked:
        chance += (len(marked) - 1) / 3 * (2 * size**3 - 3 * size**2 + size)
        chance += size**2 * sum(gap - size + 1 for gap in gaps if gap >= size)
    room = m * length * (m * length - 1) - sum(size * (size - 1) for size in marked)
    return 1 - observed / (m * (m - 1) * length**2) / (2 / length * chance / room)


def continuum(n_units: int) -> tuple[list[Any], int]:
    rng = np.random.default_rng(1)
    units, length = [], 0
    for rater in (0, 1):
        gaps, sizes = rng.integers(1, 30, n_units // 2), rng.integers(1, 15, n_units // 2)
        ends = np.cumsum(gaps + sizes)
        units += [(rater, int(end - size), int(end), "A") for end, size in zip(ends, sizes, strict=True)]
        length = max(length, int(ends[-1]) + 10)
    return units, length


def unitizing() -> None:
    units, length = continuum(2500)
    ours, value = timed(lambda: alpha_unitizing(units, 0, length).value)
    peer, expected = timed(lambda: textbook_unitizing(units, length, 2))
    assert abs(value - expected) < 1e-9, (value, expected)
    print(f"unitizing alpha, 2,500 units: {ours * 1e3:.1f} ms")
    print(f"  {peer / ours:.0f} × faster than the textbook form ({peer:.2f} s)")
    for n in (10_000, 100_000, 1_000_000):
        units, length = continuum(n)
        seconds, _ = timed(partial(alpha_unitizing, units, 0, length))
        print(f"unitizing alpha, {n:,} units: {seconds:.2f} s, {seconds / n * 1e6:.2f} µs a unit")


def gammas() -> None:
    data = corpus(5)
    documents = [
        [(reading.annotator, s.start, s.end, s.label) for reading in found for s in reading.spans]
        for found in data.by_document().values()
    ]
    gamma(documents[0])  # loads the solver
    seconds, ours = timed(lambda: [gamma(units) for units in documents], times=3)
    print(f"gamma, 3 × 31 spans, 30 samples: {seconds / len(documents) * 1e3:.0f} ms a document")
    if importlib.util.find_spec("pygamma_agreement") is None:
        print("  pygamma-agreement is not installed here: no ratio")
        return
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum, ShuffleContinuumSampler

    def peer(units: list[Any]) -> Any:
        found = Continuum()
        for rater, start, end, label in units:
            found.add(rater, Segment(start, end), label)
        weights = CombinedCategoricalDissimilarity(alpha=3, beta=1, delta_empty=1)
        return found.compute_gamma(weights, n_samples=30, sampler=ShuffleContinuumSampler())

    peer(documents[0])  # compiles
    theirs, found = timed(lambda: [peer(units) for units in documents], times=3)
    worst = max(abs(a.observed_disorder - b.observed_disorder) for a, b in zip(ours, found, strict=True))
    print(f"  {theirs / seconds:.0f} × faster than pygamma-agreement ({theirs / len(documents):.2f} s a document)")
    print(f"  disorders differ by {worst:.1e} at most")


def bulk_f1() -> None:
    rng = np.random.default_rng(0)
    n = 100_000
    document = np.repeat(np.arange(n), 90)
    annotator = np.tile(np.repeat(np.arange(3), 30), n)
    start = np.tile(rng.integers(0, 3000, n * 30).reshape(n, 30), 3).ravel()
    start += rng.random(len(start)) < 0.1
    end, label = start + 2 + start % 17, start % 20
    ours, result = timed(lambda: pairwise_f1(document, annotator, start, end, label))
    peer, _ = timed(lambda: np.lexsort((label, end, start, annotator, document)))
    print(
        f"pairwise span F1 with 1,000 resamples, 100,000 documents × 3 × 30: {ours:.1f} s, "
        f"{ours / peer:.2f} × numpy.lexsort of the same rows ({peer:.1f} s); F1 {result[0].score.f1:.4f}"
    )


BENCHMARKS = {"agree": whole_report, "tokens": token_alpha, "unitizing": unitizing, "gamma": gammas, "bulk": bulk_f1}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
