"""The two guidelines that ship: in step with each other, complete, and every example valid under the schema."""

from __future__ import annotations

import re

import pytest

from tahkim import schema
from tahkim.guideline import LANGUAGES, Example, Guideline, load

GUIDELINES = {language: load(language) for language in LANGUAGES}
EXAMPLES = [
    pytest.param(example, id=f"{language}-§{paragraph.number}")
    for language, guideline in GUIDELINES.items()
    for paragraph in guideline.paragraphs
    for example in paragraph.examples
]


def test_both_languages_have_the_same_version_paragraphs_and_examples() -> None:
    arabic, english = GUIDELINES["ar"], GUIDELINES["en"]
    assert (arabic.version, arabic.schema) == (english.version, english.schema)
    assert (arabic.language, english.language) == ("ar", "en")
    assert _outline(arabic) == _outline(english)
    assert [p.number for p in arabic.paragraphs] == list(range(1, len(arabic.paragraphs) + 1))


def _outline(guideline: Guideline) -> list[tuple[int, list[Example]]]:
    """Numbers and examples, without the lines they stand on."""
    return [
        (p.number, [Example(e.text, e.spans, e.relations, e.attributes, 0) for e in p.examples])
        for p in guideline.paragraphs
    ]


def test_guidelines_are_for_the_schema_of_the_project() -> None:
    assert GUIDELINES["ar"].schema == schema.load().version


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_paragraph_says_something_in_its_own_language(language: str) -> None:
    letters = re.compile("[\u0600-\u06ff]" if language == "ar" else "[A-Za-z]")
    for paragraph in GUIDELINES[language].paragraphs:
        prose = re.sub(r"(?s)```.*?```", "", paragraph.body)
        assert len(letters.findall(prose)) > 30, paragraph.number
        assert paragraph.chapter, paragraph.number


@pytest.mark.parametrize("language", LANGUAGES)
def test_references_name_paragraphs_that_exist(language: str) -> None:
    guideline = GUIDELINES[language]
    for paragraph in guideline.paragraphs:
        for number in re.findall(r"§(\d+)", paragraph.body):
            assert 1 <= int(number) <= len(guideline.paragraphs), (paragraph.number, number)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_is_valid_under_the_schema(example: Example) -> None:
    assert schema.check(example.annotation("example"), schema.load(), example.text) == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_keeps_the_rules_it_teaches(example: Example) -> None:
    """No entity without a relation, no span over the end of a line, none with a space at its edge."""
    known = schema.load()
    linked = {end for relation in example.relations for end in (relation.head, relation.tail)}
    events = known.relations["place"].domain
    for span in example.spans:
        surface = example.text[span.start : span.end]
        assert span.label in events or span.id in linked, surface
        assert "\n" not in surface
        assert surface == surface.strip()


def test_examples_show_every_label_relation_and_core_attribute() -> None:
    known = schema.load()
    examples = [example for paragraph in GUIDELINES["ar"].paragraphs for example in paragraph.examples]
    spans = [span for example in examples for span in example.spans]
    relations = [relation for example in examples for relation in example.relations]
    assert {span.label for span in spans} == set(known.labels)
    assert {relation.label for relation in relations} == set(known.relations)
    core = known.profile("core").attributes
    assert core is not None
    assert core <= {name for mark in (*spans, *relations, *examples) for name in mark.attributes}
