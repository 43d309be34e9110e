"""The command line: one command a stage, each a shell over one function of `tahkim.workflow`."""

from __future__ import annotations

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path

from tahkim.errors import TahkimError
from tahkim.writing import reason

INTERRUPTED = 130


def main() -> None:
    """Run the command line. An error of ours is one line on stderr and its exit code, never a traceback."""
    _open_streams()
    collect_seldom()
    try:
        _run()
    except TahkimError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted: nothing half-written was left; the same command goes on from here", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): say nothing, and keep Python from trying again at exit.
        sys.stdout = None
        raise SystemExit(0) from None
    except OSError as error:
        # Files are read and written with their own errors; what is left is the disk, or a name the system refuses.
        _fail(f"{error.filename or 'output cannot be written'}: {reason(error)}", 1)


def _run() -> None:
    from tahkim.cli.app import app

    try:
        app()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # typer has caught Ctrl-C, and says nothing
            raise KeyboardInterrupt from None
        raise


def collect_seldom() -> None:
    """A command builds large trees of values without cycles and ends: looking for cycles cost a third of the time."""
    gc.set_threshold(100_000, 50, 50)


def _open_streams() -> None:
    """Make stdout and stderr take what we print, whoever started us.

    Where they are closed (`>&-`), it goes nowhere. Texts are UTF-8 whatever the locale says, and what no encoding
    holds, as a file's name in an older one, is escaped.
    """
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _fail(message: str, code: int) -> None:
    print("tahkim: " + message.replace("\n", " "), file=sys.stderr)
    raise SystemExit(code)
