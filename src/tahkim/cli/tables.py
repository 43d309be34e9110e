"""How results look on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from tahkim.cli.console import line, say, table
from tahkim.interchange import dumps

if TYPE_CHECKING:
    from tahkim.agreement.corpus.figures import Figure
    from tahkim.agreement.report import Agreement
    from tahkim.model import Corpus
    from tahkim.store import Entry

Record = Mapping[str, Any]


def evaluation(figures: Record) -> None:
    """Scores of spans and relations, each way of counting on a line, then each label (strict); events, if asked."""
    columns = ("precision", "recall", "f1", "gold", "predicted", "correct")
    rows = []
    for of in ("spans", "relations"):
        for kind, score in figures[of].items():
            scores = score.items() if kind == "by_label" else [(kind, score)]
            rows += [(of, name, *(values[column] for column in columns)) for name, values in scores]
    if "events" in figures:
        scores = [("matched", figures["events"]["matched"]), *figures["events"]["slots"].items()]
        rows += [("events", name, *(values[column] for column in columns)) for name, values in scores]
    table("", ("of", "counted", *columns), rows)


_GROUPS = {
    "humans": "people with each other",
    "rules": "people with the rules",
    "gold": "people with gold",
    "chosen": "people with the chosen annotator",
}


def agreement(found: Agreement) -> None:
    """For each group, every figure over all of it and by what was asked for, then the values pair by pair.

    The arms of single labels are left to --json: there are more of them than anyone reads on a terminal.
    """
    for of in dict.fromkeys(figure.of for figure in found.figures):
        figures = [f for f in found.figures if f.of == of and f.attribute is None]
        rows = [
            (f.measure, _selection(f), f.value, _interval(f), f.documents, f.annotators, f.units, f.reason or "")
            for f in figures
            if f.pair is None and not (f.label and f.arm)
        ]
        head = ("measure", "over", "value", "95 % interval", "documents", "annotators", "units", "note")
        table(_GROUPS.get(of, of), head, rows)
        _pairs([f for f in figures if f.pair and not (f.label or f.arm)])
    for warning in found.warnings:
        say(f"note: {warning}")


def _pairs(figures: Sequence[Figure]) -> None:
    """One pair a line, one measure a column; the intervals are in --json."""
    measures = list(dict.fromkeys(figure.measure for figure in figures))
    values: dict[tuple[str, str], dict[str, float]] = {}
    for figure in figures:
        assert figure.pair is not None
        values.setdefault(figure.pair, {})[figure.measure] = figure.value
    if values:
        rows = [(" and ".join(pair), *(of.get(name) for name in measures)) for pair, of in values.items()]
        table("", ("pair", *measures), rows)


def _selection(figure: Figure) -> str:
    given = (figure.label, figure.annotator, figure.document, figure.month, figure.week, figure.arm)
    return ", ".join(filter(None, given)) or "all"


def _interval(figure: Figure) -> str:
    return "" if isnan(figure.low) else f"{figure.low:.3f} to {figure.high:.3f}"


def conflicts(found: Iterable[Record], corpus: Corpus) -> None:
    """Open conflicts: where, what kind, and what each candidate says of the text."""
    for conflict in found:
        text = corpus.documents[conflict["doc_id"]].text
        line(f"{conflict['doc_id']}  {conflict['of']}: {conflict['kind']}  {conflict['key'] or ''}", bold=True)
        for number, candidate in enumerate(conflict["candidates"], start=1):
            line(f"  {number}. {_candidate(candidate, text)}")
        if conflict["nothing"]["annotators"]:
            line(f"  none: {', '.join(conflict['nothing']['annotators'])}")
        if "why" in conflict:
            line(f"  {conflict['why']}")
        for decision in conflict.get("stale", ()):
            line(f"  {_before(decision)}")


def _before(decision: Record) -> str:
    """A stale decision: who decided what, when and why."""
    choice = decision["choice"]
    said = f"candidate {choice} of those there were" if isinstance(choice, int) else dumps(choice).decode()
    return f"before, by {decision['by']} at {decision['at']}: {said}" + (
        f" ({decision['reason']})" if "reason" in decision else ""
    )


def queue(found: Iterable[Record], corpus: Corpus) -> None:
    """The conflicts in their order, one a line: expected gain, where, what kind, and what there is to choose from."""
    rows = []
    for conflict in found:
        text = corpus.documents[conflict["doc_id"]].text
        choices = "; ".join(_candidate(candidate, text) for candidate in conflict["candidates"])
        rows.append((float(conflict["priority"]), conflict["doc_id"], conflict["of"], conflict["kind"], choices))
    table("", ("gain", "document", "of", "kind", "candidates"), rows)


def simulation(found: Record) -> None:
    """F1 after each tenth of the decisions, an order a column, and what the first fifth brings in each."""
    curves, last = found["curves"], found["conflicts"]
    steps = sorted({round(last * i / 10) for i in range(11)})
    table("F1 after so many decisions", ("decisions", *curves), [(n, *(curves[o][n] for o in curves)) for n in steps])
    first = found["first"]
    gains = ", ".join(f"{order} {gain:+.3f}" for order, gain in first["gain"].items())
    line(f"the first {first['decisions']} decisions bring: {gains}")


def _candidate(candidate: Record, text: str) -> str:
    who = ", ".join(candidate["annotators"])
    attributes = ", ".join(f"{name}={value}" for name, value in candidate.get("attributes", {}).items())
    if "head" in candidate:
        ends = [text[candidate[end]["start"] : candidate[end]["end"]] for end in ("head", "tail")]
        what = f"{candidate['label']}({ends[0]} → {ends[1]})"
    elif "label" in candidate:
        what = f"{candidate['label']} «{text[candidate['start'] : candidate['end']]}»"
    else:
        what = "document"
    return f"{what}{' [' + attributes + ']' if attributes else ''}: {who}"


def log(entries: Iterable[Entry]) -> None:
    """The log, one entry a line, with the start of its hash."""
    rows = [(e.n, e.at, e.by, e.kind, _subject(e.kind, e.payload), e.hash[:12]) for e in entries]
    table("", ("n", "at", "by", "what", "of", "hash"), rows)


def _subject(kind: str, payload: Record) -> str:
    if kind != "decision":
        return str(payload.get("name", ""))
    place = f"undoes {payload['undoes']}" if "undoes" in payload else payload.get("key") or "something new"
    return f"{payload['doc_id']}: {place}"


def status(standing: Record) -> None:
    """Where a project stands."""
    merge = standing["merge"]
    rows: list[Sequence[object]] = [
        ("documents", standing["documents"], f"in {standing['groups']} groups of one story"),
    ]
    for annotator, counts in standing["annotations"].items():
        detail = ", ".join(f"{number} {status}" for status, number in counts.items())
        rows.append((f"annotations of {annotator}", sum(counts.values()), detail))
    rows += [
        (f"finished by {merge['strategy']}", merge["finished"], "documents with nothing open"),
        ("open", merge["open"], f"documents, {merge['conflicts']} conflicts"),
        ("not annotated", merge["unannotated"], "documents that nobody submitted"),
        ("decisions", standing["decisions"], "in the log"),
        ("releases", len(standing["releases"]), ", ".join(standing["releases"])),
    ]
    if standing["to_fill"]:
        by_whom = ", ".join(f"{number} of {annotator}" for annotator, number in standing["to_fill"].items())
        rows.append(("attributes to fill", sum(standing["to_fill"].values()), f"spans without any: {by_whom}"))
    if standing["questions"]:
        rows.append(("questions", len(standing["questions"]), _answered(standing["questions"])))
    table("", ("what", "number", ""), rows)
    for each in standing["questions"]:
        state = "not sent yet" if not each["sent"] else "open"
        if each["answer"] is not None:
            state = f"answered: {each['answer'] or 'by a new reading'}"
        say(f"  {each['doc_id']}, {each['annotator']}: {each['text']} ({state})")


def _answered(questions: Sequence[Record]) -> str:
    return f"to annotators, {sum(each['answer'] is not None for each in questions)} answered"
