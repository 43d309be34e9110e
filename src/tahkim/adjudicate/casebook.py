"""The casebook: what leads decided and why, by paragraph of the guideline, for annotators to learn from."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tahkim.adjudicate.questions import Question
from tahkim.model import Decision, Document

AROUND = 60
"""Characters of text shown on either side of a place."""

OFTEN, IN_DOCUMENTS = 3, 2
"""A paragraph with so many decisions in so many documents is a gap of the guideline."""

_NUMBER = re.compile(r"§?\s*(\d+)")


class Case(Struct, frozen=True):
    """A decision that stands, and the question it answered; None where a lead added what nobody had marked."""

    decision: Decision
    document: Document
    question: Question | None

    @property
    def paragraph(self) -> str:
        """The guideline's paragraph as `§14`, the text as it was given, or nothing."""
        given = (self.decision.guideline or "").strip()
        number = _NUMBER.fullmatch(given)
        return f"§{number[1]}" if number else given

    @property
    def confusion(self) -> str:
        """What was at odds: the kind of difference and the labels it was between."""
        if self.question is None:
            return f"nobody marked it: {_label_of(self.decision.choice)}"
        labels = sorted({str(c.record["label"]) for c in self.question.candidates if "label" in c.record})
        return f"{self.question.kind}: {' / '.join(labels)}" if labels else self.question.kind


def casebook(cases: Iterable[Case], titles: Mapping[str, str]) -> str:
    """Markdown: gaps of the guideline first, then the cases that have a reason, by paragraph and confusion.

    Within a group the newest comes first. `titles` are those of the guideline's paragraphs, by `§14`.
    """
    cases = sorted(cases, key=lambda case: (case.decision.at, case.decision.id), reverse=True)
    told = [case for case in cases if case.decision.reason]
    parts = [
        f"# Casebook\n\n{len(told)} decisions with their reasons, of {len(cases)} that stand. The newest come first.",
        _gaps(cases, titles),
    ]
    by_paragraph: dict[str, list[Case]] = defaultdict(list)
    for case in told:
        by_paragraph[case.paragraph].append(case)
    for paragraph in sorted(by_paragraph, key=_in_order):
        parts.append(f"## {_title(paragraph, titles)}")
        by_confusion: dict[str, list[Case]] = defaultdict(list)
        for case in by_paragraph[paragraph]:
            by_confusion[case.confusion].append(case)
        for confusion in sorted(by_confusion, key=lambda name: (-len(by_confusion[name]), name)):
            parts.append(f"### {confusion}")
            parts += [_told(case) for case in by_confusion[confusion]]
    return "\n\n".join(part for part in parts if part) + "\n"


def _in_order(paragraph: str) -> tuple[bool, int, str]:
    number = _NUMBER.fullmatch(paragraph)
    return paragraph == "", int(number[1]) if number else 10**9, paragraph


def _title(paragraph: str, titles: Mapping[str, str]) -> str:
    if not paragraph:
        return "No paragraph named"
    return f"{paragraph} {titles[paragraph]}" if paragraph in titles else paragraph


def _gaps(cases: Sequence[Case], titles: Mapping[str, str]) -> str:
    """Paragraphs that keep being asked about, and how often nothing in the guideline answered."""
    number = Counter(case.paragraph for case in cases)
    documents = {name: {case.document.id for case in cases if case.paragraph == name} for name in number}
    asked = [name for name in number if number[name] >= OFTEN and len(documents[name]) >= IN_DOCUMENTS]
    if not asked:
        return ""
    rows = [
        f"| {_title(name, titles)} | {number[name]} | {len(documents[name])} |"
        for name in sorted(asked, key=lambda name: (-number[name], _in_order(name)))
    ]
    head = (
        "## Gaps: paragraphs that keep being asked about\n\n| paragraph | decisions | documents |\n| --- | --- | --- |"
    )
    return "\n".join([head, *rows])


def _told(case: Case) -> str:
    decision = case.decision
    lines = [f"**{case.document.id}**, {decision.at[:10]}: {decision.reason}", "", f"> {_shown(case)}", ""]
    if case.question is not None:
        lines += [f"{number}. {reading}" for number, reading in enumerate(_readings(case.question, case.document), 1)]
        if case.question.nothing:
            lines.append(f"- nothing ({len(case.question.nothing)})")
        lines.append("")
    lines.append(f"Decided: {_choice(decision.choice, case.document)}")
    return "\n".join(lines)


def _shown(case: Case) -> str:
    """The place with the text around it, on one line."""
    ranges = _ranges(case)
    if not ranges:
        return "the document as a whole"
    text = case.document.text
    start, end = min(start for start, _ in ranges), max(end for _, end in ranges)
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    marked = f"{before}**{text[start:end]}**{after}"
    return " ".join(f"{'…' if start > AROUND else ''}{marked}{'…' if end + AROUND < len(text) else ''}".split())


def _ranges(case: Case) -> list[tuple[int, int]]:
    if case.question is not None:
        return [(place.start, place.end) for place in case.question.places]
    choice = case.decision.choice
    ends = [choice] if isinstance(choice, Mapping) and "start" in choice else []
    if isinstance(choice, Mapping) and "head" in choice:
        ends = [choice["head"], choice["tail"]]
    return [(end["start"], end["end"]) for end in ends]


def _readings(question: Question, document: Document) -> Iterator[str]:
    for candidate in question.candidates:
        yield f"{_choice(candidate.record, document)} ({len(candidate.annotators)})"


def _choice(choice: Any, document: Document) -> str:
    """A reading in words; a candidate's number as it is."""
    if not isinstance(choice, Mapping):
        return "nothing" if choice == "none" else f"reading {choice}"
    parts = [f"`{choice['label']}`"] if "label" in choice else []
    if "start" in choice:
        parts.append(f"“{_surface(choice, document)}”")
    if "head" in choice:
        # Isolated, so that Arabic does not turn the arrow around.
        head, tail = (f"\u2068“{_surface(choice[end], document)}”\u2069" for end in ("head", "tail"))
        parts.append(f"{head} → {tail}")
    parts += [f"{name}={value}" for name, value in sorted((choice.get("attributes") or {}).items())]
    return " ".join(parts)


def _surface(place: Mapping[str, Any], document: Document) -> str:
    return " ".join(document.text[place["start"] : place["end"]].split())


def _label_of(choice: Any) -> str:
    return str(choice.get("label", "document")) if isinstance(choice, Mapping) else ""
