"""Attributes merge in groups that belong together (`count_min`, `count_max`, `count_type`), each as one value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors
from tahkim.adjudicate.strategies import Ballot, Settings, settle
from tahkim.agreement.align import canonical
from tahkim.model import Annotation

_ABSENT = canonical({})


class MergedAttributes(Struct, frozen=True):
    """Attributes that were settled, and the names of those that no value won."""

    values: Mapping[str, Any]
    contested: tuple[str, ...] = ()


def merge_attributes(
    readings: Sequence[tuple[Annotation, Mapping[str, Any]]],
    groups: Sequence[Sequence[str]],
    settings: Settings,
    posteriors: DocumentPosteriors | None = None,
) -> MergedAttributes:
    """Settle the attributes of one place by the strategy, among the annotators who have it.

    `readings` pairs each of them with the attributes they gave; not to give one is a reading too, where it was
    asked for. `groups` are names that are one value together; every other name is a group of its own. With
    `posteriors` a value's posterior comes from the accuracy of those who gave it.
    """
    first = canonical(readings[0][1])
    if all(canonical(attributes) == first for _, attributes in readings):
        return MergedAttributes(readings[0][1])
    # How blind a vote was is settled with the range and label; it is not asked again of every attribute.
    settings = replace(settings, blind_quorum=0)
    values: dict[str, Any] = {}
    contested: list[str] = []
    for group in _all_groups(readings, groups):
        ballot = _ballot(readings, group)
        if not ballot.asked:
            continue
        if posteriors is not None:
            ballot = replace(ballot, posteriors=posteriors.of_values(ballot.votes))
        verdict = settle(ballot, settings)
        if verdict.outcome == "taken":
            assert isinstance(verdict.reading, bytes)
            values |= msgspec.json.decode(verdict.reading)
        else:
            contested += group
    return MergedAttributes(dict(sorted(values.items())), tuple(contested))


def _all_groups(
    readings: Sequence[tuple[Annotation, Mapping[str, Any]]], groups: Sequence[Sequence[str]]
) -> list[Sequence[str]]:
    names = {name for _, attributes in readings for name in attributes}
    grouped = {name for group in groups for name in group}
    used = [group for group in groups if names & set(group)]
    return [*used, *([name] for name in sorted(names - grouped))]


def _ballot(readings: Sequence[tuple[Annotation, Mapping[str, Any]]], group: Sequence[str]) -> Ballot:
    votes: dict[Hashable, list[str]] = defaultdict(list)
    for annotation, attributes in readings:
        if any(annotation.scope.asks_attribute(name) for name in group):
            value = {name: attributes[name] for name in group if name in attributes}
            votes[canonical(value)].append(annotation.annotator)
    asked = frozenset(who for voters in votes.values() for who in voters)
    return Ballot({value: tuple(who) for value, who in votes.items()}, asked, rank=_value_order)


def _value_order(value: bytes) -> tuple[bool, bytes]:
    """A tie that must be resolved goes to a value before none, then to the alphabet."""
    return value == _ABSENT, value
