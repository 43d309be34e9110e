"""Offsets that count something other than code points: UTF-16 code units and grapheme clusters.

Tools count characters in their own unit; inside this package an offset counts code points. Each conversion
is exact or refused: an offset that falls inside a character is an OffsetError, never moved to fit. All of a
document's offsets are best converted in one call, which reads the text once.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import regex
from numpy.typing import NDArray

from tahkim.errors import OffsetError

_CLUSTER = regex.compile(r"\X")


def utf16_to_code_points(text: str, offsets: Iterable[int]) -> list[int]:
    """Code-point offsets of UTF-16 offsets (what JavaScript counts).

    >>> utf16_to_code_points("😀 قصف", [2, 3, 6])
    [1, 2, 5]
    """
    boundaries = _utf16_boundaries(text)
    return _index(boundaries, offsets, "UTF-16", text, np.arange(len(boundaries)))


def code_points_to_utf16(text: str, offsets: Iterable[int]) -> list[int]:
    """UTF-16 offsets of code-point offsets.

    >>> code_points_to_utf16("😀 قصف", [1, 2, 5])
    [2, 3, 6]
    """
    return _look_up(_utf16_boundaries(text), offsets, "code point")


def graphemes_to_code_points(text: str, offsets: Iterable[int]) -> list[int]:
    """Code-point offsets of offsets in grapheme clusters (Unicode Standard Annex 29, extended clusters).

    >>> graphemes_to_code_points("قُتِلَ", [1, 3])
    [2, 6]
    """
    return _look_up(_cluster_boundaries(text), offsets, "grapheme")


def code_points_to_graphemes(text: str, offsets: Iterable[int]) -> list[int]:
    """Offsets in grapheme clusters of code-point offsets.

    >>> code_points_to_graphemes("قُتِلَ", [2, 6])
    [1, 3]
    """
    boundaries = _cluster_boundaries(text)
    return _index(boundaries, offsets, "code point", text, boundaries)


def utf16_to_code_point(text: str, offset: int) -> int:
    """The code-point offset of one UTF-16 offset."""
    return utf16_to_code_points(text, [offset])[0]


def code_point_to_utf16(text: str, offset: int) -> int:
    """The UTF-16 offset of one code-point offset."""
    return code_points_to_utf16(text, [offset])[0]


def grapheme_to_code_point(text: str, offset: int) -> int:
    """The code-point offset of one offset in grapheme clusters."""
    return graphemes_to_code_points(text, [offset])[0]


def code_point_to_grapheme(text: str, offset: int) -> int:
    """The offset in grapheme clusters of one code-point offset."""
    return code_points_to_graphemes(text, [offset])[0]


def _utf16_boundaries(text: str) -> NDArray[np.int64]:
    """Shape (n + 1,): the UTF-16 offset at which each of n code points begins, and the length at the end."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    boundaries = np.zeros(len(codes) + 1, dtype=np.int64)
    np.cumsum(1 + (codes > 0xFFFF), out=boundaries[1:])
    return boundaries


def _cluster_boundaries(text: str) -> NDArray[np.int64]:
    """Shape (m + 1,): the code-point offset at which each of m grapheme clusters begins, and the length."""
    return np.fromiter((0, *(match.end() for match in _CLUSTER.finditer(text))), dtype=np.int64)


def _look_up(boundaries: NDArray[np.int64], offsets: Iterable[int], unit: str) -> list[int]:
    """The boundary at each offset; `unit` is what the offsets count."""
    wanted = _in_range(offsets, len(boundaries) - 1, unit)
    return [int(boundary) for boundary in boundaries[wanted]]


def _in_range(offsets: Iterable[int], length: int, unit: str) -> list[int]:
    wanted = list(offsets)
    for offset in wanted:
        if not 0 <= offset <= length:
            raise OffsetError(
                f"{unit} offset {offset} is outside the text, which ends at {length}: was it counted in another text?"
            )
    return wanted


def _index(
    boundaries: NDArray[np.int64], offsets: Iterable[int], unit: str, text: str, begins: NDArray[np.int64]
) -> list[int]:
    """The index of the boundary that each offset is; an offset between two boundaries splits a character.

    `boundaries` are in `unit`; `begins` are the same boundaries in code points, to name the split character.
    """
    wanted = _in_range(offsets, int(boundaries[-1]), unit)
    places = np.searchsorted(boundaries, wanted)
    for offset, place in zip(wanted, places, strict=True):
        if boundaries[place] != offset:
            first, last = begins[place - 1], begins[place]
            raise OffsetError(
                f"{unit} offset {offset} splits the character {text[first:last]!r} at code points {first} to {last}: "
                "was it counted in another unit, or in another text?"
            )
    return [int(place) for place in places]
