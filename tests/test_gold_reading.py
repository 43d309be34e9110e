"""A release read back by Python users: from a folder, a file, a URL; as records and as tables."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import tahkim
from project_of import sample_project
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import InputError, ReleaseError
from tahkim.workflow import publish


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with sample_project(tmp_path_factory.mktemp("reading") / "project") as project:
        return publish.release(project, "v1", Settings("majority"), by="lamis")[0]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def records(folder: Path) -> list[object]:
    return [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()]


def test_folder_file_and_url_give_the_same_records(folder: Path, address: str) -> None:
    wanted = records(folder)
    for place in (folder, str(folder), folder / "gold.jsonl", f"{address}/v1", f"{address}/v1/gold.jsonl"):
        gold = tahkim.load_gold(place)
        assert list(gold) == wanted
        assert gold.manifest is not None
        assert gold.manifest["name"] == "v1"


def test_a_file_of_gold_may_leave_out_what_is_empty_and_the_last_newline(tmp_path: Path) -> None:
    bare = {"doc_id": "a", "annotator": "gold", "text": "غارة"}
    span = {"id": "s1", "start": 0, "end": 4, "label": "X"}
    lines = bare, bare | {"doc_id": "b", "spans": [span]}
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, lines)))
    gold = tahkim.load_gold(tmp_path / "gold.jsonl")
    assert [record["doc_id"] for record in gold] == ["a", "b"]
    spans, relations = gold.to_pandas()
    assert (list(spans.surface), len(relations)) == (["غارة"], 0)
    (tmp_path / "gold.jsonl").write_bytes(b"")
    assert len(tahkim.load_gold(tmp_path)) == 0


def test_gold_is_a_sequence_with_splits(folder: Path) -> None:
    gold = tahkim.load_gold(folder)
    assert (len(gold), gold[0]["doc_id"], len(gold[2:5])) == (12, "s01", 3)
    assert [len(gold.split(name)) for name in ("train", "dev", "test")] == [10, 1, 1]


def test_tables_have_every_mark_with_its_surface(folder: Path) -> None:
    gold = tahkim.load_gold(folder)
    spans, relations = gold.to_pandas()
    assert (len(spans), len(relations)) == (
        sum(len(r["spans"]) for r in gold),
        sum(len(r["relations"]) for r in gold),
    )
    text = {record["doc_id"]: record["text"] for record in gold}
    assert all(text[row.doc_id][row.start : row.end] == row.surface for row in spans.itertuples())
    killed = spans[spans["attributes.outcome"] == "killed"]
    assert set(killed.label) == {"CASUALTY", "PERSON"}
    by_id = spans.set_index(["doc_id", "id"])
    for row in relations.itertuples():
        assert by_id.loc[(row.doc_id, row.head)].surface == row.head_surface
        assert by_id.loc[(row.doc_id, row.tail)].label == row.tail_label


def test_tables_of_nothing_have_their_columns(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(
        '{"doc_id": "d", "text": "x", "annotator": "gold", "spans": [], "relations": []}\n'
    )
    gold = tahkim.load_gold(tmp_path)
    assert gold.manifest is None
    assert list(gold.to_pandas().spans.columns)[:3] == ["doc_id", "split", "id"]


def test_changed_gold_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "v1")
    path = copy / "gold.jsonl"
    path.write_bytes(path.read_bytes().replace(b"KILL", b"HURT", 1))
    with pytest.raises(ReleaseError) as error:
        tahkim.load_gold(copy)
    assert str(error.value) == (f"{path} is not the file that was released: its sha256 is not that of manifest.json")


def test_what_is_not_there_is_said(folder: Path, address: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        tahkim.load_gold(f"{address}/v2")
    assert str(error.value) == f"{address}/v2/gold.jsonl: the server answered 404 File not found"
    with pytest.raises(InputError) as error:
        tahkim.load_gold("http://127.0.0.1:9/v1")
    assert str(error.value).startswith("http://127.0.0.1:9/v1/gold.jsonl: cannot be fetched: ")
    (tmp_path / "gold.jsonl").write_text('{"doc_id": "d"}\n')
    with pytest.raises(InputError) as error:
        tahkim.load_gold(tmp_path)
    assert str(error.value) == f"{tmp_path}/gold.jsonl:1: annotator is missing"


def test_a_token_is_sent_and_never_told(folder: Path) -> None:
    class Guarded(Quiet):
        def do_GET(self) -> None:
            if self.headers.get("Authorization") == "Bearer secret":
                super().do_GET()
            else:
                self.send_error(401, "who are you")

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=str(folder.parent)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        assert len(tahkim.load_gold(url, token="secret")) == 12
        with pytest.raises(InputError) as error:
            tahkim.load_gold(url, token="wrong")
        assert str(error.value) == f"{url}/gold.jsonl: the server answered 401 who are you"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_package_names_what_it_has() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'load_silver'"):
        tahkim.load_silver  # noqa: B018
