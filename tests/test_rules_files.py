"""Rule files: what is wrong in them is told with file and line; a project's own folder adds to the built-in ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tahkim.errors import RuleError
from tahkim.model import Document
from tahkim.rules import annotate, load


def loading(folder: Path, name: str, content: str) -> str:
    """The error that loading a folder with one such file gives, with the folder left out."""
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load([folder])
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("حلب\n", "mine.lex:1: an entry before the first [section]"),
        (
            "[loc.name as=town]\n",
            "mine.lex:1: unknown paradigm 'town'; known: noun, plural, adjective, verb, plain, name",
        ),
        ("[loc.name type]\n", "mine.lex:1: expected key=value, found 'type'"),
        ("[loc.name\n", "mine.lex:1: a section looks like [class as=noun key=value], this is '[loc.name'"),
        ("[loc.name]\nحلب | | حمص\n", "mine.lex:2: an empty variant; write words between | and /"),
        ("[loc.name]\nحلب ; country\n", "mine.lex:2: expected key=value, found 'country'"),
    ],
)
def test_a_wrong_lexicon_names_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    assert loading(tmp_path, "mine.lex", content) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("my.rule LOC\n", "mine.pat:1: a rule starts with: id LABEL score; found 'my.rule LOC'"),
        ("my.rule LOC 2\n", "mine.pat:1: the score of 'my.rule' must be a number from 0 to 1, not '2'"),
        ("    loc.name\n", "mine.pat:1: a pattern before the first rule"),
        ("my.rule LOC 0.5\n", "mine.pat:1: rule 'my.rule' has no pattern"),
        (
            "my.rule LOC 0.5\n    no.such.class\n",
            "mine.pat:1: no lexicon has the class 'no.such.class' that rule 'my.rule' uses",
        ),
        ("my.rule LOC 0.5\n    ( loc.name\n", "mine.pat:1: '(' is not closed in the pattern of 'my.rule'"),
        ("my.rule LOC 0.5\n    loc.name )\n", "mine.pat:1: ')' has nothing to close in the pattern of 'my.rule'"),
        ("my.rule LOC 0.5\n    * loc.name\n", "mine.pat:1: '*' has nothing before it in the pattern of 'my.rule'"),
        ("my.rule LOC 0.5\n    loc.name?\n", "mine.pat:1: the pattern of 'my.rule' can match nothing at all"),
        ("my.rule LOC 0.5\n    { loc.name\n", "mine.pat:1: rule 'my.rule' needs one pair of braces or none"),
        ("my.rule LOC 0.5\n    loc.name %\n", "mine.pat:1: cannot read ' %' in the pattern of 'my.rule'"),
        ("my.rule LOC 0.5\n    loc.name &\n", "mine.pat:1: '&' needs a class after it in the pattern of 'my.rule'"),
    ],
)
def test_a_wrong_pattern_names_file_and_line(tmp_path: Path, content: str, message: str) -> None:
    assert loading(tmp_path, "mine.pat", content) == message


def test_a_rule_of_the_same_name_is_refused(tmp_path: Path) -> None:
    message = loading(tmp_path, "mine.pat", "loc.named LOC 0.5\n    loc.name\n")
    assert message.startswith("mine.pat:1: rule 'loc.named' is there already, at ")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"nowhere: no such folder of lexicons$"):
        load([tmp_path / "nowhere"])


def test_a_wrong_score_file_names_file_and_line(tmp_path: Path) -> None:
    message = loading(tmp_path, "mine.scores", "loc.named\t1.5\n")
    assert message == "mine.scores:1: a line is rule, tab, a number from 0 to 1; found 'loc.named\\t1.5'"


def test_a_project_adds_its_own_names_and_scores(tmp_path: Path) -> None:
    document = Document(id="d", text="قصف الطيران الحربي قرية زغزيغان ليلا")
    (tmp_path / "places.lex").write_text("[loc.name.town as=name]\nZG = زغزيغان\n", encoding="utf-8")
    (tmp_path / "places.scores").write_text("loc.class_name\t0.625\t12\n", encoding="utf-8")
    found = annotate(document, load([tmp_path]))
    place = next(span for span in found.spans if span.label == "LOC")
    assert document.text[place.start : place.end] == "قرية زغزيغان"
    assert (place.attributes["gaz"], place.rule, place.score) == ("ZG", "loc.class_name", 0.625)
