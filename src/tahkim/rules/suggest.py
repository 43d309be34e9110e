"""Lexicon entries and exclusions that would have turned an error into a hit, with evidence, for a person to accept.

Each candidate comes from annotated data: words people marked and the rules did not, or a trigger they all took out.
It is tried: the rules are loaded once more with it. It is only shown if it mends marks in two documents at least, and
if the marks it changes turn right clearly more often than wrong: the 95 % interval of that share lies above one half,
as with four of four, or seven of eight.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from tahkim.model import Annotation, Document, Span
from tahkim.rules.extract import Rules, annotate, load
from tahkim.rules.score import wilson

CONTEXT = 30
LEAST_DOCUMENTS = 2
# The class and paradigm of a lexicon section a missed span of each label would go to.
SECTIONS = {
    "LOC": "loc.name.town as=name type=town",
    "ACTOR": "actor.name as=name type=NONSTATE_ARMED",
    "SOURCE": "source.name as=name type=other",
    "WEAPON": "weapon.other type=other",
    "ASSET": "asset as=plural type=other",
    "CASUALTY": "person as=plural status=unknown",
}
EXCLUSION = "skip"


class Suggestion(NamedTuple):
    """A line for a lexicon file, the marks it mends and breaks, the documents it is a gain in, and where."""

    kind: Literal["entry", "exclusion"]
    section: str
    text: str
    mended: int
    broken: int
    documents: int
    evidence: tuple[str, ...]

    @property
    def lexicon(self) -> str:
        """The section and line to put into a `*.lex` file."""
        return f"[{self.section}]\n{self.text}\n"

    @property
    def is_founded(self) -> bool:
        """Whether it is right clearly more often than wrong, and not in one document alone."""
        low, _ = wilson(self.mended, self.mended + self.broken)
        return self.documents >= LEAST_DOCUMENTS and low > 0.5


class _Candidate(NamedTuple):
    kind: Literal["entry", "exclusion"]
    section: str
    text: str


def suggest(
    documents: Mapping[str, Document],
    annotations: Iterable[Annotation],
    folders: Sequence[Path] = (),
    exclude: Collection[str] = frozenset(),
    limit: int = 40,
) -> list[Suggestion]:
    """Of the `limit` best-supported candidates those founded when tried; documents in `exclude` are never looked at."""
    rules = load(folders)
    gold = _majority([a for a in annotations if a.votes and a.doc_id not in exclude])
    evidence: dict[_Candidate, set[tuple[str, str]]] = defaultdict(set)
    before: dict[str, frozenset[Place]] = {}
    for doc_id in sorted(gold):
        document = documents[doc_id]
        predicted = annotate(document, rules).spans
        before[doc_id] = _places(predicted)
        for candidate, at in _candidates(document, predicted, gold[doc_id]):
            evidence[candidate].add((doc_id, _context(document.text, at)))
    several = [c for c in evidence if len({doc_id for doc_id, _ in evidence[c]}) >= LEAST_DOCUMENTS]
    best = sorted(several, key=lambda candidate: (-len(evidence[candidate]), candidate))[:limit]
    tried = [_try(candidate, evidence[candidate], documents, gold, before, folders) for candidate in best]
    return sorted((s for s in tried if s.is_founded), key=lambda s: (s.broken - s.mended, s.section, s.text))


Place = tuple[int, int, str]


def _majority(annotations: Sequence[Annotation]) -> dict[str, frozenset[Place]]:
    """What more than half of a document's annotators have, by document."""
    votes: dict[str, Counter[Place]] = defaultdict(Counter)
    people: Counter[str] = Counter()
    for annotation in annotations:
        people[annotation.doc_id] += 1
        votes[annotation.doc_id].update({(s.start, s.end, s.label) for s in annotation.spans})
    return {
        doc_id: frozenset(place for place, count in votes[doc_id].items() if 2 * count > people[doc_id])
        for doc_id in people
    }


def _places(spans: Sequence[Span]) -> frozenset[Place]:
    return frozenset((span.start, span.end, span.label) for span in spans)


def _candidates(
    document: Document, predicted: Sequence[Span], gold: frozenset[Place]
) -> Iterable[tuple[_Candidate, Place]]:
    made = _places(predicted)
    for start, end, label in sorted(gold - made):
        if label in SECTIONS and not any(s.start < end and start < s.end for s in predicted):
            yield _Candidate("entry", SECTIONS[label], document.text[start:end]), (start, end, label)
    for span in predicted:
        place = (span.start, span.end, span.label)
        overlapped = any(start < span.end and span.start < end for start, end, _ in gold)
        if (span.rule or "").startswith("trigger.") and not overlapped:
            behind = document.text[span.end : span.end + CONTEXT].split()
            if behind:
                yield _Candidate("exclusion", EXCLUSION, f"{document.text[span.start : span.end]} {behind[0]}"), place


def _context(text: str, place: Place) -> str:
    start, end, _ = place
    return text[max(0, start - CONTEXT) : end + CONTEXT].replace("\n", " ")


def _try(
    candidate: _Candidate,
    evidence: set[tuple[str, str]],
    documents: Mapping[str, Document],
    gold: Mapping[str, frozenset[Place]],
    before: Mapping[str, frozenset[Place]],
    folders: Sequence[Path],
) -> Suggestion:
    """Load the rules with the candidate and count the marks that change in all annotated documents.

    A mark is mended if it came and is gold or went and is not, broken the other way round: an entry that floods a
    document breaks much.
    """
    mended = broken = better = 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "candidate.lex"
        path.write_text(f"[{candidate.section}]\n{candidate.text}\n", encoding="utf-8")
        rules: Rules = load([*folders, Path(folder)])
    for doc_id, places in gold.items():
        after = _places(annotate(documents[doc_id], rules).spans)
        came, went = after - before[doc_id], before[doc_id] - after
        right, wrong = len(came & places) + len(went - places), len(came - places) + len(went & places)
        mended += right
        broken += wrong
        better += right > wrong
    shown = tuple(f"{doc_id}: {context}" for doc_id, context in sorted(evidence))
    return Suggestion(*candidate, mended, broken, better, shown)
