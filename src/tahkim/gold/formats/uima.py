"""UIMA CAS XMI for INCEpTION: a span layer and a relation layer of its own, with tokens and sentences.

UIMA counts UTF-16 units; dkpro-cassis converts. In INCEpTION the layers come with `TypeSystem.xml`: they are
`webanno.custom.TahkimSpan` (feature `value` and one for each attribute) and `webanno.custom.TahkimRelation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from keyword import iskeyword
from pathlib import Path
from typing import Any

from tahkim.gold.content import Item, file_stem
from tahkim.gold.formats.tokens import sentence_pieces
from tahkim.schema import Schema

SPAN, RELATION = "webanno.custom.TahkimSpan", "webanno.custom.TahkimRelation"
_ANNOTATION, _STRING = "uima.tcas.Annotation", "uima.cas.String"
_SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
_TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
_TAKEN = ("begin", "end", "value", "sofa", "Governor", "Dependent", "type", "self", "xmiID")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, such as form feeds; each is one UTF-16 unit, as is what stands for it."""


def write(folder: Path, items: Sequence[Item], schema: Schema) -> dict[str, Any]:
    """`ID.xmi` for each document, and `TypeSystem.xml`. Attributes are texts; those of documents have no place.

    For a character that XML cannot hold U+FFFD stands in the text: how many is answered.
    """
    attributes = sorted({name for item in items for span in item.gold.spans for name in span.attributes})
    arc_attributes = sorted({name for item in items for arc in item.gold.relations for name in arc.attributes})
    types = _type_system(attributes, arc_attributes)
    types.to_xml(folder / "TypeSystem.xml")
    for item in items:
        _cas(item, types).to_xmi(folder / f"{file_stem(item.document.id)}.xmi")
    return {
        "document_attributes_left_out": sum(len(item.gold.attributes) for item in items),
        "characters_replaced": sum(len(_NOT_IN_XML.findall(item.document.text)) for item in items),
    }


def _type_system(attributes: Sequence[str], arc_attributes: Sequence[str]) -> Any:
    from cassis import TypeSystem

    types = TypeSystem()
    types.create_type(_SENTENCE, _ANNOTATION)
    types.create_type(_TOKEN, _ANNOTATION)
    span = types.create_type(SPAN, _ANNOTATION)
    relation = types.create_type(RELATION, _ANNOTATION)
    for owner, names in ((span, attributes), (relation, arc_attributes)):
        for name in ("value", *map(_feature, names)):
            types.create_feature(owner, name, _STRING)
    for end in ("Governor", "Dependent"):
        types.create_feature(relation, end, SPAN)
    return types


def _cas(item: Item, types: Any) -> Any:
    from cassis import Cas

    cas = Cas(types, document_language="x-unspecified")
    cas.sofa_string = _xml(item.document.text)
    cas.sofa_mime = "text/plain"
    cas.add_all(list(_segments(item, types)))
    make_span, make_arc = types.get_type(SPAN), types.get_type(RELATION)
    spans = {
        span.id: make_span(begin=span.start, end=span.end, value=span.label, **_features(span.attributes))
        for span in item.gold.spans
    }
    cas.add_all(list(spans.values()))
    for relation in item.gold.relations:
        head, tail = spans[relation.head], spans[relation.tail]
        # INCEpTION wants a relation to lie where its dependent lies.
        place = {"begin": tail.begin, "end": tail.end, "Governor": head, "Dependent": tail}
        cas.add(make_arc(**place, value=relation.label, **_features(relation.attributes)))
    return cas


def _segments(item: Item, types: Any) -> Iterator[Any]:
    sentence_type, token_type = types.get_type(_SENTENCE), types.get_type(_TOKEN)
    for sentence in sentence_pieces(item.document.text, item.gold.spans):
        yield sentence_type(begin=sentence[0][0], end=sentence[-1][1])
        for start, end in sentence:
            yield token_type(begin=start, end=end)


def _feature(name: str) -> str:
    """A feature's name: some are taken, and cassis makes Python classes whose fields features are."""
    return f"{name}_" if name in _TAKEN or iskeyword(name) else name


def _features(attributes: Mapping[str, Any]) -> dict[str, str]:
    shown = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in attributes.items()}
    return {_feature(name): _xml(value) for name, value in shown.items()}


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)
