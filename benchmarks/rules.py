"""Speed of the rule extractor: alone, in a long report, with many names, and beside spaCy with the same lexicon.

    python benchmarks/rules.py REPORTS.jsonl

Prints one table. Every figure is the least processor time of several runs, a second of them at least, on one core,
without writing anything. The comparison needs spaCy (`pip install spacy`); without it that line says so. spaCy gets a
blank Arabic pipeline, an EntityRuler with every written form of the lexicons, and a Matcher with every pattern of the
rules written out over the entity labels. It does neither proclitics nor relations nor attributes; the rules do all of
their work.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tahkim import compiled
from tahkim.backends.files import read_documents
from tahkim.model import Document
from tahkim.rules import Rules, load, preannotate

RUNS = 5
LEAST = 1.0  # seconds of all runs together
LONG = 5_000_000
NAMES = (5_000, 50_000)
MOST_SEQUENCES = 256
PART = re.compile(r"[A-Za-z_][\w.]*(?::[a-z]+)?|[(){}|?*+&!<~]")


def best(work: Callable[[], object], runs: int = RUNS, clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of this process in the fastest of several runs; what else the machine does counts little.

    Short work runs until a second has passed, so that it meets as much of the machine's noise as long work does.
    """
    times: list[float] = []
    while len(times) < runs or sum(times) < LEAST:
        started = clock()
        work()
        times.append(clock() - started)
    return min(times)


def size(documents: Sequence[Document]) -> float:
    """Megabytes of UTF-8."""
    return sum(len(document.text.encode()) for document in documents) / 1e6


def all_of(documents: Sequence[Document], rules: Rules) -> Callable[[], object]:
    return lambda: list(preannotate(documents, rules))


def start_up() -> float:
    """Seconds of a fresh interpreter from nothing to loaded rules, less its own start."""
    return in_child("import tahkim.rules; tahkim.rules.load()") - in_child("pass")


def in_child(code: str) -> float:
    """Processor seconds of an interpreter that runs this, the least of three."""

    def run() -> None:
        subprocess.run([sys.executable, "-c", code], check=True)

    return best(run, 3, lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]))


