"""The interchange form: one JSON object a line, one annotator's reading of one document.

    {"doc_id": "r07", "text": "…", "annotator": "amal", "spans": [{"start": 10, "end": 13, "label": "AIRSTRIKE"}]}

`problems` says what is wrong with a decoded line, `decode` turns a sound one into values, `encode` turns values
back, `dumps` writes one line. Nothing here opens a file, and nothing knows a schema.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from math import isfinite
from typing import Any, get_args

import msgspec

from tahkim.model import FULL_SCOPE, STATUSES, Annotation, Decision, Document, Relation, Scope, Seen, Span

MAX_DEPTH = 64
"""How deeply lists and objects may be nested inside one field of a line."""

Record = dict[str, Any]
Check = Callable[[object], str]


class Line(msgspec.Struct, frozen=True):
    """One decoded line: the annotation, and what the line says of its document (`text` None: another line has it)."""

    annotation: Annotation
    text: str | None
    meta: dict[str, Any]
    group: str | None = None


# What a value must be. Each check answers with a complaint, or "" when there is none.

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INT64 = range(-(2**63), 2**63)


def _string(value: object) -> str:
    if type(value) is not str:
        return f"must be a string, not {_shown(value)}"
    found = None if value.isprintable() else _UNSTORABLE.search(value)
    if found is None:
        return ""
    kind = "a NUL character" if found[0] == "\0" else f"a lone surrogate (U+{ord(found[0]):04X})"
    return f"holds {kind} at character {found.start()}, which no text may hold"


def _name(value: object) -> str:
    return _string(value) if value != "" else "must not be empty"


def _whole_number(value: object) -> str:
    if type(value) is not int:
        return f"must be a whole number, not {_shown(value)}"
    return "" if value in _INT64 else f"is out of range: {_shown(value)}"


def _number(value: object) -> str:
    if type(value) is float:
        return "" if isfinite(value) else f"must be a finite number, not {value}"
    return _whole_number(value) if type(value) is int else f"must be a number, not {_shown(value)}"


def _json_value(value: object, depth: int = MAX_DEPTH) -> str:
    """Complaint about the first part, however deep, that cannot be kept and written again."""
    if value is None or type(value) is bool:
        return ""
    if type(value) is str:
        return _string(value)
    if isinstance(value, int | float):
        return f"holds the number {_shown(value)}, which cannot be kept" if _number(value) else ""
    if not isinstance(value, list | dict):
        return f"holds a {type(value).__name__}, which JSON has not"
    if depth == 0:
        return f"is nested more than {MAX_DEPTH} levels deep"
    for part in value if isinstance(value, list) else (*value, *value.values()):
        complaint = _json_value(part, depth - 1)
        if complaint:
            return complaint
    return ""


def _object(value: object) -> str:
    return _json_value(value) if type(value) is dict else f"must be an object, not {_shown(value)}"


def _array(value: object) -> str:
    return "" if type(value) is list else f"must be a list, not {_shown(value)}"


def _one_of(known: Sequence[str]) -> Check:
    def check(value: object) -> str:
        return "" if value in known else f"{_shown(value)} is unknown (known: {', '.join(known)})"

    return check


def _scope(value: object) -> str:
    if type(value) is not dict:
        return f"must be an object, not {_shown(value)}"
    for key, names in value.items():
        if key not in Scope.__struct_fields__:
            return f"has the unknown key {_shown(key)} (known: {', '.join(Scope.__struct_fields__)})"
        if names is not None and (type(names) is not list or any(map(_name, names))):
            return f"{key} must be a list of names, not {_shown(names)}"
    return ""


def _shown(value: object) -> str:
    """A value as JSON, cut to what fits in a message."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= 40 else text[:39] + "…"


def _choice(value: object) -> str:
    """A candidate's number, "none", or a span or relation, which is checked where the document is at hand."""
    if value == "none" or (type(value) is int and value >= 1):
        return _json_value(value)
    if type(value) is dict and value:
        attributes = value.get("attributes")
        wrong = "" if attributes is None else _object(attributes)
        return _object(value) or (wrong and f"has attributes that {wrong}")
    return f'must be a candidate\'s number from 1, "none", or a span or relation, not {_shown(value)}'


