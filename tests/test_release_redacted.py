"""A document taken out for good: from the project, from every release, and the log says so."""

from __future__ import annotations

import shutil
from pathlib import Path

from project_of import done, sample_project
from tahkim.adjudicate.strategies import Settings
from tahkim.gold.reading import load_gold
from tahkim.gold.verify import read_manifest
from tahkim.workflow import publish, settle, upkeep

MAJORITY = Settings("majority")


def test_releases_are_written_again_without_it_and_verify(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        text = project.store.document("s06").text
        first, before = publish.release(project, "v1", MAJORITY, by="lamis", formats=["brat"])
        second, _ = publish.release(project, "v2", Settings("union"), by="lamis", partial=True)
        shutil.rmtree(second)
        assert upkeep.redact(project, "s06", by="lamis", why="withdrawn") == {"redacted": True, "releases": ["v1"]}
        assert [r["doc_id"] for r in load_gold(first)] == [
            d for d in sorted(f"s{n:02}" for n in range(1, 17)) if d not in ("s03", "s06", "s09", "s10", "s11")
        ]
        after = read_manifest(first)
        assert [each["doc_id"] for each in after["redacted"]] == ["s06"]
        assert after["created_at"] == before["created_at"]
        assert after["counts"]["splits"]["train"] == before["counts"]["splits"]["train"] - 1
        assert publish.verify(first, project) == []
        # The folder that was lost comes back without it as well.
        again, _ = publish.release(project, "v2", Settings("union"), by="lamis", partial=True)
        assert publish.verify(again, project) == []
        for path in project.folder.rglob("*"):
            if path.is_file() and "exports" in path.parts:
                assert text[:60].encode() not in path.read_bytes()
        assert [entry.kind for entry in project.store.entries()][-3:] == [
            "redaction", "release-redacted", "release-redacted",
        ]  # fmt: skip
        assert project.store.verify_log() == []
        assert all(decision.doc_id != "s06" for decision in settle.decisions(project))
        assert [p.name for p in project.folder.iterdir() if p.name.startswith("tmp")] == []


def test_the_same_command_again_finishes_what_was_begun(tmp_path: Path) -> None:
    """The document is out of the store, and the process died before it reached the releases."""
    with sample_project(tmp_path / "project") as project:
        folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
        from tahkim.store import Draft

        project.store.redact("s06", Draft("redaction", {"doc_id": "s06", "reason": "x"}, "lamis", "2026-01-01", "s06"))
        assert publish.verify(folder, project) != []
        assert upkeep.redact(project, "s06", by="lamis", why="x") == {"redacted": False, "releases": ["v1"]}
        assert publish.verify(folder, project) == []
        assert upkeep.redact(project, "s06", by="lamis", why="x") == {"redacted": False, "releases": []}


def test_the_casebook_quotes_it_no_longer(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        book = upkeep.casebook(project)
        assert "**s09**" in book.read_text(encoding="utf-8")
        upkeep.redact(project, "s09", by="lamis", why="withdrawn")
        left = book.read_text(encoding="utf-8")
        assert "**s09**" not in left and "**s10**" in left


def test_an_old_release_is_the_same_again_after_a_change_of_meta(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        folder, _ = publish.release(project, "v1", MAJORITY, by="lamis")
        document = project.store.document("s01")
        project.store.add_documents([type(document)(id="s01", text=document.text, meta={"outlet": "غيرها"}, group="x")])
        assert publish.verify(folder, project) == []


def test_the_command_line_says_what_it_did(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        publish.release(project, "v1", MAJORITY, by="lamis")
        there = project.folder
    said = done("redact", "s06", "--reason", "withdrawn", "--project", there)
    assert said.stderr == (
        "s06: redacted; written again without it: v1\ncopies that were passed on, and backups, still have it\n"
    )
    done("verify", there / "exports" / "v1", "--project", there)
    done("log", "--verify", "--project", there)
