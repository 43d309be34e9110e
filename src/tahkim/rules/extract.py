"""From a document to an annotation: the line of work of the rule extractor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tahkim.model import Annotation, Document, Relation, Span
from tahkim.rules import times
from tahkim.rules.attributes import describe
from tahkim.rules.cues import CUES, cue_table
from tahkim.rules.discourse import remember_names, settle_bodies, tells_of_conflict
from tahkim.rules.events import find_events
from tahkim.rules.lexicon import BUILTIN, Lexicon, load_lexicon
from tahkim.rules.means import label_attacks
from tahkim.rules.mentions import same_events
from tahkim.rules.patterns import Matcher, classes_in, read_rules
from tahkim.rules.relations import relate
from tahkim.rules.sentence import Chunk, Clause, Link, read
from tahkim.rules.units import Analyser, split
from tahkim.text import Shadow, shadow, zones

OFF_TOPIC = "offtopic"
VERSION = "0.1"


class Rules(NamedTuple):
    """Everything the extractor knows, loaded and compiled."""

    lexicon: Lexicon
    matcher: Matcher
    analyser: Analyser
    cues: dict[int, str]
    off_topic: re.Pattern[str]


def load(folders: Sequence[Path] = ()) -> Rules:
    """The built-in lexicons and patterns, and those of the given folders after them.

    Raises
    ------
    RuleError
        a folder is missing or a file is wrong; names file and line
    """
    everywhere = [BUILTIN, *folders]
    rules = read_rules(everywhere)
    wanted = classes_in(rules).union((word_class for word_class, _ in CUES), [OFF_TOPIC])
    lexicon = load_lexicon(everywhere, wanted)
    analyser = Analyser(lexicon)
    matcher = Matcher(rules, lexicon)
    off_topic = re.compile(f"[{lexicon.codes_of(OFF_TOPIC)}]")
    return Rules(lexicon, matcher, analyser, cue_table(lexicon), off_topic)


def annotate(document: Document, rules: Rules) -> Annotation:
    """What the rules read in a document: spans and relations with rule and score; nothing and `no_event` if no event."""
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
    off_topic = sum(len(rules.off_topic.findall(clause.units.codes)) for clause in clauses)
    if not tells_of_conflict(clauses, off_topic):
        return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", attributes={"no_event": True})
    settle_bodies(clauses)
    label_attacks(clauses)
    today = times.published(document.meta)
    for clause in clauses:
        for chunk in clause.chunks:
            if chunk.label == "TIME" or chunk.label == "CASUALTY":
                describe(clause, chunk, today)
        for chunk in clause.chunks:
            if chunk.label is not None and chunk.label not in ("TIME", "CASUALTY"):
                describe(clause, chunk, today)
    return _annotation(document, shadowed, clauses, same_events(clauses))


def preannotate(documents: Iterable[Document], rules: Rules) -> Iterator[Annotation]:
    """Annotate documents one after the other."""
    for document in documents:
        yield annotate(document, rules)


def _closed(text: str, shadowed: Shadow) -> list[tuple[int, int]]:
    return [shadowed.within(zone.start, zone.end) for zone in zones(text)]


def _annotation(document: Document, shadowed: Shadow, clauses: Sequence[Clause], joined: list[Link]) -> Annotation:
    links = [link for clause in clauses for link in clause.links if link.head.label and link.tail.label] + joined
    kept: dict[int, Chunk] = {}
    for clause in clauses:
        for event in clause.events:
            kept[id(event)] = event
    for link in links:
        kept[id(link.head)] = link.head
        kept[id(link.tail)] = link.tail
    chunks = list(kept.values())
    if not any(chunk.kind == "EVENT" for chunk in chunks):
        return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", attributes={"no_event": True})
    ranges = _ranges(document.text, shadowed, chunks)
    order = sorted(range(len(chunks)), key=lambda i: ranges[i])
    names = {id(chunks[i]): f"s{n}" for n, i in enumerate(order, 1)}
    spans = tuple(
        Span(
            names[id(chunks[i])],
            *ranges[i],
            chunks[i].label or "",
            chunks[i].attributes,
            chunks[i].rule,
            chunks[i].score,
        )
        for i in order
    )
    relations = tuple(
        Relation(
            f"r{n}",
            link.label,
            names[id(link.head)],
            names[id(link.tail)],
            {"certainty": link.certainty},
            link.rule,
            0.7,
        )
        for n, link in enumerate(links, 1)
    )
    return Annotation(doc_id=document.id, annotator=f"rules@{VERSION}", spans=spans, relations=relations)


_QUOTES = {"“": "”", "«": "»", "‘": "’", "’": "‘", '"': '"', "„": "“", "‹": "›"}


def _ranges(text: str, shadowed: Shadow, chunks: Sequence[Chunk]) -> list[tuple[int, int]]:
    """Raw ranges of the chunks; a quotation mark whose partner is inside comes in too."""
    starts = np.array([c.sentence.units.starts[c.start] for c in chunks if c.sentence])
    ends = np.array([c.sentence.units.ends[c.end - 1] for c in chunks if c.sentence])
    raw_starts = shadowed.starts[starts].tolist()
    raw_ends = shadowed.ends[ends - 1].tolist()
    return [_balanced(text, start, end) for start, end in zip(raw_starts, raw_ends, strict=True)]


def _balanced(text: str, start: int, end: int) -> tuple[int, int]:
    if end < len(text):
        closing = text[end]
        if closing in '”»’"‘':
            inside = text[start:end]
            opening = {"”": "“", "»": "«", "’": "‘", "‘": "’", '"': '"'}[closing]
            if inside.count(opening) > (0 if opening == closing else inside.count(closing)) and (
                opening != closing or inside.count(opening) % 2
            ):
                end += 1
    return start, end
