"""What changed between two releases: by document, by label, and by what brought it about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Literal, NamedTuple

import msgspec

from tahkim.agreement.align import align
from tahkim.errors import ReleaseError
from tahkim.gold.reading import Gold
from tahkim.interchange import decode
from tahkim.model import Annotation, Relation, Span, text_hash

Record = dict[str, Any]
What = Literal["added", "removed", "moved", "relabelled", "moved and relabelled", "attributes"]


class Change(NamedTuple):
    """One mark that is not in both releases as it is. `before` and `after` are as in the gold, None where absent.

    `cause`: `decision` (a lead's word came, went or changed), `settings` (the merge was asked for differently), `tool`
    (tahkim or the schema is another version), `refit` (`bayes` has learned from other readings, of any document),
    `annotations` (other votes).
    """

    doc_id: str
    of: Literal["span", "relation", "document"]
    what: str
    label: str
    cause: str
    before: Record | None
    after: Record | None


def diff(one: Gold, other: Gold) -> Record:
    """Everything that changed from one release to another, as plain data.

    `documents`: those `added` and `removed`, each with why; ids of those with another `text` or `split` or `changed` in
    their marks, and the number `unchanged`. `changes`: one record a change; `labels`, `causes` and `by_document`: their
    numbers. ReleaseError when a release has no manifest.
    """
    if one.manifest is None or other.manifest is None:
        raise ReleaseError("a release without manifest.json cannot be compared: name the folders of two releases")
    for manifest in (one.manifest, other.manifest):
        if lacking := [key for key in ("name", "settings", "tahkim", "schema", "left_out") if key not in manifest]:
            raise ReleaseError(f"a manifest.json without {', '.join(lacking)} is none of tahkim's: see `tahkim verify`")
    before, after = ({record["doc_id"]: record for record in gold} for gold in (one, other))
    both = sorted(before.keys() & after.keys())
    background = _background(one.manifest, other.manifest)
    found = [change for doc_id in both for change in _changes(before[doc_id], after[doc_id], background)]
    changed = {change.doc_id for change in found}
    return {
        "releases": [one.manifest["name"], other.manifest["name"]],
        "documents": {
            "added": _why(after.keys() - before.keys(), one.manifest, "was not there"),
            "removed": _why(before.keys() - after.keys(), other.manifest, "no longer there"),
            "text": [doc_id for doc_id in both if _text_of(before[doc_id]) != _text_of(after[doc_id])],
            "split": [d for d in both if before[d].get("split") != after[d].get("split")],
            "changed": sorted(changed),
            "unchanged": len(both) - len(changed),
        },
        "labels": _by(found, lambda change: change.label),
        "causes": _by(found, lambda change: change.cause),
        "by_document": _by(found, lambda change: change.doc_id),
        "changes": [change._asdict() for change in found],
    }


def _why(doc_ids: Iterable[str], lacking: Mapping[str, Any], not_left_out: str) -> list[Record]:
    """Documents that one of the releases lacks, with why: what it left them out for, or that it knew of none."""
    left_out = {each["doc_id"]: each["why"] for each in lacking["left_out"]}
    return [{"doc_id": doc_id, "why": left_out.get(doc_id, not_left_out)} for doc_id in sorted(doc_ids)]


def _text_of(record: Record) -> str:
    """What tells texts apart, whether a release has them or not."""
    return record["sha256"] if "text" not in record else text_hash(record["text"])


def _background(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What explains a change that no decision explains."""
    if one["settings"] != other["settings"]:
        return "settings"
    if any(one[name] != other[name] for name in ("tahkim", "schema")):
        return "tool"
    return "refit" if other["settings"].get("strategy") == "bayes" else "annotations"


def _changes(before: Record, after: Record, background: str) -> Iterator[Change]:
    if _text_of(before) != _text_of(after):
        return
    one, other = decode(before).annotation, decode(after).annotation
    units = [
        (unit.spans[0], unit.spans[1]) for unit in align([one.spans, other.spans], [one.relations, other.relations])
    ]
    for old, new in units:
        if what := _span_change(old, new):
            yield _change(one.doc_id, "span", what, old, new, background)
    olds = _by_ends(one, {old.id: number for number, (old, _) in enumerate(units) if old is not None})
    news = _by_ends(other, {new.id: number for number, (_, new) in enumerate(units) if new is not None})
    for ends in sorted(olds.keys() | news.keys()):
        for old_arc, new_arc in zip_longest(olds.get(ends, ()), news.get(ends, ())):
            if what := _mark_change(old_arc, new_arc):
                lone = [units[end] for end in ends[:2] if None in units[end]]
                yield _change(one.doc_id, "relation", what, old_arc, new_arc, background, lone)
    if one.attributes != other.attributes:
        yield Change(one.doc_id, "document", "attributes", "", background, dict(one.attributes), dict(other.attributes))


def _by_ends(reading: Annotation, unit_of: Mapping[str, int]) -> dict[tuple[int, int, str], list[Relation]]:
    """Relations by the units they tie and their label: a relation stays the same when its span's edge moves."""
    found: dict[tuple[int, int, str], list[Relation]] = defaultdict(list)
    for relation in reading.relations:
        found[unit_of[relation.head], unit_of[relation.tail], relation.label].append(relation)
    return found


def _span_change(old: Span | None, new: Span | None) -> What | None:
    if old is None or new is None:
        return _mark_change(old, new)
    moved, relabelled = (old.start, old.end) != (new.start, new.end), old.label != new.label
    if moved and relabelled:
        return "moved and relabelled"
    return "moved" if moved else "relabelled" if relabelled else _mark_change(old, new)


def _mark_change(old: Span | Relation | None, new: Span | Relation | None) -> What | None:
    if old is None or new is None:
        return "added" if old is None else "removed"
    return None if old.attributes == new.attributes else "attributes"


def _change(
    doc_id: str,
    of: Literal["span", "relation"],
    what: What,
    old: Span | Relation | None,
    new: Span | Relation | None,
    background: str,
    lone_ends: Sequence[tuple[Span | Relation | None, Span | Relation | None]] = (),
) -> Change:
    """`lone_ends`: those ends of a relation that are in one release only."""
    mark = new or old
    assert mark is not None
    # What has no span to hang on comes and goes with that span, whoever decided it: the span's cause is its cause.
    causes = {_cause(*pair, background) for pair in lone_ends or [(old, new)]}
    cause = "decision" if "decision" in causes else background
    return Change(doc_id, of, what, mark.label, cause, _record(old), _record(new))


def _cause(old: Span | Relation | None, new: Span | Relation | None, background: str) -> str:
    """A lead's word explains first; else what may have changed anything."""
    said = [mark.extra.get("decision") if mark is not None else None for mark in (old, new)]
    return "decision" if said[0] != said[1] else background


def _record(mark: Span | Relation | None) -> Record | None:
    if mark is None:
        return None
    fields = msgspec.to_builtins(mark)
    return {name: value for name, value in fields.items() if value not in (None, {})}


def _by(changes: Sequence[Change], key: Callable[[Change], str]) -> dict[str, Record]:
    """Numbers of changes by a key, each by what changed."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for change in changes:
        found[key(change)][change.what] += 1
    return {name: dict(sorted(count.items())) for name, count in sorted(found.items())}
