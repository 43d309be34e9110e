"""Files that appear whole or not at all: written beside their target, brought to the disk, then renamed."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tahkim.errors import InputError
from tahkim.interchange import dumps


def write_lines(path: Path | str, records: Iterable[object]) -> None:
    """Write one JSON line a record; the file appears whole or not at all (`-` is stdout). InputError if it cannot."""
    _write(path, (part for record in records for part in (dumps(record), b"\n")))


def write_text(path: Path | str, text: str) -> None:
    """Write a text as UTF-8; the file appears whole or not at all (`-` is stdout). InputError if it cannot."""
    _write(path, [text.encode("utf-8")])


def reason(error: OSError) -> str:
    """The system's own words for what went wrong, without the number and the path.

    >>> reason(FileNotFoundError(2, "No such file or directory", "x"))
    'no such file or folder'
    """
    known = {FileNotFoundError: "no such file or folder", IsADirectoryError: "is a folder, a file belongs here"}
    return known.get(type(error)) or (error.strerror or str(error)).lower()


def _write(path: Path | str, chunks: Iterable[bytes]) -> None:
    if str(path) == "-":
        _write_stdout(chunks)
        return
    with _writing(path):
        # A link stays a link: what it points to is replaced.
        target = Path(os.path.realpath(path))
        mode = target.stat().st_mode if target.exists() else None
        if mode is None or stat.S_ISREG(mode):
            _replace(target, mode, chunks)
        else:
            # A device or a pipe is written to: renaming a file over it would destroy it. A folder refuses.
            with target.open("wb") as out:
                out.writelines(chunks)


@contextmanager
def _writing(path: Path | str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # Whoever read standard output has gone, as `head` does: that is no error, and for the command line to handle.
        raise
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {reason(error)}") from error


def _replace(target: Path, mode: int | None, chunks: Iterable[bytes]) -> None:
    """Write beside the target, and only when all of it is on the disk, rename."""
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with partial.open("xb") as out:
            if mode is not None:
                os.fchmod(out.fileno(), stat.S_IMODE(mode))
            out.writelines(chunks)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_stdout(chunks: Iterable[bytes]) -> None:
    with _writing("standard output"):
        try:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(chunks)
            sys.stdout.buffer.flush()
        except OSError:
            # What is still buffered would fail once more, with a traceback, when Python exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise
