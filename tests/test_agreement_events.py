"""Events and their slots: frames, deaths, and evaluation slot by slot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from project_of import done
from reading import corpus, reading, relation
from tahkim import schema as schemas
from tahkim.agreement.events import evaluate_events
from tahkim.demo import SAMPLE
from tahkim.errors import UsageError
from tahkim.events import frames
from tahkim.model import Annotation, Span
from tahkim.schema import Schema

SCHEMA = schemas.load()
TEXT = "قُتل ثلاثة عناصر بينهم ضابط في غارة على الهول، وقال المرصد إن الضربة خلفت عشرات القتلى من الجيش."


def at(surface: str, label: str, span_id: str, **attributes: Any) -> Span:
    start = TEXT.index(surface)
    return Span(span_id, start, start + len(surface), label, attributes)


KILL = at("قُتل", "KILL", "kill")
THREE = at("ثلاثة عناصر", "CASUALTY", "three", count_min=3, count_max=3, count_type="exact", outcome="killed")
OFFICER = at("ضابط", "CASUALTY", "officer", count_min=1, count_type="exact", outcome="killed")
STRIKE = at("غارة", "AIRSTRIKE", "strike")
PLACE = at("الهول", "LOC", "place", gaz="hawl")
AGAIN = at("الضربة", "AIRSTRIKE", "again")
DOZENS = at("عشرات القتلى", "CASUALTY", "dozens", count_type="indefinite", outcome="killed")
ARMY = at("الجيش", "ACTOR", "army")


def whole(*arcs: Any) -> Annotation:
    spans = [KILL, THREE, OFFICER, STRIKE, PLACE, AGAIN, DOZENS, ARMY]
    return reading("gold", spans, [relation(f"r{n}", *arc) for n, arc in enumerate(arcs)])


def test_mentions_of_one_event_are_one_frame() -> None:
    found = frames(whole(("same_event", "strike", "again"), ("place", "strike", "place")), TEXT, SCHEMA)
    assert [(f.label, [m.id for m in f.mentions]) for f in found] == [
        ("KILL", ["kill"]),
        ("AIRSTRIKE", ["strike", "again"]),
    ]
    assert [span.id for span in found[1].filled("place")] == ["place"]


def deaths(*arcs: Any) -> list[int]:
    return [frame.deaths for frame in frames(whole(*arcs), TEXT, SCHEMA)]


def test_deaths_are_counted_in_the_event_and_in_what_caused_it() -> None:
    arcs = [("victim", "kill", "three"), ("causes", "strike", "kill")]
    assert deaths(*arcs) == [3, 3, 0]


def test_a_part_of_a_count_is_not_counted_twice() -> None:
    arcs = [("victim", "kill", "three"), ("victim", "kill", "officer")]
    assert deaths(*arcs)[0] == 4
    assert deaths(*arcs, ("subset_of", "officer", "three"))[0] == 3


def test_mentions_of_one_event_tell_of_the_same_dead_and_the_lowest_figure_counts() -> None:
    arcs = [("victim", "strike", "three"), ("victim", "again", "dozens"), ("same_event", "strike", "again")]
    assert deaths(*arcs) == [0, 3]
    assert deaths(*arcs[1:]) == [0, 12]


def test_a_victim_of_the_attack_and_of_the_killing_counts_once() -> None:
    arcs = [("victim", "strike", "three"), ("victim", "kill", "three"), ("causes", "strike", "kill")]
    assert deaths(*arcs)[1] == 3


def test_denied_victims_are_none() -> None:
    annotation = reading("gold", [KILL, THREE], [relation("r", "victim", "kill", "three", certainty="denied")])
    assert frames(annotation, TEXT, SCHEMA)[0].deaths == 0


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"outcome": "injured", "count_min": 3}, 0),
        ({"outcome": "unspecified"}, 0),
        ({"count_min": 5, "count_type": "at_least"}, 5),
        ({"count_max": 7, "count_type": "at_most"}, 7),
        ({"count_type": "zero", "count_min": 0}, 0),
        ({"count_type": "indefinite"}, 3),
        ({}, 1),
    ],
)
def test_deaths_by_attributes(attributes: dict[str, Any], expected: int) -> None:
    victim = at("ضابط", "CASUALTY", "v", **attributes)
    annotation = reading("gold", [KILL, victim], [relation("r", "victim", "kill", "v")])
    assert frames(annotation, TEXT, SCHEMA)[0].deaths == expected


def test_a_schema_without_events_has_no_frames() -> None:
    with pytest.raises(UsageError) as error:
        frames(whole(), TEXT, Schema())
    assert str(error.value) == "the schema has no events: give labels `kind: event` in schema.yaml"


def both(gold: Annotation, predicted: Annotation) -> dict[str, Any]:
    sides = (corpus(each, texts={"d1": TEXT}) for each in (gold, predicted))
    return evaluate_events(*sides, SCHEMA)


def test_a_reading_against_itself_is_right_in_every_slot() -> None:
    gold = whole(
        ("same_event", "strike", "again"), ("place", "strike", "place"), ("agent", "strike", "army"),
        ("victim", "kill", "three"), ("causes", "strike", "kill"),
    )  # fmt: skip
    found = both(gold, gold)
    assert (found["matched"]["gold"], found["matched"]["f1"]) == (2, 1.0)
    for slot, number in {"type": 2, "place": 1, "date": 0, "actor": 1, "target": 0, "fatalities": 2}.items():
        assert (found["slots"][slot]["gold"], found["slots"][slot]["correct"]) == (number, number)
    assert found["slots"]["date"]["f1"] is None
    assert "reason" in found["slots"]["date"]


def test_slots_are_right_by_name_wherever_they_are_marked() -> None:
    """The prediction ties nothing together and hangs the place on the second mention, by another surface."""
    gold = whole(("same_event", "strike", "again"), ("place", "strike", "place"))
    elsewhere = Span("place", 0, 4, "LOC", {"gaz": "hawl"})
    predicted = reading("p", [STRIKE, AGAIN, elsewhere], [relation("r", "place", "strike", "place")])
    found = both(gold, predicted)
    assert found["matched"] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "gold": 2, "predicted": 2, "correct": 1}
    assert found["slots"]["place"]["correct"] == 1


def test_what_shares_no_mention_is_no_match() -> None:
    found = both(reading("gold", [KILL]), reading("p", [STRIKE]))
    assert (found["matched"]["correct"], found["slots"]["type"]["correct"]) == (0, 0)


def test_a_document_without_prediction_counts_unless_left_out() -> None:
    gold = corpus(whole(("place", "strike", "place")), texts={"d1": TEXT})
    nothing = corpus(texts={"d1": TEXT})
    assert evaluate_events(gold, nothing, SCHEMA)["matched"]["gold"] == 3
    assert evaluate_events(gold, nothing, SCHEMA, common=True)["matched"]["gold"] == 0


def test_the_command_line_shows_events_when_asked(tmp_path: Path) -> None:
    done("preannotate", "--input", SAMPLE / "reports.jsonl", "--output", tmp_path / "p.jsonl")
    gold = ("evaluate", "--gold", SAMPLE / "annotations.jsonl", "--annotator", "amal", "--pred", tmp_path / "p.jsonl")
    assert "fatalities" in done(*gold, "--events").stdout
    assert "fatalities" not in done(*gold).stdout
    figures = json.loads(done(*gold, "--events", "--json", "-").stdout)["events"]
    assert figures["matched"]["f1"] > 0.5
    assert set(figures["slots"]) == {"type", "place", "date", "actor", "target", "fatalities"}
