"""A merged reading that a lead edited in another tool, as decisions. Pure functions.

What the lead had before them (a `Base`) goes along with the document and comes back with the result, so that a
decision says what it was decided on, whatever has changed since. Spans are followed by content, then by id, then
by where they overlap; relations by what became of their ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import combinations
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from tahkim.adjudicate.merge import DocumentMerge, gold_annotation
from tahkim.adjudicate.questions import KEY, Question
from tahkim.adjudicate.settled import Settled, SettledRelation
from tahkim.agreement.align import clusters
from tahkim.model import Annotation, Relation, Span

Record = dict[str, Any]
Node = tuple[Any, ...]
"""What a relation ends at: the place of a unit, or a span that belongs to none."""


class Ground(Struct, frozen=True, omit_defaults=True):
    """A question as the lead had it before them. `mark` is what the merged reading had there, None where nothing."""

    of: Literal["span", "relation", "document"]
    key: str
    seen: str
    open: bool = False
    candidates: tuple[Mapping[str, Any], ...] = ()
    mark: str | None = None


class Base(Struct, frozen=True, omit_defaults=True):
    """The merged reading a lead starts from, and what each part of it rests on.

    `places` are those of the units of spans, by span id; `added` are decisions that added a mark, by the mark's id.
    """

    doc_id: str
    reading: Mapping[str, Any]
    grounds: tuple[Ground, ...]
    places: Mapping[str, Mapping[str, int]] = {}
    added: Mapping[str, str] = {}


class Wanted(NamedTuple):
    """One thing an edited reading decides. `undoes` is the id of an addition that is taken back."""

    choice: int | str | Mapping[str, Any] | None
    of: str | None = None
    key: str | None = None
    seen: str | None = None
    undoes: str | None = None


def base_of(merged: DocumentMerge) -> Base:
    """What a lead who edits the merged reading of a document has before them."""
    gold = gold_annotation(merged)
    span_keys = [question.key for question in merged.questions.spans]
    relations = relation_keys(merged)
    marks: dict[str, str] = {}
    places: dict[str, Mapping[str, int]] = {}
    added: dict[str, str] = {}
    for span, made in zip(gold.spans, merged.gold_spans, strict=True):
        if made.unit is not None:
            marks.setdefault(span_keys[made.unit], span.id)
            places[span.id] = merged.questions.places[made.unit].record()
        elif made.decision is not None:
            added[span.id] = made.decision.id
    for relation, placed in zip(gold.relations, merged.gold_relations, strict=True):
        key = relations.get(triple(placed.label, placed.head, placed.tail))
        if key is not None:
            marks.setdefault(key, relation.id)
        elif placed.decision is not None and placed.decision.of == "new":
            added[relation.id] = placed.decision.id
    reading = {
        "spans": [_span(span) | {"id": span.id} for span in gold.spans],
        "relations": [
            {"id": r.id, "label": r.label, "head": r.head, "tail": r.tail, "attributes": dict(r.attributes)}
            for r in gold.relations
        ],
        "attributes": dict(gold.attributes),
    }
    grounds = tuple(_ground(item.question, item, marks) for item in merged.settled if item.question is not None)
    return Base(merged.document.id, reading, grounds, places, added)


def _ground(question: Question, item: Settled | SettledRelation, marks: Mapping[str, str]) -> Ground:
    candidates = tuple(candidate.record for candidate in question.candidates)
    return Ground(question.of, question.key, question.seen, item.is_open, candidates, marks.get(question.key))


def relation_keys(merged: DocumentMerge) -> dict[tuple[str, int, int], str]:
    """The key of the question each gold relation came from, by label and both ends, the smaller number first."""
    by_unit = {span.unit: number for number, span in enumerate(merged.gold_spans) if span.unit is not None}
    by_range = {(s.start, s.end, s.label): number for number, s in enumerate(merged.gold_spans)}
    found: dict[tuple[str, int, int], str] = {}
    for item in merged.relations:
        for taken in item.taken if item.question is not None else ():
            ends = [
                by_unit.get(end, -1)
                if isinstance(end, int)
                else by_range.get((end["start"], end["end"], end.get("label", "")), -1)
                for end in (taken.head, taken.tail)
            ]
            assert item.question is not None
            found[triple(taken.label, *ends)] = item.question.key
    return found


def triple(label: str, head: int, tail: int) -> tuple[str, int, int]:
    """A gold relation by its label and the numbers of its ends, the smaller first."""
    return label, min(head, tail), max(head, tail)


def reading_of(base: Base) -> Annotation:
    """The merged reading as it would come back from a lead who changes nothing."""
    spans = (Span(s["id"], s["start"], s["end"], s["label"], s.get("attributes", {})) for s in base.reading["spans"])
    relations = (Relation(**relation) for relation in base.reading["relations"])
    return Annotation(
        doc_id=base.doc_id,
        annotator="merged",
        spans=tuple(spans),
        relations=tuple(relations),
        attributes=base.reading["attributes"],
    )


# From an edited reading to decisions.


def wanted(base: Base, edited: Annotation, clustered: Collection[str] = ()) -> list[Wanted]:
    """What an edited reading decides: every open question, and what differs from the merged reading elsewhere.

    A choice is the number of the candidate it equals, a reading of the lead's own, or "none". What nobody had marked
    is `of: "new"`. Relations whose label is in `clustered` are compared as clusters.
    """
    spans = _Spans(base, edited)
    return [
        *spans.wanted(),
        *_Relations(base, edited, spans.nodes(), frozenset(clustered)).wanted(),
        *_document(base, edited),
    ]


class _Spans:
    """Which edited span is which of the merged reading, or answers which question that had nothing there."""

    def __init__(self, base: Base, edited: Annotation) -> None:
        self._base = base
        self._before: dict[str, Record] = {span["id"]: span for span in base.reading["spans"]}
        self._after = {span.id: span for span in edited.spans}
        self._empty = [g for g in base.grounds if g.of == "span" and g.mark is None]
        self.became: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        self._follow()

    def _follow(self) -> None:
        def free() -> list[Span]:
            used = {*self.became.values(), *self.answers.values()}
            return [span for span in self._after.values() if span.id not in used]

        def gone() -> list[Record]:
            return [span for span_id, span in self._before.items() if span_id not in self.became]

        for same in (_is_all, _is_reading):
            for old in gone():
                new = next((span for span in free() if same(old, span)), None)
                if new is not None:
                    self.became[old["id"]] = new.id
        for ground in self._empty:
            new = next((span for span in free() if _number(_span(span), ground.candidates) is not None), None)
            if new is not None:
                self.answers[ground.key] = new.id
        for old in gone():
            if any(span.id == old["id"] for span in free()):
                self.became[old["id"]] = old["id"]
        places = [(old["id"], self.became, old) for old in gone()]
        places += [(g.key, self.answers, _place_of(g)) for g in self._empty if g.open and g.key not in self.answers]
        pairs = sorted(
            ((_common(place, span), n, span.id) for n, (_, _, place) in enumerate(places) for span in free()),
            key=lambda pair: (-pair[0], pair[1]),
        )
        for common, number, span_id in pairs:
            name, found, _ = places[number]
            if common > 0 and name not in found and any(span.id == span_id for span in free()):
                found[name] = span_id

    def wanted(self) -> Iterator[Wanted]:
        for ground in self._base.grounds:
            if ground.of == "span":
                yield from self._of_question(ground)
        for span_id, decision in self._base.added.items():
            if span_id in self._before:
                new = self._after.get(self.became.get(span_id, ""))
                if new is None or not _is_all(self._before[span_id], new):
                    yield Wanted(None, undoes=decision)
                    if new is not None:
                        yield Wanted(_span(new), "new")
        used = {*self.became.values(), *self.answers.values()}
        yield from (Wanted(_span(span), "new") for span in self._after.values() if span.id not in used)

    def _of_question(self, ground: Ground) -> Iterator[Wanted]:
        held = self.answers.get(ground.key) if ground.mark is None else self.became.get(ground.mark)
        new = self._after.get(held or "")
        if ground.mark is None:
            changed = ground.open or new is not None
        else:
            changed = ground.open or new is None or not _is_all(self._before[ground.mark], new)
        if changed:
            yield _answer(ground, None if new is None else _span(new))

    def nodes(self) -> dict[str, Node]:
        """What each edited span is to a relation."""
        found: dict[str, Node] = {span.id: ("new", *_place(span)) for span in self._after.values()}
        for old, new in self.became.items():
            found[new] = _node(self._base.places[old]) if old in self._base.places else ("added", old)
        for ground in self._empty:
            if ground.key in self.answers:
                found[self.answers[ground.key]] = _node(_place_of(ground))
        return found


def _place_of(ground: Ground) -> Record:
    """The place of a span question, which its key tells."""
    found = KEY.fullmatch(ground.key)
    assert found is not None
    nth = ground.key.partition("~")[0].partition(".")[2]
    return {"start": int(found[1]), "end": int(found[2]), **({"nth": int(nth)} if nth else {})}


def _node(place: Mapping[str, int]) -> Node:
    return ("unit", place["start"], place["end"], place.get("nth", 0))


class _Relations:
    """Which edited relation is which of the merged reading, or answers which question that had nothing there."""

    def __init__(self, base: Base, edited: Annotation, nodes: Mapping[str, Node], clustered: Collection[str]) -> None:
        self._base = base
        self._clustered = clustered
        self._before = _arcs_before(base)
        self._after = [_Arc(r.label, nodes[r.head], nodes[r.tail], _given(r.attributes)) for r in edited.relations]
        self._free = list(self._after)
        self._records = {id(arc): _relation(r, edited) for arc, r in zip(self._after, edited.relations, strict=True)}
        grounds = [ground for ground in base.grounds if ground.of == "relation"]
        self._of_clusters = [g for g in grounds if g.candidates[0]["label"] in clustered]
        self._others = [g for g in grounds if g.candidates[0]["label"] not in clustered]
        self._became = {name: self._take(partial(self._same, old)) for name, old in self._before.items()}
        self._answers: dict[str, _Arc | None] = {}
        self._follow()

    def _same(self, one: _Arc, other: _Arc) -> bool:
        return one.same(other, self._clustered)

    def _take(self, fits: Callable[[_Arc], bool]) -> _Arc | None:
        """The first edited relation that fits and is not taken yet."""
        found = next((arc for arc in self._free if fits(arc)), None)
        if found is not None:
            self._free.remove(found)
        return found

    def _follow(self) -> None:
        """What answers each question: first what equals one of its candidates, then what may have become of one."""
        for fits in (self._same, _Arc.like):
            for ground in self._others:
                if self._held(ground) is None and (fits == self._same or ground.open or ground.mark is not None):
                    there = [_candidate_arc(record) for record in ground.candidates]
                    self._answers[ground.key] = self._take(partial(_fits_any, fits, there))

    def _held(self, ground: Ground) -> _Arc | None:
        return self._became.get(ground.mark or "") or self._answers.get(ground.key)

    def wanted(self) -> Iterator[Wanted]:
        was, now = _closed(self._before.values(), self._clustered), _closed(self._after, self._clustered)
        for ground in self._of_clusters:
            yield from _of_cluster(ground, was, now)
        for ground in self._others:
            yield from self._of_question(ground)
        yield from self._of_additions()
        asked = {_candidate_arc(ground.candidates[0]).pair() for ground in self._of_clusters}
        for arc in self._free:
            if arc.label not in self._clustered or arc.pair() not in asked | was:
                yield Wanted(self._records[id(arc)], "new")

    def _of_question(self, ground: Ground) -> Iterator[Wanted]:
        new, old = self._held(ground), self._before.get(ground.mark or "")
        if new is None or old is None:
            changed = new != old
        else:
            changed = not self._same(new, old) or new.attributes != old.attributes
        if ground.open or changed:
            number = None if new is None else _arc_number(new, ground)
            choice = "none" if new is None else number or self._records[id(new)]
            yield Wanted(choice, "relation", ground.key, ground.seen)

    def _of_additions(self) -> Iterator[Wanted]:
        for name, decision in self._base.added.items():
            if name in self._before:
                new = self._became.get(name)
                if new is None or new.attributes != self._before[name].attributes:
                    yield Wanted(None, undoes=decision)
                    if new is not None:
                        yield Wanted(self._records[id(new)], "new")


class _Arc(Struct, frozen=True, eq=True):
    """A relation by what its ends are."""

    label: str
    head: Node
    tail: Node
    attributes: Mapping[str, Any]

    def pair(self) -> tuple[str, frozenset[Node]]:
        return self.label, frozenset((self.head, self.tail))

    def same(self, other: _Arc, clustered: Collection[str]) -> bool:
        """Whether it is the same relation, whatever its attributes."""
        if self.label in clustered:
            return self.pair() == other.pair()
        return (self.label, self.head, self.tail) == (other.label, other.head, other.tail)

    def like(self, other: _Arc) -> bool:
        """Whether it may be what became of another: the same two ends, or the same label and one end."""
        if {self.head, self.tail} == {other.head, other.tail}:
            return True
        return self.label == other.label and (self.head == other.head or self.tail == other.tail)


def _arcs_before(base: Base) -> dict[str, _Arc]:
    """The relations of the merged reading, by their ids."""
    names = [span["id"] for span in base.reading["spans"]]
    nodes = {name: _node(base.places[name]) if name in base.places else ("added", name) for name in names}
    return {
        r["id"]: _Arc(r["label"], nodes[r["head"]], nodes[r["tail"]], _given(r["attributes"]))
        for r in base.reading["relations"]
    }


def _fits_any(fits: Callable[[_Arc, _Arc], bool], those: Sequence[_Arc], arc: _Arc) -> bool:
    return any(fits(arc, each) for each in those)


def _closed(arcs: Iterable[_Arc], clustered: Collection[str]) -> set[tuple[str, frozenset[Node]]]:
    """All pairs that follow from arcs with labels of clusters."""
    pairs: dict[str, set[tuple[Node, Node]]] = {}
    for arc in arcs:
        if arc.label in clustered:
            pairs.setdefault(arc.label, set()).add((arc.head, arc.tail))
    found = set()
    for label, ties in pairs.items():
        nodes = sorted({node for tie in ties for node in tie}, key=repr)
        numbers = {node: number for number, node in enumerate(nodes)}
        for cluster in clusters({(numbers[a], numbers[b]) for a, b in ties}):
            found |= {(label, frozenset((nodes[a], nodes[b]))) for a, b in combinations(cluster, 2)}
    return found


def _of_cluster(
    ground: Ground, was: set[tuple[str, frozenset[Node]]], now: set[tuple[str, frozenset[Node]]]
) -> Iterator[Wanted]:
    pair = _candidate_arc(ground.candidates[0]).pair()
    if ground.open or (pair in was) != (pair in now):
        yield Wanted(1 if pair in now else "none", "relation", ground.key, ground.seen)


def _candidate_arc(record: Mapping[str, Any]) -> _Arc:
    return _Arc(record["label"], _node(record["head"]), _node(record["tail"]), _given(record.get("attributes")))


def _arc_number(arc: _Arc, ground: Ground) -> int | None:
    return next((n for n, record in enumerate(ground.candidates, 1) if _candidate_arc(record) == arc), None)


def _document(base: Base, edited: Annotation) -> Iterator[Wanted]:
    ground = next((g for g in base.grounds if g.of == "document"), None)
    if ground is not None:
        given = _given(edited.attributes)
        if ground.open or given != _given(base.reading["attributes"]):
            yield _answer(ground, {"attributes": given})


def _answer(ground: Ground, record: Record | None) -> Wanted:
    """A candidate's number, the record where it equals none, or "none"."""
    choice = "none" if record is None else _number(record, ground.candidates) or record
    return Wanted(choice, ground.of, ground.key, ground.seen)


