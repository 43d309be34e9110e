"""A whole project in one file, and back: the same, on either kind of database."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from project_of import done, run, sample_project
from tahkim import project as projects
from tahkim.adjudicate.strategies import Settings
from tahkim.errors import InputError, StoreError, UsageError
from tahkim.project import Project
from tahkim.store import Accounts, Store
from tahkim.store.copying import rows
from tahkim.workflow import publish, upkeep

MAJORITY = Settings("majority")


def held(store: Store) -> list[Any]:
    with store.reading() as connection:
        return list(rows(connection))


def filled(project: Project) -> Project:
    """Something in every table and every folder."""
    publish.release(project, "v1", MAJORITY, by="lamis")
    document = project.store.document("s01")
    project.store.add_documents([type(document)(id="s01", text=document.text, meta={"outlet": "غيرها"})])
    Accounts(project.store).add("lamis", "lead", "$argon2$…", by="admin", at="2026-01-15T10:00:00Z")
    (project.folder / "guidelines").mkdir()
    (project.folder / "guidelines" / "casebook.md").write_text("# §14\n")
    return project


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Any]]:
    """A backup, the project it is of, and all rows of its store."""
    folder = tmp_path_factory.mktemp("backup")
    with sample_project(folder / "project") as project:
        upkeep.backup(filled(project), folder / "b.tahkim")
        return folder / "b.tahkim", folder / "project", held(project.store)


def files(folder: Path) -> dict[str, bytes]:
    kept = (p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("project.db"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in kept}


def test_a_restored_project_is_the_same(backup: tuple[Path, Path, list[Any]], tmp_path: Path) -> None:
    file, original, wanted = backup
    counts = upkeep.restore(file, tmp_path / "new")
    assert counts["documents"] == 16
    with projects.open_project(tmp_path / "new") as project:
        assert held(project.store) == wanted
        assert project.store.verify_log() == []
        assert publish.verify(project.exports / "v1", project) == []
    assert files(tmp_path / "new") == files(original)
    assert (tmp_path / "new" / ".tahkim" / "pseudonyms.key").stat().st_mode & 0o777 == 0o600
    assert {row.table for row in wanted} == {"settings", "documents", "former_facts", "annotations", "log", "users"}


def test_a_backup_of_the_same_project_has_the_same_bytes(backup: tuple[Path, Path, list[Any]], tmp_path: Path) -> None:
    file, original, _ = backup
    with projects.open_project(original) as project:
        upkeep.backup(project, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == file.read_bytes()
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o600


def test_from_sqlite_to_postgresql_and_back(
    backup: tuple[Path, Path, list[Any]], tmp_path: Path, postgresql_url: str
) -> None:
    file, _, wanted = backup
    done("restore", file, tmp_path / "there", "--store", postgresql_url)
    assert not (tmp_path / "there" / ".tahkim" / "project.db").exists()
    with projects.open_project(tmp_path / "there", postgresql_url) as project:
        assert held(project.store) == wanted
        assert publish.verify(project.exports / "v1", project) == []
    done("backup", tmp_path / "from-there", "--project", tmp_path / "there", "--store", postgresql_url)
    assert (tmp_path / "from-there").read_bytes() == file.read_bytes()
    done("restore", tmp_path / "from-there", tmp_path / "back")
    with projects.open_project(tmp_path / "back") as project:
        assert held(project.store) == wanted
        project.store.append("note", {}, by="lead", at="2026-01-15T10:00:00Z")


def test_a_database_that_holds_something_is_refused_and_stays(
    backup: tuple[Path, Path, list[Any]], tmp_path: Path, postgresql_url: str
) -> None:
    Store.open(postgresql_url, create=True).close()
    with pytest.raises(StoreError, match="there is something already: restore into an empty place"):
        upkeep.restore(backup[0], tmp_path / "new", postgresql_url)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_an_earlier_store_version_is_brought_up(
    backup: tuple[Path, Path, list[Any]], tmp_path: Path
) -> None:
    """What a tahkim before `former_facts` wrote."""
    old = tmp_path / "old"
    with zipfile.ZipFile(backup[0]) as source, zipfile.ZipFile(old, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "backup.json":
                content = json.dumps(json.loads(content) | {"store_version": 2}).encode()
            if name == "store.jsonl":
                records = [json.loads(line) for line in content.splitlines()]
                for _, values in records:
                    values.pop("redacted", None)
                content = b"".join(
                    json.dumps(record).encode() + b"\n" for record in records if record[0] != "former_facts"
                )
            target.writestr(name, content)
    upkeep.restore(old, tmp_path / "new")
    with projects.open_project(tmp_path / "new") as project:
        wanted = [row for row in backup[2] if row.table != "former_facts"]
        assert held(project.store) == wanted


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: b"no zip", "is no backup, or is damaged"),
        (lambda content: content[: len(content) // 2], "is no backup, or is damaged"),
        (lambda content: content[:3000] + b"xxxx" + content[3004:], "is damaged|is no backup"),
    ],
)
def test_damaged_backups_are_refused_and_nothing_is_left(
    backup: tuple[Path, Path, list[Any]], tmp_path: Path, spoil: Any, message: str
) -> None:
    (tmp_path / "bad").write_bytes(spoil(backup[0].read_bytes()))
    with pytest.raises(InputError, match=message):
        upkeep.restore(tmp_path / "bad", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_files_outside_of_the_project_are_refused(backup: tuple[Path, Path, list[Any]], tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(backup[0].read_bytes())
    with zipfile.ZipFile(bad, "a") as archive:
        archive.writestr("files/../../escaped", b"x")
    with pytest.raises(InputError) as error:
        upkeep.restore(bad, tmp_path / "new")
    assert str(error.value) == "the backup has a file outside of a project: ../../escaped"
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_nothing_is_overwritten(backup: tuple[Path, Path, list[Any]], tmp_path: Path) -> None:
    file, original, _ = backup
    with projects.open_project(original) as project, pytest.raises(UsageError) as error:
        upkeep.backup(project, file)
    assert str(error.value) == f"{file} exists already: a backup never overwrites another"
    with pytest.raises(UsageError) as refused:
        upkeep.restore(file, original)
    assert str(refused.value) == f"{original} is not empty: restore into a folder that is not there"
    missing = run("restore", tmp_path / "none", tmp_path / "new")
    assert (missing.returncode, missing.stderr) == (1, f"tahkim: {tmp_path / 'none'}: no such file or folder\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["store.jsonl", "backup.json"])
@pytest.mark.parametrize("content", ["{", "[]", "null", "[1]", "{}", "[" * 99_999])
def test_a_backup_of_something_else_is_refused_and_nothing_is_left(
    name: str, content: str, backup: tuple[Path, Path, list[Any]], tmp_path: Path
) -> None:
    with zipfile.ZipFile(backup[0]) as original, zipfile.ZipFile(tmp_path / "b.tahkim", "w") as changed:
        for inside in original.namelist():
            changed.writestr(inside, content if inside == name else original.read(inside))
    with pytest.raises(InputError, match="is no backup"):
        upkeep.restore(tmp_path / "b.tahkim", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["b.tahkim"]
