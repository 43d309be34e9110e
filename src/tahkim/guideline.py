"""The annotation guideline as data: version, numbered paragraphs, and examples that can be held against the schema.

A guideline is Markdown with front matter (`version`, `schema`, `language`); a paragraph starts at a heading
`### §12 Title` and runs to the next heading. An example is a fenced block marked `example`:

    [غارة] على [مستودع] قرب [بلدة الهول]
    e1 AIRSTRIKE غارة | factuality=ASSERTED
    x1 ASSET مستودع
    l1 LOC بلدة الهول
    e1 -target-> x1 | certainty=asserted
    e1 -place-> l1

First the text, with each span in square brackets; then one line a span in the order of the text (id, label, surface),
which must agree with the brackets; then relations. Attributes follow a bar. `document | no_event=true` sets what
belongs to the whole text. All of it is shown to annotators as it stands, so that what they read is what was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation, Relation, Span

LANGUAGES = ("ar", "en")


class Example(Struct, frozen=True):
    """A text with its reading; `line` is where its block starts in the file, from 1."""

    text: str
    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]
    attributes: dict[str, Any]
    line: int

    def annotation(self, doc_id: str) -> Annotation:
        """The reading as an annotation of a document `doc_id`, made by the guideline."""
        return Annotation(
            doc_id=doc_id,
            annotator="guideline",
            spans=self.spans,
            relations=self.relations,
            attributes=self.attributes,
        )


class Paragraph(Struct, frozen=True):
    """One rule. `body` is its Markdown, examples included, without the heading."""

    number: int
    title: str
    chapter: str
    body: str
    examples: tuple[Example, ...]


class Guideline(Struct, frozen=True):
    """One language version. Paragraphs are numbered from 1 without gaps; `schema` is the schema version it explains."""

    version: str
    schema: str
    language: str
    title: str
    paragraphs: tuple[Paragraph, ...]

    def paragraph(self, number: int) -> Paragraph:
        """The paragraph § `number`; UsageError for a number it has not."""
        if not 1 <= number <= len(self.paragraphs):
            raise UsageError(f"the guideline has no §{number} (it has §1 to §{len(self.paragraphs)})")
        return self.paragraphs[number - 1]


def load(language: str = "ar", folder: Path | None = None) -> Guideline:
    """The guideline in a language (`ar`, `en`) from `folder`, or the one that ships with the package.

    UsageError for an unknown language, InputError for a file that is missing or badly formed.
    """
    if language not in LANGUAGES:
        raise UsageError(f"no guideline in {language} (known: {', '.join(LANGUAGES)})")
    path = (folder or _own_folder()) / f"guideline.{language}.md"
    try:
        return parse(path.read_bytes().decode("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error


def _own_folder() -> Path:
    """Inside the package when installed from a wheel, at the top of a checkout otherwise."""
    installed = Path(__file__).parent / "guidelines"
    return installed if installed.is_dir() else Path(__file__).resolve().parents[2] / "guidelines"


_PARAGRAPH = re.compile(r"### §(\d+) +(.+)")
_CHAPTER = re.compile(r"## +(.+)")
_TITLE = re.compile(r"# +(.+)")
_FENCE = re.compile(r"```(\w*)")
_WRAPPER = re.compile(r"</?div.*>")  # what makes Markdown viewers lay the Arabic version out from right to left


def parse(markdown: str, name: str) -> Guideline:
    """A guideline from its Markdown; `name` is what messages call it. InputError names the line."""
    lines = markdown.split("\n")
    facts, start = _front_matter(lines, name)
    title = chapter = ""
    paragraphs: list[Paragraph] = []
    for number, line, block in _blocks(lines, start):
        if found := _TITLE.fullmatch(line):
            title = found[1]
        elif found := _CHAPTER.fullmatch(line):
            chapter = found[1]
        elif found := _PARAGRAPH.fullmatch(line):
            if int(found[1]) != len(paragraphs) + 1:
                raise InputError(f"{name}, line {number}: §{found[1]} follows §{len(paragraphs)}; number without gaps")
            examples = tuple(_examples(block, number + 1, name))
            body = "\n".join(line for line in block if not _WRAPPER.fullmatch(line)).strip("\n")
            paragraphs.append(Paragraph(len(paragraphs) + 1, found[2], chapter, body, examples))
    return Guideline(facts["version"], facts["schema"], facts["language"], title, tuple(paragraphs))


def _front_matter(lines: Sequence[str], name: str) -> tuple[dict[str, str], int]:
    """What stands between the two `---` lines, and the index of the line after them."""
    if not lines or lines[0] != "---" or "---" not in lines[1:]:
        raise InputError(f"{name}, line 1: a guideline starts with front matter between two lines of ---")
    end = lines.index("---", 1)
    facts = yaml.safe_load("\n".join(lines[1:end]))
    for key in ("version", "schema", "language"):
        if not isinstance(facts, dict) or not isinstance(facts.get(key), str):
            raise InputError(f"{name}, line 1: the front matter lacks {key}, as text")
    return facts, end + 1


def _blocks(lines: Sequence[str], start: int) -> Iterator[tuple[int, str, list[str]]]:
    """Each heading with its line number, from 1, and the lines under it up to the next heading."""
    headings = [i for i in _outside_fences(lines, start) if re.match("#{1,3} ", lines[i])]
    for i, following in zip(headings, [*headings[1:], len(lines)], strict=True):
        yield i + 1, lines[i], list(lines[i + 1 : following])


def _outside_fences(lines: Sequence[str], start: int) -> Iterator[int]:
    fenced = False
    for i in range(start, len(lines)):
        if lines[i].startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield i


def _examples(block: Sequence[str], first_line: int, name: str) -> Iterator[Example]:
    """The examples of a paragraph whose lines start at line `first_line` of the file."""
    opened: int | None = None
    kind = ""
    for i, line in enumerate(block):
        if not (fence := _FENCE.fullmatch(line)):
            continue
        if opened is None:
            opened, kind = i, fence[1]
            continue
        if kind == "example":
            yield parse_example(block[opened + 1 : i], first_line + opened + 1, name)
        opened = None
    if opened is not None:
        raise InputError(f"{name}, line {first_line + opened}: the block is never closed")


_ATTRIBUTES = r"(?: \| (.+))?"
_SPAN = re.compile(r"([a-z]+\d+) ([A-Z_]+) ([^|]+?)" + _ATTRIBUTES)
_RELATION = re.compile(r"([a-z]+\d+) -([a-z_]+)-> ([a-z]+\d+)" + _ATTRIBUTES)
_DOCUMENT = re.compile(r"document" + _ATTRIBUTES)


def parse_example(lines: Sequence[str], first_line: int = 1, name: str = "example") -> Example:
    """The example that stands in `lines`, the first of which is line `first_line` of the file `name`.

    >>> example = parse_example(["[قصف] و[تدمير]", "e1 SHELLING قصف", "d1 DAMAGE تدمير", "e1 -causes-> d1"])
    >>> example.text, [(span.start, span.end) for span in example.spans]
    ('قصف وتدمير', [(0, 3), (5, 10)])
    """
    marks = next((i for i, line in enumerate(lines) if _is_mark(line)), len(lines))
    text, ranges = _unbracketed("\n".join(lines[:marks]), f"{name}, line {first_line}")
    spans: list[Span] = []
    relations: list[Relation] = []
    attributes: dict[str, Any] = {}
    for i, line in enumerate(lines[marks:], start=marks):
        place = f"{name}, line {first_line + i}"
        if found := _SPAN.fullmatch(line):
            spans.append(_span(found, text, ranges[len(spans) :], place))
        elif found := _RELATION.fullmatch(line):
            relations.append(_relation(found, spans, f"r{len(relations) + 1}", place))
        elif found := _DOCUMENT.fullmatch(line):
            attributes |= _attributes(found[1], place)
        else:
            raise InputError(f"{place}: neither a span (e1 LABEL surface) nor a relation (e1 -label-> e2): {line}")
    if len(spans) < len(ranges):
        start, end = ranges[len(spans)]
        raise InputError(f"{name}, line {first_line}: [{text[start:end]}] has no line that names its label")
    return Example(text, tuple(spans), tuple(relations), attributes, first_line)


def _is_mark(line: str) -> bool:
    return any(pattern.fullmatch(line) for pattern in (_SPAN, _RELATION, _DOCUMENT))


def _unbracketed(marked: str, place: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its brackets, and the range of each bracketed stretch."""
    text, ranges, open_at = "", [], -1
    for part in re.split(r"([\[\]])", marked):
        if part not in ("[", "]"):
            text += part
        elif (part == "[") != (open_at < 0):
            raise InputError(f"{place}: square brackets come in pairs and do not nest")
        elif part == "[":
            open_at = len(text)
        else:
            ranges.append((open_at, len(text)))
            open_at = -1
    if open_at >= 0:
        raise InputError(f"{place}: a square bracket is never closed")
    return text, ranges