def _number(record: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> int | None:
    content = _content(record)
    return next((n for n, each in enumerate(candidates, 1) if _content(each) == content), None)


def _content(record: Mapping[str, Any]) -> Record:
    return {**record, "attributes": _given(record.get("attributes"))}


def _given(attributes: Mapping[str, Any] | None) -> Record:
    """Attributes that say something: absent and null are the same."""
    return {name: value for name, value in (attributes or {}).items() if value is not None}


def _place(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label


def _span(span: Span) -> Record:
    record: Record = {"start": span.start, "end": span.end, "label": span.label}
    return record | ({"attributes": _given(span.attributes)} if _given(span.attributes) else {})


def _relation(relation: Relation, edited: Annotation) -> Record:
    """A relation of the lead's own; its ends are spans of the edited reading."""
    spans = {span.id: span for span in edited.spans}
    ends = {
        role: dict(zip(("start", "end", "label"), _place(spans[getattr(relation, role)]), strict=True))
        for role in ("head", "tail")
    }
    given = _given(relation.attributes)
    return {"label": relation.label, **ends, **({"attributes": given} if given else {})}


def _is_reading(old: Mapping[str, Any], new: Span) -> bool:
    return (old["start"], old["end"], old["label"]) == _place(new)


def _is_all(old: Mapping[str, Any], new: Span) -> bool:
    return _is_reading(old, new) and _given(old.get("attributes")) == _given(new.attributes)


def _common(place: Mapping[str, Any], span: Span) -> float:
    """Intersection over union of a place and a span."""
    start, end = int(place["start"]), int(place["end"])
    return max(0, min(end, span.end) - max(start, span.start)) / (max(end, span.end) - min(start, span.start))
