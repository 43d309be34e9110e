"""What commands print: data on stdout, messages and progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from math import isnan
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from tahkim.writing import write_text

Item = TypeVar("Item")

PIPE_WIDTH = 160
"""Columns of a table that goes to a file or a pipe, where no terminal says how wide it is."""

FOLDED = 24
"""Columns that what folds in a table is left at least."""

stdout = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
stderr = Console(stderr=True, highlight=False)


def say(message: str) -> None:
    """A message for the person at the terminal, as it is: nothing in it is taken for markup."""
    stderr.print(Text(message), soft_wrap=True)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number and what it counts.

    >>> counted(0, "problem"), counted(1, "problem"), counted(2, "entry", "entries")
    ('no problems', '1 problem', '2 entries')
    """
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def near(path: Path) -> str:
    """A path as one would type it here: relative where it lies below the working folder."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def line(text: str, bold: bool = False) -> None:
    """A line of data on stdout, as it is and never cut."""
    stdout.print(Text(text, style="bold" if bold else ""), soft_wrap=True)


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """The items, with a bar on a terminal while they are worked on; nothing is drawn elsewhere."""
    if total is None and isinstance(items, Sequence):
        total = len(items)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        yield from bar.track(items, total=total, description=what)


def write_json(path: str, record: object) -> None:
    """A record as indented JSON, to a file or (`-`) to stdout."""
    encoded = msgspec.json.format(msgspec.json.encode(record), indent=2)
    write_text(path, encoded.decode("utf-8") + "\n")


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on stdout; numbers stand to the right, what is None is a dash.

    Where a line is too narrow the widest column folds, and no other: names and figures stay whole, if need be in a
    table wider than the terminal.
    """
    grid = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=SIMPLE_HEAD)
    cells = [[_cell(value) for value in row] for row in rows]
    raw = list(zip(*cells, strict=True)) or [()] * len(head)
    widths = [max(map(cell_len, (name, *column))) for name, column in zip(head, raw, strict=True)]
    widest = widths.index(max(widths))
    for number, (name, column) in enumerate(zip(head, raw, strict=True)):
        side: Literal["left", "right"] = "right" if column and all(map(_is_number, column)) else "left"
        grid.add_column(name, justify=side, overflow="fold", no_wrap=number != widest)
    for row in cells:
        grid.add_row(*(Text(cell) for cell in row))
    least = sum(widths) - widths[widest] + min(widths[widest], FOLDED) + 3 * len(widths)
    Console(highlight=False, width=max(stdout.width, least)).print(grid)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return "undefined" if isnan(value) else f"{value:.3f}"
    return str(value)


def _is_number(cell: str) -> bool:
    return cell in ("–", "undefined") or cell.replace(".", "", 1).replace("-", "", 1).isdigit()
