"""The examples beside the rules: every sentence is marked exactly as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tahkim.errors import RuleError
from tahkim.rules import load
from tahkim.rules.examples import Failure, parse, run
from tahkim.rules.lint import lint, listing


def test_every_example_beside_the_rules_holds() -> None:
    total, failures = run(load())
    assert failures == []
    assert total >= 60


def test_an_example_that_does_not_hold_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "mine.examples").write_text("# mine\n[قصف|AIRSTRIKE] مدفعي على [حلب|LOC]\n", encoding="utf-8")
    _, failures = run(load([tmp_path]), [tmp_path])
    assert failures == [
        Failure(
            "mine.examples:2",
            "[قصف|AIRSTRIKE] مدفعي على [حلب|LOC]",
            "not marked: [قصف|AIRSTRIKE]; marked but should not be: [قصف|SHELLING]",
        )
    ]


def test_marks_that_are_not_closed_are_an_error() -> None:
    with pytest.raises(RuleError, match=r"^here: marks are written \[text\|LABEL\]; found '\[قصف\|SHELLING حلب'$"):
        parse("[قصف|SHELLING حلب", "here")


def test_examples_beside_a_pattern_run(tmp_path: Path) -> None:
    (tmp_path / "mine.pat").write_text(
        "mine.bulldozer  ASSET  0.9\n    asset.site\n  + تدمير [جسر|LOC]\n  - تدمير جسر\n", encoding="utf-8"
    )
    _, failures = run(load([tmp_path]))
    assert [failure.problem for failure in failures] == ["not marked: [جسر|LOC]"]


def test_the_built_in_files_are_clean() -> None:
    rules = load()
    assert lint(rules) == []
    assert all(0 <= rule.score <= 1 for rule in listing(rules))


def test_lint_tells_what_is_missing_doubled_and_unused(tmp_path: Path) -> None:
    (tmp_path / "mine.lex").write_text("[mystery]\nكلمة\nكلمة\n", encoding="utf-8")
    assert lint(load([tmp_path]), [tmp_path]) == [
        "mine.lex:1: the comment at the head names no source (write 'Source: …')",
        "mine.lex:1: the comment at the head names no licence (write 'Licence: …')",
        "mine.lex:3: كلمة stands in [mystery] already, at mine.lex:2",
        "mine.lex:2: no pattern or cue asks for the class [mystery]",
    ]
