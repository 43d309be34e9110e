"""A made-up crowd: documents with known truth and annotators of known skill, for tests of models that learn skill."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tahkim.model import Annotation, Corpus, Document, Relation, Span

LABELS = ("LOC", "ACTOR", "WEAPON")
WORDS = {
    "LOC": ("الهول", "الباب", "تل تمر"),
    "ACTOR": ("الجيش", "الشرطة", "قسد"),
    "WEAPON": ("مسيّرة", "قنبلة", "لغم"),
    "": ("قرب", "صباح", "في", "قال", "مصدر", "إن", "بعد", "منزل", "أمس", "سيارة"),
}


class Skill(NamedTuple):
    """How often an annotator finds a span, gives the right label, invents one in a plain word, sees a relation."""

    recall: float = 0.75
    label: float = 0.95
    invents: float = 0.02
    relates: float = 0.8


def crowd(
    skills: Mapping[str, Skill], n_documents: int = 60, per_document: int | None = None, seed: int = 7
) -> tuple[Corpus, Corpus]:
    """Annotations and gold. Each document has 30 words, a third of them spans, tied by `at` to the span after."""
    rng = random.Random(seed)
    documents, annotations, gold = {}, [], []
    for number in range(n_documents):
        doc_id = f"d{number:03}"
        text, truth, plain = _document(rng)
        documents[doc_id] = Document(id=doc_id, text=text)
        related = {(i, i + 1) for i in range(len(truth) - 1) if rng.random() < 0.4}
        gold.append(_annotation(doc_id, "gold", dict(enumerate(truth)), related))
        asked = rng.sample(sorted(skills), per_document or len(skills))
        annotations += [_read(rng, doc_id, name, skills[name], truth, plain, related) for name in asked]
    return Corpus(documents, tuple(annotations)), Corpus(documents, tuple(gold))


def _document(rng: random.Random) -> tuple[str, list[tuple[int, int, str]], list[tuple[int, int]]]:
    text, truth, plain = "", [], []
    for _ in range(30):
        label = rng.choice(("", "", *LABELS)) if rng.random() < 0.55 else ""
        word = rng.choice(WORDS[label])
        place = len(text), len(text) + len(word)
        if label:
            truth.append((*place, label))
        else:
            plain.append(place)
        text += word + " "
    return text.strip(), truth, plain


def _read(
    rng: random.Random,
    doc_id: str,
    name: str,
    skill: Skill,
    truth: Sequence[tuple[int, int, str]],
    plain: Sequence[tuple[int, int]],
    related: set[tuple[int, int]],
) -> Annotation:
    found = {
        i: (start, end, label if rng.random() < skill.label else rng.choice(LABELS))
        for i, (start, end, label) in enumerate(truth)
        if rng.random() < skill.recall
    }
    invented = {100 + i: (*place, rng.choice(LABELS)) for i, place in enumerate(plain) if rng.random() < skill.invents}
    seen = {(i, j) for i, j in sorted(related) if i in found and j in found and rng.random() < skill.relates}
    return _annotation(doc_id, name, {**found, **invented}, seen)


def _annotation(
    doc_id: str, name: str, spans: Mapping[int, tuple[int, int, str]], related: set[tuple[int, int]]
) -> Annotation:
    return Annotation(
        doc_id=doc_id,
        annotator=name,
        spans=tuple(Span(f"s{i}", *content) for i, content in spans.items()),
        relations=tuple(Relation(f"r{i}-{j}", "at", f"s{i}", f"s{j}") for i, j in sorted(related)),
    )
