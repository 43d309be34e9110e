"""Releases without texts, and texts put back: the same bytes, or a refusal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from project_of import done, sample_project
from tahkim.adjudicate.strategies import Settings
from tahkim.backends.files import read_documents
from tahkim.demo import SAMPLE
from tahkim.errors import ReleaseError, UsageError
from tahkim.gold.reading import load_gold
from tahkim.model import Document
from tahkim.project import Project
from tahkim.workflow import publish

MAJORITY = Settings("majority")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A release with its texts, and the same without."""
    with sample_project(tmp_path_factory.mktemp("texts") / "project") as project:
        with_texts, _ = publish.release(project, "full-1", MAJORITY, by="lamis")
        bare, _ = publish.release(project, "bare-1", MAJORITY, by="lamis", text=False)
        assert publish.verify(bare) == []
        assert publish.verify(bare, project) == []
    return with_texts, bare


def texts() -> list[Document]:
    return list(read_documents(SAMPLE / "reports.jsonl"))


def test_no_four_words_in_a_row_of_the_texts_are_in_the_folder(folders: tuple[Path, Path]) -> None:
    """A few words may stand in a lead's reason, which is theirs."""
    written = b"".join(path.read_bytes() for path in folders[1].rglob("*") if path.is_file()).decode()
    names = {str(value) for document in texts() for value in document.meta.values()}
    runs = set()
    for document in texts():
        words = document.text.split()
        runs |= {" ".join(words[at : at + 4]) for at in range(len(words) - 3)}
    assert len(runs) > 1000
    assert not [run for run in runs if run in written and not any(run in name for name in names)]


def test_hashes_stand_for_texts_and_surfaces(folders: tuple[Path, Path]) -> None:
    for record, full in zip(load_gold(folders[1]), load_gold(folders[0]), strict=True):
        assert "text" not in record
        assert (record["sha256"], record["length"]) == (
            Document(id="x", text=full["text"]).sha256,
            len(full["text"]),
        )
        assert all(len(span["surface_sha256"]) == 64 for span in record["spans"])


def test_hydrated_gold_is_byte_for_byte_the_gold_with_texts(folders: tuple[Path, Path], tmp_path: Path) -> None:
    found = publish.hydrate(folders[1], texts(), tmp_path / "new", ["conll", "events"])
    assert found.missing == ()
    assert (tmp_path / "new" / "gold.jsonl").read_bytes() == (folders[0] / "gold.jsonl").read_bytes()
    assert (tmp_path / "new" / "conll" / "train.conll").is_file()
    assert publish.verify(tmp_path / "new") == []
    assert found.manifest["counts"] == json.loads((folders[0] / "manifest.json").read_bytes())["counts"]


def test_texts_are_found_by_their_hash_where_ids_differ(folders: tuple[Path, Path], tmp_path: Path) -> None:
    renamed = [Document(id=f"mine-{document.id}", text=document.text) for document in texts()]
    publish.hydrate(folders[1], renamed, tmp_path / "new")
    assert (tmp_path / "new" / "gold.jsonl").read_bytes() == (folders[0] / "gold.jsonl").read_bytes()


def test_another_text_is_refused_and_nothing_is_written(folders: tuple[Path, Path], tmp_path: Path) -> None:
    changed = [Document(id=d.id, text=d.text.replace("ة", "ه") if d.id == "s04" else d.text) for d in texts()]
    with pytest.raises(ReleaseError) as error:
        publish.hydrate(folders[1], changed, tmp_path / "new")
    assert str(error.value) == "document s04: this is not the text that was annotated: its sha256 differs"
    assert list(tmp_path.iterdir()) == []


def test_missing_texts_are_named_or_left_out(folders: tuple[Path, Path], tmp_path: Path) -> None:
    some = [document for document in texts() if document.id not in ("s01", "s05")]
    with pytest.raises(ReleaseError) as error:
        publish.hydrate(folders[1], some, tmp_path / "new")
    assert str(error.value) == (
        f"{folders[1]}: the texts of 2 of 12 documents were not found (s01, s05): "
        "add them, or leave these documents out with --skip-missing"
    )
    found = publish.hydrate(folders[1], some, tmp_path / "new", skip_missing=True)
    assert found.missing == ("s01", "s05")
    assert len(load_gold(tmp_path / "new")) == 10
    assert publish.verify(tmp_path / "new") == []


def test_a_span_that_was_moved_is_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    from tahkim.gold.texts import with_text

    record = load_gold(folders[1])[0]
    record["spans"][0]["start"] += 1
    text = next(document.text for document in texts() if document.id == record["doc_id"])
    with pytest.raises(ReleaseError) as error:
        with_text(record, text)
    assert str(error.value) == "document s01: span s1 is not where it was: the release was changed"


def test_what_cannot_be_hydrated_is_said(folders: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="has its texts: there is nothing to put back"):
        publish.hydrate(folders[0], texts(), tmp_path / "new")
    with pytest.raises(ReleaseError, match="exists already: name a folder that is not there"):
        publish.hydrate(folders[1], texts(), tmp_path)
    with pytest.raises(UsageError, match="soft labels come from the project"):
        publish.hydrate(folders[1], texts(), tmp_path / "new", ["soft"])
    spoilt = shutil.copytree(folders[1], tmp_path / "spoilt")
    (spoilt / "schema.yaml").write_text("labels: [A]")
    with pytest.raises(ReleaseError, match=r"schema\.yaml is not the file that was released"):
        publish.hydrate(spoilt, texts(), tmp_path / "new")


def test_formats_need_texts(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        with pytest.raises(UsageError) as error:
            publish.release(project, "v1", MAJORITY, by="lamis", text=False, formats=["conll"])
        assert str(error.value) == (
            "--without-text goes with gold.jsonl alone: leave --format out, and hydrate before converting"
        )
        assert not project.exports.exists()


def test_the_command_line_takes_texts_out_and_puts_them_back(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        there = folder_of(project)
    done("release", "bare", "--without-text", "--by", "lamis", "--project", there)
    said = done(
        "hydrate", there / "exports" / "bare", "--texts", SAMPLE / "reports.jsonl", "--to", tmp_path / "new",
        "--format", "brat",
    )  # fmt: skip
    assert "12 documents" in said.stderr
    done("verify", tmp_path / "new")


def folder_of(project: Project) -> Path:
    return project.folder
