"""From a document to an annotation: the line of work of the rule extractor."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tahkim.model import Annotation, Document, Relation, Span
from tahkim.rules import times
from tahkim.rules.attributes import describe_all
from tahkim.rules.cues import CUES, cue_table
from tahkim.rules.discourse import home_of, remember_names, settle_bodies, tells_of_conflict
from tahkim.rules.events import find_events
from tahkim.rules.lexicon import BUILTIN, Lexicon, load_lexicon
from tahkim.rules.means import label_attacks
from tahkim.rules.mentions import same_events
from tahkim.rules.patterns import Matcher, classes_in, read_rules
from tahkim.rules.relations import relate
from tahkim.rules.scores import read_scores
from tahkim.rules.sentence import Chunk, Clause, Link, read
from tahkim.rules.units import Analyser, Sentence, split
from tahkim.text import Shadow, shadows, zones

OFF_TOPIC: Final = "offtopic"
STRONG: Final = "offtopic.strong"
STRONG_WEIGHT: Final = 4
VERSION: Final = "0.1.0"
RELATION_PRIOR: Final = 0.7
BATCH: Final = 50_000  # code points of documents read together; enough for the caches, little memory


class Rules(NamedTuple):
    """Everything the extractor knows, loaded and compiled."""

    lexicon: Lexicon
    matcher: Matcher
    analyser: Analyser
    cues: dict[int, str]
    off_topic: tuple[re.Pattern[str], re.Pattern[str]]
    scores: dict[str, float]


def load(folders: Sequence[Path] = ()) -> Rules:
    """The built-in lexicons and patterns, and those of the given folders after them.

    Raises
    ------
    RuleError
        a folder is missing or a file is wrong; names file and line
    """
    with _no_search_for_cycles():
        everywhere = [BUILTIN, *folders]
        rules = read_rules(everywhere)
        wanted = classes_in(rules).union((word_class for word_class, _ in CUES), [OFF_TOPIC, STRONG])
        lexicon = load_lexicon(everywhere, wanted)
        analyser = Analyser(lexicon)
        matcher = Matcher(rules, lexicon)
        weak, strong = (re.compile(f"[{lexicon.codes_of(name)}]") for name in (OFF_TOPIC, STRONG))
        return Rules(lexicon, matcher, analyser, cue_table(lexicon), (weak, strong), read_scores(everywhere))


def annotate(document: Document, rules: Rules) -> Annotation:
    """What the rules read in a document: spans and relations with rule and score, or `no_event` and nothing else."""
    return _annotate_all([document], rules)[0]


def preannotate(documents: Iterable[Document], rules: Rules) -> Iterator[Annotation]:
    """Annotate documents in their order, some at a time; each annotation is the one `annotate` gives."""
    for together in _batches(documents):
        yield from _annotate_all(together, rules)


def _batches(documents: Iterable[Document]) -> Iterator[Sequence[Document]]:
    batch: list[Document] = []
    length = 0
    for document in documents:
        batch.append(document)
        length += len(document.text)
        if length >= BATCH:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _annotate_all(documents: Sequence[Document], rules: Rules) -> list[Annotation]:
    with _no_search_for_cycles():
        return _written_down(documents, rules)


def _written_down(documents: Sequence[Document], rules: Rules) -> list[Annotation]:
    """The readings are gone when this returns, before the collector could walk through them."""
    readings = interpret_all(documents, rules)
    return [_annotation(document, reading, rules) for document, reading in zip(documents, readings, strict=True)]


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Python's collector off for a while.

    Lexicons and readings hold no reference cycles, but there are so many records in them that looking for cycles again
    and again would cost more than the reading itself, and ever more the longer the report.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Reading(NamedTuple):
    """A document as the rules understand it, before it is written down as an annotation."""

    shadowed: Shadow
    clauses: Sequence[Clause]
    joined: Sequence[Link]
    off_topic: int
    has_event: bool


def interpret(document: Document, rules: Rules) -> Reading:
    """Read a document sentence by sentence, then what holds across sentences."""
    return interpret_all([document], rules)[0]


def interpret_all(documents: Sequence[Document], rules: Rules) -> list[Reading]:
    """Read documents independently of each other, but take each step for all of them before the next.

    So the processor finds the code and the tables of a step in its caches: a fifth less time than one by one.
    """
    pages = shadows([document.text for document in documents])
    closed = [_closed(document.text, page) for document, page in zip(documents, pages, strict=True)]
    units = [split(page, rules.analyser, ranges) for page, ranges in zip(pages, closed, strict=True)]
    read_so_far = [_clauses(sentences, rules) for sentences in units]
    for clauses in read_so_far:
        for clause in clauses:
            find_events(clause)
    for clauses in read_so_far:
        _relate_all(clauses)
    off_topic = [sum(_off_topic(rules, clause.units.codes) for clause in clauses) for clauses in read_so_far]
    has_event = list(map(tells_of_conflict, read_so_far, off_topic))
    telling = [clauses if has else () for clauses, has in zip(read_so_far, has_event, strict=True)]
    for settle in (settle_bodies, label_attacks):
        for clauses in telling:
            settle(clauses)
    for document, clauses in zip(documents, telling, strict=True):
        today = times.published(document.meta)
        home = home_of(clauses)
        for clause in clauses:
            describe_all(clause, today, home)
    return list(map(Reading, pages, read_so_far, map(same_events, telling), off_topic, has_event))


def _clauses(sentences: Sequence[Sentence], rules: Rules) -> Sequence[Clause]:
    """Sentences as chunks; a person's last name is known from the sentence behind the one that tells the full name."""
    known: set[str] = set()
    clauses = []
    for units in sentences:
        clause = read(units, rules.matcher, rules.cues, known)
        remember_names(clause, known)
        clauses.append(clause)
    return clauses


