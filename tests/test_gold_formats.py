"""Every format of a release, loaded back by the library its users use, and compared with the gold."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tahkim import schema as schemas
from tahkim.errors import UsageError
from tahkim.gold.content import Item, file_stem
from tahkim.gold.formats import Format, chosen
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.schema import Schema
from tahkim.text import utf16_to_code_points
from tahkim.workflow.formats import FORMATS

SCHEMA = schemas.load()

# An emoji outside the basic plane, marks, tatweel, NBSP, CRLF, a double space, a line break at the end.
HARD = "👨‍👩‍👧 قُتِلَ «جُنديّان»\u00a0وغارةٌ  على بلـــدة تل تمر.\r\nقالت وكالة 😀 أ&ب <س>.\n"


def place(text: str, surface: str, label: str, span_id: str, **attributes: Any) -> Span:
    start = text.index(surface)
    return Span(span_id, start, start + len(surface), label, attributes, how="majority", confidence=0.6667)


def hard_item() -> Item:
    spans = (
        place(HARD, "قُتِلَ", "KILL", "s1", factuality="ASSERTED"),
        place(HARD, "جُنديّان", "CASUALTY", "s2", count_min=2, count_max=2, count_type="exact", outcome="killed"),
        place(HARD, "غارةٌ", "AIRSTRIKE", "s3", factuality="HEDGED", background=True),
        place(HARD, "بلـــدة تل تمر", "LOC", "s4", gaz="tall-tamr"),
        place(HARD, "وكالة 😀 أ&ب <س>", "SOURCE", "s5"),
    )
    relations = (
        Relation("r1", "victim", "s1", "s2", {"certainty": "asserted"}, how="lead", confidence=1.0),
        Relation("r2", "causes", "s3", "s1"),
        Relation("r3", "place", "s3", "s4", {"certainty": "hedged"}),
        Relation("r4", "reported_by", "s3", "s5"),
    )
    meta = {"outlet": "وكالة", "published": "2024-03-13"}
    return Item(
        Document(id="hard/1 &", text=HARD, meta=meta, group="g"),
        Annotation(doc_id="hard/1 &", annotator="gold", spans=spans, relations=relations),
        "train",
    )


def plain_item(number: int, split: str | None, *spans: Span, **attributes: Any) -> Item:
    document = Document(id=f"d{number}", text="قصف على البلدة صباح اليوم.")
    return Item(document, Annotation(doc_id=document.id, annotator="gold", spans=spans, attributes=attributes), split)


ITEMS = (
    hard_item(),
    plain_item(1, "train", Span("s1", 0, 3, "SHELLING"), Span("s2", 7, 15, "LOC")),
    plain_item(2, "dev", no_event=True),
    plain_item(3, "test", Span("s1", 15, 25, "TIME", {"norm": "2024-03-12TMO", "time_precision": 1})),
    plain_item(4, None),
)
BY_ID = {item.document.id: item for item in ITEMS}
OVERLAPPING = plain_item(
    9,
    "train",
    Span("outer", 0, 14, "ATTACK"),
    Span("inner", 8, 14, "LOC"),
    Span("crossing", 10, 19, "TIME"),
    Span("twin", 0, 14, "SHELLING"),
    Span("alone", 20, 25, "TIME"),
)


def written(name: str, folder: Path, items: tuple[Item, ...] = ITEMS, schema: Schema = SCHEMA) -> dict[str, Any]:
    return FORMATS[name].write(folder, items, schema)


def spans_of(item: Item) -> set[tuple[int, int, str]]:
    return {(span.start, span.end, span.label) for span in item.gold.spans}


def arcs_of(item: Item) -> set[tuple[str, tuple[int, int], tuple[int, int]]]:
    spans = {span.id: (span.start, span.end) for span in item.gold.spans}
    return {(arc.label, spans[arc.head], spans[arc.tail]) for arc in item.gold.relations}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_items_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert written(name, tmp_path / "a") == written(name, tmp_path / "b")
    first = {path.relative_to(tmp_path / "a"): path.read_bytes() for path in (tmp_path / "a").rglob("*.*")}
    again = {path.relative_to(tmp_path / "b"): path.read_bytes() for path in (tmp_path / "b").rglob("*.*")}
    assert first == again
    assert first


def test_unknown_formats_are_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError) as error:
        chosen(["conl"], FORMATS)
    assert str(error.value) == (
        "unknown format 'conl': choose from brat, conll, doccano, events, huggingface, label-studio, parquet, soft, "
        "spacy, uima"
    )


def test_a_format_whose_library_is_missing_says_how_to_get_it() -> None:
    missing = Format(FORMATS["conll"].write, "", ("no-such-library",), "parquet")
    with pytest.raises(UsageError) as error:
        chosen(["x"], {"x": missing})
    assert str(error.value) == "format x needs no-such-library: pip install 'tahkim[parquet]'"


def test_file_names_hold_any_id() -> None:
    assert [file_stem(each) for each in ("hard/1 &", "..", "ر07")] == ["hard%2F1%20%26", "%2E.", "%D8%B107"]
    assert len(file_stem("ر" * 500)) == 64


# Tables.


def test_parquet_is_read_by_pandas(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    written("parquet", tmp_path)
    documents, spans, relations = (
        pandas.read_parquet(tmp_path / f"{name}.parquet") for name in ("documents", "spans", "relations")
    )
    assert dict(zip(documents.doc_id, documents.text, strict=True)) == {i: x.document.text for i, x in BY_ID.items()}
    assert [None if pandas.isna(each) else each for each in documents.split] == [item.split for item in ITEMS]
    assert json.loads(documents.meta[0]) == BY_ID["hard/1 &"].document.meta
    for doc_id, item in BY_ID.items():
        rows = spans[spans.doc_id == doc_id]
        assert set(zip(rows.start, rows.end, rows.label, strict=True)) == spans_of(item)
        assert [json.loads(a) for a in rows.attributes] == [dict(span.attributes) for span in item.gold.spans]
        assert all(item.document.text[r.start : r.end] == r.surface for r in rows.itertuples())
        arcs = relations[relations.doc_id == doc_id]
        assert list(zip(arcs.label, arcs["head"], arcs["tail"], strict=True)) == [
            (r.label, r.head, r.tail) for r in item.gold.relations
        ]
    assert spans.confidence[0] == 0.6667


def test_hugging_face_is_opened_by_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    folder = tmp_path / "huggingface"
    folder.mkdir()
    written("huggingface", folder)
    readme = FORMATS["huggingface"].readme
    assert readme is not None
    (folder / "README.md").write_text(readme(ITEMS, "# card\n"))
    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: len(held) for split, held in loaded.items()} == {"train": 2, "dev": 1, "test": 1, "unassigned": 1}
    for held in loaded.values():
        for row in held:
            item = BY_ID[row["doc_id"]]
            assert row["text"] == item.document.text
            assert {(s["start"], s["end"], s["label"]) for s in row["spans"]} == spans_of(item)
            assert [json.loads(s["attributes"]) for s in row["spans"]] == [dict(s.attributes) for s in item.gold.spans]
            assert [(r["label"], r["head"], r["tail"]) for r in row["relations"]] == [
                (r.label, r.head, r.tail) for r in item.gold.relations
            ]
            for name, marks in (("spans", item.gold.spans), ("relations", item.gold.relations)):
                assert [(m["how"], m["confidence"]) for m in row[name]] == [(m.how, m.confidence) for m in marks]
            assert json.loads(row["meta"]) == item.document.meta


# spaCy and CoNLL.


def test_spacy_loads_the_docbin(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    assert written("spacy", tmp_path) == {"spans_not_in_ents": 0}
    seen = set()
    for split in ("train", "dev", "test", "unassigned"):
        for doc in DocBin().from_disk(tmp_path / f"{split}.spacy").get_docs(spacy.blank("ar").vocab):
            item = BY_ID[doc.user_data["doc_id"]]
            seen.add(item.document.id)
            assert doc.text == item.document.text
            assert {(s.start_char, s.end_char, s.label_) for s in doc.spans["gold"]} == spans_of(item)
            assert {(s.start_char, s.end_char, s.label_) for s in doc.ents} == spans_of(item)
            assert {s.id_: doc.user_data["attributes"].get(s.id_, {}) for s in doc.spans["gold"]} == {
                s.id: dict(s.attributes) for s in item.gold.spans
            }
            assert [(r["label"], r["head"], r["tail"]) for r in doc.user_data["relations"]] == [
                (r.label, r.head, r.tail) for r in item.gold.relations
            ]
    assert seen == set(BY_ID)


def test_spacy_keeps_overlapping_spans_and_has_the_longest_as_entities(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    assert written("spacy", tmp_path, (OVERLAPPING,)) == {"spans_not_in_ents": 3}
    (doc,) = DocBin().from_disk(tmp_path / "train.spacy").get_docs(spacy.blank("ar").vocab)
    assert {s.id_ for s in doc.spans["gold"]} == {"outer", "inner", "crossing", "twin", "alone"}
    # Of the two that are equally long the schema has SHELLING first.
    assert [s.id_ for s in doc.ents] == ["twin", "alone"]


def test_conll_is_read_by_spacys_converter(tmp_path: Path) -> None:
    pytest.importorskip("spacy")
    from spacy.training.converters import conll_ner_to_docs

    assert written("conll", tmp_path) == {"spans_left_out": 0}
    content = (tmp_path / "train.conll").read_text(encoding="utf-8")
    docs = list(conll_ner_to_docs(content, n_sents=0, no_print=True))
    hard, plain = (BY_ID["hard/1 &"], BY_ID["d1"])
    assert len(docs) == 2
    for doc, item in zip(docs, (hard, plain), strict=True):
        found = ["".join(entity.text.split()) + entity.label_ for entity in doc.ents]
        spans = sorted(item.gold.spans, key=lambda span: span.start)
        assert found == ["".join(item.surface(s.start, s.end).split()) + s.label for s in spans]


def conll_spans(path: Path) -> Iterator[tuple[str, set[tuple[int, int, str]]]]:
    """Each document of a CoNLL file with its spans, read as the README says."""
    blocks = path.read_text(encoding="utf-8").split("-DOCSTART- -X- O O\n")[1:]
    names = path.with_suffix(".ids").read_text(encoding="utf-8").splitlines()
    for name, block in zip(map(json.loads, names), blocks, strict=True):
        spans: list[list[Any]] = []
        for line in block.splitlines():
            if line:
                _, start, end, tag = line.split(" ")
                if tag.startswith("B-"):
                    spans.append([int(start), int(end), tag[2:]])
                elif tag.startswith("I-"):
                    assert spans[-1][2] == tag[2:]
                    spans[-1][1] = int(end)
        yield name, {(start, end, label) for start, end, label in spans}


def test_conll_keeps_every_offset_and_cuts_proclitics_off(tmp_path: Path) -> None:
    written("conll", tmp_path)
    found = {
        name: spans for split in ("train", "dev", "test") for name, spans in conll_spans(tmp_path / f"{split}.conll")
    }
    spans = {i.document.id: spans_of(i) for i in ITEMS if i.split is not None}
    # A span that begins with a space has whole tokens here.
    spans["d1"] = {(0, 3, "SHELLING"), (8, 14, "LOC")}
    assert found == spans
    lines = (tmp_path / "train.conll").read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("B-AIRSTRIKE"))
    assert lines[at - 1].startswith("و ")


def test_conll_leaves_out_what_overlaps_and_says_so(tmp_path: Path) -> None:
    assert written("conll", tmp_path, (OVERLAPPING,)) == {"spans_left_out": 3}
    ((_, spans),) = conll_spans(tmp_path / "train.conll")
    assert spans == {(0, 14, "SHELLING"), (20, 25, "TIME")}
    assert "3 of 5 spans" in (tmp_path / "README.md").read_text()


# Annotation tools.


def brat(path: Path) -> tuple[dict[str, tuple[str, str, str]], list[list[str]], dict[str, dict[str, str]]]:
    """Text-bound annotations, relations and attributes of a standoff file, by brat's own description of the format."""
    marks: dict[str, tuple[str, str, str]] = {}
    arcs: list[list[str]] = []
    said: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        name, content, *rest = line.split("\t")
        if name[0] == "T":
            label, _, where = content.partition(" ")
            marks[name] = (label, where, rest[0])
        elif name[0] == "R":
            arcs.append(content.split(" "))
        elif name[0] == "A":
            attribute, owner, value = content.split(" ", 2)
            said.setdefault(owner, {})[attribute] = value
        else:
            assert content.startswith("AnnotatorNotes ")
            attribute, _, value = rest[0].partition("=")
            said.setdefault(content.split(" ")[1], {})[attribute] = value
    return marks, arcs, said


