"""Runs a command of the command line in this process, as `tahkim …` would, and gives what it printed."""

from __future__ import annotations

import sys
from typing import NamedTuple

import pytest

from tahkim.cli import main


class Run(NamedTuple):
    code: int
    out: str
    err: str


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Run:
    """Exit code, stdout and stderr of `tahkim ARGUMENTS`."""
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["tahkim", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            main()
    printed = capsys.readouterr()
    return Run(int(stop.value.code or 0), printed.out, printed.err)
