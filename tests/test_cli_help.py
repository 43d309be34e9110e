"""The help: every command in a panel, with examples, and the examples do what they say."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer

from commands import run
from tahkim.cli.app import app
from tahkim.cli.panels import PANELS
from tahkim.demo import SAMPLE

SERVERS = {"serve", "up", "login", "push", "pull", "watch", "doctor"}
"""Commands whose examples need a server; their own tests run them."""

Path_ = tuple[str, ...]


def commands() -> dict[Path_, list[str]]:
    """Each command by its path, with its examples; the root's stand under ()."""

    def below(group: typer.core.TyperGroup, path: Path_) -> dict[Path_, list[str]]:
        found = {path: examples(group)} if group.epilog else {}
        for name, command in group.commands.items():
            if isinstance(command, typer.core.TyperGroup):
                found |= below(command, (*path, name))
            else:
                found[(*path, name)] = examples(command)
        return found

    root = typer.main.get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    return below(root, ())


def examples(command: typer.core.TyperCommand | typer.core.TyperGroup) -> list[str]:
    title, *lines = (command.epilog or "").split("\n\n")
    assert title in ("", "Examples:")
    return [line.replace("\\[", "[") for line in lines]


COMMANDS = commands()


def test_every_command_stands_in_one_panel() -> None:
    listed = [name for names in PANELS.values() for name in names]
    assert sorted(listed) == sorted({path[0] for path in COMMANDS if path})


@pytest.mark.parametrize("command", [path for path in COMMANDS if path], ids=" ".join)
def test_every_command_shows_examples_of_itself(command: Path_, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, *command, "--help")
    assert done.code == 0
    assert COMMANDS[command]
    for example in COMMANDS[command]:
        assert f"tahkim {' '.join(command)}" in example
        assert "".join(example.split()) in "".join(done.out.split())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is a project, with a second one in it and every file that examples name."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("reports.jsonl", "annotations.jsonl", "decisions.jsonl"):
            shutil.copy(SAMPLE / name, name)
        files()
        for line in (
            "init .",
            "import annotations.jsonl",
            "init my-project",
            "import annotations.jsonl --project my-project",
            "release 2026-01 --project my-project",
            "merge --input annotations.jsonl --resolve-all --output gold.jsonl",
            "preannotate --input reports.jsonl --output predictions.jsonl",
        ):
            tahkim(line)
        shutil.copy("predictions.jsonl", "model-predictions.jsonl")
    return folder


def files() -> None:
    """The files that no command makes."""
    schema = Path(__file__).parents[1] / "label_config" / "schema.yaml"
    shutil.copy(schema, "my-schema.yaml")
    renamed = re.sub(r"\bSHELLING\b", "BOMBARDMENT", schema.read_text(encoding="utf-8"))
    Path("new.yaml").write_text(renamed, encoding="utf-8")
    Path("report.txt").write_text("قتل جنديان في غارة على بلدة حدودية.", encoding="utf-8")
    for name in ("folder-of-texts", "folder-of-annotators/amal", "my-rules"):
        Path(name).mkdir(parents=True)
    shutil.copy("report.txt", "folder-of-texts")
    shutil.copy("report.txt", "folder-of-annotators/amal")
    Path("folder-of-annotators/amal/report.ann").write_text("T1\tAIRSTRIKE 14 18\tغارة\n", encoding="utf-8")


def tahkim(line: str) -> None:
    """Run one line that has to succeed."""
    from tahkim.cli import main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["tahkim", *shlex.split(line)])
        patch.setattr("sys.stdin", io.StringIO("a long password\n"))
        with pytest.raises(SystemExit) as stop:
            main()
    assert not stop.value.code, line


BEFORE: dict[Path_, list[str]] = {
    ("audit",): ["finish --audit 3"],
    ("verify",): ["release 2026-01"],
    ("diff",): ["release 2026-01", "decide decisions.jsonl", "release 2026-02"],
    ("agree",): ["release 2026-01"],
    ("hydrate",): ["release public-1 --without-text"],
    ("restore",): ["backup 2026-01-15.tahkim"],
    ("desks",): ["assign amal basim huda"],
    ("user", "role"): ["user add amal annotator"],
    ("user", "password"): ["user add amal annotator"],
    ("user", "remove"): ["user add lamis admin", "user add amal annotator"],
    ("user", "token"): ["user add mlteam reader"],
}
"""What has to have happened before a command's examples make sense."""


@pytest.mark.parametrize("command", [path for path in COMMANDS if not SERVERS & set(path)], ids=" ".join)
def test_the_examples_run(
    command: Path_,
    desk: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(desk, folder)
    monkeypatch.chdir(folder)
    for line in BEFORE.get(command, []):
        tahkim(line)
    for example in COMMANDS[command]:
        if "postgresql://" in example:
            continue
        if "--revoke" in example:
            example = re.sub(r"--revoke \w+", f"--revoke {token_id(capsys)}", example)
        tahkim(example.rpartition("tahkim ")[2] if "| tahkim" in example else example.removeprefix("tahkim "))


def token_id(capsys: pytest.CaptureFixture[str]) -> str:
    found = re.search(r"(\w+) \(gold\)", run(capsys, "user", "list").out)
    assert found is not None
    return found[1]
