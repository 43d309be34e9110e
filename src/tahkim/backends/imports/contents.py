"""What stands in a file that is imported: its bytes, or its text with the line ends it has."""

from __future__ import annotations

from pathlib import Path

from tahkim.errors import InputError
from tahkim.writing import reason


def content(file: Path) -> bytes:
    """The bytes of a file, or InputError where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {reason(error)}") from error


def text(file: Path) -> str:
    """The text of a file in UTF-8, or InputError that says where it is none."""
    raw = content(file)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{file}, line {line}: not UTF-8: byte 0x{raw[error.start]:02x}") from None
