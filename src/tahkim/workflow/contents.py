"""What goes into a release: the state of a project that it is made from, merged, split and under pseudonyms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import asdict, replace

from tahkim import __version__, guideline
from tahkim import schema as schemas
from tahkim.adjudicate.bayes.posteriors import Posteriors
from tahkim.adjudicate.decisions import standing
from tahkim.adjudicate.merge import DocumentMerge, gold_annotation, learn, merge
from tahkim.adjudicate.questions import Candidate
from tahkim.adjudicate.settled import Settled, SettledRelation
from tahkim.adjudicate.strategies import Settings
from tahkim.gold.content import Item
from tahkim.gold.pseudonyms import Hide, hidden, pseudonymiser
from tahkim.gold.release import About, LeftOut
from tahkim.gold.splits import Shares, Splits, assign, event_kind
from tahkim.model import Corpus, Decision, is_person
from tahkim.project import Project
from tahkim.schema import Schema
from tahkim.store import Entry
from tahkim.workflow.audit import audit as audit_of
from tahkim.workflow.measure import headline
from tahkim.workflow.settle import decisions_in

Record = dict[str, Any]


class Cut(Struct, frozen=True, kw_only=True):
    """All that a release is made from: a project up to a revision and an entry of the log, and what was asked for.

    `schema` is the text of the project's schema then, so that a release can be made again after it has changed.
    """

    revision: int
    entry: int
    settings: Settings
    partial: bool
    by: str
    at: str
    schema: str
    formats: tuple[str, ...] = ()
    shares: Shares = Shares()
    text: bool = True
    licence: str | None = None

    @property
    def asked(self) -> Record:
        """What was asked for: what must be the same when a release is asked for again."""
        names = ("settings", "partial", "formats", "shares", "text", "licence")
        return {name: getattr(self, name) for name in names}


class Contents(Struct, frozen=True):
    """What is written to a folder. `splits` are the documents whose split this release is the first to say."""

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]
    about: About
    schema: Schema
    splits: Splits


class _Made(NamedTuple):
    """What merging made of a document, without all that it was made from: its gold, in no split yet, and figures."""

    item: Item
    open: int
    kind: str
    disagreement: float | None


def contents(project: Project, name: str, cut: Cut, splits: Splits | None = None) -> Contents:
    """Make what a release holds from a cut. `splits` are those the log says it has; None where they are to be made."""
    schema = schemas.loads(cut.schema)
    corpus = project.store.corpus(until=cut.revision)
    everything = list(project.store.entries())
    entries = [entry for entry in everything if entry.n <= cut.entry]
    # A redacted document is gone from every release, whenever that was made.
    redactions = [entry for entry in everything if entry.kind == "redaction"]
    decided = decisions_in([*entries, *redactions])
    believed = _beliefs(corpus, cut.settings, schema, decided)
    hide = _pseudonyms(project, corpus, entries, cut)

    def made(settings: Settings, believed: Posteriors | None) -> list[_Made]:
        return [
            _made(document, hide, schema, with_candidates="soft" in cut.formats)
            for document in merge(corpus, settings, schema, decided, believed)
        ]

    found = made(cut.settings, believed)
    earlier = splits_of(entries)
    if splits is None:
        splits = _new_splits([m for m in found if cut.partial or not m.open], corpus, earlier, cut.shares)
    now = {**earlier, **splits}
    if cut.settings.features:
        # What is tested must not come from the text: documents of the test split are merged by what people said alone.
        plain = made(replace(cut.settings, features=False), None)
        pairs = zip(found, plain, strict=True)
        found = [by_people if now.get(m.item.document.id) == "test" else m for m, by_people in pairs]
    ready = [m for m in found if cut.partial or not m.open]
    return Contents(
        tuple(replace(m.item, split=now[m.item.document.id]) for m in ready),
        _left_out(found, corpus, cut),
        _about(
            name,
            corpus,
            entries,
            cut,
            schema,
            hide,
            [e for e in redactions if e.payload["doc_id"] in now],
            _mean_disagreement(ready),
            audit_of(project, [*entries, *redactions]),
            believed.model if believed is not None else None,
        ),
        schema,
        splits,
    )


def _beliefs(corpus: Corpus, settings: Settings, schema: Schema, decided: Sequence[Decision]) -> Posteriors | None:
    if settings.strategy != "bayes":
        return None
    return learn(corpus, settings, schema, standing(decided, corpus.documents))


def splits_of(entries: Sequence[Entry]) -> Splits:
    """The split of each document as the releases in the log have it, the last word of each."""
    found: dict[str, str | None] = {}
    for entry in entries:
        if entry.kind == "release":
            found |= entry.payload["splits"]
    return found


def _new_splits(ready: Sequence[_Made], corpus: Corpus, earlier: Splits, shares: Shares) -> Splits:
    """The splits that are not as they were in the releases before."""
    kinds = {made.item.document.id: made.kind for made in ready}
    together = [document for doc_id, document in corpus.documents.items() if doc_id in kinds or doc_id in earlier]
    found = assign(together, kinds, earlier, shares)
    return {
        doc_id: split for doc_id, split in sorted(found.items()) if doc_id not in earlier or earlier[doc_id] != split
    }


def _pseudonyms(project: Project, corpus: Corpus, entries: Sequence[Entry], cut: Cut) -> Hide:
    """Everybody who annotated, decided or did anything else that the log tells of."""
    annotators = (a.annotator for a in corpus.annotations if is_person(a.annotator))
    return pseudonymiser(project.key, {*annotators, *(entry.by for entry in entries), cut.by})


def _made(merged: DocumentMerge, hide: Hide, schema: Schema, *, with_candidates: bool) -> _Made:
    gold = gold_annotation(merged)
    candidates = tuple(_shares(item) for item in merged.settled if item.question) if with_candidates else ()
    item = Item(merged.document, hidden(gold, hide), None, candidates)
    return _Made(item, merged.open, event_kind(gold, schema), _disagreement(merged))


def _shares(item: Settled | SettledRelation) -> Record:
    """The readings of a place with the share of each: its posterior where there is one, else that of those asked.

    Readings that differ in attributes alone divide the posterior of their range and label by their votes.
    """
    question = item.question
    assert question is not None
    votes: Counter[Any] = Counter()
    for candidate in question.candidates:
        votes[candidate.reading] += len(candidate.annotators)

    def share(candidate: Candidate) -> float:
        number = len(candidate.annotators)
        if item.posteriors:
            return round(item.posteriors[candidate.reading] * number / votes[candidate.reading], 6)
        return round(number / len(question.asked), 6)

    candidates = [{**candidate.record, "share": share(candidate)} for candidate in question.candidates]
    record: Record = {"of": question.of, "by": "bayes" if item.posteriors else "votes", "candidates": candidates}
    if question.place:
        record["place"] = question.place
    if question.of == "span":
        record["nothing"] = round(max(0.0, 1 - sum(candidate["share"] for candidate in candidates)), 6)
    return record


def _rules_versions(corpus: Corpus) -> tuple[str, ...]:
    """The rules that marked a document of the project, here or before its annotations came in."""
    sources = {source for a in corpus.annotations for source in (a.annotator, a.started_from) if source}
    return tuple(sorted(source for source in sources if source.startswith("rules")))


def _hidden_model(model: Mapping[str, Any], hide: Hide) -> Record:
    """The fitted model with pseudonyms for its annotators, sorted anew."""
    people = sorted((hide(name), rates) for name, rates in model["annotators"].items())
    return {**model, "annotators": dict(people)}


def _left_out(found: Sequence[_Made], corpus: Corpus, cut: Cut) -> tuple[LeftOut, ...]:
    missing = corpus.documents.keys() - {made.item.document.id for made in found}
    left_out = [LeftOut(name, 0, "nobody submitted it", len(corpus.documents[name].text), None) for name in missing]
    if not cut.partial:
        left_out += [
            LeftOut(m.item.document.id, m.open, "open conflicts", len(m.item.document.text), m.disagreement)
            for m in found
            if m.open
        ]
    return tuple(sorted(left_out, key=lambda item: item.doc_id))


def _disagreement(merged: DocumentMerge) -> float | None:
    """The share of a document's places that people did not read alike; None where there is nothing to compare."""
    kinds = [question.kind for question in merged.questions.all]
    if len(merged.annotators) < 2 or not kinds:
        return None
    return round(sum(kind != "agreed" for kind in kinds) / len(kinds), 4)


