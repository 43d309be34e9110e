"""What a lead should know about the rule files before using them: what is doubled, unused, untested or unattributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tahkim.rules.cues import CUES
from tahkim.rules.extract import OFF_TOPIC, Rules
from tahkim.rules.lexicon import BUILTIN, read_entries
from tahkim.rules.patterns import classes_in

# Classes the code asks for by name, beside those of the patterns and cues.
_ASKED_BY_CODE = (
    "trigger",
    "weapon",
    "asset",
    "actor",
    "source",
    "person",
    "loc",
    "time",
    "number",
    "vague",
    "casualty",
)


class Listed(NamedTuple):
    """One line of `rules list`."""

    id: str
    label: str
    score: float
    examples: int
    source: str


def listing(rules: Rules) -> list[Listed]:
    """All pattern rules with their score (fitted where there is one)."""
    return [
        Listed(
            rule.id,
            rule.label,
            rules.scores.get(rule.id, rule.score),
            len(rule.examples) + len(rule.counter_examples),
            Path(rule.source).name,
        )
        for rule in rules.matcher.rules
    ]


def lint(rules: Rules, folders: Sequence[Path] = ()) -> list[str]:
    """Warnings, one line each, naming file and line. Errors are raised by loading, before this."""
    everywhere = [BUILTIN, *folders]
    return [*_unattributed(everywhere), *_doubled(everywhere), *_unused(everywhere, rules)]


def _unattributed(folders: Sequence[Path]) -> Iterator[str]:
    for folder in folders:
        for path in sorted(folder.glob("*.lex")):
            head = [line for line in path.read_text(encoding="utf-8").splitlines()[:12] if line.startswith("#")]
            for word in ("Source:", "Licence:"):
                if not any(word in line for line in head):
                    what = word.rstrip(":").lower()
                    yield f"{path.name}:1: the comment at the head names no {what} (write '{word} …')"


def _doubled(folders: Sequence[Path]) -> Iterator[str]:
    seen: dict[tuple[str, str, str], str] = {}
    for entry, _, variants in read_entries(folders):
        for parts in variants:
            key = (entry.word_class, parts[0], entry.attributes.get("country", ""))
            if key in seen and seen[key] != entry.source:
                yield f"{entry.source}: {parts[0]} stands in [{entry.word_class}] already, at {seen[key]}"
            seen.setdefault(key, entry.source)


def _unused(folders: Sequence[Path], rules: Rules) -> Iterator[str]:
    asked = {name.partition(":")[0] for name in classes_in(rules.matcher.rules)}
    asked |= {name for name, _ in CUES} | {OFF_TOPIC, *_ASKED_BY_CODE}
    told: set[str] = set()
    for entry, _, _ in read_entries(folders):
        name = entry.word_class
        if name in told or any(name == one or name.startswith(one + ".") for one in asked):
            continue
        told.add(name)
        yield f"{entry.source}: no pattern or cue asks for the class [{name}]"
