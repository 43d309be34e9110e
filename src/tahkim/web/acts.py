"""What a lead did in a document, act by act, and what undo and redo mean for it.

An act is all decisions one person appended at one moment: editing a span may bring the relations that end at it
along. The log only grows, so an undo is an act too: the inverse of another one. Which acts can be undone or redone is
read off the log, so that it survives a closed page and a restarted server.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import msgspec
from msgspec.structs import replace

from tahkim.interchange import identified
from tahkim.model import Decision

Act = tuple[Decision, ...]


def acts_of(decisions: Iterable[Decision], by: str) -> list[Act]:
    """The acts of one person, in the order of the log."""
    own = [decision for decision in decisions if decision.by == by]
    return [tuple(group) for _, group in groupby(own, key=lambda decision: decision.at)]


def next_undo(decisions: Sequence[Decision], by: str) -> Act | None:
    """The act that undo would take back, None when there is none."""
    done, _ = _stacks(decisions, by)
    return done[-1] if done else None


def next_redo(decisions: Sequence[Decision], by: str) -> Act | None:
    """The undoing that redo would take back, None when there is none."""
    _, undone = _stacks(decisions, by)
    return undone[-1] if undone else None


def inverse(act: Act, decisions: Iterable[Decision], by: str, at: str) -> list[Decision]:
    """Decisions that take an act back: each decision undone, what it undid decided again."""
    by_id = {decision.id: decision for decision in decisions}
    found = []
    for decision in reversed(act):
        if decision.undoes is None:
            found.append(Decision(doc_id=decision.doc_id, by=by, at=at, undoes=decision.id))
        else:
            found.append(replace(by_id[decision.undoes], by=by, at=at, id=""))
    return [identified(decision) for decision in found]


def _stacks(decisions: Sequence[Decision], by: str) -> tuple[list[Act], list[Act]]:
    """Acts that can be undone and undoings that can be redone, each the last one last."""
    by_id = {decision.id: decision for decision in decisions}
    done: list[Act] = []
    undone: list[Act] = []
    for act in acts_of(decisions, by):
        if any(decision.undoes is not None and decision.undoes not in by_id for decision in act):
            continue  # an undo by key, typed by hand: what it means depends on when it is read
        if done and _content(act, by_id) == _opposite(done[-1], by_id):
            done.pop()
            undone.append(act)
        elif undone and _content(act, by_id) == _opposite(undone[-1], by_id):
            undone.pop()
            done.append(act)
        else:
            done.append(act)
            undone.clear()
    return done, undone


def _content(act: Act, by_id: Mapping[str, Decision]) -> Counter[tuple[bool, bytes]]:
    return Counter(_said(decision, by_id) for decision in act)


def _opposite(act: Act, by_id: Mapping[str, Decision]) -> Counter[tuple[bool, bytes]]:
    return Counter((not undoes, said) for undoes, said in (_said(decision, by_id) for decision in act))


def _said(decision: Decision, by_id: Mapping[str, Decision]) -> tuple[bool, bytes]:
    """Whether a decision is an undo, and what it says or takes back, whoever says it and whenever."""
    what = decision if decision.undoes is None else by_id[decision.undoes]
    return decision.undoes is not None, msgspec.json.encode(replace(what, by="", at="", id=""), order="sorted")
