"""Merge strategies: from the votes on one place to a verdict.

A *ballot* holds the votes of one place: which readings were given, by whom, and who was asked. The same
strategies decide the reading of a unit (range and label), whether a relation is there, and each group of attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from tahkim.errors import UsageError

Outcome = Literal["taken", "rejected", "conflict"]


class Settings(Struct, frozen=True):
    """How to merge. `votes` and `share` belong to `threshold`, `trust` (an annotator's name) to `trust`.

    `blind_quorum` asks for that many votes that are not mere acceptance of a suggestion. `resolve_all` leaves no
    conflict open. `confidence` (the posterior that settles a place) and `features` (let the text have a say) belong to
    `bayes`.
    """

    strategy: str = "majority"
    votes: int = 2
    share: float = 0.5
    trust: str | None = None
    blind_quorum: int = 0
    resolve_all: bool = False
    confidence: float = 0.9
    features: bool = False

    def check(self) -> Settings:
        """These settings, or UsageError when they cannot be meant."""
        if self.strategy not in MERGES:
            raise UsageError(f"unknown strategy {self.strategy!r}: choose one of {', '.join(MERGES)}")
        if self.strategy == "trust" and not self.trust:
            raise UsageError("strategy trust needs the name of an annotator: add --trust NAME")
        if self.trust and self.strategy != "trust":
            raise UsageError(f"--trust belongs to strategy trust, not to {self.strategy}: leave it out or change one")
        if self.votes < 1 or not 0 <= self.share <= 1 or self.blind_quorum < 0:
            raise UsageError("--votes is at least 1, --share from 0 to 1, --blind-quorum at least 0")
        if not 0.5 <= self.confidence <= 1:
            raise UsageError(f"--confidence is from 0.5 to 1, not {self.confidence:g}")
        if self.features and self.strategy != "bayes":
            raise UsageError(
                f"--features belongs to strategy bayes, not to {self.strategy}: leave it out or change one"
            )
        return self


class Ballot(Struct, frozen=True, gc=False):
    """Votes on one place: `votes` maps each reading to its annotators, `asked` counts those whose vote would count.

    A person who was asked and gave no reading is a blank: in `asked`, in no list of `votes`. `accepted` are the
    voters who only kept a suggestion. `rank` orders readings that have equally many votes (the least wins).
    `posteriors` are set for `bayes`: from 0 to 1 for each reading, and what is left to 1 is the posterior of nothing.
    """

    votes: Mapping[Hashable, tuple[str, ...]]
    asked: frozenset[str]
    rank: Callable[[Any], Any]
    accepted: frozenset[str] = frozenset()
    posteriors: Mapping[Hashable, float] = {}
    how: str = "bayes"

    @property
    def likeliest(self) -> tuple[Hashable, float]:
        """The reading with the largest posterior (ties by `rank`) and that posterior."""
        best = min(self.votes, key=lambda reading: (-self.posteriors[reading], self.rank(reading)))
        return best, self.posteriors[best]

    @property
    def nothing(self) -> float:
        """The posterior that there is nothing."""
        return max(0.0, 1.0 - sum(self.posteriors.values()))

    @property
    def marked(self) -> int:
        """How many gave a reading at all."""
        return sum(map(len, self.votes.values()))

    def most(self) -> tuple[Hashable, int, bool]:
        """The most voted reading (ties by `rank`), its votes, and whether no other has as many."""
        if len(self.votes) == 1:
            ((only, voters),) = self.votes.items()
            return only, len(voters), True
        best = min(self.votes, key=lambda reading: (-len(self.votes[reading]), self.rank(reading)))
        count = len(self.votes[best])
        return best, count, sum(len(who) == count for who in self.votes.values()) == 1


class Verdict(Struct, frozen=True, gc=False):
    """What became of a place: `reading` and `how` are set when it was taken, by a posterior `posterior` too."""

    outcome: Outcome
    reading: Hashable = None
    how: str = ""
    posterior: float | None = None


REJECTED = Verdict("rejected")
CONFLICT = Verdict("conflict")


def unanimous(ballot: Ballot, settings: Settings) -> Verdict:
    """Taken when all asked gave the same reading; everything else is a conflict."""
    reading, count, _ = ballot.most()
    return _taken(ballot, reading, "unanimous") if count == len(ballot.asked) else CONFLICT


def majority(ballot: Ballot, settings: Settings) -> Verdict:
    """Taken by more than half; rejected when fewer than half marked anything; else a conflict."""
    reading, count, _ = ballot.most()
    if 2 * count > len(ballot.asked):
        return _taken(ballot, reading, "majority")
    return REJECTED if 2 * ballot.marked < len(ballot.asked) else CONFLICT


def threshold(ballot: Ballot, settings: Settings) -> Verdict:
    """Taken by at least `votes` and `share` of those asked; rejected when fewer marked anything; else a conflict."""
    need = max(settings.votes, settings.share * len(ballot.asked))
    reading, count, alone = ballot.most()
    if count >= need and alone:
        return _taken(ballot, reading, "threshold")
    return REJECTED if ballot.marked < need else CONFLICT


def trust(ballot: Ballot, settings: Settings) -> Verdict:
    """The named annotator's reading; what only others have is rejected; a conflict where they were not asked."""
    if settings.trust not in ballot.asked:
        return CONFLICT
    for reading, who in ballot.votes.items():
        if settings.trust in who:
            return _taken(ballot, reading, "trust")
    return REJECTED


def union(ballot: Ballot, settings: Settings) -> Verdict:
    """The most voted reading; a tie of readings is a conflict."""
    reading, _, alone = ballot.most()
    return _taken(ballot, reading, "union") if alone else CONFLICT


def bayes(ballot: Ballot, settings: Settings) -> Verdict:
    """Taken or rejected when the posterior of a reading, or of nothing, reaches `confidence`; else a conflict."""
    reading, posterior = ballot.likeliest
    if posterior >= settings.confidence:
        return replace(_taken(ballot, reading, ballot.how), posterior=posterior)
    return REJECTED if ballot.nothing >= settings.confidence else CONFLICT


MERGES: Mapping[str, Callable[[Ballot, Settings], Verdict]] = {
    "unanimous": unanimous,
    "majority": majority,
    "threshold": threshold,
    "trust": trust,
    "union": union,
    "bayes": bayes,
}


def settle(ballot: Ballot, settings: Settings) -> Verdict:
    """The verdict of the chosen strategy on a ballot with at least one vote.

    With one annotator the reading is taken as it is (`single`). `blind_quorum` turns into a conflict what too few
    people found by themselves; `resolve_all` then gives every conflict its most voted reading, for bayes its likeliest
    (`resolved`).

    >>> ballot = Ballot({"LOC": ("amal",)}, frozenset({"amal", "basim"}), rank=str)
    >>> settle(ballot, Settings("majority")).outcome, settle(ballot, Settings("union")).outcome
    ('conflict', 'taken')
    """
    if len(ballot.asked) == 1:
        verdict = Verdict("taken", ballot.most()[0], "single")
    else:
        verdict = MERGES[settings.strategy](ballot, settings)
    if verdict.outcome == "taken" and _found_blind(ballot, verdict.reading) < settings.blind_quorum:
        verdict = CONFLICT
    if verdict.outcome == "conflict" and settings.resolve_all:
        return _resolved(ballot)
    return verdict


def _resolved(ballot: Ballot) -> Verdict:
    """The most voted reading, or by posteriors the largest of them, that of nothing included."""
    if not ballot.posteriors:
        return Verdict("taken", ballot.most()[0], "resolved")
    reading, posterior = ballot.likeliest
    return Verdict("taken", reading, "resolved", posterior) if posterior >= ballot.nothing else REJECTED


def _found_blind(ballot: Ballot, reading: Hashable) -> int:
    return sum(who not in ballot.accepted for who in ballot.votes[reading])


def _taken(ballot: Ballot, reading: Hashable, how: str) -> Verdict:
    everyone = len(ballot.votes[reading]) == len(ballot.asked)
    return Verdict("taken", reading, "unanimous" if everyone else how)
