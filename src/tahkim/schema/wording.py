"""How messages speak of what they know and what they do not."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SURFACE_LENGTH = 30  # code points of a text that are shown in a message


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to say after an unknown name.

    >>> suggestion("airstrik", ["AIRSTRIKE", "CLASH"]), suggestion("x", ["AIRSTRIKE", "CLASH"])
    ('did you mean AIRSTRIKE?', 'known: AIRSTRIKE, CLASH')
    """
    names = list(known)
    by_letters = {each.casefold(): each for each in names}
    close = get_close_matches(name.casefold(), by_letters, n=1)
    return f"did you mean {by_letters[close[0]]}?" if close else f"known: {', '.join(names) or 'none'}"


def shortened(text: str) -> str:
    """A piece of text on one line, cut to what fits in a message."""
    line = " ".join(text.split())
    return line if len(line) <= _SURFACE_LENGTH else line[: _SURFACE_LENGTH - 1] + "…"
