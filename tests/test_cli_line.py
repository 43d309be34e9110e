"""The line as its users run it: in a project, twice, and on plain files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import run
from tahkim.cli.desks import _say_first
from tahkim.demo import SAMPLE

ANNOTATIONS = SAMPLE / "annotations.jsonl"


@pytest.fixture
def project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project with the sample's reports and annotations in it."""
    folder = tmp_path / "project"
    assert run(capsys, "init", folder).code == 0
    assert run(capsys, "ingest", SAMPLE / "reports.jsonl", "--project", folder).code == 0
    assert run(capsys, "import", ANNOTATIONS, "--project", folder).code == 0
    return folder


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_line_twice_changes_nothing_the_second_time(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def state() -> str:
        return run(capsys, "status", "--project", project, "--json", "-").out

    assert "16 new" in run(capsys, "preannotate", "--project", project).err
    assert run(capsys, "decide", SAMPLE / "decisions.jsonl", "--project", project).err == "16 decided, 0 known\n"
    before = state()
    assert "16 unchanged" in run(capsys, "preannotate", "--project", project).err
    assert "46 unchanged" in run(capsys, "import", ANNOTATIONS, "--project", project).err
    assert run(capsys, "decide", SAMPLE / "decisions.jsonl", "--project", project).err == "0 decided, 16 known\n"
    assert run(capsys, "init", project).code == 0
    assert state() == before


def test_a_release_is_whole_and_comes_out_again_byte_for_byte(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "decide", SAMPLE / "decisions.jsonl", "--project", project)
    assert run(capsys, "release", "r1", "--by", "lamis", "--project", project).code == 0
    folder = project / "exports" / "r1"
    assert len(lines(folder / "gold.jsonl")) >= 8
    assert run(capsys, "verify", folder).err == f"{folder}: whole (every file is as released)\n"
    # What comes later does not change what a release is recomputed to.
    late = lines(ANNOTATIONS)[0] | {"annotator": "late"}
    (project / "late.jsonl").write_text(json.dumps(late), encoding="utf-8")
    assert run(capsys, "import", project / "late.jsonl", "--project", project).code == 0
    again = run(capsys, "verify", folder, "--project", project)
    assert again.err == f"{folder}: whole (recomputed from the project, byte for byte)\n"
    assert run(capsys, "log", "--verify", "--project", project).err == "the log is whole: 17 entries\n"


def test_a_lost_release_is_written_again_from_the_log(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "release", "r1", "--project", project)
    folder = project / "exports" / "r1"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert run(capsys, "release", "r1", "--project", project).code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_a_decision_is_typed_taken_and_taken_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = project / "conflicts.jsonl"
    run(capsys, "conflicts", "--project", project, "--output", out)
    conflict = next(c for c in lines(out) if c["candidates"])
    where = ("--doc", conflict["doc_id"], "--project", project)
    typed = run(capsys, "decide", "--key", conflict["key"], "--choice", 1, "--by", "lamis", *where)
    assert (typed.code, typed.err) == (0, "1 decided, 0 known\n")
    again = run(capsys, "decide", "--key", conflict["key"], "--choice", 1, "--by", "lamis", *where)
    assert (again.code, again.err) == (0, "0 decided, 1 known\n")
    run(capsys, "conflicts", "--project", project, "--output", out)
    assert conflict["key"] not in {c["key"] for c in lines(out)}
    assert run(capsys, "decide", "--undo", conflict["key"], "--by", "lamis", *where).code == 0
    run(capsys, "conflicts", "--project", project, "--output", out)
    assert conflict["key"] in {c["key"] for c in lines(out)}


def test_what_is_added_twice_is_there_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choice = json.dumps({"start": 0, "end": 3, "label": "LOC"})
    for counted in ("1 decided, 0 known\n", "0 decided, 1 known\n"):
        done = run(capsys, "decide", "--doc", "s01", "--choice", choice, "--by", "lamis", "--project", project)
        assert (done.code, done.err) == (0, counted)


def test_files_alone_go_from_annotations_to_gold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    merged, report, conflicts = (tmp_path / name for name in ("merged.jsonl", "report.json", "conflicts.jsonl"))
    assert run(capsys, "validate", "--input", ANNOTATIONS).code == 0
    assert run(capsys, "conflicts", "--input", ANNOTATIONS, "--output", conflicts).code == 0
    done = run(
        capsys, "merge", "--input", ANNOTATIONS, "--strategy", "majority", "--resolve-all",
        "--decisions", SAMPLE / "decisions.jsonl", "--output", merged, "--report", report,
    )  # fmt: skip
    assert done.code == 0
    assert run(capsys, "validate", "--input", merged).code == 0
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    assert totals["spans"] == sum(len(line["spans"]) for line in lines(merged))  # type: ignore[arg-type, misc]
    figures = json.loads(run(capsys, "evaluate", "--gold", merged, "--pred", merged, "--json", "-").out)
    assert figures["spans"]["strict"]["f1"] == 1.0


@pytest.mark.parametrize("strategy", ["unanimous", "majority", "threshold", "union"])
def test_the_order_of_lines_does_not_matter(strategy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reversed_lines = tmp_path / "reversed.jsonl"
    reversed_lines.write_text("\n".join(ANNOTATIONS.read_text(encoding="utf-8").splitlines()[::-1]), encoding="utf-8")
    for name, file in (("a", ANNOTATIONS), ("b", reversed_lines)):
        run(capsys, "merge", "--input", file, "--strategy", strategy, "--output", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_preannotate_writes_valid_annotations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "predictions.jsonl"
    assert run(capsys, "preannotate", "--input", SAMPLE / "reports.jsonl", "--output", out).code == 0
    schema = Path(__file__).parents[1] / "label_config" / "schema.yaml"
    assert run(capsys, "validate", "--input", out, "--schema", schema).code == 0
    assert all(s["rule"] for line in lines(out) for s in line["spans"])  # type: ignore[attr-defined]


def test_the_demo_runs_and_runs_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = run(capsys, "demo", tmp_path / "demo")
    assert (first.code, "verified byte for byte" in first.out) == (0, True)
    assert run(capsys, "demo", tmp_path / "demo").out == first.out


@pytest.mark.parametrize("where", [("agree", "--input", ANNOTATIONS), ("status",)])
def test_json_on_stdout_is_json_alone(
    where: tuple[str, ...], project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert json.loads(run(capsys, *where, "--json", "-").out)


@pytest.mark.parametrize("by_key", [True, False])
def test_an_undo_is_undone_by_deciding_again(by_key: bool, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = project / "conflicts.jsonl"
    run(capsys, "conflicts", "--project", project, "--output", out)
    before = lines(out)
    conflict = next(c for c in before if c["candidates"])
    where = ("--doc", conflict["doc_id"], "--by", "lamis", "--project", project)
    decide = ("--key", conflict["key"], "--choice", 1, "--reason", "§14")

    def last() -> dict[str, object]:
        return dict(json.loads(run(capsys, "log", "--project", project, "--json", "-").out)[-1]["payload"])

    assert run(capsys, "decide", *decide, *where).code == 0
    first = last()
    assert run(capsys, "decide", "--undo", conflict["key"] if by_key else first["id"], *where).code == 0
    assert run(capsys, "decide", "--undo", last()["id"], *where).err == "1 decided, 0 known\n"
    same = ("doc_id", "key", "seen", "choice", "reason")
    assert [last()[name] for name in same] == [first[name] for name in same]
    run(capsys, "conflicts", "--project", project, "--output", out)
    assert len(lines(out)) == len(before) - 1


def test_a_stale_decision_is_shown_with_its_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, decisions = tmp_path / "conflicts.jsonl", tmp_path / "decisions.jsonl"
    run(capsys, "conflicts", "--input", ANNOTATIONS, "--output", out)
    conflict = next(c for c in lines(out) if c["candidates"])
    made = {"doc_id": conflict["doc_id"], "key": conflict["key"], "seen": "0" * 16, "choice": 2, "by": "lamis"}
    made |= {"at": "2026-01-20T10:00:00Z", "reason": "§14"}
    decisions.write_text(json.dumps(made), encoding="utf-8")
    told = run(capsys, "conflicts", "--input", ANNOTATIONS, "--decisions", decisions).out
    assert "before, by lamis at 2026-01-20T10:00:00Z: candidate 2 of those there were (§14)\n" in told


def test_what_a_push_and_a_pull_did_can_be_read_by_a_program(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "preannotate", "--project", project).code == 0
    assert run(capsys, "assign", "amal", "basim", "--project", project).code == 0
    pushed = run(capsys, "push", "files", "--json", "-", "--project", project)
    desks = [(each["annotator"], each["added"], each["there"], each["unheld"]) for each in json.loads(pushed.out)]
    assert desks == [("amal", 16, 0, []), ("basim", 16, 0, [])]
    for revised, unchanged in (([15, 16], [0, 0]), ([0, 0], [15, 16])):  # the first time, they come from a desk now
        pulled = json.loads(run(capsys, "pull", "files", "--json", "-", "--project", project).out)
        assert pulled["adjudication"] is None
        assert [each["annotator"] for each in pulled["desks"]] == ["amal", "basim"]
        assert [each["revised"] for each in pulled["desks"]] == revised
        assert [each["unchanged"] for each in pulled["desks"]] == unchanged


def test_a_long_list_is_cut_and_says_where_the_rest_is(capsys: pytest.CaptureFixture[str]) -> None:
    _say_first([f"line {number}" for number in range(20)])
    assert capsys.readouterr().err.splitlines() == [f"  line {number}" for number in range(20)]
    _say_first([f"line {number}" for number in range(23)])
    assert capsys.readouterr().err.splitlines()[19:] == ["  line 19", "  and 3 more: --json FILE writes all"]
