"""A project made from the sample that ships with the package, and the real command line in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tahkim import project as projects
from tahkim.backends.files import read_annotations, read_decisions, read_documents
from tahkim.demo import SAMPLE
from tahkim.project import Project
from tahkim.workflow import intake, settle

COMMAND = (sys.executable, "-c", "from tahkim.cli import main; main()")


@contextmanager
def sample_project(folder: Path, store: str | None = None) -> Iterator[Project]:
    """The sample project with all readings and the lead's decisions, ready for a release."""
    projects.init(folder, store)
    with projects.open_project(folder, store) as project:
        intake.ingest(project, read_documents(SAMPLE / "reports.jsonl"))
        intake.take_in(project, read_annotations(SAMPLE / "annotations.jsonl"), "annotations.jsonl")
        settle.decide(project, read_decisions(SAMPLE / "decisions.jsonl"))
        yield project


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One command of `tahkim`, to its end."""
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)


def done(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One command of `tahkim` that must succeed."""
    finished = run(*arguments)
    assert finished.returncode == 0, finished.stderr
    return finished