def long_report(documents: Sequence[Document]) -> Document:
    """One report of about five megabytes."""
    text = "\n".join(document.text for document in documents) + "\n"
    return Document(id="long", text=text * max(1, LONG // len(text.encode())), meta={"published": "2018-05-10"})


def with_names(count: int, folder: Path) -> Rules:
    """The rules with a gazetteer of `count` further place names."""
    letters = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"
    names = []
    for number in range(count):
        digits, rest = [], number
        for _ in range(5):
            rest, digit = divmod(rest, len(letters))
            digits.append(letters[digit])
        names.append(f"تل {''.join(digits)}" if number % 2 else f"{''.join(digits)}ابا")
    lines = ["# Source: made up for measuring. Licence: none.", "[loc.name.town as=name type=town]", *names]
    (folder / "names.lex").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load([folder])


def name_cost(documents: Sequence[Document]) -> list[float]:
    """Seconds over the documents with each number of names."""
    seconds = []
    for count in NAMES:
        with TemporaryDirectory() as folder:
            rules = with_names(count, Path(folder))
        work = all_of(documents, rules)
        work()
        seconds.append(best(work))
    return seconds


def spacy_seconds(documents: Sequence[Document], rules: Rules) -> float | None:
    """Seconds spaCy needs for the same documents; None without spaCy."""
    try:
        import spacy
        from spacy.matcher import Matcher
    except ImportError:
        return None
    pipeline = spacy.blank("ar")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": text} for text, label in written_forms(rules)])
    matcher = Matcher(pipeline.vocab)
    for rule, patterns in token_patterns(rules):
        matcher.add(rule, patterns)
    texts = [document.text for document in documents]

    def work() -> None:
        for text in texts:
            matcher(pipeline(text))

    work()
    return best(work)


def written_forms(rules: Rules) -> list[tuple[str, str]]:
    """Every form of the lexicons with its class, of one word or several."""
    forms = [(text, word.readings[0].entry.word_class) for text, word in rules.lexicon.words.items()]
    waiting = [(first, node) for first, node in rules.lexicon.names.items()]
    while waiting:
        text, node = waiting.pop()
        if node.word is not None:
            forms.append((text, node.word.readings[0].entry.word_class))
        waiting += [(f"{text} {word}", following) for word, following in node.next.items()]
    return sorted(forms)


Token = dict[str, object]
Steps = tuple[tuple[frozenset[str], str], ...]


def token_patterns(rules: Rules) -> list[tuple[str, list[list[Token]]]]:
    """For each rule the spaCy token patterns that say the same over entity labels; looks to the sides left out."""
    labels = sorted({label for _, label in written_forms(rules)})
    found = []
    for rule in rules.matcher.rules:
        sequences, _ = choices(PART.findall(rule.pattern), 0, labels)
        patterns = [[as_token(*item) for item in sequence] for sequence in sequences if required(sequence)]
        if patterns:
            found.append((rule.id, patterns))
    return found


def required(sequence: Steps) -> bool:
    return any(repeat in ("", "+") for _, repeat in sequence)


def as_token(labels: frozenset[str], repeat: str) -> Token:
    token: Token = {"ENT_TYPE": {"IN": sorted(labels)}}
    return {**token, "OP": repeat} if repeat else token


def choices(parts: Sequence[str], at: int, labels: Sequence[str]) -> tuple[list[Steps], int]:
    """All sequences a pattern stands for: choices written out, groups repeated at most twice."""
    alternatives: list[Steps] = []
    current: list[Steps] = [()]
    while at < len(parts) and parts[at] not in ")}":
        part = parts[at]
        if part == "|":
            alternatives += current
            current, at = [()], at + 1
            continue
        if part in "&!<~":
            _, at = item(parts, at + 1, labels)
            continue
        options, at = item(parts, at, labels)
        current = [sequence + option for sequence in current for option in options][:MOST_SEQUENCES]
    return (alternatives + current)[:MOST_SEQUENCES], at


def item(parts: Sequence[str], at: int, labels: Sequence[str]) -> tuple[list[Steps], int]:
    """The sequences of one class or group, with its repetition."""
    if parts[at] in "({":
        options, at = choices(parts, at + 1, labels)
        at += 1
        repeat = parts[at] if at < len(parts) and parts[at] in "?*+" else ""
        if repeat and all(len(option) == 1 for option in options):
            union = frozenset[str]().union(*(option[0][0] for option in options))
            return [((union, repeat),)], at + 1
        if repeat:
            twice = [first + second for first in options for second in options] if repeat in "*+" else []
            return [*options, *twice, *([()] if repeat in "?*" else [])], at + 1
        return options, at
    name = parts[at].partition(":")[0]
    own = frozenset(label for label in labels if label == name or label.startswith(name + ".")) or frozenset([name])
    at += 1
    repeat = parts[at] if at < len(parts) and parts[at] in "?*+" else ""
    return [((own, repeat),)], at + bool(repeat)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("reports", type=Path, help="documents as JSON Lines with id and text")
    documents = list(read_documents(parser.parse_args().reports))
    rules = load()
    work = all_of(documents, rules)
    work()
    seconds = best(work)
    print(compiled.description())
    print(f"import and load                 {start_up():8.2f} s")
    print(f"reports ({len(documents)})                    {size(documents) / seconds:8.2f} MB/s")
    print(f"                                {len(documents) / seconds:8.0f} documents/s")
    report = long_report(documents)
    long_speed = size([report]) / best(all_of([report], rules), 1)
    print(f"one report of {size([report]):.1f} MB            {long_speed:8.2f} MB/s")
    few, many = name_cost(documents)
    print(f"{NAMES[1]} names against {NAMES[0]}       {many / few:8.2f} times the cost")
    other = spacy_seconds(documents, rules)
    if other is None:
        print("spaCy, same lexicon             not installed")
    else:
        print(f"spaCy, same lexicon             {len(documents) / other:8.0f} documents/s")
        print(f"ours against spaCy              {other / seconds:8.1f} times as fast")


if __name__ == "__main__":
    main()
