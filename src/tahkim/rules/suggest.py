"""Lexicon entries and exclusions that would have turned an error into a hit, with evidence, for a person to accept.

Each candidate comes from annotated data: words people marked and the rules did not, or a trigger they all took out.
It is tried: the rules are loaded once more with it, and it is only shown if it mends more than it breaks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from tahkim.model import Annotation, Document, Span
from tahkim.rules.extract import Rules, annotate, load

CONTEXT = 30
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
    """A line for a lexicon file, what it would mend and break, and where."""

    kind: Literal["entry", "exclusion"]
    section: str
    text: str
    mended: int
    broken: int
    evidence: tuple[str, ...]

    @property
    def lexicon(self) -> str:
        """The section and line to put into a `*.lex` file."""
        return f"[{self.section}]\n{self.text}\n"


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
    """The `limit` best-supported candidates that hold up when tried; documents in `exclude` are never looked at."""
    rules = load(folders)
    gold = _majority([a for a in annotations if a.votes and a.doc_id not in exclude])
    evidence: dict[_Candidate, set[tuple[str, str]]] = defaultdict(set)
    hits: dict[str, int] = {}
    for doc_id in sorted(gold):
        document = documents[doc_id]
        predicted = annotate(document, rules).spans
        hits[doc_id] = _right(predicted, gold[doc_id])
        for candidate, at in _candidates(document, predicted, gold[doc_id]):
            evidence[candidate].add((doc_id, _context(document.text, at)))
    best = sorted(evidence, key=lambda candidate: (-len(evidence[candidate]), candidate))[:limit]
    tried = [_try(candidate, evidence[candidate], documents, gold, hits, folders) for candidate in best]
    return sorted((s for s in tried if s.mended > s.broken), key=lambda s: (s.broken - s.mended, s.section, s.text))


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


def _right(predicted: Sequence[Span], gold: frozenset[Place]) -> int:
    """Hits less false alarms, so that an entry that floods a document does not count as a gain."""
    made = {(span.start, span.end, span.label) for span in predicted}
    return len(made & gold) - len(made - gold)


def _candidates(
    document: Document, predicted: Sequence[Span], gold: frozenset[Place]
) -> Iterable[tuple[_Candidate, Place]]:
    made = {(span.start, span.end, span.label) for span in predicted}
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
    hits: Mapping[str, int],
    folders: Sequence[Path],
) -> Suggestion:
    """Load the rules with the candidate and count what changes over all annotated documents."""
    mended = broken = 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "candidate.lex"
        path.write_text(f"[{candidate.section}]\n{candidate.text}\n", encoding="utf-8")
        rules: Rules = load([*folders, Path(folder)])
    for doc_id, places in gold.items():
        gain = _right(annotate(documents[doc_id], rules).spans, places) - hits[doc_id]
        mended += max(gain, 0)
        broken += max(-gain, 0)
    shown = tuple(f"{doc_id}: {context}" for doc_id, context in sorted(evidence))
    return Suggestion(*candidate, mended, broken, shown)
