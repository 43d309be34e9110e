"""The process beside the server that learns what `bayes` believes: a `Task` on stdin, what came of it on stdout."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec.structs import replace

from tahkim.adjudicate.bayes.posteriors import DocumentPosteriors
from tahkim.adjudicate.decisions import standing
from tahkim.adjudicate.merge import DocumentMerge, learn
from tahkim.project import Project, open_project
from tahkim.web.beliefs import Believed, Task, name_of
from tahkim.workflow import settle

NICENESS = 10
"""Answers to people come first."""


def believe(project: Project, task: Task) -> Believed:
    """What the model believes of the project as it stands, and the order of the queue that follows from it."""
    mark = project.store.mark()
    corpus, decided = project.store.corpus(), settle.decisions(project)
    stand = standing(decided, corpus.documents)
    beliefs = learn(corpus, replace(task.settings, strategy="bayes", trust=None), project.schema, stand)
    merged, _ = settle.merge(corpus, task.settings, project.schema, decided)
    queue = [(c["doc_id"], c["key"], float(c["priority"])) for c in settle.conflicts(merged, beliefs)]
    known = beliefs.documents
    packed = {d.document.id: _packed(d, known[d.document.id]) for d in merged if d.document.id in known}
    return Believed((mark.call, mark.entry), queue, packed)


def _packed(document: DocumentMerge, beliefs: DocumentPosteriors) -> bytes:
    found = {}
    for question in (item.question for item in document.settled if item.question is not None):
        if posteriors := beliefs.of_question(question):
            found[name_of(question)] = [posteriors[candidate.reading] for candidate in question.candidates]
    return msgspec.msgpack.encode(found)


def main() -> None:
    with suppress(OSError):
        os.nice(NICENESS)
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    with open_project(Path(task.folder), task.store) as project:
        sys.stdout.buffer.write(msgspec.msgpack.encode(believe(project, task)))


if __name__ == "__main__":
    main()
