"""What people already have comes in as it is, and what cannot be read is named with file and line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from tahkim import schema as schemas
from tahkim.backends.imports import read
from tahkim.errors import InputError, UsageError
from tahkim.model import Annotation

SCHEMA = schemas.load()
TEXT = "😀 قصف الجيش مدينة إدلب\nومقتل ثلاثة"
EXPECTED = {
    ("قصف", "SHELLING"): {"factuality": "ASSERTED", "background": True},
    ("الجيش", "ACTOR"): {},
    ("مدينة إدلب", "LOC"): {},
    ("ثلاثة", "CASUALTY"): {"count_min": 3},
}
ARCS = {("agent", "قصف", "الجيش"), ("place", "قصف", "مدينة إدلب")}


def place(surface: str) -> tuple[int, int]:
    start = TEXT.index(surface)
    return start, start + len(surface)


def units(surface: str) -> tuple[int, int]:
    """The place in UTF-16 units: all is one further than in code points, behind the emoji."""
    start, end = place(surface)
    return start + 1, end + 1


def content(annotation: Annotation) -> tuple[dict[tuple[str, str], dict[str, object]], set[tuple[str, str, str]]]:
    surface = {span.id: TEXT[span.start : span.end] for span in annotation.spans}
    marks = {(surface[span.id], span.label): dict(span.attributes) for span in annotation.spans}
    return marks, {(r.label, surface[r.head], surface[r.tail]) for r in annotation.relations}


def check(kind: str, path: Path, people: list[str]) -> None:
    corpus = read(kind, path, SCHEMA)
    assert {document.text for document in corpus.documents.values()} == {TEXT}
    assert list(corpus.documents) == ["report"]
    assert sorted(annotation.annotator for annotation in corpus.annotations) == people
    for annotation in corpus.annotations:
        assert content(annotation) == (EXPECTED, ARCS)


def brat(folder: Path, extra: str = "") -> None:
    folder.mkdir(parents=True)
    (folder / "report.txt").write_text(TEXT, "utf-8", newline="")
    lines = [
        f"T{n}\t{label} {place(surface)[0]} {place(surface)[1]}\t{surface}"
        for n, (surface, label) in enumerate(EXPECTED, start=1)
    ]
    lines += ["E1\tSHELLING:T1 agent:T2 place:T3", "A1\tbackground E1", "A2\tfactuality T1 ASSERTED"]
    lines += ["A3\tcount_min T4 3", "#1\tAnnotatorNotes T1\tsee §4"]
    (folder / "report.ann").write_text("\n".join(lines) + "\n" + extra, "utf-8", newline="")


def test_brat_folders_of_several_annotators(tmp_path: Path) -> None:
    brat(tmp_path / "amal")
    brat(tmp_path / "basil")
    check("brat", tmp_path, ["amal", "basil"])
    (first, _) = read("brat", tmp_path, SCHEMA).annotations
    assert [span.extra for span in first.spans if span.extra] == [{"note": "see §4"}]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("T9\tLOC 2 5;6 8\tx", "T9 is in pieces (LOC 2 5;6 8): a span is one stretch of text"),
        ("T9\tLOC 2 5\tother", "T9: 'other' is not the text at [2, 5)"),
        ("T9\tLOC two\tx", "T9 has no start and end"),
        ("R9\tplace Arg1:T1 Arg2:T77", "R9 leads to T1 or T77, which is no span of the file"),
        ("*\tEquiv T1 T2", "* lines (equivalence, normalisation) have no meaning here: take them out"),
        ("nonsense", "is no line of a brat file"),
    ],
)
def test_brat_lines_that_have_no_meaning(tmp_path: Path, line: str, what: str) -> None:
    brat(tmp_path / "amal", line)
    with pytest.raises(InputError) as caught:
        read("brat", tmp_path, SCHEMA)
    assert str(caught.value) == f"{tmp_path / 'amal' / 'report.ann'}, line 10: {what}"


def xmi() -> str:
    marks, ids = [], {}
    for number, ((surface, label), said) in enumerate(EXPECTED.items(), start=20):
        start, end = units(surface)
        ids[surface] = number
        features = "".join(f" {name}={quoteattr(str(value))}" for name, value in said.items())
        marks.append(f'<custom:Mark xmi:id="{number}" sofa="1" begin="{start}" end="{end}" label="{label}"{features}/>')
    for number, (label, head, tail) in enumerate(sorted(ARCS), start=40):
        start, end = units(tail)
        marks.append(
            f'<custom:Arc xmi:id="{number}" sofa="1" begin="{start}" end="{end}" label="{label}" '
            f'Governor="{ids[head]}" Dependent="{ids[tail]}"/>'
        )
    sofa = quoteattr(TEXT, {"\n": "&#10;"})
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmi:version="2.0" '
        'xmlns:custom="http:///webanno/custom.ecore" xmlns:type="http:///de/tudarmstadt/ukp/type.ecore">'
        f'<cas:NULL xmi:id="0"/><type:Token xmi:id="9" sofa="1" begin="0" end="2" order="0"/>{"".join(marks)}'
        f'<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString={sofa}/>'
        '<cas:View sofa="1" members="9 20 21"/></xmi:XMI>'
    )


def test_cas_xmi_plain_and_in_the_zips_of_inception(tmp_path: Path) -> None:
    folder = tmp_path / "annotation" / "report.txt"
    folder.mkdir(parents=True)
    (folder / "amal.xmi").write_text(xmi(), "utf-8")
    with zipfile.ZipFile(folder / "basil.zip", "w") as archive:
        archive.writestr("basil.xmi", xmi())
        archive.writestr("TypeSystem.xml", "<typeSystemDescription/>")
    check("xmi", tmp_path, ["amal", "basil"])


def test_a_cas_whose_offset_splits_a_character(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    file = tmp_path / "report" / "amal.xmi"
    file.write_text(xmi().replace('begin="3"', 'begin="1"'), "utf-8")
    with pytest.raises(InputError) as caught:
        read("xmi", file, SCHEMA)
    assert str(caught.value) == (
        f"{file}: Mark 20: UTF-16 offset 1 splits the character '😀' at code points 0 to 1: "
        "was it counted in another unit, or in another text?"
    )


TSV = """#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Mark|label|factuality|background|count_min
#T_RL=webanno.custom.Arc|label|BT_webanno.custom.Mark


