"""What is to be settled in a document: one question a unit, and one for relations that exclude each other.

Questions depend on the annotations alone, never on a strategy or on earlier decisions, so that a decision made
under one strategy still fits under another. A question's `key` names its place, `seen` the readings that stood
to choose from (not their votes).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from tahkim.agreement.align import Triple, Unit, align, canonical, differences, lift, match_triples, unit_of_span
from tahkim.model import Annotation, Relation, Span
from tahkim.schema import Schema

KEY = re.compile(r"(?:s(\d+)-(\d+)(?:\.\d+)?|r(\d+)-(\d+)>(\d+)-(\d+)|d)~[0-9a-f]{16}")
"""A key tells its place to the reader and proves by a digest which document and place it belongs to."""


class Place(NamedTuple):
    """Where a unit stands: the hull of its spans, and its number among units with the same hull."""

    start: int
    end: int
    nth: int = 0

    def record(self) -> dict[str, int]:
        place = {"start": self.start, "end": self.end}
        return {**place, "nth": self.nth} if self.nth else place


class Reading(NamedTuple):
    """What span votes are for: range and label."""

    start: int
    end: int
    label: str


class Candidate(Struct, frozen=True, gc=False):
    """One reading that somebody gave: a range and label for a span, a Triple for a relation, None for the document."""

    reading: Reading | Triple | None
    attributes: Mapping[str, Any]
    annotators: tuple[str, ...]
    record: Mapping[str, Any]


class Question(Struct, frozen=True, gc=False):
    """One thing to settle. `units` are the numbers of the units it is about."""

    doc_id: str
    of: Literal["span", "relation", "document"]
    places: tuple[Place, ...]
    label: str
    kind: str
    candidates: tuple[Candidate, ...]
    asked: frozenset[str]
    units: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        return key_of(self.doc_id, self.of, self.places, self.label)

    @property
    def seen(self) -> str:
        """Digest of the candidate readings: votes may change without changing it."""
        return _digest([candidate.record for candidate in self.candidates])

    @property
    def nothing(self) -> tuple[str, ...]:
        """Who was asked and marked nothing here."""
        voted = {who for candidate in self.candidates for who in candidate.annotators}
        return tuple(sorted(self.asked - voted))

    @property
    def place(self) -> dict[str, Any]:
        """The place as it stands in a conflict's record."""
        if self.of == "document":
            return {}
        if self.of == "span":
            return self.places[0].record()
        return {"label": self.label, "head": self.places[0].record(), "tail": self.places[1].record()}


class DocumentQuestions(Struct, frozen=True):
    """All submitted readings of one document, aligned: what merge, conflicts and decisions work on."""

    doc_id: str
    voters: tuple[Annotation, ...]
    units: tuple[Unit, ...]
    places: tuple[Place, ...]
    triples: tuple[Mapping[Triple, Relation | None], ...]
    spans: tuple[Question, ...]
    relations: tuple[Question, ...]
    document: Question | None

    @property
    def all(self) -> tuple[Question, ...]:
        """Every question of the document."""
        return (*self.spans, *self.relations, *((self.document,) if self.document else ()))


def read(doc_id: str, annotations: Iterable[Annotation], schema: Schema) -> DocumentQuestions:
    """Align the submitted annotations of one document and state every question it holds.

    Annotations that do not vote (skipped, drafts, rules, gold) are passed over. Order does not matter.
    """
    voters = tuple(sorted((a for a in annotations if a.votes), key=lambda a: a.annotator))
    units = tuple(align([a.spans for a in voters], [a.relations for a in voters]))
    places = _places(units)
    index = unit_of_span(units, len(voters))
    symmetric = frozenset(name for name, relation in schema.relations.items() if relation.symmetric)
    transitive = frozenset(name for name, relation in schema.relations.items() if relation.transitive)
    triples = tuple(lift(a.relations, index[i], symmetric, transitive) for i, a in enumerate(voters))
    return DocumentQuestions(
        doc_id,
        voters,
        units,
        places,
        triples,
        tuple(_span_questions(doc_id, voters, units, places, schema)),
        tuple(_relation_questions(doc_id, voters, triples, places, symmetric & transitive)),
        _document_question(doc_id, voters),
    )


