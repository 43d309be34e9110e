"""Who annotates what: every document by k people, every pair of people meeting, some documents by all, some blind.

A design only grows. Documents and people that come later are fitted in, and what was given out stays as it is. The
same design, seed and input give the same result, whatever order the input comes in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import combinations
from math import comb
from statistics import mean
from typing import Any, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tahkim.errors import UsageError

Arm = Literal["shown", "blind"]
Unit = Literal["document", "reading"]

MOST_TEAMS = 2000
"""Up to so many possible teams all are tried for each document; beyond, a team is put together person by person."""


class Design(Struct, frozen=True, kw_only=True):
    """How work is given out, and `given`: by document, what each of its annotators starts from.

    `calibration` and `blind` are shares from 0 to 1; `blind_by` says whether a whole document is blind, or each
    reading by itself. `profile` is what annotators are asked for.
    """

    annotators: tuple[str, ...]
    per_document: int = 2
    calibration: float = 0.0
    blind: float = 0.0
    blind_by: Unit = "document"
    seed: int = 0
    profile: str = ""
    everyone: tuple[str, ...] = ()
    given: Mapping[str, Mapping[str, Arm]] = {}

    def of(self, annotator: str) -> dict[str, Arm]:
        """The documents of an annotator, and what is shown with each."""
        return {doc_id: readers[annotator] for doc_id, readers in self.given.items() if annotator in readers}


class Properties(NamedTuple):
    """What a design comes to. `meetings` counts the documents of each pair; lengths are in characters."""

    documents: int
    readings: int
    everyone: int
    meetings: Mapping[tuple[str, str], int]
    load: Mapping[str, int]
    length: Mapping[str, int]
    blind: Mapping[str, int]


def extended(design: Design, lengths: Mapping[str, int]) -> Design:
    """The design with every document given out that is not yet; `lengths` has all documents in characters.

    Where more annotators a document are asked for than before, those that were given out get the readers they lack.
    UsageError for a design that cannot be: no annotators, fewer than `per_document`, a share outside [0, 1].
    """
    _check(design)
    given = {doc_id: dict(readers) for doc_id, readers in design.given.items()}
    fresh = sorted(set(lengths) - set(given), key=lambda doc_id: _draw(design.seed, doc_id))
    wanted = round(design.calibration * len({*lengths, *given})) - len(design.everyone)
    everyone = (*design.everyone, *fresh[: max(0, wanted)])
    common = set(everyone)
    short = [doc_id for doc_id in lengths if len(given.get(doc_id, ())) < design.per_document]
    teams = _teams(design, [doc_id for doc_id in short if doc_id not in common], given, everyone, lengths)
    added = dict.fromkeys(everyone, design.annotators) | teams
    arms = _Arms(design, given)
    for doc_id in sorted(added, key=lambda doc_id: _draw(design.seed, "arm", doc_id)):
        readers = given.setdefault(doc_id, {})
        readers |= arms.of(doc_id, [name for name in added[doc_id] if name not in readers], readers)
    return replace(design, everyone=everyone, given=given)


def _check(design: Design) -> None:
    n = len(design.annotators)
    if len(set(design.annotators)) != n or not n:
        raise UsageError("name each annotator once, and at least one")
    if not 1 <= design.per_document <= n:
        raise UsageError(f"{design.per_document} annotators a document: there are {n}, so choose from 1 to {n}")
    for name, share in (("calibration", design.calibration), ("blind", design.blind)):
        if not 0 <= share <= 1:
            raise UsageError(f"the share {name} is {share}: it goes from 0 to 1")


def _draw(seed: int, *parts: str) -> bytes:
    """A lot that belongs to a name and a seed, whatever else is there."""
    return sha256("\0".join((str(seed), *parts)).encode()).digest()


def _teams(
    design: Design,
    short: Sequence[str],
    given: Mapping[str, Mapping[str, Arm]],
    everyone: Iterable[str],
    lengths: Mapping[str, int],
) -> dict[str, tuple[str, ...]]:
    """A team for each document, the longest first: pairs that have met least, then people with least to read."""
    met: Counter[tuple[str, str]] = Counter()
    load: Counter[str] = Counter()

    def count(team: Sequence[str], doc_id: str, counted: Collection[str] = ()) -> None:
        met.update(pair for pair in combinations(sorted(team), 2) if not set(pair) <= set(counted))
        load.update(dict.fromkeys((name for name in team if name not in counted), lengths.get(doc_id, 0)))

    for doc_id, readers in given.items():
        count([name for name in readers if name in design.annotators], doc_id)
    for doc_id in everyone:
        if doc_id not in given:
            count(design.annotators, doc_id)
    teams = {}
    for doc_id in sorted(short, key=lambda doc_id: (-lengths[doc_id], _draw(design.seed, doc_id))):
        there = tuple(given.get(doc_id, ()))
        teams[doc_id] = _team(design, doc_id, there, met, load)
        count(teams[doc_id], doc_id, there)
    return teams


def _team(
    design: Design, doc_id: str, readers: tuple[str, ...], met: Mapping[tuple[str, str], int], load: Mapping[str, int]
) -> tuple[str, ...]:
    """The readers a document has, and those it lacks."""
    people = [name for name in design.annotators if name not in readers]
    people.sort(key=lambda name: _draw(design.seed, doc_id, name))
    lacking = min(design.per_document - len(readers), len(people))

    def cost(team: Sequence[str]) -> tuple[int, int]:
        pairs = combinations(sorted(team), 2)
        return sum(met.get(pair, 0) for pair in pairs), sum(load.get(name, 0) for name in team)

    if comb(len(people), lacking) <= MOST_TEAMS:
        return min(((*readers, *others) for others in combinations(people, lacking)), key=cost)
    team = readers
    while len(team) < len(readers) + lacking:
        team = min(((*team, name) for name in people if name not in team), key=cost)
    return team


class _Arms:
    """Who starts blind: the share is kept as it grows, of documents or of each annotator's readings."""

    def __init__(self, design: Design, given: Mapping[str, Mapping[str, Arm]]) -> None:
        self._design = design
        self._total: Counter[str] = Counter()
        self._blind: Counter[str] = Counter()
        for readers in given.values():
            for name, arm in self._counted(readers).items():
                self._note(name, arm)

    def _counted(self, readers: Mapping[str, Arm]) -> Mapping[str, Arm]:
        whole = self._design.blind_by == "document"
        return {"": next(iter(readers.values()))} if whole and readers else readers

    def _note(self, name: str, arm: Arm) -> None:
        self._total[name] += 1
        self._blind[name] += arm == "blind"

    def _next(self, name: str) -> Arm:
        due = self._design.blind * (self._total[name] + 1) - self._blind[name]
        # Half a unit is due already: shares come out right for few documents too.
        arm: Arm = "blind" if due >= 0.5 and self._design.blind > 0 else "shown"
        self._note(name, arm)
        return arm

    def of(self, doc_id: str, names: Sequence[str], readers: Mapping[str, Arm]) -> dict[str, Arm]:
        """The arm of each new reader of a document; a document that is blind for one is blind for all."""
        if self._design.blind_by == "reading":
            return {name: self._next(name) for name in names}
        arm = next(iter(readers.values())) if readers else self._next("") if names else "shown"
        return dict.fromkeys(names, arm)