#Text=😀 قصف الجيش مدينة إدلب
1-1\t0-2\t😀\t_\t_\t_\t_\t_\t_\t
1-2\t3-6\tقصف\tSHELLING\tASSERTED\ttrue\t*\t_\t_\t
1-3\t7-12\tالجيش\tACTOR\t*\t*\t*\tagent\t1-2\t
1-4\t13-18\tمدينة\tLOC[1]\t*[1]\t*[1]\t*[1]\tplace\t1-2[0_1]\t
1-5\t19-23\tإدلب\tLOC[1]\t*[1]\t*[1]\t*[1]\t_\t_\t

#Text=ومقتل ثلاثة
2-1\t24-29\tومقتل\t_\t_\t_\t_\t_\t_\t
2-2\t30-35\tثلاثة\tCASUALTY\t*\t*\t3\t_\t_\t
"""


def test_webanno_tsv_of_several_annotators(tmp_path: Path) -> None:
    folder = tmp_path / "annotation" / "report.txt"
    folder.mkdir(parents=True)
    for name in ("amal", "basil"):
        (folder / f"{name}.tsv").write_text(TSV, "utf-8", newline="")
    check("webanno", tmp_path, ["amal", "basil"])


@pytest.mark.parametrize(
    ("before", "after", "line", "what"),
    [
        ("#FORMAT=WebAnno TSV 3.3", "#FORMAT=CoNLL", 1, "is no WebAnno TSV 3: export in that format"),
        ("#T_SP=webanno.custom.Mark", "#T_CH=webanno.custom.Mark", 2,
         "chains and slots have no meaning here: leave that layer out of the export"),
        ("agent\t1-2", "agent\t1-1", 9, "there is no span at 1-1 for a relation to lead to"),
        ("7-12", "seven", 9, "seven is no place: start-end belongs there"),
    ],
)  # fmt: skip
def test_tsv_that_has_no_meaning(tmp_path: Path, before: str, after: str, line: int, what: str) -> None:
    file = tmp_path / "amal.tsv"
    file.write_text(TSV.replace(before, after), "utf-8", newline="")
    with pytest.raises(InputError) as caught:
        read("webanno", file, SCHEMA)
    assert str(caught.value) == f"{file}, line {line}: {what}"


def test_an_export_of_label_studio(tmp_path: Path) -> None:
    regions: list[dict[str, object]] = []
    for number, ((surface, label), said) in enumerate(EXPECTED.items(), start=1):
        start, end = place(surface)
        at = {"start": start, "end": end}
        regions.append({"id": f"s{number}", "from_name": "label", "type": "labels", "value": at | {"labels": [label]}})
        for name, value in said.items():
            kind = (
                {"number": value}
                if isinstance(value, int) and value is not True
                else {"choices": [str(value).lower() if value is True else value]}
            )
            regions.append({"id": f"s{number}", "from_name": name, "type": "choices", "value": at | kind})
    for label, tail in (("agent", "s2"), ("place", "s3")):
        regions.append({"type": "relation", "from_id": "s1", "to_id": tail, "labels": [label]})
    works = [{"id": n, "completed_by": {"email": who}, "result": regions} for n, who in enumerate(("amal", "basil"))]
    file = tmp_path / "export.json"
    file.write_text(json.dumps([{"id": 7, "data": {"text": TEXT, "doc_id": "report"}, "annotations": works}]), "utf-8")
    check("label-studio", file, ["amal", "basil"])


def test_an_export_of_doccano_has_no_attributes(tmp_path: Path) -> None:
    entities = [
        {"id": n, "label": label, "start_offset": units(surface)[0], "end_offset": units(surface)[1]}
        for n, (surface, label) in enumerate(EXPECTED)
    ]
    arcs = [
        {"id": n, "from_id": 0, "to_id": tail, "type": kind}
        for n, (kind, tail) in enumerate((("agent", 1), ("place", 2)))
    ]
    for name in ("amal", "basil"):
        line = json.dumps({"id": 3, "doc_id": "report", "text": TEXT, "entities": entities, "relations": arcs})
        (tmp_path / f"{name}.jsonl").write_text(line + "\n", "utf-8")
    corpus = read("doccano", tmp_path, SCHEMA)
    assert [a.annotator for a in corpus.annotations] == ["amal", "basil"]
    for annotation in corpus.annotations:
        assert content(annotation) == ({key: {} for key in EXPECTED}, ARCS)


@pytest.mark.parametrize(
    ("kind", "name", "content", "message"),
    [
        ("doccano", "a.jsonl", '{"text": "x", "entities": [], "relations": [{"id": "r"}]}', "got `str` - at `$.relat"),
        ("doccano", "a.jsonl", '{"text": "x", "label": [["B", 0, 1]]}', "Expected `int`, got `str` - at `$.label"),
        ("doccano", "a.jsonl", '{"text": "x\\u0000", "label": [[0, 1, "B"]]}', "text holds a NUL character"),
        ("doccano", "a.jsonl", '{"text": "xyz", "label": [[2, 1, "B"]]}', "start 2 is not before end 1"),
        ("doccano", "a.jsonl", "[" * 99_999, "nested too deep"),
        ("label-studio", "a.json", '[{"id": 1, "data": 5}]', "Expected `object`, got `int` - at `$.data"),
        ("label-studio", "a.json", '[{"data": {"text": "x"}, "annotations": [5]}]', "got `int` - at `$.annotations"),
        ("label-studio", "a.json", "[" * 99_999, "nested too deep"),
        ("webanno", "a.tsv", b"#FORMAT=WebAnno TSV 3\n\xff", "line 2: not UTF-8: byte 0xff"),
        ("brat", "a.ann", b"T1\tX 0 1\tx\n\xff", "line 2: not UTF-8: byte 0xff"),
        ("brat", "a.ann", "\tX 0 1", "line 1: is no line of a brat file"),
        ("xmi", "a.xmi", "<x", "is no XML"),
        ("xmi", "folder/a.zip", "x", "is no zip"),
    ],
)
def test_a_file_that_the_tool_did_not_write(
    kind: str, name: str, content: str | bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "a.txt").write_text("x", "utf-8")
    with pytest.raises(InputError) as caught:
        read(kind, file, SCHEMA)
    assert str(caught.value).startswith(str(file))
    assert message in str(caught.value)


def test_two_texts_of_one_document_and_unknown_kinds_are_refused(tmp_path: Path) -> None:
    brat(tmp_path / "amal")
    brat(tmp_path / "basil")
    (tmp_path / "basil" / "report.txt").write_text(TEXT + " ", "utf-8")
    with pytest.raises(InputError) as caught:
        read("brat", tmp_path, SCHEMA)
    assert str(caught.value) == f"{tmp_path}: document report has two different texts"
    with pytest.raises(UsageError) as unknown:
        read("conll", tmp_path, SCHEMA)
    assert str(unknown.value) == ("unknown kind 'conll' (known: brat, xmi, webanno, label-studio, doccano)")