def _span(found: re.Match[str], text: str, ranges: Sequence[tuple[int, int]], place: str) -> Span:
    if not ranges:
        raise InputError(f"{place}: more spans are named than the text has brackets")
    start, end = ranges[0]
    if found[3] != text[start:end]:
        raise InputError(f"{place}: the next bracket of the text holds [{text[start:end]}], not [{found[3]}]")
    return Span(found[1], start, end, found[2], _attributes(found[4], place))


def _relation(found: re.Match[str], spans: Sequence[Span], relation_id: str, place: str) -> Relation:
    for end in (found[1], found[3]):
        if not any(span.id == end for span in spans):
            raise InputError(f"{place}: no span {end} stands above")
    return Relation(relation_id, found[2], found[1], found[3], _attributes(found[4], place))


def _attributes(listed: str | None, place: str) -> dict[str, Any]:
    """`a=1, b=text, c=true` as a mapping; whole numbers and truth values become what they are."""
    attributes: dict[str, Any] = {}
    for item in listed.split(", ") if listed else ():
        key, _, value = item.partition("=")
        if not value:
            raise InputError(f"{place}: an attribute is written name=value, not {item}")
        attributes[key] = _value(value)
    return attributes


def _value(written: str) -> int | bool | str:
    if re.fullmatch(r"-?[0-9]+", written):
        return int(written)
    return {"true": True, "false": False}.get(written, written)