def properties(design: Design, lengths: Mapping[str, int]) -> Properties:
    """Figures of a design, to look at before anything is pushed."""
    meetings: Counter[tuple[str, str]] = Counter(dict.fromkeys(combinations(sorted(design.annotators), 2), 0))
    load: Counter[str] = Counter(dict.fromkeys(design.annotators, 0))
    length: Counter[str] = Counter(dict.fromkeys(design.annotators, 0))
    blind: Counter[str] = Counter(dict.fromkeys(design.annotators, 0))
    for doc_id, readers in design.given.items():
        meetings.update(combinations(sorted(readers), 2))
        for name, arm in readers.items():
            load[name] += 1
            length[name] += lengths.get(doc_id, 0)
            blind[name] += arm == "blind"
    return Properties(len(design.given), sum(load.values()), len(design.everyone), meetings, load, length, blind)


def warnings(design: Design, found: Properties) -> list[str]:
    """What of a design would harm the measures taken on it, one line each."""
    lines = []
    apart = [pair for pair, number in found.meetings.items() if number == 0]
    if apart and len(design.annotators) > 1:
        names = ", ".join(f"{a} and {b}" for a, b in apart[:3])
        lines.append(f"{len(apart)} pairs share no document ({names}): their agreement cannot be measured")
    if design.per_document == 1 and not design.everyone:
        lines.append("no document has two annotators: agreement cannot be measured; set a calibration share")
    if not any(found.blind.values()) and found.readings:
        lines.append("nothing is blind: how far suggestions sway annotators cannot be measured")
    busy = [n for n in found.length.values() if n]
    if busy and max(busy) > 1.25 * mean(busy):
        lines.append(f"the longest share of text is {max(busy) / mean(busy):.2f} times the mean")
    return lines


def to_record(design: Design) -> dict[str, Any]:
    """A design as JSON, for the store."""
    return {name: getattr(design, name) for name in design.__struct_fields__}
