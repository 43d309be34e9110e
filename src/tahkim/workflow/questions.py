"""A lead's questions to annotators: what was sent back, taken to their desks by push, and the answers by pull.

A question is an entry `send_back` of the log, for each annotator in its `to`. That it was brought to a desk is an entry
`asked`, once for each desk, for an open question goes along when a project moves; that it was answered is an entry
`answer`, once. Repeated, neither happens again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tahkim.adjudicate.questions import place_in
from tahkim.backends.desks import Backend, Desk
from tahkim.clock import instant
from tahkim.errors import InputError
from tahkim.project import Project
from tahkim.store import Draft, Entry


class Asked(NamedTuple):
    """A question to one annotator. `number` is that of its entry in the log; `answer` is None while it is open.

    An answer without words, "", is a reading that was submitted anew. `sent` is when it was first brought to a
    desk, `desks` where it is.
    """

    number: int
    doc_id: str
    annotator: str
    by: str
    at: str
    text: str
    sent: str = ""
    answer: str | None = None
    answered: str = ""
    desks: tuple[str, ...] = ()


class Answer(NamedTuple):
    """What a desk says to its questions on a document: words, and whether the reading was submitted anew, and when."""

    doc_id: str
    text: str
    revised: bool
    at: str | None


def questions(project: Project) -> list[Asked]:
    """Every question to every annotator, in the order they were asked."""
    entries = list(project.store.entries())
    sent: dict[tuple[int, str], list[Entry]] = {}
    for entry in entries:
        if entry.kind == "asked":
            sent.setdefault((entry.payload["question"], entry.payload["annotator"]), []).append(entry)
    answers = {(e.payload["question"], e.payload["annotator"]): e for e in entries if e.kind == "answer"}
    found = []
    asked_before: Counter[tuple[str, str, str]] = Counter()
    for entry in entries:
        for annotator in entry.payload["to"] if entry.kind == "send_back" else ():
            key = (entry.n, annotator)
            doc_id = entry.payload["doc_id"]
            text = f"{_place(project, doc_id, entry.payload.get('key'))}{entry.payload['reason']}"
            # Where the tool knows a question by its words, one that is asked again must have words of its own.
            asked_before[doc_id, annotator, text] += 1
            if (again := asked_before[doc_id, annotator, text]) > 1:
                text += f" ({again})"
            asked = Asked(entry.n, doc_id, annotator, entry.by, entry.at, text)
            if key in sent:
                desks = tuple(each.payload.get("desk", "") for each in sent[key])
                asked = asked._replace(sent=sent[key][0].at, desks=desks)
            if key in answers:
                asked = asked._replace(answer=answers[key].payload["text"], answered=answers[key].at)
            found.append(asked)
    return found


def _place(project: Project, doc_id: str, key: str | None) -> str:
    """The words that a question is about, as they stand before it."""
    ranges = place_in(key) if key else None
    if not ranges:
        return ""
    try:
        text = project.store.document(doc_id).text
    except InputError:  # redacted since
        return ""
    return " → ".join(f"«{' '.join(text[start:end].split())}»" for start, end in ranges) + ": "


def send(project: Project, backend: Backend, desk: Desk) -> int:
    """Bring to a desk the questions that are not there yet; how many. A document that is not on it keeps its own."""
    here = f"{backend.tool} {desk.id}"
    mine = [q for q in questions(project) if q.annotator == desk.annotator and q.answer is None]
    fresh = [q for q in mine if here not in q.desks]
    held = backend.held(desk) if fresh else {}
    count = 0
    for doc_id in dict.fromkeys(q.doc_id for q in fresh if q.doc_id in held):
        backend.ask(desk, doc_id, [q.text for q in mine if q.doc_id == doc_id])
        new, at = [q for q in fresh if q.doc_id == doc_id], instant()
        project.store.append_all(
            Draft("asked", _named(q) | {"desk": here}, q.by, at, unique=f"{q.number} {q.annotator} {here}") for q in new
        )
        count += len(new)
    return count


def take(project: Project, annotator: str, said: Iterable[Answer]) -> int:
    """Note the answers that a desk brought; how many questions they answer.

    Words count once: those that answered earlier questions answer no later one.
    """
    said = list(said)
    known = questions(project) if said else []
    drafts = []
    for answer in said:
        mine = [q for q in known if q.annotator == annotator and q.doc_id == answer.doc_id]
        before = {q.answer for q in mine if q.answer}
        words = answer.text if answer.text not in before else ""
        for question in mine:
            revised = answer.revised and (answer.at is None or answer.at > question.sent)
            if question.sent and question.answer is None and (words or revised):
                payload = {**_named(question), "text": words, "revised": answer.revised}
                unique = f"{question.number} {annotator}"
                drafts.append(Draft("answer", payload, annotator, instant(), unique=unique))
    project.store.append_all(drafts)
    return len(drafts)


def _named(question: Asked) -> dict[str, object]:
    return {"doc_id": question.doc_id, "question": question.number, "annotator": question.annotator}
