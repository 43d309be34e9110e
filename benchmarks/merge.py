"""Merge against gold: F1 of every strategy, and how far posteriors can be believed.

    python benchmarks/merge.py --input annotations.jsonl --gold gold.jsonl

Prints strict F1 of spans (and of relations where gold has some) with everything resolved, then for `bayes` with and
without text features the reliability curve and the expected calibration error (ECE; Naeini, Cooper and Hauskrecht
2015) of the posteriors of all candidate readings, and seconds and peak memory of each run.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation, merge
from tahkim.adjudicate.strategies import Settings
from tahkim.agreement.evaluate import evaluate
from tahkim.backends.files import read_annotations
from tahkim.model import Corpus

BINS = 10
STRATEGIES = {
    "unanimous": Settings("unanimous"),
    "majority": Settings("majority"),
    "majority, ties resolved": Settings("majority", resolve_all=True),
    "two votes": Settings("threshold", votes=2, share=0.0, resolve_all=True),
    "union": Settings("union", resolve_all=True),
    "bayes": Settings("bayes", resolve_all=True),
    "bayes+features": Settings("bayes", resolve_all=True, features=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, required=True)
    parser.add_argument("--gold", type=Path, required=True)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    annotations, gold = read_annotations(options.input), read_annotations(options.gold)
    figures: dict[str, Any] = {}
    print(f"{'strategy':26}{'P':>7}{'R':>7}{'F1':>7}{'rel F1':>8}{'seconds':>9}{'MB':>7}")
    for name, settings in STRATEGIES.items():
        figures[name] = _run(name, settings, annotations, gold)
    for name in ("bayes", "bayes+features"):
        _print_curve(name, figures[name]["reliability"], figures[name]["ece"])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


def _run(name: str, settings: Settings, annotations: Corpus, gold: Corpus) -> dict[str, Any]:
    schema = replace(schemas.load(), overlap_allowed=True)
    begin = time.perf_counter()
    merged = list(merge(annotations, settings, schema))
    seconds = time.perf_counter() - begin
    predicted = Corpus({m.document.id: m.document for m in merged}, tuple(map(gold_annotation, merged)))
    found = evaluate(gold, predicted, schema=schema)
    spans, relations = found["spans"]["strict"], found["relations"]["strict"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = "".join(f"{100 * (value or 0):7.2f}" for value in (spans["precision"], spans["recall"], spans["f1"]))
    relation_f1 = f"{100 * relations['f1']:8.2f}" if relations["f1"] is not None else f"{'–':>8}"
    print(f"{name:26}{cells}{relation_f1}{seconds:9.1f}{memory:7.0f}", flush=True)
    result = {"spans": spans, "relations": relations, "seconds": seconds, "peak_mb": memory}
    if settings.strategy == "bayes":
        result["reliability"] = reliability(merged, gold)
        result["ece"] = expected_calibration_error(result["reliability"])
    return result


def reliability(merged: Iterable[DocumentMerge], gold: Corpus) -> list[dict[str, float]]:
    """By tenth of the posterior: how many candidate readings, their mean posterior, and how many are in gold."""
    true = {a.doc_id: Counter((s.start, s.end, s.label) for s in a.spans) for a in gold.annotations}
    sums = [[0, 0.0, 0] for _ in range(BINS)]
    for document in merged:
        for item in document.spans:
            for reading, posterior in item.posteriors.items():
                cell = sums[min(int(posterior * BINS), BINS - 1)]
                cell[0] += 1
                cell[1] += posterior
                cell[2] += reading in true[document.document.id]
    return [{"n": n, "posterior": p / n, "right": right / n} for n, p, right in sums if n]


def expected_calibration_error(curve: Iterable[dict[str, float]]) -> float:
    """Mean distance of posterior and share that is right, weighted by the readings of each tenth."""
    cells = list(curve)
    return sum(c["n"] * abs(c["posterior"] - c["right"]) for c in cells) / sum(c["n"] for c in cells)


def _print_curve(name: str, curve: list[dict[str, float]], ece: float) -> None:
    print(f"\n{name}: expected calibration error {ece:.3f}\n{'readings':>10}{'posterior':>11}{'right':>8}")
    for cell in curve:
        print(f"{cell['n']:10.0f}{cell['posterior']:11.3f}{cell['right']:8.3f}")


if __name__ == "__main__":
    main()
