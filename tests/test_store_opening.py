"""Opening a store: what is made, what is migrated, what is refused and in which words."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql

from tahkim.errors import StoreError
from tahkim.model import Document
from tahkim.store import Store, tables


def refusal(place: str | Path, **options: object) -> str:
    with pytest.raises(StoreError) as error, Store.open(place, **options) as store:  # type: ignore[arg-type]
        store.add_documents([Document(id="a", text="t")])
    return str(error.value)


def test_a_project_is_made_once_and_keeps_its_name(store_place: str) -> None:
    with Store.open(store_place, create=True) as store:
        project_id = store.project_id
        store.set("guideline", {"version": "0.2"})
        store.set("guideline", {"version": "0.3", "ok": True})
    with Store.open(store_place, create=True) as store:
        assert store.project_id == project_id
        assert len(project_id) == 16
    with Store.open(store_place) as store:
        assert store.settings() == {"guideline": {"version": "0.3", "ok": True}, "project": project_id}


def test_a_missing_project_is_named_and_nothing_is_made(store_place: str) -> None:
    expected = store_place if "://" not in store_place else server_name(store_place)
    assert refusal(store_place) == f"no project at {expected}: run `tahkim init DIR`"
    if "://" not in store_place:
        assert not Path(store_place).exists()


def server_name(url: str) -> str:
    parsed = sql.make_url(url)
    return f"postgresql://{parsed.query['host']}/{parsed.database}"


def test_the_file_lies_in_its_folder_or_where_a_name_in_db_says(tmp_path: Path) -> None:
    with Store.open(tmp_path / "p", create=True) as store:
        assert store.name == str(tmp_path / "p" / ".tahkim" / "project.db")
    with Store.open(tmp_path / "p" / ".tahkim" / "project.db") as store:
        store.add_documents([])
    with sqlite3.connect(store.name) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


def test_a_newer_store_is_refused(store_place: str) -> None:
    with Store.open(store_place, create=True) as store:
        name = store.name
        with store.writing() as connection:
            connection.execute(sql.insert(tables.VERSIONS), {"number": len(tables.MIGRATIONS) + 1})
    known = len(tables.MIGRATIONS)
    assert refusal(store_place) == (
        f"{name}: was made by a newer tahkim (store version {known + 1}, this one knows {known}): upgrade tahkim"
    )


def test_a_migration_comes_with_its_record_or_not_at_all(store_place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection: sql.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE notes (n INTEGER)")
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    def whole(connection: sql.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE notes (n INTEGER)")

    Store.open(store_place, create=True).close()
    known = list(tables.MIGRATIONS)
    monkeypatch.setattr(tables, "MIGRATIONS", [*known, half])
    assert "nowhere" in refusal(store_place)
    monkeypatch.setattr(tables, "MIGRATIONS", [*known, whole])
    for _ in range(2):
        with Store.open(store_place) as store, store.reading() as connection:
            assert connection.scalar(sql.select(sql.func.count()).select_from(tables.VERSIONS)) == len(known) + 1
            assert "notes" in sql.inspect(connection).get_table_names()


OPENER = "import sys; from tahkim.store import Store; Store.open(sys.argv[1], create=True).close()"


def test_many_may_make_the_same_project_at_once(store_place: str) -> None:
    makers = [subprocess.Popen([sys.executable, "-c", OPENER, store_place], stderr=subprocess.PIPE) for _ in range(4)]
    for maker in makers:
        _, errors = maker.communicate()
        assert (maker.returncode, errors) == (0, b"")
    with Store.open(store_place) as store:
        assert list(store.settings()) == ["project"]


def test_files_that_are_no_project_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("not a database" * 100)
    assert refusal(text) == f"{text}: is no tahkim project, or is damaged: put back a copy of the file"
    empty = tmp_path / "empty.db"
    empty.write_bytes(b"")
    assert refusal(empty) == f"no project at {empty}: run `tahkim init DIR`"
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE songs (n INTEGER)")
    connection.close()
    assert refusal(other) == f"{other}: is another program's database, not a tahkim project"
    assert refusal(other, create=True) == f"{other}: is another program's database, not a tahkim project"
    file = tmp_path / "file"
    file.write_text("")
    assert refusal(file, create=True) == f"{file}/.tahkim: cannot be made: not a directory"
    folder = tmp_path / "folder.db"
    folder.mkdir()
    assert refusal(folder, create=True) == (
        f"{folder}: cannot be opened: check that its folder is there and may be written to"
    )


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    with Store.open(tmp_path, create=True) as store:
        store.add_documents(Document(id=f"d{n}", text="x" * 1000) for n in range(200))
        path = Path(store.name)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError) as error, Store.open(tmp_path) as store:
        list(store.documents())
    assert str(error.value) == f"{path}: is damaged: put back a copy of the file"


def test_a_writer_that_waits_too_long_says_so(store_place: str) -> None:
    with Store.open(store_place, create=True) as first, Store.open(store_place, wait=0.2) as second:
        with first.writing():
            with pytest.raises(StoreError) as error:
                second.append("import", {}, by="lead", at="2026-01-15")
            assert list(second.entries()) == []
        assert str(error.value) == f"{second.name}: another command is writing to it: try again when that is done"
        second.append("import", {}, by="lead", at="2026-01-15")


def test_opening_does_not_wait_for_a_writer(store_place: str) -> None:
    with Store.open(store_place, create=True) as first, first.writing(), Store.open(store_place, wait=0.1) as second:
        assert second.counts().documents == 0


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    Store.open(tmp_path, create=True).close()
    script = (
        "import resource, signal, sys\nfrom tahkim.store import Store\nfrom tahkim.model import Document\n"
        "from tahkim.errors import StoreError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
        "try:\n    with Store.open(sys.argv[1]) as store:\n"
        "        store.add_documents(Document(id=f'd{n}', text='x' * 10_000) for n in range(2000))\n"
        "except StoreError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == (
        f"{tmp_path}/.tahkim/project.db: the disk is full or failing; nothing of this command was kept\n"
    )
    with Store.open(tmp_path) as store:
        assert store.counts().documents == 0


WRONG_URLS = [
    ("mysql://u:hunter2@h/d", "a store is a folder or a postgresql:// URL, not mysql://"),
    (
        "postgresql://u:hunter2@h:port/d",
        "the store's URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
        "with special characters in USER and PASSWORD as %XX",
    ),
    (
        "postgresql://u:hunter2@127.0.0.1:1/d",
        "postgresql://127.0.0.1:1/d: no server answers there: check host and port, and that PostgreSQL runs",
    ),
    (
        "postgresql+psycopg://u@127.0.0.1:1/d?password=hunter2",
        "postgresql://127.0.0.1:1/d: no server answers there: check host and port, and that PostgreSQL runs",
    ),
]


@pytest.mark.parametrize(("url", "expected"), WRONG_URLS)
def test_a_wrong_url_is_refused_without_its_password(url: str, expected: str) -> None:
    assert refusal(url) == expected
    done = subprocess.run([sys.executable, "-c", OPENER, url], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "hunter2" not in done.stdout + done.stderr


def test_what_a_server_says_is_passed_on_in_one_line(postgresql_server: sql.URL) -> None:
    url = postgresql_server.set(drivername="postgresql", database="hunter2", password="hunter2")
    message = refusal(url.render_as_string(hide_password=False))
    assert message.startswith("postgresql://")
    assert 'database "***" does not exist' in message
    assert "\n" not in message


def test_a_database_that_cannot_hold_every_text_is_refused(postgresql_server: sql.URL) -> None:
    engine = sql.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    url = postgresql_server.set(drivername="postgresql", database="latin")
    assert refusal(url.render_as_string(), create=True) == (
        "the database's encoding is LATIN1, which cannot hold every text: make one with ENCODING 'UTF8'"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE latin WITH (FORCE)")
    engine.dispose()
