"""Bad input: one clear line that says what, where and what next, no traceback, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from commands import run
from tahkim.cli.app import app
from tahkim.demo import SAMPLE

GOOD = {
    "doc_id": "d",
    "annotator": "amal",
    "text": "غارة على بلدة",
    "spans": [{"id": "s", "start": 0, "end": 4, "label": "X"}],
}


def write(path: Path, *records: object) -> Path:
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty.jsonl, line 1: the file is empty"),
        (b'{"doc_id": "d", "anno', "empty.jsonl, line 1: not JSON: ends too early"),
        (
            b'\xef\xbb\xbf{"doc_id": "d"}',
            "empty.jsonl, line 1: starts with a byte order mark; save it as UTF-8 without one",
        ),
        (b"abc\xe9\n", "empty.jsonl, line 1: not UTF-8: byte 0xe9 at byte 4 of the line"),
        (
            b'{"doc_id": "d", "annotator": "a", "text": "x\\u0000"}',
            "empty.jsonl, line 1: document d by a: text holds a NUL character at character 1, which no text may hold",
        ),
    ],
)
@pytest.mark.parametrize("command", ["agree", "conflicts", "merge"])
def test_a_file_that_is_no_annotations(
    command: str,
    content: bytes,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.jsonl").write_bytes(content)
    output = () if command == "agree" else ("--output", "out.jsonl")
    done = run(capsys, command, "--input", "empty.jsonl", *output)
    assert (done.code, done.out, done.err) == (1, "", f"tahkim: {message}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["empty.jsonl"]


def test_validate_lists_every_problem_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = GOOD | {"annotator": "basim", "spans": [{"id": "s", "start": 9, "end": 99, "label": "X"}]}
    file = write(tmp_path / "a.jsonl", GOOD, bad, GOOD | {"relations": [{"label": "r", "head": "s", "tail": "t"}]})
    done = run(capsys, "validate", "--input", file)
    assert done.code == 1
    assert [line.split(":")[1] for line in done.out.splitlines()] == ["2", "3", "3"]


def test_an_unknown_label_is_named_where_a_schema_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.jsonl", GOOD)
    schema = Path(__file__).parents[1] / "label_config" / "schema.yaml"
    assert run(capsys, "validate", "--input", file).code == 0
    done = run(capsys, "validate", "--input", file, "--schema", schema)
    assert done.code == 1
    assert "unknown label X" in done.out or "label X" in done.out


@pytest.mark.parametrize("target", ["folder", "missing/out.jsonl"])
def test_an_output_that_cannot_be_written(
    target: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    done = run(capsys, "merge", "--input", SAMPLE / "annotations.jsonl", "--output", target)
    assert done.code == 1
    assert done.err.startswith(f"tahkim: {target}: cannot be written: ")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_command_outside_a_project_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(capsys, "status")
    assert (done.code, done.err) == (
        1,
        f"tahkim: there is no project in {tmp_path} or above it: make one with `tahkim init DIR`, or name it with "
        "--project DIR\n",
    )


def test_an_unknown_strategy_lists_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "merge", "--input", SAMPLE / "annotations.jsonl", "--strategy", "dice", "--output", "-")
    assert done.code == 2
    assert done.err.startswith(
        "tahkim: unknown strategy 'dice': choose one of unanimous, majority, threshold, trust, union, bayes"
    )


def test_a_decision_of_another_project_is_refused_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "project"
    run(capsys, "init", project)
    run(capsys, "import", SAMPLE / "annotations.jsonl", "--project", project)
    good = json.loads((SAMPLE / "decisions.jsonl").read_text(encoding="utf-8").splitlines()[0])
    file = write(tmp_path / "decisions.jsonl", good, good | {"doc_id": "elsewhere", "id": "x"})
    done = run(capsys, "decide", file, "--project", project)
    assert (done.code, done.err) == (
        1,
        "tahkim: decision x on document elsewhere is about a document that is not here: "
        "is it a decision of another project?\n",
    )
    assert json.loads(run(capsys, "status", "--project", project, "--json", "-").out)["decisions"] == 0


def test_changed_text_under_a_known_id_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "project"
    run(capsys, "init", project)
    run(capsys, "ingest", write(tmp_path / "a.jsonl", {"id": "r1", "text": "غارة"}), "--project", project)
    done = run(capsys, "ingest", write(tmp_path / "b.jsonl", {"id": "r1", "text": "غارتان"}), "--project", project)
    assert (done.code, done.err) == (
        1,
        "tahkim: document r1 is in the project with another text: give the changed text an id of its own\n",
    )


def commands() -> list[tuple[str, ...]]:
    def names(group: typer.core.TyperGroup, path: tuple[str, ...]) -> list[tuple[str, ...]]:
        found = []
        for name, command in group.commands.items():
            is_group = hasattr(command, "commands")
            found += names(command, (*path, name)) if is_group else [(*path, name)]  # type: ignore[arg-type]
        return found

    return names(typer.main.get_command(app), ())  # type: ignore[arg-type]


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_has_examples_in_its_help(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, *command, "--help")
    assert done.code == 0
    assert f"tahkim {' '.join(command)}" in done.out.partition("Examples:")[2]
