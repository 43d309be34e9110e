"""What the README shows is what happens: its commands are run and their output compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tahkim.demo import SAMPLE

README = Path(__file__).resolve().parents[1] / "README.md"


class Shown(NamedTuple):
    command: str
    output: str


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def console() -> Iterator[Shown]:
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Shown(command, output)


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "SAMPLE": str(SAMPLE), "COLUMNS": "120"}


def test_the_commands_print_what_is_shown(tmp_path: Path) -> None:
    folder, wrong = tmp_path, []
    for command, output in console():
        if command.startswith("cd "):
            folder = folder / command.removeprefix("cd ")
            continue
        done = subprocess.run(
            ["bash", "-c", f"{command} 2>&1"],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        printed = re.sub(r"[ \t]+$", "", done.stdout, flags=re.MULTILINE).replace(f"{SAMPLE}", "$SAMPLE")
        if printed != output:
            wrong.append(f"$ {command}\n{printed}")
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_shown_runs(code: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


@pytest.mark.parametrize("line", blocks("json"))
def test_the_line_shown_is_sound(line: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    from tahkim import schema
    from tahkim.backends.files import validate

    assert validate(tmp_path / "a.jsonl", schema.load()) == []
