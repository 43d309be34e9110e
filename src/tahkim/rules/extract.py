"""From a document to an annotation: the line of work of the rule extractor."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tahkim.model import Annotation, Document, Relation, Span
from tahkim.rules import times
from tahkim.rules.attributes import describe_all
from tahkim.rules.cues import CUES, cue_table
from tahkim.rules.discourse import remember_names, settle_bodies, tells_of_conflict
from tahkim.rules.events import find_events
from tahkim.rules.lexicon import BUILTIN, Lexicon, load_lexicon
from tahkim.rules.means import label_attacks
from tahkim.rules.mentions import same_events
from tahkim.rules.patterns import Matcher, classes_in, read_rules
from tahkim.rules.relations import relate
from tahkim.rules.scores import read_scores
from tahkim.rules.sentence import Chunk, Clause, Link, read
from tahkim.rules.units import Analyser, split
from tahkim.text import Shadow, shadow, zones

OFF_TOPIC = "offtopic"
STRONG = "offtopic.strong"
STRONG_WEIGHT = 4
VERSION = "0.1.0"
RELATION_PRIOR = 0.7


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
    with _no_search_for_cycles():
        return _annotation(document, interpret(document, rules), rules)


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
    shadowed = shadow(document.text)
    clauses: list[Clause] = []
    speaker: Chunk | None = None
    known: set[str] = set()
    for units in split(shadowed, rules.analyser, _closed(document.text, shadowed)):
        clause = read(units, rules.matcher, rules.cues, known)
        find_events(clause)
        speaker = relate(clause, speaker)
        remember_names(clause, known)
        clauses.append(clause)
    off_topic = sum(_off_topic(rules, clause.units.codes) for clause in clauses)
    if not tells_of_conflict(clauses, off_topic):
        return Reading(shadowed, clauses, (), off_topic, False)
    settle_bodies(clauses)
    label_attacks(clauses)
    today = times.published(document.meta)
    for clause in clauses:
        describe_all(clause, today)
    return Reading(shadowed, clauses, same_events(clauses), off_topic, True)


def _off_topic(rules: Rules, codes: str) -> int:
    """Words of other matters; those that settle it (an earthquake, a match) count four times."""
    weak, strong = rules.off_topic
    return len(weak.findall(codes)) + (STRONG_WEIGHT - 1) * len(strong.findall(codes))


def preannotate(documents: Iterable[Document], rules: Rules) -> Iterator[Annotation]:
    """Annotate documents one after the other."""
    for document in documents:
        yield annotate(document, rules)


def _closed(text: str, shadowed: Shadow) -> list[tuple[int, int]]:
    return [shadowed.within(zone.start, zone.end) for zone in zones(text, shadowed)]


def _annotation(document: Document, reading: Reading, rules: Rules) -> Annotation:
    chunks, links = kept(reading)
    if not chunks:
        return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", attributes={"no_event": True})
    names: dict[int, str] = {}
    spans: list[Span] = []
    ranges = ranges_of(document.text, reading.shadowed, chunks)
    for number, ((_, chunk), (start, end)) in enumerate(zip(chunks, ranges, strict=True), 1):
        name = names[id(chunk)] = f"s{number}"
        rule = rule_of(chunk)
        score = rules.scores.get(rule, chunk.score)
        spans.append(Span(name, start, end, chunk.label or "", chunk.attributes, rule, score))
    relations = tuple(_relation(f"r{number}", link, names, rules.scores) for number, link in enumerate(links, 1))
    return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", spans=tuple(spans), relations=relations)


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


_OPENING = {"”": "“", "»": "«", "’": "‘", "‘": "’", '"': '"'}


def ranges_of(text: str, shadowed: Shadow, chunks: Sequence[Placed]) -> list[tuple[int, int]]:
    """Raw ranges of the chunks; a closing quotation mark whose partner is inside comes in too."""
    folded = [clause.units.range(chunk.start, chunk.end) for clause, chunk in chunks]
    starts = shadowed.starts[[start for start, _ in folded]].tolist()
    ends = shadowed.ends[[end - 1 for _, end in folded]].tolist()
    return [(start, _closing(text, start, end)) for start, end in zip(starts, ends, strict=True)]


def _closing(text: str, start: int, end: int) -> int:
    opening = _OPENING.get(text[end : end + 1])
    if opening is None:
        return end
    opened = text.count(opening, start, end)
    if opening == text[end]:
        return end + opened % 2
    return end + 1 if opened > text.count(text[end], start, end) else end
