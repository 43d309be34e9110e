"""Shares of the shown and the blind arm, worked out by hand, and what leaves them undefined."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from tahkim.agreement.anchoring import Anchoring, anchoring
from tahkim.agreement.report import agree
from tahkim.model import Annotation, Corpus, Document, Span

TEXT = "قُتل ثلاثة مدنيين في غارة على بلدة الهري مساء"
GOLD = [(0, 4, "KILL", None), (5, 17, "CASUALTY", None), (21, 25, "STRIKE", None)]
RULES = [(0, 4, "KILL", "kill.1"), (5, 17, "ACTOR", "actor.2"), (35, 40, "LOC", "place.3")]


def reading(
    doc_id: str, name: str, marks: Sequence[tuple[int, int, str, str | None]], start: str | None = None
) -> Annotation:
    spans = tuple(Span(f"s{i}", s, e, label, rule=rule) for i, (s, e, label, rule) in enumerate(marks))
    return Annotation(doc_id=doc_id, annotator=name, spans=spans, started_from=start)


def corpus(n_documents: int = 4, blind: bool = True) -> Corpus:
    """One who keeps every suggestion as it is, beside one who works blind and is right."""
    annotations = []
    for i in range(n_documents):
        annotations += [reading(f"d{i}", "gold", GOLD), reading(f"d{i}", "rules@1", RULES)]
        annotations.append(reading(f"d{i}", "amal", RULES, "rules@1"))
        if blind:
            annotations.append(reading(f"d{i}", "badr", GOLD))
    return Corpus({f"d{i}": Document(id=f"d{i}", text=TEXT) for i in range(n_documents)}, tuple(annotations))


def pick(found: Sequence[Anchoring], measure: str, label: str | None = None, rule: str | None = None) -> Anchoring:
    [one] = [a for a in found if (a.measure, a.label, a.rule) == (measure, label, rule)]
    return one


def test_shares_of_both_arms() -> None:
    found = anchoring(corpus(), samples=50)
    shares = {a.measure: (a.shown, a.blind) for a in found if a.label is a.rule is None}
    assert shares == {
        "retained_errors": (1.0, 0.0),
        "missed_unsuggested": (1.0, 0.0),
        "kept": (1.0, pytest.approx(1 / 3)),
        "edited": (0.0, pytest.approx(1 / 3)),
        "deleted": (0.0, pytest.approx(1 / 3)),
    }
    errors = pick(found, "retained_errors")
    assert (errors.difference, errors.low, errors.high, errors.groups) == (1.0, 1.0, 1.0, 4)
    assert (errors.shown_items, errors.blind_items) == (8, 8)


def test_by_rule_and_by_label() -> None:
    found = anchoring(corpus(), samples=50)
    assert {a.rule for a in found if a.measure == "retained_errors"} == {None, "actor.2", "place.3"}
    assert pick(found, "kept", rule="kill.1").difference == 0.0
    assert pick(found, "edited", rule="actor.2").blind == 1.0
    assert pick(found, "missed_unsuggested", label="STRIKE").shown_items == 4


def test_without_a_blind_arm_there_is_no_difference() -> None:
    one = pick(anchoring(corpus(blind=False)), "kept")
    assert (one.shown, one.reason) == (1.0, "no such item in the blind arm")
    assert math.isnan(one.difference)
    assert one.to_json()["difference"] is None


def test_without_gold_or_suggestions_there_is_nothing() -> None:
    whole = corpus()
    for missing in ("gold", "rules@1"):
        kept = tuple(a for a in whole.annotations if a.annotator != missing)
        assert anchoring(Corpus(whole.documents, kept)) == []


def test_order_does_not_matter_and_the_report_has_it() -> None:
    whole = corpus()
    turned = Corpus(whole.documents, whole.annotations[::-1])
    assert anchoring(whole, samples=20) == anchoring(turned, samples=20)
    report = agree(whole, measures=["span_f1"], samples=20)
    assert report.anchoring == tuple(anchoring(whole, samples=20, seed=report.seed))
    assert report.to_json()["anchoring"][0]["measure"] == "retained_errors"
