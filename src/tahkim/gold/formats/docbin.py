"""spaCy: a DocBin a split, made for `spacy.blank("ar")` and whatever is trained from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, by_split
from tahkim.gold.formats.tokens import between, edges_of, flat, pieces
from tahkim.model import Span
from tahkim.schema import Schema

SPAN_KEY = "gold"


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`SPLIT.spacy` for each split. `doc.text` is the text exactly.

    `doc.spans["gold"]` has every span (`span.id_` as in the gold), `doc.ents` those that do not overlap, and
    `doc.user_data` the document's id, the spans' attributes and the relations.
    """
    import spacy
    from spacy.tokens import DocBin

    vocab = spacy.blank("ar").vocab
    left_out = 0
    for split, held in by_split(items).items():
        docs = DocBin(attrs=["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "ENT_ID"], store_user_data=True)
        for item in held:
            kept = flat(item.gold.spans, schema)
            left_out += len(item.gold.spans) - len(kept)
            docs.add(_doc(item, {span.id for span in kept}, vocab))
        docs.to_disk(folder / f"{split}.spacy")
    return {"spans_not_in_ents": left_out}


def _doc(item: Item, in_ents: set[str], vocab: Any) -> Any:
    from spacy.tokens import Doc, SpanGroup

    text = item.document.text
    words, spaces = [], []
    for start, end, space in _words(text, item.gold.spans):
        words.append(text[start:end])
        spaces.append(space)
    doc = Doc(vocab, words=words, spaces=spaces)
    found: list[Any] = [
        doc.char_span(span.start, span.end, label=span.label, span_id=span.id, alignment_mode="strict")
        for span in item.gold.spans
    ]
    doc.spans[SPAN_KEY] = SpanGroup(doc, name=SPAN_KEY, spans=found)
    doc.ents = [span for span in found if span.id_ in in_ents]
    doc.user_data |= {
        "doc_id": item.document.id,
        "attributes": {span.id: dict(span.attributes) for span in item.gold.spans if span.attributes},
        "relations": [
            {"label": r.label, "head": r.head, "tail": r.tail, "attributes": dict(r.attributes)}
            for r in item.gold.relations
        ],
        "document_attributes": dict(item.gold.attributes),
    }
    return doc


def _words(text: str, spans: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Ranges that cover the text, cut at every edge of a span; True where a single space that follows belongs to it.

    All other space is words of its own, and so is a space that a span begins or ends with.
    """
    first, past = {span.start for span in spans}, {span.end for span in spans}
    edges = edges_of(spans)
    at = 0
    for start, end in [*pieces(text, spans), (len(text), len(text))]:
        cuts = [at, *between(edges, at, start), start]
        yield from ((begin, stop, False) for begin, stop in pairwise(cuts) if begin < stop)
        space = text[end : end + 1] == " " and end not in first and end + 1 not in past
        if start < end:
            yield start, end, space
        at = end + space
