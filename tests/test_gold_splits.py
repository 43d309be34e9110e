"""Splits: by stories, sticky, seeded, stratified; near-duplicates never straddle."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from project_of import sample_project
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import UsageError
from tahkim.gold.reprints import ALIKE, reprints
from tahkim.gold.splits import Shares, assign, stories
from tahkim.model import Annotation, Document
from tahkim.workflow import publish

WORDS = [f"كلمة{number}" for number in range(400)]


def document(number: int, text: str | None = None, group: str | None = None) -> Document:
    draw = random.Random(number)
    return Document(id=f"d{number:04}", text=text or " ".join(draw.choices(WORDS, k=120)), group=group)


def reprint_of(original: Document, number: int, changed: int = 15) -> Document:
    words = original.text.split()
    return Document(id=f"d{number:04}", text=" ".join(["خاص", *words[: len(words) - changed], "انتهى"]))


DOCUMENTS = [document(number) for number in range(300)]
KINDS = {d.id: ("AIRSTRIKE", "SHELLING", "", "CLASH")[n % 4 if n % 20 else 3] for n, d in enumerate(DOCUMENTS)}


def test_shares_are_met_overall_and_in_every_kind() -> None:
    found = assign(DOCUMENTS, KINDS, {}, Shares())
    assert Counter(found.values()) == {"train": 240, "dev": 30, "test": 30}
    for kind, number in Counter(KINDS.values()).items():
        held = Counter(split for doc_id, split in found.items() if KINDS[doc_id] == kind)
        assert abs(held["test"] - number / 10) <= 1
        assert abs(held["dev"] - number / 10) <= 1


def test_the_seed_decides_and_the_order_does_not() -> None:
    found = assign(DOCUMENTS, KINDS, {}, Shares())
    assert assign(DOCUMENTS[::-1], KINDS, {}, Shares()) == found
    other = assign(DOCUMENTS, KINDS, {}, Shares(seed=1))
    assert sum(found[d.id] == other[d.id] == "test" for d in DOCUMENTS) < 12


def test_old_documents_stay_and_new_ones_even_the_shares_out() -> None:
    first = assign(DOCUMENTS[:100], KINDS, {}, Shares())
    later = assign(DOCUMENTS, KINDS, first, Shares(seed=9))
    assert {doc_id: later[doc_id] for doc_id in first} == first
    assert Counter(later.values()) == {"train": 240, "dev": 30, "test": 30}


def test_a_changed_share_moves_no_old_document() -> None:
    first = assign(DOCUMENTS, KINDS, {}, Shares())
    assert assign(DOCUMENTS, KINDS, first, Shares(0.5, 0.25, 0.25)) == first


def test_reprints_are_found_and_stay_together() -> None:
    copies = [reprint_of(DOCUMENTS[number], 1000 + number, changed=number) for number in range(30)]
    everything = [*DOCUMENTS, *copies]
    assert set(reprints(everything)) == {(f"d{n:04}", f"d{1000 + n:04}") for n in range(30)}
    found = assign(everything, KINDS, {}, Shares(0.4, 0.3, 0.3))
    assert all(found[f"d{n:04}"] == found[f"d{1000 + n:04}"] for n in range(30))


def variants(number: int, changed: int) -> list[Document]:
    """Documents of 200 words from one form, in each of which some words are its own: as press releases are."""
    draw = random.Random(changed)
    form = draw.choices(WORDS, k=200)
    found = []
    for n in range(number):
        words = list(form)
        for place in draw.sample(range(200), changed):
            words[place] = f"{draw.choice(WORDS)}{n}"
        found.append(Document(id=f"v{changed}-{n:04}", text=" ".join(words)))
    return found


@pytest.mark.parametrize("changed", [3, 12, 15, 18, 45])
def test_stories_are_those_that_comparing_every_pair_finds(changed: int) -> None:
    documents = variants(150, changed)
    shingles = [set(zip(words, words[1:], words[2:], strict=False)) for words in (d.text.split() for d in documents)]
    found = [{number} for number in range(len(documents))]
    for one, other in combinations(range(len(documents)), 2):
        alike = len(shingles[one] & shingles[other]) / len(shingles[one] | shingles[other]) >= ALIKE
        if alike and found[one] is not found[other]:
            found[one] |= found[other]
            for number in found[other]:
                found[number] = found[one]
    expected = {tuple(documents[number].id for number in sorted(together)) for together in found}
    assert {story.doc_ids for story in stories(documents, {})} == expected


def test_thousands_of_copies_take_little_more_time_than_as_many_stories() -> None:
    copies, unlike = variants(1500, 3), variants(1500, 120)
    assert len(stories(copies[:2], {})) == 1  # the library is loaded
    begin = time.process_time()
    assert len(stories(unlike, {})) == 1500
    middle = time.process_time()
    assert len(stories(copies, {})) == 1
    assert time.process_time() - middle < 5 * (middle - begin)


def test_reprints_differ_in_diacritics_quotes_and_letter_forms_only_to_the_eye() -> None:
    one = Document(id="a", text="قُتل ثلاثةُ عناصر في غارةٍ على بلدة «الهول» مساء أمس، وأصيب آخرون بجروح.")
    other = Document(id="b", text='قتل ثلاثه عناصر في غاره على بلدة "الهول" مساء امس، واصيب آخرون بجروح.')
    assert reprints([one, other]) == [("a", "b")]


def test_a_new_reprint_joins_the_split_of_the_old_report() -> None:
    first = assign(DOCUMENTS, KINDS, {}, Shares())
    for split in ("train", "dev", "test"):
        old = next(d for d in DOCUMENTS if first[d.id] == split)
        found = assign([*DOCUMENTS, reprint_of(old, 5000)], KINDS, first, Shares())
        assert found["d5000"] == split


def test_groups_stay_together_whatever_their_texts() -> None:
    grouped = [document(number, group=f"g{number % 7}") for number in range(60)]
    found = assign(grouped, {}, {}, Shares(0.5, 0.25, 0.25))
    assert all(len({found[d.id] for d in grouped if d.group == f"g{n}"}) == 1 for n in range(7))
    assert set(found.values()) == {"train", "dev", "test"}


def test_what_ties_old_splits_together_leaves_only_the_strictest() -> None:
    """A new report that is a reprint of a train document and of a test document."""
    first = assign(DOCUMENTS, KINDS, {}, Shares())
    train, test = (next(d for d in DOCUMENTS if first[d.id] == split) for split in ("train", "test"))
    tie = [
        Document(id=d.id, text=d.text, group="tied" if d in (train, test) else None)
        for d in [*DOCUMENTS, document(6000)]
    ]
    tie[-1] = Document(id="d6000", text=tie[-1].text, group="tied")
    found = assign(tie, KINDS, first, Shares())
    assert (found[train.id], found[test.id], found["d6000"]) == (None, "test", None)
    assert all(found[d.id] == first[d.id] for d in DOCUMENTS if d not in (train, test))
    assert assign(tie, KINDS, found, Shares()) == found


def test_documents_without_a_word_are_no_reprints_of_each_other() -> None:
    assert reprints([Document(id="a", text=" "), Document(id="b", text="\n"), Document(id="c", text="")]) == []


def test_short_documents_are_compared_whole() -> None:
    short = [
        Document(id=name, text=text) for name, text in (("a", "قصف على بلدة"), ("b", "قصف على بلدة"), ("c", "غارة"))
    ]
    assert [story.doc_ids for story in stories(short, {})] == [("a", "b"), ("c",)]


@given(st.lists(st.integers(0, 5), max_size=40), st.integers(0, 3))
def test_every_document_has_one_split_and_no_group_straddles(groups: list[int], seed: int) -> None:
    documents = [document(number, group=str(group) if group else None) for number, group in enumerate(groups)]
    found = assign(documents, {}, {}, Shares(0.6, 0.2, 0.2, seed))
    assert sorted(found) == [d.id for d in documents]
    for group in set(groups) - {0}:
        assert len({found[d.id] for d in documents if d.group == str(group)}) == 1


@pytest.mark.parametrize("shares", [Shares(0.8, 0.1, 0.2), Shares(1.2, -0.1, -0.1), Shares(float("nan"), 0.5, 0.5)])
def test_shares_that_are_none_are_refused(shares: Shares) -> None:
    with pytest.raises(UsageError) as error:
        shares.check()
    assert str(error.value) == ("--splits are three shares for train, dev and test that sum to 1, such as 0.8,0.1,0.1")


def test_splits_are_kept_from_release_to_release(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        _, first = publish.release(project, "v1", Settings("majority"), by="lamis")
        assert first["counts"]["splits"] == {"dev": 1, "test": 1, "train": 10}
        folder, second = publish.release(
            project, "v2", Settings("union", resolve_all=True), by="lamis", shares=Shares(0.2, 0.4, 0.4, seed=5)
        )
        assert second["counts"]["documents"] == 16
        logged = [entry.payload["splits"] for entry in project.store.entries("release")]
        assert len(logged[0]) == 12
        assert sorted({**logged[0], **logged[1]}) == [f"s{n:02}" for n in range(1, 17)]
        assert not set(logged[0]) & set(logged[1])
        assert logged[0]["s01"] == logged[0]["s02"]
        project.store.add_annotations([Annotation(doc_id="s01", annotator="amal")], {"file": "x"}, "2026-01-01")
        assert publish.verify(folder, project) == []