def _relate_all(clauses: Sequence[Clause]) -> None:
    speaker: Chunk | None = None
    for clause in clauses:
        speaker = relate(clause, speaker)


def _off_topic(rules: Rules, codes: str) -> int:
    """Words of other matters; those that settle it (an earthquake, a match) count four times."""
    weak, strong = rules.off_topic
    return len(weak.findall(codes)) + (STRONG_WEIGHT - 1) * len(strong.findall(codes))


def _closed(text: str, shadowed: Shadow) -> list[tuple[int, int]]:
    return [shadowed.within(zone.start, zone.end) for zone in zones(text, shadowed)]


def _annotation(document: Document, reading: Reading, rules: Rules) -> Annotation:
    chunks, links = kept(reading)
    if not chunks:
        return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", attributes={"no_event": True})
    names: dict[int, str] = {}
    spans: list[Span] = []
    ranges = ranges_of(document.text, reading.shadowed, chunks)
    for number, (placed, (start, end)) in enumerate(zip(chunks, ranges, strict=True), 1):
        chunk = placed[1]
        name = names[id(chunk)] = f"s{number}"
        rule = rule_of(chunk)
        score = rules.scores.get(rule, chunk.score)
        attributes = chunk.attributes
        if "role" in attributes:
            attributes = {**attributes, "role": _role(document.text, reading.shadowed, placed)}
        spans.append(Span(name, start, end, chunk.label or "", attributes, rule, score))
    relations = tuple(_relation(f"r{number}", link, names, rules.scores) for number, link in enumerate(links, 1))
    return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", spans=tuple(spans), relations=relations)


def _role(text: str, shadowed: Shadow, person: Placed) -> str:
    """The title before a person's name as it is written, not as it is folded for the look-up."""
    clause, chunk = person
    units = chunk.attributes["role"]
    assert isinstance(units, range)
    start, end = clause.units.range(units.start, units.stop)
    return text[shadowed.starts[start] : shadowed.ends[end - 1]]


def _relation(name: str, link: Link, names: Mapping[int, str], scores: Mapping[str, float]) -> Relation:
    attributes = {"certainty": link.certainty, "kind": link.kind} if link.kind else {"certainty": link.certainty}
    score = scores.get(link.rule, RELATION_PRIOR)
    return Relation(name, link.label, names[id(link.head)], names[id(link.tail)], attributes, link.rule, score)


def rule_of(chunk: Chunk) -> str:
    """The rule id a span carries: its pattern; for an event the pattern and the lexicon entry."""
    return f"{chunk.rule}:{chunk.reading.entry.id}" if chunk.reading is not None else chunk.rule


Placed = tuple[Clause, Chunk]


def kept(reading: Reading) -> tuple[list[Placed], list[Link]]:
    """Events and what stands in a relation, in the order of the text, each with its sentence; and the relations."""
    if not reading.has_event:
        return [], []
    links = [link for clause in reading.clauses for link in clause.links if link.head.label and link.tail.label]
    links.extend(reading.joined)
    wanted = {id(event) for clause in reading.clauses for event in clause.events}
    for link in links:
        wanted.add(id(link.head))
        wanted.add(id(link.tail))
    chunks = [(clause, chunk) for clause in reading.clauses for chunk in clause.chunks if id(chunk) in wanted]
    return chunks, links


_OPENING: Final = {"”": "“", "»": "«", "’": "‘", "‘": "’", '"': '"'}


def ranges_of(text: str, shadowed: Shadow, chunks: Sequence[Placed]) -> list[tuple[int, int]]:
    """Raw ranges of the chunks; a closing quotation mark whose partner is inside comes in too."""
    starts, ends = shadowed.starts.data, shadowed.ends.data  # a few places are quicker read without numpy
    ranges = []
    for clause, chunk in chunks:
        first, behind = clause.units.range(chunk.start, chunk.end)
        start, end = starts[first], ends[behind - 1]
        ranges.append((start, _closing(text, start, end)))
    return ranges


def _closing(text: str, start: int, end: int) -> int:
    opening = _OPENING.get(text[end : end + 1])
    if opening is None:
        return end
    opened = text.count(opening, start, end)
    if opening == text[end]:
        return end + opened % 2
    return end + 1 if opened > text.count(text[end], start, end) else end
