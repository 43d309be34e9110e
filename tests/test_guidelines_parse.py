"""Parsing a guideline: what is understood, and what is refused with the line it stands on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tahkim.errors import InputError, UsageError
from tahkim.guideline import Example, load, parse, parse_example

FRONT = '---\nversion: 1.0.0\nschema: "0.2"\nlanguage: en\n---\n'
SMALL = (
    FRONT
    + """
# A small guideline

## Edges

### §1 Proclitics

They are cut off.

```example
أوقعت ال[غارة] و[أضراراً]
e1 AIRSTRIKE غارة | factuality=ASSERTED, count=1, background=false
d1 DAMAGE أضراراً
e1 -causes-> d1 | certainty=hedged
```

### §2 Nothing here

```
### §9 is no heading inside a block
```

```example
طقس معتدل
document | no_event=true
```
"""
)


def test_parse_gives_version_chapters_and_paragraphs() -> None:
    guideline = parse(SMALL, "g.md")
    assert (guideline.version, guideline.schema, guideline.language) == ("1.0.0", "0.2", "en")
    assert guideline.title == "A small guideline"
    assert [(p.number, p.title, p.chapter) for p in guideline.paragraphs] == [
        (1, "Proclitics", "Edges"),
        (2, "Nothing here", "Edges"),
    ]
    assert guideline.paragraph(1).body.startswith("They are cut off.\n\n```example\n")


def test_example_offsets_are_those_of_the_text_without_brackets() -> None:
    (example,) = parse(SMALL, "g.md").paragraph(1).examples
    assert example.text == "أوقعت الغارة وأضراراً"
    assert [(s.id, s.label, example.text[s.start : s.end]) for s in example.spans] == [
        ("e1", "AIRSTRIKE", "غارة"),
        ("d1", "DAMAGE", "أضراراً"),
    ]
    assert example.spans[0].attributes == {"factuality": "ASSERTED", "count": 1, "background": False}
    (relation,) = example.relations
    assert (relation.label, relation.head, relation.tail, relation.attributes) == (
        "causes",
        "e1",
        "d1",
        {"certainty": "hedged"},
    )


def test_example_without_spans_keeps_document_attributes_and_its_line() -> None:
    (example,) = parse(SMALL, "g.md").paragraph(2).examples
    assert example == Example("طقس معتدل", (), (), {"no_event": True}, SMALL.split("\n").index("طقس معتدل") + 1)
    annotation = example.annotation("doc")
    assert (annotation.doc_id, annotation.annotator, annotation.attributes) == ("doc", "guideline", {"no_event": True})


def test_example_of_several_lines_keeps_its_line_ends() -> None:
    example = parse_example(["حلب", "[قصف] عنيف", "e1 SHELLING قصف"])
    assert example.text == "حلب\nقصف عنيف"
    assert (example.spans[0].start, example.spans[0].end) == (4, 7)


def test_unknown_paragraph_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError) as error:
        parse(SMALL, "g.md").paragraph(3)
    assert str(error.value) == "the guideline has no §3 (it has §1 to §2)"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["[قصف", "e1 SHELLING قصف"], "g.md, line 7: a square bracket is never closed"),
        (["[قصف [عنيف]]"], "g.md, line 7: square brackets come in pairs and do not nest"),
        (["قصف] عنيف"], "g.md, line 7: square brackets come in pairs and do not nest"),
        (["[قصف]"], "g.md, line 7: [قصف] has no line that names its label"),
        (["قصف", "e1 SHELLING قصف"], "g.md, line 8: more spans are named than the text has brackets"),
        (["[قصف]", "e1 SHELLING غارة"], "g.md, line 8: the next bracket of the text holds [قصف], not [غارة]"),
        (["[قصف]", "e1 SHELLING قصف", "e1 -agent-> a1"], "g.md, line 9: no span a1 stands above"),
        (["[قصف]", "e1 SHELLING قصف | count"], "g.md, line 8: an attribute is written name=value, not count"),
        (
            ["[قصف]", "e1 SHELLING قصف", "e1 > e1"],
            "g.md, line 9: neither a span (e1 LABEL surface) nor a relation (e1 -label-> e2): e1 > e1",
        ),
    ],
)
def test_bad_example_is_refused_with_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(InputError) as error:
        parse_example(lines, 7, "g.md")
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# No front matter", "g.md, line 1: a guideline starts with front matter between two lines of ---"),
        ("---\nversion: 1\n---\n", "g.md, line 1: the front matter lacks version, as text"),
        ("---\nversion: 1.0.0\n---\n", "g.md, line 1: the front matter lacks schema, as text"),
        (FRONT + "### §2 Too early\n", "g.md, line 6: §2 follows §0; number without gaps"),
        (FRONT + "### §1 Open\n```example\nقصف\n", "g.md, line 7: the block is never closed"),
    ],
)
def test_bad_guideline_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse(text, "g.md")
    assert str(error.value) == message


def test_load_refuses_an_unknown_language_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as usage:
        load("fr")
    assert str(usage.value) == "no guideline in fr (known: ar, en)"
    with pytest.raises(InputError) as missing:
        load("en", tmp_path)
    assert str(missing.value).startswith(f"{tmp_path / 'guideline.en.md'}: cannot be read: ")
