"""The examples that stand beside the rules, run as tests.

In a pattern file `+` lines show what a rule must mark and `-` lines where it must not fire. An example file
(`*.examples`) holds whole sentences, one a line: there the rules must mark exactly what is marked. Marks are written
`[text|LABEL]`; square brackets mean nothing else there. `published: 2018-05-10` sets the date for the lines after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tahkim.errors import RuleError
from tahkim.model import Document
from tahkim.rules.extract import Rules, annotate
from tahkim.rules.lexicon import BUILTIN

_MARK = re.compile(r"\[([^\[\]|]+)\|([A-Z_]+)\]")
Marked = frozenset[tuple[int, int, str]]


class Failure(NamedTuple):
    """An example the rules do not live up to."""

    source: str
    example: str
    problem: str


def parse(example: str, where: str) -> tuple[str, Marked]:
    """Text and marks of an example.

    >>> parse("[قصف|SHELLING] مدفعي", "here")
    ('قصف مدفعي', frozenset({(0, 3, 'SHELLING')}))
    """
    text, marks, position = "", set(), 0
    for match in _MARK.finditer(example):
        text += example[position : match.start()]
        marks.add((len(text), len(text) + len(match.group(1)), match.group(2)))
        text += match.group(1)
        position = match.end()
    text += example[position:]
    if "[" in text or "]" in text:
        raise RuleError(f"{where}: marks are written [text|LABEL]; found {example!r}")
    return text, frozenset(marks)


def run(rules: Rules, folders: Sequence[Path] = ()) -> tuple[int, list[Failure]]:
    """How many examples there are, and those that fail: beside the loaded rules, and in the folders' example files."""
    total, failures = 0, []
    for found in (_beside_rules(rules), _in_files([BUILTIN, *folders], rules)):
        for failure in found:
            total += 1
            if failure is not None:
                failures.append(failure)
    return total, failures


def _beside_rules(rules: Rules) -> Iterator[Failure | None]:
    for rule in rules.matcher.rules:
        for example in rule.examples:
            text, marks = parse(example, rule.source)
            missing = marks - _spans(text, rules)
            yield Failure(rule.source, example, f"not marked: {_show(text, missing)}") if missing else None
        for example in rule.counter_examples:
            text, _ = parse(example, rule.source)
            annotation = annotate(Document(id="example", text=text), rules)
            fired = any((span.rule or "").partition(":")[0] == rule.id for span in annotation.spans)
            yield Failure(rule.source, example, f"{rule.id} fires") if fired else None


def _in_files(folders: Sequence[Path], rules: Rules) -> Iterator[Failure | None]:
    for folder in folders:
        for path in sorted(folder.glob("*.examples")):
            published = None
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                line = line.strip()
                if line.startswith("published:"):
                    published = line.partition(":")[2].strip()
                elif line and not line.startswith("#"):
                    yield _check(line, f"{path.name}:{number}", published, rules)


def _check(line: str, where: str, published: str | None, rules: Rules) -> Failure | None:
    text, marks = parse(line, where)
    found = _spans(text, rules, published)
    if found == marks:
        return None
    problems = []
    if marks - found:
        problems.append(f"not marked: {_show(text, marks - found)}")
    if found - marks:
        problems.append(f"marked but should not be: {_show(text, found - marks)}")
    return Failure(where, line, "; ".join(problems))


def _spans(text: str, rules: Rules, published: str | None = None) -> Marked:
    meta = {"published": published} if published else {}
    annotation = annotate(Document(id="example", text=text, meta=meta), rules)
    return frozenset((span.start, span.end, span.label) for span in annotation.spans)


def _show(text: str, marks: Marked) -> str:
    return ", ".join(f"[{text[start:end]}|{label}]" for start, end, label in sorted(marks))
