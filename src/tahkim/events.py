"""Events out of readings: one frame for all mentions of an event, with who, where, when and how many died.

An event is a span whose label the schema calls one. What ties mentions together are the relations the schema calls
symmetric and transitive (`same_event`); what fills a frame are relations by the names of tahkim's own schema (`agent`,
`target`, `victim`, `place`, `time`, `causes`, `reported_by`, `subset_of`), and KILL is the label that means death.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tahkim.errors import UsageError
from tahkim.model import Annotation, Relation, Span
from tahkim.schema import Schema
from tahkim.text import shadow

DOZENS, HUNDREDS, SEVERAL = 12, 100, 3
"""What ACLED counts for عشرات, for مئات, and for a plural without a number."""


class Frame(Struct, frozen=True):
    """One event. `mentions` are in the order of the text; `slots` has the other ends of their relations, by label.

    `label` is that of most mentions, the first of equals. `caused` are numbers of frames in the list this one is in.
    """

    label: str
    mentions: tuple[Span, ...]
    slots: Mapping[str, tuple[Span, ...]]
    deaths: int
    caused: tuple[int, ...] = ()

    def attribute(self, name: str) -> object:
        """The first mention's value of an attribute, of the mentions that have it; None when none has."""
        return next((m.attributes[name] for m in self.mentions if m.attributes.get(name) is not None), None)

    def filled(self, slot: str) -> tuple[Span, ...]:
        """What fills a slot, in the order of the text."""
        return self.slots.get(slot, ())


def frames(annotation: Annotation, text: str, schema: Schema) -> list[Frame]:
    """The events of a reading, in the order of their first mentions.

    UsageError where the schema calls no label an event. `deaths` counts who died in the event or in what it caused:
    see `deaths`.
    """
    if not any(label.kind == "event" for label in schema.labels.values()):
        raise UsageError("the schema has no events: give labels `kind: event` in schema.yaml")
    spans = {span.id: span for span in annotation.spans}
    clusters = _clusters(annotation, spans, schema)
    number_of = {span.id: number for number, cluster in enumerate(clusters) for span in cluster}
    arcs: dict[int, list[Relation]] = defaultdict(list)
    for relation in annotation.relations:
        if relation.head in number_of:
            arcs[number_of[relation.head]].append(relation)
    subsets = {r.head: r.tail for r in annotation.relations if r.label == "subset_of"}
    own_deaths = [_own_deaths(arcs[number], spans, subsets, text) for number in range(len(clusters))]
    causes = [_caused(number, arcs, number_of) for number in range(len(clusters))]
    return [
        Frame(
            _label(cluster, schema),
            tuple(cluster),
            _slots(arcs[number], spans),
            _all_deaths(own_deaths, number, causes[number]),
            causes[number],
        )
        for number, cluster in enumerate(clusters)
    ]


def _clusters(annotation: Annotation, spans: Mapping[str, Span], schema: Schema) -> list[list[Span]]:
    """Mentions of one event together, in the order of the text."""
    events = {span.id: span for span in annotation.spans if _is_event(span, schema)}
    root = {span_id: span_id for span_id in events}

    def find(span_id: str) -> str:
        while root[span_id] != span_id:
            span_id = root[span_id]
        return span_id

    tying = {name for name, kind in schema.relations.items() if kind.symmetric and kind.transitive}
    for relation in annotation.relations:
        if relation.label in tying and relation.head in events and relation.tail in events:
            root[find(relation.head)] = find(relation.tail)
    groups: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(events.values(), key=lambda s: (s.start, s.end, s.id)):
        groups[find(span.id)].append(span)
    return list(groups.values())


def _is_event(span: Span, schema: Schema) -> bool:
    return span.label in schema.labels and schema.labels[span.label].kind == "event"


def _label(mentions: Sequence[Span], schema: Schema) -> str:
    count = Counter(span.label for span in mentions)
    return min(count, key=lambda label: (-count[label], next(i for i, m in enumerate(mentions) if m.label == label)))


def _slots(arcs: Iterable[Relation], spans: Mapping[str, Span]) -> dict[str, tuple[Span, ...]]:
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    for relation in arcs:
        if relation.attributes.get("certainty") != "denied":
            found[relation.label][relation.tail] = spans[relation.tail]
    return {
        label: tuple(sorted(ends.values(), key=lambda s: (s.start, s.end, s.id)))
        for label, ends in sorted(found.items())
    }


def _caused(number: int, arcs: Mapping[int, Sequence[Relation]], number_of: Mapping[str, int]) -> tuple[int, ...]:
    """All that an event caused, directly or by way of others."""
    seen, waiting = {number}, [number]
    while waiting:
        for relation in arcs.get(waiting.pop(), ()):
            other = number_of.get(relation.tail)
            if relation.label == "causes" and other is not None and other not in seen:
                seen.add(other)
                waiting.append(other)
    return tuple(sorted(seen - {number}))


Dead = Mapping[str, int]
"""How many died, by the id of the span that says so."""


def _total(dead: Dead) -> int:
    return sum(dead.values())


def _own_deaths(
    arcs: Sequence[Relation], spans: Mapping[str, Span], subsets: Mapping[str, str], text: str
) -> list[Dead]:
    """Who died by each mention of an event that says so. Who is part of another count is not counted twice."""
    by_mention: dict[str, dict[str, int]] = defaultdict(dict)
    for relation in arcs:
        if relation.label == "victim" and relation.attributes.get("certainty") != "denied":
            victim = spans[relation.tail]
            if died := deaths(victim, spans[relation.head], text):
                by_mention[relation.head][victim.id] = died
    return [
        {span_id: n for span_id, n in dead.items() if subsets.get(span_id) not in dead} for dead in by_mention.values()
    ]


def _all_deaths(own: Sequence[Sequence[Dead]], number: int, caused: Sequence[int]) -> int:
    """The deaths of an event and of all it caused. Mentions of one event tell of the same dead: the lowest counts.

    A span that is victim of several of them counts once.
    """
    counted: dict[str, int] = {}
    for frame in (number, *caused):
        if own[frame]:
            fewest: Dead = min(own[frame], key=_total)
            counted.update(fewest)
    return sum(counted.values())


def deaths(victim: Span, mention: Span, text: str) -> int:
    """How many deaths a victim stands for, as ACLED counts.

    0 unless its `outcome` is killed or, where it says none, the event is KILL. Exact, least and approximate numbers
    count as they are, عشرات 12, مئات 100, a plural without a number 3; what says nothing of a number is one person.
    """
    outcome = victim.attributes.get("outcome")
    if outcome != "killed" and (outcome is not None or mention.label != "KILL"):
        return 0
    kind = victim.attributes.get("count_type")
    surface = shadow(text[victim.start : victim.end]).text
    number = victim.attributes.get("count_min")
    number = victim.attributes.get("count_max") if number is None else number
    if kind == "zero":
        return 0
    if number is not None and kind != "indefinite":
        return int(number)
    if "عشرات" in surface:
        return DOZENS
    if "مئات" in surface or "ميات" in surface:
        return HUNDREDS
    return SEVERAL if kind == "indefinite" else 1