def test_brat_standoff_points_at_its_text(tmp_path: Path) -> None:
    assert written("brat", tmp_path) == {"document_attributes_left_out": 1}
    for item in ITEMS:
        stem = file_stem(item.document.id)
        text = (tmp_path / f"{stem}.txt").read_bytes().decode()
        assert text == item.document.text
        marks, arcs, said = brat(tmp_path / f"{stem}.ann")
        ranges = {name: tuple(map(int, where.split(" "))) for name, (_, where, _) in marks.items()}
        assert {(*ranges[name], label) for name, (label, _, _) in marks.items()} == spans_of(item)
        assert all(text[slice(*ranges[name])] == surface for name, (_, _, surface) in marks.items())
        found = {(arc[0], ranges[arc[1].removeprefix("Arg1:")], ranges[arc[2].removeprefix("Arg2:")]) for arc in arcs}
        assert found == arcs_of(item)
        owners = {f"T{n}": s.attributes for n, s in enumerate(item.gold.spans, start=1)}
        owners |= {f"R{n}": r.attributes for n, r in enumerate(item.gold.relations, start=1)}
        assert said == {owner: texts(attributes) for owner, attributes in owners.items() if attributes}


def texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {n: str(v).lower() if isinstance(v, bool) else str(v) for n, v in attributes.items()}


