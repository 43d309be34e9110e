"""A schema replaced in a running project: annotations and decisions go along, old releases stay what they were."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from project_of import done, run, sample_project
from tahkim import schema as schemas
from tahkim.adjudicate.strategies import Settings
from tahkim.clock import now
from tahkim.errors import SchemaError, UsageError
from tahkim.gold.reading import load_gold
from tahkim.model import Annotation, Span
from tahkim.project import Project, open_project
from tahkim.workflow import migrate, publish, settle

MAJORITY = Settings("majority")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with sample_project(tmp_path / "project") as opened:
        yield opened


def changed(project: Project, path: Path, *pairs: tuple[str, str]) -> Path:
    text = project.schema_text.replace('version: "0.2"', 'version: "0.3"')
    for old, new in pairs:
        assert re.search(old, text)
        text = re.sub(old, new, text)
    path.write_text(text, encoding="utf-8")
    return path


def gold(project: Project, name: str) -> tuple[list[Any], list[Any], list[str]]:
    """Content of every span and relation, and which documents are in, by a release."""
    folder, _ = publish.release(project, name, MAJORITY, by="lamis")
    spans, relations = [], []
    for record in load_gold(folder):
        ends = {s["id"]: (s["start"], s["end"], s["label"]) for s in record["spans"]}
        spans += [(record["doc_id"], *ends[s["id"]], s["attributes"], s["how"]) for s in record["spans"]]
        relations += [
            (record["doc_id"], r["label"], ends[r["head"]], ends[r["tail"]], r["attributes"], r["how"])
            for r in record["relations"]
        ]
    return spans, relations, [record["doc_id"] for record in load_gold(folder)]


def renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(renamed(each, names) for each in value)
    return names.get(value, value) if isinstance(value, str) else value


def reopened(project: Project) -> Project:
    """The project with the schema its file has now."""
    with open_project(project.folder) as again:
        return Project(project.folder, project.store, again.schema, project.key)


def test_renamed_labels_and_relations_leave_everything_else_as_it_was(project: Project, tmp_path: Path) -> None:
    before = gold(project, "v1")
    names = {"ATTACK": "ASSAULT", "CASUALTY": "VICTIMS", "affiliated_with": "belongs"}
    file = changed(
        project, tmp_path / "new.yaml",
        (r"\bATTACK\b", "ASSAULT"), (r"\bCASUALTY\b", "VICTIMS"), (r"\baffiliated_with\b", "belongs"),
    )  # fmt: skip
    told = migrate.migrate(project, file, [f"{old}={new}" for old, new in names.items()], by="lamis")
    assert told["annotations"] > 30
    assert told["stale"] == 0
    project = reopened(project)
    assert project.schema.version == "0.3"
    after = gold(project, "v2")
    order = sorted(map(repr, renamed(before[0], names)))
    assert sorted(map(repr, after[0])) == order
    assert sorted(map(repr, after[1])) == sorted(map(repr, renamed(before[1], names)))
    assert after[2] == before[2]
    assert all(schemas.check(a, project.schema, project.store.document(a.doc_id).text) == []
               for a in project.store.annotations())  # fmt: skip
    assert publish.verify(project.exports / "v1", project) == []
    assert publish.verify(project.exports / "v2", project) == []
    assert project.store.verify_log() == []


def test_decisions_are_taken_anew_and_the_old_ones_stay_in_the_log(project: Project, tmp_path: Path) -> None:
    old = {d.id: d for d in settle.decisions(project)}
    open_before = {m.document.id: m.open for m in merged(project)}
    file = changed(project, tmp_path / "new.yaml", (r"\bATTACK\b", "ASSAULT"), (r"\bASSET\b", "OBJECT"))
    migrate.migrate(project, file, ["ATTACK=ASSAULT", "ASSET=OBJECT"], by="admin")
    project = reopened(project)
    new = {d.id: d for d in settle.decisions(project)}
    assert old.items() <= new.items()
    again = [d for d in new.values() if d.id not in old and not d.undoes]
    assert again
    for decision in again:
        assert decision.by == "lamis"
        assert any((d.reason, d.guideline, d.doc_id) == (decision.reason, decision.guideline, decision.doc_id)
                   for d in old.values())  # fmt: skip
    assert {m.document.id: m.open for m in merged(project)} == open_before
    (entry,) = project.store.entries("migration")
    assert (entry.by, entry.payload["from"], entry.payload["to"]) == ("admin", "0.2", "0.3")


def merged(project: Project) -> list[Any]:
    return settle.merge(project.store.corpus(), MAJORITY, project.schema, settle.decisions(project))[0]


def test_a_part_of_a_label_becomes_a_label_of_its_own(project: Project, tmp_path: Path) -> None:
    labels = Counter(s.label for a in project.store.annotations() for s in a.spans)
    ieds = sum(s.label == "EXPLOSION" and s.attributes.get("mode") == "ied"
               for a in project.store.annotations() for s in a.spans)  # fmt: skip
    assert 0 < ieds < labels["EXPLOSION"]
    text = (r"\n  CLASH:", '\n  IED:\n    kind: event\n    ar: عبوة\n    en: charge\n    color: "#ffa300"\n  CLASH:')
    groups = (r"ATTACK_LIKE: \[AIRSTRIKE,", "ATTACK_LIKE: [IED, AIRSTRIKE,")
    file = changed(project, tmp_path / "new.yaml", text, groups)
    new = schemas.load(file)
    assert ("mode" in new.attributes_of("IED")) == ("mode" in new.attributes_of("AIRSTRIKE"))
    migrate.migrate(project, file, ["EXPLOSION[mode=ied]=IED"], by="lamis")
    spans = [s for a in project.store.annotations() for s in a.spans]
    assert Counter(s.label for s in spans)["IED"] == ieds
    assert Counter(s.label for s in spans)["EXPLOSION"] == labels["EXPLOSION"] - ieds
    scopes = {frozenset(a.scope.labels or ()) for a in project.store.annotations()}
    assert all({"IED", "EXPLOSION"} <= scope for scope in scopes)


def test_merged_labels_settle_what_was_a_conflict_between_them(project: Project, tmp_path: Path) -> None:
    before = {m.document.id: m.open for m in merged(project)}
    drop = (r"\n  SHELLING:(?:.*\n)(?:    .*\n)+", "\n")
    file = changed(project, tmp_path / "new.yaml", drop, (r"\bSHELLING, ?|, SHELLING\b", ""),
                   (r"\bAIRSTRIKE\b", "BOMBARDMENT"))  # fmt: skip
    told = migrate.migrate(project, file, ["AIRSTRIKE=BOMBARDMENT", "SHELLING=BOMBARDMENT"], by="lamis")
    project = reopened(project)
    after = {m.document.id: m.open for m in merged(project)}
    assert told["stale"] <= 2
    assert sum(after.values()) <= sum(before.values()) + told["stale"]
    assert not [s for a in project.store.annotations() for s in a.spans if s.label in ("AIRSTRIKE", "SHELLING")]


def test_added_attributes_change_no_annotation(project: Project, tmp_path: Path) -> None:
    revisions = project.store.counts().revisions
    file = changed(
        project,
        tmp_path / "new.yaml",
        (r"\ndocument_attributes:\n", "\ndocument_attributes:\n  doubtful: {type: bool}\n"),
    )
    assert migrate.migrate(project, file, [], by="lamis") == {"annotations": 0, "decisions": 0, "stale": 0}
    assert project.store.counts().revisions == revisions
    assert "doubtful" in reopened(project).schema.document_attributes


def test_what_would_break_the_new_schema_is_refused_and_nothing_changes(project: Project, tmp_path: Path) -> None:
    entries, revisions, text = len(list(project.store.entries())), project.store.counts().revisions, project.schema_text
    file = changed(project, tmp_path / "new.yaml", (r"\bATTACK\b", "ASSAULT"))
    with pytest.raises(SchemaError) as error:
        migrate.migrate(project, file, [], by="lamis")
    assert "would break the new schema: span " in str(error.value)
    assert str(error.value).endswith("nothing was changed: say with --map what becomes of it")
    assert (len(list(project.store.entries())), project.store.counts().revisions, project.schema_text) == (
        entries, revisions, text,
    )  # fmt: skip


@pytest.mark.parametrize("stage", ["log", "annotations"])
def test_what_a_killed_migration_began_is_finished_by_the_same_command(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    file = changed(project, tmp_path / "new.yaml", (r"\bATTACK\b", "ASSAULT"))
    whole = migrate_elsewhere(tmp_path, file)

    def die(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if stage == "log":
            patch.setattr(type(project.store), "add_annotations", die)
        else:
            patch.setattr(migrate, "write_text", die)
        with pytest.raises(KeyboardInterrupt):
            migrate.migrate(project, file, ["ATTACK=ASSAULT"], by="lamis")
    # Somebody goes on working before the command is given again.
    late = Annotation(doc_id="s12", annotator="huda", spans=(Span("s", 0, 4, "LOC"),))
    project.store.add_annotations([late], {"file": "late"}, now())
    migrate.migrate(project, file, ["ATTACK=ASSAULT"], by="lamis")
    assert migrate.migrate(project, file, ["ATTACK=ASSAULT"], by="lamis")["annotations"] == 0
    found = {(a.doc_id, a.annotator): a for a in project.store.annotations()}
    assert found.pop(("s12", "huda")) == late
    whole.pop(("s12", "huda"))
    assert found == whole
    assert len(list(project.store.entries("migration"))) == 1


def migrate_elsewhere(tmp_path: Path, file: Path) -> dict[tuple[str, str], Annotation]:
    with sample_project(tmp_path / "undisturbed") as other:
        migrate.migrate(other, file, ["ATTACK=ASSAULT"], by="lamis")
        return {(a.doc_id, a.annotator): a for a in other.store.annotations()}


@pytest.mark.parametrize("said", ["ATTACK", "ATTACK=", "=X", "A[b]=C", "A[b=c]"])
def test_rules_that_are_none_are_refused(said: str) -> None:
    with pytest.raises(UsageError) as error:
        migrate.rules([said])
    assert str(error.value) == (f"--map {said}: write OLD=NEW, or OLD[attribute=value]=NEW for a part of a label")


def test_on_the_command_line(project: Project, tmp_path: Path) -> None:
    file = changed(project, tmp_path / "new.yaml", (r"\bATTACK\b", "ASSAULT"))
    said = done("migrate-schema", file, "--map", "ATTACK=ASSAULT", "--by", "lamis", "--project", project.folder)
    assert re.match(r"\d+ annotations and \d+ entries on decisions under the new schema; 0 decisions", said.stderr)
    done("log", "--verify", "--project", project.folder)
    assert run("migrate-schema", tmp_path / "none.yaml", "--project", project.folder).returncode == 1
