"""The casebook: decisions with their reasons, by paragraph and confusion, newest first; gaps of the guideline."""

from __future__ import annotations

import json
from pathlib import Path

from project_of import done, sample_project
from reading import TEXT, reading, span
from tahkim import project as projects
from tahkim import schema as schemas
from tahkim.adjudicate.casebook import Case, casebook
from tahkim.adjudicate.questions import read
from tahkim.adjudicate.strategies import Settings
from tahkim.model import Decision, Document
from tahkim.workflow import settle, upkeep

DOCUMENT = Document(id="d1", text=TEXT)
QUESTIONS = read(
    "d1",
    [
        reading("amal", [span("s", 22, 28, "ASSET"), span("t", 38, 49, "LOC")]),
        reading("basim", [span("s", 22, 34, "ASSET")]),
        reading("huda", [span("s", 22, 34, "WEAPON")]),
    ],
    schemas.load(),
).spans


def decision(choice: object, day: int, paragraph: str | None, reason: str | None = "لأن", **fields: object) -> Decision:
    return Decision(
        doc_id="d1", choice=choice, by="lamis", at=f"2026-01-{day:02}T10:00:00Z", reason=reason,  # type: ignore[arg-type]
        guideline=paragraph, id=f"id{day}", **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_case_shows_the_place_the_readings_and_the_decision() -> None:
    written = casebook([Case(decision(2, 3, "14"), DOCUMENT, QUESTIONS[0])], {"§14": "الحدود"})
    surfaces = TEXT[22:28], TEXT[22:34]
    assert written == (
        "# Casebook\n\n1 decisions with their reasons, of 1 that stand. The newest come first.\n\n"
        "## §14 الحدود\n\n### boundary + label: ASSET / WEAPON\n\n"
        f"**d1**, 2026-01-03: لأن\n\n> {TEXT[:22]}**{surfaces[1]}**{TEXT[34:]}\n\n"
        f"1. `ASSET` “{surfaces[0]}” (1)\n2. `ASSET` “{surfaces[1]}” (1)\n3. `WEAPON` “{surfaces[1]}” (1)\n\n"
        "Decided: reading 2\n"
    )


def test_groups_are_in_the_order_of_the_guideline_and_cases_the_newest_first() -> None:
    own = {"start": 38, "end": 49, "label": "LOC", "attributes": {"gaz": "x"}}
    written = casebook(
        [
            Case(decision("none", 1, "§14", "القديم"), DOCUMENT, QUESTIONS[1]),
            Case(decision("none", 9, "§14", "الجديد"), DOCUMENT, QUESTIONS[1]),
            Case(decision(own, 5, None, of="new"), DOCUMENT, None),
            Case(decision("none", 6, "§2"), DOCUMENT, QUESTIONS[0]),
        ],
        {},
    )
    headings = [line for line in written.splitlines() if line.startswith("##")]
    assert headings == [
        "## §2",
        "### boundary + label: ASSET / WEAPON",
        "## §14",
        "### missing: LOC",
        "## No paragraph named",
        "### nobody marked it: LOC",
    ]
    assert written.index("الجديد") < written.index("القديم")
    assert f"Decided: `LOC` “{TEXT[39:49]}” gaz=x" in written
    assert "- nothing (2)" in written


def test_paragraphs_that_keep_being_asked_about_are_gaps() -> None:
    other = Document(id="d2", text=TEXT)
    cases = [Case(decision("none", day, "§7", None), DOCUMENT, QUESTIONS[0]) for day in (1, 2)]
    assert "Gaps" not in casebook([*cases, Case(decision("none", 3, "§7"), DOCUMENT, QUESTIONS[0])], {})
    asked = casebook([*cases, Case(decision("none", 3, "§7", None), other, QUESTIONS[0])], {"§7": "العنوان"})
    assert "## Gaps: paragraphs that keep being asked about" in asked
    assert "| §7 العنوان | 3 | 2 |" in asked


def test_the_projects_casebook_tells_no_names_and_forgets_what_was_undone(tmp_path: Path) -> None:
    with sample_project(tmp_path / "project") as project:
        path = upkeep.casebook(project)
        written = path.read_text(encoding="utf-8")
        assert path == project.folder / "guidelines" / "casebook.md"
        assert not [name for name in ("amal", "basim", "huda", "lamis") if name in written]
        undone = {d.undoes for d in settle.decisions(project)} - {None}
        reasons = [d.reason for d in settle.decisions(project) if d.reason and d.id not in undone and not d.undoes]
        assert undone
        assert all(reason in written for reason in reasons)
        there = project.folder
    done("casebook", "--project", there)
    assert path.read_text(encoding="utf-8") == written


def test_a_decision_between_other_readings_than_there_are_now_is_not_told(tmp_path: Path) -> None:
    project, file = tmp_path / "project", tmp_path / "readings.jsonl"

    def read_as(label: str) -> str:
        line = {"doc_id": "d", "text": "غارة على بلدة", "annotator": "basim"}
        mark = {"start": 0, "end": 4, "label": label}
        other = line | {"annotator": "amal", "spans": [mark | {"label": "AIRSTRIKE"}]}
        file.write_text("\n".join(map(json.dumps, (line | {"spans": [mark]}, other))))
        done("import", file, "--project", project)
        done("casebook", "--project", project)
        return (project / "guidelines" / "casebook.md").read_text(encoding="utf-8")

    done("init", project)
    read_as("SHELLING")
    with projects.open_project(project) as opened:
        (conflict,) = settle.conflicts(settle.merge(opened.store.corpus(), Settings(), opened.schema)[0])
    done("decide", "--doc", "d", "--key", conflict["key"], "--choice", "2", "--reason", "مدفعية", "--project", project)
    assert "Decided: reading 2" in read_as("SHELLING")
    assert "reading 2" not in read_as("ATTACK")
