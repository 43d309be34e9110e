"""Who annotates what: balanced, reproducible, and never taken back."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from project_of import done, sample_project
from tahkim.assign import Design, Unit, extended, properties, warnings
from tahkim.errors import UsageError
from tahkim.model import Document
from tahkim.workflow import desks

PEOPLE = ("amal", "basil", "citra", "dana", "elias")


def lengths(number: int, prefix: str = "d") -> dict[str, int]:
    return {f"{prefix}{n:03}": random.Random(n).randint(200, 3000) for n in range(number)}


def test_pairs_meet_equally_often_and_share_the_text() -> None:
    texts = lengths(100)
    design = extended(Design(annotators=PEOPLE, per_document=2), texts)
    found = properties(design, texts)
    assert set(found.meetings.values()) == {10}
    assert set(found.load.values()) == {40}
    assert max(found.length.values()) < 1.05 * min(found.length.values())
    assert all(len(readers) == 2 for readers in design.given.values())


def test_calibration_goes_to_everyone_and_the_rest_to_k() -> None:
    texts = lengths(50)
    design = extended(Design(annotators=PEOPLE, per_document=3, calibration=0.2), texts)
    assert len(design.everyone) == 10
    assert {len(design.given[doc_id]) for doc_id in design.everyone} == {5}
    assert {len(readers) for doc_id, readers in design.given.items() if doc_id not in design.everyone} == {3}


@pytest.mark.parametrize("by", ["document", "reading"])
def test_the_blind_share_is_kept(by: Unit) -> None:
    texts = lengths(80)
    design = extended(Design(annotators=PEOPLE, blind=0.25, blind_by=by), texts)
    found = properties(design, texts)
    assert abs(sum(found.blind.values()) - 0.25 * found.readings) <= 2
    mixed = [doc_id for doc_id, readers in design.given.items() if len(set(readers.values())) > 1]
    assert bool(mixed) == (by == "reading")
    if by == "reading":
        assert set(found.blind.values()) == {8}


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 4), st.sampled_from([0.0, 0.3]), st.integers(0, 5))
def test_what_was_given_out_stays(first: int, later: int, k: int, share: float, seed: int) -> None:
    early = lengths(first)
    design = Design(annotators=PEOPLE[:4], per_document=k, calibration=share, blind=share, seed=seed)
    before = extended(design, early)
    grown = {**early, **lengths(later, "e")}
    after = extended(replace(before, annotators=PEOPLE), grown)
    assert set(after.given) == set(grown)
    for doc_id, readers in before.given.items():
        assert readers.items() <= after.given[doc_id].items()
        assert doc_id in after.everyone or readers == after.given[doc_id]
    assert extended(after, grown) == after


@given(st.integers(0, 30), st.integers(0, 9), st.sampled_from([0.0, 0.3]), st.integers(0, 5))
def test_documents_get_the_readers_they_lack(first: int, later: int, share: float, seed: int) -> None:
    early = lengths(first)
    before = extended(Design(annotators=PEOPLE[:2], per_document=1, blind=share, seed=seed), early)
    # The first has left; what she was given stays hers.
    after = extended(replace(before, annotators=PEOPLE[1:], per_document=3), {**early, **lengths(later, "e")})
    assert [len(readers) for readers in after.given.values()] == [3] * (first + later)
    for doc_id, readers in before.given.items():
        assert readers.items() <= after.given[doc_id].items()


def test_second_readers_are_shared_out_evenly() -> None:
    texts = lengths(60)
    alone = extended(Design(annotators=PEOPLE[:1], per_document=1), texts)
    found = properties(extended(replace(alone, annotators=PEOPLE, per_document=2), texts), texts)
    assert [found.load[name] for name in PEOPLE] == [60, 15, 15, 15, 15]


@given(st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_the_input_does_not_matter(order: random.Random, seed: int) -> None:
    texts = list(lengths(12).items())
    design = Design(annotators=PEOPLE[:3], calibration=0.25, blind=0.5, seed=seed)
    straight = extended(design, dict(texts))
    order.shuffle(texts)
    assert extended(design, dict(texts)) == straight
    assert straight != extended(replace(design, seed=seed + 1), dict(texts))


def test_many_annotators_are_put_together_person_by_person() -> None:
    people = tuple(f"p{n:02}" for n in range(40))
    texts = lengths(400)
    design = extended(Design(annotators=people, per_document=4), texts)
    found = properties(design, texts)
    assert {len(readers) for readers in design.given.values()} == {4}
    assert max(found.meetings.values()) <= 6
    assert max(found.length.values()) < 1.25 * min(found.length.values())


def test_warnings_name_what_cannot_be_measured() -> None:
    texts = lengths(2)
    alone = extended(Design(annotators=PEOPLE[:2], per_document=1), texts)
    assert warnings(alone, properties(alone, texts))[:3] == [
        "1 pairs share no document (amal and basil): their agreement cannot be measured",
        "no document has two annotators: agreement cannot be measured; set a calibration share",
        "nothing is blind: how far suggestions sway annotators cannot be measured",
    ]
    pairs = extended(Design(annotators=PEOPLE, blind=0.5), lengths(40))
    assert warnings(pairs, properties(pairs, lengths(40))) == []
    assert set(properties(pairs, lengths(40)).meetings) == set(combinations(PEOPLE, 2))


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (Design(annotators=()), "name each annotator once, and at least one"),
        (Design(annotators=("a", "a")), "name each annotator once, and at least one"),
        (Design(annotators=("a", "b"), per_document=3), "3 annotators a document: there are 2, so choose from 1 to 2"),
        (Design(annotators=("a", "b"), blind=1.5), "the share blind is 1.5: it goes from 0 to 1"),
        (Design(annotators=("a", "b"), calibration=-0.1), "the share calibration is -0.1: it goes from 0 to 1"),
    ],
)
def test_a_design_that_cannot_be_is_refused(design: Design, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        extended(design, {"d": 1})
    assert str(caught.value) == message


def test_the_command_keeps_to_what_was_said_before_when_documents_and_people_come_later(tmp_path: Path) -> None:
    with sample_project(tmp_path) as project:
        done("assign", "amal", "basil", "citra", "--calibration", "0.25", "--blind", "0.5", "--project", tmp_path)
        first = desks.design_of(project)
        project.store.add_documents(Document(id=f"late{n}", text="قصف") for n in range(len(first.given)))
        done("assign", "amal", "basil", "citra", "dana", "--project", tmp_path)
        later = desks.design_of(project)
    assert (later.per_document, later.calibration, later.blind, later.seed) == (2, 0.25, 0.5, 0)
    assert len(later.everyone) == round(0.25 * len(later.given)) == 2 * len(first.everyone)
    for doc_id, readers in first.given.items():
        assert readers.items() <= later.given[doc_id].items()
    late = [readers for doc_id, readers in later.given.items() if doc_id not in first.given]
    assert 0.4 < sum("blind" in readers.values() for readers in late) / len(late) < 0.6