@lru_cache(1 << 14)  # a server asks for the keys of one document again with every decision
def key_of(doc_id: str, of: str, places: tuple[Place, ...], label: str) -> str:
    """The key of a place, e.g. `s10-13~91d0…` for a span, `r10-13>20-25~…` for a relation, `d~…` for the document."""
    where = ">".join(f"{place.start}-{place.end}" for place in places)
    nth = f".{places[0].nth}" if of == "span" and places[0].nth else ""
    return f"{of[0]}{where}{nth}~{_digest(doc_id)[:8]}{_digest([of, places, label])[:8]}"


def belongs_to(key: str, doc_id: str) -> bool:
    """Whether a well-formed key was made for a place in this document."""
    return key.rpartition("~")[2].startswith(_digest(doc_id)[:8])


def place_in(key: str) -> list[tuple[int, int]] | None:
    """The ranges that a key names (none for a document's), or None when it is no key of ours."""
    found = KEY.fullmatch(key)
    if found is None:
        return None
    numbers = [int(number) for number in found.groups() if number is not None]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _digest(value: Any) -> str:
    return sha256(canonical(value)).hexdigest()[:16]


def _places(units: Sequence[Unit]) -> tuple[Place, ...]:
    count: dict[tuple[int, int], int] = defaultdict(int)
    places = []
    for unit in units:
        hull = unit.start, unit.end
        places.append(Place(*hull, count[hull]))
        count[hull] += 1
    return tuple(places)


def _span_questions(
    doc_id: str, voters: Sequence[Annotation], units: Sequence[Unit], places: Sequence[Place], schema: Schema
) -> Iterable[Question]:
    asked = [_asked_for(unit, voters) for unit in units]
    kinds = differences(units, asked)
    for number, unit in enumerate(units):
        yield Question(
            doc_id,
            "span",
            (places[number],),
            "",
            kinds[number],
            _span_candidates(unit, voters, schema),
            frozenset(voters[i].annotator for i in asked[number]),
            (number,),
        )


def _asked_for(unit: Unit, voters: Sequence[Annotation]) -> list[int]:
    """Who was asked for a label that somebody gave here, or gave one."""
    labels = {span.label for span in unit.present}
    return [
        i
        for i, voter in enumerate(voters)
        if unit.spans[i] is not None or any(voter.scope.asks_label(label) for label in labels)
    ]


def _span_candidates(unit: Unit, voters: Sequence[Annotation], schema: Schema) -> tuple[Candidate, ...]:
    groups: dict[tuple[int, int, str, bytes], list[int]] = defaultdict(list)
    for i, span in enumerate(unit.spans):
        if span is not None:
            groups[span.start, span.end, span.label, canonical(span.attributes)].append(i)
    order = sorted(groups, key=lambda g: (g[0], g[1], schema.label_order(g[2]), g[2], g[3]))
    candidates = []
    for content in order:
        span = unit.spans[groups[content][0]]
        assert span is not None
        candidates.append(
            Candidate(
                Reading(span.start, span.end, span.label),
                span.attributes,
                tuple(voters[i].annotator for i in groups[content]),
                span_record(span),
            )
        )
    return tuple(candidates)


def span_record(span: Span) -> dict[str, Any]:
    """What of a span is decided on: range, label, attributes."""
    record: dict[str, Any] = {"start": span.start, "end": span.end, "label": span.label}
    return {**record, "attributes": dict(span.attributes)} if span.attributes else record