def test_brat_breaks_spans_at_line_breaks(tmp_path: Path) -> None:
    document = Document(id="d", text="ab\ncd ef")
    annotation = Annotation(doc_id="d", annotator="gold", spans=(Span("s", 1, 5, "LOC"),))
    written("brat", tmp_path, (Item(document, annotation, "train"),))
    assert (tmp_path / "d.ann").read_text() == "T1\tLOC 1 2;3 5\tb cd\n"


@pytest.mark.parametrize("line_break", ["\r\n", "\r", "\u2028", "\x0c"])
def test_brat_has_a_mark_a_line_whatever_ends_a_line(line_break: str, tmp_path: Path) -> None:
    document = Document(id="d", text=f"ab{line_break}cd")
    spans = Span("s", 1, len(document.text) - 1, "LOC"), Span("t", 2, 2 + len(line_break), "LOC")
    annotation = Annotation(doc_id="d", annotator="gold", spans=spans)
    written("brat", tmp_path, (Item(document, annotation, "train"),))
    past = 2 + len(line_break)
    assert (tmp_path / "d.ann").read_bytes().decode().splitlines() == [
        f"T1\tLOC 1 2;{past} {past + 1}\tb c",
        f"T2\tLOC 2 {past}\t{' ' * len(line_break)}",
    ]
    assert (tmp_path / "d.txt").read_bytes().decode() == document.text


