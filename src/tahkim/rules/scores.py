"""What a score means: the precision of a rule, from files fitted on annotated data, else its prior.

A score file (`*.scores`) has one line a rule: rule id, precision, and how many predictions it rests on, separated
by tabs; `#` opens a comment. `tahkim.rules.score` writes it; later folders win over earlier ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tahkim.errors import RuleError


def read_scores(folders: Sequence[Path]) -> dict[str, float]:
    """Precision by rule id from all `*.scores` files. RuleError names file and line."""
    scores: dict[str, float] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.scores")):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if line.strip() and not line.startswith("#"):
                    rule, score = _parse(line, f"{path}:{number}")
                    scores[rule] = score
    return scores


def _parse(line: str, where: str) -> tuple[str, float]:
    rule, _, rest = line.partition("\t")
    text = rest.partition("\t")[0]
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not (rule and 0.0 <= score <= 1.0):
        raise RuleError(f"{where}: a line is rule, tab, a number from 0 to 1; found {line!r}")
    return rule, score
