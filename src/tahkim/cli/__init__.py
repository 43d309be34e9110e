"""The command line: one command a stage, each a shell over one function of `tahkim.workflow`."""

from __future__ import annotations

import gc
import sys

from tahkim.errors import TahkimError


def main() -> None:
    """Run the command line. An error of ours is one line on stderr and its exit code, never a traceback."""
    from tahkim.cli.app import app

    # A command builds large trees of values without cycles and ends: looking for cycles cost a third of the time.
    gc.set_threshold(100_000, 50, 50)
    try:
        app()
    except TahkimError as error:
        _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        _fail("interrupted: nothing half-written was left; the same command goes on from here", 130)
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`): say nothing, and keep Python from trying again at exit.
        sys.stdout = None
        raise SystemExit(0) from None


def _fail(message: str, code: int) -> None:
    print("tahkim: " + message.replace("\n", " "), file=sys.stderr)
    raise SystemExit(code)