def test_brat_configuration_names_every_label_with_its_ends(tmp_path: Path) -> None:
    written("brat", tmp_path)
    lines = (tmp_path / "annotation.conf").read_text().splitlines()
    assert lines[1 : 1 + len(SCHEMA.labels)] == list(SCHEMA.labels)
    assert "located_in\tArg1:LOC|ASSET, Arg2:LOC|ASSET" in lines
    assert any(line.startswith("factuality\tArg:AIRSTRIKE|") for line in lines)


def test_labels_with_spaces_are_one_word_where_spaces_divide(tmp_path: Path) -> None:
    armed, part = {"en": "armed group", "ar": "جماعة"}, {"en": "part", "ar": "جزء"}
    relation = part | {"domain": ["armed group"], "range": ["armed group"]}
    known = {"version": "1", "labels": {"armed group": armed}, "relations": {"part of": relation}}
    (tmp_path / "schema.yaml").write_text(json.dumps(known))
    schema = schemas.load(tmp_path / "schema.yaml")
    spans = Span("s", 0, 3, "armed group"), Span("t", 8, 14, "armed group")
    gold = Annotation(doc_id="d1", annotator="gold", spans=spans, relations=(Relation("r", "part of", "s", "t"),))
    items = (replace(ITEMS[1], gold=gold),)
    written("brat", tmp_path, items, schema)
    marks, arcs, _ = brat(tmp_path / "d1.ann")
    assert [(label, where) for label, where, _ in marks.values()] == [("armed_group", "0 3"), ("armed_group", "8 14")]
    assert arcs == [["part_of", "Arg1:T1", "Arg2:T2"]]
    assert "part_of\tArg1:armed_group, Arg2:armed_group" in (tmp_path / "annotation.conf").read_text()
    assert written("conll", tmp_path, items, schema) == {"spans_left_out": 0}
    ((_, found),) = conll_spans(tmp_path / "train.conll")
    assert found == {(0, 3, "armed_group"), (8, 14, "armed_group")}