_MARK: dict[str, Check] = {
    "id": _name,
    "label": _name,
    "attributes": _object,
    "rule": _string,
    "score": _number,
    "seen": _one_of(get_args(Seen)),
    "how": _string,
    "support": _object,
    "confidence": _number,
}
_SPAN: dict[str, Check] = _MARK | {"start": _whole_number, "end": _whole_number, "surface": _string}
_RELATION: dict[str, Check] = _MARK | {"head": _name, "tail": _name}
_LINE: dict[str, Check] = {
    "doc_id": _name,
    "text": _string,
    "group": _name,
    "annotator": _name,
    "status": _one_of(STATUSES),
    "scope": _scope,
    "spans": _array,
    "relations": _array,
    "attributes": _object,
    "created_at": _string,
    "updated_at": _string,
    "lead_time": _number,
    "origin": _object,
    "started_from": _string,
    "meta": _object,
}
_DOCUMENT: dict[str, Check] = {"id": _name, "text": _string, "meta": _object, "group": _name}
_DECISION: dict[str, Check] = {
    "doc_id": _name,
    "key": _name,
    "seen": _name,
    "choice": _choice,
    "of": _one_of(("span", "relation", "document", "new")),
    "by": _name,
    "at": _name,
    "reason": _string,
    "guideline": _string,
    "undoes": _name,
    "id": _name,
}


def problems(record: object, text: str | None = None) -> list[str]:
    """Every structural problem of one decoded line, in the line's order; empty when the line is sound.

    Offsets are checked against the line's own text, or else `text` (that of another line of the
    document); without either they are only checked against each other. Null stands for absent.

    >>> problems({"doc_id": "d", "annotator": "a", "text": "غارة", "spans": [{"start": 0, "end": 9, "label": "X"}]})
    ['spans[0]: end 9 lies past the text, which has 4 characters']
    """
    if type(record) is not dict:
        return [f"a line must be a JSON object, not {_shown(record)}"]
    own_text = record.get("text")
    if type(own_text) is str:
        text = own_text
    spans, relations = _listed(record, "spans"), _listed(record, "relations")
    span_ids = {span["id"] for span in spans if type(span) is dict and type(span.get("id")) is str}
    found = _field_problems(record, _LINE, ("doc_id", "annotator"))
    for number, span in enumerate(spans):
        found += _placed("span", number, span, _span_problems(span, text))
    for number, relation in enumerate(relations):
        found += _placed("relation", number, relation, _relation_problems(relation, span_ids))
    return found + _repeated_ids(spans, "spans") + _repeated_ids(relations, "relations")


def document_problems(record: object) -> list[str]:
    """Every problem of one decoded line of a reports file: `id`, `text`, perhaps `meta` and `group`."""
    if type(record) is not dict:
        return [f"a line must be a JSON object, not {_shown(record)}"]
    found = _field_problems(record, _DOCUMENT, ("id", "text"))
    meta = record.get("meta")
    twice = [key for key in record if type(meta) is dict and key not in _DOCUMENT and key in meta]
    return found + [f"{_plain(key)} stands both in meta and beside it" for key in twice]


def decision_problems(record: object) -> list[str]:
    """Every problem of one decoded line of a decisions file that shows without its conflict.

    Keys that are none of a decision's are passed over, so that a conflict's line with the answer
    written into it is a decision.
    """
    if type(record) is not dict:
        return [f"a line must be a JSON object, not {_shown(record)}"]
    record = {key: value for key, value in record.items() if key in _DECISION}
    found = _field_problems(record, _DECISION, ("doc_id", "by", "at"))
    if record.get("undoes") is not None:
        return found + (["undoes and choice exclude each other"] if record.get("choice") is not None else [])
    if record.get("choice") is None:
        found.append("choice is missing")
    if record.get("key") is None and record.get("of") != "new":
        found.append('key is missing (only "of": "new" needs none)')
    if record.get("of") == "new" and type(record.get("choice")) is not dict:
        found.append('"of": "new" adds what nobody marked: choice must be the span or relation itself')
    return found


def _field_problems(record: Record, checks: Mapping[str, Check], required: Sequence[str]) -> list[str]:
    found = [f"{key} is missing" for key in required if record.get(key) is None]
    for key, value in record.items():
        check = checks.get(key)
        if check is not None and value is None:
            continue
        complaint = _json_value({key: value}) if check is None else check(value)
        if complaint:
            found.append(f"{_plain(key)} {complaint}")
    return found


def _listed(record: Record, key: str) -> list[Any]:
    value = record.get(key)
    return value if type(value) is list else []


