"""A release: never changed, named by its manifest, the same again from its project, and without people's names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from project_of import done, run, sample_project
from tahkim import project as projects
from tahkim.adjudicate.questions import read
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.files import read_documents
from tahkim.demo import SAMPLE
from tahkim.errors import ReleaseError, UsageError
from tahkim.gold.card import dataset_card
from tahkim.gold.pseudonyms import pseudonym
from tahkim.gold.reading import load_gold
from tahkim.interchange import decode, problems
from tahkim.model import Annotation
from tahkim.project import Project
from tahkim.workflow import intake, publish

PEOPLE = ("amal", "basim", "huda", "lamis")
MAJORITY = Settings("majority")


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Path]]:
    with sample_project(tmp_path_factory.mktemp("released") / "project") as project:
        folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
        yield project, folder


@pytest.fixture
def copy(released: tuple[Project, Path], tmp_path: Path) -> Path:
    """A copy of the release that a test may spoil."""
    return Path(shutil.copytree(released[1], tmp_path / "v1"))


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return found


def gold(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "gold.jsonl").read_bytes().splitlines()]


def test_a_release_is_whole_and_comes_out_the_same_again(released: tuple[Project, Path]) -> None:
    project, folder = released
    assert publish.verify(folder) == []
    assert publish.verify(folder, project) == []


def test_every_line_of_gold_is_sound_and_says_how_it_came_to_be(released: tuple[Project, Path]) -> None:
    records = gold(released[1])
    assert len(records) == manifest(released[1])["counts"]["documents"] == 12
    for record in records:
        assert problems(record) == []
        assert record["annotator"] == "gold"
        for mark in (*record["spans"], *record["relations"]):
            assert mark["how"] in ("unanimous", "majority", "single", "lead")
            assert 0 < mark["confidence"] <= 1
            assert ("decision" in mark) == (mark["how"] == "lead")


def test_what_is_left_out_is_listed_with_its_open_conflicts(released: tuple[Project, Path]) -> None:
    left = {d["doc_id"]: (d["open"], d["why"]) for d in manifest(released[1])["left_out"]}
    card = (released[1] / "DATASET_CARD.md").read_text(encoding="utf-8")
    told = "They have 571 characters on average, documents in the release 451. On average people disagree on "
    assert told in card
    assert left == {doc_id: (n, "open conflicts") for doc_id, n in (("s03", 1), ("s09", 8), ("s10", 1), ("s11", 7))}
    assert not set(left) & {record["doc_id"] for record in gold(released[1])}


def test_the_card_names_the_first_of_many_that_are_left_out(released: tuple[Project, Path]) -> None:
    told = manifest(released[1])
    told["left_out"] = [told["left_out"][0] | {"doc_id": f"x{number:02}"} for number in range(25)]
    card = dataset_card(told, {})
    assert "25 documents are left out." in card
    assert [f"| x{number:02} |" in card for number in range(25)] == [True] * 20 + [False] * 5
    assert "\n\n5 more are in manifest.json.\n" in card


def test_a_split_that_has_nothing_is_told(tmp_path: Path, released: tuple[Project, Path]) -> None:
    told = manifest(released[1])
    assert "No document is in" not in dataset_card(told, {})
    told["counts"]["splits"] = {"train": 12}
    assert "No document is in dev or test: there are too few stories." in dataset_card(told, {})
    text = "قصف على بلدة"
    lines = [{"doc_id": d, "text": text, "annotator": "amal", "spans": [], "relations": []} for d in ("a", "b")]
    projects.init(tmp_path / "one")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    done("import", tmp_path / "a.jsonl", "--project", tmp_path / "one")
    shown = done("release", "v1", "--project", tmp_path / "one")
    assert "  no document is in dev or test: stories stay whole, and there are too few of them\n" in shown.stderr


def test_disagreement_is_the_share_of_places_that_people_did_not_read_alike(released: tuple[Project, Path]) -> None:
    said = manifest(released[1])
    corpus, schema = released[0].store.corpus(), released[0].schema
    shares = {}
    for doc_id, readings in corpus.by_document().items():
        if sum(reading.votes for reading in readings) > 1:
            kinds = [question.kind for question in read(doc_id, readings, schema).all]
            shares[doc_id] = 1 - kinds.count("agreed") / len(kinds) if kinds else None
    for left_out in said["left_out"]:
        assert left_out["disagreement"] == pytest.approx(shares.pop(left_out["doc_id"]), abs=1e-4)
    assert said["disagreement"] == pytest.approx(fmean(s for s in shares.values() if s is not None), abs=1e-4)


def test_agreement_is_in_the_manifest_with_its_intervals(released: tuple[Project, Path]) -> None:
    figures = manifest(released[1])["agreement"]
    for measure in ("span_f1_exact", "alpha", "relation_f1_strict"):
        assert figures[measure]["low"] <= figures[measure]["value"] <= figures[measure]["high"]


def test_a_partial_release_marks_its_open_places(released: tuple[Project, Path]) -> None:
    project, _ = released
    folder, written = publish.release(project, "partial-1", MAJORITY, by="lamis", partial=True)
    assert written["left_out"] == []
    opened = {record["doc_id"]: len(record["open"]) for record in gold(folder) if "open" in record}
    assert opened == {"s03": 1, "s09": 8, "s10": 1, "s11": 7}
    assert written["counts"]["open"] == {"documents": 4, "questions": 17}
    card = (folder / "DATASET_CARD.md").read_text(encoding="utf-8")
    assert "leads have not decided 17 questions in 4 documents" in card
    assert publish.verify(folder, project) == []


def test_a_release_never_changes(released: tuple[Project, Path]) -> None:
    project, folder = released
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(ReleaseError) as error:
        publish.release(project, "v1", MAJORITY, by="lamis")
    assert str(error.value) == f"{folder} exists already: a release never changes, give this one another name"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_release_survives_what_comes_later(tmp_path: Path) -> None:
    """A new reading and the undoing of a decision make other gold, but the old release is the same again."""
    with sample_project(tmp_path / "project") as project:
        folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
        project.store.add_annotations([Annotation(doc_id="s01", annotator="amal")], {"file": "new"}, "2026-01-01")
        assert publish.verify(folder, project) == []
        shutil.rmtree(folder)
        publish.release(project, "v1", MAJORITY, by="somebody else")
        assert publish.verify(folder, project) == []
        later, _ = publish.release(project, "v2", MAJORITY, by="lamis")
        assert (later / "gold.jsonl").read_bytes() != (folder / "gold.jsonl").read_bytes()


def test_a_lost_folder_is_not_written_again_with_other_settings(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
        shutil.rmtree(folder)
        with pytest.raises(ReleaseError) as error:
            publish.release(project, "v1", Settings("union"), by="lamis")
        assert str(error.value).startswith("v1 was released with other settings (entry ")
        assert not folder.exists()


def test_names_that_are_no_folder_names_are_refused(released: tuple[Project, Path]) -> None:
    for name in ("../v2", ".hidden", "", "a/b", "x" * 65):
        with pytest.raises(UsageError, match="is no name for a release"):
            publish.release(released[0], name, MAJORITY, by="lamis")


def test_an_empty_release_is_refused(tmp_path: Path) -> None:
    projects.init(tmp_path / "project")
    with projects.open_project(tmp_path / "project") as project:
        intake.ingest(project, read_documents(SAMPLE / "reports.jsonl"))
        with pytest.raises(ReleaseError) as error:
            publish.release(project, "none", MAJORITY, by="lamis")
        assert str(error.value) == (
            "none would hold no document, 16 are left out: decide their open conflicts, or add --partial"
        )
        assert not project.exports.exists()
        assert project.store.head() is None


# Tampering.


def test_a_changed_file_is_named(copy: Path) -> None:
    path = copy / "gold.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"AIRSTRIKE"', b'"SHELLING"', 1))
    assert publish.verify(copy) == ["gold.jsonl is not the file that was released: its sha256 differs"]


def test_a_missing_and_a_foreign_file_are_named(copy: Path) -> None:
    (copy / "DATASET_CARD.md").unlink()
    (copy / "sub").mkdir()
    (copy / "sub" / "notes.txt").write_text("mine")
    assert publish.verify(copy) == [
        "DATASET_CARD.md is missing",
        "sub/notes.txt was not released: the manifest does not list it",
    ]


def test_a_changed_file_with_a_mended_manifest_is_found_by_the_log(copy: Path, released: tuple[Project, Path]) -> None:
    path = copy / "gold.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"confidence":1.0', b'"confidence":0.9', 1))
    mended = manifest(copy)
    mended["files"]["gold.jsonl"] = {"sha256": sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
    (copy / "manifest.json").write_text(json.dumps(mended))
    assert publish.verify(copy) == []
    found = publish.verify(copy, released[0])
    assert len(found) == 1
    assert found[0].startswith("manifest.json is not the one that entry ")


def test_a_manifest_that_lacks_what_every_one_says_is_refused(copy: Path) -> None:
    changed = manifest(copy)
    changed["gbps"] = changed.pop("gaps")
    (copy / "manifest.json").write_text(json.dumps(changed))
    with pytest.raises(ReleaseError) as error:
        publish.verify(copy)
    assert str(error.value) == f"{copy / 'manifest.json'} does not say gaps: it was changed since the release"


def test_counts_that_are_not_those_of_the_gold_are_found(copy: Path) -> None:
    changed = manifest(copy)
    changed["counts"]["spans"] += 1
    (copy / "manifest.json").write_text(json.dumps(changed))
    assert publish.verify(copy) == ["manifest.json: its counts are not those of gold.jsonl"]


@pytest.mark.parametrize("said", ["composition", "agreement", "annotators", "licence", "gaps", "splits", "settings"])
def test_a_manifest_that_says_other_than_the_card_is_found(copy: Path, said: str) -> None:
    changed = manifest(copy)
    changed[said] = _other(changed[said])
    (copy / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
    assert publish.verify(copy) == ["manifest.json does not say what DATASET_CARD.md says"]


def _other(value: Any) -> Any:
    """The same form with other words and numbers."""
    if isinstance(value, dict):
        return {name: _other(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_other(item) for item in value]
    return "other" if value is None else 2 * value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file or folder"),
        (b"{", "is no JSON"),
        (b"[]", "lists no files: it is no manifest of tahkim"),
    ],
)
def test_a_folder_without_a_manifest_is_no_release(copy: Path, content: bytes | None, message: str) -> None:
    (copy / "manifest.json").unlink()
    if content is not None:
        (copy / "manifest.json").write_bytes(content)
    with pytest.raises(ReleaseError, match=message):
        publish.verify(copy)


def test_a_release_of_another_project_is_not_taken_for_ours(released: tuple[Project, Path], tmp_path: Path) -> None:
    with sample_project(tmp_path / "other") as other:
        assert publish.verify(released[1], other) == ["the log of the project has no such release"]


def test_verify_on_the_command_line_names_the_file_and_fails(copy: Path) -> None:
    assert run("verify", copy).returncode == 0
    (copy / "gold.jsonl").write_bytes(b"")
    failed = run("verify", copy)
    assert (failed.returncode, failed.stdout) == (
        1,
        f"{copy}: gold.jsonl is not the file that was released: its sha256 differs\n",
    )


# People.


def test_no_name_of_a_person_is_anywhere_in_a_release(tmp_path: Path) -> None:
    """Names in reasons, settings and of people who only drafted are pseudonyms too."""
    with sample_project(tmp_path / "project") as project:
        project.store.add_annotations(
            [Annotation(doc_id="s01", annotator="zaynab", status="draft")], {"file": "x"}, "2026-01-01"
        )
        folder, _ = publish.release(project, "v1", Settings("trust", trust="amal"), by="lamis", partial=True)
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert not [name for name in (*PEOPLE, "zaynab") if name.encode() in content], path
        assert pseudonym(project.key, "amal") in (folder / "manifest.json").read_text()


def test_a_person_has_one_pseudonym_in_all_releases_of_a_project_and_another_elsewhere(tmp_path: Path) -> None:
    named = []
    for folder in ("one", "two"):
        with sample_project(tmp_path / folder) as project:
            written = [publish.release(project, name, MAJORITY, by="lamis")[1] for name in ("v1", "v2")]
            assert written[0]["created_by"] == written[1]["created_by"]
            assert written[0]["annotators"] == written[1]["annotators"]
            named.append({*written[0]["annotators"], written[0]["created_by"]})
    assert not named[0] & named[1]


def test_the_order_of_pseudonyms_does_not_tell_the_order_of_names(released: tuple[Project, Path]) -> None:
    for record in gold(released[1]):
        for mark in (*record["spans"], *record["relations"]):
            for kind, who in mark["support"].items():
                assert kind == "asked" or who == sorted(who)
    assert list(manifest(released[1])["annotators"]) == sorted(manifest(released[1])["annotators"])


def test_texts_are_never_touched_by_pseudonyms(tmp_path: Path) -> None:
    """An annotator who is called like a word of the text changes nothing in the text."""
    with sample_project(tmp_path / "project") as project:
        text = project.store.document("s01").text
        word = text.split()[1]
        project.store.add_annotations([Annotation(doc_id="s12", annotator=word)], {"file": "x"}, "2026-01-01")
        folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
        record = next(record for record in gold(folder) if record["doc_id"] == "s01")
        assert record["text"] == text
        assert decode(record).annotation.spans


def test_the_release_that_ships_with_the_repository_is_whole() -> None:
    folder = Path(__file__).resolve().parents[1] / "exports" / "sample"
    assert publish.verify(folder) == []
    assert len(load_gold(folder)) == 12


def test_a_log_whose_end_was_cut_off_is_found_by_its_releases(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        publish.release(project, "v1", MAJORITY, by="lamis")
        assert publish.verify_log(project) == []
        with project.store.writing() as connection:
            connection.exec_driver_sql("DROP TRIGGER log_no_delete")
            connection.exec_driver_sql("DELETE FROM log WHERE n = 17")
        assert publish.verify_log(project) == ["the entry on release v1 is missing"]
        with project.store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM log WHERE n > 12")
        assert project.store.verify_log() == []
        assert publish.verify_log(project) == ["release v1 was made when the log had another entry 16"]
