"""Reading interchange files: every fault is named by file and line, and what is sound comes in whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tahkim.backends.files import Problem, read_annotations, read_decisions, validate, write_lines
from tahkim.errors import InputError
from tahkim.interchange import encode
from tahkim.schema import loads


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "annotations.jsonl"


def lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def line(doc_id: str = "d1", annotator: str = "amal", **fields: Any) -> dict[str, Any]:
    return {"doc_id": doc_id, "annotator": annotator} | fields


BAD_FILES: dict[str, tuple[bytes, list[Problem]]] = {
    "empty": (b"", [Problem(1, "the file is empty")]),
    "blank": (b"\n  \r\n", [Problem(1, "the file is empty")]),
    "truncated": (b'{"doc_id": "d", "annot', [Problem(1, "not JSON: ends too early")]),
    "cut between": (b'{"doc_id": "d",\n', [Problem(1, "not JSON: ends too early")]),
    "no JSON": (b"<xml/>", [Problem(1, "not JSON: expecting value at character 1")]),
    "two values": (b"{} {}", [Problem(1, "not JSON: extra data at character 4")]),
    "UTF-8 mark": (b"\xef\xbb\xbf{}", [Problem(1, "starts with a byte order mark; save it as UTF-8 without one")]),
    "UTF-16": ("{}".encode("utf-16"), [Problem(1, "starts with a byte order mark; save it as UTF-8 without one")]),
    "invalid UTF-8": (b'{"a": "\xd8"}', [Problem(1, "not UTF-8: byte 0xd8 at byte 8 of the line")]),
    "raw NUL": (b'{"a": "\0"}', [Problem(1, "not JSON: invalid control character at character 8")]),
    "nested": (b"[" * 200_000, [Problem(1, "not usable JSON: nested too deep")]),
    "huge number": (b'{"a": ' + b"9" * 5000 + b"}", [Problem(1, "not usable JSON: a number has too many digits")]),
    "infinity": (
        b'{"doc_id": "d", "annotator": "a", "text": "x", "lead_time": 1e999}',
        [Problem(1, "document d by a: lead_time must be a finite number, not inf")],
    ),
    "lone surrogate": (
        b'{"doc_id": "d", "annotator": "a", "text": "x\\udc00"}',
        [
            Problem(
                1, "document d by a: text holds a lone surrogate (U+DC00) at character 1, which no text may hold"
            )
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gives_one_clear_error(path: Path, name: str) -> None:
    content, expected = BAD_FILES[name]
    path.write_bytes(content)
    assert validate(path) == expected
    with pytest.raises(InputError) as error:
        read_annotations(path)
    assert str(error.value) == f"{path}, line 1: {expected[0].message}"


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for read in (read_annotations, validate, read_decisions):
        with pytest.raises(InputError) as error:
            read(tmp_path / "none.jsonl")
        assert str(error.value) == f"{tmp_path}/none.jsonl: no such file or folder"
        with pytest.raises(InputError) as error:
            read(tmp_path)
        assert str(error.value) == f"{tmp_path}: is a folder, a file belongs here"


def test_reading_goes_on_after_a_bad_line_and_names_them_all(path: Path) -> None:
    lines(
        path,
        line(text="abc", spans=[{"id": "s1", "start": 0, "end": 9, "label": "X"}]),
        [],
        line(annotator="badr"),
        line(annotator="amal"),
        line(annotator="ciwan", text="abd"),
        line("d2"),
        line("d2", "badr"),
    )
    with path.open("ab") as file:
        file.write(b'{"doc_id": "\xff"}\n')
    assert validate(path) == [
        Problem(1, "document d1 by amal: span s1: end 9 lies past the text, which has 3 characters"),
        Problem(2, "a line must be a JSON object, not []"),
        Problem(4, "document d1 by amal: stands already on line 1"),
        Problem(5, "document d1 has another text than on line 1"),
        Problem(6, "document d2 has no text on any line"),
        Problem(8, "not UTF-8: byte 0xff at byte 13 of the line"),
    ]
    with pytest.raises(InputError) as error:
        read_annotations(path)
    assert str(error.value) == (
        f"{path}, line 1: document d1 by amal: span s1: end 9 lies past the text, which has 3 characters "
        f"(5 more problems: tahkim validate --input {path} lists all)"
    )


def test_the_text_may_stand_on_any_line(path: Path) -> None:
    late = {"id": "s1", "start": 2, "end": 4, "label": "X"}
    lines(path, line(spans=[late]), line("d2", text=""), line(annotator="badr", text="abc"))
    assert validate(path) == [
        Problem(1, "document d1 by amal: span s1: end 4 lies past the text, which has 3 characters")
    ]
    lines(path, line(spans=[late]), line("d2", text=""), line(annotator="badr", text="abcd"))
    corpus = read_annotations(path)
    assert corpus.documents["d1"].text == "abcd"
    assert [(a.doc_id, a.annotator) for a in corpus.annotations] == [("d1", "amal"), ("d2", "amal"), ("d1", "badr")]


def test_line_ends_inside_and_outside_of_texts(path: Path) -> None:
    record = json.dumps(line(text="أ\r\nب\u2028ج\n"), ensure_ascii=False).encode()
    path.write_bytes(b"\r\n" + record + b"\r\n\r\n")
    assert read_annotations(path).documents["d1"].text == "أ\r\nب\u2028ج\n"


def test_meta_belongs_to_the_document_where_its_lines_agree(path: Path) -> None:
    lines(
        path,
        line(text="abc", meta={"outlet": "x", "task": 1}),
        line(annotator="badr", meta={"outlet": "x", "task": 2, "url": "u"}, group="g"),
        line(annotator="ciwan"),
    )
    corpus = read_annotations(path)
    assert corpus.documents["d1"].meta == {"outlet": "x", "url": "u"}
    assert corpus.documents["d1"].group == "g"
    assert [dict(a.extra) for a in corpus.annotations] == [{"meta": {"task": 1}}, {"meta": {"task": 2}}, {}]
    again = encode(corpus.annotations[0], corpus.documents["d1"])
    assert again["meta"] == {"outlet": "x", "task": 1, "url": "u"}


def test_two_groups_for_one_document_are_refused(path: Path) -> None:
    lines(path, line(text="abc", group="g"), line(annotator="badr", group="h"))
    assert validate(path) == [Problem(2, "document d1 has another group than on line 1")]


def test_what_was_read_can_be_written_and_read_again(path: Path, tmp_path: Path) -> None:
    spans = [{"id": "s1", "start": 0, "end": 4, "label": "KILL", "attributes": {"count": 2}, "note": "؟"}]
    lines(path, line(text="مقتل اثنين", spans=spans, meta={"outlet": "x"}), line(annotator="badr", status="skipped"))
    corpus = read_annotations(path)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    write_lines(first, (encode(a, corpus.documents[a.doc_id]) for a in corpus.annotations))
    again = read_annotations(first)
    write_lines(second, (encode(a, again.documents[a.doc_id]) for a in again.annotations))
    assert again == corpus
    assert first.read_bytes() == second.read_bytes()


def test_real_files_round_trip(shared_data: Path, tmp_path: Path) -> None:
    counts = {"report_annotations": (11, 33), "crowd_annotations": (199, 983), "crowd_gold": (200, 200)}
    for name, expected in counts.items():
        corpus = read_annotations(shared_data / f"{name}.jsonl")
        assert (len(corpus.documents), len(corpus.annotations)) == expected
        write_lines(tmp_path / "out.jsonl", (encode(a, corpus.documents[a.doc_id]) for a in corpus.annotations))
        assert read_annotations(tmp_path / "out.jsonl") == corpus


def test_overlapping_and_nested_spans_of_other_projects_are_fine(path: Path) -> None:
    text = "Der Verein für Straße und Weg in Köln"
    spans = [
        {"id": "e1", "start": 4, "end": 37, "label": "ORG"},
        {"id": "e2", "start": 33, "end": 37, "label": "LOC"},
        {"id": "e3", "start": 4, "end": 29, "label": "ORG"},
        {"id": "e4", "start": 4, "end": 29, "label": "ORG"},
    ]
    relations = [{"label": "in", "head": "e1", "tail": "e2"}, {"label": "self", "head": "e1", "tail": "e1"}]
    lines(path, line(text=text, spans=spans, relations=relations))
    assert [s.id for s in read_annotations(path).annotations[0].spans] == ["e1", "e2", "e3", "e4"]


def test_a_line_of_five_megabytes_works(path: Path) -> None:
    text = "غارة على البلدة. " * 180_000
    span = {"id": "s1", "start": len(text) - 17, "end": len(text) - 13, "label": "X", "surface": "غارة"}
    assert lines(path, line(text=text, spans=[span])).stat().st_size > 5_000_000
    assert read_annotations(path).documents["d1"].text == text


def test_a_very_long_line_takes_a_small_multiple_of_its_size(path: Path) -> None:
    megabytes = 60
    with path.open("wb") as file:
        file.write(b'{"doc_id":"d1","annotator":"amal","text":"')
        for _ in range(megabytes):
            file.write("قصف ".encode() * 150_000)
        file.write(b'"}\n')
    script = (
        "import resource, sys; from tahkim.backends.files import read_annotations\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "read_annotations(sys.argv[1])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    kibibytes = int(run.stdout)
    assert kibibytes * 1024 < 6 * path.stat().st_size


def test_sound_lines_are_held_against_a_schema(path: Path) -> None:
    schema = loads("labels: [PER, ORG]")
    lines(
        path,
        line(text="abc", spans=[{"id": "s1", "start": 0, "end": 3, "label": "LOC"}]),
        line(annotator="badr", spans=[{"id": "s1", "start": 0, "end": 9, "label": "LOC"}]),
        line(annotator="ciwan", spans=[{"id": "s1", "start": 0, "end": 3, "label": "PER"}]),
    )
    found = validate(path, schema)
    assert [problem.line for problem in found] == [1, 2]
    assert found[0].message.startswith("document d1 by amal: ")
    assert "LOC" in found[0].message
    assert found[1].message == "document d1 by badr: span s1: end 9 lies past the text, which has 3 characters"


def decision(**fields: Any) -> dict[str, Any]:
    return {"doc_id": "d1", "key": "k", "choice": 1, "by": "lead", "at": "2026-01-15T10:00:00Z"} | fields


def test_decisions_come_in_order_and_with_ids(path: Path) -> None:
    found = read_decisions(lines(path, decision(), decision(choice="none", id="own"), decision()))
    assert [d.choice for d in found] == [1, "none", 1]
    assert [d.id for d in found] == [found[0].id, "own", found[0].id]
    assert len(found[0].id) == 16


def test_a_wrong_decision_is_named_by_its_line(path: Path) -> None:
    lines(path, decision(), decision(choice="all"))
    with pytest.raises(InputError) as error:
        read_decisions(path)
    assert str(error.value) == (
        f'{path}, line 2: choice must be a candidate\'s number from 1, "none", or a span or relation, not "all"'
    )
    path.write_bytes(b"")
    with pytest.raises(InputError) as error:
        read_decisions(path)
    assert str(error.value) == f"{path}: the file is empty"
