"""brat standoff: text-bound annotations, relations and attributes, with the configuration brat needs to show them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, file_stem
from tahkim.gold.formats.tokens import one_word
from tahkim.model import Relation, Span
from tahkim.schema import Attribute, Schema
from tahkim.writing import write_text


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`ID.txt` and `ID.ann` for each document, and `annotation.conf`. Offsets are code points, as brat counts.

    Attributes with a closed set of values are attributes, the others notes `name=value`. A span over a line break is
    written as one fragment a line, as brat wants it. In names of labels an underscore stands for space. Attributes of
    documents have no place in it.
    """
    for item in items:
        stem = file_stem(item.document.id)
        (folder / f"{stem}.txt").write_bytes(item.document.text.encode())
        (folder / f"{stem}.ann").write_bytes("".join(f"{line}\n" for line in _lines(item, schema)).encode())
    write_text(folder / "annotation.conf", _configuration(schema))
    return {"document_attributes_left_out": sum(len(item.gold.attributes) for item in items)}


def _lines(item: Item, schema: Schema) -> Iterator[str]:
    names: dict[str, str] = {}
    said: list[tuple[str, str, Any, bool]] = []
    for number, span in enumerate(item.gold.spans, start=1):
        names[span.id] = f"T{number}"
        yield f"T{number}\t{one_word(span.label)} {_fragments(span, item.document.text)}\t{_shown(span, item)}"
        said += _said(f"T{number}", span, schema.attributes_of(span.label))
    for number, relation in enumerate(item.gold.relations, start=1):
        yield f"R{number}\t{one_word(relation.label)} Arg1:{names[relation.head]} Arg2:{names[relation.tail]}"
        said += _said(f"R{number}", relation, schema.relation_attributes_of(relation.label))
    attributes = [(owner, name, value) for owner, name, value, closed in said if closed]
    notes = [(owner, name, value) for owner, name, value, closed in said if not closed]
    for number, (owner, name, value) in enumerate(attributes, start=1):
        yield f"A{number}\t{name} {owner} {_one_line(value)}"
    for number, (owner, name, value) in enumerate(notes, start=1):
        yield f"#{number}\tAnnotatorNotes {owner}\t{name}={_one_line(value)}"


def _fragments(span: Span, text: str) -> str:
    """`start end`, or several of them with semicolons between where the span crosses line breaks."""
    return ";".join(f"{start} {end}" for start, end in _lines_of(span, text))


def _shown(span: Span, item: Item) -> str:
    shown = " ".join(item.surface(start, end) for start, end in _lines_of(span, item.document.text))
    return " " * len(shown) if shown.isspace() else shown


def _lines_of(span: Span, text: str) -> list[tuple[int, int]]:
    """The ranges of a span on each of its lines; all of it where it holds line breaks alone.

    Every character that a reader may take for the end of a line is one: a standoff file has a mark a line.
    """
    found, start = [], span.start
    for line in text[span.start : span.end].splitlines(keepends=True):
        length = len(line.splitlines()[0])
        if length:
            found.append((start, start + length))
        start += len(line)
    return found or [(span.start, span.end)]


def _said(owner: str, mark: Span | Relation, known: Mapping[str, Attribute]) -> Iterator[tuple[str, str, Any, bool]]:
    for name, value in mark.attributes.items():
        yield owner, name, value, name in known and known[name].type in ("choice", "bool")


def _one_line(value: Any) -> str:
    return " ".join(str(value).lower().split()) if isinstance(value, bool) else " ".join(str(value).split())


def _configuration(schema: Schema) -> str:
    lines = [
        "[entities]",
        *map(one_word, schema.labels),
        "",
        "[relations]",
        "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>",
    ]
    for relation in schema.relations.values():
        ends = (sorted(labels, key=schema.label_order) for labels in (relation.domain, relation.range))
        lines.append("{}\tArg1:{}, Arg2:{}".format(one_word(relation.name), *map(_any_of, ends)))
    lines += ["", "[events]", "", "[attributes]", *_attribute_lines(schema)]
    return "\n".join(lines) + "\n"


def _attribute_lines(schema: Schema) -> Iterator[str]:
    """One line a name: brat knows an attribute by its name alone, so that the owners and values are joined."""
    owners: dict[str, list[str]] = {}
    values: dict[str, list[str]] = {}
    described = [(label, schema.attributes_of(label)) for label in schema.labels]
    described += [(name, schema.relation_attributes_of(name)) for name in schema.relations]
    for owner, attributes in described:
        for attribute in attributes.values():
            if attribute.type in ("choice", "bool"):
                owners.setdefault(attribute.name, []).append(owner)
                known = values.setdefault(attribute.name, [])
                known += [v for v in map(str, attribute.values or ("true", "false")) if v not in known]
    for name, labels in owners.items():
        yield f"{name}\tArg:{_any_of(labels)}, Value:{'|'.join(values[name])}"


def _any_of(labels: Iterable[str]) -> str:
    return "|".join(map(one_word, labels))
