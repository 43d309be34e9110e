"""CoNLL: a token a line with its offsets and its BIO tag, a file a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, by_split
from tahkim.gold.formats.tokens import bio, flat, one_word, sentence_pieces
from tahkim.schema import Schema
from tahkim.writing import write_lines, write_text

_README = """# CoNLL

A token a line: token, start, end (code points in the text of the document), BIO tag; an empty line after a sentence;
`-DOCSTART- -X- O O` before each document, whose ids `SPLIT.ids` lists in the same order, a JSON string a line.
In a label an underscore stands for space. Relations and attributes are not in this format.

Tokens are words and punctuation marks. Where a span begins or ends inside one, as after a proclitic, the token is cut:
tokens with no space between them have adjoining offsets. A token has one tag, so where spans overlap the longest
stands, of equally long ones the one that begins first. Left out for that reason, or because there is no token in them:
{left_out} of {spans} spans.
"""


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`SPLIT.conll` for each split, and README.md with the policy for overlap."""
    tagged = 0
    for split, held in by_split(items).items():
        with (folder / f"{split}.conll").open("wb") as file:
            for item in held:
                text = "".join(f"{line}\n" for line in _lines(item, schema))
                tagged += text.count(" B-")
                file.write(text.encode())
        write_lines(folder / f"{split}.ids", (item.document.id for item in held))
    spans = sum(len(item.gold.spans) for item in items)
    write_text(folder / "README.md", _README.format(spans=spans, left_out=spans - tagged))
    return {"spans_left_out": spans - tagged}


def _lines(item: Item, schema: Schema) -> Iterator[str]:
    kept = flat(item.gold.spans, schema)
    yield "-DOCSTART- -X- O O"
    yield ""
    found = sentence_pieces(item.document.text, kept)
    tags = iter(bio(chain.from_iterable(found), kept))
    for sentence in found:
        for start, end in sentence:
            yield f"{item.surface(start, end)} {start} {end} {one_word(next(tags))}"
        yield ""