def _placed(kind: str, number: int, mark: object, found: Sequence[str]) -> list[str]:
    """What was found with the mark's name before it: its id, or its position where it has none."""
    if not found:
        return []
    mark_id = mark.get("id") if isinstance(mark, dict) else None
    place = f"{kind} {_plain(mark_id)}" if type(mark_id) is str else f"{kind}s[{number}]"
    return [f"{place}: {what}" for what in found]


def _plain(text: str) -> str:
    """An id as it stands in a message: as it is, or escaped where it would break the line."""
    return text if text and text.isprintable() else _shown(text)


def named(doc_id: str, annotator: str | None = None) -> str:
    """How messages name a document, or an annotator's reading of it.

    >>> named("r07", "amal")
    'document r07 by amal'
    """
    return f"document {_plain(doc_id)}" + (f" by {_plain(annotator)}" if annotator is not None else "")


def _span_problems(span: object, text: str | None) -> list[str]:
    if type(span) is not dict:
        return [f"must be an object, not {_shown(span)}"]
    found = _field_problems(span, _SPAN, ("start", "end", "label"))
    if found:
        return found
    start, end, surface = span["start"], span["end"], span.get("surface")
    if start < 0:
        return [f"start {start} lies before the text"]
    if start >= end:
        return [f"start {start} is not before end {end}"]
    if text is not None and end > len(text):
        return [f"end {end} lies past the text, which has {len(text)} characters"]
    if text is not None and surface is not None and surface != text[start:end]:
        return [f"surface {_quoted(surface)} is not the text at [{start}, {end}): {_quoted(text[start:end])}"]
    return []


def _quoted(text: str) -> str:
    shown = json.dumps(text, ensure_ascii=False)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _relation_problems(relation: object, span_ids: set[str]) -> list[str]:
    if type(relation) is not dict:
        return [f"must be an object, not {_shown(relation)}"]
    found = _field_problems(relation, _RELATION, ("label", "head", "tail"))
    for end in ("head", "tail"):
        target = relation.get(end)
        if type(target) is str and target not in span_ids:
            found.append(f"{end} {_plain(target)} is no span of this line")
    return found


def _repeated_ids(marks: Sequence[Any], kind: str) -> list[str]:
    ids = [mark["id"] for mark in marks if type(mark) is dict and type(mark.get("id")) is str]
    if len(set(ids)) == len(ids):
        return []
    return [f"two {kind} have the id {_plain(mark_id)}" for mark_id, count in Counter(ids).items() if count > 1]


# From a sound record to values.

_SPAN_FIELDS = frozenset(_SPAN) - {"surface"}
_RELATION_FIELDS = frozenset(_RELATION)
_LINE_FIELDS, _DOCUMENT_FIELDS = frozenset(_LINE), frozenset(_DOCUMENT)
_PROVENANCE = ("rule", "score", "seen", "how", "support", "confidence")
_REMARKS = ("created_at", "updated_at", "lead_time", "origin", "started_from")


def decode(record: Record) -> Line:
    """Values of a record that `problems` finds nothing wrong with.

    Null attributes are dropped, unknown keys go to `extra`; spans and relations without an id get the
    first free of `s1`, `s2`, … and `r1`, `r2`, ….
    """
    spans = record.get("spans") or []
    relations = record.get("relations") or []
    annotation = Annotation(
        doc_id=record["doc_id"],
        annotator=record["annotator"],
        status=record.get("status") or "submitted",
        scope=_decode_scope(record.get("scope")),
        spans=tuple(map(_decode_span, spans, _ids(spans, "s"))),
        relations=tuple(map(_decode_relation, relations, _ids(relations, "r"))),
        attributes=_given(record.get("attributes")),
        extra=_rest(record, _LINE_FIELDS),
        **_present(record, _REMARKS),
    )
    return Line(annotation, record.get("text"), record.get("meta") or {}, record.get("group"))


def _decode_span(record: Record, span_id: str) -> Span:
    return Span(
        id=span_id,
        start=record["start"],
        end=record["end"],
        label=record["label"],
        attributes=_given(record.get("attributes")),
        rule=record.get("rule"),
        score=record.get("score"),
        seen=record.get("seen"),
        how=record.get("how"),
        support=record.get("support"),
        confidence=record.get("confidence"),
        extra=_rest(record, _SPAN_FIELDS),
    )


def _decode_relation(record: Record, relation_id: str) -> Relation:
    return Relation(
        id=relation_id,
        label=record["label"],
        head=record["head"],
        tail=record["tail"],
        attributes=_given(record.get("attributes")),
        rule=record.get("rule"),
        score=record.get("score"),
        seen=record.get("seen"),
        how=record.get("how"),
        support=record.get("support"),
        confidence=record.get("confidence"),
        extra=_rest(record, _RELATION_FIELDS),
    )