def test_doccano_counts_utf_16(tmp_path: Path) -> None:
    """doccano's own importer wants `text`, `entities` and `relations`; its page counts UTF-16 units."""
    left_out = written("doccano", tmp_path)["attributes_left_out"]
    assert left_out == 13
    for split in ("train", "dev", "test", "unassigned"):
        for line in (tmp_path / f"{split}.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
            record = json.loads(line)
            item = BY_ID[record["doc_id"]]
            units = record["text"].encode("utf-16-le")
            spans = {}
            for entity in record["entities"]:
                start, end = utf16_to_code_points(record["text"], [entity["start_offset"], entity["end_offset"]])
                spans[entity["id"]] = (start, end, entity["label"])
                seen = units[2 * entity["start_offset"] : 2 * entity["end_offset"]].decode("utf-16-le")
                assert seen == item.surface(start, end)
            assert set(spans.values()) == spans_of(item)
            arcs = {(r["type"], spans[r["from_id"]][:2], spans[r["to_id"]][:2]) for r in record["relations"]}
            assert arcs == arcs_of(item)


def test_label_studio_tasks_are_read_back_by_the_back_end(tmp_path: Path) -> None:
    from tahkim.backends.regions import from_regions

    written("label-studio", tmp_path)
    for split in ("train", "dev", "test", "unassigned"):
        for task in json.loads((tmp_path / f"{split}.json").read_bytes()):
            item = BY_ID[task["data"]["doc_id"]]
            parsed = from_regions(task["annotations"][0]["result"], task["data"]["text"], SCHEMA)
            assert parsed.problems == ()
            assert {(s.start, s.end, s.label) for s in parsed.spans} == spans_of(item)
            assert [dict(s.attributes) for s in parsed.spans] == [dict(s.attributes) for s in item.gold.spans]
            found = {s.id: (s.start, s.end) for s in parsed.spans}
            assert {(r.label, found[r.head], found[r.tail]) for r in parsed.relations} == arcs_of(item)


def test_label_studio_tasks_are_converted_by_its_sdk(tmp_path: Path) -> None:
    converter = pytest.importorskip("label_studio_sdk.converter")
    (tmp_path / "in").mkdir()
    written("label-studio", tmp_path / "in")
    configuration = (tmp_path / "in" / "label_studio.xml").read_text(encoding="utf-8")
    logging.disable(logging.WARNING)
    try:
        converter.Converter(configuration, str(tmp_path), download_resources=False).convert_to_json_min(
            str(tmp_path / "in" / "train.json"), str(tmp_path / "out"), is_dir=False
        )
    finally:
        logging.disable(logging.NOTSET)
    rows = json.loads((tmp_path / "out" / "result.json").read_bytes())
    assert len(rows) == 2
    for row in rows:
        item = BY_ID[row["doc_id"]]
        found = {(each["start"], each["end"], each["labels"][0]) for each in row["label"]}
        assert found == spans_of(item)
        assert all(each["text"] == item.surface(each["start"], each["end"]) for each in row["label"])


def test_uima_is_loaded_by_cassis(tmp_path: Path) -> None:
    cassis = pytest.importorskip("cassis")
    assert written("uima", tmp_path) == {"document_attributes_left_out": 1, "characters_replaced": 0}
    with (tmp_path / "TypeSystem.xml").open("rb") as file:
        types = cassis.load_typesystem(file)
    for item in ITEMS:
        with (tmp_path / f"{file_stem(item.document.id)}.xmi").open("rb") as file:
            cas = cassis.load_cas_from_xmi(file, typesystem=types)
        assert cas.sofa_string == item.document.text
        spans = list(cas.select("webanno.custom.TahkimSpan"))
        assert {(s.begin, s.end, s.value) for s in spans} == spans_of(item)
        by_range = {(s.begin, s.end): s for s in spans}
        for span in item.gold.spans:
            for name, value in texts(span.attributes).items():
                assert by_range[span.start, span.end][name] == value
            assert by_range[span.start, span.end].get_covered_text() == item.surface(span.start, span.end)
        arcs = cas.select("webanno.custom.TahkimRelation")
        assert {
            (a.value, (a.Governor.begin, a.Governor.end), (a.Dependent.begin, a.Dependent.end)) for a in arcs
        } == arcs_of(item)
        tokens = cas.select("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token")
        edges = {edge for token in tokens for edge in (token.begin, token.end)}
        assert {edge for span in item.gold.spans for edge in (span.start, span.end)} <= edges


def test_uima_counts_utf_16_in_the_file(tmp_path: Path) -> None:
    written("uima", tmp_path)
    xmi = (tmp_path / f"{file_stem('hard/1 &')}.xmi").read_text(encoding="utf-8")
    source = BY_ID["hard/1 &"].gold.spans[4]
    utf16 = len(HARD[: source.start].encode("utf-16-le")) // 2
    assert utf16 != source.start
    assert f'begin="{utf16}"' in xmi


def test_uima_replaces_what_xml_cannot_hold(tmp_path: Path) -> None:
    """A form feed, as texts from PDF files have, and what no character is."""
    cassis = pytest.importorskip("cassis")
    document = Document(id="d", text="😀\x0cغارة\x01\ufffe\tعلى")
    annotation = Annotation(doc_id="d", annotator="gold", spans=(Span("s", 1, 6, "LOC", {"gaz": "a\x0b"}),))
    figures = written("uima", tmp_path, (Item(document, annotation, "train"),))
    assert figures == {"document_attributes_left_out": 0, "characters_replaced": 3}
    with (tmp_path / "TypeSystem.xml").open("rb") as file:
        types = cassis.load_typesystem(file)
    with (tmp_path / "d.xmi").open("rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=types)
    assert cas.sofa_string == "😀\ufffdغارة\ufffd\ufffd\tعلى"
    (span,) = cas.select("webanno.custom.TahkimSpan")
    assert (span.begin, span.end, span.gaz) == (1, 6, "a\ufffd")


def test_uima_has_attributes_of_any_name(tmp_path: Path) -> None:
    cassis = pytest.importorskip("cassis")
    names = ["type", "class", "from", "self", "xmiID", "id", "text", "value", "begin"]
    said = {name: f"{name} 1" for name in names}
    spans = Span("s", 0, 3, "SHELLING", said), Span("t", 7, 15, "LOC")
    annotation = Annotation(
        doc_id="d1", annotator="gold", spans=spans, relations=(Relation("r", "place", "s", "t", said),)
    )
    written("uima", tmp_path, (replace(ITEMS[1], gold=annotation),))
    with (tmp_path / "TypeSystem.xml").open("rb") as file:
        types = cassis.load_typesystem(file)
    with (tmp_path / "d1.xmi").open("rb") as file:
        cas = cassis.load_cas_from_xmi(file, typesystem=types)
    (arc,) = cas.select("webanno.custom.TahkimRelation")
    for mark in (arc, arc.Governor):
        found = {feature.name: mark[feature.name] for feature in mark.type.all_features}
        assert all(found.get(f"{name}_", found.get(name)) == value for name, value in said.items())


# Events and soft labels.


def test_the_event_table_is_csv_with_acleds_columns(tmp_path: Path) -> None:
    assert written("events", tmp_path) == {"rows": 2, "events_without_row": 1}
    with (tmp_path / "events.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    strike, shelling = rows
    wanted = {
        "event_type": "Explosions/Remote violence",
        "sub_event_type": "Air/drone strike",
        "location": "بلـــدة تل تمر",
        "fatalities": "2",
        "source": "وكالة 😀 أ&ب <س>",
        "source_scale": "وكالة",
        "tags": "hedged; background",
        "doc_id": "hard/1 &",
        "published": "2024-03-13",
        "split": "train",
    }
    assert {name: strike[name] for name in wanted} == wanted
    assert (shelling["sub_event_type"], shelling["fatalities"]) == ("Shelling/artillery/missile attack", "0")


def test_whose_post_was_hit_is_the_second_actor(tmp_path: Path) -> None:
    text = "قصف الجيش مواقع الحركة والجبهة."
    spans = (
        place(text, "قصف", "SHELLING", "s1"),
        place(text, "الجيش", "ACTOR", "s2"),
        place(text, "مواقع", "ASSET", "s3"),
        place(text, "الحركة", "ACTOR", "s4"),
        place(text, "الجبهة", "ACTOR", "s5"),
    )
    ties = (
        ("agent", "s1", "s2"),
        ("target", "s1", "s3"),
        ("affiliated_with", "s3", "s4"),
        ("affiliated_with", "s3", "s5"),
    )
    relations = tuple(Relation(f"r{number}", *tie) for number, tie in enumerate(ties))
    gold = Annotation(doc_id="d", annotator="gold", spans=spans, relations=relations)
    written("events", tmp_path, (Item(Document(id="d", text=text), gold, "train"),))
    with (tmp_path / "events.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["actor1"], row["assoc_actor_1"]) == ("الجيش", "")
    assert (row["actor2"], row["assoc_actor_2"]) == ("الحركة", "الجبهة")


def test_soft_labels_are_the_candidates_as_they_were_given(tmp_path: Path) -> None:
    places = ({"of": "span", "asked": 3, "candidates": [{"start": 0, "end": 3, "label": "LOC", "share": 0.6667}]},)
    written("soft", tmp_path, (replace(ITEMS[1], candidates=places),))
    (line,) = (tmp_path / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {"doc_id": "d1", "text": ITEMS[1].document.text, "places": list(places)}