def _relation_questions(
    doc_id: str,
    voters: Sequence[Annotation],
    triples: Sequence[Mapping[Triple, Relation | None]],
    places: Sequence[Place],
    clustered: frozenset[str],
) -> Iterable[Question]:
    holders: dict[Triple, set[int]] = defaultdict(set)
    for i, held in enumerate(triples):
        for triple in held:
            holders[triple].add(i)
    asked = {label: _asked_for_relation(label, voters) for label in {t.label for t in holders}}
    for kind, group in _groups(holders, asked, clustered):
        everyone = frozenset(voters[i].annotator for triple in group for i in asked[triple.label] | holders[triple])
        first = group[0]
        candidates = tuple(c for t in group for c in _relation_candidates(t, holders[t], voters, triples, places))
        yield Question(
            doc_id,
            "relation",
            (places[first.head], places[first.tail]),
            first.label,
            _with_attributes(kind, candidates, group),
            candidates,
            everyone,
            tuple(sorted({unit for triple in group for unit in (triple.head, triple.tail)})),
        )


def _groups(
    holders: Mapping[Triple, set[int]], asked: Mapping[str, set[int]], clustered: frozenset[str]
) -> list[tuple[str, list[Triple]]]:
    """Each triple alone, but two that say different things of one relation together; sorted by position."""
    contested = {
        triple: frozenset(who)
        for triple, who in holders.items()
        if asked[triple.label] - who and triple.label not in clustered
    }
    groups = [(kind, sorted([a, b], key=_triple_order)) for kind, a, b in match_triples(contested)]
    matched = {triple for _, group in groups for triple in group}
    for triple, who in holders.items():
        if triple not in matched:
            groups.append(("missing" if asked[triple.label] - who else "agreed", [triple]))
    return sorted(groups, key=lambda g: _triple_order(g[1][0]))


def _triple_order(triple: Triple) -> tuple[int, int, str]:
    return triple.head, triple.tail, triple.label


def _with_attributes(kind: str, candidates: Sequence[Candidate], group: Sequence[Triple]) -> str:
    """The kind, and `attribute` where a triple has candidates that differ in nothing else."""
    if len(candidates) == len(group):
        return kind
    return "attribute" if kind == "agreed" else f"{kind} + attribute"


def _asked_for_relation(label: str, voters: Sequence[Annotation]) -> set[int]:
    return {i for i, voter in enumerate(voters) if voter.scope.asks_relation(label)}


def _relation_candidates(
    triple: Triple,
    who: Iterable[int],
    voters: Sequence[Annotation],
    triples: Sequence[Mapping[Triple, Relation | None]],
    places: Sequence[Place],
) -> list[Candidate]:
    groups: dict[bytes, list[int]] = defaultdict(list)
    for i in sorted(who):
        relation = triples[i][triple]
        groups[canonical(relation.attributes if relation else {})].append(i)
    candidates = []
    for content in sorted(groups):
        relation = triples[groups[content][0]][triple]
        attributes = relation.attributes if relation else {}
        record: dict[str, Any] = {"label": triple.label}
        record |= {"head": places[triple.head].record(), "tail": places[triple.tail].record()}
        if attributes:
            record["attributes"] = dict(attributes)
        candidates.append(Candidate(triple, attributes, tuple(voters[i].annotator for i in groups[content]), record))
    return candidates


def _document_question(doc_id: str, voters: Sequence[Annotation]) -> Question | None:
    """The attributes of the document as a whole, where anybody gave some."""
    groups: dict[bytes, list[Annotation]] = defaultdict(list)
    for voter in voters:
        groups[canonical(voter.attributes)].append(voter)
    if not any(voter.attributes for voter in voters):
        return None
    candidates = tuple(
        Candidate(
            None,
            who[0].attributes,
            tuple(voter.annotator for voter in who),
            {"attributes": dict(who[0].attributes)},
        )
        for _, who in sorted(groups.items())
    )
    kind = "agreed" if len(groups) == 1 else "attribute"
    return Question(doc_id, "document", (), "", kind, candidates, frozenset(v.annotator for v in voters))
