"""Bad input: one clear line that says what, where and what next, no traceback, nothing half-written."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands import run
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


@pytest.mark.parametrize("choice", [1, "none"])
@pytest.mark.parametrize("command", ["merge", "conflicts"])
def test_what_is_new_needs_the_span_itself(
    command: str, choice: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = {"doc_id": "d", "of": "new", "choice": choice, "by": "lamis", "at": "2026-01-01T00:00:00Z"}
    decisions, output = write(tmp_path / "decisions.jsonl", new), tmp_path / "out.jsonl"
    file = write(tmp_path / "a.jsonl", GOOD)
    done = run(capsys, command, "--input", file, "--decisions", decisions, "--output", output)
    assert (done.code, done.err) == (
        1,
        f'tahkim: {decisions}, line 1: "of": "new" adds what nobody marked: choice must be the span or relation '
        "itself\n",
    )
    assert not output.exists()


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ("1", '"of": "new" adds what nobody marked: choice must be the span or relation itself'),
        ("none", '"of": "new" adds what nobody marked: choice must be the span or relation itself'),
        ('{"start": 0, "end": 4, "label": "LOC", "attributes": 1}', "has attributes that must be an object, not 1"),
    ],
)
def test_a_choice_that_says_too_little_is_refused(
    choice: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    run(capsys, "init", project)
    run(capsys, "ingest", write(tmp_path / "a.jsonl", {"id": "d", "text": "غارة على بلدة"}), "--project", project)
    done = run(capsys, "decide", "--doc", "d", "--choice", choice, "--project", project)
    assert done.code == 2
    assert done.err.startswith(f"tahkim: --choice {choice} without --key: ")
    assert done.err.endswith(f"{message}\n")


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"start": 0, "end": 4, "label": "NONE"}, "NONE [0, 4) “غارة”: unknown label NONE"),
        (
            {"start": 9, "end": 13, "label": "LOC", "attributes": {"loc_type": "moon"}},
            "LOC [9, 13) “بلدة”: loc_type is 'moon', which is none of its values",
        ),
        (
            {"label": "place", "head": {"start": 9, "end": 13}, "tail": {"start": 0, "end": 4}},
            "relation r2 place: its head may not be span s2 LOC [9, 13) “بلدة”; it must be one of",
        ),
    ],
)
def test_what_a_lead_adds_follows_the_schema(
    choice: dict[str, object], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    spans = [
        {"id": "s", "start": 0, "end": 4, "label": "AIRSTRIKE"},
        {"id": "t", "start": 9, "end": 13, "label": "LOC"},
    ]
    relations = [{"label": "place", "head": "s", "tail": "t"}]
    file = write(tmp_path / "a.jsonl", GOOD | {"spans": spans, "relations": relations})
    run(capsys, "init", project)
    run(capsys, "import", file, "--project", project)
    done = run(capsys, "decide", "--doc", "d", "--choice", json.dumps(choice), "--project", project)
    assert done.code == 1
    assert message in done.err
    assert json.loads(run(capsys, "status", "--project", project, "--json", "-").out)["decisions"] == 0


def test_two_overlapping_spans_of_a_leads_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "project"
    run(capsys, "init", project)
    run(capsys, "ingest", write(tmp_path / "a.jsonl", {"id": "d", "text": "غارة على بلدة"}), "--project", project)
    choices = [json.dumps({"start": start, "end": start + 4, "label": "LOC"}) for start in (0, 2)]
    codes = [run(capsys, "decide", "--doc", "d", "--choice", each, "--project", project).code for each in choices]
    assert codes == [0, 1]


def test_validate_holds_what_has_a_text_against_the_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    textless = {key: value for key, value in GOOD.items() if key != "text"}
    file = write(tmp_path / "a.jsonl", GOOD, textless | {"doc_id": "e"})
    schema = Path(__file__).parents[1] / "label_config" / "schema.yaml"
    done = run(capsys, "validate", "--input", file, "--schema", schema)
    assert done.code == 1
    assert [line.removeprefix(f"{file}:")[:40] for line in done.out.splitlines()] == [
        "1: document d by amal: span s X [0, 4) “",
        "2: document e has no text on any line",
    ]


def test_a_schema_to_migrate_to_that_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run(capsys, "init", ".")
    Path("bad.yaml").write_bytes(b"labels: \xff")
    assert run(capsys, "migrate-schema", "bad.yaml").err == "tahkim: bad.yaml: is not UTF-8 (byte 8)\n"
    done = run(capsys, "migrate-schema", "label_config")
    assert (done.code, done.err) == (1, "tahkim: label_config: cannot be read: Is a directory\n")


def test_a_name_the_system_refuses_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "convert", "brat", "x" * 300)
    assert (done.code, done.err) == (1, f"tahkim: {'x' * 300}: file name too long\n")


@pytest.mark.parametrize(
    ("redirect", "code", "message"),
    [
        (">/dev/full", 1, "tahkim: standard output: cannot be written: no space left on device\n"),
        (">&-", 0, "301 spans and 261 relations in 16 documents; 28 conflicts open in 7 of them\n"),
        ("2>&- >/dev/null", 0, ""),
        ("| true", 0, ""),
    ],
)
def test_an_output_that_is_full_closed_or_gone(redirect: str, code: int, message: str) -> None:
    command = shlex.join([sys.executable, "-m", "tahkim.cli", "merge", "--input", str(SAMPLE / "annotations.jsonl")])
    line = f"set -o pipefail; {command} {redirect}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == message
    assert (done.returncode == 0) == (code == 0) or "|" in redirect


def test_a_locale_without_arabic_and_a_name_that_is_no_unicode(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff.jsonl"
    shutil.copy(SAMPLE / "annotations.jsonl", file)
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    for arguments in (["init", "."], ["import", file], ["conflicts"]):
        done = subprocess.run(
            [sys.executable, "-m", "tahkim.cli", *arguments],
            cwd=tmp_path,
            env=os.environ | plain,
            capture_output=True,
            check=False,
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    assert "هجوماً".encode() in done.stdout


def test_ctrl_c_is_one_line_that_says_how_to_go_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    endless = tmp_path / "endless.jsonl"
    os.mkfifo(endless)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)  # what Ctrl-C does, after a while
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        done = run(capsys, "validate", "--input", endless)
    finally:
        signal.signal(signal.SIGALRM, before)
    message = "tahkim: interrupted: nothing half-written was left; the same command goes on from here\n"
    assert done == (130, "", message)
