"""Commands killed at random moments: the same command again, and all is as after an undisturbed run."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project_of import COMMAND, done
from tahkim import project as projects
from tahkim.store import Store

WORDS = [
    "قصف",
    "غارة",
    "بلدة",
    "مدينة",
    "قتيل",
    "جريح",
    "مصدر",
    "جيش",
    "فصيل",
    "مستودع",
    "طريق",
    "ريف",
    "صباح",
    "مساء",
    "قرب",
    "شمال",
    "جنوب",
]
LABELS = ("LOC", "ACTOR", "ASSET", "WEAPON", "TIME")
COUNT = 150
KILLS = 3


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports, three people's readings and a lead's decisions, enough for commands to take a while."""
    folder = tmp_path_factory.mktemp("inputs")
    draw = random.Random(11)
    reports, readings = [], []
    for number in range(COUNT):
        words = draw.choices(WORDS, k=60)
        doc_id, text = f"d{number:04}", " ".join(words)
        reports.append({"id": doc_id, "text": text, "meta": {"outlet": "وكالة"}})
        starts = [sum(len(word) + 1 for word in words[:at]) for at in range(0, 60, 5)]
        for annotator in ("amal", "basim", "huda"):
            spans = [
                {"id": f"s{at}", "start": start, "end": start + len(words[5 * at]), "label": draw.choice(LABELS[:2])}
                for at, start in enumerate(starts)
                if draw.random() < 0.9
            ]
            readings.append({"doc_id": doc_id, "text": text, "annotator": annotator, "spans": spans})
    _write(folder / "reports.jsonl", reports)
    _write(folder / "readings.jsonl", readings)
    done("conflicts", "--input", folder / "readings.jsonl", "--output", folder / "conflicts.jsonl")
    found = [json.loads(line) for line in (folder / "conflicts.jsonl").read_text().splitlines()]
    said = {"choice": 1, "by": "lamis", "at": "2026-01-15T10:00:00Z"}
    _write(folder / "decisions.jsonl", [{key: c[key] for key in ("doc_id", "key", "seen", "of")} | said for c in found])
    return folder


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def line_of_work(inputs: Path, project: Path) -> Iterator[tuple[str | Path, ...]]:
    there = ("--project", project)
    yield "ingest", inputs / "reports.jsonl", *there
    yield "import", inputs / "readings.jsonl", *there
    yield "decide", inputs / "decisions.jsonl", *there
    yield "release", "v1", "--by", "lamis", *there


def state(project: Path) -> dict[str, Any]:
    """All that a project holds, but the moments at which it was told."""
    with Store.open(project) as store:
        assert store.verify_log() == []
        corpus = store.corpus()
        revisions = [
            (r.number, r.hash, r.source) for a in corpus.annotations for r in store.revisions(a.doc_id, a.annotator)
        ]
        entries = [
            (e.n, e.kind, e.by, e.unique, e.payload if e.kind == "decision" else e.payload["name"])
            for e in store.entries()
        ]
        state = {"documents": corpus.documents, "revisions": revisions, "entries": entries}
        return state | {"counts": store.counts(), "calls": store.last_revision()}


def exports(project: Path) -> dict[str, Any]:
    """Every file of the exports folder; in the manifest only what does not depend on the moment."""
    folder = project / "exports"
    found: dict[str, Any] = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("manifest.json", "DATASET_CARD.md")
    }
    manifest = json.loads((folder / "v1" / "manifest.json").read_bytes())
    for moment in ("created_at", "files"):
        del manifest[moment]
    return found | {"manifest": manifest, "folders": sorted(path.name for path in folder.iterdir())}


def kill_at(command: tuple[str | Path, ...], seconds: float) -> bool:
    """Run a command and kill it so long after its start; whether it was still at work."""
    process = subprocess.Popen([*COMMAND, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def test_killed_commands_can_simply_be_repeated(inputs: Path, tmp_path: Path) -> None:
    calm, disturbed = tmp_path / "calm", tmp_path / "disturbed"
    projects.init(calm)
    projects.init(disturbed)
    # One secret, so that pseudonyms can be compared.
    key = calm / ".tahkim" / "pseudonyms.key"
    (disturbed / ".tahkim" / "pseudonyms.key").write_bytes(key.read_bytes())
    draw = random.Random()
    kills = 0
    for command, same in zip(line_of_work(inputs, calm), line_of_work(inputs, disturbed), strict=True):
        begin = time.monotonic()
        done(*command)
        lasted = time.monotonic() - begin
        for _ in range(KILLS):
            kills += kill_at(same, draw.uniform(0.2, 1) * lasted)
            with Store.open(disturbed) as store:
                assert store.verify_log() == []
                assert store.counts().documents in (0, COUNT)
                assert store.counts().revisions in (0, 3 * COUNT)
        if not (disturbed / "exports" / "v1").exists():
            done(*same)
    assert kills > KILLS, "too few commands were still at work when they were killed"
    assert state(disturbed) == state(calm)
    assert exports(disturbed) == exports(calm)
    done("verify", disturbed / "exports" / "v1", "--project", disturbed)
    assert [path.name for path in (disturbed / "exports").iterdir()] == ["v1"]


def test_a_release_killed_between_log_and_folder_is_written_from_the_log(inputs: Path, tmp_path: Path) -> None:
    """The entry stands, the folder is not there yet: what came in since does not get into the release."""
    project = tmp_path / "project"
    projects.init(project)
    commands = list(line_of_work(inputs, project))
    for command in commands:
        done(*command)
    before = {path.name: path.read_bytes() for path in (project / "exports" / "v1").iterdir()}
    for path in (project / "exports" / "v1").iterdir():
        path.unlink()
    (project / "exports" / "v1").rmdir()
    (project / "exports" / ".v1.deadbeef.tmp").mkdir()
    more = tmp_path / "more.jsonl"
    _write(more, [{"doc_id": "d0000", "text": _text(project), "annotator": "amal", "spans": []}])
    done("import", more, "--project", project)
    done(*commands[-1])
    assert {path.name: path.read_bytes() for path in (project / "exports" / "v1").iterdir()} == before
    assert [path.name for path in (project / "exports").iterdir()] == ["v1"]


def _text(project: Path) -> str:
    with Store.open(project) as store:
        return store.document("d0000").text
