"""Reading reports: lines, tables, single texts and folders of them, with texts exactly as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tahkim.backends.files import read_documents
from tahkim.errors import InputError
from tahkim.model import Document

MARK = "starts with a byte order mark; save it as UTF-8 without one"


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as error:
        list(read_documents(path))
    return str(error.value)


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_lines_are_reports(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "reports.jsonl",
        '{"id": "a", "text": "أ\\r\\nب", "meta": {"outlet": "x", "n": null}, "group": "g", "url": "u"}\n\n'
        '{"id": "b", "text": ""}',
    )
    assert list(read_documents(path)) == [
        Document(id="a", text="أ\r\nب", meta={"url": "u", "outlet": "x", "n": None}, group="g"),
        Document(id="b", text=""),
    ]


def test_a_table_keeps_line_ends_and_quotes_of_its_texts(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "reports.csv",
        'id,outlet,text,group\r\nb,x,"سطر\r\nوآخر ""مقتبس""",g\r\n\r\na,,"قصير",\r\n',
    )
    assert list(read_documents(path)) == [
        Document(id="b", text='سطر\r\nوآخر "مقتبس"', meta={"outlet": "x"}, group="g"),
        Document(id="a", text="قصير"),
    ]


def test_a_text_file_is_one_report_byte_for_byte(tmp_path: Path) -> None:
    path = written(tmp_path, "r07.txt", "عاجل\r\nقصف\n\n")
    assert list(read_documents(path)) == [Document(id="r07", text="عاجل\r\nقصف\n\n")]


def test_a_folder_is_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    written(tmp_path, "b.txt", "b")
    written(tmp_path, "c.CSV", "id,text\nc,ج\n")
    written(tmp_path, "a.jsonl", '{"id": "z", "text": "t"}\n')
    written(tmp_path, "notes.md", "no report")
    written(tmp_path, ".b.txt", "the shadow of an editor")
    assert [d.id for d in read_documents(tmp_path)] == ["z", "b", "c"]


def test_what_is_no_report_file_is_refused(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert refusal(nowhere) == f"{nowhere}: no such file or folder"
    assert refusal(tmp_path) == f"{tmp_path}: no report in this folder (.jsonl, .csv, .txt)"
    path = written(tmp_path, "a.docx", "x")
    assert refusal(path) == f"{path}: reports come as .jsonl, .csv, .txt, or as a folder of such files"
    (tmp_path / "f.txt").mkdir()
    assert refusal(tmp_path) == f"{tmp_path}/f.txt: is a folder, a file belongs here"


BAD: dict[str, tuple[str, bytes, str]] = {
    "no id": ("a.jsonl", b'{"id": "a", "text": "x"}\n{"text": "x"}\n', ", line 2: id is missing"),
    "truncated": ("a.jsonl", b'{"id": "a", "te', ", line 1: not JSON: ends too early"),
    "bytes": ("a.jsonl", b'{"id": "a", "text": "\xe9"}', ", line 1: not UTF-8: byte 0xe9 at byte 22 of the line"),
    "twice": (
        "a.jsonl",
        b'{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n',
        ", line 2: the id a stands already in PATH, line 1",
    ),
    "empty lines": ("a.jsonl", b"", ": the file is empty"),
    "empty text": ("a.txt", b"", ": the file is empty"),
    "empty table": ("a.csv", b"\n", ": the file is empty"),
    "text mark": ("a.txt", b"\xef\xbb\xbfabc", f", line 1: {MARK}"),
    "table mark": ("a.csv", b"\xef\xbb\xbfid,text\na,b\n", f", line 1: {MARK}"),
    "text bytes": ("a.txt", b"ok\n\xff", ", line 2: not UTF-8: byte 0xff at byte 1 of the line"),
    "text NUL": (
        "a.txt",
        b"ab\0",
        ", line 1: text holds a NUL character at character 2, which no text may hold",
    ),
    "header": (
        "a.csv",
        b"id;text\na;b\n",
        ", line 1: a CSV of reports needs the columns id and text, this one has: id;text",
    ),
    "same column": ("a.csv", b"id,text,x,x\na,b,c,d\n", ", line 1: two columns are named x"),
    "ragged": ("a.csv", b'id,text\na,"b\nb"\nb\n', ", line 4: the row has 1 columns, the header 2"),
    "quote": ("a.csv", b'id,text\na,b\nb,"c\n', ", line 3: not CSV: unexpected end of data"),
    "no name": ("a.csv", b"id,text\n,b\n", ", line 2: id must not be empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_report_file_gives_one_clear_error(tmp_path: Path, name: str) -> None:
    file_name, content, expected = BAD[name]
    path = written(tmp_path, file_name, content)
    assert refusal(path) == f"{path}{expected}".replace("PATH", str(path))


def test_an_id_in_two_files_of_a_folder_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "a.txt", "x")
    written(tmp_path, "b.jsonl", '{"id": "a", "text": "x"}')
    expected = f"{tmp_path}/b.jsonl, line 1: the id a stands already in {tmp_path}/a.txt, line 1"
    assert refusal(tmp_path) == expected


def test_reading_goes_line_by_line(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", '{"id": "a", "text": "x"}\n{"id": \n')
    documents = read_documents(path)
    assert next(documents).id == "a"
    with pytest.raises(InputError):
        next(documents)


def test_long_texts_fit_into_a_table(tmp_path: Path) -> None:
    text = "قصف " * 700_000
    path = written(tmp_path, "a.csv", f'id,text\na,"{text}"\n')
    assert next(read_documents(path)).text == text


def test_real_reports_come_in(shared_data: Path) -> None:
    with (shared_data / "reports.jsonl").open(encoding="utf-8") as file:
        expected = [json.loads(line) for line in file]
    assert [(d.id, d.text) for d in read_documents(shared_data / "reports.jsonl")] == [
        (r["id"], r["text"]) for r in expected
    ]
    seed = next(read_documents(shared_data / "seed.txt"))
    assert (seed.id, seed.text) == ("seed", (shared_data / "seed.txt").read_bytes().decode())