def _rest(record: Record, known: frozenset[str]) -> Record:
    # Nearly every record has known keys alone, and to ask that is to ask once.
    return {} if known.issuperset(record) else {key: value for key, value in record.items() if key not in known}


def _decode_scope(record: Record | None) -> Scope:
    asked = {key: frozenset(names) for key, names in (record or {}).items() if names is not None}
    return Scope(**asked) if asked else FULL_SCOPE


def _given(attributes: Record | None) -> Record:
    return {name: value for name, value in attributes.items() if value is not None} if attributes else {}


def _present(record: Record, keys: Sequence[str]) -> Record:
    return {key: record[key] for key in keys if record.get(key) is not None}


def _ids(marks: Sequence[Record], prefix: str) -> Iterator[str]:
    taken = {mark.get("id") for mark in marks}
    number = 0
    for mark in marks:
        mark_id = mark.get("id")
        while mark_id is None:
            number += 1
            mark_id = None if f"{prefix}{number}" in taken else f"{prefix}{number}"
        yield mark_id


def decode_document(record: Record) -> Document:
    """A document from a sound record of a reports file; unknown keys go to its meta."""
    meta = _rest(record, _DOCUMENT_FIELDS) | (record.get("meta") or {})
    return Document(id=record["id"], text=record["text"], meta=meta, group=record.get("group"))


def decode_decision(record: Record) -> Decision:
    """A decision, always with an `id`, from a sound record of a decisions file."""
    return identified(Decision(**_present(record, tuple(_DECISION))))


# And back.


def encode(annotation: Annotation, document: Document | None = None) -> Record:
    """The annotation as a plain object in canonical key order; with `document`, its text, group and meta are in it.

    doc_id, annotator, status, spans, relations and the attributes of each mark always stand there; everything
    else only where it says something. The same values give the same object, key order within attributes included.
    """
    record: Record = {"doc_id": annotation.doc_id}
    if document is not None:
        record |= {"text": document.text} | ({"group": document.group} if document.group is not None else {})
    record |= {"annotator": annotation.annotator, "status": annotation.status}
    if annotation.scope != FULL_SCOPE:
        record["scope"] = {key: sorted(names) for key, names in _set_fields(annotation.scope, Scope.__struct_fields__)}
    record["spans"] = _encode_marks(annotation.spans)
    record["relations"] = _encode_marks(annotation.relations)
    if annotation.attributes:
        record["attributes"] = _ordered(annotation.attributes)
    record |= {key: _ordered(value) for key, value in _set_fields(annotation, _REMARKS)}
    extra = dict(annotation.extra)
    meta = {**(document.meta if document is not None else {}), **extra.pop("meta", {})}
    record |= {"meta": _ordered(meta)} if meta else {}
    record |= _ordered(extra)
    return record


def _encode_marks(marks: Sequence[Span] | Sequence[Relation]) -> list[Record]:
    """Fields in the order of the model, what is None left out, unknown keys at the end."""
    records = []
    for fields in _ordered(marks):
        extra = fields.pop("extra")
        record = {key: value for key, value in fields.items() if value is not None}
        records.append(record | extra if extra else record)
    return records


def _set_fields(value: object, keys: Sequence[str]) -> Iterator[tuple[str, Any]]:
    return ((key, found) for key in keys if (found := getattr(value, key)) is not None)


def _ordered(value: Any) -> Any:
    """The value in JSON's types, the keys of objects in sorted order."""
    return msgspec.to_builtins(value, order="deterministic")


def dumps(record: object) -> bytes:
    """One line of JSON: UTF-8, no ASCII escapes, keys in the order given, no newline at the end."""
    return msgspec.json.encode(record)


def content_hash(record: object) -> str:
    """Hex sha256 of a JSON value, whatever the order of its keys."""
    return sha256(msgspec.json.encode(record, order="sorted")).hexdigest()


def identified(decision: Decision) -> Decision:
    """The decision with an `id`: its own, or the first 16 hex digits of the hash of its content.

    >>> identified(Decision(doc_id="r1", key="k", choice=1, by="lead", at="2026-01-15T10:00:00Z")).id
    'cc37e410934bb2af'
    """
    return decision if decision.id else msgspec.structs.replace(decision, id=content_hash(decision)[:16])
