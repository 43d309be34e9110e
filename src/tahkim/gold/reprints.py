"""Reprints: documents so alike that one is another's story told again, found among many by MinHash.

Documents are compared by their shingles, runs of three tokens of the folded text: the Jaccard similarity of two
documents is the number of shingles that both have by that of all they have. What MinHash finds is compared exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tahkim.model import Document
from tahkim.text import shadow, tokens

SHINGLE = 3
"""Tokens in a row that are compared."""

ALIKE = 0.5
"""From which Jaccard similarity of their shingles on two documents are reprints of each other."""

ROWS, BANDS = 3, 42
"""Two documents are looked at when they have the same `ROWS` minima of a band. At `ALIKE` 1 pair in 270 is missed,
and at a similarity of 0.2 only 3 in 10 are looked at."""

LEAST_ESTIMATE = ALIKE - 0.13
"""The share of equal minima from which a pair is compared exactly: three standard errors below `ALIKE`."""

BLOCK = 64
"""How many documents one is compared with at once: the first that is alike settles it for all that are tied to it."""

Hashes = NDArray[np.uint64]


def reprints(documents: Sequence[Document]) -> list[tuple[str, str]]:
    """Pairs of documents that are reprints of each other, as many as are needed to tie all that belong together.

    Documents that are tied already, by way of others, are not compared: thousands of copies of one text take no more
    time than their number does.
    """
    shingles = {document.id: _shingles(document.text) for document in documents}
    doc_ids = sorted(doc_id for doc_id, held in shingles.items() if held.size)
    if not doc_ids:
        return []
    found = _ties([shingles[doc_id] for doc_id in doc_ids])
    return [(doc_ids[earlier], doc_ids[later]) for earlier, later in found]


def _ties(shingles: Sequence[Hashes]) -> Iterator[tuple[int, int]]:
    """Pairs of numbers of documents that are alike, each with the smaller one first."""
    sketches = _sketches(shingles)
    buckets = [_buckets(sketches[:, band * ROWS : (band + 1) * ROWS]) for band in range(BANDS)]
    story = np.arange(len(shingles))
    members = {number: [number] for number in range(len(shingles))}
    for later in range(len(shingles)):
        looked_at = np.zeros(later, dtype=bool)
        for bucket in buckets:
            others = bucket[later]
            others = others[: np.searchsorted(others, later)]
            others = others[~looked_at[others]]
            looked_at[others] = True
            while (others := others[story[others] != story[later]]).size:
                block, others = others[:BLOCK], others[BLOCK:]
                for earlier in _alike(later, block, sketches, shingles):
                    if story[earlier] != story[later]:
                        yield earlier, later
                        _unite(story, members, earlier, later)


def _unite(story: NDArray[np.intp], members: dict[int, list[int]], one: int, other: int) -> None:
    """Make one story of two: the smaller one's documents go over, so that none goes over often."""
    large, small = sorted((int(story[one]), int(story[other])), key=lambda number: -len(members[number]))
    story[members[small]] = large
    members[large] += members.pop(small)


def _alike(later: int, others: NDArray[np.intp], sketches: NDArray[np.uint32], shingles: Sequence[Hashes]) -> list[int]:
    """Those of the others whose similarity to a document is `ALIKE` or more."""
    likely = others[(sketches[others] == sketches[later]).mean(axis=1) >= LEAST_ESTIMATE]
    if not likely.size:
        return []
    found: list[int] = likely[_jaccard(shingles[later], [shingles[number] for number in likely]) >= ALIKE].tolist()
    return found


def _jaccard(one: Hashes, others: Sequence[Hashes]) -> NDArray[np.float64]:
    """The similarity of sorted shingles to each of others, from 0 to 1."""
    sizes = np.array([other.size for other in others])
    all_of_them = np.concatenate(others)
    place = np.minimum(np.searchsorted(one, all_of_them), one.size - 1)
    common = np.add.reduceat((one[place] == all_of_them).astype(np.int64), np.cumsum(sizes) - sizes)
    similarity: NDArray[np.float64] = common / (one.size + sizes - common)
    return similarity


def _sketches(shingles: Sequence[Hashes]) -> NDArray[np.uint32]:
    """The minima of each document, one row a document."""
    from datasketch import MinHash

    made = MinHash.generator(
        (held.tolist() for held in shingles), num_perm=ROWS * BANDS, hashfunc=lambda shingle: shingle & 0xFFFFFFFF
    )
    return np.stack([sketch.hashvalues.astype(np.uint32) for sketch in made])


def _buckets(band: NDArray[np.uint32]) -> list[NDArray[np.intp]]:
    """For each document those that have the same minima in this band, itself too, in their order."""
    found: dict[bytes, list[int]] = defaultdict(list)
    keys = [row.tobytes() for row in band]
    for number, key in enumerate(keys):
        found[key].append(number)
    held = {key: np.array(numbers) for key, numbers in found.items()}
    return [held[key] for key in keys]


def _shingles(text: str) -> Hashes:
    """Every run of `SHINGLE` tokens of the text in its folded form, hashed and sorted; a shorter text is one run."""
    folded = shadow(text).text
    words = [folded[start:end] for start, end in tokens(folded)]
    runs = range(max(1, len(words) - SHINGLE + 1)) if words else ()
    hashed = (blake2b(" ".join(words[at : at + SHINGLE]).encode(), digest_size=8).digest() for at in runs)
    found: Hashes = np.unique(np.frombuffer(b"".join(hashed), dtype="<u8"))
    return found
