"""A lead's decisions: which of them stand, and what they say of a question.

Decisions are only ever appended. The last one on a key stands; an undo takes one back, and then the one before
it stands again. They are ordered by time, so that the order of lines in a file does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from tahkim.adjudicate.questions import KEY, Question, belongs_to
from tahkim.errors import DecisionError
from tahkim.model import Decision


class Standing(Struct, frozen=True):
    """The decisions that stand, for one document: by the key of their question, and additions of new things."""

    by_key: Mapping[str, Decision]
    additions: tuple[Decision, ...] = ()


NONE_STANDING = Standing({})


def standing(decisions: Iterable[Decision], doc_ids: Collection[str]) -> dict[str, Standing]:
    """What stands, by document. `doc_ids` are the documents there are.

    Raises DecisionError for a decision on another document, a key that is not of its document, an undo of
    something unknown, of an undo, or of what is undone already. The same decision twice counts once.
    """
    ordered = in_order(decisions)
    for decision in ordered:
        _check(decision, doc_ids)
    undone = _undone(ordered)
    by_key: dict[str, dict[str, Decision]] = defaultdict(dict)
    additions: dict[str, list[Decision]] = defaultdict(list)
    for decision in ordered:
        if decision.undoes is not None or decision.id in undone:
            continue
        if decision.of == "new":
            additions[decision.doc_id].append(decision)
        else:
            by_key[decision.doc_id][decision.key or ""] = decision
    return {doc: Standing(by_key[doc], tuple(additions[doc])) for doc in sorted({*by_key, *additions})}


def in_order(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions by time, an undo after what it may undo, then by id, each once."""
    once = {decision.id: decision for decision in decisions}
    return sorted(once.values(), key=lambda d: (_time(d), d.undoes is not None, d.id))


def _time(decision: Decision) -> datetime:
    try:
        time = datetime.fromisoformat(decision.at)
    except ValueError:
        raise DecisionError(
            f"{_named(decision)}: `at` is {decision.at!r}, not an ISO 8601 time such as 2026-01-15T09:30:00Z"
        ) from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _check(decision: Decision, doc_ids: Collection[str]) -> None:
    if decision.doc_id not in doc_ids:
        raise DecisionError(
            f"{_named(decision)} is about a document that is not here: is it a decision of another project?"
        )
    if decision.undoes is not None or decision.of == "new":
        return
    if decision.key is None or KEY.fullmatch(decision.key) is None:
        raise DecisionError(f"{_named(decision)}: {decision.key!r} is no key: copy `key` from the conflict")
    if not belongs_to(decision.key, decision.doc_id):
        raise DecisionError(
            f"{_named(decision)}: key {decision.key} belongs to another document: copy both from one conflict"
        )
    if decision.seen is None:
        raise DecisionError(f"{_named(decision)}: `seen` is missing: copy it from the conflict")


def _undone(ordered: Sequence[Decision]) -> set[str]:
    """Ids of the decisions that were taken back. `undoes` is an id, or a key: then the last standing one on it."""
    by_id: dict[str, Decision] = {}
    undone: set[str] = set()
    for decision in ordered:
        if decision.undoes is not None:
            target = by_id.get(decision.undoes) or _last_on(decision, by_id.values(), undone)
            _check_undo(decision, target, undone)
            undone.add(target.id)
        by_id[decision.id] = decision
    return undone


def _last_on(undo: Decision, earlier: Iterable[Decision], undone: set[str]) -> Decision:
    """The last standing decision on the key that an undo names, in its document."""
    same = [d for d in earlier if d.key == undo.undoes and d.doc_id == undo.doc_id and d.undoes is None]
    left = [d for d in same if d.id not in undone]
    if not same:
        raise DecisionError(f"{_named(undo)} undoes {undo.undoes}, and no earlier decision has that id or key")
    return (left or same)[-1]


def _check_undo(undo: Decision, target: Decision, undone: set[str]) -> None:
    if target.undoes is not None:
        raise DecisionError(f"{_named(undo)} undoes an undo ({target.id}): decide anew instead")
    if target.id in undone:
        raise DecisionError(f"{_named(undo)} undoes {target.id}, which is undone already")
    if target.doc_id != undo.doc_id:
        raise DecisionError(f"{_named(undo)} undoes {target.id}, which is about document {target.doc_id}")


def is_stale(decision: Decision, question: Question) -> bool:
    """Whether the readings to choose from have changed since the lead decided."""
    return decision.seen != question.seen


def candidate_number(decision: Decision, question: Question) -> int | None:
    """Index of the chosen candidate, None when the choice is not a candidate's number.

    Raises DecisionError for a number that no candidate has.
    """
    if not isinstance(decision.choice, int):
        return None
    if not 1 <= decision.choice <= len(question.candidates):
        raise DecisionError(
            f"{_named(decision)}: choice {decision.choice}, but {question.key} has "
            f'{len(question.candidates)} candidates: choose from 1, or "none", or give your own'
        )
    return decision.choice - 1


def _named(decision: Decision) -> str:
    return f"decision {decision.id} on document {decision.doc_id}"
