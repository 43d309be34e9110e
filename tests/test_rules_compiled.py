"""The compiled rules: right by the same tests as the sources, the same bytes out, never those of other sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tahkim
from tahkim import compiled
from tahkim.rules import COMPILED

TESTS = Path(__file__).parent
PACKAGE = Path(tahkim.__file__).parent
WHICH = "from tahkim.rules import COMPILED, numbers; print(COMPILED, numbers.value([2, 100, 50]))"
FAULT = """
import traceback
from tahkim.rules.numbers import value
try:
    value(["two"])
except TypeError:
    print(traceback.format_exc())
"""

needs_compiled = pytest.mark.skipif(
    not compiled.folder().is_dir(), reason="these sources are not compiled: make compiled, with a C compiler"
)


def run(*arguments: str, pure: str = "", **environment: str) -> bytes:
    """What a new interpreter prints; it takes the compiled rules unless told to be pure."""
    result = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, compiled.PURE: pure, **environment},
        cwd=TESTS.parent,
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, (result.stdout + result.stderr).decode()
    return result.stdout


def test_these_tests_read_the_sources() -> None:
    assert not COMPILED


@needs_compiled
def test_every_test_of_the_rules_passes_compiled() -> None:
    others = sorted(str(path) for path in TESTS.glob("test_rules_*.py") if path != Path(__file__))
    assert b" passed" in run("-m", "pytest", "-p", "no:cacheprovider", "-o", "addopts=", *others)


@needs_compiled
def test_both_forms_write_the_same_bytes() -> None:
    command = (
        "-c",
        "from tahkim.cli import main; main()",
        "preannotate",
        "--input",
        str(PACKAGE / "sample" / "reports.jsonl"),
        "--output",
        "-",
    )
    assert run(*command) == run(*command, pure="1")


@needs_compiled
def test_an_edited_source_is_never_run_in_its_old_compiled_form(tmp_path: Path) -> None:
    copy = tmp_path / "tahkim"
    shutil.copytree(PACKAGE, copy)
    place = {"PYTHONPATH": str(tmp_path)}
    assert run("-c", WHICH, **place).split() == [b"True", b"250"]
    source = copy / "rules" / "numbers.py"
    source.write_text(source.read_text(encoding="utf-8").replace("return total + current", "return 7"), "utf-8")
    assert run("-c", WHICH, **place).split() == [b"False", b"7"]


@needs_compiled
def test_an_error_in_compiled_code_names_the_line_of_the_source() -> None:
    lines = (PACKAGE / "rules" / "numbers.py").read_text(encoding="utf-8").splitlines()
    number = lines.index("    for part in parts:") + 1
    assert f'tahkim/rules/numbers.py", line {number}, in value' in run("-c", FAULT).decode()