def _mean_disagreement(ready: Sequence[_Made]) -> float | None:
    found = [made.disagreement for made in ready if made.disagreement is not None]
    return round(fmean(found), 4) if found else None


def _about(
    name: str,
    corpus: Corpus,
    entries: Sequence[Entry],
    cut: Cut,
    schema: Schema,
    hide: Hide,
    redactions: Sequence[Entry],
    disagreement: float | None,
    audit: Record | None,
    model: Mapping[str, Any] | None,
) -> About:
    submitted = Counter(a.annotator for a in corpus.annotations if a.votes)
    head = entries[-1] if entries else None
    return About(
        name=name,
        created_at=cut.at,
        created_by=hide(cut.by),
        tool_version=__version__,
        guideline_version=guideline.load("en").version,
        rules_versions=_rules_versions(corpus),
        settings=hide(asdict(cut.settings)),
        partial=cut.partial,
        annotators={hide(who): number for who, number in submitted.items()},
        agreement=hide(headline(corpus, schema)),
        disagreement=disagreement,
        audit=audit,
        model=_hidden_model(model, hide) if model is not None else None,
        redacted=[{"doc_id": entry.payload["doc_id"], "at": entry.at} for entry in redactions],
        shares=asdict(cut.shares),
        licence=cut.licence,
        text=cut.text,
        schema=cut.schema,
        log={"entries": cut.entry, "hash": head.hash if head else None},
        revision=cut.revision,
    )
